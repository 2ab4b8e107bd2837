"""Killed, and many at once: what was acknowledged is there, nothing is half there, and there is no gap."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.books.write import settle
from ledger.store.workspace import open_workspace
from ledger.verify import verify

pytestmark = pytest.mark.slow

KILLS = 60
WRITERS, EACH = 6, 40

# A clerk and an approver who work without rest: every acknowledged number is printed when it is sealed.
WRITER = """
import sys
from pathlib import Path
from ledger.store.workspace import open_workspace
from ledger.errors import Refusal
from projects.desk import Desk

path, count, amount = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
workspace = open_workspace(path)
maker, approver = Desk(workspace, "zhang", "SF"), Desk(workspace, "li", "SF")
print("ready", flush=True)
for _ in range(count):
    try:
        typed = {"project": "P001", "channel": "JT2024", "amount": amount, "date": "2024-03-01"}
        draft = maker.record("receive", typed)["draft"]
        print(approver.seal(draft)["number"], flush=True)
    except Refusal as refusal:
        print("refused", refusal.code, flush=True)
"""


def start(path: Path, count: int, amount: str = "1.00") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count), amount],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def numbers(path: Path) -> list[str]:
    workspace = open_workspace(path)
    with workspace.read() as connection:
        found = [row[0] for row in connection.exec_driver_sql("SELECT number FROM voucher ORDER BY seq")]
    workspace.close()
    return found


def findings(path: Path) -> list[str]:
    workspace = open_workspace(path)
    settle(workspace)
    found = [finding.code for check in verify(workspace) for finding in check.findings]
    workspace.close()
    return found


@pytest.fixture
def funded(clerk) -> Path:
    clerk.play("allot project=P001 channel=JT2024 amount=100 date=2024-03-01")
    clerk.workspace.close()
    return clerk.workspace.path


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(clerk):
    clerk.play("allot project=P001 channel=JT2024 amount=99999999 date=2024-03-01")
    clerk.workspace.close()
    path = clerk.workspace.path
    chance = random.Random(20261123)
    acknowledged: list[str] = []
    for _ in range(KILLS):
        writer = start(path, 10_000)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n", writer.stderr
        time.sleep(chance.uniform(0.0, 0.25))
        writer.send_signal(signal.SIGKILL)
        out, _ = writer.communicate()
        # A line that was cut off was not acknowledged.
        acknowledged += [line for line in out.split("\n")[:-1] if line.startswith("2024-")]
    kept = numbers(path)
    assert len(acknowledged) > KILLS, "the writers were killed before they wrote anything"
    assert set(acknowledged) <= set(kept)
    assert len(kept) - 1 - len(acknowledged) <= KILLS, "at most the one that was under way may be unacknowledged"
    assert kept == [f"2024-03-{number:04}" for number in range(1, len(kept) + 1)]
    assert findings(path) == []


def test_many_writers_against_a_tight_floor_leave_no_gap_and_never_pass_it(funded):
    writers = [start(funded, EACH, "0.51") for _ in range(WRITERS)]
    lines = [line for writer in writers for line in writer.communicate()[0].splitlines() if line != "ready"]
    sealed = [line for line in lines if line.startswith("2024-")]
    refused = [line for line in lines if line.startswith("refused")]
    assert len(lines) == WRITERS * EACH
    assert len(set(sealed)) == len(sealed)
    # 100.00 were allotted: 196 receipts of 0.51 fit, the 197th does not.
    assert len(sealed) <= 196
    assert len(sealed) + len(refused) == WRITERS * EACH
    kept = numbers(funded)
    assert kept == [f"2024-03-{number:04}" for number in range(1, len(sealed) + 2)]
    assert findings(funded) == []


def test_a_key_that_is_sent_many_times_is_posted_once(funded):
    script = WRITER.replace('maker.record("receive", typed)', 'maker.record("receive", typed, key="slip")').replace(
        "approver.seal(draft)", 'approver.seal(draft, key="sealed")'
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(funded), "5", "1.00"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(WRITERS)
    ]
    answers = [line for writer in writers for line in writer.communicate()[0].splitlines() if line != "ready"]
    assert answers == ["2024-03-0002"] * (WRITERS * 5)
    assert numbers(funded) == ["2024-03-0001", "2024-03-0002"]
    assert findings(funded) == []

"""Killed, and many at once: what was acknowledged is there, nothing is half there, and there is no gap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.books.write import settle
from ledger.store.workspace import open_workspace
from ledger.verify import verify

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("EARMARK_KILLS", "200"))
"""Ten thousand were made once: EARMARK_KILLS=10000 makes them again."""
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


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(clerk, tmp_path):
    clerk.play("allot project=P001 channel=JT2024 amount=99999999 date=2024-03-01")
    clerk.workspace.close()
    script = str(Path(__file__).with_name("killing.py"))
    command = [sys.executable, script, str(clerk.workspace.path), str(tmp_path), str(KILLS), "20261123"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    seen = json.loads(done.stdout)
    assert seen["kills"] == KILLS
    assert seen["acknowledged"] >= KILLS / 4, "the writers were killed before they wrote anything"
    assert seen["full verifications"] >= KILLS / 50
    missed = [name for name, count in seen["phases"].items() if count == 0]
    assert not missed, f"no writer was killed {missed}"


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

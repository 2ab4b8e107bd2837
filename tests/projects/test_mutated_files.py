"""Damaged and hostile files: one clear line each, nothing in part, within time and memory."""

from __future__ import annotations

import json
import os
import resource
import time
from collections import Counter
from pathlib import Path

import mutating
import pytest
from test_takeover import LEDGER, SAID

from ledger.store.workspace import open_workspace
from projects.cli.main import run

FILES = int(os.environ.get("EARMARK_MUTATIONS", "200"))
SETUP = """
init {ws}
user add zhang --role maker
village add V13 --name 示范村
book add SF --village V13 --name 示范村专账 --start 2024-01-01
channel add JT2024 --name 交通补助 --source department
"""
BESIDE = (
    "book bank B01 --name 农商行专户 --channel JT2024",
    "project add P001 --title 村道 --type road --budget JT2024=1200.50",
)
MOST_SECONDS = 10
MOST_MEBIBYTES = 512
FRESH = 100
"""So many mebibytes a process holds that has loaded everything and read no file yet."""
COUNTED = ("project", "budget_line", "work_draft", "log_leaf", "account", "document")


def test_a_few_mutated_files_end_in_one_line_or_are_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    feed(10, tmp_path, monkeypatch, capsys)


@pytest.mark.slow
def test_mutated_files_end_in_one_line_or_are_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = feed(FILES, tmp_path, monkeypatch, capsys)
    with capsys.disabled():
        print(f"\n{FILES} files: {dict(ends)}")
    assert ends["refused"] > ends["taken"] > 0


def test_a_few_mutated_ledgers_end_in_one_line_or_are_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = feed_ledgers(6, tmp_path, monkeypatch, capsys)
    assert sum(ends.values()) == 6


@pytest.mark.slow
def test_mutated_ledgers_end_in_one_line_or_are_taken_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ends = feed_ledgers(FILES // 4, tmp_path, monkeypatch, capsys)
    with capsys.disabled():
        print(f"\n{FILES // 4} ledgers: {dict(ends)}")
    assert min(ends["taken"], ends["refused"]) > 0


def need_one_line(name: str, code: int, out: str, err: str) -> None:
    """A file that is refused is refused in one sentence."""
    assert (code, out) == (1, ""), f"{name}: {err}"
    assert err.count("\n") == 1, f"{name}: {err}"
    assert "Traceback" not in err, name


def begin(folder: Path, monkeypatch: pytest.MonkeyPatch, *more: str) -> None:
    """Make a workspace for a maker."""
    for name, value in (("PASSPHRASE", "一二三四五六七八"), ("WORKSPACE", str(folder / "ws")), ("USER", "zhang")):
        monkeypatch.setenv(f"EARMARK_{name}", value)
    for line in [*SETUP.format(ws=folder / "ws").strip().splitlines(), *more]:
        assert run(line.split()) == 0, line


def feed_ledgers(
    count: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Counter[str]:
    """Take over mutated Beancount ledgers one after the other, each draft dropped again; look at the record after each."""
    begin(folder, monkeypatch, *BESIDE)
    said = [each for account, what in SAID.items() for each in ("--account", f"{account}={what}")]
    (folder / "in").mkdir()
    file, ends = folder / "in" / "ledger.beancount", Counter[str]()
    earlier = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    before = counted(folder)
    for name, content in mutating.ledgers(count, LEDGER):
        file.write_bytes(content)
        capsys.readouterr()
        spent, started = busy(), time.monotonic()
        code = run(["import", str(file), "--commit", "--json", *said])
        seconds = min(busy() - spent, time.monotonic() - started)
        out, err = capsys.readouterr()
        after = counted(folder)
        assert seconds < MOST_SECONDS, name
        if code == 0:
            drafts = json.loads(out)["taken"]["drafts"]
            assert after["work_draft"] - before["work_draft"] == len(drafts), name
            for label in drafts:
                assert run(["voucher", "drop", label]) == 0
            after = counted(folder)
        else:
            assert after == before, name
            need_one_line(name, code, out, err)
        ends["taken" if code == 0 else "refused"] += 1
        before = after
    assert children_held(earlier) <= MOST_MEBIBYTES
    return ends


def feed(count: int, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Counter[str]:
    """Import mutated files one after the other; look at the record after each."""
    begin(folder, monkeypatch)
    file, ends, slowest, most = folder / "file", Counter[str](), (0.0, ""), 0
    earlier = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    forget_peak()
    # A process that has run a thousand tests holds more than one that has just begun.
    held = max(0, peak() - FRESH)
    before = counted(folder)
    for name, content in mutating.files(count):
        file.write_bytes(content)
        capsys.readouterr()
        forget_peak()
        spent, started = busy(), time.monotonic()
        code = run(["import", str(file), "--commit", "--json", "--channel", "JT2024", "--unit", "万元"])
        seconds = min(busy() - spent, time.monotonic() - started)
        slowest = max(slowest, (seconds, name))
        out, err = capsys.readouterr()
        most = max(most, peak() - held)
        after = counted(folder)
        assert seconds < MOST_SECONDS, name
        if code == 0:
            taken = json.loads(out)["taken"]
            assert err == "", name
            assert after["project"] - before["project"] == len(taken["projects"]), name
            assert after["work_draft"] - before["work_draft"] == len(taken["drafts"]), name
        else:
            assert after == before, name
            need_one_line(name, code, out, err)
        ends["taken" if code == 0 else "refused"] += 1
        before = after
    most = max(most, children_held(earlier))
    assert most < MOST_MEBIBYTES
    ends[f"{slowest[0]:.1f} s {slowest[1]}, {most} MiB"] = 1
    return ends


def busy() -> float:
    """Return the processor time that this process and its readers took."""
    mine, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


def children_held(earlier: int) -> int:
    """Return the most memory that a child has held, in MiB, 0 where no child held more than was held before.

    The system keeps the most that any child ever held, and counts for a child what its parent held when it began: a
    process that has run thousands of tests is itself beyond the limit.
    """
    mine, theirs = (
        resource.getrusage(each).ru_maxrss >> 10 for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return theirs if theirs > max(earlier, mine) else 0


def forget_peak() -> None:
    """Let the system measure the most memory of this process anew: making a file must not count as reading it."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak() -> int:
    """Return the most memory that this process has held since, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def counted(folder: Path) -> dict[str, int]:
    workspace = open_workspace(folder / "ws")
    try:
        with workspace.read() as connection:
            return {
                table: int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())
                for table in COUNTED
            }
    finally:
        workspace.close()

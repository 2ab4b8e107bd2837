"""Writers that are killed: run as a script, it kills as often as it is told and prints what it saw as JSON.

A kill has to be cheap, or nobody makes ten thousand: everything is imported and warm once, each writer is forked from
there, works without rest, says what was acknowledged to it, and is killed after a random part of its work. A process of
its own then opens the record as the next command would, and looks at what is left.

Some phases of the work are so short that a random moment seldom meets them. So a part of the kills is aimed at the phase
that was met least: its alarm is set when the phase begins, for a random moment soon after. Nobody handles the alarm, so
that the system ends the writer there as abruptly as SIGKILL does.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forks import ask, forked, lines
from sqlalchemy import event

from ledger.books.write import lay_out, settle
from ledger.store import files
from ledger.store.workspace import Unit, Workspace, open_workspace
from ledger.verify import verify
from projects import desk as desks
from projects.desk import Desk

ROUND = 50
"""After so many kills everything is verified, and the next ones get a fresh workspace, so that they stay cheap."""
SERVER = bool(os.environ.get("EARMARK_DATABASE"))
"""With the record on a server all kills are made in one workspace: a database is not copied in passing."""
PHASES = ("opening", "before BEGIN", "inside", "at commit", "after commit", "writing books", "clearing marks")
OPENING, BEFORE, INSIDE, COMMIT, AFTER, BOOKS, MARKS = range(7)
AIMED = 0.2
"""So large a part of the kills is aimed at the phase that was met least."""
SOON = 0.0004
"""An aimed kill comes within so many seconds after its phase began."""


@dataclass
class Phase:
    """How far the work of a writer is, in memory that it shares with who kills it."""

    shared: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, 1))
    aim: tuple[int, int, float] | None = None
    """The phase to die in, how often it begins before, and how many seconds after its beginning."""

    @property
    def now(self) -> int:
        return self.shared[0]

    @now.setter
    def now(self, phase: int) -> None:
        self.shared[0] = phase
        if self.aim and self.aim[0] == phase:
            target, times, delay = self.aim
            if times:
                self.aim = target, times - 1, delay
            else:
                signal.setitimer(signal.ITIMER_REAL, delay)


def work(path: Path, phase: Phase, say: Callable[[str], None], cycles: int | None = None) -> None:
    """Draft, seal and write books until killed, each second voucher with a paper; say what was acknowledged."""
    phase.now = OPENING
    workspace = open_workspace(path)
    finish = _watch(workspace, phase)
    maker, approver = Desk(workspace, "zhang", "SF"), Desk(workspace, "li", "SF")
    paper = path.parent / "paper.txt"
    phase.now = BEFORE
    say("ready")
    done = 0
    while cycles is None or done < cycles:
        done += 1
        phase.now = BEFORE
        typed = {"project": "P001", "channel": "JT2024", "amount": "1.23", "date": "2024-03-01"}
        if done % 2:
            paper.write_text(secrets.token_hex(3000))
        draft = maker.record("receive", typed, papers=[paper] if done % 2 else None)["draft"]
        say(f"draft {draft[1:]}")
        phase.now = BEFORE
        sealed = approver.seal(draft)
        say(f"seal {draft[1:]} {sealed['number']} {sealed['leaf']}")
        # As at the end of every command.
        finish(workspace)
    workspace.close()


def _watch(workspace: Workspace, phase: Phase) -> Callable[..., int]:
    """Keep in shared memory how far the work is; return `settle` so that it is watched too."""
    settling = False

    def begun(connection: Any) -> None:
        options = connection.get_execution_options()
        if not options.get("postgresql_readonly") if SERVER else options.get("writes"):
            phase.now = MARKS if settling else INSIDE

    def committing(_connection: Any) -> None:
        if phase.now == INSIDE:
            phase.now = COMMIT

    commit = Unit.commit

    def committed(unit: Unit) -> None:
        commit(unit)
        phase.now = MARKS if settling else AFTER

    put = files.put

    def replaced(*given: Any, **options: Any) -> None:
        if settling:
            phase.now = BOOKS
        put(*given, **options)

    def watched(write: Callable[..., int]) -> Callable[..., int]:
        def settled(*given: Any) -> int:
            nonlocal settling
            settling = True
            written = write(*given)
            settling = False
            phase.now = BEFORE
            return written

        return settled

    event.listen(workspace.engine, "begin", begun)
    event.listen(workspace.engine, "commit", committing)
    Unit.commit = committed  # type: ignore[method-assign]
    files.put = replaced
    desks.lay_out = watched(lay_out)  # type: ignore[attr-defined]
    return watched(settle)


@dataclass
class Seen:
    """What was acknowledged in a workspace, and what the record had that was not."""

    drafts: set[int] = field(default_factory=set)
    sealed: dict[int, tuple[str, str]] = field(default_factory=dict)
    vouchers: int = 0
    drafts_left: set[int] = field(default_factory=set)

    def hear(self, said: list[str]) -> None:
        for line in said:
            kind, *words = line.split(" ")
            assert kind in {"ready", "draft", "seal"}, line
            if kind == "draft":
                self.drafts.add(int(words[0]))
            elif kind == "seal":
                self.sealed[int(words[0])] = (words[1], words[2])


def look(path: Path, *, close: bool) -> dict[str, Any]:
    """Open the record as any command does and return what it holds, and what is half there."""
    workspace = open_workspace(path)
    if SERVER:
        _wait_for_the_dead(workspace)
    with workspace.read() as connection:

        def rows(query: str) -> list[Any]:
            return [list(row) for row in connection.exec_driver_sql(query)]

        found = {
            "vouchers": rows("SELECT seq, number, leaf_hash FROM voucher ORDER BY seq"),
            "drafts": [row[0] for row in rows("SELECT id FROM work_draft")],
            "half": ([] if SERVER else rows("PRAGMA foreign_key_check"))
            + rows("SELECT book, seq, commodity FROM posting GROUP BY 1, 2, 3 HAVING sum(amount) <> 0")
            + rows("SELECT seq FROM voucher v WHERE NOT EXISTS (SELECT 1 FROM posting p WHERE p.seq = v.seq)")
            + rows(
                "SELECT count(*) FROM log_leaf WHERE kind = 'voucher' HAVING count(*) <> (SELECT count(*) FROM voucher)"
            )
            + rows(
                "SELECT account, commodity FROM balance b WHERE amount <> (SELECT coalesce(sum(amount), 0) FROM posting p "
                "WHERE p.book = b.book AND p.account = b.account AND p.commodity = b.commodity)"
            ),
        }
    if close:
        workspace.close()
    return found


def _wait_for_the_dead(workspace: Workspace) -> None:
    """Wait until the server has noticed that a client is gone: what it was told to commit may still be under way."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"
    while True:
        with workspace.read() as connection:
            others = connection.exec_driver_sql(f"{query} AND datname = current_database()").scalar()
        if not others:
            return
        time.sleep(0.005)


def compare(seen: Seen, found: dict[str, Any], story: int) -> None:
    """Make sure that all that was acknowledged is there, and at most the one voucher that was under way besides."""
    assert found["half"] == [], found["half"]
    vouchers = found["vouchers"]
    assert [seq for seq, _, _ in vouchers] == list(range(len(vouchers))), "a gap in the count"
    assert [number for _, number, _ in vouchers] == [f"2024-03-{each:04}" for each in range(1, len(vouchers) + 1)]
    there = {(number, leaf) for _, number, leaf in vouchers}
    lost = set(seen.sealed.values()) - there
    assert not lost, f"acknowledged, and gone: {lost}"
    waiting = set(found["drafts"])
    gone = seen.drafts - waiting - seen.sealed.keys()
    assert len(gone) <= 1, f"drafts acknowledged, and gone: {gone}"
    assert not waiting & seen.sealed.keys(), "sealed, and still a draft"
    # What was under way when the writer died may be there, whole: then it is what the next numbers build on.
    extra = len(vouchers) - story - len(seen.sealed)
    assert extra == len(gone), f"{extra} vouchers nobody was told of, {gone} drafts gone"
    unknown = waiting - seen.drafts
    assert len(unknown) <= 1, f"drafts nobody was told of: {unknown}"


def check_all(path: Path) -> list[str]:
    """Settle as the next command does, and verify everything."""
    workspace = open_workspace(path)
    settle(workspace)
    assert workspace.unwritten is None, workspace.unwritten
    found = [
        f"{check.name}: {finding.code} {finding.facts}" for check in verify(workspace) for finding in check.findings
    ]
    workspace.close()
    return found


def warm_up(path: Path) -> None:
    """Do everything once in this process, so that what is loaded at the first use is there for every fork."""
    workspace = open_workspace(path)
    made = Desk(workspace, "zhang", "SF").record("receive", {"project": "P001", "channel": "JT2024", "amount": "1"})
    Desk(workspace, "zhang", "SF").drop(made["draft"])
    workspace.close()
    check_all(path)


def kill(template: Path, scratch: Path, count: int, seed: int) -> dict[str, Any]:
    """Kill `count` writers and return what was seen."""
    chance = random.Random(seed)
    phase = Phase()
    warm = template if SERVER else scratch / "warm" / "ws"
    if not SERVER:
        shutil.copytree(template, warm)
    warm_up(warm)
    begun = time.perf_counter()
    ask(lambda: work(warm, phase, lambda _line: None, cycles=3))
    cycle = (time.perf_counter() - begun) / 3
    gc.freeze()
    reach = 3 * cycle
    phases: Counter[str] = Counter()
    acknowledged = unacknowledged = verified = 0
    begun = time.perf_counter()
    path, seen, story = warm, Seen(), 0
    for number in range(count):
        if number == 0 or (number % ROUND == 0 and not SERVER):
            if not SERVER:
                shutil.rmtree(path.parent)
                path = scratch / f"{number}" / "ws"
                shutil.copytree(template, path)
            seen, story = Seen(), len(ask(lambda path=path: look(path, close=True))["vouchers"])
        phase.aim = None
        if chance.random() < AIMED:
            least = min(range(len(PHASES)), key=lambda each: phases[PHASES[each]])
            phase.aim = least, chance.randrange(3) if least != OPENING else 0, chance.uniform(1e-6, SOON)
        with forked(lambda say, path=path: work(path, phase, say)) as (child, pipe):
            # Most begin to count when the workspace is open, some at once, so that the opening is killed too.
            if phase.aim:
                os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
            elif chance.random() < 0.9:
                assert os.read(pipe, 6) == b"ready\n", lines(pipe)
                time.sleep(chance.uniform(0, reach))
            else:
                time.sleep(chance.uniform(0, 0.5 * cycle))
            os.kill(child, signal.SIGKILL)
            phases[PHASES[phase.now]] += 1
            heard = lines(pipe)
        before = len(seen.sealed)
        seen.hear(heard)
        close = chance.random() < 0.5
        found = ask(lambda path=path, close=close: look(path, close=close))
        compare(seen, found, story)
        # However busy the machine is: half of the writers get as far as one acknowledgement.
        if not phase.aim:
            reach *= 1.05 if len(seen.sealed) == before else 0.95
        acknowledged += len(seen.sealed) - before
        extra = len(found["vouchers"]) - story - len(seen.sealed)
        unacknowledged += extra
        # What is there now stays for ever, whether somebody was told or not.
        story += extra
        seen.drafts = set(found["drafts"]) | seen.sealed.keys()
        if number % ROUND == ROUND - 1 or number == count - 1:
            verified += 1
            findings = ask(lambda path=path: check_all(path))
            assert findings == [], findings
            found = ask(lambda path=path: look(path, close=True))
            compare(seen, found, story)
    return {
        "kills": count,
        "acknowledged": acknowledged,
        "kept though nobody was told": unacknowledged,
        "full verifications": verified,
        "cycle in ms": round(1000 * cycle, 1),
        "seconds": round(time.perf_counter() - begun, 1),
        "phases": {name: phases[name] for name in PHASES},
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[2]) as folder:
        print(json.dumps(kill(Path(sys.argv[1]), Path(folder), int(sys.argv[3]), int(sys.argv[4])), indent=2))

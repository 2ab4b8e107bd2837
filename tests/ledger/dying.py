"""Deaths at chosen moments: run as a script, it prints what it saw as JSON.

`settle` dies before and after every call that touches a file while books are written, and before and after the commit that
takes their marks away; the next command has to write the same bytes as if nothing had happened. `signals` interrupts
commands, as a clerk does who presses Ctrl-C and an administrator who stops what runs.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filling import command, held
from forks import ask, forked, lines
from killing import check_all, warm_up

from ledger.books.write import lay_out, settle
from ledger.store.workspace import Unit, open_workspace
from projects.cli.main import main

NEXT = (
    ["status"],
    ["voucher", "list"],
    ["verify"],
    ["receive", "P001", "JT2024", "1.23", "--date", "2024-03-01", "--as", "zhang"],
    ["user", "list"],
    ["books", "nowhere"],
)
"""Commands of every kind: what reads, what checks, what drafts; the last is no command, and writes nothing."""
TOUCHING = (
    (os, "fsync"),
    (os, "open"),
    (Path, "open"),
    (Path, "replace"),
    (Path, "mkdir"),
    (shutil, "copyfileobj"),
    (Unit, "commit"),
)


def die_settling(base: Path, scratch: Path) -> dict[str, int]:
    """Die at every step of writing the books, and return at which how often."""
    twin, path = scratch / "twin", scratch / "ws"
    shutil.copytree(base, twin)
    assert ask(lambda: check_all(twin)) == []
    whole = books(twin)
    assert whole != books(base), "there was nothing to write"
    seen: Counter[str] = Counter()
    step = 0
    while True:
        shutil.copytree(base, path)
        with forked(lambda say, step=step: _settle_until(path, step, say)) as (_, pipe):
            said = lines(pipe)
        assert all(line.startswith(("at ", "done")) for line in said), said
        words = NEXT[step % (len(NEXT) - 1)]
        code, out, err = command(words, path)
        assert (code, err) == (0, ""), f"{said} {words} {code} {out} {err}"
        assert books(path) == whole, f"{said}: other bytes than without the death"
        assert marks(path) == 0, said
        assert ask(lambda: check_all(path)) == []
        shutil.rmtree(path)
        seen[said[-1]] += 1
        if said[-1] == "done":
            return dict(seen)
        step += 1


def _settle_until(path: Path, step: int, say: Callable[[str], None]) -> None:
    """Write the books and die at a step: even ones are before a call, odd ones after it."""
    workspace = open_workspace(path)
    with workspace.read() as connection:
        fresh = {(row[0], row[1]) for row in connection.exec_driver_sql("SELECT book, month FROM work_dirty")}
    calls = 0

    def dying(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **more: Any) -> Any:
            nonlocal calls
            mine, calls = calls, calls + 1
            for place, when in enumerate(("before", "after")):
                if when == "after":
                    result = real(*given, **more)
                if 2 * mine + place == step:
                    say(f"at {name}, {when}")
                    os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    for owner, name in TOUCHING:
        setattr(owner, name, dying(name, getattr(owner, name)))
    # As a command does: first everybody sees the books, at its end they are on the disk.
    lay_out(workspace, fresh)
    settle(workspace)
    assert workspace.unwritten is None, workspace.unwritten
    say("done")


def books(path: Path) -> dict[str, bytes]:
    return {str(each.relative_to(path)): each.read_bytes() for each in (path / "books").rglob("*") if each.is_file()}


def marks(path: Path) -> int:
    def count() -> int:
        workspace = open_workspace(path)
        with workspace.read() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM work_dirty").scalar_one())

    return ask(count)


def interrupt(base: Path, scratch: Path, count: int, seed: int) -> dict[str, int]:
    """Send signals to commands that draft and seal, at random moments, and return how they ended."""
    chance = random.Random(seed)
    seen: Counter[str] = Counter()
    path = scratch / "ws"
    actions = {
        "draft": ["receive", "P001", "JT2024", "1.23", "--date", "2024-03-01", "--as", "zhang"],
        "seal": ["voucher", "seal", "D2", "--as", "li"],
    }
    taken = 0.0
    for number in range(count):
        action = chance.choice(sorted(actions))
        which = chance.choice([signal.SIGINT, signal.SIGTERM])
        shutil.copytree(base, path)
        vouchers, drafts = before = held(path)
        (out, out_in), (err, err_in) = os.pipe(), os.pipe()

        def act(
            say: Callable[[str], None], words: list[str] = actions[action], to: tuple[int, int] = (out_in, err_in)
        ) -> None:
            os.dup2(to[0], 1)
            os.dup2(to[1], 2)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            say("begun")
            try:
                main(["--workspace", str(path), "--lang", "en", *words])
            except SystemExit as end:
                say(f"ended {end.code}")

        begun = time.perf_counter()
        with forked(act) as (child, pipe):
            assert os.read(pipe, 6) == b"begun\n"
            if number >= 4:
                time.sleep(chance.uniform(0, 1.2 * taken))
                os.kill(child, which)
            said = lines(pipe)
        if number < 4:
            taken = max(taken, time.perf_counter() - begun)
        printed = []
        for reading, writing in ((out, out_in), (err, err_in)):
            os.close(writing)
            with os.fdopen(reading, encoding="utf-8") as end:
                printed.append(end.read())
        where = f"{action} {which.name}: {said} {printed}"
        assert printed[1].count("\n") <= 2, where
        assert "Traceback" not in printed[1], where
        assert "earmark-fault" not in printed[1], where
        # Where an interrupt cannot be passed on, the command ends on the spot, with its word said.
        code = said[-1].removeprefix("ended ") if said else "130" if printed[1] else "stopped"
        assert code in {"0", "130", "stopped"}, where
        after = held(path)
        done = {"draft": [vouchers, drafts + 1], "seal": [vouchers + 1, drafts - 1]}[action]
        assert after == done or (after == before and code != "0"), f"{where} {before} {after}"
        assert (code == "130") == bool(printed[1]), where
        # The next command finds all in order, and the books are written.
        assert command(["status"], path)[::2] == (0, ""), where
        assert ask(lambda: check_all(path)) == [], where
        seen[f"{action} {code}{' and done' if code != '0' and after == done else ''}"] += 1
        shutil.rmtree(path)
    return dict(seen)


if __name__ == "__main__":
    base, how = Path(sys.argv[2]), sys.argv[1]
    with tempfile.TemporaryDirectory(dir=sys.argv[3]) as folder:
        shutil.copytree(base, Path(folder) / "warm")
        warm_up(Path(folder) / "warm")
        if how == "settle":
            print(json.dumps(die_settling(base, Path(folder)), indent=2))
        else:
            print(json.dumps(interrupt(base, Path(folder), int(sys.argv[4]), int(sys.argv[5])), indent=2))

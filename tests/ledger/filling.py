"""The command line on a disk that takes no more: run as a script, it makes every write fail once and prints what it saw.

A disk is full in two ways: files may not grow beyond a size (a quota: the system says that the file is too big), or a file
system of a few megabytes is left with a few pages (the system says that no space is left). The room grows step by step,
until the command goes through; after each failure there is room again, and the next commands have to find all in order.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from forks import ask
from killing import look, warm_up

from projects.cli.main import run

FRAME = 4120
"""Bytes of a page in the write-ahead log with its header of 24."""
PAGE = 4096
TO_SPARE = 2048
"""Pages that the small file system has; it is made with so many."""
ACTIONS = {
    "draft": ["receive", "P001", "JT2024", "1.23", "--date", "2024-03-01", "--doc", "{paper}", "--as", "zhang"],
    "seal": ["voucher", "seal", "D2", "--as", "li"],
    "books": ["status"],
}
"""What is done on the full disk; `books` has only to write what a crash left, before it shows what is left."""


def command(words: list[str], path: Path, lang: str = "en") -> tuple[int, str, str]:
    """Run a command in a fork as from the shell, and return its exit code and what it printed."""
    (out, out_in), (err, err_in) = os.pipe(), os.pipe()

    def act() -> int:
        os.dup2(out_in, 1)
        os.dup2(err_in, 2)
        code = run(["--workspace", str(path), "--lang", lang, *words])
        sys.stdout.flush()
        return code

    code = ask(act)
    printed = []
    for reading, writing in ((out, out_in), (err, err_in)):
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            printed.append(pipe.read())
    return code, printed[0], printed[1]


def sizes(_scratch: Path) -> Iterator[tuple[str, Callable[[Callable[[], Any]], Any]]]:
    """Yield sizes that no file may grow beyond: in the header and in the middle of every page of the log, one by one."""
    limits = sorted({0, 1000, *range(40, 200 * FRAME, FRAME), *range(2000, 200 * FRAME, FRAME)})
    for limit in limits:

        def limited(act: Callable[[], Any], limit: int = limit) -> Any:
            whole = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, whole[1]))
            try:
                return act()
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, whole)

        yield f"{limit} bytes", limited


def pages(scratch: Path) -> Iterator[tuple[str, Callable[[Callable[[], Any]], Any]]]:
    """Yield numbers of pages that are left on a small file system, one by one."""
    for left in range(TO_SPARE):

        def crowded(act: Callable[[], Any], left: int = left) -> Any:
            ballast = scratch / "ballast"
            free = os.statvfs(scratch).f_bavail
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, (free - left) * PAGE)
            assert os.statvfs(scratch).f_bavail == left
            try:
                return act()
            finally:
                ballast.unlink()

        yield f"{left} pages", crowded


def fill(base: Path, scratch: Path, rooms: Callable[[Path], Iterator[Any]], action: str) -> dict[str, int]:
    """Do `action` with more and more room until it goes through, and return how often it ended in which way."""
    seen: Counter[str] = Counter()
    path, paper = scratch / "ws", scratch / "paper.txt"
    paper.write_text("x" * 9000)
    words = [word.format(paper=paper) for word in ACTIONS[action]]
    for name, room in rooms(scratch):
        shutil.copytree(base, path)
        before = held(path)
        code, out, err = room(lambda: command(words, path))
        where = f"{action} with {name}: {code} {out!r} {err!r}"
        assert code in {0, 1, 74}, where
        assert err.count("\n") == (1 if err else 0), where
        assert "Traceback" not in err, where
        after = held(path)
        if code == 0:
            assert after == wanted(action, before), where
        else:
            assert err, where
            # Where a commit failed at the disk nobody can say, and the message sends the clerk to look.
            assert after == before or (code == 74 and after == wanted(action, before)), where
        if after == before and action != "books":
            assert command(words, path)[::2] == (0, ""), where
        code_then, out_then, err_then = command(["verify"], path)
        assert (code_then, err_then) == (0, ""), where + out_then + err_then
        assert held(path) == wanted(action, before), where
        shutil.rmtree(path)
        if (code, err) == (0, ""):
            seen["done"] += 1
            return dict(seen)
        seen[kind(code, err)] += 1
    raise AssertionError(f"{action} never went through")


def kind(code: int, err: str) -> str:
    """Return which of the messages it was."""
    for part in (
        "the book file",
        "the books cannot be finished",
        "(or its quota) is full",
        "disk is full, ",
        "could not be read or written",
        "cannot be used",
    ):
        if part in err:
            return f"{code} {part}"
    return f"{code} {err}"


def held(path: Path) -> list[int]:
    """Return how many vouchers and drafts there are; nothing may be half there."""
    found = ask(lambda: look(path, close=True))
    assert found["half"] == [], found["half"]
    return [len(found["vouchers"]), len(found["drafts"])]


def wanted(action: str, before: list[int]) -> list[int]:
    vouchers, drafts = before
    return {"draft": [vouchers, drafts + 1], "seal": [vouchers + 1, drafts - 1], "books": before}[action]


if __name__ == "__main__":
    base, home, how = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(base / "draft", Path(folder) / "ws")
        warm_up(Path(folder) / "ws")
        command(["verify"], Path(folder) / "ws")
    # Where a fault of the program would be kept is full too.
    tempfile.tempdir = str(home)
    rooms = {"sizes": sizes, "pages": pages}[how]
    print(json.dumps({action: fill(base / action, home, rooms, action) for action in ACTIONS}, indent=2))

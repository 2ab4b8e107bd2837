"""Files that are handed in at the desk to be looked at: read first, by the process that reads strangers' files.

What could be read waits in a folder of this program alone until it is kept or two hours have gone: a list of people is
never kept, and what somebody only looked at is none of the record's.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage

from importers.errors import FileRefused
from ledger.errors import Refusal
from projects.desk import Desk
from projects.errors import PaperRefused
from projects.web.uploads import content_of, named

TABLES = (".csv", ".txt", ".tsv", ".xls", ".xlsx", ".ods")
"""As what a table is taken; whether it is one, reading it tells."""
LONGEST_WAIT = 2 * 60 * 60
"""So many seconds a file waits; a session that nobody uses is over before."""

Read = TypeVar("Read")


@dataclass(frozen=True)
class Left:
    """A file that was left at the counter and is not read yet; `fresh` if it was not there before."""

    name: str
    path: Path
    fresh: bool = False


@dataclass(frozen=True)
class Handed(Generic[Read]):
    """A file, and what was read of it; `token` is how the form names it from then on, and nobody can make one up."""

    name: str
    path: Path
    token: str
    seen: Read


class Counter:
    """Where somebody hands in files for one book: what a form carries is sealed for them and for `what`."""

    def __init__(self, desk: Desk, secret: str, waiting: Path, what: str, *, about: str = "table") -> None:
        self._desk = desk
        self._about = about
        self._waiting = waiting
        self._seal = URLSafeSerializer(secret, salt=f"{what} {desk.user} {desk.book}")

    def leave(self, file: FileStorage | None, token: str, kinds: Collection[str]) -> Left:
        """Let what a form brings wait, or find what it has brought before.

        Raises:
            PaperRefused: there is no file, it is of no kind that is taken, or the form is not this person's or too old.
            DocumentUnreadable: it is empty or too large.
        """
        if file is None or not file.filename:
            return self._again(token)
        with closing(file):
            name, suffix = named(file, kinds, about=self._about)
            content = content_of(self._desk, file, name)
        self._sweep()
        path = self._place(f"{hashlib.sha256(content).hexdigest()}{suffix}")
        fresh = not path.exists()
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return Left(name, path, fresh)

    def read(self, left: Left, read: Callable[[Path], Read]) -> Handed[Read]:
        """Read a file that was left, or that the record keeps; what cannot be read does not wait.

        Raises:
            Refusal: whatever reading refuses, told of the file by the name that it was handed in with.
        """
        kept = left.path.parent == self._desk.workspace.documents
        token = str(self._seal.dumps([left.name, kept, left.path.name]))
        try:
            return Handed(left.name, left.path, token, called(left.name, lambda: read(left.path)))
        except Refusal:
            if left.fresh:
                shutil.rmtree(left.path.parent, ignore_errors=True)
            raise

    def _again(self, token: str) -> Left:
        if not token:
            raise PaperRefused(about="none", name="")
        try:
            name, kept, file = self._seal.loads(token)
        except (BadData, ValueError, TypeError):
            raise PaperRefused(about="lost", name="") from None
        path = self._desk.workspace.documents / file if kept else self._place(file)
        if not path.is_file():
            raise PaperRefused(about="lost", name="")
        return Left(str(name), path)

    def _place(self, name: str) -> Path:
        """Return where a file waits: each in a folder of its own, for a ledger may include what lies beside it."""
        return self._waiting / Path(name).stem / name

    def _sweep(self) -> None:
        """Take away what has waited too long."""
        for each in self._waiting.iterdir():
            if each.stat().st_mtime < time.time() - LONGEST_WAIT:
                shutil.rmtree(each, ignore_errors=True)


def called(name: str, act: Callable[[], Read]) -> Read:
    """Do something with a file; what is refused then names it as the person who handed it in does."""
    try:
        return act()
    except Refusal as refusal:
        for each in (refusal, *(refusal.problems if isinstance(refusal, FileRefused) else ())):
            if "path" in each.facts:
                each.facts["path"] = name
        raise

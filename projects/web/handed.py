"""Tables that are handed in at the desk: read first, by the process that reads strangers' files, and kept if it can."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
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

Read = TypeVar("Read")


@dataclass(frozen=True)
class Handed(Generic[Read]):
    """A file that lies in the workspace, and what was read of it; `token` is how the form names it from then on."""

    name: str
    path: Path
    token: str
    seen: Read


class Counter:
    """Where somebody hands in tables for one book: what the form carries is sealed for them and for `what`."""

    def __init__(self, desk: Desk, secret: str, what: str) -> None:
        self._desk = desk
        self._seal = URLSafeSerializer(secret, salt=f"{what} {desk.user} {desk.book}")

    def take(self, file: FileStorage | None, token: str, read: Callable[[Path], Read]) -> Handed[Read]:
        """Read what a form brings, or what it has brought before, and keep it: what cannot be read is not kept.

        Raises:
            PaperRefused: there is no file, it is of no kind that is taken, or the form is not this person's.
            Refusal: whatever reading refuses, told of the file by the name that it was handed in with.
        """
        if file is None or not file.filename:
            name, kept = self._again(token)
            return self.known(name, kept, read)
        with closing(file):
            name, suffix = named(file, TABLES, about="table")
            content = content_of(self._desk, file, name)
        with tempfile.TemporaryDirectory(prefix="earmark-handed-") as folder:
            path = Path(folder) / f"handed{suffix}"
            path.write_bytes(content)
            seen = called(name, lambda: read(path))
        return self._made(name, self._desk.keep_content(content, suffix), seen)

    def known(self, name: str, kept: str, read: Callable[[Path], Read]) -> Handed[Read]:
        """Read a file that lies in the workspace."""
        path = self._path(kept)
        return self._made(name, kept, called(name, lambda: read(path)))

    def _made(self, name: str, kept: str, seen: Read) -> Handed[Read]:
        return Handed(name, self._path(kept), str(self._seal.dumps([name, kept])), seen)

    def _path(self, kept: str) -> Path:
        sha256, suffix, _ = kept.split("/")
        return self._desk.workspace.documents / f"{sha256}{suffix}"

    def _again(self, token: str) -> tuple[str, str]:
        if not token:
            raise PaperRefused(about="none", name="")
        try:
            name, kept = self._seal.loads(token)
        except (BadData, ValueError, TypeError):
            raise PaperRefused(about="lost", name="") from None
        return str(name), str(kept)


def called(name: str, act: Callable[[], Read]) -> Read:
    """Do something with a file; what is refused then names it as the person who handed it in does."""
    try:
        return act()
    except Refusal as refusal:
        for each in (refusal, *(refusal.problems if isinstance(refusal, FileRefused) else ())):
            if "path" in each.facts:
                each.facts["path"] = name
        raise

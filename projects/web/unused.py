"""Papers that were handed in at the desk and that nothing uses yet: how much of them one person has, and their end.

A paper is kept under its hash when it is handed in, before a draft or a fact names it. Who handed it in stands in a
folder of its own beside the record, `handed`: for each person a folder, in it an empty file for each paper. So nobody
fills the disk with papers that nothing uses: one person has so many of them and no more, and each goes some days after
it was handed in last. What a leaf of a log or a draft names is never taken away, nor what an unfinished form names.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Connection, text

from ledger.errors import DatabaseForbidden
from ledger.store import files
from ledger.store.workspace import Workspace
from projects.errors import PaperRefused
from projects.web.unfinished import Forms

FOLDER = "handed"
MOST = 500
"""So many papers that nothing uses one person has at most, however small they are."""
SWEPT = timedelta(hours=1)
"""So seldom the record is asked what it names only to take away what is too old."""
MEGABYTE = 1_000_000
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Pile:
    """What one person has handed in and nothing uses: how many papers, their bytes, and the day of the oldest."""

    user: str
    count: int
    size: int
    since: str


@dataclass(frozen=True)
class _Paper:
    """A paper as it lies in the workspace; `at` is when it was handed in last."""

    path: Path
    size: int
    at: float

    @property
    def sha256(self) -> str:
        return _sha256(self.path)


class Unused:
    """The papers of one workspace that nothing uses; `limit` are the megabytes of one person, `days` their time."""

    def __init__(self, workspace: Workspace, forms: Forms) -> None:
        self._workspace = workspace
        self._forms = forms
        self._folder = workspace.path / FOLDER
        self._next = workspace.clock()
        self.limit = workspace.settings.unused_papers_mb
        self.days = workspace.settings.unused_papers_days

    def need_room(self, user: str, file: str, size: int, name: str) -> None:
        """Make sure that somebody may hand in a paper; one that lies there already needs no room.

        What the record names by now is asked for only where all that the person ever handed in would be too much.

        Raises:
            PaperRefused: with it there would be too many, or too much, that nothing uses.
        """
        has = self._of(self._own(user))
        if self._fits(has, size) or any(each.path.name == file for each in has):
            return
        with self._workspace.read() as connection:
            posted, drafted = _named(connection)
        for each in has:
            if each.sha256 in posted:
                (self._own(user) / each.path.name).unlink(missing_ok=True)
        left = [each for each in has if each.sha256 not in posted | drafted]
        if not self._fits(left, size):
            held = {"count": len(left), "has": sum(each.size for each in left) // MEGABYTE}
            raise PaperRefused(about="unused", name=name, **held, most=MOST, limit=self.limit, days=self.days)

    def note(self, user: str, file: str) -> None:
        """Remember who handed in a paper."""
        folder = self._own(user)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / file).touch()

    def sweep(self) -> int:
        """Take away the papers whose time is over and that nothing names, once an hour at most; return how many."""
        now = self._workspace.clock()
        if now < self._next:
            return 0
        self._next = now + SWEPT
        before = (now - timedelta(days=self.days)).timestamp()
        old = {each for folder in self._folder.glob("*") for each in self._of(folder) if each.at < before}
        return self._take_away(old, before) if old else 0

    def let_go(self, user: str, tokens: Iterable[str]) -> None:
        """Take away what came with a form that was thrown away, but for what somebody else handed in too."""
        now, with_form = time.time(), _hashes(tokens)
        papers = [each for each in self._of(self._own(user)) if each.sha256 in with_form]
        alone = [each for each in papers if len(list(self._folder.glob(f"*/{each.path.name}"))) == 1]
        if alone:
            self._take_away(alone, now)

    def piles(self, users: Iterable[str]) -> list[Pile]:
        """Return what each of these people has handed in and nothing uses, the largest first."""
        of = {user: found for user in users if (found := self._of(self._own(user)))}
        if not of:
            return []
        with self._workspace.read() as connection:
            posted, drafted = _named(connection)
        piles = []
        for user, papers in of.items():
            left = [each for each in papers if each.sha256 not in posted | drafted]
            if left:
                since = datetime.fromtimestamp(min(each.at for each in left), self._workspace.clock().tzinfo)
                piles.append(Pile(user, len(left), sum(each.size for each in left), since.date().isoformat()))
        return sorted(piles, key=lambda each: (-each.size, each.user))

    def _fits(self, papers: Sequence[_Paper], size: int) -> bool:
        return len(papers) < MOST and sum(each.size for each in papers) + size <= self.limit * MEGABYTE

    def _take_away(self, old: Iterable[_Paper], before: float) -> int:
        with self._workspace.read() as connection:
            try:
                self._workspace.need_every_book(connection)
            except DatabaseForbidden:
                # A login that sees some books only does not know what the others name.
                return 0
            posted, drafted = _named(connection)
        named = posted | drafted | _hashes(self._forms.papers())
        gone = sum(_remove(each.path, before) for each in old if each.sha256 not in named)
        for marker in self._folder.glob("*/*"):
            if _sha256(marker) in posted or not (self._workspace.documents / marker.name).exists():
                marker.unlink(missing_ok=True)
        return gone

    def _own(self, user: str) -> Path:
        return self._folder / hashlib.sha256(user.encode()).hexdigest()[:32]

    def _of(self, folder: Path) -> list[_Paper]:
        """Return the papers that the person of a folder handed in and that lie in the workspace."""
        found = []
        for each in folder.glob("*"):
            path = self._workspace.documents / each.name
            with suppress(FileNotFoundError):
                told = path.stat()
                found.append(_Paper(path, told.st_size, told.st_mtime))
        return found


def _named(connection: Connection) -> tuple[set[str], set[str]]:
    """Return every hash that a leaf of a log names, and every one that a draft names; more than papers, never less."""
    posted = {each for leaf in connection.execute(_LEAVES).scalars() for each in _HASH.findall(leaf)}
    drafted = {each for row in connection.execute(_DRAFTS) for said in row for each in _HASH.findall(said)}
    return posted, drafted


def _hashes(tokens: Iterable[str]) -> set[str]:
    """Return the hashes of the papers that tokens of a form stand for: to read one needs no secret."""
    found = set()
    for token in tokens:
        with suppress(BadData, ValueError, TypeError):
            _, (_, kept) = URLSafeSerializer("").loads_unsafe(token)
            found.add(str(kept).partition("/")[0])
    return found


def _sha256(path: Path) -> str:
    return path.name[:64]


def _remove(path: Path, before: float) -> bool:
    """Remove a paper unless it was handed in again just now: first out of the way, then for good."""
    aside = path.with_name(f"{path.name}{files.PARTIAL}")
    try:
        path.rename(aside)
        if aside.stat().st_mtime >= before:
            aside.rename(path)
            return False
        aside.unlink()
    except FileNotFoundError:
        return False
    return True


_LEAVES = text("SELECT leaf FROM log_leaf WHERE leaf LIKE '%sha256%'")
"""A paper stands in a leaf under this word, of a voucher or of a fact."""
_DRAFTS = text("SELECT request, proposal FROM work_draft")

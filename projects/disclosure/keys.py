"""What a village's pages depend on, as one short key: as long as it stands, nothing of the village is read or written.

Every event is a leaf, so the length and the last leaf of a book's log say what the book holds. To that comes what all
villages share: the program itself, the settings, the county's own data, and the office's log but for what no page has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from sqlalchemy import Connection, text

from ledger import log
from ledger.erasure import Spelled
from ledger.store.workspace import Workspace
from projects import exits, indicators, types
from projects.disclosure.tongues import Tongue

UNSHOWN = ("checkpoint", "key", "witness", "rewrite", "restore", "erasure", "user", "password")
"""Kinds of leaves of the office's log that change no page.

An erasure takes a name out of the record. A page on which it was masked stays as it is; where texts spell it in the
open, their logs are told by the erasure, and the pages of these books are made anew.
"""
PACKAGES = ("ledger", "projects")
KINDS = (".py", ".toml", ".html", ".css", ".js", ".typ")
SHORT = 32


def shared(connection: Connection, workspace: Workspace, *, places: Mapping[Tongue, str]) -> str:
    """Return the key of what all villages share; `places` has the folder of each language."""
    own = [workspace.path / name for name in (indicators.FILE, types.FILE, exits.FILE)]
    parts = [
        program(),
        repr(list(places.items())),
        repr(sorted(workspace.settings.publication.items())),
        str(workspace.settings.demonstration),
        *(each.read_text(encoding="utf-8") if each.is_file() else "" for each in own),
        *(str(row) for row in connection.execute(_OFFICE, {"log": log.OFFICE}) if row.kind not in UNSHOWN),
    ]
    return digest(parts)


def of_books(connection: Connection, books: Iterable[str], common: str, more: Sequence[str] = ()) -> str:
    """Return the key of the books of a village."""
    rows: list[Any] = [connection.execute(_LAST, {"log": book}).first() for book in books]
    return digest([common, *map(str, rows), *more])


def of_erased(found: Mapping[str, Sequence[Spelled]], books: Iterable[str]) -> list[str]:
    """Return what erasures add to the key of some books: where texts of theirs, or of the office, spell a name."""
    return [repr(each) for of in (log.OFFICE, *books) for each in found.get(of, ())]


def digest(parts: Iterable[str]) -> str:
    """Return one short key for many texts."""
    made = hashlib.sha256()
    for each in parts:
        made.update(hashlib.sha256(each.encode()).digest())
    return made.hexdigest()[:SHORT]


@cache
def program() -> str:
    """Return a digest of the program: another version writes other pages."""
    return digest(text for name in PACKAGES for text in _sources(files(name)))


def _sources(folder: Traversable) -> Iterable[str]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _sources(each)
        elif each.name.endswith(KINDS):
            yield each.name + each.read_text(encoding="utf-8")


_OFFICE = text("SELECT kind, leaf_hash FROM log_leaf WHERE log = :log ORDER BY position")
_LAST = text("SELECT position, leaf_hash FROM log_leaf WHERE log = :log ORDER BY position DESC LIMIT 1")

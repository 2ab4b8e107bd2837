"""What a village's pages depend on, as one short key: as long as it stands, nothing of the village is read or written.

Every event is a leaf, so the length and the last leaf of a book's log say what the book holds. To that comes what all
villages share: the program itself, the settings, the county's own data, and the office's log but for what no page has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlalchemy import Connection, text

from ledger import log
from ledger.erasure import Spelled
from ledger.store.workspace import Workspace
from projects import exits, indicators, types
from projects.tongues import Tongue

UNSHOWN = ("checkpoint", "key", "witness", "rewrite", "restore", "erasure", "user", "password")
"""Kinds of leaves of the office's log that change no page.

An erasure takes a name out of the record. A page on which it was masked stays as it is; where texts spell it in the
open, their logs are told by the erasure, and the pages of these books are made anew.
"""
PACKAGES = ("ledger", "projects")
LIBRARIES = ("jinja2", "markupsafe", "opencc", "pylopdf-fonts-zh-cn", "segno", "typst")
"""Another version of these may write other bytes of the same pages, of the same notices, or turn other characters."""
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


def last_leaves(connection: Connection) -> dict[str, str]:
    """Return by book where its log ends: the place of the last leaf, and its hash."""
    return {row.log: f"{row.position} {row.leaf_hash}" for row in connection.execute(_LAST)}


def of_books(ends: Mapping[str, str], books: Iterable[str], common: str, more: Sequence[str] = ()) -> str:
    """Return the key of the books of a village; `ends` has where each log ends."""
    return digest([common, *(ends.get(book, "") for book in books), *more])


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
    sources = (text for name in PACKAGES for text in _sources(files(name)))
    return digest([*(f"{name} {version(name)}" for name in LIBRARIES), *sources])


def _sources(folder: Traversable) -> Iterable[str]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _sources(each)
        elif each.name.endswith(KINDS):
            yield each.name + each.read_text(encoding="utf-8")


_OFFICE = text("SELECT kind, leaf_hash FROM log_leaf WHERE log = :log ORDER BY position")
_LAST = text(
    # Book by book: to look through all leaves for those that are last takes longer than to ask for each.
    "SELECT e.log, e.position, l.leaf_hash FROM "
    "(SELECT code AS log, (SELECT max(position) FROM log_leaf WHERE log = code) AS position FROM book) e "
    "CROSS JOIN log_leaf l WHERE l.log = e.log AND l.position = e.position"
)

"""Verification: everything that follows from the record is computed again and compared with what stands there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from ledger.store.workspace import Workspace
from ledger.verify import files, logs, record
from ledger.verify.report import Check, Finding

__all__ = ["Check", "Finding", "Progress", "check_books", "verify"]

Progress = Callable[[str, int, int], None]
"""What is told how far a verification is: the check's name, how much of it is done, of how much; 0 is not known."""


def verify(
    workspace: Workspace,
    *,
    beancount: bool = False,
    against: list[str] | None = None,
    progress: Progress | None = None,
) -> list[Check]:
    """Check the record against itself and the books against the record; change nothing.

    `beancount` adds Beancount's own check of every book whose bytes are right (a book that was tampered with may
    name plugins, and is never loaded). `against` are signed notes that were kept outside: an old copy of the record
    that was put back is shorter than they say. `progress` is told the name of each check as it begins,
    and how far it is.
    """
    tell = progress or (lambda _name, _done, _total: None)
    checks = []
    with workspace.read() as connection:
        for name, look in _RECORD:
            tell(name, 0, 0)
            check = Check(name)
            look(connection, check)
            checks.append(check)
        tell("checkpoints", 0, 0)
        checks.append(logs.signatures(workspace, connection, against or []))
        tell("documents", 0, 0)
        checks.append(files.documents(workspace, connection))
        tell("books", 0, 0)
        texts, clean = files.books(workspace, connection)
        checks.append(texts)
    if beancount:
        tell("beancount", 0, 0)
        checks.append(files.beancount(clean))
    return checks


def check_books(workspace: Workspace) -> tuple[Check, list[Path]]:
    """Compare the books with the record, and return the heads of those that may be loaded safely."""
    with workspace.read() as connection:
        return files.books(workspace, connection)


_RECORD: tuple[tuple[str, Callable[[Connection, Check], None]], ...] = (
    ("storage", record.storage),
    ("schema", record.schema),
    ("numbers", record.numbers),
    ("postings", record.postings),
    ("balances", record.floors),
    ("log", logs.leaves),
)

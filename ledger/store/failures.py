"""What becomes of a failure of the database's disk: a refusal that says what to do, never a fault of the program."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from ledger.errors import RecordFailed, RecordFull, Refusal, WorkspaceBusy, WorkspaceUnfit

_WAITED = {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL"}
_DISK = {"SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_NOLFS"}
_DAMAGED = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}

_INDEX = 64 * 1024


@contextmanager
def refusing(record: Path) -> Iterator[None]:
    """Turn what the disk below `record` does to a statement into a refusal.

    Raises:
        WorkspaceBusy: another writer held the record for too long.
        RecordFull: the disk is full, nothing of this unit of work was kept.
        RecordFailed: the disk failed; a commit that it failed at may be there all the same.
        WorkspaceUnfit: the record is damaged, or cannot be written at all.
    """
    try:
        yield
    except DBAPIError as error:
        refused = refusal(error, record)
        if refused is None:
            raise
        raise refused from error


def refusal(error: DBAPIError, record: Path) -> Refusal | None:
    """Return the refusal for a failure of the disk, None where the failure is our own."""
    name = str(getattr(error.orig, "sqlite_errorname", ""))
    kind = "_".join(name.split("_")[:2])
    if kind in _WAITED:
        return WorkspaceBusy(path=record.parent, reason=str(error.orig))
    if kind == "SQLITE_FULL":
        return RecordFull(path=record)
    if kind in _DISK:
        if not _writable(record):
            return WorkspaceUnfit(about="readonly", path=record, reason=name)
        # SQLite does not say why it has no room for the index of its log, which it needs to read too.
        about = "full" if shutil.disk_usage(record.parent).free < _INDEX else ""
        return RecordFailed(about=about, path=record, reason=name)
    if kind in _DAMAGED:
        return WorkspaceUnfit(path=record, reason=str(error.orig))
    return None


def _writable(record: Path) -> bool:
    return os.access(record.parent, os.W_OK) and (not record.exists() or os.access(record, os.W_OK))

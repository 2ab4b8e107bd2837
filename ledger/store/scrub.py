"""Taking erased values out of the record's files: a deleted row still lies in free pages and in the write-ahead log.

The work is announced by a file before the rows go, and the file is taken away when the work is done, so that a
process that dies in between leaves it to the next command.
"""

from __future__ import annotations

import os

import pysqlite3.dbapi2 as sqlite3

from ledger.store.engine import WAIT_MS
from ledger.store.files import sync_folder
from ledger.store.workspace import Workspace

PENDING = "erase.pending"


def announce(workspace: Workspace) -> None:
    """Note, durably, that values are about to be erased."""
    handle = os.open(workspace.path / PENDING, os.O_WRONLY | os.O_CREAT, 0o600)
    os.fsync(handle)
    os.close(handle)
    sync_folder(workspace.path)


def finish(workspace: Workspace) -> bool:
    """Take out what earlier erasures left behind, if there is any; tell whether nothing is left behind now."""
    return scrub(workspace) if (workspace.path / PENDING).exists() else True


def scrub(workspace: Workspace) -> bool:
    """Write the record anew without what its rows no longer hold, and empty the write-ahead log.

    False where another process still reads the old pages, or the disk is full: the announcement then stays, and the
    next command tries again. Nothing that the rows hold is touched. The server of another engine keeps its own files;
    its administrator lets it clean them.
    """
    workspace.close()
    if workspace.record.exists():
        connection = sqlite3.connect(workspace.record, timeout=WAIT_MS / 1000, isolation_level=None)
        try:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("VACUUM")
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        finally:
            connection.close()
        if busy:
            return False
    (workspace.path / PENDING).unlink(missing_ok=True)
    sync_folder(workspace.path)
    return True

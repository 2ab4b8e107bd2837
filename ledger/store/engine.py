"""The engine: SQLite, set up so that what is acknowledged is on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import Connection, Engine, create_engine, event

from ledger.store import guard, sql

WAIT_MS = 30_000
"""How long a writer waits for another before it gives up."""

STATEMENTS = 1000
"""How many prepared statements a connection keeps. The driver's own cache, once full, lets the newest go first: a
connection that made a workspace would prepare every statement of every seal again, and ask the guard each time."""


def connect(path: Path | None) -> Engine:
    """Return an engine on the SQLite file at `path`, or in memory without one.

    It uses the SQLite that comes with `pysqlite3`, because write-ahead logs before 3.51.3 can be corrupted.
    A unit that writes takes the write lock at its beginning: a lock taken later fails under contention.
    """
    where = f"sqlite:///{path}" if path else "sqlite://"
    engine = create_engine(where, module=sqlite3, connect_args={"cached_statements": STATEMENTS})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    guard.watch(engine)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours to say
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA trusted_schema = OFF")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    sql.run(connection, "BEGIN IMMEDIATE" if writes else "BEGIN")

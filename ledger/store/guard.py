"""The guard on the program's own connection: what its SQL may do at all, before any trigger is asked.

The triggers refuse a change of what is sealed; the guard refuses even the statement, and with it everything that would
take the triggers out of the way. It asks SQLite's authorizer, which sees every statement as it is prepared, so that a
mistake in the program, or SQL that somebody smuggles into it, ends here. It is no wall against one who can write to
the file with another program: that is what `verify` and the checkpoints are for (decision 0015).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from ledger.errors import StatementRefused

MOVES_BALANCES = "voucher_moves_balances"
"""The trigger in which a sealed voucher moves the balances; nothing else ever does."""

WORK = "work_"
"""Tables that hold nothing sealed begin so, and may be written freely."""

MAY_CHANGE = {("budget_line", "planned")}
"""Columns outside of work tables that may be updated; a trigger lets a budget line only rise."""

MAY_DELETE = {"private_value", "private_fact"}
"""Tables outside of work tables that may lose rows: personal data is erased where the law wants it."""

MAY_READ = {
    "busy_timeout",
    "cache_size",
    "compile_options",
    "database_list",
    "foreign_keys",
    "freelist_count",
    "ignore_check_constraints",
    "journal_mode",
    "page_count",
    "page_size",
    "recursive_triggers",
    "synchronous",
    "trusted_schema",
    "user_version",
    "writable_schema",
}
"""Settings that may be asked for and not set."""

MAY_RUN = {
    "cache_size",
    "data_version",
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "query_only",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "wal_checkpoint",
}
"""Pragmas that may be given an argument: they look, they empty the write-ahead log, or they take rights away."""

_KEY = "earmark.guard"
_HARMLESS = {
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_SAVEPOINT,
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_TRANSACTION,
}
_DEEDS = (
    "ALTER_",
    "ANALYZE",
    "ATTACH",
    "CREATE_",
    "DELETE",
    "DETACH",
    "DROP_",
    "FUNCTION",
    "INSERT",
    "PRAGMA",
    "UPDATE",
)
_NAMES = {
    code: name.removeprefix("SQLITE_").replace("_", " ")
    for name, code in vars(sqlite3).items()
    if name.startswith(tuple(f"SQLITE_{deed}" for deed in (*_DEEDS, "REINDEX")))
}


class Guard:
    """The authorizer of one connection; it remembers what it refused, so that the error can say it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.refused = ""
        self.impose()

    def impose(self) -> None:
        """Let only what is allowed through from now on, statements that are prepared already too."""
        self._connection.set_authorizer(self)

    def lift(self) -> None:
        """Let everything through."""
        self._connection.set_authorizer(None)

    def __call__(
        self, action: int, first: str | None, second: str | None, _database: str | None, trigger: str | None
    ) -> int:
        """Answer SQLite: an action, what it is about, and the trigger that it stands in."""
        if action in _HARMLESS or _allowed(action, first or "", second, trigger):
            return int(sqlite3.SQLITE_OK)
        subject = ".".join(each for each in (first, second) if each)
        self.refused = f"{_NAMES.get(action, action)} {subject}".strip()
        return int(sqlite3.SQLITE_DENY)


def _allowed(action: int, first: str, second: str | None, trigger: str | None) -> bool:
    if action == sqlite3.SQLITE_INSERT:
        # What is inserted over something that is there is refused by triggers: the authorizer is not told of it.
        return not first.startswith(("sqlite_", "alembic_"))
    if action == sqlite3.SQLITE_UPDATE:
        moved = (first, second, trigger) == ("balance", "amount", MOVES_BALANCES)
        return first.startswith(WORK) or (first, second) in MAY_CHANGE or moved
    if action == sqlite3.SQLITE_DELETE:
        return first.startswith(WORK) or first in MAY_DELETE
    if action == sqlite3.SQLITE_FUNCTION:
        return second != "load_extension"
    if action == sqlite3.SQLITE_PRAGMA:
        name = first.lower()
        return name in MAY_RUN or (second is None and name in MAY_READ)
    return False


def watch(engine: Engine) -> None:
    """Put a guard on every connection that an SQLite engine makes, after it was set up.

    Raises:
        StatementRefused: from then on, in the place of SQLite's own error.
    """
    event.listen(engine, "connect", _impose)
    event.listen(engine, "handle_error", _explain)


@contextmanager
def lifted(connection: Connection) -> Iterator[None]:
    """Take the guard off for a block: migrations alone make tables and rules."""
    guard: Guard | None = connection.info.get(_KEY)
    if guard is None:
        yield
        return
    guard.lift()
    try:
        yield
    finally:
        guard.impose()


def _impose(connection: Any, record: Any) -> None:
    record.info[_KEY] = Guard(connection)


def _explain(context: ExceptionContext) -> None:
    guard: Guard | None = context.connection.info.get(_KEY) if context.connection is not None else None
    if guard is not None and guard.refused and "authoriz" in str(context.original_exception):
        refused, guard.refused = guard.refused, ""
        raise StatementRefused(deed=refused)

"""PostgreSQL as the record's engine: addresses, connections, locks, and what its errors mean to a user.

Daily work goes through a login that belongs to the group `earmark_app` and may do no more than it needs; the owner of
the schema is asked for only to make the record and to bring it up to date.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from ledger.errors import (
    CommitUnknown,
    DatabaseForbidden,
    DatabaseUnfit,
    DatabaseUnreachable,
    Refusal,
    WorkspaceBusy,
)
from ledger.store import marks
from ledger.store.migrations import HEAD, migrate, need_known, revision

DAILY = "EARMARK_DATABASE"
OWNER = "EARMARK_DATABASE_OWNER"
GROUP = "earmark_app"
EVERY_BOOK = "*"
TIE = "record.postgresql"
"""The file of a workspace that says which record in a database is its own."""
WAIT_S = 30
"""How long a writer waits for another before it gives up."""

_OFFICE_LOCK, _BOOK_LOCK, _OFFICE_LOG_LOCK, _ONE_LOCK = 1, 2, 4, 5
"""The classes of our advisory locks, taken in the order office, book, key (3, in the database), office's log; the last
is nobody's but for a moment, see `_need_one`."""
_BUSY = {"55P03", "40P01", "40001", "57014"}
"""Waited too long, deadlock, serialization, cancelled: nothing was kept, and another try may well do."""
_FORBIDDEN = "42501"
_LONGEST_REASON = 200


class Heads(NamedTuple):
    """How many leaves the logs of a book and of the office have."""

    book: int
    office: int


@dataclass(frozen=True)
class Database:
    """Where a record lies: the address for daily work, and the owner's, which only makes and changes the schema.

    Addresses may hold passwords: what is shown of them is `name`.
    """

    daily: URL
    owner: URL | None = None

    @property
    def name(self) -> str:
        """Return host and database, as a message may show them."""
        return _shown(self.daily)

    @property
    def owner_name(self) -> str:
        """Return the same of the owner's address, which may be written wrong by itself."""
        return _shown(self.owner or self.daily)


def _shown(url: URL) -> str:
    return f"{url.host or url.query.get('host') or 'localhost'}/{url.database or ''}"


def named() -> Database | None:
    """Return the database that the environment names, None where the record is a file.

    Raises:
        DatabaseUnfit: the address is not one of PostgreSQL, or the driver is not installed.
    """
    daily, owner = os.environ.get(DAILY, ""), os.environ.get(OWNER, "")
    return Database(address(daily, DAILY), address(owner, OWNER) if owner else None) if daily else None


def address(written: str, variable: str) -> URL:
    """Return the address that stands in a variable.

    Raises:
        DatabaseUnfit: it is not one of PostgreSQL, or the driver is not installed.
    """
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        raise DatabaseUnfit(about="address", variable=variable) from None
    if url.drivername not in {"postgresql", "postgresql+psycopg"} or not url.database:
        raise DatabaseUnfit(about="address", variable=variable)
    if find_spec("psycopg") is None:
        raise DatabaseUnfit(about="driver", variable=variable)
    if not _readable(url):
        raise DatabaseUnfit(about="address", variable=variable)
    return url.set(drivername="postgresql+psycopg")


def _readable(url: URL) -> bool:
    """Tell whether the driver knows every option behind the address's question mark."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**{name: str(value) for name, value in url.query.items()})
    except ProgrammingError:
        return False
    return True


def connect(url: URL) -> Engine:
    """Return an engine on a database; what it acknowledges is on the server's disk."""
    # The driver would also print that a connection is lost; our refusal says it, in the user's language.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    options = f"-c search_path=public -c lock_timeout={WAIT_S}s"
    engine = create_engine(
        url,
        isolation_level="READ COMMITTED",
        connect_args={"options": options, "connect_timeout": 10, "application_name": "earmark"},
    )
    event.listen(engine, "connect", _set_up)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    # A server may be set to acknowledge before the disk has it; not for us. More than "on" is left alone.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.commit()


@contextmanager
def writing(engine: Engine, database: Database, book: str | None) -> Iterator[tuple[Connection, str, Heads | None]]:
    """Open a unit of work: of one book, beside units of other books; of the office without one, alone.

    It says behind the lock which workspace's record this is and, with a book, how long the logs are. The caller
    commits by `commit`.

    Raises:
        WorkspaceBusy: another writer held the book or the office for too long.
        DatabaseUnreachable: the server is not there, or was lost on the way; nothing is kept.
        DatabaseForbidden: the login may not do what was asked.
    """
    if book is None:
        with _explained(database), _begun(engine, _locks(None), _ID) as (connection, found):
            yield connection, found[0], None
    else:
        with _explained(database), _begun(engine, _locks(book), _HEADS, values=(book,)) as (connection, found):
            yield connection, found[0], Heads(*found[1:])


@contextmanager
def _begun(
    engine: Engine, *queries: str, values: Sequence[str | None] | None = None, **options: Any
) -> Iterator[tuple[Connection, Any]]:
    """Open a transaction with some queries, sent at once; the last gets the `values`, and its first row is returned.

    If the server was started anew since the last transaction, it is opened on another connection: nothing was done yet.
    """
    import psycopg

    for last_try in (False, True):
        connection = engine.connect().execution_options(**options)
        connection.begin()
        driver: Any = connection.connection.driver_connection
        try:
            with driver.pipeline():
                for query in queries[:-1]:
                    driver.execute(query)
                last = driver.execute(queries[-1], values)
            found = last.fetchone()
        except psycopg.Error:
            lost = _is_lost(driver)
            if lost:
                connection.invalidate()
            connection.close()
            if last_try or not lost:
                raise
            continue
        with connection:
            try:
                yield connection, found
            except BaseException:
                if not connection.invalidated and _is_lost(driver):
                    connection.invalidate()
                raise
        return


def _is_lost(driver: Any) -> bool:
    """Tell whether a connection is gone, or stuck in the middle of what was sent at once: it cannot even roll back."""
    from psycopg.pq import PipelineStatus

    return bool(driver.closed) or driver.pgconn.pipeline_status != PipelineStatus.OFF


def _locks(book: str | None) -> str:
    """Return the query that waits for the office and the book, in this order; the locks end with the transaction."""
    if book is None:
        return f"SELECT pg_advisory_xact_lock({_OFFICE_LOCK}, 0)"
    number = int.from_bytes(hashlib.sha256(book.encode()).digest()[:4], "big", signed=True)
    return f"SELECT pg_advisory_xact_lock_shared({_OFFICE_LOCK}, 0), pg_advisory_xact_lock({_BOOK_LOCK}, {number})"


def hold_office_log(connection: Connection) -> None:
    """Wait until no other unit is about to write into the office's log."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OFFICE_LOG_LOCK}, 0)")


@contextmanager
def reading(engine: Engine, database: Database) -> Iterator[Connection]:
    """Open one consistent view of the record that writes nothing.

    Raises:
        DatabaseUnreachable: the server is not there, or was lost on the way.
    """
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _explained(database), _begun(engine, "SELECT 1", **options) as (connection, _):
        yield connection


def need_every_book(connection: Connection, database: Database) -> None:
    """Make sure that the login sees the whole record: what it does not see would look as if it were missing.

    Raises:
        DatabaseForbidden: it was let into some books only.
    """
    if not connection.exec_driver_sql("SELECT every_book()").scalar():
        raise DatabaseForbidden(about="books", name=database.name)


def commit(connection: Connection, database: Database) -> None:
    """Keep what a unit wrote.

    Raises:
        CommitUnknown: the server was lost before it answered; it may have been kept or not.
    """
    try:
        connection.commit()
    except DBAPIError as error:
        if _sqlstate(error)[:2] in {"23", "40"}:
            raise
        raise CommitUnknown(name=database.name, reason=_reason(error)) from None


def open_record(engine: Engine, database: Database, workspace: str) -> None:
    """Make sure that a database holds the record of this workspace, up to date; the owner's address brings it there.

    `workspace` is its id, or two while a backup is put back: that of the record before, and that of the one after.

    Raises:
        DatabaseUnfit: there is no record, an older one and no owner's address, that of another workspace, or the
            login could break the rules.
        WorkspaceNewer: it was made by a newer program.
    """
    with _explained(database):
        with engine.connect() as connection:
            _need_little(connection, database)
            there = revision(connection)
        if there is None:
            raise DatabaseUnfit(about="empty", name=database.name)
        if there != HEAD:
            need_known(there)
            _update(database)
        with engine.connect() as connection:
            found = connection.execute(text("SELECT id FROM workspace")).scalar()
    if found not in workspace.split():
        raise DatabaseUnfit(name=database.name)


def need_free(database: Database) -> None:
    """Make sure that a record can be made in a database.

    Raises:
        DatabaseUnfit: no owner's address, a record is there already, or the text would not be kept as UTF-8.
    """
    with owned(database) as connection:
        if revision(connection) is not None:
            raise DatabaseUnfit(about="taken", name=database.owner_name)
        if connection.exec_driver_sql("SHOW server_encoding").scalar() != "UTF8":
            raise DatabaseUnfit(about="encoding", name=database.name)


def make_record(database: Database, workspace: str) -> None:
    """Make the record of a workspace in an empty database, and let the daily login into every book.

    Raises:
        DatabaseUnfit: a record is there already, or the login could break the rules.
        DatabaseForbidden: the owner may not make tables or the group.
    """
    with owned(database) as connection:
        if revision(connection) is not None:
            raise DatabaseUnfit(about="taken", name=database.name)
        migrate(connection)
        connection.execute(text("INSERT INTO workspace (id) VALUES (:id)"), {"id": workspace})
        admit_daily(connection, database)
        commit(connection, database)


def admit_daily(connection: Connection, database: Database) -> None:
    """Let the daily login into every book; `connection` is the owner's.

    Raises:
        DatabaseUnfit: the login could break the rules.
    """
    with _explained(database), _closing(connect(database.daily)) as engine, engine.connect() as daily:
        login = str(daily.exec_driver_sql("SELECT session_user").scalar_one())
    _need_little(connection, database, login)
    admit(connection, login, EVERY_BOOK)


def admit(connection: Connection, login: str, book: str) -> None:
    """Let a login of the server work in a book, or in every book (``*``); `connection` is the owner's."""
    quoted = connection.dialect.identifier_preparer.quote(login)
    member = text(
        "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles l ON l.oid = m.member "
        "WHERE r.rolname = :group AND l.rolname = :login"
    )
    if not connection.execute(member, {"group": GROUP, "login": login}).first():
        connection.exec_driver_sql(f"GRANT {GROUP} TO {quoted}")
    connection.execute(
        text("INSERT INTO login_book (login, book) VALUES (:login, :book) ON CONFLICT DO NOTHING"),
        {"login": login, "book": book},
    )


def _update(database: Database) -> None:
    if database.owner is None:
        raise DatabaseUnfit(about="old", name=database.name)
    with owned(database) as connection:
        migrate(connection)
        marks.mark_everything(connection)
        commit(connection, database)


@contextmanager
def owned(database: Database) -> Iterator[Connection]:
    """Open a unit of work of the schema's owner, alone; the caller commits by `commit`.

    Raises:
        DatabaseUnfit: no owner's address is there, or it leads to another database than that for daily work.
        DatabaseUnreachable, DatabaseForbidden: see `writing`.
    """
    if database.owner is None:
        raise DatabaseUnfit(about="owner", name=database.name)
    at = Database(database.owner)
    with _explained(at), _closing(connect(database.owner)) as engine, engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OFFICE_LOCK}, 0)")
        _need_one(connection, database)
        yield connection


def _need_one(connection: Connection, database: Database) -> None:
    """Make sure that both addresses lead to one database: what the owner's `connection` locks is locked for both.

    Otherwise the owner would make, or exchange, the record of another office.
    """
    number = secrets.randbits(31)
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_LOCK}, {number})")
    with _explained(database), _closing(connect(database.daily)) as engine, engine.connect() as daily:
        if daily.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({_ONE_LOCK}, {number})").scalar():
            raise DatabaseUnfit(about="apart", name=database.name, owner=database.owner_name)


def _need_little(connection: Connection, database: Database, login: str | None = None) -> None:
    """Make sure that a login, that of the connection if none is named, could not take the rules away."""
    query = text(
        "SELECT r.rolsuper OR r.rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c "
        "WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(r.oid, c.relowner, 'MEMBER')) "
        "FROM pg_roles r WHERE r.rolname = coalesce(:login, session_user)"
    )
    if connection.execute(query, {"login": login}).scalar():
        raise DatabaseUnfit(about="rights", name=database.name)


@contextmanager
def _closing(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _explained(database: Database) -> Iterator[None]:
    """Turn what the server says into what a user can do about it; a broken rule of ours stays a fault."""
    import psycopg

    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        refusal = _meaning(error, database)
        if refusal is None:
            raise
        raise refusal from None


def _meaning(error: Exception, database: Database) -> Refusal | None:
    state = _sqlstate(error)
    if state in _BUSY:
        return WorkspaceBusy(path=database.name, reason=_reason(error))
    if state == _FORBIDDEN:
        return DatabaseForbidden(name=database.name, reason=_reason(error))
    # An operation that failed without a state: there is no server. 25: it only reads. 53, 57, 58: out of something,
    # going down, its disk.
    if (not state and _failed_to_operate(error)) or state[:2] in {"08", "25", "28", "3D", "53", "57", "58"}:
        return DatabaseUnreachable(name=database.name, reason=_reason(error))
    return None


def _failed_to_operate(error: Exception) -> bool:
    import psycopg

    return isinstance(getattr(error, "orig", error), psycopg.OperationalError)


def _sqlstate(error: Exception) -> str:
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", error)).split())[:_LONGEST_REASON]


_ID = "SELECT id FROM workspace"
_HEADS = (
    "SELECT (SELECT id FROM workspace), coalesce((SELECT max(position) + 1 FROM log_leaf WHERE log = %s), 0), "
    "coalesce((SELECT max(position) + 1 FROM log_leaf WHERE log = 'office'), 0)"
)


def identity(path: Path) -> str | None:
    """Return the id, or ids, that tie a workspace to its database, None where its record is a file."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None

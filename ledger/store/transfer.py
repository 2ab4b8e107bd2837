"""The record from one engine into the other: a database as an SQLite file for a backup, and such a file put back.

Rows are copied as they are, with the rules set aside in a transaction that nobody else sees. What was copied is read
again and compared with its source, and the rules with those that the migrations made, before any of it is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, text

from ledger.errors import CommitUnknown, DatabaseUnfit
from ledger.store import catalog, engine, files, folders, marks, postgresql, sql
from ledger.store.guard import lifted
from ledger.store.migrations import migrate, revision
from ledger.store.postgresql import Database

Told = Callable[[int, int], None]
"""Told how many rows are done, of how many."""

_BATCH = 500


def to_file(connection: Connection, path: Path, progress: Told) -> None:
    """Write what a view of a database shows into a new SQLite file with the same tables and rules."""
    made = engine.connect(path)
    try:
        with made.connect().execution_options(writes=True) as target:
            with target.begin():
                migrate(target)
                with lifted(target), _without_rules(target):
                    _copy(connection, target, progress, _insert)
            # One file, with no log beside it that could be left behind.
            with lifted(target):
                target.connection.driver_connection.execute("PRAGMA journal_mode = DELETE")  # type: ignore[union-attr]
    finally:
        made.dispose()


@contextmanager
def opened_for(database: Database, workspace: str) -> Iterator[Connection]:
    """Open a unit of work of the owner in which a record is put into a database, alone; the caller commits it.

    `workspace` are the ids that the record there may have, if there is one; empty where there must be none.

    Raises:
        DatabaseUnfit: no owner's address, or the database holds the record of another workspace.
    """
    with postgresql.owned(database) as connection:
        if revision(connection) is not None:
            found = connection.execute(text("SELECT id FROM workspace")).scalar()
            if found not in workspace.split():
                raise DatabaseUnfit(about="" if workspace else "taken", name=database.name)
        yield connection


def into_database(connection: Connection, folder: Path, database: Database, aside: str, progress: Told) -> str:
    """Put the record of a closed workspace into a database, tie its folder to it, and return the new record's id.

    The unit of work is that of `opened_for`. A record that is there goes, with all its tables and rules, into the
    schema `aside`, where only the owner gets at it; its logins may work with the new one. All books are marked to be
    written. Nothing is kept in the database before the caller commits.

    Raises:
        DatabaseUnfit: the daily login could break the rules.
    """
    there = revision(connection) is not None
    logins = connection.execute(text("SELECT login, book FROM login_book")).all() if there else []
    if there:
        _set_aside(connection, aside)
    record = folder / "record.db"
    source = engine.connect(record)
    try:
        with source.connect() as file, file.begin():
            migrate(connection)
            rules = catalog.schema_of(connection)
            with _without_rules(connection):
                _copy(file, connection, progress, _stream_in)
            assert catalog.schema_of(connection) == rules, "the rules are back as they were"
            _compare(file, connection)
    finally:
        source.dispose()
    made = secrets.token_hex(16)
    connection.execute(text("INSERT INTO workspace (id) VALUES (:id)"), {"id": made})
    for login, book in logins:
        postgresql.admit(connection, login, book)
    postgresql.admit_daily(connection, database)
    marks.mark_everything(connection)
    files.put(folder / postgresql.TIE, f"{made}\n".encode())
    for name in ("record.db", "record.db-wal", "record.db-shm"):
        (folder / name).unlink(missing_ok=True)
    return made


def commit_named(connection: Connection, place: Path, target: Path, database: Database) -> None:
    """Give a finished folder its name and keep its record; if the record is not kept, the folder gets its name back.

    Raises:
        CommitUnknown: the database may have the record: the folder stays, since it is the only one that it goes with.
    """
    folders.name(place, target)
    try:
        postgresql.commit(connection, database)
    except CommitUnknown:
        raise
    except BaseException:
        target.rename(place)
        raise


def _set_aside(connection: Connection, schema: str) -> None:
    """Move every table and function of ours into a new schema; what belongs to an extension stays."""
    connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
    for query in (_OUR_TABLES, _OUR_FUNCTIONS):
        for (statement,) in connection.exec_driver_sql(query).all():
            connection.exec_driver_sql(f'{statement} SET SCHEMA "{schema}"')


@contextmanager
def _without_rules(connection: Connection) -> Iterator[None]:
    """Set the triggers of all tables aside for a block, and put them back as they were."""
    if connection.dialect.name == "sqlite":
        rules = sql.rows(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        for name, _ in rules:
            sql.run(connection, f'DROP TRIGGER "{name}"')
        yield
        for _, rule in rules:
            sql.run(connection, rule)
        return
    rules = sql.rows(connection, _TRIGGERS)
    for table in sorted({table for table, _ in rules}):
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")  # references that look at the commit look now
    for table, name in rules:
        connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _copy(
    source: Connection,
    target: Connection,
    progress: Told,
    write: Callable[[Connection, Table, Iterator[sql.Row]], None],
) -> None:
    listed = list(_tables())
    sizes = [int(_one(source, f'SELECT count(*) FROM "{table.name}"')) for table in listed]  # noqa: S608
    for number, table in enumerate(listed):
        progress(sum(sizes[:number]), sum(sizes))
        write(target, table, sql.stream(source, _select(table)))
    progress(sum(sizes), sum(sizes))


def _insert(target: Connection, table: Table, rows: Iterator[sql.Row]) -> None:
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    values = ", ".join("?" for _ in table.columns)
    while batch := list(islice(rows, _BATCH)):
        sql.insert(target, f'INSERT INTO "{table.name}" ({names}) VALUES ({values})', batch)  # noqa: S608


def _stream_in(target: Connection, table: Table, rows: Iterator[sql.Row]) -> None:
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    driver: Any = target.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _compare(file: Connection, database: Connection) -> None:
    """Make sure that a database holds the rows of a file, each as it is there."""
    for table in _tables():
        query = _select(table)
        for one, other in zip(sql.stream(file, query), sql.stream(database, query), strict=True):
            assert tuple(one) == tuple(other), f"{table.name}: a row is not what was copied"


def _tables() -> Iterator[Table]:
    """Yield the tables that both engines have, each after what it refers to; ids and logins are the database's own."""
    from ledger.store import tables  # slow to import

    yield from tables.Users.metadata.sorted_tables


def _select(table: Table) -> str:
    names = ", ".join(f'"{each.name}"' for each in table.columns)
    key = ", ".join(f'"{each.name}"' for each in table.primary_key)
    return f'SELECT {names} FROM "{table.name}" ORDER BY {key}'  # noqa: S608 - names of ours


def _one(connection: Connection, query: str) -> Any:
    row = sql.first(connection, query)
    assert row is not None, query
    return row[0]


_TRIGGERS = """
    SELECT t.tgrelid::regclass::text, quote_ident(t.tgname) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal ORDER BY 1, 2
"""
_OUR_TABLES = """
    SELECT 'ALTER TABLE ' || c.oid::regclass FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY c.relname
"""
_OUR_FUNCTIONS = """
    SELECT 'ALTER FUNCTION ' || p.oid::regprocedure FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY p.oid
"""

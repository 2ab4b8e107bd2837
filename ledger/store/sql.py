"""SQL at the level of the driver, for the paths where speed matters: text in, tuples out.

Values are named in the text (``:book``). Rows are fetched as they are asked for, so that a walk through a table of any
size needs the memory of one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]
_NONE: Mapping[str, Any] = {}
_FETCH = 500
"""So many rows a PostgreSQL server sends at once."""
_names = count()


def stream(connection: Connection, query: str, facts: Mapping[str, Any] = _NONE) -> Iterator[Row]:
    """Return the rows of a query one after the other; the connection can run others meanwhile."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return iter(driver.execute(query, facts))
    return _stream(driver, query, facts)


def _stream(driver: Any, query: str, facts: Mapping[str, Any]) -> Iterator[Row]:
    with driver.cursor(name=f"stream_{next(_names)}") as cursor:
        cursor.itersize = _FETCH
        yield from cursor.execute(_percent(query), facts)


def rows(connection: Connection, query: str, facts: Mapping[str, Any] = _NONE) -> list[Row]:
    """Return all rows of a query."""
    found: list[Row] = _execute(connection, query, facts).fetchall()
    return found


def first(connection: Connection, query: str, facts: Mapping[str, Any] = _NONE) -> Row | None:
    """Return the first row of a query, None if there is none."""
    found: Row | None = _execute(connection, query, facts).fetchone()
    return found


def run(connection: Connection, statement: str, facts: Mapping[str, Any] = _NONE) -> int:
    """Run a statement and return how many rows it touched."""
    return int(_execute(connection, statement, facts).rowcount)


def insert(connection: Connection, statement: str, values: Sequence[Sequence[Any]]) -> None:
    """Run a statement of SQLite once for each of some rows; values stand in it in their order (``?``)."""
    driver: Any = connection.connection.driver_connection
    try:
        driver.executemany(statement, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, statement, error) from error


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Send the statements of a block to a server at once and wait for them at its end; none may be asked for rows."""
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    try:
        with driver.pipeline():
            yield
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, "", error) from error


def _execute(connection: Connection, statement: str, facts: Mapping[str, Any]) -> Any:
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        statement = _percent(statement)
    try:
        return driver.execute(statement, facts)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _wrapped(connection, statement, error) from error


def _wrapped(connection: Connection, statement: str, error: Any) -> BaseException:
    """Return a driver's error as SQLAlchemy gives it, so that whoever catches one knows one kind."""
    base = connection.dialect.loaded_dbapi.Error
    wrapped: BaseException = DBAPIError.instance(statement, None, error, base, dialect=connection.dialect)
    return wrapped


@cache
def _percent(query: str) -> str:
    """Write the names of values as psycopg wants them; casts (``::text``) stay."""
    return re.sub(r"(?<!:):([a-z_]+)\b", r"%(\1)s", query.replace("%", "%%"))

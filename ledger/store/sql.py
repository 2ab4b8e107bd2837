"""SQL at the level of the driver, for the paths where speed matters: text in, tuples out.

Values are named in the text (``:book``). Rows are fetched as they are asked for, so that a walk through a table of any
size needs the memory of one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import Connection

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
    cursor = driver.cursor(name=f"stream_{next(_names)}")
    cursor.itersize = _FETCH
    return iter(cursor.execute(_percent(query), facts))


def rows(connection: Connection, query: str, facts: Mapping[str, Any] = _NONE) -> list[Row]:
    """Return all rows of a query."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        found: list[Row] = driver.execute(query, facts).fetchall()
    else:
        found = driver.execute(_percent(query), facts).fetchall()
    return found


def first(connection: Connection, query: str, facts: Mapping[str, Any] = _NONE) -> Row | None:
    """Return the first row of a query, None if there is none."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        query = _percent(query)
    found: Row | None = driver.execute(query, facts).fetchone()
    return found


def run(connection: Connection, statement: str, facts: Mapping[str, Any] = _NONE) -> int:
    """Run a statement and return how many rows it touched."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        statement = _percent(statement)
    return int(driver.execute(statement, facts).rowcount)


@cache
def _percent(query: str) -> str:
    """Write the names of values as psycopg wants them; casts (``::text``) stay."""
    return re.sub(r"(?<!:):([a-z_]+)\b", r"%(\1)s", query.replace("%", "%%"))

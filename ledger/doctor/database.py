"""A PostgreSQL server that keeps the record: whether it is fit, and whether our login may no more than it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ledger.doctor.report import Ask, Sign, fine, trouble

OLDEST_SERVER = 15
NEEDED = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
STRONGER = {"remote_apply", "remote_write", "local"}
"""Values of ``synchronous_commit`` that wait for this server's own disk too."""


def postgresql(url: str) -> Iterator[Sign]:
    """Look at the server that EARMARK_DATABASE names."""
    try:
        with asking(url) as ask:
            yield from _server(ask)
    except ImportError:
        yield trouble("database", "driver")
    except OSError as error:
        yield trouble("database", "unreachable", reason=error)


@contextmanager
def asking(url: str) -> Iterator[Ask]:
    """Open the database for reading only.

    Raises:
        ImportError: the driver is not installed.
        OSError: the server cannot be reached, or refuses the login.
    """
    import psycopg
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        read_only = "-c default_transaction_read_only=on"
        connection: Any = psycopg.connect(address, connect_timeout=5, options=read_only)
        with connection:
            yield lambda query: [tuple(row) for row in connection.execute(query).fetchall()]
    except (ArgumentError, psycopg.Error) as error:
        # What the driver says may go on for lines; the first says why.
        raise OSError(str(error).strip().partition("\n")[0][:200]) from None


def _server(ask: Ask) -> Iterator[Sign]:
    number = int(ask("SHOW server_version_num")[0][0])
    version = ask("SHOW server_version")[0][0].split()[0]
    if number // 10_000 < OLDEST_SERVER:
        yield trouble("database", "old", version=version, least=OLDEST_SERVER)
    encoding = ask("SHOW server_encoding")[0][0]
    if encoding != "UTF8":
        yield trouble("database", "encoding", encoding=encoding)
    for name, wanted in NEEDED.items():
        value = ask(f"SHOW {name}")[0][0]
        if value != wanted and not (name == "synchronous_commit" and value in STRONGER):
            yield trouble("database", "durability", name=name, value=value)
    user, above = ask("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")[0]
    if above:
        yield trouble("database", "superuser", user=user)
    yield fine("database", version=version, user=user)

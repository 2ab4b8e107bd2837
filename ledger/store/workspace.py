"""A workspace: one folder with the record, the books, the documents and the settings of an office."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from ledger.errors import (
    CommitUnknown,
    DatabaseUnfit,
    Refusal,
    WorkspaceMissing,
    WorkspaceMoved,
    WorkspaceThere,
    WorkspaceUnfit,
)
from ledger.messages import Lang
from ledger.store import files, marks, postgresql
from ledger.store.engine import connect
from ledger.store.failures import refusing
from ledger.store.migrations import HEAD, migrate, revision
from ledger.store.postgresql import Database

Clock = Callable[[], datetime]
Salts = Callable[[], bytes]
Memory = dict[str, tuple[postgresql.Heads, Any]]
"""What a process knew of each book when the logs had these lengths."""
CHINA = timezone(timedelta(hours=8))
"""China has one time zone, without summer time."""

_SETTINGS = """\
# Settings of this earmark workspace. Lines that begin with # are comments.

# The language of messages, narrations and pages where no other is asked for: "zh" (Chinese) or "en" (English).
language = "{language}"

# The name of this office: the origin of its checkpoints. Do not change it once a checkpoint is signed.
office = "{office}"

# The book that commands work in when none is named, by its code. Empty: the only one there is.
book = ""

# The largest document that may be attached to a voucher, in megabytes.
document_limit_mb = 20
"""

_DEMONSTRATION = """
# This workspace was built by `earmark demo`: invented dates and names, a fixed clock, salts and a key that
# everybody knows. Never record real money here.
demonstration = true
"""


class Settings(BaseModel):
    """What an office may set in ``earmark.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    language: Lang = "zh"
    office: str = Field(default="earmark", pattern=r"^[A-Za-z0-9./-]+$")
    book: str = ""
    document_limit_mb: int = Field(default=20, ge=1, le=200)
    unused_papers_mb: int = Field(default=500, ge=1, le=100_000)
    """So much one person may have handed in at the desk that nothing uses."""
    unused_papers_days: int = Field(default=30, ge=1, le=3650)
    """So long a paper that was handed in at the desk and that nothing uses is kept."""
    demonstration: bool = False
    publication: Mapping[str, str] = Field(default_factory=dict)
    """Who publishes, and where: the words of a table of its own, which whoever publishes reads."""


@dataclass
class Unit:
    """One unit of work: nothing is kept unless its owner says `commit`."""

    connection: Connection
    now: datetime
    salts: Salts
    database: Database | None = None
    heads: postgresql.Heads | None = None
    """How long the logs of its book and of the office are, where they were looked at under the lock."""
    memory: Memory = field(default_factory=dict)
    committed: bool = field(default=False)
    _learned: Memory = field(default_factory=dict)

    def recall(self, book: str) -> Any:
        """Take out what this process knew of a book, None if anything was logged since: every change is a leaf."""
        at, known = self.memory.pop(book, (None, None))
        return known if self.heads and at == self.heads else None

    def learn(self, book: str, length: int, known: object) -> None:
        """Remember what is known of a book once this unit is kept; `length` is that of its log then."""
        if self.heads:
            self._learned[book] = (postgresql.Heads(length, self.heads.office), known)

    def forget(self, book: str) -> None:
        """Remember nothing of a book."""
        self._learned.pop(book, None)

    def hold_office_log(self) -> None:
        """Keep units of other books from the office's log until this one is over; a file has one writer anyway."""
        if self.database:
            postgresql.hold_office_log(self.connection)

    def commit(self) -> None:
        """Keep everything that was written; only the one who opened the unit calls it.

        Raises:
            CommitUnknown: the database was lost before it answered whether it kept it.
        """
        if self.database:
            postgresql.commit(self.connection, self.database)
        else:
            self.connection.get_transaction().commit()  # type: ignore[union-attr]
        self.memory |= self._learned
        self.committed = True


@dataclass
class Workspace:
    """A folder that is known to be a workspace; clock and salts are handed in."""

    path: Path
    settings: Settings
    clock: Clock
    salts: Salts
    database: Database | None = None
    """Where the record is, None for the file in the workspace."""
    identity: tuple[int, int] | str | None = None
    """Which file the record was when this workspace first wrote, or which id it had in its database."""
    unwritten: OSError | Refusal | None = None
    """Why books could not be written after the last change; it is sealed all the same, and they stay marked."""
    finish: Callable[[Workspace], int] | None = field(default=None, repr=False)
    """What is left to do before the workspace is closed: books were written, and the disk not waited for."""
    written: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict, repr=False)
    """Months that this process has written, each with the `seq` from which on it does not know it."""
    _memory: Memory = field(default_factory=dict, repr=False)

    @property
    def record(self) -> Path:
        """Return the path of the SQLite record."""
        return self.path / "record.db"

    @property
    def tie(self) -> Path:
        """Return the path of the file that names the database's workspace, where the record is in a database."""
        return self.path / postgresql.TIE

    @property
    def books(self) -> Path:
        """Return the folder of the books."""
        return self.path / "books"

    @property
    def documents(self) -> Path:
        """Return the folder of the documents, each under its SHA-256."""
        return self.path / "documents"

    @cached_property
    def engine(self) -> Engine:
        """Return the engine on the record, made at the first use."""
        return postgresql.connect(self.database.daily) if self.database else connect(self.record)

    @contextmanager
    def write(self, *, book: str | None = None) -> Iterator[Unit]:
        """Open a unit of work that may write; it rolls back unless it was committed.

        In a database, units of different books go on beside each other; one without a book goes on alone. A file has
        one writer at a time.

        Raises:
            WorkspaceBusy, RecordFull, RecordFailed, WorkspaceUnfit: see `ledger.store.failures`.
            DatabaseUnreachable, DatabaseForbidden: see `ledger.store.postgresql`.
        """
        if self.database:
            with postgresql.writing(self.engine, self.database, book) as (connection, record, heads):
                self._need_same(record)
                yield Unit(connection, self.clock(), self.salts, self.database, heads, self._memory)
            return
        with refusing(self.record), self.engine.connect().execution_options(writes=True) as connection:
            connection.begin()
            self._need_here()
            yield Unit(connection, self.clock(), self.salts)

    def _need_here(self) -> None:
        """Make sure that the record is the file that was opened: a restore may have moved it aside while we waited.

        Raises:
            WorkspaceMoved: it is not; what would be written would be lost.
        """
        state = self.record.stat() if self.record.exists() else None
        self._need_same((state.st_dev, state.st_ino) if state else None)

    def _need_same(self, now: tuple[int, int] | str | None) -> None:
        """Make sure that the record is the one that this workspace first wrote.

        Raises:
            WorkspaceMoved: a backup was put in its place.
        """
        if self.identity is None:
            self.identity = now
        elif now != self.identity:
            raise WorkspaceMoved(path=self.path)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a consistent view of the record that writes nothing.

        Raises:
            WorkspaceBusy, RecordFull, RecordFailed, WorkspaceUnfit: see `ledger.store.failures`.
            DatabaseUnreachable: see `ledger.store.postgresql`.
        """
        if self.database:
            with postgresql.reading(self.engine, self.database) as connection:
                yield connection
            return
        with refusing(self.record), self.engine.connect() as connection, connection.begin():
            yield connection

    def need_every_book(self, connection: Connection) -> None:
        """Make sure that a view shows the whole record.

        Raises:
            DatabaseForbidden: the login of the database was let into some books only.
        """
        if self.database:
            postgresql.need_every_book(connection, self.database)

    @contextmanager
    def writing_books(self) -> Iterator[None]:
        """Hold the books alone: the later of two writers must not put an older text over a newer one."""
        path = self.path / "books.lock"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def close(self) -> None:
        """Wait for the disk to have the books, and let go of the record's files."""
        if self.finish is not None:
            self.finish(self)
        self.engine.dispose()


def create(
    path: Path,
    *,
    clock: Clock | None = None,
    salts: Salts | None = None,
    office: str | None = None,
    language: Lang = "zh",
    demonstration: bool = False,
    database: Database | None = None,
    as_file: bool = False,
) -> Workspace:
    """Make an empty workspace in `path`, which must be empty or not there yet; it has no key yet.

    `office` is the name under which it signs; without one it gets a random one. The record is a file, unless
    `database` or else the environment names a database; with `as_file` it is one in any case.

    Raises:
        WorkspaceThere: something is there already; nothing is changed.
        DatabaseUnfit: the database has a record already, or cannot have one.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise WorkspaceThere(path=path)
    database = database or (None if as_file else named(path))
    if database:
        postgresql.need_free(database)
    settings = _SETTINGS.format(office=office or f"earmark/{secrets.token_hex(4)}", language=language)
    try:
        (path / "books").mkdir(parents=True)
    except OSError as error:
        raise WorkspaceUnfit(path=path, reason=error) from None
    try:
        files.make_folder(path / "documents")
        files.put(path / "earmark.toml", (settings + (_DEMONSTRATION if demonstration else "")).encode())
        made = Workspace(path, read_settings(path), clock or wall_clock, salts or _random_salt, database)
        return _tied(made, database) if database else _ready(made)
    except CommitUnknown:
        raise  # The database may have the record: then this folder is the only one that it goes with.
    except OSError as error:
        _take_back(path)
        raise WorkspaceUnfit(path=path, reason=error) from None
    except BaseException:
        _take_back(path)
        raise


def _take_back(path: Path) -> None:
    """Take away what was made of a workspace that could not be finished, so that its folder can be used again."""
    for folder in ("books", "documents"):
        shutil.rmtree(path / folder, ignore_errors=True)
    names = ("earmark.toml", postgresql.TIE, "record.db", "record.db-wal", "record.db-shm", "record.db-journal")
    for name in names:
        with suppress(OSError):
            (path / name).unlink(missing_ok=True)


def _tied(workspace: Workspace, database: Database) -> Workspace:
    """Make the record in a database; the folder knows the database's workspace before the database does."""
    files.put(workspace.tie, f"{secrets.token_hex(16)}\n".encode())
    postgresql.make_record(database, postgresql.identity(workspace.tie) or "")
    return workspace


def open_workspace(
    path: Path,
    *,
    clock: Clock | None = None,
    salts: Salts | None = None,
    database: Database | None = None,
    as_file: bool = False,
) -> Workspace:
    """Open the workspace in `path` and bring its record up to date.

    Its record is a file, or in the database that is handed in or else named by the environment; with `as_file` it is
    a file whatever the environment names, as it is in a backup.

    Raises:
        WorkspaceMissing: there is none.
        WorkspaceUnfit: its settings or its record cannot be read.
        WorkspaceNewer: its record was made by a newer program.
        DatabaseUnfit: no database is named, or not this workspace's, or it cannot be brought up to date.
    """
    tie = postgresql.identity(path / postgresql.TIE)
    if not (path / "earmark.toml").is_file() or not (tie or (path / "record.db").is_file()):
        raise WorkspaceMissing(path=path)
    database = database or (None if as_file else named(path))
    if bool(tie) != bool(database):
        raise DatabaseUnfit(about="unset" if tie else "file", path=path)
    workspace = Workspace(path, read_settings(path), clock or wall_clock, salts or _random_salt, database)
    if database:
        try:
            postgresql.open_record(workspace.engine, database, tie or "")
        except BaseException:
            workspace.close()
            raise
        return workspace
    if workspace.record.stat().st_size == 0:
        # Only `create` makes a record from nothing: an empty file here was a record once.
        raise WorkspaceUnfit(path=workspace.record, reason="0 B")
    return _ready(workspace)


def named(_path: Path) -> Database | None:
    """Return the database that the environment names for a workspace, None where its record is a file.

    Raises:
        DatabaseUnfit: the address is not one of PostgreSQL, or the driver is not installed.
    """
    return postgresql.named()


def wall_clock() -> datetime:
    """Return the time now, in China."""
    return datetime.now(CHINA)


def _ready(workspace: Workspace) -> Workspace:
    try:
        if workspace.record.exists():
            with workspace.read() as connection:
                if revision(connection) == HEAD:
                    return workspace
        with workspace.write() as unit:
            migrate(unit.connection)
            marks.mark_everything(unit.connection)
            unit.commit()
    except (DatabaseError, UnicodeDecodeError) as error:
        # A damaged schema may not even be text.
        raise WorkspaceUnfit(path=workspace.record, reason=str(getattr(error, "orig", error))) from None
    return workspace


def read_settings(path: Path) -> Settings:
    """Return the settings of the workspace in `path`.

    Raises:
        WorkspaceUnfit: they cannot be read.
    """
    source = path / "earmark.toml"
    try:
        return Settings.model_validate(tomllib.loads(source.read_text(encoding="utf-8")))
    except OSError as error:
        raise WorkspaceUnfit(about="settings", path=source, reason=error) from None
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise WorkspaceUnfit(about="settings", path=source, reason=reason) from None
    except (ValueError, RecursionError) as error:
        raise WorkspaceUnfit(about="settings", path=source, reason=str(error)) from None


def _random_salt() -> bytes:
    return secrets.token_bytes(16)

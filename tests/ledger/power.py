"""A disk that loses power, for SQLite: what the product's statements wrote since the last sync is kept, lost or torn.

`record` takes down what the product tells its driver, with the parameters and in its order; `Player` says it again
on connections of `apsw`, whose file system here (`PowerDisk`) notes every write, and can say at any moment what a disk would
hold if the power failed now. `apsw` is the only driver that lets Python be the file system, so the SQLite that is tested
is apsw's (3.54.1 when this was written), not the one that the product runs on (3.53.4 of pysqlite3): the statements,
settings and file format are the product's, and the product itself opens what is left.

The model is that of SQLite's own crash tests (test6.c), and a little harsher. What was synced is there. Of every other
write each sector of 512 bytes is there, is not, or holds rubbish, each by itself and in no order; so is every change of a
file's size. A file whose folder was not synced since it was made or deleted may be missing, or back. The index of the
write-ahead log (-shm) is memory: after a cut it is gone, as it was, or rubbish. Nothing is damaged outside of what was
being written: SQLite relies on that ("powersafe overwrite"), and disks keep it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import event

from ledger.store import guard
from ledger.store.workspace import Workspace

SECTOR = 512
SETTINGS = (
    "journal_mode",
    "synchronous",
    "foreign_keys",
    "busy_timeout",
    "trusted_schema",
    "wal_autocheckpoint",
    "journal_size_limit",
    "cache_size",
    "temp_store",
    "locking_mode",
    "fullfsync",
    "checkpoint_fullfsync",
)
"""What is read from a connection of the product, and set on one that stands in for it."""


# What the product says to its driver.


@dataclass(frozen=True)
class Said:
    """One thing that the product did with a connection: connect, run, close; or an acknowledgement."""

    what: str
    connection: int = 0
    statement: str = ""
    parameters: Any = ()


@dataclass
class Script:
    """All that was said, and the settings of the product's connections."""

    said: list[Said] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)
    """What the product's record held at the end, by table."""

    def acknowledge(self, *facts: Any) -> None:
        self.said.append(Said("acknowledged", parameters=facts))


class _Heard(sqlite3.Connection):
    """A connection of the product's driver that tells what it is told, once it is set up."""

    hear: Callable[[Said], None] | None = None
    number = 0

    def cursor(self, *given: Any) -> Any:
        return super().cursor(*(given or (_HeardCursor,)))

    def say(self, what: str, statement: str = "", parameters: Any = ()) -> None:
        if self.hear is not None:
            self.hear(Said(what, self.number, statement, parameters))

    def commit(self) -> None:
        if self.in_transaction:
            self.say("run", "COMMIT")
        super().commit()

    def rollback(self) -> None:
        if self.in_transaction:
            self.say("run", "ROLLBACK")
        super().rollback()

    def close(self) -> None:
        self.say("close")
        super().close()


class _HeardCursor(sqlite3.Cursor):
    def execute(self, statement: str, parameters: Any = ()) -> Any:
        self.connection.say("run", statement, parameters)
        return super().execute(statement, parameters)

    def executemany(self, statement: str, rows: Any) -> Any:
        rows = list(rows)
        for row in rows:
            self.connection.say("run", statement, row)
        return super().executemany(statement, rows)


@contextmanager
def record(workspace: Workspace, script: Script) -> Iterator[None]:
    """Take down what the product says to its driver from now on; the workspace is closed at the end."""
    engine = workspace.engine
    engine.dispose()

    def connecting(_dialect: Any, _entry: Any, _given: Any, options: dict[str, Any]) -> None:
        options["factory"] = _Heard

    def connected(raw: Any, entry: Any) -> None:
        # It runs after the product's own listeners, so the settings are those that the product works with; its guard
        # would not let anybody ask for all of them.
        imposed = entry.info[guard._KEY]
        imposed.lift()
        script.settings = {name: raw.execute(f"PRAGMA {name}").fetchone() for name in SETTINGS}
        script.settings = {name: row[0] for name, row in script.settings.items() if row is not None}
        imposed.impose()
        raw.number = sum(said.what == "connect" for said in script.said)
        raw.hear = script.said.append
        raw.say("connect")

    event.listen(engine, "do_connect", connecting)
    event.listen(engine, "connect", connected)
    yield
    workspace.close()


# The disk.


@dataclass
class Inode:
    """A file: what the platter surely holds, and what was done to it since the last sync."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        for offset, data in self.pending:
            _apply(self.synced, offset, data)
        self.pending = []

    def after_a_cut(self, chance: random.Random) -> bytes:
        content = bytearray(self.synced)
        for offset, data in self.pending:
            if data is None:
                if chance.random() < 0.5:
                    _apply(content, offset, None)
                continue
            for begin, piece in _sectors(offset, data):
                fate = chance.random()
                if fate < 0.45:
                    _apply(content, begin, piece)
                elif fate < 0.55:
                    _apply(content, begin, chance.randbytes(len(piece)))
        return bytes(content)


def _apply(content: bytearray, offset: int, data: bytes | None) -> None:
    """Write `data` at `offset`, or with None cut or fill the file to that size; a hole holds zeros."""
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    if data is None:
        del content[offset:]
    else:
        content[offset : offset + len(data)] = data


def _sectors(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    begin = offset
    while begin < offset + len(data):
        end = min(begin - begin % SECTOR + SECTOR, offset + len(data))
        yield begin, data[begin - offset : end - offset]
        begin = end


class PowerDisk(apsw.VFS):
    """A file system that knows what a power cut would leave; it lies over the real one, which holds what is read."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name, "")
        self.name = name
        self.calls = 0
        self.seen: Counter[tuple[str, str]] = Counter()
        self.after: Callable[[], None] = lambda: None
        self.fail: Callable[[str], type[apsw.Error] | None] = lambda _call: None
        self._now = {path.name: Inode(bytearray(path.read_bytes())) for path in folder.iterdir() if path.is_file()}
        self._synced = dict(self._now)
        self._changed: dict[str, list[Inode | None]] = {}

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        path = Path(name.filename() if isinstance(name, apsw.URIFilename) else name)
        opened = PowerFile(self, path.name, name, flags)
        if path.name not in self._now:
            self._now[path.name] = Inode()
            self._change(path.name)
        opened.inode = self._now[path.name]
        return opened

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        self.call("delete")
        super().xDelete(filename, syncdir)
        name = Path(filename).name
        del self._now[name]
        self._change(name)
        if syncdir:
            self.sync_folder()
        self.after()

    def call(self, what: str, name: str = "") -> None:
        """Count a call that changes the disk, and fail it if it is told to."""
        self.calls += 1
        self.seen[what, name] += 1
        error = self.fail(what)
        if error is not None:
            raise error

    def sync_folder(self) -> None:
        self._synced = dict(self._now)
        self._changed = {}

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Write into `folder` what the disk may hold if the power fails now; the disk itself goes on."""
        names = dict(self._synced)
        for name, changes in self._changed.items():
            happened = changes[: chance.randint(0, len(changes))]
            if happened and happened[-1] is None:
                names.pop(name, None)
            elif happened:
                names[name] = happened[-1]  # type: ignore[assignment]
        for name, inode in names.items():
            (folder / name).write_bytes(inode.after_a_cut(chance))

    def _change(self, name: str) -> None:
        self._changed.setdefault(name, []).append(self._now.get(name))


class PowerFile(apsw.VFSFile):
    """A file on such a disk."""

    inode: Inode

    def __init__(self, disk: PowerDisk, name: str, given: Any, flags: list[int]) -> None:
        super().__init__("", given, flags)
        self._disk = disk
        self._name = name
        # Like the real one: the first sync of a new log or journal makes its name durable too.
        self._names = bool(flags[0] & (apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        try:
            self._disk.call("write", self._name)
        except apsw.Error:
            # A disk without room takes a part.
            super().xWrite(data[: len(data) // 2], offset)
            raise
        super().xWrite(data, offset)
        self.inode.pending.append((offset, bytes(data)))
        self._disk.after()

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.call("truncate", self._name)
        super().xTruncate(newsize)
        self.inode.pending.append((newsize, None))
        self._disk.after()

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802
        # The sync itself is simulated: the real disk below need not be asked.
        self._disk.call("sync", self._name)
        self.inode.sync()
        if self._names:
            self._disk.sync_folder()
        self._disk.after()


# What the product said, said again.


class Player:
    """Connections of apsw that do what the product's did."""

    def __init__(self, disk: PowerDisk, record: Path, settings: dict[str, Any]) -> None:
        self._disk = disk
        self._record = record
        self._settings = settings
        self.open: dict[int, apsw.Connection] = {}

    def play(self, said: Said) -> None:
        if said.what == "connect":
            self.open[said.connection] = self._connect()
        elif said.what == "close":
            self.open.pop(said.connection).close()
        elif said.what == "run":
            list(self.open[said.connection].execute(said.statement, said.parameters or None))

    def close(self) -> None:
        for connection in self.open.values():
            connection.close()
        self.open = {}

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._record), vfs=self._disk.name)
        for name, value in self._settings.items():
            list(connection.execute(f"PRAGMA {name} = {value}"))
            row = connection.execute(f"PRAGMA {name}").fetchone()
            assert row == (value,), f"{name} is {row}, the product has {value}"
        return connection

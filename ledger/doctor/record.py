"""What the record says of itself, read without changing it: whether it opens, what waits, what nobody has signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pysqlite3.dbapi2 as sqlite3

from ledger import log
from ledger.doctor import database, machine
from ledger.doctor.report import Ask, Sign, fine, trouble, warn
from ledger.store.migrations import HEAD

PATIENCE = timedelta(days=30)
"""How long a draft may wait, and a voucher may be without a checkpoint that covers it."""
_WAL = b"\x02\x02"
"""The bytes by which a file of SQLite says that it has a write-ahead log."""


class _Empty(Exception):  # noqa: N818 - it never leaves this module
    """The file of the record holds nothing."""


def look(path: Path, now: datetime, url: str = "") -> Iterator[Sign]:
    """Open the record for reading and look at it; the clock is compared with its newest entry."""
    signs: list[Sign] = []
    last: datetime | None = None
    try:
        with database.asking(url) if url else _asking(path, signs) as ask:
            _version(ask, signs)
            if not any(sign.grade == "problem" for sign in signs):
                last = last_written(ask)
                signs += [unwritten(ask), drafts(ask, now), checkpoints(ask, now)]
    except FileNotFoundError:
        signs.append(trouble("record", "missing", path=path / "record.db"))
    except OSError as error:
        if url:
            signs.append(trouble("record", "database", reason=error))
        else:
            signs.append(trouble("record", "unreadable", path=path / "record.db", reason=error))
    except _Empty:
        signs.append(trouble("record", "empty", path=path / "record.db"))
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        signs.append(trouble("record", "unfit", path=path / "record.db", reason=str(error).partition("\n")[0]))
    yield machine.clock(now, last)
    yield from signs


@contextmanager
def _asking(path: Path, signs: list[Sign]) -> Iterator[Ask]:
    """Open the record's file so that nothing is made beside it, and nothing in it changes."""
    record = path / "record.db"
    with record.open("rb") as file:
        head = file.read(100)
    if not head:
        raise _Empty
    if head[18:20] != _WAL:
        signs.append(warn("record", "rollback", path=record))
    # Where nobody works and no crash left a log, the file is all there is.
    log_file = path / "record.db-wal"
    how = "mode=ro" if log_file.exists() and log_file.stat().st_size else "immutable=1"
    connection = sqlite3.connect(f"file:{quote(str(record.resolve()))}?{how}", uri=True, timeout=5)
    try:
        yield lambda query: connection.execute(query).fetchall()
    finally:
        connection.close()


def _version(ask: Ask, signs: list[Sign]) -> None:
    [(found,)] = ask("SELECT version_num FROM alembic_version")
    if found > HEAD:
        signs.append(trouble("record", "newer", revision=found, head=HEAD))
        return
    if found < HEAD:
        signs.append(warn("record", "older", revision=found, head=HEAD))
        return
    [(vouchers,)] = ask("SELECT count(*) FROM voucher")
    [(books,)] = ask("SELECT count(*) FROM book")
    if not signs:
        signs.append(fine("record", vouchers=vouchers, books=books))


def last_written(ask: Ask) -> datetime | None:
    """Return the time of the newest entry, None for an empty record."""
    times = (
        "SELECT max(sealed_at) FROM voucher",
        "SELECT max(created_at) FROM users",
        "SELECT max(made_at) FROM work_draft",
    )
    found = [datetime.fromisoformat(time) for query in times for (time,) in ask(query) if time]
    return max(found, default=None)


def unwritten(ask: Ask) -> Sign:
    """Look for months of books that have still to be written."""
    [(count,)] = ask("SELECT count(*) FROM work_dirty")
    return warn("unwritten", "waiting", count=count) if count else fine("unwritten")


def drafts(ask: Ask, now: datetime) -> Sign:
    """Look for drafts that have waited too long for their approver."""
    times = [datetime.fromisoformat(time) for (time,) in ask("SELECT made_at FROM work_draft")]
    old = [time for time in times if now - time > PATIENCE]
    if old:
        return warn("drafts", "old", count=len(old), days=PATIENCE.days, oldest=min(old).date())
    return fine("drafts", count=len(times))


def checkpoints(ask: Ask, now: datetime) -> Sign:
    """Look for vouchers that were sealed long ago, and no checkpoint that was signed here covers them."""
    signed: dict[str, int] = {}
    for (leaf,) in ask(f"SELECT leaf FROM log_leaf WHERE log = '{log.OFFICE}' AND kind = 'checkpoint'"):  # noqa: S608 - a name of ours
        data = json.loads(leaf)["data"]
        signed[data["log"]] = max(signed.get(data["log"], 0), int(data["size"]))
    oldest: datetime | None = None
    sealed = 0
    for book, count in ask("SELECT book, count(*) FROM voucher GROUP BY book"):
        sealed += count
        query = f"SELECT min(sealed_at) FROM voucher WHERE book = '{book}' AND position >= {signed.get(book, 0)}"  # noqa: S608 - a code that was checked
        [(first,)] = ask(query)
        if first:
            oldest = min(datetime.fromisoformat(first), oldest or datetime.fromisoformat(first))
    if sealed and not signed:
        return warn("checkpoints", "never", count=sealed)
    if oldest is not None and now - oldest > PATIENCE:
        return warn("checkpoints", "old", since=oldest.date(), days=PATIENCE.days)
    return fine("checkpoints", count=len(signed))

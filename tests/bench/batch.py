"""Vouchers imported in batches, each fully checked, beside bare executemany of the same rows, at growing sizes.

The same rows are everything that the import wrote: leaves, accounts, balances, postings, vouchers. They are written in
batches of the same size, as durably, twice: into tables without triggers, a table at a time; and into the guarded
tables of the product, a voucher at a time, because their rules accept no other order.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import pysqlite3.dbapi2 as sqlite3
import village

ROUNDS = 3
OF_VOUCHERS = {"log_leaf": "log = 'SF' AND kind = 'voucher'", "posting": "book = 'SF'", "voucher": "book = 'SF'"}
PLACE = {"log_leaf": 1, "posting": 1, "voucher": 1}

Rows = dict[str, list[tuple[Any, ...]]]


def connect(path: Path) -> Any:
    """Return a connection as the product has it."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=1000)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def rows_of(path: Path, after: int) -> tuple[Rows, list[str]]:
    """Return the rows that were written after the voucher with this `seq`, and how the tables are made."""
    record = connect(path)
    first = record.execute("SELECT position FROM voucher WHERE seq = ?", (after + 1,)).fetchone()[0]
    rows = {
        "log_leaf": record.execute(
            "SELECT * FROM log_leaf WHERE log = 'SF' AND position >= ? ORDER BY position", (first,)
        ),
        "posting": record.execute("SELECT * FROM posting WHERE seq > ? ORDER BY seq, line", (after,)),
        "voucher": record.execute("SELECT * FROM voucher WHERE seq > ? ORDER BY seq", (after,)),
    }
    found = {table: list(cursor) for table, cursor in rows.items()}
    rules = [row[0] for row in record.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
    record.close()
    return found, rules


def insert(table: str, rows: Rows) -> str:
    """Return the statement that writes a row of a table."""
    return f"INSERT INTO {table} VALUES ({', '.join('?' for _ in rows[table][0])})"


def by_table(record: Any, rows: Rows, count: int) -> float:
    """Write the rows of each batch a table at a time; return the seconds."""
    begin = time.perf_counter()
    start, line = 0, 0
    while start < count:
        end = min(start + village.BATCH, count)
        last = rows["voucher"][end - 1][1]
        past = line
        while past < len(rows["posting"]) and rows["posting"][past][1] <= last:
            past += 1
        record.execute("BEGIN IMMEDIATE")
        record.execute("PRAGMA defer_foreign_keys = ON")
        record.executemany(insert("log_leaf", rows), rows["log_leaf"][start:end])
        record.executemany(insert("posting", rows), rows["posting"][line:past])
        record.executemany(insert("voucher", rows), rows["voucher"][start:end])
        record.execute("COMMIT")
        start, line = end, past
    return time.perf_counter() - begin


def by_voucher(record: Any, rows: Rows, count: int) -> float:
    """Write the rows voucher by voucher, as the rules of the tables want them; return the seconds."""
    leaf, posting, voucher = (insert(table, rows) for table in ("log_leaf", "posting", "voucher"))
    begin = time.perf_counter()
    line = 0
    for start in range(0, count, village.BATCH):
        record.execute("BEGIN IMMEDIATE")
        for number in range(start, min(start + village.BATCH, count)):
            row = rows["voucher"][number]
            past = line
            while past < len(rows["posting"]) and rows["posting"][past][1] == row[1]:
                past += 1
            record.executemany(leaf, [rows["log_leaf"][number]])
            record.executemany(posting, rows["posting"][line:past])
            record.executemany(voucher, [row])
            line = past
        record.execute("COMMIT")
    return time.perf_counter() - begin


def copied(workspace: Any, target: Path) -> Any:
    """Return a copy of a record before the import."""
    source, copy = connect(workspace), connect(target)
    source.backup(copy)
    source.close()
    copy.close()
    return connect(target)


def main(sizes: list[int]) -> None:
    """Print for each size the medians of all three, and how often the bare ones fit into the import."""
    for size in sizes:
        ours, bare, guarded, books = [], [], [], []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "ws"
                workspace, cycle = village.make(path)
                before = Path(folder) / "before.db"
                copied(workspace.record, before).close()
                after = connect(before).execute("SELECT max(seq) FROM voucher").fetchone()[0]
                found = list(village.proposals(cycle, 0, size))
                begin = time.perf_counter()
                for first in range(0, size, village.BATCH):
                    village.seal_some(workspace, found[first : first + village.BATCH])
                ours.append(time.perf_counter() - begin)
                begin = time.perf_counter()
                village.settle(workspace)
                books.append(time.perf_counter() - begin)
                workspace.close()
                rows, rules = rows_of(workspace.record, after)
                record = copied(before, Path(folder) / "bare.db")
                for rule in rules:
                    record.execute(f"DROP TRIGGER {rule}")
                record.close()
                record = connect(Path(folder) / "bare.db")
                bare.append(by_table(record, rows, size))
                record.close()
                record = copied(before, Path(folder) / "guarded.db")
                guarded.append(by_voucher(record, rows, size))
                record.close()
        a, b, c, d = (statistics.median(each) for each in (ours, bare, guarded, books))
        print(
            f"{size:7} vouchers: imported {a:6.2f} s ({size / a:6.0f}/s), bare executemany {b:6.2f} s ({a / b:4.1f} x), "
            f"into guarded tables {c:6.2f} s ({a / c:4.1f} x); books {d:6.2f} s",
            flush=True,
        )


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [1000, 10_000])

"""The record against itself: storage, rules, numbers, postings, floors and running balances."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection, text

from ledger.chart import channel_of
from ledger.proposals import YEAR_END
from ledger.verify.report import Check


def storage(connection: Connection, check: Check) -> None:
    """Ask the database whether its own pages and references are whole."""
    if connection.dialect.name != "sqlite":
        return
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        check.covered += 1
        if row[0] != "ok":
            check.find("storage", what=row[0])
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        check.find("reference", table=row[0], row=row[1], to=row[2])


def schema(connection: Connection, check: Check) -> None:
    """Compare every table, index and trigger with what the migrations make: a rule may have been taken out.

    What they make stands in ``schema.json``; a test compares it with the migrations.
    """
    if connection.dialect.name != "sqlite":
        return
    stored = schema_of(connection)
    expected = json.loads(files("ledger.store.migrations").joinpath("schema.json").read_text(encoding="utf-8"))
    for name in sorted(stored.keys() | expected.keys()):
        check.covered += 1
        if stored.get(name) != expected.get(name):
            check.find("schema", name=name, type=(stored.get(name) or expected[name])[0])


def schema_of(connection: Connection) -> dict[str, list[str]]:
    """Return type and text of every table, index and trigger of an SQLite record by name."""
    query = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    return {row.name: [row.type, row.sql] for row in connection.exec_driver_sql(query)}


def numbers(connection: Connection, check: Check) -> None:
    """Look for gaps, dates that go back, and vouchers that one person made and sealed."""
    book, seq, last, counts = "", -1, "", defaultdict[str, int](int)
    for row in connection.execute(
        text("SELECT book, seq, number, date, maker, approver FROM voucher ORDER BY book, seq")
    ):
        check.covered += 1
        if row.book != book:
            book, seq, last, counts = row.book, -1, "", defaultdict(int)
        seq += 1
        counts[row.date[:7]] += 1
        expected = f"{row.date[:7]}-{counts[row.date[:7]]:04}"
        if row.seq != seq or row.number != expected:
            check.find("gap", book=book, number=row.number, expected=expected)
            seq = row.seq
        if row.date < last:
            check.find("date-back", book=book, number=row.number, date=row.date, last=last)
        last = row.date
        if row.maker == row.approver:
            check.find("one-person", book=book, number=row.number, user=row.maker)


def postings(connection: Connection, check: Check) -> None:
    """Look at each voucher for channels that do not sum to zero, two projects, and a broken mirror."""
    for number, lines in vouchers(connection):
        check.covered += 1
        sums: dict[str, int] = defaultdict(int)
        mirrors: dict[tuple[str, str], int] = defaultdict(int)
        for line in lines:
            sums[line.commodity] += line.amount
            if line.mirror and line.kind != "quantity" and line.event != YEAR_END:
                sign = -1 if line.kind == "budget" else 1
                mirrors[line.mirror, channel_of(line.commodity)] += sign * line.amount
            if line.account_project not in {"", line.project} and line.event != YEAR_END:
                check.find("two-projects", book=line.book, number=number, other=line.account_project)
        for commodity, off in sums.items():
            if off:
                check.find("unbalanced", book=lines[0].book, number=number, channel=commodity, off=off)
        for (group, channel), off in mirrors.items():
            if off:
                check.find("mirror", book=lines[0].book, number=number, channel=channel, group=group, off=off)


def floors(connection: Connection, check: Check) -> None:
    """Play all postings again in the order of their seals: floors on the way, running balances at the end."""
    now: dict[tuple[str, str, str], int] = defaultdict(int)
    for number, lines in vouchers(connection):
        for line in lines:
            now[line.book, line.account, line.commodity] += line.amount
        for line in lines:
            check.covered += 1
            amount = now[line.book, line.account, line.commodity]
            if line.floored and line.normal * amount < 0:
                facts = {"book": line.book, "account": line.account, "channel": line.commodity}
                check.find("floor", number=number, amount=amount, **facts)
    query = text("SELECT book, account, commodity, amount FROM balance ORDER BY book, account, commodity")
    stored = {(row.book, row.account, row.commodity): row.amount for row in connection.execute(query)}
    for key in sorted(stored.keys() | now.keys()):
        check.covered += 1
        if stored.get(key, 0) != now.get(key, 0):
            book, account, channel = key
            facts = {"book": book, "account": account, "channel": channel}
            check.find("balance", stored=stored.get(key, 0), replayed=now.get(key, 0), **facts)


_LINES = text(
    "SELECT v.book, v.seq, v.number, v.event, v.project, p.account, p.commodity, p.amount, a.mirror, a.normal, "
    "a.floored, "
    "a.project AS account_project, c.kind FROM voucher v LEFT JOIN posting p ON p.book = v.book AND p.seq = v.seq "
    "LEFT JOIN account a ON a.book = p.book AND a.name = p.account LEFT JOIN commodity c ON c.code = p.commodity "
    "ORDER BY v.book, v.seq, p.line"
)


def vouchers(connection: Connection) -> Iterator[tuple[str, list[Any]]]:
    """Yield every voucher's number and lines, book by book in the order of their seals."""
    key: tuple[str, int] | None = None
    lines: list[Any] = []
    number = ""
    for row in connection.execute(_LINES):
        if (row.book, row.seq) != key:
            if key is not None:
                yield number, lines
            key, number, lines = (row.book, row.seq), row.number, []
        if row.account is not None:
            lines.append(row)
    if key is not None:
        yield number, lines

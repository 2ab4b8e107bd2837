"""One walk through a book: its vouchers with their postings, papers, personal data and leaves, every row read once.

The rows come side by side in the order of their seals, and nothing is kept but what stands in each account, so that
the memory that a walk needs does not grow with the book.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import closed, log, periods
from ledger.books.text import voucher_text
from ledger.leaves import BEHIND, Voucher, voucher_leaf
from ledger.money import plain
from ledger.proposals import CLOSED, REVERSAL, YEAR_END
from ledger.register import Book
from ledger.statements.period import Period
from ledger.store import sql
from ledger.store.sql import Row
from ledger.verify.accounts import Accounts, Part
from ledger.verify.leaves import Leaves
from ledger.verify.months import Months
from ledger.verify.registers import Registers
from ledger.verify.report import Check

Tell = Callable[[int], None]
STEP = 1024
"""After so many vouchers somebody is told how far it is; a power of two."""


@dataclass(frozen=True)
class Checks:
    """What the walk fills: all of it at once, because reading the rows is the larger part of the work."""

    numbers: Check
    postings: Check
    balances: Check
    log: Check
    books: Check


class Walk:
    """The vouchers of a book from the first to the last."""

    def __init__(
        self, connection: Connection, book: Book, checks: Checks, registers: Registers, leaves: Leaves, months: Months
    ) -> None:
        self._connection = connection
        self._book = book.code
        self._checks = checks
        self._registers = registers
        self._leaves = leaves
        self._months = months
        self._accounts = Accounts(connection, book)
        self._granted = _granted(connection, book.code)
        self._seq, self._last = -1, book.started_on
        self._deeds, self._through = deque(closed.deeds(connection, book.code)), ""
        self._counts: dict[str, int] = defaultdict(int)

    def go(self, tell: Tell) -> None:
        """Look at every voucher, then at what the book has come to."""
        where = {"book": self._book}
        self._accounts.check(self._checks.balances)
        postings = _Beside(sql.stream(self._connection, _POSTINGS, where))
        papers = _Beside(sql.stream(self._connection, _DOCUMENTS, where))
        private = _Beside(sql.stream(self._connection, _PRIVATE, where))
        done = 0
        for row in sql.stream(self._connection, _VOUCHERS, where):
            voucher = Voucher._make(row)
            seq = voucher.seq
            self._number(voucher)
            lines = postings.of(seq)
            shown = self._post(voucher, lines)
            held = papers.of(seq)
            facts = self._leaf(voucher, shown, held, private.of(seq))
            self._write(voucher, facts, lines, shown, held)
            done += 1
            if not done & (STEP - 1):
                tell(STEP)
        tell(done & (STEP - 1))
        self._checks.numbers.covered += done
        self._checks.postings.covered += done
        self._months.close()
        self._leaves.finish(done)
        self._accounts.finish(self._checks.balances)
        self._statements()

    def _statements(self) -> None:
        """Make the statements of every closed month again: they are what they were when it was closed."""
        for deed in closed.standing(self._connection, self._book):
            month, told = str(deed.data["month"]), deed.data["statements"]
            made = periods.hashes(self._connection, self._book, Period(month))
            self._checks.log.covered += len(made)
            for name in sorted(name for name in made if told.get(name) != made[name]):
                self._checks.log.find("statement-changed", book=self._book, month=month, name=name)

    def _number(self, voucher: Voucher) -> None:
        """Look for gaps, dates that go back, and hands that may not make or approve."""
        check, book, number, day = self._checks.numbers, self._book, voucher.number, voucher.date
        self._seq += 1
        month = day[:7]
        self._counts[month] += 1
        expected = f"{month}-{self._counts[month]:04}"
        if voucher.seq != self._seq or number != expected:
            check.find("gap", book=book, number=number, expected=expected)
            self._seq = voucher.seq
        if day < self._last:
            check.find("date-back", book=book, number=number, date=day, last=self._last)
        self._last = day
        while self._deeds and self._deeds[0].position < voucher.position:
            self._through = str(self._deeds.popleft().data.get("through", ""))
        if day[:7] <= self._through:
            check.find("month-closed", book=book, number=number, date=day, through=self._through)
        if voucher.maker == voucher.approver:
            check.find("one-person", book=book, number=number, user=voucher.maker)
        for role, user in (("maker", voucher.maker), ("approver", voucher.approver)):
            if not any(voucher.sealed_at <= until for until in self._granted.get((role, user), ())):
                check.find("role-missing", book=book, number=number, user=user, role=role)

    def _post(self, voucher: Voucher, lines: list[Row]) -> list[tuple[Part, str]]:  # noqa: C901 - one rule each
        """Look at a voucher's postings, move the balances by them, and return them with their amounts as text."""
        check, book, number = self._checks.postings, self._book, voucher.number
        closing = self._closes(voucher)
        sums: dict[str, int] = {}
        mirrors: dict[tuple[str, str], int] = {}
        shown = []
        for _, _, account, commodity, amount in lines:
            part = self._accounts.part(account, commodity, number, check)
            part.now += amount
            sums[commodity] = sums.get(commodity, 0) + amount
            if part.mirror:
                mirrors[part.mirror] = mirrors.get(part.mirror, 0) + part.sign * amount
            if part.project and part.project != voucher.project and not closing:
                check.find("two-projects", book=book, number=number, other=part.project)
            shown.append((part, plain(amount, part.scale)))
        for commodity, off in sums.items():
            if off:
                check.find("unbalanced", book=book, number=number, channel=commodity, off=off)
        for (group, channel), off in mirrors.items():
            if off and not closing:
                check.find("mirror", book=book, number=number, channel=channel, group=group, off=off)
        for part, _ in shown:
            if part.floor * part.now < 0:
                facts = {"book": book, "account": part.account, "channel": part.commodity}
                self._checks.balances.find("floor", number=number, amount=part.now, **facts)
        self._checks.balances.covered += len(lines)
        if not lines or lines[0][1] != 0 or lines[-1][1] != len(lines) - 1:
            check.find("lines", book=book, number=number)
        if closing and any(part.role not in CLOSED for part, _ in shown):
            check.find("year-end", book=book, number=number)
        if voucher.event == REVERSAL or voucher.reverses is not None:
            self._reversal(voucher, lines)
        return shown

    def _closes(self, voucher: Voucher) -> bool:
        """Tell whether a voucher is a year end or takes one back: both stand outside the mirror."""
        if voucher.event != REVERSAL:
            return voucher.event == YEAR_END
        query = "SELECT event FROM voucher WHERE book = :book AND seq = :seq"
        undone = sql.first(self._connection, query, {"book": self._book, "seq": voucher.reverses})
        return undone is not None and undone[0] == YEAR_END

    def _reversal(self, voucher: Voucher, lines: list[Row]) -> None:
        """Make sure that a reversal takes back all of one voucher, and that nothing else claims to."""
        where = {"book": self._book, "seq": voucher.reverses}
        left: dict[tuple[str, str], int] = defaultdict(int)
        for _, _, account, commodity, amount in [*lines, *sql.rows(self._connection, _REVERSED, where)]:
            left[account, commodity] += amount
        known = sql.first(self._connection, "SELECT reverses FROM voucher WHERE book = :book AND seq = :seq", where)
        if voucher.event != REVERSAL or known is None or known[0] is not None or any(left.values()):
            self._checks.postings.find("reversal", book=self._book, number=voucher.number)

    def _leaf(
        self, voucher: Voucher, shown: list[tuple[Part, str]], papers: list[Row], private: list[Row]
    ) -> dict[str, Any] | None:
        """Make the voucher's leaf again from its rows, and return its facts, None if they cannot be read."""
        check, book, number = self._checks.log, self._book, voucher.number
        facts: dict[str, Any] | None = {}
        if voucher.facts != "{}":
            facts = _facts(voucher.facts)
        reverses = None
        if voucher.reverses is not None:
            where = {"book": book, "seq": voucher.reverses}
            reverses = (sql.first(self._connection, _NUMBER, where) or ("?",))[0]
        leaf, hashed = self._leaves.at(voucher.position)
        postings = ",".join([f"{part.json}{amount}{BEHIND}" for part, amount in shown])
        held = [paper[1:] for paper in papers] if papers else ()
        if voucher_leaf(book, voucher, postings, held, reverses) != leaf or hashed != voucher.leaf_hash:
            check.find("leaf", book=book, number=number)
        for _, field, value, salt in private:
            check.covered += 1
            if facts is None or not _is_committed(facts.get(f"{field}-commitment"), value, salt):
                check.find("commitment", book=book, number=number, field=field)
        if voucher.event in {"contract", "acceptance"} and facts is not None:
            self._registers.follow(book, voucher, facts)
        return facts

    def _write(
        self,
        voucher: Voucher,
        facts: dict[str, Any] | None,
        lines: list[Row],
        shown: list[tuple[Part, str]],
        papers: list[Row],
    ) -> None:
        """Write the voucher again as the books show it, and compare."""
        first = lines[0][2] if lines else ""
        body = "".join([f"{part.before}{text}{part.behind}" for part, text in shown])
        names = [(f"{sha256}{suffix}", size) for _, sha256, suffix, size in papers] if papers else ()
        text = None
        if facts is not None:
            try:
                text = voucher_text(voucher, facts, body, first, names)
            except (ValueError, TypeError, KeyError, AttributeError):
                text = None
        self._months.compare(voucher.number, text)


class _Beside:
    """Rows that belong to vouchers, in the order of the vouchers: (seq, …)."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, seq: int) -> list[Row]:
        """Return the rows of a voucher; what belongs to none is left behind."""
        found = []
        row = self._next
        while row is not None and row[0] <= seq:
            if row[0] == seq:
                found.append(row)
            row = next(self._rows, None)
        self._next = row
        return found


def _facts(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _is_committed(promised: object, value: str, salt: str) -> bool:
    try:
        return log.commitment(bytes.fromhex(salt), value) == promised
    except ValueError:
        return False


def _granted(connection: Connection, book: str) -> dict[tuple[str, str], list[str]]:
    """Return until when each had a role: what was taken back counts for what was sealed before."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for role, user, until in sql.rows(connection, _GRANTED, {"book": book}):
        found[role, user].append(until or _FOREVER)
    return found


_FOREVER = "\uffff"
"""Behind every time."""
_GRANTED = """SELECT g.role, g."user", r.revoked_at FROM role_grant g LEFT JOIN role_revocation r
  ON r."user" = g."user" AND r.role = g.role AND r.book = g.book AND r.nth = g.nth WHERE g.book IN (:book, '*')"""
_VOUCHERS = f"SELECT {', '.join(Voucher._fields)} FROM voucher WHERE book = :book ORDER BY seq"  # noqa: S608 - names of ours
_POSTINGS = "SELECT seq, line, account, commodity, amount FROM posting WHERE book = :book ORDER BY seq, line"
_DOCUMENTS = "SELECT seq, sha256, suffix, size FROM document WHERE book = :book ORDER BY seq, sha256"
_PRIVATE = "SELECT seq, field, value, salt FROM private_value WHERE book = :book ORDER BY seq, field"
_REVERSED = "SELECT seq, line, account, commodity, amount FROM posting WHERE book = :book AND seq = :seq"
_NUMBER = "SELECT number FROM voucher WHERE book = :book AND seq = :seq"

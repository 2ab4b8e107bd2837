"""What moved in a period: one row for each account and channel, with what stood before and what stands at the end.

A reversal counts negative on the side of what it takes back, so that turnover stays true.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from ledger.statements.period import Period
from ledger.store import sql


class Move(NamedTuple):
    """An account and a channel, in fen: what stood before the period, both sides of it; a debit is positive."""

    account: str
    role: str
    project: str
    bank: str
    channel: str
    kind: str
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        """Return what stands at the end of the period."""
        return self.opening + self.debit - self.credit


class Line(NamedTuple):
    """One posting of the period with what its voucher says; the event of a reversal is that of what it takes back."""

    number: str
    date: str
    event: str
    project: str
    payee: str
    narration: str
    account: str
    role: str
    channel: str
    amount: int
    reversal: int

    @property
    def debit(self) -> int:
        """Return what it debits, below zero where it takes a debit back."""
        return self.amount if (self.amount > 0) != bool(self.reversal) else 0

    @property
    def credit(self) -> int:
        """Return what it credits, below zero where it takes a credit back."""
        return -self.amount if (self.amount > 0) == bool(self.reversal) else 0


def moves(connection: Connection, book: str, period: Period) -> list[Move]:
    """Return what moved of money and budget, by account and channel; what never moved until the end is left out."""
    where = {"book": book, "since": period.since, "until": period.until}
    return [Move(*row[:6], *map(int, row[6:])) for row in sql.rows(connection, _MOVES, where)]


def lines(connection: Connection, book: str, period: Period) -> list[Line]:
    """Return the postings of money in the period, in the order of their seals."""
    where = {"book": book, "since": period.since, "until": period.until}
    return [Line(*row) for row in sql.rows(connection, _LINES, where)]


_MOVES = """
SELECT p.account, a.role, a.project, a.bank, c.channel, c.kind,
  sum(CASE WHEN v.date < :since THEN p.amount ELSE 0 END),
  sum(CASE WHEN v.date >= :since AND (p.amount > 0) = (v.reverses IS NULL) THEN p.amount ELSE 0 END),
  sum(CASE WHEN v.date >= :since AND (p.amount < 0) = (v.reverses IS NULL) THEN -p.amount ELSE 0 END)
FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq
  JOIN account a ON a.book = p.book AND a.name = p.account JOIN commodity c ON c.code = p.commodity
WHERE p.book = :book AND v.date <= :until AND c.kind <> 'quantity'
GROUP BY p.account, a.role, a.project, a.bank, c.channel, c.kind ORDER BY p.account, c.channel, c.kind
"""
_LINES = """
SELECT v.number, v.date, coalesce(r.event, v.event), v.project, v.payee, v.narration,
  p.account, a.role, p.commodity, p.amount,
  CASE WHEN v.reverses IS NULL THEN 0 ELSE 1 END
FROM voucher v JOIN posting p ON p.book = v.book AND p.seq = v.seq
  JOIN account a ON a.book = p.book AND a.name = p.account JOIN commodity c ON c.code = p.commodity
  LEFT JOIN voucher r ON r.book = v.book AND r.seq = v.reverses
WHERE v.book = :book AND v.date >= :since AND v.date <= :until AND c.kind = 'money' ORDER BY v.seq, p.line
"""

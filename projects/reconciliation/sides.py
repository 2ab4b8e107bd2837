"""The two sides of a reconciliation: what the bank says it moved, and what the book says the account moved."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import Connection

from ledger.store import sql
from ledger.vouchers import drafts


@dataclass(frozen=True)
class AtBank:
    """A line of a statement; `amount` in fen, money in positive. `row` is 0 for one of an earlier statement."""

    key: str
    date: str
    amount: int
    payee: str = ""
    text: str = ""
    serial: str = ""
    row: int = 0

    @property
    def label(self) -> str:
        """Return how people tell it from others: its number, payee and words."""
        return " ".join(filter(None, (self.serial, self.payee, self.text)))

    @cached_property
    def day(self) -> int:
        """Return the day as a number, so that days can be counted between two of them."""
        return date.fromisoformat(self.date).toordinal()


@dataclass(frozen=True)
class InBook:
    """A sealed voucher by what it moved in one bank account, all its channels together, money in positive."""

    seq: int
    number: str
    date: str
    amount: int
    payee: str = ""
    text: str = ""
    event: str = ""
    project: str = ""
    contract: str = ""
    channels: tuple[str, ...] = ()
    bank: str = ""
    undoes: int | None = None
    undone: bool = False
    """A voucher and its reversal never come to the bank: what was not to be was not paid."""
    person: bool = False
    numbers: frozenset[str] = field(default=frozenset())
    """Numbers that the clerk wrote down, such as the bank's serial number."""

    @property
    def label(self) -> str:
        """Return how people tell it from others: its number, payee and words."""
        return " ".join(filter(None, (f"V{self.number}", self.payee, self.text)))

    @cached_property
    def day(self) -> int:
        """Return the day as a number."""
        return date.fromisoformat(self.date).toordinal()


def in_book(connection: Connection, book: str, bank: str | None = None) -> list[InBook]:
    """Return what a bank account (or each of them) moved, voucher by voucher, oldest first.

    A voucher that moves money between channels of one account moves nothing at the bank and is left out. Names of
    persons are those of the record's private store, because the bank does not mask them.
    """
    names: dict[int, str] = {
        int(seq): str(value)
        for seq, value in sql.rows(
            connection, "SELECT seq, value FROM private_value WHERE book = :book AND field = 'payee'", {"book": book}
        )
    }
    rows = sql.rows(connection, _MOVED, {"book": book})
    undone = {row[10] for row in rows if row[10] is not None}
    found: dict[tuple[int, str], InBook] = {}
    channels: dict[tuple[int, str], set[str]] = {}
    for seq, number, day, event, project, contract, payee, narration, facts, account, reverses, channel, amount in rows:
        if bank is not None and account != bank:
            continue
        key = (seq, account)
        channels.setdefault(key, set()).add(channel)
        said = json.loads(facts)
        made = found.get(key)
        found[key] = InBook(
            seq=seq,
            number=number,
            date=day,
            amount=int(amount) + (made.amount if made else 0),
            payee=names.get(seq) or str(payee),
            text=narration,
            event=event,
            project=project,
            contract=contract,
            channels=tuple(sorted(channels[key])),
            bank=account,
            undoes=reverses,
            undone=seq in undone,
            person=seq in names,
            numbers=frozenset(str(value) for value in said.values()) | frozenset(narration.split()),
        )
    return [each for each in found.values() if each.amount]


def in_drafts(connection: Connection, book: str, bank: str) -> list[InBook]:
    """Return what the waiting drafts of a book will move in a bank account; each is numbered by its label."""
    found = []
    for each in drafts(connection, book):
        proposal = each.proposal
        amount = sum(line.amount for line in proposal.lines if line.account.bank == bank)
        if amount:
            payee = proposal.private.get("payee") or proposal.payee
            numbers = frozenset(proposal.facts.values()) | frozenset(proposal.narration.split())
            day = proposal.date.isoformat()
            found.append(InBook(each.id, each.label, day, amount, payee, proposal.narration, numbers=numbers))
    return found


def in_opening(voucher: InBook, since: str) -> bool:
    """Tell whether the bank's opening balance has a voucher: it is before the first statement, or an opening itself."""
    return voucher.date < since or voucher.event == "opening"


def balance_on(connection: Connection, book: str, bank: str, day: str) -> int:
    """Return what the book says the account holds at the end of a day, all channels together, in fen."""
    row = sql.first(connection, _BALANCE, {"book": book, "bank": bank, "day": day})
    return int(row[0]) if row else 0


_MOVED = (
    "SELECT v.seq, v.number, v.date, v.event, v.project, v.contract, v.payee, v.narration, v.facts, a.bank, "
    "v.reverses, p.commodity, sum(p.amount) FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE a.book = :book AND a.bank <> '' "
    "GROUP BY v.seq, v.number, v.date, v.event, v.project, v.contract, v.payee, v.narration, v.facts, a.bank, "
    "v.reverses, p.commodity ORDER BY v.seq, a.bank, p.commodity"
)
_BALANCE = (
    "SELECT coalesce(sum(p.amount), 0) FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE a.book = :book AND a.bank = :bank AND v.date <= :day"
)

"""Period close: a month of a book that is over, reconciled and read is closed, and nothing is dated into it any more.

A close is a leaf of its book's log. It holds what each statement of the month is, as the SHA-256 of its text, so that
anybody can make the statements again and see that they are what they were. A close that was wrong is undone by another
leaf, with a reason, but only until a checkpoint has signed it. The database reads the same leaves: what is dated into a
closed month is refused there too, and so is a leaf that closes or opens out of turn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger import facts, log, money, people
from ledger.books.keys import BALANCE
from ledger.closed import CLOSE, KIND, REOPEN, closed_through, deeds
from ledger.errors import (
    MonthNotNext,
    MonthNotReopened,
    MonthUnreconciled,
    MonthWaiting,
    Names,
    Refusal,
    TextMissing,
    YearNotEnded,
)
from ledger.register import list_banks, need_book
from ledger.statements.made import STATEMENTS
from ledger.statements.moves import moves
from ledger.statements.period import Period, following
from ledger.statements.statement import text
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import words
from ledger.waiting import waiting

RESULT = {"subsidy_income", "welfare_expense", "other_expense"}
"""What a year end carries over (503, 514, 515)."""
DECEMBER = "12"


@dataclass(frozen=True)
class Due:
    """The month of a book that is to be closed next: what stands in the way, and the banks' balances that will be kept.

    Obstacles are refusals, in the order in which a close makes them; only a bank account that is not reconciled
    can be passed over, with a reason.
    """

    month: Period
    obstacles: tuple[Refusal, ...]
    banks: Mapping[str, str]

    @property
    def needs_reason(self) -> bool:
        """Tell whether it can be closed with a reason only."""
        return any(isinstance(each, MonthUnreconciled) for each in self.obstacles)

    @property
    def can_be_closed(self) -> bool:
        """Tell whether it can be closed, be it with a reason."""
        return all(isinstance(each, MonthUnreconciled) for each in self.obstacles)


def due(connection: Connection, book: str, *, today: date) -> Due:
    """Return which month of a book is to be closed next, and all that stands in the way."""
    through = closed_through(connection, book)
    month = Period(following(through) if through else need_book(connection, book).started_on[:7])
    found: list[Refusal] = []
    if month.until >= today.isoformat():
        found.append(MonthNotNext(about="running", month=month.name, due=month.name, book=book, until=month.until))
    drafts = [each for each in waiting(connection, book) if each.proposal["date"] <= month.until]
    if drafts:
        found.append(MonthWaiting(month=month.name, drafts=Names(f"D{each.id}" for each in drafts), book=book))
    if _lacks_year_end(connection, book, month):
        found.append(YearNotEnded(year=month.name[:4], month=month.name, until=month.until, book=book))
    banks, lacking = _banks(connection, book, month)
    if lacking:
        found.append(MonthUnreconciled(month=month.name, banks=Names(lacking), until=month.until, book=book))
    return Due(month, tuple(found), banks)


def close(unit: Unit, book: str, month: Period, *, by: str, reason: str = "") -> dict[str, Any]:
    """Close a month and return what its leaf says; `reason` says why a bank account is not reconciled.

    Raises:
        RoleMissing: only who approves closes.
        MonthNotNext: another month is due, or this one is not over.
        MonthWaiting: drafts wait in it.
        YearNotEnded: it is December, and income and expense were not carried over.
        MonthUnreconciled: a bank account that moved is not reconciled, and no reason was given.
    """
    people.need_role(unit.connection, by, "approver", book)
    waits = due(unit.connection, book, today=unit.now.date())
    if month.name != waits.month.name:
        raise MonthNotNext(month=month.name, due=waits.month.name, book=book, until=month.until)
    for each in waits.obstacles:
        if not (reason and isinstance(each, MonthUnreconciled)):
            raise each
    count = sql.first(unit.connection, _COUNT, {"book": book, "until": month.until})
    data = {
        "deed": CLOSE,
        "month": month.name,
        "through": month.name,
        "by": by,
        "at": unit.now.isoformat(timespec="seconds"),
        "reason": words(reason, "reason", needed=False),
        "vouchers": int(count[0]) if count else 0,
        "statements": hashes(unit.connection, book, month),
        "banks": dict(waits.banks),
    }
    return data | {"position": log.append(unit, book, KIND, data)[0]}


def reopen(unit: Unit, book: str, month: Period, *, by: str, reason: str) -> dict[str, Any]:
    """Open the month that was closed last again, with a reason.

    Raises:
        RoleMissing: only who approves reopens.
        TextMissing: no reason is given.
        MonthNotReopened: it is not the last one that was closed, or a checkpoint has signed its close.
    """
    people.need_role(unit.connection, by, "approver", book)
    if not reason:
        raise TextMissing(field="reason")
    before = deeds(unit.connection, book)
    through = str(before[-1].data["through"]) if before else ""
    if month.name != through:
        raise MonthNotReopened(about="last" if through else "none", month=month.name, last=through, book=book)
    position = max(each.position for each in before if each.data["deed"] == CLOSE and each.data["month"] == through)
    if signed_beyond(unit.connection, book, position):
        raise MonthNotReopened(month=month.name, last=through, book=book)
    earlier = [str(each.data["through"]) for each in before if each.position < position]
    data = {
        "deed": REOPEN,
        "month": month.name,
        "through": earlier[-1] if earlier else "",
        "by": by,
        "at": unit.now.isoformat(timespec="seconds"),
        "reason": words(reason, "reason"),
        "vouchers": 0,
        "statements": {},
        "banks": {},
    }
    return data | {"position": log.append(unit, book, KIND, data)[0]}


def signed_beyond(connection: Connection, book: str, position: int) -> bool:
    """Tell whether a checkpoint has signed the leaf at a position."""
    found = (data for _, data in log.deeds(connection, "checkpoint"))
    return any(data.get("log") == book and int(data.get("size", 0)) > position for data in found)


def hashes(connection: Connection, book: str, month: Period) -> dict[str, str]:
    """Return the SHA-256 of the text of each statement of a month."""
    return {
        name: hashlib.sha256(text(make(connection, book, month)).encode()).hexdigest()
        for name, make in STATEMENTS.items()
    }


def _lacks_year_end(connection: Connection, book: str, month: Period) -> bool:
    if month.name[5:] != DECEMBER:
        return False
    return any(each.closing for each in moves(connection, book, month) if each.role in RESULT)


def _banks(connection: Connection, book: str, month: Period) -> tuple[dict[str, str], list[str]]:
    """Return the bank's balance of every account that is reconciled at the month's end, and those that are not."""
    told = {each.subject: each for each in facts.facts(connection, book, BALANCE) if each.on == month.until}
    held: dict[str, int] = {}
    for each in moves(connection, book, month):
        if each.bank and each.kind == "money":
            held[each.bank] = held.get(each.bank, 0) + each.closing
    found, lacking = {}, []
    for bank in list_banks(connection, book):
        fact = told.get(bank.code)
        if fact is not None and fact.data["book-balance"] == money.plain(held.get(bank.code, 0)):
            found[bank.code] = str(fact.data["balance"])
        elif bank.code in held:
            lacking.append(bank.code)
    return found, lacking


_COUNT = "SELECT count(*) FROM voucher WHERE book = :book AND date <= :until"

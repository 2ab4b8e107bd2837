"""Balances that the bank confirms, as assertions of Beancount: where an account holds one channel, and they are final.

A bank reports one balance for all channels of an account, so that only an account of a single channel can be asserted;
for the others the fact in the register says it, on the whole account. What is under way at a month end makes the
book's balance another one than the bank's, and nothing is asserted then. Nor is it before a voucher of a later day
is sealed: until then one of that month may still come, and no book that is right may fail its check.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Connection

from ledger import facts, money
from ledger.books.keys import BALANCE
from ledger.register import list_banks
from ledger.store import sql


def confirmed(connection: Connection, book: str, *, on: str, opened: Iterable[str]) -> str:
    """Return what is asserted of a book's bank accounts; `on` is its first day, `opened` the accounts it opens.

    The account of the whole bank account is opened where only its projects' are.
    """
    found = facts.facts(connection, book, BALANCE)
    if not found:
        return ""
    last = sql.first(connection, _LAST, {"book": book})
    names = set(opened)
    text = ""
    for bank in list_banks(connection, book):
        if len(bank.channels) != 1:
            continue
        [channel] = bank.channels
        balances = {each.on: str(each.data.get("balance")) for each in found if each.subject == bank.code}
        kept = {
            day: said
            for day, said in sorted(balances.items())
            if last and day < last[0] and said == money.plain(_held(connection, book, bank.code, day))
        }
        whole = next((_whole(name, bank.component) for name in sorted(names) if bank.component in name.split(":")), "")
        if not kept or not whole:
            continue
        text += "" if whole in names else f"{on} open {whole}  {channel}\n"
        for day, said in kept.items():
            text += f"{date.fromisoformat(day) + timedelta(days=1)} balance {whole}  {said} {channel}\n"
    return text


def _whole(name: str, component: str) -> str:
    parts = name.split(":")
    return ":".join(parts[: parts.index(component) + 1])


def _held(connection: Connection, book: str, bank: str, day: str) -> int:
    row = sql.first(connection, _HELD, {"book": book, "bank": bank, "day": day})
    return int(row[0]) if row else 0


_LAST = "SELECT date FROM voucher WHERE book = :book ORDER BY seq DESC LIMIT 1"
_HELD = (
    "SELECT coalesce(sum(p.amount), 0) FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE a.book = :book AND a.bank = :bank AND v.date <= :day"
)

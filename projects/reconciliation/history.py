"""What earlier reconciliations of a bank account have taken, as facts in the book's log.

A `statement` fact holds the lines that were taken, each by its key, day and amount, and which vouchers they are; the
file itself is its paper. Names stay in that file: none of them enters the log. A `bank-balance` fact holds what the
bank says of a month end that reconciles: the books show it as a directive on the whole account, because the bank
reports one balance for all channels. Facts that are withdrawn count no more, and their lines may be taken again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from importers.banks import Statement, keys
from ledger import facts
from ledger.books.keys import BALANCE
from ledger.facts import Fact
from projects.errors import StatementGap, StatementOfOther
from projects.reconciliation.sides import AtBank

STATEMENT = "statement"
_TAIL = 4


@dataclass
class History:
    """The lines of an account that were taken so far, and what they were matched with (keys, voucher numbers)."""

    lines: dict[str, AtBank] = field(default_factory=dict)
    matched: list[tuple[list[str], list[str]]] = field(default_factory=list)
    files: dict[str, Fact] = field(default_factory=dict)
    of_file: dict[str, str] = field(default_factory=dict)
    """For each line the hash of the file that it came in."""
    account: str = ""
    opening: int = 0
    first: str = ""
    closing: int = 0
    last: str = ""
    balances: dict[str, int] = field(default_factory=dict)
    """What the bank says of month ends that reconcile."""


def read_history(connection: Connection, book: str, bank: str) -> History:
    """Return what was taken of a bank account, oldest first."""
    made = History()
    for fact in facts.facts(connection, book, STATEMENT, BALANCE, subject=bank):
        if fact.kind == BALANCE:
            made.balances[fact.on] = _fen(fact.data["balance"])
            continue
        said = fact.data
        if not made.lines:
            made.opening, made.first = _fen(said["opening"]), str(said["from"])
        for key, day, amount in said["lines"]:
            made.lines[key] = AtBank(key=key, date=day, amount=_fen(amount))
            made.of_file[key] = said["file"]
        made.matched += [(list(some), list(others)) for some, others in said["matched"]]
        made.files.setdefault(said["file"], fact)
        made.account = str(said["account"]) or made.account
        if said["lines"]:
            made.closing, made.last = _fen(said["closing"]), str(said["to"])
    return made


def fresh(history: History, statement: Statement, *, bank: str) -> list[AtBank]:
    """Return the lines of a statement that were not taken before.

    Raises:
        StatementOfOther: it is of another account than the statements before.
        StatementGap: its lines do not go on from where the last statement ended.
    """
    tail = account_of(statement)
    if tail and history.account and tail != history.account:
        raise StatementOfOther(bank=bank, has=tail, before=history.account)
    found: list[AtBank] = []
    for key, line in zip(keys(statement.lines), statement.lines, strict=True):
        if key in history.lines:
            continue
        if not found and history.lines:
            opening = (line.balance or 0) - line.amount
            facts_of = {"bank": bank, "row": line.row, "date": line.date, "last": history.last}
            if line.date < history.last:
                raise StatementGap(about="older", **facts_of)
            if opening != history.closing:
                raise StatementGap(opening=opening, closing=history.closing, **facts_of)
        found.append(AtBank(key, line.date, line.amount, line.payee, line.text, line.serial, line.row))
    return found


def account_of(statement: Statement) -> str:
    """Return the last digits of the account's number: enough to tell accounts apart, too few to pay with."""
    digits = "".join(each for each in statement.own if each.isdigit())
    return digits[-_TAIL:] if len(digits) >= _TAIL else ""


def _fen(text: Any) -> int:
    whole, _, part = str(text).lstrip("-").partition(".")
    return (-1 if str(text).startswith("-") else 1) * (int(whole) * 100 + int(part))

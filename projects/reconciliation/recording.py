"""Recording a reconciliation: the lines that were taken with what they are, and the balance of each month end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from importers.banks import Statement
from ledger import facts, money
from ledger.books.keys import BALANCE
from ledger.facts import Fact, Paper
from ledger.store.workspace import Unit
from projects.reconciliation.history import STATEMENT, account_of
from projects.reconciliation.matching import Match
from projects.reconciliation.reconcile import Reconciliation
from projects.reconciliation.sides import AtBank
from projects.reconciliation.table import Table


def record(unit: Unit, book: str, found: Reconciliation, *, by: str, paper: Paper) -> dict[str, Any]:
    """Record what is new, and return what was recorded: a file that brings nothing new records nothing.

    A month end is recorded where both sides come to the same sum, and again where the bank's balance is another one
    than was recorded before.
    """
    labels = []
    if found.taken or found.matches:
        made = record_statement(
            unit,
            book,
            found.bank,
            statement=found.statement,
            taken=found.taken,
            matches=found.matches,
            by=by,
            paper=paper,
        )
        labels.append(made.label)
    balances = {}
    for table in found.tables:
        if table.agrees and found.history.balances.get(table.on) != table.bank_balance:
            made = record_balance(unit, book, found.bank, table, by=by, file=found.statement.sha256)
            labels.append(made.label)
            balances[table.on] = table.bank_balance
    return {
        "facts": labels,
        "lines": len(found.taken),
        "matches": len(found.matches),
        "balances": balances,
    }


def record_statement(
    unit: Unit,
    book: str,
    bank: str,
    *,
    statement: Statement,
    taken: Sequence[AtBank],
    matches: Iterable[Match],
    by: str,
    paper: Paper,
) -> Fact:
    """Record the lines that were taken and the matches that are new."""
    data = {
        "file": statement.sha256,
        "profile": statement.profile,
        "account": account_of(statement),
        "from": taken[0].date if taken else statement.first,
        "to": taken[-1].date if taken else statement.last,
        "opening": money.plain(statement.closing - sum(line.amount for line in taken)),
        "closing": money.plain(statement.closing),
        "lines": [[line.key, line.date, money.plain(line.amount)] for line in taken],
        "matched": [[[line.key for line in each.lines], [v.number for v in each.vouchers]] for each in matches],
    }
    on = date.fromisoformat(statement.last)
    return facts.record(unit, book, STATEMENT, bank, on=on, by=by, data=data, documents=[paper])


def record_balance(unit: Unit, book: str, bank: str, table: Table, *, by: str, file: str) -> Fact:
    """Record what the bank says the account holds at a month end that reconciles, and what the book says."""
    data = {
        "balance": money.plain(table.bank_balance),
        "book-balance": money.plain(table.book_balance),
        "adjusted": money.plain(table.bank_adjusted),
        "open-at-bank": len(table.only_at_bank),
        "open-in-book": len(table.only_in_book),
        "file": file,
    }
    return facts.record(unit, book, BALANCE, bank, on=date.fromisoformat(table.on), by=by, data=data)

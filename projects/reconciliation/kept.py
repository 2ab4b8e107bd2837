"""What was kept of bank accounts: how each stands by its last statement, and that statement, read again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from ledger import facts
from ledger.facts import Fact
from ledger.register import Bank
from projects.reconciliation.history import STATEMENT, History, read_history
from projects.reconciliation.reconcile import left, standing
from projects.reconciliation.sides import AtBank, InBook, balance_on, in_book
from projects.reconciliation.table import Table, table


@dataclass(frozen=True)
class Standing:
    """How an account stands: what is open on both sides, and both balances on the last day that the bank told of.

    `on` is that day, or today where no statement was kept; then there is no `table`.
    """

    bank: Bank
    on: str
    book_balance: int
    history: History
    table: Table | None = None
    lines: tuple[AtBank, ...] = ()
    vouchers: tuple[InBook, ...] = ()


def how_it_stands(connection: Connection, book: str, bank: Bank, *, today: str) -> Standing:
    """Return how an account stands by what the log has; no file is read for it."""
    history = read_history(connection, book, bank.code)
    if not history.lines:
        return Standing(bank, today, balance_on(connection, book, bank.code, today), history)
    vouchers = in_book(connection, book, bank.code)
    matches = standing(history, history.lines, vouchers)
    lines, waiting = left(history.lines, vouchers, matches, since=history.first)
    balance = balance_on(connection, book, bank.code, history.last)
    made = table(
        history.last,
        bank_balance=history.closing,
        book_balance=balance,
        lines=list(history.lines.values()),
        vouchers=vouchers,
        matches=matches,
        since=history.first,
    )
    open_vouchers = (each for each in waiting if not each.undone and each.undoes is None and each.date <= history.last)
    return Standing(bank, history.last, balance, history, made, tuple(lines), tuple(open_vouchers))


def last_kept(connection: Connection, book: str, bank: str) -> Fact | None:
    """Return the statement of an account that goes on longest, of several the one that was kept last."""
    return facts.latest(connection, book, STATEMENT, subject=bank)


def papers(folder: Path, fact: Fact) -> list[Path]:
    """Return where a statement's papers lie; those that are gone from the folder are left out."""
    found = [folder / f"{sha256}{suffix}" for sha256, suffix, _ in fact.documents]
    return [path for path in found if path.is_file()]


def statements(connection: Connection, book: str, bank: str) -> list[Fact]:
    """Return the statements of an account that were kept, the newest first."""
    return facts.facts(connection, book, STATEMENT, subject=bank)[::-1]


def profiles(connection: Connection, book: str, bank: str) -> dict[str, str]:
    """Return for the papers of an account's statements, by hash, what each was read by."""
    found = statements(connection, book, bank)
    return {sha256: str(each.data["profile"]) for each in found for sha256, *_ in each.documents}

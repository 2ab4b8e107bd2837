"""What a reconciliation says, in the same words on the terminal, on a page and in the spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection

from importers.banks import Line, keys
from ledger import register
from projects.reconciliation.differences import Difference
from projects.reconciliation.reconcile import Reconciliation
from projects.reconciliation.sides import AtBank
from projects.reconciliation.suggestions import Suggestion
from projects.reconciliation.workbook import Say

_COLUMNS = ("date", "serial", "payee", "text", "voucher", "amount", "balance", "found")


def read(found: Reconciliation, say: Callable[..., str], *, name: str) -> list[str]:
    """Return how a statement was read: bank, account, days, number of lines, balances, and what was there before."""
    statement = found.statement
    told = [
        say(
            "reconcile.read",
            file=name,
            bank=statement.bank,
            account=f" …{statement.own[-4:]}" if statement.own else "",
            first=statement.first,
            last=statement.last,
            lines=len(statement.lines),
            opening=statement.opening,
            closing=statement.closing,
        )
    ]
    again = len(statement.lines) - len(found.taken)
    if again or statement.twice:
        told.append(say("reconcile.again", again=again, twice=len(statement.twice), fresh=len(found.taken)))
    if found.history.files.get(statement.sha256):
        told.append(say("reconcile.same-file", fact=found.history.files[statement.sha256].label))
    return told


def remark(each: Difference, found: Reconciliation, say: Callable[..., str]) -> str:
    """Return what is to be said of a difference: a draft waits, somebody explained it, or what it looks like."""
    draft = found.drafts.get(each.line.key) if each.line else None
    if draft:
        return say("reconcile.waits", draft=draft)
    reason = found.remarks.get(each.line.key if each.line else "")
    reason = reason or found.remarks.get(each.voucher.number if each.voucher else "")
    if reason:
        return say("reconcile.explained", reason=reason)
    facts: dict[str, Any] = {"like": each.like, "amount": 0, "date": "", "off": 0}
    if each.line and each.voucher:
        off = abs(each.line.amount - each.voucher.amount)
        facts |= {"amount": each.voucher.amount, "date": each.voucher.date, "off": off}
    return say(f"reconcile.about-{each.kind}", **facts)


def suggestion(each: Suggestion, say: Callable[..., str]) -> str:
    """Return what lines like this one were recorded as, and how often."""
    choice = each.guess.choice
    return say(
        "reconcile.suggest",
        row=each.line.row,
        date=each.line.date,
        amount=each.line.amount,
        event=say(f"event.{choice.event}"),
        project=choice.project,
        channels=say("print.join").join(choice.channels),
        times=each.guess.times,
        of=each.guess.of,
    )


def fates(found: Reconciliation) -> dict[str, tuple[str, str]]:
    """Return for each line its fate and the vouchers that it is."""
    found_fates = {
        line.key: ("matched", " ".join(f"V{voucher.number}" for voucher in each.vouchers))
        for each in (*found.earlier, *found.matches)
        for line in each.lines
    }
    for each in found.differences:
        if each.line is not None:
            found_fates[each.line.key] = (each.kind, f"V{each.voucher.number}" if each.voucher else "")
    return found_fates


def lines(found: Reconciliation) -> Iterator[tuple[AtBank, Line]]:
    """Yield each line of the statement with its key."""
    taken = {line.key: line for line in found.taken}
    for key, line in zip(keys(found.statement.lines), found.statement.lines, strict=True):
        known = taken.get(key) or AtBank(key, line.date, line.amount, line.payee, line.text, line.serial, line.row)
        yield known, line


def sheet(found: Reconciliation, say: Say) -> tuple[list[str], list[list[Any]]]:
    """Return heads and rows of the spreadsheet's second sheet: every line of the statement with its fate."""
    fate_of, rows = fates(found), []
    for known, line in lines(found):
        fate, vouchers = fate_of.get(known.key, ("", ""))
        said = say(f"reconcile.kind-{fate}") if fate else ""
        rows.append([line.date, line.serial, line.payee, line.text, vouchers, line.amount, line.balance, said])
    return [say(f"column.{name}") for name in _COLUMNS], rows


def title(connection: Connection, book: str, found: Reconciliation, say: Say) -> str:
    """Return what stands above the form: whose account it is, and the day."""
    account = register.need_bank(connection, book, found.bank)
    of = register.need_book(connection, book)
    return say("reconcile.title", book=of.name, bank=f"{account.code} {account.name}", date=found.now.on)

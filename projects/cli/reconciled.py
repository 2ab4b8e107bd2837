"""What a reconciliation says: on the terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from projects.cli.output import Output
from projects.reconciliation import wording
from projects.reconciliation.differences import Difference
from projects.reconciliation.reconcile import Reconciliation
from projects.reconciliation.sides import AtBank, InBook
from projects.reconciliation.suggestions import Suggestion
from projects.reconciliation.table import Table

SHOWN = 20
"""Of what only one side has so many are shown; --json and --xlsx have all."""


def show(output: Output, found: Reconciliation, suggestions: Sequence[Suggestion], *, file: Path, book: str) -> None:
    """Print what was understood of the statement, what is matched, what differs, what is suggested, and the table."""
    for said in wording.read(found, output.text, name=file.name):
        output.line(said)
    ways = {
        way: sum(each.by == way for each in found.matches)
        for way in ("serial", "amount", "sum", "payee", "late", "hand")
    }
    told = output.join(output.text(f"reconcile.by-{way}", count=count) for way, count in ways.items() if count)
    output.say("reconcile.matched", lines=sum(len(each.lines) for each in found.matches), ways=told or "—")
    for each in found.matches:
        if each.by == "payee":
            [line], [voucher] = each.lines, each.vouchers
            facts = {"row": line.row, "date": line.date, "payee": line.payee, "amount": line.amount}
            output.say("reconcile.unlike", **facts, number=voucher.number, other=voucher.payee)
    output.line()
    if found.differences:
        output.say("reconcile.differences", count=len(found.differences))
        rows = [_difference(output, each, found) for each in found.differences]
        output.rows(rows, ["found", "date", "amount", "payee", "text", "voucher", "remark"], numbers=["amount"])
    else:
        output.say("reconcile.no-differences")
    for suggestion in suggestions:
        _suggest(output, suggestion, book)
    output.line()
    _table(output, found.now)


def _difference(output: Output, each: Difference, found: Reconciliation) -> dict[str, Any]:
    side: AtBank | InBook | None = each.line or each.voucher
    assert side is not None, "a difference is of a line or a voucher"
    return {
        "found": output.text(f"reconcile.kind-{each.kind}"),
        "date": side.date,
        "amount": side.amount,
        "payee": side.payee,
        "text": side.text,
        "voucher": f"V{each.voucher.number}" if each.voucher else "",
        "remark": wording.remark(each, found, output.text),
    }


def _suggest(output: Output, each: Suggestion, book: str) -> None:
    output.line(wording.suggestion(each, output.text))
    command = each.command(book=book)
    if command:
        output.line(f"  {command}")


def _table(output: Output, table: Table) -> None:
    """Print the table, one side below the other: beside each other they do not fit a terminal."""
    output.say("reconcile.table", date=table.on)
    rows: list[dict[str, Any]] = []

    def part(key: str, some: Sequence[AtBank | InBook]) -> None:
        # What is taken off says so: its figures stand without a sign.
        rows.append({"item": output.text(f"reconcile.{key}"), "amount": abs(sum(each.amount for each in some))})
        rows.extend({"item": f"  {each.date} {each.label}", "amount": abs(each.amount)} for each in some[:SHOWN])
        if len(some) > SHOWN:
            rows.append({"item": "  " + output.text("reconcile.more", count=len(some) - SHOWN), "amount": ""})

    received, paid = table.bank_rows()
    came, went = table.book_rows()
    rows.append({"item": output.text("reconcile.bank-balance"), "amount": table.bank_balance})
    part("add-received", received)
    part("less-paid", paid)
    rows.append({"item": output.text("reconcile.bank-adjusted"), "amount": table.bank_adjusted})
    rows.append({"item": output.text("reconcile.book-balance"), "amount": table.book_balance})
    part("add-credited", came)
    part("less-debited", went)
    rows.append({"item": output.text("reconcile.book-adjusted"), "amount": table.book_adjusted})
    output.rows(rows, ["item", "amount"], numbers=["amount"])
    output.say("reconcile.agrees" if table.agrees else "reconcile.off", off=abs(table.off))


def close(output: Output, found: Reconciliation, recorded: dict[str, Any], *, committed: bool, drafted: bool) -> None:
    """Say what was recorded, or that nothing was."""
    if not committed:
        output.say("reconcile.preview" if not drafted else "reconcile.not-recorded")
        return
    if recorded["facts"]:
        output.say("reconcile.recorded", lines=recorded["lines"], facts=output.join(recorded["facts"]))
    else:
        output.say("reconcile.nothing-new")
    for on, balance in recorded["balances"].items():
        output.say("reconcile.balance", date=on, bank=found.bank, balance=balance)


def as_data(
    found: Reconciliation,
    suggestions: Sequence[Suggestion],
    recorded: dict[str, Any],
    drafts: Sequence[dict[str, Any]],
    book: str,
) -> dict[str, Any]:
    """Return all of it as JSON prints it; amounts are fen."""
    fate_of, statement = wording.fates(found), found.statement
    fresh = {line.key for line in found.taken}
    return {
        "kind": "statement",
        "book": book,
        "account": found.bank,
        "statement": {
            "bank": statement.bank,
            "profile": statement.profile,
            "sha256": statement.sha256,
            "from": statement.first,
            "to": statement.last,
            "opening_fen": statement.opening,
            "closing_fen": statement.closing,
            "twice": [{"row": each.row, "first": each.first, "serial": each.serial} for each in statement.twice],
        },
        "until": found.until,
        "rows": [
            {
                "row": line.row,
                "key": known.key,
                "date": line.date,
                "amount_fen": line.amount,
                "balance_fen": line.balance,
                "payee": line.payee,
                "text": line.text,
                "serial": line.serial,
                "new": known.key in fresh,
                "fate": fate_of.get(known.key, ("", ""))[0],
                "vouchers": fate_of.get(known.key, ("", ""))[1].split(),
            }
            for known, line in wording.lines(found)
        ],
        "matches": [
            {"by": each.by, "rows": [line.row for line in each.lines], "vouchers": [v.number for v in each.vouchers]}
            for each in found.matches
        ],
        "differences": [
            {
                "kind": each.kind,
                "row": each.line.row if each.line else None,
                "date": each.line.date if each.line else None,
                "amount_fen": each.line.amount if each.line else None,
                "voucher": each.voucher.number if each.voucher else None,
                "voucher_date": each.voucher.date if each.voucher else None,
                "voucher_fen": each.voucher.amount if each.voucher else None,
                "like": each.like,
                "draft": found.drafts.get(each.line.key) if each.line else None,
            }
            for each in found.differences
        ],
        "suggestions": [
            {
                "row": each.line.row,
                "event": each.guess.choice.event,
                "project": each.guess.choice.project,
                "contract": each.guess.choice.contract,
                "channels": list(each.guess.choice.channels),
                "times": each.guess.times,
                "of": each.guess.of,
                "sure": each.guess.sure,
                "command": each.command(book=book),
            }
            for each in suggestions
        ],
        "table": _table_as_data(found.now),
        "month_ends": [_table_as_data(each) for each in found.tables],
        "recorded": recorded,
        "drafts": list(drafts),
    }


def _table_as_data(table: Table) -> dict[str, Any]:
    return {
        "date": table.on,
        "bank_balance_fen": table.bank_balance,
        "book_balance_fen": table.book_balance,
        "only_at_bank": [
            {"date": each.date, "amount_fen": each.amount, "key": each.key} for each in table.only_at_bank
        ],
        "only_in_book": [
            {"date": each.date, "amount_fen": each.amount, "voucher": each.number} for each in table.only_in_book
        ],
        "bank_adjusted_fen": table.bank_adjusted,
        "book_adjusted_fen": table.book_adjusted,
        "agrees": table.agrees,
    }

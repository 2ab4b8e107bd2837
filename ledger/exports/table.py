"""A book as one table for spreadsheets: a row for each posting, with what its voucher says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from ledger.exports.sealed import Commodity, Sealed, commodities, sealed
from ledger.money import plain

_VOUCHER = ("number", "date", "event", "project", "contract", "payee", "narration")
_POSTING = ("account", "channel", "kind", "commodity", "amount")
_SEAL = ("maker", "made_at", "approver", "sealed_at", "reverses", "position", "leaf")
HEADS = (*_VOUCHER, *_POSTING, *_SEAL)
"""The names of the columns, which programs read: they are the same in every language."""
MARK = "\ufeff"
"""With it a spreadsheet program reads UTF-8 as UTF-8."""


def table(connection: Connection, book: str) -> Iterator[str]:
    """Return the lines of the table: UTF-8 with a mark, as RFC 4180 has them."""
    counted = commodities(connection, book)
    yield MARK + row(HEADS)
    for each in sealed(connection, book):
        yield from _rows(each, counted)


def row(cells: Sequence[str]) -> str:
    """Return a row of a table as text."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def as_words(text: str) -> str:
    """Return a clerk's words so that no spreadsheet program takes them for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _rows(of: Sealed, counted: dict[str, Commodity]) -> Iterator[str]:
    made = of.voucher
    before = [made.number, made.date, made.event, made.project, made.contract]
    before += [as_words(made.payee), as_words(made.narration)]
    behind = [made.maker, made.made_at, made.approver, made.sealed_at, of.reverses, str(made.position), made.leaf_hash]
    for account, code, amount in of.postings:
        what = counted[code]
        yield row([*before, account, what.channel, what.kind, code, plain(amount, what.scale), *behind])

"""The open data of a site against the proofs of its books: what channels have and what vouchers moved, to the fen.

Names, types and dates of plans are the office's word here as on the pages. The files for the standards have the same
money once more; of these the one that has it by channel is compared, too.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ledger import money
from ledger.errors import Refusal
from projects.disclosure.proved.report import Problem
from projects.disclosure.shown import PageSheet
from projects.figures import FIGURES
from projects.opendata.build import FOLDER
from projects.opendata.read import PAID, RECEIVED, key_of, parts_of, reference
from projects.opendata.tables import COLUMNS

Row = Mapping[str, str]
Rows = Iterable[tuple[str, str, Row]]
"""Rows of a file: what each is called, the project's key, and what stands in its columns."""


@dataclass
class Data:
    """What was found in a file of open data: how many rows the proofs make, and the books of which no proof is here."""

    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    stated: set[str] = field(default_factory=set)


def check_data(name: str, text: str, sheets: Mapping[str, PageSheet]) -> Data:
    """Compare a file with what the proofs make of it; `sheets` are those of the books that have a proof."""
    found = Data()
    read, make = FILES[name]
    try:
        rows = list(read(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, csv.Error, Refusal):
        found.problems.append(("data-form", {}))
        return found
    wanted = {called: row for sheet in sheets.values() for called, row in make(sheet)}
    seen: set[str] = set()
    for called, project, row in rows:
        if (book := project.rpartition("-")[0]) not in sheets:
            found.stated.add(book)
        elif called in seen or called not in wanted:
            found.problems.append(("data-more", {"row": called}))
        else:
            seen.add(called)
            found.problems += _differing(called, row, wanted[called])
    found.problems += [("data-absent", {"row": called}) for called in wanted if called not in seen]
    found.rows = len(seen)
    return found


def _differing(called: str, row: Row, wanted: Row) -> Iterator[Problem]:
    for column, expected in wanted.items():
        if row[column] != expected:
            yield "data", {"row": called, "column": column, "found": row[column], "expected": expected}


def _table(name: str, text: str) -> Iterator[Row]:
    heading = [column for column, _, _ in COLUMNS[name]]
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    if next(rows, None) != heading:
        raise ValueError(name)
    for row in rows:
        yield dict(zip(heading, row, strict=True))


def _read_balances(text: str) -> Rows:
    for row in _table("balances", text):
        yield f"{row['project']} {row['channel']}", row["project"], row


def _read_channels(text: str) -> Rows:
    """Yield what the file by channel has of each project; its identifiers end in the project's key."""
    for each in json.loads(text, parse_float=str, parse_int=str)["projects"]:
        project = f"{each['book']}-{each['id'].rpartition('-')[2]}"
        for row in each.get("lines", []):
            yield f"{project} {row['channel']}", project, row


def _balances(sheet: PageSheet) -> Iterator[tuple[str, Row]]:
    for each in sheet.projects:
        for channel, figures in each.lines.items():
            amounts = {name: money.plain(getattr(figures, name)) for name in ("planned", *FIGURES)}
            yield f"{key_of(sheet, each)} {channel}", amounts


def _read_budgets(text: str) -> Rows:
    """Yield what is planned by channel, over all years: how it lies in years is the office's word."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in _table("budgets", text):
        fen = money.parse_or_zero(row["value"])
        if money.plain(fen) != row["value"]:
            raise ValueError(row["value"])
        found[row["project"], row["channel"]] += fen
    for (project, channel), fen in found.items():
        yield f"{project} {channel}", project, {"value": money.plain(fen)}


def _budgets(sheet: PageSheet) -> Iterator[tuple[str, Row]]:
    for each in sheet.projects:
        for channel, figures in each.lines.items():
            if figures.planned:
                yield f"{key_of(sheet, each)} {channel}", {"value": money.plain(figures.planned)}


def _read_transactions(text: str) -> Rows:
    for row in _table("transactions", text):
        yield row["transaction"], row["project"], row


def _transactions(sheet: PageSheet) -> Iterator[tuple[str, Row]]:
    for each in sheet.projects:
        for way, movements in ((RECEIVED, each.receipts), (PAID, each.payments)):
            for voucher, channel, fen in parts_of(movements):
                row = {"date": voucher.date, "project": key_of(sheet, each), "contract": voucher.contract}
                row |= {"channel": channel, "value": money.plain(fen)}
                yield reference(sheet.book.code, voucher, channel, way), row


FILES: Mapping[str, tuple[Callable[[str], Rows], Callable[[PageSheet], Iterator[tuple[str, Row]]]]] = {
    f"{FOLDER}/balances.csv": (_read_balances, _balances),
    f"{FOLDER}/budgets.csv": (_read_budgets, _budgets),
    f"{FOLDER}/transactions.csv": (_read_transactions, _transactions),
    f"{FOLDER}/oc4ids-channels.json": (_read_channels, _balances),
}
"""By the place of a file in a site how it is read, and what a proof makes of it."""

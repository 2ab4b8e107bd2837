"""A tabular data package: what was planned, what moved and what the ledger has, as CSV with the columns of a budget.

The columns of money carry the types of Fiscal Data Package 1.0-rc.1; the same tables stand in one workbook.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.money import plain
from projects.figures import FIGURES
from projects.opendata.documents import say
from projects.opendata.iati import budget_years
from projects.opendata.read import PAID, RECEIVED, Record, Work, parts_of, reference
from projects.opendata.text import kept
from projects.opendata.workbook import row_of

TAXONOMIES = (
    "https://specs.frictionlessdata.io/taxonomies/fiscal/spending.json",
    "https://specs.frictionlessdata.io/taxonomies/fiscal/budgets.json",
)
LABELS = frozenset(
    {
        "activity:generic:project:label",
        "fin-source:generic:label",
        "supplier:generic:name",
        "expenditure-type:label",
        "value",
        "date:generic",
    }
)
"""Types of columns that are no part of a key."""

Column = tuple[str, str, str]
"""Name, type, and type in the taxonomy of budgets, which may be empty."""
PROJECT: tuple[Column, ...] = (
    ("project", "string", "activity:generic:project:code"),
    ("project_name", "string", "activity:generic:project:label"),
)
CHANNEL: tuple[Column, ...] = (
    ("channel", "string", "fin-source:generic:code"),
    ("channel_name", "string", "fin-source:generic:label"),
)
MONEY: tuple[Column, ...] = (
    ("cofog", "string", "functional-classification:cofog:code"),
    ("type", "string", "expenditure-type:code"),
    ("type_name", "string", "expenditure-type:label"),
    ("value", "number", "value"),
    ("currency", "string", "value-currency:code"),
)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "transactions": (
        ("transaction", "string", "transaction-id:code"),
        ("date", "date", "date:generic"),
        ("direction", "string", "direction"),
        ("phase", "string", "phase:id"),
        *PROJECT,
        ("contract", "string", "activity:generic:contract:code"),
        *CHANNEL,
        ("party", "string", "supplier:generic:id"),
        ("party_name", "string", "supplier:generic:name"),
        *MONEY,
    ),
    "budgets": (
        ("line", "string", "budget-line-id"),
        ("year", "integer", "date:fiscal-year"),
        ("direction", "string", "direction"),
        ("phase", "string", "phase:id"),
        *PROJECT,
        *CHANNEL,
        *MONEY,
    ),
    "balances": (
        ("project", "string", ""),
        ("channel", "string", ""),
        ("planned", "number", ""),
        *((name, "number", "") for name in FIGURES),
    ),
    "projects": (
        *((name, "string", "") for name in ("project", "oc4ids", "village", "township", "name", "type", "status")),
        *((name, "date", "") for name in ("planned_start", "planned_finish", "accepted")),
        *((name, "string", "") for name in ("quantity", "unit")),
    ),
}
KEYS = {"balances": ["project", "channel"], "projects": ["project"]}


@dataclass
class Tables:
    """The rows of the projects of a village, and the years of which they tell."""

    record: Record
    rows: dict[str, list[Sequence[str]]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    years: set[int] = field(default_factory=set)

    def add(self, work: Work) -> None:
        """Take a project in."""
        named = (work.key, work.shown("name"))
        village, township = work.village.village["name"], work.village.village["township"]
        show = self.record.privacy.show
        accepted = work.accepted.date if work.accepted else ""
        places = (show("village.name", village), show("village.township", township))
        kind = work.detail["type"] or "other"
        days = (work.detail["planned-start"], work.detail["planned-finish"], accepted)
        size = (work.shown("quantity"), work.shown("unit"))
        self.rows["projects"].append((work.key, work.id, *places, named[1], kind, work.state, *days, *size))
        for code, figures in work.sheet.lines.items():
            amounts = (getattr(figures, name) for name in ("planned", *FIGURES))
            self.rows["balances"].append((work.key, code, *map(plain, amounts)))
        self._add_budget(work, named)
        self._add_movements(work, named)

    def _money(self, work: Work, fen: int) -> tuple[str, ...]:
        kind = work.detail["type"] or "other"
        return work.codes["cofog"], kind, self.record.type_name(kind), plain(fen), "CNY"

    def _add_budget(self, work: Work, named: tuple[str, str]) -> None:
        for code, figures in work.sheet.lines.items():
            channel = (code, work.channel(code).name)
            for year, _, _, fen in budget_years(work, figures.planned):
                self.years.add(year)
                line = (f"{work.key}-{code}-{year}", str(year), "expenditure", "approved")
                self.rows["budgets"].append((*line, *named, *channel, *self._money(work, fen)))

    def _add_movements(self, work: Work, named: tuple[str, str]) -> None:
        book = work.village.book.code
        for way, direction, movements in (
            (RECEIVED, "revenue", work.sheet.receipts),
            (PAID, "expenditure", work.sheet.payments),
        ):
            for voucher, code, fen in parts_of(movements):
                party = work.owner if way == RECEIVED else work.payee(voucher.payee)
                self.years.add(int(voucher.date[:4]))
                self.rows["transactions"].append(
                    (
                        *(reference(book, voucher, code, way), voucher.date, direction, "executed"),
                        *named,
                        voucher.contract,
                        *(code, work.channel(code).name),
                        *(party.id, party.name or say("persons")),
                        *self._money(work, fen),
                    )
                )

    def texts(self) -> dict[str, str]:
        """Return the rows as text of each table, without a heading: for CSV, and for the sheet of a workbook."""
        made = {}
        for name, rows in self.rows.items():
            kinds = [each[1] for each in COLUMNS[name]]
            made[f"csv/{name}"] = _csv([_safe(*each) for each in zip(row, kinds, strict=True)] for row in rows)
            made[f"sheet/{name}"] = "".join(row_of(row, kinds) for row in rows)
        return made


def heading(name: str) -> str:
    """Return the heading of a table as CSV."""
    return _csv([[column for column, _, _ in COLUMNS[name]]])


def sheet_heading(name: str) -> str:
    """Return the heading of a table as a row of a sheet."""
    return row_of([column for column, _, _ in COLUMNS[name]], ["string"] * len(COLUMNS[name]))


def descriptor(record: Record, years: set[int], made: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """Return the package's descriptor; `made` has size and SHA-256 of each table's file by name."""
    publisher = record.publisher
    years = years or {int(record.updated[:4])}
    head = {
        "profile": "tabular-data-package",
        "name": "village-projects",
        "title": say("package", name=publisher.name),
        "homepage": f"{publisher.url}/index.html",
        "version": record.updated[:10].replace("-", "."),
        "created": record.updated,
        "countryCode": "CN",
        "fiscalPeriod": {"start": f"{min(years)}-01-01", "end": f"{max(years)}-12-31"},
        "licenses": [{"path": publisher.licence, "title": publisher.licence}],
        "sources": [{"title": publisher.name, "path": f"{publisher.url}/index.html"}],
        "contributors": [{"title": publisher.name, "email": publisher.email, "role": "publisher"}],
        "columnTypes": list(TAXONOMIES),
    }
    return dict(kept(head | {"resources": [_resource(name, *made[name]) for name in COLUMNS]}))


def _resource(name: str, size: int, digest: str) -> dict[str, Any]:
    columns = COLUMNS[name]
    key = KEYS.get(name) or [column for column, _, kind in columns if kind and kind not in LABELS]
    fields = [
        {"name": column, "title": say(f"column.{column}"), "type": kind, "columnType": taxonomy}
        for column, kind, taxonomy in columns
    ]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "title": say(f"table.{name}"),
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": {"fields": fields, "primaryKey": key},
    }


def _csv(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _safe(text: str, kind: str) -> str:
    """Return a text that no spreadsheet program takes for a formula; a number may be negative."""
    return f"'{text}" if kind == "string" and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

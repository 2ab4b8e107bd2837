"""The registers against the logs: each row is what its leaf, its voucher, or the chart says."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import Connection

from ledger import chart, closed, facts, log, money
from ledger.errors import Refusal
from ledger.leaves import Voucher
from ledger.store import sql
from ledger.verify.report import Check

Values = tuple[Any, ...]

_PROJECT_COLUMNS = "type quantity unit place responsible planned_start planned_finish benefit remark"
_OF_LEAVES: dict[str, tuple[str, list[str]]] = {
    "user": ("users", ["name", "created_at"]),
    "role": ("role_grant", ["user", "role", "book", "nth", "granted_at"]),
    "role-revoked": ("role_revocation", ["user", "role", "book", "nth", "revoked_at"]),
    "village": ("village", ["code", "name", "township"]),
    "channel": ("channel", ["code", "name", "source", "document"]),
    "good": ("good", ["code", "name", "unit", "scale"]),
    "book": ("book", ["code", "village", "name", "chart", "started_on"]),
    "bank": ("bank", ["book", "code", "name", "kind"]),
    "bank-channel": ("bank_channel", ["book", "bank", "channel"]),
    "project": ("project", ["book", "code", "title", "name", *_PROJECT_COLUMNS.split()]),
    "budget-line": ("budget_line", ["book", "project", "channel", "position", "planned"]),
    "observation": (
        "observation",
        ["book", "indicator", "observed_on", "position", "numerator", "denominator", "evidence", "seq"],
    ),
}
"""For each kind of event in a log the table that it fills, and the columns that it fills it with."""
_DERIVED = {
    "contract": ["book", "code", "project", "name", "payee", "seq"],
    "commodity": ["code", "kind", "channel", "good", "scale"],
    "chart_role": ["chart", "role", "normal", "floored", "mirror", "floating"],
}
"""Tables that no leaf of their own fills: vouchers, the registers of channels and goods, and the charts do."""


class Registers:
    """What the registers should hold by the leaves and vouchers that have passed."""

    def __init__(self) -> None:
        self._rows: dict[str, Counter[Values]] = defaultdict(Counter)
        self._planned: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self._observed: Counter[tuple[str, str, str]] = Counter()
        self._granted: Counter[tuple[str, str, str]] = Counter()

    def tell(self, of: str, position: int, kind: str, leaf: str) -> bool:
        """Take in a leaf that is no voucher; False if it is not the canonical text of an event at its place."""
        data = _data(of, position, kind, leaf)
        if data is None:
            return False
        if kind in log.DEEDS and of == log.OFFICE:
            return True
        if kind in {facts.KIND, closed.KIND}:
            return facts.is_fact(data) if kind == facts.KIND else of != log.OFFICE and closed.is_deed(data)
        if of != log.OFFICE:
            data = data | {"book": of}
        if kind == "budget-line":
            return self._plan(data)
        if kind == "observation":
            self._observe(data)
            return True
        return kind in _OF_LEAVES and self._keep(kind, data)

    def _keep(self, kind: str, data: dict[str, Any]) -> bool:
        table, columns = _OF_LEAVES[kind]
        if table in {"role_grant", "role_revocation"}:
            of = (str(data.get("user")), str(data.get("role")), str(data.get("book")))
            self._granted[of] += kind == "role"
            data = data | {"nth": self._granted[of]}
        values = tuple(data.get(column) for column in columns)
        if not all(isinstance(value, (str, int)) or value is None for value in values):
            return False
        self._rows[table][values] += 1
        code = data.get("code")
        if kind == "channel":
            for commodity, holds in ((code, "money"), (f"{code}{chart.BUDGET_SUFFIX}", "budget")):
                self._rows["commodity"][commodity, holds, code, None, 2] += 1
        elif kind == "good":
            self._rows["commodity"][code, "quantity", None, code, data.get("scale")] += 1
        return True

    def follow(self, book: str, voucher: Voucher, told: dict[str, Any]) -> None:
        """Take in what a voucher brings into a register: a contract, or what was observed at an acceptance."""
        if voucher.event == "contract":
            row = (book, voucher.contract, voucher.project, told.get("contract-name"), voucher.payee, voucher.seq)
            self._rows["contract"][row] += 1
        for fact, value in told.items() if voucher.event == "acceptance" else ():
            if fact.startswith(_INDICATOR):
                numerator, _, denominator = str(value).partition("/")
                if numerator.isdecimal() and denominator.isdecimal():
                    seen = {"indicator": fact.removeprefix(_INDICATOR), "observed_on": voucher.date}
                    share = {"numerator": int(numerator), "denominator": int(denominator)}
                    self._observe(seen | share | {"book": book, "evidence": f"V{voucher.number}", "seq": voucher.seq})

    def compare(self, connection: Connection, check: Check) -> None:
        """Compare every register with the rows that it should hold."""
        for (book, project), planned in self._planned.items():
            for place, (channel, fen) in enumerate(planned.items()):
                self._rows["budget_line"][book, project, channel, place, fen] += 1
        for (key,) in sql.rows(connection, "SELECT DISTINCT chart FROM book"):
            self._rows["chart_role"].update(_roles(key))
        for table, columns in [*_OF_LEAVES.values(), *_DERIVED.items()]:
            names = ", ".join(f'"{column}"' for column in columns)
            stored = Counter(sql.rows(connection, f"SELECT {names} FROM {table}"))  # noqa: S608 - names of ours
            told = _timed(table, stored, self._rows[table])
            for values in sorted((stored - told) + (told - stored), key=repr):
                check.covered += 1
                state = "stored" if stored[values] else "logged"
                check.find("register", table=table, row=" ".join(map(str, values)), state=state)

    def _plan(self, data: dict[str, Any]) -> bool:
        """Raise a line of a budget: lines add up, and stand in the order in which they came."""
        book, project, channel, planned = (str(data.get(key)) for key in ("book", "project", "channel", "planned"))
        try:
            fen = money.parse_or_zero(planned)
        except Refusal:
            return False
        lines = self._planned[book, project]
        lines[channel] = lines.get(channel, 0) + fen
        return True

    def _observe(self, data: dict[str, Any]) -> None:
        key = (str(data.get("book")), str(data.get("indicator")), str(data.get("observed_on")))
        columns = _OF_LEAVES["observation"][1]
        self._rows["observation"][tuple((data | {"position": self._observed[key]}).get(each) for each in columns)] += 1
        self._observed[key] += 1


_INDICATOR = "indicator-"


def _data(of: str, position: int, kind: str, leaf: str) -> dict[str, Any] | None:
    """Return the data of a leaf, None if the leaf is not the canonical text of an event at its place."""
    try:
        data = json.loads(leaf)["data"]
        return data if log.leaf(of, position, kind, data) == leaf else None
    except (ValueError, KeyError, TypeError):
        return None


def _timed(table: str, stored: Counter[Values], told: Counter[Values]) -> Counter[Values]:
    """Fill in the times of rows whose leaves were made before leaves told them: there is nothing to compare."""
    if table not in {"users", "role_grant"}:
        return told
    times = {values[:-1]: values for values in stored}
    return Counter(
        {times.get(values[:-1], values) if values[-1] is None else values: count for values, count in told.items()}
    )


def _roles(key: str) -> list[Values]:
    """Return the rows that a chart's roles make."""
    try:
        roles = chart.load(key).roles.values()
    except (OSError, ValueError):
        return []
    return [(key, each.name, each.normal, int(each.floor), each.mirror, int(each.floating)) for each in roles]

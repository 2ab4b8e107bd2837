"""Stored queries: what auditors often ask, offered on Fava's query page while a book is loaded.

They stand in no book: a book is a function of the sealed record, and a better question would be another book. Whoever
opens a folder without this package lacks them, and lacks nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from beancount.core import data
from fava.core import FavaLedger

from ledger import chart, messages
from ledger.chart import Chart, Role
from ledger.messages import Lang


def offer(ledger: FavaLedger, lang: Lang) -> None:
    """Put the queries into a book that was just loaded: into its query page, its shell and the side bar."""
    of = _chart(ledger)
    if of is None:
        return
    found: Any = ledger.all_entries_by_type.Query
    found += [data.Query(data.new_metadata("", 0), date(1970, 1, 1), name, bql) for name, bql in queries(of, lang)]
    ledger.fava_options.sidebar_show_queries = len(found)


def queries(of: Chart, lang: Lang) -> Iterator[tuple[str, str]]:
    """Yield name and text of each query for a chart."""
    for code, told in _told().items():
        accounts = "|".join(sorted({accounts_of(of.roles[role]) for role in told["accounts"]}))
        name = messages.text("projects", f"auditor.query.{code}", lang)
        yield name, told["bql"].replace("{accounts}", f"^({accounts})$")


def accounts_of(role: Role) -> str:
    """Return what the names of a role's accounts look like, as a pattern."""
    detail = re.sub(r"\{\w+\}", "[^:]*", role.detail)
    return f"{role.root}:{role.code}-{role.title}" + (f":{detail}" if detail else "")


def _chart(ledger: FavaLedger) -> Chart | None:
    """Return the chart that the head of a book names, None where it is no book of ours."""
    for entry in ledger.all_entries_by_type.Custom:
        if entry.type == "book" and len(entry.values) > 2:  # noqa: PLR2004 - code, village, chart
            key = str(entry.values[2].value)
            return chart.load(key) if key in chart.standards() else None
    return None


@cache
def _told() -> Mapping[str, Any]:
    text = files("projects").joinpath("fava", "auditor", "queries.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)

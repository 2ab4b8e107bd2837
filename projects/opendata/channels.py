"""The extension to OC4IDS that says which channel paid each transaction, and what it comes to beside the ledger.

It is a file of its own, because whoever holds a package to the standard's schema refuses fields that it does not have.
A transaction belongs to the channel that is its payer; the sums here are those of the ledger's balances, not of the
transactions, so that a reader can compare the two.
"""

from __future__ import annotations

from typing import Any

from projects.figures import FIGURES
from projects.opendata.documents import say
from projects.opendata.read import Record, Work
from projects.opendata.text import dump, kept, number


def balances(work: Work) -> str:
    """Return what the ledger has of a project by channel, as an entry of the file."""
    lines = [
        {"channel": code}
        | {"planned": number(figures.planned)}
        | {name: number(getattr(figures, name)) for name in FIGURES}
        for code, figures in work.sheet.lines.items()
    ]
    return dump(kept({"id": work.id, "book": work.village.book.code, "lines": lines}))


def extension(record: Record) -> dict[str, Any]:
    """Return what stands in the file before its projects."""
    channels = [
        {"code": each.code, "name": each.name, "source": each.source, "party": each.party.id}
        for each in record.channels.values()
    ]
    head = {
        "title": say("extension"),
        "description": say("extension-means"),
        "package": f"{record.publisher.url}/data/oc4ids.json",
        "publishedDate": record.updated,
        "currency": "CNY",
    }
    return dict(kept(head | {"channels": channels}))

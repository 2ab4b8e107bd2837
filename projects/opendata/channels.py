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
from projects.opendata.text import kept, number


class Channels:
    """Gathers what the ledger has of each project and channel."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._projects: list[dict[str, Any]] = []

    def add(self, work: Work) -> None:
        """Take a project in."""
        lines = [
            {"channel": code}
            | {"planned": number(figures.planned)}
            | {name: number(getattr(figures, name)) for name in FIGURES}
            for code, figures in work.sheet.lines.items()
        ]
        self._projects.append({"id": work.id, "book": work.village.book.code, "lines": lines})

    def extension(self) -> dict[str, Any]:
        """Return the file."""
        channels = [
            {"code": each.code, "name": each.name, "source": each.source, "party": each.party.id}
            for each in self._record.channels.values()
        ]
        head = {
            "title": say("extension"),
            "description": say("extension-means"),
            "package": f"{self._record.publisher.url}/data/oc4ids.json",
            "publishedDate": self._record.updated,
            "currency": "CNY",
        }
        return dict(kept(head | {"channels": channels, "projects": self._projects}))

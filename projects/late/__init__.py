"""What is late on a day, and what runs dry: by the record alone, so that nobody has to remember it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from projects.late import money, papers, works
from projects.late.dry import Dry, dry
from projects.late.record import Late, Record

__all__ = ["WEIGHT", "Dry", "Late", "dry", "late"]

WEIGHT = (
    *("unpaid", "retention", "idle", "deposit", "loan"),
    *("finish", "month", "mend", "handover", "notice", "wall", "milestone", "draft"),
    "idle-soon",
)
"""The kinds by their weight: money that others wait for or that is lost, then works and the office's own work; at the
end what is not late yet."""


def late(connection: Connection, book: str, on: date) -> list[Late]:
    """Return what is late in a book on a day, each with since when, by which rule, and what to do.

    The weightiest comes first, of one kind the oldest. Balances are those of now; what was told, and terms that run,
    are those of the day.
    """
    record = Record(connection, book, on)
    found = [*works.late(record), *money.late(record), *papers.late(record)]
    return sorted(found, key=lambda each: (WEIGHT.index(each.kind), each.since, each.about))

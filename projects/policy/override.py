"""A county's change of the policy: by whom, from which day on, and never into days whose vouchers were judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger import facts, log, people, register
from ledger.errors import Names
from ledger.facts import Fact, Paper
from ledger.proposals import OPENING, REVERSAL
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.waiting import waiting
from projects.errors import PolicyEmpty, PolicyJudged, PolicyUndocumented, PolicyUnfit
from projects.policy.history import KIND, Change, changes, over

ORDERED = (
    ("advance.least", "advance.most"),
    ("progress.least", "progress.most"),
    ("loan.most", "loan.top"),
    ("loan.first", "loan.last"),
)
"""Of two ends the lower is not above the upper."""
SHOWN = 5
"""Of vouchers that stand in the way, so many are named."""


def override(
    unit: Unit, numbers: Mapping[str, Mapping[str, Any]], *, start: date, by: str, papers: Sequence[Paper]
) -> Fact:
    """Keep in the office's log that these numbers hold from a day on; what they do not name stays as it is.

    A day before today is taken only where no voucher stands, or waits, that would have been judged by other numbers.

    Raises:
        RoleMissing: who asks may neither approve nor audit every book.
        PolicyEmpty: nothing is changed.
        PolicyUndocumented: no paper shows the decision.
        PolicyUnfit: a lower end would be above its upper end.
        PolicyJudged: vouchers of those days were judged already.
    """
    people.need_overseer(unit.connection, by, people.EVERY_BOOK)
    if not numbers:
        raise PolicyEmpty
    if not papers:
        raise PolicyUndocumented
    _need_order(unit.connection, numbers, start)
    today = unit.now.date()
    if start < today:
        _need_unjudged(unit.connection, start, today)
    data = {"from": start.isoformat(), "numbers": {key: dict(said) for key, said in sorted(numbers.items())}}
    return facts.record(unit, log.OFFICE, KIND, log.OFFICE, on=today, by=by, data=data, documents=papers)


def _need_order(connection: Connection, numbers: Mapping[str, Mapping[str, Any]], start: date) -> None:
    day = start.isoformat()
    found = dict(over([*changes(connection), Change("", day, numbers)], day).numbers())
    for low, high in ORDERED:
        if found[low].value > found[high].value:
            ends = {"text": found[low].plain, "field": high, "unit": found[high].plain}
            raise PolicyUnfit(about="order", key=low, **ends)


def _need_unjudged(connection: Connection, start: date, today: date) -> None:
    """Make sure that no voucher of any book is of these days; reversals and openings no number judges."""
    where = {"start": start.isoformat(), "reversal": REVERSAL, "opening": OPENING}
    judged = [f"{book} V{number}" for book, number in sql.rows(connection, _SEALED, where)]
    for book in register.list_books(connection):
        drafts = [each for each in waiting(connection, book.code) if each.proposal["date"] >= where["start"]]
        judged += [f"{book.code} D{each.id}" for each in drafts if each.proposal["event"] not in {REVERSAL, OPENING}]
    if judged:
        raise PolicyJudged(start=start, today=today, count=len(judged), vouchers=Names(judged[:SHOWN]))


_SEALED = (
    "SELECT book, number FROM voucher WHERE date >= :start AND event NOT IN (:reversal, :opening) ORDER BY book, seq"
)

"""What is to be published and was not yet, by what the log holds: nobody has to remember it.

国开办发〔2018〕11号 wants plans, allotments, projects before their works and after completion, and their money, to be
published; the working days after an allotment are the policy's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger.errors import Phrase
from ledger.facts import Fact, standing
from ledger.register import GENERAL_PROJECT
from projects.notices.gather import quarter_before
from projects.notices.publish import Listed, list_notices
from projects.policy import policy_at


@dataclass(frozen=True)
class Due:
    """A notice that is to be published: its kind, the project or "", since when, and why."""

    kind: str
    project: str
    since: str
    why: Phrase


def due(connection: Connection, book: str, on: date) -> list[Due]:
    """Return what is to be published of a book on a day, what is due longest first."""
    told = standing(connection, book, "approval", "review", "closing")
    notices = [each for each in list_notices(connection, book) if each.on <= on.isoformat()]
    moved = connection.execute(_STANDING, {"book": book, "on": on.isoformat()}).all()
    of = _Standing([each for each in told if each.on <= on.isoformat()], notices, moved)
    planned = set(connection.execute(_PLANNED, {"book": book, "general": GENERAL_PROJECT}).scalars())
    found = [*_of_projects(of), *_of_book(of, planned, on, policy_at(connection, on).notice.within)]
    return sorted(found, key=lambda each: (each.since, each.kind, each.project))


@dataclass(frozen=True)
class _Standing:
    """Facts, notices and vouchers of a book that stand, each in the order of the log."""

    told: Sequence[Fact]
    notices: Sequence[Listed]
    moved: Sequence[Any]

    def published(self, kind: str, subject: str = "") -> int:
        """Return where the last notice of a kind stands in the log, -1 where there is none."""
        of_kind = [each for each in self.notices if each.notice == kind and subject in {"", each.subject}]
        return max((each.position for each in of_kind), default=-1)

    def last(self, kind: str) -> dict[str, Fact]:
        """Return what was told last of a kind, by what it is about."""
        return {each.subject: each for each in self.told if each.kind == kind}

    def vouchers(self, event: str) -> list[Any]:
        """Return the vouchers of an event."""
        return [each for each in self.moved if each.event == event]

    @property
    def over(self) -> set[str]:
        """Return the projects whose works are over, one way or another."""
        ended = {each.project for each in self.moved if each.event in {"acceptance", "cancellation"}}
        return ended | self.last("closing").keys()


def _of_projects(of: _Standing) -> Iterator[Due]:
    for project, told in of.last("approval").items():
        if project not in of.over and of.published("before", project) < told.position:
            yield Due("before", project, told.on, _why("before", fact=told.label, date=told.on))
    accepted = {each.project: each for each in of.vouchers("acceptance")}
    for project, each in accepted.items():
        if of.published("completion", project) < each.position:
            yield Due("completion", project, each.date, _why("completion", voucher=each.number, date=each.date))
    for project, told in of.last("review").items():
        if told.data.get("verdict") == "mend" and of.published("rectification", project) < told.position:
            yield Due("rectification", project, told.on, _why("rectification", fact=told.label, date=told.on))


def _of_book(of: _Standing, planned: set[str], on: date, within: Any) -> Iterator[Due]:
    open_ = sorted(planned - of.over)
    years = [each for each in of.notices if each.notice == "plan" and each.on >= f"{on.year}-01-01"]
    if open_ and not years:
        yield Due("plan", "", f"{on.year}-01-01", _why("plan", year=on.year, count=len(open_)))
    fresh = [each for each in of.vouchers("allotment") if each.position > of.published("allotment")]
    if fresh:
        first = min(fresh, key=lambda each: (each.date, each.position))
        facts_of = {"voucher": first.number, "date": first.date, "days": within.value, "rule": within.rule}
        yield Due("allotment", "", first.date, _why("allotment", **facts_of))
    begin, end = (day.isoformat() for day in quarter_before(on))
    count = sum(begin <= each.date <= end for each in of.moved)
    quarters = [each for each in of.notices if each.notice == "quarter" and each.on > end]
    if count and not quarters:
        yield Due("quarter", "", end, _why("quarter", begin=begin, end=end, count=count))


def _why(kind: str, **given: object) -> Phrase:
    return Phrase("projects", f"notice-due.{kind}", **given)


_STANDING = text(
    "SELECT v.number, v.date, v.event, v.project, v.position FROM voucher v WHERE v.book = :book AND v.date <= :on "
    "AND v.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) "
    "ORDER BY v.position"
)
_PLANNED = text("SELECT DISTINCT project FROM budget_line WHERE book = :book AND project <> :general")

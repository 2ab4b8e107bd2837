"""Work of the office that is late: months not closed, drafts that wait, notices that are due."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from ledger.closed import closed_through
from ledger.statements.period import following
from ledger.waiting import waiting
from projects.late.record import Late, Record, say, way
from projects.notices.due import due


def late(record: Record) -> Iterator[Late]:
    """Yield what is late of the office's own work."""
    yield from _months(record)
    yield from _drafts(record)
    yield from _notices(record)


def _months(record: Record) -> Iterator[Late]:
    """Yield the months of a book that are over for so many days and not closed, as one."""
    through, days = closed_through(record.connection, record.book), record.policy.late.month
    first = month = following(through) if through else record.state.book.started_on[:7]
    since, last, count = record.over(_end(first), days.value), "", 0
    while record.over(_end(month), days.value):
        last, month, count = month, following(month), count + 1
    if since:
        says = say("month", first=first, last=last, count=count, days=days.value, rule=days.rule)
        yield Late("month", first, "", since, says, way("month", month=first, book=record.book))


def _drafts(record: Record) -> Iterator[Late]:
    """Yield drafts that wait for so many days."""
    days = record.policy.late.draft
    for each in waiting(record.connection, record.book):
        since = record.over(each.made_at[:10], days.value)
        if since:
            label, made = f"D{each.id}", each.made_at[:10]
            says = say("draft", draft=label, date=made, maker=each.maker, days=days.value, rule=days.rule)
            yield Late("draft", label, str(each.proposal["project"]), since, says, way("draft", draft=label))


def _notices(record: Record) -> Iterator[Late]:
    """Yield notices that are to be published; an allotment's has its working days."""
    within = record.policy.notice.within.value
    for each in due(record.connection, record.book, record.on):
        last = _working_days_after(each.since, within) if each.kind == "allotment" else each.since
        since = record.over(last)
        if since:
            about = f"{each.kind} {each.project}".strip()
            yield Late("notice", about, each.project, since, each.why, way("notice", about=about))


def _end(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]:02}"


def _working_days_after(day: str, count: int) -> str:
    """Return the day so many working days later: Monday to Friday, as no calendar of holidays is kept."""
    start = date.fromisoformat(day)
    friday = 4
    start -= timedelta(days=max(0, start.weekday() - friday))
    weeks, rest = divmod(count, 5)
    weekend = 2 if start.weekday() + rest > friday else 0
    return (start + timedelta(weeks=weeks, days=rest + weekend)).isoformat()

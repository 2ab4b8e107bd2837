"""Observations of indicators: a numerator over a denominator, of a place and a day, with what shows it.

An acceptance brings some, as rows that its voucher seals; so do the baselines of the register. All others are facts:
of the village's book where it has one, of the office where it has none yet. What was withdrawn, or whose voucher was
reversed, does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger import facts, log, people, register
from ledger.errors import Names
from ledger.facts import Fact, Paper
from ledger.store.workspace import Unit
from ledger.text import words
from projects.errors import HamletUnfit, IndicatorLevel
from projects.indicators import Indicators, need_known
from projects.places import Places

KIND = "observation"
TARGET = "indicator-target"
"""Kinds of facts; the subject of each is the place."""


@dataclass(frozen=True)
class Seen:
    """What was observed of an indicator at a place, a village or a hamlet, on a day.

    `label` names the voucher or fact that says it, `project` the project that brought it about, if one did; `until` is
    the day by which a target is to be met; `order` says which of one day came later.
    """

    indicator: str
    place: str
    on: str
    numerator: int
    denominator: int
    evidence: str
    book: str = ""
    label: str = ""
    project: str = ""
    seq: int | None = None
    until: str = ""
    papers: int = 0
    order: tuple[int, int] = (0, 0)

    @property
    def when(self) -> tuple[str, tuple[int, int]]:
        """Return what observations of one place are put in order by."""
        return self.on, self.order

    @property
    def value(self) -> str:
        """Return it as people write it."""
        return f"{self.numerator}/{self.denominator}"


def seen(connection: Connection, *, book: str | None = None) -> list[Seen]:
    """Return the observations of a book, or of all books and of the office, in the order of their days."""
    found = [*_rows(connection, book), *_facts(connection, book)]
    return sorted(found, key=lambda each: (each.indicator, each.place, *each.when))


def _rows(connection: Connection, book: str | None) -> Iterator[Seen]:
    row: Any
    for row in connection.execute(_ROWS, {"book": book}):
        yield Seen(
            row.indicator,
            row.village,
            row.observed_on,
            row.numerator,
            row.denominator,
            row.evidence,
            book=row.book,
            label=f"V{row.number}" if row.number else "",
            project=row.project or "",
            seq=row.seq,
            # A baseline of the register comes before whatever else happened on its day.
            order=(-1 if row.leaf is None else row.leaf, row.position),
        )


def targets(connection: Connection) -> list[Seen]:
    """Return every target, in the order of their recording; of one place the latest stands."""
    return list(_facts(connection, None, TARGET))


def log_of(connection: Connection, village: str, book: str | None = None) -> str:
    """Return the log that observations of a village go to: its book's, or the office's where it has no book yet.

    Of several books it is the first, unless one is named.
    """
    books = [each.code for each in register.list_books(connection) if each.village == village]
    return book if book in books else min(books, default=log.OFFICE)


def record(
    unit: Unit,
    kind: str,
    known: Indicators,
    places: Places,
    place: str,
    values: Mapping[str, tuple[int, int]],
    *,
    on: date,
    by: str,
    evidence: str,
    papers: Sequence[Paper] = (),
    project: str = "",
    until: str = "",
    book: str | None = None,
) -> list[Fact]:
    """Record what was observed at a place, a village or a hamlet, or what is aimed at: one fact for each indicator.

    Raises:
        Unknown: a place or an indicator that there is not.
        IndicatorLevel: a hamlet is no place to observe it.
        HamletUnfit: the hamlet was a part of another one by then.
        RoleMissing: who records it may not make vouchers of the village's book.
    """
    need_known(known, values)
    village = places.village_of(place)
    merged = places.merged(place)
    if merged and merged.on <= on.isoformat():
        raise HamletUnfit(about="merged", hamlet=place, into=merged.into, fact=merged.label)
    above = Names(each for each in values if place != village and known[each].aggregation != "sum")
    if above:
        raise IndicatorLevel(indicators=above, hamlet=place, village=village)
    of = log_of(unit.connection, village, book)
    people.need_role(unit.connection, by, "maker", people.EVERY_BOOK if of == log.OFFICE else of)
    said = {"evidence": words(evidence, "evidence"), "project": project, "until": until}
    shared = {key: value for key, value in said.items() if value}
    return [
        facts.record(
            unit,
            of,
            kind,
            place,
            on=on,
            by=by,
            data={"indicator": each, "numerator": numerator, "denominator": denominator} | shared,
            documents=papers,
        )
        for each, (numerator, denominator) in values.items()
    ]


def _facts(connection: Connection, book: str | None, kind: str = KIND) -> Iterator[Seen]:
    for of in [book] if book else log.logs(connection):
        yield from filter(None, map(read, facts.facts(connection, of, kind)))


def read(fact: Fact) -> Seen | None:
    """Return what a fact observed, None where it cannot be read: that is left to whoever looks at facts."""
    data = fact.data
    numerator, denominator = data.get("numerator"), data.get("denominator")
    if not isinstance(numerator, int) or not isinstance(denominator, int) or numerator < 0 or denominator <= 0:
        return None
    return Seen(
        str(data.get("indicator", "")),
        fact.subject,
        fact.on,
        numerator,
        denominator,
        str(data.get("evidence", "")),
        book="" if fact.log == log.OFFICE else fact.log,
        label=fact.label,
        project=str(data.get("project", "")),
        until=str(data.get("until", "")),
        papers=len(fact.documents),
        order=(fact.position, 0),
    )


def latest(found: Iterable[Seen], on: str) -> Seen | None:
    """Return the last observation until a day."""
    return max((each for each in found if each.on <= on), key=lambda each: each.when, default=None)


_ROWS = text(
    "SELECT o.book, b.village, o.indicator, o.observed_on, o.position, o.numerator, o.denominator, o.evidence, o.seq, "
    "v.number, v.project, v.position AS leaf FROM observation o JOIN book b ON b.code = o.book "
    "LEFT JOIN voucher v ON v.book = o.book AND v.seq = o.seq "
    "WHERE (CAST(:book AS TEXT) IS NULL OR o.book = :book) AND NOT EXISTS "
    "(SELECT 1 FROM voucher r WHERE r.book = o.book AND r.reverses = o.seq)"
)

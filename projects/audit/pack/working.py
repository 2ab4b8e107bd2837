"""What the sheets of a pack share: the book read once for its period, and the figures at both ends of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Connection

from ledger import chart, messages
from ledger.facts import COMMITMENT, Fact
from ledger.messages import Lang
from ledger.register import Book
from ledger.statements import STATEMENTS, Period, Statement
from ledger.statements.moves import Line, Move, lines, moves
from ledger.statements.statement import Cell
from projects.audit.engine import ACROSS, IN_BOOK, run, tests
from projects.audit.model import Report
from projects.audit.reading import Entry, Reading, read_book
from projects.figures import made_of, weigh
from projects.indicators import Indicators

Pair = tuple[str, str]
"""A project and a channel."""


@dataclass(frozen=True)
class Scope:
    """What a pack is about: a book and a period; of a term also whose it is, and in what post."""

    book: Book
    period: Period
    lang: Lang
    person: str = ""
    post: str = ""


@dataclass
class Working:
    """A book in a period, read once. `today` is the day on which the pack is made: no later day is looked at."""

    connection: Connection
    scope: Scope
    today: date
    known: Indicators

    @property
    def until(self) -> date:
        """Return the day of the figures: the last of the period, or today if it is not over."""
        return min(date.fromisoformat(self.scope.period.until), self.today)

    def say(self, key: str, **facts: object) -> str:
        """Return words of the pack."""
        return messages.text("projects", f"pack.{key}", self.scope.lang, **facts)

    def word(self, group: str, key: str) -> str:
        """Return the word for an event, a fact, a role or a choice; the key itself where there is none."""
        name, lang = f"{group}.{key}", self.scope.lang
        return messages.text("projects", name, lang) if messages.has("projects", name, lang) else key

    def statement(self, name: str) -> Statement:
        """Return one of the statements of the period."""
        return STATEMENTS[name](self.connection, self.scope.book.code, self.scope.period)

    def mine(self, name: str) -> str:
        """Return the mark of what names the person of the term, nothing for anybody else."""
        return self.say("mine") if self.scope.person and self.scope.person in name else ""

    @cached_property
    def funds(self) -> Statement:
        """Return the special funds by project and channel."""
        return self.statement("funds")

    @cached_property
    def lines(self) -> list[Line]:
        """Return the postings of money in the period."""
        return lines(self.connection, self.scope.book.code, self.scope.period)

    @cached_property
    def moves(self) -> list[Move]:
        """Return what moved until the end of the period, by account and channel."""
        return moves(self.connection, self.scope.book.code, self.scope.period)

    @cached_property
    def reading(self) -> Reading:
        """Return the book as audit tests see it, at the end of the period."""
        return read_book(self.connection, self.scope.book.code, self.until)

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Return the vouchers until the end of the period by their labels."""
        return {each.label: each for each in self.reading.entries}

    def is_in(self, day: str) -> bool:
        """Tell whether a day is in the period."""
        return self.scope.period.since <= day <= self.scope.period.until

    @cached_property
    def report(self) -> Report:
        """Return what the audit tests find in the book at the end of the period.

        Tests that compare projects look at all books, and only what they find in this one is told. What does not last,
        and was over before the period, is left out.
        """
        code, on = self.scope.book.code, self.until
        own = run(self.connection, on=on, books=[code], only=IN_BOOK)
        across = run(self.connection, on=on, only=ACROSS)
        by_test = {each.test.code: each for each in (*own.results, *across.results)}
        results = [
            replace(
                by_test[test],
                findings=tuple(
                    each
                    for each in by_test[test].findings
                    if each.hit.book == code and (each.test.lasting or self.is_in(each.hit.on))
                ),
                lacking={book: kinds for book, kinds in by_test[test].lacking.items() if book == code},
            )
            for test in tests()
        ]
        return replace(own, results=tuple(results))

    @cached_property
    def at_end(self) -> Mapping[Pair, Mapping[str, int]]:
        """Return what stands on the normal side of each role at the end, by project and channel."""
        roles = chart.load(self.scope.book.chart).roles
        found: dict[Pair, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for each in self.moves:
            found[each.project, each.channel][each.role] += roles[each.role].normal * each.closing
        return found

    def figure(self, name: str, pairs: Iterable[Pair]) -> int:
        """Return a figure of some projects and channels together, at the end of the period, in fen."""
        total = 0
        for pair in pairs:
            has = partial(_of, self.at_end.get(pair, {}))
            total += weigh(made_of(name, self.reading.sources.get(pair[1], "")), has)
        return total

    def pairs(self, *, project: str = "", channel: str = "") -> list[Pair]:
        """Return the projects with their channels, of one project or one channel if asked."""
        return sorted(each for each in self.at_end if project in {"", each[0]} and channel in {"", each[1]} and each[0])

    def told(self, fact: Fact) -> str:
        """Return what a fact says, key by key, in words; what is private is not there."""
        said = [(key, value) for key, value in fact.data.items() if not key.endswith(COMMITMENT)]
        joined = "；" if self.scope.lang == "zh" else "; "
        return joined.join(f"{self.word('fact', key)} {self._plain(key, value)}" for key, value in said if value)

    def _plain(self, key: str, value: Any) -> str:
        if isinstance(value, Mapping):
            return " ".join(f"{name} {self._plain(name, each)}" for name, each in value.items())
        if isinstance(value, list | tuple):
            return " ".join(self._plain(key, each) for each in value)
        return self.word("method" if key == "method" else f"choice.{key}", str(value))


def sheet(
    working: Working, name: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, sums: Iterable[int] = ()
) -> Statement:
    """Return a sheet of a pack; its columns of amounts are those that hold an amount in any row."""
    money = {columns[place] for row in rows for place, cell in enumerate(row) if isinstance(cell, int)}
    code, period = working.scope.book.code, working.scope.period.name
    return Statement(f"pack-{name}", code, period, columns, frozenset(money), rows, frozenset(sums))


def total(working: Working, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *amounts: str) -> list[Cell]:
    """Return the row that sums up amounts; the first cell of it says so."""
    places = {columns.index(each) for each in amounts}
    summed: list[Cell] = [
        sum(int(row[place] or 0) for row in rows) if place in places else "" for place in range(len(columns))
    ]
    return [working.say("total"), *summed[1:]]


def _of(roles: Mapping[str, int], role: str) -> int:
    return roles.get(role, 0)

"""Files as they would be taken in: what was understood, each row with its fate, what stands against it; and taking.

The three kinds of files go the ways that the command line goes; here stands only what a page shows of them.
"""

from __future__ import annotations

import collections.abc
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict

from importers import tables
from importers.beans import Book
from importers.reader import Workbook
from importers.tables import Asked, Doubt, Mapping, Reading, Total, mapping
from ledger import canonical, messages
from ledger.errors import Refusal
from ledger.messages import Lang
from ledger.text import code, parse_date, words
from projects import intake, list_rows, listings, takeover
from projects.desk import Desk
from projects.errors import ImportRowUnknown
from projects.indicators import indicators_of
from projects.intake import Wish
from projects.listings import Receipt, Seen
from projects.web import instead
from projects.web.handed import Handed

IGNORED = "ignore"
"""The kind of a column that holds nothing that is needed."""
ALIKE = ("differs", "top-up")
"""Rows of these fates may be added to the project that is there."""
AnySeen = Workbook | Seen | Book


@dataclass(frozen=True)
class Options:
    """What a person says of a file, as typed; names of the file's own stand beside what they are here."""

    typed: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    skip: tuple[str, ...] = ()
    top_up: tuple[str, ...] = ()

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> Options:
        """Return what a form says."""
        names = ("unit", "channel", "only", "number", "date", "project", "cash", "no_allot")
        typed = {name: form.get(name, "").strip() for name in names}
        return cls(
            {name: value for name, value in typed.items() if value},
            _pairs(form, "money", "code"),
            _pairs(form, "heading", "kind"),
            _pairs(form, "account", "means"),
            tuple(sorted(form.getlist("skip"))),
            tuple(sorted(form.getlist("top_up"))),
        )

    @property
    def mark(self) -> str:
        """Return a hash of all of it: what is taken is what was looked at."""
        said = [self.typed, self.channels, self.columns, self.accounts, list(self.skip), list(self.top_up)]
        return hashlib.sha256(canonical.dumps(said).encode()).hexdigest()

    def mapping(self) -> Mapping:
        """Return what the office says of the file's columns, units, channels and accounts."""
        every = {"": code(self.typed["channel"], "channel")} if "channel" in self.typed else {}
        return mapping.make(self.columns, self.typed.get("unit", ""), self.channels | every, self.accounts)

    def wish(self, reading: Reading) -> Wish:
        """Return how a table is taken."""
        number = self.typed.get("number") or next((each.document for each in reading.tables if each.document), "")
        return Wish(
            channels=self.mapping().channels,
            only=self.typed.get("only", ""),
            top_up=_numbers(self.top_up),
            skip=_numbers(self.skip),
            allot="no_allot" not in self.typed,
            number=words(number, "number", needed=False),
            date=parse_date(self.typed["date"]).isoformat() if "date" in self.typed else None,
        )


@dataclass(frozen=True)
class Row:
    """A row as it is shown; `number` is that by which it is left out or added to what is there."""

    number: int
    cells: tuple[Any, ...]
    fate: str
    may_top_up: bool = False
    again: bool = False
    """Another part of a row that stands above."""


@dataclass(frozen=True)
class Shown:
    """A file as a page shows it: `asks` are names of the file's own that the office says something of, by kind."""

    kind: str
    said: Sequence[str]
    heads: Sequence[str]
    rows: Sequence[Row]
    warnings: Sequence[str]
    problems: Sequence[str]
    says: str
    can_take: bool
    asks: collections.abc.Mapping[str, Sequence[str]] = field(default_factory=dict)


class Looking:
    """Looks at a file for a book, in one language."""

    def __init__(self, connection: Connection, desk: Desk, say: Callable[..., str], lang: Lang) -> None:
        self._connection = connection
        self._desk = desk
        self._say = say
        self._lang: Lang = lang

    def look(self, handed: Handed[AnySeen], options: Options) -> Shown:
        """Return a file as it would be taken with what was said of it.

        Raises:
            Refusal: it holds nothing that is known, or what was said cannot be read.
        """
        if isinstance(handed.seen, Workbook):
            return self._projects(handed.name, handed.seen, options)
        if isinstance(handed.seen, Book):
            return self._ledger(handed.seen, options)
        return self._list(handed, handed.seen, options)

    def asked(self, handed: Handed[AnySeen], options: Options) -> list[Asked]:
        """Return the headings that somebody has to say something of before a table is found; none for other files.

        What is not said of any of them is not needed.
        """
        if not isinstance(handed.seen, Workbook):
            return []
        known = options.mapping()
        return [each if each.kind else replace(each, kind=IGNORED) for each in tables.asked(handed.seen, mapping=known)]

    def _projects(self, name: str, sheets: Workbook, options: Options) -> Shown:
        reading = tables.read(sheets, path=Path(name), mapping=options.mapping())
        seen = intake.consider(self._connection, self._desk.book, reading, options.wish(reading))
        said = []
        unread: list[str] = []
        for table in reading.tables:
            rows = self._join(map(str, table.header))
            said.append(self._say("print.import-table", sheet=table.sheet or "—", rows=rows, title=table.title or "—"))
            known = [f"{each.heading}={self._say(f'import-column.{each.kind}')}" for each in table.columns if each.kind]
            said.append(self._say("print.import-columns", columns=self._join(known)))
            unread += [each.heading for each in table.columns if not each.kind]
            said += self._totals(table.totals)
        heads = ("row", "name", "place", "import-channel", "channel", "amount", "project", "fate")
        rows_shown = [
            Row(
                fate.row.row,
                (fate.row.name, fate.row.place, fate.channel, fate.code, fate.fen, fate.project),
                fate.fate,
                fate.fate in ALIKE,
                again=place > 0 and seen.fates[place - 1].row is fate.row,
            )
            for place, fate in enumerate(seen.fates)
        ]
        fen = sum(fate.fen or 0 for fate in seen.taken)
        says = self._say("web.intake.projects", projects=len(seen.projects), fen=fen)
        money = dict.fromkeys(fate.channel for fate in seen.fates if fate.channel and fate.fate in {"new", *ALIKE})
        asks = {"money": list(money), "heading": list(dict.fromkeys(unread))}
        shown = self._shown("projects", said, heads, rows_shown, reading.doubts, seen.problems, says)
        return replace(shown, can_take=bool(seen.taken) and not seen.problems, asks=asks)

    def _list(self, handed: Handed[AnySeen], seen: Seen, options: Options) -> Shown:
        on = parse_date(options.typed["date"]) if "date" in options.typed else None
        found = listings.consider(
            self._connection,
            self._desk.book,
            seen,
            file=listings.hash_of(handed.path),
            indicators=indicators_of(self._desk.workspace.path),
            on=on or self._desk.workspace.clock().date(),
            skip=_numbers(options.skip),
        )
        totals, doubts, problems = list_rows.checked(seen, found)
        kind = listings.kind_of(seen)
        rows = [
            Row(each["row"], (each["name"], each["place"], each["amount_fen"]), each["fate"])
            for each in list_rows.rows(seen, found)
        ]
        said = [self._say("print.import-list", kind=self._say(f"list.{kind}"), count=len(rows)), *self._totals(totals)]
        heads = ("row", "name", "place", "amount", "fate")
        shown = self._shown(
            "list", said, heads, rows, doubts, problems, self._say("web.intake.rows", count=len(found.new))
        )
        can_take = bool(found.new) and not problems
        return replace(shown, can_take=can_take, asks={"receipt": [kind] if kind == listings.CONTRIBUTIONS else []})

    def _ledger(self, seen: Book, options: Options) -> Shown:
        found = takeover.consider(self._connection, self._desk.book, seen, options.accounts, self._desk.say)
        said = [self._say("print.ledger", date=seen.day, count=len(found.lines), files=len(seen.files))]
        said += [
            self._say("print.ledger-opening", project=project, lines=self._join(lines))
            for project, lines in found.openings.items()
        ]
        said += [self._say("print.ledger-later", count=seen.after, date=seen.day)] if seen.after else []
        rows = [
            Row(
                0,
                (
                    each.balance.account,
                    each.balance.commodity,
                    each.balance.number,
                    each.project,
                    each.role,
                    each.channel,
                ),
                each.fate,
            )
            for each in found.lines
        ]
        heads = ("account", "commodity", "amount", "project", "ledger-role", "channel", "fate")
        says = self._say("web.intake.openings", count=len(found.openings))
        shown = self._shown("ledger", said, heads, rows, (), found.problems, says)
        odd = [self._say(f"print.ledger-{each.kind}", file="", row=each.line, text=each.text) for each in seen.odd]
        accounts = list(dict.fromkeys(each.balance.account for each in found.lines))
        can_take = bool(found.openings) and not found.problems
        return replace(shown, warnings=odd, can_take=can_take, asks={"account": accounts})

    def _shown(
        self,
        kind: str,
        said: Sequence[str],
        heads: Sequence[str],
        rows: Sequence[Row],
        doubts: Iterable[Doubt],
        problems: Sequence[Refusal],
        says: str,
    ) -> Shown:
        told = [instead.explain(each, self._lang) for each in problems]
        if told:
            says = self._say("print.import-stopped", count=len(told))
        named = [self._say(f"column.{each}") for each in heads]
        return Shown(kind, said, named, rows, [self._doubt(each) for each in doubts], told, says, can_take=False)

    def _doubt(self, each: Doubt) -> str:
        where = self._say("print.import-sheet", sheet=each.sheet) if each.sheet else ""
        return " ".join(filter(None, (where, each.sentence(self._lang, instead.at_desk(self._lang)))))

    def _totals(self, totals: Iterable[Total]) -> list[str]:
        """Return the sums that the file states and that are right; what is wrong is among what is doubtful."""
        return [
            self._say("print.import-total", row=each.row, label=each.label, column=each.column, stated=each.stated)
            for each in totals
            if each.stated == each.computed
        ]

    def _join(self, items: Iterable[str]) -> str:
        return self._say("print.join").join(items)


def take(
    desk: Desk, handed: Handed[AnySeen], options: Options, *, key: str, progress: Callable[[float], None]
) -> dict[str, Any]:
    """Take a file in, as the command line does with --commit: all of it or nothing.

    Raises:
        Refusal: whatever stands against it.
    """
    seen, path = handed.seen, handed.path
    if isinstance(seen, Workbook):
        reading = tables.read(seen, path=Path(handed.name), mapping=options.mapping())
        return intake.take(desk, path, reading, options.wish(reading), key=key, progress=progress)
    if isinstance(seen, Book):
        return takeover.take(desk, path, seen, options.accounts, key=key)
    channel = options.typed.get("channel", "")
    receipt = Receipt(code(channel, "channel"), "cash" in options.typed) if channel else None
    on = parse_date(options.typed["date"]) if "date" in options.typed else None
    said: dict[str, Any] = {"project": options.typed.get("project", ""), "on": on, "receipt": receipt}
    return listings.take(desk, path, seen, **said, skip=_numbers(options.skip), key=key)


def _pairs(form: MultiDict[str, str], names: str, values: str) -> dict[str, str]:
    """Return names with what was chosen beside them, those without anything left out."""
    found = zip(form.getlist(names), form.getlist(values), strict=False)
    return {name: value.strip() for name, value in found if name and value.strip()}


def _numbers(rows: Iterable[str]) -> frozenset[int]:
    """Return numbers of rows as a form carries them.

    Raises:
        ImportRowUnknown: one is no number of a row.
    """
    for each in rows:
        if not (each.isascii() and each.isdigit() and len(each) < 8):  # noqa: PLR2004 - more rows than a sheet has
            raise ImportRowUnknown(rows=each)
    return frozenset(map(int, rows))


def heading_kinds(lang: Lang) -> list[tuple[str, str]]:
    """Return what a column may be said to be, with its name."""
    said, prefix = messages.catalogue("projects", lang), "import-column."
    return [(key.removeprefix(prefix), name) for key, name in said.items() if key.startswith(prefix)]

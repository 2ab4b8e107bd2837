"""Lists taken in as facts: who got a subsidy, what households paid, what a village owns, what a survey found.

A list moves no money: vouchers do, and the bank's statement shows it. What is a person's stays in the private store;
the log holds a commitment to it and how many there were; such a file is not kept, only its hash. Any other file is kept
as the paper of its facts. A file that was taken, or the same rows in another file, is recorded once.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from importers.errors import CellUnprintable, FileRefused, FileUnreadable
from importers.lists import Listing, ListRow
from importers.oc4ids import StandardProject
from ledger import facts, people, register
from ledger.errors import Refusal, TextUnprintable
from ledger.facts import Fact, Paper
from ledger.money import parse, plain
from ledger.store.workspace import Unit
from ledger.text import LONGEST, words
from projects import observations, registry
from projects.desk import Desk
from projects.errors import ListReceiptUnfit, ListRowUnfit
from projects.indicators import Indicators, indicators_of
from projects.places import Places, hamlet_code, places

CONTRIBUTIONS = "contributions"
"""The kind of a list of what households paid."""
LIST, PERSON, ASSET, PUBLISHED = "list", "listed-person", "asset", "published-project"
"""Kinds of facts: the list itself, a person in one, an asset, a project as somebody else published it."""

Seen = Listing | tuple[StandardProject, ...]


@dataclass(frozen=True)
class Receipt:
    """That what households paid by a list arrived: for which channel, and whether in cash."""

    channel: str
    cash: bool = False


_PRIVATE = {
    "person": facts.PERSON,
    "identity": "id",
    "account": "account",
    "telephone": "telephone",
    "keeper": "keeper",
}
"""Columns that are a person's, by the private field that holds them."""
_ASSET = {"asset": "name", "category": "category", "quantity": "quantity", "unit": "unit", "acquired": "acquired"}
_PUBLISHED = ("id", "title", "status", "sector", "owner")
_LONGEST_COUNT = 9


@dataclass(frozen=True)
class Entry:
    """A row as it would be recorded; an observation has its place, indicator and counts in `data`."""

    row: int
    kind: str
    data: Mapping[str, Any]
    private: Mapping[str, str]
    sheet: str = ""
    known: bool = False

    @property
    def same(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Return by what a row is known again."""
        return self.kind, tuple(sorted((key, str(value)) for key, value in (*self.data.items(), *self.private.items())))


@dataclass(frozen=True)
class Intake:
    """A list as it would be taken: its entries, those that are known already among them, and what stands against it."""

    entries: tuple[Entry, ...]
    problems: tuple[Refusal, ...]

    @property
    def new(self) -> list[Entry]:
        """What would be recorded."""
        return [each for each in self.entries if not each.known]


def kind_of(seen: Seen) -> str:
    """Return what kind of list it is, by its name in the catalogue."""
    return seen.kind if isinstance(seen, Listing) else "oc4ids"


def consider(
    connection: Connection,
    book: str,
    seen: Seen,
    *,
    file: str,
    indicators: Indicators,
    on: date,
    skip: frozenset[int] = frozenset(),
) -> Intake:
    """Return what would become of each row of a list in a book, but for those that are skipped; nothing is changed.

    `file` is the list's SHA-256.
    """
    told = seen.problems if isinstance(seen, Listing) else ()
    problems: list[Refusal] = [each for each in told if each.facts.get("row") not in skip]
    reader = _Reader(places(connection), register.need_book(connection, book).village, indicators, on)
    entries: list[Entry] = []
    for row in seen.rows if isinstance(seen, Listing) else seen:
        if _number(row) in skip:
            continue
        try:
            entry = _fit(reader.read(row, kind_of(seen)))
            entries.append(replace(entry, sheet=getattr(row, "sheet", "")))
        except Refusal as refusal:
            problems.append(refusal)
    taken = _Taken(connection, book)
    entries = [replace(each, known=file in taken.files or taken.met(each)) for each in entries]
    return Intake(tuple(entries), tuple(problems))


def take(
    desk: Desk,
    path: Path,
    seen: Seen,
    *,
    project: str = "",
    on: date | None = None,
    skip: frozenset[int] = frozenset(),
    receipt: Receipt | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    """Record a list and its rows as facts of the desk's book, all in one unit of work.

    With `receipt` what the households of its new rows paid is drafted as one receipt, for an approver to seal.

    Raises:
        FileRefused: its `problems` stand against taking it; nothing is kept then.
        ListReceiptUnfit: a receipt was asked for of another kind of list, or of no project.
        RoleMissing: the user makes no vouchers in this book.
        Refusal: whatever else the book or the key refuses.
    """
    if receipt and (kind_of(seen) != CONTRIBUTIONS or not project):
        raise ListReceiptUnfit(about="project" if kind_of(seen) == CONTRIBUTIONS else "kind")
    indicators, file = indicators_of(desk.workspace.path), hash_of(path)
    day = on or desk.workspace.clock().date()

    def act(unit: Unit) -> dict[str, Any]:
        people.need_role(unit.connection, desk.user, "maker", desk.book)
        book = register.need_book(unit.connection, desk.book)
        facts.need_begun(day, book=desk.book, started_on=book.started_on)
        if project:
            registry.need_project(unit.connection, desk.book, project)
        intake = consider(unit.connection, desk.book, seen, file=file, indicators=indicators, on=day, skip=skip)
        if intake.problems:
            raise FileRefused(path=path, problems=list(intake.problems))
        made: list[Fact] = []
        if intake.new:
            papers = () if any(each.private for each in intake.entries) else desk.papers([path])
            made = _record(desk, unit, intake.new, _Whole(seen, project or book.village, file, day, papers))
        drafts = [_received(desk, unit, intake.new, made[0].label, project, day, receipt)] if made and receipt else []
        return {"book": desk.book, "facts": [each.label for each in made], "rows": len(intake.new), "drafts": drafts}

    content = {"file": file, "book": desk.book, "user": desk.user, "project": project, "date": str(on or "")}
    content |= {"skip": ",".join(map(str, sorted(skip)))} if skip else {}
    content |= {"receipt": receipt.channel, "cash": str(receipt.cash)} if receipt else {}
    return desk.change("import list", content, act, key=key)


def _number(row: ListRow | StandardProject) -> int:
    return row.row if isinstance(row, ListRow) else row.position


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises:
        FileUnreadable: it is not there any more.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise FileUnreadable(path=path, reason=error) from None


@dataclass(frozen=True)
class _Whole:
    """What is the same for all rows of a list."""

    seen: Seen
    subject: str
    file: str
    on: date
    papers: tuple[Paper, ...]


def _record(desk: Desk, unit: Unit, entries: list[Entry], whole: _Whole) -> list[Fact]:
    title = words(_cut(whole.seen.title), "title", needed=False) if isinstance(whole.seen, Listing) else ""
    persons = sum(facts.PERSON in each.private for each in entries)
    said: dict[str, Any] = {"list": kind_of(whole.seen), "title": title, "file": whole.file, "rows": len(entries)}
    said |= {"households": persons}
    top = facts.record(
        unit,
        desk.book,
        LIST,
        whole.subject,
        on=whole.on,
        by=desk.user,
        data={key: value for key, value in said.items() if value},
        documents=whole.papers,
    )
    made = [top]
    known = places(unit.connection)
    for number, each in enumerate(entries, 1):
        if each.kind == observations.KIND:
            counts = int(each.data["numerator"]), int(each.data["denominator"])
            made += observations.record(
                unit,
                observations.KIND,
                indicators_of(desk.workspace.path),
                known,
                str(each.data["place"]),
                {str(each.data["indicator"]): counts},
                on=date.fromisoformat(str(each.data["day"])),
                by=desk.user,
                evidence=title or top.label,
                papers=whole.papers,
                book=desk.book,
            )
            continue
        # A person is a subject of its own: with the name, everything private about it is erased.
        subject = f"{top.label}-{number}" if facts.PERSON in each.private else whole.subject
        data = {"from-list": top.label, "row": each.row, **each.data}
        made.append(
            facts.record(
                unit, desk.book, each.kind, subject, on=whole.on, by=desk.user, data=data, private=each.private
            )
        )
    return made


def _received(
    desk: Desk, unit: Unit, entries: list[Entry], label: str, project: str, day: date, receipt: Receipt
) -> str:
    """Draft the receipt of what households paid by a list; return the draft's label.

    Its narration has the fact and how many households paid: who paid how much stays in the private store.
    """
    paid = [parse(each.private["paid"]) for each in entries if each.private.get("paid")]
    if not sum(paid):
        raise ListReceiptUnfit(about="nothing")
    typed = {
        "date": day.isoformat(),
        "project": project,
        "channel": receipt.channel,
        "amount": plain(sum(paid)),
        "note": desk.say("list-receipt", fact=label, count=sum(map(bool, paid))),
    }
    return str(desk.drafting("receive", typed | ({"cash": True} if receipt.cash else {}))(unit)["draft"])


class _Reader:
    """Rows to entries; what a survey names is looked up."""

    def __init__(self, known: Places, village: str, indicators: Indicators, on: date) -> None:
        self._places = known
        self._village = village
        self._indicators = {name: code for code, each in indicators.items() for name in (code, each.zh, each.en)}
        self._on = on

    def read(self, row: ListRow | StandardProject, kind: str) -> Entry:
        """Return what would be recorded of a row of a list of this kind."""
        if isinstance(row, StandardProject):
            said = {key: getattr(row, key) for key in _PUBLISHED} | {"place": "、".join(row.places)}
            said |= {"amount": "" if row.budget_fen is None else plain(row.budget_fen)}
            return Entry(row.position, PUBLISHED, {key: value for key, value in said.items() if value}, {})
        if kind == "survey":
            return self._observed(row)
        values = {key: plain(value) if isinstance(value, int) else value for key, value in row.values.items()}
        private = {name: values[key] for key, name in _PRIVATE.items() if values.get(key)}
        if kind == "assets":
            data = {name: values[key] for key, name in _ASSET.items() if values.get(key)} | {"place": row.place}
            data |= {"value": values.get("value_fen", "")}
            return Entry(row.row, ASSET, {key: value for key, value in data.items() if value}, private)
        private |= {key: values[f"{key}_fen"] for key in ("amount", "due", "paid") if values.get(f"{key}_fen")}
        private |= {key: values[key] for key in ("date", "people") if values.get(key)}
        private |= {"place": row.place} if row.place else {}
        return Entry(row.row, PERSON, {"list": kind}, private)

    def _observed(self, row: ListRow) -> Entry:
        code = self._indicators.get(row.name)
        if code is None:
            raise ListRowUnfit(about="indicator", row=row.row, text=row.name)
        numerator, denominator = (str(row.values.get(key, "")) for key in ("numerator", "denominator"))
        if not numerator and not denominator:
            numerator, _, denominator = str(row.values.get("value", "")).partition("/")
        fit = all(
            each.isascii() and each.isdigit() and len(each) <= _LONGEST_COUNT for each in (numerator, denominator)
        )
        if not fit or int(denominator) == 0:
            raise ListRowUnfit(about="counts", row=row.row, text=row.name)
        data = {"indicator": code, "numerator": int(numerator), "denominator": int(denominator)}
        return Entry(row.row, observations.KIND, data | {"place": self._place(row), "day": self._day(row)}, {})

    def _place(self, row: ListRow) -> str:
        """Return the village or hamlet of a row; a survey of other villages is taken in their books."""
        said, group = str(row.values.get("village", "")), str(row.values.get("group", ""))
        if said not in {"", self._village, self._places.villages[self._village]["name"]}:
            raise ListRowUnfit(about="village", row=row.row, text=said)
        if not group:
            return self._village
        hamlet = hamlet_code(self._village, group)
        if hamlet not in self._places.hamlets:
            raise ListRowUnfit(about="hamlet", row=row.row, text=group)
        return hamlet

    def _day(self, row: ListRow) -> str:
        said = str(row.values.get("date", ""))
        try:
            day = date.fromisoformat(said) if said else self._on
        except ValueError:
            day = None
        if day is None or day > self._on:
            raise ListRowUnfit(about="day", row=row.row, text=said)
        return day.isoformat()


class _Taken:
    """What lists a book took already: their files, and each of their rows as often as it was recorded."""

    def __init__(self, connection: Connection, book: str) -> None:
        told = facts.facts(connection, book, LIST, PERSON, ASSET, PUBLISHED, observations.KIND)
        private = facts.privates(connection, book)
        lists = {each.label: each for each in told if each.kind == LIST}
        self.files = {str(each.data.get("file", "")) for each in lists.values()}
        self._rows = Counter(
            _again(each, private.get(each.position, {})).same
            for each in told
            # Who takes back the list takes back its rows.
            if each.kind == observations.KIND or each.data.get("from-list") in lists
        )

    def met(self, entry: Entry) -> bool:
        """Tell whether a row is known, once for each time it was recorded."""
        found = self._rows[entry.same] > 0
        self._rows[entry.same] -= found
        return found


def _again(fact: Fact, private: Mapping[str, str]) -> Entry:
    if fact.kind == observations.KIND:
        data = {key: fact.data.get(key) for key in ("indicator", "numerator", "denominator")}
        return Entry(0, fact.kind, data | {"place": fact.subject, "day": fact.on}, {})
    gone = {"from-list", "row"}
    data = {key: value for key, value in fact.data.items() if key not in gone and not key.endswith(facts.COMMITMENT)}
    return Entry(0, fact.kind, data, private)


def _fit(entry: Entry) -> Entry:
    """Return a row with its text as it may stand in the books."""
    return replace(entry, data=_words(entry, entry.data), private=_words(entry, entry.private))


def _words(entry: Entry, values: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in values.items():
        try:
            made[name] = words(_cut(value), name) if isinstance(value, str) else value
        except TextUnprintable as refusal:
            where = {each: refusal.facts[each] for each in ("position", "character")}
            raise CellUnprintable(row=entry.row, column=name, **where) from None
    return made


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"

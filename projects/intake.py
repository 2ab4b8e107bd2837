"""Rows of a file to projects, budget lines and drafts: what each row would become, and then all of them or none.

A row is known again by what the register holds: a project of the same name and place, and in its budget the same
amount of the same channel. So a file that was taken, or the same rows in another file, posts nothing twice; and what
only looks alike is left for the clerk to decide.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from importers.errors import CellUnprintable, FileRefused
from importers.tables import Reading, TableRow
from importers.tables.vocabulary import bare, half
from ledger import channels, money, register, vouchers
from ledger.balances import State
from ledger.errors import Names, Refusal, TextUnprintable
from ledger.store.workspace import Unit
from ledger.text import LONGEST, words
from projects import registry
from projects.desk import Desk
from projects.errors import ImportChannelUnmapped, ImportRowUnknown, ImportUnitUnstated
from projects.events import budgets
from projects.events.requests import Allot
from projects.types import Types, type_called, types_of


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the clerk says about taking a file."""

    channels: Mapping[str, str] = field(default_factory=dict)
    """Channels of the office by the name that the file gives them; the empty name stands for all others."""
    only: str = ""
    """Take only rows whose place has these words."""
    top_up: frozenset[int] = frozenset()
    """Rows whose money is added to the project that is there."""
    skip: frozenset[int] = frozenset()
    """Rows that are left out, with whatever stands against them."""
    allot: bool = True
    number: str = ""
    date: str | None = None


@dataclass
class Fate:
    """What becomes of one channel's money of one row: `fate` is a word of the catalogue under ``fate``."""

    row: TableRow
    channel: str
    fen: int | None
    fate: str
    code: str = ""
    """The office's channel."""
    project: str = ""
    """The project that the row becomes, or is."""


@dataclass
class Intake:
    """A file as it would be taken: each row's fate, and what stands against it."""

    fates: list[Fate]
    problems: list[Refusal]

    @property
    def taken(self) -> list[Fate]:
        """What would be recorded."""
        return [fate for fate in self.fates if fate.fate in {"new", "top-up"}]

    @property
    def projects(self) -> dict[str, list[Fate]]:
        """What would be recorded, by project."""
        found: dict[str, list[Fate]] = defaultdict(list)
        for fate in self.taken:
            found[fate.project].append(fate)
        return found


def consider(connection: Connection | None, book: str, reading: Reading, wish: Wish) -> Intake:
    """Return what would become of each row of a file in a book; nothing is changed.

    Without a connection, as before there is a book, nothing is known yet and no channel is asked for.
    """
    known = channels.list_channels(connection) if connection else []
    names = {bare(each["name"]): each["code"] for each in known}
    codes = {each["code"] for each in known}
    problems: list[Refusal] = [each for each in reading.problems if each.facts.get("row") not in wish.skip]
    if any(doubt.code == "unit-unstated" for doubt in reading.doubts):
        problems.append(ImportUnitUnstated())
    kept = [row for row in reading.rows if row.row not in wish.skip]
    rows = [row for row in kept if row.role == "project" and wish.only in row.place + row.name]
    there = {row.row for row in reading.rows} | {each.facts.get("row") for each in reading.problems}
    if lost := sorted((wish.top_up - {row.row for row in rows}) | (wish.skip - there)):
        problems.append(ImportRowUnknown(rows=Names(map(str, lost))))
    fates = [Fate(row, channel, fen, _passed_over(row, wish)) for row in reading.rows for channel, fen in _money(row)]
    known_projects = _Register(connection, book)
    of_row: dict[int, list[Fate]] = defaultdict(list)
    for fate in fates:
        of_row[id(fate.row)].append(fate)
    for row in rows:
        own = of_row[id(row)]
        for fate in own:
            fate.code = _code(fate.channel, wish, names, codes)
        known_projects.settle(own, top_up=row.row in wish.top_up)
        problems += _unprintable(row)
    asked = fates if connection else []
    lacking = {fate.channel: None for fate in asked if fate.fate in {"new", "top-up"} and fate.fen and not fate.code}
    problems += [
        ImportChannelUnmapped(about="" if name else "none", name=name, channels=Names(sorted(codes)))
        for name in lacking
    ]
    return Intake(fates, problems)


def take(
    desk: Desk,
    path: Path,
    reading: Reading,
    wish: Wish,
    *,
    key: str | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Register the projects of a file with their budgets and draft their allotments, all in one unit of work.

    The file itself becomes the paper of every draft. `progress` is told how far it is, from 0 to 1.

    Raises:
        FileRefused: its `problems` stand against taking it; nothing is kept then.
        Refusal: whatever an event or the key refuses.
    """
    paper, types = desk.keep_paper(path), types_of(desk.workspace.path)

    def act(unit: Unit) -> dict[str, Any]:
        intake = consider(unit.connection, desk.book, reading, wish)
        if intake.problems:
            raise FileRefused(path=path, problems=intake.problems)
        projects = intake.projects
        for done, (project, fates) in enumerate(projects.items()):
            progress(done / (len(projects) * 2))
            _register(unit, desk.book, project, fates, types)
        drafts = _draft(desk, unit, intake, wish, paper, lambda share: progress((1 + share) / 2)) if wish.allot else []
        return {"book": desk.book, "projects": list(intake.projects), "drafts": drafts}

    content = {
        "paper": paper,
        "book": desk.book,
        "user": desk.user,
        "channels": dict(wish.channels),
        "only": wish.only,
        "top_up": sorted(wish.top_up),
        "allot": wish.allot,
        "number": wish.number,
        "date": wish.date,
    }
    # A key of before there was anything to skip still stands for the same.
    content |= {"skip": sorted(wish.skip)} if wish.skip else {}
    return desk.change("import", content, act, key=key)


def _passed_over(row: TableRow, wish: Wish) -> str:
    """Return the fate of a row that is not taken."""
    if row.row in wish.skip:
        return "left-out"
    return "elsewhere" if row.role == "project" else row.role


def _money(row: TableRow) -> list[tuple[str, int | None]]:
    """Return the row's money by channel; a channel that is named twice is counted together."""
    found: dict[str, int | None] = {}
    for part in row.parts:
        before = found.get(part.channel)
        found[part.channel] = part.fen if before is None else before + (part.fen or 0)
    return list(found.items()) or [("", None)]


def _code(name: str, wish: Wish, names: Mapping[str, str], codes: Iterable[str]) -> str:
    """Return the office's channel for the name in a file: as the clerk says, else the channel of just this name."""
    said = {bare(each): code for each, code in wish.channels.items()}
    code = said.get(bare(name)) or (names.get(bare(name)) if name else "") or said.get("") or ""
    return code if code in codes else ""


@dataclass
class _Made:
    """New projects of one name and place, and to how many of them each channel gives."""

    codes: list[str] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)


class _Register:
    """The projects of a book, each recognised once, and the codes for new ones."""

    def __init__(self, connection: Connection | None, book: str) -> None:
        self._known: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._made: dict[tuple[str, str], _Made] = defaultdict(_Made)
        self._next = 1
        if connection:
            self._load(connection, book)

    def _load(self, connection: Connection, book: str) -> None:
        lines: dict[str, dict[str, int]] = defaultdict(dict)
        query = text("SELECT project, channel, planned FROM budget_line WHERE book = :book")
        for project, channel, planned in connection.execute(query, {"book": book}):
            lines[project][channel] = planned
        for row in registry.list_projects(connection, book):
            self._known[bare(row["name"])].append(
                {"code": row["code"], "place": bare(row["place"]), "budget": lines[row["code"]], "met": set()}
            )
            self._next = max(self._next, int(row["code"].removeprefix("P")) + 1)

    def settle(self, fates: Sequence[Fate], *, top_up: bool) -> None:
        """Say what becomes of a row."""
        row, money_of = fates[0].row, {fate.code or fate.channel for fate in fates}
        there = self._there(row, fates, money_of)
        if there is None:
            project = self._new(row, money_of)
            for fate in fates:
                fate.fate, fate.project = "new", project
            return
        there["met"] |= money_of
        for fate in fates:
            fate.project = there["code"]
            fate.fate = "top-up" if top_up and fate.fen else "known" if _alike(fate, there["budget"]) else "differs"

    def _there(self, row: TableRow, fates: Sequence[Fate], money_of: set[str]) -> dict[str, Any] | None:
        """Return the project in the register that this row is, the one with just its money before others.

        Two rows of one name and one channel are two projects, now and when the file comes again.
        """
        found = [
            each
            for each in self._known[bare(_name(row))]
            if not each["met"] & money_of
            and (not each["place"] or not row.place or each["place"] == bare(_cut(row.place)))
        ]
        found.sort(key=lambda each: all(_alike(fate, each["budget"]) for fate in fates), reverse=True)
        return found[0] if found else None

    def _new(self, row: TableRow, money_of: set[str]) -> str:
        """Return the code of a new project; rows of one name whose channels differ are one project."""
        made = self._made[bare(row.name), bare(row.place)]
        # The first project of this name that none of these channels has given to.
        place = max(made.given.get(channel, 0) for channel in money_of)
        if place == len(made.codes):
            made.codes.append(f"P{self._next:03}")
            self._next += 1
        made.given |= dict.fromkeys(money_of, place + 1)
        return made.codes[place]


def _alike(fate: Fate, budget: Mapping[str, int]) -> bool:
    """Tell whether a budget holds just this money; of a channel that nobody named any line may be it."""
    return fate.fen is None or (budget.get(fate.code) == fate.fen if fate.code else fate.fen in budget.values())


def _register(unit: Unit, book: str, project: str, fates: Sequence[Fate], types: Types) -> None:
    """Register a project with its budget, or raise the budget of the one that is there."""
    budget: dict[str, int] = defaultdict(int)
    for fate in fates:
        if fate.fen:
            budget[fate.code] += fate.fen
    if fates[0].fate == "top-up":
        for channel, planned in budget.items():
            register.add_budget_line(unit, book, project, channel, planned)
        return
    row = fates[0].row
    said = row.texts
    remark = "；".join(filter(None, (said.get("content", ""), said.get("remark", ""))))
    detail = {
        "type": type_called(half(said.get("type", "")), types),
        "quantity": said.get("quantity", ""),
        "unit": said.get("unit", ""),
        "place": row.place,
        "responsible": said.get("responsible", ""),
        "benefit": said.get("benefit", ""),
        "remark": remark,
    }
    name = _name(row)
    registry.add_project(
        unit,
        book,
        project,
        title=name,
        name=name,
        budget=budget,
        detail={key: _cut(value) for key, value in detail.items()},
        types=types,
    )


def _draft(
    desk: Desk, unit: Unit, intake: Intake, wish: Wish, paper: str, progress: Callable[[float], None]
) -> list[str]:
    """Draft an allotment for each channel of each row that is allotted by somebody; return the labels."""
    state = State(unit.connection, desk.book)
    labels = []
    taken = intake.taken
    for done, fate in enumerate(taken):
        progress(done / len(taken))
        if not fate.fen or state.source(fate.code) in budgets.UNALLOTTED:
            continue
        typed = {
            "date": wish.date or unit.now.date().isoformat(),
            "project": fate.project,
            "channel": fate.code,
            "amount": money.plain(fate.fen),
            "documents": [paper],
        } | ({"number": wish.number} if wish.number else {})
        proposal = budgets.allot(state, Allot.read(typed), desk.say)  # type: ignore[arg-type]
        labels.append(vouchers.draft(unit, state, proposal, maker=desk.user, verb="allot", request=typed).label)
    return labels


def _unprintable(row: TableRow) -> list[Refusal]:
    """Return what of a row cannot stand in the books; what is only too long is cut, the file is the paper."""
    problems: list[Refusal] = []
    for kind, value in {"name": row.name, "place": row.place, **row.texts}.items():
        try:
            words(_cut(value), kind, needed=False)
        except TextUnprintable as refusal:
            where = {name: refusal.facts[name] for name in ("position", "character")}
            problems.append(CellUnprintable(row=row.row, column=kind, **where))
    return problems


def _name(row: TableRow) -> str:
    """Return a name that can stand in accounts: one that has a letter or a digit."""
    return _cut(row.name if re.search(r"\w", row.name) else f"{row.name} {row.row}")


def _cut(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"

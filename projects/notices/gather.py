"""What a notice says, field by field: from the register, the facts of a project's life, the money of its channels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from ledger import messages, register
from ledger.channels import list_channels
from ledger.facts import Fact, facts
from ledger.messages import Lang
from ledger.register import GENERAL_PROJECT
from projects import registry
from projects.credit import credits_of, proportions
from projects.life.scene import Scene
from projects.notices.content import Field, Table
from projects.notices.figures import Figures
from projects.sheets.movements import Vouchers
from projects.status import status
from projects.types import Types

MONEY = ("planned", "allotted", "received", "certified", "paid", "retention")
"""The figures of a project's channels in a notice's table of money."""


@dataclass
class Gathering:
    """A notice in the making; `said` are texts that only its writer knows, by field."""

    connection: Connection
    book: str
    project: str
    on: date
    lang: Lang
    types: Types
    said: Mapping[str, str]
    figures: Figures = field(init=False)

    def __post_init__(self) -> None:
        self.figures = Figures(self.connection, self.book)

    def field(self, name: str) -> Field | None:
        """Return a field of the notice, None where nothing is known of it."""
        made = FIELDS[name](self) if name not in self.said else (self.said[name], ())
        lines, figures = ([made], ()) if isinstance(made, str) else (made[0], made[1])
        kept = tuple(line for line in ([lines] if isinstance(lines, str) else lines) if line)
        return Field(name, self.text(f"field.{name}"), kept, tuple(figures)) if kept else None

    def table(self, name: str) -> Table | None:
        """Return a table of the notice, None where it would be empty."""
        columns, rows, figures = TABLES[name](self)
        heads = tuple(self.text(f"column.{each}") for each in columns)
        return Table(self.text(f"table.{name}"), heads, tuple(map(tuple, rows)), tuple(figures)) if rows else None

    def text(self, key: str, /, **given: object) -> str:
        """Return a text of notices in the language of this one."""
        return messages.text("projects", f"paper.{key}", self.lang, **given)

    def word(self, key: str) -> str:
        """Return a word of the catalogue."""
        return messages.text("projects", key, self.lang) if messages.has("projects", key, self.lang) else key

    def amount(self, figure: str, project: str, channel: str) -> str:
        """Return the name of a figure, which is made if it is not there yet; what was planned no voucher makes."""
        if figure == "planned":
            return self.figures.stated(figure, project, channel, self.money[project][channel].planned).name
        return self.figures.of(figure, project, channel).name

    def sum(self, figure: str, parts: Iterable[str] | Mapping[str, int], *, about: str = "") -> str:
        """Return the name of a sum of figures; for reading only, as all sums over channels."""
        counted = parts if isinstance(parts, Mapping) else dict.fromkeys(parts, 1)
        return self.figures.sum(f"{figure}/{about or self.project or self.book}/*", counted).name

    def shown(self, name: str) -> str:
        """Return a figure as it is printed."""
        return self.figures.found[name].shown

    @cached_property
    def scene(self) -> Scene:
        """Return what is known of the project."""
        return Scene(self.connection, self.book, self.project, self.on, self.types)

    @cached_property
    def money(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the money of every project of the book by channel."""
        return status(self.connection, self.book)

    @cached_property
    def channels(self) -> dict[str, Mapping[str, Any]]:
        """Return the channels by code."""
        return {each["code"]: each for each in list_channels(self.connection)}

    @cached_property
    def village(self) -> Mapping[str, Any]:
        """Return the village of the book."""
        of = register.need_book(self.connection, self.book).village
        return next(each for each in registry.list_villages(self.connection) if each["code"] == of)

    @cached_property
    def projects(self) -> list[Mapping[str, Any]]:
        """Return the projects of the book, but the one that stands for the village itself."""
        found = registry.list_projects(self.connection, self.book)
        return [each for each in found if each["code"] != GENERAL_PROJECT]

    def last(self, kind: str, **data: str) -> Fact | None:
        """Return what was told of the project last, of a kind."""
        return self.scene.told.last(kind, **data)

    def channel(self, code: str) -> str:
        """Return a channel as people know it, with its document."""
        name, document = self.channels[code]["name"], self.channels[code]["document"]
        return self.text("channel", name=name, document=document) if document else str(name)


Found = str | tuple[str | Iterable[str], Iterable[str]]
"""A text, or lines with the names of their figures."""


def _detail(key: str) -> Callable[[Gathering], Found]:
    return lambda of: of.scene.detail.get(key, "")


def _task(of: Gathering) -> Found:
    detail = of.scene.detail
    size = f"{detail['quantity']} {detail['unit']}".strip() if detail["quantity"] else ""
    return [each for each in (detail.get("task", ""), size) if each], ()


def _nature(of: Gathering) -> Found:
    nature = of.scene.detail.get("nature", "")
    return of.word(f"choice.nature.{nature}") if nature else ""


def _period(of: Gathering) -> Found:
    if not of.project:
        return _year(of)
    begin, end = of.scene.detail["planned-start"], of.scene.detail["planned-finish"]
    return of.text("period", begin=begin or "…", end=end or "…") if begin or end else ""


def _year(of: Gathering) -> Found:
    return of.text("year", year=of.on.year)


def _unit(of: Gathering) -> Found:
    if not of.project:
        units = dict.fromkeys(str(each["responsible"]) for each in of.projects if each["responsible"])
        return of.text("and").join(units)
    detail = of.scene.detail
    person = detail.get("contact", "")
    return of.text("unit", unit=detail["responsible"], person=person) if person else detail["responsible"]


def _approval(of: Gathering) -> Found:
    told = of.last("approval")
    return of.text("approval", **_texts(told, "authority", "number"), date=told.on) if told else ""


def _contractor(of: Gathering) -> Found:
    return [of.text("contractor", name=each.name, party=each.payee) for each in _contracts(of)], ()


def _procurement(of: Gathering) -> Found:
    told = {each.subject: each for each in facts(of.connection, of.book, "procurement")}
    lines = [
        of.text("procurement", name=each.name, method=of.word(f"method.{told[each.code].data['method']}"))
        for each in _contracts(of)
        if each.code in told
    ]
    return lines, ()


def _contracts(of: Gathering) -> list[Any]:
    """Return the contracts of the project that stand, with the day of their signing; persons are masked."""
    return list(of.connection.execute(_CONTRACTS, {"book": of.book, "project": of.project}))


def _sources(of: Gathering) -> Found:
    names = [of.amount("planned", of.project, channel) for channel in of.scene.money]
    lines = [of.text("source", channel=of.channel(_channel(name)), amount=of.shown(name)) for name in names]
    whole = of.sum("planned", names)
    return [*lines, of.text("sum", amount=of.shown(whole))], [*names, whole]


def _objectives(of: Gathering) -> Found:
    latest = {each.data["indicator"]: each.data for each in of.scene.told.all("objective")}
    return [
        of.text(f"objective.{each['sense']}", indicator=name, target=each["target"], unit=each["unit"])
        for name, each in latest.items()
    ], ()


def _beneficiaries(of: Gathering) -> Found:
    told = of.last("beneficiaries")
    return of.text("beneficiaries", **{key.replace("-", "_"): told.data[key] for key in COUNTED}) if told else ""


COUNTED = ("households", "persons", "poor-households", "poor-persons")


def _dates(of: Gathering) -> Found:
    lines = [of.text("signed", name=each.name, date=each.signed_on) for each in _contracts(of)]
    begun, met = of.last("start"), of.last("inspection", verdict="pass")
    lines += [of.text("started", date=begun.on)] if begun else []
    lines += [of.text("inspected", date=met.on)] if met else []
    return lines, ()


def _cost(of: Gathering) -> Found:
    planned = [of.amount("planned", of.project, channel) for channel in of.scene.money]
    spent = [of.amount("certified", of.project, channel) for channel in of.scene.money]
    sums = of.sum("planned", planned), of.sum("certified", spent)
    saved = of.sum("saved", {sums[0]: 1, sums[1]: -1})
    said = ("planned", "settled" if of.last("final-accounts") else "certified", "saved")
    lines = [of.text(key, amount=of.shown(name)) for key, name in zip(said, (*sums, saved), strict=True)]
    return lines, [*planned, *spent, *sums, saved]


def _left(of: Gathering) -> Found:
    held = {channel: each for channel, each in of.scene.money.items() if each.cash}
    names = [of.amount("cash", of.project, channel) for channel in held]
    lines = [of.text("held", channel=of.channel(_channel(name)), amount=of.shown(name)) for name in names]
    return lines, names


def _inspection(of: Gathering) -> Found:
    lines = []
    for told in of.scene.told.all("inspection"):
        level, verdict = (of.word(f"choice.{key}.{told.data[key]}") for key in ("level", "verdict"))
        measured = f"{told.data['quantity']} {told.data.get('unit', '')}".strip()
        lines.append(of.text("inspection", level=level, date=told.on, measured=measured, verdict=verdict))
    return lines, ()


def _asset(of: Gathering) -> Found:
    told = of.last("handover")
    return of.text("asset", **_texts(told, "owner", "keeper", "upkeep")) if told else ""


def _credit(of: Gathering) -> Found:
    found = credits_of(of.connection, of.book, of.project)[0]
    if not any(each.quantity for each in found.shares):
        return ""
    parts = proportions([each.paid for each in found.shares], 10_000)
    unit = found.output.unit.called(of.lang)
    return [
        of.text(
            "credit",
            channel=of.channel(each.channel),
            quantity=found.output.part(each.quantity),
            unit=unit,
            percent=f"{part // 100}.{part % 100:02}",
        )
        for each, part in zip(found.shares, parts, strict=True)
    ], ()


def _scope(of: Gathering) -> Found:
    # Those whose money the notice tells: of the others there is no line in its tables.
    count = sum(any(line.planned or line.allotted for line in of.money[each["code"]].values()) for each in of.projects)
    return of.text("scope", village=of.village["name"], township=of.village["township"], count=count)


def _total(of: Gathering) -> Found:
    names = [of.amount("planned", each["code"], channel) for each in of.projects for channel in of.money[each["code"]]]
    whole = of.sum("planned", names)
    return of.text("sum", amount=of.shown(whole)), [*names, whole]


def _allotted(of: Gathering) -> Found:
    names: list[str] = []
    sums: list[str] = []
    for channel in _of_book(of):
        parts = _held(of, "allotted", channel)
        if parts:
            names += parts
            sums.append(of.figures.sum(f"allotted/{of.book}/{channel}", dict.fromkeys(parts, 1)).name)
    if not sums:
        return ""
    lines = [of.text("source", channel=of.channel(_channel(name)), amount=of.shown(name)) for name in sums]
    whole = of.sum("allotted", sums)
    return [*lines, of.text("sum", amount=of.shown(whole))], [*names, *sums, whole]


def _of_book(of: Gathering) -> list[str]:
    """Return the channels of all projects of the book."""
    return sorted({channel for lines in of.money.values() for channel in lines})


def _held(of: Gathering, figure: str, channel: str) -> list[str]:
    """Return a figure of a channel in every project that has any of it."""
    held = [code for code, lines in of.money.items() if channel in lines and getattr(lines[channel], figure)]
    return [of.amount(figure, code, channel) for code in held]


def _channel(figure: str) -> str:
    return figure.split("/")[2]


def _problem(of: Gathering) -> Found:
    told = of.last("review", verdict="mend")
    return str(told.data.get("reason", "")) if told else ""


def _mend_by(of: Gathering) -> Found:
    told = of.last("review", verdict="mend")
    return str(told.data.get("mend-by", "")) if told else ""


def _mended(of: Gathering) -> Found:
    asked, last = of.last("review", verdict="mend"), of.last("review")
    if asked is None or last is None or last.position <= asked.position:
        return of.text("not-mended")
    return of.text("mended", date=last.on, verdict=of.word(f"verdict.{last.data['verdict']}"))


def _texts(told: Fact, *keys: str) -> dict[str, str]:
    return {key: str(told.data.get(key, "")) or "—" for key in keys}


FIELDS: Mapping[str, Callable[[Gathering], Found]] = {
    "name": _detail("name"),
    "place": _detail("place"),
    "task": _task,
    "nature": _nature,
    "period": _period,
    "unit": _unit,
    "approval": _approval,
    "contractor": _contractor,
    "procurement": _procurement,
    "sources": _sources,
    "objectives": _objectives,
    "beneficiaries": _beneficiaries,
    "mechanism": _detail("mechanism"),
    "participation": _detail("participation"),
    "dates": _dates,
    "cost": _cost,
    "left": _left,
    "inspection": _inspection,
    "asset": _asset,
    "credit": _credit,
    "scope": _scope,
    "total": _total,
    "allotted": _allotted,
    "principles": lambda _of: "",
    "problem": _problem,
    "mend-by": _mend_by,
    "mended": _mended,
}
"""How each field is filled."""

Rows = tuple[Iterable[str], list[list[str]], list[str]]
"""Columns, rows of cells, and the names of the figures in them."""


def _planned(of: Gathering) -> Rows:
    return _of_project(of, ("planned", "allotted"))


def _money(of: Gathering) -> Rows:
    return _of_project(of, MONEY)


def _of_project(of: Gathering, figures: tuple[str, ...]) -> Rows:
    rows, names = [], []
    for channel in of.scene.money:
        made = [of.amount(figure, of.project, channel) for figure in figures]
        names += made
        rows.append([of.channel(channel), *map(of.shown, made)])
    if len(rows) > 1:
        sums = [of.sum(figure, [name for name in names if name.startswith(f"{figure}/")]) for figure in figures]
        names += sums
        rows.append([of.text("all-channels"), *map(of.shown, sums)])
    return ["channel", *figures], rows, names


def _projects(of: Gathering) -> Rows:
    return _list(of, "planned")


def _allotments(of: Gathering) -> Rows:
    return _list(of, "allotted")


def _list(of: Gathering, figure: str) -> Rows:
    """Return the table that published notices have: number, name, place, task, amount by channel, unit."""
    rows: list[list[str]] = []
    names: list[str] = []
    for each in of.projects:
        code = each["code"]
        lines = {channel: line for channel, line in of.money[code].items() if getattr(line, figure)}
        if not lines:
            continue
        made = [of.amount(figure, code, channel) for channel in lines]
        names += made
        amounts = of.text("and").join(
            of.text("amount", channel=self_named(of, _channel(name)), amount=of.shown(name)) for name in made
        )
        size = f"{each['quantity'] or ''} {each['unit'] or ''}".strip()
        detail = Gathering(of.connection, of.book, code, of.on, of.lang, of.types, {}).scene.detail
        task = of.text("and").join(part for part in (detail.get("task", ""), size) if part)
        row = [str(len(rows) + 1), each["name"], detail["place"] or "—", task or "—", amounts]
        rows.append([*row, detail["responsible"] or "—"])
    return ["number", "name", "place", "task", figure, "unit"], rows, names


def _accounts(of: Gathering) -> Rows:
    """Return what each channel of the village has received, spent and left, to the day of the notice."""
    figures = ("received", "paid", "cash")
    rows: list[list[str]] = []
    names: list[str] = []
    for channel in _of_book(of):
        parts = {figure: _held(of, figure, channel) for figure in figures}
        if any(parts.values()):
            sums = [
                of.figures.sum(f"{figure}/{of.book}/{channel}", dict.fromkeys(found, 1)).name
                for figure, found in parts.items()
            ]
            names += [*(name for found in parts.values() for name in found), *sums]
            rows.append([of.channel(channel), *map(of.shown, sums)])
    return ["channel", *figures], rows, names


def _movements(of: Gathering) -> Rows:
    """Return each receipt and payment of the quarter before the notice, one by one: no unexplained others."""
    begin, end = (day.isoformat() for day in quarter_before(of.on))
    vouchers = Vouchers.read(of.connection, of.book)
    rows: list[list[str]] = []
    names: list[str] = []
    for code in of.money:
        for figure, found in (("received", vouchers.receipts(code)), ("paid", vouchers.payments(code))):
            for each in (each for each in found if begin <= each.voucher.date <= end):
                for channel, fen in each.parts.items():
                    name = of.figures.moved(figure, code, channel, each.voucher.number, fen).name
                    names.append(name)
                    row = [each.voucher.date, each.voucher.number, code, of.word(f"event.{each.voucher.event}")]
                    moved = [of.shown(name), ""] if figure == "received" else ["", of.shown(name)]
                    rows.append([*row, self_named(of, channel), each.voucher.payee or "—", *moved])
    rows.sort(key=lambda row: row[1])
    return ["date", "voucher", "project", "event", "channel", "party", "received", "paid"], rows, names


def self_named(of: Gathering, channel: str) -> str:
    """Return a channel's name alone."""
    return str(of.channels[channel]["name"])


def quarter_before(on: date) -> tuple[date, date]:
    """Return the first and the last day of the last quarter that is over on a day."""
    number = (on.month - 1) // 3
    year, quarter = (on.year - 1, 4) if number == 0 else (on.year, number)
    last = {1: 31, 2: 30, 3: 30, 4: 31}[quarter]
    return date(year, quarter * 3 - 2, 1), date(year, quarter * 3, last)


_CONTRACTS = text(
    "SELECT c.code, c.name, c.payee, v.date AS signed_on FROM contract c "
    "JOIN voucher v ON v.book = c.book AND v.seq = c.seq WHERE c.book = :book AND c.project = :project "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) ORDER BY v.seq"
)

TABLES: Mapping[str, Callable[[Gathering], Rows]] = {
    "planned": _planned,
    "money": _money,
    "projects": _projects,
    "allotments": _allotments,
    "accounts": _accounts,
    "movements": _movements,
}

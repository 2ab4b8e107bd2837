"""What open data tells of each project, read from the sealed record in one go per book, and shown by the policy."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from ledger import facts, log
from ledger.facts import Fact
from ledger.messages import Lang
from ledger.register import Book
from projects.life.scene import Told
from projects.opendata.codes import type_codes
from projects.privacy import Privacy, may_locate
from projects.publisher import Publisher
from projects.sheets.movements import CONTRACTED, Movement, Voucher, Vouchers
from projects.sheets.village import Contract, ProjectSheet, VillageSheet
from projects.types import Types, name_of

NOON = "T00:00:00+08:00"
"""A civil day is the one in China: its midnight, never one of UTC, where it would be the day before."""
PROFILE = ("name", "type", "quantity", "unit", "place", "responsible", "planned_start", "planned_finish", "benefit")
RECEIVED, PAID = "in", "out"
"""Which way money goes: to the village, or from it."""
NO_DETAIL = frozenset({"note", "number", "reason"})


def moment(day: str) -> str:
    """Return a civil day as the standards write a time."""
    return day + NOON


@dataclass(frozen=True)
class Party:
    """Somebody whom money comes from or goes to, as the public may know them; `identifier` is a unified code."""

    id: str
    name: str
    identifier: str = ""


@dataclass(frozen=True)
class Channel:
    """A channel of money: its code, its name and what kind of source it is."""

    code: str
    name: str
    source: str

    @property
    def party(self) -> Party:
        """Return the channel as the party that pays."""
        return Party(f"channel-{self.code}", self.name)


@dataclass(frozen=True)
class Record:
    """The whole record as open data sees it; `updated` is when something was recorded last, never the clock."""

    publisher: Publisher
    privacy: Privacy
    types: Types
    channels: Mapping[str, Channel]
    registered: Mapping[str, Fact]
    updated: str

    def type_name(self, kind: str, lang: Lang = "zh") -> str:
        """Return what a type of projects is called."""
        return name_of(self.types, kind, lang)


@dataclass(frozen=True)
class Work:
    """A project: its figures by channel, its movements and contracts, and what was told of it."""

    record: Record
    village: VillageSheet
    sheet: ProjectSheet
    told: Told
    bought: Mapping[str, Told]
    division: Mapping[str, Any]
    touched: str
    sealed: tuple[Voucher, ...]
    worth: Mapping[int, int]
    """By the place of each voucher of a contract, what it moved of the contract's worth, in fen."""

    @property
    def key(self) -> str:
        """Return the project's own identifier: book and code."""
        return key_of(self.village, self.sheet)

    @property
    def id(self) -> str:
        """Return the identifier of the open standard."""
        return f"{self.record.publisher.prefix}-{self.key}"

    @cached_property
    def detail(self) -> dict[str, str]:
        """Return what the project is to be: the register's row, over it what was told later."""
        found = {key.replace("_", "-"): str(self.sheet.project[key] or "") for key in PROFILE}
        for each in self.told.all("project-profile") + self.told.all("adjustment"):
            found |= {key: str(value) for key, value in each.data.items() if key not in NO_DETAIL}
        return found

    def shown(self, field: str) -> str:
        """Return a field of the project as it may be shown."""
        return self.record.privacy.show(f"project.{field}", self.detail.get(field, ""))

    @cached_property
    def codes(self) -> Mapping[str, Any]:
        """Return what the standards call its type."""
        return type_codes(self.record.types, self.detail["type"])

    @cached_property
    def owner(self) -> Party:
        """Return the village, to which the project belongs, with the unified code of its committee if it has one."""
        village = self.village.village
        name = self.record.privacy.show("village.name", village["name"])
        return Party(f"village-{village['code']}", name, str(self.division.get("identifier", "")))

    @cached_property
    def place(self) -> Mapping[str, Any] | None:
        """Return where it is, as GeoJSON of texts; None where nobody told, or where it could lead to a home."""
        found = self.village.located.get(self.sheet.project["code"])
        if found and may_locate(self.record.types, found.types, found.households):
            return found.place
        return None

    @cached_property
    def accepted(self) -> Voucher | None:
        """Return the acceptance that stands, the last one."""
        return self.sheet.results[-1].voucher if self.sheet.results else None

    @cached_property
    def cancelled(self) -> bool:
        """Tell whether it was given up."""
        return any(each.event == "cancellation" and not each.reversed_by for each in self.sealed)

    def vouchers_of(self, contract: str) -> list[Voucher]:
        """Return the vouchers of a contract."""
        return [each for each in self.sealed if each.contract == contract]

    def standing(self, event: str) -> list[Voucher]:
        """Return the vouchers of an event that stand."""
        return [each for each in self.sealed if each.event == event and not each.reverses and not each.reversed_by]

    @cached_property
    def approved(self) -> str:
        """Return the day on which its money was approved: that of the approval, or of the first allotment."""
        told = self.told.last("approval")
        return told.on if told else min([each.date for each in self.standing("allotment")], default="")

    @property
    def state(self) -> str:
        """Return where it stands in the words of the open standard."""
        if self.cancelled:
            return "cancelled"
        if self.told.last("handover") or self.told.last("closing"):
            return "maintenance"
        if self.accepted:
            return "completion"
        if self.sheet.state == "underway" or self.told.last("start"):
            return "implementation"
        return "preparation" if self.told.last("approval") or self.sheet.total.allotted else "identification"

    @cached_property
    def contracts(self) -> tuple[Contract, ...]:
        """Return the contracts that stand."""
        return tuple(each for each in self.sheet.contracts if not each.signed.reversed_by)

    def channel(self, code: str) -> Channel:
        """Return a channel by its code."""
        return self.record.channels[code]

    def payee(self, name: str, *, field: str = "voucher.payee") -> Party:
        """Return whom a voucher pays as the public may know them: an office by name, persons as one group."""
        shown = self.record.privacy.show(field, name)
        if not shown:
            return Party("group-persons", "")
        fact = self.record.registered.get(name)
        if fact and fact.data.get("payee-kind") != "person":
            return Party(f"payee-{fact.subject}", shown, str(fact.data["identifier"]))
        return Party(f"party-{hashlib.sha256(shown.encode()).hexdigest()[:12]}", shown)


def key_of(village: VillageSheet, sheet: ProjectSheet) -> str:
    """Return what a project is called in all files: its book and its code."""
    return f"{village.book.code}-{sheet.project['code']}"


def read_works(connection: Connection, record: Record, sheet: VillageSheet, vouchers: Vouchers) -> Iterator[Work]:
    """Yield the projects of a book, of which the sheet and the vouchers are read already."""
    book, village = sheet.book, sheet.village
    sealed_of: dict[str, list[Voucher]] = defaultdict(list)
    for voucher in vouchers.all:
        sealed_of[voucher.project].append(voucher)
    told: dict[str, list[Fact]] = defaultdict(list)
    for each in facts.facts(connection, book.code):
        told[each.subject].append(each)
    by_subject = {subject: Told(tuple(sorted(found, key=_in_time))) for subject, found in told.items()}
    nothing = Told(())
    sealed: dict[str, str] = {}
    for row in connection.execute(_SEALED, {"book": book.code}):
        sealed[row.project] = max(row.sealed_at, sealed.get(row.project, ""))
    where = by_subject.get(village["code"], nothing).last("division")
    for project in sheet.projects:
        code = project.project["code"]
        mine = by_subject.get(code, nothing)
        bought = {each.code: by_subject.get(each.code, nothing) for each in project.contracts}
        recorded = [each.at for found in (mine, *bought.values()) for each in found.facts]
        touched = max([sealed.get(code, ""), *recorded]) or moment(book.started_on)
        own = tuple(sealed_of[code])
        worth = {each.seq: vouchers.moved(each, CONTRACTED) for each in own if each.contract}
        yield Work(record, sheet, project, mine, bought, where.data if where else {}, touched, own, worth)


def read_record(connection: Connection, publisher: Publisher, privacy: Privacy, types: Types) -> Record:
    """Return what all projects share; when something was recorded last is known of each village by itself."""
    rows: Any = connection.execute(_CHANNELS)
    channels = {row.code: Channel(row.code, privacy.show("channel.name", row.name), row.source) for row in rows}
    registered = {str(each.data["name"]): each for each in facts.facts(connection, log.OFFICE, "payee")}
    return Record(publisher, privacy, types, channels, registered, "")


def updated_in(connection: Connection, books: Iterable[Book]) -> str:
    """Return when something was recorded last in these books."""
    times = []
    for book in books:
        times += [moment(book.started_on), str(connection.execute(_LAST, {"book": book.code}).scalar() or "")]
        times += [each.at for each in facts.facts(connection, book.code, withdrawn=True)]
    return max(times, default="")


def updated_in_office(connection: Connection) -> str:
    """Return when something was told to the office last."""
    return max((each.at for each in facts.facts(connection, log.OFFICE, withdrawn=True)), default="")


def parts_of(movements: tuple[Movement, ...]) -> Iterator[tuple[Voucher, str, int]]:
    """Yield what each voucher moved, channel by channel."""
    for movement in movements:
        for channel, fen in sorted(movement.parts.items()):
            yield movement.voucher, channel, fen


def reference(book: str, voucher: Voucher, channel: str, way: str) -> str:
    """Return what the movement of a voucher's money of a channel is called, the same in every file."""
    return f"{book}-{voucher.number}-{channel}-{way}"


def _in_time(fact: Fact) -> tuple[str, int]:
    return fact.on, fact.position


_SEALED = text("SELECT project, max(sealed_at) AS sealed_at FROM voucher WHERE book = :book GROUP BY project")
_LAST = text("SELECT max(sealed_at) FROM voucher WHERE book = :book")
_CHANNELS = text("SELECT code, name, source FROM channel ORDER BY code")

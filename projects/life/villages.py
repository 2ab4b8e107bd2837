"""Villages: the 12-digit code of the division, and the hamlets with their households and people through time.

The code is 省2 市2 县2 乡3 村3 digits. It has no check digit; what can be looked at is the province and the ranges in
which townships and villages are numbered.
Source: 统计用区划代码和城乡划分代码编制规则, 国统字〔2009〕91号, as it is known; GB/T 2260 for the provinces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from ledger import facts, register
from ledger.facts import Fact
from projects import registry
from projects.errors import DivisionTaken, DivisionUnfit, HamletUnfit
from projects.identity import need_identifier
from projects.life.requests import CountHamlet, Divide, MergeHamlet, said
from projects.life.scene import Scene
from projects.life.telling import Telling

PROVINCES = {
    *(11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54),
    *(61, 62, 63, 64, 65, 71, 81, 82),
}
"""省, 自治区, 直辖市, 特别行政区: GB/T 2260."""
TOWNSHIPS = (1, 599)
"""街道 001–099, 镇 100–199, 乡 200–399, what is like them 400–599."""
VILLAGES = (1, 599)
"""居委会 001–199, 村委会 200–399, what is like them 400–599."""


COUNTED = ("households", "persons", "poor_households", "poor_persons")


@dataclass(frozen=True)
class Hamlet:
    """A hamlet on a day: its households and people, those that merged into it counted in; `counted_on` is their day."""

    name: str
    households: int
    persons: int
    poor_households: int
    poor_persons: int
    counted_on: str
    merged: tuple[str, ...] = ()


def divide(scene: Scene, ask: Divide) -> Telling:
    """区划代码: say where a village stands among the divisions of the country.

    Raises:
        DivisionUnfit: it is no such code.
        DivisionTaken: another village has it.
        IdentifierUnfit: the committee's unified code is none of a public body (GB 32100).
    """
    _need_village(scene, ask.village)
    code = need_division(ask.division)
    for book in register.list_books(scene.connection):
        if book.village != ask.village and division_of(scene.connection, book.code, book.village) == code:
            raise DivisionTaken(division=code, village=book.village)
    identifier = need_identifier(ask.identifier, "public-body", today=scene.on) if ask.identifier else ""
    return Telling("division", ask.village, said(ask, "postcode", identifier=identifier) | {"division": code})


def need_division(text: str) -> str:
    """Return a 12-digit division code of a village.

    Raises:
        DivisionUnfit: it has another length, another province, or a part out of its range.
    """
    code = text.replace(" ", "").translate({full: full - 0xFEE0 for full in range(0xFF10, 0xFF1A)})
    if not re.fullmatch(r"[0-9]{12}", code, re.ASCII):
        raise DivisionUnfit(text=text[:40], length=len(code))
    if int(code[:2]) not in PROVINCES:
        raise DivisionUnfit(about="province", text=code, part=code[:2])
    if "00" in (code[2:4], code[4:6]):
        raise DivisionUnfit(about="county", text=code, part=code[2:6])
    if not TOWNSHIPS[0] <= int(code[6:9]) <= TOWNSHIPS[1]:
        raise DivisionUnfit(about="township", text=code, part=code[6:9])
    if not VILLAGES[0] <= int(code[9:]) <= VILLAGES[1]:
        raise DivisionUnfit(about="village", text=code, part=code[9:])
    return code


def division_of(connection: Connection, book: str, village: str, on: date | None = None) -> str:
    """Return the division code of a village, empty where none was told."""
    told = [each for each in facts.about(connection, book, village, on=on) if each.kind == "division"]
    return str(told[-1].data["division"]) if told else ""


def count_hamlet(scene: Scene, ask: CountHamlet) -> Telling:
    """村民组: count a hamlet's households and people; a later count goes before.

    Raises:
        HamletUnfit: fewer people than households, more poor than there are, or it was merged into another.
    """
    _need_village(scene, ask.village)
    if not 0 < ask.households <= ask.persons:
        raise HamletUnfit(about="few", hamlet=ask.hamlet, households=ask.households, persons=ask.persons)
    if ask.poor_households > ask.households or ask.poor_persons > ask.persons:
        raise HamletUnfit(about="poor", hamlet=ask.hamlet, households=ask.poor_households, persons=ask.poor_persons)
    for each in scene.told.all("hamlet-merger", hamlet=ask.hamlet):
        raise HamletUnfit(about="merged", hamlet=ask.hamlet, into=str(each.data["into"]), fact=each.label)
    return Telling("hamlet", ask.village, said(ask, "hamlet", *COUNTED))


def merge_hamlet(scene: Scene, ask: MergeHamlet) -> Telling:
    """合组: a hamlet becomes part of another, with its people.

    Raises:
        HamletUnfit: one of them is not there, or they are the same.
    """
    _need_village(scene, ask.village)
    there = {each.name for each in _hamlets(scene)}
    for name in (ask.hamlet, ask.into):
        if name not in there:
            raise HamletUnfit(about="unknown", hamlet=name, village=ask.village)
    if ask.hamlet == ask.into:
        raise HamletUnfit(about="itself", hamlet=ask.hamlet)
    return Telling("hamlet-merger", ask.village, said(ask, "hamlet", "into"))


def hamlets(connection: Connection, book: str, village: str, on: date) -> list[Hamlet]:
    """Return the hamlets that a village has on a day, each with those that merged into it counted in."""
    return list(_hamlets(Scene(connection, book, village, on)))


def _hamlets(scene: Scene) -> Iterator[Hamlet]:
    found: dict[str, Hamlet] = {}
    for each in scene.told.facts:
        name = str(each.data.get("hamlet", ""))
        if each.kind == "hamlet":
            merged = found[name].merged if name in found else ()
            # A count after a merger has counted those who came.
            found[name] = Hamlet(name, counted_on=each.on, merged=merged, **_counts(each))
        elif each.kind == "hamlet-merger" and name in found and str(each.data["into"]) in found:
            gone, into = found.pop(name), found[str(each.data["into"])]
            found[into.name] = replace(
                into,
                households=into.households + gone.households,
                persons=into.persons + gone.persons,
                poor_households=into.poor_households + gone.poor_households,
                poor_persons=into.poor_persons + gone.poor_persons,
                merged=(*into.merged, gone.name, *gone.merged),
            )
    yield from found.values()


def _counts(fact: Fact) -> dict[str, int]:
    return {key: int(fact.data[key.replace("_", "-")]) for key in COUNTED}


def _need_village(scene: Scene, village: str) -> None:
    """Make sure that the book is that of the village."""
    registry.need_village(scene.connection, village)
    if scene.state.book.village != village:
        raise HamletUnfit(about="book", village=village, book=scene.book, hamlet="")

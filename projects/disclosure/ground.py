"""Where the projects of a village are, as far as it may be shown: what was told last of each, and what is hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from ledger import facts
from ledger.facts import Fact
from projects import geometry
from projects.disclosure import maps
from projects.disclosure.maps import Map
from projects.geometry import Position
from projects.privacy import may_locate
from projects.types import Types

LOCATION, BENEFICIARIES = "location", "beneficiaries"
KINDS = (LOCATION, BENEFICIARIES, "project-profile", "adjustment")
NEAR = Decimal("0.0001")
"""The centre of a village is told to so many degrees, some ten metres."""


@dataclass(frozen=True)
class Located:
    """A project's place as it was told; with it every type that was said of it, and how many households it serves.

    `households` is None where nobody counted them.
    """

    place: Mapping[str, Any]
    types: frozenset[str]
    households: int | None


@dataclass(frozen=True)
class Ground:
    """The places of projects by code, in the order of the projects; `hidden` are those whose place is not shown."""

    places: Mapping[str, Mapping[str, Any]]
    hidden: frozenset[str] = frozenset()

    @cached_property
    def map(self) -> Map | None:
        """Return the map of what is shown: a village's page and those of its projects have the same."""
        return maps.draw(self.places)

    @property
    def centre(self) -> tuple[str, str]:
        """Return longitude and latitude of the middle of all places that are shown, empty where there is none."""
        points = [middle(geometry.lines_of(place)) for place in self.places.values()]
        if not points:
            return "", ""
        longitude, latitude = (sum(each) / len(points) for each in zip(*points, strict=True))
        return str(longitude.quantize(NEAR)), str(latitude.quantize(NEAR))


def middle(lines: Iterable[Iterable[Position]]) -> Position:
    """Return the middle of positions: of the box around them."""
    flat = [each for line in lines for each in line]
    east, north = ([each[axis] for each in flat] for axis in (0, 1))
    return (min(east) + max(east)) / 2, (min(north) + max(north)) / 2


def read_located(connection: Connection, book: str, projects: Iterable[Mapping[str, Any]]) -> dict[str, Located]:
    """Return what was told of the places of a book's projects, whether it may be shown or not."""
    told: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.facts(connection, book, *KINDS):
        told[fact.subject].append(fact)
    rows = ((row, told.get(row["code"], [])) for row in projects)
    return {row["code"]: located(row["type"], found) for row, found in rows if any(map(_is_place, found))}


def located(kind: str | None, told: Iterable[Fact]) -> Located:
    """Return the place of a project of a type of the register, by the facts of the project; there is one among them."""
    found = sorted(told, key=lambda each: (each.on, each.position))
    place = [each for each in found if _is_place(each)][-1]
    types = {kind or "", *(str(each.data.get("type") or "") for each in found if each.kind in KINDS[2:])}
    counted = [int(each.data["households"]) for each in found if each.kind == BENEFICIARIES]
    return Located(place.data["geometry"], frozenset(types), sum(counted) if counted else None)


def shown_ground(found: Mapping[str, Located], types: Types) -> Ground:
    """Return what of the places may be shown."""
    open_ = {code for code, each in found.items() if may_locate(types, each.types, each.households)}
    places = {code: each.place for code, each in found.items() if code in open_}
    return Ground(places, frozenset(found) - open_)


def _is_place(fact: Fact) -> bool:
    return fact.kind == LOCATION

"""Where the projects of a village are, as far as it may be shown, and which of them are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from projects import geometry
from projects.disclosure import maps
from projects.disclosure.maps import Map
from projects.geometry import Position
from projects.privacy import may_locate
from projects.sheets.located import Located
from projects.types import Types

NEAR = Decimal("0.0001")
"""The centre of a village is told to so many degrees, some ten metres."""


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


def shown_ground(found: Mapping[str, Located], types: Types) -> Ground:
    """Return what of the places may be shown."""
    open_ = {code for code, each in found.items() if may_locate(types, each.types, each.households)}
    places = {code: each.place for code, each in found.items() if code in open_}
    return Ground(places, frozenset(found) - open_)

"""Maps as they are drawn: places of WGS 84 on a plane, numbers that do not lie on each other, a bar that says how far.

The plane is equirectangular at the latitude in the middle, by the ellipsoid: east and north have one scale there, and
how far that is off at the edges is told with the map. Everything is a whole number of the drawing's units, so that the
same places give the same bytes anywhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import cache
from itertools import pairwise
from math import isqrt
from typing import Any

from projects import geometry
from projects.geometry import Position

WIDTH = 720
"""Units across: a telephone shows about one dot for two of them."""
EDGE = 56
"""Units around what is drawn, so that numbers stay inside."""
LOWEST, HIGHEST = 300, 760
"""Units from top to bottom, the strip with the bar not counted."""
STRIP = 64
NARROWEST = Decimal(400)
"""Metres across at least: one point alone is no map."""
RADIUS = 27
"""Units around a number: a finger finds it on a telephone."""
APART = 2 * RADIUS + 4
NUDGE = 24
"""Units by which a number moves aside."""
ROOM = 12
"""Units from top to bottom that each number asks for."""
MOST = 40
"""So many numbers fit a map; where there are more, places are dots without a number."""
SMOOTH = 2
"""Units that a line may be off where corners are left out."""
WAYS = 8_000
"""Characters of all lines of a map; where there are more, lines are drawn coarser until they fit."""
DOT = 10
"""Units across of a place without a number: of those that would cover each other one is drawn."""
STEPS = (1, 2, 5)

Point = tuple[int, int]


@dataclass(frozen=True)
class Mark:
    """A place on a map: `path` draws its lines, empty for a point; `at` is where it is, `badge` where its number is.

    `number` is 0 where the map has too many of them.
    """

    code: str
    shape: str
    path: str
    at: Point
    badge: Point
    number: int

    @property
    def moved(self) -> bool:
        """Tell whether its number moved aside."""
        return self.at != self.badge


@dataclass(frozen=True)
class Map:
    """A map: its size in units, its marks, and a bar of so many units for so many metres.

    `grain` is how many metres a place may be off because units are whole and lines are drawn with fewer corners, `off`
    the thousandths by which distances may be off because the earth is round; both are rounded up.
    """

    height: int
    marks: tuple[Mark, ...]
    bar: int
    metres: int
    grain: int
    off: int
    width: int = WIDTH

    def neighbours(self, code: str) -> str:
        """Return the path of all places but one: their lines, and points as lines without a length.

        Where there are many all are points, and of those that would cover each other one is drawn.
        """
        others = [each for each in self.marks if each.code != code]
        if len(others) < MOST:
            return "".join(each.path or "M{} {}h0".format(*each.at) for each in others)
        cells = {(each.at[0] // DOT, each.at[1] // DOT): each.at for each in others}
        return "".join("M{} {}h0".format(*at) for at in cells.values())

    def ways(self, codes: Container[str], shape: str) -> str:
        """Return the path of all lines, or of all areas, of some places."""
        return "".join(each.path for each in self.marks if each.shape == shape and each.code in codes)

    def dots(self, codes: Container[str]) -> str:
        """Return a path with a corner at each point of some places, empty where there is none."""
        points = dict.fromkeys("{} {}".format(*each.at) for each in self.marks if not each.path and each.code in codes)
        return "M" + "L".join(points) + "h0" if points else ""

    def mark(self, code: str) -> Mark | None:
        """Return the mark of a place, None where it has none."""
        return next((each for each in self.marks if each.code == code), None)


def draw(places: Mapping[str, Mapping[str, Any]]) -> Map | None:
    """Return the map of places by their codes, numbered in their order; None where there is none."""
    if not places:
        return None
    lines = {code: geometry.lines_of(place) for code, place in places.items()}
    plane = _Plane([each for of in lines.values() for line in of for each in line], len(places))
    drawn = {code: [[plane.point(each) for each in line] for line in of] for code, of in lines.items()}
    shapes = {code: geometry.shape_of(place) for code, place in places.items()}
    anchors = {code: _anchor(shapes[code], drawn[code]) for code in places}
    numbered = len(places) <= MOST
    badges = _aside(list(anchors.values()), plane.height) if numbered else list(anchors.values())
    paths, coarser = _paths(drawn, shapes)
    marks = tuple(
        Mark(
            code,
            shapes[code],
            paths[code],
            anchors[code],
            badge,
            number if numbered else 0,
        )
        for number, (code, badge) in enumerate(zip(places, badges, strict=True), 1)
    )
    bar, metres = plane.bar()
    return Map(plane.height + STRIP, marks, bar, metres, plane.grain(coarser), plane.off)


class _Plane:
    """Turns longitude and latitude into units of the drawing, north at the top."""

    def __init__(self, positions: Sequence[Position], count: int) -> None:
        west, east = min(each[0] for each in positions), max(each[0] for each in positions)
        south, north = min(each[1] for each in positions), max(each[1] for each in positions)
        self._middle = (west + east) / 2, (south + north) / 2
        self._metres = geometry.metres_per_degree(self._middle[1])
        across = max((east - west) * self._metres[0], NARROWEST)
        along = max((north - south) * self._metres[1], Decimal(1))
        self.scale = min((WIDTH - 2 * EDGE) / across, (HIGHEST - 2 * EDGE) / along)
        """Units of a metre."""
        self.height = max(LOWEST, min(count * ROOM, HIGHEST), int(along * self.scale) + 2 * EDGE)
        middle = self._metres
        edges = [geometry.metres_per_degree(each) for each in (south, north)]
        ratios = [abs(edge[axis] / middle[axis] - 1) for edge in edges for axis in (0, 1)]
        self.off = max(1, _up(1000 * max(ratios)))

    def point(self, position: Position) -> Point:
        east, north = ((position[axis] - self._middle[axis]) * self._metres[axis] * self.scale for axis in (0, 1))
        return round(WIDTH / Decimal(2) + east), round(self.height / Decimal(2) - north)

    def grain(self, units: int) -> int:
        """Return how many metres so many units are."""
        return _up(units / self.scale)

    def bar(self) -> tuple[int, int]:
        """Return the length in units, and in metres: the longest round number that fills no more than a third."""
        room = WIDTH / Decimal(3) / self.scale
        ten = Decimal(10) ** room.adjusted()
        metres = max(step * ten for step in STEPS if step * ten <= room)
        return round(metres * self.scale), int(metres)


def _anchor(shape: str, lines: list[list[Point]]) -> Point:
    """Return where a place has its number: a point, the middle along its longest line, the middle of an area's box."""
    if shape == "line":
        return _halfway(max(lines, key=_length))
    flat = [each for line in lines for each in line]
    (left, right), (top, bottom) = ((min(each), max(each)) for each in zip(*flat, strict=True))
    return flat[0] if shape == "point" else ((left + right) // 2, (top + bottom) // 2)


def _halfway(line: list[Point]) -> Point:
    left = _length(line) // 2
    for one, other in pairwise(line):
        part = _apart(one, other)
        if part and left <= part:
            return one[0] + (other[0] - one[0]) * left // part, one[1] + (other[1] - one[1]) * left // part
        left -= part
    return line[-1]


def _length(line: Iterable[Point]) -> int:
    return sum(_apart(one, other) for one, other in pairwise(line))


def _apart(one: Point, other: Point) -> int:
    return isqrt(_square(one, other))


def _square(one: Point, other: Point) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2


def _aside(anchors: Sequence[Point], height: int) -> list[Point]:
    """Return where the numbers stand: at their places, or the nearest free spot where another one is there already."""
    badges: list[Point] = []
    for index, anchor in enumerate(anchors):
        others = [each for place, each in enumerate(anchors) if place != index]
        free = [each for each in _spots(anchor, height) if all(_square(each, badge) >= APART**2 for badge in badges)]
        clear = (each for each in free if each == anchor or all(_square(each, at) > RADIUS**2 for at in others))
        badges.append(next(clear, free[0] if free else anchor))
    return badges


def _spots(anchor: Point, height: int) -> Iterator[Point]:
    """Yield a place and the spots around it that are on the map, the nearest first."""
    for east, south in _around():
        x, y = anchor[0] + east, anchor[1] + south
        if RADIUS <= x <= WIDTH - RADIUS and RADIUS <= y <= height - RADIUS:
            yield x, y


@cache
def _around() -> list[Point]:
    steps = range(-WIDTH // NUDGE * NUDGE, WIDTH + 1, NUDGE)
    return sorted(((east, south) for east in steps for south in steps), key=lambda each: (_square(each, (0, 0)), each))


def _paths(drawn: Mapping[str, list[list[Point]]], shapes: Mapping[str, str]) -> tuple[dict[str, str], int]:
    """Return the paths of places that fit a page together, and how many times coarser than usual they are."""
    coarser = 1
    while True:
        paths = {
            code: "" if shapes[code] == "point" else _path(lines, SMOOTH * coarser, closed=shapes[code] == "polygon")
            for code, lines in drawn.items()
        }
        if sum(map(len, paths.values())) <= WAYS or SMOOTH * coarser >= WIDTH:
            return paths, coarser
        coarser *= 2


def _path(lines: list[list[Point]], off: int, *, closed: bool) -> str:
    return "".join(
        "M" + "L".join(f"{x} {y}" for x, y in _smooth(line[:-1] if closed else line, off)) + ("Z" if closed else "")
        for line in lines
    )


def _smooth(line: list[Point], most: int) -> list[Point]:
    """Return a line without the corners that are off by no more than so many units: Douglas and Peucker, 1973."""
    if len(line) < 3:  # noqa: PLR2004 - two ends
        return line
    first, last = line[0], line[-1]
    off = [_off(each, first, last) for each in line[1:-1]]
    furthest = max(off)
    if furthest <= most**2:
        return [first, last]
    at = off.index(furthest) + 1
    return _smooth(line[: at + 1], most)[:-1] + _smooth(line[at:], most)


def _off(point: Point, first: Point, last: Point) -> int:
    """Return the square of how far a point lies from the line between two others, or from where they both are."""
    east, south = last[0] - first[0], last[1] - first[1]
    across = (point[0] - first[0]) * south - (point[1] - first[1]) * east
    length = east**2 + south**2
    return across**2 // length if length else (point[0] - first[0]) ** 2 + (point[1] - first[1]) ** 2


def _up(number: Decimal) -> int:
    return int(number.to_integral_value(ROUND_CEILING))

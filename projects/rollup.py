"""What an indicator stood at on a day: of a hamlet, a village, a township, a county; summed, never averaged.

The figure of a place is the sum of numerators over the sum of denominators of the latest observation of each part:

- a hamlet: its own latest observation, with those of hamlets that were merged into it after that day;
- a village: its own, unless every hamlet of it was observed and one of them later; then the sum of its hamlets;
- a township, a county, the office: the sum of their villages.

A part without any observation is named: a sum that lacks one is no figure of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from projects import observations
from projects.indicators import Indicator
from projects.observations import Seen
from projects.places import Places


@dataclass(frozen=True)
class Figure:
    """A numerator over a denominator with the observations that it is made of, and the places that have none."""

    numerator: int = 0
    denominator: int = 0
    parts: tuple[Seen, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> Fraction | None:
        """Return it as an exact number, None where nothing was observed."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def on(self) -> str:
        """Return the day of the latest observation."""
        return max((each.on for each in self.parts), default="")

    @property
    def whole(self) -> bool:
        """Tell whether every part was observed."""
        return bool(self.parts) and not self.missing

    def __add__(self, other: Figure) -> Figure:
        """Return the sum, of numerators and of denominators."""
        return Figure(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.parts + other.parts,
            self.missing + other.missing,
        )


@dataclass(frozen=True)
class Board:
    """All places with all that was observed of them."""

    places: Places
    seen: Mapping[tuple[str, str], tuple[Seen, ...]]

    def figure(self, code: str, indicator: Indicator, place: str, on: str) -> Figure:
        """Return what an indicator stood at in a place on a day; nothing where it is never added up over places.

        Raises:
            Unknown: there is no such place.
        """
        if place in self.places.hamlets:
            return self._hamlet(code, place, on)
        villages = self.places.villages_of(place)
        if indicator.aggregation == "none" and len(villages) > 1:
            return Figure()
        return _sum(self._village(code, indicator, each, on) for each in villages)

    def baseline(self, code: str, indicator: Indicator, place: str, on: str) -> Figure:
        """Return what stood before: of each village the figure of the first day on which all of it had been observed.

        Raises:
            Unknown: there is no such place.
        """
        if place in self.places.hamlets:
            return self._first(code, indicator, place, {place}, on)
        villages = self.places.villages_of(place)
        if indicator.aggregation == "none" and len(villages) > 1:
            return Figure()
        return _sum(
            self._first(code, indicator, each, {each, *self.places.every_hamlet_of(each)}, on) for each in villages
        )

    def _first(self, code: str, indicator: Indicator, place: str, parts: set[str], on: str) -> Figure:
        days = sorted({each.on for part in parts for each in self.of(code, part) if each.on <= on})
        found = (self.figure(code, indicator, place, day) for day in days)
        return next((each for each in found if each.whole), Figure(missing=(place,)))

    def of(self, code: str, place: str) -> tuple[Seen, ...]:
        """Return what was observed of one place itself."""
        return self.seen.get((code, place), ())

    def _village(self, code: str, indicator: Indicator, village: str, on: str) -> Figure:
        own = observations.latest(self.of(code, village), on)
        hamlets = self.places.hamlets_of(village, on) if indicator.aggregation == "sum" else []
        below = _sum(self._hamlet(code, each, on) for each in hamlets)
        if own and not (below.whole and below.on > own.on):
            return _single(own)
        return below if below.parts else Figure(missing=(village,))

    def _hamlet(self, code: str, hamlet: str, on: str) -> Figure:
        own = observations.latest(self.of(code, hamlet), on)
        found = _single(own) if own else Figure(missing=(hamlet,))
        for merger in self.places.merged_into(hamlet, on):
            # What was observed of the whole since the merger has its new part in it.
            if own is None or own.on < merger.on:
                found += self._hamlet(code, merger.hamlet, min(_before(merger.on), on))
        return found


def board(places: Places, seen: Iterable[Seen]) -> Board:
    """Return all places with what was observed of each, in the order of the days."""
    found: dict[tuple[str, str], list[Seen]] = {}
    for each in seen:
        found.setdefault((each.indicator, each.place), []).append(each)
    # A village may have two books: what was observed of it stands in one row of days.
    return Board(places, {key: tuple(sorted(of, key=lambda each: each.when)) for key, of in found.items()})


def _single(seen: Seen) -> Figure:
    return Figure(seen.numerator, seen.denominator, (seen,))


def _sum(figures: Iterable[Figure]) -> Figure:
    return sum(figures, Figure())


def _before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()

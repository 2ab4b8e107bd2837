"""Where an indicator of a place stands: what it was, is, and is to be by which day, and whether that is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from projects.indicators import Indicator, Indicators
from projects.rollup import Board, Figure

LAST = "9999-12-31"
"""A day after every other: what was recorded last counts, and the clock does not."""


@dataclass(frozen=True)
class Standing:
    """An indicator of a place: what it was, what it is, what it is to be."""

    code: str
    of: Indicator
    baseline: Figure
    now: Figure
    target: Figure

    @property
    def change(self) -> int | None:
        """Return the change of the numerator, None where it began or ends unknown."""
        return self.now.numerator - self.baseline.numerator if self.baseline.whole and self.now.whole else None

    @property
    def reached(self) -> bool | None:
        """Tell whether the target is reached, None where there is none or nobody knows."""
        if not self.now.whole or self.now.share is None or self.target.share is None:
            return None
        falling = self.of.falling
        return self.now.share <= self.target.share if falling else self.now.share >= self.target.share

    @property
    def until(self) -> str:
        """Return the day by which the target is to be reached."""
        return max((each.until for each in self.target.parts), default="")

    @property
    def lone(self) -> bool:
        """Tell whether nothing was observed since the baseline."""
        return self.now.parts == self.baseline.parts

    @property
    def brought(self) -> bool:
        """Tell whether works brought what is now."""
        return any(each.seq is not None for each in self.now.parts)


def standing(code: str, of: Indicator, place: str, on: str, *, told: Board, aims: Board) -> Standing:
    """Return where an indicator of a place stood on a day, by what was observed and what was aimed at.

    Raises:
        Unknown: there is no such place.
    """
    return Standing(
        code,
        of,
        told.baseline(code, of, place, on),
        told.figure(code, of, place, on),
        aims.figure(code, of, place, on),
    )


def standings_of(known: Indicators, village: str, *, told: Board, aims: Board) -> Iterator[Standing]:
    """Yield where the indicators of a village stand of which anything was told, in the order of the indicators.

    One whose file is gone comes last, and is looked at as of a whole village.
    """
    places = {village, *told.places.every_hamlet_of(village)}
    codes = {code for of in (told, aims) for code, place in of.seen if place in places}
    for code in [*(each for each in known if each in codes), *sorted(codes - set(known))]:
        of = known[code] if code in known else Indicator.model_construct(zh=code, en=code, aggregation="village")
        found = standing(code, of, village, LAST, told=told, aims=aims)
        if found.now.whole or found.target.whole:
            yield found

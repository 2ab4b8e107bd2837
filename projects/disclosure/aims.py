"""Indicators of a village as a page shows them: before, now and what is aimed at, with the places on one bar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from projects.privacy import Privacy
from projects.rollup import Figure
from projects.standing import Standing

WHOLE = 1000


@dataclass(frozen=True)
class Stood:
    """What was counted over what, and on which day; of a target the day on which it was set."""

    numerator: int
    denominator: int
    on: str


@dataclass(frozen=True)
class Bar:
    """Where before, now and the target are on a bar of a thousand, None where there is none.

    The bar is the whole of what is counted; of what is to fall, and of what is no part of a whole, the largest of them.
    """

    before: int | None
    now: int | None
    target: int | None


@dataclass(frozen=True)
class Aim:
    """An indicator from its baseline over now to its target; `reached` is None where nobody knows.

    `source` is the paper by which the target was set, as it may be shown.
    """

    indicator: str
    before: Stood | None
    now: Stood | None
    target: Stood | None
    until: str
    reached: bool | None
    source: str
    bar: Bar


def shown_aims(found: Iterable[Standing], privacy: Privacy) -> tuple[Aim, ...]:
    """Return where indicators stand as it may be shown."""
    return tuple(_aim(each, privacy) for each in found)


def _aim(found: Standing, privacy: Privacy) -> Aim:
    target = found.target if found.target.whole else Figure()
    # What was observed once is a baseline, unless works brought it.
    before = found.baseline if not (found.lone and found.brought) else Figure()
    now = found.now if not found.lone or found.brought else Figure()
    papers = {privacy.show("fact.statement", each.evidence): None for each in target.parts}
    return Aim(
        found.code,
        _stood(before),
        _stood(now),
        _stood(target),
        found.until,
        found.reached,
        " · ".join(papers),
        _bar(found, before.share, found.now.share, target.share),
    )


def _stood(figure: Figure) -> Stood | None:
    return Stood(figure.numerator, figure.denominator, figure.on) if figure.whole else None


def _bar(found: Standing, *shares: Fraction | None) -> Bar:
    largest = max((each for each in shares if each is not None), default=Fraction(0)) or Fraction(1)
    whole = largest if found.of.falling or not found.of.is_share else max(Fraction(1), largest)
    before, now, target = (None if each is None else int(each * WHOLE / whole) for each in shares)
    return Bar(before, now, target)

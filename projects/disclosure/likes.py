"""What a unit of a project cost, beside like projects of all villages: of the same type, counted in the same unit.

What stands on a village's pages must not change with every acceptance elsewhere, or one would make all villages new. So
the figures of a kind are exact while its projects are few, and then told in round numbers, which seldom change: see
decision 0036. The page of the county, which is made in every run, has them to the fen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from projects.credit import Credit
from projects.privacy import Privacy
from projects.units import Priced, priced

LEAST = 3
"""So many others of a kind there are before anything is compared."""
EXACT = 10
"""Up to so many projects of a kind figures are told to the fen; then in two digits, and their number in steps."""
STEPS = (1, 2, 5)
UNLIKE = frozenset({"", "other"})
"""Types under which unlike things stand together."""
WHOLE = 1000

Kind = tuple[str, str]
"""A type of projects, and the smallest unit in which they are counted."""


@dataclass(frozen=True)
class Cost:
    """What an accepted project cost in all and by the unit that people speak of, in fen, and how much there is of it.

    It is what was accepted, at its cost: certificates, goods and labour, not the contract's amount.
    """

    book: str
    project: str
    type: str
    small: str
    fen: int
    per: int
    quantity: str

    @property
    def kind(self) -> Kind:
        """Return the type and the unit by which it is compared."""
        return self.type, self.small

    @property
    def unit(self) -> Priced:
        """Return the unit that `per` is of."""
        return priced(self.small)


@dataclass(frozen=True)
class Likes:
    """The figures of a kind: how many projects it has, the lowest, the middle and the highest cost, in fen.

    `rounded` says that they are told in round numbers, `count` then as "at least".
    """

    count: int
    low: int
    middle: int
    high: int
    rounded: bool = False

    @property
    def others(self) -> int:
        """Return how many there are beside one of them."""
        return self.count - 1

    @property
    def enough(self) -> bool:
        """Tell whether there are enough to compare."""
        return self.others >= LEAST

    def at(self, fen: int) -> int:
        """Return where a cost is on a strip of a thousand, which ends with the highest."""
        return min(fen, self.high) * WHOLE // self.high


@dataclass(frozen=True)
class Beside:
    """A project's cost beside its likes, None where they are none: of no type, or alone."""

    cost: Cost
    likes: Likes | None


def cost_of(credit: Credit) -> Cost | None:
    """Return what a project cost by the unit, None where nothing was accepted or measured."""
    measured, code = credit.measured, str(credit.project["code"])
    if not credit.accepted or measured.amount <= 0 or credit.cost <= 0:
        return None
    factor = priced(measured.unit.small).factor
    doubled = 2 * credit.cost * factor * 10**measured.decimals
    per = (doubled + measured.amount) // (2 * measured.amount)
    kind = str(credit.project["type"] or "")
    return Cost(credit.book, code, kind, measured.unit.small, credit.cost, per, measured.plain)


def costs_of(credits_: Iterable[Credit], privacy: Privacy) -> Iterator[Cost]:
    """Yield what the projects cost of which that can be said; a unit that is no known one is a clerk's own word."""
    for each in filter(None, map(cost_of, credits_)):
        yield replace(each, small=privacy.show("project.unit", each.small))


def grouped_by_kind(costs: Iterable[Cost]) -> dict[Kind, list[int]]:
    """Return the costs of each kind from the lowest to the highest; what is of no type is like nothing."""
    found: dict[Kind, list[int]] = defaultdict(list)
    for each in costs:
        if each.type not in UNLIKE:
            found[each.kind].append(each.per)
    return {kind: sorted(found[kind]) for kind in sorted(found)}


def likes(ranked: Sequence[int]) -> Likes:
    """Return the figures of a kind to the fen."""
    half = len(ranked) // 2
    middle = ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) // 2
    return Likes(len(ranked), ranked[0], middle, ranked[-1])


def told(found: Likes) -> Likes:
    """Return figures as the pages of villages tell them: exact for a few, round for many.

    The lowest is rounded down and the highest up, so that no project lies outside of them.
    """
    if found.count <= EXACT:
        return found
    low, high = _floor(found.low), -_floor(-found.high)
    return Likes(_step(found.others) + 1, low, _nearest(found.middle), high, rounded=True)


def beside(costs: Iterable[Cost], figures: Mapping[Kind, Likes]) -> dict[str, Beside]:
    """Return the costs of a book's projects beside their likes, by code."""
    return {each.project: Beside(each, figures.get(each.kind)) for each in costs}


def ticks(ranked: Sequence[int], *, apart: int = 20) -> list[int]:
    """Return where the costs of a kind are on a strip of a thousand, those that nobody can tell apart once."""
    low, high = (each * WHOLE // ranked[-1] for each in (ranked[0], ranked[-1]))
    # The first and the last stand at the ends of the band, the line of the last within the strip.
    between = {each * WHOLE // ranked[-1] // apart * apart for each in ranked}
    return [low, *sorted(each for each in between if low < each < high), high - 2]


def _unit(fen: int) -> int:
    """Return what the second digit of an amount counts."""
    return int(10 ** max(0, len(str(abs(fen))) - 2))


def _floor(fen: int) -> int:
    return fen // _unit(fen) * _unit(fen)


def _nearest(fen: int) -> int:
    return (2 * fen + _unit(fen)) // (2 * _unit(fen)) * _unit(fen)


def _step(count: int) -> int:
    ten = 10 ** (len(str(count)) - 1)
    return max(int(step * ten) for step in STEPS if step * ten <= count)

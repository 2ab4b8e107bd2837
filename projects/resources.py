"""What a project uses by quantity: goods by lot, workdays given and paid; each with its value to the fen."""

from __future__ import annotations

from dataclasses import dataclass

from ledger import money
from ledger.balances import State
from projects.events.lots import moves
from projects.history import standing

LEFT = "left"
"""The line that says what is still in store."""
DAYS = "workdays"
WORK = ("labour", "wages_earned")
_SCALE = 1
"""Workdays are counted in tenths."""


@dataclass(frozen=True)
class Resource:
    """What an event brought or took of a good's lot, or how many workdays; quantity in the smallest unit, value in fen.

    `good` is `DAYS` for workdays; `event` is `LEFT` for what is still in store. Quantities are never negative, and what
    was reversed does not count.
    """

    good: str
    channel: str
    lot: str
    event: str
    quantity: int
    scale: int
    fen: int

    @property
    def counted(self) -> str:
        """Return the quantity as text, without zeros behind the point."""
        text = money.plain(self.quantity, self.scale)
        return text.rstrip("0").rstrip(".") if "." in text else text


def resources(state: State, project: str) -> list[Resource]:
    """Return goods lot by lot in the order they came, and workdays by channel."""
    return [*_goods(state, project), *_work(state, project)]


def _goods(state: State, project: str) -> list[Resource]:
    sums: dict[tuple[str, str, str], dict[str, tuple[int, int]]] = {}
    for move in moves(state, project):
        of = sums.setdefault((move.good, move.channel, move.lot), {})
        quantity, fen = of.get(move.source.event, (0, 0))
        of[move.source.event] = (quantity + move.quantity, fen + move.fen)
    found = []
    for (good, channel, lot), of in sums.items():
        left = (sum(quantity for quantity, _ in of.values()), sum(fen for _, fen in of.values()))
        lines = {event: (abs(quantity), abs(fen)) for event, (quantity, fen) in of.items() if quantity}
        if not lines:
            continue
        found += [
            Resource(good, channel, lot, event, quantity, state.scales[good], fen)
            for event, (quantity, fen) in {**lines, LEFT: left}.items()
        ]
    return found


def _work(state: State, project: str) -> list[Resource]:
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for each in standing(state, *WORK, project=project):
        for channel, fen in each.parts("works").items():
            days = money.parse_quantity(each.facts[DAYS], scale=_SCALE)
            so_far, value = sums.get((each.event, channel), (0, 0))
            sums[each.event, channel] = (so_far + days, value + fen)
    return [
        Resource(DAYS, channel, "", event, days, _SCALE, fen) for (event, channel), (days, fen) in sorted(sums.items())
    ]

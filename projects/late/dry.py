"""What runs dry: money that does not reach for what is owed, and budgets of running works of which little is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from projects.status import Figures

LITTLE = 5
"""Per cent of what was allotted: so little is left of a running project's budget that the next change will not fit."""


@dataclass(frozen=True)
class Dry:
    """A channel of a project, in fen: what is needed, what there is for it, and what is still to come.

    ``cash``: `needed` is owed now, `have` is in bank and hand, `coming` was allotted and did not arrive.
    ``budget``: `needed` is committed and not certified, `have` is what is left of the budget, of `whole` allotted.
    """

    kind: str
    project: str
    channel: str
    needed: int
    have: int
    coming: int
    whole: int


def dry(figures: Mapping[str, Mapping[str, Figures]]) -> list[Dry]:
    """Return which channels of which projects run dry, by the figures of `status`."""
    found = []
    for project, lines in figures.items():
        for channel, has in lines.items():
            coming = max(0, has.allotted - has.received)
            if has.owed > has.cash:
                found.append(Dry("cash", project, channel, has.owed, has.cash, coming, has.allotted))
            elif has.committed and has.left * 100 < has.allotted * LITTLE:
                found.append(Dry("budget", project, channel, has.committed, has.left, coming, has.allotted))
    return found

"""What a unit of the result cost: by project, by type, by village and by channel, from what was accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from projects.credit import Credit
from projects.units import MEASURED, Quantity, Unit

BY = ("project", "type", "village", "channel")


@dataclass(frozen=True)
class UnitCost:
    """So many fen for so much of a unit; a channel's are what it paid, of what is credited to it."""

    by: str
    of: str
    village: str
    projects: int
    fen: int
    quantity: Quantity

    @property
    def per_unit(self) -> int:
        """Return the fen of one unit, rounded to the nearest."""
        scaled: int = 2 * self.fen * 10**self.quantity.decimals
        return (scaled + self.quantity.amount) // (2 * self.quantity.amount)


def costs(credits_: Iterable[Credit], villages: Mapping[str, str]) -> list[UnitCost]:
    """Return the costs of what was accepted, each kind of unit by itself; `villages` names that of each book."""
    found: dict[tuple[str, str, str, str], list[tuple[int, Quantity]]] = {}
    for each in credits_:
        if not each.measured.amount:
            continue
        village, code, kind = villages[each.book], each.project["code"], each.project["type"] or "other"
        small = each.measured.unit.small
        for key in (("project", village, code), ("type", village, kind), ("type", "", kind), ("village", village, "")):
            found.setdefault((*key, small), []).append((each.cost, each.measured))
        for share in each.shares:
            if share.quantity:
                part = Quantity(share.quantity, each.output.decimals, each.output.unit)
                found.setdefault(("channel", "", share.channel, small), []).append((share.paid, part))
    made = [
        UnitCost(by, of, village, len(parts), sum(fen for fen, _ in parts), _sum(quantity for _, quantity in parts))
        for (by, village, of, _), parts in found.items()
    ]
    return sorted(made, key=lambda each: (BY.index(each.by), each.village, each.of, each.quantity.unit.small))


def _sum(quantities: Iterable[Quantity]) -> Quantity:
    """Return the sum of quantities of one smallest unit, with the decimals of the finest."""
    parts = list(quantities)
    decimals = max(each.decimals for each in parts)
    assert decimals <= MEASURED, "no acceptance measures finer"
    unit: Unit = parts[0].unit
    return Quantity(sum(each.amount * 10 ** (decimals - each.decimals) for each in parts), decimals, unit)

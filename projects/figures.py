"""What each figure of a project's money is made of: roles of the chart, each counted so many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping

ASSETS = ("asset", "consumable_asset", "productive_asset", "public_asset", "intangible_asset")
"""The accounts of what works become at acceptance."""

RECEIVED = {
    "spent": 1,
    "advanced": 1,
    "audit_cut": 1,
    "stocked": 1,
    "bank": 1,
    "cash": 1,
    "lent": 1,
    "payable": -1,
    "retention": -1,
    "repair": -1,
    "wages": -1,
    "held": -1,
    "borrowed": -1,
}
"""What 到账 is made of: what was spent, advanced, stored or lent, and what is still in cash, less what is owed.

A year end closes income and expense, and touches none of these.
"""

OWN_MONEY = {"allotted": 1}
"""The village's own money is received when it is budgeted."""

PAID = {
    "spent": 1,
    "advanced": 1,
    "audit_cut": 1,
    "lent": 1,
    "payable": -1,
    "retention": -1,
    "repair": -1,
    "wages": -1,
    "borrowed": -1,
}
"""What 已支付 is made of: what was spent, advanced or paid for another channel, less what is owed or another paid."""

OWED = ("payable", "wages", "repair")

FIGURES: Mapping[str, Mapping[str, int]] = {
    "allotted": {"allotted": 1},
    "received": RECEIVED,
    "committed": {"committed": 1, "advanced": 1, "audit_cut": 1},
    "certified": {"spent": 1},
    "owed": dict.fromkeys(OWED, 1),
    "retention": {"retention": 1},
    "paid": PAID,
    "stock": {"store": 1},
    "cash": {"bank": 1, "cash": 1},
    "due": {"household": 1},
    "over": {"held": 1},
    "lent": {"lent": 1},
    "borrowed": {"borrowed": 1},
    "left": {"available": 1},
}
"""By figure its roles, in the order in which a table shows them; what was planned comes from no voucher."""


def made_of(figure: str, source: str) -> Mapping[str, int]:
    """Return what a figure of a channel of this source is made of."""
    return OWN_MONEY if (figure, source) == ("received", "collective") else FIGURES[figure]


def weigh(weights: Mapping[str, int], has: Callable[[str], int]) -> int:
    """Return a figure from what each role has on its normal side."""
    return sum(weight * has(role) for role, weight in weights.items())

"""Why a project's figures fit together: each identity of the design, term by term and channel by channel.

The left side and the right side are read from different accounts, so that an identity that does not hold would show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, text

from ledger.chart import channel_of
from ledger.proposals import YEAR_END
from projects.figures import ASSETS, weigh

FUND = ("earmarked", "village_raised", "reserve", "subsidy_income")
"""The accounts that a channel's money is owed to, and what it becomes there; households owe a part of it still."""

TERMS: Mapping[str, Mapping[str, int]] = {
    "allotted": {"allotted": 1},
    "available": {"available": 1},
    "committed": {"committed": 1},
    "advanced": {"advanced": 1, "audit_cut": 1},
    "stocked": {"stocked": 1},
    "spent": {"spent": 1},
    "cash": {"bank": 1, "cash": 1},
    "due": {"household": 1},
    "lent": {"lent": 1, "lent_own": -1},
    # What households owe is no part of it, and the village's own money comes with its budget.
    "awaited": {"allotted": 1, **dict.fromkeys(FUND, -1), "own": -1},
    "payable": {"payable": 1, "wages": 1, "repair": 1},
    "retention": {"retention": 1},
    "over": {"held": 1},
    "borrowed": {"borrowed": 1},
    "advance": {"advance": 1, "audit_due": 1},
    "store": {"store": 1},
    "works": {"works": 1},
    "assets": dict.fromkeys(ASSETS, 1),
    "expense": {"welfare_expense": 1, "other_expense": 1},
}
"""By term the roles that it is made of. Income and expense count what year ends have closed, too."""

IDENTITIES: Mapping[str, tuple[tuple[str, ...], tuple[tuple[str, int], ...]]] = {
    "budget": (
        ("allotted",),
        (("available", 1), ("committed", 1), ("advanced", 1), ("stocked", 1), ("spent", 1)),
    ),
    "money": (
        ("available", "committed"),
        (
            ("cash", 1),
            ("due", 1),
            ("lent", 1),
            ("awaited", 1),
            ("payable", -1),
            ("retention", -1),
            ("over", -1),
            ("borrowed", -1),
        ),
    ),
    "spent": (("spent",), (("works", 1), ("assets", 1), ("expense", 1))),
    "advanced": (("advanced",), (("advance", 1),)),
    "stocked": (("stocked",), (("store", 1),)),
}
"""By name the terms of its left side, and those of its right side with their signs."""


@dataclass(frozen=True)
class Identity:
    """One identity of one channel in one project, in fen."""

    name: str
    left: Mapping[str, int]
    right: Mapping[str, int]

    @property
    def off(self) -> int:
        """Return by how much the left side is more than the right one: zero, or the record is damaged."""
        return sum(self.left.values()) - sum(self.right.values())


def identities(connection: Connection, book: str, project: str) -> dict[str, list[Identity]]:
    """Return the identities of a project by channel; terms of the right side carry their sign."""
    lines = text("SELECT channel FROM budget_line WHERE book = :book AND project = :project ORDER BY position, channel")
    where = {"book": book, "project": project}
    roles = _roles(connection, where)
    own = set(connection.execute(text("SELECT code FROM channel WHERE source = 'collective'")).scalars())
    return {
        channel: _of_channel(roles[channel], own=channel in own)
        for channel in connection.execute(lines, where).scalars()
    }


def _of_channel(has: Mapping[str, int], *, own: bool) -> list[Identity]:
    found = {**has, "own": has.get("allotted", 0) if own else 0}
    terms = {term: weigh(weights, lambda role: found.get(role, 0)) for term, weights in TERMS.items()}
    return [
        Identity(
            name,
            {term: terms[term] for term in left},
            {term: sign * terms[term] for term, sign in right},
        )
        for name, (left, right) in IDENTITIES.items()
    ]


def _roles(connection: Connection, where: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return by channel and role what its vouchers moved on the normal side, year ends left out."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    row: Any
    for row in connection.execute(_MOVED, where):
        found[channel_of(row.commodity)][row.role] += int(row.moved)
    for row in connection.execute(_LENT, where):
        # The village's own account paid and no bank account of the project.
        found[channel_of(row.commodity)]["lent_own"] -= int(row.moved)
    return found


_MOVED = text(
    "SELECT a.role, p.commodity, a.normal * sum(p.amount) AS moved FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name "
    "JOIN commodity c ON c.code = p.commodity AND c.kind <> 'quantity' "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "LEFT JOIN voucher f ON f.book = v.book AND f.seq = v.reverses "
    "WHERE a.book = :book AND a.project = :project AND coalesce(f.event, v.event) <> :year_end "
    "GROUP BY a.role, p.commodity, a.normal"
).bindparams(bindparam("year_end", YEAR_END))
_LENT = text(
    "SELECT p.commodity, sum(p.amount) AS moved FROM voucher v "
    "JOIN posting p ON p.book = v.book AND p.seq = v.seq "
    "JOIN account a ON a.book = p.book AND a.name = p.account AND a.role = 'own_bank' "
    "LEFT JOIN voucher f ON f.book = v.book AND f.seq = v.reverses "
    "WHERE v.book = :book AND v.project = :project AND coalesce(f.event, v.event) IN ('prefinancing', 'repayment') "
    "GROUP BY p.commodity"
)

"""各记其功: what a project brought, credited to its channels by what each verifiably paid, so that parts add up.

Nothing that was not accepted is credited, and nothing to a channel that has not paid yet. Until final accounts a
credit is provisional: every payment moves it, and the release of a retention too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from ledger import facts, money
from ledger.chart import channel_of
from ledger.facts import Fact
from ledger.proposals import YEAR_END
from ledger.register import GENERAL_PROJECT
from projects import observations, units
from projects.figures import ASSETS
from projects.observations import Seen
from projects.splits import split_over
from projects.status import by_role
from projects.units import Quantity

FINAL_ACCOUNTS = "final-accounts"
"""The kind of the fact after which a credit is final; its subject is the project's code."""

INSPECTION = "inspection"
UPPER = ("township", "county")
"""The kind of the fact of an inspection, and who accepts after the village."""

COST = dict.fromkeys((*ASSETS, "welfare_expense"), 1)
"""What was accepted of a channel, at its cost: assets, and what formed none."""

WEIGHT = COST | {
    "payable": -1,
    "retention": -1,
    "repair": -1,
    "wages": -1,
    "advance": -1,
    "audit_due": -1,
    "borrowed": -1,
    "lent": 1,
}
"""What a channel verifiably paid: 151 (13x, 16x) + 514 − 211 − 213 − 112 − 垫入 + 垫出.

Of 211 only what is owed for works: money held for its sender and deposits pay for nothing and owe no works. An advance
that is not offset, and a cut that was not refunded, count against their channel until they are settled.
"""

Roles = Mapping[tuple[str, str, str], int]
"""By project, channel and role what stands on the normal side, in fen."""


@dataclass(frozen=True)
class Accepted:
    """What was accepted, by a voucher or, where nothing was built, by a passed inspection: its label, day, quantity."""

    label: str
    on: str
    quantity: str


@dataclass(frozen=True)
class Share:
    """A channel's part: what was accepted at its cost, what it verifiably paid (fen), and the quantity credited."""

    channel: str
    cost: int
    paid: int
    quantity: int


@dataclass(frozen=True)
class Moved:
    """An indicator that the project moved; `change` is that of the numerator, None where nothing was seen before."""

    after: Seen
    before: Seen | None
    change: int | None
    channels: Mapping[str, int]


@dataclass(frozen=True)
class Credit:
    """What a project brought and to whom it is credited; without acceptance there is nothing to credit.

    `measured` is what was accepted, `output` what of it is credited: nothing while no channel has paid. `owed` are the
    fen of what was accepted that nobody has paid yet, `retention` those of them that are held back.
    """

    book: str
    project: Mapping[str, Any]
    accepted: tuple[str, ...]
    accepted_on: str
    measured: Quantity
    output: Quantity
    shares: tuple[Share, ...]
    moved: tuple[Moved, ...]
    owed: int
    retention: int
    final: Fact | None

    @property
    def cost(self) -> int:
        """Return what was accepted, at its cost, over all channels."""
        return sum(each.cost for each in self.shares)

    @property
    def paid(self) -> int:
        """Return what all channels verifiably paid."""
        return sum(each.paid for each in self.shares)


def credits_of(connection: Connection, book: str, project: str | None = None) -> list[Credit]:
    """Return the credit of every project of a book, or of one, channels in the order of the plan."""
    roles = _roles(connection, book)
    seen = observations.seen(connection, book=book)
    closed = {each.subject: each for each in facts.facts(connection, book, FINAL_ACCOUNTS)}
    accepted = _inspected(connection, book, roles) | _accepted(connection, book)
    lines: dict[str, list[str]] = {}
    for code, channel in connection.execute(_LINES, {"book": book}):
        lines.setdefault(code, []).append(channel)
    rows = connection.execute(_PROJECTS, {"book": book, "project": project, "general": GENERAL_PROJECT}).mappings()
    return [
        _credit(dict(row), accepted.get(row["code"], []), lines.get(row["code"], []), roles, seen, closed)
        for row in rows
    ]


def weights(roles: Roles, project: str, channels: list[str]) -> dict[str, int]:
    """Return what each channel of a project verifiably paid, in fen, never below zero."""
    return {channel: max(0, _weigh(WEIGHT, roles, project, channel)) for channel in channels}


def share_out(amount: int, paid: Mapping[str, int]) -> dict[str, int]:
    """Split an amount, which may be negative, by what was paid, by largest remainder; the parts add up to it.

    Where nobody paid, nobody is credited.
    """
    if not any(paid.values()):
        return dict.fromkeys(paid, 0)
    sign = -1 if amount < 0 else 1
    parts = split_over(paid, abs(amount))
    return {channel: sign * parts[channel] for channel in paid}


def proportions(paid: Sequence[int], whole: int) -> list[int]:
    """Return shares of a whole, such as a hundred percent in hundredths, that add up to it; zeros where nobody paid."""
    return money.split(whole, paid) if any(paid) else [0] * len(paid)


def _credit(
    project: dict[str, Any],
    accepted: list[Accepted],
    channels: list[str],
    roles: Roles,
    seen: list[Seen],
    closed: Mapping[str, Fact],
) -> Credit:
    code = project["code"]
    costs = {channel: _weigh(COST, roles, code, channel) for channel in channels} if accepted else {}
    paid = {each: fen for each, fen in weights(roles, code, list(costs)).items() if fen or costs[each]}
    measured = _measured(accepted, project["unit"])
    output = measured if any(paid.values()) else Quantity(0, measured.decimals, measured.unit)
    parts = share_out(output.amount, paid)
    return Credit(
        book=project["book"],
        project=project,
        accepted=tuple(each.label for each in accepted),
        accepted_on=accepted[-1].on if accepted else "",
        measured=measured,
        output=output,
        shares=tuple(Share(each, costs[each], paid[each], parts[each]) for each in paid),
        moved=tuple(_moved(seen, code, paid)) if accepted else (),
        owed=sum(costs.values()) - sum(paid.values()),
        retention=sum(roles.get((code, channel, "retention"), 0) for channel in paid),
        final=closed.get(code) if accepted else None,
    )


def _measured(accepted: list[Accepted], planned: str) -> Quantity:
    """Return what the acceptances of a project measured, together; each says number and unit."""
    number, name = 0, planned
    for each in accepted:
        counted, _, unit = each.quantity.partition(" ")
        number += money.parse_quantity(counted, scale=units.MEASURED)
        name = unit or name
    return units.measured(number, units.unit(name))


def _moved(seen: list[Seen], project: str, paid: Mapping[str, int]) -> list[Moved]:
    """Return the indicators that a project moved, each from what was last seen before it to what it brought last."""
    found = []
    own = {(each.indicator, each.place): each for each in seen if each.project == project}
    first = {(each.indicator, each.place): each for each in reversed(seen) if each.project == project}
    for (indicator, place), after in own.items():
        begun = first[indicator, place].when
        earlier = [each for each in seen if (each.indicator, each.place) == (indicator, place) and each.when < begun]
        before = earlier[-1] if earlier else None
        change = after.numerator - before.numerator if before else None
        found.append(Moved(after, before, change, share_out(change or 0, paid)))
    return found


def _weigh(weighing: Mapping[str, int], roles: Roles, project: str, channel: str) -> int:
    return sum(sign * roles.get((project, channel, role), 0) for role, sign in weighing.items())


def _roles(connection: Connection, book: str) -> Roles:
    """Return what stands by role, and of expenses what was spent: a year end carries them away, and unpays nothing."""
    found = {key: fen for key, fen in by_role(connection, book).items() if key[2] != "welfare_expense"}
    row: Any
    for row in connection.execute(_WELFARE, {"book": book, "year_end": YEAR_END}):
        key = (row.project, channel_of(row.commodity), "welfare_expense")
        found[key] = found.get(key, 0) + int(row.spent)
    return found


def _accepted(connection: Connection, book: str) -> dict[str, list[Accepted]]:
    found: dict[str, list[Accepted]] = {}
    row: Any
    for row in connection.execute(_ACCEPTED, {"book": book}):
        quantity = str(json.loads(row.facts).get("quantity", ""))
        found.setdefault(row.project, []).append(Accepted(f"V{row.number}", row.date, quantity))
    return found


def _inspected(connection: Connection, book: str, roles: Roles) -> dict[str, list[Accepted]]:
    """Return the projects that only spent, a training or aid, and whose last inspection above the village was passed.

    No voucher accepts them, because nothing was built that could become an asset. A project that was given up has
    expenses too: its works. It brought nothing.
    """
    spent = {project for (project, _, role), fen in roles.items() if role == "welfare_expense" and fen > 0}
    built = {project for (project, _, role), fen in roles.items() if role in {"works", *ASSETS} and fen}
    gone = set(connection.execute(_CANCELLED, {"book": book}).scalars())
    found: dict[str, list[Accepted]] = {}
    for each in facts.facts(connection, book, INSPECTION):
        if each.subject in spent - built - gone and each.data.get("level") in UPPER:
            passed = each.data.get("verdict") == "pass"
            quantity = f"{each.data.get('quantity', '')} {each.data.get('unit', '')}".strip()
            found[each.subject] = [Accepted(each.label, each.on, quantity)] if passed else []
    return found


_PROJECTS = text(
    "SELECT book, code, title, name, type, unit, planned_finish FROM project WHERE book = :book "
    "AND code <> :general AND (CAST(:project AS TEXT) IS NULL OR code = :project) ORDER BY code"
)
_LINES = text("SELECT project, channel FROM budget_line WHERE book = :book ORDER BY project, position, channel")
_ACCEPTED = text(
    "SELECT v.project, v.number, v.date, v.facts FROM voucher v WHERE v.book = :book AND v.event = 'acceptance' "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) ORDER BY v.seq"
)
_CANCELLED = text(
    "SELECT v.project FROM voucher v WHERE v.book = :book AND v.event = 'cancellation' "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)"
)
_WELFARE = text(
    "SELECT a.project, p.commodity, a.normal * sum(p.amount) AS spent FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "LEFT JOIN voucher f ON f.book = v.book AND f.seq = v.reverses "
    "WHERE a.book = :book AND a.role = 'welfare_expense' AND coalesce(f.event, v.event) <> :year_end "
    "GROUP BY a.project, p.commodity, a.normal"
)

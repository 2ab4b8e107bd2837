"""What is left, at a glance: each project's money by channel, from the running balances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, text

from ledger.balances import State
from ledger.chart import channel_of
from ledger.register import GENERAL_PROJECT
from projects.figures import FIGURES, made_of, weigh


@dataclass(frozen=True)
class Figures:
    """One channel of one project, in fen; goods and labour at their value.

    allotted: 下达; received: 到账; committed: 合同占用 not yet certified, advances included; certified: 已列支
    (measured work, goods used, labour given); owed: certified and not paid, without retention; retention: held
    back; paid: what has left for works, advances included; stock: goods in store; cash: in bank and hand; due: what
    households still have to pay; over: came over plan and goes back; lent, borrowed: 垫出, 垫入; left: 可用预算.
    """

    planned: int = 0
    allotted: int = 0
    received: int = 0
    committed: int = 0
    certified: int = 0
    owed: int = 0
    retention: int = 0
    paid: int = 0
    stock: int = 0
    cash: int = 0
    due: int = 0
    over: int = 0
    lent: int = 0
    borrowed: int = 0
    left: int = 0

    def __add__(self, other: Figures) -> Figures:
        """Return the sum, figure by figure."""
        return Figures(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)})

    def __bool__(self) -> bool:
        """Tell whether any figure is not zero."""
        return any(getattr(self, each.name) for each in fields(self))


def status(connection: Connection, book: str) -> dict[str, dict[str, Figures]]:
    """Return the figures of every project of a book by channel, channels in the order of the plan."""
    roles = by_role(connection, book)
    sources = {row.code: row.source for row in connection.execute(text("SELECT code, source FROM channel"))}
    found: dict[str, dict[str, Figures]] = {}
    query = text(
        "SELECT p.code AS project, b.channel, coalesce(b.planned, 0) AS planned FROM project p "
        "LEFT JOIN budget_line b ON b.book = p.book AND b.project = p.code "
        "WHERE p.book = :book AND p.code <> :general ORDER BY p.code, b.position, b.channel"
    )
    for project, channel, planned in connection.execute(query, {"book": book, "general": GENERAL_PROJECT}):
        lines = found.setdefault(project, {})
        if channel:
            has = _lookup(roles, project, channel)
            made = {figure: weigh(made_of(figure, sources[channel]), has) for figure in FIGURES}
            lines[channel] = Figures(planned=planned, **made)
    return found


def total(lines: dict[str, Figures]) -> Figures:
    """Return the sum over channels. It is for reading only: money of two channels is never one sum to spend."""
    return sum(lines.values(), Figures())


def _lookup(roles: dict[tuple[str, str, str], int], project: str, channel: str) -> Callable[[str], int]:
    def has(role: str) -> int:
        return roles.get((project, channel, role), 0)

    return has


Standing = dict[tuple[str, str, str, str, str], int]
"""What stands on the normal side, in fen, by project, contract, bank, channel and role."""


def by_role(connection: Connection, book: str) -> dict[tuple[str, str, str], int]:
    """Return what stands on the normal side by project, channel and role; goods by quantity are left out."""
    found: dict[tuple[str, str, str], int] = {}
    for (project, _, _, channel, role), amount in sealed(connection, book).items():
        found[project, channel, role] = found.get((project, channel, role), 0) + amount
    return found


def by_account(state: State, stands: Standing) -> Standing:
    """Return what stands by account where `stands` is sealed, with the drafts of the state counted in."""
    found = dict(stands)
    for draft in state.drafts:
        for name, commodity, amount in draft["lines"]:
            role, project, contract, bank = draft["accounts"][name]
            if state.chart.roles[role].holds != "quantity":
                key = (project, contract, bank, channel_of(commodity), role)
                found[key] = found.get(key, 0) + state.chart.roles[role].normal * amount
    return found


def sealed(connection: Connection, book: str) -> Standing:
    """Return what is sealed by account; goods by quantity are left out."""
    query = text(
        "SELECT a.project, a.contract, a.bank, b.commodity, a.role, a.normal * sum(b.amount) AS amount FROM balance b "
        "JOIN account a ON a.book = b.book AND a.name = b.account "
        "JOIN commodity c ON c.code = b.commodity AND c.kind <> 'quantity' "
        "WHERE b.book = :book GROUP BY a.project, a.contract, a.bank, b.commodity, a.role, a.normal"
    )
    found: Standing = {}
    row: Any
    for row in connection.execute(query, {"book": book}):
        key = (row.project, row.contract, row.bank, channel_of(row.commodity), row.role)
        found[key] = found.get(key, 0) + int(row.amount)
    return found

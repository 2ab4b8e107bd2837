"""What happened before: the vouchers of an event that stand, with those that wait counted in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, text

from ledger.balances import State
from ledger.chart import channel_of


@dataclass(frozen=True, kw_only=True)
class Past:
    """A voucher that stands, or a draft that waits; `moved` is fen (or goods) by role, contract, bank and commodity.

    An amount is positive on the account's normal side. A draft has no `seq`.
    """

    label: str
    event: str
    date: str
    project: str
    contract: str
    payee: str
    facts: Mapping[str, str]
    seq: int | None = None
    moved: Mapping[tuple[str, str, str, str], int] = field(default_factory=dict)

    def parts(self, role: str) -> dict[str, int]:
        """Return what a role moved by channel, money and budget under the channel's code."""
        found: dict[str, int] = {}
        for (name, _, _, commodity), amount in self.moved.items():
            if name == role:
                channel = channel_of(commodity)
                found[channel] = found.get(channel, 0) + amount
        return found


def standing(state: State, *events: str, project: str = "", contract: str = "") -> list[Past]:
    """Return the vouchers of these events that were not reversed, in order, drafts last where the state has them."""
    undone = {each["reverses"] for each in state.drafts}
    where = {"book": state.book.code, "events": list(events), "project": project, "contract": contract}
    found: dict[int, Past] = {}
    moved: dict[int, dict[tuple[str, str, str, str], int]] = {}
    row: Any
    for row in state.connection.execute(_STANDING, where):
        if row.seq not in found and row.seq not in undone:
            moved[row.seq] = {}
            found[row.seq] = Past(
                label=f"V{row.number}",
                event=row.event,
                date=row.date,
                project=row.project,
                contract=row.contract,
                payee=row.payee,
                facts=json.loads(row.facts),
                seq=row.seq,
                moved=moved[row.seq],
            )
        if row.seq in moved:
            key = (row.role, row.account_contract, row.bank, row.commodity)
            moved[row.seq][key] = moved[row.seq].get(key, 0) + row.amount
    waiting = [_draft(state, each) for each in state.drafts if each["event"] in events and each["reverses"] is None]
    fit = [each for each in waiting if each.project == (project or each.project)]
    return [*found.values(), *(each for each in fit if each.contract == (contract or each.contract))]


def certified_so_far(state: State, contract: str) -> int:
    """Return what the certificates of a contract that stand come to, in fen over all channels."""
    return sum(sum(each.parts("works").values()) for each in standing(state, "certificate", contract=contract))


def _draft(state: State, draft: Mapping[str, Any]) -> Past:
    moved: dict[tuple[str, str, str, str], int] = {}
    for name, commodity, amount in draft["lines"]:
        role, _, contract, bank = draft["accounts"][name]
        key = (role, contract, bank, commodity)
        moved[key] = moved.get(key, 0) + state.chart.roles[role].normal * amount
    return Past(
        label=f"D{draft['id']}",
        event=draft["event"],
        date=draft["date"],
        project=draft["project"],
        contract=draft["contract"],
        payee=draft["payee"],
        facts=draft["facts"],
        moved=moved,
    )


_STANDING = text(
    "SELECT v.seq, v.number, v.event, v.date, v.project, v.contract, v.payee, v.facts, a.role, "
    "a.contract AS account_contract, a.bank, p.commodity, a.normal * p.amount AS amount FROM voucher v "
    "JOIN posting p ON p.book = v.book AND p.seq = v.seq JOIN account a ON a.book = p.book AND a.name = p.account "
    "WHERE v.book = :book AND v.event IN :events AND (:project = '' OR v.project = :project) "
    "AND (:contract = '' OR v.contract = :contract) "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) ORDER BY v.seq, p.line"
).bindparams(bindparam("events", expanding=True))

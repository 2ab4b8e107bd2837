"""The contracts of a book: which stand, who is paid by them, and which channels pay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text

from ledger.balances import State
from ledger.chart import Place, channel_of
from ledger.errors import Names, Unknown
from projects.errors import ChannelNotInContract

OPENS = ("payable", "retention", "committed", "advance")
"""The accounts by which an opening brings a contract along."""


@dataclass(frozen=True)
class Contract:
    """A contract of a project; `channels` are those that pay for it, by code.

    `undone_by` names the draft that waits to reverse it, empty where there is none.
    """

    code: str
    project: str
    name: str
    payee: str
    channels: tuple[str, ...]
    undone_by: str = ""


def contracts(state: State, *, only: str = "") -> list[Contract]:
    """Return the contracts of a book that stand, those that wait for their approver behind those that are sealed.

    A contract that was running when the book began is known by the accounts that its opening opened. With `only` it
    is that one alone: who pays for a contract is asked contract by contract, and a book has many.
    """
    found: dict[str, Contract] = {}
    undone = {each["reverses"]: f"D{each['id']}" for each in state.drafts if each["reverses"] is not None}
    row: Any
    for query in (_MADE, _OPENED):
        for row in state.connection.execute(query, {"book": state.book.code}):
            if only and row.code != only:
                continue
            channels = _channels(state, row.project, row.code)
            name = row.name or state.titles[row.project]
            made = Contract(row.code, row.project, name, row.payee, channels, undone.get(row.seq, ""))
            found.setdefault(row.code, made)
    for draft in state.drafts:
        project, payee = str(draft["project"]), str(draft["payee"])
        codes, name = [], state.titles[project]
        if draft["event"] == "contract":
            codes, name = [str(draft["contract"])], str(draft["facts"]["contract-name"])
        elif draft["event"] == "opening":
            codes = sorted({code for role, _, code, _ in draft["accounts"].values() if code and role in OPENS})
        for code in (each for each in codes if only in {"", each}):
            found.setdefault(code, Contract(code, project, name, payee, _channels(state, project, code)))
    return list(found.values())


def need_contract(state: State, code: str) -> tuple[Contract, Place]:
    """Return a contract and its place.

    Raises:
        Unknown: the book has no such contract.
    """
    for contract in contracts(state, only=code):
        if contract.code == code:
            return contract, state.place(contract.project, contract=code)
    raise Unknown(about="contract", text=code, book=state.book.code)


def need_of_contract(state: State, contract: Contract, channels: Iterable[str]) -> None:
    """Make sure that a contract is paid by these channels (渠道不变).

    Raises:
        ChannelNotInContract: one of them has no part in it.
    """
    for channel in channels:
        if channel not in contract.channels:
            has = Names(state.label(each) for each in contract.channels)
            raise ChannelNotInContract(contract=contract.code, channel=state.label(channel), has=has)


def _channels(state: State, project: str, contract: str) -> tuple[str, ...]:
    """Return the channels that take part in a contract: those that moved in any of its accounts and stand."""
    query = text(
        "SELECT DISTINCT c.channel FROM account a JOIN posting p ON p.book = a.book AND p.account = a.name "
        "JOIN commodity c ON c.code = p.commodity JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
        "WHERE a.book = :book AND a.project = :project AND a.contract = :contract AND v.reverses IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)"
    )
    where = {"book": state.book.code, "project": project, "contract": contract}
    held = set(state.connection.execute(query, where).scalars())
    for draft in state.drafts:
        of = {name for name, (_, _, code, _) in draft["accounts"].items() if code == contract}
        held |= {channel_of(commodity) for name, commodity, _ in draft["lines"] if name in of}
    return tuple(sorted(held))


_MADE = text(
    "SELECT c.code, c.project, c.name, c.payee, c.seq FROM contract c WHERE c.book = :book "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = c.book AND r.reverses = c.seq) ORDER BY c.code"
)
_OPENED = text(
    "SELECT DISTINCT a.contract AS code, v.project, '' AS name, v.payee, v.seq FROM voucher v "
    "JOIN posting p ON p.book = v.book AND p.seq = v.seq JOIN account a ON a.book = p.book AND a.name = p.account "
    "AND a.contract <> '' AND a.role IN :roles WHERE v.book = :book AND v.event = 'opening' "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) ORDER BY code, v.seq"
).bindparams(bindparam("roles", OPENS, expanding=True))

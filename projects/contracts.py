"""Contracts commit budget; an advance is paid ahead of the work, out of what is committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text

from ledger.balances import State
from ledger.chart import Place, channel_of
from ledger.errors import Names, Unknown
from ledger.proposals import Proposal
from ledger.seal import Sealed
from ledger.store.workspace import Unit
from projects.bills import agreed, agreed_facts, worth
from projects.entries import Say, bank_for, entry, proposal, stated
from projects.errors import (
    AdvanceOverContract,
    ChannelNotInContract,
    ContractOfOther,
    ContractThere,
    NothingLeft,
    PartsDiffer,
    PartsMissing,
)
from projects.limits import need_advance
from projects.procurement import need_procured
from projects.requests import Advance, MakeContract
from projects.splits import as_named, in_proportion

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


def make_contract(state: State, ask: MakeContract, say: Say) -> Proposal:
    """合同: commit the budget of each channel that pays for it.

    Raises:
        ContractThere: the code is taken, by a contract that stands or by an opening; a reversed one is free.
        ContractOfOther: the code does not begin with a project of the book.
        PartsMissing: no channel is named.
        ItemUnreadable, BillDiffers: a bill of quantities that is not whole, or does not come to the contract's worth.
        ContractUnprocured: the policy asks for a record of how it was bought, or for another method.
        ContractOverPrice, WinnerOther: it is not what that record says.
    """
    project = ask.contract.partition("C")[0]
    if project not in state.titles:
        raise ContractOfOther(contract=ask.contract, project=project, book=state.book.code)
    for there in contracts(state, only=ask.contract):
        if there.code == ask.contract:
            raise ContractThere(about="undone" if there.undone_by else "", contract=ask.contract, draft=there.undone_by)
    parts = ask.parts or _by_item(ask)
    if not parts:
        raise PartsMissing(contract=ask.contract)
    items = agreed(ask.contract, ask.items.values(), parts) if ask.items else {}
    procured = need_procured(state, ask, project, sum(parts.values()))
    place = state.place(project, contract=ask.contract)
    figures = {channel: {"amount": fen} for channel, fen in parts.items()}
    total = sum(parts.values())
    return proposal(
        ask,
        "contract",
        place,
        entry(state, "contract", place, figures),
        narration=say("contract", contract=ask.contract, name=ask.name, total=total),
        party=procured.winner if procured else say("party.contractor"),
        facts={"contract-name": ask.name or state.titles[project], "milestone": f"contract {ask.contract}"}
        | stated(contract_kind="" if ask.kind == "works" else ask.kind, procurement=procured.label if procured else "")
        | agreed_facts(items)
        | stated(category=ask.category),
    )


def _by_item(ask: MakeContract) -> dict[str, int]:
    """Return what each channel pays where every item of the bill says which one does."""
    found: dict[str, int] = {}
    for each in ask.items.values():
        if not each.channel:
            return {}
        found[each.channel] = found.get(each.channel, 0) + worth(each.quantity, each.price)
    return found


def advance(state: State, ask: Advance, say: Say) -> Proposal:
    """预付款: an amount, or a share of what is left of the contract, split over its channels by what each has left.

    Raises:
        AdvanceOverContract: more than the contract has left.
        AdvanceOverShare: more than its share of the price by the policy.
        ChannelNotInContract: a part of a channel that does not pay for it.
        PartsDiffer: parts do not add up to the amount.
    """
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, ask.parts)
    # A draft that leaned on one that was dropped may leave less than nothing: that is nothing to advance.
    left = {channel: max(0, state.left("committed", place, channel)) for channel in contract.channels}
    whole = sum(left.values())
    amount = ask.amount if ask.amount is not None else sum(ask.parts.values())
    if ask.percent is not None:
        amount = int(whole * ask.percent / 100)
    if amount > whole:
        raise AdvanceOverContract(contract=ask.contract, left=whole, amount=amount, over=amount - whole)
    for channel, fen in ask.parts.items():
        if fen > left[channel]:
            about = f"{ask.contract} {state.label(channel)}"
            raise AdvanceOverContract(contract=about, left=left[channel], amount=fen, over=fen - left[channel])
    if amount == 0:
        raise NothingLeft(about="advance", contract=ask.contract)
    need_advance(state, contract, place, amount, ask.date)
    split = as_named(ask.parts) if ask.parts else in_proportion(left, amount)
    parts = split.parts
    if sum(parts.values()) != amount:
        raise PartsDiffer(parts=sum(parts.values()), amount=amount)
    figures = {channel: {"amount": fen} for channel, fen in parts.items() if fen}
    banks = {channel: bank_for(state, channel, ask.bank) for channel in figures}
    narration = say("advance", contract=ask.contract)
    return proposal(
        ask,
        "advance",
        place,
        entry(state, "advance", place, figures, banks=banks),
        narration=narration,
        party=contract.payee,
        splits=[split],
    )


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


def keep_contract(unit: Unit, sealed: Sealed) -> None:
    """Write the contract's row when its voucher is sealed."""
    unit.connection.execute(
        text(
            "INSERT INTO contract (book, code, project, name, payee, seq) "
            "VALUES (:book, :code, :project, :name, :payee, :seq)"
        ),
        {
            "book": sealed.book,
            "code": sealed.proposal.contract,
            "project": sealed.proposal.project,
            "name": sealed.proposal.facts["contract-name"],
            "payee": sealed.proposal.payee,
            "seq": sealed.seq,
        },
    )


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

"""Contracts commit budget; an advance is paid ahead of the work, out of what is committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ledger import money
from ledger.balances import State
from ledger.chart import Place, channel_of
from ledger.errors import Unknown
from ledger.seal import Sealed
from ledger.store.workspace import Unit
from ledger.vouchers import Proposal
from projects.entries import Say, bank_for, entry, proposal
from projects.errors import (
    AdvanceOverContract,
    ChannelNotInContract,
    ContractOfOther,
    ContractThere,
    NothingLeft,
    PartsDiffer,
    PartsMissing,
)
from projects.requests import Advance, MakeContract


@dataclass(frozen=True)
class Contract:
    """A contract of a project; `channels` are those that pay for it, by code."""

    code: str
    project: str
    name: str
    payee: str
    channels: tuple[str, ...]


def make_contract(state: State, ask: MakeContract, say: Say) -> Proposal:
    """合同: commit the budget of each channel that pays for it.

    Raises:
        ContractThere: the code is taken.
        ContractOfOther: the code does not begin with a project of the book.
        PartsMissing: no channel is named.
    """
    project = ask.contract.partition("C")[0]
    if project not in state.titles:
        raise ContractOfOther(contract=ask.contract, project=project, book=state.book.code)
    if any(each.code == ask.contract for each in contracts(state)):
        raise ContractThere(contract=ask.contract)
    if not ask.parts:
        raise PartsMissing(contract=ask.contract)
    place = state.place(project, contract=ask.contract)
    figures = {channel: {"amount": fen} for channel, fen in ask.parts.items()}
    total = sum(ask.parts.values())
    return proposal(
        ask,
        "contract",
        place,
        entry(state, "contract", place, figures),
        narration=say("contract", contract=ask.contract, name=ask.name, total=total),
        party=say("party.contractor"),
        facts={"contract-name": ask.name or state.titles[project], "milestone": f"contract {ask.contract}"},
    )


def advance(state: State, ask: Advance, say: Say) -> Proposal:
    """预付款: an amount, or a share of what is left of the contract, split over its channels by what each has left.

    Raises:
        AdvanceOverContract: more than the contract has left.
        ChannelNotInContract: a part of a channel that does not pay for it.
        PartsDiffer: parts do not add up to the amount.
    """
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, ask.parts)
    left = {channel: state.left("committed", place, channel) for channel in contract.channels}
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
    parts = ask.parts or split_over(left, amount)
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
    )


def split_over(weights: dict[str, int], amount: int) -> dict[str, int]:
    """Split an amount over channels by largest remainder; what ties goes by code. Not all weights are zero."""
    channels = sorted(weights)
    return dict(zip(channels, money.split(amount, [weights[each] for each in channels]), strict=True))


def contracts(state: State) -> list[Contract]:
    """Return the contracts of a book, those that wait for their approver behind those that are sealed."""
    query = text("SELECT code, project, name, payee FROM contract WHERE book = :book ORDER BY code")
    rows: list[Any] = list(state.connection.execute(query, {"book": state.book.code}))
    found = [
        Contract(row.code, row.project, row.name, row.payee, _channels(state, row.project, row.code)) for row in rows
    ]
    for draft in state.drafts:
        if draft["event"] == "contract":
            code, project = str(draft["contract"]), str(draft["project"])
            name = str(draft["facts"]["contract-name"])
            found.append(Contract(code, project, name, str(draft["payee"]), _channels(state, project, code)))
    return found


def need_contract(state: State, code: str) -> tuple[Contract, Place]:
    """Return a contract and its place.

    Raises:
        Unknown: the book has no such contract.
    """
    for contract in contracts(state):
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
            has = "、".join(state.label(each) for each in contract.channels)
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
    """Return the channels that take part in a contract: those that any of its accounts may hold."""
    query = text(
        "SELECT DISTINCT c.channel FROM account a JOIN balance b ON b.book = a.book AND b.account = a.name "
        "JOIN commodity c ON c.code = b.commodity "
        "WHERE a.book = :book AND a.project = :project AND a.contract = :contract"
    )
    where = {"book": state.book.code, "project": project, "contract": contract}
    held = set(state.connection.execute(query, where).scalars())
    for draft in state.drafts:
        of = {name for name, (_, _, code, _) in draft["accounts"].items() if code == contract}
        held |= {channel_of(commodity) for name, commodity, _ in draft["lines"] if name in of}
    return tuple(sorted(held))

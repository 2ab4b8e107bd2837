"""Contracts commit budget; an advance is paid ahead of the work, out of what is committed."""

from __future__ import annotations

from sqlalchemy import text

from ledger.balances import State
from ledger.proposals import Proposal
from ledger.seal import Sealed
from ledger.store.workspace import Unit
from projects.contracts import contracts, need_contract, need_of_contract
from projects.errors import (
    AdvanceOverContract,
    ContractOfOther,
    ContractThere,
    NothingLeft,
    PartsDiffer,
    PartsMissing,
)
from projects.events.bills import agreed, agreed_facts, worth
from projects.events.entries import Say, bank_for, entry, proposal, stated
from projects.events.requests import Advance, MakeContract
from projects.limits import need_advance
from projects.procurement import need_procured
from projects.splits import as_named, in_proportion


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

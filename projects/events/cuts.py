"""Audit cuts, and money that a contractor pays back: what was advanced, what the audit took back."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.balances import State
from ledger.proposals import Proposal
from projects.contracts import Contract, need_contract, need_of_contract
from projects.errors import NothingLeft, OverHeld, PartsDiffer
from projects.events.entries import Say, bank_for, entry, proposal, stated
from projects.events.requests import Cut, RefundAdvance, RefundCut
from projects.history import standing
from projects.splits import split_over


def cut(state: State, ask: Cut, say: Say) -> Proposal:
    """审减: certified work is taken back before acceptance; what is not paid is owed no more, what is paid is due back.

    An amount is split over channels by what each has certified of the contract.

    Raises:
        OverHeld: more than was certified.
        NothingLeft: no amount is named.
        PartsDiffer, ChannelNotInContract: parts that do not fit.
        BelowFloor: the works are no longer in progress.
    """
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, ask.parts)
    certified = _certified(state, contract)
    parts = _parts(contract, ask.amount, ask.parts, certified, about="cut", state=state)
    unpaid = {channel: min(fen, state.left("payable", place, channel)) for channel, fen in parts.items()}
    paid = {channel: fen - unpaid[channel] for channel, fen in parts.items()}
    lines = entry(state, "audit_cut_unpaid", place, {channel: {"amount": fen} for channel, fen in unpaid.items()})
    lines += entry(state, "audit_cut_paid", place, {channel: {"amount": fen} for channel, fen in paid.items()})
    totals = {"total": sum(parts.values()), "due": sum(paid.values())}
    return proposal(
        ask,
        "audit_cut",
        place,
        lines,
        narration=say("audit-cut", contract=ask.contract, number=ask.number, **totals),
        party=say("party.auditor"),
        facts=stated(document_number=ask.number),
    )


def refund_cut(state: State, ask: RefundCut, say: Say) -> Proposal:
    """退回审减款: the contractor pays back what the audit cut of paid work; without an amount all of it.

    Raises:
        OverHeld, NothingLeft: more than is due, or nothing is.
        PartsDiffer, ChannelNotInContract: parts that do not fit.
    """
    return _refund(state, ask, say, role="audit_due", event="audit_cut_refunded")


def refund_advance(state: State, ask: RefundAdvance, say: Say) -> Proposal:
    """退回预付款: the contractor pays an advance back, and the contract may use it again; without an amount all of it.

    Raises:
        OverHeld, NothingLeft: more than is left of the advance, or nothing is.
        PartsDiffer, ChannelNotInContract: parts that do not fit.
    """
    return _refund(state, ask, say, role="advance", event="advance_refunded")


def _refund(state: State, ask: RefundCut | RefundAdvance, say: Say, *, role: str, event: str) -> Proposal:
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, ask.parts)
    due = {channel: state.left(role, place, channel) for channel in contract.channels}
    whole = sum(due.values()) if ask.amount is None and not ask.parts else ask.amount
    parts = _parts(contract, whole, ask.parts, due, about=event.replace("_", "-"), state=state)
    banks = {channel: bank_for(state, channel, ask.bank) for channel, fen in parts.items() if fen}
    figures = {channel: {"amount": parts[channel]} for channel in banks}
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, figures, banks=banks),
        narration=say(event.replace("_", "-"), contract=ask.contract),
        party=contract.payee,
    )


def _parts(
    contract: Contract,
    amount: int | None,
    parts: Mapping[str, int],
    most: Mapping[str, int],
    *,
    about: str,
    state: State,
) -> dict[str, int]:
    """Return parts as they were named, or an amount split by what there is."""
    if parts and amount is not None and sum(parts.values()) != amount:
        raise PartsDiffer(parts=sum(parts.values()), amount=amount)
    if not parts and not amount:
        raise NothingLeft(about=about, contract=contract.code)
    for channel, fen in parts.items():
        _need(contract.code, state.label(channel), have=most[channel], amount=fen, about=about)
    if parts:
        return dict(parts)
    assert amount is not None, "nothing was named, and nothing was left"
    _need(contract.code, "", have=sum(most.values()), amount=amount, about=about)
    return split_over(most, amount)


def _need(contract: str, channel: str, *, have: int, amount: int, about: str) -> None:
    if amount > have:
        facts = {"have": have, "amount": amount, "over": amount - have}
        kind = "cut" if about == "cut" else "due"
        raise OverHeld(about=f"{kind}-channel" if channel else kind, contract=contract, channel=channel, **facts)


def _certified(state: State, contract: Contract) -> dict[str, int]:
    """Return what each channel has certified of a contract, less what was cut or taken over by another."""
    found = dict.fromkeys(contract.channels, 0)
    for each in standing(state, "certificate", "audit_cut", "source_change", contract=contract.code):
        for channel, fen in each.parts("works").items():
            found[channel] = found.get(channel, 0) + fen
    return found

"""Retention after the works: released when its term is over, or forfeited to who repairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from ledger.balances import State
from ledger.chart import Line
from ledger.errors import TextMissing
from ledger.proposals import Proposal
from projects.contracts import Contract, contracts, need_contract, need_of_contract
from projects.errors import NothingLeft, OverHeld, PartsDiffer, RetentionEarly
from projects.events.entries import Say, bank_for, entry, proposal, stated
from projects.events.requests import ForfeitRetention, PayRepair, ReleaseRetention
from projects.history import standing
from projects.policy import policy_at
from projects.splits import split_over


def release(state: State, ask: ReleaseRetention, say: Say) -> Proposal:
    """退质保金: the retention of a contract, or of all contracts of a project, is paid, each channel its own.

    The term stands in the acceptance (`warranty_until`), or the clerk states when it was over; where neither does, it
    is the policy's, from acceptance on.

    Raises:
        RetentionEarly: the term is not over, or nobody has said when it is.
        TextMissing: neither contract nor project is named.
        NothingLeft, OverHeld: nothing is held back, or less than is asked for.
        PartsDiffer, ChannelNotInContract: parts that do not fit.
        BelowFloor: a channel lacks the cash.
    """
    if ask.contract is not None:
        chosen = [need_contract(state, ask.contract)[0]]
    elif ask.project is not None:
        state.place(ask.project)
        chosen = [each for each in contracts(state) if each.project == ask.project]
    else:
        raise TextMissing(field="contract")
    whole = ask.amount is None and not ask.parts
    chosen = [each for each in chosen if not whole or any(_held(state, each, "retention").values())]
    if not chosen:
        raise NothingLeft(about="retention", contract=ask.contract or ask.project or "")
    project = chosen[0].project
    if not whole and len(chosen) > 1:
        raise TextMissing(field="contract")
    due = _term(state, project, ask)
    lines = [line for each in chosen for line in _out(state, each, ask, role="retention", event="retention_released")]
    codes = " ".join(each.code for each in chosen)
    return proposal(
        ask,
        "retention_released",
        state.place(project, contract=chosen[0].code if len(chosen) == 1 else ""),
        lines,
        narration=say("retention-released", contract=codes),
        party=chosen[0].payee,
        facts=stated(warranty_until=due.isoformat()),
    )


def forfeit(state: State, ask: ForfeitRetention, say: Say) -> Proposal:
    """扣用质保金: retention is owed to who repairs in the contractor's place; without an amount all of it.

    Raises:
        NothingLeft, OverHeld: nothing is held back, or less than is asked for.
        PartsDiffer, ChannelNotInContract: parts that do not fit.
    """
    contract, place = need_contract(state, ask.contract)
    lines = _out(state, contract, ask, role="retention", event="retention_forfeited")
    narration = say("retention-forfeited", contract=ask.contract, reason=ask.reason)
    facts = stated(reason=ask.reason)
    party = say("party.repairer")
    return proposal(ask, "retention_forfeited", place, lines, narration=narration, party=party, facts=facts)


def pay_repair(state: State, ask: PayRepair, say: Say) -> Proposal:
    """支付维修款: who repaired is paid out of what was forfeited; without an amount all of it.

    Raises:
        NothingLeft, OverHeld: nothing is owed, or less than is asked for.
        PartsDiffer, ChannelNotInContract: parts that do not fit.
        BelowFloor: a channel lacks the cash.
    """
    contract, place = need_contract(state, ask.contract)
    forfeited = standing(state, "retention_forfeited", contract=ask.contract)
    return proposal(
        ask,
        "repair_paid",
        place,
        _out(state, contract, ask, role="repair", event="repair_paid"),
        narration=say("repair-paid", contract=ask.contract),
        party=forfeited[-1].payee if forfeited else say("party.repairer"),
    )


def _held(state: State, contract: Contract, role: str) -> dict[str, int]:
    place = state.place(contract.project, contract=contract.code)
    return {channel: state.left(role, place, channel) for channel in contract.channels}


def _out(
    state: State, contract: Contract, ask: ReleaseRetention | ForfeitRetention | PayRepair, *, role: str, event: str
) -> list[Line]:
    """Return the lines that take from what is held of a contract: parts, an amount split by it, or all."""
    held = _held(state, contract, role)
    need_of_contract(state, contract, ask.parts)
    amount = sum(held.values()) if ask.amount is None else ask.amount
    if ask.parts and ask.amount is not None and sum(ask.parts.values()) != ask.amount:
        raise PartsDiffer(parts=sum(ask.parts.values()), amount=ask.amount)
    if not sum(held.values()):
        raise NothingLeft(about=role, contract=contract.code)
    if not ask.parts:
        _need(contract.code, "", have=sum(held.values()), amount=amount, role=role)
    parts: Mapping[str, int] = ask.parts or split_over(held, amount)
    for channel, fen in parts.items():
        _need(contract.code, state.label(channel), have=held[channel], amount=fen, role=role)
    place = state.place(contract.project, contract=contract.code)
    paying = not isinstance(ask, ForfeitRetention)
    lines = []
    for channel, fen in parts.items():
        if fen:
            at = replace(place, bank=bank_for(state, channel, getattr(ask, "bank", None))) if paying else place
            lines += entry(state, event, at, {channel: {"amount": fen}})
    return lines


def _need(contract: str, channel: str, *, have: int, amount: int, role: str) -> None:
    if amount > have:
        facts = {"have": have, "amount": amount, "over": amount - have}
        about = f"{role}-channel" if channel else role
        raise OverHeld(about=about, contract=contract, channel=channel, **facts)


def _term(state: State, project: str, ask: ReleaseRetention) -> date:
    """Return the day on which the term is over, the latest that was stated."""
    accepted = [each.facts.get("warranty-until", "") for each in standing(state, "acceptance", project=project)]
    stated_terms = [date.fromisoformat(each) for each in accepted if each] + ([ask.due] if ask.due else [])
    label = state.label_project(project)
    if not stated_terms and accepted:
        return _of_policy(state, project, ask)
    if not stated_terms:
        raise RetentionEarly(about="unknown", project=label, due="", date=ask.date)
    if ask.date < max(stated_terms):
        raise RetentionEarly(project=label, due=max(stated_terms), date=ask.date)
    return max(stated_terms)


def _of_policy(state: State, project: str, ask: ReleaseRetention) -> date:
    """Return the day on which the policy's term is over."""
    accepted = max(each.date for each in standing(state, "acceptance", project=project))
    term = policy_at(state.connection, ask.date).retention.term
    due = term.after(date.fromisoformat(accepted))
    if ask.date < due:
        facts = {"accepted": accepted, "term": term.shown, "rule": term.rule}
        raise RetentionEarly(about="policy", project=state.label_project(project), due=due, date=ask.date, **facts)
    return due

"""Money going back to where it came from: what was held, what a household paid, the surplus."""

from __future__ import annotations

from dataclasses import replace

from ledger.balances import State
from ledger.proposals import Proposal
from projects.errors import NotFinished, NothingLeft, SourceUnfit
from projects.events.entries import Say, bank_for, entry, need_source, of_source, only_channel, proposal, stated
from projects.events.requests import RefundHousehold, ReturnSurplus, SendBack
from projects.figures import OWED
from projects.history import standing
from projects.limits import need_cash_payment

FINISHED = ("acceptance", "cancellation")
"""After these a surplus is one."""


def send_back(state: State, ask: SendBack, say: Say) -> Proposal:
    """退回暂收款: what came over plan goes back, all of it if no amount is named.

    Raises:
        NothingLeft: nothing is held.
        BelowFloor: more than is held.
    """
    place = replace(state.place(ask.project), bank=bank_for(state, ask.channel, ask.bank))
    amount = state.left("held", place, ask.channel) if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="held", project=state.label_project(ask.project), channel=state.label(ask.channel))
    return proposal(
        ask,
        "held_returned",
        place,
        entry(state, "held_returned", place, {ask.channel: {"amount": amount}}),
        narration=say("held-returned"),
        party=_source(state, ask.channel, say),
    )


def refund_household(state: State, ask: RefundHousehold, say: Say) -> Proposal:
    """退还筹资: what a household paid goes back to it, and the project may spend less.

    Raises:
        SourceUnfit: the channel is not the households'.
        ChannelAmbiguous: the project has several channels of households, and none is named.
        CashPaymentOver: so much is not paid in cash.
        BelowFloor: the money or the budget is used already.
    """
    channel = only_channel(state, ask.project, ask.channel, of_source(state, ask.project, "households"))
    need_source(state, channel, "refund", "households")
    place = state.place(ask.project)
    event = "household_refunded_cash" if ask.cash else "household_refunded"
    if ask.cash:
        need_cash_payment(state, ask.amount, ask.date)
    if not ask.cash:
        place = replace(place, bank=bank_for(state, channel, ask.bank))
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, {channel: {"amount": ask.amount}}),
        narration=say("household-refunded", number=ask.number),
        party=say("party.household-bank"),
        facts=stated(document_number=ask.number),
    )


def return_surplus(state: State, ask: ReturnSurplus, say: Say) -> Proposal:
    """结余上缴: what is left of a channel goes back to its source with its budget; own money to the village's account.

    Without an amount it is all that is free: in cash beyond what is owed, in the fund, and in the budget.

    Raises:
        NotFinished: the project is neither accepted nor cancelled.
        SourceUnfit: goods go back by `earmark inkind return`, labour not at all.
        NothingLeft: there is no surplus.
        BelowFloor: more than is left.
    """
    source = state.source(ask.channel)
    if source in {"in_kind", "labour"}:
        raise SourceUnfit(about="return", channel=state.label(ask.channel), source=source, fit="")
    if not standing(state, *FINISHED, project=ask.project):
        raise NotFinished(project=state.label_project(ask.project), channel=state.label(ask.channel))
    place = replace(state.place(ask.project), bank=bank_for(state, ask.channel, ask.bank))
    own = source == "collective"
    if own:
        place = replace(place, own_bank=bank_for(state, ask.channel, ask.to_own, kind="own"))
    elif ask.to_own is not None:
        need_source(state, ask.channel, "to-own", "collective")
    amount = _surplus(state, ask) if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="return", project=state.label_project(ask.project), channel=state.label(ask.channel))
    event = "surplus_returned_own" if own else "surplus_returned"
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, {ask.channel: {"amount": amount}}),
        narration=say("surplus-returned", amount=amount),
        party=say("party.village") if own else _source(state, ask.channel, say),
    )


def _surplus(state: State, ask: ReturnSurplus) -> int:
    """Return what is free of a channel: cash beyond debts, within fund and budget."""
    place = state.place(ask.project)
    bank = replace(place, bank=bank_for(state, ask.channel, ask.bank))
    debts = sum(state.total(role, ask.project, ask.channel) for role in (*OWED, "retention", "held", "borrowed"))
    cash = state.total("bank", ask.project, ask.channel) + state.total("cash", ask.project, ask.channel)
    limits = [cash - debts, state.left("bank", bank, ask.channel), state.left("available", place, ask.channel)]
    fund = state.chart.fund(state.source(ask.channel))
    if fund is not None:
        limits.append(state.left(fund, place, ask.channel))
    return max(0, min(limits))


def _source(state: State, channel: str, say: Say) -> str:
    """Return whom a channel's money goes back to."""
    return say("party.household-bank") if state.source(channel) == "households" else state.channels[channel][0]

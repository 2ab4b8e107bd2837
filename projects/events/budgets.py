"""Budget before money: allotments and their revisions, the households' plan and what they need not pay of it."""

from __future__ import annotations

from ledger.balances import State
from ledger.proposals import Proposal
from projects.errors import NothingLeft, RevisionOverUnreceived
from projects.events.entries import Say, entry, need_source, of_source, only_channel, proposal, stated
from projects.events.receipts import received_so_far
from projects.events.requests import Allot, Plan, ReviseDown, ReviseUp, Waive
from projects.limits import need_plan

UNALLOTTED = ("households", "collective", "deposit", "micro_loan")
"""Households decide on a plan, own money is moved; a deposit is no budget, a loan is the household's own."""


def allot(state: State, ask: Allot, say: Say) -> Proposal:
    """指标下达: what may be spent from a channel on a project. Nothing has arrived yet.

    Raises:
        SourceUnfit: households decide on a plan, and own money is moved; neither is allotted.
    """
    _need_allotting(state, ask.channel)
    place = state.place(ask.project)
    lines = entry(state, "allotment", place, {ask.channel: {"amount": ask.amount}})
    return proposal(
        ask,
        "allotment",
        place,
        lines,
        narration=say("allotment", number=ask.number),
        party=state.channels[ask.channel][0],
        facts={"document-number": ask.number} if ask.number else {},
    )


def plan(state: State, ask: Plan, say: Say) -> Proposal:
    """筹资方案: what the households owe to a project, and may be spent when it is paid in.

    Raises:
        SourceUnfit: the channel is not the households'.
        PlanOverCap: more than the cap a person and year, where the number of people is stated.
    """
    need_source(state, ask.channel, "plan", "households")
    place = state.place(ask.project)
    if ask.people is not None:
        need_plan(state, ask.project, ask.channel, amount=ask.amount, people=ask.people, on=ask.date)
    lines = entry(state, "household_plan", place, {ask.channel: {"amount": ask.amount}})
    return proposal(
        ask,
        "household_plan",
        place,
        lines,
        narration=say("household-plan", number=ask.number),
        party=say("party.meeting"),
        facts=stated(document_number=ask.number, people=str(ask.people or "")),
    )


def revise_up(state: State, ask: ReviseUp, say: Say) -> Proposal:
    """追加指标: more may be spent from a channel, by a document and for a reason.

    Raises:
        SourceUnfit: the channel is not allotted.
    """
    _need_allotting(state, ask.channel)
    return _revision(state, ask, say, event="revision_up", amount=ask.amount)


def revise_down(state: State, ask: ReviseDown, say: Say) -> Proposal:
    """调减指标: what has not arrived is taken back; without an amount all of it that is still free.

    What has arrived goes back as surplus, so that no money stays behind without a budget.

    Raises:
        SourceUnfit: the channel is not allotted.
        RevisionOverUnreceived: a part of it has arrived.
        NothingLeft: there is nothing to take back.
        BelowFloor: it is committed or spent already.
    """
    _need_allotting(state, ask.channel)
    place = state.place(ask.project)
    allotted, received = state.left("allotted", place, ask.channel), received_so_far(state, place, ask.channel)
    most = max(0, allotted - received)
    amount = min(most, state.left("available", place, ask.channel)) if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="revise", project=state.label_project(ask.project), channel=state.label(ask.channel))
    if amount > most:
        raise RevisionOverUnreceived(
            channel=state.label(ask.channel),
            code=ask.channel,
            project=state.label_project(ask.project),
            project_code=ask.project,
            allotted=allotted,
            received=received,
            amount=amount,
            over=amount - most,
        )
    return _revision(state, ask, say, event="revision_down", amount=amount)


def waive(state: State, ask: Waive, say: Say) -> Proposal:
    """免收筹资: households that cannot pay owe less, and the project may spend less.

    Raises:
        SourceUnfit: the channel is not the households'.
        ChannelAmbiguous: the project has several channels of households, and none is named.
        BelowFloor: more than they still owe, or the budget is committed already.
    """
    channel = only_channel(state, ask.project, ask.channel, of_source(state, ask.project, "households"))
    need_source(state, channel, "waive", "households")
    place = state.place(ask.project)
    return proposal(
        ask,
        "household_waived",
        place,
        entry(state, "household_waived", place, {channel: {"amount": ask.amount}}),
        narration=say("household-waived", number=ask.number, amount=ask.amount),
        party=say("party.meeting"),
        facts=stated(document_number=ask.number),
    )


def _need_allotting(state: State, channel: str) -> None:
    others = tuple(source for source in state.chart.funds if source not in UNALLOTTED)
    need_source(state, channel, "allot", *others)


def _revision(state: State, ask: ReviseUp | ReviseDown, say: Say, *, event: str, amount: int) -> Proposal:
    place = state.place(ask.project)
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, {ask.channel: {"amount": amount}}),
        narration=say(event.replace("_", "-"), number=ask.number, reason=ask.reason),
        party=state.channels[ask.channel][0],
        facts=stated(document_number=ask.number, reason=ask.reason),
    )

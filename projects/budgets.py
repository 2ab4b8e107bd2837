"""Budget before money: allotments and the households' plan."""

from __future__ import annotations

from ledger.balances import State
from ledger.proposals import Proposal
from projects.entries import Say, entry, need_source, proposal
from projects.requests import Allot, Plan

SELF_FUNDED = ("households", "collective")


def allot(state: State, ask: Allot, say: Say) -> Proposal:
    """指标下达: what may be spent from a channel on a project. Nothing has arrived yet.

    Raises:
        SourceUnfit: households decide on a plan, and own money is moved; neither is allotted.
    """
    others = tuple(source for source in state.chart.funds if source not in SELF_FUNDED)
    need_source(state, ask.channel, "allot", *others)
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
    """
    need_source(state, ask.channel, "plan", "households")
    place = state.place(ask.project)
    lines = entry(state, "household_plan", place, {ask.channel: {"amount": ask.amount}})
    return proposal(
        ask,
        "household_plan",
        place,
        lines,
        narration=say("household-plan", number=ask.number),
        party=say("party.meeting"),
        facts={"document-number": ask.number} if ask.number else {},
    )

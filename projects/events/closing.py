"""Ends: a project that is given up, a year that is over."""

from __future__ import annotations

from ledger.balances import State
from ledger.chart import Line
from ledger.proposals import YEAR_END, Proposal
from ledger.register import GENERAL_PROJECT
from projects.contracts import contracts
from projects.errors import AdvanceOpen, AlreadyFinished, NothingLeft
from projects.events.entries import Say, entry, proposal, stated
from projects.events.receipts import income
from projects.events.requests import Cancel, CloseYear
from projects.events.returns import FINISHED
from projects.history import standing

CARRIED = {
    "subsidy_income": "year_end_income",
    "welfare_expense": "year_end_welfare",
    "other_expense": "year_end_other",
}
"""What a year end carries to the year's result, each by its entry."""


def cancel(state: State, ask: Cancel, say: Say) -> Proposal:
    """项目终止: contracts release what is not certified, and what was built is expense with as much of the fund income.

    What is owed stays owed and is paid; the surplus then goes back by `earmark return`.

    Raises:
        AlreadyFinished: it was accepted or cancelled before.
        AdvanceOpen: an advance has to be certified against or refunded first.
        NothingLeft: there is nothing to give up.
    """
    place = state.place(ask.project)
    label = state.label_project(ask.project)
    if past := standing(state, *FINISHED, project=ask.project):
        raise AlreadyFinished(project=label, voucher=past[-1].label)
    lines: list[Line] = []
    for contract in contracts(state):
        if contract.project != ask.project:
            continue
        at = state.place(ask.project, contract=contract.code)
        for channel in contract.channels:
            ahead = state.left("advance", at, channel)
            if ahead:
                raise AdvanceOpen(contract=contract.code, channel=state.label(channel), left=ahead)
            figures = {channel: {"amount": state.left("committed", at, channel)}}
            lines += entry(state, "decommitment", at, figures)
    for channel in state.budget.get(ask.project, {}):
        built = state.left("works", place, channel)
        figures = {channel: {"amount": built, "income": income(state, place, channel, spending=built)}}
        lines += entry(state, "acceptance_welfare", place, figures)
    if not lines:
        raise NothingLeft(about="cancel", project=label)
    return proposal(
        ask,
        "cancellation",
        place,
        lines,
        narration=say("cancellation", number=ask.number, reason=ask.reason),
        party=say("party.committee"),
        facts=stated(document_number=ask.number, reason=ask.reason, milestone="cancelled"),
    )


def close_year(state: State, ask: CloseYear, say: Say) -> Proposal:
    """年终结转: income and expense of all projects go to the year's result, and what is left to undistributed income.

    Raises:
        NothingLeft: there is neither income nor expense.
    """
    lines: list[Line] = []
    left: dict[str, int] = {}
    for project, channels in state.budget.items():
        for channel in channels:
            for role, event in CARRIED.items():
                fen = state.total(role, project, channel)
                left[channel] = left.get(channel, 0) + (fen if role == "subsidy_income" else -fen)
                lines += entry(state, event, state.place(project), {channel: {"amount": fen}})
    general = state.place(GENERAL_PROJECT)
    for channel, of_year in sorted(left.items()):
        fen = of_year + state.total("year_result", "", channel)
        event = "year_end_gain" if fen > 0 else "year_end_loss"
        lines += entry(state, event, general, {channel: {"amount": abs(fen)}})
    if not lines:
        raise NothingLeft(about="year-end")
    facts = {"year": str(ask.date.year)}
    narration = say("year-end", year=ask.date.year)
    return proposal(ask, YEAR_END, general, lines, narration=narration, party=say("party.book"), facts=facts)

"""A year's end: what was free and not spent then is carried on, recalled, or used only when somebody approves it."""

from __future__ import annotations

from collections.abc import Sequence

from ledger import chart
from ledger.balances import State
from ledger.proposals import Proposal
from ledger.store import sql
from projects.errors import CarryingUnfit
from projects.history import standing
from projects.purposes.moves import Moves
from projects.purposes.rule import Carrying, Rule

GIVEN_BACK = ("revision_down", "surplus_returned", "household_refunded", "household_waived")


def need_carried(
    state: State, proposal: Proposal, channel: str, rule: Rule, approvals: Sequence[Carrying], moved: Moves
) -> None:
    """Make sure that what was free at the end of last year stays untouched, unless the rule or an approval lets it.

    What a contract had committed by then was used in time, and is paid. What goes back this year comes off it.

    Raises:
        CarryingUnfit: there is no more of this year's budget.
    """
    if rule.carry not in {"recalled", "approval"}:
        return
    year = proposal.date.year - 1
    project = f"{state.book.code}/{proposal.project}"
    approved = any(each.year == str(year) and (not each.projects or project in each.projects) for each in approvals)
    if rule.carry == "approval" and approved:
        return
    kept = max(0, _free_before(state, proposal, channel) - _given_back(state, proposal, channel))
    free = state.left("available", state.place(proposal.project), channel)
    if kept and free - moved.uses < kept:
        raise CarryingUnfit(
            about=rule.carry,
            channel=state.label(channel),
            code=channel,
            project=state.label_project(proposal.project),
            project_code=proposal.project,
            year=year,
            kept=kept,
            can=max(0, free - kept),
            amount=moved.uses,
            over=min(moved.uses, kept + moved.uses - free),
            number=rule.number,
            fact=rule.fact,
        )


def _free_before(state: State, proposal: Proposal, channel: str) -> int:
    """Return what was free when the year of a voucher began, with the drafts of before where they count."""
    account = state.chart.account("available", state.place(proposal.project))
    first = f"{proposal.date.year}-01-01"
    commodity = channel + chart.BUDGET_SUFFIX
    where = {"book": state.book.code, "account": account.name, "commodity": commodity, "first": first}
    row = sql.first(state.connection, _BEFORE, where)
    drafted: int = sum(
        amount
        for draft in state.drafts
        if draft["date"] < first
        for name, held, amount in draft["lines"]
        if (name, held) == (account.name, commodity)
    )
    before = int(row[0]) if row else 0
    normal: int = account.role.normal
    return normal * (before + drafted)


def _given_back(state: State, proposal: Proposal, channel: str) -> int:
    """Return what of it went back since the year began."""
    first = f"{proposal.date.year}-01-01"
    back = standing(state, *GIVEN_BACK, project=proposal.project)
    return -sum(past.parts("available").get(channel, 0) for past in back if past.date >= first)


_BEFORE = (
    "SELECT coalesce(sum(p.amount), 0) FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE p.book = :book AND p.account = :account AND p.commodity = :commodity AND v.date < :first"
)

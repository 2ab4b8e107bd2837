"""The rules that every voucher keeps: shape, date, channels, openings, floors; with drafts counted in if asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, text

from ledger import chart
from ledger.balances import State
from ledger.chart import Line
from ledger.errors import (
    BackDated,
    BeforeBook,
    BelowFloor,
    ChannelNotInBank,
    ChannelNotInBudget,
    FutureDated,
    HeldByDrafts,
    MirrorBroken,
    MonthClosed,
    Names,
    OpeningAfterUse,
    TwoProjects,
    Unbalanced,
)
from ledger.proposals import CLOSED, OPENING, REVERSAL, YEAR_END, Proposal


def check(state: State, proposal: Proposal, *, today: date) -> None:
    """Make sure that a proposal keeps every rule, in the order shape, then state.

    Raises:
        Unbalanced, MirrorBroken, TwoProjects: its postings are not whole.
        BeforeBook, BackDated, MonthClosed, FutureDated: its date.
        ChannelNotInBudget, ChannelNotInBank: a channel is where it may not be.
        OpeningAfterUse: it opens an account that has moved.
        BelowFloor: a limit would be passed.
    """
    _check_shape(state, proposal)
    _check_date(state, proposal.date, today)
    _check_channels(state, proposal.lines)
    if proposal.event == OPENING:
        _check_opening(state, proposal.lines)
    _check_floors(state, proposal)


def _check_shape(state: State, proposal: Proposal) -> None:
    assert proposal.lines, f"{proposal.event} moves nothing"
    # Only a year end moves nothing but these, so a reversal that does is a year end's.
    closes = all(line.account.role.name in CLOSED for line in proposal.lines)
    closing = closes and proposal.event in {YEAR_END, REVERSAL}
    sums: dict[str, int] = defaultdict(int)
    mirrors: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: {"money": 0, "budget": 0})
    for line in proposal.lines:
        role = line.account.role
        sums[line.commodity] += line.amount
        channel = chart.channel_of(line.commodity)
        if role.mirror and channel in state.channels and not closing:
            mirrors[role.mirror, channel][role.holds] += line.amount
        if line.account.project not in {"", proposal.project} and not closing:
            raise TwoProjects(
                one=state.label_project(proposal.project), other=state.label_project(line.account.project)
            )
    for commodity, total in sums.items():
        if total:
            raise Unbalanced(channel=state.label(commodity), off=total)
    for (group, channel), moved in mirrors.items():
        if moved["money"] != moved["budget"]:
            raise MirrorBroken(channel=state.label(channel), group=group, **moved)


def _check_date(state: State, on: date, today: date) -> None:
    if on.isoformat() < state.book.started_on:
        raise BeforeBook(date=on, started_on=state.book.started_on, book=state.book.code)
    # A clock that went back would send the clerk from one of these to the other and round again.
    about = "clock" if today.isoformat() < state.last_date else ""
    if on.isoformat() < state.last_date:
        raise BackDated(about=about, date=on, last=state.last_date, book=state.book.code, today=today)
    if on.isoformat()[:7] <= state.closed:
        raise MonthClosed(date=on, through=state.closed, book=state.book.code)
    if on > today:
        raise FutureDated(about=about, date=on, today=today, last=state.last_date, book=state.book.code)


def _check_channels(state: State, lines: Iterable[Line]) -> None:
    for line in lines:
        channel = chart.channel_of(line.commodity)
        if channel not in state.channels:
            continue
        project, bank = line.account.project, line.account.bank
        if project:
            need_in_budget(state, project, channel)
        if bank and channel not in state.banks[bank].channels:
            has = Names(sorted(state.banks[bank].channels)) or "—"
            raise ChannelNotInBank(
                channel=state.label(channel),
                code=channel,
                bank=bank,
                name=state.banks[bank].name,
                has=has,
                book=state.book.code,
            )


def _check_opening(state: State, lines: Iterable[Line]) -> None:
    """Make sure that an opening opens: nothing has moved there, or what did was reversed.

    Goods share an account by quantity, and what balances the village's own money belongs to all openings.
    """
    query = text(
        "SELECT v.seq FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
        "WHERE p.book = :book AND p.account = :account AND p.commodity = :commodity AND v.reverses IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)"
    )
    undone = {each["reverses"] for each in state.drafts}
    for line in lines:
        role = line.account.role
        if chart.channel_of(line.commodity) not in state.channels or (role.floating and not role.floor):
            continue
        key = (line.account.name, line.commodity)
        where = {"book": state.book.code, "account": key[0], "commodity": key[1]}
        facts = {"account": key[0], "channel": state.label(key[1])}
        if set(state.connection.execute(query, where).scalars()) - undone:
            raise OpeningAfterUse(**facts)
        waiting = [
            f"D{each['id']}"
            for each in state.drafts
            if each["reverses"] is None and any((name, held) == key for name, held, _ in each["lines"])
        ]
        if waiting:
            raise OpeningAfterUse(about="draft", drafts=Names(waiting), **facts)


def need_in_budget(state: State, project: str, channel: str) -> None:
    """Make sure that a channel may enter a project (专款专用).

    Raises:
        ChannelNotInBudget: the project's budget has no line for it.
    """
    if channel not in state.budget.get(project, {}):
        has = Names(state.label(each) for each in state.budget.get(project, {})) or "—"
        raise ChannelNotInBudget(channel=state.label(channel), project=state.label_project(project), has=has)


def _check_floors(state: State, proposal: Proposal) -> None:
    worst: tuple[int, BelowFloor] | None = None
    for line, now, change in state.after(proposal.lines).values():
        account = line.account
        have, need = account.role.normal * now, -account.role.normal * change
        if not account.role.floor or need <= 0 or need <= have:
            continue
        refusal = BelowFloor(
            about=_about(state, line),
            account=account.name,
            commodity=line.commodity,
            channel=state.label(line.commodity),
            code=chart.channel_of(line.commodity),
            project=state.label_project(proposal.project),
            project_code=proposal.project,
            contract=account.contract,
            bank=account.bank,
            have=have,
            need=need,
            short=need - have,
            event=proposal.event,
        )
        # The sharpest reason first: a limit of the event itself before one that merely follows from it.
        rank = _RANK.get(account.role.name, 9)
        if worst is None or rank < worst[0]:
            worst = rank, refusal
    if worst:
        raise worst[1]


def _about(state: State, line: Line) -> str:
    """Return what is short; who could give more budget depends on where the channel's money comes from."""
    role, channel = line.account.role.name, chart.channel_of(line.commodity)
    source = state.channels[channel][1] if channel in state.channels else ""
    return f"{role}-{source}" if (role, source) in _GIVEN_OTHERWISE else role


_GIVEN_OTHERWISE = {("available", "households"), ("available", "collective")}
"""Households plan and the village moves its own money in; neither allots."""
_RANK = {
    "payable": 0,
    "wages": 0,
    "retention": 0,
    "repair": 0,
    "held": 0,
    "deposit": 0,
    "committed": 1,
    "available": 2,
    "bank": 3,
    "cash": 3,
}


def check_with_drafts(connection: Connection, state: State, proposal: Proposal, *, today: date) -> None:
    """Check against what is sealed and what waits; say which of the two stands in the way.

    Raises:
        HeldByDrafts: it would fit what is sealed, but drafts that wait have taken it.
        Refusal: whatever `check` refuses.
    """
    try:
        check(state, proposal, today=today)
    except BelowFloor as refusal:
        sealed = State(connection, state.book.code, drafts=False)
        key = (str(refusal.facts["account"]), str(refusal.facts["commodity"]))
        fits = not any(
            line.account.role.floor and line.account.role.normal * (now + change) < 0
            for line, now, change in sealed.after(proposal.lines).values()
        )
        if not fits:
            raise
        drawn = [line for line in proposal.lines if (line.account.name, line.commodity) == key]
        raise HeldByDrafts(**refusal.facts | {"about": "", "drafts": Names(holding(state, drawn))}) from None


def holding(state: State, lines: Iterable[Line]) -> list[str]:
    """Return the drafts that have taken from a limit from which `lines` would take."""
    drawn = {
        (line.account.name, line.commodity): line.account.role.normal
        for line in lines
        if line.account.role.floor and line.account.role.normal * line.amount < 0
    }
    return [
        f"D{each['id']}"
        for each in state.drafts
        if any(drawn.get((name, held), 0) * amount < 0 for name, held, amount in each["lines"])
    ]

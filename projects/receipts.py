"""Money arriving: in the dedicated account, in cash from households, from the village's own account."""

from __future__ import annotations

from dataclasses import replace

from ledger.balances import State
from ledger.chart import Place
from ledger.proposals import Proposal
from ledger.rules import need_in_budget
from projects.entries import Say, bank_for, entry, need_source, proposal
from projects.errors import ReceiptOverAllotted, SourceUnfit, TransferOutdated
from projects.requests import Receive


def receive(state: State, ask: Receive, say: Say) -> Proposal:
    """到账: which entry it is follows from the channel's source and from how the money came.

    Households pay off what they owe by their plan, in cash or in the bank; cash is banked; the village's own
    money is moved in with its budget; everything else is owed to the fund account, and after acceptance goes
    on to the reserve as far as the asset has cost.

    Raises:
        ReceiptOverAllotted: more has arrived than was allotted.
        SourceUnfit: goods and labour do not arrive as money.
    """
    place = state.place(ask.project)
    source = state.source(ask.channel)
    if ask.cash or ask.from_cash:
        need_source(state, ask.channel, "cash", "households")
    if source in {"in_kind", "labour"}:
        raise SourceUnfit(about=source, channel=state.label(ask.channel), source=source, fit="")
    if ask.cash:
        return _receipt(state, ask, "household_cash", place, say)
    if ask.from_own is not None:
        need_source(state, ask.channel, "from-own", "collective")
    if source == "collective":
        return _own_money(state, ask, place, say)
    place = replace(place, bank=bank_for(state, ask.channel, ask.bank))
    if ask.from_cash:
        return _receipt(state, ask, "cash_banked", place, say)
    if source == "households":
        return _receipt(state, ask, "household_bank", place, say)
    need_allotted(state, place, ask.channel, ask.amount)
    return _receipt(
        state, ask, "receipt", place, say, transfer=transfer(state, place, ask.channel, arriving=ask.amount)
    )


def need_allotted(state: State, place: Place, channel: str, amount: int) -> None:
    """Make sure that what arrives, in money or in kind, was allotted before.

    Raises:
        ReceiptOverAllotted: it was not.
    """
    need_in_budget(state, place.project, channel)
    allotted = state.left("allotted", place, channel)
    received = received_so_far(state, place, channel)
    if received + amount > allotted:
        raise ReceiptOverAllotted(
            channel=state.label(channel),
            code=channel,
            project=state.label_project(place.project),
            project_code=place.project,
            allotted=allotted,
            received=received,
            amount=amount,
            over=received + amount - allotted,
        )


def need_arrival(state: State, proposal: Proposal) -> None:
    """Make sure that what arrives still fits what is sealed: drafts that it leaned on may have been dropped since.

    Raises:
        ReceiptOverAllotted: the allotment that it leaned on never came.
        TransferOutdated: an acceptance, or a receipt before this one, was sealed, dropped or reversed since.
    """
    if proposal.event not in {"receipt", "inkind_received"}:
        return
    arrived = next(
        line
        for line in proposal.lines
        if line.account.role.name in {"bank", "store"} and line.commodity in state.channels
    )
    place = state.place(proposal.project)
    need_allotted(state, place, arrived.commodity, arrived.amount)
    if proposal.event != "receipt":
        return
    drafted = -sum(line.amount for line in proposal.lines if line.account.role.name == "reserve")
    due = transfer(state, place, arrived.commodity, arriving=arrived.amount)
    if drafted != due:
        raise TransferOutdated(
            channel=state.label(arrived.commodity),
            project=state.label_project(proposal.project),
            drafted=drafted,
            due=due,
        )


def received_so_far(state: State, place: Place, channel: str) -> int:
    """Return what a channel has brought to a project so far, in fen, goods and labour at their value.

    What was received is still owed to the fund account, or has gone on to the reserve.
    """
    fund = state.chart.fund(state.source(channel))
    if fund is None:
        return state.left("allotted", place, channel)
    reserve = state.left("reserve", place, channel)
    return reserve if fund.name == "reserve" else state.left(fund, place, channel) + reserve


def transfer(state: State, place: Place, channel: str, *, arriving: int = 0, accepting: int = 0) -> int:
    """Return how much of the fund goes to the reserve: min(fund, cost), less what went before.

    `arriving` fen are added to the fund by the same voucher, `accepting` fen to the asset.
    """
    fund = state.chart.fund(state.source(channel))
    if fund is None or fund.name == "reserve":
        return 0
    cost = state.left("asset", place, channel) + accepting
    return max(0, min(state.left(fund, place, channel) + arriving, cost - state.left("reserve", place, channel)))


def _own_money(state: State, ask: Receive, place: Place, say: Say) -> Proposal:
    own = bank_for(state, ask.channel, ask.from_own, kind="own")
    place = replace(place, bank=bank_for(state, ask.channel, ask.bank), own_bank=own)
    return _receipt(state, ask, "own_money", place, say)


def _receipt(state: State, ask: Receive, event: str, place: Place, say: Say, *, transfer: int = 0) -> Proposal:
    lines = entry(state, event, place, {ask.channel: {"amount": ask.amount, "transfer": transfer}})
    key = event.replace("_", "-")
    return proposal(
        ask,
        event,
        place,
        lines,
        narration=say(key, channel=state.label(ask.channel)),
        party=say(f"party.{key}") if event != "receipt" else state.channels[ask.channel][0],
    )

"""Money arriving: in the dedicated account, in cash from households, from the village's own account."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from ledger.balances import State
from ledger.chart import Place, Role, channel_of
from ledger.errors import LeansOn, Names
from ledger.money import plain
from ledger.proposals import Proposal
from ledger.rules import need_in_budget
from projects.errors import ReceiptOverAllotted, SourceUnfit, TransferOutdated
from projects.events.entries import Say, bank_for, entry, need_source, proposal, stated
from projects.events.requests import Receive
from projects.figures import ASSETS, RECEIVED
from projects.history import Past, standing
from projects.limits import need_banked

NO_MONEY = {"in_kind", "labour", "deposit", "micro_loan"}
"""Goods and labour have verbs of their own, deposits an account of their own; a loan never passes through here."""


def receive(state: State, ask: Receive, say: Say) -> Proposal:
    """到账: which entry it is follows from the channel's source and from how the money came.

    Households pay off what they owe by their plan, in cash or in the bank; cash is banked; the village's own
    money is moved in with its budget; everything else is owed to the fund account, and after acceptance goes
    on to the reserve as far as the asset has cost. Money that comes with its allotment, as a risk reserve always
    does, brings its budget along. What comes over plan is held apart where that is asked for.

    Raises:
        ReceiptOverAllotted: more has arrived than was allotted.
        SourceUnfit: goods and labour do not arrive as money.
        CashNotBanked: cash of earlier days is still in hand.
    """
    place = state.place(ask.project)
    source = state.source(ask.channel)
    if ask.cash or ask.from_cash:
        need_source(state, ask.channel, "cash", "households")
    if source in NO_MONEY:
        raise SourceUnfit(about=source, channel=state.label(ask.channel), source=source, fit="")
    if ask.cash:
        need_banked(state, ask.date)
        return _receipt(state, ask, "household_cash", place, say)
    if ask.from_own is not None:
        need_source(state, ask.channel, "from-own", "collective")
    if source == "collective":
        return _own_money(state, ask, place, say)
    place = replace(place, bank=bank_for(state, ask.channel, ask.bank))
    if ask.hold:
        return _held(state, ask, place, say)
    return _receipt(state, ask, _banked(state, ask, place), place, say)


def _banked(state: State, ask: Receive, place: Place) -> str:
    """Return the entry of what comes into the dedicated account."""
    source = state.source(ask.channel)
    if ask.from_cash:
        return "cash_banked"
    if source == "households":
        return "household_bank"
    if ask.allot or source == "risk_reserve":
        return "receipt_allotted"
    need_allotted(state, place, ask.channel, ask.amount, about="money")
    return "receipt"


def need_allotted(state: State, place: Place, channel: str, amount: int, *, about: str = "") -> None:
    """Make sure that what arrives, in money or in kind, was allotted before.

    Raises:
        ReceiptOverAllotted: it was not.
    """
    need_in_budget(state, place.project, channel)
    allotted = state.left("allotted", place, channel)
    received = received_so_far(state, place, channel)
    if received + amount > allotted:
        raise ReceiptOverAllotted(
            about=about,
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


def need_covered(state: State, undone: Proposal) -> None:
    """Make sure that a reversal leaves allotted what has arrived: B0 itself has no floor.

    Raises:
        LeansOn: money or goods came on the allotment that is taken back; the vouchers are named.
    """
    moved: dict[tuple[str, str], int] = {}
    for line in undone.lines:
        key = line.account.role.name, channel_of(line.commodity)
        moved[key] = moved.get(key, 0) + line.account.role.normal * line.amount
    place = state.place(undone.project)
    for (role, channel), change in moved.items():
        if role != "allotted" or change >= 0 or channel not in state.channels:
            continue
        fund = state.chart.fund(state.source(channel))
        if fund is None:
            continue
        arriving = sum(weight * moved.get((each, channel), 0) for each, weight in RECEIVED.items())
        short = received_so_far(state, place, channel) + arriving - state.left("allotted", place, channel) - change
        if short > 0:
            events = state.connection.execute(text("SELECT DISTINCT event FROM voucher")).scalars().all()
            came = [past for past in standing(state, *events, project=place.project) if _brought(past, fund, channel)]
            labels = Names(past.label for past in came if past.seq != undone.reverses)
            raise LeansOn(
                number=undone.facts["reverses"].removeprefix("V"),
                channel=state.label(channel),
                short=short,
                vouchers=labels or "—",
            )


def _brought(past: Past, fund: Role, channel: str) -> bool:
    """Tell whether a voucher brought what is owed to a channel's fund."""
    return past.parts(fund.name).get(channel, 0) > 0


def received_so_far(state: State, place: Place, channel: str) -> int:
    """Return what a channel has brought to a project so far, in fen, goods and labour at their value.

    What was received was spent, is stored or advanced, or is still in cash; what is owed has not been paid for.
    """
    if state.chart.fund(state.source(channel)) is None:
        return state.left("allotted", place, channel)
    return sum(weight * state.total(role, place.project, channel) for role, weight in RECEIVED.items())


def transfers(state: State, place: Place, channel: str, *, arriving: int = 0) -> dict[str, int]:
    """Return the figures of what goes on from the fund when `arriving` fen are added to it.

    `transfer` goes to the reserve, as far as the assets have cost more than went there before; `income` to the
    subsidy income, as far as what formed no asset was spent before its money came.
    """
    to_reserve = transfer(state, place, channel, arriving=arriving)
    return {"transfer": to_reserve, "income": income(state, place, channel, arriving=arriving - to_reserve)}


def transfer(state: State, place: Place, channel: str, *, arriving: int = 0, accepting: int = 0) -> int:
    """Return how much of the fund goes to the reserve: min(fund, cost), less what went before.

    `arriving` fen are added to the fund by the same voucher, `accepting` fen to the assets.
    """
    fund = state.chart.fund(state.source(channel))
    if fund is None or fund.name == "reserve":
        return 0
    cost = sum(state.left(role, place, channel) for role in ASSETS) + accepting
    return max(0, min(state.left(fund, place, channel) + arriving, cost - state.left("reserve", place, channel)))


def income(state: State, place: Place, channel: str, *, arriving: int = 0, spending: int = 0) -> int:
    """Return how much of the fund becomes subsidy income: min(fund, spent without asset), less what went before.

    `arriving` fen are added to the fund by the same voucher, `spending` fen to what forms no asset. What went before
    is what was received and is neither in the fund nor in the reserve: a year end closes the income account itself.
    """
    fund = state.chart.fund(state.source(channel))
    if fund is None or fund.name == "reserve":
        return 0
    in_fund, reserve = state.left(fund, place, channel), state.left("reserve", place, channel)
    assets = sum(state.left(role, place, channel) for role in (*ASSETS, "works"))
    expense = state.left("spent", place, channel) - assets + spending
    # Households owe by their plan before they pay: their fund is raised by the plan.
    due = state.left("household", place, channel)
    before = received_so_far(state, place, channel) + due - in_fund - reserve
    return max(0, min(in_fund + arriving, expense - before))


def _own_money(state: State, ask: Receive, place: Place, say: Say) -> Proposal:
    own = bank_for(state, ask.channel, ask.from_own, kind="own")
    place = replace(place, bank=bank_for(state, ask.channel, ask.bank), own_bank=own)
    return _receipt(state, ask, "own_money", place, say)


def _held(state: State, ask: Receive, place: Place, say: Say) -> Proposal:
    """Return a receipt of which only what was planned is the project's; the rest is held until it is sent back."""
    need_in_budget(state, place.project, ask.channel)
    households = state.source(ask.channel) == "households"
    allotted = state.left("allotted", place, ask.channel)
    due = allotted - received_so_far(state, place, ask.channel)
    room = state.left("household", place, ask.channel) if households else due
    planned = max(0, min(ask.amount, room))
    event = ("household_bank" if households else "receipt") if planned else "receipt_held"
    lines = []
    if planned:
        figures = {"amount": planned} | transfers(state, place, ask.channel, arriving=planned)
        lines = entry(state, event, place, {ask.channel: figures})
    lines += entry(state, "receipt_held", place, {ask.channel: {"amount": ask.amount - planned}})
    facts = stated(held=plain(ask.amount - planned) if ask.amount > planned else "")
    narration = say("receipt-held", planned=planned, held=ask.amount - planned)
    party = say("party.household-bank") if households else state.channels[ask.channel][0]
    return proposal(ask, event, place, lines, narration=narration, party=party, facts=facts)


def _receipt(state: State, ask: Receive, event: str, place: Place, say: Say) -> Proposal:
    figures = {"amount": ask.amount} | transfers(state, place, ask.channel, arriving=ask.amount)
    lines = entry(state, event, place, {ask.channel: figures})
    key = "risk-reserve" if state.source(ask.channel) == "risk_reserve" else event.replace("_", "-")
    from_source = event in {"receipt", "receipt_allotted"}
    return proposal(
        ask,
        event,
        place,
        lines,
        narration=say(key, channel=state.label(ask.channel), number=ask.number),
        party=state.channels[ask.channel][0] if from_source else say(f"party.{key}"),
        facts=stated(document_number=ask.number),
    )

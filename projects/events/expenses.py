"""Spending without a contract: small purchases, what forms no asset, aid, relief, paid labour."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from ledger import money
from ledger.balances import State
from ledger.errors import AmountZero, TextMissing
from ledger.proposals import Proposal
from projects.errors import CashShort, NothingLeft, OverHeld, PartsDiffer, SourceUnfit
from projects.events.entries import Say, bank_for, entry, need_source, of_source, only_channel, proposal, stated
from projects.events.receipts import income
from projects.events.requests import Aid, Purchase, Relief, Spend, WagesEarn, WagesPay
from projects.limits import need_small
from projects.loans.register import need_loan
from projects.loans.subsidy import read_quarter
from projects.splits import split_over

DAY_SCALE = 1
"""Workdays are counted in tenths."""


def purchase(state: State, ask: Purchase, say: Say) -> Proposal:
    """零星采购: works or services without a contract become works at once, out of free budget and the channel's cash.

    Raises:
        SourceUnfit: goods and labour pay nothing.
        PurchaseOverLimit: so much needs a contract.
        BelowFloor: the budget or the cash is not there.
    """
    _need_money(state, ask.channel)
    need_small(state, ask.amount, ask.date)
    place = replace(state.place(ask.project), bank=bank_for(state, ask.channel, ask.bank))
    lines = entry(state, "purchase", place, {ask.channel: {"amount": ask.amount}})
    facts = stated(category=ask.category)
    return proposal(ask, "purchase", place, lines, narration=say("purchase"), party=say("party.seller"), facts=facts)


def spend(state: State, ask: Spend, say: Say) -> Proposal:
    """公益支出: what forms no asset is expense, and as much of the fund becomes income.

    Raises:
        SourceUnfit: goods and labour pay nothing.
        FeeOverCap: it is a fee of management, and more than the channel may pay.
        BelowFloor: the budget or the cash is not there.
    """
    fee = "management" if ask.fee else ""
    if ask.loan or ask.quarter:
        return _subsidy(state, ask, say, event="welfare", number="")
    return _welfare(state, ask, say, event="welfare", channel=ask.channel, number="", fee=fee)


def aid(state: State, ask: Aid, say: Say) -> Proposal:
    """到户补助: money for households is expense, and as much of the fund becomes income.

    Raises:
        SourceUnfit, BelowFloor: as for any spending.
    """
    if ask.loan or ask.quarter:
        return _subsidy(state, ask, say, event="household_aid", number=ask.number)
    return _welfare(state, ask, say, event="household_aid", channel=ask.channel, number=ask.number)


def relief(state: State, ask: Relief, say: Say) -> Proposal:
    """风险金救助: the risk reserve helps who was struck, and for nothing else is it spent like this.

    Raises:
        SourceUnfit: the channel is no risk reserve.
        ChannelAmbiguous: the project has several, and none is named.
        BelowFloor: the reserve is not so large.
    """
    channel = only_channel(state, ask.project, ask.channel, of_source(state, ask.project, "risk_reserve"))
    need_source(state, channel, "relief", "risk_reserve")
    return _welfare(state, ask, say, event="relief", channel=channel, number=ask.number)


def earn_wages(state: State, ask: WagesEarn, say: Say) -> Proposal:
    """以工代赈: workdays become works, and wages that are owed to who worked.

    Raises:
        SourceUnfit: labour that is given is not paid; goods pay nothing.
        BelowFloor: the budget is not there.
    """
    _need_money(state, ask.channel)
    place = state.place(ask.project)
    days = money.parse_quantity(ask.days, scale=DAY_SCALE)
    fen = int((Decimal(days) * ask.rate).scaleb(-DAY_SCALE).to_integral_value(ROUND_HALF_UP))
    if fen == 0:
        raise AmountZero(text=f"{ask.days} × {money.plain(ask.rate)}")
    facts = {"workdays": money.plain(days, DAY_SCALE).removesuffix(".0"), "rate": money.plain(ask.rate)}
    return proposal(
        ask,
        "wages_earned",
        place,
        entry(state, "wages_earned", place, {ask.channel: {"amount": fen}}),
        narration=say("wages-earned", days=facts["workdays"], rate=ask.rate),
        party=say("party.workers"),
        facts=facts,
    )


def pay_wages(state: State, ask: WagesPay, say: Say) -> Proposal:
    """发放劳务报酬: wages are paid, each channel from its own cash; without an amount all that are owed.

    Raises:
        NothingLeft: none are owed.
        OverHeld: more than are owed.
        PartsDiffer: parts that do not add up to the amount.
        CashShort: a channel lacks cash for its part.
    """
    place = state.place(ask.project)
    owed = {channel: state.left("wages", place, channel) for channel in state.budget.get(ask.project, {})}
    owed = {channel: fen for channel, fen in owed.items() if fen and ask.channel in {None, channel}}
    amount = sum(owed.values()) if ask.amount is None else ask.amount
    if ask.parts and ask.amount is not None and sum(ask.parts.values()) != ask.amount:
        raise PartsDiffer(parts=sum(ask.parts.values()), amount=ask.amount)
    if not owed:
        raise NothingLeft(about="wages", project=state.label_project(ask.project))
    parts = ask.parts
    if not parts:
        _need_owed(state, ask.project, "", have=sum(owed.values()), amount=amount)
        parts = split_over(owed, amount)
    banks = {channel: bank_for(state, channel, ask.bank) for channel, fen in parts.items() if fen}
    for channel, fen in parts.items():
        _need_owed(state, ask.project, state.label(channel), have=owed.get(channel, 0), amount=fen)
        have = state.left("bank", replace(place, bank=banks[channel]), channel) if fen else 0
        if fen > have:
            facts = {"channel": state.label(channel), "code": channel, "have": have, "need": fen, "short": fen - have}
            project = {"project": state.label_project(ask.project), "project_code": ask.project}
            raise CashShort(about="nothing", contract="", can=0, parts="", **facts, **project)
    return proposal(
        ask,
        "wages_paid",
        place,
        entry(state, "wages_paid", place, {channel: {"amount": fen} for channel, fen in parts.items()}, banks=banks),
        narration=say("wages-paid"),
        party=say("party.workers"),
    )


def _need_owed(state: State, project: str, channel: str, *, have: int, amount: int) -> None:
    if amount > have:
        facts = {"have": have, "amount": amount, "over": amount - have, "contract": ""}
        about = "wages-channel" if channel else "wages"
        raise OverHeld(about=about, project=state.label_project(project), channel=channel, **facts)


def _welfare(
    state: State, ask: Spend | Aid | Relief, say: Say, *, event: str, channel: str, number: str, fee: str = ""
) -> Proposal:
    _need_money(state, channel)
    place = replace(state.place(ask.project), bank=bank_for(state, channel, ask.bank))
    figures = {"amount": ask.amount, "income": income(state, place, channel, spending=ask.amount)}
    key = "management-fee" if fee else event.replace("_", "-")
    return proposal(
        ask,
        event,
        place,
        entry(state, "welfare", place, {channel: figures}),
        narration=say(key, number=number),
        party=say(f"party.{key}"),
        facts=stated(document_number=number, fee=fee, category=ask.category if isinstance(ask, Spend) else ""),
    )


def _subsidy(state: State, ask: Spend | Aid, say: Say, *, event: str, number: str) -> Proposal:
    """贴息: a quarter's interest of a micro-loan; who borrowed is who is paid, if nobody else is named.

    Raises:
        TextMissing: the loan or the quarter is not said.
        Unknown, ChoiceUnknown: there is no such loan, it is no quarter.
    """
    if not ask.loan or not ask.quarter:
        raise TextMissing(field="quarter" if ask.loan else "loan")
    quarter = str(read_quarter(ask.quarter))
    loan = need_loan(state.connection, state.book.code, ask.loan)
    if not (ask.party or ask.payee) and loan.borrower:
        ask = ask.model_copy(update={"party": loan.borrower, "person": True})
    if not ask.note:
        ask = ask.model_copy(update={"note": say("interest-subsidy", loan=loan.code, quarter=quarter)})
    made = _welfare(state, ask, say, event=event, channel=ask.channel, number=number)
    return replace(made, facts=dict(made.facts) | {"loan": loan.code, "quarter": quarter})


def _need_money(state: State, channel: str) -> None:
    if state.source(channel) in {"in_kind", "labour"}:
        raise SourceUnfit(about="pays", channel=state.label(channel), source=state.source(channel), fit="")

"""The limits of the policy that events keep: each is judged by the policy of the event's own day, and cites it."""

from __future__ import annotations

from datetime import date

from ledger import money
from ledger.balances import State
from ledger.chart import Place
from projects.contracts import Contract
from projects.errors import (
    AdvanceOverShare,
    CashNotBanked,
    CashPaymentOver,
    FeeOverCap,
    LabourOverCap,
    PlanOverCap,
    ProgressOverShare,
    PurchaseOverLimit,
)
from projects.history import certified_so_far, standing
from projects.policy import policy_at
from projects.policy.numbers import Percent

WHOLE = 100
"""A share of so much binds nobody."""
PLANS = ("household_plan", "household_waived", "household_refunded", "household_refunded_cash")
"""What households raise is what these come to."""


def need_advance(state: State, contract: Contract, place: Place, amount: int, on: date) -> None:
    """Make sure that a contract's advances stay within their share of its price; what was paid back counts no more.

    Raises:
        AdvanceOverShare: they would not.
    """
    most = policy_at(state.connection, on).advance.most
    price = price_of(state, contract, place)
    before = _advanced_so_far(state, contract)
    if before + amount > most.of(price):
        over = before + amount - most.of(price)
        figures = {"price": price, "allowed": most.of(price), "before": before, "amount": amount, "over": over}
        raise AdvanceOverShare(contract=contract.code, share=most.shown, rule=most.rule, **figures)


def need_progress(state: State, contract: Contract, place: Place, amount: int, on: date) -> None:
    """Make sure that before acceptance no more than its share of what is certified is paid, offsets included.

    Raises:
        ProgressOverShare: more would be.
    """
    most = policy_at(state.connection, on).progress.most
    if most.value >= WHOLE or standing(state, "acceptance", project=contract.project):
        return
    certified, paid = progress_of(state, contract, place)
    if paid + amount > most.of(certified):
        can = max(0, most.of(certified) - paid)
        figures = {"certified": certified, "paid": paid, "amount": amount, "can": can}
        raise ProgressOverShare(contract=contract.code, share=most.shown, rule=most.rule, **figures)


def price_of(state: State, contract: Contract, place: Place) -> int:
    """Return what a contract comes to, in fen over its channels: what was certified of it and what is left of it."""
    left = (state.left(role, place, each) for role in ("committed", "advanced") for each in contract.channels)
    return certified_so_far(state, contract.code) + sum(left)


def progress_of(state: State, contract: Contract, place: Place) -> tuple[int, int]:
    """Return what is certified of a contract, less what the audit cut, and what was paid of that, offsets included."""
    certified = certified_so_far(state, contract.code) + sum(
        sum(each.parts("works").values()) for each in standing(state, "audit_cut", contract=contract.code)
    )
    open_ = sum(state.left(role, place, each) for role in ("payable", "retention") for each in contract.channels)
    return certified, certified - open_


def need_small(state: State, amount: int, on: date) -> None:
    """Make sure that what is bought without a contract is small.

    Raises:
        PurchaseOverLimit: it is not.
    """
    most = policy_at(state.connection, on).purchase.most
    if amount > most.value:
        raise PurchaseOverLimit(amount=amount, most=most.value, over=amount - most.value, rule=most.rule)


def need_cash_payment(state: State, amount: int, on: date) -> None:
    """Make sure that a payment in cash is a small one.

    Raises:
        CashPaymentOver: it is not.
    """
    most = policy_at(state.connection, on).cash.payment
    if amount > most.value:
        raise CashPaymentOver(amount=amount, most=most.value, over=amount - most.value, rule=most.rule)


def need_banked(state: State, on: date) -> None:
    """Make sure that cash of earlier days was banked before more of it is taken.

    What comes in on a day may be any sum: it is there, and a refusal would only keep it out of the book. It has to be
    banked; what stays in hand over night is limited.

    Raises:
        CashNotBanked: more than that is still in hand from before.
    """
    held = cash_in_hand(state)
    most = policy_at(state.connection, on).cash.held
    if held <= most.value:
        return
    today = [each for each in standing(state, "household_cash") if each.date == on.isoformat()]
    before = held - sum(sum(each.parts("cash").values()) for each in today)
    if before > most.value:
        raise CashNotBanked(book=state.book.code, held=before, most=most.value, date=on, rule=most.rule)


def cash_in_hand(state: State) -> int:
    """Return the cash of all projects of a book, in fen. It is for judging only: no channel's cash is another's."""
    pairs = [(project, channel) for project, lines in state.budget.items() for channel in lines]
    return sum(state.total("cash", project, channel) for project, channel in pairs)


def need_fee(state: State, channel: str, amount: int, on: date, *, own: Percent | None = None) -> None:
    """Make sure that a channel pays no more for management than its share of what it was allotted, in all projects.

    `own` is the cap of the channel's own rule; it goes before the policy's.

    Raises:
        FeeOverCap: it would.
    """
    cap = own or policy_at(state.connection, on).fee.cap
    allotted = sum(state.total("allotted", project, channel) for project in state.budget)
    fees = [each for each in standing(state, "welfare") if each.facts.get("fee")]
    before = sum(each.parts("spent").get(channel, 0) for each in fees)
    if before + amount > cap.of(allotted):
        over = before + amount - cap.of(allotted)
        figures = {"allotted": allotted, "allowed": cap.of(allotted), "before": before, "amount": amount, "over": over}
        raise FeeOverCap(channel=state.label(channel), share=cap.shown, rule=cap.rule, **figures)


def need_plan(state: State, project: str, channel: str, *, amount: int, people: int, on: date) -> None:
    """Make sure that households raise no more for a project in a year than their cap a head.

    Raises:
        PlanOverCap: they would.
    """
    most = policy_at(state.connection, on).household.money
    raised = sum(
        each.parts("allotted").get(channel, 0)
        for each in standing(state, *PLANS, project=project)
        if each.date[:4] == f"{on.year}"
    )
    if raised + amount > most.value * people:
        over = raised + amount - most.value * people
        figures = {"people": people, "most": most.value, "before": raised, "amount": amount, "over": over}
        raise PlanOverCap(project=state.label_project(project), year=on.year, rule=most.rule, **figures)


def need_labour(state: State, project: str, *, tenths: int, labourers: int, on: date) -> None:
    """Make sure that nobody gives more workdays to a project in a year than the cap, by heads; days are in tenths.

    Raises:
        LabourOverCap: somebody would.
    """
    most = policy_at(state.connection, on).household.labour
    given = sum(
        money.parse_quantity(each.facts["workdays"], scale=1)
        for each in standing(state, "labour", project=project)
        if each.date[:4] == f"{on.year}"
    )
    if given + tenths > most.value * labourers * 10:
        days = {"before": money.plain(given, 1), "days": money.plain(tenths, 1), "most": most.value}
        raise LabourOverCap(
            project=state.label_project(project), year=on.year, labourers=labourers, rule=most.rule, **days
        )


def _advanced_so_far(state: State, contract: Contract) -> int:
    """Return what was paid ahead of work and not paid back, offset or not; an opening brings it along."""
    events = ("advance", "direct_advance", "advance_refunded", "opening")
    return sum(
        amount
        for each in standing(state, *events, project=contract.project)
        for (role, code, _, _), amount in each.moved.items()
        if role == "advance" and code == contract.code
    )

"""Payments beside the account: the treasury or a donor pays, and a payment that the bank sends back."""

from __future__ import annotations

from sqlalchemy import text

from ledger.balances import State
from ledger.errors import LeansOn, Names, VoucherUnknown
from ledger.money import plain
from ledger.proposals import Proposal
from projects.contracts import need_contract, need_of_contract
from projects.errors import BounceUnfit, NothingLeft, OverOwed, PartsDiffer, SourceUnfit
from projects.events.entries import Say, entry, only_channel, proposal
from projects.events.receipts import need_allotted, transfers
from projects.events.requests import Bounce, PayDirect
from projects.history import Past, standing
from projects.limits import need_advance, need_progress
from projects.splits import split_over

PAYERS = (
    "central",
    "province",
    "city",
    "county",
    "department",
    "partner",
    "designated",
    "unstated",
    "award",
    "donation_tied",
    "donation_untied",
    "interest_subsidy",
)
"""Who can pay a contractor directly: whoever's money would else have passed through the account."""

BOUNCES = {
    "disbursement": ("payable", "bounced_disbursement"),
    "wages_paid": ("wages", "bounced_wages"),
    "retention_released": ("retention", "bounced_retention"),
    "repair_paid": ("repair", "bounced_repair"),
}
"""For each payment the account that it paid off, and the entry that owes it again."""


def pay_direct(state: State, ask: PayDirect, say: Say) -> Proposal:
    """直接支付: what is owed is paid by the channel's own source; with `ahead`, an advance before the work.

    It counts as received, so it was allotted before. Without an amount all that the channel owes is paid.

    Raises:
        ChannelAmbiguous: several channels of the contract could, and none is named.
        SourceUnfit: households, own money, goods and labour do not pay directly.
        OverOwed: more than is owed; what is paid ahead of work is said to be so.
        NothingLeft: nothing is owed, or no amount is named for an advance.
        ReceiptOverAllotted: more than was allotted and has not come yet.
        BelowFloor: more than the contract has left.
        AdvanceOverShare, ProgressOverShare: more than the policy lets.
    """
    contract, place = need_contract(state, ask.contract)
    able = [each for each in contract.channels if state.source(each) in PAYERS]
    channel = only_channel(state, contract.project, ask.channel, able)
    need_of_contract(state, contract, [channel])
    if state.source(channel) not in PAYERS:
        raise SourceUnfit(about="direct", channel=state.label(channel), source=state.source(channel), fit="")
    owed = state.left("payable", place, channel)
    amount = (0 if ask.ahead else owed) if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="ahead" if ask.ahead else "pay", contract=ask.contract)
    if amount > owed and not ask.ahead:
        facts = {"contract": ask.contract, "owed": owed, "amount": amount, "over": amount - owed}
        raise OverOwed(about="direct", channel=state.label(channel), **facts)
    need_allotted(state, place, channel, amount)
    (need_advance if ask.ahead else need_progress)(state, contract, place, amount, ask.date)
    event = "direct_advance" if ask.ahead else "direct_payment"
    figures = {"amount": amount} | ({} if ask.ahead else transfers(state, place, channel, arriving=amount))
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, {channel: figures}),
        narration=say(event.replace("_", "-"), contract=ask.contract, channel=state.channels[channel][0]),
        party=contract.payee,
        facts={"channel": channel},
    )


def bounce(state: State, ask: Bounce, say: Say) -> Proposal:
    """退汇: what a payment paid comes back into the account that paid it, and is owed again.

    Without an amount it is all of the payment that has not bounced before.

    Raises:
        VoucherUnknown: there is no such voucher, or it does not stand.
        BounceUnfit: it is no payment, or less of it is left.
        PartsDiffer: an amount of a payment by several channels that is not said by channel.
    """
    number = ask.voucher.upper().removeprefix("V")
    paid = _paid(state, number)
    role, event = BOUNCES[paid.event]
    left = _left(state, paid, role, event)
    parts = ask.parts or (left if ask.amount is None else {})
    if ask.amount is not None:
        _need_left(number, sum(left.values()), ask.amount)
        open_ = {channel: fen for channel, fen in left.items() if fen}
        if len(open_) > 1 and ask.amount != sum(open_.values()):
            raise PartsDiffer(about="bounce", parts=sum(open_.values()), amount=ask.amount)
        parts = split_over(open_, ask.amount)
    for channel, fen in parts.items():
        _need_left(number, left.get(channel, 0), fen)
    parts = {channel: fen for channel, fen in parts.items() if fen}
    if not parts:
        raise BounceUnfit(about="none", number=number, left=0, amount=0)
    lines = []
    for account, bank, channel, fen in _accounts(paid, role, parts):
        place = state.place(paid.project, contract=account, bank=state.banks[bank].component)
        lines += entry(state, event, place, {channel: {"amount": fen}})
    return proposal(
        ask,
        event,
        state.place(paid.project, contract=paid.contract),
        lines,
        narration=say("bounced", number=f"V{number}"),
        party=paid.payee,
        facts={"original": f"V{number}", "bounced": plain(sum(parts.values()))},
    )


def need_unbounced(state: State, undone: Proposal) -> None:
    """Make sure that a payment is not reversed while what bounced of it stands: it would come back twice.

    Raises:
        LeansOn: vouchers by which it bounced; they are reversed first.
    """
    number = undone.facts.get("reverses", "")
    back = standing(state, *(event for _, event in BOUNCES.values()), project=undone.project)
    leaning = [each for each in back if each.facts.get("original") == number]
    if leaning:
        moved = [(fen, channel) for each in leaning for channel, fen in each.parts("bank").items()]
        raise LeansOn(
            number=number.removeprefix("V"),
            channel=state.label(moved[0][1]),
            short=sum(fen for fen, _ in moved),
            vouchers=Names(each.label for each in leaning),
        )


def _paid(state: State, number: str) -> Past:
    found = [each for each in standing(state, *BOUNCES) if each.label == f"V{number}"]
    if found:
        return found[0]
    query = text("SELECT 1 FROM voucher WHERE book = :book AND number = :number")
    if state.connection.execute(query, {"book": state.book.code, "number": number}).first() is None:
        raise VoucherUnknown(number=number, book=state.book.code)
    raise BounceUnfit(number=number, left=0, amount=0)


def _left(state: State, paid: Past, role: str, event: str) -> dict[str, int]:
    left = {channel: -fen for channel, fen in paid.parts(role).items()}
    for each in standing(state, event, project=paid.project):
        if each.facts.get("original") == paid.label:
            for channel, fen in each.parts(role).items():
                left[channel] -= fen
    return left


def _need_left(number: str, left: int, amount: int) -> None:
    if amount > left:
        raise BounceUnfit(about="over", number=number, left=left, amount=amount)


def _accounts(paid: Past, role: str, parts: dict[str, int]) -> list[tuple[str, str, str, int]]:
    """Return contract, bank, channel and fen of each line: a payment may have paid several contracts off."""
    banks = {channel: bank for (name, _, bank, channel) in paid.moved if name == "bank"}
    lines, rest = [], dict(parts)
    for (name, contract, _, channel), amount in paid.moved.items():
        if name == role and rest.get(channel):
            fen = min(rest[channel], -amount)
            rest[channel] -= fen
            lines.append((contract, banks[channel], channel, fen))
    return lines

"""Disbursement: what was certified is paid, each channel from its own cash and from no other's."""

from __future__ import annotations

from dataclasses import replace

from ledger.balances import State
from ledger.money import plain
from ledger.proposals import Proposal, Split
from projects.contracts import need_contract, need_of_contract
from projects.errors import CashShort, NothingLeft, OverOwed, PartsDiffer
from projects.events.entries import Say, bank_for, entry, proposal
from projects.events.requests import Pay
from projects.limits import need_progress
from projects.splits import WITHIN, as_named, in_proportion


def pay(state: State, ask: Pay, say: Say) -> Proposal:
    """支付: an amount split by what each channel owes, or the parts that the clerk names.

    With `partial` each channel pays as far as its own cash goes. Without an amount all that is owed is paid.

    Raises:
        OverOwed: more than was certified and is still owed.
        CashShort: a channel lacks cash for its part; another's cash is never taken.
        NothingLeft: nothing is owed.
        ChannelNotInContract: a channel that does not pay for this contract.
        PartsDiffer: parts that do not add up to the amount.
        ProgressOverShare: more than the policy lets of what is certified, before acceptance.
    """
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, [*ask.parts, *([ask.channel] if ask.channel else [])])
    owed = {
        channel: max(0, state.left("payable", place, channel))
        for channel in contract.channels
        if ask.channel in {None, channel}
    }
    split = as_named(ask.parts) if ask.parts else _split(ask, owed)
    parts = {channel: fen for channel, fen in split.parts.items() if fen}
    if ask.amount is not None and sum(parts.values()) != ask.amount:
        raise PartsDiffer(parts=sum(parts.values()), amount=ask.amount)
    for channel, fen in parts.items():
        _need_owed(ask.contract, state.label(channel), owed=owed[channel], amount=fen)
    banks = {channel: bank_for(state, channel, ask.bank) for channel, fen in parts.items() if fen}
    parts = _within_cash(state, ask, parts, banks)
    need_progress(state, contract, place, sum(parts.values()), ask.date)
    figures = {channel: {"amount": fen} for channel, fen in parts.items()}
    return proposal(
        ask,
        "disbursement",
        place,
        entry(state, "disbursement", place, figures, banks=banks),
        narration=say("disbursement", contract=ask.contract),
        party=contract.payee,
        splits=[split if sum(parts.values()) == split.amount else _reaching(split, parts)],
    )


def _split(ask: Pay, owed: dict[str, int]) -> Split:
    whole = sum(owed.values())
    if ask.amount is None and whole == 0:
        raise NothingLeft(about="pay", contract=ask.contract)
    amount = whole if ask.amount is None else ask.amount
    _need_owed(ask.contract, "", owed=whole, amount=amount)
    return in_proportion(owed, amount)


def _reaching(split: Split, parts: dict[str, int]) -> Split:
    """Return a split of which only so much is paid as each channel has."""
    return replace(split, rule=WITHIN, amount=sum(parts.values()), parts=parts)


def _need_owed(contract: str, channel: str, *, owed: int, amount: int) -> None:
    if amount > owed:
        about = "channel" if channel else ""
        raise OverOwed(about=about, contract=contract, channel=channel, owed=owed, amount=amount, over=amount - owed)


def _within_cash(state: State, ask: Pay, parts: dict[str, int], banks: dict[str, str]) -> dict[str, int]:
    """Return the parts that each channel's own cash can pay, or refuse and say how far it goes."""
    project = ask.contract.partition("C")[0]
    cash = {channel: state.left("bank", state.place(project, bank=bank), channel) for channel, bank in banks.items()}
    reach = {channel: min(fen, cash[channel]) for channel, fen in parts.items() if fen and min(fen, cash[channel]) > 0}
    short = [channel for channel, fen in parts.items() if fen and fen > cash[channel]]
    if not short:
        return {channel: fen for channel, fen in parts.items() if fen}
    if ask.partial and reach:
        return reach
    first = short[0]
    due = state.left("household", state.place(project), first) if state.source(first) == "households" else 0
    raise CashShort(
        about="-".join(each for each in ("households" if due > 0 else "", "" if reach else "nothing") if each),
        contract=ask.contract,
        project=state.label_project(project),
        project_code=project,
        channel=state.label(first),
        code=first,
        have=cash[first],
        need=parts[first],
        short=parts[first] - cash[first],
        due=due,
        can=sum(reach.values()),
        parts=" ".join(f"--part {channel}={plain(fen)}" for channel, fen in reach.items()),
    )

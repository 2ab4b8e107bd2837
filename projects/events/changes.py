"""Contracts that change: more work, less work, a settlement, another channel that takes over."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.balances import State
from ledger.chart import Place
from ledger.errors import Names
from ledger.proposals import Proposal, Split
from ledger.rules import need_in_budget
from projects.contracts import Contract, need_contract, need_of_contract
from projects.errors import (
    BillDiffers,
    NothingLeft,
    OverHeld,
    OverOwed,
    PartsDiffer,
    PartsMissing,
    ReasonMissing,
    SameChannel,
    SettlementUnfit,
    SourceUnfit,
)
from projects.events.bills import Item, agreed_facts, bill, less, more, own_parts
from projects.events.entries import Say, entry, proposal, stated
from projects.events.requests import ChangeDown, ChangeSource, ChangeUp, Decommit
from projects.history import certified_so_far
from projects.splits import NAMED, WITHIN, as_named, pour


def change_up(state: State, ask: ChangeUp, say: Say) -> Proposal:
    """合同变更增加: more budget is committed, from the channels that are named or the contract's only one.

    A channel that did not pay for the contract before may join it.

    Raises:
        PartsMissing: several channels pay for the contract, and none is named.
        PartsDiffer: parts that do not add up to the amount.
        ChannelNotInBudget: a channel that the project does not have.
        BelowFloor: the budget is not there.
        ItemsMissing, ItemUnreadable, BillDiffers: of a contract with a bill the items that grow are named.
    """
    contract, place = need_contract(state, ask.contract)
    parts = ask.parts
    old = bill(state, ask.contract)
    items, worth = more(ask.contract, old, ask.items.values())
    amount = _worth(ask, items, worth)
    if not parts and amount is not None and len(contract.channels) == 1:
        parts = {contract.channels[0]: amount}
    parts = parts or own_parts(old, items)
    if not parts:
        has = Names(state.label(each) for each in contract.channels)
        raise PartsMissing(about="change", contract=ask.contract, has=has)
    _need_sum(parts, amount)
    for channel in [*parts, *(each.channel for each in items.values() if each.channel)]:
        need_in_budget(state, contract.project, channel)
    split = Split(rule=NAMED, amount=sum(parts.values()), parts=parts)
    return _changed(state, ask, say, contract, place, event="change_up", split=split, items=items)


def change_down(state: State, ask: ChangeDown, say: Say) -> Proposal:
    """合同变更减少: budget is free again, per channel by what each has left of the contract.

    Raises:
        OverHeld: more than is committed, in all or for a channel.
        NothingLeft: no amount is named.
        ChannelNotInContract: a channel that does not pay for the contract.
        ItemsMissing, ItemUnknown, OverMeasured, BillDiffers: of a contract with a bill the items that shrink are named.
    """
    contract, place = need_contract(state, ask.contract)
    old = bill(state, ask.contract)
    items, worth = less(ask.contract, old, ask.items.values())
    amount = _worth(ask, items, worth)
    if amount is None and not ask.parts:
        raise NothingLeft(about="change-down", contract=ask.contract)
    parts = ask.parts or own_parts(old, items, sign=-1)
    split = freed(state, contract, place, amount=amount, parts=parts)
    return _changed(state, ask, say, contract, place, event="change_down", split=split, items=items)


def decommit(state: State, ask: Decommit, say: Say) -> Proposal:
    """释放合同占用: what the contract will not need is free again, per channel by what each has left of it.

    Named is the amount, or what the contract is settled at; without either all that is not certified is released.

    Raises:
        SettlementUnfit: settled below what is certified or above what the contract is worth.
        ReasonMissing: parts other than the rule's, without saying why.
        OverHeld, NothingLeft, ChannelNotInContract, PartsDiffer: as in a change.
    """
    contract, place = need_contract(state, ask.contract)
    if ask.parts and not ask.reason:
        raise ReasonMissing(contract=ask.contract)
    left = {channel: state.left("committed", place, channel) for channel in contract.channels}
    ahead = sum(state.left("advanced", place, channel) for channel in contract.channels)
    amount = sum(left.values()) if ask.amount is None and not ask.parts else ask.amount
    settled = 0
    if ask.settled is not None:
        certified = certified_so_far(state, ask.contract)
        worth = certified + sum(left.values()) + ahead
        least = certified + ahead
        if not least <= ask.settled < worth:
            raise SettlementUnfit(contract=ask.contract, settled=ask.settled, least=least, worth=worth)
        amount, settled = worth - ask.settled, ask.settled
    split = freed(state, contract, place, amount=amount, parts=ask.parts)
    parts = split.parts
    total = sum(parts.values())
    return proposal(
        ask,
        "decommitment",
        place,
        entry(state, "decommitment", place, {channel: {"amount": fen} for channel, fen in parts.items() if fen}),
        narration=say("settlement" if settled else "decommitment", contract=ask.contract, settled=settled, total=total),
        party=contract.payee,
        facts=stated(reason=ask.reason),
        splits=[split],
    )


def change_source(state: State, ask: ChangeSource, say: Say) -> Proposal:
    """调整资金来源: what is certified and not yet paid is taken over by another channel, with its works and budget.

    Without an amount it is all that the first channel still owes. What is paid stays where it is.

    Raises:
        SameChannel: from a channel to itself.
        SourceUnfit: goods and labour pay nobody.
        OverOwed: more than the first channel still owes.
        NothingLeft: it owes nothing.
        ChannelNotInBudget, BelowFloor: the second channel is not the project's, or has no budget left.
    """
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, [ask.from_channel])
    if ask.from_channel == ask.to_channel:
        raise SameChannel(channel=state.label(ask.to_channel))
    need_in_budget(state, contract.project, ask.to_channel)
    if state.source(ask.to_channel) in {"in_kind", "labour"}:
        source = state.source(ask.to_channel)
        raise SourceUnfit(about="pays", channel=state.label(ask.to_channel), source=source, fit="")
    owed = state.left("payable", place, ask.from_channel)
    amount = owed if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="pay", contract=ask.contract)
    if amount > owed:
        facts = {"contract": ask.contract, "owed": owed, "amount": amount, "over": amount - owed}
        raise OverOwed(about="taken", channel=state.label(ask.from_channel), **facts)
    figures = {"amount": amount}
    names = {"one": state.channels[ask.from_channel][0], "other": state.channels[ask.to_channel][0]}
    return proposal(
        ask,
        "source_change",
        place,
        entry(state, "source_from", place, {ask.from_channel: figures})
        + entry(state, "source_to", place, {ask.to_channel: figures}),
        narration=say("source-change", amount=amount, **names),
        party=contract.payee,
        facts=stated(
            document_number=ask.number, reason=ask.reason, from_channel=ask.from_channel, to_channel=ask.to_channel
        ),
    )


def freed(state: State, contract: Contract, place: Place, *, amount: int | None, parts: Mapping[str, int]) -> Split:
    """Return what each channel releases of a contract: parts as they are, or an amount by what each has left.

    Raises:
        OverHeld: more than is committed.
        NothingLeft: nothing is.
        ChannelNotInContract, PartsDiffer: parts that do not fit.
    """
    need_of_contract(state, contract, parts)
    committed = {channel: state.left("committed", place, channel) for channel in contract.channels}
    _need_sum(parts, amount)
    for channel, fen in parts.items():
        if fen > committed[channel]:
            over = {"have": committed[channel], "amount": fen, "over": fen - committed[channel]}
            raise OverHeld(about="contract-channel", contract=contract.code, channel=state.label(channel), **over)
    if parts or amount is None:
        return as_named(parts)
    whole = sum(committed.values())
    if amount == 0:
        raise NothingLeft(about="decommit", contract=contract.code)
    if amount > whole:
        raise OverHeld(
            about="contract", contract=contract.code, channel="", have=whole, amount=amount, over=amount - whole
        )
    weights = {channel: fen + state.left("advanced", place, channel) for channel, fen in committed.items()}
    poured = pour(amount, weights, dict.fromkeys(weights, 0), committed)
    return Split(rule=WITHIN, amount=amount, weights=weights, parts=poured)


def _need_sum(parts: Mapping[str, int], amount: int | None) -> None:
    if parts and amount is not None and sum(parts.values()) != amount:
        raise PartsDiffer(parts=sum(parts.values()), amount=amount)


def _changed(
    state: State,
    ask: ChangeUp | ChangeDown,
    say: Say,
    contract: Contract,
    place: Place,
    *,
    event: str,
    split: Split,
    items: Mapping[str, Item],
) -> Proposal:
    parts = split.parts
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, {channel: {"amount": fen} for channel, fen in parts.items() if fen}),
        narration=say(
            event.replace("_", "-"), contract=ask.contract, total=sum(parts.values()), number=ask.number, why=ask.reason
        ),
        party=contract.payee,
        facts=stated(document_number=ask.number, reason=ask.reason) | agreed_facts(items),
        splits=[split],
    )


def _worth(ask: ChangeUp | ChangeDown, items: Mapping[str, Item], worth: int) -> int | None:
    """Return by how much the contract changes: what its items come to, where it has any.

    Raises:
        BillDiffers: another amount is named.
    """
    if not items:
        return ask.amount
    if ask.amount not in {None, worth}:
        raise BillDiffers(about="change", contract=ask.contract, bill=worth, parts=ask.amount)
    return worth

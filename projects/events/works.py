"""Work done: certificates with retention and offset, villagers' labour, acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import text

from ledger import log, money
from ledger.balances import State
from ledger.errors import AmountZero, Names
from ledger.proposals import Proposal, Split
from ledger.seal import Sealed
from ledger.store.workspace import Unit
from ledger.text import words
from projects.contracts import Contract, need_contract, need_of_contract
from projects.errors import (
    AssetsDiffer,
    ItemsMissing,
    ItemUnknown,
    NothingLeft,
    OffsetUnfit,
    OverContract,
    PartsDiffer,
    ReasonMissing,
    RetentionOverCap,
)
from projects.events.bills import Item, bill, measure, measured_facts, shown
from projects.events.entries import Say, entry, need_source, proposal, stated
from projects.events.receipts import income, transfer
from projects.events.requests import Accept, Certify, Labour
from projects.limits import need_labour
from projects.policy import policy_at
from projects.splits import ASSIGNED, PROPORTION, WITHIN, as_named, in_proportion, pour, split_over

DAY_SCALE = 1
"""Workdays are counted in tenths."""


def certify(state: State, ask: Certify, say: Say) -> Proposal:
    """计量: measured work becomes works and debt, per channel by what each has left of the contract.

    Retention is the total rounded down to the cap and split like the certificate. The offset of an advance is, per
    channel, what is left of it times part over what is left of the contract; the last certificate takes all.
    A certificate is not limited by cash: it records a debt that exists.

    Raises:
        OverContract: more than the contract has left, in all or for a channel.
        RetentionOverCap: more is held back than the policy lets.
        OffsetUnfit: an offset that breaks a floor of the channel.
        ReasonMissing: parts other than the rule's, without saying why.
        ItemsMissing, ItemUnknown, OverMeasured: of a contract with a bill what is certified is measured by item.
    """
    contract, place = need_contract(state, ask.contract)
    need_of_contract(state, contract, ask.parts)
    committed = {channel: state.left("committed", place, channel) for channel in contract.channels}
    advanced = {channel: state.left("advanced", place, channel) for channel in contract.channels}
    # A draft that leaned on one that was dropped may leave less than nothing: that is nothing to certify.
    left = {channel: max(0, committed[channel] + advanced[channel]) for channel in contract.channels}
    items = bill(state, ask.contract)
    splits, measured = _splits(state, ask, contract, left, items)
    parts = {channel: 0 for split in splits for channel in split.parts}
    for split in splits:
        for channel, fen in split.parts.items():
            parts[channel] += fen
    parts = {channel: part for channel, part in parts.items() if part}
    if not parts:
        raise AmountZero(text=" ".join(f"{code}={shown(each.quantity)}" for code, each in ask.items.items()))
    retention = _retention(state, ask, parts)
    offset = _offset(ask, parts, retention, committed=committed, advanced=advanced)
    figures = {
        channel: {
            "amount": part,
            "retention": retention[channel],
            "offset": offset[channel],
            "payable": part - retention[channel] - offset[channel],
            "net": part - offset[channel],
        }
        for channel, part in parts.items()
    }
    period = 1 + _certificates(state, ask.contract)
    facts = {"period": str(period), "certified": money.plain(sum(parts.values()))}
    facts |= stated(reason=ask.reason) | measured
    return proposal(
        ask,
        "certificate",
        place,
        entry(state, "certificate", place, figures),
        narration=say("certificate", period=period, total=sum(parts.values()), retention=sum(retention.values())),
        party=contract.payee,
        facts=facts,
        splits=splits,
    )


def labour(state: State, ask: Labour, say: Say) -> Proposal:
    """投工投劳: workdays given by villagers become works and reserve at a rate; nothing is paid.

    Raises:
        SourceUnfit: the channel is not one of labour.
        LabourOverCap: more than the cap a labourer and year, where their number is stated.
    """
    need_source(state, ask.channel, "labour", "labour")
    place = state.place(ask.project)
    days = money.parse_quantity(ask.days, scale=DAY_SCALE)
    fen = int((Decimal(days) * ask.rate).scaleb(-DAY_SCALE).to_integral_value(ROUND_HALF_UP))
    if fen == 0:
        raise AmountZero(text=f"{ask.days} × {money.plain(ask.rate)}")
    if ask.labourers is not None:
        need_labour(state, ask.project, tenths=days, labourers=ask.labourers, on=ask.date)
    lines = entry(state, "labour", place, {ask.channel: {"amount": fen}})
    facts = {"workdays": money.plain(days, DAY_SCALE).removesuffix(".0"), "rate": money.plain(ask.rate)}
    facts |= stated(labourers=str(ask.labourers or ""))
    narration = say("labour", days=facts["workdays"], rate=ask.rate)
    return proposal(ask, "labour", place, lines, narration=narration, party=say("party.villagers"), facts=facts)


def accept(state: State, ask: Accept, say: Say) -> Proposal:
    """验收: works in progress become the village's assets, and the fund goes to the reserve as far as money has come.

    `quantity` is what was measured, in the unit of the project; `observe` what it made of the village's indicators.
    `assets` names what the works became, if not one fixed asset; each kind is split over the channels by what they
    paid. What forms no asset becomes expense, and the fund income. `warranty_until` is the end of the retention's term.

    Raises:
        NothingLeft: there are no works to accept.
        AssetsDiffer: the assets do not add up to the works.
    """
    place = state.place(ask.project)
    works = {channel: state.left("works", place, channel) for channel in state.budget.get(ask.project, {})}
    works = {channel: fen for channel, fen in works.items() if fen > 0}
    if not works:
        raise NothingLeft(about="accept", project=state.label_project(ask.project), contract="")
    if ask.no_asset:
        figures = {
            channel: {"amount": fen, "income": income(state, place, channel, spending=fen)}
            for channel, fen in works.items()
        }
    else:
        kinds = _kinds(ask, works)
        figures = {
            channel: {"amount": fen, "transfer": transfer(state, place, channel, accepting=fen)} | kinds[channel]
            for channel, fen in works.items()
        }
    unit = _unit(state, ask.project)
    quantity = money.plain(money.parse_quantity(ask.quantity, scale=3), 3).rstrip("0").rstrip(".")
    measured = f"{quantity} {unit}".strip()
    facts = {"quantity": measured, "milestone": "accepted"}
    for indicator, (numerator, denominator) in ask.observe.items():
        facts[f"indicator-{indicator}"] = f"{numerator}/{denominator}"
    for kind, (_, counted) in ask.assets.items():
        fen = sum(each.get(kind, 0) for each in figures.values())
        facts[f"asset-{kind}"] = f"{money.plain(fen)} {counted}".strip()
    facts |= stated(warranty_until=ask.warranty_until.isoformat() if ask.warranty_until else "")
    template = "acceptance_welfare" if ask.no_asset else "acceptance"
    return proposal(
        ask,
        "acceptance",
        place,
        entry(state, template, place, figures),
        narration=say(template.replace("_", "-"), quantity=measured),
        party=say("party.committee"),
        facts=facts,
    )


def _kinds(ask: Accept, works: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return by channel what of its works becomes an asset of each kind; rows and columns add up."""
    whole = sum(works.values())
    assets = ask.assets or {"fixed": (None, "")}
    given = sum(fen or 0 for fen, _ in assets.values())
    # The kind that is last takes what is left of every channel.
    order = sorted(assets, key=lambda kind: assets[kind][0] is None)
    amounts = {kind: whole - given if assets[kind][0] is None else assets[kind][0] or 0 for kind in order}
    if sum(amounts.values()) != whole or min(amounts.values()) <= 0:
        raise AssetsDiffer(project=ask.project, assets=given, works=whole)
    rest, found = dict(works), {channel: dict[str, int]() for channel in works}
    for kind in order:
        for channel, fen in split_over(rest, amounts[kind]).items():
            found[channel][kind] = fen
            rest[channel] -= fen
    return found


def keep_observations(unit: Unit, sealed: Sealed) -> None:
    """Write what an acceptance observed, when its voucher is sealed."""
    for name, value in sealed.proposal.facts.items():
        if name.startswith("indicator-"):
            numerator, denominator = (int(part) for part in value.split("/"))
            observe(
                unit,
                sealed.book,
                name.removeprefix("indicator-"),
                on=sealed.proposal.date.isoformat(),
                numerator=numerator,
                denominator=denominator,
                evidence=f"V{sealed.number}",
                seq=sealed.seq,
            )


def observe(
    unit: Unit,
    book: str,
    indicator: str,
    *,
    on: str,
    numerator: int,
    denominator: int,
    evidence: str,
    seq: int | None = None,
) -> None:
    """Keep an observation of a village's indicator: a baseline, or what an acceptance brought.

    The caller knows that there is such an indicator.
    """
    row = {
        "indicator": indicator,
        "observed_on": on,
        "numerator": numerator,
        "denominator": denominator,
        "evidence": words(evidence, "evidence"),
    }
    unit.connection.execute(
        text(
            "INSERT INTO observation (book, indicator, observed_on, position, numerator, denominator, evidence, seq) "
            "VALUES (:book, :indicator, :observed_on, (SELECT count(*) FROM observation WHERE book = :book AND "
            "indicator = :indicator AND observed_on = :observed_on), :numerator, :denominator, :evidence, :seq)"
        ),
        row | {"book": book, "seq": seq},
    )
    if seq is None:
        # What an acceptance observed stands in its voucher's leaf.
        log.append(unit, book, "observation", row)


def _splits(
    state: State, ask: Certify, contract: Contract, left: Mapping[str, int], items: Mapping[str, Item]
) -> tuple[list[Split], dict[str, str]]:
    """Return how the certificate falls on channels, and the facts that say what was measured."""
    if (ask.parts or ask.assigned) and not ask.reason:
        raise ReasonMissing(contract=ask.contract)
    quantities = {code: each.quantity for code, each in ask.items.items()}
    if not quantities:
        if items or ask.assigned:
            raise ItemsMissing(contract=ask.contract)
        return [_parts(ask, state, left)], {}
    fen = measure(ask.contract, items, quantities)
    facts = measured_facts(quantities, fen) | {
        f"assigned-{code.lower()}": channel for code, channel in ask.assigned.items()
    }
    total = sum(fen.values())
    if ask.parts:
        if sum(ask.parts.values()) != total:
            raise PartsDiffer(parts=sum(ask.parts.values()), amount=total)
        return [_parts(ask, state, left)], facts
    need_of_contract(state, contract, ask.assigned.values())
    return _by_item(state, ask, left, items, fen), facts


def _by_item(
    state: State, ask: Certify, left: Mapping[str, int], items: Mapping[str, Item], fen: Mapping[str, int]
) -> list[Split]:
    """Return the items that one channel pays for alone, and what is split of the rest.

    Of a channel that has items of its own so much is kept back from the split as those will still cost.
    """
    for code in ask.assigned:
        if code not in fen:
            raise ItemUnknown(contract=ask.contract, item=code, choices=Names(fen))
    payer = {code: ask.assigned.get(code, items[code].channel) for code in fen}
    _need_left(ask.contract, "", left=sum(left.values()), amount=sum(fen.values()))
    splits, room = [], dict(left)
    for code, channel in payer.items():
        if channel and fen[code]:
            _need_left(ask.contract, state.label(channel), left=room.get(channel, 0), amount=fen[code])
            room[channel] -= fen[code]
            about = f"{code} {items[code].name}"
            splits.append(Split(rule=ASSIGNED, amount=fen[code], parts={channel: fen[code]}, about=about))
    rest = sum(fen[code] for code, channel in payer.items() if not channel)
    if rest:
        kept = dict.fromkeys(room, 0)
        for item in items.values():
            if item.channel in kept:
                kept[item.channel] += max(0, item.worth - item.certified - fen.get(item.code, 0))
        weights = {channel: max(0, has - kept[channel]) for channel, has in room.items()}
        weights = weights if any(weights.values()) else dict(room)
        parts = pour(rest, weights, dict.fromkeys(room, 0), room)
        rule = PROPORTION if parts == split_over(weights, rest) else WITHIN
        splits.append(Split(rule=rule, amount=rest, weights=weights, parts=parts))
    return splits


def _parts(ask: Certify, state: State, left: Mapping[str, int]) -> Split:
    whole = sum(left.values())
    if ask.parts:
        if ask.amount is not None and sum(ask.parts.values()) != ask.amount:
            raise PartsDiffer(parts=sum(ask.parts.values()), amount=ask.amount)
        for channel, fen in ask.parts.items():
            _need_left(ask.contract, state.label(channel), left=left[channel], amount=fen)
        return as_named(ask.parts)
    if ask.amount is None or whole == 0:
        raise NothingLeft(about="certify", contract=ask.contract)
    _need_left(ask.contract, "", left=whole, amount=ask.amount)
    return in_proportion(left, ask.amount)


def _need_left(contract: str, channel: str, *, left: int, amount: int) -> None:
    if amount > left:
        facts = {"contract": contract, "channel": channel, "left": left, "amount": amount, "over": amount - left}
        raise OverContract(about="channel" if channel else "", **facts)


def _retention(state: State, ask: Certify, parts: dict[str, int]) -> dict[str, int]:
    if ask.no_retention:
        return dict.fromkeys(parts, 0)
    cap = policy_at(state.connection, ask.date).retention.cap
    percent = cap.value if ask.retention is None else ask.retention
    if percent > cap.value:
        raise RetentionOverCap(percent=percent, cap=cap.shown, rule=cap.rule)
    return split_over(parts, int(sum(parts.values()) * percent / 100))


def _offset(
    ask: Certify,
    parts: dict[str, int],
    retention: dict[str, int],
    *,
    committed: dict[str, int],
    advanced: dict[str, int],
) -> dict[str, int]:
    """Return what each channel's part pays back of its advance, within what floors leave room for."""
    least = {channel: max(0, part - committed[channel]) for channel, part in parts.items()}
    most = {channel: min(advanced[channel], part - retention[channel]) for channel, part in parts.items()}
    for channel in parts:
        if least[channel] > most[channel]:
            raise OffsetUnfit(
                about="room", contract=ask.contract, channel=channel, least=least[channel], most=most[channel]
            )
    if ask.offset is None:
        rule = {
            channel: _rounded(advanced[channel] * part, committed[channel] + advanced[channel])
            for channel, part in parts.items()
            if part
        }
        return {channel: min(max(rule.get(channel, 0), least[channel]), most[channel]) for channel in parts}
    if not sum(least.values()) <= ask.offset <= sum(most.values()):
        least_fen, most_fen = sum(least.values()), sum(most.values())
        raise OffsetUnfit(contract=ask.contract, channel="", least=least_fen, most=most_fen, amount=ask.offset)
    return pour(ask.offset, {channel: advanced[channel] for channel in parts}, least, most)


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _certificates(state: State, contract: str) -> int:
    """Return how many certificates of a contract stand; drafts count, those that reverse one too."""
    query = text(
        "SELECT v.seq FROM voucher v WHERE v.book = :book AND v.contract = :contract AND v.event = 'certificate' "
        "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)"
    )
    where = {"book": state.book.code, "contract": contract}
    sealed = set(state.connection.execute(query, where).scalars())
    undone = {each["reverses"] for each in state.drafts}
    waiting = sum(1 for each in state.drafts if each["event"] == "certificate" and each["contract"] == contract)
    return len(sealed - undone) + waiting


def _unit(state: State, project: str) -> str:
    query = text("SELECT unit FROM project WHERE book = :book AND code = :code")
    return str(state.connection.execute(query, {"book": state.book.code, "code": project}).scalar_one())

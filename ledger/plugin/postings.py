"""The postings of each voucher: amounts as written, one project, the mirror, and floors that hold all along."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from ledger import chart
from ledger.plugin.reading import Text, Voucher
from ledger.plugin.report import Report
from ledger.proposals import CLOSED, REVERSAL, YEAR_END

ZERO = Decimal()
_FEN = -2


def postings(text: Text, report: Report) -> None:
    """Look at every voucher in the order of the seals; nothing here needs metadata."""
    stands: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    events = {voucher.number: voucher.said("event") for voucher in text.vouchers}
    for voucher in text.vouchers:
        _written(text, voucher, report)
        _whole(text, voucher, _closes(text, voucher, events), report)
        _floors(text, voucher, stands, report)


def _written(text: Text, voucher: Voucher, report: Report) -> None:
    """An amount stands there with all its decimals; a price, a cost or an elision would let channels mix unseen."""
    if voucher.entry.flag != "*":
        report.find("flag", voucher.entry, number=voucher.label, flag=voucher.entry.flag)
    for posting in voucher.entry.postings:
        facts = {"number": voucher.label, "account": posting.account}
        place = posting.meta or voucher.entry.meta
        if posting.price is not None:
            report.at("price", place, voucher.entry, **facts)
        if posting.cost is not None:
            report.at("cost", place, voucher.entry, **facts)
        if "__automatic__" in place:
            report.at("elided", place, voucher.entry, **facts)
        elif _is_odd(text, posting):
            report.at("decimals", place, voucher.entry, amount=posting.units, **facts)
        if text.written and text.account(posting.account)[0] is None:
            report.at("account", place, voucher.entry, **facts)


def _is_odd(text: Text, posting: Any) -> bool:
    """Tell whether an amount of money or budget has other than two decimals; goods have as many as they have."""
    units = posting.units
    return chart.channel_of(units.currency) in text.channels and units.number.as_tuple().exponent != _FEN


def _whole(text: Text, voucher: Voucher, closing: bool, report: Report) -> None:
    """Each channel comes to zero exactly, money and budget of a group move as one, and all of it is one project's."""
    number, entry = voucher.label, voucher.entry
    sums: dict[str, Decimal] = defaultdict(Decimal)
    mirrors: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    if not voucher.project:
        report.find("project", entry, number=number)
    for posting in entry.postings:
        amount, commodity = posting.units.number, posting.units.currency
        role, project, _ = text.account(posting.account)
        sums[commodity] += amount
        if project and voucher.project and project != voucher.project and not closing:
            report.at("two-projects", posting.meta or entry.meta, entry, number=number, other=project)
        channel = chart.channel_of(commodity)
        if role and role.mirror and channel in text.channels and not closing:
            mirrors[role.mirror, channel] += amount if role.holds == "money" else -amount
    for commodity, off in sums.items():
        if off:
            report.find("unbalanced", entry, number=number, channel=commodity, off=off)
    for (group, channel), off in mirrors.items():
        if off:
            report.find("mirror", entry, number=number, channel=channel, group=group, off=off)


def _closes(text: Text, voucher: Voucher, events: dict[str, str]) -> bool:
    """Tell whether a voucher is a year end or takes one back: both stand outside the mirror, and touch nothing else."""
    roles = (text.account(posting.account)[0] for posting in voucher.entry.postings)
    if not all(role and role.name in CLOSED for role in roles):
        return False
    event = voucher.said("event")
    undone = events.get(voucher.said("reverses"), "")
    return event in {"", YEAR_END} or (event == REVERSAL and undone == YEAR_END)


def _floors(text: Text, voucher: Voucher, stands: dict[tuple[str, str], Decimal], report: Report) -> None:
    """A limit is an account that may not go below zero after any voucher."""
    moved = {}
    for posting in voucher.entry.postings:
        key = posting.account, posting.units.currency
        stands[key] += posting.units.number
        moved[key] = posting
    for (account, commodity), posting in moved.items():
        role = text.account(account)[0]
        if role and role.floor_side * stands[account, commodity] < ZERO:
            below = role.floor_side * stands[account, commodity]
            place = posting.meta or voucher.entry.meta
            report.at(
                "floor", place, voucher.entry, number=voucher.label, account=account, channel=commodity, amount=below
            )

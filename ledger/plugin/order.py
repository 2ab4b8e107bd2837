"""The order of the vouchers: numbers without a gap, dates that do not go back, two people, and what takes what back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from ledger.plugin.reading import NUMBER, Text, Voucher
from ledger.plugin.report import Report
from ledger.proposals import REVERSAL


def order(text: Text, report: Report) -> None:
    """Go through the vouchers in the order of their seals."""
    counts: dict[str, int] = defaultdict(int)
    last = None
    numbers = {voucher.number: voucher for voucher in reversed(text.vouchers)}
    undone: set[str] = set()
    for seq, voucher in enumerate(text.vouchers):
        _number(voucher, counts, report)
        if last is not None and voucher.entry.date < last:
            report.find("date-back", voucher.entry, number=voucher.label, date=voucher.entry.date, last=last)
        last = voucher.entry.date
        if text.written:
            if voucher.whole("seq") != seq:
                report.find("seq", voucher.entry, number=voucher.label, seq=voucher.said("seq") or "—", expected=seq)
            _place(voucher, report)
            _people(voucher, report)
            _reversal(voucher, numbers, undone, report)


def _number(voucher: Voucher, counts: dict[str, int], report: Report) -> None:
    """Numbers count up from one in each month of the voucher dates."""
    month = f"{voucher.entry.date:%Y-%m}"
    counts[month] += 1
    expected = f"V{month}-{counts[month]:04}"
    if voucher.number != expected:
        report.find("number", voucher.entry, number=voucher.number or "—", expected=expected)
        found = NUMBER.fullmatch(voucher.number)
        if found and found[1] == month:
            counts[month] = int(found[2])


def _place(voucher: Voucher, report: Report) -> None:
    """A voucher stands in the file of its month."""
    file, month = Path(voucher.entry.meta["filename"]).name, f"{voucher.entry.date:%Y-%m}"
    if file != f"{month}.beancount":
        report.find("month", voucher.entry, number=voucher.label, month=month, file=file)


def _people(voucher: Voucher, report: Report) -> None:
    """One person drafts a voucher and another one seals it, later."""
    maker, approver = voucher.said("maker"), voucher.said("approver")
    if not maker or not approver:
        report.find("signature", voucher.entry, number=voucher.label)
    elif maker == approver:
        report.find("one-person", voucher.entry, number=voucher.label, user=maker)


def _reversal(voucher: Voucher, numbers: Mapping[str, Voucher], undone: set[str], report: Report) -> None:
    """A reversal takes back all of one voucher, once, and nothing else names an earlier voucher."""
    named = voucher.said("reverses")
    if (voucher.said("event") == REVERSAL) != bool(named) or list(voucher.others) != [named] * bool(named):
        report.find("reversal-link", voucher.entry, number=voucher.label, reverses=named or "—")
    if not named:
        return
    earlier = numbers.get(named)
    left: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for each in (voucher, *([earlier] if earlier else [])):
        for posting in each.entry.postings:
            left[posting.account, posting.units.currency] += posting.units.number
    if earlier is None or any(left.values()) or earlier.said("reverses") or named in undone:
        report.find("reversal", voucher.entry, number=voucher.label, reverses=named)
    undone.add(named)

"""Cells of bank statements: amounts to integer fen, exactly; days and times in the many ways of banks."""

from __future__ import annotations

import re
from datetime import date

from ledger.errors import AmountTooFine, AmountTooLarge, AmountUnreadable, DateUnreadable
from ledger.money import LARGEST_FEN

_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-", 0xA5: ""}
_PADDING = " \t\r\n\"'\xa0"
_MONEY = _PADDING + "=￥¥"
_AMOUNT = re.compile(r"([-+]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?(?:元)?", re.ASCII)
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "------"})
_DAY = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?)", re.ASCII)
_TIME = re.compile(r"([0-9]{1,2})[:.时]?([0-9]{2})(?:[:.分]?([0-9]{2}))?", re.ASCII)
_FEN_DIGITS = 2


def bare(cell: str) -> str:
    """Return a cell without the blanks, tabs and quotes that banks pad it with; dashes stand for nothing."""
    stripped = cell.strip(_PADDING)
    if cell.startswith('="'):
        # Banks write ="0123" to keep a spreadsheet from making a number of it.
        stripped = cell[2:].strip(_PADDING)
    return "" if stripped in _NOTHING else stripped


def fen(cell: str) -> int | None:
    """Return an amount such as ``+1,234.56`` or ``-10.00`` in fen; None for an empty cell or dashes.

    Raises:
        AmountUnreadable, AmountTooFine, AmountTooLarge: it is no amount, or one that nothing may be rounded from.
    """
    text = cell.strip(_MONEY)
    found = _AMOUNT.fullmatch(text)
    if found is None:
        text = text.translate(_HALF_WIDTH).replace(" ", "")
        if text in _NOTHING:
            return None
        found = _AMOUNT.fullmatch(text)
        if found is None:
            raise AmountUnreadable(text=cell)
    sign, whole, part = found.groups()
    if part and part[_FEN_DIGITS:].strip("0"):
        raise AmountTooFine(text=cell)
    amount = int(whole.replace(",", "")) * 100 + int((part or "")[:_FEN_DIGITS].ljust(_FEN_DIGITS, "0"))
    if amount > LARGEST_FEN:
        raise AmountTooLarge(text=cell)
    return -amount if sign == "-" else amount


def day_and_time(cell: str) -> tuple[str, str]:
    """Return day and time of a cell such as ``20240520``, ``2024-05-20 10:20:30`` or ``2024-05-20-10.20.30.123456``.

    The day is ISO text, the time ``10:20:30``, empty where the cell has none.

    Raises:
        DateUnreadable: it does not begin with a day of the calendar.
    """
    text = bare(cell.translate(_HALF_WIDTH))
    found = _DAY.match(text)
    if found is None:
        raise DateUnreadable(text=cell)
    year, *parts = found.groups()
    month, day = parts[:2] if parts[0] else parts[2:]
    rest = text[found.end() :]
    if rest[:1].isdigit():
        raise DateUnreadable(text=cell)
    try:
        on = date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise DateUnreadable(text=cell) from None
    return on, clock(rest)


def clock(cell: str) -> str:
    """Return a time such as ``102030`` or ``10:20:30``, empty for anything else: a time only tells lines apart."""
    text = bare(cell).lstrip("-T ")
    # A spreadsheet makes a number of 093015.
    found = _TIME.match(text.zfill(6) if text.isdigit() else text)
    return f"{found[1]:0>2}:{found[2]}:{found[3] or '00'}" if found else ""

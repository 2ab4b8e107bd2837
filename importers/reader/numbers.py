"""Numbers and days of spreadsheets as the text a clerk sees: no float noise, no exponents."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation

_PLAIN = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
_SHOWN = Context(prec=15)
"""Spreadsheets keep numbers as doubles and show at most fifteen digits of them; the rest is noise."""

_LONGEST = 30
_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Number formats that every spreadsheet knows without being told, and that show a day or a time."""

_LAST_DAY = 2_958_465
"""31 December 9999."""

_DAY = 86_400
_LEAP_BUG = 60
"""Spreadsheets believe in 29 February 1900, day 60: days before it count one less."""


def plain(stored: str) -> str:
    """Return a stored number in plain digits: ``724.71248400000004`` and ``7.24712484E2`` are ``724.712484``."""
    if _PLAIN.fullmatch(stored):
        return stored
    try:
        number = Decimal(stored.strip())
    except InvalidOperation:
        return stored
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST:
        return stored
    shown = f"{_SHOWN.plus(number):f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def shows_day(code: int, pattern: str = "") -> bool:
    """Tell whether a number format shows a day or a time: by its number, or by its `pattern` if it has one."""
    if not pattern:
        return code in _DATES
    if "general" in pattern.lower():
        return False
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", pattern.partition(";")[0])
    return re.search("[ymdhs]", bare, re.IGNORECASE) is not None


def padded(pattern: str) -> int:
    """Return how many digits a format such as ``000000`` shows at least, 0 for other formats."""
    return len(pattern) if re.fullmatch("0{2,30}", pattern) else 0


def day(stored: str, *, since_1904: bool = False) -> str:
    """Return the day that a number stands for: ``45432`` is ``2024-05-20``, with its time if it has one."""
    try:
        number = Decimal(stored.strip())
    except InvalidOperation:
        return stored
    if not number.is_finite() or not 0 <= number <= _LAST_DAY:
        return plain(stored)
    days, seconds = divmod(int(number * _DAY + Decimal("0.5")), _DAY)
    if days == 0 and seconds and not since_1904:
        return str(timedelta(seconds=seconds)).rjust(8, "0")
    start = date(1904, 1, 1) if since_1904 else date(1899, 12, 31 if days < _LEAP_BUG else 30)
    try:
        moment = datetime.combine(start, time()) + timedelta(days=days, seconds=seconds)
    except OverflowError:
        return plain(stored)
    return moment.date().isoformat() if seconds == 0 else moment.isoformat(sep=" ")

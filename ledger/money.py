"""Money is an integer number of fen; it is parsed strictly, printed plainly and split without loss."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ledger.errors import (
    AmountNegative,
    AmountTooFine,
    AmountTooLarge,
    AmountUnreadable,
    AmountZero,
    QuantityUnreadable,
)

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
LARGEST_FEN = 99_999_999_999_999
"""One fen below a thousand billion yuan: sums of many such amounts still fit a 64-bit integer."""

LONGEST_NUMBER = 60
"""Digits that are looked at; no amount of money has so many."""

_NUMBER = r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?"
_AMOUNT = re.compile(rf"[¥￥]?\s*(-?)({_NUMBER})\s*(?:(元|万元|万)整?)?", re.ASCII)
_UNITS = {None: FEN_PER_YUAN, "元": FEN_PER_YUAN, "万元": FEN_PER_WAN, "万": FEN_PER_WAN}


def parse(text: str) -> int:
    """Return the positive amount that a person typed, in fen.

    Reads ``1200``, ``1,200.50``, full-width ``１，２００．５０``, ``¥`` before it, and a unit behind it: ``元``,
    ``万元``, ``万``, also as ``元整``.
    A number without unit is yuan.

    Raises:
        AmountUnreadable: anything else, such as ``1e3``, ``NaN``, ``1,2,3`` or nothing at all.
        AmountNegative: a negative number; a reversal takes money back, never a minus sign.
        AmountZero: zero.
        AmountTooFine: a part finer than a fen; it is never rounded away.
        AmountTooLarge: above `LARGEST_FEN`.
    """
    fen = parse_or_zero(text)
    if fen == 0:
        raise AmountZero(text=_half_width(text))
    return fen


def parse_or_zero(text: str) -> int:
    """Return the amount in fen like `parse`, with zero allowed."""
    found = _AMOUNT.fullmatch(_half_width(text))
    if found is None:
        raise AmountUnreadable(text=text)
    sign, number, _, unit = found.groups()
    whole, _, part = number.replace(",", "").partition(".")
    if len(whole) + len(part) > LONGEST_NUMBER:
        raise AmountTooLarge(text=f"{text[:LONGEST_NUMBER]}…")
    # Integers, not Decimal: a Decimal product is rounded at 28 digits without a word.
    scaled = int(whole + part) * _UNITS[unit]
    if sign and scaled:
        raise AmountNegative(text=_half_width(text))
    finest: int = 10 ** len(part)
    fen, finer = divmod(scaled, finest)
    if finer:
        raise AmountTooFine(text=text)
    if fen > LARGEST_FEN:
        raise AmountTooLarge(text=text)
    return fen


def parse_quantity(text: str, *, scale: int) -> int:
    """Return a positive quantity in units of ten to the minus `scale` (30 t at scale 3 is 30000)."""
    found = re.fullmatch(_NUMBER, _half_width(text), re.ASCII)
    if found is None or len(found.group(1) or "") > scale or len(text) > LONGEST_NUMBER:
        raise QuantityUnreadable(text=text[:LONGEST_NUMBER], scale=scale)
    whole, _, part = found.group(0).replace(",", "").partition(".")
    number = int(whole + part.ljust(scale, "0"))
    if not 0 < number <= LARGEST_FEN:
        raise QuantityUnreadable(text=text, scale=scale)
    return number


def yuan(fen: int) -> str:
    """Return fen as yuan with thousands separators: 123456789 is ``1,234,567.89``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def plain(amount: int, scale: int = 2) -> str:
    """Return an integer amount with exactly `scale` decimals and no separators: 5, 2 is ``0.05``."""
    if scale == 2:  # noqa: PLR2004 - nearly all that is ever printed is fen
        return f"{amount // 100}.{amount % 100:02}" if amount >= 0 else f"-{-amount // 100}.{-amount % 100:02}"
    sign = "-" if amount < 0 else ""
    if scale == 0:
        return f"{sign}{abs(amount)}"
    whole, part = divmod(abs(amount), 10**scale)
    return f"{sign}{whole}.{part:0{scale}}"


def measure(amount: int, scale: int) -> str:
    """Return fen as yuan with separators, and a quantity with its decimals."""
    return yuan(amount) if 10**scale == FEN_PER_YUAN else plain(amount, scale)


def split(whole: int, weights: Sequence[int]) -> list[int]:
    """Split `whole` fen in proportion to `weights` by largest remainder; the parts sum to `whole`.

    Remainders that tie go to the earlier weight, so a caller that sorts by channel code gets ties by code.
    Weights are not negative and not all zero.
    """
    total = sum(weights)
    assert whole >= 0, "a split is made of an amount, never of a debt"
    assert total > 0, "a split needs something to go by"
    assert min(weights) >= 0, "a negative weight would take money from one part to give to another"
    parts = [whole * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
    for index in by_remainder[: whole - sum(parts)]:
        parts[index] += 1
    return parts


def _half_width(text: str) -> str:
    """Turn full-width forms into ASCII and nothing else: NFKC would also read 5² as 52."""
    return text.translate(_TO_HALF_WIDTH).strip()


_TO_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}

"""Amounts in cells: a number with or without its unit, and what is said beside it."""

from __future__ import annotations

import re

from importers.tables.vocabulary import half, vocabulary
from ledger import money
from ledger.errors import AmountUnreadable, Refusal

_CELL = re.compile(
    r"[¥￥]?\s*([-+]?[0-9][0-9,]*(?:\.[0-9]+)?|[-+]?\.[0-9]+)\s*(万元|元|万)?\s*(?:\((.*)\))?", re.DOTALL
)


_RATE = re.compile(
    r"(?:万元|元|万)\s*/|/\s*(?:亩|户|人|头|只|平方米|米|公里|年|月|天|次)|每(?:亩|户|人|头|只|平方米|米|公里|年|月)"
)
_ROUGH = re.compile(
    r"^(?:大?约|近|不超过|不少于)|(?:左右|上下|余|多)(?:万元|元|万)?$|^[0-9.,]+\s*[-~—至到]+\s*[0-9.,]+"
)


def flaw(refusal: Refusal, text: str) -> str:
    """Return why a cell holds no amount, as messages name it: by the rule, or a rate, or a rough figure."""
    said = half(text).strip()
    if isinstance(refusal, AmountUnreadable) and _RATE.search(said):
        return "table-rate"
    if isinstance(refusal, AmountUnreadable) and _ROUGH.search(said):
        return "table-rough"
    return f"table-{refusal.code}"


def is_empty(text: str) -> bool:
    """Tell whether a cell says that there is nothing."""
    said = half(text).strip()
    return not said or said in vocabulary().words["nothing"]


def read(text: str, unit: str) -> int:
    """Return the amount of a cell in fen, in its own unit or else in `unit` (``元`` or ``万元``).

    ``10(其中,灾情因素6万元)`` is 10 of `unit`: what stands in parentheses is a part of it.

    Raises:
        AmountUnreadable, AmountNegative, AmountTooFine, AmountTooLarge: like `ledger.money.parse`.
    """
    found = _CELL.fullmatch(half(text).strip())
    if found is None:
        raise AmountUnreadable(text=text)
    number = found[1] if not found[1].startswith(".") else f"0{found[1]}"
    try:
        return money.parse_or_zero(number.removeprefix("+") + (found[2] or unit))
    except Refusal as refusal:
        raise type(refusal)(text=text) from None


def has_unit(text: str) -> bool:
    """Tell whether a cell names its own unit."""
    found = _CELL.fullmatch(half(text).strip())
    return found is not None and bool(found[2])


def is_number(text: str) -> bool:
    """Tell whether a cell is nothing but a number, with or without a unit."""
    return _CELL.fullmatch(half(text).strip()) is not None

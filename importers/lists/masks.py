"""Personal data of lists: shown masked, and checked by the rule of its own digits."""

from __future__ import annotations

import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_KEPT = 4
PRIVATE = ("identity", "account", "telephone")
"""Columns of which only the last digits are ever shown."""


def masked(kind: str, text: str) -> str:
    """Return what may be shown of a cell: a surname, the last four digits, anything else as it is."""
    if kind in {"person", "keeper"}:
        return text[:1] + "*" * max(1, len(text) - 1) if text else ""
    if kind in PRIVATE:
        return "*" * max(0, len(text) - _KEPT) + text[-_KEPT:] if len(text) > _KEPT else "*" * len(text)
    return text


def is_identity(text: str) -> bool:
    """Tell whether a text is an ID number whose last digit is right (GB 11643), or one that was masked already."""
    if "*" in text or "×" in text or re.search("[Xx]{2}", text):
        return True
    said = text.upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", said, re.ASCII):
        return False
    return said[17] == _CHECKS[sum(int(digit) * weight for digit, weight in zip(said, _WEIGHTS, strict=False)) % 11]

"""How wide words are on paper and in a spreadsheet, counted in Latin characters."""

from __future__ import annotations

_WIDE = 0x2E80
"""From here on characters take the width of two."""


def columns_of(text: str) -> int:
    """Return how many Latin characters a text is as wide as; a Chinese one takes two."""
    return sum(2 if ord(each) >= _WIDE else 1 for each in text)

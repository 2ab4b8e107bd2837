"""Texts as a reader takes them: digits, signs and blanks of any width or script, numerals as words, names with gaps.

What looks the same to a reader is looked for as the same. Each function keeps the place of every character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

HAN = "㐀-鿿"
"""The characters of Chinese, within a pattern."""
_GAP = re.compile(rf"(?<=[{HAN}])[\s\u00ad\u200b-\u200f\u2060\ufeff·•・‧]+(?=[{HAN}])")
"""What may stand within a name, as in 张　三."""
_NUMERALS = ("〇零○", "一幺壹弌", "二贰两兩貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
_DIGITS_END = 0x1FC00
"""Beyond it Unicode has no digits."""
_REMEMBERED = 1 << 12


def narrow(said: str) -> str:
    """Return a text with plain digits, hyphens and blanks in the places of all that look like them."""
    return said if said.isascii() else said.translate(_narrow())


def spelled_out(said: str) -> str:
    """Return a narrow text with digits in the places of numerals: 一三八 is 138."""
    return said if said.isascii() else said.translate(_words())


@dataclass(frozen=True)
class Letters:
    """A text without the gaps within names, in characters of one kind, and where each of them stands."""

    said: str
    places: Sequence[int]

    def span(self, at: int, length: int) -> tuple[int, int]:
        """Return where so many letters begin and end in the text itself."""
        return self.places[at], self.places[at + length - 1] + 1

    def plain(self, said: str) -> str:
        """Return the text itself without its gaps."""
        return "".join(said[place] for place in self.places)


@lru_cache(_REMEMBERED)
def letters(said: str) -> Letters:
    """Return the letters of a text: 歐陽 小鳳 has those of 欧阳小凤."""
    if said.isascii():
        return Letters(said, range(len(said)))
    gaps = {place for found in _GAP.finditer(said) for place in range(*found.span())}
    if not gaps:
        return Letters(said.translate(_folds()), range(len(said)))
    kept = [place for place in range(len(said)) if place not in gaps]
    return Letters("".join(said[place] for place in kept).translate(_folds()), kept)


def stands_apart(said: str, begin: int, end: int) -> bool:
    """Tell whether a part of a text is no part of longer words: no Chinese character touches it."""
    return not re.match(rf"[{HAN}]", said[end : end + 1]) and not re.match(rf"[{HAN}]", said[max(begin - 1, 0) : begin])


@cache
def _narrow() -> dict[int, str]:
    """Return what stands for signs of full width, for dashes, for blanks that are seen and not seen, for digits."""
    found = {full: chr(full - 0xFEE0) for full in range(0xFF01, 0xFF5F)}
    found |= dict.fromkeys((*range(0x2010, 0x2016), 0x2212, 0x2500), "-")
    found |= dict.fromkeys((0x09, 0xA0, 0xAD, *range(0x2000, 0x2010), 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF), " ")
    digits = ((code, unicodedata.digit(chr(code), -1)) for code in range(0x80, _DIGITS_END))
    return found | {code: str(digit) for code, digit in digits if digit >= 0}


@cache
def _words() -> dict[int, str]:
    return {ord(letter): str(digit) for digit, of in enumerate(_NUMERALS) for letter in of}


@cache
def _folds() -> dict[int, str]:
    from projects.tongues import folded

    pairs = folded()
    return {ord(letter): of for letter, of in zip(pairs[::2], pairs[1::2], strict=True)}

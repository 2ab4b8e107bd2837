"""Telling a narration that the program wrote from one that a clerk typed, of which the policy shows none.

The program's narrations are sentences of the catalogue. What stands in their places is a number or a code, or a text
of the voucher that the policy has looked at; where it is anything else, somebody typed the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from string import Formatter

from ledger import messages

_KNOWN = "\0"
_COUNTED = r"[-A-Z0-9.,:%()（） ]"
"""Amounts, dates and codes are nobody's words."""
_ALL_COUNTED = re.compile(f"{_COUNTED}*", re.ASCII)


def written_by_program(narration: str, texts: Iterable[str]) -> bool:
    """Tell whether a narration is one that the program wrote of a voucher with these texts."""
    left = narration
    for said in sorted((" ".join(str(each).split()) for each in texts), key=len, reverse=True):
        if not _ALL_COUNTED.fullmatch(said):
            left = left.replace(said, _KNOWN)
    return any(each.fullmatch(left) for each in _sentences())


@cache
def _sentences() -> tuple[re.Pattern[str], ...]:
    found = [
        sentence
        for lang in messages.LANGS
        for key, sentence in messages.catalogue("projects", lang).items()
        if key.startswith("narration.") and not key.startswith("narration.party.")
    ]
    return tuple(re.compile(_pattern(each)) for each in found)


def _pattern(sentence: str) -> str:
    """Return the pattern of a sentence; what stands in a place may be missing, and the space before it."""
    made = ""
    for text, place, _, _ in Formatter().parse(sentence):
        kept = text.rstrip(" ") if place is not None else text
        made += re.escape(kept)
        if place is not None:
            made += f"(?:{_KNOWN}|{_COUNTED})*"
    return made

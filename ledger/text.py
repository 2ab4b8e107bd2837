"""Text that a person typed: dates, codes, percentages and words, read strictly before anything is kept."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal

from ledger.errors import CodeUnfit, DateUnreadable, PercentUnreadable, TextMissing, TextUnprintable

LONGEST = 400
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_FULL_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_RESERVED = {"TRUE", "FALSE", "NULL", "CNY", "office", "documents"}
"""Words that mean something else in Beancount's text, and the names of what lies beside the books."""

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Control characters, marks of direction and joining, halves of characters, breaks of lines and paragraphs."""

_CODES = {
    "channel": re.compile(r"[A-Z][A-Z0-9]{1,19}"),
    "good": re.compile(r"[A-Z][A-Z0-9]{1,19}"),
    "project": re.compile(r"P[0-9]{3,6}"),
    "contract": re.compile(r"P[0-9]{3,6}C[0-9]{2,4}"),
    "bank": re.compile(r"B[0-9]{2,4}"),
    "payee": re.compile(r"S[0-9]{3,6}"),
    "loan": re.compile(r"L[0-9]{3,6}"),
    "book": re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}"),
    "village": re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,29}"),
    "user": re.compile(r"[\w][\w.-]{0,29}"),
}


_SCRIPTS = ("CJK UNIFIED ", "TIBETAN ", "MONGOLIAN ", "ARABIC LETTER ", "HANGUL SYLLABLE ", "YI SYLLABLE ", "TAI LE ")
"""Of which letters a user's name is beside a to z: of none that look like these."""
_ALIKE = str.maketrans("01i", "oll")


def parse_date(text: str) -> date:
    """Return the day written as ``2024-05-20`` (also ``2024/5/20``, ``2024年5月20日``, ``20240520``).

    Raises:
        DateUnreadable: anything else, and days that the calendar does not have.
    """
    found = _DATE.fullmatch(text.translate(_FULL_WIDTH).strip())
    if found is None:
        raise DateUnreadable(text=text)
    try:
        return date(*(int(part) for part in found.groups() if part))
    except ValueError:
        raise DateUnreadable(text=text) from None


def parse_percent(text: str) -> Decimal:
    """Return a share such as ``20%`` or ``3 ％`` as a number above 0 and at most 100.

    Raises:
        PercentUnreadable: anything else.
    """
    found = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,4})?)\s*%", text.translate(_FULL_WIDTH).strip(), re.ASCII)
    if found is None or not 0 < Decimal(found[1]) <= 100:  # noqa: PLR2004 - a whole is 100 %
        raise PercentUnreadable(text=text)
    return Decimal(found[1])


def words(text: str, field: str, *, needed: bool = True) -> str:
    """Return `text` trimmed, fit to stand in the books.

    Raises:
        TextMissing: it is empty and needed.
        TextUnprintable: it holds control characters, line breaks or direction marks, or is too long.
    """
    # Blanks of other widths, such as spreadsheets leave behind, become plain ones; the ideographic blank stays.
    trimmed = "".join(" " if unicodedata.category(c) == "Zs" and c != "\u3000" else c for c in text).strip()
    if needed and not trimmed:
        raise TextMissing(field=field)
    if len(trimmed) > LONGEST:
        raise TextUnprintable(field=field, position=LONGEST + 1, character="…")
    for position, character in enumerate(trimmed, 1):
        if unicodedata.category(character) in _UNSEEN | {"Co", "Cn"}:
            raise TextUnprintable(field=field, position=position, character=f"U+{ord(character):04X}")
    return trimmed


def close_up(text: str) -> str:
    """Return a long number without the blanks and hyphens that people put between its groups, in capitals."""
    return re.sub(r"[\s-]", "", text.translate(_FULL_WIDTH)).upper()


def visible(text: str) -> str:
    """Return `text` as it may be shown: what a terminal would obey, or nobody could see, stands as its number."""
    return "".join(
        f"<U+{ord(each):04X}>" if unicodedata.category(each) in _UNSEEN and each != "\n" else each for each in text
    )


def code(text: str, kind: str) -> str:
    """Return `text` if it is fit as a code of this kind.

    Raises:
        CodeUnfit: it is not.
    """
    if not _CODES[kind].fullmatch(text) or text in _RESERVED or (kind == "user" and not _is_told_apart(text)):
        raise CodeUnfit(about=kind, text=text)
    return text


def looks(name: str) -> str:
    """Return how a user's name looks to somebody in a hurry: names that look alike have the same."""
    return name.casefold().translate(_ALIKE)


def _is_told_apart(name: str) -> bool:
    """Tell whether no letter of a name looks like another one's: a Cyrillic а is no a, and ａ of full width neither."""
    return all(each.isascii() or unicodedata.name(each, "").startswith(_SCRIPTS) for each in name)

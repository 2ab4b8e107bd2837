"""Who somebody is by number: an organisation's code and a citizen's number, each held to its check character.

The rules are those of the standards: GB 32100-2015 for the unified social credit code (统一社会信用代码),
GB 11714-1997 for the organisation code inside it, GB 11643-1999 for the citizen's number (公民身份号码).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal, get_args

from ledger.text import close_up
from projects.errors import IdentifierUnfit

PayeeKind = Literal["company", "sole-trader", "cooperative", "public-body", "person"]
KINDS: tuple[PayeeKind, ...] = get_args(PayeeKind)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The characters of the unified code: I, O, S, V and Z are left out, because they look like others."""
_WEIGHTS = tuple(3**place % 31 for place in range(17))
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_REGISTERED: dict[PayeeKind, tuple[str, ...]] = {
    "company": ("91",),
    "sole-trader": ("92",),
    "cooperative": ("93", "N"),
    "public-body": ("1", "2", "3", "4", "5", "6", "7", "8", "A", "N", "Y"),
}
"""Who registers a kind: the market authority (9) firms, sole traders and cooperatives; the farming authority (N) the
collective organisations of villages; others the offices, institutions and associations."""
_LENGTH = 18
_PROVINCES = {
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37"),
    *("41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65"),
    *("71", "81", "82", "83"),
}
"""The first two digits of a citizen's number (GB/T 2260), with the residence permits of 港澳台."""


def need_identifier(text: str, kind: PayeeKind, *, today: date) -> str:
    """Return an identifier as it is kept: without blanks, in capitals.

    Raises:
        IdentifierUnfit: its length, a character, its date, its region, its check character or its kind is wrong.
    """
    number = close_up(text)
    if len(number) != _LENGTH:
        raise IdentifierUnfit(about="length", count=len(number))
    if kind == "person":
        _need_citizen(number, today)
    else:
        _need_organisation(number, kind)
    return number


def check_character(first: str) -> str:
    """Return the last character of a unified code, from the 17 before it (GB 32100)."""
    total = sum(ALPHABET.index(each) * weight for each, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first: str) -> str:
    """Return the last character of an organisation code, from the 8 before it (GB 11714)."""
    total = sum(int(each, 36) * weight for each, weight in zip(first, _ORGANISATION, strict=True))
    return "0123456789X"[-total % 11]


def citizen_check(first: str) -> str:
    """Return the last character of a citizen's number, from the 17 before it (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(int(each) * 2 ** (_LENGTH - 1 - place) for place, each in enumerate(first))
    return "0123456789X"[(1 - total) % 11]


def _need_organisation(number: str, kind: PayeeKind) -> None:
    for position, each in enumerate(number, 1):
        # Positions 3 to 8 are the division of who registered it.
        if each not in (ALPHABET[:10] if position in range(3, 9) else ALPHABET):
            raise IdentifierUnfit(about="character", position=position, character=each)
    if number[-1] != check_character(number[:-1]) or number[16] != organisation_check(number[8:16]):
        raise IdentifierUnfit(about="check")
    if not number.startswith(_REGISTERED[kind]):
        raise IdentifierUnfit(about=f"kind-{kind}", begins=number[:2])


def _need_citizen(number: str, today: date) -> None:
    found = re.search(r"[^0-9]", number[:-1] + number[-1].replace("X", "0"), re.ASCII)
    if found:
        raise IdentifierUnfit(about="character", position=found.start() + 1, character=number[found.start()])
    # The message says which part is wrong and never shows the number: it may be a citizen's with one slip.
    if number[:2] not in _PROVINCES:
        raise IdentifierUnfit(about="region")
    try:
        born = date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")
    except ValueError:
        raise IdentifierUnfit(about="born") from None
    if not date(1880, 1, 1) <= born <= today:
        raise IdentifierUnfit(about="born")
    if number[-1] != citizen_check(number[:-1]):
        raise IdentifierUnfit(about="check-person")

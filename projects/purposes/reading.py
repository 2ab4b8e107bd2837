"""The parts of a rule as they are typed, read into what a fact keeps; lists part by part, an empty text takes away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from ledger import channels
from ledger.errors import ChoiceUnknown, Names, Unknown
from ledger.text import parse_date, parse_percent, words
from projects import registry
from projects.errors import RuleUnfit
from projects.purposes.rule import CARRIES, CATEGORIES, SUPPORTS

_RATIO = re.compile(r"([1-9][0-9]{0,5})[:：]([1-9][0-9]{0,5})", re.ASCII)

Reader = Callable[[Connection, str], str]


def read_part(connection: Connection, name: str, typed: str | Sequence[str]) -> Any:
    """Return a part of a rule as it is kept.

    Raises:
        Unknown, ChoiceUnknown: a type, place, category, channel or way that there is not.
        RuleUnfit, DateUnreadable, PercentUnreadable: it cannot be read.
    """
    read = _READERS[name]
    if isinstance(typed, str):
        said = words(typed, name, needed=False)
        return said and read(connection, said)
    kept = [words(each, name, needed=False) for each in typed]
    return tuple(dict.fromkeys(read(connection, each) for each in kept if each))


def _plain(_: Connection, said: str) -> str:
    return said


def _choice(about: str, choices: Sequence[str]) -> Reader:
    def read(_: Connection, said: str) -> str:
        if said not in choices:
            raise ChoiceUnknown(about=about, text=said, choices=Names(choices))
        return said

    return read


def _place(connection: Connection, said: str) -> str:
    villages = registry.list_villages(connection)
    if not any(said in {row["code"], row["name"], row["township"]} for row in villages):
        raise Unknown(about="rule-place", text=said)
    return said


def _percent(_: Connection, said: str) -> str:
    number = said.rstrip("%％ ")
    return "0" if number == "0" else f"{parse_percent(f'{number}%').normalize():f}"


def _day(_: Connection, said: str) -> str:
    return parse_date(said).isoformat()


def _channel(connection: Connection, said: str) -> str:
    return channels.need_channel(connection, said)["code"]


def _ratio(_: Connection, said: str) -> str:
    found = _RATIO.fullmatch(said)
    if found is None:
        raise RuleUnfit(about="ratio", text=said)
    return f"{found[1]}:{found[2]}"


_READERS: Mapping[str, Reader] = {
    "number": _plain,
    "types": _plain,
    "where": _place,
    "words": _plain,
    "categories": _choice("category", CATEGORIES),
    "fee_cap": _percent,
    "usable_from": _day,
    "usable_until": _day,
    "carry": _choice("carry", CARRIES),
    "support": _choice("support", SUPPORTS),
    "share": _percent,
    "partner": _channel,
    "ratio": _ratio,
}

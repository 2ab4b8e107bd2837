"""What a fact says, as people read it: items by their names, codes of choices as words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledger import facts, messages
from ledger.facts import Fact
from ledger.messages import Lang

MANY = 20
"""A longer list is told by its length."""
AMOUNTS = frozenset({"amount", "price", "estimate"})
"""Items that are yuan."""
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


def items(fact: Fact, lang: Lang) -> list[tuple[str, str]]:
    """Return what a fact says, item by item in the order of the catalogue; of a private value it says nothing."""
    order = {key: place for place, key in enumerate(messages.catalogue("projects", lang))}
    keys = sorted(fact.data, key=lambda key: order.get(f"fact.{key}", len(order)))
    told = {key: _short(key, fact.data[key], lang) for key in keys if not key.endswith(facts.COMMITMENT)}
    return [(_name(fact.kind, key, lang), value) for key, value in told.items() if value]


def word(key: str, value: Any, lang: Lang) -> Any:
    """Return a value as people read it: a code of a choice by its name."""
    for name in (f"choice.{key}.{value}", f"{key}.{value}"):
        if isinstance(value, str) and messages.has("projects", name, lang):
            return messages.text("projects", name, lang)
    return value


def plain(value: Any, lang: Lang) -> str:
    """Return a value on one line; a long list by its length."""
    if isinstance(value, Mapping):
        return " ".join(f"{key}={plain(each, lang)}" for key, each in value.items())
    if isinstance(value, list):
        if len(value) > MANY:
            return messages.text("projects", "print.items", lang, count=len(value))
        return " ".join(plain(each, lang) for each in value)
    return "" if value is None else str(value)


def _name(kind: str, key: str, lang: Lang) -> str:
    """Return how an item is called, in facts of its kind or in all."""
    names = (f"fact-of.{kind}.{key}", f"fact.{key}")
    known = next((each for each in names if messages.has("projects", each, lang)), "")
    return messages.text("projects", known, lang) if known else key


def _short(key: str, value: Any, lang: Lang) -> str:
    """Return a value in a few words: a point by longitude and latitude, what has parts of its own by how many."""
    if key in AMOUNTS and isinstance(value, str) and _NUMBER.fullmatch(value):
        return f"{Decimal(value):,.2f}"
    parts = [value] if isinstance(value, Mapping) else value if isinstance(value, list) else []
    if any(isinstance(each, Mapping) for each in parts):
        if parts[0].get("type") == "Point":
            return ", ".join(str(each) for each in parts[0]["coordinates"])
        return messages.text("projects", "print.items", lang, count=len(value))
    return plain(word(key, value, lang), lang)

"""What a fact says, as people read it: items by their names, codes of choices as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger import facts, messages
from ledger.facts import Fact
from ledger.messages import Lang

MANY = 20
"""A longer list is told by its length."""


def items(fact: Fact, lang: Lang) -> list[tuple[str, str]]:
    """Return what a fact says, item by item in the order of the catalogue; of a private value it says nothing."""
    order = {key: place for place, key in enumerate(messages.catalogue("projects", lang))}
    keys = sorted(fact.data, key=lambda key: order.get(f"fact.{key}", len(order)))
    open_ = [key for key in keys if not key.endswith(facts.COMMITMENT)]
    told = {key: _point(fact.data[key]) or plain(word(key, fact.data[key], lang), lang) for key in open_}
    return [(_name(key, lang), value) for key, value in told.items() if value]


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


def _name(key: str, lang: Lang) -> str:
    name = f"fact.{key}"
    return messages.text("projects", name, lang) if messages.has("projects", name, lang) else key


def _point(value: Any) -> str:
    """Return longitude and latitude of a point, "" for anything else."""
    if not isinstance(value, Mapping) or value.get("type") != "Point":
        return ""
    return ", ".join(str(each) for each in value["coordinates"])

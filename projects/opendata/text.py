"""JSON as open data writes it: numbers as they are, without a float between; nothing empty."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ledger.money import plain


class Number(str):
    """A decimal number as text, written without quotes."""

    __slots__ = ()


def amount(fen: int) -> dict[str, Any]:
    """Return an amount of money; every one names its currency."""
    return {"amount": number(fen), "currency": "CNY"}


def number(fen: int) -> Number:
    """Return fen as a number in yuan."""
    return Number(plain(fen))


def kept(value: Any) -> Any:
    """Return a value without what is empty in it: the standards refuse empty texts, lists and objects."""
    if isinstance(value, Mapping):
        found = {key: kept(each) for key, each in value.items()}
        return {key: each for key, each in found.items() if each not in ("", None, [], {})}
    if isinstance(value, list | tuple):
        return [each for each in map(kept, value) if each not in ("", None, [], {})]
    return value


def dump(value: Any) -> str:
    """Return the text of a value."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(key)}:{dump(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)

"""Canonical JSON (RFC 8785): one value, one text, so that one event has one hash."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

LARGEST = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly."""

_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def dumps(data: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return the canonical text of an object or a list of text, whole numbers, true, false, null, lists and objects.

    The encoder of the standard library is twenty times faster and writes the same bytes for whatever `_is_plain`
    lets through; all else goes to the library that implements the whole RFC.

    Raises:
        rfc8785.CanonicalizationError, UnicodeEncodeError: it has no canonical text, as half a character.
    """
    plain = dict(data) if isinstance(data, Mapping) else data
    if _is_plain(plain):
        made = _ENCODE(plain)
        if made.isascii() or not _has_surrogate(made):
            return made
    return rfc8785.dumps(plain).decode()


def _is_plain(value: Any) -> bool:
    """Tell whether the standard library writes a value as the RFC does.

    Two things differ: numbers with a fraction or beyond 2^53, and the order of keys, which the RFC takes by UTF-16
    unit and Python by character. Below U+D800 the two orders are the same.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is dict:
        for key, each in value.items():
            if type(key) is not str or (not key.isascii() and max(key) >= "\ud800"):
                return False
            if type(each) is not str and not _is_plain(each):
                return False
        return True
    if kind is list or kind is tuple:
        return all(type(each) is str or _is_plain(each) for each in value)
    return kind is int and -LARGEST <= value <= LARGEST


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False

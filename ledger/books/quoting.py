"""Strings as Beancount reads them: nothing in them can end them early, or begin a line."""

from __future__ import annotations

import re

_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}
_PLAIN = {written: meant for meant, written in _ESCAPES.items()}


def quoted(value: str) -> str:
    """Return a Beancount string; it cannot end early and stands on one line.

    Line breaks come in signed notes only, and are written as Beancount escapes them.

    Raises:
        ValueError: it holds a character that `ledger.text.words` lets not through.
    """
    # Nearly every string is of this kind, and there are twenty in a voucher.
    if value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    if _UNFIT.search(value):
        raise ValueError(repr(value))
    # The backslash comes first, so that none that is written here is written twice.
    for meant, written in _ESCAPES.items():
        value = value.replace(meant, written)
    return f'"{value}"'


def unquoted(written: str) -> str:
    """Return what `quoted` was given, without the quotes around it."""
    return re.sub(r"\\.", lambda found: _PLAIN[found[0]], written)

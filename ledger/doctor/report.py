"""What an examination says: one sign for each thing that was looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Grade = Literal["ok", "warning", "problem"]
"""``problem``: records may be lost, read by others, or nothing works. ``warning``: look after it soon."""

Ask = Callable[[str], list[tuple[Any, ...]]]
"""A query of the record that changes nothing."""


@dataclass(frozen=True)
class Sign:
    """What was seen: `code` names the message of the check (it says how to mend it), `facts` fill it."""

    check: str
    grade: Grade
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


def fine(check: str, code: str = "ok", /, **facts: object) -> Sign:
    """Return a sign that all is well."""
    return Sign(check, "ok", code, facts)


def warn(check: str, code: str, /, **facts: object) -> Sign:
    """Return a sign of something to look after."""
    return Sign(check, "warning", code, facts)


def trouble(check: str, code: str, /, **facts: object) -> Sign:
    """Return a sign of something to mend now."""
    return Sign(check, "problem", code, facts)

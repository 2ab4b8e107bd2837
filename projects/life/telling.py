"""Telling: from what was typed about a project's life to a fact of the book's log, in one unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Telling:
    """A fact that could be: its kind, what it is about, what it says; `private` holds personal data by field."""

    kind: str
    subject: str
    data: Mapping[str, Any]
    private: Mapping[str, str] = field(default_factory=dict)

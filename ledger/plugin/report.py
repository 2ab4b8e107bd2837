"""What was found, as Beancount and Fava show errors: the place, then the rule in Chinese and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger import messages


class Broken(NamedTuple):
    """An error of Beancount's kind; `rule` is its stable code, which stands before the message too."""

    source: Mapping[str, Any]
    message: str
    entry: Any
    rule: str


class Report:
    """The errors of one book, in the order in which they were found."""

    def __init__(self) -> None:
        self.broken: list[Broken] = []

    def find(self, rule: str, entry: Any, /, **facts: object) -> None:
        """Report that an entry breaks a rule."""
        self.at(rule, entry.meta, entry, **facts)

    def at(self, rule: str, source: Mapping[str, Any], entry: Any = None, /, **facts: object) -> None:
        """Report that a rule is broken at a place that need not be an entry's first line."""
        said = " / ".join(messages.text("ledger", f"plugin.{rule}", lang, **facts) for lang in messages.LANGS)
        self.broken.append(Broken(source, f"[{rule}] {said}", entry, rule))

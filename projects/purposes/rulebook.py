"""The rules of all channels through time, read from the office's log in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from ledger import facts, log
from ledger.facts import Fact
from projects.purposes.rule import (
    CARRYING,
    POOLING,
    RULE,
    Carrying,
    Rule,
    Widening,
    read_carrying,
    read_rule,
    read_widening,
)
from projects.types import Types, shipped, types_of

NO_RULE = Rule()


@dataclass(frozen=True)
class Rulebook:
    """What was recorded of each channel and was not withdrawn, the earlier day first."""

    told: Mapping[tuple[str, str], tuple[Fact, ...]] = field(default_factory=dict)
    folder: Path | None = None

    @property
    def types(self) -> Types:
        """Return the types of projects that the workspace knows; without one those that are shipped."""
        return types_of(self.folder) if self.folder else shipped()

    def rule(self, channel: str, on: date) -> Rule:
        """Return the rule of a day: the latest by its own day; one without limits where there is none."""
        found = self._until(RULE, channel, on)
        return read_rule(found[-1]) if found else NO_RULE

    def widenings(self, channel: str, on: date) -> list[Widening]:
        """Return the approvals that widen a channel on a day."""
        return [read_widening(each) for each in self._until(POOLING, channel, on)]

    def carryings(self, channel: str, on: date) -> list[Carrying]:
        """Return the approvals to carry a channel's money over that there are on a day."""
        return [read_carrying(each) for each in self._until(CARRYING, channel, on)]

    def history(self, channel: str) -> tuple[Fact, ...]:
        """Return every rule of a channel, the earlier day first."""
        return self.told.get((RULE, channel), ())

    def _until(self, kind: str, channel: str, on: date) -> list[Fact]:
        return [each for each in self.told.get((kind, channel), ()) if each.on <= on.isoformat()]


def rulebook(connection: Connection, folder: Path | None = None) -> Rulebook:
    """Return what the office's log says of the channels; `folder` is the workspace, which may have types of its own.

    It is one query; what was read once is kept for as long as the log says the same.
    """
    return _read(tuple(facts.leaves(connection, log.OFFICE, RULE, POOLING, CARRYING)), folder)


@lru_cache(maxsize=64)
def _read(leaves: tuple[tuple[int, str], ...], folder: Path | None) -> Rulebook:
    every = [fact for fact in (facts.read(log.OFFICE, *each) for each in leaves) if fact]
    gone = {each.subject for each in every if each.kind == facts.WITHDRAWAL}
    found: dict[tuple[str, str], list[Fact]] = {}
    for fact in sorted(every, key=lambda each: (each.on, each.position)):
        if fact.kind != facts.WITHDRAWAL and str(fact.position) not in gone:
            found.setdefault((fact.kind, fact.subject), []).append(fact)
    return Rulebook({key: tuple(each) for key, each in found.items()}, folder)

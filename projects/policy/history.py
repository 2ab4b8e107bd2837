"""The policy through time: what is shipped, and over it what the office's log says, each from its day on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

from ledger import facts, log
from ledger.facts import Fact
from projects.errors import PolicyUnfit, PolicyUnknown
from projects.policy.file import number, read
from projects.policy.model import Policy

KIND = "policy"
"""The kind of the fact by which a county overrides numbers."""


@dataclass(frozen=True)
class Change:
    """What a fact changes: numbers by key, from a day on; and from which day on it counts no more, if it was withdrawn.

    A policy that is withdrawn does not change the days before: vouchers of those days were judged by it.
    """

    label: str
    start: str
    numbers: Mapping[str, Mapping[str, Any]]
    withdrawn: str = ""
    fact: Fact | None = None

    def binds(self, on: str) -> bool:
        """Tell whether it holds on a day."""
        return self.start <= on and not (self.withdrawn and on >= self.withdrawn)


def policy_at(connection: Connection, on: date) -> Policy:
    """Return the policy by which an event of a day is judged.

    It is cheap: what was read once is kept for as long as the office's log says the same.
    """
    return _at(_told(connection), on.isoformat())


def changes(connection: Connection) -> tuple[Change, ...]:
    """Return every change there was, by the order of recording, withdrawn ones too."""
    return _changes(_told(connection))


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the numbers that are shipped, by key."""
    return read(shipped_text())


def shipped_text() -> str:
    """Return the file of the shipped policy."""
    return files("projects.policy").joinpath("default.toml").read_text(encoding="utf-8")


def build(numbers: Mapping[str, Mapping[str, Any]]) -> Policy:
    """Return the policy that has these numbers, every key there is."""
    found: dict[str, dict[str, Any]] = {}
    for key, each in numbers.items():
        group, _, name = key.partition(".")
        found.setdefault(group, {})[name] = {**each, "key": key}
    return Policy.model_validate(found)


Told = tuple[tuple[int, str], ...]
"""Leaves by position."""


def over(changes: Sequence[Change], on: str) -> Policy:
    """Return the policy of a day: what is shipped, and over it the changes that hold then, the latest start last."""
    numbers = dict(shipped())
    for change in sorted((each for each in changes if each.binds(on)), key=lambda each: each.start):
        numbers |= {key: {**said, "fact": change.label} for key, said in change.numbers.items()}
    return build(numbers)


def _told(connection: Connection) -> Told:
    return tuple(facts.leaves(connection, log.OFFICE, KIND))


@lru_cache(maxsize=64)
def _changes(told: Told) -> tuple[Change, ...]:
    every = [fact for fact in (facts.read(log.OFFICE, *each) for each in told) if fact]
    gone = {each.subject: each.at[:10] for each in every if each.kind == facts.WITHDRAWAL}
    found = []
    for fact in every:
        start, numbers = fact.data.get("from"), fact.data.get("numbers")
        # What cannot be read is left to verify: it changes nothing here.
        if fact.kind == KIND and isinstance(start, str) and isinstance(numbers, dict) and _fit(numbers):
            found.append(Change(fact.label, start, numbers, gone.get(str(fact.position), ""), fact))
    return tuple(found)


def _fit(numbers: Mapping[str, Any]) -> bool:
    try:
        for key, said in numbers.items():
            number(key, said)
    except (PolicyUnfit, PolicyUnknown):
        return False
    return True


@lru_cache(maxsize=256)
def _at(told: Told, on: str) -> Policy:
    return over(_changes(told), on)

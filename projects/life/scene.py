"""What is known of a project on a day: its row, what was told of it, its vouchers, and the policy of that day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from ledger import facts
from ledger.balances import State
from ledger.errors import ChoiceUnknown, Names
from ledger.facts import Fact
from projects import registry
from projects.history import Past, standing
from projects.policy import Policy, policy_at
from projects.status import Figures, status, total
from projects.types import Types, shipped

PUBLISHED = "notice"
"""The kind of the fact of a published notice; of what was told it is only a copy."""


@dataclass(frozen=True)
class Told:
    """What was told of a subject and stands, in the order of its days."""

    facts: tuple[Fact, ...]

    def all(self, kind: str, **data: str) -> list[Fact]:
        """Return the facts of a kind whose data say this."""
        return [
            each
            for each in self.facts
            if each.kind == kind and all(each.data.get(key) == value for key, value in data.items())
        ]

    def last(self, kind: str, **data: str) -> Fact | None:
        """Return the fact of a kind that happened last."""
        return next(reversed(self.all(kind, **data)), None)


@dataclass
class Scene:
    """A project of a book on a day; what it takes from the record it takes when it is asked for."""

    connection: Connection
    book: str
    project: str
    on: date
    types: Types = field(default_factory=shipped)
    held: State | None = None
    """The book as it stands, where the caller has looked at it already."""

    @cached_property
    def told(self) -> Told:
        """Return what was told of the project until this day; a published notice tells nothing that was not told."""
        return Told(tuple(facts.about(self.connection, self.book, self.project, on=self.on, but=(PUBLISHED,))))

    @cached_property
    def policy(self) -> Policy:
        """Return the policy of this day."""
        return policy_at(self.connection, self.on)

    @cached_property
    def state(self) -> State:
        """Return the book as it stands, what waits for its approver left out."""
        return self.held or State(self.connection, self.book, drafts=False)

    @cached_property
    def row(self) -> Mapping[str, Any]:
        """Return the project's row in the register.

        Raises:
            Unknown: the book has no such project.
        """
        return registry.need_project(self.connection, self.book, self.project)

    @cached_property
    def money(self) -> Mapping[str, Figures]:
        """Return the project's money by channel."""
        return status(self.connection, self.book)[self.project]

    @property
    def sums(self) -> Figures:
        """Return the project's money over all channels, for reading only."""
        return total(dict(self.money))

    def vouchers(self, *events: str) -> list[Past]:
        """Return the vouchers of these events that stand on this day."""
        found = standing(self.state, *events, project=self.project)
        return [each for each in found if each.date <= self.on.isoformat()]

    @cached_property
    def detail(self) -> dict[str, str]:
        """Return what the project is to be: the register's row, over it what was told later."""
        keys = (
            "name",
            "type",
            "quantity",
            "unit",
            "place",
            "responsible",
            "planned_start",
            "planned_finish",
            "benefit",
        )
        found = {key.replace("_", "-"): str(self.row[key] or "") for key in keys}
        for each in self.told.all("project-profile") + self.told.all("adjustment"):
            found |= {key: str(value) for key, value in each.data.items() if key not in {"note", "number", "reason"}}
        return found

    def need_type(self, code: str) -> None:
        """Make sure that there is a type of this code.

        Raises:
            ChoiceUnknown: neither the program nor the county has it.
        """
        if code not in self.types:
            raise ChoiceUnknown(about="project-type", text=code, choices=Names(self.types))

    @property
    def entered(self) -> Fact | None:
        """Return the fact by which the project went into the library."""
        return self.told.last("library")

"""What is read of a book to tell what is late: its facts, projects, ended works and open accounts, each in one go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from ledger import facts
from ledger.balances import State
from ledger.errors import Phrase
from ledger.facts import Fact
from ledger.register import GENERAL_PROJECT
from ledger.store import sql
from projects import registry
from projects.events.returns import FINISHED
from projects.history import Past, standing
from projects.policy import Policy, policy_at

TOLD = (
    "project-profile",
    "adjustment",
    "milestone-plan",
    "milestone-met",
    "notice-up",
    "notice-down",
    "inspection",
    "review",
    "handover",
    "closing",
)
"""The kinds of facts from which it follows what is late."""


@dataclass(frozen=True)
class Late:
    """Something that is late: what kind, what it is about, since which day, how much money, what to do.

    `about` is the code of a project, contract or loan, the label of a draft, a month, or the kind of a notice. `since`
    is the first day on which it was late; of what is not late yet, and will be, the day on which it will be.
    """

    kind: str
    about: str
    project: str
    since: str
    says: Phrase
    do: Phrase
    fen: int = 0

    def days(self, on: date) -> int:
        """Return for how many days it is late on a day; less than zero while there is still time."""
        return (on - date.fromisoformat(self.since)).days


@dataclass
class Record:
    """A book on a day; what is taken from the record is taken once, when it is first asked for."""

    connection: Connection
    book: str
    on: date

    @cached_property
    def state(self) -> State:
        """Return the book as it stands, drafts left out."""
        return State(self.connection, self.book, drafts=False)

    @cached_property
    def policy(self) -> Policy:
        """Return the policy of the day."""
        return policy_at(self.connection, self.on)

    @cached_property
    def projects(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the rows of the register, by code."""
        rows = registry.list_projects(self.connection, self.book)
        return {str(row["code"]): row for row in rows if row["code"] != GENERAL_PROJECT}

    @cached_property
    def told(self) -> Mapping[str, list[Fact]]:
        """Return what was told until the day, by kind, in the order of its days."""
        found: dict[str, list[Fact]] = {kind: [] for kind in TOLD}
        for each in facts.facts(self.connection, self.book, *TOLD):
            if each.on <= self.on.isoformat():
                found[each.kind].append(each)
        return {kind: sorted(of, key=lambda each: (each.on, each.position)) for kind, of in found.items()}

    def last(self, kind: str) -> dict[str, Fact]:
        """Return what was told last of a kind, by what it is about."""
        return {each.subject: each for each in self.told[kind]}

    @cached_property
    def _ends(self) -> list[Past]:
        """Return the acceptances and cancellations that stand on the day."""
        return [each for each in standing(self.state, *FINISHED) if each.date <= self.on.isoformat()]

    @cached_property
    def ended(self) -> Mapping[str, Past]:
        """Return the acceptance or cancellation with which the works of a project ended, by project."""
        return {each.project: each for each in self._ends}

    @cached_property
    def terms(self) -> Mapping[str, tuple[str, bool]]:
        """Return the day on which the warranty of an accepted project is over, and whether acceptance stated it."""
        found: dict[str, list[Past]] = {}
        for each in self._ends:
            if each.event == "acceptance":
                found.setdefault(each.project, []).append(each)
        return {project: self._term(accepted) for project, accepted in found.items()}

    def _term(self, accepted: list[Past]) -> tuple[str, bool]:
        stated = [each.facts["warranty-until"] for each in accepted if "warranty-until" in each.facts]
        last = date.fromisoformat(max(each.date for each in accepted))
        return max(stated) if stated else self.policy.retention.term.after(last).isoformat(), bool(stated)

    def open_accounts(self, *roles: str) -> Iterable[tuple[str, str, str, str, int]]:
        """Yield role, project, contract, channel and fen of the accounts of contracts that are not empty."""
        for role, project, contract, channel, fen in sql.rows(self.connection, _OPEN, {"book": self.book}):
            if role in roles and int(fen) > 0:
                yield role, project, contract, channel, int(fen)

    def label(self, project: str) -> str:
        """Return code and name of a project."""
        return self.state.label_project(project)

    def over(self, day: str, days: int = 0) -> str | None:
        """Return the first day on which a term is over that ends so many days after a day, None while it runs."""
        over = (date.fromisoformat(day) + timedelta(days=days + 1)).isoformat()
        return over if over <= self.on.isoformat() else None


def say(kind: str, **given: object) -> Phrase:
    """Return what is late, in words."""
    return Phrase("projects", f"late.says.{kind}", **given)


def way(kind: str, **given: object) -> Phrase:
    """Return what to do about it, in words."""
    return Phrase("projects", f"late.do.{kind}", **given)


_OPEN = (
    "SELECT a.role, a.project, a.contract, b.commodity, a.normal * b.amount FROM balance b "
    "JOIN account a ON a.book = b.book AND a.name = b.account "
    "WHERE b.book = :book AND a.contract <> '' AND b.amount <> 0 ORDER BY a.name, b.commodity"
)

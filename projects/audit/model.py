"""What an audit test is, what it found, and which tests could not look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ledger import messages
from ledger.errors import Phrase
from ledger.facts import Fact
from ledger.messages import Lang
from projects.policy.numbers import MARKS, Mark

EXPLANATION, RUN = "audit-explanation", "audit"
"""The kinds of the facts: an auditor's explanation of a finding, and what a run found; both of a book's log."""


class Test(BaseModel):
    """An audit test as `tests.toml` has it; its words stand in the catalogues under ``audit.CODE``.

    `policy` names the number of the policy by which it judges; `needs` the facts of which a book has to have one, or
    the test cannot look there; `lasting` says that what it finds stands until it is cleared, in whatever year it began.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(pattern=r"^[a-z][a-z0-9-]{2,39}$")
    severity: Literal["problem", "warning", "notice"]
    document: str
    number: str = ""
    mark: Mark = "?"
    policy: str = ""
    lasting: bool = False
    needs: tuple[str, ...] = ()
    parameters: Mapping[str, int] = Field(default_factory=dict)

    def title(self, lang: Lang) -> str:
        """Return what it is called."""
        return messages.text("projects", f"audit.{self.code}.title", lang)

    def clears(self, lang: Lang) -> str:
        """Return what clears a finding."""
        return messages.text("projects", f"audit.{self.code}.clears", lang)

    def source(self, lang: Lang) -> str:
        """Return the document of its rule, and how sure that is."""
        cite = " ".join(part for part in (self.document, self.number) if part)
        return messages.phrase(Phrase("projects", f"policy.rule.{MARKS[self.mark]}", cite=cite), lang)


@dataclass(frozen=True)
class Hit:
    """What a test says of one member of its population: by a stable key, with its day, fen, vouchers and reason."""

    book: str
    key: str
    on: str
    amount: int
    vouchers: tuple[str, ...] = ()
    project: str = ""
    about: str = "reason"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """An exception: its stable id (``TEST/BOOK/KEY``), what was found, and the auditor's explanation if any."""

    id: str
    test: Test
    hit: Hit
    explained: Fact | None = None

    def reason(self, lang: Lang) -> str:
        """Return why it is one."""
        return messages.text("projects", f"audit.{self.test.code}.{self.hit.about}", lang, **self.hit.facts)


@dataclass(frozen=True)
class Result:
    """A test that ran: how many things it looked at, what it found, and in which books it lacked what facts."""

    test: Test
    population: int
    findings: tuple[Finding, ...]
    lacking: Mapping[str, str]

    @property
    def ran(self) -> bool:
        """Tell whether it looked anywhere."""
        return bool(self.population) or not self.lacking


@dataclass(frozen=True)
class Report:
    """A run: its day, the year it is limited to if any, the books, and a result for every test."""

    on: str
    year: int | None
    books: tuple[str, ...]
    results: tuple[Result, ...]

    @property
    def findings(self) -> Sequence[Finding]:
        """Return every finding, test by test."""
        return [finding for result in self.results for finding in result.findings]

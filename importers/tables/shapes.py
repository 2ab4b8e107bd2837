"""What is understood of a table: its columns, its rows, its totals, and what is doubtful about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ledger import messages
from ledger.errors import Refusal

Role = Literal["project", "source", "adjustment", "figure", "group"]


@dataclass(frozen=True)
class Column:
    """A column of a table: `kind` is a word of ``words.toml``, or ``money`` for a column that is a channel."""

    index: int
    heading: str
    kind: str
    unit: str = ""
    """``元`` or ``万元`` where the heading says so."""
    channel: str = ""


@dataclass(frozen=True)
class Part:
    """What one channel gives to a row, in fen; None where the cell names no money that can be read."""

    channel: str
    fen: int | None
    column: int
    text: str


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row that names something money goes to or comes from; `row` is its number on the sheet."""

    sheet: str
    row: int
    role: Role
    number: str = ""
    name: str
    township: str = ""
    village: str = ""
    place: str = ""
    parts: tuple[Part, ...] = ()
    stated_fen: int | None = None
    """What the row says all its parts come to."""
    investment_fen: int | None = None
    texts: dict[str, str] = field(default_factory=dict)
    """What else the row says, by the kind of its column."""

    @property
    def fen(self) -> int | None:
        """All that the row gives, None where it names no money."""
        known = [part.fen for part in self.parts if part.fen is not None]
        return sum(known) if known else None


@dataclass(frozen=True, kw_only=True)
class Total:
    """A sum that the table states, and the sum of the rows that it stands for, in fen."""

    sheet: str
    row: int
    label: str
    column: str
    stated: int
    computed: int


@dataclass(frozen=True)
class Passed:
    """A row that is no data: a ``title``, ``unit``, ``heading``, ``note``, ``header`` or ``other``."""

    sheet: str
    row: int
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Something for a person to look at, with where it stands and what the cell says."""

    code: str
    sheet: str
    row: int | None = None
    column: str = ""
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def sentence(self, lang: messages.Lang, instead: messages.Instead | None = None) -> str:
        """Return the warning in the user's language."""
        facts = {"row": self.row, "column": self.column, "text": self.text} | self.facts
        return messages.text("importers", f"warning.{self.code}", lang, instead, **facts)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: its title, the fund that its title names, its columns and all that was read of it."""

    sheet: str
    title: str
    fund: str
    document: str
    """The number of the document that its title names."""
    unit: str
    header: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    totals: tuple[Total, ...]
    passed: tuple[Passed, ...]
    doubts: tuple[Doubt, ...]
    problems: tuple[Refusal, ...]
    """What stands against taking the file."""


@dataclass(frozen=True)
class Reading:
    """A file of tables."""

    tables: tuple[Table, ...]

    @property
    def rows(self) -> tuple[TableRow, ...]:
        """All rows of all tables."""
        return tuple(row for table in self.tables for row in table.rows)

    @property
    def projects(self) -> tuple[TableRow, ...]:
        """The rows that money goes to."""
        return tuple(row for row in self.rows if row.role == "project")

    @property
    def problems(self) -> tuple[Refusal, ...]:
        """All that stands against taking the file."""
        return tuple(problem for table in self.tables for problem in table.problems)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """All that a person should look at."""
        return tuple(doubt for table in self.tables for doubt in table.doubts)

"""A statement with its words: title, heads and rows as they are shown and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger import messages
from ledger.messages import LANGS, Lang
from ledger.register import Book
from ledger.statements import STATEMENTS, Period, Statement
from ledger.statements.statement import Cell
from projects.errors import StatementUnknown

_ACROSS = 6
"""More columns than these are printed across the long side."""


@dataclass(frozen=True)
class Form:
    """A statement as a form: what stands above it, its heads, its rows, and what is signed below."""

    statement: Statement
    title: str
    unit: str
    period: str
    currency: str
    signatures: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def is_wide(self) -> bool:
        """Tell whether it is printed across the long side."""
        return len(self.heads) > _ACROSS


def named(typed: str) -> str:
    """Return the statement that was named: by its code, or by its title in either language.

    Raises:
        StatementUnknown: there is none of this name.
    """
    for name in STATEMENTS:
        if typed in {name, *(title(name, lang) for lang in LANGS)}:
            return name
    raise StatementUnknown(text=typed, choices=", ".join(STATEMENTS))


def title(name: str, lang: Lang) -> str:
    """Return the title of a statement."""
    return messages.text("projects", f"statement.name.{name}", lang)


def form(statement: Statement, book: Book, lang: Lang, *, signatures: str = "signatures") -> Form:
    """Return a statement with its words; `signatures` names who signs below it."""
    period = Period(statement.period)

    def said(key: str, **facts: object) -> str:
        return messages.text("projects", f"statement.{key}", lang, **facts)

    rows = [
        [said(f"word.{cell[1:]}") if isinstance(cell, str) and cell.startswith("@") else cell for cell in row]
        for row in statement.rows
    ]
    return Form(
        statement=statement,
        title=title(statement.name, lang),
        unit=said("unit", name=book.name),
        period=said("period", since=period.since, until=period.until),
        currency=said("currency"),
        signatures=said(signatures),
        heads=[said(f"column.{column}") for column in statement.columns],
        rows=rows,
    )

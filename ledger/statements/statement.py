"""A statement: rows of text and fen under named columns, whatever it is then written as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.exports.table import as_words, row
from ledger.money import plain

Cell = str | int
"""Text, or an amount in fen."""


@dataclass(frozen=True)
class Statement:
    """A statement of a book in a period; `money` are the columns of amounts, `sums` the rows that sum others up.

    Words that a catalogue has are written ``@key``.
    """

    name: str
    book: str
    period: str
    columns: Sequence[str]
    money: frozenset[str]
    rows: Sequence[Sequence[Cell]]
    sums: frozenset[int] = field(default_factory=frozenset)

    def total(self, column: str) -> int:
        """Return the sum of a column over the rows that sum nothing up."""
        place = list(self.columns).index(column)
        return sum(int(each[place] or 0) for number, each in enumerate(self.rows) if number not in self.sums)


def text(statement: Statement) -> str:
    """Return a statement as programs read it, the same bytes for the same vouchers in every language and version."""
    made = [row([_plain(cell) for cell in each]) for each in statement.rows]
    return row(list(statement.columns)) + "".join(made)


def table(statement: Statement, words: Mapping[str, str]) -> list[list[Cell]]:
    """Return the rows with their words."""
    return [[words.get(cell, cell) if isinstance(cell, str) else cell for cell in each] for each in statement.rows]


def _plain(cell: Cell) -> str:
    return plain(cell) if isinstance(cell, int) else as_words(cell.removeprefix("@"))

"""How a statement is laid out on paper where that differs from its rows: the balance sheet has two sides."""

from __future__ import annotations

from dataclasses import replace

from ledger.statements import Statement
from ledger.statements.statement import Cell

_LAST_OF_ASSETS = "@item-assets"


def as_printed(statement: Statement) -> Statement:
    """Return a statement as its form is printed; what programs read of it stays as it is.

    资产负债表 has assets at the left, liabilities and equity at the right, each with the end of the period and the
    beginning of the year; both totals stand in the last line. The order of its lines is that of 财会〔2023〕14号 as it
    is known; the printed form of the ministry was not compared word by word.
    """
    if statement.name != "balance":
        return statement
    rows = [list(row) for row in statement.rows]
    end = next(place for place, row in enumerate(rows) if row[0] == _LAST_OF_ASSETS)
    left, right = rows[: end + 1], rows[end + 1 :]
    lines = max(len(left), len(right))
    made: list[list[Cell]] = [
        [*one, *other] for one, other in zip(_padded(left, lines), _padded(right, lines), strict=True)
    ]
    columns = ["asset", "closing", "year-opening", "fund", "fund-closing", "fund-year-opening"]
    money = frozenset(columns) - {"asset", "fund"}
    return replace(statement, columns=columns, money=money, rows=made, sums=frozenset({lines - 1}))


def _padded(rows: list[list[Cell]], lines: int) -> list[list[Cell]]:
    """Return rows with empty ones before the last, which is the total."""
    empty: list[list[Cell]] = [["", "", ""]] * (lines - len(rows))
    return [*rows[:-1], *empty, rows[-1]]

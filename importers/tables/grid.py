"""A sheet whose cells can be asked for by row and column, those that a merge covers by its text."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from importers.reader import Sheet

_MOST_COVERED = 1_000_000
"""Merges that overlap without end are no table."""

_WIDEST = 200


class Grid:
    """The rows of a sheet by their numbers; `rows` lists those that hold something."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet.name
        self._cells = {row.number: row.cells for row in sheet.rows}
        self.rows = [row.number for row in sheet.rows]
        self._covered: dict[tuple[int, int], str] = {}
        self._across: set[tuple[int, int]] = set()
        left = _MOST_COVERED
        for top, first, bottom, far in sheet.merges:
            last = min(far, _WIDEST)
            inside = self.rows[bisect_left(self.rows, top) : bisect_right(self.rows, bottom)]
            left -= len(inside) * (last - first + 1)
            if left < 0:
                break
            text = self.cell(top, first)
            for row in inside:
                for column in range(first, last + 1):
                    if (row, column) != (top, first):
                        self._covered[row, column] = text
                        if row == top:
                            self._across.add((row, column))

    def cells(self, row: int) -> tuple[str, ...]:
        """Return the cells of a row as they are."""
        return self._cells[row]

    def cell(self, row: int, column: int) -> str:
        """Return a cell's own text."""
        cells = self._cells.get(row, ())
        return cells[column] if column < len(cells) else ""

    def covering(self, row: int, column: int) -> str:
        """Return the text of the merge that covers a cell, or nothing."""
        return self._covered.get((row, column), "")

    def covered_across(self, row: int, column: int) -> bool:
        """Tell whether a cell is covered by one to the left of it in its own row."""
        return (row, column) in self._across

    def filled(self, row: int) -> list[str]:
        """Return the texts of a row's cells that hold something."""
        return [cell for cell in self._cells[row] if cell.strip()]

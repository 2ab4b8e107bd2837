"""What a file holds once it is read: sheets of rows of cells, each cell the text that it shows or stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Row(NamedTuple):
    """A row that holds something.

    `number` counts from 1, as the spreadsheet shows it, and skips rows that hold nothing; `cells` begin at the
    first column and end with the last one that holds something. Cells keep the blanks and line breaks they have.
    """

    number: int
    cells: tuple[str, ...]


class Merge(NamedTuple):
    """Cells shown as one; its text is in the first. Rows count from 1, columns from 0 as in `Row.cells`."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Sheet:
    """One sheet; a text file is a single sheet without a name."""

    name: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Workbook:
    """A file that was read: `kind` is ``xlsx``, ``xls``, ``ods`` or ``text``, with the encoding of a text."""

    kind: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""


def column_name(column: int) -> str:
    """Return the letters of a column: 0 is ``A``, 26 is ``AA``."""
    letters = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters

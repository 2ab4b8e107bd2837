"""A notice as a spreadsheet, for whoever lays it out again or copies its table: the words of the page, in its order.

Amounts are numbers with two decimals; the same notice gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from math import ceil
from typing import Any

from ledger.text import visible
from projects.notices.content import Content
from projects.notices.page import AMOUNT, Page
from projects.typeset.breadth import columns_of
from projects.typeset.timeless import timeless

FONT, MONEY = "SimSun", "#,##0.00;-#,##0.00;0.00"
_A4, _LEAST = 9, 4
_PAGE = 88
"""So many Latin characters of size 11 are in a line of A4 upright."""


@dataclass(frozen=True)
class _Cell:
    """Words in a column, which may go on until another one."""

    words: str
    column: int = 1
    until: int = 0
    size: int = 11
    bold: bool = False
    side: str = "left"
    framed: bool = False


def sheet(content: Content, proof: Mapping[str, Any]) -> bytes:
    """Return the file."""
    import openpyxl
    from openpyxl.utils import get_column_letter

    across = max([_LEAST, *(len(table.columns) for table in content.tables)])
    book = openpyxl.Workbook()
    page: Any = book.active
    page.title = content.title[:31]
    row = 0
    for row, cells in enumerate(_rows(content, proof, across), 1):
        for cell in cells:
            _put(page, row, cell)
        page.row_dimensions[row].height = max([15.0, *(_height(cell, across) for cell in cells)])
    for column in range(1, across + 1):
        page.column_dimensions[get_column_letter(column)].width = _PAGE / across
    page.print_area = f"A1:{get_column_letter(across)}{row}"
    page.page_setup.paperSize, page.page_setup.fitToHeight, page.page_setup.fitToWidth = _A4, 0, 1
    page.page_setup.orientation = "portrait"
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.center.text = "&P / &N"
    made = io.BytesIO()
    book.save(made)
    return timeless(made.getvalue())


def _rows(content: Content, proof: Mapping[str, Any], across: int) -> Iterator[Sequence[_Cell]]:
    """Return the rows from the title to the lines about the proof."""
    yield [_Cell(content.title, until=across, size=18, bold=True, side="center")]
    yield from ([_Cell(words, until=across)] for words in content.lead)
    for field in content.fields:
        for number, words in enumerate(field.lines):
            label = [_Cell(field.label, bold=True)] if number == 0 else []
            yield [*label, _Cell(words, column=2, until=across)]
    for table in content.tables:
        yield []
        yield [_Cell(table.caption, until=across, bold=True)]
        yield [_Cell(words, each, bold=True, side="center", framed=True) for each, words in enumerate(table.columns, 1)]
        for row in table.rows:
            yield [_Cell(words, each, framed=True) for each, words in enumerate(row, 1)]
    yield []
    yield from ([_Cell(words, until=across)] for words in content.foot[:-2])
    yield from ([_Cell(words, until=across, side="right")] for words in content.foot[-2:])
    yield []
    yield from ([_Cell(words, until=across, size=8)] for words in Page.proof_words(content, proof))


def _put(page: Any, row: int, of: _Cell) -> None:
    from openpyxl.utils import get_column_letter

    cell, side = page.cell(row, of.column), of.side
    if of.words and AMOUNT.fullmatch(of.words):
        cell.value, cell.number_format, side = Decimal(of.words.replace(",", "")), MONEY, "right"
    else:
        cell.value, cell.data_type = visible(of.words), "s"
    cell.font, cell.alignment, border = _looks(of.size, side, bold=of.bold)
    if of.framed:
        cell.border = border
    if of.until > of.column:
        # Not by merge_cells(): it makes a cell for each place that is covered, to frame what has no frame here.
        page.merged_cells.add(f"{cell.coordinate}:{get_column_letter(of.until)}{row}")


@cache
def _looks(size: int, side: str, *, bold: bool) -> tuple[Any, Any, Any]:
    """Return font, alignment and border of a cell: openpyxl takes longer to make one than to write the cell."""
    from openpyxl.styles import Alignment, Border, Font, Side

    alignment = Alignment(horizontal=side, vertical="center", wrap_text=True)
    return Font(name=FONT, size=size, bold=bold), alignment, Border(*(Side(style="thin"),) * 4)


def _height(of: _Cell, across: int) -> float:
    """Return how high a cell has to be for its words, in points: no program makes room for merged cells by itself."""
    line = _PAGE * (max(of.until, of.column) - of.column + 1) / across - 1
    width = columns_of(of.words) * of.size / 11
    return (of.size + 4) * max(1, ceil(width / line))

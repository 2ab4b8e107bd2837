"""A statement as a spreadsheet that prints as offices print it: A4, one page across, its heads on every page.

The same vouchers give the same bytes: the file knows no time at which it was made.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ledger.text import visible
from projects.statements.form import Form
from projects.statements.widths import shown, widths
from projects.typeset.breadth import columns_of
from projects.typeset.timeless import timeless

FONT, MONEY = "SimSun", "#,##0.00;-#,##0.00;-"
_A4 = 9
_HEAD = 3
_LINE = 13
"""The height of a line of text in points."""


def workbook(*forms: Form) -> bytes:
    """Return the file, a sheet for each form; amounts are numbers with two decimals, text stays text."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for form in forms:
        sheet: Any = book.create_sheet(form.title[:31])
        _fill(sheet, form)
        _set_up(sheet, form)
    made = io.BytesIO()
    book.save(made)
    return timeless(made.getvalue())


def _fill(sheet: Any, form: Form) -> None:
    """Write what stands above the table, its heads and rows, and who signs below."""
    from openpyxl.styles import Border, Font, Side

    columns, money = list(form.statement.columns), form.statement.money
    last = _letter(len(columns))
    line = Border(*(Side(style="thin"),) * 4)
    _put(sheet, 1, 1, form.title, bold=True, across="center").font = Font(name=FONT, bold=True, size=16)
    _put(sheet, 2, 1, f"{form.unit}　{form.period}　{form.currency}")
    for column, head in enumerate(form.heads, 1):
        _put(sheet, _HEAD, column, head, bold=True, across="center").border = line
    for number, row in enumerate(form.rows):
        is_sum = number in form.statement.sums
        for column, value in enumerate(row, 1):
            across = "right" if columns[column - 1] in money else "left"
            _put(sheet, _HEAD + 1 + number, column, value, bold=is_sum, across=across).border = line
    foot = _foot(form)
    _put(sheet, foot, 1, form.signatures)
    for place in (1, 2, foot):
        sheet.merge_cells(f"A{place}:{last}{place}")


def _put(sheet: Any, row: int, column: int, value: str | int, *, bold: bool = False, across: str = "left") -> Any:
    from openpyxl.styles import Alignment, Font

    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value, cell.data_type = visible(value), "s"
    else:
        cell.value, cell.number_format = Decimal(value) / 100, MONEY
    cell.font = Font(name=FONT, bold=bold, size=10)
    cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=isinstance(value, str))
    return cell


def _set_up(sheet: Any, form: Form) -> None:
    """Set heights and widths, and how it is printed: A4, one page across, title and heads on every page."""
    from openpyxl.styles import Alignment

    last, foot = _letter(len(form.statement.columns)), _foot(form)
    for place in (2, foot):
        sheet.cell(place, 1).alignment = Alignment(vertical="center")
    for place, height in ((1, 30), (2, 20), (foot, 30)):
        sheet.row_dimensions[place].height = height
    wide = widths(form)
    for column, width in enumerate(wide, 1):
        sheet.column_dimensions[_letter(column)].width = width
    for number, row in enumerate((form.heads, *form.rows)):
        sheet.row_dimensions[_HEAD + number].height = max(_height(row, wide), 20 if number == 0 else 0)
    sheet.freeze_panes, sheet.print_title_rows, sheet.print_area = f"A{_HEAD + 1}", f"1:{_HEAD}", f"A1:{last}{foot}"
    setup = sheet.page_setup
    setup.paperSize, setup.fitToHeight, setup.fitToWidth = _A4, 0, 1
    setup.orientation = "landscape" if form.is_wide else "portrait"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "&P / &N"


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def _foot(form: Form) -> int:
    """Return the row of the signatures."""
    return _HEAD + 2 + len(form.rows)


def _height(cells: Sequence[str | int], wide: Sequence[int]) -> int:
    """Return how high a row has to be for its text; programs that only print do not find it out."""
    lines = (-(-columns_of(cell) // (width - 1)) for cell, width in zip(map(shown, cells), wide, strict=True))
    return _LINE * max(1, *lines) + 4

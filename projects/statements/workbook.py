"""A statement as a spreadsheet that prints as offices print it: A4, one page across, its heads on every page.

The same vouchers give the same bytes: the file knows no time at which it was made.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ledger.money import yuan
from ledger.text import visible
from projects.statements.form import Form
from projects.typeset.timeless import timeless

FONT, MONEY = "SimSun", "#,##0.00;-#,##0.00;-"
_A4 = 9
_HEAD = 3
_ACROSS = 6
"""More columns than these are printed across the long side."""
_NARROWEST, _WIDEST = 9, 42
_PAGE = 84
"""So many characters are in a line of A4 upright."""
_WIDE = 0x2E80
"""From here on characters take the width of two."""


def workbook(form: Form) -> bytes:
    """Return the file; amounts are numbers with two decimals, text is text whatever it begins with."""
    import openpyxl
    from openpyxl.styles import Alignment, Border, Font, Side
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = form.title[:31]
    columns, money = list(form.statement.columns), form.statement.money
    last = get_column_letter(len(columns))
    line = Border(*(Side(style="thin"),) * 4)

    def put(row: int, column: int, value: str | int, *, bold: bool = False, across: str = "left") -> Any:
        cell = sheet.cell(row, column)
        if isinstance(value, str):
            cell.value, cell.data_type = visible(value), "s"
        else:
            cell.value, cell.number_format = Decimal(value) / 100, MONEY
        cell.font = Font(name=FONT, bold=bold, size=10)
        cell.alignment = Alignment(horizontal=across, vertical="center", wrap_text=isinstance(value, str))
        return cell

    put(1, 1, form.title, bold=True, across="center").font = Font(name=FONT, bold=True, size=16)
    sheet.merge_cells(f"A1:{last}1")
    put(2, 1, f"{form.unit}　{form.period}　{form.currency}")
    sheet.merge_cells(f"A2:{last}2")
    for column, head in enumerate(form.heads, 1):
        put(_HEAD, column, head, bold=True, across="center").border = line
    for number, row in enumerate(form.rows):
        for column, value in enumerate(row, 1):
            is_money = columns[column - 1] in money
            cell = put(
                _HEAD + 1 + number,
                column,
                value,
                bold=number in form.statement.sums,
                across="right" if is_money else "left",
            )
            cell.border = line
    foot = _HEAD + 2 + len(form.rows)
    put(foot, 1, form.signatures)
    sheet.merge_cells(f"A{foot}:{last}{foot}")
    for place in (2, foot):
        sheet.cell(place, 1).alignment = Alignment(vertical="center")
    for place, height in ((1, 30), (2, 20), (_HEAD, 20), (foot, 30)):
        sheet.row_dimensions[place].height = height
    for column, width in enumerate(_widths(form), 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes, sheet.print_title_rows, sheet.print_area = f"A{_HEAD + 1}", f"1:{_HEAD}", f"A1:{last}{foot}"
    setup = sheet.page_setup
    setup.paperSize, setup.fitToHeight, setup.fitToWidth = _A4, 0, 1
    setup.orientation = "landscape" if len(columns) > _ACROSS else "portrait"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "&P / &N"
    made = io.BytesIO()
    book.save(made)
    return timeless(made.getvalue())


def _widths(form: Form) -> Sequence[int]:
    """Return how wide each column has to be; a Chinese character takes twice the width of a Latin one."""
    shown = [
        form.heads,
        *([yuan(cell) if isinstance(cell, int) else cell for cell in row] for row in form.rows),
    ]
    widest = [
        max(sum(2 if ord(each) >= _WIDE else 1 for each in str(cell)) for cell in cells)
        for cells in zip(*shown, strict=True)
    ]
    made = [min(max(width + 2, _NARROWEST), _WIDEST) for width in widest]
    # What stands above and below the rows takes one line: a narrow table is made as wide as the page.
    lacking = max(0, _PAGE - sum(made))
    return [width + lacking // len(made) for width in made]

"""The reconciliation as a spreadsheet: 银行存款余额调节表 on the first sheet, every line of the bank on the second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from ledger.text import visible
from projects.reconciliation.sides import AtBank, InBook
from projects.reconciliation.table import Table

MONEY = "#,##0.00"
FONT = "SimSun"
_WIDTHS = (16, 44, 18, 16, 44, 18)
_WIDTHS_OF_LINES = (12, 18, 30, 36, 22, 16, 18, 30)

Say = Callable[..., str]


def write(
    target: BinaryIO, table: Table, rows: Iterable[Sequence[Any]], *, title: str, heads: Sequence[str], say: Say
) -> None:
    """Write the workbook; `say` gives the words, `rows` are those of the second sheet below `heads`.

    Amounts are numbers with two decimals. Text is text, whatever it begins with: a payee called ``=1+1`` is a payee.
    """
    import openpyxl
    from openpyxl.styles import Alignment, Font

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = say("sheet-table")
    _put(sheet, 1, 1, title)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_WIDTHS))
    sheet["A1"].alignment, sheet["A1"].font = Alignment(horizontal="center"), Font(name=FONT, bold=True, size=16)
    made = form(table, say)
    _fill(sheet, made, top=2, bold={2, 3, len(made) + 1})
    _put(sheet, len(made) + 3, 2, say("sign"))
    _lay_out(sheet, _WIDTHS)
    other = book.create_sheet(say("sheet-lines"))
    _fill(other, [heads, *rows], top=1, bold={1})
    _lay_out(other, _WIDTHS_OF_LINES)
    other.freeze_panes, other.print_title_rows = "A2", "1:1"
    book.save(target)


def _fill(sheet: Any, rows: Iterable[Sequence[Any]], *, top: int, bold: set[int]) -> None:
    from openpyxl.styles import Border, Side

    line = Border(*(Side(style="thin"),) * 4)
    for number, row in enumerate(rows, top):
        for column, value in enumerate(row, 1):
            _put(sheet, number, column, value, bold=number in bold).border = line


def _put(sheet: Any, row: int, column: int, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.styles import Alignment, Font

    cell = sheet.cell(row, column)
    if isinstance(value, str):
        # Characters that XML cannot hold stand as their number, as on the screen.
        cell.value, cell.data_type = visible(value), "s"
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif value is not None:
        cell.value, cell.number_format = Decimal(value) / 100, MONEY
    cell.font = Font(name=FONT, bold=bold)
    return cell


def _lay_out(sheet: Any, widths: Sequence[int]) -> None:
    """Set the widths of the columns, and print them on one page across."""
    for column, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def form(table: Table, say: Say) -> list[list[Any]]:
    """Return the rows of the form: the bank's side on the left, the book's on the right; amounts are fen."""
    received, paid = table.bank_rows()
    came, went = table.book_rows()
    left: list[list[Any]] = [["", say("bank-balance"), table.bank_balance]]
    left += [*_part(say("add-received"), received), *_part(say("less-paid"), paid)]
    right: list[list[Any]] = [["", say("book-balance"), table.book_balance]]
    right += [*_part(say("add-credited"), came), *_part(say("less-debited"), went)]
    length = max(len(left), len(right))
    left += [["", "", None]] * (length - len(left))
    right += [["", "", None]] * (length - len(right))
    heads = [say("date"), say("item"), say("amount")] * 2
    made: list[list[Any]] = [heads, *([*one, *other] for one, other in zip(left, right, strict=True))]
    made.append(["", say("adjusted"), table.bank_adjusted, "", say("adjusted"), table.book_adjusted])
    if not table.agrees:
        made.append(["", say("off", off=abs(table.off)), table.off, "", "", None])
    return made


def _part(head: str, some: Sequence[AtBank | InBook]) -> list[list[Any]]:
    rows: list[list[Any]] = [["", head, abs(sum(each.amount for each in some))]]
    return rows + [[each.date, each.label, abs(each.amount)] for each in some]

"""Workbooks of Excel 97 to 2003 (.xls) by xlrd, which reads the values that are stored and runs nothing."""

from __future__ import annotations

import os
from pathlib import Path

import xlrd

from importers.reader import numbers
from importers.reader.sink import Sink, Unfit


def read(content: bytes, sink: Sink) -> None:
    """Read the sheets of a workbook into `sink`.

    Raises:
        Unfit: it is locked, or holds no cells.
        Exception: whatever xlrd makes of a damaged file.
    """
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        try:
            # Merged cells are told only together with formats.
            book = xlrd.open_workbook(
                file_contents=content, logfile=nowhere, formatting_info=True, ragged_rows=True, on_demand=True
            )
        except xlrd.XLRDError as error:
            raise Unfit(about="locked" if "encrypted" in str(error) else "damaged") from None
        for position in range(book.nsheets):
            sheet = book.sheet_by_index(position)
            sink.far = lambda position=position: position / book.nsheets  # type: ignore[misc]
            sink.sheet(sheet.name, hidden=sheet.visibility != 0)
            for index in range(sheet.nrows):
                cells = zip(sheet.row_types(index), sheet.row_values(index), strict=True)
                sink.row(index + 1, [_shown(kind, value, book) for kind, value in cells])
            for top, bottom, left, right in sheet.merged_cells:
                sink.merge(top + 1, left, bottom, right - 1)
            book.unload_sheet(position)


def _shown(kind: int, value: str | float, book: xlrd.book.Book) -> str:
    if isinstance(value, str):
        return value
    if kind == xlrd.XL_CELL_DATE:
        return numbers.day(repr(value), since_1904=book.datemode == 1)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(int(value), "#"))
    return numbers.plain(repr(value))

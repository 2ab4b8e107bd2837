"""Spreadsheets that tests write: with openpyxl and xlwt, or by hand where a harm is wanted that no library writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape

import openpyxl
import xlwt

Cell = str | int | float | date | None
Table = Sequence[Sequence[Cell]]


def xlsx(table: Table, *, merges: Sequence[str] = (), formats: Mapping[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in table:
        sheet.append(list(row))
    for merge in merges:
        sheet.merge_cells(merge)
    for at, pattern in (formats or {}).items():
        sheet[at].number_format = pattern
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(table: Table, *, merges: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    covered = {
        (r, c): each for each in merges for r in range(each[0], each[1] + 1) for c in range(each[2], each[3] + 1)
    }
    for r, row in enumerate(table):
        for c, cell in enumerate(row):
            if (r, c) in covered:
                if covered[r, c][0] == r and covered[r, c][2] == c:
                    sheet.write_merge(*covered[r, c], cell)
            elif isinstance(cell, date):
                sheet.write(r, c, cell, day)
            elif cell is not None:
                sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: str) -> bytes:
    """Return a spreadsheet whose only table holds `rows`, written in OpenDocument's XML."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="表1">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    return packed(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content},
    )


def ods_table(table: Table) -> bytes:
    rows = []
    for row in table:
        cells = []
        for cell in row:
            if isinstance(cell, int | float):
                cells.append(f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>')
            elif cell is None or cell == "":
                cells.append("<table:table-cell/>")
            else:
                cells.append(
                    '<table:table-cell office:value-type="string">'
                    + "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
                    + "</table:table-cell>"
                )
        rows.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    return ods("".join(rows))


def page(
    table: Table, *, encoding: str = "utf-8", merges: Mapping[tuple[int, int], tuple[int, int]] | None = None
) -> bytes:
    """A web page as programs save it under the name of a spreadsheet; `merges` have rows and columns by first cell."""
    spans, gone, lines = merges or {}, set(), []
    for (row, column), (down, across) in spans.items():
        gone |= {(row + below, column + beside) for below in range(down) for beside in range(across)}
    for number, cells in enumerate(table):
        made = ""
        for column, cell in enumerate(cells):
            down, across = spans.get((number, column), (1, 1))
            if (number, column) in gone and (number, column) not in spans:
                continue
            said = escape("" if cell is None else str(cell)).replace("\n", "<br>")
            made += f'<td rowspan={down} colspan="{across}">{said}</td>'
        lines.append(f"<tr>{made}</tr>")
    head = f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type charset={encoding}>'
    return f"{head}<style>td{{}}</style></head><body><table border=1>{''.join(lines)}</table></body></html>".encode(
        encoding
    )


def sheet_of(rows: str, *, shared: str = "", after: str = "", before: str = "") -> bytes:
    """Return a workbook of Excel whose only sheet holds `rows`, written in its XML."""
    main = 'xmlns="urn:main"'
    relations = 'xmlns="urn:relations"'
    kind = "urn:kind"
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships {relations}><Relationship Id="a" Type="{kind}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook {main} xmlns:r="{kind}"><sheets><sheet name="表" sheetId="1" r:id="b"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships {relations}><Relationship Id="b" Type="{kind}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="c" Type="{kind}/sharedStrings" '
            'Target="sharedStrings.xml"/></Relationships>',
            "xl/sharedStrings.xml": f"<sst {main}>{shared}</sst>",
            "xl/worksheets/sheet1.xml": f"{before}<worksheet {main}><sheetData>{rows}</sheetData>{after}</worksheet>",
        }
    )


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()

"""Tables as one workbook, .xlsx: the same rows give the same bytes, which programs that stamp the time do not.

Text is text, whatever it begins with: no cell is a formula.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from ledger.text import visible
from projects.opendata.xml import element

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the workbook: the first that a .zip can hold."""
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="SimSun"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/>'
    '<xf numFmtId="4" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)

Table = tuple[Sequence[str], Sequence[str], Sequence[Sequence[str]]]
"""Names of columns, their types, rows."""


def workbook(tables: Mapping[str, Table]) -> bytes:
    """Return a workbook with a sheet per table."""
    parts = {
        "[Content_Types].xml": _types(len(tables)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(list(tables)),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(tables) + 1)]
            + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": STYLES,
    }
    for number, table in enumerate(tables.values(), 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(table)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            file.writestr(entry, HEAD + content)
    return out.getvalue()


def _types(sheets: int) -> str:
    kinds = {"/xl/workbook.xml": f"{SHEET}.sheet.main+xml", "/xl/styles.xml": f"{SHEET}.styles+xml"}
    kinds |= {f"/xl/worksheets/sheet{number}.xml": f"{SHEET}.worksheet+xml" for number in range(1, sheets + 1)}
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    parts = [element("Default", Extension="rels", ContentType=relations)]
    parts += [element("Override", PartName=name, ContentType=kind) for name, kind in kinds.items()]
    return element("Types", *parts, xmlns=f"{PACKAGE}/content-types").text


def _relations(listed: list[tuple[str, str]]) -> str:
    parts = [
        element("Relationship", Id=f"r{number}", Type=f"{OFFICE}/{kind}", Target=target)
        for number, (kind, target) in enumerate(listed, 1)
    ]
    return element("Relationships", *parts, xmlns=f"{PACKAGE}/relationships").text


def _book(names: list[str]) -> str:
    sheets = [
        element("sheet", **{"name": name, "sheetId": str(number), "r:id": f"r{number}"})
        for number, name in enumerate(names, 1)
    ]
    return element("workbook", element("sheets", *sheets), **{"xmlns": MAIN, "xmlns:r": OFFICE}).text


def _sheet(table: Table) -> str:
    names, kinds, rows = table
    texts = [_row(names, ["string"] * len(names)), *(_row(row, kinds) for row in rows)]
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(texts)}</sheetData></worksheet>'


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    return f"<row>{''.join(_cell(cell, kind) for cell, kind in zip(cells, kinds, strict=True))}</row>"


def _cell(text: str, kind: str) -> str:
    if not text:
        return "<c/>"
    if kind in {"number", "integer"}:
        return f'<c s="{int(kind == "number")}"><v>{text}</v></c>'
    return element("c", element("is", element("t", visible(text))), t="inlineStr").text

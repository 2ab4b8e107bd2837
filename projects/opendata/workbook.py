"""Tables as one workbook, .xlsx: the same rows give the same bytes, which programs that stamp the time do not.

Text is text, whatever it begins with: no cell is a formula.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import IO

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


def workbook(sheets: Mapping[str, Iterable[bytes]], out: IO[bytes]) -> None:
    """Write a workbook with a sheet per name; each is given as the text of its rows, piece by piece."""
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(list(sheets)),
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
            + [("styles", "styles.xml")]
        ),
        "xl/styles.xml": STYLES,
    }
    with zipfile.ZipFile(out, "w", compresslevel=FAST) as file:
        for name, content in parts.items():
            file.writestr(_entry(name), HEAD + content)
        for number, pieces in enumerate(sheets.values(), 1):
            with file.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w", force_zip64=True) as sheet:
                sheet.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                for piece in pieces:
                    sheet.write(piece)
                sheet.write(b"</sheetData></worksheet>")


FAST = 1
"""How hard the rows are packed: they are so much alike that packing harder takes time and saves little."""


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
    # What is opened for writing takes the level from its entry, not from the file.
    entry._compresslevel = FAST  # type: ignore[attr-defined]  # noqa: SLF001 - no public name before Python 3.13
    return entry


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


def row_of(cells: Sequence[str], kinds: Sequence[str]) -> str:
    """Return a row of a sheet."""
    return f"<row>{''.join(_cell(cell, kind) for cell, kind in zip(cells, kinds, strict=True))}</row>"


def _cell(text: str, kind: str) -> str:
    if not text:
        return "<c/>"
    if kind in {"number", "integer"}:
        return f'<c s="{int(kind == "number")}"><v>{text}</v></c>'
    return element("c", element("is", element("t", visible(text))), t="inlineStr").text

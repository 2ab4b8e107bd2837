"""What stands on paper: the text and the pages of a PDF, the words of a spreadsheet."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pypdfium2


def squeezed(text: str) -> str:
    """Text without blanks and breaks, which a paper puts where its lines end."""
    return re.sub(r"[\s\ufffe\x02]+", "", text)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return squeezed("".join(page.get_textpage().get_text_bounded() for page in document))
    finally:
        document.close()


def pages_of(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in points."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_size() for page in document]
    finally:
        document.close()


def words_of(sheet: bytes) -> list[str]:
    """What the cells of the first sheet show, row by row."""
    rows = openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].iter_rows(values_only=True)
    return [cell if isinstance(cell, str) else format(cell, ",.2f") for row in rows for cell in row if cell is not None]


def shown_in(path: Path) -> str:
    """All text that a published file shows or holds, without blanks: of a PDF and a spreadsheet what they show."""
    whole = path.read_bytes()
    if path.suffix == ".pdf":
        return text_of(whole)
    return squeezed("".join(words_of(whole)) if path.suffix == ".xlsx" else whole.decode())

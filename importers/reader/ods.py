"""OpenDocument spreadsheets (.ods, ISO/IEC 26300): stored values of numbers and days, else the text shown."""

from __future__ import annotations

from collections.abc import Mapping

from importers.reader import numbers
from importers.reader.packed import Package
from importers.reader.sink import LAST_COLUMN, LAST_ROW, Sink, Unfit

CONTENT = "content.xml"
_NUMBERS = {"float", "currency", "percentage"}


def read(package: Package, sink: Sink) -> None:
    """Read the tables of a spreadsheet into `sink`."""
    progress = [0.0]
    sink.far = lambda: progress[0]
    content = _Content(sink)
    package.parse(CONTENT, content, far=lambda share: progress.__setitem__(0, share))
    if not content.tables:
        raise Unfit(about="damaged")


class _Content:
    """The content of a spreadsheet: rows go to the sink as they come, what is repeated is written out."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.tables = 0
        self._depth = 0
        self._aside = 0
        """How deep we are in something that is no part of a cell's text: a note, a drawing, changes kept."""
        self._row, self._repeat = 0, 1
        self._cells: list[str] = []
        self._times = 1
        self._stored: str | None = None
        self._formula = False
        self._paragraphs: list[str] | None = None
        self._hold: list[tuple[int, int, int, int]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._aside or name in {"annotation", "tracked-changes", "shapes", "frame"}:
            self._aside += 1
        elif name == "table":
            self._begin_table(_local(attributes))
        elif name == "table-row":
            self._row += self._repeat
            self._repeat = _times(_local(attributes).get("number-rows-repeated", "1"), LAST_ROW)
            self._cells = []
        elif name in {"table-cell", "covered-table-cell"}:
            self._begin_cell(_local(attributes))
        elif name == "p" and self._paragraphs is not None:
            self._paragraphs.append("")
        elif name == "s":
            self.text(" " * _times(_local(attributes).get("c", "1"), LAST_COLUMN))
        elif name in {"tab", "line-break"}:
            self.text("\t" if name == "tab" else "\n")

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
        elif name in {"table-cell", "covered-table-cell"}:
            self._end_cell()
        elif name == "table-row":
            self._end_row()
        elif name == "table":
            self._depth -= 1
            for merge in self._hold:
                self._sink.merge(*merge)

    def text(self, text: str) -> None:
        if self._paragraphs and not self._aside:
            self._paragraphs[-1] += text

    def _begin_table(self, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > 1:
            raise Unfit(about="damaged")
        self.tables += 1
        self._row, self._repeat, self._hold = 0, 1, []
        self._sink.sheet(attributes.get("name", ""), hidden=attributes.get("display") == "false")

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._times = _times(attributes.get("number-columns-repeated", "1"), LAST_COLUMN)
        self._stored = _stored(attributes)
        self._formula = "formula" in attributes
        self._paragraphs = []
        down = _times(attributes.get("number-rows-spanned", "1"), LAST_ROW)
        right = _times(attributes.get("number-columns-spanned", "1"), LAST_COLUMN)
        if down > 1 or right > 1:
            column = len(self._cells)
            self._hold.append((self._row, column, self._row + down - 1, column + right - 1))

    def _end_cell(self) -> None:
        text = self._stored if self._stored is not None else "\n".join(self._paragraphs or [])
        if not text and self._formula:
            text = "="
        self._paragraphs = None
        if len(self._cells) + self._times > LAST_COLUMN:
            raise Unfit(about="damaged")
        self._cells.extend([text] * self._times)

    def _end_row(self) -> None:
        if any(cell.strip() for cell in self._cells):
            for number in range(self._row, self._row + self._repeat):
                self._sink.row(number, self._cells)


def _stored(attributes: Mapping[str, str]) -> str | None:
    kind = attributes.get("value-type")
    if kind in _NUMBERS and attributes.get("value"):
        return numbers.plain(attributes["value"])
    if kind == "date" and attributes.get("date-value"):
        return attributes["date-value"].removesuffix("T00:00:00").replace("T", " ")
    return None


def _local(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return attributes without their prefixes; what LibreOffice repeats for its own use does not count."""
    return {
        name.rpartition(":")[2]: value
        for name, value in attributes.items()
        if not name.startswith(("calcext:", "xml:"))
    }


def _times(text: str, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 0 < int(text) <= most):  # noqa: PLR2004 - digits
        raise Unfit(about="damaged")
    return int(text)

"""Tables of a web page, which many offices and banks save under a name that ends in .xls.

What a browser would show is what is read: one sheet a table, cells that span others as merges. A table that holds
other tables only lays out the page and is passed over; so are scripts and styles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from importers.reader.sink import LAST_COLUMN, LAST_ROW, Sink, Unfit

_BEGINS = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|table|meta|head|body|div|style)\b", re.IGNORECASE | re.DOTALL
)
_HEAD = 4096
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_CELLS = frozenset({"td", "th"})
_BREAKS = frozenset({"br", "p", "div", "li"})
_UNSEEN = frozenset({"script", "style", "template", "title"})


def is_page(text: str) -> bool:
    """Tell whether a text is a web page."""
    return _BEGINS.match(text[:_HEAD]) is not None


def read(text: str, encoding: str, sink: Sink) -> None:
    """Read the tables of a page in `encoding` into `sink`.

    Raises:
        Unfit: there is none.
    """
    reader = _Tables(sink, encoding)
    lines = max(text.count("\n"), 1)
    sink.far = lambda: min(reader.getpos()[0] / lines, 1.0)
    reader.feed(text)
    reader.close()
    reader.finish()
    if not reader.found:
        raise Unfit(about="page")


@dataclass
class _Cell:
    text: list[str]
    across: int
    down: int


@dataclass
class _Table:
    """A table that is being read; `spans` has how many rows a cell above still fills, by column."""

    caption: list[str] = field(default_factory=list)
    rows: list[list[_Cell]] = field(default_factory=list)
    holds_tables: bool = False


class _Tables(HTMLParser):
    """Collects the cells of each table and gives the table on once it ends."""

    def __init__(self, sink: Sink, encoding: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found = 0
        self._sink = sink
        self._encoding = encoding
        self._open: list[_Table] = []
        self._into: list[str] | None = None
        self._unseen = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen = tag
        elif tag == "table":
            if self._open:
                self._open[-1].holds_tables = True
            self._open.append(_Table())
            self._into = None
        elif not self._open:
            return
        elif tag == "tr":
            self._open[-1].rows.append([])
            self._into = None
        elif tag in _CELLS:
            given = dict(attrs)
            cell = _Cell([], _span(given.get("colspan"), LAST_COLUMN), _span(given.get("rowspan"), LAST_ROW))
            rows = self._open[-1].rows
            if not rows:
                rows.append([])
            rows[-1].append(cell)
            self._into = cell.text
        elif tag == "caption":
            self._into = self._open[-1].caption
        elif tag in _BREAKS and self._into is not None:
            self._into.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""
        elif tag == "table" and self._open:
            self._give(self._open.pop())
            self._into = None
        elif tag in _CELLS or tag in {"tr", "caption"}:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None and not self._unseen:
            self._into.append(_BLANKS.sub(" ", data))

    def finish(self) -> None:
        """Give on what a page that is cut short left open."""
        while self._open:
            self._give(self._open.pop())

    def _give(self, table: _Table) -> None:
        if table.holds_tables or not any(table.rows):
            return
        if self.found == 0:
            self._sink.kind("page", self._encoding)
        self.found += 1
        self._sink.sheet(_said(table.caption))
        merges: list[tuple[int, int, int, int]] = []
        filled: dict[int, int] = {}
        for number, cells in enumerate(table.rows, 1):
            line: list[str] = []
            for cell in cells:
                while filled.get(len(line), 0) >= number:
                    line.append("")
                left, right = len(line), len(line) + cell.across - 1
                bottom = min(number + cell.down - 1, len(table.rows))
                if right >= LAST_COLUMN:
                    raise Unfit(about="damaged")
                line += [_said(cell.text), *[""] * (cell.across - 1)]
                if bottom > number:
                    filled |= dict.fromkeys(range(left, right + 1), bottom)
                if bottom > number or right > left:
                    merges.append((number, left, bottom, right))
            self._sink.row(number, line)
        for merge in merges:
            self._sink.merge(*merge)


def _span(said: str | None, most: int) -> int:
    """Return how many cells one spans; what is no number spans one, as in a browser."""
    found = re.match(r"\s*([0-9]{1,7})", said or "")
    return min(max(int(found[1]), 1), most) if found else 1


def _said(parts: list[str]) -> str:
    return "\n".join(filter(None, (line.strip() for line in "".join(parts).split("\n"))))

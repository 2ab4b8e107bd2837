"""Where the reading process puts what it reads: it counts, and writes one line of JSON for each row."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import BinaryIO

from importers.reader.limits import Limits

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""As far as a spreadsheet goes."""

STEP = 2_000
"""After so many rows it tells how far it is."""


class Unfit(Exception):  # noqa: N818 - an answer, not an error of the program
    """The file will not be read; `about` and `facts` become those of a `FileUnreadable`."""

    def __init__(self, *, about: str, **facts: object) -> None:
        super().__init__(about, facts)
        self.about = about
        self.facts = facts


class Sink:
    """Takes sheets, rows and merges, within `limits`; `far` says how far the file is read, from 0 to 1.

    Raises:
        Unfit: by each method, when the file holds more than is allowed.
    """

    def __init__(self, out: BinaryIO, limits: Limits) -> None:
        self._out = out
        self._limits = limits
        self._rows = self._cells = self._characters = self._last = 0
        self.far: Callable[[], float] = float

    def kind(self, kind: str, encoding: str = "") -> None:
        """Say what kind of file this is."""
        self._tell("kind", kind, encoding)

    def sheet(self, name: str, *, hidden: bool = False) -> None:
        """Begin a sheet."""
        self._last = 0
        self._count(cells=1, characters=len(name))
        self._tell("sheet", name, hidden)

    def row(self, number: int, cells: Sequence[str]) -> None:
        """Add a row to the sheet; one that holds nothing is passed over."""
        if not self._last < number <= LAST_ROW or len(cells) > LAST_COLUMN:
            raise Unfit(about="damaged")
        self._last = number
        width = len(cells)
        while width and not cells[width - 1].strip():
            width -= 1
        if not width:
            return
        cells = cells[:width]
        if max(map(len, cells)) > self._limits.cell_characters:
            raise Unfit(about="cell", row=number, limit=self._limits.cell_characters)
        self._rows += 1
        if self._rows > self._limits.rows:
            raise Unfit(about="rows", limit=self._limits.rows)
        self._count(cells=width, characters=sum(map(len, cells)))
        self._tell("row", number, cells)
        if self._rows % STEP == 0:
            self._tell("far", self.far())

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Say that cells of the sheet are shown as one."""
        if not (0 < top <= bottom <= LAST_ROW and 0 <= left <= right < LAST_COLUMN):
            raise Unfit(about="damaged")
        self._count(cells=1)
        self._tell("merge", top, left, bottom, right)

    def refuse(self, unfit: Unfit) -> None:
        """Say why nothing of the file is taken."""
        self._tell("refuse", unfit.about, unfit.facts)

    def end(self) -> None:
        """Say that this was all."""
        self._tell("end")

    def _count(self, *, cells: int, characters: int = 0) -> None:
        self._cells += cells
        self._characters += characters
        if self._cells > self._limits.cells:
            raise Unfit(about="cells", limit=self._limits.cells)
        if self._characters > self._limits.characters:
            raise Unfit(about="characters", limit=self._limits.characters)

    def _tell(self, *what: object) -> None:
        # Escaped, Chinese takes twice the room and the time; half a character, as damaged files hold, passes as it is.
        self._out.write(json.dumps(what, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")

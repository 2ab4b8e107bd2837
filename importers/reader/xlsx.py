"""Workbooks of Excel and WPS (.xlsx, ISO/IEC 29500): stored values, styles only where they make a number a day."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

from importers.reader import numbers
from importers.reader.packed import Package
from importers.reader.sink import LAST_COLUMN, Sink, Unfit

RELATIONS = "_rels/.rels"
_HIDDEN = {"hidden", "veryHidden"}


def read(package: Package, sink: Sink) -> None:
    """Read the worksheets of a workbook into `sink`, in their order."""
    start = _Relations("")
    package.parse(RELATIONS, start)
    if not start.of("officeDocument"):
        raise Unfit(about="kind")
    part = start.of("officeDocument")[0]
    book, targets = _Book(), _Relations(posixpath.dirname(part))
    package.parse(part, book)
    package.parse(posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels"), targets)
    shared, styles = _Shared(), _Styles()
    for kind, handler in (("sharedStrings", shared), ("styles", styles)):
        for part in targets.of(kind):
            if part in package.names:
                package.parse(part, handler)
    sheets = [(name, hidden, targets.at[key]) for name, hidden, key in book.sheets if key in targets.at]
    known = [each for each in sheets if each[2] in package.names and each[2] in targets.of("worksheet")]
    if not known:
        raise Unfit(about="damaged")
    for done, (name, hidden, part) in enumerate(known):
        sink.sheet(name, hidden=hidden)
        progress = [0.0]
        sink.far = lambda done=done, progress=progress: (done + progress[0]) / len(known)  # type: ignore[misc]
        package.parse(
            part,
            _Sheet(sink, shared.texts, styles.shows(since_1904=book.since_1904)),
            far=lambda share, progress=progress: progress.__setitem__(0, share),  # type: ignore[misc]
        )


class _Silent:
    """A handler that passes over what its heirs do not look at."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Pass over."""

    def end(self, name: str) -> None:
        """Pass over."""

    def text(self, text: str) -> None:
        """Pass over."""


class _Book(_Silent):
    """The workbook's list of sheets: name, whether it is hidden, and the key of its part."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, str]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            key = next((value for at, value in attributes.items() if at.endswith(":id")), "")
            self.sheets.append((attributes.get("name", ""), attributes.get("state") in _HIDDEN, key))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in {"1", "true"}


class _Relations(_Silent):
    """Where the parts are: for each key its part, for each kind its parts."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self.at: dict[str, str] = {}
        self._kinds: dict[str, list[str]] = {}

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            part = posixpath.normpath(posixpath.join("/", self._folder, attributes.get("Target", ""))).lstrip("/")
            self.at[attributes.get("Id", "")] = part
            self._kinds.setdefault(attributes.get("Type", "").rpartition("/")[2], []).append(part)

    def of(self, kind: str) -> list[str]:
        return self._kinds.get(kind, [])


class _Shared(_Silent):
    """The texts that cells share; how a name is pronounced is no part of it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._in_text = self._in_phonetics = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - attributes do not matter
        if name == "si":
            self._pieces = []
        elif name == "t":
            self._in_text = True
        elif name == "rPh":
            self._in_phonetics = True

    def end(self, name: str) -> None:
        if name == "si":
            self.texts.append("".join(self._pieces))
        elif name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_phonetics = False

    def text(self, text: str) -> None:
        if self._in_text and not self._in_phonetics:
            self._pieces.append(text)


class _Styles(_Silent):
    """How numbers are shown, by the number of the cell's style."""

    def __init__(self) -> None:
        self._patterns: dict[str, str] = {}
        self._formats: list[str] = []
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            self._patterns[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._formats.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def shows(self, *, since_1904: bool) -> list[Callable[[str], str]]:
        """Return for each style what makes a stored number into the text that is shown."""
        return [self._show(code, since_1904=since_1904) for code in self._formats]

    def _show(self, code: str, *, since_1904: bool) -> Callable[[str], str]:
        pattern = self._patterns.get(code, "")
        if numbers.shows_day(int(code) if code.isascii() and code.isdigit() else 0, pattern):
            return lambda stored: numbers.day(stored, since_1904=since_1904)
        if digits := numbers.padded(pattern):
            return lambda stored: numbers.plain(stored).zfill(digits)
        return numbers.plain


_AT = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)


class _Sheet(_Silent):
    """A worksheet: its rows go to the sink as they come."""

    def __init__(self, sink: Sink, shared: list[str], shows: list[Callable[[str], str]]) -> None:
        self._sink = sink
        self._shared = shared
        self._shows = shows
        self._row = 0
        self._cells: list[str] = []
        self._column = 0
        self._kind = self._style = ""
        self._value: list[str] | None = None
        self._formula: list[str] | None = None
        self._into: list[str] | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            # An inline text may come in several runs.
            self._value = self._into = self._value or []
        elif name == "f":
            self._formula = self._into = []
        elif name == "row":
            self._row = _whole(attributes["r"]) if "r" in attributes else self._row + 1
            self._cells = []
        elif name == "rPh":
            self._into = []
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        if name == "c":
            self._cells.append(self._shown())
        elif name in {"v", "t", "f", "rPh"}:
            self._into = None
        elif name == "row":
            self._sink.row(self._row, self._cells)

    def text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        column = _column(attributes["r"]) if "r" in attributes else len(self._cells)
        if not len(self._cells) <= column < LAST_COLUMN:
            raise Unfit(about="damaged")
        self._cells.extend([""] * (column - len(self._cells)))
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value = self._formula = None

    def _shown(self) -> str:
        if self._value is None:
            # A formula whose value was never stored is shown as it is: nobody evaluates it, nobody takes it for zero.
            return "" if self._formula is None else f"={''.join(self._formula)}"
        stored = "".join(self._value)
        if self._kind == "s":
            index = _whole(stored)
            if index >= len(self._shared):
                raise Unfit(about="damaged")
            return self._shared[index]
        if self._kind == "b":
            return "TRUE" if stored.strip() == "1" else "FALSE"
        if self._kind == "n" and stored:
            style = _whole(self._style) if self._style else 0
            return self._shows[style](stored) if style < len(self._shows) else numbers.plain(stored)
        return stored

    def _merge(self, reference: str) -> None:
        first, _, last = reference.replace("$", "").partition(":")
        (left, top), (right, bottom) = _place(first), _place(last or first)
        self._sink.merge(top, left, bottom, right)


_COLUMNS: dict[str, int] = {}


def _column(reference: str) -> int:
    letters = reference.rstrip("0123456789")
    if letters not in _COLUMNS:
        _COLUMNS[letters] = _place(reference)[0]
    return _COLUMNS[letters]


def _place(reference: str) -> tuple[int, int]:
    """Return column (from 0) and row (from 1) of a reference such as ``AB12``."""
    found = _AT.fullmatch(reference)
    if found is None:
        raise Unfit(about="damaged")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1, int(found[2])


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - more digits than any sheet counts
        raise Unfit(about="damaged")
    return int(text)

"""Where tables begin on a sheet: header rows of one, two or three rows, and the title above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from importers.tables import amounts, funds
from importers.tables.grid import Grid
from importers.tables.mapping import Mapping
from importers.tables.shapes import Column
from importers.tables.vocabulary import bare, clean, heading, unit_of, vocabulary

SUBJECTS = {"name", "township", "village", "county", "place", "content", "unit"}
MONEY = {"money", "amount", "total", "investment", "channel"}
_LONGEST_HEADING = 40
_MOST_HEADER_ROWS = 3
_MOST_TITLE_ROWS = 8
_DEEPEST = 30
"""So many rows may stand above a header that somebody is asked about."""
_MOSTLY = 0.3
_LONGEST_CHANNEL = 20
_KNOWN = 0.6
"""So much of a header row is known."""


@dataclass(frozen=True)
class Header:
    """A header: its rows, its columns, and the rows above it that are its title."""

    rows: tuple[int, ...]
    columns: tuple[Column, ...]
    above: tuple[int, ...]

    def of(self, *kinds: str) -> list[Column]:
        """Return the columns of these kinds."""
        return [column for column in self.columns if column.kind in kinds]

    def first(self, kind: str) -> Column | None:
        """Return the first column of a kind."""
        return next(iter(self.of(kind)), None)


def kind_of(text: str, mapping: Mapping) -> str:
    """Return what a heading means, or nothing."""
    said, _ = heading(text)
    if not said or len(said) > _LONGEST_HEADING:
        return ""
    known = vocabulary()
    if given := mapping.kind(said) or known.exact.get(said) or ("money" if funds.is_level(said) else ""):
        return given
    # A sentence that speaks of money is no heading.
    plain = re.sub(r"\(.*\)", "", said)
    if re.search("[,;，；。]", plain):
        return ""
    for word, kind in known.within:
        if word in said and len(word) >= _MOSTLY * len(plain):
            return kind
    return "money" if len(plain) <= _LONGEST_CHANNEL and any(w in plain for w in known.words["channel"]) else ""


@dataclass(frozen=True)
class Asked:
    """A heading that an office may be asked about: its name in a mapping, its kind if known, what stands below."""

    heading: str
    kind: str
    example: str


def likely(grid: Grid, mapping: Mapping) -> list[Asked]:
    """Return the headings of the row that looks most like a header, though it is not understood; none where none does.

    It is the first of the rows with most words and no number, with something below it.
    """
    best, most = 0, 1
    for row in grid.rows[:_DEEPEST]:
        texts = grid.filled(row)
        wordy = all(len(text) <= _LONGEST_HEADING and not amounts.is_number(text) for text in texts)
        if wordy and len(texts) > most and row != grid.rows[-1]:
            best, most = row, len(texts)
    below = next((row for row in grid.rows if row > best), 0)
    found = {
        heading(text)[0]: Asked(heading(text)[0], kind_of(text, mapping), clean(grid.cell(below, column)))
        for column, text in enumerate(grid.cells(best) if best else ())
        if heading(text)[0]
    }
    return list(found.values())


def find(grid: Grid, mapping: Mapping) -> list[Header]:
    """Return the headers on a sheet from top to bottom; one that is repeated on the next page is none."""
    found: list[Header] = []
    position = 0
    while position < len(grid.rows):
        header = _at(grid, position, mapping)
        if header is None:
            position += 1
            continue
        position += len(header.rows)
        before = found[-1] if found else None
        if before and [c.heading for c in before.columns] == [c.heading for c in header.columns] and not header.above:
            continue
        found.append(header)
    return found


def _at(grid: Grid, position: int, mapping: Mapping) -> Header | None:
    top = grid.rows[position]
    texts = grid.filled(top)
    kinds = [kind_of(text, mapping) for text in texts]
    known = [kind for kind in kinds if kind]
    if len(texts) < 2 or len(known) < max(2, _KNOWN * len(texts)) or any(map(amounts.is_number, texts)):  # noqa: PLR2004
        return None
    if len(set(known)) < 2:  # noqa: PLR2004 - a table has a subject and money
        return None
    rows = [top]
    for row in grid.rows[position + 1 : position + _MOST_HEADER_ROWS]:
        if row != rows[-1] + 1 or not _continues(grid, rows, row, mapping):
            break
        rows.append(row)
    columns = tuple(_columns(grid, rows, mapping))
    header = Header(tuple(rows), _settled(columns), tuple(_above(grid, position)))
    return header if header.of(*SUBJECTS) and header.of(*MONEY) else None


def _continues(grid: Grid, rows: Sequence[int], row: int, mapping: Mapping) -> bool:
    """Tell whether a row holds headings below those of `rows`."""
    top = rows[0]
    for column, text in enumerate(grid.cells(row)):
        if not text.strip():
            continue
        above = kind_of(grid.cell(top, column) or grid.covering(top, column), mapping)
        if amounts.is_number(text) or above in {"number", "name"} or not kind_of(text, mapping):
            return False
        if above and above not in MONEY:
            return False
    return True


def _columns(grid: Grid, rows: Sequence[int], mapping: Mapping) -> Iterator[Column]:
    width = max(len(grid.cells(row)) for row in rows)
    parent = ""
    for index in range(width):
        own = [grid.cell(row, index) for row in rows]
        if not own[0].strip() and len(rows) > 1:
            across = grid.covering(rows[0], index) if grid.covered_across(rows[0], index) else ""
            own[0] = across or (parent if any(text.strip() for text in own[1:]) else "")
        parent = own[0] if own[0].strip() else parent
        path = [text for text in own if text.strip()]
        if not path:
            continue
        kind = kind_of(path[-1], mapping)
        if len(path) > 1 and kind not in MONEY and kind_of(path[0], mapping) in MONEY:
            # 其他 below 资金来源 is money too.
            kind = "money"
        unit = next((named for text in reversed(path) if (named := heading(text)[1])), "")
        yield Column(index, "/".join(heading(text)[0] for text in path), kind, unit)


def _settled(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns once it is known which others there are."""
    kinds = {column.kind for column in columns}
    if "name" not in kinds and "content" in kinds:
        first = next(column for column in columns if column.kind == "content")
        columns = tuple(replace(column, kind="name") if column is first else column for column in columns)
    elif not kinds & (SUBJECTS - {"unit"}) and "quantity" not in kinds:
        columns = tuple(replace(column, kind="county") if column.kind == "unit" else column for column in columns)
    return tuple(_moneys(columns))


def _moneys(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Settle which columns are channels, which one is the amount, and which only say what the parts come to."""
    amount = [column for column in columns if column.kind == "amount"]
    parts = any(column.kind == "money" for column in columns)
    given = [column for column in amount if re.search("补助|奖补|安排|下达|分配|拨付", column.heading)] or amount
    last = [column for column in columns if column.kind in {"total", "investment"}]
    for column in columns:
        if column.kind == "amount" and parts:
            yield replace(column, kind="money" if re.search("补助|奖补", column.heading) else "total")
        elif column.kind == "amount":
            yield column if column is given[0] else replace(column, kind="investment")
        elif column.kind in {"total", "investment"} and not parts and not amount and column is last[0]:
            yield replace(column, kind="amount")
        else:
            yield column


def _above(grid: Grid, position: int) -> list[int]:
    """Return the rows above a header that are its title, its unit, or its annex number."""
    rows: list[int] = []
    for row in reversed(grid.rows[max(0, position - _MOST_TITLE_ROWS) : position]):
        texts = grid.filled(row)
        if len(texts) > 2 or any(map(amounts.is_number, texts)) or is_note(texts[0]) or is_total(texts[0]):  # noqa: PLR2004
            break
        rows.append(row)
    return rows[::-1]


def is_note(text: str) -> bool:
    """Tell whether a row that begins so is a note below a table, or who made it."""
    said = bare(text)
    return any(said.startswith(word) for word in vocabulary().words["note"]) and not said.startswith("说明书")


def is_total(text: str) -> str:
    """Return ``total`` or ``subtotal`` if a row that begins so states a sum, or nothing."""
    said = re.sub(r"\(.*\)$|[:;]+$", "", bare(text))
    words = vocabulary().words
    if said in words["subtotal"] or (len(said) < 12 and said.endswith(words["subtotal"])):  # noqa: PLR2004
        return "subtotal"
    return "total" if said in words["total"] or (len(said) < 8 and said.endswith(words["total"])) else ""  # noqa: PLR2004


def title_of(grid: Grid, rows: Sequence[int]) -> tuple[str, str]:
    """Return the title that stands in `rows` on one line, and the unit that is stated there."""
    unit, words = "", []
    for row in rows:
        for text in grid.filled(row):
            unit = unit_of(text) or unit
            said = re.sub(r"[(（]?\s*(?:金额)?单位\s*[:：].*$", "", text, flags=re.DOTALL)
            if said := funds.without_annex(said):
                words.append(clean(said))
    return "".join(words), unit

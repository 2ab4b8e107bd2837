"""Reading a list: its header, its rows, what they add up to, and who stands in it twice."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from importers.errors import CellAmountUnfit, FileUnreadable
from importers.lists import masks
from importers.lists.rows import Listing, ListRow, Value
from importers.reader import Workbook, column_name
from importers.tables import amounts, header
from importers.tables.grid import Grid
from importers.tables.shapes import Doubt, Total
from importers.tables.vocabulary import clean, heading, unit_of
from ledger.errors import Refusal

_DEEPEST = 30
"""So many rows may stand above the header."""


@dataclass(frozen=True)
class _Head:
    kind: str
    row: int
    columns: dict[int, tuple[str, str, str]]
    """For each column its name, its unit and its heading."""


def find(workbook: Workbook) -> str:
    """Return which kind of list a workbook holds, or nothing."""
    return next((head.kind for sheet in workbook.sheets if (head := _head(Grid(sheet))) is not None), "")


def read(workbook: Workbook, *, path: Path) -> Listing:
    """Return the list in a workbook: all sheets that hold the kind of the first. `path` only names it in messages.

    Amounts are in yuan where nothing else is said, as lists of people are.

    Raises:
        FileUnreadable: there is none.
    """
    kind, title = find(workbook), ""
    if not kind:
        raise FileUnreadable(about="no-table", path=path)
    rows: list[ListRow] = []
    totals: list[Total] = []
    problems: list[Refusal] = []
    for sheet in workbook.sheets:
        grid = Grid(sheet)
        head = _head(grid)
        if head is None or head.kind != kind or sheet.hidden:
            continue
        above, unit = header.title_of(grid, [row for row in grid.rows if row < head.row])
        title = title or above
        own = list(_rows(grid, head, unit or "元", problems, totals))
        totals += [
            Total(
                sheet=grid.sheet,
                row=each.row,
                label=each.label,
                column=each.column,
                stated=each.stated,
                computed=_sum(own, each),
            )
            for each in _taken(totals)
        ]
        rows += own
    return Listing(kind, title, tuple(rows), tuple(totals), (*_mismatches(totals), *_doubts(rows)), tuple(problems))


@cache
def _kinds() -> tuple[list[tuple[str, list[str | list[str]]]], dict[str, str]]:
    known = tomllib.loads(files("importers.lists").joinpath("kinds.toml").read_text(encoding="utf-8"))
    words = {word: name for name, words in known.pop("columns").items() for word in words}
    return [(kind, says["needs"]) for kind, says in known.items()], words


def _head(grid: Grid) -> _Head | None:
    kinds, words = _kinds()
    for row in grid.rows[:_DEEPEST]:
        columns: dict[int, tuple[str, str, str]] = {}
        for index, cell in enumerate(grid.cells(row)):
            said, unit = heading(cell)
            if said in words and words[said] not in {name for name, _, _ in columns.values()}:
                columns[index] = words[said], unit, said
        names = {name for name, _, _ in columns.values()}
        for kind, needs in kinds:
            if all(need in names if isinstance(need, str) else names & set(need) for need in needs):
                return _Head(kind, row, columns)
    return None


def _rows(grid: Grid, head: _Head, unit: str, problems: list[Refusal], totals: list[Total]) -> Iterator[ListRow]:
    """Read the rows below a header; sums that they state are added to `totals`, yet without what they should be."""
    for row in grid.rows:
        texts = grid.filled(row)
        if row <= head.row or texts == grid.filled(head.row):
            continue
        values = dict(_values(grid, head, row, unit, problems))
        label = next((text for text in texts[:2] if header.is_total(text)), "")
        if label:
            totals += [
                Total(sheet=grid.sheet, row=row, label=clean(label), column=said, stated=fen, computed=-1)
                for name, _, said in head.columns.values()
                if isinstance(fen := values.get(name), int)
            ]
        elif any(name in values for name in ("person", "asset", "indicator")):
            yield ListRow(grid.sheet, row, values)
        elif unit_of(texts[0]):
            unit = unit_of(texts[0])


def _values(grid: Grid, head: _Head, row: int, unit: str, problems: list[Refusal]) -> Iterator[tuple[str, Value]]:
    for index, (name, own, said) in head.columns.items():
        text = clean(grid.cell(row, index)) or clean(grid.covering(row, index))
        if not text or (name.endswith("_fen") and amounts.is_empty(text)):
            continue
        if not name.endswith("_fen"):
            yield name, text
            continue
        try:
            yield name, amounts.read(text, own or unit)
        except Refusal as refusal:
            facts = {"row": row, "column": f"{column_name(index)} {said}", "text": text[:60], "unit": own or unit}
            problems.append(CellAmountUnfit(about=amounts.flaw(refusal, text), **facts))


def _taken(totals: list[Total]) -> list[Total]:
    """Take out the sums that were stated and not yet computed."""
    waiting = [each for each in totals if each.computed < 0]
    totals[:] = [each for each in totals if each.computed >= 0]
    return waiting


def _sum(rows: Sequence[ListRow], total: Total) -> int:
    name = _kinds()[1][total.column]
    return sum(int(row.values.get(name, 0)) for row in rows if name.endswith("_fen"))


def _mismatches(totals: Sequence[Total]) -> list[Doubt]:
    return [
        Doubt(
            code="total-differs",
            sheet=total.sheet,
            row=total.row,
            column=total.column,
            text=total.label,
            facts={
                "label": total.label,
                "stated": total.stated,
                "computed": total.computed,
                "off": abs(total.stated - total.computed),
            },
        )
        for total in totals
        if total.stated != total.computed
    ]


def _doubts(rows: Sequence[ListRow]) -> Iterator[Doubt]:
    """Look for ID numbers that cannot be, people and cards that come twice, and who paid more than was due."""
    seen: dict[tuple[str, str], int] = {}
    for each in rows:
        identity = str(each.values.get("identity", ""))
        if identity and not masks.is_identity(identity):
            yield _doubt("identity-unfit", each, masks.masked("identity", identity))
        for name in ("identity", "account"):
            text = str(each.values.get(name, ""))
            if text and "*" not in text and seen.setdefault((name, text), each.row) != each.row:
                yield _doubt(f"{name}-twice", each, masks.masked(name, text), first=seen[name, text])
        due, paid = each.values.get("due_fen"), each.values.get("paid_fen")
        if isinstance(due, int) and isinstance(paid, int) and paid > due:
            yield _doubt("paid-over-due", each, masks.masked("person", each.name), due=due, paid=paid)


def _doubt(code: str, row: ListRow, text: str, **facts: object) -> Doubt:
    return Doubt(code=code, sheet=row.sheet, row=row.row, text=text, facts=facts)

"""Reading the tables of a workbook, from the first header to the last note."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

from importers.errors import FileUnreadable
from importers.reader import Workbook
from importers.tables import funds, header, roles, totals
from importers.tables.grid import Grid
from importers.tables.header import Asked, Header
from importers.tables.mapping import Mapping
from importers.tables.rows import Draft, Rows
from importers.tables.shapes import Doubt, Passed, Reading, Table, TableRow

MOST_ROWS = 20_000
MOST_CELLS = 400_000
"""Longer and wider tables are none that people publish."""

_NO_MAPPING = Mapping()


def read(workbook: Workbook, *, path: Path, mapping: Mapping = _NO_MAPPING) -> Reading:
    """Return the tables of a workbook; hidden sheets are passed over. `path` only names it in messages.

    Raises:
        FileUnreadable: no sheet has a table with a header that is understood, or too many rows.
    """
    shown = [sheet for sheet in workbook.sheets if not sheet.hidden]
    if sum(len(sheet.rows) for sheet in shown) > MOST_ROWS:
        raise FileUnreadable(about="rows", path=path, limit=MOST_ROWS)
    if sum(len(row.cells) for sheet in shown for row in sheet.rows) > MOST_CELLS:
        raise FileUnreadable(about="cells", path=path, limit=MOST_CELLS)
    tables: list[Table] = []
    for sheet in shown:
        grid = Grid(sheet)
        heads = header.find(grid, mapping)
        for head, after in zip_longest(heads, heads[1:]):
            tables.append(_table(grid, head, after, mapping, before=tables[-1] if tables else None))
    if not any(table.rows for table in tables):
        raise FileUnreadable(about="no-table", path=path)
    hidden = [Doubt(code="sheet-hidden", sheet=sheet.name) for sheet in workbook.sheets if sheet.hidden]
    return Reading((replace(tables[0], doubts=(*tables[0].doubts, *hidden)), *tables[1:]))


def asked(workbook: Workbook, *, mapping: Mapping = _NO_MAPPING) -> list[Asked]:
    """Return the headings that an office may be asked about, of a workbook in which no table was found."""
    sheets = (header.likely(Grid(sheet), mapping) for sheet in workbook.sheets if not sheet.hidden)
    return next(filter(None, sheets), [])


def _table(grid: Grid, head: Header, after: Header | None, mapping: Mapping, before: Table | None) -> Table:
    title, unit = header.title_of(grid, head.above)
    fund = funds.fund_of(title) or (before.fund if before and not title else "")
    stated = unit or mapping.unit or (before.unit if before and not title else "")
    rows = Rows(grid, head, fund=fund, unit=stated)
    end = (after.above or after.rows)[0] if after else grid.rows[-1] + 1
    for row in grid.rows[bisect_right(grid.rows, head.rows[-1]) : bisect_left(grid.rows, end)]:
        rows.read(row)
    sums = roles.settle(rows.drafts)
    found, doubts = totals.check(rows, sums)
    if rows.guessed:
        doubts.insert(0, Doubt(code="unit-unstated", sheet=grid.sheet, row=head.rows[0]))
    passed = [Passed(grid.sheet, row, "title", " ".join(grid.filled(row)).strip()) for row in head.above]
    passed += [Passed(grid.sheet, row, "header", "") for row in head.rows]
    data = [draft for draft in rows.drafts if not draft.total]
    return Table(
        sheet=grid.sheet,
        title=title,
        fund=fund,
        document=funds.document_of(title),
        unit=rows.unit,
        header=head.rows,
        columns=head.columns,
        rows=tuple(_row(grid, draft) for draft in data),
        totals=tuple(found),
        passed=tuple(passed + rows.passed),
        doubts=tuple(doubts + rows.doubts + _empty(grid, data)),
        problems=tuple(rows.problems),
    )


def _row(grid: Grid, draft: Draft) -> TableRow:
    return TableRow(
        sheet=grid.sheet,
        row=draft.row,
        role=draft.role,  # type: ignore[arg-type]
        number=draft.number,
        name=draft.name,
        township=draft.township,
        village=draft.village,
        place=draft.place,
        parts=tuple(draft.parts),
        stated_fen=next(iter(draft.stated.values()), None),
        investment_fen=draft.investment,
        texts=draft.texts,
    )


def _empty(grid: Grid, drafts: list[Draft]) -> list[Doubt]:
    return [
        Doubt(code="no-amount", sheet=grid.sheet, row=draft.row, text=draft.name)
        for draft in drafts
        if draft.role == "project" and draft.fen is None and not draft.bad
    ]

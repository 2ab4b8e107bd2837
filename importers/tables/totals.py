"""Sums that a table states, beside the sums of the rows that they stand for; governments publish mismatches."""

from __future__ import annotations

from collections.abc import Sequence

from importers.tables.roles import Sum
from importers.tables.rows import Draft, Rows
from importers.tables.shapes import Doubt, Total
from importers.tables.vocabulary import vocabulary


def check(rows: Rows, sums: Sequence[Sum]) -> tuple[list[Total], list[Doubt]]:
    """Return all stated sums with what they should be, and a doubt for each that differs."""
    totals = [*_stated(rows), *_numbered(rows, sums), *_balance(rows)]
    doubts = [
        _doubt("total-differs", total, column=total.column, off=abs(total.stated - total.computed), label=total.label)
        for total in totals
        if total.stated != total.computed
    ]
    return sorted(totals, key=lambda total: total.row), [*doubts, *_across(rows), *_ahead(rows)]


def _doubt(code: str, total: Total, **facts: object) -> Doubt:
    known = {"stated": total.stated, "computed": total.computed}
    column = str(facts.pop("column", ""))
    return Doubt(code=code, sheet=total.sheet, row=total.row, column=column, text=total.label, facts=known | facts)


def _stated(rows: Rows) -> list[Total]:
    """The rows 小计 and 合计: first, in the middle or last, each column by itself."""
    found = []
    blocks = _Blocks(rows)
    for index, draft in enumerate(rows.drafts):
        for heading, stated in draft.stated.items() if draft.total else ():
            candidates = blocks.sums(index, heading)
            computed = stated if stated in candidates else candidates[0]
            found.append(_total(rows, draft, heading, stated, computed))
    return found


class _Blocks:
    """Which rows a stated sum may stand for; each block is walked once, however many sums there are."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._drafts = rows.drafts
        self._counted = [each for each in rows.drafts if not each.total and each.role == "project"]
        self._whole: dict[str, int] = {}
        self._alone = sum(each.total == "total" for each in rows.drafts) == 1
        self._first = next((index for index, each in enumerate(rows.drafts) if not each.total), 0)
        self._leads = any(each.total == "subtotal" for each in rows.drafts[: self._first])

    def sums(self, index: int, heading: str) -> list[int]:
        """Return what a sum may come to, the likeliest first."""
        if self._drafts[index].total == "subtotal":
            return [_sum(self._block(index, 1 if self._leads else -1, any_total=True), heading, self._rows)]
        if heading not in self._whole:
            self._whole[heading] = _sum(self._counted, heading, self._rows)
        if self._alone or index < self._first:
            return [self._whole[heading]]
        return [_sum(self._block(index, -1, any_total=False), heading, self._rows), self._whole[heading]]

    def _block(self, index: int, step: int, *, any_total: bool) -> list[Draft]:
        """Return the rows before or behind a sum, up to the next sum of its kind."""
        found: list[Draft] = []
        index += step
        while 0 <= index < len(self._drafts):
            each = self._drafts[index]
            if each.total == "total" or (any_total and each.total):
                break
            if not each.total and each.role == "project":
                found.append(each)
            index += step
        return found


def _sum(drafts: Sequence[Draft], heading: str, rows: Rows) -> int:
    [column] = [column for column in rows.head.columns if column.heading == heading][:1]
    if column.kind == "total":
        return sum(draft.stated.get(heading, draft.fen or 0) for draft in drafts)
    if column.kind == "investment":
        return sum(draft.investment or 0 for draft in drafts)
    return sum(part.fen or 0 for draft in drafts for part in draft.parts if part.column == column.index)


def _numbered(rows: Rows, sums: Sequence[Sum]) -> list[Total]:
    money = rows.head.of("amount", "money")
    return [
        _total(
            rows,
            each.whole,
            money[0].heading,
            each.whole.fen or 0,
            sum(part.fen or 0 for part in each.parts),
            each.label,
        )
        for each in sums
        if money
    ]


def _balance(rows: Rows) -> list[Total]:
    """Sources and uses in one list come to the same, also by channel where each use names one of the sources."""
    sources = [draft for draft in rows.drafts if draft.role == "source" and not draft.total]
    uses = [draft for draft in rows.drafts if draft.role == "project" and not draft.total]
    if not sources or not uses or any(draft.fen is None for draft in sources):
        return []
    heading = rows.head.of("amount", "money")[0].heading
    last = sources[-1]
    found = [_total(rows, last, heading, sum(s.fen or 0 for s in sources), sum(u.fen or 0 for u in uses), "Σ")]
    given = {part.channel for draft in sources for part in draft.parts}
    used: dict[str, int] = {}
    for part in (part for draft in uses for part in draft.parts):
        used[part.channel] = used.get(part.channel, 0) + (part.fen or 0)
    if used.keys() <= given:
        for draft in sources:
            for part in draft.parts:
                computed = used.get(part.channel, 0)
                found.append(_total(rows, draft, heading, part.fen or 0, computed, part.channel))
    return found


def _total(rows: Rows, draft: Draft, column: str, stated: int, computed: int, label: str = "") -> Total:
    return Total(
        sheet=rows.grid.sheet, row=draft.row, label=label or draft.name, column=column, stated=stated, computed=computed
    )


def _across(rows: Rows) -> list[Doubt]:
    """The parts of a row come to what the row says, and to no more than the whole investment."""
    doubts = []
    for draft in rows.drafts:
        if draft.total or draft.bad or draft.fen is None:
            continue
        for heading, stated in draft.stated.items():
            if stated != draft.fen:
                facts = {"stated": stated, "computed": draft.fen, "off": abs(stated - draft.fen), "name": draft.name}
                doubts.append(_at(rows, draft, "row-differs", heading, facts))
        if draft.investment is not None and draft.investment < draft.fen:
            facts = {"stated": draft.investment, "computed": draft.fen, "off": draft.fen - draft.investment}
            doubts.append(_at(rows, draft, "over-investment", "", facts | {"name": draft.name}))
    return doubts


def _ahead(rows: Rows) -> list[Doubt]:
    """More arrived from a source than was planned."""
    planned_word, arrived_word = vocabulary().compare
    planned = {draft.name: draft.fen or 0 for draft in rows.drafts if draft.number == planned_word}
    return [
        _at(
            rows,
            draft,
            "arrived-over-plan",
            "",
            {"name": draft.name, "stated": planned[draft.name], "computed": draft.fen},
        )
        for draft in rows.drafts
        if draft.number == arrived_word and (draft.fen or 0) > planned.get(draft.name, draft.fen or 0)
    ]


def _at(rows: Rows, draft: Draft, code: str, column: str, facts: dict[str, object]) -> Doubt:
    return Doubt(code=code, sheet=rows.grid.sheet, row=draft.row, column=column, text=draft.name, facts=facts)

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
    for index, draft in enumerate(rows.drafts):
        if draft.total:
            for column in rows.head.of("money", "amount", "total", "investment"):
                if column.heading in draft.stated:
                    stated = draft.stated[column.heading]
                    computed = _meant(stated, [_sum(block, column.heading, rows) for block in _blocks(rows, index)])
                    found.append(_total(rows, draft, column.heading, stated, computed))
    return found


def _meant(stated: int, candidates: Sequence[int]) -> int:
    return stated if stated in candidates else candidates[0]


def _blocks(rows: Rows, index: int) -> list[list[Draft]]:
    """Return the rows that a sum may stand for, the likeliest first."""
    drafts = rows.drafts
    counted = [each for each in drafts if not each.total and each.role == "project"]
    before = _until_total(drafts[:index][::-1], any_total=True)[::-1]
    after = _until_total(drafts[index + 1 :], any_total=True)
    first = not any(not each.total for each in drafts[:index])
    if drafts[index].total == "subtotal":
        leads = next((each.total for each in drafts if not each.total or each.total == "subtotal"), "")
        return [after if leads else before]
    if first:
        return [counted]
    alone = sum(each.total == "total" for each in drafts) == 1
    since = _until_total(drafts[:index][::-1], any_total=False)[::-1]
    return [counted] if alone else [since, counted]


def _until_total(drafts: Sequence[Draft], *, any_total: bool) -> list[Draft]:
    found = []
    for each in drafts:
        if each.total == "total" or (any_total and each.total):
            break
        if not each.total and each.role == "project":
            found.append(each)
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
    used = [part for draft in uses for part in draft.parts]
    if all(part.channel in given for part in used):
        for draft in sources:
            for part in draft.parts:
                computed = sum(each.fen or 0 for each in used if each.channel == part.channel)
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

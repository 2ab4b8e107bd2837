"""Tests that compare projects, over all books that are looked at."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from rapidfuzz.fuzz import ratio

from ledger import money
from ledger.errors import Refusal
from projects.audit.model import Hit
from projects.audit.money import Looked, Parameters
from projects.audit.reading import Reading
from projects.figures import ASSETS
from projects.units import Quantity, measured, unit

SCALE = 10_000
"""Robust deviations are compared in whole numbers."""


def duplicate_project(books: Sequence[Reading], with_: Parameters) -> Looked:
    """Two projects of one type with names and places alike and the same quantity; numbers in a name are never alike."""
    every = [(book, code, row) for book in books for code, row in book.projects.items()]
    groups: dict[tuple[str, str, str], list[tuple[Reading, str, Mapping[str, Any]]]] = defaultdict(list)
    for book, code, row in every:
        if row["quantity"]:
            groups[str(row["type"]), str(row["quantity"]), str(row["unit"])].append((book, code, row))
    for some in groups.values():
        for (book, code, row), (other, twin, there) in combinations(some, 2):
            if _alike(row, there, with_["percent"]) and (row["place"] or book is other):
                amount = other.left("allotted", project=twin)
                facts = {"project": book.project_label(code), "book": book.book, "twin": other.project_label(twin)}
                facts |= {"other": other.book, "quantity": f"{row['quantity']} {row['unit']}".strip()}
                key = f"{twin}-{book.book}-{code}"
                yield Hit(other.book, key, other.on.isoformat(), amount, (), twin, facts=facts)
            else:
                yield None


def _alike(row: Mapping[str, Any], there: Mapping[str, Any], percent: int) -> bool:
    names = str(row["name"]), str(there["name"])
    places = str(row["place"] or ""), str(there["place"] or "")
    if any(_numbers(one) != _numbers(other) for one, other in (names, places)):
        return False
    return ratio(*names) >= percent and (places[0] == places[1] or ratio(*places) >= percent)


def _numbers(text: str) -> list[str]:
    return re.findall(r"[0-9]+|[一二三四五六七八九十]+|[东西南北上下前后甲乙丙丁]", text)


def unit_cost(books: Sequence[Reading], with_: Parameters) -> Looked:
    """A project that cost much more, or much less, by the unit than like ones: by median and median deviation."""
    groups: dict[tuple[str, str], list[tuple[Reading, str, int, str]]] = defaultdict(list)
    for book in books:
        for code, row in book.projects.items():
            accepted = book.standing("acceptance", project=code)
            if not accepted:
                continue
            cost = sum(each.sum(*ASSETS, "welfare_expense") for each in accepted)
            found = _quantity(accepted[-1].facts.get("quantity", ""))
            if found and found.amount > 0:
                per_unit = cost * 10**found.decimals // found.amount
                groups[str(row["type"]), found.unit.small].append((book, code, per_unit, accepted[-1].label))
    for (_, small), some in sorted(groups.items()):
        if len(some) < with_["least"]:
            continue
        middle = _median([cost for *_, cost, _ in some])
        # Where half of all cost the same, a twentieth of it stands for the deviation.
        spread = max(_median([abs(cost - middle) for *_, cost, _ in some]), middle // 20, 1)
        for book, code, cost, label in some:
            far = 6745 * abs(cost - middle) > with_["deviations"] * SCALE // 10 * spread
            facts = {"project": book.project_label(code), "amount": cost, "middle": middle, "count": len(some)}
            on = book.standing("acceptance", project=code)[-1].date
            hit = Hit(book.book, code, on, cost - middle, (label,), code, facts=facts | {"unit": small})
            yield hit if far else None


def _quantity(text: str) -> Quantity | None:
    """Return what an acceptance says was measured, None where that is no quantity."""
    number, _, name = text.partition(" ")
    try:
        return measured(money.parse_quantity(number, scale=3), unit(name))
    except Refusal:
        return None


def _median(values: list[int]) -> int:
    ranked = sorted(values)
    half = len(ranked) // 2
    return ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) // 2

"""A planted township: villages full of honest lives and look-alikes, and a known number of wrongs among them, seeded."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from conftest import CHANNELS, Clerk, Clock, Salts
from wrongs import CASES, COUNTY, EARLY, LATE, ON, Step, day, life, like_ones, play, short

from ledger import channels, people, register
from ledger.books.write import settle
from ledger.store import workspace as workspaces
from projects import registry
from projects.audit import Report
from projects.audit.model import Hit

ONCE = {"cash-over-limit", "unreconciled", "many-reversals", "year-end-rush", "fee-over-cap"}
"""Wrongs of a whole book, or of a channel in it: in the book they stand under another key than a project."""


@dataclass
class Township:
    """What was planted where: for each wrong the test that has to find it, its book and its project."""

    planted: set[tuple[str, str, str]] = field(default_factory=set)
    vouchers: int = 0


@dataclass(frozen=True)
class Score:
    """How many wrongs of a test were planted, found, and missed; how much else it found."""

    planted: int
    right: int
    wrong: int

    @property
    def recall(self) -> str:
        return _share(self.right, self.planted)

    @property
    def precision(self) -> str:
        return _share(self.right, self.right + self.wrong)


def build(clerk: Any, folder: Path, *, villages: int, vouchers: int, wrongs: int, seed: int) -> Township:
    """Play a township into a workspace: `wrongs` of them over the villages, the rest honest."""
    chance = random.Random(seed)
    made = Township()
    codes = list(CASES)
    share = vouchers // villages
    late: list[Step] = []
    for number in range(villages):
        book = f"T{number:02}"
        _open(clerk, book)
        steps = list(like_ones())
        mine = [each for each in range(wrongs) if each % villages == number]
        for place, each in enumerate(mine):
            code, project = codes[each % len(codes)], f"P{101 + place}"
            steps += CASES[code](project, chance.choice("ab"))
            made.planted.add((code, book, "" if code in ONCE else project))
        steps += _alike({codes[each % len(codes)] for each in mine})
        steps += _reconciled(wrong="unreconciled" in {codes[each % len(codes)] for each in mine})
        filler = _honest(chance)
        while _count(steps) < share:
            steps += next(filler)
        late += [each for each in steps if each.verb == "rule"]
        made.vouchers += len(play(clerk, [each for each in steps if each.verb != "rule"], folder, book))
    # The office's rule comes late for every village.
    play(clerk, late[:1], folder, "T00")
    return made


def _alike(used: set[str]) -> list[Step]:
    """The innocent case of every test that has none of its wrongs in this book to be mixed up with."""
    steps = []
    for place, (code, case) in enumerate(CASES.items()):
        if code not in used | {"unreconciled"}:
            steps += case(f"P{151 + place}", "clean")
    return steps


def _honest(chance: random.Random) -> Iterator[list[Step]]:
    """Yield honest lives of all sizes without end."""
    number = 200
    while True:
        number += 1
        start = day(chance.choice((EARLY, LATE)), chance.randrange(0, 40))
        price = chance.randrange(270, 330) * 1000
        yield chance.choice((life, short))(f"P{number}", start, price)


def _reconciled(*, wrong: bool) -> list[Step]:
    """Every month end of the account agrees; in a book where that is planted one month of the middle does not."""
    ends = [
        f"{year}-{month:02}-{last}"
        for year in (2024, 2025, 2026)
        for month, last in _MONTHS
        if (year, month) < (2026, 6)
    ]
    ends = [each.replace("2024-02-28", "2024-02-29") for each in ends]
    return [Step(each, "reconciled", {"bank": "B01"}) for each in ends if not (wrong and each.startswith("2026-04"))]


_MONTHS = [
    (1, 31),
    (2, 28),
    (3, 31),
    (4, 30),
    (5, 31),
    (6, 30),
    (7, 31),
    (8, 31),
    (9, 30),
    (10, 31),
    (11, 30),
    (12, 31),
]


def _count(steps: list[Step]) -> int:
    beside = {"project", "procured", "rule", "payee", "reconciled"}
    told = {"deliberate", "approve", "put-up", "take-down", "inspect", "handover"}
    return sum(each.verb not in beside | told for each in steps)


def _open(clerk: Any, book: str) -> None:
    with clerk.workspace.write() as unit:
        registry.add_village(unit, f"W{book[1:]}", name=f"{book}村")
        register.add_book(unit, book, village=f"W{book[1:]}", name=f"{book}村专账", started_on=date(2024, 1, 1))
        register.add_bank(unit, book, "B00", name="村基本户", kind="own", channels=["CJ2024"])
        held = [code for code, _, source in CHANNELS if source not in {"in_kind", "labour"}]
        register.add_bank(unit, book, "B01", name="农商行专户", kind="dedicated", channels=held)
        unit.commit()


def scores(report: Report, made: Township) -> dict[str, Score]:
    """Return for every test what it found of what was planted, and what else."""
    found: dict[str, set[tuple[str, str, str]]] = {}
    extra: Counter[str] = Counter()
    for code, hit in ((each.test.code, each.hit) for each in report.findings):
        key = key_of(code, hit)
        if key in made.planted:
            found.setdefault(code, set()).add(key)
        else:
            extra[code] += 1
    planted = Counter(code for code, *_ in made.planted)
    return {code: Score(planted[code], len(found.get(code, ())), extra[code]) for code in CASES}


def key_of(code: str, hit: Hit) -> tuple[str, str, str]:
    """Return under what a finding is known here: test, book, and the project where it is one of a project."""
    project = f"P{hit.project[2:]}" if code == "duplicate-project" else hit.project
    return code, hit.book, "" if code in ONCE else project


def total(each: dict[str, Score]) -> Score:
    """Return the sum over all tests."""
    return Score(*(sum(getattr(score, name) for score in each.values()) for name in ("planted", "right", "wrong")))


@contextmanager
def office(folder: Path) -> Iterator[Any]:
    """Make an office with a clerk and an approver, its channels, and a county that lets projects begin outside the library."""
    clock = Clock()
    made = workspaces.create(folder / "ws", clock=clock, salts=Salts())
    with made.write() as unit:
        for name, role in [("zhang", "maker"), ("wang", "maker"), ("li", "approver"), ("zhao", "auditor")]:
            people.add_user(unit, name, roles=[role])
        for code, name, source in CHANNELS:
            channels.add_channel(unit, code, name=name, source=source)
        unit.commit()
    clerk = Clerk(made, clock)
    clock.set(ON)
    clerk.county(*COUNTY)
    try:
        yield clerk
    finally:
        settle(made)
        made.close()


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"

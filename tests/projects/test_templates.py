"""No entry template without a test of its entry, one of each floor that it draws on, and one of its reversal.

`tests/data/templates.txt` names them; here it is checked that all are named, that they exist, and that they are what
they are named for. The cases themselves are played by `test_events.py` and `test_later_events.py`, which reverse every
entry and look at which account a refusal names. The floors are checked here a second time, template by template and
without a verb, so that none depends on what a verb refuses by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import test_events as first
import test_later_events as later
from templates import CHART, NEVER, drawn_on, shown

from ledger.balances import State
from ledger.chart import Line, Place, Share
from ledger.errors import BelowFloor
from ledger.proposals import YEAR_END, Proposal
from ledger.register import GENERAL_PROJECT
from ledger.rules import check

DAY = date(2024, 3, 1)
SHOWN = shown()
TEMPLATES = sorted(CHART.events)
ENTRIES = {str(case.id): case.values for case in [*first.ENTRIES, *later.ENTRIES]}
REFUSALS = {str(case.id): case.values for case in [*first.REFUSALS, *later.REFUSALS]}
PLACE = Place(
    project="P001",
    title="通村公路",
    contract="P001C01",
    bank="B01-农商行专户",
    own_bank="B00-村基本户",
    good="水泥",
    good_commodity="CEMENT",
)
FIGURES = {
    "amount": 100,
    "retention": 3,
    "offset": 20,
    "payable": 77,
    "net": 80,
    # More goes on to the reserve and to income than the voucher itself brings, so that the fund is drawn on.
    "transfer": 150,
    "income": 130,
    "quantity": 5000,
    "fixed": 60,
    "consumable": 10,
    "productive": 10,
    "public": 10,
    "intangible": 10,
}


def test_every_template_is_covered_and_nothing_else() -> None:
    assert sorted(SHOWN) == TEMPLATES
    named = [*ENTRIES, *REFUSALS]
    assert len(named) == len(set(named)), "two cases have one name"


@pytest.mark.parametrize("event", TEMPLATES)
def test_a_template_has_a_case_of_its_entry(event: str) -> None:
    assert SHOWN[event].entry in ENTRIES, f"{event} has no entry case"
    _, _, lines = ENTRIES[SHOWN[event].entry]
    made = set()
    for line in lines:
        account, amount, _ = line.rsplit(" ", 2)
        made.add((account.split(":")[1].split("-")[0], amount.startswith("-")))
    for sign, role, figure in CHART.events[event]:
        codes = {"241", "231", "311"} if role == "fund" else {CHART.roles[role].code}
        if figure == "amount":
            assert any((code, sign < 0) in made for code in codes), f"{SHOWN[event].entry} does not move {role}"


@pytest.mark.parametrize("event", TEMPLATES)
def test_a_template_has_a_case_at_each_floor_that_it_draws_on(event: str) -> None:
    assert sorted(SHOWN[event].floors) == sorted(drawn_on(event))
    verb = ENTRIES[SHOWN[event].entry][1].split(" ")[0]
    for role, case in SHOWN[event].floors.items():
        if case.startswith(NEVER):
            assert len(case) > len(NEVER) + 20, f"{event} says not why it never lacks {role}"
        else:
            assert case in REFUSALS, f"{event} has no refusal at {role}: {case}"
            assert REFUSALS[case][1].split(" ")[0] == verb


def test_a_floor_that_no_clerk_reaches_is_the_exception() -> None:
    floors = [case for each in SHOWN.values() for case in each.floors.values()]
    never = [case for case in floors if case.startswith(NEVER)]
    assert (len(floors), len(never)) == (91, 18)


def _lines(event: str) -> list[Line]:
    collective = any(role == "own_bank" for _, role, _ in CHART.events[event])
    channel, source = ("CJ2024", "collective") if collective else ("JT2024", "department")
    return CHART.entry(event, PLACE, [Share(channel, source, FIGURES)])


def _needs(lines: list[Line]) -> dict[tuple[str, str], tuple[Line, int]]:
    """Return by account and commodity what a voucher takes where there is a floor."""
    sums: dict[tuple[str, str], tuple[Line, int]] = {}
    for line in lines:
        key = (line.account.name, line.commodity)
        sums[key] = (line, sums.get(key, (line, 0))[1] - line.account.role.normal * line.amount)
    return {key: each for key, each in sums.items() if each[1] > 0 and each[0].account.role.floor}


@pytest.fixture(scope="module")
def record(new_clerk: Any) -> Iterator[Any]:
    with new_clerk() as made, made.workspace.read() as connection:
        yield connection


@pytest.mark.parametrize("event", TEMPLATES)
def test_each_floor_of_a_template_holds_to_the_fen(event: str, record: Any) -> None:
    lines = _lines(event)
    needs = _needs(lines)
    fund = {"earmarked" if role == "fund" else role for role in drawn_on(event)}
    assert {line.account.role.name for line, _ in needs.values()} == fund
    closing = event.startswith("year_end")
    proposal = Proposal(
        event=YEAR_END if closing else event,
        date=DAY,
        project=GENERAL_PROJECT if closing else "P001",
        narration=event,
        lines=tuple(lines),
    )
    for short in [None, *needs]:
        state = State(record, "SF", drafts=False)
        there = {key: need - (key == short) for key, (_, need) in needs.items()}
        state.move(
            DAY,
            [
                Line(line.account, line.commodity, line.account.role.normal * there[key])
                for key, (line, _) in needs.items()
            ],
        )
        if short is None:
            check(state, proposal, today=DAY)
            continue
        with pytest.raises(BelowFloor) as caught:
            check(state, proposal, today=DAY)
        assert (caught.value.facts["account"], caught.value.facts["commodity"]) == short
        assert caught.value.facts["short"] == 1

"""What a person decides goes before what the matching proposes; both sides come to one sum, or it is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from statements import SHAPES, Move

from importers.banks import Statement, keys, read_statement
from projects.errors import MatchUnfit
from projects.reconciliation import at_desk, choices
from projects.reconciliation.choices import NONE, Choices
from projects.reconciliation.reconcile import Reconciliation, reconcile

MOVES = [
    Move(date(2024, 5, 6), "10:00:00", -1_000_00, 499_000_00, "县建材有限公司", "62", "砂石款", "1"),
    Move(date(2024, 5, 7), "10:00:00", -600_00, 498_400_00, "财付通", "62", "转账", "2"),
]
STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-03-01
receive project=P001 channel=JT2024 amount=500000 date=2024-04-01
purchase project=P001 channel=JT2024 amount=1000 date=2024-05-06 party=县建材
purchase project=P001 channel=JT2024 amount=200 date=2024-05-06 party=五金店
purchase project=P001 channel=JT2024 amount=400 date=2024-05-08 party=某运输
"""
UNTIL = date(2024, 5, 31)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "may.csv"
    path.write_bytes(SHAPES["corp_psbc"].text(MOVES))
    return path


def look(clerk: Any, statement: Statement, chosen: Choices = NONE) -> Reconciliation:
    with clerk.workspace.read() as connection:
        again = at_desk.reread(clerk.workspace)
        return reconcile(connection, "SF", "B01", statement, until=UNTIL, reread=again, choices=chosen)


def matched(found: Reconciliation) -> set[tuple[str, tuple[str, ...]]]:
    return {(each.by, tuple(voucher.number for voucher in each.vouchers)) for each in found.matches}


def test_a_proposal_that_is_turned_down_leaves_both_sides_open(clerk: Any, file: Path) -> None:
    numbers = clerk.begin(STORY)
    statement = read_statement(file)
    first, _ = keys(statement.lines)
    assert ("amount", (numbers[2],)) in matched(look(clerk, statement))
    found = look(clerk, statement, Choices(frozenset({first})))
    assert matched(found) == set()
    kinds = {(each.kind, each.line.key if each.line else each.voucher.number) for each in found.differences}
    assert {("not-in-books", first), ("not-at-bank", numbers[2])} <= kinds
    assert found.now.agrees


def test_lines_and_vouchers_are_matched_by_hand_recorded_and_stay_matched(clerk: Any, file: Path) -> None:
    numbers = clerk.begin(STORY)
    statement = read_statement(file)
    _, second = keys(statement.lines)
    assert look(clerk, statement).now.only_at_bank != ()
    pair = choices.written([second], numbers[3:5])
    chosen = choices.read([""], [pair])
    assert ("hand", (numbers[3], numbers[4])) in matched(look(clerk, statement, chosen))
    said: dict[str, Any] = {"until": UNTIL, "file": file, "choices": chosen, "key": "k"}
    made = [at_desk.keep(clerk.at("zhang"), "B01", statement, **said) for _ in range(2)]
    assert made[0] == made[1]
    assert made[0]["balances"] == {"2024-05-31": 498_400_00}
    again = look(clerk, statement)
    assert (again.differences, again.now.only_at_bank, len(again.earlier)) == ((), (), 2)


def test_sides_that_differ_and_what_is_not_open_are_refused(clerk: Any, file: Path) -> None:
    numbers = clerk.begin(STORY)
    statement = read_statement(file)
    first, second = keys(statement.lines)
    with pytest.raises(MatchUnfit) as refused:
        look(clerk, statement, Choices(together=(((second,), (numbers[3],)),)))
    assert refused.value.facts == {"about": "sums", "bank": -600_00, "book": -200_00, "off": 400_00}
    for pair in (((first,), ("2024-05-9999",)), (("no-key",), (numbers[2],)), ((), ())):
        with pytest.raises(MatchUnfit):
            look(clerk, statement, Choices(together=(pair,)))
    twice = (((first,), (numbers[2],)), ((first,), (numbers[2],)))
    with pytest.raises(MatchUnfit):
        look(clerk, statement, Choices(together=twice))
    for wrong in ("", "x", ":", "a:", ":b"):
        with pytest.raises(MatchUnfit):
            choices.read([], [wrong])


def test_what_is_said_of_a_difference_is_there_the_next_time(clerk: Any, file: Path) -> None:
    clerk.begin(STORY)
    statement = read_statement(file)
    _, second = keys(statement.lines)
    at_desk.remark(clerk.at("zhang"), "B01", second, says="待查")
    at_desk.remark(clerk.at("zhang"), "B01", second, says="第三方支付，凭证下月补")
    assert look(clerk, statement).remarks == {second: "第三方支付，凭证下月补"}

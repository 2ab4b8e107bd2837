"""What a person decides goes before what the matching proposes; both sides come to one sum, or it is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from statements import SHAPES, Move

from importers.banks import Statement, keys, read_statement
from ledger.errors import RoleMissing
from projects.errors import MatchUnfit
from projects.reconciliation import at_desk, choices
from projects.reconciliation.choices import NONE, Choices
from projects.reconciliation.differences import differences
from projects.reconciliation.matching import match
from projects.reconciliation.reconcile import Reconciliation, reconcile
from projects.reconciliation.sides import AtBank, InBook

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


def voucher(number: str, on: str, fen: int) -> InBook:
    return InBook(int(number), number, on, fen, "县建材", "购砂石")


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


def test_a_proposal_that_was_turned_down_is_not_made_again_until_that_is_taken_back(clerk: Any, file: Path) -> None:
    """Of the pair alone: the line may be another voucher, and the voucher another line."""
    numbers = clerk.begin(STORY)
    statement = read_statement(file)
    first, _ = keys(statement.lines)
    desk = clerk.at("zhang")
    said: dict[str, Any] = {"until": UNTIL, "file": file, "choices": Choices(frozenset({first})), "key": "k"}
    made = [at_desk.keep(desk, "B01", statement, **said) for _ in range(2)]
    assert made[0] == made[1]
    found = look(clerk, statement)
    assert matched(found) == set()
    [(label, kept)] = found.apart.items()
    assert made[0]["facts"][-1] == label
    assert [line.key for line in kept.lines] == [first]
    assert [voucher.number for voucher in kept.vouchers] == [numbers[2]]
    kinds = {(each.kind, each.line.key if each.line else each.voucher.number) for each in found.differences}
    assert {("not-in-books", first), ("not-at-bank", numbers[2])} <= kinds
    assert found.now.agrees
    clerk.do("purchase", project="P001", channel="JT2024", amount="1000", date="2024-05-09", party="县建材")
    [(by, (other,))] = matched(look(clerk, statement))
    assert by == "amount"
    assert other != numbers[2], "another voucher may be what the line is"
    assert look(clerk, statement).apart == {}, "and what is matched is nobody's question any more"
    taken = at_desk.propose_again(desk, "B01", label)
    assert taken["fact"].startswith("F")
    assert ("amount", (numbers[2],)) in matched(look(clerk, statement))
    for gone in (label, "F1", "F9999"):
        with pytest.raises(MatchUnfit):
            at_desk.propose_again(desk, "B01", gone)
    with pytest.raises(RoleMissing):
        at_desk.propose_again(clerk.at("li"), "B01", label)


def test_what_is_kept_apart_may_be_matched_by_hand(clerk: Any, file: Path) -> None:
    numbers = clerk.begin(STORY)
    statement = read_statement(file)
    first, _ = keys(statement.lines)
    at_desk.keep(clerk.at("zhang"), "B01", statement, until=UNTIL, file=file, choices=Choices(frozenset({first})))
    by_hand = Choices(together=(((first,), (numbers[2],)),))
    assert ("hand", (numbers[2],)) in matched(look(clerk, statement, by_hand))


def test_a_line_and_a_voucher_that_are_not_the_same_are_no_wrong_amount_and_not_late() -> None:
    line = AtBank("k", "2024-05-06", -1_000_00, "县建材有限公司", "砂石款")
    for other, kind in (
        (voucher("7", "2024-05-07", -1_010_00), "amount"),
        (voucher("8", "2024-06-20", -1_000_00), "late"),
    ):
        assert [each.kind for each in differences([line], [other], [], [])] == [kind]
        kept = frozenset({("k", other.number)})
        assert [each.kind for each in differences([line], [other], [], [], kept)] == ["not-in-books", "not-at-bank"]


def test_as_many_lines_find_a_voucher_as_can_though_one_pair_is_kept_apart() -> None:
    """The nearest is not taken where it is kept apart, so that it does not stand in the way of another."""
    lines = [AtBank(key, "2024-05-06", -500_00, "县建材有限公司", "砂石款") for key in ("k1", "k2")]
    vouchers = [voucher("1", "2024-05-06", -500_00), voucher("2", "2024-05-09", -500_00)]
    found = match(lines, vouchers, frozenset({("k1", "1")}))
    assert {(each.lines[0].key, each.vouchers[0].number) for each in found} == {("k1", "2"), ("k2", "1")}


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

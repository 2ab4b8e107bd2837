"""Money that nobody spends: told by the term of the policy, the oldest first, and never refused."""

from __future__ import annotations

import json
import shlex
from datetime import date
from typing import Any

import pytest

from ledger.balances import State
from projects.cli.main import run
from projects.idle import idle

TWO_YEARS = date(2026, 3, 1)


def found(clerk: Any, on: date = TWO_YEARS) -> list[tuple[str, str, str, int, int]]:
    with clerk.workspace.read() as connection:
        every = idle(State(connection, "SF", drafts=False), on)
    return [(each.project, each.channel, each.since, each.fen, each.in_hand) for each in every]


def test_an_allotment_is_idle_when_its_term_is_over_and_not_a_day_before(clerk):
    clerk.play("allot project=P001 channel=JT2024 amount=1000\nreceive project=P001 channel=JT2024 amount=300")
    assert found(clerk, date(2026, 2, 28)) == []
    assert found(clerk) == [("P001", "JT2024", "2024-03-01", 1000_00, 300_00)]


def test_a_county_s_term_is_its_own(clerk):
    clerk.county("recall.term=12 months")
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    assert found(clerk, date(2025, 2, 28)) == []
    assert found(clerk, date(2025, 3, 1)) == [("P001", "JT2024", "2024-03-01", 1000_00, 0)]


def test_the_oldest_is_spent_first_and_only_the_rest_of_it_is_idle(clerk):
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        allot project=P001 channel=JT2024 amount=500 date=2024-03-02
        receive project=P001 channel=JT2024 amount=1000 date=2024-03-02
        purchase project=P001 channel=JT2024 amount=700 date=2024-03-02
    """)
    assert found(clerk) == [("P001", "JT2024", "2024-03-01", 300_00, 300_00)]
    assert found(clerk, date(2026, 3, 2)) == [("P001", "JT2024", "2024-03-01", 800_00, 300_00)]
    clerk.day = "2024-03-03"
    clerk.play("purchase project=P001 channel=JT2024 amount=300")
    assert found(clerk, date(2026, 3, 2)) == [("P001", "JT2024", "2024-03-02", 500_00, 0)]


def test_what_was_revised_away_or_reversed_is_not_idle(clerk):
    _, wrong, _ = clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        allot project=P001 channel=JT2024 amount=500
        revise-down project=P001 channel=JT2024 amount=200 number=8号 reason=核减
    """)
    clerk.do("reverse", voucher=wrong, reason="错记")
    assert found(clerk) == [("P001", "JT2024", "2024-03-01", 800_00, 0)]


def test_what_is_owed_is_not_free_to_go_back(clerk):
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        receive project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=600
        certify contract=P001C01 amount=400
    """)
    assert found(clerk) == [("P001", "JT2024", "2024-03-01", 600_00, 600_00)]


def test_households_donors_and_own_money_are_nobody_s_to_recall(clerk):
    clerk.play("""
        opening project=P000 lines=own_bank:B00=CJ2024:50
        allot project=P001 channel=JZ2024 amount=1000
        plan project=P001 channel=ZC2024 amount=300
        allot project=P001 channel=TG2024 amount=200
        receive project=P001 channel=CJ2024 amount=50
    """)
    assert found(clerk, date(2030, 1, 1)) == []


@pytest.fixture
def earmark(clerk, capfd, monkeypatch):
    monkeypatch.delenv("EARMARK_LANG", raising=False)
    path = str(clerk.workspace.path)

    def call(line: str) -> str:
        clerk.workspace.close()
        capfd.readouterr()
        assert run(["--workspace", path, *shlex.split(line)]) == 0
        return str(capfd.readouterr().out)

    return call


@pytest.mark.sqlite
def test_the_list_tells_it_with_the_term(earmark, clerk):
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    listed = earmark("policy due --on 2026-03-01")
    assert "2024-03-01" in listed
    assert "1,000.00" in listed
    assert "期限 24 个月（国办发〔2014〕70号，未核对）" in listed
    [one] = json.loads(earmark("policy due --on 2026-03-01 --book SF --json"))
    assert one == {
        "book": "SF", "project": "P001", "channel": "JT2024", "since": "2024-03-01", "due": "2026-03-01",
        "fen": 100000, "in_hand": 0,
    }  # fmt: skip
    assert earmark("policy due --on 2026-02-28 --json").strip() == "[]"


@pytest.mark.sqlite
def test_the_status_tells_it_with_the_way_out(earmark, clerk):
    clerk.county("recall.term=0 months")
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    told = "提醒：项目 P001 通村公路 的渠道 JT2024 交通部门专项补助 有 1,000.00 元从 2024-03-01 下达至今没有用"
    assert told in earmark("status")
    assert told in earmark("status P001")
    assert told not in earmark("status P002")


@pytest.mark.sqlite
def test_the_status_tells_cash_that_was_not_banked(earmark, clerk):
    clerk.play("plan project=P001 channel=ZC2024 amount=9000\nreceive project=P001 channel=ZC2024 amount=5000 cash")
    assert "库存现金" not in earmark("status")
    clerk.play("receive project=P001 channel=ZC2024 amount=0.01 cash")
    assert "提醒：专账 SF 的库存现金 5,000.01 元，超过隔夜限额 5,000.00 元（" in earmark("status")

"""How a contract's partner was found: a record by the day, what it binds the contract to, and what it does not let pass."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from test_limits import STATE, lead, procure, refused

from ledger import facts
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.verify import verify
from projects.cli.main import run

LARGE = "contract contract=P001C01 parts=JT2024=4000000"
WON = {"method": "open-tender", "winner": "甲公司", "price": "4000000", "number": "中标1号"}


@pytest.mark.parametrize("method", ["open-tender", "invited-tender", "exempt"])
def test_a_tender_on_record_lets_a_large_contract_pass_with_its_winner(clerk: Any, method: str) -> None:
    lead(clerk, STATE)
    label = procure(clerk, "P001C01", **WON | {"method": method})
    shown = clerk.try_draft(LARGE)
    assert (shown["payee"], shown["facts"]["procurement"]) == ("甲公司", label)
    clerk.seal(shown["draft"])
    settle(clerk.workspace)
    assert [finding.code for check in verify(clerk.workspace) for finding in check.findings] == []


@pytest.mark.parametrize("method", ["negotiation", "consultation", "inquiry", "comparison", "single-source"])
def test_another_method_is_no_tender(clerk: Any, method: str) -> None:
    lead(clerk, STATE)
    procure(clerk, "P001C01", **WON | {"method": method})
    assert "登记的采购方式不是招标：请登记 open-tender、invited-tender、exempt 之一" in refused(clerk, LARGE)


def test_a_record_of_a_later_day_or_one_withdrawn_does_not_count(clerk: Any) -> None:
    lead(clerk, STATE)
    label = procure(clerk, "P001C01", **WON, on="2024-03-02")
    assert "还没有招标记录" in refused(clerk, LARGE)
    clerk.day = "2024-03-02"
    clerk.try_draft(LARGE)
    clerk.at("zhang").drop("D2")
    with clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", label, on=unit.now.date(), by="zhang", reason="流标")
        unit.commit()
    assert "还没有招标记录" in refused(clerk, LARGE)


def test_a_contract_is_at_most_the_price_and_with_the_winner(clerk: Any) -> None:
    lead(clerk, STATE)
    label = procure(clerk, "P001C01", **WON)
    assert refused(clerk, LARGE + ".01") == (
        f"合同 P001C01 金额 4,000,000.01 元，高于采购记录 {label} 的成交价 4,000,000.00 元，多出 0.01 元："
        "请核对，或更正采购记录。"
    )
    assert refused(clerk, LARGE + " party=乙公司") == (
        f"合同 P001C01 的对方与采购记录 {label} 的成交单位 甲公司 不一致：请核对，或更正采购记录。"
    )
    clerk.try_draft(LARGE + " party=甲公司")


def test_a_small_contract_needs_no_record_and_keeps_to_one_that_there_is(clerk: Any) -> None:
    lead(clerk, STATE)
    procure(clerk, "P001C01", **WON | {"method": "inquiry", "price": "1000"})
    assert "高于采购记录" in refused(clerk, "contract contract=P001C01 parts=JT2024=1001")
    clerk.try_draft("contract contract=P001C02 parts=JT2024=1001")


def test_a_person_who_won_is_masked(clerk: Any) -> None:
    lead(clerk, STATE)
    procure(clerk, "P001C01", **WON | {"winner": "王小明"}, person=True)
    with clerk.workspace.read() as connection:
        [fact] = facts.facts(connection, "SF", "procurement")
        assert facts.private(connection, fact) == {"full-name": "王小明"}
    assert fact.data["winner"] == "王某某"
    assert "不一致" in refused(clerk, LARGE + " party=李四 person")
    assert clerk.try_draft(LARGE)["payee"] == "王某某"
    clerk.at("zhang").drop("D2")
    assert clerk.try_draft(LARGE + " party=王小明 person")["payee"] == "王某某"


@pytest.mark.parametrize(
    "contract, change, code",
    [
        ("P001C01", {"method": "lottery"}, "choice-unknown"),
        ("P001C01", {"winner": " "}, "text-missing"),
        ("P001C01", {"number": ""}, "text-missing"),
        ("P001C01", {"price": "0"}, "amount-zero"),
        ("P001", {}, "code-unfit"),
        ("P009C01", {}, "contract-of-other"),
        ("P001C01", {"by": "li"}, "role-missing"),
        ("P001C01", {"on": "2023-12-31"}, "before-book"),
        ("P001C01", {"on": "2026-01-01"}, "future-dated"),
    ],
)
def test_what_is_no_record_is_refused(
    clerk: Any, unchanged: Any, contract: str, change: dict[str, str], code: str
) -> None:
    with unchanged(), pytest.raises(Refusal) as caught:
        procure(clerk, contract, **WON | change)
    assert caught.value.code == code


@pytest.mark.sqlite
def test_the_command_records_once(clerk: Any, capfd: Any, monkeypatch: Any) -> None:
    monkeypatch.delenv("EARMARK_LANG", raising=False)
    path = str(clerk.workspace.path)
    clerk.workspace.close()
    line = (
        f"procurement P001C01 --method open-tender --winner 甲公司 --price 400万 --number 中标1号 --doc {__file__} "
        "--date 2024-03-01 --as zhang --key k"
    )
    assert run(["--workspace", path, *shlex.split(line)]) == 0
    assert "合同 P001C01，公开招标，甲公司，4000000.00 元。" in capfd.readouterr().out
    assert run(["--workspace", path, *shlex.split(line), "--json"]) == 0
    shown = json.loads(capfd.readouterr().out)
    assert run(["--workspace", path, "fact", "list", "--kind", "procurement", "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == [shown | {"withdrawn": False}]
    assert len(shown["documents"]) == 1

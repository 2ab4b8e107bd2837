"""A month that is closed stays what it was: nothing is dated into it, and its statements come out byte for byte."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from cluster import rows_of

from ledger import closed, facts, log, periods, signing
from ledger.books.keys import BALANCE
from ledger.books.write import settle
from ledger.errors import (
    MonthClosed,
    MonthNotNext,
    MonthNotReopened,
    MonthUnreconciled,
    MonthWaiting,
    RoleMissing,
    TextMissing,
    YearNotEnded,
)
from ledger.messages import explain
from ledger.statements import STATEMENTS, Period, text
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.cli.main import run

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-01-11
contract contract=P001C01 parts=JT2024=700000 date=2024-02-01 party=甲施工队
certify contract=P001C01 amount=100000 date=2024-02-20
pay contract=P001C01 date=2024-03-05
"""
JANUARY = Period("2024-01")


def close(clerk: Any, month: str, *, by: str = "li", reason: str = "", **more: Any) -> dict[str, Any]:
    with clerk.workspace.write(book="SF") as unit:
        made = periods.close(unit, "SF", Period(month), by=by, reason=reason, **more)
        unit.commit()
    return made


def reopen(clerk: Any, month: str, *, by: str = "li", reason: str = "漏记一笔") -> dict[str, Any]:
    with clerk.workspace.write(book="SF") as unit:
        made = periods.reopen(unit, "SF", Period(month), by=by, reason=reason)
        unit.commit()
    return made


def reconcile(clerk: Any, month: str, fen: str) -> None:
    """Record what the bank says of a month end, as a reconciliation does."""
    data = {"balance": fen, "book-balance": fen, "adjusted": fen}
    with clerk.workspace.write(book="SF") as unit:
        on = date.fromisoformat(Period(month).until)
        facts.record(unit, "SF", BALANCE, "B01", on=on, by="zhang", data=data)
        unit.commit()


def told(clerk: Any, month: str) -> dict[str, str]:
    with clerk.workspace.read() as connection:
        return {name: text(make(connection, "SF", Period(month))) for name, make in STATEMENTS.items()}


def findings(clerk: Any) -> list[str]:
    settle(clerk.workspace)
    return [each.code for check in verify(clerk.workspace) for each in check.findings]


def test_nothing_is_dated_into_a_closed_month(clerk: Any) -> None:
    clerk.begin(STORY.replace("pay contract=P001C01 date=2024-03-05\n", ""))
    waiting = clerk.draft("pay", contract="P001C01", date="2024-03-05")
    close(clerk, "2024-01", reason="银行未寄对账单")
    close(clerk, "2024-02", reason="银行未寄对账单")
    with pytest.raises(MonthClosed) as refused:
        clerk.draft("receive", project="P001", channel="JT2024", amount="1", date="2024-02-28")
    assert explain(refused.value, "zh").startswith("日期 2024-02-28 在已结账的月份：专账 SF 已结到 2024-02")
    clerk.seal(waiting["draft"])
    assert findings(clerk) == []


def test_a_close_signs_for_the_statements_of_its_month(clerk: Any) -> None:
    clerk.begin(STORY)
    before = told(clerk, "2024-01")
    reconcile(clerk, "2024-01", "500000.00")
    made = close(clerk, "2024-01")
    assert made["banks"] == {"B01": "500000.00"}
    assert made["vouchers"] == 2
    assert made["statements"].keys() == STATEMENTS.keys()
    clerk.do("receive", project="P001", channel="JT2024", amount="380000", date="2024-04-01")
    assert told(clerk, "2024-01") == before
    with clerk.workspace.read() as connection:
        assert periods.hashes(connection, "SF", JANUARY) == made["statements"]
    assert findings(clerk) == []


def test_an_account_that_is_not_reconciled_needs_a_reason(clerk: Any) -> None:
    clerk.begin(STORY)
    with pytest.raises(MonthUnreconciled) as refused:
        close(clerk, "2024-01")
    assert "银行账户 B01 在 2024-01-31 没有对平" in explain(refused.value, "zh")
    reconcile(clerk, "2024-01", "499999.99")
    with pytest.raises(MonthUnreconciled):
        close(clerk, "2024-01")
    assert close(clerk, "2024-01", reason="差一分，已查明")["reason"] == "差一分，已查明"


def test_months_are_closed_one_after_the_other_when_they_are_over(clerk: Any) -> None:
    clerk.begin(STORY)
    with pytest.raises(MonthNotNext):
        close(clerk, "2024-02", reason="x")
    close(clerk, "2024-01", reason="x")
    with pytest.raises(MonthNotNext):
        close(clerk, "2024-01", reason="x")
    clerk.clock.set("2024-02-29")
    with pytest.raises(MonthNotNext, match="running"):
        close(clerk, "2024-02", reason="x")
    clerk.clock.set("2024-03-06")
    close(clerk, "2024-02", reason="x")


def test_a_draft_that_waits_in_the_month_keeps_it_open(clerk: Any) -> None:
    clerk.begin(STORY[: STORY.index("contract")])
    clerk.draft("receive", project="P001", channel="JT2024", amount="1", date="2024-01-31")
    with pytest.raises(MonthWaiting) as refused:
        close(clerk, "2024-01", reason="x")
    assert str(refused.value.facts["drafts"]) == "D3"


def test_december_is_closed_when_income_and_expense_were_carried_over(clerk: Any) -> None:
    clerk.begin(STORY)
    clerk.do("spend", project="P001", channel="JT2024", amount="1000", date="2024-03-06")
    for number in range(1, 12):
        close(clerk, f"2024-{number:02}", reason="x")
    clerk.clock.set("2025-01-05")
    with pytest.raises(YearNotEnded):
        close(clerk, "2024-12", reason="x")
    clerk.do("year-end", date="2024-12-31")
    close(clerk, "2024-12", reason="x")


def test_only_the_last_month_is_opened_again_and_with_a_reason(clerk: Any) -> None:
    clerk.begin(STORY)
    with pytest.raises(MonthNotReopened, match="none"):
        reopen(clerk, "2024-01")
    close(clerk, "2024-01", reason="x")
    close(clerk, "2024-02", reason="x")
    with pytest.raises(MonthNotReopened, match="last"):
        reopen(clerk, "2024-01")
    with pytest.raises(TextMissing):
        reopen(clerk, "2024-02", reason="")
    assert reopen(clerk, "2024-02")["through"] == "2024-01"
    assert reopen(clerk, "2024-01")["through"] == ""
    close(clerk, "2024-01", reason="x")
    with clerk.workspace.read() as connection:
        assert closed.closed_through(connection, "SF") == "2024-01"
        assert [each.data["month"] for each in closed.standing(connection, "SF")] == ["2024-01"]
    assert findings(clerk) == []


def test_only_who_approves_closes_and_opens(clerk: Any) -> None:
    clerk.begin(STORY)
    with pytest.raises(RoleMissing):
        close(clerk, "2024-01", by="zhang", reason="x")
    close(clerk, "2024-01", reason="x")
    with pytest.raises(RoleMissing):
        reopen(clerk, "2024-01", by="zhang")


@pytest.mark.sqlite
def test_the_command_signs_behind_the_close_and_then_never_opens(
    clerk: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clerk.begin(STORY)
    command = ["--workspace", str(clerk.workspace.path)]
    assert run([*command, "close", "2024-01", "--as", "li", "--reason", "银行未寄对账单"]) == 0
    assert "还没有签校验点" in capsys.readouterr().out
    assert run([*command, "reopen", "2024-01", "--as", "li", "--reason", "漏记"]) == 0
    monkeypatch.setenv("EARMARK_PASSPHRASE", "four horses drink tea")
    assert run([*command, "key", "make"]) == 0
    assert (clerk.workspace.path / signing.KEY).is_file()
    assert run([*command, "close", "2024-01", "--as", "li", "--reason", "银行未寄对账单", "--json"]) == 0
    answer = capsys.readouterr().out
    assert json.loads(answer[answer.index("{") :])["note"]
    before = rows_of_record(clerk)
    assert run([*command, "reopen", "2024-01", "--as", "li", "--reason", "漏记"]) == 1
    assert capsys.readouterr().err == "2024-01 已由校验点签署，不能再打开：有误请在以后的月份红冲更正。\n"
    assert rows_of_record(clerk) == before
    assert run([*command, "close"]) == 0
    assert capsys.readouterr().out.count("2024-01") >= 3
    assert run([*command, "verify"]) == 0


def rows_of_record(clerk: Any) -> Any:
    with clerk.workspace.read() as connection:
        return rows_of(connection)


def test_verify_finds_a_voucher_in_a_closed_month_and_statements_that_changed(clerk: Any) -> None:
    clerk.begin(STORY)
    close(clerk, "2024-01", reason="x")
    close(clerk, "2024-02", reason="x")
    close(clerk, "2024-03", reason="x")
    number = clerk.do("receive", project="P001", channel="JT2024", amount="1", date="2024-04-01")
    clerk.tamper(f"UPDATE voucher SET date = '2024-03-31', number = '2024-03-0009' WHERE number = '{number}'")
    found = findings(clerk)
    assert {"month-closed", "statement-changed"} <= set(found)


def test_a_record_made_again_from_its_books_is_closed_as_before(clerk: Any, tmp_path: Any) -> None:
    clerk.begin(STORY)
    close(clerk, "2024-01", reason="x")
    close(clerk, "2024-02", reason="x")
    reopen(clerk, "2024-02")
    clerk.do("receive", project="P001", channel="JT2024", amount="1", date="2024-04-01")
    assert run(["--workspace", str(clerk.workspace.path), "status"]) == 0
    made = tmp_path / "again"
    assert run(["rebuild", str(made), "--from", str(clerk.workspace.books)]) == 0
    again = open_workspace(made)
    with again.read() as connection, clerk.workspace.read() as before:
        assert closed.deeds(connection, "SF") == closed.deeds(before, "SF")
        assert list(log.hashes(connection, "SF")) == list(log.hashes(before, "SF"))
    again.close()

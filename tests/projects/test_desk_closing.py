"""Closing a month at the desk: what stands in the way is said as the command line says it, and what is closed stays."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
from desks import desk, enter
from flask import Flask
from markupsafe import escape

from ledger import closed, facts, periods, signing
from ledger.books.keys import BALANCE
from ledger.books.write import settle
from ledger.statements import STATEMENTS, Period
from ledger.verify import verify
from projects.months import close_month
from projects.statements.form import title
from projects.web import instead
from projects.web.app import create_app

WHERE = "/desk/SF/months"


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A desk where January and February are empty, and March has an allotment and a receipt."""
    made = desk(clerk, monkeypatch, ("zhang", "li", "zhao"))
    clerk.do("receive", project="P001", channel="JT2024", amount="500000", date="2024-03-04")
    settle(clerk.workspace)
    return made


def ask(client: Any, month: str, what: str, *, key: str = "1", **typed: str) -> Any:
    return client.post(f"{WHERE}/{month}/{what}", data={"csrf_token": client.token, "key": key * 32} | typed)


def through(clerk: Any) -> str:
    with clerk.workspace.read() as connection:
        return closed.closed_through(connection, "SF")


def obstacles(clerk: Any) -> list[str]:
    with clerk.workspace.read() as connection:
        due = periods.due(connection, "SF", today=clerk.clock().date())
    return [str(escape(instead.explain(each, "zh"))) for each in due.obstacles]


def test_months_are_closed_one_after_the_other_by_who_approves_and_once(app: Flask, clerk: Any) -> None:
    maker, approver = enter(app, "zhang"), enter(app, "li")
    assert "结账 2024-01" not in maker.get(WHERE).text
    assert "没有妨碍结账的事项" in approver.get(WHERE).text
    assert {ask(approver, "2024-01", "close").status_code for _ in range(3)} == {303}
    assert through(clerk) == "2024-01"
    assert ask(maker, "2024-02", "close", key="2").status_code == 403
    late = ask(approver, "2024-03", "close", key="3")
    assert late.status_code == 422
    assert "下一个要结的是 2024-02" in late.text
    assert ask(approver, "2024-02", "close", key="4").status_code == 303
    assert through(clerk) == "2024-02"
    settle(clerk.workspace)
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


def test_what_stands_in_the_way_is_said_as_the_command_line_says_it(app: Flask, clerk: Any) -> None:
    approver = enter(app, "li")
    for month in ("2024-01", "2024-02"):
        close_month(clerk.at("li"), Period(month))
    waiting = clerk.draft("receive", project="P001", channel="JT2024", amount="1", date="2024-03-05")["draft"]
    said = obstacles(clerk)
    page = approver.get(WHERE).text
    assert len(said) == 2
    assert waiting in said[0]
    assert "B01" in said[1]
    assert all(each in page for each in said)
    assert f'action="{WHERE}/2024-03/close"' not in page  # a draft cannot be passed over
    refused = ask(approver, "2024-03", "close", reason="银行未寄对账单")
    assert refused.status_code == 422
    assert re.search(r'id="e-reason">([^<]+)<', refused.text)[1] == said[0]
    clerk.at("zhang").drop(waiting)
    refused = ask(approver, "2024-03", "close", key="2")
    assert re.search(r'id="e-reason">([^<]+)<', refused.text)[1] == obstacles(clerk)[0]
    assert through(clerk) == "2024-02"
    assert ask(approver, "2024-03", "close", key="3", reason="银行未寄对账单").status_code == 303
    assert "银行未寄对账单" in approver.get(WHERE).text


def test_the_banks_balance_of_a_month_that_is_reconciled_is_shown(app: Flask, clerk: Any) -> None:
    for month in ("2024-01", "2024-02"):
        close_month(clerk.at("li"), Period(month))
    told = {"balance": "500000.00", "book-balance": "500000.00", "adjusted": "500000.00"}
    with clerk.workspace.write(book="SF") as unit:
        facts.record(unit, "SF", BALANCE, "B01", on=date(2024, 3, 31), by="zhang", data=told)
        unit.commit()
    approver = enter(app, "li")
    page = approver.get(WHERE).text
    assert obstacles(clerk) == []
    assert "500000.00" in page
    assert ask(approver, "2024-03", "close").status_code == 303
    assert through(clerk) == "2024-03"


def test_a_month_that_is_not_over_has_no_button(app: Flask, clerk: Any) -> None:
    clerk.clock.set("2024-01-31")
    page = enter(app, "li").get(WHERE).text
    assert obstacles(clerk)[0] in page
    assert "2024-01/close" not in page


def test_the_last_close_is_opened_again_with_a_reason_until_a_checkpoint_has_signed_it(app: Flask, clerk: Any) -> None:
    approver = enter(app, "li")
    ask(approver, "2024-01", "close")
    refused = ask(approver, "2024-01", "reopen", key="2")
    assert refused.status_code == 422
    assert 'id="e-again"' in refused.text
    assert ask(approver, "2024-01", "reopen", key="3", reason="漏记一笔").status_code == 303
    assert through(clerk) == ""
    assert "漏记一笔" in approver.get(WHERE).text
    signer = signing.make_key(clerk.workspace.path, "县中心", "a pass phrase")
    close_month(clerk.at("li"), Period("2024-01"), signer=signer)
    assert f'action="{WHERE}/2024-01/reopen"' not in approver.get(WHERE).text
    refused = ask(approver, "2024-01", "reopen", key="4", reason="再改")
    assert refused.status_code == 422
    assert "已由校验点签署" in refused.text


def test_the_desk_signs_a_close_only_where_it_was_opened_with_the_offices_key(app: Flask, clerk: Any) -> None:
    folder = clerk.workspace.path / "checkpoints"
    signer = signing.make_key(clerk.workspace.path, "县中心", "a pass phrase")
    plain = enter(app, "li")
    assert "请管理人员随后签署校验点" in plain.get(WHERE).text
    ask(plain, "2024-01", "close", sign="1")  # nobody can ask for a key that is not there
    assert not folder.exists()
    opened = create_app(clerk.workspace, signer=signer)
    opened.test_client_class = app.test_client_class
    signs = enter(opened, "li")
    assert 'name="sign"' in signs.get(WHERE).text
    assert ask(signs, "2024-02", "close", key="2").status_code == 303
    assert not folder.exists()
    assert ask(signs, "2024-03", "close", key="3", sign="1", reason="银行未寄对账单").status_code == 303
    assert len(list(folder.iterdir())) == 1
    settle(clerk.workspace)
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


def test_statements_are_read_and_taken_away_and_the_table_is_what_the_close_hashed(app: Flask, clerk: Any) -> None:
    for month in ("2024-01", "2024-02"):
        close_month(clerk.at("li"), Period(month))
    made = close_month(clerk.at("li"), Period("2024-03"), reason="银行未寄对账单")
    auditor = enter(app, "zhao")
    for name in STATEMENTS:
        page = auditor.get(f"{WHERE}/2024-03/{name}")
        assert title(name, "zh") in page.text
        assert made["statements"][name] in page.text
        table = auditor.get(f"{WHERE}/2024-03/{name}/csv")
        assert hashlib.sha256(table.data).hexdigest() == made["statements"][name]
        assert "attachment" in table.headers["Content-Disposition"]
    assert "500,000.00" in auditor.get(f"{WHERE}/2024-03/funds").text
    sheet = openpyxl.load_workbook(io.BytesIO(auditor.get(f"{WHERE}/2024-03/funds/xlsx").data)).active
    assert sheet["A1"].value == title("funds", "zh")
    assert auditor.get(f"{WHERE}/2024-03/funds/pdf").data.startswith(b"%PDF-")
    assert "还没有结账" in auditor.get(f"{WHERE}/2024-04/funds").text
    for wrong, status in (
        ("2024-03/nothing", 404),
        ("2024-03/funds/exe", 404),
        ("2024-13/funds", 422),
        ("x/funds", 422),
    ):
        assert auditor.get(f"{WHERE}/{wrong}").status_code == status, wrong

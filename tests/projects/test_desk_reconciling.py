"""Reconciling at the desk: a statement is read and shown before it is kept, and a person decides of each match."""

from __future__ import annotations

import io
import os
import re
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest
from desks import desk, enter
from flask import Flask
from served import let_in
from statements import SHAPES, Move
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from importers.banks import keys, read_statement
from ledger import facts, people, vouchers
from ledger.books.keys import BALANCE
from ledger.books.write import settle
from ledger.facts import Fact
from ledger.verify import verify
from projects.reconciliation.apart import APART
from projects.reconciliation.history import STATEMENT

WHERE = "/desk/SF/reconcile"
NASTY = "<script>alert(1)</script>\"'><img src=x>"
MOVES = [
    Move(date(2024, 5, 6), "10:00:00", -1_000_00, 499_000_00, "县建材有限公司", "62", "砂石款", "1"),
    Move(date(2024, 5, 7), "10:00:00", -600_00, 498_400_00, "财付通", "62", NASTY, "2"),
    Move(date(2024, 5, 8), "10:00:00", -50_00, 498_350_00, NASTY, "62", "转账", "3"),
    Move(date(2024, 5, 9), "10:00:00", -1_000_00, 497_350_00, "县建材有限公司", "62", "砂石款", "4"),
]
STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-03-01
receive project=P001 channel=JT2024 amount=500000 date=2024-04-01
purchase project=P001 channel=JT2024 amount=1000 date=2024-05-06 party=县建材
purchase project=P001 channel=JT2024 amount=200 date=2024-05-06 party=五金店
purchase project=P001 channel=JT2024 amount=400 date=2024-05-08 party=某运输
purchase project=P001 channel=JT2024 amount=50 date=2024-05-08 party=另一家店
"""
FILE = SHAPES["corp_psbc"].text(MOVES)


@pytest.fixture
def numbers(clerk: Any) -> list[str]:
    return list(clerk.begin(STORY))


@pytest.fixture
def app(clerk: Any, numbers: list[str], monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The desk of a village with six vouchers; May's statement is not handed in yet."""
    made = desk(clerk, monkeypatch, ("zhang", "li", "zhao"), allotted=False)
    with clerk.workspace.write() as unit:
        people.add_user(unit, "chu", roles=["cashier"], book="SF")
        unit.commit()
    let_in(clerk.workspace.path, "chu", clock=clerk.clock)
    return made


@pytest.fixture
def lines(tmp_path: Any) -> list[str]:
    """The keys of the statement's lines."""
    path = tmp_path / "may.csv"
    path.write_bytes(FILE)
    return keys(read_statement(path).lines)


def hand_in(client: Any, content: bytes = FILE, name: str = "五月.csv", **typed: Any) -> Any:
    form = {"csrf_token": client.token, "key": "0" * 32, "step": "look"} | typed
    body = {**form, "file": FileStorage(io.BytesIO(content), name)}
    boundary, sent = encode_multipart(MultiDict(body))
    return client.post(f"{WHERE}/B01", data=sent, content_type=f"multipart/form-data; boundary={boundary}")


def press(client: Any, page: Any, step: str, **typed: Any) -> Any:
    """Press a button of the page's form, with all that the form carries."""
    form = page.text[page.text.index('<form class="match"') :]
    carried: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        carried.setdefault(name, []).append(value)
    until = re.search(r'id="on" name="until" type="date" value="([^"]+)"', form)
    return client.post(f"{WHERE}/B01", data=carried | {"until": until[1], "step": step} | typed)


def section(page: Any, head: str) -> str:
    """What stands under a heading, up to the next one."""
    found = re.search(rf"<(h2|summary)[^>]*>[^<]*{head}.*?(?=<h2|<summary|</form>)", page.text, re.DOTALL)
    return found[0] if found else ""


def recorded(clerk: Any, *kinds: str) -> list[Fact]:
    with clerk.workspace.read() as connection:
        return facts.facts(connection, "SF", *kinds)


def test_a_statement_is_shown_matched_by_hand_explained_and_kept(
    app: Flask, clerk: Any, numbers: list[str], lines: list[str]
) -> None:
    cashier = enter(app, "chu")
    assert "还没有对过账" in cashier.get(WHERE).text
    page = hand_in(cashier)
    assert page.status_code == 200
    for said in ("4 笔", "500,000.00", "497,350.00", "五月.csv"):
        assert said in page.text, said
    assert recorded(clerk, STATEMENT, BALANCE) == []
    assert not list(clerk.workspace.documents.glob("*.csv"))
    # 50.00 under another name is proposed, 600.00 is two vouchers, the second 1,000.00 looks like a double.
    assert "金额相同而户名不同" in section(page, "请看一眼")
    assert numbers[2] in section(page, "已对上")
    assert "银行重复" in section(page, "没有对上")
    page = press(cashier, page, "together", line=[lines[1]], voucher=numbers[3:5])
    assert page.status_code == 200
    assert "人工指定" in section(page, "请看一眼")
    page = press(cashier, page, "say", line=[lines[3]], reason="银行重复扣款，已联系")
    assert "已说明：银行重复扣款，已联系" in section(page, "没有对上")
    kept = [press(cashier, page, "keep") for _ in range(2)]
    assert [each.status_code for each in kept] == [303, 303]
    [fact] = recorded(clerk, STATEMENT)
    assert [[lines[1]], numbers[3:5]] in fact.data["matched"]
    [balance] = recorded(clerk, BALANCE)
    assert (balance.on, balance.data["balance"]) == ("2024-05-31", "497350.00")
    shown = cashier.get(kept[0].location)
    assert "以前已登记对上的 3 组" in shown.text
    assert fact.label in shown.text
    [paper] = re.findall(r'href="([^"]+/papers/[^"]+)"', shown.text)
    taken = cashier.get(paper)
    assert taken.data == FILE
    assert "attachment" in taken.headers["Content-Disposition"]
    for other in (f"{WHERE}/B00/papers/{paper.rsplit('/', 1)[1]}", f"{WHERE}/B01/papers/{'a' * 64}.csv"):
        assert cashier.get(other).status_code == 404
    assert "2024-05-31</dt><dd>497,350.00" in shown.text
    listed = cashier.get(WHERE).text
    assert ("497,350.00" in listed, "498,350.00" in listed, "两边调节后相等" in listed) == (True, True, True)
    settle(clerk.workspace)
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


def test_a_proposal_that_is_turned_down_stays_open_and_comes_back_when_asked(
    app: Flask, clerk: Any, numbers: list[str], lines: list[str]
) -> None:
    maker = enter(app, "zhang")
    page = press(maker, hand_in(maker), f"apart:{lines[2]}")
    assert section(page, "请看一眼") == ""
    assert "转账" in section(page, "已否定的建议")
    assert numbers[5] in section(page, "没有对上")
    back = press(maker, page, f"again:{lines[2]}")
    assert numbers[5] in section(back, "请看一眼")
    assert press(maker, page, "keep").status_code == 303
    [fact] = recorded(clerk, STATEMENT)
    assert lines[2] not in [key for some, _ in fact.data["matched"] for key in some]
    [said] = recorded(clerk, APART)
    assert said.data == {"lines": [lines[2]], "vouchers": [numbers[5]]}
    later = hand_in(maker)
    assert section(later, "请看一眼") == ""
    assert f"以前登记为不是同一笔（{said.label}）" in section(later, "已否定的建议")
    again = press(maker, later, f"propose:{said.label}", key="d" * 32)
    assert numbers[5] in section(again, "请看一眼")
    assert recorded(clerk, APART) == []
    assert recorded(clerk, BALANCE)[0].data["balance"] == "497350.00"


def test_what_is_matched_by_hand_is_taken_apart_again(app: Flask, numbers: list[str], lines: list[str]) -> None:
    maker = enter(app, "zhang")
    page = press(maker, hand_in(maker), "together", line=[lines[1]], voucher=numbers[3:5])
    [step] = re.findall(r'value="(untie:[^"]+)"', page.text)
    assert "人工指定" not in press(maker, page, step).text


def test_sides_of_another_sum_are_refused_and_what_was_ticked_stays(
    app: Flask, numbers: list[str], lines: list[str]
) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker)
    refused = press(maker, page, "together", line=[lines[1]], voucher=[numbers[3]])
    assert refused.status_code == 422
    assert "所选的两边金额不等：银行 -600.00 元，账上 -200.00 元，相差 400.00 元" in refused.text
    ticked = re.findall(r'value="([^"]+)" checked', refused.text)
    assert ticked == [lines[1], numbers[3]]
    for chosen in ({}, {"line": [lines[1]]}, {"voucher": [numbers[3]]}):
        assert "还没有选" in press(maker, page, "together", **chosen).text
    assert "还没有选" in press(maker, page, "say", reason="无").text
    assert press(maker, page, "say", line=[lines[1]]).status_code == 422
    assert press(maker, page, "together", line=["no-key"], voucher=[numbers[3]]).status_code == 422
    assert press(maker, page, "look", together=["nonsense"]).status_code == 422
    assert press(maker, page, "look", until="2024-01-01").status_code == 422


def test_just_that_is_kept_which_the_page_showed(app: Flask, clerk: Any, lines: list[str]) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker)
    clerk.do("purchase", project="P001", channel="JT2024", amount="600", date="2024-05-09", party="财付通")
    refused = press(maker, page, "keep")
    assert refused.status_code == 422
    assert "与页面上显示的不同" in refused.text
    assert recorded(clerk, STATEMENT) == []
    assert "财付通" in section(refused, "已对上")
    assert press(maker, refused, "keep").status_code == 303
    assert len(recorded(clerk, STATEMENT)) == 1


def test_a_line_that_is_suggested_is_drafted_once(app: Flask, clerk: Any) -> None:
    for day in ("2024-05-08", "2024-05-09"):
        clerk.do("purchase", project="P001", channel="JT2024", amount="123", date=day, party="财付通")
    late = Move(date(2024, 5, 10), "10:00:00", -77_00, 497_273_00, "财付通", "62", "转账", "5")
    content = SHAPES["corp_psbc"].text([*MOVES, late])
    maker, cashier = enter(app, "zhang"), enter(app, "chu")
    page = hand_in(maker, content)
    *_, step = re.findall(r'value="(draft:[^"]+)"', section(page, "没有对上"))
    shown = hand_in(cashier, content)
    assert "draft:" not in shown.text
    assert press(cashier, shown, step).status_code == 403
    drafted = [press(maker, page, step) for _ in range(2)]
    assert [each.status_code for each in drafted] == [200, 200]
    assert "待审核" in section(drafted[0], "没有对上")
    with clerk.workspace.read() as connection:
        assert len(vouchers.drafts(connection, "SF")) == 1
    early = re.findall(r'value="(draft:[^"]+)"', section(page, "没有对上"))[0]
    refused = press(maker, page, early)
    assert (refused.status_code, "2024-05-07" in refused.text) == (422, True)
    assert press(maker, page, "draft:no-key").status_code == 422


def test_who_may_look_only_sees_the_same_without_a_button(app: Flask, clerk: Any) -> None:
    maker, auditor = enter(app, "zhang"), enter(app, "zhao")
    assert press(maker, hand_in(maker), "keep").status_code == 303
    page = auditor.get(f"{WHERE}/B01")
    assert "县建材有限公司" in page.text
    assert "<button" not in page.text[page.text.index('<main id="main">') :]
    assert hand_in(auditor).status_code == 403
    taken = auditor.get(f"{WHERE}/B01/xlsx")
    assert "attachment" in taken.headers["Content-Disposition"]
    form, sheet = openpyxl.load_workbook(io.BytesIO(taken.data)).worksheets
    assert "银行存款余额调节表" in form["A1"].value
    assert sheet.max_row == len(MOVES) + 1
    assert auditor.get(f"{WHERE}/B00/xlsx").status_code == 404
    assert auditor.get(f"{WHERE}/B99").status_code in {404, 422}


def test_what_differed_before_the_first_statement_is_said_to_the_fen(app: Flask) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker, SHAPES["corp_psbc"].text([each._replace(balance=each.balance + 7) for each in MOVES]))
    assert page.status_code == 200
    assert page.text.count("两边调节后仍差 0.07 元") == 2
    assert press(maker, page, "keep").status_code == 303
    sheet = openpyxl.load_workbook(io.BytesIO(maker.get(f"{WHERE}/B01/xlsx").data)).worksheets[0]
    assert "两边调节后仍差 0.07 元" in "".join(str(row[1].value) for row in sheet.iter_rows())


def test_what_a_statement_says_is_text_and_nothing_else(app: Flask, lines: list[str]) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker)
    assert "&lt;script&gt;" in page.text
    page = press(maker, page, "say", line=[lines[3]], reason=NASTY)
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert press(maker, page, "keep").status_code == 303
    assert "<script" not in maker.get(f"{WHERE}/B01").text


@pytest.mark.parametrize("lang, said", [("zh", "余额"), ("en", "balance")])
def test_what_is_wrong_with_a_file_is_said_line_by_line_and_it_is_not_kept(
    app: Flask, clerk: Any, lang: str, said: str
) -> None:
    maker = enter(app, "zhang")
    maker.post("/language", data={"csrf_token": maker.token, "lang": lang})
    before = sorted(clerk.workspace.documents.glob("*"))
    gap = SHAPES["corp_psbc"].text([MOVES[0], MOVES[2], MOVES[3]])
    refused = hand_in(maker, gap, "五月.csv")
    assert refused.status_code == 422
    assert "五月.csv" in refused.text
    assert said in refused.text[refused.text.index('class="obstacles"') :]
    assert "earmark-waiting" not in refused.text
    assert list(app.extensions["earmark"].waiting.iterdir()) == []
    assert sorted(clerk.workspace.documents.glob("*")) == before


def test_a_form_is_nobody_elses_and_no_other_accounts(app: Flask) -> None:
    maker, cashier = enter(app, "zhang"), enter(app, "chu")
    page = hand_in(maker)
    assert press(cashier, page, "look").status_code in {400, 422}
    [token] = re.findall(r'name="statement" value="([^"]+)"', page.text)
    form = {"csrf_token": maker.token, "key": "1" * 32, "statement": token, "step": "keep"}
    other = maker.post(f"{WHERE}/B00", data=form)
    assert (other.status_code, "对不上本页" in other.text) == (422, True)
    for wrong in ("", "x", token + "x"):
        assert maker.post(f"{WHERE}/B01", data=form | {"statement": wrong}).status_code == 422
    assert maker.post(f"{WHERE}/B01", data={"csrf_token": maker.token}).status_code == 403


def deflated(name: str, size: int) -> bytes:
    """A spreadsheet that is small and would be large."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr(name, b" " * size)
    return made.getvalue()


def test_what_is_no_statement_is_refused_never_run_and_nothing_of_it_stays(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    waiting = app.extensions["earmark"].waiting
    before = sorted(clerk.workspace.documents.glob("*"))
    for content, name in (
        (b"MZ\x90\x00" + bytes(60), "五月.csv"),
        (b"%PDF-1.7\n", "五月.xlsx"),
        (b"<!doctype html><script>alert(1)</script>", "五月.xls"),
        (deflated("xl/worksheets/sheet1.xml", 300_000_000), "五月.xlsx"),
        (b"PK\x03\x04" + bytes(40), "五月.xlsx"),
        (b"", "五月.csv"),
        (FILE, "五月.exe"),
        (FILE, "五月.exe.csv"),
        (FILE, "../../五月.csv"),
        (FILE, "<script>.csv"),
        (FILE, "五月\u202evsc.csv"),
        (FILE, ".csv"),
        (FILE, "五月"),
        (b"a,b\n1,2\n", "五月.csv"),
        (FILE + bytes(20_000_001), "五月.csv"),
    ):
        refused = hand_in(maker, content, name)
        assert refused.status_code == 422, name
        assert 'role="alert"' in refused.text
        assert "<script" not in refused.text
        assert "earmark-waiting" not in refused.text
        assert list(waiting.iterdir()) == [], name
    assert sorted(clerk.workspace.documents.glob("*")) == before


def test_what_was_only_looked_at_is_gone_after_a_while(app: Flask) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker)
    [file] = app.extensions["earmark"].waiting.iterdir()
    os.utime(file, (0, 0))  # the folder of its own in which it waits
    hand_in(maker, SHAPES["corp_psbc"].text(MOVES[:1]))
    assert not file.exists()
    late = press(maker, page, "keep")
    assert (late.status_code, "对不上本页" in late.text) == (422, True)

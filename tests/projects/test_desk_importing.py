"""Taking files in at the desk: shown with what stands against them, taken whole or not at all, and never twice."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest
from desks import desk, enter
from flask import Flask
from statements import SHAPES, moves
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from ledger import facts, messages, vouchers
from ledger.books.write import settle
from ledger.verify import verify
from projects import listings, registry
from projects.errors import ImportChannelUnmapped

WHERE = "/desk/SF/import"
TABLE = (
    "2024年省级财政衔接资金项目计划表\n单位：元\n序号,项目名称,村,省级,群众自筹\n"
    '1,修路,甲村,5000,300\n2,"<script>alert(1)</script>",乙村,700,\n'
)
PEOPLE = (
    "示范村产业奖补花名册\n姓名,村组,身份证号,一卡通账号,补贴金额\n张三丰,一组,11010519491231002X,6217000000000001,1200.50\n"
    "李四,二组,440524188001010014,6217000000000002,800\n合计,,,,2000.50\n"
)
LEDGER = """2024-01-01 open Assets:102
2024-01-01 open Liabilities:242
2024-01-02 * "到账"
  Assets:102  1000 CNY
  Liabilities:242
"""


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "wang", "li"), allotted=False)


def hand_in(client: Any, content: str | bytes, name: str = "计划.csv") -> Any:
    file = FileStorage(io.BytesIO(content.encode() if isinstance(content, str) else content), name)
    form = {"csrf_token": client.token, "key": "0" * 32, "step": "look", "file": file}
    boundary, sent = encode_multipart(MultiDict(form))
    return client.post(WHERE, data=sent, content_type=f"multipart/form-data; boundary={boundary}")


def press(client: Any, page: Any, step: str, **typed: Any) -> Any:
    """Press a button of the page's second form, with what it carries and what is typed into it."""
    form = page.text[page.text.index('<form class="match"') :]
    carried: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        carried.setdefault(name, []).append(unescape(value))
    return client.post(WHERE, data=carried | {"step": step} | typed)


def said(page: Any) -> str:
    return unescape(page.text)


def counted(clerk: Any) -> tuple[int, int, int]:
    """How many projects, drafts and facts of lists there are."""
    with clerk.workspace.read() as connection:
        found = registry.list_projects(connection, "SF"), vouchers.drafts(connection, "SF")
        return len(found[0]), len(found[1]), len(facts.facts(connection, "SF", listings.LIST, listings.PERSON))


def test_a_plan_is_shown_with_what_stands_against_it_then_taken_and_once(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    before = counted(clerk)
    page = hand_in(maker, TABLE)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "修路" in page.text
    lacking = ImportChannelUnmapped(name="群众自筹", channels="")
    assert messages.explain(lacking, "zh").split("（")[0] in said(page)
    assert 'value="take"' not in page.text
    names = [unescape(each) for each in re.findall(r'name="money" value="([^"]+)"', page.text)]
    assert names == ["省级财政衔接资金", "群众自筹"]
    chosen = {"code": ["JT2024", "ZC2024"], "date": "2024-03-01"}
    page = press(maker, page, "look", **chosen)
    assert "项目 2 个，6,000.00 元" in said(page)
    assert counted(clerk) == before
    changed = press(maker, page, "take", **chosen | {"only": "甲村"})
    assert (changed.status_code, "改过了" in changed.text) == (422, True)
    assert counted(clerk) == before
    taken = [press(maker, page, "take", **chosen) for _ in range(2)]
    assert [("项目 2 个，草稿 2 张" in said(each), each.status_code) for each in taken] == [(True, 200)] * 2
    assert counted(clerk) == (before[0] + 2, 2, 0)
    again = press(maker, hand_in(maker, TABLE), "look", **chosen)
    assert "已登记" in again.text
    assert 'value="take"' not in again.text
    forced = press(maker, again, "take", **chosen)
    assert "没有可以新登记的行" in said(forced)
    assert counted(clerk) == (before[0] + 2, 2, 0)
    settle(clerk.workspace)
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


def test_one_bad_cell_is_said_and_nothing_is_taken_until_its_row_is_left_out(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    before = counted(clerk)
    bad = TABLE.replace("700", "七百元")
    chosen = {"code": ["JT2024", "ZC2024"], "date": "2024-03-01"}
    page = press(maker, hand_in(maker, bad), "look", **chosen)
    assert "七百元" in page.text[page.text.index('class="obstacles"') :]
    assert 'value="take"' not in page.text
    refused = press(maker, page, "take", **chosen)
    assert refused.status_code == 422
    assert counted(clerk) == before
    kept = press(maker, page, "look", **chosen, skip=["5"])
    assert press(maker, kept, "take", **chosen, skip=["5"]).status_code == 200
    assert counted(clerk) == (before[0] + 1, 1, 0)
    assert press(maker, page, "look", skip=["x"]).status_code == 422
    assert press(maker, page, "look", date="morgen").status_code == 422


def test_people_of_a_list_are_masked_and_their_file_is_never_kept(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker, PEOPLE, "花名册.csv")
    assert "张三丰" not in page.text
    for private in ("11010519491231002X", "6217000000000001"):
        assert private not in page.text
    taken = [press(maker, page, "take", project="P001") for _ in range(2)]
    refused = taken[0]
    assert refused.status_code == 422  # the project was not part of what was looked at
    page = press(maker, page, "look", project="P001")
    taken = [press(maker, page, "take", project="P001") for _ in range(2)]
    assert [("已采用：2 行" in said(each), each.status_code) for each in taken] == [(True, 200)] * 2
    assert counted(clerk)[2] == 3
    assert not list(clerk.workspace.documents.glob("*.csv"))
    again = press(maker, hand_in(maker, PEOPLE, "另一份.csv"), "take")
    assert "都已登记" in said(again)
    assert counted(clerk)[2] == 3


def test_a_ledger_becomes_openings_and_reads_nothing_beside_itself(app: Flask, clerk: Any) -> None:
    maker, other = enter(app, "zhang"), enter(app, "wang")
    assert hand_in(other, LEDGER, "别人的.beancount").status_code == 200
    for included in ("*.beancount", "../*/*.beancount", "/etc/passwd"):
        refused = hand_in(maker, f'include "{included}"\n2024-01-01 open Assets:Own\n', "我的.beancount")
        assert "Assets:102" not in refused.text, included
        assert "root:" not in refused.text
    page = hand_in(maker, LEDGER, "旧账.beancount")
    assert "还没有说明是什么" in said(page)
    means = {"means": ["P001/bank:B01/JT2024", "P001/earmarked/JT2024"]}
    page = press(maker, page, "look", **means)
    assert "1 个项目的期初" in said(page)
    taken = [press(maker, page, "take", **means) for _ in range(2)]
    assert ["草稿 1 张" in said(each) for each in taken] == [True, True]
    assert counted(clerk)[1] == 1


def test_what_is_none_of_these_is_refused_in_a_sentence_and_does_not_wait(app: Flask) -> None:
    maker = enter(app, "zhang")
    waiting = app.extensions["earmark"].waiting
    statement = SHAPES["corp_psbc"].text(moves(3))
    for content, name, words in (
        (statement, "流水.csv", "请到“对账”页对账"),
        (b"MZ\x90\x00" + bytes(60), "表.csv", ""),
        (b"{", "表.json", ""),
        (b'{"a": [' * 5000, "表.json", ""),
        (b"\x00\x01", "账.beancount", ""),
        (TABLE.encode(), "表.py", "不能收"),
        (TABLE.encode(), "../表.csv", "不能用"),
    ):
        refused = hand_in(maker, content, name)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True), name
        assert words in said(refused)
        assert "earmark-waiting" not in refused.text
        assert list(waiting.iterdir()) == [], name
    for content in (b"%PDF-1.7", b"a,b\n1,2\n"):  # read as a sheet, that holds nothing known
        assert hand_in(maker, content, "表.xlsx").status_code == 422


def test_who_makes_no_vouchers_takes_nothing_and_a_form_is_nobody_elses(app: Flask) -> None:
    maker, other, approver = enter(app, "zhang"), enter(app, "wang"), enter(app, "li")
    assert approver.get(WHERE).status_code == 403
    assert hand_in(approver, TABLE).status_code == 403
    page = hand_in(maker, TABLE)
    stolen = press(other, page, "look")
    assert stolen.status_code in {400, 422}
    assert "修路" not in stolen.text


def test_a_page_speaks_english_too(app: Flask) -> None:
    maker = enter(app, "zhang")
    maker.post("/language", data={"csrf_token": maker.token, "lang": "en"})
    assert "Row by row: 3" in said(hand_in(maker, TABLE))


STRANGE = "某乡2024年要办的事\n序号,事由,地方,要花的钱（元）,谁说的\n1,修路,甲村,5000,王\n2,打井,乙村,700,李\n"


def test_of_a_table_with_strange_headings_is_asked_what_each_column_is(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    page = hand_in(maker, STRANGE)
    assert page.status_code == 422
    assert "没有找到项目表或资金分配表" in said(page)
    assert "请在下面说明哪一列是什么" in said(page)
    asked = re.findall(r'name="heading" value="([^"]+)".*?<option value="([a-z]+)" selected', page.text, re.DOTALL)
    assert asked == [("序号", "number"), *((each, "ignore") for each in ("事由", "地方", "要花的钱", "谁说的"))]
    assert "下一行：修路" in said(page)
    half = press(maker, page, "look", kind=["number", "name", "ignore", "ignore", "ignore"])
    assert half.status_code == 422
    assert '<option value="name" selected' in half.text, "what was said is there still"
    told = press(maker, half, "look", kind=["number", "name", "village", "amount", "ignore"], channel="JT2024")
    assert told.status_code == 200, said(told)
    assert "修路" in told.text
    assert "5,000.00" in told.text
    taken = press(maker, told, "take", channel="JT2024")
    assert "已采用" in said(taken), said(taken)
    assert counted(clerk)[1] == 2


def test_what_looks_like_no_header_is_asked_nothing(app: Flask) -> None:
    maker = enter(app, "zhang")
    for content in ("1,2\n3,4\n", "只有一句话\n", "甲,乙\n"):
        page = hand_in(maker, content)
        assert page.status_code == 422
        assert 'name="heading"' not in page.text

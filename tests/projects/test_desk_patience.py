"""Long work at the desk: the page says how far it is, shows what came of it, and a line that is lost loses nothing."""

from __future__ import annotations

import io
import re
from html import unescape
from threading import Event
from typing import Any

import pytest
from desks import desk, enter
from flask import Flask
from flask.testing import FlaskClient

from ledger import vouchers
from projects.web import patience

WHERE = "/desk/SF/import"
TABLE = "2024年项目计划表\n单位：元\n序号,项目名称,村,交通部门专项补助\n" + "".join(
    f"{number},修路{number},甲村,5000\n" for number in range(1, 41)
)


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A desk at which everything takes long."""
    made = desk(clerk, monkeypatch, ("zhang",), allotted=False)
    monkeypatch.setattr(patience, "PATIENCE", 0.0)
    return made


def form(client: Any, **typed: Any) -> dict[str, Any]:
    """What the form carries once the plan was looked at."""
    file = (io.BytesIO(TABLE.encode()), "计划.csv")
    page = client.post(WHERE, data={"csrf_token": client.token, "key": "0" * 32, "step": "look", "file": file})
    hidden = dict(re.findall(r'<input type="hidden" name="(handed|mark)" value="([^"]+)"', page.text))
    return {"csrf_token": client.token, "key": "1" * 32, "step": "take"} | hidden | typed


def drafts(clerk: Any) -> int:
    with clerk.workspace.read() as connection:
        return len(vouchers.drafts(connection, "SF"))


def test_a_page_says_how_far_it_is_and_then_what_came_of_it(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    asked = form(maker)
    pages = [maker.post(WHERE, data=asked) for _ in range(2)]
    first = pages[0].text
    shares = [int(each) for each in re.findall(r'class="far"[^>]*><label>[^<]*登记：(\d+)%', first)]
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert first.index("已采用：项目 40 个") > first.rindex('class="far"')
    assert (first.count("<main"), first.count("</html>"), first.count("<h1")) == (1, 1, 1)
    assert "default-src 'none'" in pages[0].headers["Content-Security-Policy"]
    assert ["草稿 40 张" in each.text for each in pages] == [True, True]
    assert drafts(clerk) == 40


def test_whoever_hangs_up_in_the_middle_has_asked_all_the_same_and_once(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    asked = form(maker)
    answer = FlaskClient.open(maker, WHERE, method="POST", data=asked, buffered=False)
    parts = iter(answer.response)
    assert "正在办理" in next(parts).decode()
    answer.close()
    assert drafts(clerk) == 40
    assert "草稿 40 张" in maker.post(WHERE, data=asked).text
    assert drafts(clerk) == 40


def test_what_is_refused_late_is_refused_in_its_sentence(app: Flask, clerk: Any) -> None:
    maker = enter(app, "zhang")
    refused = maker.post(WHERE, data=form(maker, only="乙村"))
    assert 'role="alert"' in refused.text
    assert "改过了" in refused.text
    assert drafts(clerk) == 0


def test_where_work_leads_to_another_page_the_page_leads_on(app: Flask) -> None:
    maker = enter(app, "zhang")
    with app.test_request_context("/desk/SF/"):
        app.preprocess_request()
        begun = Event()

        def act(_: Any) -> Any:
            begun.wait(0.2)
            return "", 303, {"Location": "/desk/SF/drafts"}

        answer = patience.patiently(act, dict)
        assert 'content="0;url=/desk/SF/drafts"' in answer.get_data(as_text=True)
        answer.close()
    assert maker.get("/desk/SF/drafts").status_code == 200


def test_what_nobody_foresaw_is_said_in_a_sentence_and_tells_nothing(
    app: Flask, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker = enter(app, "zhang")
    asked = form(maker)

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a secret of the machine")

    monkeypatch.setattr("projects.web.pages.importing.take", fail)
    page = maker.post(WHERE, data=asked)
    assert "请求不能办理" in unescape(page.text)
    assert "secret" not in page.text
    monkeypatch.setattr(patience, "PATIENCE", 60.0)
    assert maker.post(WHERE, data=asked).status_code == 500
    assert drafts(clerk) == 0

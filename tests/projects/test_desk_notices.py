"""Notices at the desk: the same functions, words and bytes as at the command line, for who may publish; others read."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from desks import desk, enter
from flask import Flask
from markupsafe import escape
from served import let_in

from ledger import facts, log, messages, people
from ledger.books.write import settle
from ledger.errors import Refusal, RoleMissing
from ledger.store import sql
from ledger.verify import verify
from projects.notices.address import TOLD, tell
from projects.notices.check import check
from projects.notices.due import due
from projects.notices.files import find
from projects.notices.kinds import kinds, need_kind
from projects.notices.names import ENDINGS
from projects.notices.page import style
from projects.notices.publish import draft, list_notices
from projects.types import shipped
from projects.web import instead
from projects.web.app import create_app

WHERE = "/desk/SF/notices"
PREPARE = f"{WHERE}/prepare"
ALLOTMENT = {"kind": "allotment", "say-principles": "按批复的项目和渠道分配", "issuer": "村委会", "phone": "110"}
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A desk with the office's key, at which a publisher sits; an allotment stands in the book."""
    desk(clerk, monkeypatch, ("zhang", "li", "zhao"))
    with clerk.workspace.write() as unit:
        people.add_user(unit, "chen", roles=["publisher"])
        unit.commit()
    settle(clerk.workspace)
    let_in(clerk.workspace.path, "chen", clock=clerk.clock)
    signer = clerk.make_key()
    return create_app(clerk.workspace, signer=signer)


def ask(client: Any, step: str, *, key: str = "1", **typed: str) -> Any:
    form = {"csrf_token": client.token, "key": key * 32, "step": step, "sure": "1"}
    return client.post(PREPARE, data=form | ALLOTMENT | {name.replace("_", "-"): text for name, text in typed.items()})


def said(act: Callable[[], Any]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return str(escape(instead.explain(refused.value, "zh")))


def published(clerk: Any) -> list[Any]:
    with clerk.workspace.read() as connection:
        return list_notices(connection, "SF")


def test_a_publisher_prepares_looks_publishes_and_takes_away_what_the_command_line_writes(
    app: Flask, clerk: Any
) -> None:
    chen, zhang = enter(app, "chen"), enter(app, "zhang")
    form = chen.get(PREPARE, query_string={"kind": "allotment"})
    assert form.status_code == 200
    assert 'name="say-principles"' in form.text
    assert 'name="say-allotted"' not in form.text  # amounts come from vouchers alone
    looked = ask(chen, "look")
    assert looked.status_code == 200
    assert "按批复的项目和渠道分配" in looked.text
    assert published(clerk) == []
    answers = {ask(chen, "publish").location for _ in range(3)}
    [made] = published(clerk)
    assert answers == {f"{WHERE}/{made.label}"}
    assert made.by == "chen"
    with clerk.workspace.read() as connection:
        found = find(connection, clerk.workspace.path, "SF", made.label)
    for reader in (chen, zhang):
        page = reader.get(f"{WHERE}/{made.label}")
        assert page.status_code == 200
        for ending, kind in zip(ENDINGS, ("html", "proof", "pdf", "xlsx"), strict=True):
            taken = reader.get(f"{WHERE}/{made.label}/{kind}")
            assert taken.data == found.file(ending), kind
            name = f"SF-{made.label}-allotment{ending}"
            assert taken.headers["Content-Disposition"] == f'attachment; filename="{name}"'
            assert "sandbox" in taken.headers["Content-Security-Policy"]
    report = check(found.file(".proof.json").decode(), found.file(".html").decode())
    assert (report.problems, report.vouchers) == ([], 1)
    assert [each.code for each_ in verify(clerk.workspace) for each in each_.findings] == []


def test_the_page_is_shown_in_a_sandbox_with_its_own_style_and_nothing_else(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    looked = ask(chen, "html")
    ask(chen, "publish")
    shown = chen.get(f"{WHERE}/{published(clerk)[0].label}/page")
    for each in (looked, shown):
        assert each.headers["Content-Disposition"].startswith("inline")
        own = b64encode(sha256(style().encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{own}'; sandbox allow-same-origin allow-downloads; frame-ancestors 'none'"
        assert each.headers["Content-Security-Policy"] == policy
        assert each.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "未发布" in looked.text
    assert "<svg" not in looked.text
    assert "<a " not in looked.text
    # What the page leads to lies beside it in a folder: the desk has it under the same names.
    label = published(clerk)[0].label
    proof = chen.get(f"{WHERE}/{label}/SF-{label}-allotment.proof.json")
    assert proof.data == chen.get(f"{WHERE}/{label}/proof").data
    assert chen.get(f"{WHERE}/{label}/verify.html").location == "/public/verify.html"
    for other in ("SF-F1-allotment.proof.json", ".proof.json", "other.html"):
        assert chen.get(f"{WHERE}/{label}/{other}").status_code == 404
    assert "未发布" not in shown.text
    assert "<svg" in shown.text
    paper = ask(chen, "pdf", key="2")
    assert paper.data.startswith(b"%PDF-")
    assert len(published(clerk)) == 1


def test_who_may_not_publish_reads_and_no_more(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    page = zhang.get(WHERE)
    assert page.status_code == 200
    assert "prepare" not in page.text
    assert zhang.get(PREPARE, query_string={"kind": "allotment"}).status_code == 403
    assert {ask(zhang, step).status_code for step in ("look", "html", "pdf", "publish")} == {403}
    assert published(clerk) == []


def test_without_the_offices_key_or_a_yes_nothing_is_published(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    unsure = ask(chen, "publish", sure="")
    assert unsure.status_code == 422
    assert "没有确认，没有发布" in unsure.text
    closed = enter(create_app(clerk.workspace), "chen")
    looked = ask(closed, "look")
    assert 'value="publish"' not in looked.text
    assert "请管理人员带密钥打开工作台" in looked.text
    refused = ask(closed, "publish")
    assert refused.status_code == 422
    assert "没有打开单位密钥，没有发布" in refused.text
    assert chen.get(PREPARE, query_string={"step": "publish", "sure": "1"} | ALLOTMENT).status_code == 200
    assert published(clerk) == []


def test_what_is_missing_is_said_in_the_sentence_of_the_command(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    with clerk.workspace.read() as connection:
        wanted = {"on": clerk.clock().date(), "lang": "zh", "types": shipped(), "said": {}}
        foot = {"issuer": "村委会", "phone": "110"}
        says = said(lambda: draft(connection, "SF", need_kind("before"), "P001", **wanted, foot=foot))
    form = chen.get(PREPARE, query_string={"kind": "before", "project": "P001"})
    assert "earmark approve P001" in form.text
    refused = ask(chen, "look", kind="before", project="P001")
    assert refused.status_code == 422
    assert says in refused.text
    for asked in ({"kind": "before"}, {"kind": "quarter", "project": "P001"}, {"kind": "no"}, {}):
        assert chen.get(PREPARE, query_string=asked).status_code == 422, asked
    assert chen.get(PREPARE, query_string={"kind": "before", "project": "P999"}).status_code in {404, 422}
    assert ask(chen, "look", date="31.02.2024").status_code == 422
    assert ask(chen, "look", issuer="").status_code == 422


def test_every_kind_has_its_form(app: Flask) -> None:
    chen = enter(app, "chen")
    listed = chen.get(WHERE).text
    for name, each in kinds().items():
        project = "P001" if each.about == "project" else ""
        assert chen.get(PREPARE, query_string={"kind": name, "project": project}).status_code == 200, name
        assert f'value="{name}"' in listed or f"kind={name}" in listed


def test_a_correction_says_before_it_is_published_what_it_changes(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    ask(chen, "publish")
    first = published(clerk)[0]
    same = ask(chen, "look", key="2")
    assert "没有什么要更正的" in same.text
    assert 'value="publish"' not in same.text
    assert ask(chen, "publish", key="3").status_code == 422
    other = ask(chen, "look", key="4", say_principles="先急后缓")
    assert f"它取代 {first.label}，改动之处：分配原则" in other.text
    at = ask(chen, "publish", key="4", say_principles="先急后缓").location
    assert "分配原则" in chen.get(at).text
    assert at.rsplit("/", 1)[1] in chen.get(f"{WHERE}/{first.label}").text
    assert [each.supersedes for each in published(clerk)] == ["", first.label]
    # What was published under a key is published; the same form with other words is another notice.
    assert ask(chen, "publish", key="4", say_principles="再改").status_code == 422


def test_of_many_notices_a_page_reads_none_that_it_does_not_show(
    app: Flask, clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice has ten thousand characters and a project may have hundreds: lists remember what they say of each."""
    chen, zhang = enter(app, "chen"), enter(app, "zhang")
    for turn in "123":
        ask(chen, "publish", key=turn, say_principles=f"第 {turn} 次")
    labels = [each.label for each in published(clerk)]
    reads, data_of = [], log.data_of
    monkeypatch.setattr("ledger.log.data_of", lambda leaf: reads.append(leaf) or data_of(leaf))
    for who, page in ((chen, WHERE), (chen, f"{PREPARE}?kind=allotment"), (zhang, "/desk/SF/projects/P001")):
        assert who.get(page).status_code == 200
    assert [each for each in reads if '"of":"notice"' in each] == []
    shown = chen.get(f"{WHERE}/{labels[0]}")
    assert labels[1] in shown.text
    assert {each for each in reads if '"of":"notice"' in each} == {_leaf(clerk, labels[0])}


def _leaf(clerk: Any, label: str) -> str:
    with clerk.workspace.read() as connection:
        row = sql.first(
            connection, "SELECT leaf FROM log_leaf WHERE log = 'SF' AND position = :at", {"at": int(label[1:])}
        )
    assert row
    return str(row[0])


def test_what_is_due_is_listed_until_it_is_published(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    with clerk.workspace.read() as connection:
        waiting = due(connection, "SF", clerk.clock().date())
        says = [str(escape(messages.phrase(each.why, "zh"))) for each in waiting if each.kind == "allotment"]
    assert len(says) == 1
    assert says[0] in chen.get(WHERE).text
    ask(chen, "publish")
    assert says[0] not in chen.get(WHERE).text


def test_a_notice_that_hangs_says_where_and_how_long(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    with clerk.workspace.write(book="SF") as unit:
        for kind, data in (
            ("approval", {"authority": "镇政府", "number": "1"}),
            ("notice-up", {"stage": "before", "places": ["村口"]}),
        ):
            facts.record(unit, "SF", kind, "P001", on=clerk.clock().date(), by="zhang", data=data)
        unit.commit()
    said_of = {f"say-{name}": "有" for name in need_kind("before").needed - {"sources"}}
    at = ask(chen, "publish", kind="before", project="P001", **said_of).location
    clerk.clock.set("2026-01-04")
    chen = enter(app, "chen")  # a session does not last so long
    page = chen.get(at).text
    assert "村口" in page
    assert "4 / 10" in page
    assert re.search(r"F\d+</a>.*<td[^>]*>4 / 10</td></tr>", chen.get(WHERE).text)
    assert "村口" not in chen.get(ask(chen, "publish", key="2").location).text


def test_a_script_in_what_is_typed_stays_text(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    evil = {"say_principles": EVIL, "issuer": EVIL, "phone": EVIL}
    pages = [ask(chen, step, **evil) for step in ("look", "html", "mend")]
    assert ask(chen, "publish", **evil).status_code == 303
    label = published(clerk)[0].label
    pages += [chen.get(f"{WHERE}/{label}{rest}") for rest in ("", "/page", "/html")] + [chen.get(WHERE)]
    pages += [chen.get(PREPARE, query_string={"kind": EVIL}), chen.get(f"{WHERE}/{EVIL}")]
    for page in pages:
        assert page.status_code in {200, 404, 422}, page.text
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text


def test_a_label_that_is_no_notice_leads_nowhere(app: Flask, clerk: Any) -> None:
    chen = enter(app, "chen")
    ask(chen, "publish")
    label = published(clerk)[0].label
    for path in ("F999", "x", f"{label}/exe", f"{label}/..%2fpdf", "..%2f..%2fearmark.toml", "F0"):
        answer = chen.get(f"{WHERE}/{path}")
        assert answer.status_code in {404, 422}, path
        assert not re.search("Traceback", answer.text)


def tell_address(client: Any, url: str, key: str = "a") -> Any:
    return client.post(f"{WHERE}/address", data={"csrf_token": client.token, "key": key * 32, "url": url})


def test_a_publisher_tells_where_the_square_code_leads_and_takes_it_back(app: Flask, clerk: Any, tmp_path: Any) -> None:
    chen = enter(app, "chen")
    ask(chen, "publish")
    label = published(clerk)[0].label
    plain = chen.get(f"{WHERE}/{label}/proof").json
    assert plain["url"] == ""
    told = tell_address(chen, " https://example.org/gongshi/ ")
    assert told.status_code == 303
    assert 'value="https://example.org/gongshi"' in chen.get(WHERE).text
    proof = chen.get(f"{WHERE}/{label}/proof").json
    assert proof["url"] == f"https://example.org/gongshi/SF-{label}-allotment.html"
    with clerk.workspace.read() as connection:
        found = find(connection, clerk.workspace.path, "SF", label, url=proof["url"].rpartition("/")[0])
    assert chen.get(f"{WHERE}/{label}/html").data == found.file(".html")
    again = tell_address(chen, "https://example.org/gongshi", key="b")
    assert again.status_code == 303
    with clerk.workspace.read() as connection:
        assert len(facts.facts(connection, "SF", TOLD)) == 1, "what stands is not told again"
    assert tell_address(chen, "", key="c").status_code == 303
    assert chen.get(f"{WHERE}/{label}/proof").json == plain


@pytest.mark.parametrize(
    "url",
    [
        "example.org/gongshi",
        "javascript:alert(1)",
        "https://",
        "https://例子/",
        "https://example.org/?a=1",
        "https://example.org/#b",
        "https://someone@example.org/",
        "https://example.org/" + "a" * 200,
        EVIL,
    ],
)
def test_what_is_no_address_of_the_web_is_refused_beside_what_was_typed(app: Flask, clerk: Any, url: str) -> None:
    chen = enter(app, "chen")
    refused = tell_address(chen, url)
    assert refused.status_code == 422
    assert "不是网址：请写公示网页放在哪个网址下" in refused.text
    assert f'value="{escape(url)}"' in refused.text
    with clerk.workspace.read() as connection:
        assert facts.facts(connection, "SF", TOLD) == []


def test_the_offices_own_word_stands_and_who_may_not_publish_tells_nothing(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    assert tell_address(zhang, "https://example.org").status_code == 403
    assert 'name="url"' not in zhang.get(WHERE).text
    with pytest.raises(RoleMissing):
        tell(clerk.at("zhang"), "https://example.org")
    office = {"url": "https://example.org/village/"}
    clerk.workspace.settings = clerk.workspace.settings.model_copy(update={"publication": office})
    chen = enter(create_app(clerk.workspace), "chen")
    page = chen.get(WHERE).text
    assert "https://example.org/village/SF/notices" in page
    assert 'name="url"' not in page
    assert tell_address(chen, "https://example.org").status_code == 422

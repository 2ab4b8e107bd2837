"""Every role on every page, Fava's own included: the table says who may, and a page without a line is nobody's."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from typing import Any

import pytest
from desks import desk, enter
from fava.application import CLIENT_SIDE_REPORTS
from flask import Flask
from served import let_in

from ledger import people, register
from ledger.books.write import settle
from projects.web import access

ROLES = people.ROLES
HERE = {
    "book": "SF",
    "verb": "receive",
    "what": "deliberate",
    "label": "D1",
    "number": "2024-03-0001",
    "name": "x.pdf",
    "project": "P001",
    "rest": "account/Assets/",
    "month": "2024-01",
    "statement": "accounts",
    "kind": "csv",
    "bank": "B01",
    "entry": "payee-add",
    "payee": "S001",
    "invoice": "24532000000012345678",
}
BOOKS_CSS = "/static/books.css"
IN_FAVA = {
    "bfile": "SF",
    "name": "Assets",
    "aggregation_key": "account",
    "extension_name": "Projects",
    "endpoint": "x",
    "result_format": "csv",
    "page_slug": "filters",
    "filename": "app.css",
    "report_name": "journal",
}


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The desk of a village where each role has somebody, and another book has somebody of its own."""
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    with clerk.workspace.write() as unit:
        register.add_book(unit, "OTHER", village="V13", name="另一本", started_on=date(2024, 1, 1))
        people.add_user(unit, "stranger", roles=["maker", "auditor"], book="OTHER")
        for role in ROLES:  # the administrator comes last: from then on only the administrator grants
            people.add_user(unit, f"the-{role}", roles=[role], book="SF")
        unit.commit()
    return desk(clerk, monkeypatch, ("stranger", *(f"the-{role}" for role in ROLES)), allotted=False)


def desk_pages(app: Flask) -> dict[str, tuple[str, str]]:
    """Each page of the desk with an address and a method."""
    found = {}
    for rule in app.url_map.iter_rules():
        values = {name: HERE.get(name, "desk.css") for name in rule.arguments}
        if rule.endpoint == "static":
            values = {"filename": "desk.css"}
        _, path = rule.build(values)
        found[rule.endpoint] = (path, "POST" if rule.methods == {"POST", "OPTIONS"} else "GET")
    return found


def fava_pages(app: Flask) -> dict[str, str]:
    """Each page of Fava's with an address, a report for each that there is."""
    found = {}
    for rule in app.extensions["earmark"].fava.url_map.iter_rules():
        _, path = rule.build({name: IN_FAVA[name] for name in rule.arguments})
        found[rule.endpoint] = f"/books{path}"
    del found["report"]
    return found | {f"report.{name}": f"/books/SF/{name}/" for name in CLIENT_SIDE_REPORTS}


def test_every_page_has_a_line_and_every_line_a_page(app: Flask) -> None:
    assert set(desk_pages(app)) == set(access.table()["desk"])
    assert set(fava_pages(app)) == set(access.table()["books"])
    assert set(access.table()["role"]) == set(ROLES)
    assert {role: set(rights) for role, rights in access.table()["role"].items()} == EXPECTED


def test_a_page_without_a_line_is_nobodys(app: Flask) -> None:
    app.add_url_rule("/desk/<book>/new", "desk.new", lambda book: book)
    for name in (f"the-{role}" for role in ROLES):
        assert enter(app, name).get("/desk/SF/new").status_code == 403, name
    assert access.takes("books", "report.new") == access.takes("desk", "desk.newer") == "nobody"


def test_of_a_book_that_is_not_there_is_told_what_is_told_of_anothers(app: Flask, clerk: Any) -> None:
    let_in(clerk.workspace.path, "li", clock=clerk.clock)
    everywhere, stranger = enter(app, "li"), enter(app, "stranger")
    for at in ("/desk/{}/", "/desk/{}/vouchers", "/desk/{}/drafts/D1", "/books/{}/journal/", "/books/{}/api/journal"):
        missing, others = everywhere.get(at.format("NO")), stranger.get(at.format("SF"))
        assert (missing.status_code, others.status_code) == (403, 403), at
        assert said(missing).replace("NO", "SF") == said(others), at
    form = {"csrf_token": everywhere.token, "key": "1" * 32}
    assert everywhere.post("/desk/NO/drafts/D1/seal", data=form).status_code == 403


def said(page: Any) -> str:
    """What a page says was refused."""
    return str(re.findall(r'role="alert">([^<]+)<', page.text)[0])


EXPECTED = {
    # what somebody with just this role may, word by word: changing the table in the program means changing it here
    "maker": {"look", "papers", "make", "match", "drop"},
    "approver": {"look", "papers", "seal", "drop", "publish"},
    "cashier": {"look", "papers", "match"},
    "auditor": {"look", "papers", "publish"},
    "publisher": {"look", "publish"},
    "administrator": {"people"},
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_of_the_desk_what_the_table_says(app: Flask, role: str) -> None:
    client = enter(app, f"the-{role}")
    for page, (path, method) in desk_pages(app).items():
        if page in {"desk.log_out", "desk.books_page", "desk.books_static"}:
            continue
        right = access.table()["desk"][page]
        # The public pages are of every book: a role in one is not enough.
        mine = right in {"anyone", "self"} or (right in EXPECTED[role] and page != "desk.public_page")
        form = {"csrf_token": client.token, "key": "0" * 32}
        answer = client.get(path) if method == "GET" else client.post(path, data=form)
        assert (answer.status_code != 403) == mine, (page, answer.status_code)
        answer.close()


@pytest.mark.parametrize("role", [*ROLES, "stranger", ""])
def test_a_role_gets_of_fava_what_the_table_says(app: Flask, role: str) -> None:
    client = enter(app, "stranger" if role == "stranger" else f"the-{role}") if role else app.test_client()
    for page, path in fava_pages(app).items():
        right = access.table()["books"][page]
        answer = client.get(path, follow_redirects=page == "jump")
        if not role:
            assert (answer.location or answer.request.path) == "/login", page
        elif page == "static":
            assert answer.status_code == 200
        elif right in EXPECTED.get(role, set()):
            assert answer.status_code not in {302, 403}, (page, answer.status_code)
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        else:
            assert answer.status_code in {403, 404}, (page, answer.status_code)
        answer.close()
        for method in ("post", "put", "delete", "patch"):
            assert getattr(client, method)(path).status_code in {302, 400, 404, 405}, (page, method)


def test_a_role_that_is_taken_back_is_refused_from_the_next_page_on(app: Flask, clerk: Any) -> None:
    """The session stays open, and of the books too nothing is shown any more."""
    auditor = enter(app, "the-auditor")
    pages = ("/desk/SF/", "/books/SF/journal/")
    assert [auditor.get(page).status_code for page in pages] == [200, 200]
    with clerk.workspace.write() as unit:
        people.revoke(unit, "the-auditor", roles=["auditor"], book="SF", by="the-administrator")
        unit.commit()
    settle(clerk.workspace)
    assert [auditor.get(page).status_code for page in pages] == [403, 403]
    assert auditor.get("/password").status_code == 200


def test_fava_shows_no_link_to_a_page_that_is_nobodys(app: Flask) -> None:
    auditor = enter(app, "the-auditor")
    hidden = {f"report.{each}" for each in re.findall(r'aside a\[href\*="/(\w+)/"\]', auditor.get(BOOKS_CSS).text)}
    nobodys = {name for name, right in access.table()["books"].items() if right == "nobody"}
    assert hidden == {name for name in nobodys if name.startswith("report.")}
    for page in ("journal/", "extension/Projects/", "account/Assets:102-银行存款/"):
        answer = auditor.get(f"/books/SF/{page}")
        assert answer.status_code == 200, page
        assert re.search(rf'href="{BOOKS_CSS}(\?[^"]*)?"></head>', answer.text.replace("\n", "")), page
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_from_one_book_nothing_leads_into_another(app: Flask) -> None:
    auditor, stranger = enter(app, "the-auditor"), enter(app, "stranger")
    assert auditor.get("/books/SF/income_statement/").status_code == 200
    assert "另一本" not in auditor.get("/books/SF/income_statement/").text
    assert auditor.get("/books/OTHER/income_statement/").status_code == 403
    assert stranger.get("/books/OTHER/income_statement/").status_code == 200
    for path in ("SF/income_statement/", "SF/api/journal", "sf/journal/", "..%2fSF/journal/", "OTHER/../SF/journal/"):
        assert stranger.get(f"/books/{path}").status_code in {403, 404}, path


def test_a_book_that_is_not_what_the_record_wrote_is_never_loaded(app: Flask, clerk: Any, tmp_path: Any) -> None:
    auditor = enter(app, "the-auditor")
    assert auditor.get("/books/SF/journal/").status_code == 200
    ran = tmp_path / "ran"
    (tmp_path / "evil.py").write_text(f"open({str(ran)!r}, 'w')\n__plugins__ = []\n")
    head = clerk.workspace.books / "SF" / "main.beancount"
    head.write_text(head.read_text("utf-8") + f'option "insert_pythonpath" "TRUE"\nplugin "{tmp_path}/evil"\n', "utf-8")
    answer = auditor.get("/books/SF/journal/")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert not ran.exists()


def test_fava_shows_what_was_sealed_since(app: Flask, clerk: Any) -> None:
    auditor = enter(app, "the-auditor")
    assert "2024-03-0002" not in auditor.get("/books/SF/api/journal").text
    clerk.do("receive", project="P001", channel="JT2024", amount="1000")
    settle(clerk.workspace)
    assert "2024-03-0002" in auditor.get("/books/SF/api/journal").text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_preview_of_the_public_pages_is_for_who_may_publish_every_book(clerk: Any, app: Flask, lang: str) -> None:
    let_in(clerk.workspace.path, "li", "zhang", clock=clerk.clock)
    approver, maker = enter(app, "li"), enter(app, "zhang")
    approver.post("/language", data={"csrf_token": approver.token, "lang": lang})
    assert maker.get("/public/").status_code == 403
    first = approver.get("/public/", follow_redirects=True)
    assert (first.status_code, first.request.path) == (
        200,
        {"zh": "/public/index.html", "en": "/public/en/index.html"}[lang],
    )
    for place, name in (("", "示范村"), ("zh-Hant/", "示範村"), ("en/", "示范村")):
        page = approver.get(f"/public/{place}SF/index.html")
        assert (name in page.text, page.status_code) == (True, 200)
    for path in ("../earmark.toml", "..%2f..%2fearmark.toml", "%2e%2e/zh/index.html", ".earmark-site/../../x"):
        assert approver.get(f"/public/{path}").status_code in {404, 308}, path


def test_the_page_that_checks_runs_its_own_script_in_the_preview_and_no_other(clerk: Any, app: Flask) -> None:
    let_in(clerk.workspace.path, "li", clock=clerk.clock)
    approver = enter(app, "li")
    clerk.make_key()
    clerk.sign()
    checker = approver.get("/public/verify.html")
    script = checker.text.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rule = checker.headers["Content-Security-Policy"]
    assert (f"script-src 'sha256-{digest}'" in rule, "frame-ancestors 'none'" in rule) == (True, True)
    assert "script-src 'self'" in approver.get("/public/SF/index.html").headers["Content-Security-Policy"]

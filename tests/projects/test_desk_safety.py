"""What an attacker tries at the desk; ``docs/security.md`` names these tests, and this module checks that it does."""

from __future__ import annotations

import ast
import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from desks import PASSWORD, RECEIPT, attempt, desk, enter, token
from flask import Flask, url_for
from served import let_in

from ledger import people
from ledger.books.write import settle
from projects.web.app import create_app
from projects.web.logins import FILE, Logins

ROOT = Path(__file__).parents[2]
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "wang", "li", "zhao"))


def record(client: Any, **typed: str) -> Any:
    form = {"csrf_token": client.token, "key": "5" * 32, "step": "keep"} | RECEIPT | typed
    return client.post("/desk/SF/record/receive", data=form)


def test_every_line_of_the_table_names_a_test_that_there_is() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text("utf-8"))
    assert len(named) > 30
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, (path, name)
    mine = {name for name in globals() if name.startswith("test_")} - {
        "test_every_line_of_the_table_names_a_test_that_there_is"
    }
    assert mine <= {name for _, name in named}


def test_a_script_in_narration_and_payee_stays_text_on_every_page_and_in_fava(app: Flask) -> None:
    zhang, li, zhao = enter(app, "zhang"), enter(app, "li"), enter(app, "zhao")
    kept = record(zhang, party=EVIL, note=EVIL, serial=EVIL)
    assert kept.status_code == 303, kept.text
    pages = [zhang.get(kept.location), zhang.get("/desk/SF/drafts"), zhang.get("/desk/SF/")]
    sealed = li.post(f"{kept.location}/seal", data={"csrf_token": li.token, "key": "6" * 32})
    assert sealed.status_code == 303, sealed.text
    number = sealed.location.rsplit("/", 1)[1]
    pages += [li.get(sealed.location), li.get("/desk/SF/vouchers"), li.get(f"/desk/NO{EVIL}/")]
    pages += [
        zhao.get(f"/books/SF/{each}")
        for each in ("journal/", "income_statement/", f"extension/Vouchers/?voucher=V{number}", "extension/Projects/")
    ]
    for page in pages:
        assert page.status_code in {200, 403, 404}
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    # Fava draws the journal from JSON, which is no page.
    assert zhao.get("/books/SF/api/journal").headers["Content-Type"] == "application/json"


def test_a_narration_does_not_become_a_directive(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    assert record(zhang, note='x"\n2024-01-01 close Assets:A\nplugin "evil"').status_code == 422
    kept = record(zhang, note='x" \\ plugin "evil"')
    assert kept.status_code == 303
    assert li.post(f"{kept.location}/seal", data={"csrf_token": li.token, "key": "6" * 32}).status_code == 303
    written = (clerk.workspace.books / "SF" / "2024-03.beancount").read_text("utf-8")
    assert not re.search(r'^plugin "evil"', written, re.MULTILINE)
    assert 'x\\" \\\\ plugin \\"evil\\"' in written


def test_the_token_of_another_session_does_nothing(app: Flask) -> None:
    zhang, wang = enter(app, "zhang"), enter(app, "wang")
    zhang.token = wang.token
    assert record(zhang).status_code == 400
    assert "/drafts/D" not in zhang.get("/desk/SF/drafts").text


def test_the_policy_of_fava_is_favas_alone(app: Flask) -> None:
    zhao = enter(app, "zhao")
    in_fava = zhao.get("/books/SF/journal/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in in_fava
    assert not re.search(r"script-src[^;]*'unsafe-(inline|eval)'", in_fava)
    for page in ("/desk/SF/", "/login", "/books/", "/books/NO/journal/", "/nothing", "/desk/SF/vouchers"):
        policy = zhao.get(page).headers["Content-Security-Policy"]
        assert "unsafe" not in policy or page.startswith("/books/NO"), page
        assert "http" not in policy


def test_no_redirect_leads_out_of_the_desk(app: Flask) -> None:
    client = app.test_client()
    for path in ("/", "//evil.example.org/", "/desk/SF/?next=https://evil.example.org/", "/books/jump", "/desk/SF"):
        for who in (client, enter(app, "zhao")):
            at = who.get(path, headers={"Referer": "https://evil.example.org/x"}).headers.get("Location", "/")
            assert re.match(r"(http://localhost)?/(?!/)", at), (path, at)
    form = {"csrf_token": token(client.get("/login")), "name": "zhao", "password": PASSWORD}
    answer = client.post("/login?next=https://evil.example.org/", data=form | {"next": "https://evil.example.org/"})
    assert answer.location == "/"


@pytest.fixture
def boss(app: Flask, clerk: Any) -> Any:
    """The administrator, logged in."""
    with clerk.workspace.write() as unit:
        people.add_user(unit, "boss", roles=["administrator"])
        unit.commit()
    settle(clerk.workspace)
    let_in(clerk.workspace.path, "boss", clock=clerk.clock)
    return enter(app, "boss")


DEEDS = {
    "": {"name": "new", "full_name": "", "role": "maker", "book": "SF"},
    "/li/grant": {"role": "maker", "book": "SF"},
    "/li/take-back": {"role": "approver", "book": "*", "step": "sure"},
    "/li/password": {},
    "/li/unlock": {},
}
"""What is done about people, each with a form."""


def test_people_are_changed_by_no_form_of_another_site_or_session(app: Flask, clerk: Any, boss: Any) -> None:
    before = json.loads((clerk.workspace.path / FILE).read_text("utf-8"))["users"]["li"]
    with clerk.workspace.read() as connection:
        known = people.list_users(connection)
    for token_of in ("", enter(app, "zhang").token):
        for at, typed in DEEDS.items():
            answer = boss.post(f"/people{at}", data=typed | {"csrf_token": token_of, "key": "1" * 32})
            assert answer.status_code == 400, at
            assert boss.get(f"/people{at}").status_code in ({200} if not at else {405}), at
    for at, typed in DEEDS.items():  # nor by a form that was not made here
        assert boss.post(f"/people{at}", data=typed | {"csrf_token": boss.token}).status_code == 403
    with clerk.workspace.read() as connection:
        assert people.list_users(connection) == known
    assert json.loads((clerk.workspace.path / FILE).read_text("utf-8"))["users"]["li"] == before


NAMED = {
    "book": "SF",
    "verb": "receive",
    "what": "deliberate",
    "label": "D1",
    "number": "2024-03-0001",
    "key": "1" * 32,
    "month": "2024-03",
    "bank": "B01",
    "entry": "payee-add",
    "payee": "S001",
    "name": "li",
}
"""What stands in the addresses of forms."""


def test_no_form_does_anything_without_its_token_or_with_anothers(app: Flask, clerk: Any, boss: Any) -> None:
    with clerk.workspace.write() as unit:
        people.add_user(unit, "whole", roles=["maker", "approver", "cashier", "auditor", "publisher"], by="boss")
        unit.commit()
    settle(clerk.workspace)
    Logins(clerk.workspace.path, clerk.clock).set_password("whole", PASSWORD, first=False)
    whole, other = enter(app, "whole"), enter(app, "zhang")
    forms = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(forms) > 20
    for rule in forms:
        with app.test_request_context():
            at = url_for(rule.endpoint, **{each: NAMED[each] for each in rule.arguments})
        client = boss if at.startswith("/people") else whole
        for wrong in ({}, {"csrf_token": other.token}, {"csrf_token": ""}, {"csrf_token": client.token[::-1]}):
            assert client.post(at, data=wrong | {"key": "1" * 32}).status_code == 400, (at, wrong)


def bare(page: Any) -> str:
    """A page without its token, which changes from second to second."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", page.text)


def test_nobody_but_the_administrator_learns_who_there_is(app: Flask, boss: Any) -> None:
    """Somebody who is there and somebody who is not get the same answer, whatever is asked about them."""
    for name in ("zhang", "li", "zhao"):
        client = enter(app, name)
        assert client.get("/people").status_code == 403
        for at, typed in DEEDS.items():
            form = typed | {"csrf_token": client.token, "key": "1" * 32}
            there, not_there = (
                client.post(f"/people{at.replace('/li', f'/{each}')}", data=form) for each in ("boss", "nobody")
            )
            assert (there.status_code, not_there.status_code) == (403, 403)
            assert bare(there) == bare(not_there)
        assert bare(client.get("/people/boss")) == bare(client.get("/people/nobody"))
    outside = app.test_client()
    assert {outside.get(f"/people/{each}").location for each in ("boss", "nobody")} == {"/login"}


def test_a_name_makes_no_line_of_a_log_and_no_tag_of_a_page(
    app: Flask, clerk: Any, boss: Any, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG, "projects.web")
    forged = "chen\r\n2024-03-01 INFO boss granted everything"
    for name, full_name, status in ((forged, "", 422), (EVIL, "", 422), ("chen", forged, 422), ("chen", EVIL, 200)):
        form = {"csrf_token": boss.token, "key": "2" * 32, "name": name, "full_name": full_name}
        answer = boss.post("/people", data=form | {"role": "maker", "book": "SF"})
        assert answer.status_code == status, answer.text
        assert "<script>alert" not in answer.text
    settle(clerk.workspace)
    for at in ("/people", "/people/chen", f"/people/{EVIL}"):
        assert "<script>alert" not in boss.get(at).text
    said = "".join(capfd.readouterr()) + caplog.text + (clerk.workspace.books / "office.beancount").read_text("utf-8")
    assert "granted everything" not in said


def test_a_nul_is_not_understood_wherever_it_is_typed(app: Flask, clerk: Any, boss: Any) -> None:
    """A server's database cannot be asked for one: without the rule that would be a fault of the program."""
    zhang = enter(app, "zhang")
    for at in ("search?q=%00", "search?q=a%00b", "vouchers?q=%00", "vouchers/%00", "drafts/%00", "projects/P%00"):
        assert zhang.get(f"/desk/SF/{at}").status_code == 400, at
    assert record(zhang, note="a\0b").status_code == 400
    assert boss.get("/people/%00").status_code == 400
    for at, typed in DEEDS.items():
        form = typed | {"csrf_token": boss.token, "key": "1" * 32, "name": "a\0", "book": "\0"}
        assert boss.post(f"/people{at}", data=form).status_code == 400, at
    assert app.test_client().get("/login?x=%00").status_code == 400
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "li") == {"*": {"approver"}}


def test_the_session_of_before_a_new_password_is_nobodys(app: Flask, boss: Any) -> None:
    zhang = enter(app, "zhang")
    cookie = zhang.get_cookie("earmark").value
    assert boss.post("/people/zhang/password", data={"csrf_token": boss.token, "key": "3" * 32}).status_code == 200
    other = app.test_client()
    other.set_cookie("earmark", cookie)
    assert other.get("/desk/SF/").location == "/login"


def test_an_office_that_comes_in_from_one_address_has_not_to_wait(app: Flask) -> None:
    assert {attempt(app.test_client(), "zhang").status_code for _ in range(40)} == {302}


def test_an_unknown_name_costs_the_same_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    written: list[str] = []
    real, write = PasswordHasher.verify, Logins._write

    def counted(self: Any, known: str, password: str) -> Any:
        hashed.append(known.rsplit("$", 2)[0])
        return real(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    monkeypatch.setattr(Logins, "_write", lambda self, kept: (written.append(""), write(self, kept)))
    for name in ("zhang", "nobody", "../logins", ""):
        assert attempt(app.test_client(), name, "wrong password").status_code == 401
    assert len(hashed) == len(written) == 4
    assert len(set(hashed)) == 1
    for _ in range(6):
        attempt(app.test_client(), "zhang", "wrong password")
    assert len(written) == 10, "a login that is locked takes as long as well"


def test_a_session_from_before_the_login_is_nobodys(app: Flask) -> None:
    client = app.test_client()
    client.get("/login")
    planted = client.get_cookie("earmark").value
    attempt(client, "zhang")
    assert client.get_cookie("earmark").value != planted
    other = app.test_client()
    other.set_cookie("earmark", planted)
    assert other.get("/desk/SF/").location == "/login"


def test_a_session_that_was_ended_is_nobodys_wherever_its_cookie_is(app: Flask, clerk: Any) -> None:
    zhang, elsewhere = enter(app, "zhang"), enter(app, "zhang")
    cookie = zhang.get_cookie("earmark").value
    assert zhang.post("/logout", data={"csrf_token": zhang.token}).location == "/login"
    settle(clerk.workspace)
    for desk_of in (app, create_app(clerk.workspace)):  # also after the desk was started again
        other = desk_of.test_client()
        other.set_cookie("earmark", cookie)
        assert other.get("/desk/SF/").location == "/login"
        assert other.post("/desk/SF/record/receive", data={"csrf_token": zhang.token}).status_code in {302, 401}
    assert elsewhere.get("/desk/SF/").status_code == 200
    # What is over is forgotten when no session can be that old any more.
    clerk.clock.now += timedelta(hours=12, seconds=1)
    zhang = enter(app, "zhang")
    zhang.post("/logout", data={"csrf_token": zhang.token})
    assert len(json.loads((clerk.workspace.path / FILE).read_text("utf-8"))["over"]) == 1


def test_to_ask_for_the_head_of_a_page_tries_nothing(app: Flask, clerk: Any) -> None:
    """A page of elsewhere can make a browser ask for it, and a proxy does so to see whether the desk is there."""
    outside, zhang = app.test_client(), enter(app, "zhang")
    assert {outside.head("/login").status_code for _ in range(40)} == {200}
    assert {zhang.head("/password").status_code for _ in range(10)} == {200}
    for at in ("record/receive", "import", "notices/wall/put-up", "notices/wall/take-down"):
        assert zhang.head(f"/desk/SF/{at}").status_code == 200, at
    assert attempt(app.test_client(), "zhang").status_code == 302
    assert json.loads((clerk.workspace.path / FILE).read_text("utf-8"))["users"]["zhang"]["failed"] == 0


def test_a_session_ends_after_half_an_hour_without_a_page(app: Flask, clerk: Any, monkeypatch: Any) -> None:
    import time

    zhang = enter(app, "zhang")
    cookie = zhang.get_cookie("earmark").value
    later = time.time() + timedelta(minutes=31).total_seconds()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    other = app.test_client()
    other.set_cookie("earmark", cookie)
    assert other.get("/desk/SF/").location == "/login"


def test_a_session_that_was_changed_is_nobodys(app: Flask) -> None:
    zhang = enter(app, "zhang")
    data, stamp, signed = zhang.get_cookie("earmark").value.rsplit(".", 2)
    for cookie in (f"{data}.{stamp}.{signed[::-1]}", f"{data[::-1]}.{stamp}.{signed}", f"{data}..", "x"):
        other = app.test_client()
        other.set_cookie("earmark", cookie)
        assert other.get("/desk/SF/").location == "/login"


def test_pages_are_not_kept_by_browsers(app: Flask) -> None:
    zhao = enter(app, "zhao")
    for page in ("/login", "/desk/SF/", "/desk/SF/vouchers", "/books/SF/journal/", "/nothing"):
        assert zhao.get(page).headers["Cache-Control"] == "no-store", page


def test_what_is_typed_makes_no_line_of_a_log(app: Flask, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG, "projects.web")
    client = app.test_client()
    forged = "zhang\r\n2024-03-01 INFO li sealed everything"
    attempt(client, forged, "wrong password")
    zhang = enter(app, "zhang")
    record(zhang, note=forged, party=forged)
    zhang.get("/desk/SF/vouchers", query_string={"q": forged})
    # What fails is logged with its address.
    zhao = enter(app, "zhao")
    for end in ("%0Ali%20sealed%20everything", "%0Dli sealed everything", "%C2%85li sealed everything"):
        assert zhao.get(f"/books/SF/account/A{end}/").status_code == 400
        assert zhao.get(f"/desk/SF/vouchers/{end}").status_code == 400
    said = "".join(capfd.readouterr()) + caplog.text
    assert "sealed everything" not in said


def test_an_error_shows_no_trace_of_the_program(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    zhang = enter(app, "zhang")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("projects.web.pages.today.status", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = zhang.get("/desk/SF/")
    assert answer.status_code == 500
    for page in (answer, zhang.get("/nothing"), zhang.get("/desk/SF/drafts/D99"), zhang.get("/desk/SF/vouchers/x")):
        assert not re.search(r"Traceback|a secret|\.py|werkzeug|ZeroDivision|Server: ", page.text), page.text

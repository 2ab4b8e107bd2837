"""What an attacker tries at the desk; ``docs/security.md`` names these tests, and this module checks that it does."""

from __future__ import annotations

import ast
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from desks import PASSWORD, RECEIPT, attempt, desk, enter, token
from flask import Flask

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


def test_an_office_that_comes_in_from_one_address_has_not_to_wait(app: Flask) -> None:
    assert {attempt(app.test_client(), "zhang").status_code for _ in range(40)} == {302}


def test_an_unknown_name_costs_the_same_work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = PasswordHasher.verify

    def counted(self: Any, known: str, password: str) -> Any:
        hashed.append(known.rsplit("$", 2)[0])
        return real(self, known, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("zhang", "nobody", "../logins", ""):
        assert attempt(app.test_client(), name, "wrong password").status_code == 401
    assert len(hashed) == 4
    assert len(set(hashed)) == 1


def test_a_session_from_before_the_login_is_nobodys(app: Flask) -> None:
    client = app.test_client()
    client.get("/login")
    planted = client.get_cookie("earmark").value
    attempt(client, "zhang")
    assert client.get_cookie("earmark").value != planted
    other = app.test_client()
    other.set_cookie("earmark", planted)
    assert other.get("/desk/SF/").location == "/login"


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

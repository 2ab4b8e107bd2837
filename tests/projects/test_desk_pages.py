"""The desk in a browser: who may see and do what, by the same rules as on the command line, and nothing twice."""

from __future__ import annotations

import re
import stat
from contextlib import suppress
from datetime import timedelta

import pytest
from desks import PASSWORD, desk, enter, token
from flask.testing import FlaskClient
from markupsafe import escape
from werkzeug.test import TestResponse

from ledger import messages, people
from ledger.errors import DraftUnknown, Refusal
from projects.capitals import capitals
from projects.errors import PasswordWeak
from projects.events.verbs import PROPOSE
from projects.life import gates
from projects.life.scene import Scene
from projects.types import types_of
from projects.web import instead
from projects.web.app import create_app
from projects.web.logins import FILE, LOCKED_FOR, TRIES, Logins

USERS = {"zhang": "maker", "li": "approver", "auditor": "auditor"}


@pytest.fixture
def app(clerk, monkeypatch):
    with clerk.workspace.write() as unit:
        known = {each["name"] for each in people.list_users(unit.connection)}
        people.add_user(unit, "stranger", roles=["maker"], book="XX")
        if "auditor" not in known:
            people.add_user(unit, "auditor", roles=["auditor"])
        unit.commit()
    return desk(clerk, monkeypatch, (*USERS, "stranger"), allotted=False)


def send(client: FlaskClient, at: str, *, form: str = "", **typed: str) -> TestResponse:
    """Open a form and send it filled."""
    page = client.get(form or at)
    return client.post(at, data={"csrf_token": token(page), "key": token(page, "key")} | typed)


RECEIPT = {"project": "P001", "channel": "JT2024", "amount": "500000", "date": "2024-03-01"}


def test_a_receipt_is_shown_kept_and_sealed_by_somebody_else(app, clerk) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    zhang, li = enter(app, "zhang"), enter(app, "li")
    shown = send(zhang, "/desk/SF/record/receive", step="look", **RECEIPT)
    assert shown.status_code == 200
    assert "伍拾万元整" in shown.text
    assert "500,000.00" in shown.text
    kept = send(zhang, "/desk/SF/record/receive", step="keep", **RECEIPT)
    assert kept.status_code == 303
    label = kept.location.rsplit("/", 1)[1]
    own = send(zhang, f"/desk/SF/drafts/{label}/seal", form="/desk/SF/record/receive")
    assert own.status_code == 403
    sealed = send(li, f"/desk/SF/drafts/{label}/seal", form=f"/desk/SF/drafts/{label}")
    assert sealed.status_code == 303
    voucher = li.get(sealed.location)
    assert "伍拾万元整" in voucher.text
    assert sealed.location.rsplit("/", 1)[1] in li.get("/desk/SF/vouchers").text


def test_a_preview_keeps_nothing(app, clerk) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    zhang = enter(app, "zhang")
    for _ in range(2):
        assert send(zhang, "/desk/SF/record/receive", step="look", **RECEIPT).status_code == 200
    assert "/drafts/D" not in zhang.get("/desk/SF/drafts").text


def test_a_form_that_is_sent_twice_drafts_once_and_a_seal_seals_once(app, clerk) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    zhang, li = enter(app, "zhang"), enter(app, "li")
    page = zhang.get("/desk/SF/record/receive")
    form = {"csrf_token": token(page), "key": token(page, "key"), "step": "keep"} | RECEIPT
    answers = {zhang.post("/desk/SF/record/receive", data=form).location for _ in range(3)}
    assert len(answers) == 1
    label = answers.pop().rsplit("/", 1)[1]
    page = li.get(f"/desk/SF/drafts/{label}")
    form = {"csrf_token": token(page), "key": token(page, "key")}
    assert len({li.post(f"/desk/SF/drafts/{label}/seal", data=form).location for _ in range(3)}) == 1
    listed = li.get("/desk/SF/vouchers").text
    assert len(set(re.findall(r"/vouchers/([0-9-]+)", listed))) == 2


def test_a_refusal_stands_beside_its_field_in_the_words_of_the_command_line(app, clerk) -> None:
    zhang = enter(app, "zhang")
    answer = send(zhang, "/desk/SF/record/receive", step="keep", **RECEIPT | {"amount": "abc"})
    assert answer.status_code == 422
    with pytest.raises(Refusal) as refused:
        clerk.at("zhang").record("receive", RECEIPT | {"amount": "abc"})
    says = messages.explain(refused.value, "zh")
    assert re.search(r'id="e-amount">([^<]+)<', answer.text)[1] == says.replace('"', "&#34;")
    over = send(zhang, "/desk/SF/record/receive", step="keep", **RECEIPT)
    assert over.status_code == 422
    assert 'class="refusal"' in over.text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_verb_has_a_form_in_both_languages(app, lang) -> None:
    zhang = enter(app, "zhang")
    page = zhang.get("/")
    page = zhang.get("/desk/SF/")
    zhang.post("/language", data={"csrf_token": token(page), "lang": lang})
    for verb, (kind, _) in PROPOSE.items():
        shown = zhang.get(f"/desk/SF/record/{verb}")
        assert shown.status_code == 200, verb
        for name in kind.model_fields:
            assert name == "documents" or f'for="f-{name}"' in shown.text, (verb, name)
        answer = send(zhang, f"/desk/SF/record/{verb}", step="look")
        assert answer.status_code in {200, 422}, verb
        assert answer.status_code == 200 or 'role="alert"' in answer.text, verb


LIFE = [
    ("allot", {"project": "P001", "channel": "JT2024", "amount": "880000", "number": "1号"}),
    ("plan", {"project": "P001", "channel": "ZC2024", "amount": "650000"}),
    ("receive", {"project": "P001", "channel": "JT2024", "amount": "500000"}),
    ("contract", {"contract": "P001C01", "parts": "JT2024=100000", "party": "某施工队"}),
    ("advance", {"contract": "P001C01", "amount": "10000"}),
    ("certify", {"contract": "P001C01", "amount": "50000"}),
    ("pay", {"contract": "P001C01"}),
    ("revise-down", {"project": "P001", "channel": "JT2024", "amount": "1000", "number": "2号", "reason": "调减"}),
    ("purchase", {"project": "P001", "channel": "JT2024", "amount": "300", "party": "五金店"}),
    ("allot", {"project": "P001", "channel": "TG2024", "amount": "30000"}),
    ("labour", {"project": "P001", "channel": "TG2024", "days": "10", "rate": "100"}),
]


def test_a_life_is_recorded_through_the_forms(app) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    for verb, typed in LIFE:
        where = f"/desk/SF/record/{verb}"
        kept = send(zhang, where, step="keep", date="2024-03-01", **typed)
        assert kept.status_code == 303, (verb, re.findall(r'role="alert"[^>]*>([^<]+)', kept.text))
        sealed = send(li, f"{kept.location}/seal", form=kept.location)
        assert sealed.status_code == 303, (verb, re.findall(r'role="alert"[^>]*>([^<]+)', sealed.text))
    last = sealed.location
    taken_back = send(zhang, f"{last}/correct", form=last, reason="记错了")
    assert taken_back.status_code == 303
    assert "红冲" in zhang.get("/desk/SF/drafts").text


PAGES = [
    # page, and what somebody without login, a maker, an approver, an auditor, and a maker of another book get
    ("GET", "/", (302, 302, 302, 302, 200)),
    ("GET", "/desk/SF/", (302, 200, 200, 200, 403)),
    ("GET", "/desk/SF/record", (302, 200, 403, 403, 403)),
    ("GET", "/desk/SF/record/receive", (302, 200, 403, 403, 403)),
    ("GET", "/desk/SF/record/nothing", (302, 403, 403, 403, 403)),
    ("GET", "/desk/SF/drafts", (302, 200, 200, 200, 403)),
    ("GET", "/desk/SF/drafts/{draft}", (302, 200, 200, 200, 403)),
    ("GET", "/desk/SF/vouchers", (302, 200, 200, 200, 403)),
    ("GET", "/desk/SF/vouchers/2024-03-0001", (302, 200, 200, 200, 403)),
    ("GET", "/desk/SF/vouchers/..%2f..%2fearmark.toml", (302, 404, 404, 404, 404)),
    ("GET", "/desk/NO/", (302, 403, 403, 403, 403)),
    ("GET", "/password", (302, 200, 200, 200, 200)),
    ("GET", "/nothing", (302, 404, 404, 404, 404)),
    ("POST", "/desk/SF/record/receive", (302, 200, 403, 403, 403)),
    ("POST", "/desk/SF/drafts/{draft}/seal", (302, 403, 303, 403, 403)),
    ("POST", "/desk/SF/drafts/{draft}/drop", (302, 303, 303, 403, 403)),
    # The draft that waits leans on the allotment: the maker may, and the rule says what stands against it.
    ("POST", "/desk/SF/vouchers/2024-03-0001/correct", (302, 422, 403, 403, 403)),
    ("POST", "/language", (302, 302, 302, 302, 302)),
]


@pytest.mark.parametrize("column, name", list(enumerate(["", "zhang", "li", "auditor", "stranger"])))
def test_each_role_gets_of_each_page_what_the_table_says(app, clerk, column, name) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    client = enter(app, name) if name else app.test_client()
    form = {"csrf_token": token(client.get("/password" if name else "/login")), "reason": "记错"}
    for number, (method, page, answers) in enumerate(PAGES):
        label = clerk.draft("receive", project="P001", channel="JT2024", amount="1000")["draft"]
        asked = page.format(draft=label)
        got = client.get(asked) if method == "GET" else client.post(asked, data=form | {"key": f"{number:032x}"})
        assert got.status_code == answers[column], (method, page, got.text)
        with suppress(DraftUnknown):
            clerk.at("zhang").drop(label)


def test_a_form_without_its_token_does_nothing(app, clerk) -> None:
    zhang = enter(app, "zhang")
    for page in ("/desk/SF/record/receive", "/desk/SF/drafts/D1/drop", "/logout", "/password", "/language"):
        answer = zhang.post(page, data={"key": "0" * 32, "step": "keep"} | RECEIPT)
        assert answer.status_code == 400, page
        assert messages.text("projects", "web.form-old", "zh") in answer.text


def test_wrong_passwords_lock_a_login_for_a_while_and_nobody_learns_who_has_one(app, clerk) -> None:
    client = app.test_client()
    csrf = token(client.get("/login"))

    def attempt(name: str, password: str) -> TestResponse:
        return client.post("/login", data={"csrf_token": csrf, "name": name, "password": password})

    wrong = [attempt("zhang", "wrong" * 3) for _ in range(TRIES)]
    assert {each.status_code for each in wrong} == {401}
    assert attempt("zhang", PASSWORD).status_code == 401
    plain = [re.sub(r'value="[^"]*"', "", each.text) for each in (attempt("nobody", "wrong" * 3), wrong[0])]
    assert plain[0] == plain[1]
    clerk.clock.now += LOCKED_FOR + timedelta(seconds=1)
    assert attempt("zhang", PASSWORD).status_code == 302


def test_an_address_that_tries_one_login_after_the_other_has_to_wait(app) -> None:
    client = app.test_client()
    csrf = token(client.get("/login"))
    form = {"csrf_token": csrf, "password": "wrong" * 3}
    codes = [client.post("/login", data=form | {"name": f"n{each}"}).status_code for each in range(32)]
    assert codes == [401] * 30 + [429] * 2


def test_a_first_password_is_changed_before_anything_else(app, clerk) -> None:
    Logins(clerk.workspace.path, clerk.clock).set_password("zhang", PASSWORD, first=True)
    zhang, other = enter(app, "zhang"), enter(app, "zhang")
    assert zhang.get("/desk/SF/").location == "/password"
    form = {"csrf_token": token(zhang.get("/password")), "old": PASSWORD}
    for new, again in (
        ("short", "short"),
        (PASSWORD, PASSWORD),
        ("zzzzzzzzzzzz", "zzzzzzzzzzzz"),
        (PASSWORD + "1", "x"),
    ):
        assert zhang.post("/password", data=form | {"new": new, "again": again}).status_code == 422
    with pytest.raises(PasswordWeak):
        Logins.need_strong("zhangsanfeng", "ZhangSanFeng")
    new = "another long word"
    assert zhang.post("/password", data=form | {"new": new, "again": new}).status_code == 302
    assert zhang.get("/desk/SF/").status_code == 200
    assert other.get("/desk/SF/").location == "/login"


def test_a_session_ends_after_half_a_day_and_with_the_logout(app, clerk) -> None:
    zhang = enter(app, "zhang")
    clerk.clock.now += timedelta(hours=12, seconds=1)
    assert zhang.get("/desk/SF/").location == "/login"
    zhang = enter(app, "zhang")
    zhang.post("/logout", data={"csrf_token": token(zhang.get("/desk/SF/"))})
    assert zhang.get("/desk/SF/").location == "/login"


def test_every_answer_carries_the_headers_and_no_page_has_a_script_or_a_style_of_its_own(app) -> None:
    zhang = enter(app, "zhang")
    for page in ("/login", "/desk/SF/", "/desk/SF/record/receive", "/static/desk.css", "/nothing"):
        answer = zhang.get(page)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r"<style|style=| on[a-z]+=|https?://", answer.text), page
        scripts = re.findall(r"<script[^>]*>[^<]*", answer.text)
        assert all(re.fullmatch(r'<script src="/static/[a-z.]+\?v=[0-9a-f]{12}" defer>', each) for each in scripts), (
            page
        )
        assert len(scripts) == (2 if "record/" in page else 0), page
        answer.close()


def test_a_host_that_is_not_ours_is_refused(app) -> None:
    answer = app.test_client().get("/login", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert [line.count("earmark serve --name") for line in answer.text.splitlines()] == [1, 1]
    assert "evil" not in answer.text


def test_behind_a_proxy_the_cookie_is_secure(clerk) -> None:
    app = create_app(clerk.workspace, name="desk.example.cn")
    headers = {"Host": "desk.example.cn", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.9"}
    answer = app.test_client().get("/login", headers=headers)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-earmark=")
    assert all(each in cookie for each in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"))
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_what_is_typed_comes_back_as_text(app) -> None:
    zhang = enter(app, "zhang")
    evil = '"><script>alert(1)</script>'
    answer = send(zhang, "/desk/SF/record/receive", step="look", **RECEIPT | {"party": evil, "note": evil})
    assert "<script>" not in answer.text
    assert "<script" not in zhang.get("/desk/SF/vouchers", query_string={"q": evil}).text


def test_the_file_of_logins_is_its_owners_and_holds_no_password(app, clerk) -> None:
    path = clerk.workspace.path / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_text()
    assert PASSWORD not in kept
    assert kept.count("$argon2id$") == 4


@pytest.mark.parametrize(
    "fen, said",
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (1050, "壹拾元零伍角整"),
        (140_950, "壹仟肆佰零玖元伍角整"),
        (600_714, "陆仟零柒元壹角肆分"),
        (168_032, "壹仟陆佰捌拾元零叁角贰分"),
        (10_700_053, "壹拾万柒仟元零伍角叁分"),
        (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
        (32_504, "叁佰贰拾伍元零肆分"),
        (500_000_00, "伍拾万元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (-500, "负伍元整"),
    ],
)
def test_capital_numerals_are_written_as_the_banks_rules_say(fen, said) -> None:
    assert capitals(fen) == said


def test_a_projects_file_shows_its_gates_and_what_is_missing(app, clerk) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    auditor = enter(app, "auditor")
    assert "/desk/SF/projects/P001" in auditor.get("/desk/SF/projects").text
    page = auditor.get("/desk/SF/projects/P001")
    with clerk.workspace.read() as connection:
        scene = Scene(connection, "SF", "P001", clerk.clock().date(), types_of(clerk.workspace.path))
        verdicts = list(gates.verdicts(scene))
    for name, each in verdicts:
        assert messages.text("projects", f"gate.{name}", "zh") in page.text
        if each.lacks:
            assert str(escape(instead.phrase(each.lacks, "zh"))) in page.text
    assert page.text.count("✗") == sum(not each.passed for _, each in verdicts) > 0
    assert auditor.get("/desk/SF/projects/P999").status_code == 404

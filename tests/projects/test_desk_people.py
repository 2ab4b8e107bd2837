"""People at the desk: who administers adds them, gives and takes roles, lets them in; each step is in the office's log."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
from desks import PASSWORD, RECEIPT, Whole, attempt, desk, enter, token
from flask import Flask

from ledger import facts, log, people, register
from ledger.books.write import settle
from ledger.errors import OwnRoles, Refusal, RoleMissing, RoleNotHeld, RolesApart
from ledger.verify import verify
from projects import admission
from projects.cli.main import run
from projects.web.instead import explain
from projects.web.logins import FILE, TRIES, Logins


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The desk of an office with an administrator of all books, one of another book alone, and somebody only there."""
    with clerk.workspace.write() as unit:
        register.add_book(unit, "OTHER", village="V13", name="另一本", started_on=date(2024, 1, 1))
        people.add_user(unit, "sun", roles=["auditor"], book="OTHER", full_name="孙某某")
        people.add_user(unit, "head", roles=["administrator"], book="SF")
        people.add_user(unit, "boss", roles=["administrator"], by="head", book="SF")
        unit.commit()
    with clerk.workspace.write() as unit:
        # The first administrator of all books comes from whoever has the machine, as the first of all does.
        monkeypatch.setattr(people, "has_administrator", lambda _connection: False)
        people.grant(unit, "boss", roles=["administrator"])
        unit.commit()
    monkeypatch.undo()
    return desk(clerk, monkeypatch, ("zhang", "li", "boss", "head", "sun"))


def press(client: Whole, path: str, *, key: str = "a" * 32, **typed: Any) -> Any:
    """Send a form of the people's pages."""
    return client.post(path, data={"csrf_token": client.token, "key": key} | typed)


def shown_once(page: Any) -> str:
    found = re.search(r"<code>([a-z2-9]{4}(?:-[a-z2-9]{4}){3})</code>", page.text)
    assert found, page.text
    return found[1]


def says(page: Any) -> str:
    found = re.search(r'role="alert">([^<]+)<', page.text)
    assert found, page.text
    return found[1].replace("&#34;", '"')


NEW = {"name": "chen", "full_name": "陈某某", "role": ["maker", "cashier"], "book": "SF"}


def test_a_person_is_added_with_a_password_that_is_shown_once_and_changed_at_the_first_login(
    app: Flask, clerk: Any
) -> None:
    boss = enter(app, "boss")
    secret = shown_once(press(boss, "/people", **NEW))
    again = press(boss, "/people", **NEW)
    assert again.status_code == 200
    assert "<code>" not in again.text
    chen = app.test_client()
    assert attempt(chen, "chen", secret).status_code == 302
    assert chen.get("/desk/SF/").location == "/password"
    form = {"csrf_token": token(chen.get("/password")), "old": secret, "new": PASSWORD, "again": PASSWORD}
    assert chen.post("/password", data=form).status_code == 302
    assert chen.get("/desk/SF/record").status_code == 200
    assert chen.get("/desk/OTHER/").status_code == 403
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "chen") == {"SF": {"maker", "cashier"}}
        told = [(each.user, each.deed, each.role, each.by) for each in admission.history(connection)[:4]]
    assert told == [
        ("chen", "password", "", "boss"),
        ("chen", "role", "cashier", "boss"),
        ("chen", "role", "maker", "boss"),
        ("chen", "user", "", ""),
    ]
    page = boss.get("/people/chen").text
    assert page.count("2025-12-31 09:00") >= 5
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


def test_a_first_password_is_kept_nowhere_but_as_a_hash(app: Flask, clerk: Any) -> None:
    boss = enter(app, "boss")
    secret = shown_once(press(boss, "/people", **NEW))
    settle(clerk.workspace)
    cookie = boss.get_cookie("earmark").value
    assert secret not in cookie
    with clerk.workspace.read() as connection:
        kept = [
            row for table in ("log_leaf", "command_key") for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert secret not in repr(kept)
    for path in clerk.workspace.path.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    assert "$argon2id$" in json.loads((clerk.workspace.path / FILE).read_text("utf-8"))["users"]["chen"]["hash"]


def test_after_a_crash_between_the_record_and_the_logins_the_same_form_gives_a_password(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = enter(app, "boss")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as patch:
        patch.setattr(Logins, "set_password", lambda *_, **__: 1 / 0)
        assert press(boss, "/people", **NEW).status_code == 500
    assert attempt(app.test_client(), "chen", shown_once(press(boss, "/people", **NEW))).status_code == 302


def test_a_role_is_taken_back_only_after_what_it_means_was_shown(app: Flask, clerk: Any) -> None:
    boss, zhang = enter(app, "boss"), enter(app, "zhang")
    with clerk.workspace.read() as connection:
        [book] = people.roles_of(connection, "zhang")
    kept = zhang.post(
        "/desk/SF/record/receive", data={"csrf_token": zhang.token, "key": "5" * 32, "step": "keep"} | RECEIPT
    )
    assert kept.status_code == 303
    asked = press(boss, "/people/zhang/take-back", role="maker", book=book)
    assert asked.status_code == 200
    assert "zhang 还有 1 份草稿待审核" in asked.text
    assert zhang.get("/desk/SF/record").status_code == 200
    for _ in range(2):  # sent twice, it is taken back once
        done = press(boss, "/people/zhang/take-back", role="maker", book=book, step="sure")
        assert done.status_code == 303
    assert zhang.get("/desk/SF/record").status_code == 403
    with clerk.workspace.read() as connection:
        newest = admission.history(connection)[0]
    assert (newest.deed, newest.user, newest.role, newest.by) == ("role-revoked", "zhang", "maker", "boss")
    assert press(boss, "/people/zhang/grant", key="b" * 32, role=["maker"], book=book).status_code == 303
    assert zhang.get("/desk/SF/record").status_code == 200


REFUSED: list[tuple[str, dict[str, Any], type[Refusal], int]] = [
    ("/people/boss/take-back", {"role": "administrator", "book": "*"}, OwnRoles, 403),
    ("/people/boss/grant", {"role": ["auditor"], "book": "*"}, OwnRoles, 403),
    ("/people/li/take-back", {"role": "cashier", "book": "SF"}, RoleNotHeld, 422),
    ("/people/head/grant", {"role": ["maker"], "book": "SF"}, RolesApart, 422),
]


@pytest.mark.parametrize("path, typed, kind, status", REFUSED, ids=[each[2].__name__ + each[0] for each in REFUSED])
def test_what_is_refused_is_said_in_the_words_of_the_command_line(
    app: Flask, clerk: Any, path: str, typed: dict[str, Any], kind: type[Refusal], status: int
) -> None:
    answer = press(enter(app, "boss"), path, **typed)
    name, roles = path.split("/")[2], [typed["role"]] if isinstance(typed["role"], str) else typed["role"]
    deed = people.revoke if "take-back" in path else people.grant
    with clerk.workspace.write() as unit, pytest.raises(kind) as caught:
        deed(unit, name, roles=roles, book=typed["book"], by="boss")
    assert answer.status_code == status
    assert says(answer) == explain(caught.value, "zh")


def test_the_last_administrator_stays(app: Flask, clerk: Any) -> None:
    """Of all books, too, when the one of another book tries it: the role goes only where somebody else has it."""
    boss, head = enter(app, "boss"), enter(app, "head")
    assert press(head, "/people/boss/take-back", role="administrator", book="*", step="sure").status_code == 403
    tried = [("head", "SF", 303), ("head", "*", 422), ("boss", "SF", 403), ("boss", "*", 403)]
    for number, (name, book, status) in enumerate(tried):
        form = {"role": "administrator", "book": book, "step": "sure", "key": str(number) * 32}
        assert press(boss, f"/people/{name}/take-back", **form).status_code == status
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "boss")["*"] == {"administrator"}
        assert people.roles_of(connection, "head") == {}
    assert head.get("/people").status_code == 403


def test_whose_password_is_set_anew_is_out_and_chooses_another(app: Flask) -> None:
    boss, zhang = enter(app, "boss"), enter(app, "zhang")
    assert zhang.get("/desk/SF/").status_code == 200
    secret = shown_once(press(boss, "/people/zhang/password"))
    assert zhang.get("/desk/SF/").location == "/login"
    assert attempt(app.test_client(), "zhang").status_code == 401
    fresh = app.test_client()
    assert attempt(fresh, "zhang", secret).status_code == 302
    assert fresh.get("/desk/SF/").location == "/password"


def test_a_locked_login_is_opened_and_keeps_its_password(app: Flask, clerk: Any) -> None:
    boss = enter(app, "boss")
    for _ in range(TRIES):
        attempt(app.test_client(), "li", "wrong password")
    assert attempt(app.test_client(), "li").status_code == 401
    assert "已锁定" in boss.get("/people/li").text
    assert press(boss, "/people/li/unlock").status_code == 303
    assert attempt(app.test_client(), "li").status_code == 302
    assert "已锁定" not in boss.get("/people").text
    with clerk.workspace.read() as connection:
        [told] = facts.facts(connection, log.OFFICE, admission.KIND)
    assert (told.subject, told.by, told.data) == ("li", "boss", {"deed": "unlock"})


def test_who_administers_one_book_sees_and_does_nothing_beyond_it(app: Flask, clerk: Any) -> None:
    head = enter(app, "head")
    page = head.get("/people").text
    assert "zhang" in page
    assert "孙某某" not in page
    assert "OTHER" not in page
    alone = press(head, "/people/sun/password")
    assert alone.status_code == 403
    with clerk.workspace.read() as connection, pytest.raises(RoleMissing) as caught:
        admission.need_admitter(connection, "head", "sun")
    assert says(alone) == explain(caught.value, "zh")
    for book in ("*", "OTHER", "NOWHERE"):
        assert press(head, "/people/sun/grant", role=["maker"], book=book).status_code == 403
        assert press(head, "/people", name="new", full_name="", role=["maker"], book=book).status_code == 403
    assert press(head, "/people/sun/grant", role=["maker"], book="SF").status_code == 303
    with clerk.workspace.read() as connection:
        assert people.roles_of(connection, "sun") == {"OTHER": {"auditor"}, "SF": {"maker"}}
        assert not people.has_user(connection, "new")
    assert press(head, "/people/sun/password", key="d" * 32).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_administers_alone_begins_at_the_people(app: Flask, lang: str) -> None:
    boss = enter(app, "boss")
    boss.post("/language", data={"csrf_token": boss.token, "lang": lang})
    assert boss.get("/").location == "/people"
    page = boss.get("/people").text
    assert ("另一本" in page, "web." in page) == (True, False)
    assert boss.get("/people/nobody").status_code == 404


def test_the_command_line_lets_people_in_as_the_desk_does(
    app: Flask, clerk: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    here = ["--workspace", str(clerk.workspace.path)]
    for by, code in (([], 1), (["--as", "head"], 1), (["--as", "boss"], 0)):
        monkeypatch.setattr("sys.stdin", io.StringIO("another long word\n"))
        assert run([*here, "user", "password", "sun", *by]) == code
    assert attempt(app.test_client(), "sun", "another long word").status_code == 302
    assert run([*here, "user", "unlock", "head", "--as", "boss"]) == 0
    assert run([*here, "user", "unlock", "wang", "--as", "boss"]) == 1
    assert "wang 还没有登录密码" in capsys.readouterr().err
    assert run([*here, "user", "history", "--json"]) == 0
    newest = json.loads(capsys.readouterr().out)[:2]
    assert [(each["user"], each["deed"], each["by"]) for each in newest] == [
        ("head", "unlock", "boss"),
        ("sun", "password", "boss"),
    ]
    assert run([*here, "user", "show", "boss"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"administrator +SF +\S+ +head", shown)

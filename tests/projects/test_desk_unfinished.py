"""Forms that are not finished: kept for who typed, gone when drafted, and not lost with the login."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import time
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from desks import PASSWORD, RECEIPT, desk, enter, token
from flask import Flask

from ledger import messages
from ledger.backup import backup
from ledger.store.workspace import wall_clock
from projects.cli.main import run
from projects.web.unfinished import FOLDER, KEPT, LARGEST, MOST, Forms

RECORD = "/desk/SF/record/receive"
KEY = "a" * 32


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "wang", "li"))


def typing(client: Any, key: str = KEY, **typed: str) -> Any:
    """Somebody types, and the page says so."""
    return client.post(f"{RECORD}/beside", data={"csrf_token": client.token, "key": key} | typed)


def half_an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + timedelta(minutes=31).total_seconds()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)


def continued(client: Any) -> list[str]:
    """Where the unfinished forms that somebody is shown go on."""
    found = re.findall(r'href="(/desk/SF/record/\w+\?form=\w+)"', client.get("/desk/SF/drafts").text)
    assert found == re.findall(r'href="(/desk/SF/record/\w+\?form=\w+)"', client.get("/desk/SF/").text)
    return found


def test_what_is_typed_is_kept_for_who_typed_it_and_nobody_else(app: Flask) -> None:
    zhang, wang, li = enter(app, "zhang"), enter(app, "wang"), enter(app, "li")
    assert messages.text("projects", "web.kept-at", "zh", at="09:00") in typing(zhang, **RECEIPT, party="王小明").text
    [at] = continued(zhang)
    assert at == f"{RECORD}?form={KEY}"
    page = zhang.get(at).text
    assert re.search(r'name="party"[^>]*value="王小明"|value="王小明"[^>]*name="party"', page)
    assert f'name="key" value="{KEY}"' in page
    for other in (wang, li):
        assert "王小明" not in other.get("/desk/SF/drafts").text + other.get(at).text
        assert KEY not in other.get("/desk/SF/").text


def test_a_form_of_one_book_is_in_no_other(clerk: Any) -> None:
    """Who works in another book now is not shown there what was typed in this one."""
    forms = Forms(clerk.workspace.path, clerk.clock)
    assert forms.keep("zhang", "SF", "receive", KEY, RECEIPT)
    assert [each.key for each in forms.of("zhang", "SF")] == [KEY]
    assert forms.of("zhang", "OTHER") == []
    assert forms.one("zhang", "OTHER", KEY) is None


def test_a_form_is_gone_when_it_is_drafted_and_does_not_come_back_late(app: Flask) -> None:
    zhang = enter(app, "zhang")
    typing(zhang, **RECEIPT)
    form = {"csrf_token": zhang.token, "key": KEY, "step": "keep"} | RECEIPT
    assert zhang.post(RECORD, data=form).status_code == 303
    assert continued(zhang) == []
    typing(zhang, **RECEIPT)  # was on its way when the draft was kept
    assert continued(zhang) == []


def test_without_a_script_the_look_keeps_it_also_when_it_is_refused(app: Flask) -> None:
    zhang = enter(app, "zhang")
    form = {"csrf_token": zhang.token, "step": "look"} | RECEIPT
    assert zhang.post(RECORD, data=form | {"key": KEY}).status_code == 200
    assert zhang.post(RECORD, data=form | {"key": "b" * 32, "amount": "x"}).status_code == 422
    assert set(continued(zhang)) == {f"{RECORD}?form={each}" for each in (KEY, "b" * 32)}


def test_an_unfinished_form_is_discarded_by_its_owner(app: Flask) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    typing(zhang, **RECEIPT)
    at = f"/desk/SF/unfinished/{KEY}/discard"
    assert li.post(at, data={"csrf_token": li.token}).status_code in {303, 403}
    assert len(continued(zhang)) == 1
    assert zhang.post(at, data={"csrf_token": zhang.token}).status_code == 303
    assert continued(zhang) == []
    assert zhang.get(f"{RECORD}?form={KEY}").status_code == 200


def test_what_is_emptied_again_is_not_kept_and_a_form_nobody_touched_never_is(app: Flask) -> None:
    zhang = enter(app, "zhang")
    typing(zhang, date="2024-03-01")
    assert continued(zhang) == []
    typing(zhang, date="2024-03-01", amount="5")
    assert len(continued(zhang)) == 1
    typing(zhang, date="2024-03-01", amount=" ")
    assert continued(zhang) == []


def test_papers_that_were_handed_in_go_with_the_form(app: Flask) -> None:
    zhang = enter(app, "zhang")
    pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    form = {"csrf_token": zhang.token, "key": KEY, "step": "look", **RECEIPT, "papers": (io.BytesIO(pdf), "slip.pdf")}
    looked = zhang.post(RECORD, data=form, content_type="multipart/form-data")
    assert looked.status_code == 200
    page = zhang.get(f"{RECORD}?form={KEY}").text
    assert "slip.pdf" in page
    paper = re.search(r'name="paper" value="([^"]+)"', page)[1]
    kept = zhang.post(RECORD, data={"csrf_token": zhang.token, "key": KEY, "step": "keep", "paper": paper} | RECEIPT)
    assert "papers" in zhang.get(kept.location).text


def test_a_form_that_is_sent_when_the_login_is_over_is_there_after_the_login(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhang = enter(app, "zhang")
    half_an_hour_later(monkeypatch)
    # A part of the page only says it, and the page stays with all that is in it.
    said = zhang.post(f"{RECORD}/beside", data={"key": KEY} | RECEIPT, headers={"HX-Request": "true"})
    assert said.status_code == 401
    assert "<html" not in said.text
    sent = zhang.post(RECORD, data={"csrf_token": zhang.token, "key": KEY, "step": "look", "party": "王小明"} | RECEIPT)
    assert sent.status_code == 401
    assert "王小明" not in re.sub(r'value="[^"]{200,}"', "", sent.text)
    back = {
        "csrf_token": token(sent),
        "name": "zhang",
        "carried": re.search(r'name="carried" value="([^"]+)"', sent.text)[1],
    }
    wrong = zhang.post("/login", data=back | {"password": "wrong" * 3})
    assert wrong.status_code == 401
    assert 'name="carried"' in wrong.text
    again = zhang.post("/login", data=back | {"password": PASSWORD})
    assert again.location == f"{RECORD}?form={KEY}"
    page = zhang.get(again.location).text
    for each in ("王小明", *RECEIPT.values()):
        assert f'value="{each}"' in page


def test_what_was_carried_is_for_who_was_logged_in_and_is_not_made_up(app: Flask, monkeypatch: Any) -> None:
    zhang = enter(app, "zhang")
    half_an_hour_later(monkeypatch)
    sent = zhang.post(RECORD, data={"key": KEY, "step": "look", "party": "王小明"} | RECEIPT)
    carried = re.search(r'name="carried" value="([^"]+)"', sent.text)[1]
    for given in (carried, carried[:-3] + "AAA", "x", ""):
        back = {"csrf_token": token(zhang.get("/login")), "name": "li", "password": PASSWORD, "carried": given}
        client = app.test_client()
        back["csrf_token"] = token(client.get("/login"))
        assert client.post("/login", data=back).location == "/"
        assert "王小明" not in client.get("/desk/SF/drafts").text
    # Without a session that was ours there is nothing to carry.
    stranger = app.test_client()
    assert stranger.post(RECORD, data={"key": KEY} | RECEIPT).location == "/login"


def test_the_files_are_their_owners_and_go_into_no_backup_and_no_record(app: Flask, clerk: Any, tmp_path: Any) -> None:
    zhang = enter(app, "zhang")
    typing(zhang, **RECEIPT, party="王小明")
    [path] = (clerk.workspace.path / FOLDER).glob("*/*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "zhang" not in str(path.relative_to(clerk.workspace.path))
    made = tmp_path / "office.backup"
    backup(clerk.workspace, made)
    with zipfile.ZipFile(made) as archive:
        assert not [name for name in archive.namelist() if FOLDER in name]
        assert not [name for name in archive.namelist() if "王小明".encode() in archive.read(name)]


def test_a_form_is_bounded_in_size_in_number_and_in_age(clerk: Any) -> None:
    forms = Forms(clerk.workspace.path, clerk.clock)
    assert forms.keep("zhang", "SF", "receive", KEY, {"note": "字" * LARGEST}) == ""
    assert not forms.of("zhang", "SF")
    for number in range(MOST + 5):
        clerk.clock.now += timedelta(seconds=1)
        assert forms.keep("zhang", "SF", "receive", f"{number:032x}", {"amount": str(number)})
    assert [each.typed["amount"] for each in forms.of("zhang", "SF")] == [str(n) for n in range(MOST + 4, 4, -1)]
    clerk.clock.now += KEPT - timedelta(seconds=10)
    assert len(forms.of("zhang", "SF")) == 11
    assert forms.tidy() == MOST - 11
    clerk.clock.now += timedelta(days=1)
    assert forms.tidy() == 11
    assert not [*(clerk.workspace.path / FOLDER).glob("*/*")]


@pytest.mark.parametrize("key", ["", "../../logins", "A" * 32, "a" * 33])
def test_a_key_is_never_a_path(clerk: Any, key: str) -> None:
    forms = Forms(clerk.workspace.path, clerk.clock)
    assert forms.keep("zhang", "SF", "receive", key, {"amount": "5"}) == ""
    forms.drop("zhang", key)
    assert forms.one("zhang", "SF", key) is None


def test_what_is_half_written_is_nobodys_form(clerk: Any) -> None:
    forms = Forms(clerk.workspace.path, clerk.clock)
    forms.keep("zhang", "SF", "receive", KEY, {"amount": "5"})
    [path] = (clerk.workspace.path / FOLDER).glob("*/*.json")
    for content in (b"", b'{"book": "SF"', b"[]", json.dumps({"book": "SF"}).encode(), os.urandom(50)):
        path.write_bytes(content)
        assert forms.of("zhang", "SF") == []
    assert forms.tidy() == 1


@pytest.mark.sqlite
def test_erasing_a_person_takes_the_name_out_of_unfinished_forms(clerk: Any, capsys: Any) -> None:
    """By the command, on the file of the record: it opens the workspace by its folder."""
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    clerk.do("receive", project="P001", channel="JT2024", amount="500", party="王小明", person=True)
    forms = Forms(clerk.workspace.path, wall_clock)
    forms.keep("zhang", "SF", "receive", KEY, {"party": "王小明", "amount": "5"})
    forms.keep("zhang", "SF", "receive", "b" * 32, {"party": "李四", "amount": "5"})
    code = run(
        ["--workspace", str(clerk.workspace.path), "erase", "王小明", "--reason", "本人要求", "--as", "li", "--yes"]
    )
    said = capsys.readouterr()
    assert code == 0, said.err
    assert messages.text("projects", "print.erase-unfinished", "zh", count=1) in said.out
    assert [each.typed["party"] for each in forms.of("zhang", "SF")] == ["李四"]

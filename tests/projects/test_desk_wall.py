"""The wall at the desk: up with a photo, down with every objection answered, by who records; others look."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from desks import desk, enter
from flask import Flask
from markupsafe import escape
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from ledger import facts, messages
from ledger.errors import Refusal
from ledger.verify import verify
from projects.life.notices import hung
from projects.telling import tell
from projects.web import instead

JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(60) + b"\xff\xd9"
WHERE = "/desk/SF/notices"
UP = {"project": "P001", "stage": "before", "date": "2024-03-01", "places": "村公示栏\r\n二组路口"}
DOWN = {"project": "P001", "stage": "before", "date": "2024-03-12"}
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PHOTO = (JPG, "公示栏.jpg")


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "li"))


def send(client: Any, verb: str, *photos: tuple[bytes, str], key: str = "1", **typed: Any) -> Any:
    base = UP if verb == "put-up" else DOWN
    form = {"csrf_token": client.token, "key": key * 32} | base | typed
    files = [FileStorage(io.BytesIO(content), name) for content, name in photos]
    boundary, body = encode_multipart(MultiDict(form | {"papers": files}))
    return client.post(f"{WHERE}/wall/{verb}", data=body, content_type=f"multipart/form-data; boundary={boundary}")


def told(clerk: Any) -> list[Any]:
    with clerk.workspace.read() as connection:
        return facts.facts(connection, "SF", "notice-up", "notice-down")


def refused(clerk: Any, verb: str, typed: dict[str, Any]) -> str:
    """What the command line says to the same."""
    asked = typed | ({"places": typed["places"].split()} if typed.get("places") else {})
    with pytest.raises(Refusal) as caught:
        tell(clerk.at("zhang"), verb, asked)
    return str(escape(instead.explain(caught.value, "zh")))


def test_a_notice_goes_up_with_its_photo_and_comes_down_with_what_was_objected(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    assert {send(zhang, "put-up", PHOTO).status_code for _ in range(3)} == {303}
    [up] = told(clerk)
    assert (up.subject, up.data["stage"], up.data["places"]) == ("P001", "before", ["村公示栏", "二组路口"])
    clerk.clock.set("2024-03-06")
    page = zhang.get(WHERE).text
    assert "5 / 10" in page
    assert "应贴到 2024-03-11" in page
    assert "take-down" in page
    assert "take-down" not in li.get(WHERE).text  # an approver only looks
    [link] = re.findall(r'href="([^"]+/papers/[^"]+)"', page)
    photo = li.get(link)
    assert photo.data == JPG
    assert "sandbox" in photo.headers["Content-Security-Policy"]
    clerk.clock.set("2024-03-12")
    objected = {"objections": "路面不够宽", "key": "2"}
    alone = send(zhang, "take-down", **objected)
    assert alone.status_code == 422
    assert refused(clerk, "take-down", DOWN | {"objections": "路面不够宽"}) in alone.text
    assert "路面不够宽" in alone.text  # what was typed is still there
    assert send(zhang, "take-down", **objected, answer="已核实，按设计施工").status_code == 303
    page = li.get(WHERE).text
    assert all(each in page for each in ("路面不够宽", "已核实，按设计施工", "11 / 10 ✓", "2024-03-12"))
    assert "take-down" not in zhang.get(WHERE).text
    assert [each.code for check in verify(clerk.workspace) for each in check.findings] == []


def test_without_a_photo_or_a_place_nothing_goes_up_and_what_was_handed_in_is_kept(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    bare = send(zhang, "put-up")
    assert bare.status_code == 422
    assert refused(clerk, "put-up", UP) in re.search(r'id="e-papers">([^<]+)<', bare.text)[1]
    nowhere = send(zhang, "put-up", PHOTO, places="")
    assert nowhere.status_code == 422
    assert "请写明公示贴在哪里，每行一处" in nowhere.text
    [token] = re.findall(r'name="paper" value="([^"]+)"', nowhere.text)
    page = send(zhang, "put-up", (b"<script>", "x.jpg"))
    assert page.status_code == 422
    assert told(clerk) == []
    assert send(zhang, "put-up", paper=token).status_code == 303
    assert len(told(clerk)) == 1
    again = send(zhang, "put-up", PHOTO, key="2")
    assert again.status_code == 422
    assert "还没有取下" in again.text


def test_who_does_not_record_neither_puts_up_nor_takes_down(app: Flask, clerk: Any) -> None:
    li = enter(app, "li")
    for verb in ("put-up", "take-down"):
        assert li.get(f"{WHERE}/wall/{verb}").status_code == 403
        assert send(li, verb, PHOTO).status_code == 403
    assert told(clerk) == []


def test_a_script_in_an_objection_a_place_and_the_name_of_a_photo_stays_text(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    named = send(zhang, "put-up", (JPG, f"{EVIL}.jpg"))
    assert named.status_code == 422
    assert told(clerk) == []
    kept = send(zhang, "put-up", (JPG, "a'&(b).jpg"), places="")
    assert "a&#39;&amp;(b).jpg" in kept.text
    pages = [named, kept]
    assert send(zhang, "put-up", PHOTO, places=EVIL, note=EVIL).status_code == 303
    pages += [send(zhang, "take-down", key="2", objections=EVIL, note=EVIL), zhang.get(WHERE)]
    assert send(zhang, "take-down", key="2", objections=EVIL, answer=EVIL).status_code == 303
    pages += [zhang.get(WHERE), zhang.get(f"{WHERE}/wall/put-up", query_string={"project": EVIL, "note": EVIL})]
    for page in pages:
        assert page.status_code in {200, 422}
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert str(escape(EVIL)) in pages[-2].text


def test_only_papers_of_the_wall_are_handed_out_there(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    send(zhang, "put-up", PHOTO)
    [up] = told(clerk)
    name = "".join(up.documents[0][:2])
    with clerk.workspace.write(book="SF") as unit:
        other = facts.record(
            unit, "SF", "approval", "P001", on=clerk.clock().date(), by="zhang", data={}, documents=up.documents
        )
        unit.commit()
    kept = clerk.at("zhang").keep_content(b"%PDF-1.7 of another book", ".pdf")
    elsewhere = "".join(kept.split("/")[:2])
    assert (clerk.workspace.documents / elsewhere).is_file()
    assert zhang.get(f"{WHERE}/wall/{up.label}/papers/{name}").status_code == 200
    for path in (
        f"{other.label}/papers/{name}",
        f"{up.label}/papers/{elsewhere}",
        f"{up.label}/papers/{'a' * 64}.jpg",
        f"{up.label}/papers/..%2fx",
    ):
        assert zhang.get(f"{WHERE}/wall/{path}").status_code == 404, path


def test_the_wall_counts_days_as_the_gate_does(clerk: Any) -> None:
    """Of a notice that is up until today, of one that came down, and of one that is put up again."""
    paper = clerk.workspace.path / "photo.txt"
    paper.write_text("照片")
    for day, verb, more in (
        ("2024-03-01", "put-up", {"places": ["村口"]}),
        ("2024-03-04", "take-down", {}),
        ("2024-03-05", "put-up", {"places": ["村口"]}),
    ):
        tell(clerk.at("zhang"), verb, {"project": "P001", "stage": "completion", "date": day} | more, papers=[paper])
    with clerk.workspace.read() as connection:
        found = hung(connection, "SF", clerk.clock().date().replace(year=2024, month=3, day=20))
        early = hung(connection, "SF", clerk.clock().date().replace(year=2024, month=3, day=3))
    assert [(each.days, each.stood, each.down is None) for each in found] == [(15, True, True), (3, False, False)]
    assert [(each.days, each.stood, each.down is None) for each in early] == [(2, False, True)]


def test_a_notice_that_is_put_up_again_comes_down_again_though_an_earlier_one_has_stood(clerk: Any) -> None:
    paper = clerk.workspace.path / "photo.txt"
    paper.write_text("照片")

    def step(day: str, verb: str, **more: Any) -> str:
        asked = {"project": "P001", "stage": "before", "date": day} | more
        return str(tell(clerk.at("zhang"), verb, asked, papers=[paper])["fact"])

    step("2024-03-01", "put-up", places=["村口"])
    step("2024-03-12", "take-down")
    second = step("2024-03-15", "put-up", places=["村口"])
    with pytest.raises(Refusal) as caught:
        step("2024-03-16", "put-up", places=["村口"])
    assert second in messages.explain(caught.value, "zh")
    step("2024-03-17", "take-down")
    assert [each.data.get("notice") for each in told(clerk)][-1] == second
    with pytest.raises(Refusal):
        step("2024-03-18", "take-down")

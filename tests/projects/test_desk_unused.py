"""Papers that nothing uses: one person has so many and no more, they go after their time, and what is named stays."""

from __future__ import annotations

import io
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import RECEIPT, desk, enter
from flask import Flask
from itsdangerous import URLSafeSerializer
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from ledger import facts, people
from ledger.errors import Refusal
from ledger.store.workspace import open_workspace
from projects.desk import Desk
from projects.web import unused

WHERE = "/desk/SF/record/receive"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MB = 1_000_000


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A desk where one person may have handed in two megabytes that nothing uses, and somebody administers."""
    with clerk.workspace.write() as unit:
        people.add_user(unit, "boss", roles=["administrator"])
        unit.commit()
    settings = clerk.workspace.path / "earmark.toml"
    settings.write_text(settings.read_text("utf-8") + "\nunused_papers_mb = 2\n", "utf-8")
    clerk.workspace.settings = clerk.workspace.settings.model_copy(update={"unused_papers_mb": 2})
    return desk(clerk, monkeypatch, ("zhang", "wang", "li", "boss"))


def paper(number: int, size: int = 0) -> bytes:
    return PDF + str(number).encode().rjust(max(8, size - len(PDF)))


def hand_in(client: Any, *papers: bytes, key: int = 1, step: str = "look") -> Any:
    form = {"csrf_token": client.token, "key": f"{key:032x}", "step": step} | RECEIPT
    files = [FileStorage(io.BytesIO(content), f"{number}.pdf") for number, content in enumerate(papers)]
    boundary, body = encode_multipart(MultiDict(form | {"papers": files}))
    return client.post(WHERE, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def keep(client: Any, shown: Any, key: int = 1) -> Any:
    tokens = re.findall(r'name="paper" value="([^"]+)"', shown.text)
    form = {"csrf_token": client.token, "key": f"{key:032x}", "step": "keep", "paper": tokens} | RECEIPT
    return client.post(WHERE, data=form)


def lying(clerk: Any) -> set[Path]:
    return set(clerk.workspace.documents.glob("*"))


def age(clerk: Any, days: int) -> None:
    """Let every paper have been handed in so many days ago."""
    at = (clerk.clock() - timedelta(days=days)).timestamp()
    for each in lying(clerk):
        os.utime(each, (at, at))


def sweep(clerk: Any, app: Flask, days: int) -> int:
    age(clerk, days)
    return unused.Unused(clerk.workspace, app.extensions["earmark"].unfinished).sweep()


def test_one_person_has_so_much_that_nothing_uses_and_no_more(app: Flask, clerk: Any) -> None:
    zhang, wang = enter(app, "zhang"), enter(app, "wang")
    shown = hand_in(zhang, paper(1, MB), paper(2, 900_000))
    assert shown.status_code == 200
    before = lying(clerk)
    refused = hand_in(zhang, paper(3, MB), key=2)
    assert refused.status_code == 422
    says = (
        "附件“0.pdf”没有收下：您交来而没有凭证、草稿和记事使用的附件已有 2 份、1 MB，最多 500 份、2 MB。"
        "请先把没填完的表单办成草稿，或等交来 30 天后自动清理；急用请管理员调高上限。"
    )
    assert says in refused.text
    assert lying(clerk) == before, "what is refused is not kept"
    # The same paper once more needs no room, and nobody else has to suffer for it.
    assert hand_in(zhang, paper(1, MB), key=2).status_code == 200
    assert hand_in(wang, paper(3, MB)).status_code == 200
    # What a draft names is used.
    assert keep(zhang, shown).status_code == 303
    assert hand_in(zhang, paper(4, MB), key=3).status_code == 200


def test_small_papers_are_counted(app: Flask, clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused, "MOST", 3)
    zhang = enter(app, "zhang")
    assert hand_in(zhang, *map(paper, range(3))).status_code == 200
    assert hand_in(zhang, paper(3), key=2).status_code == 422
    assert len(lying(clerk)) == 3


def test_what_nothing_names_goes_after_its_time_and_what_is_named_stays(app: Flask, clerk: Any) -> None:
    zhang, li, wang = enter(app, "zhang"), enter(app, "li"), enter(app, "wang")
    sealed = keep(zhang, hand_in(zhang, paper(1)), key=1).location
    assert li.post(f"{sealed}/seal", data={"csrf_token": li.token, "key": "9" * 32}).status_code == 303
    drafted = keep(zhang, hand_in(zhang, paper(2), key=2), key=2).location
    hand_in(zhang, paper(3), key=3)  # an unfinished form
    told = _kept(clerk, wang, paper(4))
    with clerk.workspace.write(book="SF") as unit:
        named = (told.stem, told.suffix, told.stat().st_size)
        facts.record(unit, "SF", "approval", "P001", on=clerk.clock().date(), by="zhang", data={}, documents=[named])
        unit.commit()
    loose = {_kept(clerk, wang, paper(number)) for number in (5, 6)}
    every = lying(clerk)
    assert len(every) == 6
    assert sweep(clerk, app, 29) == 0
    assert lying(clerk) == every
    assert sweep(clerk, app, 31) == 2
    assert lying(clerk) == every - loose
    # A draft that is dropped uses nothing any more, nor does a form that nobody has gone on with for a month.
    assert zhang.post(f"{drafted}/drop", data={"csrf_token": zhang.token, "key": "8" * 32}).status_code == 303
    for each in clerk.workspace.path.glob("unfinished/*/*.json"):
        each.unlink()
    assert sweep(clerk, app, 31) == 2
    assert len(lying(clerk)) == 2


def test_a_paper_that_is_handed_in_again_is_new_again(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    path = _kept(clerk, zhang, paper(1))
    age(clerk, 31)
    Desk(clerk.workspace, "zhang", "SF").keep_content(paper(1), ".pdf")
    assert unused.Unused(clerk.workspace, app.extensions["earmark"].unfinished).sweep() == 0
    assert path.is_file()


def test_a_form_that_is_thrown_away_takes_its_papers_with_it(app: Flask, clerk: Any) -> None:
    zhang, wang = enter(app, "zhang"), enter(app, "wang")
    hand_in(zhang, paper(1), paper(2))
    _kept(clerk, wang, paper(2))
    assert len(lying(clerk)) == 2
    thrown = zhang.post(f"/desk/SF/unfinished/{1:032x}/discard", data={"csrf_token": zhang.token})
    assert thrown.status_code == 303
    [left] = lying(clerk)
    assert left.read_bytes() == paper(2), "somebody else has handed it in too"


def test_a_form_whose_papers_are_gone_asks_for_them_again(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    shown = hand_in(zhang, paper(1))
    for each in lying(clerk):
        each.unlink()
    answer = keep(zhang, shown)
    assert answer.status_code == 422
    assert "请重新选择附件" in answer.text
    assert str(clerk.workspace.path) not in answer.text


def test_an_administrator_sees_who_has_handed_in_what_nothing_uses(app: Flask, clerk: Any) -> None:
    zhang, boss = enter(app, "zhang"), enter(app, "boss")
    assert "没有用到的附件" not in boss.get("/people").text
    hand_in(zhang, paper(1, MB))
    page = boss.get("/people").text
    assert "每人最多 500 份、2 MB；最后一次交来 30 天后自动清理" in page
    assert re.search(r'/people/zhang">zhang</a></td><td class="right">1</td><td class="right">1\.0</td>', page)


@pytest.mark.parametrize("typed", ["unused_papers_mb = 0", "unused_papers_days = 0", "unused_papers_days = 9999"])
def test_a_bound_that_is_none_is_refused(clerk: Any, typed: str) -> None:
    settings = clerk.workspace.path / "earmark.toml"
    settings.write_text(settings.read_text("utf-8") + f"\n{typed}\n", "utf-8")
    with pytest.raises(Refusal):
        open_workspace(clerk.workspace.path)


def _kept(clerk: Any, client: Any, content: bytes) -> Path:
    """Hand in a paper with a form that is not kept, and return where it lies."""
    form = {"csrf_token": client.token, "key": "7" * 32, "step": "look", "project": "P001"}
    answer = client.post("/desk/SF/tell/approve", data=form | {"papers": [(io.BytesIO(content), "a.pdf")]})
    [token] = re.findall(r'name="paper" value="([^"]+)"', answer.text)
    _, (_, kept) = URLSafeSerializer("").loads_unsafe(token)
    return Path(clerk.workspace.documents / (str(kept).partition("/")[0] + ".pdf"))

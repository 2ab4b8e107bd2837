"""The published notices on the public pages: listed with their wall, each with its files, which are made once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from publication import CONTACT
from sites import Page, files_of

from ledger import facts
from ledger.register import Book
from ledger.store.workspace import Workspace, open_workspace
from projects.cli.main import run
from projects.demo.builder import PASSPHRASE
from projects.disclosure.pages import Pages
from projects.disclosure.posted import NEWEST, Posted, Wall
from projects.disclosure.shown import PageSheet
from projects.disclosure.site import publish
from projects.notices import files
from projects.notices.names import ENDINGS

pytestmark = pytest.mark.sqlite  # a record in a database is not copied with its folder
OBJECTION, ANSWER = "蒲老三说路面窄了", "已到现场量过"
PLACES = ("", "zh-Hant/", "en/")


@pytest.fixture(scope="module")
def office(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration with two notices, one of which hung on the wall and was objected to; nobody writes into it."""
    folder = tmp_path_factory.mktemp("noticed")
    shutil.copytree(demo, folder / "ws")
    (folder / "wall.jpg").write_bytes(b"\xff\xd8\xff\xe0 a picture of the board")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
        patch.setenv("EARMARK_BOOK", "V13")

        def call(*words: str, by: str) -> None:
            assert run(["--workspace", str(folder / "ws"), *words, "--as", by]) == 0

        day = ["--date", "2025-01-10"]
        call("notice", "publish", "completion", "P001", *CONTACT, *day, "--out", str(folder / "out"), by="shenhe")
        call("notice", "publish", "plan", *CONTACT, *day, "--out", str(folder / "out"), by="shenhe")
        at = ["P001", "--stage", "completion"]
        up = ["--place", "村委会", "--doc", str(folder / "wall.jpg"), "--date", "2025-01-11"]
        call("notice", "put-up", *at, *up, by="zhidan")
        down = ["--objections", OBJECTION, "--answer", ANSWER, "--date", "2025-01-25"]
        call("notice", "take-down", *at, *down, by="zhidan")
    return folder / "ws"


@pytest.fixture
def workspace(office: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(office, tmp_path / "ws")
    return open_workspace(tmp_path / "ws")


def test_notices_are_listed_and_their_files_are_those_that_the_command_writes(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    publish(workspace, site)
    folder = site / "V13" / "notices"
    [page] = folder.glob("*-completion.html")
    stem = page.name.removesuffix(".html")
    label = stem.split("-")[1]
    url = f"{workspace.settings.publication['url'].rstrip('/')}/V13/notices" if workspace.settings.publication else ""
    address = ["--url", url] if url else []
    here = ["--workspace", str(workspace.path)]
    assert run([*here, "notice", "write", label, "--book", "V13", "--out", str(tmp_path / "again"), *address]) == 0
    for ending in ENDINGS:
        assert (folder / (stem + ending)).read_bytes() == (tmp_path / "again" / (stem + ending)).read_bytes()
    capsys.readouterr()
    assert run(["verify-notice", str(page)]) == 0, "it proves itself where it lies"
    leads = [attributes["href"] or "" for tag, attributes in Page(page.read_text("utf-8")).tags if tag == "a"]
    assert leads == [f"{stem}.proof.json", "verify.html"]
    for place in (folder, tmp_path / "again"):
        assert all((place / each).is_file() for each in leads)
    for name in ("V13/index", "en/V13/P001"):
        assert run(["verify-page", str(site / f"{name}.html")]) == 0, capsys.readouterr().out
    for place, names in zip(PLACES, ("项目完工公示", "項目完工公示", None), strict=True):
        village = Page((site / place / "V13/index.html").read_text("utf-8"))
        project = Page((site / place / "V13/P001.html").read_text("utf-8"))
        for shown, count in ((village, 2), (project, 1)):
            links = [attributes.get("href") or "" for tag, attributes in shown.tags if tag == "a"]
            mine = [each for each in links if "/notices/" in each]
            assert len(mine) == 4 * count
            assert all((site / place / "V13" / each).resolve().is_file() for each in mine)
            assert names is None or names in shown.text
            assert "2025-01-11" in shown.text
            assert len(shown.source.encode()) < 50_000
    text = Page((site / "V13/P001.html").read_text("utf-8")).text
    assert "2025-01-11 至 2025-01-25，14 天。" in text
    assert "有异议，已答复。" in text
    everything = b"".join(files_of(site).values()).decode("utf-8", "replace")
    assert OBJECTION not in everything
    assert ANSWER not in everything
    assert "蒲老三" not in everything


def test_a_notice_is_set_once_whatever_is_recorded_later(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    publish(workspace, site, languages=["zh"])
    before = {name: each for name, each in files_of(site).items() if "/notices/" in name}
    assert len(before) == 2 * len(ENDINGS) + 1, "and the page that checks beside them"
    made: list[str] = []
    whole = files.Published.file

    def counted(self: files.Published, ending: str, **options: Any) -> bytes:
        made.append(self.name + ending)
        return whole(self, ending, **options)

    monkeypatch.setattr(files.Published, "file", counted)
    with workspace.write(book="V13") as unit:
        on = unit.now.date()
        facts.record(unit, "V13", "notice-up", "P003", on=on, by="zhidan", data={"stage": "plan", "places": ["村口"]})
        unit.commit()
    assert publish(workspace, site, languages=["zh"]).read == 1
    assert made == []
    assert {name: each for name, each in files_of(site).items() if "/notices/" in name} == before
    spoiled = next(site.glob("V13/notices/*.pdf"))
    spoiled.unlink()
    assert publish(workspace, site, languages=["zh"]).read == 1
    assert len(made) == len(ENDINGS), "only the notice that lacks a file is set again"
    assert {name: each for name, each in files_of(site).items() if "/notices/" in name} == before
    publish(workspace, tmp_path / "new", languages=["zh"])
    assert files_of(site) == files_of(tmp_path / "new")


def test_many_notices_stand_on_pages_of_their_own() -> None:
    """The page of the village has the newest; one that nobody signed yet has no files, one that was replaced says so."""
    walls = (Wall("2024-07-01", "2024-07-11", 10, objected=False), Wall("2024-08-01", "", 0, objected=False))
    notices = tuple(
        Posted(
            f"F{n}",
            "completion",
            "",
            f"2024-07-{n % 28 + 1:02}",
            f"SF-F{n}-completion" if n else "",
            "F99" * (n == 1),
            walls,
        )
        for n in range(70)
    )
    book = Book("SF", "V13", "示范村专账", "village-2005", "2024-01-01")
    village = {"code": "V13", "name": "示范村", "township": "蒲河镇"}
    sheet = PageSheet(village, book, (), {}, 0, None, notices=notices)
    pages = {name: page.decode() for name, page in Pages("zh", demonstration=True).book(sheet)}
    assert {"SF/notices.html", "SF/notices-2.html", "SF/notices-3.html"} <= set(pages)
    assert max(len(page.encode()) for page in pages.values()) < 50_000
    assert len(set(re.findall(r"SF-F\d+-completion\.html", pages["SF/index.html"]))) == NEWEST - 1
    assert "全部 70 份公示" in pages["SF/index.html"]
    listed = "".join(pages[name] for name in pages if "notices" in name)
    assert len(set(re.findall(r"SF-F\d+-completion\.pdf", listed))) == 69
    assert "等下一个校验点" in pages["SF/notices.html"]
    assert "已由 F99 取代" in pages["SF/notices.html"]
    assert "2024-08-01 起，还没有登记取下。" in pages["SF/notices.html"]

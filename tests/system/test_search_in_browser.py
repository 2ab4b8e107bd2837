"""Projects are found by name in a browser: from a stick, on a telephone, at once; and without script by the list."""

from __future__ import annotations

import os
import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from browsing import NARROW as PHONE
from browsing import PICTURES, fits, log_in, watch
from served import Served, let_in

from projects.cli.main import run
from projects.disclosure import finding
from projects.disclosure.pages import Pages
from projects.disclosure.parts import Part
from projects.disclosure.shown import Listed

pytestmark = pytest.mark.system

PICTURE = PICTURES / "disclosure-search.png"
LIMIT = 100
"""Milliseconds in which a search of a county answers."""
FINGER = 24


@pytest.fixture(scope="module")
def site(demo, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("search") / "site"
    assert run(["--workspace", str(demo), "disclose", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def county(site, tmp_path_factory) -> Path:
    """A county of fifteen thousand projects: its search, put together by the functions that publish one."""
    out = tmp_path_factory.mktemp("county") / "site"
    rows = []
    for number in range(300):
        book = f"V{number:03}"
        kinds = ("通村公路硬化工程", "人畜饮水工程", "农田水利渠道", "村卫生室", "文化活动室")
        projects = [
            [f"P{at:03}", f"第{number}村第{at}组{kinds[at % 5]}", "", at % 3, [at % 2], [at % 2]] for at in range(1, 51)
        ]
        payees = ["宏达路桥工程有限公司", f"第{number}建筑队"]
        channels = ["JT2024 交通部门专项补助", "SW2024 水务局专项补助"]
        text = finding._json([book, f"示范村{number}", f"第{number // 15}镇", channels, payees, projects])
        texts = {f"find:typed:{book}": text, f"list:zh:{book}": ""}
        rows.append((Listed(f"第{number // 15}镇", f"示范村{number}", book), Part("", {}, {}, texts=texts)))
    for name, page in finding.county([Pages("zh", demonstration=True)], rows, "2024-12-31").items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(page.write())
    shutil.copy(site / "style.css", out)
    return out


@pytest.fixture
def page(browser):
    context = browser.new_context(viewport=PHONE)
    found = context.new_page()
    wrong = watch(found, "file://", "http://127.0.0.1:")
    yield found
    context.close()
    assert wrong == []


def answer(page, text: str, *, wait: str = r"找到|沒有|没有|Found|not found") -> list[str]:
    """Type a text by the keyboard alone, and return the lines that are found."""
    page.locator("#text").fill("")
    page.locator("#text").focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_function("pattern => new RegExp(pattern).test(document.getElementById('said').textContent)", arg=wait)
    return [each.replace("\n", " ") for each in page.locator("#found li").all_inner_texts()]


@pytest.mark.parametrize("place", ["", "zh-Hant/", "en/"])
def test_a_project_is_found_from_a_stick_in_either_characters(page, site, place):
    page.goto((site / place / "search.html").as_uri())
    found = {
        text: answer(page, text)
        for text in ("农田水利", "農田水利", "ｐ００３　农田", "示范村乙 道路", "JT2024", "甲施工队")
    }
    assert len(found["农田水利"]) == 1
    assert found["农田水利"] == found["農田水利"] == found["ｐ００３　农田"]
    assert len(found["示范村乙 道路"]) > 2
    assert all("JT2024" in each for each in found["JT2024"])
    assert any(re.search("甲施工[队隊]", each) for each in found["甲施工队"])
    assert answer(page, "没有这个") == []
    assert "没有这个" in page.locator("#said").inner_text()
    assert page.locator("#said").get_attribute("role") == "status", "it is read aloud"
    answer(page, "农田水利")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/V14/P003.html*")
    assert page.url == (site / place / "V14" / "P003.html").as_uri()
    page.go_back()
    page.wait_for_function("document.querySelectorAll('#found li').length === 1")


def test_villages_come_first_and_lead_to_their_pages(page, site):
    page.goto((site / "search.html").as_uri())
    assert answer(page, "示范村乙")[0].startswith("示范村乙 村 · 演示镇")
    assert page.locator("#found a").first.get_attribute("href") == "V14/index.html"
    if os.environ.get("EARMARK_REGENERATE"):
        page.screenshot(path=PICTURE)
    assert PICTURE.stat().st_size < 300_000


def test_nothing_is_asked_of_anybody_and_all_fits_a_finger(page, site):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "search.html").as_uri())
    answer(page, "工程")
    assert [each for each in asked if not each.startswith((site.as_uri(), "data:"))] == []
    assert fits(page)
    for each in page.locator("main a, nav a, button, input").all():
        if each.is_visible():
            assert each.bounding_box()["height"] >= FINGER, each.inner_text()
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    told = page.evaluate("axe.run(document, {preload: false})")
    assert [(each["id"], each["impact"]) for each in told["violations"]] == []


def test_without_script_the_page_leads_to_the_list_and_the_list_has_every_project(browser, site):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "search.html").as_uri())
    assert page.locator("form").is_hidden()
    page.locator("#without a").click()
    assert page.url == (site / "projects.html").as_uri()
    links = page.locator("main .names a").all()
    assert len(links) == len(list(site.glob("V*/P[0-9][0-9][0-9].html")))
    assert all(each.bounding_box()["height"] >= FINGER for each in links)
    assert fits(page)
    context.close()


def test_a_county_answers_at_once_and_loads_only_the_township_that_is_asked_for(page, county):
    read: list[str] = []
    page.on("request", lambda request: read.append(request.url.rpartition("/")[2]))
    page.goto((county / "search.html").as_uri())
    _whole, *townships = page.locator("#scope option").all_inner_texts()
    assert len(townships) == 20
    sizes = [int(re.search(r"\((\d+) KB\)", each)[1]) for each in townships]
    files_of = [each for each in county.glob("search-*.js") if re.fullmatch(r"search-[0-9a-f]{8}\.js", each.name)]
    assert sum(sizes) == pytest.approx(sum(each.stat().st_size for each in files_of) / 1000, abs=20)
    assert not [each for each in read if each in {one.name for one in files_of}], (
        "nothing is read before it is asked for"
    )
    page.locator("#scope").select_option(index=3)
    assert len(answer(page, "人畜饮水工程")) == 100
    assert len([each for each in read if each in {one.name for one in files_of}]) == 1
    page.locator("#scope").select_option(index=0)
    assert answer(page, "第299村第50组")[0].startswith("第299村第50组通村公路硬化工程 P050")
    assert len({each for each in read if each in {one.name for one in files_of}}) == 20
    assert ("3000" in answer(page, "饮水") and "") or "3000" in page.locator("#said").inner_text()
    for text in ("公路", "宏达 第17镇", "p050", "没有这个", "示范村29"):
        taken = page.evaluate(
            "text => { const begin = performance.now(); earmark.show(text); document.body.offsetHeight;"
            " return performance.now() - begin; }",
            text,
        )
        assert taken < LIMIT, (text, taken)


def test_the_search_runs_under_the_policy_of_the_desk(page, demo, tmp_path):
    """The preview of the public pages at the desk."""
    shutil.copytree(demo, tmp_path / "office")
    let_in(tmp_path / "office", "gongshi")
    with Served(tmp_path / "office") as served:
        log_in(page, served.url, "gongshi")
        page.goto(f"{served.url}public/")
        page.locator(".tools a").first.click()
        page.wait_for_url("**/search.html")
        assert len(answer(page, "农田水利")) == 1

"""The public pages on a telephone and on a desk: whole without scripts, nothing runs over, nothing is fetched."""

from __future__ import annotations

import os
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
from browsing import NARROW as PHONE
from browsing import PICTURES, fits

from ledger.store.workspace import open_workspace
from projects import registry
from projects.cli.main import run
from projects.desk import Desk
from projects.disclosure.site import publish
from projects.telling import tell

pytestmark = pytest.mark.system

PICTURE = PICTURES / "disclosure-phone.png"
MAP = PICTURE.with_name("disclosure-map.png")
DESK = {"width": 1200, "height": 900}
FINGER = 24
ROAD = [
    "交通部门专项补助",
    "农户自筹",
    "社会捐资",
    "880,000.00",
    "650,000.00",
    "220,000.00",
    "854,200.00",
    "甲施工队（演示）",
]


@pytest.fixture(scope="module")
def site(demo, tmp_path_factory) -> Path:
    """The demonstration, published by the command itself."""
    out = tmp_path_factory.mktemp("public") / "site"
    assert run(["--workspace", str(demo), "disclose", "--out", str(out)]) == 0
    return out


@pytest.fixture
def visit(browser, site):
    """Walk from the index over the village to the road in a window of some size; yields each page."""
    opened = []

    def walk(size, *, scripts: bool):
        context = browser.new_context(viewport=size, java_script_enabled=scripts)
        opened.append(context)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((site / "index.html").as_uri())
        yield page
        for link in ("示范村甲", "通村村道"):
            page.get_by_role("link", name=link).first.click()
            page.wait_for_load_state()
            yield page
        assert page.url == (site / "V13" / "P001.html").as_uri()
        foreign = [each for each in asked if not each.startswith((site.as_uri(), "data:"))]
        assert foreign == []

    yield walk
    for context in opened:
        context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
def test_the_pages_are_read_without_scripts_and_fetch_nothing_from_elsewhere(visit, size):
    for page in visit(size, scripts=False):
        assert page.locator("h1").is_visible()
    for text in ROAD:
        assert page.get_by_text(text, exact=False).first.is_visible(), text


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
def test_no_page_is_wider_than_its_window(visit, size):
    for page in visit(size, scripts=True):
        assert fits(page), page.url


def test_a_project_fits_a_telephone_and_is_pictured(visit):
    *_, page = visit(PHONE, scripts=False)
    assert page.locator("h1").inner_text() == "通村村道"
    if os.environ.get("EARMARK_REGENERATE"):
        clip = {"x": 0, "y": 0, "width": PHONE["width"], "height": 1100}
        page.screenshot(path=PICTURE, clip=clip, full_page=True)
    assert PICTURE.stat().st_size < 300_000


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
def test_the_map_is_read_and_its_numbers_lead_to_projects(browser, site, size):
    context = browser.new_context(viewport=size, java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "V14" / "index.html").as_uri())
    part = page.locator("section", has=page.locator("figure.map"))
    numbers = part.locator("svg a text").all()
    assert [each.inner_html() for each in numbers] == [str(each + 1) for each in range(len(numbers))]
    boxes = [each.bounding_box() for each in part.locator("svg a .sign").all()]
    assert len(boxes) == len(numbers) == part.locator("ol li").count() > 1
    assert all(box["width"] >= 24 and box["height"] >= 24 for box in boxes), "a finger finds them"
    if os.environ.get("EARMARK_REGENERATE") and size == DESK:
        part.screenshot(path=MAP)
    assert MAP.stat().st_size < 300_000
    first = part.locator("ol a").first.get_attribute("href")
    numbers[0].click()
    assert page.url == (site / "V14" / str(first)).as_uri()
    context.close()


@pytest.fixture(scope="module")
def crowded(demo, tmp_path_factory) -> Path:
    """A village with a hundred and fifty projects more, of which sixty have a place; published in Chinese alone."""
    folder = tmp_path_factory.mktemp("crowded")
    shutil.copytree(demo, folder / "office")
    workspace = open_workspace(folder / "office")
    with workspace.write() as unit:
        [[channel], *_] = unit.connection.exec_driver_sql("SELECT channel FROM budget_line WHERE book = 'V14'").all()
        for number in range(150):
            registry.add_project(
                unit, "V14", f"P{number + 100}", title=f"供水{number}", name=f"第{number}村民小组人畜饮水工程",
                budget={channel: 10_000_000}, detail={"type": "water", "quantity": "1"},
            )  # fmt: skip
        unit.commit()
    for number in range(60):
        place = {"project": f"P{number + 100}", "geometry": f"106.{5600 + number * 7},29.{5900 + number % 9 * 11}"}
        tell(Desk(workspace, "zhidan", "V14"), "locate", place | {"date": "2024-12-01"}, papers=[])
    publish(workspace, folder / "site", languages=["zh"])
    workspace.close()
    return folder / "site"


def test_a_village_of_many_projects_is_read_page_by_page(browser, crowded):
    """By the next link from the village's page to the last, on a telephone without script; the map is drawn."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto((crowded / "V14" / "index.html").as_uri())
    assert page.locator("figure.map path.dots").count() > 0
    assert page.locator("figure.map svg a").count() == 0
    seen, names = [page.url], set()
    while True:
        names |= {each.get_attribute("href") for each in page.locator("tbody th[scope=row] > a").all()}
        following = page.locator(".pager a[rel=next]")
        if not following.count():
            break
        box = following.first.bounding_box()
        assert box["height"] >= FINGER
        assert box["width"] >= FINGER
        following.first.click()
        seen.append(page.url)
    assert len(seen) == len(set(seen)) > 3
    assert {f"P{number + 100}.html" for number in range(150)} <= names
    context.close()
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    for at in (seen[0], seen[1]):
        page.goto(at)
        assert fits(page)
        page.evaluate(axe)
        assert [each["id"] for each in page.evaluate("axe.run(document)")["violations"]] == []
    context.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["telephone", "desk"])
def test_the_rules_of_access_find_nothing_on_any_page(browser, site, size):
    """axe-core, by the rules of WCAG 2.2 A and AA and by those of good practice."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    context = browser.new_context(viewport=size)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 15
    found = []
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate(axe)
        told = page.evaluate("axe.run(document)")
        assert len(told["passes"]) > 10
        found += [(path.name, each["impact"], each["id"]) for each in told["violations"]]
    context.close()
    assert found == []
    assert [each for each in asked if not each.startswith((site.as_uri(), "data:"))] == []

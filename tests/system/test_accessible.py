"""Every page can be used by everybody: axe-core finds nothing serious, on a telephone and on an old office screen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import NARROW, complaints, log_in
from browsing import SIZES as SCREENS
from publication import publish_notice
from served import Served, let_in

from projects.cli.main import run

pytestmark = pytest.mark.system

SIZES = {"telephone": NARROW, "office": SCREENS["desk"]}
PEOPLE = ("zhidan", "shenhe", "shenji", "chuna", "gongshi", "guanli")
OF_FAVA = "/books/"
"""Fava's own pages are Fava's; ours within it are looked at by their tests."""


@pytest.fixture(params=SIZES)
def page(request, browser) -> Iterator:
    context = browser.new_context(viewport=SIZES[request.param], locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def published(demo, tmp_path_factory) -> Path:
    """The public site, and two notices with the page that checks them."""
    folder = tmp_path_factory.mktemp("accessible")
    shutil.copytree(demo, folder / "ws")
    for kind_ in ("completion", "quarter"):
        publish_notice(folder / "ws", kind_, folder / "out" / "notices")
    assert run(["--workspace", str(folder / "ws"), "disclose", "--out", str(folder / "out" / "site")]) == 0
    return folder / "out"


def test_what_villagers_see_is_accessible(published, page) -> None:
    found = sorted(published.rglob("*.html"))
    assert len(found) > 5
    wrong = []
    for each in found:
        page.goto(each.as_uri())
        wrong += complaints(page)
    assert wrong == []


@pytest.fixture(scope="module")
def desk(demo, tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("accessible-desk") / "office"
    shutil.copytree(demo, folder)
    publish_notice(folder, "completion", folder.parent)
    let_in(folder, *PEOPLE)
    with Served(folder) as served:
        yield served.url


@pytest.mark.parametrize("name", PEOPLE)
def test_what_people_at_the_desk_see_is_accessible(desk, page, name) -> None:
    """Whoever it is looks at one page of every kind that links lead to."""
    page.goto(f"{desk}login")
    wrong = complaints(page)
    log_in(page, desk, name)
    seen: set[str] = set()
    waiting = [page.url, f"{desk}password", f"{desk}no-such-page"]
    while waiting:
        at = waiting.pop(0)
        if kind(at) in seen or OF_FAVA in at:
            continue
        seen.add(kind(at))
        page.goto(at)
        wrong += complaints(page)
        links = page.eval_on_selector_all("a[href]", "all => all.map(each => each.href.split('#')[0])")
        # What is handed out to be kept is no page, and the public pages are looked at as files.
        pages = [each for each in links if each.startswith(desk) and not each.startswith(f"{desk}public/")]
        waiting += [each for each in pages if not each.split("?", maxsplit=1)[0].endswith(TAKEN_AWAY)]
    assert len(seen) >= 3
    assert wrong == []


TAKEN_AWAY = ("/pdf", "/xlsx", "/csv", "/html", "/proof", "/page", ".jpg", ".png", ".txt", ".csv")
"""How the addresses of statements, notices and papers end that are handed out as files; no script runs in what of them is shown."""


def kind(at: str) -> str:
    """A page's address without what differs from one of its kind to the next."""
    return re.sub(r"/([DF]?[0-9][0-9-]*|P[0-9]+[A-Z0-9]*|V[0-9]+)(?=[/.?]|$)", "/…", at.split("?", maxsplit=1)[0])

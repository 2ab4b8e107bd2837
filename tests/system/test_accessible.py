"""Every page can be used by everybody: axe-core finds nothing serious, on a telephone and on an old office screen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from served import PASSWORD, Served

from ledger.store.workspace import wall_clock
from projects.cli.main import run
from projects.demo.builder import PASSPHRASE
from projects.web.logins import Logins

pytestmark = pytest.mark.system

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = {"serious", "critical"}
SIZES = {"telephone": {"width": 360, "height": 740}, "office": {"width": 1366, "height": 768}}
CONTACT = ["--issuer", "示范村甲村民委员会", "--phone", "0871-0000000", "--as", "shenhe", "--book", "V13"]
OF_FAVA = "/books/"
"""Fava's own pages are Fava's; ours within it are looked at by their tests."""


def complaints(page) -> list[str]:
    """What axe-core finds serious on an open page, each with the first place where."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{page.url}: {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]


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
    here = ["--workspace", str(folder / "ws")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
        for kind, about in (("completion", ["P001"]), ("quarter", [])):
            said = ["notice", "publish", kind, *about, *CONTACT, "--out", str(folder / "out" / "notices")]
            assert run([*here, *said]) == 0
        assert run([*here, "disclose", "--out", str(folder / "out" / "site")]) == 0
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
    here = ["--workspace", str(folder)]
    for name, role in (("xuanchuan", "publisher"), ("guanli", "administrator")):
        assert run([*here, "user", "add", name, "--role", role]) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EARMARK_PASSPHRASE", PASSPHRASE)
        assert run([*here, "notice", "publish", "completion", "P001", *CONTACT, "--out", str(folder.parent)]) == 0
    for name in ("zhidan", "shenhe", "shenji", "xuanchuan", "guanli"):
        Logins(folder, wall_clock).set_password(name, PASSWORD, first=False)
    served = Served(folder)
    served.start()
    yield f"http://127.0.0.1:{served.port}/"
    served.stop()


@pytest.mark.parametrize("name", ["zhidan", "shenhe", "shenji", "xuanchuan", "guanli"])
def test_what_people_at_the_desk_see_is_accessible(desk, page, name) -> None:
    """Whoever it is looks at one page of every kind that links lead to."""
    page.goto(f"{desk}login")
    wrong = complaints(page)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    with page.expect_navigation(url=lambda at: "/login" not in at):
        page.keyboard.press("Enter")
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

"""An administrator lets somebody in, who logs in, chooses a password, sees what is late and searches: with real pages, on two screens.

axe-core looks at every page on the way. With EARMARK_REGENERATE the pictures of the guides are made anew.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

import pytest
from browsing import Person, Pictures, log_in
from served import PASSWORD, Served, let_in

pytestmark = [pytest.mark.system, pytest.mark.sqlite]

SEEN = {"full_page": True, "clip": {"x": 0, "y": 0, "width": 1366, "height": 1000}}


class AtDesk(Person):
    """Somebody at the desk in a language."""

    taken: ClassVar[Pictures] = {"desk-zh-people": SEEN, "desk-zh-today": SEEN}

    def __init__(self, browser: Any, url: str, size: str, lang: str) -> None:
        super().__init__(browser, url, size, lang)
        self.page.goto(url)
        if lang == "en":
            self.page.click("button[name=lang]")

    def search(self, sought: str) -> None:
        """Go to the search box by the keyboard alone, and look for something."""
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.id") == "find":
                break
        self.page.keyboard.type(sought)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture(scope="module")
def office(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The desk of the demonstration."""
    folder = tmp_path_factory.mktemp("people") / "office"
    shutil.copytree(demo, folder)
    let_in(folder, "guanli")
    with Served(folder) as served:
        yield served.url


@pytest.mark.parametrize("size, lang", [("desk", "zh"), ("phone", "en")])
def test_an_administrator_lets_somebody_in_who_begins_to_work(browser: Any, office: str, size: str, lang: str) -> None:
    boss = AtDesk(browser, office, size, lang)
    log_in(boss.page, office, "guanli")
    name = f"chen-{size}"
    boss.page.fill("#name", name)
    boss.page.fill("#full_name", "陈某某")
    boss.page.check("#add-maker")
    boss.go("form[action='/people'] button")
    boss.look("once")
    secret = boss.page.inner_text(".secret code")
    assert re.fullmatch(r"[a-z2-9-]{19}", secret)
    boss.go("main a[href$='/people']")
    boss.look("people")

    chen = AtDesk(browser, office, size, lang)
    log_in(chen.page, office, name, secret)
    for field, typed in (("old", secret), ("new", PASSWORD), ("again", PASSWORD)):
        chen.page.fill(f"#{field}", typed)
    chen.go()
    chen.go(".cards a")
    chen.look("today")
    assert chen.page.query_selector("nav a[href$='/record']")
    late = chen.page.locator("table.late tbody tr")
    assert late.count() > 0
    with chen.page.expect_navigation():
        late.first.locator("a").last.click()
    chen.look("where it is dealt with")
    chen.search("P001")
    chen.look("search")
    with chen.page.expect_navigation():
        chen.page.locator("main a[href*='/vouchers/']").first.click()
    assert "P001" in chen.page.inner_text("article.voucher")
    chen.page.go_back()

    boss.go(f"main a[href$='/people/{name}']")
    boss.look("person")
    boss.go("form[action$='/take-back'] button")
    boss.look("sure")
    boss.go("button[name=step]")
    boss.look("person")
    assert boss.wrong == chen.wrong == []
    chen.page.goto(chen.page.url)
    assert chen.page.query_selector("nav") is None

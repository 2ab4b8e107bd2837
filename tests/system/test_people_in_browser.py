"""An administrator lets somebody in, who logs in, chooses a password, sees what is late and searches: with real pages, on two screens.

axe-core looks at every page on the way. With EARMARK_REGENERATE the pictures of the guides are made anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from served import PASSWORD, Served
from test_accessible import complaints

from ledger.store.workspace import wall_clock
from projects.cli.main import run
from projects.web.logins import Logins

pytestmark = [pytest.mark.system, pytest.mark.sqlite]

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = {"desk": (1366, 768), "phone": (390, 844)}


class Person:
    """Somebody at a browser, whose pages are looked at."""

    def __init__(self, browser: Any, url: str, size: str, lang: str) -> None:
        width, height = SIZES[size]
        self.page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
        self.url, self.picture = url, f"{size}-{lang}"
        self.page.goto(url)
        if lang == "en":
            self.page.click("button[name=lang]")

    def log_in(self, name: str, password: str) -> None:
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.send()

    def search(self, sought: str) -> None:
        """Go to the search box by the keyboard alone, and look for something."""
        for _ in range(40):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.id") == "find":
                break
        self.page.keyboard.type(sought)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def send(self, at: str = "main form button") -> None:
        """Press a button and wait for the page that comes of it."""
        with self.page.expect_navigation():
            self.page.click(at)

    def look(self, name: str) -> None:
        """Nothing serious is wrong with the page, nothing is wider than the window; and its picture, if it is kept."""
        assert complaints(self.page) == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url
        if os.environ.get("EARMARK_REGENERATE") and f"{self.picture}-{name}" in TAKEN:
            seen = {"x": 0, "y": 0, "width": SIZES["desk"][0], "height": 1000}
            self.page.screenshot(path=PICTURES / f"{self.picture}-{name}.png", full_page=True, clip=seen)


TAKEN = {"desk-zh-people", "desk-zh-today"}


@pytest.fixture(scope="module")
def office(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The desk of the demonstration, with an administrator."""
    import shutil

    folder = tmp_path_factory.mktemp("people") / "office"
    shutil.copytree(demo, folder)
    assert run(["--workspace", str(folder), "user", "add", "guanli", "--role", "administrator"]) == 0
    Logins(folder, wall_clock).set_password("guanli", PASSWORD, first=False)
    served = Served(folder)
    served.start()
    yield f"http://127.0.0.1:{served.port}/"
    served.stop()


@pytest.mark.parametrize("size, lang", [("desk", "zh"), ("phone", "en")])
def test_an_administrator_lets_somebody_in_who_begins_to_work(browser: Any, office: str, size: str, lang: str) -> None:
    boss = Person(browser, office, size, lang)
    boss.log_in("guanli", PASSWORD)
    name = f"chen-{size}"
    boss.page.fill("#name", name)
    boss.page.fill("#full_name", "陈某某")
    boss.page.check("#add-maker")
    boss.send("form[action='/people'] button")
    boss.look("once")
    secret = boss.page.inner_text(".secret code")
    assert re.fullmatch(r"[a-z2-9-]{19}", secret)
    boss.send("main a[href$='/people']")
    boss.look("people")

    chen = Person(browser, office, size, lang)
    chen.log_in(name, secret)
    for field, typed in (("old", secret), ("new", PASSWORD), ("again", PASSWORD)):
        chen.page.fill(f"#{field}", typed)
    chen.send()
    chen.send(".cards a")
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

    boss.send(f"main a[href$='/people/{name}']")
    boss.look("person")
    boss.send("form[action$='/take-back'] button")
    boss.look("sure")
    boss.send("button[name=step]")
    boss.look("person")
    chen.page.goto(chen.page.url)
    assert chen.page.query_selector("nav") is None

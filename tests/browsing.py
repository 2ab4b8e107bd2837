"""People at a real browser: at the desk, and with the page that checks; nothing is asked from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

from served import PASSWORD

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}
NARROW = {"width": 360, "height": 740}
"""A telephone of the smallest kind that villagers have."""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = {"serious", "critical"}
Pictures = Mapping[str, Mapping[str, Any]]


def watch(page: Any, *homes: str) -> list[str]:
    """Return where all is kept, as it comes, that a page complains of, and what it asks of others than `homes`.

    That a form is refused (422) is said on the page, and in the console by the browser itself.
    """
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda asked: wrong.append(asked.message))
    page.on("request", lambda asked: None if asked.url.startswith((*homes, "data:")) else wrong.append(asked.url))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if said.type in {"error", "warning"} and "422" not in said.text else None,
    )
    return wrong


def log_in(page: Any, url: str, name: str, password: str = PASSWORD) -> None:
    """Log in at the desk, by the keyboard, on the way to one of its pages."""
    page.goto(url)
    page.fill("#name", name)
    page.fill("#password", password)
    with page.expect_navigation(url=lambda at: "/login" not in at):
        page.keyboard.press("Enter")


def complaints(page: Any) -> list[str]:
    """What axe-core finds serious on an open page, each with the first place where."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{page.url}: {each['id']} ({each['impact']}): {each['nodes'][0]['html'][:160]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
    ]


def fits(page: Any) -> bool:
    """Tell whether a page is no wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


class Person:
    """Somebody at the desk, whose pages are looked at; `wrong` is what they complain of or ask of others."""

    taken: ClassVar[Pictures] = {}
    """The pictures of the guides that are made anew with EARMARK_REGENERATE, each with how it is taken."""

    def __init__(self, browser: Any, url: str, size: str, lang: str = "zh") -> None:
        self.context = browser.new_context(viewport=SIZES[size], locale="zh-CN")
        self.page = self.context.new_page()
        self.wrong = watch(self.page, url)
        self.url, self.size, self.lang = url, size, lang

    def go(self, selector: str = "main form button") -> None:
        """Press something and wait for the page that comes of it."""
        with self.page.expect_navigation():
            self.page.click(selector)
        self.page.wait_for_load_state()

    def look(self, name: str = "") -> str:
        """See that the page is sound, take its picture if it is one of the guides', and return its words."""
        assert complaints(self.page) == []
        assert fits(self.page), self.page.url
        picture = f"{self.size}-{self.lang}-{name}"
        if picture in self.taken and os.environ.get("EARMARK_REGENERATE"):
            self.page.screenshot(path=PICTURES / f"{picture}.png", **self.taken[picture])
        return str(self.page.inner_text("main"))


@contextmanager
def checking(browser: Any, folder: Path) -> Iterator[Any]:
    """The page that checks in a folder, opened as from a stick; it may ask for nothing and complain of nothing."""
    address = (folder / "verify.html").as_uri()
    context = browser.new_context(viewport=NARROW)
    page = context.new_page()
    wrong = watch(page, address)
    page.goto(address)
    yield page
    context.close()
    assert wrong == []


def verdict(checker: Any, *chosen: Path) -> tuple[str, str]:
    """Choose a page and its proof, and return what comes out, ``right`` or ``wrong``, with all that is said of it."""
    checker.set_input_files("#files", [str(each) for each in chosen])
    checker.wait_for_selector("#verdict.right, #verdict.wrong")
    said = "\n".join(checker.inner_text(each) for each in ("#verdict", "#list", "#key"))
    return str(checker.get_attribute("#verdict", "class")), said

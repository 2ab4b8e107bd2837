"""A day at the desk by the keyboard alone: from the allotment to the payment with its paper, a refusal, a reversal, Fava.

On the way axe-core looks at every page, and nothing may be wider than its window. With EARMARK_REGENERATE the pictures of
the guides are made anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from browsing import Person, Pictures
from served import PASSWORD, Served, let_in

from ledger.store.workspace import open_workspace
from ledger.verify import verify

pytestmark = [pytest.mark.system, pytest.mark.sqlite]

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DAY: list[tuple[str, dict[str, str]]] = [
    ("allot", {"project": "P001", "channel": "JT2024", "amount": "880000", "number": "1号"}),
    ("receive", {"project": "P001", "channel": "JT2024", "amount": "500000"}),
    ("contract", {"contract": "P001C01", "parts": "JT2024=100000", "party": "某施工队"}),
    ("certify", {"contract": "P001C01", "amount": "50000"}),
    ("pay", {"contract": "P001C01"}),
]


class AtKeyboard(Person):
    """Somebody at the desk whose hands stay on the keyboard."""

    taken: ClassVar[Pictures] = {
        "desk-zh-form": {"full_page": True},
        "desk-zh-voucher": {},
        "phone-en-refused": {},
        "phone-en-preview": {"full_page": True},
    }

    def __init__(self, browser: Any, url: str, name: str, size: str, lang: str) -> None:
        super().__init__(browser, url, size, lang)
        self.page.goto(url)
        if lang == "en":
            self.press("button[name=lang]")
        self.write("#name", name)
        self.write("#password", PASSWORD)
        self.send()

    def reach(self, selector: str) -> None:
        """Go to something with the tabulator."""
        for _ in range(250):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"no way by the keyboard to {selector} on {self.page.url}")

    def choose(self, paper: object) -> None:
        """Choose a paper by the keyboard; a busy machine may need a second press."""
        chosen: list[Any] = []
        self.page.on("filechooser", lambda each: chosen.append(each))  # noqa: PLW0108 - it asks for a plain function
        self.reach("#papers")
        for _ in range(3):
            self.page.keyboard.press("Space")
            for _ in range(20):
                if chosen:
                    break
                self.page.wait_for_timeout(500)
            if chosen:
                break
            self.page.focus("#papers")
        chosen[0].set_files(paper)

    def write(self, selector: str, text: str) -> None:
        """Write over what stands in a field."""
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def send(self) -> None:
        """Press Enter and wait for the page that comes."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.page.wait_for_load_state()

    def press(self, selector: str) -> None:
        """Go to a link or a button and press it."""
        self.reach(selector)
        self.send()

    def record(self, verb: str, typed: dict[str, str], paper: Path | None = None) -> str:
        """Record an event and return where its draft is."""
        self.press("nav a[href$='/record']")
        self.look("record" if verb == "allot" else "")
        self.press(f"a[href$='/record/{verb}']")
        for name, text in typed.items():
            self.write(f"#f-{name}", text)
        if paper:
            self.choose(paper)
            self.look("form")
        self.reach("button[value=look]")
        self.send()
        self.look("preview" if paper else "")
        self.press("button[value=keep]")
        return str(self.page.url)


@pytest.fixture
def office(clerk: Any) -> Any:
    """The desk of a village before anything happened, served by the command itself."""
    path = clerk.workspace.path
    clerk.workspace.close()
    let_in(path, "zhang", "li", "zhao")
    with Served(path) as served:
        yield served, path


@pytest.mark.parametrize("size, lang", [("desk", "zh"), ("phone", "en")])
def test_a_day_goes_by_the_keyboard_from_the_allotment_to_the_auditor(
    browser: Any, office: Any, tmp_path: Path, size: str, lang: str
) -> None:
    served, path = office
    url = served.url
    paper = tmp_path / "slip.pdf"
    paper.write_bytes(PDF)
    maker, approver = (AtKeyboard(browser, url, name, size, lang) for name in ("zhang", "li"))
    numbers = {}
    for verb, typed in DAY:
        if verb == "pay":  # more than is owed is refused beside the way out, and mended
            maker.press("nav a[href$='/record']")
            maker.press("a[href$='/record/receive']")
            for name, text in {"project": "P001", "channel": "JT2024", "amount": "abc"}.items():
                maker.write(f"#f-{name}", text)
            maker.send()
            assert "abc" in maker.page.inner_text("#e-amount")
            maker.look("refused")
            maker.write("#f-amount", "100")
            maker.send()
            maker.press("button[value=keep]")
            maker.reach(".actions summary")
            maker.page.keyboard.press("Enter")
            maker.press("form[action$='/drop'] button")
        draft = maker.record(verb, typed, paper if verb == "pay" else None)
        approver.page.goto(f"{url}desk/SF/")
        approver.look("today" if verb == "pay" else "")
        approver.press(f"main a[href$='/drafts/{draft.rsplit('/', 1)[1]}']")
        approver.look("draft" if verb == "pay" else "")
        approver.press("form[action$='/seal'] button")
        approver.look("voucher" if verb == "pay" else "")
        numbers[verb] = approver.page.url.rsplit("/", 1)[1]
    auditor = AtKeyboard(browser, url, "zhao", size, lang)
    auditor.press("nav a[href$='/vouchers']")
    auditor.look("vouchers")
    auditor.press("nav a[href$='/books/SF/']")
    auditor.page.wait_for_load_state("networkidle")
    auditor.page.goto(f"{url}books/SF/extension/Vouchers/?voucher=V{numbers['pay']}")
    auditor.page.wait_for_load_state("networkidle")
    assert numbers["pay"] in auditor.page.inner_text("article")
    found = auditor.page.get_attribute("article a.filename", "href")
    assert auditor.page.request.get(url.rstrip("/") + found).body() == PDF
    for report in ("balance_sheet", "journal", "query"):
        auditor.page.goto(f"{url}books/SF/{report}/")
        auditor.page.wait_for_load_state("networkidle")
        assert auditor.page.inner_text("article").strip()
    maker.page.goto(f"{url}desk/SF/vouchers/{numbers['pay']}")
    maker.write("#reason", "付错了")
    maker.send()
    maker.look("")
    approver.page.goto(f"{url}desk/SF/")
    approver.press("main a[href*='/drafts/D']")
    approver.press("form[action$='/seal'] button")
    assert [each for who in (maker, approver, auditor) for each in who.wrong] == []
    served.stop()
    opened = open_workspace(path)
    assert [each.code for check in verify(opened) for each in check.findings] == []
    opened.close()

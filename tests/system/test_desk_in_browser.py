"""A day at the desk in a real browser, by the keyboard: log in, be refused and mend it, record, seal as somebody else."""

from __future__ import annotations

import shutil

import pytest
from browsing import fits
from served import Served, let_in

from projects.cli.main import run

pytestmark = pytest.mark.system


@pytest.fixture
def desk(demo, tmp_path):
    """The address of the desk on a copy of the demonstration, served by the command itself, and its folder."""
    folder = tmp_path / "office"
    shutil.copytree(demo, folder)
    let_in(folder, "zhidan", "shenhe", "shenji")
    with Served(folder) as served:
        yield served.url, folder


def placed(page):
    """Wait until the page has put the cursor where a hand at the keyboard expects it: it does so once it is drawn."""
    page.wait_for_function("document.activeElement && document.activeElement !== document.body")


def test_a_receipt_goes_from_the_form_to_the_book(desk, enter, capsys) -> None:
    url, folder = desk
    maker = enter(url, "zhidan")
    book = f"{url}desk/V13/"
    maker.goto(f"{book}record/receive")
    placed(maker)
    for typed in ("P002", "SW2024", "abc"):
        maker.keyboard.type(typed)
        maker.keyboard.press("Tab")
    with maker.expect_navigation():
        maker.press("#f-amount", "Enter")
    assert "abc" in maker.inner_text("#e-amount")
    maker.fill("#f-amount", "1000")
    with maker.expect_navigation():
        maker.press("#f-amount", "Enter")
    assert "壹仟元整" in maker.inner_text("main")
    placed(maker)
    with maker.expect_navigation(url="**/drafts/*"):
        maker.keyboard.press("Enter")
    draft = maker.url
    approver = enter(url, "shenhe")
    approver.goto(draft)
    placed(approver)
    with approver.expect_navigation(url="**/vouchers/*"):
        approver.keyboard.press("Enter")
    number = approver.url.rsplit("/", 1)[1]
    auditor = enter(url, "shenji")
    auditor.goto(f"{book}vouchers?q={number}")
    assert number in auditor.inner_text("tbody")
    written = "".join(path.read_text("utf-8") for path in (folder / "books" / "V13").glob("*.beancount"))
    assert number in written
    assert run(["--workspace", str(folder), "verify"]) == 0
    capsys.readouterr()


def test_in_fava_no_link_that_is_shown_leads_to_a_page_that_is_refused(desk, enter) -> None:
    url, _ = desk
    auditor = enter(url, "shenji")
    refused: list[str] = []
    auditor.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    auditor.goto(f"{url}books/V13/")
    auditor.wait_for_selector("aside a")
    shown = [each for each in auditor.locator("aside a").all() if each.is_visible()]
    ways = {str(each.get_attribute("href")) for each in shown}
    assert {f"/books/V13/{each}/" for each in ("journal", "query", "statistics", "extension/Audit")} <= ways
    assert not {way for way in ways if any(each in way for each in ("editor", "import", "options", "#"))}
    for way in sorted(each for each in ways if "query_string" not in each):
        auditor.goto(url.rstrip("/") + way)
        auditor.wait_for_selector("article :not(script)", state="attached")
    auditor.goto(f"{url}books/V13/balance_sheet/")
    auditor.click("article a >> text=102-银行存款")
    auditor.wait_for_url("**/account/**")
    auditor.reload()  # an address in Chinese, as a browser asks for it
    auditor.wait_for_selector("article a[href^='#context-']")
    assert refused == []
    entry = auditor.context.new_page()  # Fava asks for the entry's source by itself; the refusal is not shown
    entry.goto(auditor.url)
    with entry.expect_response("**/source_slice?*") as asked:
        entry.click("article a[href^='#context-'] >> nth=0")
    entry.wait_for_selector(".content details")
    assert asked.value.status == 403
    entry.wait_for_selector(".content pre", state="attached")
    assert not any(each in entry.inner_text(".content:has(details)") for each in ("403", ".beancount"))


@pytest.mark.parametrize("width", [1366, 390])
def test_no_page_is_wider_than_its_window(desk, enter, width) -> None:
    url, _ = desk
    maker = enter(url, "zhidan")
    maker.set_viewport_size({"width": width, "height": 768})
    for page in ("", "record", "record/receive", "record/certify", "drafts"):
        maker.goto(f"{url}desk/V13/{page}")
        assert fits(maker), page

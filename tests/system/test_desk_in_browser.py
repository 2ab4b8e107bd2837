"""A day at the desk in a real browser, by the keyboard: log in, be refused and mend it, record, seal as somebody else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from ledger.store.workspace import wall_clock
from projects.cli.main import run
from projects.web.logins import Logins

pytestmark = pytest.mark.system

PASSWORD = "a long enough word"  # noqa: S105 - a test's


@pytest.fixture
def desk(demo, tmp_path):
    """The address of the desk on a copy of the demonstration, served by the command itself, and its folder."""
    folder = tmp_path / "office"
    shutil.copytree(demo, folder)
    for name in ("zhidan", "shenhe", "shenji"):
        Logins(folder, wall_clock).set_password(name, PASSWORD, first=False)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from projects.cli.main import main; main()"]
    server = subprocess.Popen(
        [*command, "--workspace", str(folder), "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    url = f"http://127.0.0.1:{port}/"
    for _ in range(120):
        assert server.poll() is None, server.stdout.read().decode()
        try:
            urllib.request.urlopen(f"{url}login", timeout=2).close()
            break
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.25)
    else:
        pytest.fail("the desk did not answer within half a minute")
    yield url, folder
    server.terminate()
    server.wait(timeout=20)
    server.stdout.close()


@pytest.fixture
def person(browser, desk):
    """Somebody at the desk; nothing may be asked from elsewhere, and the console stays empty but for refusals."""
    url, _ = desk
    wrong: list[str] = []

    def enter(name: str):
        page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: None if asked.url.startswith(url) else wrong.append(asked.url))
        page.goto(url)
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        with page.expect_navigation(url=lambda at: "/login" not in at):
            page.keyboard.press("Enter")
        return page

    yield enter
    assert [each for each in wrong if "422" not in each] == []


def placed(page):
    """Wait until the page has put the cursor where a hand at the keyboard expects it: it does so once it is drawn."""
    page.wait_for_function("document.activeElement && document.activeElement !== document.body")


def test_a_receipt_goes_from_the_form_to_the_book(desk, person, capsys) -> None:
    url, folder = desk
    maker = person("zhidan")
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
    approver = person("shenhe")
    approver.goto(draft)
    placed(approver)
    with approver.expect_navigation(url="**/vouchers/*"):
        approver.keyboard.press("Enter")
    number = approver.url.rsplit("/", 1)[1]
    auditor = person("shenji")
    auditor.goto(f"{book}vouchers?q={number}")
    assert number in auditor.inner_text("tbody")
    written = "".join(path.read_text("utf-8") for path in (folder / "books" / "V13").glob("*.beancount"))
    assert number in written
    assert run(["--workspace", str(folder), "verify"]) == 0
    capsys.readouterr()


def test_in_fava_no_link_that_is_shown_leads_to_a_page_that_is_refused(desk, person) -> None:
    url, _ = desk
    auditor = person("shenji")
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
def test_no_page_is_wider_than_its_window(desk, person, width) -> None:
    url, _ = desk
    maker = person("zhidan")
    maker.set_viewport_size({"width": width, "height": 768})
    for page in ("", "record", "record/receive", "record/certify", "drafts"):
        maker.goto(f"{url}desk/V13/{page}")
        assert maker.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page

"""The auditor's Fava: projects down and channels across, in Chinese, read-only, on this machine only."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request

import pytest
from browsing import PICTURES

from projects.cli.main import run

pytestmark = pytest.mark.system

TITLE = "示范村甲项目资金专账（演示）"


@pytest.fixture
def page(browser):
    errors: list[str] = []
    found = browser.new_page(viewport={"width": 1500, "height": 1000})
    found.on("pageerror", lambda error: errors.append(str(error)))
    yield found
    found.close()
    assert errors == []


def open_report(page, fava: str, report: str) -> None:
    page.goto(fava)
    page.goto(page.url.replace("/income_statement/", f"/{report}" if "?" in report else f"/{report}/"))
    page.wait_for_load_state("networkidle")


def test_the_balance_sheet_has_projects_down_and_channels_across(page, fava):
    open_report(page, fava, "balance_sheet")
    assert TITLE in page.inner_text("header")
    text = page.inner_text("article")
    across = text[: text.index("102-银行存款")]
    for channel in ("JT2024", "JZ2024", "NH2024", "SW2024", "TD2024"):
        assert channel in across
    for account in ("102-银行存款", "151-固定资产", "P001-通村村道", "P002-供水站"):
        assert account in text
    assert "880,000.00" in text
    assert "资产负债表" in page.inner_text("aside")
    if os.environ.get("EARMARK_REGENERATE"):
        page.screenshot(path=PICTURES / "fava-balance-sheet.png", clip={"x": 0, "y": 0, "width": 1500, "height": 960})


PAGES = {
    "Projects/": "fava-projects",
    "Projects/?project=P001": "fava-project",
    "Channels/": "fava-channels",
    "Channels/?channel=JT2024": "",
    "Vouchers/": "",
    "Vouchers/?voucher=V2024-12-0003": "fava-voucher",
    "Indicators/": "fava-indicators",
    "Audit/": "fava-audit",
}
"""The auditor's pages, and the pictures of them in the guide."""


@pytest.mark.parametrize("report", PAGES)
def test_each_page_of_the_auditor_opens_without_an_error(page, fava, report):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    open_report(page, fava, f"extension/{report}".rstrip("/"))
    assert page.inner_text(".auditor").strip()
    assert page.locator("aside a", has_text="渠道").count() == 1
    assert said == []
    if os.environ.get("EARMARK_REGENERATE") and PAGES[report]:
        page.wait_for_timeout(300)
        height = page.locator(".auditor").bounding_box()["height"]
        clip = {"x": 0, "y": 0, "width": 1500, "height": min(1000, max(640, height + 120))}
        page.screenshot(path=PICTURES / f"{PAGES[report]}.png", clip=clip)


def test_a_channel_leads_to_a_project_a_voucher_and_its_document(page, fava):
    open_report(page, fava, "income_statement")
    page.click("aside >> text=渠道")
    page.click("article >> text=JT2024 交通部门专项补助")
    page.wait_for_selector("article h2 >> text=JT2024")
    page.click("article >> text=P001 通村村道")
    page.wait_for_selector("article h2 >> text=P001")
    page.click("article >> text=V2024-12-0003")
    page.wait_for_selector("text=记账凭证")
    assert "shenhe" in page.inner_text(".slip")
    with page.expect_popup() as opened:
        page.click(".slip a.filename")
    opened.value.wait_for_load_state()
    assert "验收" in opened.value.inner_text("body")
    opened.value.close()


def test_a_figure_leads_to_its_journal(page, fava):
    open_report(page, fava, "extension/Projects/?project=P001")
    page.click("article tr:has-text('JT2024') td.num a >> nth=0")
    page.wait_for_url("**/journal/**")
    page.wait_for_selector("article >> text=V2024-01-0002")


def test_a_stored_query_runs_from_the_query_page(page, fava):
    open_report(page, fava, "query")
    page.click("aside >> text=各项目可用预算")
    page.wait_for_selector("article table >> text=B1-可用预算")
    assert "JT2024.B" in page.inner_text("article")
    assert page.locator("aside a", has_text="红冲及理由").count() == 1
    if os.environ.get("EARMARK_REGENERATE"):
        page.screenshot(path=PICTURES / "fava-queries.png", clip={"x": 0, "y": 0, "width": 1500, "height": 760})


def test_a_paper_of_a_fact_opens_from_the_project(page, fava):
    open_report(page, fava, "extension/Projects/?project=P001")
    with page.expect_popup() as opened:
        page.click("a.paper >> nth=0")
    opened.value.wait_for_load_state()
    assert opened.value.inner_text("body").strip()
    opened.value.close()


def test_a_voucher_is_printed_without_what_stands_around_it(page, fava):
    open_report(page, fava, "extension/Vouchers/?voucher=V2024-12-0003")
    page.emulate_media(media="print")
    assert page.locator("aside").is_hidden()
    assert page.locator("header").is_hidden()
    assert page.locator(".slip").is_visible()


def test_a_voucher_is_found_by_its_link_with_maker_approver_and_reversal(page, fava):
    open_report(page, fava, "journal")
    assert "红冲" in page.inner_text("article")


def test_the_editor_saves_nothing(fava, demo):
    with urllib.request.urlopen(fava) as answer:
        book = answer.geturl().split("/income_statement")[0]
    source = demo / "books" / "V13" / "main.beancount"
    before = source.read_bytes()
    body = b'{"file_path": "%s", "source": "x", "sha256sum": "x"}' % str(source).encode()
    request = urllib.request.Request(f"{book}/api/source", data=body, method="PUT")
    request.add_header("Content-Type", "application/json")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == 401
    refused.value.close()
    assert source.read_bytes() == before


def test_a_book_that_was_changed_is_not_opened(demo, tmp_path, capfd):
    copy = tmp_path / "ws"
    shutil.copytree(demo, copy)
    head = copy / "books" / "V13" / "main.beancount"
    head.write_text('plugin "evil"\n' + head.read_text(encoding="utf-8"), encoding="utf-8")
    assert run(["--workspace", str(copy), "fava"]) == 1
    assert "V13" in capfd.readouterr().err

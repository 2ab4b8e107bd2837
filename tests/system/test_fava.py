"""The auditor's Fava: projects down and channels across, in Chinese, read-only, on this machine only."""

from __future__ import annotations

import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from projects.cli.main import run

pytestmark = pytest.mark.system

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
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
    page.goto(page.url.replace("/income_statement/", f"/{report}/"))
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

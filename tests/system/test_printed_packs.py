"""The pack of an audit in a real spreadsheet program: it prints on the pages that it should."""

from __future__ import annotations

import subprocess
from pathlib import Path

import openpyxl
import pypdfium2
import pytest

from projects.audit.pack import SHEETS
from projects.cli.main import run

pytestmark = pytest.mark.system
CALC = "/usr/bin/soffice"
A4 = (595, 842)
MOST = 60
"""More pages than these the pack of the demonstration's year does not take."""


def test_a_pack_prints_on_a4_with_title_and_heads_on_each_page(demo: Path, tmp_path: Path) -> None:
    asked = ["audit", "pack", "--book", "V13", "--year", "2024", "--no-pdf", "-o", str(tmp_path)]
    assert run(["--workspace", str(demo), *asked]) == 0
    path = tmp_path / "V13-2024-audit.xlsx"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [CALC, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, path]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    sheets = openpyxl.load_workbook(path)
    titles = {sheet["A1"].value: (sheet.page_setup.orientation, sheet["A3"].value) for sheet in sheets}
    document = pypdfium2.PdfDocument(path.with_suffix(".pdf"))
    pages: dict[str, int] = {}
    for page in document:
        text = page.get_textpage().get_text_bounded()
        (title,) = [line.strip() for line in text.splitlines() if line.strip() in titles]
        across, head = titles[title]
        width, height = (round(each) for each in page.get_size())
        assert (width, height) == (A4 if across == "portrait" else A4[::-1]), title
        assert "示范村甲项目资金专账" in text
        assert head in text
        pages[title] = pages.get(title, 0) + 1
    assert list(pages) == list(titles)
    assert len(titles) == len(SHEETS)
    assert sum(pages.values()) <= MOST
    assert max(pages[title] for title in titles if title not in {"科目余额表", "支付清单", "疑点清单", "审计测试"}) <= 3
    document.close()

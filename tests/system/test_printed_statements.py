"""The statements of the demonstration in a real spreadsheet program: they print on the pages they should."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pypdfium2
import pytest

from ledger.statements import STATEMENTS
from projects.cli.main import run

pytestmark = pytest.mark.system
CALC = "/usr/bin/soffice"
PAGES = {"accounts": range(1, 6), "journal": range(2, 30), "cash": range(1, 5)}
A4 = (595, 842)


def test_every_statement_prints_on_a4_with_its_title_on_each_page(demo: Path, tmp_path: Path) -> None:
    assert (
        run(
            ["--workspace", str(demo), "statements", "--book", "V13", "--year", "2024", "--no-pdf", "-o", str(tmp_path)]
        )
        == 0
    )
    sheets = sorted(tmp_path.glob("*.xlsx"))
    assert len(sheets) == len(STATEMENTS)
    command = [
        CALC,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
    ]
    subprocess.run([*command, tmp_path, *sheets], check=True, capture_output=True, timeout=300)
    titles = {"balance": "资产负债表", "funds": "专项资金收支表", "accounts": "科目余额表", "journal": "明细账"}
    for name in STATEMENTS:
        document = pypdfium2.PdfDocument(tmp_path / f"V13-2024-{name}.pdf")
        assert len(document) in PAGES.get(name, range(1, 2)), name
        for page in document:
            assert tuple(sorted(round(each) for each in page.get_size())) == A4
            text = page.get_textpage().get_text_bounded()
            assert titles.get(name, "") in text
            assert "示范村甲项目资金专账" in text
        assert "单位负责人" in text
        document.close()

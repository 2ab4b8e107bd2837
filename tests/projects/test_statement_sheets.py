"""Statements on the screen, as a table whose hash a close holds, and as sheets that print and never change."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ledger import messages
from ledger.messages import LANGS
from ledger.register import need_book
from ledger.statements import STATEMENTS, Period
from projects.cli.main import run
from projects.statements.form import form, named, title
from projects.statements.workbook import workbook

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-01-31 party="=1+1"
contract contract=P001C01 parts=JT2024=300000 date=2024-02-10 party=甲施工队
certify contract=P001C01 amount=300000 date=2024-02-28
pay contract=P001C01 date=2024-02-29
accept project=P001 quantity=3.5 warranty_until=2025-03-05 date=2024-03-05
"""


def call(clerk: Any, *words: Any) -> int:
    return run(["--workspace", str(clerk.workspace.path), *map(str, words)])


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", STATEMENTS)
def test_every_word_of_a_statement_is_in_both_languages(clerk: Any, name: str, lang: Any) -> None:
    clerk.begin(STORY)
    with clerk.workspace.read() as connection:
        made = form(STATEMENTS[name](connection, "SF", Period("2024")), need_book(connection, "SF"), lang)
    assert named(title(name, lang)) == name
    assert len(made.heads) == len(made.statement.columns)
    assert all(len(row) == len(made.heads) for row in made.rows)
    assert not [cell for row in made.rows for cell in row if isinstance(cell, str) and cell.startswith("@")]


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_sheet_prints_on_a4_across_one_page_and_is_the_same_every_time(clerk: Any, name: str) -> None:
    clerk.begin(STORY)
    with clerk.workspace.read() as connection:
        made = form(STATEMENTS[name](connection, "SF", Period("2024")), need_book(connection, "SF"), "zh")
    content = workbook(made)
    assert content == workbook(made)
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet["A1"].value == made.title
    assert sheet["A2"].value == "编制单位：示范村专账　2024-01-01 至 2024-12-31　单位：元"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.cell(sheet.max_row, 1).value.startswith("单位负责人")
    assert sheet.print_area.endswith(f"${sheet.max_row}")


def test_text_that_looks_like_a_formula_stays_text(clerk: Any) -> None:
    clerk.begin(STORY)
    with clerk.workspace.read() as connection:
        made = form(STATEMENTS["cash"](connection, "SF", Period("2024-01")), need_book(connection, "SF"), "zh")
    sheet: Any = openpyxl.load_workbook(io.BytesIO(workbook(made))).active
    (cell,) = [each for row in sheet.iter_rows() for each in row if each.value == "=1+1"]
    assert cell.data_type == "s"


def test_the_table_is_what_a_close_has_the_hash_of(clerk: Any, tmp_path: Path, capsys: Any) -> None:
    clerk.begin(STORY)
    assert call(clerk, "close", "2024-01", "--as", "li", "--reason", "x", "--json") == 0
    told = json.loads(capsys.readouterr().out)["statements"]
    assert call(clerk, "statements", "--month", "2024-01", "-o", tmp_path / "out") == 0
    for name, sha256 in told.items():
        content = (tmp_path / "out" / f"SF-2024-01-{name}.csv").read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
        assert (tmp_path / "out" / f"SF-2024-01-{name}.xlsx").is_file()


def test_a_statement_is_shown_by_its_code_or_its_title(clerk: Any, capsys: Any, tmp_path: Path) -> None:
    clerk.begin(STORY)
    assert call(clerk, "statement", "资产负债表", "--month", "2024-03") == 0
    shown = capsys.readouterr().out
    assert "资产总计" in shown
    assert "300,000.00" in shown
    assert call(clerk, "statement", "balance", "--month", "2024-03", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {"item": "固定资产", "closing": 300_000_00, "year-opening": 0} in rows
    path = tmp_path / "b.csv"
    assert call(clerk, "statement", "balance", "--year", "2024", "--csv", path) == 0
    assert capsys.readouterr().out == f"已编好资产负债表（2024）：{path}\n"
    assert path.read_bytes().startswith(b"item,closing,year-opening\r\nitem-money,")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["statement", "利润表", "--year", "2024"], "没有“利润表”这张报表：请选 accounts, journal"),
        (["statement", "balance"], "请写明月份（--month 2024-03）或年份（--year 2024），只写一个。"),
        (["statement", "balance", "--year", "2024", "--month", "2024-01"], "请写明月份"),
        (["statement", "balance", "--month", "2024-13"], "“2024-13”不是月份：请写成 2024-03 的样子。"),
        (["statements", "--year", "24", "-o", "x"], "“24”不是年份：请写成 2024 的样子。"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_one_line(clerk: Any, capsys: Any, words: list[str], says: str) -> None:
    assert call(clerk, *words) == 1
    err = capsys.readouterr().err
    assert err.startswith(says)
    assert err.count("\n") == 1
    assert messages.has("projects", "statement.unit", "en")

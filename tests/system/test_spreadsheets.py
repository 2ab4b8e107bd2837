"""The reconciliation statement opened by a real spreadsheet program, which reads what we wrote as a person would."""

from __future__ import annotations

import csv
import subprocess
from datetime import date
from pathlib import Path

import pytest

from projects.reconciliation.sides import AtBank, InBook
from projects.reconciliation.table import table
from projects.reconciliation.workbook import write

pytestmark = pytest.mark.system
CALC = "/usr/bin/soffice"
WORDS = {"sheet-table": "余额调节表", "sheet-lines": "逐笔核对"}


def sheet(path: Path) -> list[list[str]]:
    """Return the cells of a sheet as the program wrote them; it writes numbers bare."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_a_spreadsheet_program_shows_the_table_and_runs_nothing(tmp_path: Path) -> None:
    lines = [
        AtBank("a", "2024-05-30", -120_00, "=1+1", "@SUM(A1)", "0725002"),
        AtBank("b", "2024-05-31", 60_00, "", "结息", "0725003"),
    ]
    vouchers = [InBook(1, "2024-05-0009", "2024-05-31", 1_234_56, "市交通局", "补助")]
    made = table(
        "2024-05-31",
        bank_balance=25_140_00,
        book_balance=26_434_56,
        lines=lines,
        vouchers=vouchers,
        matches=[],
        since="2024-05-01",
    )
    assert made.agrees
    path = tmp_path / "out.xlsx"
    rows = [[each.date, each.serial, each.payee, each.text, "", each.amount, None, "账上没有"] for each in lines]
    with path.open("wb") as file:
        write(
            file,
            made,
            rows,
            title="银行存款余额调节表",
            heads=list("日号方摘证额余形"),
            say=lambda key: WORDS.get(key, key),
        )

    # The last number asks for every sheet in a file of its own.
    wish = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [CALC, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", wish, "--outdir"]
    subprocess.run([*command, tmp_path, path], check=True, capture_output=True, timeout=120)
    shown = sheet(tmp_path / "out-余额调节表.csv")
    assert shown[0][0] == "银行存款余额调节表"
    assert shown[2][1:3] == ["bank-balance", "25140"]
    assert shown[2][4:6] == ["book-balance", "26434.56"]
    assert ["2024-05-30", "0725002 =1+1 @SUM(A1)", "120"] in [row[3:6] for row in shown]
    assert shown[-3][2] == shown[-3][5] == "26374.56"
    assert shown[-1][1] == "sign"
    each = sheet(tmp_path / "out-逐笔核对.csv")
    assert each[1] == ["2024-05-30", "0725002", "=1+1", "@SUM(A1)", "", "-120", "", "账上没有"]
    assert date.fromisoformat(each[2][0]) == date(2024, 5, 31)

"""Exports hold what the book holds; no word of a clerk becomes a sign, a comment or a formula in another program."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from ledger.errors import ExportUnknown, Unknown
from ledger.exports import FORMS, export
from projects.cli.main import run

STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500 date=2024-01-11
reverse voucher=V2024-01-0002 reason="退回;重办 | 更正" date=2024-02-01
allot project=P001 channel=SN2024 amount=400 date=2024-03-03
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1.25 amount=400 date=2024-03-03
"""


def exported(clerk: Any, form: str) -> str:
    with clerk.workspace.read() as connection:
        return "".join(export(connection, "SF", form))


@pytest.mark.parametrize("form", ["hledger", "ledger"])
def test_a_journal_says_every_amount_in_quotes_and_elides_none(clerk: Any, form: str) -> None:
    clerk.begin(STORY)
    text = exported(clerk, form)
    vouchers = text.split("\n\n")[-5:]
    assert vouchers[0].splitlines()[0].startswith("2024-01-10 * (2024-01-0001) ")
    assert '    Equity:B1-可用预算:P001-通村公路  1000.00 "JT2024.B"' in vouchers[0].splitlines()
    assert '    Assets:102-银行存款:B01-农商行专户:P001  500.00 "JT2024"' in vouchers[1].splitlines()
    assert "    ; reverses: 2024-01-0002" in vouchers[2].splitlines()
    assert '    Equity:Q0-实物数量  -1.250 "CEMENT"' in vouchers[4].splitlines()
    assert 'commodity "CEMENT"\n  format 1000.000 "CEMENT"\n' in text
    assert ('P 2024-01-01 "JT2024" 1.00 CNY' in text, 'P 2024-01-01 "CEMENT"' in text) == (True, False)


def test_a_clerk_writes_no_comment_into_a_journal(clerk: Any) -> None:
    clerk.begin(STORY)
    (line,) = [each for each in exported(clerk, "hledger").splitlines() if each.startswith("2024-02-01")]
    assert "退回；重办 ｜ 更正" in line
    assert ";" not in line


def test_a_table_has_a_row_for_each_posting_and_no_formula(clerk: Any) -> None:
    clerk.begin(STORY)
    clerk.do("receive", project="P001", channel="JT2024", amount="1", party="=1+1", date="2024-03-04")
    text = exported(clerk, "csv")
    assert text[0] == "\ufeff"
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(rows) == clerk.sql("SELECT count(*) FROM posting")[0][0]
    assert {row["payee"] for row in rows if row["date"] == "2024-03-04"} == {"'=1+1"}
    assert [row["amount"] for row in rows if row["commodity"] == "CEMENT"] == ["1.250", "-1.250"]
    assert {row["channel"] for row in rows if row["commodity"] == "JT2024.B"} == {"JT2024"}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_book_is_exported_to_the_same_bytes(clerk: Any, form: str) -> None:
    clerk.begin(STORY)
    before = exported(clerk, form)
    clerk.draft("receive", project="P001", channel="JT2024", amount="1", date="2024-03-05")
    assert exported(clerk, form) == before


def test_another_form_and_another_book_are_refused(
    clerk: Any, capfd: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    with clerk.workspace.read() as connection:
        with pytest.raises(ExportUnknown):
            export(connection, "SF", "gnucash")
        with pytest.raises(Unknown):
            list(export(connection, "XX", "hledger"))
    path = tmp_path / "out"
    assert run(["--workspace", str(clerk.workspace.path), "export", "gnucash", "-o", str(path)]) == 1
    assert capfd.readouterr().err == "没有“gnucash”这种导出：请选 hledger, ledger, csv。\n"
    assert not path.exists()


def test_an_export_goes_to_the_screen_or_into_a_file(
    clerk: Any, capfd: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    clerk.begin(STORY)
    path = tmp_path / "SF.journal"
    command = ["--workspace", str(clerk.workspace.path), "export", "ledger", "--book", "SF"]
    assert run(command) == 0
    shown = capfd.readouterr().out
    assert run([*command, "--out", str(path)]) == 0
    assert path.read_text(encoding="utf-8") == shown == exported(clerk, "ledger")

"""Statements and packs as paper: the forms of offices, with their totals, their pages counted, signed below."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from papers import pages_of, squeezed, text_of

from ledger.money import yuan
from ledger.register import need_book
from ledger.statements import STATEMENTS, Period
from ledger.statements.statement import Statement
from projects.audit.pack import SHEETS, Scope, Working, pack
from projects.cli.main import run
from projects.errors import GlyphMissing
from projects.indicators import shipped
from projects.statements.form import Form, form
from projects.statements.layout import as_printed
from projects.statements.paper import paper

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-01-31
contract contract=P001C01 parts=JT2024=300000 date=2024-02-10 party=甲施工队
certify contract=P001C01 amount=123456.78 date=2024-02-28
pay contract=P001C01 date=2024-02-29
"""
A4 = (595, 842)
STRANGE = chr(0x1F600)
"""No font has it."""


@pytest.fixture
def forms(clerk: Any) -> Mapping[str, Form]:
    clerk.begin(STORY)
    with clerk.workspace.read() as connection:
        book = need_book(connection, "SF")
        made = {name: STATEMENTS[name](connection, "SF", Period("2024")) for name in STATEMENTS}
    return {name: form(as_printed(each), book, "zh") for name, each in made.items()}


def printed(*forms: Form, title: str = "报表") -> tuple[bytes, int]:
    made = paper(forms, title=title, lang="zh", on=date(2024, 12, 31))
    return made.pdf, made.pages


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_form_has_its_totals_its_pages_and_its_signatures(forms: Mapping[str, Form], name: str) -> None:
    pdf, count = printed(forms[name])
    assert len(pages_of(pdf)) == count
    said = squeezed(text_of(pdf))
    of = forms[name]
    assert squeezed(of.title) in said
    assert squeezed("编制单位：示范村专账") in said
    assert squeezed("单位：元") in said
    for who in ("单位负责人：", "会计：", "审核：", "制表："):
        assert squeezed(who) in said
    amounts = [cell for number in of.statement.sums for cell in of.rows[number] if isinstance(cell, int) and cell]
    assert [fen for fen in amounts if yuan(fen) not in said] == []
    assert bool(amounts) == (name not in {"result", "assets"})
    for number in range(1, count + 1):
        assert f"第{number}页，共{count}页" in said
    assert (pdf, count) == printed(of), "the same form gives the same bytes"


def test_the_balance_sheet_has_two_sides_with_both_totals_in_its_last_line(forms: Mapping[str, Form]) -> None:
    rows = forms["balance"].rows
    assert [rows[-1][0], rows[-1][3]] == ["资产总计", "负债和所有者权益总计"]
    assert rows[-1][1] == rows[-1][4] != 0
    by_name = {str(row[3]): row[4] for row in rows}
    assert by_name["流动负债合计"] + by_name["非流动负债合计"] == by_name["负债合计"]
    assert list(forms["balance"].heads) == ["资产", "期末数", "年初数", "负债和所有者权益", "期末数", "年初数"]


def test_wide_forms_lie_across_and_all_are_numbered_in_one_run(forms: Mapping[str, Form]) -> None:
    import pypdfium2

    pdf, count = printed(*forms.values())
    document = pypdfium2.PdfDocument(pdf)
    sizes = [tuple(round(each) for each in page.get_size()) for page in document]
    document.close()
    assert set(sizes) == {A4, A4[::-1]}
    assert len(sizes) == count >= len(forms)
    assert f"第{count}页，共{count}页" in squeezed(text_of(pdf))


def test_a_long_form_says_on_each_page_whose_it_is_and_what_stands_in_its_columns(forms: Mapping[str, Form]) -> None:
    of = forms["cash"]
    line = ["2024-01-31", "V2024-01-0002", "P001", "到账", "交通部门", 1_00, 0, 1_00]
    long = Form(
        Statement("cash", "SF", "2024", of.statement.columns, of.statement.money, [line] * 200),
        of.title,
        of.unit,
        of.period,
        of.currency,
        of.signatures,
        of.heads,
        [line] * 200,
    )
    pdf, count = printed(long)
    assert count > 3
    said = squeezed(text_of(pdf))
    assert said.count(squeezed("编制单位：示范村专账")) == count
    assert said.count("凭证号") == count
    assert said.count(squeezed("单位负责人：")) == 1


def test_a_character_that_no_font_has_is_refused_and_nothing_is_written(
    clerk: Any, tmp_path: Path, capsys: Any
) -> None:
    clerk.begin(STORY.replace("甲施工队", f"甲{STRANGE}队"))
    at = ["--workspace", str(clerk.workspace.path)]
    assert run([*at, "statements", "--year", "2024", "-o", str(tmp_path / "out")]) == 1
    err = capsys.readouterr().err
    assert "U+1F600" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert run([*at, "statements", "--year", "2024", "--no-pdf", "-o", str(tmp_path / "out")]) == 0
    assert {each.suffix for each in (tmp_path / "out").iterdir()} == {".csv", ".xlsx"}


def test_the_commands_write_pdf(clerk: Any, tmp_path: Path) -> None:
    clerk.begin(STORY)
    at = ["--workspace", str(clerk.workspace.path)]
    assert run([*at, "statement", "balance", "--year", "2024", "--pdf", str(tmp_path / "b.pdf")]) == 0
    assert "380,246.92" in text_of((tmp_path / "b.pdf").read_bytes())
    assert run([*at, "statements", "--year", "2024", "-o", str(tmp_path / "all")]) == 0
    assert len(list((tmp_path / "all").glob("*.pdf"))) == len(STATEMENTS)


def test_a_pack_is_one_pdf_whose_figures_are_those_of_its_sheets(clerk: Any) -> None:
    clerk.begin(STORY)
    with clerk.workspace.read() as connection:
        scope = Scope(need_book(connection, "SF"), Period("2024"), "zh")
        made = pack(Working(connection, scope, date(2025, 12, 31), shipped()))
    pdf, count = printed(*made, title="年度资金审计 SF 2024")
    assert len(pages_of(pdf)) == count >= len(SHEETS)
    said = squeezed(text_of(pdf))
    assert [each.title for each in made if squeezed(each.title) not in said] == []
    totals = [cell for each in made for at in each.statement.sums for cell in each.rows[at] if isinstance(cell, int)]
    assert any(totals)
    assert [fen for fen in totals if fen and yuan(fen) not in said] == []
    assert squeezed("被审计单位负责人：") in said


def test_the_refusal_names_the_paper(forms: Mapping[str, Form]) -> None:
    of = forms["assets"]
    row = ["151", "固定资产", "P001", STRANGE, "JT2024", "", 1]
    strange = Form(of.statement, of.title, of.unit, of.period, of.currency, of.signatures, of.heads, [row])
    with pytest.raises(GlyphMissing):
        printed(strange)

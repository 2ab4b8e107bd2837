"""The reader: the text that sheets show or store, in one shape for every kind of file, and one refusal for the rest."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import workbooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.errors import FileUnreadable
from importers.reader import Limits, Merge, Row, Workbook, column_name, read
from importers.reader.delimited import delimiter
from importers.reader.numbers import day, plain
from ledger.messages import explain

TABLE: workbooks.Table = [
    ["单位：万元", None, None],
    ["序号", "项目\n名称", "金额"],
    [1, "通村公路 ", 724.712484],
    [None, None, None],
    [2, "=1+1", 0.1 + 0.2],
    ["合计", "", 1486.328],
]
CELLS = (
    Row(1, ("单位：万元",)),
    Row(2, ("序号", "项目\n名称", "金额")),
    Row(3, ("1", "通村公路 ", "724.712484")),
    Row(5, ("2", "=1+1", "0.3")),
    Row(6, ("合计", "", "1486.328")),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "表.bin"


def reading(file: Path, content: bytes, limits: Limits | None = None) -> Workbook:
    file.write_bytes(content)
    return read(file, limits=limits or Limits())


def rows(file: Path, content: bytes) -> tuple[Row, ...]:
    (sheet,) = reading(file, content).sheets
    return sheet.rows


def refused(file: Path, content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(FileUnreadable) as unreadable:
        reading(file, content, limits)
    said = explain(unreadable.value, "zh")
    assert explain(unreadable.value, "en")
    assert str(file) in said
    return str(unreadable.value.facts["about"])


def csv_of(table: workbooks.Table, delimiter: str = ",") -> str:
    lines = []
    for row in table:
        cells = ["" if cell is None else plain(repr(cell)) if isinstance(cell, float) else str(cell) for cell in row]
        lines.append(delimiter.join(f'"{cell}"' if "\n" in cell else cell for cell in cells))
    return "\r\n".join(lines)


def without_formula(table: workbooks.Table) -> bytes:
    """openpyxl takes any text that begins so for a formula; a sheet may hold it as text."""
    return workbooks.xlsx([[None if cell == "=1+1" else cell for cell in row] for row in table])


def test_every_kind_of_file_gives_the_same_cells(file: Path) -> None:
    assert rows(file, workbooks.xls(TABLE)) == CELLS
    assert rows(file, workbooks.ods_table(TABLE)) == CELLS
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        for mark in ",\t;":
            assert rows(file, csv_of(TABLE, mark).encode(encoding)) == CELLS
    assert rows(file, without_formula(TABLE)) == tuple(
        Row(row.number, tuple(cell if cell != "=1+1" else "" for cell in row.cells)) for row in CELLS
    )


def test_a_file_says_what_it_is(file: Path) -> None:
    assert reading(file, workbooks.xlsx(TABLE)).kind == "xlsx"
    assert reading(file, workbooks.xls(TABLE)).kind == "xls"
    assert reading(file, workbooks.ods_table(TABLE)).kind == "ods"
    text = reading(file, "名,元".encode("gb18030"))
    assert (text.kind, text.encoding, text.sheets[0].name) == ("text", "gb18030", "")


def test_merged_cells_are_told(file: Path) -> None:
    want = [Merge(1, 0, 1, 2), Merge(2, 1, 3, 1)]
    (sheet,) = reading(file, workbooks.xlsx(TABLE, merges=["A1:C1", "B2:B3"])).sheets
    assert sorted(sheet.merges) == want
    (sheet,) = reading(file, workbooks.xls(TABLE, merges=[(0, 0, 0, 2), (1, 2, 1, 1)])).sheets
    assert sorted(sheet.merges) == want
    (sheet,) = reading(
        file,
        workbooks.ods(
            '<table:table-row><table:table-cell table:number-columns-spanned="3" office:value-type="string">'
            "<text:p>题</text:p></table:table-cell><table:covered-table-cell/><table:covered-table-cell/>"
            '</table:table-row><table:table-row><table:table-cell/><table:table-cell table:number-rows-spanned="2">'
            "<text:p>名</text:p></table:table-cell></table:table-row>"
        ),
    ).sheets
    assert sorted(sheet.merges) == want


def test_a_formula_is_never_evaluated(file: Path) -> None:
    cells = '<c r="A1"><f>SUM(B1:B9)</f><v>42</v></c><c r="B1"><f>1+1</f></c><c r="C1" t="str"><f>X</f><v>名</v></c>'
    assert rows(file, workbooks.sheet_of(f'<row r="1">{cells}</row>')) == (Row(1, ("42", "=1+1", "名")),)


def test_days_come_as_days_and_numbers_as_numbers(file: Path) -> None:
    table = [[date(2024, 5, 20), datetime.fromisoformat("2024-05-20 13:45:07"), 45432, 7, 0.03]]
    content = workbooks.xlsx(table, formats={"C1": 'yyyy"年"m"月"d"日"', "D1": "000000", "E1": "0.00%"})
    assert rows(file, content) == (Row(1, ("2024-05-20", "2024-05-20 13:45:07", "2024-05-20", "000007", "0.03")),)
    assert rows(file, workbooks.xls([[date(2024, 5, 20)]])) == (Row(1, ("2024-05-20",)),)
    cell = '<table:table-cell office:value-type="date" office:date-value="2024-05-20T00:00:00"><text:p>x</text:p>'
    content = workbooks.ods(f"<table:table-row>{cell}</table:table-cell></table:table-row>")
    assert rows(file, content) == (Row(1, ("2024-05-20",)),)


@pytest.mark.parametrize(
    "stored, shown",
    [
        ("160", "160"),
        ("160.0", "160"),
        ("724.71248400000004", "724.712484"),
        ("0.30000000000000004", "0.3"),
        ("1E-2", "0.01"),
        ("7.24712484E2", "724.712484"),
        ("2101.9058979999998", "2101.905898"),
        ("-0.0", "0"),
        ("6.22202012345678E+18", "6222020123456780000"),
        ("1E+400", "1E+400"),
        ("NaN", "NaN"),
        ("不", "不"),
    ],
)
def test_a_number_has_no_noise_and_no_exponent(stored: str, shown: str) -> None:
    assert plain(stored) == shown


@given(st.integers(min_value=-(10**14), max_value=10**14), st.integers(min_value=0, max_value=6))
def test_an_amount_of_fifteen_digits_survives_the_sheet(digits: int, scale: int) -> None:
    number = float(digits) / 10**scale
    assert plain(repr(number)) == plain(f"{digits}E-{scale}")


@pytest.mark.parametrize(
    "stored, shown",
    [
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("0.5", "12:00:00"),
        ("45432.999999", "2024-05-21"),
    ],
)
def test_days_are_counted_as_spreadsheets_count_them(stored: str, shown: str) -> None:
    assert day(stored) == shown


def test_what_is_repeated_is_written_out_and_what_is_aside_is_not_read(file: Path) -> None:
    note = "<office:annotation><text:p>批注</text:p></office:annotation>"
    text = f'<table:table-cell table:number-columns-repeated="2">{note}<text:p>甲<text:s text:c="2"/>乙</text:p>'
    content = workbooks.ods(
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="1024"/>'
        f'</table:table-row><table:table-row table:number-rows-repeated="2">{text}</table:table-cell></table:table-row>'
    )
    assert rows(file, content) == (Row(1_000_001, ("甲  乙", "甲  乙")), Row(1_000_002, ("甲  乙", "甲  乙")))


def test_a_text_that_cells_share_has_its_runs_but_not_its_reading(file: Path) -> None:
    shared = "<si><r><t>通村</t></r><r><t>公路</t></r><rPh><t>ロ</t></rPh></si>"
    content = workbooks.sheet_of(
        '<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>乙</t></is></c></row>', shared=shared
    )
    assert rows(file, content) == (Row(1, ("通村公路", "乙")),)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0xFFEF), max_size=8),
                st.integers(-(10**9), 10**9),
                st.floats(-(10**6), 10**6).map(lambda number: round(number, 6)),
            ),
            max_size=5,
        ),
        max_size=8,
    )
)
def test_what_openpyxl_writes_and_reads_is_what_we_read(tmp_path: Path, table: list[list[str | int | float]]) -> None:
    file = tmp_path / "a.xlsx"
    table = [["'" + cell if isinstance(cell, str) and cell.startswith("=") else cell for cell in row] for row in table]
    file.write_bytes(workbooks.xlsx([["头"], *table]))
    sheet = openpyxl.load_workbook(file, data_only=True).active
    want = {}
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        shown = ["" if cell is None else cell if isinstance(cell, str) else plain(repr(cell)) for cell in cells]
        while shown and not shown[-1].strip():
            shown.pop()
        if shown:
            want[number] = tuple(shown)
    assert {row.number: row.cells for row in read(file).sheets[0].rows} == want


@pytest.mark.parametrize(
    "text, mark",
    [
        ("a,b\n1,2", ","),
        ("a\tb\n1,234.00\t2\n5,000.00\t3", "\t"),
        ("编号,渠道\n1,甲=1;乙=2;丙=3", ","),
        ("交易号\t,金额\t,余额\t\n1\t,2\t,3\t", ","),
        ("a;b\n1;2,5", ";"),
        ("题目", ","),
    ],
)
def test_the_delimiter_is_what_most_lines_hold(text: str, mark: str) -> None:
    assert delimiter(text) == mark


PAGE = """<!-- saved by a bank --><table><tr><td>首页 &gt; 查询<table><caption>明细</caption>
<thead><tr><th rowspan="2">日期</th><th colspan=2>金&nbsp;额<script>x("<td>")</script></th></tr><tr><th>借方<th>贷方</tr></thead>
<tr><td>2024-01-02</td><td> 1,000.00 </td><td>&nbsp;</td></tr>
<tr><td rowspan=99999>合计</td><td>1,000.00<td></td></table></td></tr></table><table><tr><td>第二张</td></tr></table>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_tables_of_a_page_are_its_sheets(file: Path, encoding: str) -> None:
    book = reading(file, PAGE.encode(encoding))
    assert book.kind == "page"
    first, second = book.sheets
    assert first.name == "明细"
    assert first.rows == (
        Row(1, ("日期", "金 额")),
        Row(2, ("", "借方", "贷方")),
        Row(3, ("2024-01-02", "1,000.00")),
        Row(4, ("合计", "1,000.00")),
    )
    assert set(first.merges) == {Merge(1, 0, 2, 0), Merge(1, 1, 1, 2)}
    assert second.rows == (Row(1, ("第二张",)),)


def test_a_page_holds_what_a_workbook_holds(file: Path) -> None:
    merges = {(0, 0): (1, 3)}
    table = [row for row in TABLE if row[0] != 2]
    stored = tuple(Row(each.number, tuple(map(str.strip, each.cells))) for each in rows(file, workbooks.xlsx(table)))
    assert rows(file, workbooks.page(table, encoding="gb18030", merges=merges)) == stored


def test_a_page_is_read_within_limits(file: Path) -> None:
    wide = b"<table>" + b"<tr><td rowspan=9999 colspan=9999>1</td></tr>" * 3000
    assert refused(file, wide, Limits(seconds=5)) in {"cells", "damaged", "time", "memory"}
    assert refused(file, b"<table>" * 400_000, Limits(seconds=5)) in {"page", "time", "memory"}


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FETCH = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "content, about",
    [
        (b"", "empty"),
        (b"\n\n,,,\n", "empty"),
        (workbooks.xlsx([]), "empty"),
        (b"a\0b", "kind"),
        (bytes(range(128, 256)) * 3, "neither"),
        ("\ufeff名".encode()[:-1], "neither"),
        (b'a,b\n1,"2\n', "quotes"),
        (b'a,b\n1,"2"3\n', "quotes"),
        (b"<html><p>1</p></html>", "page"),
        (b"<html><table></table><table><tr></tr></table></html>", "page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "page"),
        (b"<table><tr><td colspan=16384>1<td colspan=2>2</table>", "damaged"),
        (workbooks.packed({"a.txt": "x"}), "kind"),
        (workbooks.packed({"_rels/.rels": "<Relationships/>"}), "kind"),
        (workbooks.packed({"content.xml": "<a>"}), "damaged"),
        (workbooks.packed({"content.xml": "<a/>"}), "damaged"),
        (workbooks.xlsx([["a"]])[:900], "damaged"),
        (workbooks.xls([["a"]])[:3000], "damaged"),
        (workbooks.sheet_of(ROW, before=ENTITY), "declares"),
        (workbooks.sheet_of(ROW, before=FETCH), "declares"),
        (workbooks.sheet_of('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'), "damaged"),
        (workbooks.sheet_of('<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>'), "damaged"),
        (workbooks.sheet_of('<row r="9999999"><c><v>1</v></c></row>'), "damaged"),
        (workbooks.sheet_of('<row><c r="ZZZ1"><v>1</v></c></row>'), "damaged"),
        (workbooks.sheet_of(ROW, after='<mergeCells><mergeCell ref="A1:A9999999"/></mergeCells>'), "damaged"),
        (
            workbooks.ods(
                '<table:table-row><table:table-cell table:number-columns-repeated="99999999"><text:p>1</text:p>'
                "</table:table-cell></table:table-row>"
            ),
            "damaged",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(file: Path, content: bytes, about: str) -> None:
    assert refused(file, content) == about


def test_a_file_is_read_within_limits(file: Path) -> None:
    table = workbooks.xlsx([["一二三"] * 10] * 10)
    assert refused(file, table, Limits(file_bytes=100)) == "large"
    assert refused(file, table, Limits(expanded_bytes=100)) == "expanded"
    assert refused(file, table, Limits(rows=9)) == "rows"
    assert refused(file, table, Limits(cells=99)) == "cells"
    assert refused(file, table, Limits(characters=299)) == "characters"
    assert refused(file, table, Limits(cell_characters=2)) == "cell"
    assert refused(file, b"a" * 40_000) == "quotes"
    assert reading(file, table, Limits(rows=10, cells=101, characters=305)).sheets


def test_a_part_that_unpacks_to_more_than_it_declares_is_refused(file: Path) -> None:
    content = bytearray(workbooks.sheet_of(ROW * 1))
    bomb = bytearray(workbooks.packed({"content.xml": b" " * 3_000_000}))
    at = bomb.rindex(b"PK\x01\x02") + 24
    bomb[at : at + 4] = (1000).to_bytes(4, "little")
    assert refused(file, bytes(bomb)) == "damaged"
    assert rows(file, bytes(content)) == (Row(1, ("1",)),)


def test_a_text_that_cells_share_a_million_times_is_refused(file: Path) -> None:
    cells = '<c t="s"><v>0</v></c>' * 2000
    assert refused(file, workbooks.sheet_of(f"<row>{cells}</row>", shared=f"<si><t>{'长' * 30_000}</t></si>")) == (
        "characters"
    )


def test_who_takes_too_much_memory_is_stopped(file: Path) -> None:
    content = workbooks.sheet_of(ROW, shared=f"<si><t>{'长' * 30_000}</t></si>" * 800)
    assert refused(file, content, Limits(memory_bytes=48 << 20)) == "memory"


def test_who_takes_too_long_is_stopped(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.reader.reading._PATIENCE", 0.05)
    monkeypatch.setattr("importers.reader.reading.sys.executable", _program(file.with_name("python"), "sleep 60"))
    assert refused(file, b"a,b") == "slow"


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "none", Path("a\0b")):
        with pytest.raises(FileUnreadable) as unreadable:
            read(path)
        assert explain(unreadable.value, "zh")


def test_a_reader_that_dies_has_read_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.reader.reading.sys.executable", "/bin/false")
    assert refused(file, b"a,b") == "damaged"


def test_a_reader_sees_no_environment(file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen, fake = tmp_path / "seen", tmp_path / "python"
    monkeypatch.setenv("EARMARK_PASSPHRASE", "秘密")
    monkeypatch.setattr("importers.reader.reading.sys.executable", _program(fake, f"/usr/bin/env > {seen}"))
    assert refused(file, b"a,b") == "damaged"
    assert "PYTHONPATH" in seen.read_text()
    assert "秘密" not in seen.read_text()


def test_progress_is_told_and_ends_at_one(file: Path) -> None:
    file.write_text("甲,乙\n" * 9000)
    told: list[float] = []
    read(file, progress=told.append)
    assert told == sorted(told)
    assert len(told) == 5
    assert 0.15 < told[0] < 0.35
    assert told[-1] == 1.0


def test_columns_have_letters() -> None:
    assert [column_name(each) for each in (0, 25, 26, 701, 702, 16383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def _program(path: Path, what: str) -> str:
    """Return a program in the place of the Python that reads."""
    path.write_text(f"#!/bin/sh\nexec {what}\n")
    path.chmod(0o755)
    return str(path)

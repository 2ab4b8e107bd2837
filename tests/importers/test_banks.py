"""Bank statements: every shape is read to the fen, and what is swapped, missing or doubled is told."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from statements import ACCOUNT, SHAPES, Move, Shape, moves, write

from importers.banks import Statement, keys, read_statement
from importers.banks.cells import bare, clock, day_and_time, fen
from importers.banks.plug import from_importer
from importers.banks.profiles import choose, profiles
from importers.banks.read import parse
from importers.errors import FileRefused, ImporterUnfit, ProfileUnfit, ProfileUnknown, StatementEmpty
from importers.reader import Limits, child, reading
from importers.reader.sink import Sink
from ledger import messages
from ledger.errors import AmountTooFine, AmountUnreadable, DateUnreadable, Refusal

LINES = 200


@pytest.fixture
def put(tmp_path: Path) -> Any:
    def keep(content: bytes, name: str = "statement.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return keep


def agree(read: Statement, made: list[Move]) -> None:
    """Make sure that a statement says what was written, line by line."""
    assert [(line.date, line.amount, line.balance, line.payee) for line in read.lines] == [
        (move.day.isoformat(), move.fen, move.balance, move.payee) for move in made
    ]
    assert all(move.words in line.text for line, move in zip(read.lines, made, strict=True))
    assert (read.opening, read.closing) == (made[0].balance - made[0].fen, made[-1].balance)


@pytest.mark.parametrize("name", SHAPES)
def test_a_statement_in_each_shape_is_read_to_the_fen(name: str, put: Any) -> None:
    shape, made = SHAPES[name], moves(LINES)
    read = read_statement(put(shape.text(made)))
    agree(read, made)
    assert read.profile == shape.profile
    assert read.own in {"", ACCOUNT}
    assert bool(read.own) == any(ACCOUNT in cell for row in shape.table(made) for cell in row)
    if shape.serial:
        assert all(move.serial in line.serial for line, move in zip(read.lines, made, strict=True))


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("dress", ["gb18030", "separators", "padded", "trailing", "footer"])
def test_a_statement_is_read_however_it_is_dressed(name: str, dress: str) -> None:
    """GB18030, thousands separators, padded cells, trailing commas and a footer, each in every shape."""
    shape, made = SHAPES[name], moves(LINES, seed=7)
    table = list(shape.table(made))
    top = len(shape.above)
    encoding, tail = "utf-8", ""
    match dress:
        case "gb18030":
            encoding = "gb18030"
        case "separators":
            table = [[_separated(cell) for cell in row] for row in table]
        case "padded":
            table = table[:top] + [[f" {cell}\t" for cell in row] for row in table[top:]]
        case "trailing":
            tail = ",,,"
        case "footer":
            below = [["合计", "", "", "1.00"], [], ["打印时间：2024-12-31", "共 200 笔"]]
            table = table[: len(table) - len(shape.below)] + below
    content = write(iter(table), encoding=encoding, tail=tail)
    agree(inside(content), made)


def inside(content: bytes) -> Statement:
    """Read a file in this process: there are many, and starting a process for each takes its time."""
    out = io.BytesIO()
    sink = Sink(out, Limits())
    child.read(io.BytesIO(content), sink, Limits())
    sink.end()
    workbook = reading._collect(reading._lines(io.BytesIO(out.getvalue())), Path(), lambda _: None)
    assert workbook is not None
    return parse(workbook, path=Path(), sha256="", among=profiles())


def _separated(cell: str) -> str:
    sign, digits = (cell[0], cell[1:]) if cell[:1] in {"+", "-"} else ("", cell)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}.{part}" if point and whole.isdigit() and part.isdigit() else cell


@pytest.mark.parametrize("name", ["ccb_xls", "corp_icbc02", "scrcb"])
def test_a_statement_is_read_from_a_spreadsheet(name: str, tmp_path: Path) -> None:
    import openpyxl

    shape, made = SHAPES[name], moves(LINES, seed=3)
    book = openpyxl.Workbook()
    for row in shape.table(made):
        # Amounts are numbers there, and everything else is text.
        book.active.append([float(cell.replace(",", "")) if _is_amount(cell) else cell for cell in row])
    path = tmp_path / "statement.xlsx"
    book.save(path)
    agree(read_statement(path), made)


def _is_amount(cell: str) -> bool:
    whole, point, part = cell.replace(",", "").partition(".")
    return bool(point) and whole.lstrip("-").isdigit() and part.isdigit()


def test_the_newest_day_may_stand_first_with_its_lines_in_order(put: Any) -> None:
    shape, made = SHAPES["corp_psbc"], moves(LINES)
    days = sorted({move.day for move in made}, reverse=True)
    mixed = [move for day in days for move in made if move.day == day]
    agree(read_statement(put(shape.text(mixed))), made)


def _told(refused: pytest.ExceptionInfo[FileRefused]) -> list[str]:
    return [messages.explain(each, "zh") for each in refused.value.problems]


SWAPS = {
    "icbc_debit_v2": ("记账金额(收入)", "记账金额(支出)"),
    "ccb_xls": ("支出", "收入"),
    "corp_icbc01": ("转出金额", "转入金额"),
    "corp_icbc02": ("借方发生额", "贷方发生额"),
    "corp_icbc_raw": ("借方发生额", "贷方发生额"),
    "corp_abc": ("支出金额", "收入金额"),
    "corp_ccb02": ("借方发生额（支取）", "贷方发生额（收入）"),
    "corp_ccb03": ("借方发生额/元(支取)", "贷方发生额/元(收入)"),
    "corp_psbc": ("支出金额", "收入金额"),
    "scrcb": ("支出金额", "收入金额"),
    "cqrcb": ("支出金额", "收入金额"),
}


def _swapped(shape: Shape, name: str, made: list[Move]) -> Iterator[list[str]]:
    """Yield the table with money in and out changed over, as somebody who reads 借方 the wrong way round would."""
    one, other = SWAPS.get(name, ("借", "贷"))
    yield from ([{one: other, other: one}.get(cell, cell) for cell in row] for row in shape.table(made))


@pytest.mark.parametrize("name", [*SWAPS, "corp_icbc03"])
def test_swapped_columns_are_told_by_the_running_balance(name: str) -> None:
    shape, made = SHAPES[name], moves(LINES)
    with pytest.raises(FileRefused) as refused:
        inside(write(_swapped(shape, name, made)))
    [said] = _told(refused)
    assert "收入和支出两列（或借贷方向）颠倒了" in said
    assert f"{LINES} 笔里有" in said


@pytest.mark.parametrize("name", SHAPES)
def test_a_missing_line_is_told_with_its_place_and_amount(name: str) -> None:
    shape, made = SHAPES[name], moves(LINES)
    gone = made[77]
    with pytest.raises(FileRefused) as refused:
        inside(shape.text(made[:77] + made[78:]))
    [problem] = refused.value.problems
    assert problem.code == "balance-gap"
    assert problem.facts["about"] == ("in" if gone.fen > 0 else "out")
    assert problem.facts["off"] == abs(gone.fen)


def test_a_changed_balance_and_a_changed_amount_are_told_apart(put: Any) -> None:
    shape, made = SHAPES["corp_psbc"], moves(LINES)
    made[50] = made[50]._replace(balance=made[50].balance + 5_00)
    made[90] = made[90]._replace(fen=made[90].fen + 100_00)
    with pytest.raises(FileRefused) as refused:
        read_statement(put(shape.text(made)))
    assert [each.facts["about"] for each in refused.value.problems] == ["balance", "out"]
    assert _told(refused)[0].startswith("第 52 行的余额")


def test_a_balance_column_in_the_wrong_place_is_told_once(put: Any) -> None:
    shape, made = SHAPES["boc"], moves(LINES)
    table = [[row[0], row[1], row[2], row[4], row[3], *row[5:]] if len(row) > 5 else row for row in shape.table(made)]
    table[0] = shape.header.split(",")
    with pytest.raises(FileRefused) as refused:
        read_statement(put(write(iter(table))))
    [said] = _told(refused)
    assert said.startswith("余额和金额对不上")


def test_a_line_that_stands_twice_is_taken_once(put: Any) -> None:
    numbered, bare = SHAPES["corp_psbc"], SHAPES["corp_icbc02"]
    made = moves(LINES)
    twice = made[:60] + made[40:60] + made[60:]
    read = read_statement(put(numbered.text(twice)))
    agree(read, made)
    assert len(read.twice) == 20
    read = read_statement(put(bare.text(made[:41] + made[40:])))
    agree(read, made)
    assert [(each.row, each.first) for each in read.twice] == [(43, 42)]


def test_a_payment_and_its_fee_may_share_a_serial_number(put: Any) -> None:
    made = moves(LINES)
    made[8] = made[8]._replace(serial=made[7].serial)
    agree(read_statement(put(SHAPES["corp_psbc"].text(made))), made)


def test_the_same_lines_in_another_file_have_the_same_keys(put: Any) -> None:
    made = moves(LINES)
    for name in ("corp_psbc", "corp_icbc02", "abc_debit"):
        whole = read_statement(put(SHAPES[name].text(made)))
        part = read_statement(put(SHAPES[name].text(made[100:]), "other.csv"))
        assert len(set(keys(whole.lines))) == LINES
        cut = [key for key, line in zip(keys(whole.lines), whole.lines, strict=True) if line.date > part.first]
        assert cut == [key for key, line in zip(keys(part.lines), part.lines, strict=True) if line.date > part.first]


def test_a_line_of_nothing_is_passed_over(put: Any) -> None:
    made = moves(20)
    idle = made[9]._replace(fen=0, clock="23:00:00")
    agree(read_statement(put(SHAPES["corp_psbc"].text([*made[:10], idle, *made[10:]]))), made)


@pytest.mark.parametrize(
    ("cell", "column", "about"),
    [
        ("12.345", "支出金额", "amount-too-fine"),
        ("一百", "支出金额", "amount-unreadable"),
        ("99999999999999999", "支出金额", "amount-too-large"),
        ("2024-02-30", "交易日期", "date"),
        ("昨天", "交易日期", "date"),
    ],
)
def test_a_cell_that_cannot_be_read_is_told_with_row_and_column(cell: str, column: str, about: str, put: Any) -> None:
    shape, made = SHAPES["corp_psbc"], moves(20)
    table = list(shape.table(made))
    table[6][table[0].index(column)] = cell
    with pytest.raises(FileRefused) as refused:
        read_statement(put(write(iter(table))))
    assert [each.facts["about"] for each in refused.value.problems] == [about]
    assert _told(refused)[0].startswith(f"第 7 行“{column}”")


def test_foreign_money_and_unknown_directions_are_refused(put: Any) -> None:
    made = moves(5)
    for name, old, new, about in (("boc", "人民币", "美元", "currency"), ("corp_icbc03", "贷", "冲", "mark")):
        table = [[new if cell == old else cell for cell in row] for row in SHAPES[name].table(made)]
        with pytest.raises(FileRefused) as refused:
            read_statement(put(write(iter(table))))
        assert {each.facts["about"] for each in refused.value.problems} == {about}


def test_a_file_of_no_bank_or_without_lines_is_refused(put: Any) -> None:
    with pytest.raises(ProfileUnknown):
        read_statement(put("项目名称,金额\n通村公路,88\n".encode()))
    with pytest.raises(StatementEmpty):
        read_statement(put(SHAPES["boc"].text([])))


def test_an_office_may_add_the_shape_of_its_bank(put: Any, tmp_path: Path) -> None:
    folder = tmp_path / "banks"
    folder.mkdir()
    (folder / "town.toml").write_text(
        '[town-bank]\nbank = "镇银行"\nkind = "corporate"\nheader = ["日子", "进", "出", "剩"]\ndate = "日子"\n'
        'in = "进"\nout = "出"\nbalance = "剩"\n',
        encoding="utf-8",
    )
    path = put("日子,进,出,剩\n2024-01-02,5.00,,105.00\n2024-01-03,,1.50,103.50\n".encode())
    read = read_statement(path, folder=folder)
    assert (read.profile, read.opening, read.closing) == ("town-bank", 100_00, 103_50)
    for wrong in ("[a", "[a]\nbank = 1", '[a]\nbank = "b"', "a = 1"):
        (folder / "town.toml").write_text(wrong, encoding="utf-8")
        with pytest.raises(ProfileUnfit) as refused:
            read_statement(path, folder=folder)
        assert str(folder / "town.toml") in messages.explain(refused.value, "zh")


def test_each_shape_is_known_by_its_own_header_alone() -> None:
    for shape in SHAPES.values():
        found = choose(shape.header.split(","), profiles())
        assert found is not None
        assert found.code == shape.profile
    assert {each.code for each in profiles()} == {shape.profile for shape in SHAPES.values()}


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1,234.56", 123456),
        ("+10000.00", 1000000),
        ("-10.00", -1000),
        ("－１０．５", -1050),
        (" ￥88 \t", 8800),
        ('="5.00"', 500),
        ("0.07", 7),
        ("12.340000", 1234),
        ("-", None),
        ("", None),
        ("99999999999.99", 9999999999999),
    ],
)
def test_an_amount_is_exact(cell: str, amount: int | None) -> None:
    assert fen(cell) == amount


@pytest.mark.parametrize(
    ("cell", "refusal"), [("1.005", AmountTooFine), ("1,23.00", AmountUnreadable), ("1e5", AmountUnreadable)]
)
def test_an_amount_is_never_guessed(cell: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        fen(cell)


def test_padding_goes_and_what_is_said_stays() -> None:
    for cell, said in (("\t0123 ", "0123"), ('="0123"', "0123"), ("=1+1", "=1+1"), ("------", ""), (" '0123", "0123")):
        assert bare(cell) == said


def test_days_and_times_of_banks_are_read() -> None:
    for cell in ("20240520", "2024-05-20\t", "2024/5/20", "2024年5月20日", "2024.05.20"):
        assert day_and_time(cell) == ("2024-05-20", "")
    for cell in ("2024-05-20 10:20:30", "20240520 102030", "2024-05-20-10.20.30.123456", "2024-05-20T10:20:30"):
        assert day_and_time(cell) == ("2024-05-20", "10:20:30")
    assert clock("93015") == "09:30:15"
    for cell in ("20240230", "202405201", "2024", "五月"):
        with pytest.raises(DateUnreadable):
            day_and_time(cell)


SCRIPT = """
import beangulp
from importers.banks.plug import BankImporter

beangulp.Ingest([BankImporter("Assets:102-银行存款:B01-农商行专户")])()
"""


def test_our_importer_runs_under_beangulps_own_command_line(put: Any, tmp_path: Path) -> None:
    made = moves(30)
    path = put(SHAPES["corp_psbc"].text(made))
    other = put(b"nothing of a bank", "letter.txt")
    script = tmp_path / "import.py"
    script.write_text(SCRIPT, encoding="utf-8")

    def run(*words: str | Path) -> str:
        done = subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=True)
        return done.stdout

    assert "importers.banks.plug.BankImporter" in run("identify", path)
    assert "BankImporter" not in run("identify", other)
    entries = run("extract", path)
    assert entries.count("\n  Assets:102-银行存款:B01-农商行专户 ") == 30
    ledger = tmp_path / "ledger.beancount"
    ledger.write_text(entries, encoding="utf-8")
    assert "Assets:102" not in run("extract", "-e", ledger, path).replace("balance Assets:102", "")
    archive = tmp_path / "archive"
    archive.mkdir()
    run("archive", "-o", archive, path)
    [filed] = (each for each in archive.rglob("*") if each.is_file())
    assert filed.name == f"{made[-1].day}.statement.csv"
    assert filed.parent.name == "B01-农商行专户"


IMPORTER = """
import datetime
import beangulp
from beancount.core import amount, data
from beancount.core.number import D


class Village(beangulp.Importer):
    closing = "103.50"

    def identify(self, filepath):
        return filepath.endswith(".json")

    def account(self, filepath):
        return "Assets:Bank"

    def extract(self, filepath, existing):
        def move(day, number, payee):
            post = [
                data.Posting("Assets:Bank", amount.Amount(D(number), "CNY"), None, None, None, None),
                data.Posting("Expenses:Other", amount.Amount(-D(number), "CNY"), None, None, None, None),
            ]
            meta = data.new_metadata(filepath, day, {"serial": f"N{day}"})
            return data.Transaction(meta, datetime.date(2024, 5, day), "*", payee, "text", set(), set(), post)

        closing = amount.Amount(D(self.closing), "CNY")
        balance = data.Balance(data.new_metadata(filepath, 9), datetime.date(2024, 5, 31), "Assets:Bank", closing, None, None)
        return [move(3, "-1.50", "张三"), move(2, "5.00", "交通局"), balance]


class Wrong(Village):
    def extract(self, filepath, existing):
        entries = super().extract(filepath, existing)
        return [*entries, entries[-1]._replace(amount=amount.Amount(D("1"), "CNY"))]


class Broken(Village):
    def extract(self, filepath, existing):
        raise ValueError("no")
"""


def test_any_beangulp_importer_is_a_source(put: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "village_importer.py").write_text(IMPORTER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    path = put(b"{}", "statement.json")
    read = from_importer("village_importer:Village", path)
    assert (read.opening, read.closing) == (100_00, 103_50)
    assert [(line.date, line.amount, line.balance, line.payee, line.serial) for line in read.lines] == [
        ("2024-05-02", 5_00, 105_00, "交通局", "N2"),
        ("2024-05-03", -1_50, 103_50, "张三", "N3"),
    ]
    for name, about in (("Wrong", "balance"), ("Broken", None), ("Nobody", None)):
        with pytest.raises(ImporterUnfit) as refused:
            from_importer(f"village_importer:{name}", path)
        assert refused.value.facts.get("about") == about
    with pytest.raises(ImporterUnfit) as refused:
        from_importer("village_importer:Village", put(b"x", "statement.txt"))
    assert refused.value.facts["about"] == "file"

"""The pack of an audit: its sheets agree with each other and with the books, for a year and for somebody's term."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from beancount import loader
from beanquery.query import run_query

from ledger import log, merkle, messages
from ledger.books.write import settle
from ledger.messages import LANGS
from ledger.people import ROLES
from ledger.register import need_book
from ledger.statements import Period, Statement
from projects.audit.pack import SHEETS, Scope, Working, money, pack
from projects.cli.main import run
from projects.indicators import shipped
from projects.statements.workbook import workbook

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
plan project=P001 channel=ZC2024 amount=650000 date=2024-01-12
receive project=P001 channel=JT2024 amount=500000 date=2024-01-31
receive project=P001 channel=ZC2024 amount=1000.01 cash date=2024-02-01
receive project=P001 channel=ZC2024 amount=1000 from_cash date=2024-02-02
contract contract=P001C01 parts=JT2024=300000,ZC2024=500 date=2024-02-10 party=甲施工队
advance contract=P001C01 percent=10% date=2024-02-11
certify contract=P001C01 amount=200000.33 date=2024-02-29
pay contract=P001C01 date=2024-03-01 partial
reverse voucher=V2024-03-0001 reason=退回 date=2024-03-02
pay contract=P001C01 date=2024-03-03 partial
certify contract=P001C01 amount=100499.67 date=2024-03-04
accept project=P001 quantity=3.5 warranty_until=2025-03-05 observe=paved-road=3500/3500 date=2024-03-05
allot project=P002 channel=WS2024 amount=10000 date=2024-03-06
receive project=P002 channel=WS2024 amount=9000 date=2024-03-06
contract contract=P002C01 parts=WS2024=5000 date=2024-03-07 party=孙小小 person
certify contract=P002C01 amount=5000 date=2024-03-08
pay contract=P002C01 date=2024-03-09
spend project=P002 channel=WS2024 amount=4000 date=2024-03-31
year-end date=2024-12-31
receive project=P002 channel=WS2024 amount=1000 date=2025-01-01
pay contract=P001C01 date=2025-01-02 partial
"""
PERIODS = ["2024", "2025", "2024-03-02/2025-01-01", "2024-02-11/2024-03-05"]
Drawn = Callable[..., Working]


@pytest.fixture
def drawn(clerk: Any) -> Any:
    clerk.begin(STORY)

    def made(period: str, person: str = "", lang: Any = "zh") -> tuple[Any, Working]:
        connection = clerk.workspace.engine.connect()
        scope = Scope(need_book(connection, "SF"), Period(period), lang, person, "村主任" if person else "")
        return connection, Working(connection, scope, date(2025, 12, 31), shipped())

    opened: list[Any] = []

    def working(*asked: Any, **named: Any) -> Working:
        connection, found = made(*asked, **named)
        opened.append(connection)
        return found

    yield working
    for each in opened:
        each.close()


def rows(statement: Statement) -> list[dict[str, Any]]:
    return [dict(zip(statement.columns, row, strict=True)) for row in statement.rows]


def sheet(working: Working, name: str) -> list[dict[str, Any]]:
    (found,) = [each(working) for each in SHEETS if each.__name__ == name]
    return rows(found)


@pytest.mark.parametrize("period", PERIODS)
def test_the_sheets_agree_with_each_other(drawn: Drawn, period: str) -> None:
    told = sheet(drawn(period), "agreement")
    assert [(each["relation"], each["difference"]) for each in told if each["difference"]] == []
    assert sum(bool(each["one"]) for each in told) > len(told) / 2


@pytest.mark.parametrize("period", PERIODS)
def test_the_sheets_agree_with_what_a_query_of_the_books_finds(clerk: Any, drawn: Drawn, period: str) -> None:
    working = drawn(period)
    settle(clerk.workspace)
    entries, errors, options = loader.load_file(str(clerk.workspace.books / "SF" / "main.beancount"))
    assert not errors

    def asked(until: str, accounts: str) -> dict[str, Decimal]:
        query = f"SELECT currency, sum(number) WHERE date <= {until} AND account ~ '{accounts}' GROUP BY currency"
        return {code: fen for code, fen in run_query(entries, options, query)[1] if fen}

    span = working.scope.period
    cash = asked(span.until, "^Assets:10[12]-[^:]*:(B01-[^:]*:)?P")
    told = {each["channel"]: Decimal(each["closing"]) / 100 for each in sheet(working, "channels")[:-1]}
    assert {code: fen for code, fen in told.items() if fen} == cash
    spent = asked(span.until, "B3")
    told = {f"{each['channel']}.B": Decimal(each["spent"]) / 100 for each in sheet(working, "channels")[:-1]}
    assert {code: fen for code, fen in told.items() if fen} == spent
    payable = sum(asked(span.until, "^Liabilities:211-[^:]*:P[0-9C]*-(进度款|质保金)").values())
    projects = sheet(working, "projects")[-1]
    assert Decimal(projects["owed"] + projects["retention"]) / 100 == -payable
    query = (
        f"SELECT sum(number) WHERE account ~ '^Assets:10[12]-[^:]*:(B01-[^:]*:)?P' AND date >= {span.since} "
        f"AND date <= {span.until}"
    )
    moved = run_query(entries, options, query)[1]
    change = sheet(working, "receipts")[-1]["amount"] - sheet(working, "payments")[-1]["amount"]
    assert Decimal(change) / 100 == (moved[0][0] if moved else 0)


def test_what_was_taken_back_is_told_and_counts_below_zero(drawn: Drawn) -> None:
    working = drawn("2024")
    [back] = sheet(working, "reversals")
    assert (back["reversed"], back["reason"], back["maker"], back["approver"]) == (
        "V2024-03-0001",
        "退回",
        "zhang",
        "li",
    )
    paid = [
        each["amount"] for each in sheet(working, "payments") if each["number"] in {"V2024-03-0001", "V2024-03-0002"}
    ]
    assert sum(paid) == 0
    assert max(paid) > 0
    zhang = next(each for each in sheet(working, "users") if each["user"] == "zhang")
    assert (zhang["taken-back"], zhang["sealed"]) == ("1", "0")


def test_payments_begin_with_the_largest_and_the_others_are_one_sum(drawn: Drawn, monkeypatch: Any) -> None:
    whole = sheet(drawn("2024"), "payments")
    amounts = [each["amount"] for each in whole[:-1]]
    assert amounts == sorted(amounts, reverse=True)
    monkeypatch.setattr(money, "LARGEST", 2)
    short = sheet(drawn("2024"), "payments")
    assert [each["amount"] for each in short] == [*amounts[:2], sum(amounts[2:]), sum(amounts)]


def test_persons_are_listed_apart_and_their_names_are_masked(drawn: Drawn) -> None:
    working = drawn("2024")
    told = sheet(working, "personal")
    assert [each["amount"] for each in told] == [4850_00, 4850_00]
    assert told[0]["payee"] == "孙某某"
    assert "孙小小" not in str([form.rows for form in pack(working)])


def test_a_term_has_its_own_opening_and_closing(drawn: Drawn) -> None:
    term = drawn("2024-03-02/2025-01-01", "李四")
    at_begin = {each["code"]: each["at-begin"] for each in sheet(term, "position")}
    year = drawn("2024-01-01/2024-03-01")
    assert at_begin.items() >= {each["code"]: each["at-end"] for each in sheet(year, "position")}.items()
    cover = {each["item"]: each["said"] for each in sheet(term, "cover")}
    assert cover["被审计人"] == "李四 村主任"
    assert cover["审计类别"] == "领导经济责任审计"
    assert cover["期间"] == "2024-03-02 – 2025-01-01"
    root = merkle.root(list(log.hashes(term.connection, "SF"))).hex()
    assert cover["日志根"].replace(" ", "") == root
    assert max(map(len, cover["日志根"].split())) < len(root), "a line can be broken"


def test_the_person_of_a_term_stands_marked_where_the_ledger_names_him(drawn: Drawn) -> None:
    told = {each["user"]: each["of-term"] for each in sheet(drawn("2024-03-02/2025-01-01", "li"), "users")}
    assert told["li"] == "被审计人"
    assert told["zhang"] == ""


def test_findings_tell_what_arose_in_the_period_and_what_was_carried_in(drawn: Drawn) -> None:
    first = {each["finding"]: each["arose"] for each in sheet(drawn("2024"), "findings")}
    later = {each["finding"]: each["arose"] for each in sheet(drawn("2025"), "findings")}
    assert first["personal-payee/SF/P002C01"] == "本期"
    carried = {finding for finding, arose in later.items() if arose == "期前带入"}
    assert carried
    assert all(
        each.startswith(("unreconciled", "idle", "not-", "retention", "surplus", "advance", "self")) for each in carried
    )
    tests = sheet(drawn("2024"), "tests")
    assert sum(int(each["exceptions"]) for each in tests[:-1] if each["exceptions"].isdigit()) == len(first)
    assert next(each for each in tests if each["test"] == "notice-missing")["exceptions"] == "未运行"


def test_an_indicator_goes_from_before_to_after_with_what_moved_it(drawn: Drawn) -> None:
    [road] = [each for each in sheet(drawn("2024"), "indicators") if each["indicator"] == "有硬化路"]
    assert road["at-end"] == "3500/3500 (2024-03-05)"
    assert "P001 V2024-03-" in road["moved-by"]


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_has_its_words_and_prints_on_a4(drawn: Drawn, lang: Any, tmp_path: Path) -> None:
    forms = pack(drawn("2024", "li", lang))
    assert not [cell for form in forms for row in form.rows for cell in row if str(cell).startswith("@")]
    assert [role for role in ROLES if not messages.has("projects", f"pack.role.{role}", lang)] == []
    made = workbook(*forms)
    assert made == workbook(*forms)
    (tmp_path / "pack.xlsx").write_bytes(made)
    book = openpyxl.load_workbook(tmp_path / "pack.xlsx")
    assert book.sheetnames == [
        messages.text("projects", f"statement.name.pack-{each.__name__}", lang) for each in SHEETS
    ]
    for at in book:
        assert (at.page_setup.paperSize, at.page_setup.fitToWidth, at.print_title_rows) == (9, 1, "$1:$3")


def call(clerk: Any, *words: Any) -> int:
    return run(["--workspace", str(clerk.workspace.path), *map(str, words)])


def test_one_command_draws_it_up(clerk: Any, tmp_path: Path, capsys: Any) -> None:
    clerk.begin(STORY)
    assert call(clerk, "audit", "pack", "--year", "2024", "-o", tmp_path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sheets"], told["since"]) == (len(SHEETS), "2024-01-01")
    assert [Path(each).name for each in told["files"]] == ["SF-2024-audit.xlsx", "SF-2024-audit.pdf"]
    before = clerk.dump()
    term = ["--person", "王五", "--from", "2024-02-01", "--to", "2024-12-31", "--post", "书记"]
    assert call(clerk, "audit", "pack", *term, "-o", tmp_path) == 0
    assert "21 张表" in capsys.readouterr().out
    assert (tmp_path / "SF-term-2024-02-01-2024-12-31-audit.xlsx").is_file()
    assert (tmp_path / "SF-term-2024-02-01-2024-12-31-audit.pdf").is_file()
    assert clerk.dump() == before, "nothing is recorded"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "请写明年份"),
        (["--year", "2024", "--person", "王五", "--from", "2024-01-01"], "请写明年份"),
        (["--person", "王五"], "请写明年份"),
        (["--year", "24"], "“24”不是年份"),
        (["--year", "2999"], "2999 还没有开始"),
        (["--year", "2019"], "2019 在专账 SF 启用（2024-01-01）之前"),
        (
            ["--person", "王五", "--from", "2024-02-01", "--to", "2024-01-01"],
            "2024-02-01 – 2024-01-01：截止日在起始日之前",
        ),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_one_line(
    clerk: Any, tmp_path: Path, capsys: Any, words: list[str], says: str
) -> None:
    assert call(clerk, "audit", "pack", *words, "-o", tmp_path / "out") == 1
    err = capsys.readouterr().err
    assert err.startswith(says)
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()

"""Reconciliation: what is the same is found, what differs is named, nothing is taken twice, and the month end is kept."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from conftest import Clerk
from months import PLAN, Month, Move, month
from statements import SHAPES
from statements import Move as AtBankMove

from ledger import facts, register
from ledger.books.write import settle
from ledger.verify import verify
from projects.cli.main import run
from projects.reconciliation.differences import Difference, differences
from projects.reconciliation.learning import Choice, Habits
from projects.reconciliation.matching import Match, alike, match
from projects.reconciliation.sides import AtBank, InBook
from projects.reconciliation.suggestions import is_person

SEEDS = 12


def bank_side(moves: list[Move]) -> list[AtBank]:
    return [
        AtBank(each.name, each.day.isoformat(), each.fen, each.payee, each.words, each.serial, row)
        for row, each in enumerate(moves, 2)
    ]


def book_side(moves: list[Move]) -> list[InBook]:
    return [
        InBook(
            seq, each.name, each.day.isoformat(), each.fen, each.payee, each.words, bank=each.bank,
            numbers=frozenset({each.serial} - {""}),
        )
        for seq, each in enumerate(moves)
    ]  # fmt: skip


def differ(made: Month) -> tuple[list[Difference], list[Match]]:
    lines, vouchers = bank_side(made.lines), book_side(made.vouchers)
    own = [each for each in vouchers if each.bank == "B01"]
    matches = match(lines, own)
    done = {line.key for each in matches for line in each.lines}
    sealed = {voucher.seq for each in matches for voucher in each.vouchers}
    open_lines = [line for line in lines if line.key not in done]
    open_vouchers = [each for each in own if each.seq not in sealed]
    away = [each for each in vouchers if each.bank != "B01"]
    return differences(open_lines, open_vouchers, matches, away), matches


def triples(found: list[Difference]) -> set[tuple[str, str, str]]:
    """Return kind, line and voucher of each difference; of two that are alike nobody can say which is the second."""
    return {
        (
            each.kind,
            _either(each.line.key if each.line else "", each.kind == "twice-at-bank"),
            _either(each.voucher.number if each.voucher else "", each.kind == "twice-in-books"),
        )
        for each in found
    }


def _either(name: str, twin: bool) -> str:
    return f"?{name[1:]}" if name and twin else name


@pytest.mark.parametrize("seed", range(SEEDS))
def test_thirty_planted_differences_are_found_and_nobody_else_is_accused(seed: int) -> None:
    made = month(seed)
    assert len(made.lines) == 500
    assert len(made.planted) == sum(PLAN.values()) == 30
    found, matches = differ(made)
    named, planted = triples(found), made.planted

    def items(of: set[tuple[str, str, str]]) -> set[str]:
        return {name for _, line, voucher in of for name in (line, voucher) if name}

    assert items(named) == items(planted)
    # A line and a voucher that are both missing, of one payee and nearly one amount, look like a wrong amount.
    assert len(named & planted) >= 28
    assert all(each.by != "payee" for each in matches)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("青山路桥", "青山路桥有限公司", True),
        ("青山路桥有限责任公司", "青山路桥股份有限公司", True),
        ("红星砂石有限公司", "大河机械有限公司", False),
        ("市交通局", "市交通运输局", True),
        ("县农业局", "县教育局", False),
        ("张三", "张三丰", True),
        ("王小明", "杨光明", False),
        ("", "张三", None),
        ("（）", "张三", None),
    ],
)
def test_names_of_one_payee_are_alike(one: str, other: str, same: bool | None) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same


def line(key: str, fen: int, day: int = 10, payee: str = "", text: str = "", serial: str = "") -> AtBank:
    return AtBank(key, f"2024-05-{day:02}", fen, payee, text, serial)


def voucher(seq: int, fen: int, day: int = 10, payee: str = "", **more: Any) -> InBook:
    return InBook(seq, f"2024-05-{seq:04}", f"2024-05-{day:02}", fen, payee, **more)


def pairs(found: list[Match]) -> list[tuple[str, str, str]]:
    return [
        (each.by, "+".join(line.key for line in each.lines), "+".join(str(v.seq) for v in each.vouchers))
        for each in found
    ]


def test_a_number_counts_more_than_a_day() -> None:
    lines = [line("a", -500, 10, serial="N1"), line("b", -500, 20, serial="N2")]
    vouchers = [voucher(1, -500, 10, numbers=frozenset({"N2"})), voucher(2, -500, 20)]
    assert pairs(match(lines, vouchers)) == [("serial", "b", "1"), ("amount", "a", "2")]


def test_a_number_with_another_amount_is_a_wrong_amount() -> None:
    lines, vouchers = [line("a", -500, 1, serial="N1")], [voucher(1, -99900, 20, numbers=frozenset({"N1"}))]
    assert match(lines, vouchers) == []
    assert triples(differences(lines, vouchers, [], [])) == {("amount", "a", "2024-05-0001")}


def test_as_many_find_each_other_as_can() -> None:
    """The nearest of a line without a payee is what the other line needs."""
    lines = [line("a", -500, 10), line("b", -500, 12, payee="王小明")]
    vouchers = [voucher(1, -500, 10, payee="王小明"), voucher(2, -500, 5, payee="张三")]
    assert sorted(pairs(match(lines, vouchers))) == [("amount", "a", "2"), ("amount", "b", "1")]


def test_one_line_may_be_several_vouchers_and_the_other_way_round() -> None:
    interest = [voucher(1, 41, event="interest"), voucher(2, 19, event="interest"), voucher(3, 60, 28, event="receipt")]
    assert pairs(match([line("a", 60, 10, text="结息")], interest)) == [("sum", "a", "1+2")]
    wages = [line(each, -120000, payee=f"工人{each}", text="工资") for each in "abc"]
    assert pairs(match(wages, [voucher(1, -360000, 9, payee="务工人员")])) == [("sum", "a+b+c", "1")]
    contracts = [voucher(seq, fen, payee="青山路桥") for seq, fen in ((1, -700), (2, -500), (3, -333))]
    assert pairs(match([line("a", -1200, 11, payee="青山路桥有限公司")], contracts)) == [("sum", "a", "1+2")]


def test_a_sum_that_two_choices_make_is_left_to_people() -> None:
    some = [voucher(seq, fen, payee="青山路桥") for seq, fen in ((1, -700), (2, -500), (3, -400), (4, -800), (5, -1))]
    assert match([line("a", -1200, payee="青山路桥")], some) == []


def test_equal_amounts_under_unlike_names_are_shown() -> None:
    found = match([line("a", -12345, payee="财付通")], [voucher(1, -12345, 11, payee="王小明")])
    assert pairs(found) == [("payee", "a", "1")]
    assert match([line("a", -12345, payee="财付通")], [voucher(1, -12345, 25, payee="王小明")]) == []


def test_a_reversed_voucher_never_comes_to_the_bank() -> None:
    vouchers = [voucher(1, -500, undone=True), voucher(2, 500, undoes=1), voucher(3, -500, 12)]
    assert pairs(match([line("a", -500)], vouchers)) == [("amount", "a", "3")]
    assert differences([], vouchers[:2], [], []) == []


def test_what_a_payee_and_its_words_were_recorded_as_is_proposed() -> None:
    gravel = Choice("purchase", "P001", "", ("JT2024",))
    wages = Choice("wages_paid", "P002", "", ("WS2024",))
    habits = Habits()
    habits.learn(
        [
            (line("a", -1, payee="县建材店", text="3月砂石款"), gravel),
            (line("b", -1, payee="县建材店", text="4月砂石款"), gravel),
            (line("c", -1, payee="县建材店", text="劳务费"), wages),
        ]
    )
    assert habits.guess(line("d", -9, payee="县建材店", text="5月砂石款")) == (gravel, 2, 2, "both", True)
    assert habits.guess(line("d", -9, payee="县建材店", text="劳务费")) == (wages, 1, 1, "both", True)
    assert habits.guess(line("d", -9, payee="县建材店", text="石子")) == (gravel, 2, 3, "payee", True)
    assert habits.guess(line("d", -9, payee="某人", text="劳务费")) == (wages, 1, 1, "words", False)
    assert habits.guess(line("d", 9, payee="县建材店", text="砂石款")) is None
    # The works moved on to another project: what came last is proposed, and nobody is sure while it is mixed.
    other = gravel._replace(project="P003")
    habits.learn([(line("e", -1, payee="县建材店", text="砂石款"), other)] * 2)
    guess = habits.guess(line("f", -9, payee="县建材店有限公司", text="砂石款"))
    assert guess is not None
    assert (guess.choice, guess.sure) == (other, False)


def test_a_short_name_without_an_office_in_it_is_a_persons() -> None:
    assert all(map(is_person, ["蒲君君", "张三"]))
    assert not any(map(is_person, ["县水务局", "建材店", "城关镇", "青山路桥公司"]))


# On a record.


def statement(moves: list[Move], opening: int) -> bytes:
    """Return the bank's file: a postal bank's export, oldest first."""
    balance, made = opening, []
    for each in moves:
        balance += each.fen
        made.append(AtBankMove(each.day, "10:00:00", each.fen, balance, each.payee, "62", each.words, each.serial))
    return SHAPES["corp_psbc"].text(made)


APRIL = """
allot project=P001 channel=JT2024 amount=880000 date=2024-03-01
allot project=P001 channel=JZ2024 amount=220000 date=2024-03-01
receive project=P001 channel=JT2024 amount=600000 bank=B01 date=2024-04-10
receive project=P001 channel=JT2024 amount=60000 bank=B02 date=2024-04-10
"""


@pytest.fixture
def village(clerk: Clerk) -> Clerk:
    """A village with two accounts that hold one channel, and 600,000 yuan at the bank."""
    with clerk.workspace.write(book="SF") as unit:
        register.add_bank(unit, "SF", "B02", name="信用社专户", kind="dedicated", channels=["JT2024"])
        unit.commit()
    clerk.play(APRIL)
    return clerk


def book(clerk: Clerk, moves: list[Move]) -> dict[str, str]:
    """Record and seal what the book has, and return each one's number."""
    labels: dict[str, str] = {}
    for each in moves:
        typed: dict[str, Any] = {"project": "P001", "channel": "JT2024", "amount": f"{abs(each.fen) / 100:.2f}"}
        typed |= {"bank": each.bank, "date": each.day.isoformat(), "note": each.words, "party": each.payee or None}
        typed |= {"serial": each.serial or None, "person": True if is_person(each.payee) else None}
        labels[clerk.draft("receive" if each.fen > 0 else "purchase", **typed)["draft"]] = each.name
        if len(labels) % 40 == 0:
            _seal(clerk, labels)
    _seal(clerk, labels)
    return {name: number for number, name in labels.items()}


def _seal(clerk: Clerk, labels: dict[str, str]) -> None:
    waiting = [label for label in labels if label.startswith("D")]
    done, stopped = clerk.at("li").seal_all(waiting)
    assert stopped is None
    for each in done:
        labels[each["number"]] = labels.pop(each["draft"])


Spoken = Any


@pytest.fixture
def say(village: Clerk, capsys: pytest.CaptureFixture[str]) -> Spoken:
    """Run a command at the village's workspace, and return what it printed: JSON where that was asked for."""

    def spoken(*words: object, code: int = 0) -> Any:
        settle(village.workspace)
        capsys.readouterr()
        assert run(["--workspace", str(village.workspace.path), *map(str, words)]) == code, capsys.readouterr()
        told = capsys.readouterr()
        if "--json" in words and code == 0:
            return json.loads(told.out)
        return told.err if code else told.out

    return spoken


MAY = [
    Move("a", date(2024, 5, 6), 50_000_00, "市交通运输局", "补助资金", "000000000001"),
    Move("b", date(2024, 5, 8), -1_234_56, "县建材有限公司", "砂石款", "000000000002"),
    Move("c", date(2024, 5, 8), -800_00, "蒲君君", "劳务费", "000000000003"),
    Move("d", date(2024, 5, 20), -3_000_00, "县建材有限公司", "水泥款", "000000000004"),
]


def test_what_agrees_is_recorded_once_with_the_balance_of_the_month(
    village: Clerk, say: Spoken, tmp_path: Path
) -> None:
    numbers = book(village, MAY)
    path = tmp_path / "may.csv"
    path.write_bytes(statement(MAY, 600_000_00))
    shown = say("reconcile", "B01", path, "--json")
    assert [row["vouchers"] for row in shown["rows"]] == [[f"V{numbers[each.name]}"] for each in MAY]
    assert shown["differences"] == []
    assert shown["table"]["agrees"]
    assert village.sql("SELECT count(*) FROM log_leaf WHERE kind = 'fact'") == [(0,)]

    made = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")["recorded"]
    assert made["lines"] == 4
    assert made["balances"] == {"2024-05-31": 644_965_44}
    for _ in range(2):
        again = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")
        assert again["recorded"] == {"facts": [], "lines": 0, "matches": 0, "balances": {}}
        assert not any(row["new"] for row in again["rows"])
    # The same lines in another file of another shape of name, with later ones behind them.
    later = [*MAY, Move("e", date(2024, 6, 3), -10_00, "县建材有限公司", "砂石款", "000000000005")]
    other = tmp_path / "june.csv"
    other.write_bytes(statement(later, 600_000_00))
    assert say("reconcile", "B01", other, "--commit", "--as", "zhang", "--json")["recorded"]["lines"] == 1

    settle(village.workspace)
    text = (village.workspace.books / "SF" / "register.beancount").read_text(encoding="utf-8")
    assert 'balance: "644965.44"' in text
    assert "蒲君君" not in text
    with village.workspace.read() as connection:
        kept = facts.facts(connection, "SF", "bank-balance", subject="B01")
    assert [(each.on, each.data["balance"]) for each in kept] == [
        ("2024-05-31", "644965.44"),
        ("2024-06-30", "644955.44"),
    ]
    assert not any(check.findings for check in verify(village.workspace))


def test_an_account_of_one_channel_is_asserted_when_the_month_is_past(
    village: Clerk, say: Spoken, tmp_path: Path
) -> None:
    """B02 holds one channel, B01 several; until June has a voucher, one of May may still come."""
    moves = [Move("a", date(2024, 5, 6), -1_000_00, "县建材", "砂石款", "1", "B02"), *MAY]
    book(village, sorted(moves, key=lambda each: each.day))
    for bank, some, opening in (("B02", moves[:1], 60_000_00), ("B01", MAY, 600_000_00)):
        path = tmp_path / f"{bank}.csv"
        path.write_bytes(statement(some, opening))
        assert (
            "2024-05-31" in say("reconcile", bank, path, "--commit", "--as", "zhang", "--json")["recorded"]["balances"]
        )
    assert head(village).count(" balance ") == 0
    village.day = "2024-06-03"
    village.do("purchase", project="P001", channel="JT2024", amount="5", bank="B02")
    whole = "Assets:102-银行存款:B02-信用社专户"
    assert f"2024-06-01 balance {whole}  59000.00 JT2024\n" in head(village)
    assert head(village).count(" balance ") == 1
    _, errors, _ = loader.load_file(str(village.workspace.books / "SF" / "main.beancount"))
    assert errors == []
    assert not any(check.findings for check in verify(village.workspace))
    # The whole of the account is opened once, and a second channel takes the assertion back.
    assert head(village).count(f"open {whole}  JT2024\n") == 1
    with village.workspace.write(book="SF") as unit:
        register.allow_in_bank(unit, "SF", "B02", "WS2024")
        unit.commit()
    assert " balance " not in head(village)


def head(clerk: Clerk) -> str:
    settle(clerk.workspace)
    return (clerk.workspace.books / "SF" / "main.beancount").read_text(encoding="utf-8")


def test_the_villages_own_account_is_reconciled_too(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    village.day = "2024-05-10"
    village.do("opening", project="P000", lines=["own_bank:B00=CJ2024:30000"])
    village.do("receive", project="P001", channel="CJ2024", amount="5000", from_own="B00", party="村委会")
    path = tmp_path / "own.csv"
    path.write_bytes(statement([Move("a", date(2024, 5, 10), -5_000_00, "示范村专户", "转款", "1")], 30_000_00))
    shown = say("reconcile", "B00", path, "--json")
    assert [each["by"] for each in shown["matches"]] == ["payee"]
    assert shown["table"]["agrees"]


def test_a_statement_that_is_withdrawn_may_be_taken_again(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    book(village, MAY)
    path = tmp_path / "may.csv"
    path.write_bytes(statement(MAY, 600_000_00))
    first = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")["recorded"]["facts"]
    for label in first:
        say("fact", "withdraw", label, "--reason", "错了", "--as", "zhang", "--date", "2025-01-01")
    again = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")["recorded"]
    assert (again["lines"], len(again["facts"])) == (4, 2)


def test_a_statement_has_to_go_on_from_the_last_one(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    path, other = tmp_path / "may.csv", tmp_path / "june.csv"
    path.write_bytes(statement(MAY[:2], 600_000_00))
    say("reconcile", "B01", path, "--commit", "--as", "zhang")
    other.write_bytes(statement(MAY[3:], 648_765_44 - 800_00))
    told = say("reconcile", "B01", other, code=1)
    assert "上次对到 2024-05-08，余额 648,765.44 元" in told
    assert "它之前余额 647,965.44 元" in told
    early = [Move("z", date(2024, 5, 1), 1_00, "", "", "9"), *MAY[:1]]
    other.write_bytes(statement(early, 599_999_00))
    assert "已对到 2024-05-08" in say("reconcile", "B01", other, code=1)
    for day in ("2024-05-07", "2031-01-01"):
        assert f"截止日 {day} 不行" in say("reconcile", "B01", path, "--until", day, code=1)


def test_what_came_late_finds_its_voucher_in_the_next_statement(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    paid = Move("p", date(2024, 5, 30), -500_00, "县建材", "砂石款")
    book(village, [MAY[0], paid])
    may, june = tmp_path / "may.csv", tmp_path / "june.csv"
    may.write_bytes(statement([MAY[0]], 600_000_00))
    shown = say("reconcile", "B01", may, "--commit", "--as", "zhang", "--json")
    assert [each["kind"] for each in shown["differences"]] == ["not-at-bank"]
    assert shown["table"] | {} == shown["month_ends"][-1]
    assert (shown["table"]["bank_balance_fen"], shown["table"]["book_balance_fen"]) == (650_000_00, 649_500_00)
    assert shown["table"]["bank_adjusted_fen"] == shown["table"]["book_adjusted_fen"] == 649_500_00
    cleared = Move("q", date(2024, 6, 2), -500_00, "县建材有限公司", "砂石款", "7")
    june.write_bytes(statement([cleared], 650_000_00))
    shown = say("reconcile", "B01", june, "--commit", "--as", "zhang", "--json")
    assert shown["differences"] == []
    assert shown["table"]["only_in_book"] == []
    assert [len(each["only_in_book"]) for each in shown["month_ends"]] == [1, 0]


def test_a_line_whose_voucher_is_reversed_is_open_again(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    numbers = book(village, MAY)
    path = tmp_path / "may.csv"
    path.write_bytes(statement(MAY, 600_000_00))
    say("reconcile", "B01", path, "--commit", "--as", "zhang")
    village.day = "2024-06-05"
    village.do("reverse", voucher=numbers["d"], reason="错记")
    shown = say("reconcile", "B01", path, "--until", "2024-06-30", "--json")
    assert [(each["kind"], each["row"]) for each in shown["differences"]] == [("not-in-books", 5)]
    assert [len(each["only_at_bank"]) for each in shown["month_ends"]] == [1, 1]
    assert all(each["agrees"] for each in shown["month_ends"])


def test_what_the_books_lack_becomes_a_draft_once(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    """Three months of habits; a line of the fourth is proposed, drafted once, and found when it is sealed."""
    book(village, MAY[:3])
    path = tmp_path / "may.csv"
    more = Move("e", date(2024, 5, 21), -99_00, "县建材有限公司", "砂石款", "000000000009")
    wages = Move("f", date(2024, 5, 22), -700_00, "蒲君君", "劳务费", "000000000010")
    path.write_bytes(statement([*MAY[:3], more, wages], 600_000_00))
    shown = say("reconcile", "B01", path, "--json")
    assert [each["row"] for each in shown["suggestions"]] == [5, 6]
    command = shown["suggestions"][0]["command"]
    assert command.startswith("earmark purchase P001 JT2024 99.00 --bank B01 --date 2024-05-21 --party 县建材有限公司")
    assert "--person" in shown["suggestions"][1]["command"]
    first, again = (say("reconcile", "B01", path, "--draft", "--as", "zhang", "--json") for _ in range(2))
    drafts = [each["draft"] for each in first["drafts"]]
    assert len(drafts) == len(village.sql("SELECT id FROM work_draft")) == 2
    assert (again["drafts"], again["suggestions"]) == ([], [])
    assert [each["draft"] for each in again["differences"]] == drafts
    assert f"草稿 {drafts[0]} 待审核" in say("reconcile", "B01", path)
    # The command that was shown first has the same key, and gives the same draft.
    assert say(*shlex.split(command)[1:], "--as", "zhang", "--json")["draft"] == drafts[0]
    for each in first["drafts"]:
        village.seal(each["draft"])
    shown = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")
    assert shown["differences"] == []
    assert {each["by"] for each in shown["matches"]} == {"serial"}
    # Once it is sealed, the command's key still stands for it.
    assert say("reconcile", "B01", path, "--draft", "--as", "zhang", "--json")["drafts"] == []


def test_only_a_maker_records_and_nobody_is_needed_to_look(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    path = tmp_path / "may.csv"
    path.write_bytes(statement(MAY, 600_000_00))
    assert "只是预览" in say("reconcile", "B01", path)
    assert "zhao" in say("reconcile", "B01", path, "--commit", "--as", "zhao", code=1)
    assert "B09" in say("reconcile", "B09", path, code=1)
    assert village.sql("SELECT count(*) FROM log_leaf WHERE kind = 'fact'") == [(0,)]


def test_a_broken_statement_is_told_line_by_line_and_nothing_is_taken(
    village: Clerk, say: Spoken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "may.csv"
    whole = statement(MAY, 600_000_00).decode().splitlines(keepends=True)
    path.write_text("".join(whole[:2] + whole[3:]), encoding="utf-8")
    told = say("reconcile", "B01", path, "--commit", "--as", "zhang", code=1)
    assert told == f"文件 {path} 有 1 处问题，整个文件都没有采用：请逐条改正后重新导入。\n"


def test_the_opening_that_differs_is_said(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    book(village, MAY)
    path = tmp_path / "may.csv"
    path.write_bytes(statement(MAY, 600_100_00))
    assert "两边调节后仍差 100.00 元" in say("reconcile", "B01", path)
    made = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")
    assert made["recorded"]["balances"] == {}
    assert not made["table"]["agrees"]


def test_the_spreadsheet_holds_the_table_and_every_line(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    import openpyxl

    odd = Move("x", date(2024, 5, 25), -77_00, "=1+1", "@杂支", "000000000011")
    book(village, MAY[:3])
    path, out = tmp_path / "may.csv", tmp_path / "out.xlsx"
    path.write_bytes(statement([*MAY[:3], odd], 600_000_00))
    say("reconcile", "B01", path, "--xlsx", out)
    made = openpyxl.load_workbook(out)
    table, lines = made.worksheets
    cells = [[cell.value for cell in row] for row in table.iter_rows()]
    assert cells[0][0] == "银行存款余额调节表　示范村专账　B01 农商行专户　2024-05-31"
    last = cells[-3]
    assert (last[1], last[2], last[5]) == ("调节后余额", 647888.44, 647888.44)
    assert [cell.value for cell in lines[5]][:4] == ["2024-05-25", "000000000011", "=1+1", "@杂支"]
    assert lines["C5"].data_type == "s"
    assert [row[7].value for row in lines.iter_rows(min_row=2)] == ["已对上"] * 3 + ["账上没有"]


def test_the_spreadsheet_says_by_how_much_both_sides_differ(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    import openpyxl

    book(village, MAY[:3])
    path, out = tmp_path / "may.csv", tmp_path / "out.xlsx"
    path.write_bytes(statement(MAY[:3], 600_000_07))
    say("reconcile", "B01", path, "--xlsx", out)
    table = openpyxl.load_workbook(out).worksheets[0]
    assert "两边调节后仍差 0.07 元" in "".join(str(row[1].value) for row in table.iter_rows())


def test_what_the_terminal_says_can_be_read(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    book(village, MAY[:3])
    path = tmp_path / "may.csv"
    path.write_bytes(statement(MAY, 600_000_00))
    told = say("reconcile", "B01", path)
    for words in (
        "中国邮政储蓄银行，2024-05-06 至 2024-05-20，4 笔；期初 600,000.00 元，期末 644,965.44 元，余额逐笔连续。",
        "本次对上 3 笔：按流水号 3 组。",
        "差异 1 处：",
        "银行存款余额调节表（2024-05-31）",
        "两边调节后相等。",
    ):
        assert words in told
    assert "Both sides agree." in say("--lang", "en", "reconcile", "B01", path)


@contextmanager
def planted(clerk: Clerk, seed: int, tmp_path: Path) -> Iterator[tuple[Month, dict[str, str], Path]]:
    made = month(seed)
    numbers = book(clerk, made.vouchers)
    path = tmp_path / "month.csv"
    path.write_bytes(statement(made.lines, 600_000_00))
    yield made, numbers, path


def test_a_month_of_five_hundred_lines_on_a_record(village: Clerk, say: Spoken, tmp_path: Path) -> None:
    with planted(village, 2, tmp_path) as (made, numbers, path):
        shown = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")
    rows = {row: each.name for row, each in enumerate(made.lines, 2)}
    names = {number: name for name, number in numbers.items()}
    found = {
        (each["kind"], _either(rows.get(each["row"], ""), each["kind"] == "twice-at-bank"),
         _either(names.get(each["voucher"], ""), each["kind"] == "twice-in-books"))
        for each in shown["differences"]
    }  # fmt: skip
    assert found == made.planted
    assert shown["table"]["agrees"]
    assert shown["recorded"]["balances"]["2024-05-31"] == 600_000_00 + sum(each.fen for each in made.lines)
    assert not any(check.findings for check in verify(village.workspace))
    again = say("reconcile", "B01", path, "--commit", "--as", "zhang", "--json")
    assert again["recorded"]["lines"] == again["recorded"]["matches"] == 0
    assert len(again["differences"]) == len(made.planted) - PLAN["late"]

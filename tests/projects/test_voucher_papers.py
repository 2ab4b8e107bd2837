"""Vouchers as they are bound: what the record says, both sides, the sum in capitals, papers, hands and the seal's hash."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desks import desk, enter
from papers import pages_of, squeezed, text_of

from ledger import messages
from ledger.errors import ChoiceUnknown, Names, VoucherUnknown
from ledger.money import yuan
from projects.capitals import capitals
from projects.cli.main import run
from projects.printing import SHEETS, print_vouchers
from projects.sealed import list_sealed, need_sealed

A5_ACROSS, A4 = (595, 420), (595, 842)
STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-01-31 party=县交通局
contract contract=P001C01 parts=JT2024=300000 date=2024-02-10 party=甲施工队
certify contract=P001C01 amount=123456.78 date=2024-02-28
allot project=P001 channel=SN2024 amount=5000 date=2024-02-28
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=12.5 amount=5000 date=2024-02-28 party=水泥厂
"""
STRANGE = chr(0x1F600)
"""No font has it."""


@pytest.fixture
def numbers(clerk: Any) -> list[str]:
    clerk.begin(STORY)
    with clerk.workspace.read() as connection:
        return [str(each["number"]) for each in list_sealed(connection, "SF")]


def printed(clerk: Any, *numbers: str, lang: Any = "zh", size: Any = "a5") -> Any:
    with clerk.workspace.read() as connection:
        return print_vouchers(connection, "SF", numbers, lang, size=size)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_paper_of_each_voucher_says_what_the_record_says(clerk: Any, numbers: list[str], lang: str) -> None:
    for number in numbers:
        made = printed(clerk, number, lang=lang)
        said = text_of(made.pdf)
        with clerk.workspace.read() as connection:
            found = need_sealed(connection, "SF", number)
        for words in (f"V{number}", found["narration"], found["maker"], found["approver"], found["leaf"]):
            assert squeezed(words) in said, (number, words)
        for line in found["postings"]:
            if line["scale"] == 2:
                assert yuan(abs(line["amount"])) in said
            assert squeezed(line["account"].split(":")[1].replace("-", " ", 1)) in said
        assert (len(pages_of(made.pdf)), b"pdfuaid:part" in made.pdf, b"StructTreeRoot" in made.pdf) == (1, True, True)
        assert [tuple(map(round, each)) for each in pages_of(made.pdf)] == [A5_ACROSS]


def test_both_sides_come_to_one_sum_of_money_which_is_written_in_capitals(clerk: Any, numbers: list[str]) -> None:
    said = text_of(printed(clerk, numbers[1]).pdf)
    assert said.count("500,000.00") == 4  # two lines and two sums
    assert "伍拾万元整" in said
    certificate = text_of(printed(clerk, numbers[3]).pdf)
    assert capitals(123_456_78) in certificate
    # The budget stands apart as a memorandum, and is no part of the sum.
    assert squeezed(messages.text("projects", "binder.memo", "zh")) in certificate
    assert certificate.index("B3已列支") > certificate.index(capitals(123_456_78))
    # A quantity is no money.
    assert "12.500" in text_of(printed(clerk, numbers[5]).pdf)
    # What moves the budget alone has its sum too.
    assert "捌拾捌万元整" in text_of(printed(clerk, numbers[0]).pdf)


def test_a_reversal_counts_below_zero_on_the_side_of_what_it_takes_back(clerk: Any, numbers: list[str]) -> None:
    made = clerk.at("zhang").correct(numbers[1], reason="记错了", on="2024-03-01")
    for each in made["drafts"]:
        clerk.at("li").seal(each["draft"])
    with clerk.workspace.read() as connection:
        by = need_sealed(connection, "SF", numbers[1])["reversed_by"]
    said = text_of(printed(clerk, by).pdf)
    assert said.count("-500,000.00") == 4
    assert "负伍拾万元整" in said
    assert said.index("102银行存款") < said.index("-500,000.00")
    assert squeezed(messages.text("projects", "binder.reversed-by", "zh", number=f"V{by}")) in text_of(
        printed(clerk, numbers[1]).pdf
    )


def test_many_vouchers_are_one_file_a_page_for_each_and_the_same_again(clerk: Any, numbers: list[str]) -> None:
    made = printed(clerk, *numbers)
    assert made.pages == len(pages_of(made.pdf)) == len(numbers)
    assert printed(clerk, *numbers).pdf == made.pdf
    assert [tuple(map(round, each)) for each in pages_of(printed(clerk, numbers[0], size="a4").pdf)] == [A4]


def test_a_voucher_of_several_pages_says_on_each_whose_it_is(clerk: Any) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    clerk.do("receive", project="P001", channel="JT2024", amount="5", note="拨付说明" * 100)
    with clerk.workspace.read() as connection:
        both = [str(each["number"]) for each in list_sealed(connection, "SF")]
    made = printed(clerk, *both)
    assert made.pages > 2
    last = both[1]
    pages = made.pages - 1
    for page in range(1, pages + 1):
        told = messages.text("projects", "paper.page-of", "zh", page=page, pages=pages)
        assert squeezed(f"V{last}{told}") in text_of(made.pdf)


def test_the_command_writes_what_was_named_or_a_month_and_refuses_the_rest(
    clerk: Any, numbers: list[str], tmp_path: Path, capsys: Any
) -> None:
    at, out = ["--workspace", str(clerk.workspace.path)], tmp_path / "v.pdf"
    assert run([*at, "voucher", "print", f"V{numbers[1]}", "-o", str(out)]) == 0
    assert out.read_bytes() == printed(clerk, numbers[1]).pdf
    out.unlink()
    assert run([*at, "voucher", "print", "--month", "2024-02", "-o", str(out), "--paper", "a4"]) == 0
    assert len(pages_of(out.read_bytes())) == sum(each.startswith("2024-02") for each in numbers)
    out.unlink()
    capsys.readouterr()
    for words, refusal in (
        ([], "usage-wrong.print"),
        ([numbers[0], "--month", "2024-01"], "usage-wrong.print"),
        (["2024-01-0099"], VoucherUnknown(number="2024-01-0099", book="SF")),
        ([numbers[0], "--paper", "a3"], ChoiceUnknown(about="paper", text="a3", choices=Names(SHEETS))),
    ):
        assert run([*at, "voucher", "print", *words, "-o", str(out)]) == 1
        said = capsys.readouterr().err
        if isinstance(refusal, str):
            assert messages.text("projects", f"refusal.{refusal}", "zh") in said
        else:
            assert messages.explain(refusal, "zh") in said
        assert not out.exists()
    assert run([*at, "voucher", "print", "--month", "2023-01", "-o", str(out)]) == 0
    assert not out.exists()


def test_a_character_that_no_font_has_is_refused_and_nothing_is_written(
    clerk: Any, tmp_path: Path, capsys: Any
) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000", note=f"下达{STRANGE}")
    out = tmp_path / "v.pdf"
    assert (
        run(["--workspace", str(clerk.workspace.path), "voucher", "print", "--month", "2024-03", "-o", str(out)]) == 1
    )
    assert "U+1F600" in capsys.readouterr().err
    assert not out.exists()


def test_the_desk_hands_out_the_same_paper(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = desk(clerk, monkeypatch, ("zhang", "zhao"))
    with clerk.workspace.read() as connection:
        [number] = [str(each["number"]) for each in list_sealed(connection, "SF")]
    zhao = enter(app, "zhao")
    at = f"/desk/SF/vouchers/{number}/pdf"
    assert at in zhao.get(f"/desk/SF/vouchers/{number}").text
    answer = zhao.get(at)
    assert answer.content_type == "application/pdf"
    assert answer.data == printed(clerk, number).pdf
    assert answer.headers["Content-Disposition"] == f'attachment; filename="SF-V{number}.pdf"'
    assert zhao.get(f"{at}?paper=a4").data == printed(clerk, number, size="a4").pdf
    assert zhao.get("/desk/SF/vouchers/2024-03-0099/pdf").status_code == 404
    assert app.test_client().get(at).location == "/login"

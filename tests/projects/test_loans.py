"""Micro-loans: what the policy lets a bank lend, what is owed and overdue, and the subsidy to the fen, worked by hand."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest

from ledger import channels, erasure, facts, register
from ledger.balances import State
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import (
    AlreadyThere,
    ChoiceUnknown,
    CodeUnfit,
    FutureDated,
    Refusal,
    RoleMissing,
    TextMissing,
    Unknown,
)
from ledger.messages import LANGS, explain
from ledger.verify import verify
from projects import registry
from projects.cli.main import run
from projects.errors import LoanOverLimit, RepaymentUnfit, SubsidyUnfit
from projects.events.verbs import EFFECTS
from projects.loans import register as loan_register
from projects.loans.purposes import purposes
from projects.loans.register import Loan, loans
from projects.loans.requests import AddLoan, RepayLoan
from projects.loans.subsidy import Quarter, due, paid, read_quarter

Unchanged = Callable[[], AbstractContextManager[None]]
GOOD = {
    "loan": "L001",
    "amount": "50000",
    "borrower": "王小明",
    "born": "1980-06-15",
    "bank": "农商行",
    "rate": "3.65%",
    "months": "12",
    "purpose": "breeding",
    "use": "养牛",
    "date": "2024-02-15",
}


@pytest.fixture
def payer(clerk: Any) -> Any:
    """A clerk with a channel of interest subsidies, money of it, and a loan."""
    with clerk.workspace.write() as unit:
        channels.add_channel(unit, "TX2024", name="财政贴息", source="interest_subsidy")
        register.allow_in_bank(unit, "SF", "B01", "TX2024")
        registry.add_project(
            unit, "SF", "P005", title="贴息", name="小额信贷贴息", budget={"TX2024": 1000_00}, detail={}
        )
        unit.commit()
    clerk.play("receive project=P005 channel=TX2024 amount=1000 allot")
    add(clerk)
    return clerk


def add(clerk: Any, by: str = "zhang", **more: Any) -> facts.Fact:
    with clerk.workspace.write(book="SF") as unit:
        typed = {name: value for name, value in (GOOD | more).items() if value is not None}
        made = loan_register.add(unit, "SF", AddLoan.read(typed), by=by)
        unit.commit()
    return made


def repay(clerk: Any, amount: str, on: str, loan: str = "L001", by: str = "zhang") -> facts.Fact:
    with clerk.workspace.write(book="SF") as unit:
        ask = RepayLoan.read({"loan": loan, "amount": amount, "date": on})
        made = loan_register.repay(unit, "SF", ask, by=by)
        unit.commit()
    return made


def loan(clerk: Any, code: str = "L001") -> Loan:
    with clerk.workspace.read() as connection:
        return loans(connection, "SF")[code]


def quarters(of: Loan, *written: str) -> list[int]:
    return [due(of, read_quarter(each)) for each in written]


# What is due, by hand.


def test_a_quarter_s_subsidy_is_each_day_s_debt_at_the_rate(clerk: Any) -> None:
    """50,000.00 at 3.65 % of 360 days: 15 February to 31 March are 46 days, April to June 91.

    50,000 × 0.0365 × 46 / 360 = 233.1944…; × 91 / 360 = 461.3194…; × 92 / 360 = 466.3888…; the last quarter of the
    year has 92 days, and the first of the next one 45 until the day before it is due.
    """
    add(clerk)
    of = loan(clerk)
    assert of.due == date(2025, 2, 15)
    assert quarters(of, "2023Q4", "2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2") == [
        0, 233_19, 461_32, 466_39, 466_39, 228_13, 0,
    ]  # fmt: skip


def test_what_is_paid_back_bears_no_interest_from_that_day_on(clerk: Any) -> None:
    """20,000.00 back on 1 May: 30 days of 50,000.00 and 61 of 30,000.00 are 3,330,000 yuan-days; × 0.0365 / 360 = 337.625.

    Half a fen is rounded up: 337.63.
    """
    add(clerk)
    repay(clerk, "20000", "2024-05-01")
    assert quarters(loan(clerk), "2024Q1", "2024Q2") == [233_19, 337_63]


def test_a_year_of_365_days_and_a_part_of_the_rate(clerk: Any) -> None:
    """50,000.00 × 2 % × 46 / 365 = 126.027…"""
    add(clerk, day_count="365", subsidy_rate="2")
    assert quarters(loan(clerk), "2024Q1") == [126_03]


def test_nothing_is_due_behind_the_day_of_repayment_or_of_falling_due(clerk: Any) -> None:
    """Three months from 30 November end on the last of February; what is late bears no subsidy."""
    add(clerk, date="2023-11-30", months="3")
    of = loan(clerk)
    assert of.due == date(2024, 2, 29)
    # December 2023 has 31 days and one of November; January and February until the 28th 59.
    assert quarters(of, "2023Q4", "2024Q1", "2024Q2") == [162_22, 299_10, 0]
    repay(clerk, "50000", "2024-01-01")
    assert quarters(loan(clerk), "2023Q4", "2024Q1") == [162_22, 0]


def test_above_the_limit_no_interest_is_subsidised(clerk: Any) -> None:
    """80,000.00 as a top-up: interest on 50,000.00; of a second loan's 10,000.00 nothing is left."""
    add(clerk, amount="80000", top_up=True)
    add(clerk, loan="L002", amount="10000", top_up=True)
    assert quarters(loan(clerk), "2024Q1") == [233_19]
    assert quarters(loan(clerk, "L002"), "2024Q1") == [0]
    repay(clerk, "40000", "2024-02-15")
    assert quarters(loan(clerk), "2024Q1") == [186_56]


def test_a_quarter_that_goes_on_has_accrued_until_today(clerk: Any) -> None:
    add(clerk)
    assert due(loan(clerk), Quarter(2024, 1), until=date(2024, 2, 16)) == 5_07
    assert due(loan(clerk), Quarter(2024, 1), until=date(2024, 2, 15)) == 0


# The register.


def test_what_is_owed_and_overdue_follows_from_the_repayments(clerk: Any) -> None:
    add(clerk)
    repay(clerk, "20000", "2024-05-01")
    repay(clerk, "30000", "2025-03-01")
    of = loan(clerk)
    days = [date(2024, 4, 30), date(2024, 5, 1), date(2025, 2, 15), date(2025, 2, 28), date(2025, 3, 1)]
    assert [of.left(day) for day in days] == [50_000_00, 30_000_00, 30_000_00, 30_000_00, 0]
    assert [of.overdue(day) for day in days] == [0, 0, 0, 13, 0]


def test_the_name_stays_private_and_can_be_erased(clerk: Any) -> None:
    made = add(clerk)
    assert {"person-name-commitment", "born-commitment"} <= made.data.keys()
    settle(clerk.workspace)
    texts = "".join(path.read_text(encoding="utf-8") for path in clerk.workspace.books.rglob("*.beancount"))
    assert "王小明" not in texts
    assert "1980-06-15" not in texts
    with clerk.workspace.write() as unit:
        erasure.erase(unit, "王小明", user="li", reason="本人要求")
        unit.commit()
    settle(clerk.workspace)
    assert (loan(clerk).borrower, loan(clerk).born) == ("", "")
    assert [check.findings for check in verify(clerk.workspace) if check.findings] == []


def test_the_register_comes_back_from_the_books_but_for_the_names(clerk: Any, tmp_path: Any) -> None:
    add(clerk)
    repay(clerk, "20000", "2024-05-01")
    settle(clerk.workspace)
    assert rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS, clock=clerk.clock).right


def test_a_loan_that_is_withdrawn_is_gone_with_its_repayments(clerk: Any) -> None:
    made = add(clerk)
    repay(clerk, "20000", "2024-05-01")
    with clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", made.label, on=date(2024, 5, 2), by="zhang", reason="重复登记")
        unit.commit()
    with clerk.workspace.read() as connection:
        assert loans(connection, "SF") == {}


REFUSED = [
    (
        {"date": "2021-03-03"},
        "loan-outside-policy",
        "贷款 L001 的放款日是 2021-03-03，小额信贷的政策从 2021-03-04 到 2025-12-31（关于深入扎实做好过渡期脱贫人口小额信贷工作的通知，2021-03-04 至 2025-12-31）：请核对放款日；政策延续的，先改政策（earmark policy set）。",
    ),
    (
        {"amount": "50000.01"},
        "loan-over-limit",
        "贷款 L001 的 50,000.01 元连同此人未还的 0.00 元共 50,000.01 元，超过贴息限额 50,000.00 元（关于深入扎实做好过渡期脱贫人口小额信贷工作的通知，2021-03-04 至 2025-12-31）0.01 元：请核减；确是追加的，写 --top-up，最多到 100,000.00 元，超出限额的部分不贴息。",
    ),
    (
        {"amount": "100000.01", "top_up": True},
        "loan-over-limit",
        "贷款 L001 的 100,000.01 元连同此人未还的 0.00 元共 100,000.01 元，超过最高限额 100,000.00 元（关于深入扎实做好过渡期脱贫人口小额信贷工作的通知，2021-03-04 至 2025-12-31）0.01 元：请核减。",
    ),
    (
        {"months": "37"},
        "loan-term-unfit",
        "贷款 L001 的期限 37 个月超过最长期限 36 个月（关于深入扎实做好过渡期脱贫人口小额信贷工作的通知，2021-03-04 至 2025-12-31）：请核减（--months）。",
    ),
    (
        {"born": "2006-02-16"},
        "loan-age-unfit",
        "贷款 L001 的借款人放款时 17 周岁，要在 18 至 65 周岁之间（关于深入扎实做好过渡期脱贫人口小额信贷工作的通知，2021-03-04 至 2025-12-31）：请核对出生日期（--born）。",
    ),
    (
        {"born": "1958-02-15"},
        "loan-age-unfit",
        "贷款 L001 的借款人放款时 66 周岁，要在 18 至 65 周岁之间（关于深入扎实做好过渡期脱贫人口小额信贷工作的通知，2021-03-04 至 2025-12-31）：请核对出生日期（--born）。",
    ),
    (
        {"subsidy_rate": "3.66%"},
        "loan-rate-unfit",
        "贷款 L001 的贴息利率 3.66% 高于贷款利率 3.65%：贴的不能比付的多，请核减（--subsidy-rate）。",
    ),
    (
        {"purpose": "wedding", "use": ""},
        "loan-purpose-forbidden",
        "贷款 L001 的用途是“婚丧嫁娶”，小额信贷不能用于此：只能用于生产经营，请核对用途（--purpose）。",
    ),
    (
        {"use": "养牛和盖房"},
        "loan-purpose-forbidden",
        "贷款 L001 的用途写着“养牛和盖房”，其中“盖房”是建房购房，小额信贷不能用于此：只能用于生产经营，请核对用途（--use）。",
    ),
]


@pytest.mark.parametrize("more, code, said", REFUSED)
def test_a_loan_beyond_the_policy_is_refused(
    more: dict[str, Any], code: str, said: str, clerk: Any, unchanged: Unchanged
) -> None:
    with unchanged(), pytest.raises(Refusal) as caught:
        add(clerk, **more)
    assert [caught.value.code, explain(caught.value, "zh")] == [code, said]
    assert explain(caught.value, "en")


@pytest.mark.parametrize(
    "more",
    [
        {"date": "2021-03-04"},
        {"date": "2025-12-31"},
        {"amount": "100000", "top_up": True},
        {"months": "36"},
        {"born": "2006-02-15"},
        {"born": "1958-02-16"},
        {"subsidy_rate": "3.65%"},
        *({"purpose": code} for code, each in purposes().items() if not each.forbidden),
    ],
)
def test_a_loan_at_the_limit_passes(more: dict[str, Any], clerk: Any) -> None:
    assert add(clerk, **more).data["amount"]


def test_what_one_person_owes_is_one_sum(clerk: Any) -> None:
    add(clerk, amount="30000")
    with pytest.raises(LoanOverLimit) as caught:
        add(clerk, loan="L002", amount="20000.01")
    assert (caught.value.facts["open"], caught.value.facts["over"]) == (30_000_00, 1)
    add(clerk, loan="L003", amount="50000", born="1980-06-16")
    repay(clerk, "30000", "2024-02-15")
    assert add(clerk, loan="L002", amount="50000")


@pytest.mark.parametrize(
    "more, kind",
    [
        ({"loan": "001"}, CodeUnfit),
        ({"purpose": "gambling"}, ChoiceUnknown),
        ({"day_count": "366"}, ChoiceUnknown),
        ({"borrower": " "}, TextMissing),
        ({"born": None}, TextMissing),
        ({"by": "li"}, RoleMissing),
    ],
)
def test_a_loan_that_is_not_whole_is_refused(
    more: dict[str, Any], kind: type[Refusal], clerk: Any, unchanged: Unchanged
) -> None:
    with unchanged(), pytest.raises(kind):
        add(clerk, **more)


def test_a_code_names_one_loan_and_a_day_to_come_is_none(clerk: Any, unchanged: Unchanged) -> None:
    add(clerk)
    with unchanged(), pytest.raises(AlreadyThere) as caught:
        add(clerk, borrower="李四", born="1970-01-01")
    assert explain(caught.value, "zh") == "贷款编号“L001”已经登记：请换一个编号。"
    clerk.clock.set("2024-02-14")
    with unchanged(), pytest.raises(FutureDated):
        add(clerk, loan="L002", borrower="李四")


def test_a_repayment_is_of_a_loan_and_of_what_is_owed(clerk: Any, unchanged: Unchanged) -> None:
    add(clerk)
    repay(clerk, "20000", "2024-05-01")
    for amount, on, about in (("30000.01", "2024-06-01", "over"), ("1", "2024-02-14", "day")):
        with unchanged(), pytest.raises(RepaymentUnfit) as caught:
            repay(clerk, amount, on)
        assert caught.value.facts["about"] == about
        assert all(explain(caught.value, lang) for lang in LANGS)
    with unchanged(), pytest.raises(Unknown):
        repay(clerk, "1", "2024-06-01", loan="L009")
    with unchanged(), pytest.raises(RoleMissing):
        repay(clerk, "1", "2024-06-01", by="li")


# The subsidy that is paid.


def test_a_subsidy_is_paid_to_who_borrowed_and_counts_until_it_is_reversed(payer: Any) -> None:
    made = payer.draft(
        "aid", project="P005", channel="TX2024", amount="233.19", loan="L001", quarter="2024q1", date="2024-04-01"
    )
    assert (made["payee"], made["narration"]) == ("王某某", "小额信贷贴息 L001 2024Q1")
    assert made["facts"] == {"loan": "L001", "quarter": "2024Q1"}
    number = payer.seal(made["draft"])
    assert payer.entry(number).splitlines()[0] == "Expenses:514-公益支出:P005-贴息 233.19 TX2024"
    with payer.workspace.read() as connection:
        assert paid(State(connection, "SF")) == {("L001", "2024Q1"): 233_19}
    payer.do("reverse", voucher=number, reason="错记", date="2024-04-02")
    with payer.workspace.read() as connection:
        assert paid(State(connection, "SF")) == {}
    assert payer.do(
        "spend", project="P005", channel="TX2024", amount="100", loan="L001", quarter="2024Q1", date="2024-04-02"
    )


SUBSIDIES = [
    (
        {"amount": "233.20"},
        "贷款 L001 的 2024Q1 应贴息 233.19 元，已付 0.00 元，本次 233.20 元，超出 0.01 元：最多再付 233.19 元，请核减（应贴数见 earmark loan subsidy 2024Q1）。",
        "The subsidy of loan L001 for 2024Q1 is 233.19 yuan, 0.00 were paid, this is 233.20, 0.01 too much: at most 233.19 more, reduce it (earmark loan subsidy 2024Q1 shows what is due).",
    ),
    (
        {"date": "2024-03-31"},
        "2024Q1 到 2024-04-01 才结束，凭证日期是 2024-03-31：贷款 L001 这个季度的贴息，季度结束后再付。",
        "2024Q1 ends on 2024-04-01, the voucher is of 2024-03-31: pay the subsidy of loan L001 when the quarter is over.",
    ),
    (
        {"project": "P002", "channel": "WS2024"},
        "渠道 WS2024 卫生部门专项补助 不是财政贴息：贷款 L001 的贴息要由来源为 interest_subsidy 的渠道付，请换渠道。",
        "Channel WS2024 卫生部门专项补助 is no interest subsidy: the subsidy of loan L001 is paid from a channel of the source interest_subsidy, use one.",
    ),
]


@pytest.mark.parametrize("more, zh, en", SUBSIDIES)
def test_no_other_subsidy_is_paid(more: dict[str, Any], zh: str, en: str, payer: Any, unchanged: Unchanged) -> None:
    typed = {
        "project": "P005",
        "channel": "TX2024",
        "amount": "1",
        "loan": "L001",
        "quarter": "2024Q1",
        "date": "2024-04-01",
    }
    with unchanged(), pytest.raises(SubsidyUnfit) as caught:
        payer.draft("aid", **typed | more)
    assert [explain(caught.value, "zh"), explain(caught.value, "en")] == [zh, en]


def test_a_subsidy_is_paid_once_and_what_changed_since_is_judged_at_the_seal(payer: Any, unchanged: Unchanged) -> None:
    first = payer.draft(
        "aid", project="P005", channel="TX2024", amount="200", loan="L001", quarter="2024Q1", date="2024-04-01"
    )
    with unchanged(), pytest.raises(Refusal):
        payer.draft(
            "aid", project="P005", channel="TX2024", amount="33.20", loan="L001", quarter="2024Q1", date="2024-04-01"
        )
    # 46 days of 10,000.00 are 46.64: the repayment became known after the draft.
    repay(payer, "40000", "2024-02-15")
    with unchanged(), pytest.raises(SubsidyUnfit) as caught:
        payer.seal(first["draft"])
    assert caught.value.facts["due"] == 46_64


@pytest.mark.parametrize(
    "more, kind",
    [
        ({"quarter": ""}, TextMissing),
        ({"loan": None}, TextMissing),
        ({"quarter": "2024Q5"}, ChoiceUnknown),
        ({"quarter": "二季度"}, ChoiceUnknown),
        ({"loan": "L009"}, Unknown),
    ],
)
def test_a_subsidy_names_a_loan_and_a_quarter(more: dict[str, Any], kind: type[Refusal], payer: Any) -> None:
    typed = {
        "project": "P005",
        "channel": "TX2024",
        "amount": "1",
        "loan": "L001",
        "quarter": "2024Q1",
        "date": "2024-04-01",
    }
    with pytest.raises(kind):
        payer.draft("aid", **typed | more)


# The command line.


@pytest.fixture
def earmark(clerk: Any, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Run a command in the clerk's workspace and return what it prints."""
    monkeypatch.delenv("EARMARK_LANG", raising=False)

    def call(line: str, code: int = 0) -> str:
        capfd.readouterr()
        assert run(["--workspace", str(clerk.workspace.path), *shlex.split(line)]) == code, capfd.readouterr().err
        found = capfd.readouterr()
        return "\n".join(each.rstrip() for each in (found.out + found.err).splitlines() if each.strip())

    return call


def test_the_register_is_kept_and_looked_at_by_commands(payer: Any, earmark: Callable[[str], str]) -> None:
    payer.workspace.close()
    added = earmark(
        "loan add L002 3万元 --borrower 李四 --born 1990-1-1 --bank 邮储银行 --rate 4.35 --months 36 --purpose planting "
        "--date 2024-05-06 --as zhang"
    )
    assert added.endswith("贷款 L002，2027-05-06 到期，贴息本金 30,000.00 元。")
    repaid = earmark("loan repay L001 20000 --date 2024-05-01 --as zhang --key k1")
    assert repaid.endswith("贷款 L001 还欠 30,000.00 元。")
    assert earmark("loan repay L001 20000 --date 2024-05-01 --as zhang --key k1") == repaid
    listed = earmark("loan list --on 2025-03-01")
    assert [line.split() for line in listed.splitlines()[2:]] == [
        ["L001", "王某某", "农商行", "2024-02-15", "2025-02-15", "养殖", "50,000.00", "30,000.00", "逾期", "14", "天"],
        ["L002", "李某", "邮储银行", "2024-05-06", "2027-05-06", "种植", "30,000.00", "30,000.00", "未到期"],
    ]
    assert earmark("loan list --overdue --on 2024-12-31") == "没有记录。"
    assert earmark("loan subsidy 2024Q2").splitlines()[-3:] == [
        "L001   王某某   农商行     91     337.63     0.00   337.63",
        "L002   李某     邮储银行   56     203.00     0.00   203.00",
        "2024Q2 应贴息 540.63 元，还没有付 540.63 元。",
    ]
    english = earmark("--lang en loan show L001 --on 2024-08-01")
    assert english.splitlines()[-1].split() == ["2024Q3", "31", "94.29", "0.00", "94.29"]
    [first, _] = json.loads(earmark("loan list --on 2025-03-01 --json"))
    assert (first["borrower"], first["loan-left"], first["overdue"]) == ("王某某", 30_000_00, 14)
    assert "王小明" not in earmark("loan show L001 --json")
    paid_out = earmark("aid P005 TX2024 100 --loan L001 --quarter 2024Q1 --date 2024-04-01 --as zhang")
    assert "小额信贷贴息 L001 2024Q1" in paid_out


def test_a_loan_that_is_refused_says_why_in_one_line(payer: Any, earmark: Callable[[str], str]) -> None:
    payer.workspace.close()
    line = (
        "loan add L002 1 --borrower 李四 --born 1990-1-1 --bank 邮储 --rate 4 --months 3 --purpose finance --as zhang"
    )
    assert earmark(f"--lang en {line} --date 2024-05-06", 1) == (
        "Loan L002 is for finance products, which a micro-loan may not be for: it is for production only, check the "
        "purpose (--purpose)."
    )

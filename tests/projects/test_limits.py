"""Every number of the policy that refuses: where it refuses, where it lets pass, and a county's number from its day on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from conftest import read_line

from ledger import channels, register
from ledger.errors import HeldByDrafts, Refusal
from ledger.messages import explain
from projects import procurement
from projects.policy.model import binding_verbs

WORKS = """
allot project=P001 channel=JT2024 amount=1000
receive project=P001 channel=JT2024 amount=1000
contract contract=P001C01 parts=JT2024=1000 party=施工单位
"""
CERTIFIED = f"""{WORKS}
opening project=P000 lines=own_bank:B00=CJ2024:1000
certify contract=P001C01 amount=500 no_retention
"""
UNRECEIVED = CERTIFIED.replace("receive project=P001 channel=JT2024 amount=1000\n", "")
ACCEPTED = f"""{WORKS}
certify contract=P001C01 amount=1000
accept project=P001 quantity=3.5
"""
RICH = """
allot project=P001 channel=JT2024 amount=30000
receive project=P001 channel=JT2024 amount=30000
"""
DONATED = "allot project=P001 channel=JZ2024 amount="
STATE = "allot project=P001 channel=JT2024 amount=6000000\n"
CASH = """
plan project=P001 channel=ZC2024 amount=30000 date=2024-02-28
receive project=P001 channel=ZC2024 amount=5000.01 cash date=2024-02-28
"""
BOUGHT = """
procurement contract=P001C01 method=comparison winner=甲 price=9000000 number=比选1号
"""

HELD = f"""{WORKS}
certify contract=P001C01 amount=500 retention=3%
"""
BILLED = [
    (WORKS, "advance contract=P001C01"),
    (CERTIFIED, "pay contract=P001C01"),
    (UNRECEIVED, "pay-direct contract=P001C01"),
    (CERTIFIED, "prefinance contract=P001C01 number=村代会1号"),
    (RICH, "purchase project=P001 channel=JT2024"),
    (RICH, "spend project=P001 channel=JT2024"),
    (RICH, "inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=40"),
]
"""A story, and a payment that may need an invoice, without its amount."""
LATE = [
    (HELD, "release contract=P001C01 due=2024-03-01"),
    (f"{HELD}forfeit contract=P001C01 reason=不修\n", "repair-pay contract=P001C01"),
    (f"{WORKS}deposit-receive contract=P001C01 amount=100\n", "deposit-return contract=P001C01"),
]
"""Payments that have no invoice of their own."""


@dataclass(frozen=True)
class Limit:
    """A number with a verb that it binds: what is refused after a story and in which words, what passes, what is looser.

    Lines before the last one only lead there.
    """

    key: str
    story: str
    refused: str
    passes: str
    looser: str
    message: str
    county: tuple[str, ...] = field(default=())

    @property
    def verb(self) -> str:
        """Return the verb that is judged."""
        return read_line(self.refused.strip().splitlines()[-1])[0]


LIMITS = [
    Limit(
        "retention.cap",
        WORKS,
        "certify contract=P001C01 amount=100 retention=3.01%",
        "certify contract=P001C01 amount=100 retention=3%",
        "4 percent",
        "质保金 3.01% 超过上限 3%（建质〔2017〕138号）：请核减。",
    ),
    Limit(
        "retention.term",
        ACCEPTED,
        "release project=P001",
        "release project=P001 date=2025-03-01",
        "0 months",
        "项目 P001 通村公路 2024-03-01 验收，没有写明质保期，按政策是 12 个月（建质〔2017〕138号，未核对），到 2025-03-01 才满，"
        "2024-03-01 还不能退质保金：请到期再退；合同另有约定的，用 --due 写明。",
    ),
    Limit(
        "advance.most",
        WORKS,
        "advance contract=P001C01 amount=200\nadvance contract=P001C01 amount=100.01",
        "advance contract=P001C01 amount=200\nadvance contract=P001C01 amount=100",
        "40 percent",
        "合同 P001C01 价款 1,000.00 元，预付款最多 30%（财建〔2004〕369号，未核对），即 300.00 元；已预付 200.00 元，"
        "本次 100.01 元，超出 0.01 元：请核减。",
    ),
    Limit(
        "advance.most",
        WORKS.replace("receive project=P001 channel=JT2024 amount=1000\n", ""),
        "pay-direct contract=P001C01 amount=300.01 ahead",
        "pay-direct contract=P001C01 amount=300 ahead",
        "40 percent",
        "合同 P001C01 价款 1,000.00 元，预付款最多 30%（财建〔2004〕369号，未核对），即 300.00 元；已预付 0.00 元，"
        "本次 300.01 元，超出 0.01 元：请核减。",
    ),
    *(
        Limit(
            "progress.most",
            UNRECEIVED if verb == "pay-direct" else CERTIFIED,
            f"{verb} contract=P001C01 amount=400.01{more}",
            f"{verb} contract=P001C01 amount=400{more}",
            "90 percent",
            "合同 P001C01 已计量 500.00 元，验收前最多付 80%（县里的规定）；已付 0.00 元（含抵扣的预付款），本次 400.01 元，"
            "最多还能付 400.00 元：请核减，或验收后再付。",
            ("progress.most=80 percent",),
        )
        for verb, more in [("pay", ""), ("pay-direct", ""), ("prefinance", " number=村代会1号")]
    ),
    *(
        Limit(
            "purchase.most",
            RICH,
            f"{line} amount=20000.01",
            f"{line} amount=20000",
            "20001 yuan",
            "零星采购 20,000.01 元，超过限额 20,000.00 元（没有全国统一规定，这是本程序的默认值，请以县里文件为准，未核实），"
            "多出 0.01 元：请签合同（earmark contract）后按合同计量支付。",
        )
        for line in (
            "purchase project=P001 channel=JT2024",
            "inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=40",
        )
    ),
    Limit(
        "cash.payment",
        "plan project=P001 channel=ZC2024 amount=3000\nreceive project=P001 channel=ZC2024 amount=2000 cash\n",
        "refund-household project=P001 amount=1000.01 cash",
        "refund-household project=P001 amount=1000 cash",
        "1001 yuan",
        "现金支付 1,000.01 元，超过单笔限额 1,000.00 元（国务院令第12号，未核对），多出 0.01 元：请通过银行支付（去掉 --cash）。",
    ),
    Limit(
        "cash.held",
        CASH,
        "receive project=P001 channel=ZC2024 amount=1 cash",
        "receive project=P001 channel=ZC2024 amount=0.01 from_cash\n"
        "receive project=P001 channel=ZC2024 amount=9000 cash\n"
        "receive project=P001 channel=ZC2024 amount=1 cash",
        "5001 yuan",
        "专账 SF 的库存现金里，2024-03-01 以前收的还有 5,000.01 元，超过隔夜限额 5,000.00 元"
        "（限额由开户银行核定，没有全国统一数字，这是本程序的默认值，请以县里文件为准，未核实）："
        "请先缴存（earmark receive 项目 渠道 金额 --from-cash），再收现金。",
    ),
    *(
        Limit(
            f"tender.{kind}",
            STATE,
            f"contract contract=P001C01 parts=JT2024={yuan} kind={kind}",
            f"contract contract=P001C01 parts=JT2024={yuan - 1}.99 kind={kind}",
            f"{yuan + 1} yuan",
            f"合同 P001C01 金额 {yuan:,}.00 元，达到必须招标的 {yuan:,}.00 元（国家发展改革委令第16号；项目有财政资金 "
            "6,050,000.00 元），还没有招标记录：请先登记（earmark procurement P001C01 --method open-tender …）。",
        )
        for kind, yuan in [("works", 4_000_000), ("goods", 2_000_000), ("services", 1_000_000)]
    ),
    Limit(
        "tender.state_money",
        f"{DONATED}6000000\n",
        "allot project=P001 channel=JT2024 amount=1950000\ncontract contract=P001C01 parts=JZ2024=4000000",
        "allot project=P001 channel=JT2024 amount=1949999.99\ncontract contract=P001C01 parts=JZ2024=4000000",
        "2000001 yuan",
        "合同 P001C01 金额 4,000,000.00 元，达到必须招标的 4,000,000.00 元（国家发展改革委令第16号；项目有财政资金 "
        "2,000,000.00 元），还没有招标记录：请先登记（earmark procurement P001C01 --method open-tender …）。",
    ),
    Limit(
        "tender.state_share",
        "allot project=P001 channel=JT2024 amount=2000000\n",
        f"{DONATED}17744800\ncontract contract=P001C01 parts=JZ2024=4000000",
        f"{DONATED}17744800.01\ncontract contract=P001C01 parts=JZ2024=4000000",
        "11 percent",
        "合同 P001C01 金额 4,000,000.00 元，达到必须招标的 4,000,000.00 元（国家发展改革委令第16号；项目有财政资金 "
        "2,050,000.00 元），还没有招标记录：请先登记（earmark procurement P001C01 --method open-tender …）。",
    ),
    *(
        Limit(
            f"procurement.{kind}",
            STATE,
            f"contract contract=P001C01 parts=JT2024={yuan} kind={kind}",
            f"contract contract=P001C01 parts=JT2024={yuan - 1}.99 kind={kind}",
            f"{yuan + 1} yuan",
            f"合同 P001C01 金额 {yuan:,}.00 元，达到采购限额 {yuan:,}.00 元（财库〔2019〕69号，未核实），还没有采购记录："
            "请先登记（earmark procurement P001C01 --method 方式 …）。",
            ("gates.contract=procurement gates",),
        )
        for kind, yuan in [("works", 600_000), ("goods", 300_000), ("services", 300_000)]
    ),
    Limit(
        "procurement.public",
        STATE + BOUGHT,
        "contract contract=P001C01 parts=JT2024=2000000",
        "contract contract=P001C01 parts=JT2024=1999999.99",
        "2000001 yuan",
        "合同 P001C01 金额 2,000,000.00 元，达到公开招标限额 2,000,000.00 元（财库〔2019〕69号，未核实），登记的采购方式不够："
        "请登记 open-tender、exempt 之一（earmark procurement P001C01 …）。",
        ("gates.contract=procurement gates",),
    ),
    Limit(
        "fee.cap",
        f"{RICH}\nspend project=P001 channel=JT2024 amount=200 fee\nspend project=P001 channel=JT2024 amount=5000\n",
        "spend project=P001 channel=JT2024 amount=100.01 fee",
        "spend project=P001 channel=JT2024 amount=100 fee",
        "2 percent",
        "渠道 JT2024 交通部门专项补助 共下达 30,000.00 元，管理费最多 1%（财农〔2021〕19号，未核对），即 300.00 元；"
        "已列 200.00 元，本次 100.01 元，超出 0.01 元：请核减。",
    ),
    Limit(
        "household.money",
        "plan project=P001 channel=ZC2024 amount=100 people=10\n",
        "plan project=P001 channel=ZC2024 amount=50.01 people=10",
        "plan project=P001 channel=ZC2024 amount=50 people=10",
        "16 yuan",
        "项目 P001 通村公路 的筹资方案：10 人，每人每年最多 15.00 元（一事一议筹资筹劳的省级办法（旧文，各省限额不同，请以本省规定为准））；"
        "2024 年已有方案 100.00 元，本次 50.01 元，超出 0.01 元：请核减，或核对人数（--people）。",
    ),
    Limit(
        "household.labour",
        "allot project=P001 channel=TG2024 amount=1000\nlabour project=P001 channel=TG2024 days=15 rate=10\n",
        "labour project=P001 channel=TG2024 days=5.1 rate=10 labourers=2",
        "labour project=P001 channel=TG2024 days=5 rate=10 labourers=2",
        "11 workdays",
        "项目 P001 通村公路 的投工：2 个劳动力，每人每年最多 10 个工日（一事一议筹资筹劳的省级办法（旧文，各省限额不同，请以本省规定为准））；"
        "2024 年已投 15.0 个，本次 5.1 个：请核减，或核对劳动力数（--labourers）。",
    ),
    *(
        Limit(
            "payee.registered",
            story,
            f"{line} amount=10",
            f"{line} amount=9.99",
            "11 yuan",
            "本次付款 10.00 元：10 元以上须付给登记的收款人（县里的规定）。请先登记收款人，再写 --payee 编号。",
            ("payee.registered=10 yuan",),
        )
        for story, line in [*BILLED, *LATE]
    ),
    *(
        Limit(
            "invoice.needed",
            story,
            f"{line} amount=10",
            f"{line} amount=9.99",
            "11 yuan",
            "本次付款 10.00 元：10 元以上须有发票（县里的规定）。请先登记发票（earmark invoice add），再写 --invoice 号码。",
            ("invoice.needed=10 yuan",),
        )
        for story, line in BILLED
    ),
]
EACH = pytest.mark.parametrize("limit", LIMITS, ids=lambda each: f"{each.key} {each.verb}")


def lead(clerk: Any, lines: str) -> None:
    """Seal what is written line by line; how a contract was bought is recorded."""
    for line in filter(str.strip, lines.splitlines()):
        verb, typed = read_line(line)
        if verb == procurement.KIND:
            procure(clerk, **typed)
        else:
            clerk.do(verb, **typed)


def procure(clerk: Any, contract: str, *, on: str = "2024-03-01", **said: Any) -> str:
    with clerk.workspace.write(book="SF") as unit:
        day = date.fromisoformat(on)
        made = procurement.record(unit, "SF", contract, on=day, **{"by": "zhang"} | said)
        unit.commit()
    return made.label


def begin(clerk: Any, limit: Limit) -> None:
    """Play what comes before; a story that needs nothing of its own is played once and copied."""
    if "deposit" in limit.story:
        with clerk.workspace.write() as unit:
            channels.add_channel(unit, "DB2024", name="施工保证金", source="deposit")
            register.add_bank(unit, "SF", "B02", name="保证金专户", kind="dedicated", channels=["DB2024"])
            unit.commit()
    if limit.county or procurement.KIND in limit.story:
        clerk.county(*limit.county)
        lead(clerk, limit.story)
    else:
        clerk.begin(limit.story)


def refused(clerk: Any, line: str) -> str:
    with pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    return explain(caught.value, "zh")


def test_every_number_that_refuses_is_tested_with_every_verb_that_it_binds() -> None:
    assert {(each.key, each.verb) for each in LIMITS} == {
        (key, verb) for key, verbs in binding_verbs().items() for verb in verbs
    }


@EACH
def test_a_number_lets_pass_what_is_just_within_it(clerk: Any, limit: Limit) -> None:
    begin(clerk, limit)
    lead(clerk, limit.passes)


@EACH
def test_a_number_refuses_what_is_above_it_until_the_day_of_a_county_s_own(clerk: Any, limit: Limit) -> None:
    begin(clerk, limit)
    *before, line = limit.refused.splitlines()
    lead(clerk, "\n".join(before))
    assert refused(clerk, line) == limit.message
    clerk.county(f"{limit.key}={limit.looser}", start="2024-03-02")
    assert refused(clerk, line) == limit.message
    clerk.day = "2024-03-02"
    clerk.seal(clerk.try_draft(line)["draft"])


def test_a_stated_term_of_the_retention_comes_before_the_policy_s(clerk: Any) -> None:
    lead(clerk, ACCEPTED.replace("quantity=3.5", "quantity=3.5 warranty_until=2024-03-01"))
    lead(clerk, "release project=P001")


def test_a_retention_without_acceptance_still_has_to_be_dated(clerk: Any) -> None:
    lead(clerk, ACCEPTED.replace("accept project=P001 quantity=3.5\n", ""))
    assert "没有写明质保期何时届满" in refused(clerk, "release project=P001")


def test_an_advance_that_came_back_may_be_paid_again_and_an_offset_one_not(clerk: Any) -> None:
    lead(clerk, f"{WORKS}\nadvance contract=P001C01 amount=300\nrefund-advance contract=P001C01 amount=100")
    lead(clerk, "advance contract=P001C01 amount=100\ncertify contract=P001C01 amount=500")
    assert "已预付 300.00 元" in refused(clerk, "advance contract=P001C01 amount=0.01")


def test_an_advance_that_was_reversed_or_waits_counts_as_it_stands(clerk: Any) -> None:
    lead(clerk, WORKS)
    number = clerk.do("advance", contract="P001C01", amount="300")
    clerk.do("reverse", voucher=number, reason="错记")
    label = clerk.try_draft("advance contract=P001C01 amount=300")["draft"]
    with pytest.raises(HeldByDrafts) as caught:
        clerk.try_draft("advance contract=P001C01 amount=0.01")
    assert caught.value.facts["drafts"] == (label,)
    assert caught.value.facts["because"].code == "advance-over-share"


def test_after_acceptance_all_that_is_owed_is_paid(clerk: Any) -> None:
    clerk.county("progress.least=50 percent", "progress.most=50 percent")
    lead(clerk, f"{CERTIFIED}\naccept project=P001 quantity=3.5\npay contract=P001C01")


def test_what_an_audit_cut_is_no_longer_certified(clerk: Any) -> None:
    clerk.county("progress.most=80 percent")
    lead(clerk, f"{CERTIFIED}\ncut contract=P001C01 amount=100 number=审1号")
    assert "已计量 400.00 元" in refused(clerk, "pay contract=P001C01 amount=320.01")
    lead(clerk, "pay contract=P001C01 amount=320")


def test_goods_under_a_contract_are_no_small_purchase(clerk: Any) -> None:
    lead(clerk, f"{RICH}\ncontract contract=P001C01 parts=JT2024=5000")
    lead(clerk, "inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=50 amount=25000 contract=P001C01")


def test_what_comes_in_cash_on_one_day_may_be_any_sum(clerk: Any) -> None:
    lead(clerk, "plan project=P001 channel=ZC2024 amount=30000\n")
    lead(clerk, "receive project=P001 channel=ZC2024 amount=9000 cash\n" * 3)


def test_a_fee_is_named_and_spending_of_another_kind_is_none(clerk: Any) -> None:
    lead(clerk, RICH)
    shown = clerk.try_draft("spend project=P001 channel=JT2024 amount=300 fee")
    assert (shown["narration"], shown["payee"], shown["facts"]) == ("管理费", "管理单位", {"fee": "management"})
    assert "fee" not in clerk.try_draft("spend project=P001 channel=JT2024 amount=301")["facts"]
    with pytest.raises(Refusal) as caught:
        clerk.try_draft("aid project=P001 channel=JT2024 amount=1 fee")
    assert caught.value.code == "field-unknown"


def test_a_cap_a_head_is_of_its_year_and_less_what_was_waived(clerk: Any) -> None:
    lead(clerk, "plan project=P001 channel=ZC2024 amount=150 people=10\nwaive project=P001 amount=50")
    lead(clerk, "plan project=P001 channel=ZC2024 amount=50 people=10")
    assert "已有方案 150.00 元" in refused(clerk, "plan project=P001 channel=ZC2024 amount=0.01 people=10")
    lead(clerk, "plan project=P001 channel=ZC2024 amount=150 people=10 date=2025-01-01")


def test_without_a_number_of_heads_nobody_is_judged(clerk: Any) -> None:
    lead(clerk, "plan project=P001 channel=ZC2024 amount=650000\nallot project=P001 channel=TG2024 amount=30000")
    lead(clerk, "labour project=P001 channel=TG2024 days=3000 rate=10")


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "十"])
def test_heads_are_a_whole_number(clerk: Any, typed: str) -> None:
    with pytest.raises(Refusal) as caught:
        clerk.try_draft(f"plan project=P001 channel=ZC2024 amount=1 people={typed}")
    assert caught.value.code == "quantity-unreadable"

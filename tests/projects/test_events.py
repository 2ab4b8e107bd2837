"""Every verb of the clerk makes the entry of the design, and every refusal says why, in the clerk's language."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import pytest

from ledger import channels, register
from ledger.errors import (
    AlreadyThere,
    AmountNegative,
    AmountTooFine,
    AmountTooLarge,
    AmountUnreadable,
    AmountZero,
    BankKindUnfit,
    BelowFloor,
    ChannelNotInBank,
    ChannelNotInBudget,
    CodeUnfit,
    DateUnreadable,
    LeansOn,
    PercentUnreadable,
    QuantityUnreadable,
    Refusal,
    TextMissing,
    TextUnprintable,
    Unknown,
    VoucherUnknown,
)
from ledger.messages import explain
from projects import budgets, contracts, entries, goods, payments, receipts, requests, works
from projects.errors import (
    AdvanceOverContract,
    BankAmbiguous,
    BankMissing,
    BookMissing,
    CashShort,
    ChannelNotInContract,
    ContractOfOther,
    ContractThere,
    FieldUnknown,
    LotUnknown,
    NothingLeft,
    ObservationUnreadable,
    OffsetUnfit,
    OverContract,
    OverOwed,
    PartsDiffer,
    PartsMissing,
    PartTwice,
    PartUnreadable,
    ReasonMissing,
    ReceiptOverAllotted,
    RetentionOverCap,
    SourceUnfit,
)

Unchanged = Callable[[], AbstractContextManager[None]]

# The road P001 and the clinic P002: what was allotted, and what of it has arrived.
FUNDED = """
allot project=P001 channel=JT2024 amount=1000
allot project=P001 channel=JZ2024 amount=500
plan project=P001 channel=ZC2024 amount=300
allot project=P001 channel=SN2024 amount=400
allot project=P001 channel=TG2024 amount=200
allot project=P002 channel=JZ2024 amount=500
allot project=P002 channel=WS2024 amount=1000
receive project=P001 channel=JT2024 amount=600
receive project=P001 channel=JZ2024 amount=200
receive project=P002 channel=JZ2024 amount=300
receive project=P002 channel=WS2024 amount=400
opening project=P000 lines=own_bank:B00=CJ2024:50
"""
CASH = f"""{FUNDED}
receive project=P001 channel=ZC2024 amount=200 cash
"""
STORED = f"""{FUNDED}
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=100
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=20 amount=250
"""
CONTRACTED = f"""{FUNDED}
contract contract=P001C01 parts=JT2024=600,JZ2024=400 party=施工单位
contract contract=P002C01 parts=WS2024=800,JZ2024=200 party=卫生室施工队
"""
ADVANCED = f"""{CONTRACTED}
advance contract=P001C01 percent=10%
"""
CERTIFIED = f"""{ADVANCED}
certify contract=P001C01 amount=500
certify contract=P002C01 amount=500
"""
PAID = f"""{CERTIFIED}
pay contract=P001C01 partial
"""
ACCEPTED = f"""{CONTRACTED}
certify contract=P001C01 amount=1000 no_retention
accept project=P001 quantity=3.5
"""
BUDGETED = f"""{FUNDED}
allot project=P001 channel=JL2024 amount=1000
contract contract=P001C02 parts=JL2024=500
certify contract=P001C02 amount=100 no_retention
"""
NOROOM = f"""{FUNDED}
contract contract=P001C03 parts=JT2024=100
advance contract=P001C03 percent=100%
"""

ENTRIES = [
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=880000 number=交财〔2024〕7号",
        """
        Equity:B0-下达:P001-通村公路 -880000.00 JT2024.B
        Equity:B1-可用预算:P001-通村公路 880000.00 JT2024.B
        """,
        id="allotment",
    ),
    pytest.param(
        FUNDED,
        "plan project=P001 channel=ZC2024 amount=650000",
        """
        Assets:113-内部往来:P001-农户筹资 650000.00 ZC2024
        Liabilities:231-一事一议资金:P001-通村公路 -650000.00 ZC2024
        Equity:B0-下达:P001-通村公路 -650000.00 ZC2024.B
        Equity:B1-可用预算:P001-通村公路 650000.00 ZC2024.B
        """,
        id="plan of the households",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=ZC2024 amount=300 cash",
        """
        Assets:101-库存现金:P001 300.00 ZC2024
        Assets:113-内部往来:P001-农户筹资 -300.00 ZC2024
        """,
        id="household pays in cash",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=ZC2024 amount=300",
        """
        Assets:102-银行存款:B01-农商行专户:P001 300.00 ZC2024
        Assets:113-内部往来:P001-农户筹资 -300.00 ZC2024
        """,
        id="household pays into the bank",
    ),
    pytest.param(
        CASH,
        "receive project=P001 channel=ZC2024 amount=120.50 from_cash",
        """
        Assets:102-银行存款:B01-农商行专户:P001 120.50 ZC2024
        Assets:101-库存现金:P001 -120.50 ZC2024
        """,
        id="cash is banked",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JT2024 amount=400",
        """
        Assets:102-银行存款:B01-农商行专户:P001 400.00 JT2024
        Liabilities:241-专项应付款:P001-通村公路 -400.00 JT2024
        """,
        id="receipt from above",
    ),
    pytest.param(
        FUNDED,
        "receive project=P002 channel=JZ2024 amount=200",
        """
        Assets:102-银行存款:B01-农商行专户:P002 200.00 JZ2024
        Liabilities:241-专项应付款:P002-村卫生室 -200.00 JZ2024
        """,
        id="receipt from a donor",
    ),
    pytest.param(
        ACCEPTED,
        "receive project=P001 channel=JZ2024 amount=250",
        """
        Assets:102-银行存款:B01-农商行专户:P001 250.00 JZ2024
        Liabilities:241-专项应付款:P001-通村公路 -250.00 JZ2024
        Liabilities:241-专项应付款:P001-通村公路 200.00 JZ2024
        Equity:311-公积公益金:P001-通村公路 -200.00 JZ2024
        """,
        id="receipt after acceptance, as far as the asset cost",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=CJ2024 amount=50",
        """
        Assets:102-银行存款:B01-农商行专户:P001 50.00 CJ2024
        Assets:102-银行存款:B00-村基本户 -50.00 CJ2024
        Equity:B0-下达:P001-通村公路 -50.00 CJ2024.B
        Equity:B1-可用预算:P001-通村公路 50.00 CJ2024.B
        """,
        id="own money is moved in with its budget",
    ),
    pytest.param(
        FUNDED,
        "contract contract=P001C01 parts=JT2024=600,JZ2024=400 name=路面硬化",
        """
        Equity:B1-可用预算:P001-通村公路 -600.00 JT2024.B
        Equity:B2-合同占用:P001C01 600.00 JT2024.B
        Equity:B1-可用预算:P001-通村公路 -400.00 JZ2024.B
        Equity:B2-合同占用:P001C01 400.00 JZ2024.B
        """,
        id="contract",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 percent=10%",
        """
        Assets:112-应收款:P001C01-预付款 60.00 JT2024
        Assets:102-银行存款:B01-农商行专户:P001 -60.00 JT2024
        Equity:B2-合同占用:P001C01 -60.00 JT2024.B
        Equity:B2A-预付占用:P001C01 60.00 JT2024.B
        Assets:112-应收款:P001C01-预付款 40.00 JZ2024
        Assets:102-银行存款:B01-农商行专户:P001 -40.00 JZ2024
        Equity:B2-合同占用:P001C01 -40.00 JZ2024.B
        Equity:B2A-预付占用:P001C01 40.00 JZ2024.B
        """,
        id="advance by share",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 parts=JT2024=0.01",
        """
        Assets:112-应收款:P001C01-预付款 0.01 JT2024
        Assets:102-银行存款:B01-农商行专户:P001 -0.01 JT2024
        Equity:B2-合同占用:P001C01 -0.01 JT2024.B
        Equity:B2A-预付占用:P001C01 0.01 JT2024.B
        """,
        id="advance by parts",
    ),
    pytest.param(
        CONTRACTED,
        "certify contract=P001C01 amount=333.33",
        """
        Assets:153-在建工程:P001-通村公路 200.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 -194.01 JT2024
        Liabilities:211-应付款:P001C01-质保金 -5.99 JT2024
        Equity:B2-合同占用:P001C01 -200.00 JT2024.B
        Equity:B3-已列支:P001-通村公路 200.00 JT2024.B
        Assets:153-在建工程:P001-通村公路 133.33 JZ2024
        Liabilities:211-应付款:P001C01-进度款 -129.33 JZ2024
        Liabilities:211-应付款:P001C01-质保金 -4.00 JZ2024
        Equity:B2-合同占用:P001C01 -133.33 JZ2024.B
        Equity:B3-已列支:P001-通村公路 133.33 JZ2024.B
        """,
        id="certificate without advance",
    ),
    pytest.param(
        ADVANCED,
        "certify contract=P001C01 amount=500",
        """
        Assets:153-在建工程:P001-通村公路 300.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 -261.00 JT2024
        Liabilities:211-应付款:P001C01-质保金 -9.00 JT2024
        Assets:112-应收款:P001C01-预付款 -30.00 JT2024
        Equity:B2-合同占用:P001C01 -270.00 JT2024.B
        Equity:B2A-预付占用:P001C01 -30.00 JT2024.B
        Equity:B3-已列支:P001-通村公路 300.00 JT2024.B
        Assets:153-在建工程:P001-通村公路 200.00 JZ2024
        Liabilities:211-应付款:P001C01-进度款 -174.00 JZ2024
        Liabilities:211-应付款:P001C01-质保金 -6.00 JZ2024
        Assets:112-应收款:P001C01-预付款 -20.00 JZ2024
        Equity:B2-合同占用:P001C01 -180.00 JZ2024.B
        Equity:B2A-预付占用:P001C01 -20.00 JZ2024.B
        Equity:B3-已列支:P001-通村公路 200.00 JZ2024.B
        """,
        id="certificate with retention and offset",
    ),
    pytest.param(
        ADVANCED,
        "certify contract=P001C01 parts=JZ2024=100 reason=按分项 no_retention",
        """
        Assets:153-在建工程:P001-通村公路 100.00 JZ2024
        Liabilities:211-应付款:P001C01-进度款 -90.00 JZ2024
        Assets:112-应收款:P001C01-预付款 -10.00 JZ2024
        Equity:B2-合同占用:P001C01 -90.00 JZ2024.B
        Equity:B2A-预付占用:P001C01 -10.00 JZ2024.B
        Equity:B3-已列支:P001-通村公路 100.00 JZ2024.B
        """,
        id="certificate by parts for a reason",
    ),
    pytest.param(
        ADVANCED,
        "certify contract=P001C01 amount=1000",
        """
        Assets:153-在建工程:P001-通村公路 600.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 -522.00 JT2024
        Liabilities:211-应付款:P001C01-质保金 -18.00 JT2024
        Assets:112-应收款:P001C01-预付款 -60.00 JT2024
        Equity:B2-合同占用:P001C01 -540.00 JT2024.B
        Equity:B2A-预付占用:P001C01 -60.00 JT2024.B
        Equity:B3-已列支:P001-通村公路 600.00 JT2024.B
        Assets:153-在建工程:P001-通村公路 400.00 JZ2024
        Liabilities:211-应付款:P001C01-进度款 -348.00 JZ2024
        Liabilities:211-应付款:P001C01-质保金 -12.00 JZ2024
        Assets:112-应收款:P001C01-预付款 -40.00 JZ2024
        Equity:B2-合同占用:P001C01 -360.00 JZ2024.B
        Equity:B2A-预付占用:P001C01 -40.00 JZ2024.B
        Equity:B3-已列支:P001-通村公路 400.00 JZ2024.B
        """,
        id="last certificate takes the whole advance",
    ),
    pytest.param(
        ADVANCED,
        "certify contract=P001C01 amount=500 offset=60 retention=1%",
        """
        Assets:153-在建工程:P001-通村公路 300.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 -261.00 JT2024
        Liabilities:211-应付款:P001C01-质保金 -3.00 JT2024
        Assets:112-应收款:P001C01-预付款 -36.00 JT2024
        Equity:B2-合同占用:P001C01 -264.00 JT2024.B
        Equity:B2A-预付占用:P001C01 -36.00 JT2024.B
        Equity:B3-已列支:P001-通村公路 300.00 JT2024.B
        Assets:153-在建工程:P001-通村公路 200.00 JZ2024
        Liabilities:211-应付款:P001C01-进度款 -174.00 JZ2024
        Liabilities:211-应付款:P001C01-质保金 -2.00 JZ2024
        Assets:112-应收款:P001C01-预付款 -24.00 JZ2024
        Equity:B2-合同占用:P001C01 -176.00 JZ2024.B
        Equity:B2A-预付占用:P001C01 -24.00 JZ2024.B
        Equity:B3-已列支:P001-通村公路 200.00 JZ2024.B
        """,
        id="certificate with an offset of its own",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 parts=JT2024=261",
        """
        Liabilities:211-应付款:P001C01-进度款 261.00 JT2024
        Assets:102-银行存款:B01-农商行专户:P001 -261.00 JT2024
        """,
        id="payment by parts",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 channel=JZ2024 amount=100",
        """
        Liabilities:211-应付款:P001C01-进度款 100.00 JZ2024
        Assets:102-银行存款:B01-农商行专户:P001 -100.00 JZ2024
        """,
        id="payment of one channel",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 amount=100",
        """
        Liabilities:211-应付款:P001C01-进度款 60.00 JT2024
        Assets:102-银行存款:B01-农商行专户:P001 -60.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 40.00 JZ2024
        Assets:102-银行存款:B01-农商行专户:P001 -40.00 JZ2024
        """,
        id="payment split by what each channel owes",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 partial",
        """
        Liabilities:211-应付款:P001C01-进度款 261.00 JT2024
        Assets:102-银行存款:B01-农商行专户:P001 -261.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 160.00 JZ2024
        Assets:102-银行存款:B01-农商行专户:P001 -160.00 JZ2024
        """,
        id="payment as far as each channel's cash goes",
    ),
    pytest.param(
        FUNDED,
        "inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=30 amount=120",
        """
        Assets:121-库存物资:P001-水泥 120.00 SN2024
        Liabilities:241-专项应付款:P001-通村公路 -120.00 SN2024
        Assets:121-库存物资:P001-水泥 30.000 CEMENT
        Equity:Q0-实物数量 -30.000 CEMENT
        Equity:B1-可用预算:P001-通村公路 -120.00 SN2024.B
        Equity:B2S-库存占用:P001 120.00 SN2024.B
        """,
        id="goods received",
    ),
    pytest.param(
        STORED,
        "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=7 lot=S2",
        """
        Assets:153-在建工程:P001-通村公路 87.50 SN2024
        Assets:121-库存物资:P001-水泥 -87.50 SN2024
        Assets:121-库存物资:P001-水泥 -7.000 CEMENT
        Equity:Q0-实物数量 7.000 CEMENT
        Equity:B2S-库存占用:P001 -87.50 SN2024.B
        Equity:B3-已列支:P001-通村公路 87.50 SN2024.B
        """,
        id="goods issued at the value of their lot",
    ),
    pytest.param(
        STORED,
        "inkind-return project=P001 channel=SN2024 good=CEMENT quantity=20 lot=S2",
        """
        Liabilities:241-专项应付款:P001-通村公路 250.00 SN2024
        Assets:121-库存物资:P001-水泥 -250.00 SN2024
        Assets:121-库存物资:P001-水泥 -20.000 CEMENT
        Equity:Q0-实物数量 20.000 CEMENT
        Equity:B2S-库存占用:P001 -250.00 SN2024.B
        Equity:B0-下达:P001-通村公路 250.00 SN2024.B
        """,
        id="goods returned at the value of their lot",
    ),
    pytest.param(
        FUNDED,
        "labour project=P001 channel=TG2024 days=1.5 rate=100",
        """
        Assets:153-在建工程:P001-通村公路 150.00 TG2024
        Equity:311-公积公益金:P001-通村公路 -150.00 TG2024
        Equity:B1-可用预算:P001-通村公路 -150.00 TG2024.B
        Equity:B3-已列支:P001-通村公路 150.00 TG2024.B
        """,
        id="labour",
    ),
    pytest.param(
        CERTIFIED,
        "accept project=P001 quantity=3.5 observe=paved-road=3500/3500",
        """
        Assets:151-固定资产:P001-通村公路 300.00 JT2024
        Assets:153-在建工程:P001-通村公路 -300.00 JT2024
        Liabilities:241-专项应付款:P001-通村公路 300.00 JT2024
        Equity:311-公积公益金:P001-通村公路 -300.00 JT2024
        Assets:151-固定资产:P001-通村公路 200.00 JZ2024
        Assets:153-在建工程:P001-通村公路 -200.00 JZ2024
        Liabilities:241-专项应付款:P001-通村公路 200.00 JZ2024
        Equity:311-公积公益金:P001-通村公路 -200.00 JZ2024
        """,
        id="acceptance, the fund as far as money has come",
    ),
    pytest.param(
        CERTIFIED,
        "reverse voucher=V2024-03-0016 reason=重复",
        """
        Assets:153-在建工程:P001-通村公路 -300.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 261.00 JT2024
        Liabilities:211-应付款:P001C01-质保金 9.00 JT2024
        Assets:112-应收款:P001C01-预付款 30.00 JT2024
        Equity:B2-合同占用:P001C01 270.00 JT2024.B
        Equity:B2A-预付占用:P001C01 30.00 JT2024.B
        Equity:B3-已列支:P001-通村公路 -300.00 JT2024.B
        Assets:153-在建工程:P001-通村公路 -200.00 JZ2024
        Liabilities:211-应付款:P001C01-进度款 174.00 JZ2024
        Liabilities:211-应付款:P001C01-质保金 6.00 JZ2024
        Assets:112-应收款:P001C01-预付款 20.00 JZ2024
        Equity:B2-合同占用:P001C01 180.00 JZ2024.B
        Equity:B2A-预付占用:P001C01 20.00 JZ2024.B
        Equity:B3-已列支:P001-通村公路 -200.00 JZ2024.B
        """,
        id="reversal",
    ),
]


@pytest.mark.parametrize("before, line, entry", ENTRIES)
def test_an_event_makes_exactly_its_entry(before: str, line: str, entry: str, clerk: Any) -> None:
    clerk.begin(before)
    assert clerk.entry(clerk.seal(clerk.try_draft(line)["draft"])) == textwrap.dedent(entry).strip()


def test_a_draft_shows_the_entry_that_its_seal_makes(clerk: Any) -> None:
    clerk.begin(CONTRACTED)
    shown = clerk.try_draft("advance contract=P001C01 percent=10%")
    number = clerk.seal(shown["draft"])
    assert [(each["account"], each["commodity"], each["amount"]) for each in shown["postings"]] == clerk.sql(
        "SELECT p.account, p.commodity, p.amount FROM posting p JOIN voucher v USING (book, seq) "
        "WHERE v.number = ? ORDER BY p.line",
        number,
    )


WORDS = [
    (
        FUNDED,
        "allot project=P001 channel=JT2024 amount=1 number=交财〔2024〕7号",
        "交通部门专项补助",
        "下达指标 交财〔2024〕7号",
    ),
    (FUNDED, "allot project=P001 channel=JT2024 amount=1", "交通部门专项补助", "下达指标"),
    (FUNDED, "plan project=P001 channel=ZC2024 amount=1", "村民会议", "一事一议筹资方案通过"),
    (FUNDED, "receive project=P001 channel=ZC2024 amount=1 cash", "受益农户", "收筹资款（现金）"),
    (FUNDED, "receive project=P001 channel=ZC2024 amount=1", "受益农户", "收筹资款（转账）"),
    (CASH, "receive project=P001 channel=ZC2024 amount=1 from_cash", "开户银行", "现金缴存专户"),
    (FUNDED, "receive project=P001 channel=CJ2024 amount=1", "村集体", "自有资金列入预算并转入专户"),
    (CONTRACTED, "advance contract=P001C01 percent=10%", "施工单位", "预付款 P001C01"),
    (CONTRACTED, "certify contract=P001C01 amount=100", "施工单位", "计量第 1 期 100.00 元，扣质保金 3.00 元"),
    (CERTIFIED, "certify contract=P001C01 amount=100", "施工单位", "计量第 2 期 100.00 元，扣质保金 3.00 元"),
    (CERTIFIED, "certify contract=P002C01 amount=100", "卫生室施工队", "计量第 2 期 100.00 元，扣质保金 3.00 元"),
    (CERTIFIED, "pay contract=P001C01 partial", "施工单位", "支付进度款 P001C01"),
    (FUNDED, "labour project=P001 channel=TG2024 days=1.5 rate=100", "投工村民", "投工 1.5 工日 × 100.00 元"),
    (CERTIFIED, "accept project=P001 quantity=3.50", "村民委员会", "验收合格，转固定资产 3.5 km"),
    (CERTIFIED, "accept project=P002 quantity=100", "村民委员会", "验收合格，转固定资产 100 所"),
    (FUNDED, "allot project=P001 channel=JT2024 amount=1 party=县交通局 note=第一批", "县交通局", "第一批"),
    (FUNDED, "plan project=P001 channel=ZC2024 amount=1 party=蒲君君 person", "蒲某某", "一事一议筹资方案通过"),
]


@pytest.mark.parametrize("before, line, payee, narration", WORDS, ids=[row[1] for row in WORDS])
def test_a_voucher_names_the_other_party_and_the_matter(
    before: str, line: str, payee: str, narration: str, clerk: Any
) -> None:
    clerk.begin(before)
    number = clerk.seal(clerk.try_draft(line)["draft"])
    assert clerk.sql("SELECT payee, narration FROM voucher WHERE number = ?", number) == [(payee, narration)]


def test_an_advance_by_share_goes_by_what_is_left_of_the_contract(clerk: Any) -> None:
    clerk.begin(CERTIFIED)
    shown = clerk.try_draft("advance contract=P001C01 percent=10%")
    assert sum(each["amount"] for each in shown["postings"] if ":112-" in each["account"]) == 45_00


def test_a_share_and_a_sum_that_contradict_each_other_are_refused(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(CONTRACTED)
    with unchanged(), pytest.raises(Refusal):
        clerk.try_draft("advance contract=P001C01 amount=1 percent=10%")


def test_cash_is_either_paid_in_or_banked(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(CASH)
    with unchanged(), pytest.raises(Refusal):
        clerk.try_draft("receive project=P001 channel=ZC2024 amount=1 cash from_cash")


# Lots.


def test_the_last_of_a_lot_takes_its_last_fen(clerk: Any) -> None:
    clerk.play("""
        allot project=P001 channel=SN2024 amount=100
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=3 amount=100
    """)
    values = []
    for _ in range(3):
        shown = clerk.try_draft("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1")
        values += [each["amount"] for each in shown["postings"] if ":153-" in each["account"]]
        clerk.seal(shown["draft"])
    assert values == [33_33, 33_34, 33_33]
    assert [key for key in clerk.balances() if "121-" in key[0]] == []


def test_each_lot_gets_a_name_of_its_own(clerk: Any) -> None:
    """Also when a draft of an earlier name was dropped, or the clerk named a lot like that himself."""
    clerk.play("allot project=P001 channel=SN2024 amount=400")
    receive = "inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=1"
    drafts = [clerk.try_draft(receive) for _ in range(2)]
    clerk.at("zhang").drop(drafts[0]["draft"])
    clerk.seal(drafts[1]["draft"])
    named = clerk.try_draft(f"{receive} lot=S3")
    names = [drafts[1]["facts"]["lot"], named["facts"]["lot"], clerk.try_draft(receive)["facts"]["lot"]]
    assert len(set(names)) == 3


def test_a_lot_that_is_there_does_not_take_goods_of_another_price(clerk: Any, unchanged: Unchanged) -> None:
    """A lot is what makes a tonne traceable to the fen: two prices in one lot are an average."""
    clerk.begin(STORED)
    with unchanged(), pytest.raises(Refusal):
        clerk.try_draft("inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=40 lot=S1")


def test_goods_of_one_channel_do_not_leave_the_lot_of_another(clerk: Any, unchanged: Unchanged) -> None:
    def add(unit: Any) -> None:
        channels.add_channel(unit, "SN2025", name="第二年实物补助", source="in_kind")
        register.add_budget_line(unit, "SF", "P001", "SN2025", 100)

    _register(clerk, add)
    clerk.play("""
        allot project=P001 channel=SN2024 amount=400
        allot project=P001 channel=SN2025 amount=400
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=100 lot=A
        inkind-receive project=P001 channel=SN2025 good=CEMENT quantity=20 amount=250 lot=B
    """)
    with unchanged(), pytest.raises(LotUnknown):
        clerk.try_draft("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=5 lot=B")
    clerk.play("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=10")
    clerk.play("inkind-issue project=P001 channel=SN2025 good=CEMENT quantity=20")
    assert clerk.balances()["Assets:153-在建工程:P001-通村公路", "SN2025"] == 250_00


def test_lots_of_two_channels_may_have_the_same_name(clerk: Any) -> None:
    def add(unit: Any) -> None:
        channels.add_channel(unit, "SN2025", name="第二年实物补助", source="in_kind")
        register.add_budget_line(unit, "SF", "P001", "SN2025", 100)

    _register(clerk, add)
    clerk.play("""
        allot project=P001 channel=SN2024 amount=400
        allot project=P001 channel=SN2025 amount=400
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=100 lot=A
        inkind-receive project=P001 channel=SN2025 good=CEMENT quantity=20 amount=250 lot=A
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=5 lot=A
    """)
    assert clerk.balances()["Assets:153-在建工程:P001-通村公路", "SN2024"] == 50_00


# Refusals.

REFUSALS = [
    # allot
    pytest.param(
        FUNDED,
        "allot project=P001 channel=ZC2024 amount=1",
        SourceUnfit,
        "渠道 ZC2024 农户自筹 的来源是 households，不下达指标：农户筹资用 earmark plan，村集体自有资金用 "
        "earmark receive 转入。",
        id="households are not allotted",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=CJ2024 amount=1",
        SourceUnfit,
        "渠道 CJ2024 村集体自有资金 的来源是 collective，不下达指标：农户筹资用 earmark plan，"
        "村集体自有资金用 earmark receive 转入。",
        id="own money is not allotted",
    ),
    pytest.param(
        FUNDED,
        "allot project=P009 channel=JT2024 amount=1",
        Unknown,
        "专账 SF 没有项目“P009”：请用 earmark project list 查看，或先登记（earmark project add）。",
        id="unknown project",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=XX2024 amount=1",
        Unknown,
        "没有登记资金渠道“XX2024”：请用 earmark channel list 查看，或先登记（earmark channel add）。",
        id="unknown channel",
    ),
    pytest.param(
        FUNDED,
        "allot project=P002 channel=JT2024 amount=1",
        ChannelNotInBudget,
        "项目 P002 村卫生室 的预算里没有渠道 JT2024 交通部门专项补助（只有：WS2024 卫生部门专项补助、JZ2024 "
        "定向社会捐资、CJ2024 村集体自有资金）：专款专用，请改用预算内的渠道，或先把该渠道列入预算（earmark "
        "project budget）。",
        id="the road's channel for the clinic",
    ),
    pytest.param(
        FUNDED,
        "allot project=1 channel=JT2024 amount=1",
        CodeUnfit,
        "项目编号“1”不合要求：请用 P 加三位以上数字，例如 P001。",
        id="project code",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=交通 amount=1",
        CodeUnfit,
        "渠道编号“交通”不合要求：请用大写字母开头、大写字母和数字组成的 2 至 20 位编号，例如 JT2024。",
        id="channel code",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=一千",
        AmountUnreadable,
        "金额“一千”看不懂：请写数字，例如 1200、1,200.50 或 88万元。",
        id="amount in words",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=-1",
        AmountNegative,
        "金额“-1”是负数：金额一律为正；要冲回已记账的凭证，请用红冲（earmark reverse）。",
        id="negative amount",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=0",
        AmountZero,
        "金额“0”为零：每个事项都要有金额。",
        id="amount of zero",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=0.001",
        AmountTooFine,
        "金额“0.001”小于一分：账上只记到分，请核对原件，系统不做四舍五入。",
        id="tenth of a fen",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=99999999999万元",
        AmountTooLarge,
        "金额“99999999999万元”太大：单笔不超过 999,999,999,999.99 元，请核对单位（元、万元）。",
        id="amount too large",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=1 date=2024-02-30",
        DateUnreadable,
        "日期“2024-02-30”不存在或看不懂：请按 年-月-日 书写，例如 2024-05-20。",
        id="no such day",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=1 lot=S1",
        FieldUnknown,
        "这张草稿没有“lot”这一项：可改的有 date、party、person、note、project、channel、amount、number。",
        id="another event's fact",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024",
        TextMissing,
        "缺少 amount：请补填后再试。",
        id="fact left out",
    ),
    pytest.param(
        FUNDED,
        "allot project=P001 channel=JT2024 amount=1 note=a\x07b",
        TextUnprintable,
        "note 的第 2 个字符（U+0007）不能入账：文字里不能有换行、控制符或方向符，且不超过 400 字。",
        id="control character",
    ),
    # plan
    pytest.param(
        FUNDED,
        "plan project=P001 channel=JT2024 amount=1",
        SourceUnfit,
        "渠道 JT2024 交通部门专项补助 的来源是 department，不是农户筹资：上级或捐赠资金请用 earmark allot。",
        id="only households plan",
    ),
    # receive
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JT2024 amount=400.01",
        ReceiptOverAllotted,
        "项目 P001 通村公路 的渠道 JT2024 交通部门专项补助 已下达 1,000.00 元、已到账 600.00 元，本次 400.01 "
        "元，超出下达数 0.01 元：请核对，或先登记追加指标（earmark allot P001 JT2024 …）。",
        id="more than allotted",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JL2024 amount=1",
        ReceiptOverAllotted,
        "项目 P001 通村公路 的渠道 JL2024 以奖代补 已下达 0.00 元、已到账 0.00 元，本次 1.00 元，超出下达数 "
        "1.00 元：请核对，或先登记追加指标（earmark allot P001 JL2024 …）。",
        id="never allotted",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=WS2024 amount=1",
        ChannelNotInBudget,
        "项目 P001 通村公路 的预算里没有渠道 WS2024 卫生部门专项补助（只有：JT2024 交通部门专项补助、ZC2024 "
        "农户自筹、JZ2024 定向社会捐资、SN2024 农业部门实物补助、TG2024 投工投劳折资、JL2024 以奖代补、"
        "CJ2024 村集体自有资金）：专款专用，请改用预算内的渠道，或先把该渠道列入预算（earmark project "
        "budget）。",
        id="not in the budget",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JT2024 amount=1 cash",
        SourceUnfit,
        "渠道 JT2024 交通部门专项补助 的来源是 department：只有农户筹资可以收现金，其他资金须直接进专户。",
        id="cash from above",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=SN2024 amount=1",
        SourceUnfit,
        "渠道 SN2024 农业部门实物补助 是实物，不会到账：请用 earmark inkind receive 入库。",
        id="goods are not money",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=TG2024 amount=1",
        SourceUnfit,
        "渠道 TG2024 投工投劳折资 的来源是 labour：投工投劳用 earmark labour 登记，并且只用劳务渠道。",
        id="labour is not money",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=ZC2024 amount=300.01",
        BelowFloor,
        "项目 P001 通村公路 的农户应缴筹资款（ZC2024 农户自筹）只剩 300.00 元，本次 300.01 元，多出 0.01 元："
        "请核对，或先登记追加筹资方案（earmark plan）。",
        id="households pay more than planned",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=ZC2024 amount=300.01 cash",
        BelowFloor,
        "项目 P001 通村公路 的农户应缴筹资款（ZC2024 农户自筹）只剩 300.00 元，本次 300.01 元，多出 0.01 元："
        "请核对，或先登记追加筹资方案（earmark plan）。",
        id="households pay more cash than planned",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=ZC2024 amount=1 from_cash",
        BelowFloor,
        "项目 P001 通村公路 的库存现金里，渠道 ZC2024 农户自筹 只有 0.00 元，本次 1.00 元，差 1.00 元："
        "请先登记收款，或核减金额。",
        id="more cash banked than there is",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=CJ2024 amount=50.01",
        BelowFloor,
        "村基本户 B00 里 CJ2024 村集体自有资金 只有 50.00 元，本次 50.01 元，差 0.01 元：请核减金额。",
        id="more own money than there is",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JT2024 amount=1 bank=B09",
        BankMissing,
        "专账 SF 没有账户“B09”：请用 earmark book show 查看。",
        id="unknown bank account",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JT2024 amount=1 bank=B00",
        BankKindUnfit,
        "账户 B00 村基本户 不是专户：专款须存专户，请换一个专户。",
        id="earmarked money in the basic account",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=CJ2024 amount=1 from_own=B01",
        BankKindUnfit,
        "账户 B01 农商行专户 不是村基本户：自有资金须从村基本户转出。",
        id="own money from a dedicated account",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=CJ2024 amount=1 from_own=B09",
        BankMissing,
        "专账 SF 没有账户“B09”：请用 earmark book show 查看。",
        id="own money from an unknown account",
    ),
    pytest.param(
        FUNDED,
        "receive project=P001 channel=JT2024 amount=1 bank=农商行",
        CodeUnfit,
        "账户编号“农商行”不合要求：请用 B 加两位以上数字，例如 B01。",
        id="bank code",
    ),
    # contract
    pytest.param(
        CONTRACTED,
        "contract contract=P001C01 parts=JT2024=1",
        ContractThere,
        "合同 P001C01 已经登记过了：请换一个编号。",
        id="contract twice",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P009C01 parts=JT2024=1",
        ContractOfOther,
        "合同编号 P009C01 以项目 P009 开头，但专账 SF 没有这个项目：合同编号请用“项目编号 + C + 序号”。",
        id="contract of no project",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P001C02 parts=100",
        PartUnreadable,
        "“100”看不懂：每个渠道的金额请写成 渠道=金额，例如 JT2024=860000。",
        id="part without channel",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P001C02 parts=JT2024=1,JT2024=2",
        PartTwice,
        "渠道 JT2024 写了两次：每个渠道只写一次。",
        id="channel twice",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P001C02 parts=JT2024=0",
        AmountZero,
        "金额“0”为零：每个事项都要有金额。",
        id="part of zero",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P001C02 parts=JT2024=400.01",
        BelowFloor,
        "项目 P001 通村公路 的渠道 JT2024 交通部门专项补助 可用预算 400.00 元，本次 400.01 元，超出 0.01 元："
        "请核减，或先登记追加指标（earmark allot P001 JT2024 …）。",
        id="contract over the budget",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P002C02 parts=JT2024=1",
        ChannelNotInBudget,
        "项目 P002 村卫生室 的预算里没有渠道 JT2024 交通部门专项补助（只有：WS2024 卫生部门专项补助、JZ2024 "
        "定向社会捐资、CJ2024 村集体自有资金）：专款专用，请改用预算内的渠道，或先把该渠道列入预算（earmark "
        "project budget）。",
        id="clinic's contract by the road's channel",
    ),
    pytest.param(
        CONTRACTED,
        "contract contract=P001 parts=JT2024=1",
        CodeUnfit,
        "合同编号“P001”不合要求：请用项目编号加 C 和两位以上数字，例如 P001C01。",
        id="contract code",
    ),
    # advance
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 amount=1000.01",
        AdvanceOverContract,
        "合同 P001C01 只剩 1,000.00 元，预付 1,000.01 元，超出 0.01 元：预付款不得超过合同余额，请核减。",
        id="advance over the contract",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 parts=JT2024=600.01",
        AdvanceOverContract,
        "合同 P001C01 JT2024 交通部门专项补助 只剩 600.00 元，预付 600.01 元，超出 0.01 元："
        "预付款不得超过合同余额，请核减。",
        id="advance over a channel's part",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 parts=ZC2024=10",
        ChannelNotInContract,
        "合同 P001C01 不由渠道 ZC2024 农户自筹 负担（只有：JT2024 交通部门专项补助、JZ2024 定向社会捐资）："
        "渠道不变、专款专用，请改用合同中的渠道。",
        id="advance from a channel that is not the contract's",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 amount=600",
        BelowFloor,
        "项目 P001 通村公路 在专户 B01 里，渠道 JZ2024 定向社会捐资 只有 200.00 元，本次 240.00 元，差 40.00 "
        "元：各渠道、各项目的款不得互相垫用，请等资金到账（earmark receive P001 JZ2024 …）或核减金额。",
        id="advance without cash",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 amount=20 parts=JT2024=10",
        PartsDiffer,
        "各渠道合计 10.00 元，与总额 20.00 元不符：请核对。",
        id="advance whose parts differ",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C01 percent=两成",
        PercentUnreadable,
        "比例“两成”看不懂：请写大于 0、不超过 100 的百分数，例如 20%。",
        id="share in words",
    ),
    pytest.param(
        CONTRACTED,
        "advance contract=P001C09 amount=1",
        Unknown,
        "专账 SF 没有合同“P001C09”：请用 earmark status 查看，或先登记（earmark contract）。",
        id="advance on an unknown contract",
    ),
    # certify
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 amount=500.01",
        OverContract,
        "合同 P001C01 只剩 500.00 元未计量，本次 500.01 元，超出 0.01 元：计量不得超过合同，请核减。",
        id="certified over the contract",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 parts=JT2024=300.01 reason=按分项",
        OverContract,
        "合同 P001C01 的渠道 JT2024 交通部门专项补助 只剩 300.00 元未计量，本次 300.01 元，超出 0.01 元：请核减。",
        id="certified over a channel's part",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 parts=JT2024=100",
        ReasonMissing,
        "合同 P001C01 不按比例分摊，须说明理由：请加 --reason。",
        id="split by hand without reason",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 parts=ZC2024=1 reason=按分项",
        ChannelNotInContract,
        "合同 P001C01 不由渠道 ZC2024 农户自筹 负担（只有：JT2024 交通部门专项补助、JZ2024 定向社会捐资）："
        "渠道不变、专款专用，请改用合同中的渠道。",
        id="certified for a channel that is not the contract's",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 amount=2 parts=JT2024=1 reason=按分项",
        PartsDiffer,
        "各渠道合计 1.00 元，与总额 2.00 元不符：请核对。",
        id="certificate whose parts differ",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 amount=100 retention=3.01%",
        RetentionOverCap,
        "质保金 3.01% 超过上限 3%（建质〔2017〕138号）：请核减。",
        id="retention over the cap",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01 amount=100 offset=50.01",
        OffsetUnfit,
        "合同 P001C01 本次抵扣预付款 50.01 元不行：可在 0.00 至 50.00 元之间。",
        id="offset over the advance",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C01",
        NothingLeft,
        "合同 P001C01 没有写明计量金额，或已全部计量：请核对。",
        id="certificate of nothing",
    ),
    pytest.param(
        CERTIFIED,
        "certify contract=P001C09 amount=1",
        Unknown,
        "专账 SF 没有合同“P001C09”：请用 earmark status 查看，或先登记（earmark contract）。",
        id="certificate on an unknown contract",
    ),
    # pay
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 amount=435.01",
        OverOwed,
        "合同 P001C01 已计量未付 435.00 元，本次支付 435.01 元，超出 0.01 元：支付不得超过已计量未付数，"
        "请核减，或先计量（earmark certify）。",
        id="paid more than certified",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 parts=JT2024=261.01",
        OverOwed,
        "合同 P001C01 的渠道 JT2024 交通部门专项补助 已计量未付 261.00 元，本次支付 261.01 元，超出 0.01 元："
        "支付不得超过已计量未付数，请核减，或先计量（earmark certify）。",
        id="paid more than certified for a channel",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01",
        CashShort,
        "项目 P001 通村公路 的渠道 JZ2024 定向社会捐资 账上只有 160.00 元，应付 174.00 元，差 14.00 元："
        "各渠道、各项目的款不得互相垫用。请等资金到账（earmark receive），或只付账上够付的 421.00 元（--part "
        "JT2024=261.00 --part JZ2024=160.00，或加 --partial）。",
        id="a channel's cash falls short",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P002C01 parts=JT2024=1",
        ChannelNotInContract,
        "合同 P002C01 不由渠道 JT2024 交通部门专项补助 负担（只有：JZ2024 定向社会捐资、WS2024 "
        "卫生部门专项补助）：渠道不变、专款专用，请改用合同中的渠道。",
        id="the clinic paid from the road's channel",
    ),
    pytest.param(
        CERTIFIED,
        "pay contract=P001C01 amount=2 parts=JT2024=1",
        PartsDiffer,
        "各渠道合计 1.00 元，与总额 2.00 元不符：请核对。",
        id="payment whose parts differ",
    ),
    pytest.param(
        CONTRACTED,
        "pay contract=P001C01",
        NothingLeft,
        "合同 P001C01 没有已计量未付的款：请先计量（earmark certify）。",
        id="paid before it was certified",
    ),
    pytest.param(
        CONTRACTED,
        "pay contract=P001C09",
        Unknown,
        "专账 SF 没有合同“P001C09”：请用 earmark status 查看，或先登记（earmark contract）。",
        id="paid on an unknown contract",
    ),
    # goods
    pytest.param(
        STORED,
        "inkind-receive project=P001 channel=JT2024 good=CEMENT quantity=1 amount=1",
        SourceUnfit,
        "渠道 JT2024 交通部门专项补助 的来源是 department，不是实物：请用实物渠道。",
        id="goods of a money channel",
    ),
    pytest.param(
        STORED,
        "inkind-receive project=P001 channel=SN2024 good=SAND quantity=1 amount=1",
        Unknown,
        "没有登记实物“SAND”：请先登记（earmark channel good）。",
        id="unknown good",
    ),
    pytest.param(
        STORED,
        "inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=50.01",
        ReceiptOverAllotted,
        "项目 P001 通村公路 的渠道 SN2024 农业部门实物补助 已下达 400.00 元、已到账 350.00 元，本次 50.01 "
        "元，超出下达数 0.01 元：请核对，或先登记追加指标（earmark allot P001 SN2024 …）。",
        id="more goods than allotted",
    ),
    pytest.param(
        STORED,
        "inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1.0001 amount=1",
        QuantityUnreadable,
        "数量“1.0001”看不懂：请写正数，最多 3 位小数。",
        id="quantity too fine",
    ),
    pytest.param(
        STORED,
        "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1 lot=S9",
        LotUnknown,
        "库存里没有批次“S9”的 水泥 1 吨（现有：S1 10 吨、S2 20 吨）：请核对批次和数量。",
        id="issue of an unknown lot",
    ),
    pytest.param(
        STORED,
        "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=10.001 lot=S1",
        LotUnknown,
        "库存里没有批次“S1”的 水泥 10.001 吨（现有：S1 10 吨、S2 20 吨）：请核对批次和数量。",
        id="issue of more than the lot",
    ),
    pytest.param(
        STORED,
        "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1",
        LotUnknown,
        "水泥 有几个批次（S1 10 吨、S2 20 吨），本次 1 吨：请用 --lot 指明批次。",
        id="issue without naming the lot",
    ),
    pytest.param(
        STORED,
        "inkind-return project=P001 channel=SN2024 good=CEMENT quantity=20.001 lot=S2",
        LotUnknown,
        "库存里没有批次“S2”的 水泥 20.001 吨（现有：S1 10 吨、S2 20 吨）：请核对批次和数量。",
        id="return of more than the lot",
    ),
    # labour
    pytest.param(
        FUNDED,
        "labour project=P001 channel=JT2024 days=1 rate=100",
        SourceUnfit,
        "渠道 JT2024 交通部门专项补助 的来源是 department：投工投劳用 earmark labour 登记，并且只用劳务渠道。",
        id="labour of a money channel",
    ),
    pytest.param(
        FUNDED,
        "labour project=P001 channel=TG2024 days=2.1 rate=100",
        BelowFloor,
        "项目 P001 通村公路 的渠道 TG2024 投工投劳折资 可用预算 200.00 元，本次 210.00 元，超出 10.00 元："
        "请核减，或先登记追加指标（earmark allot P001 TG2024 …）。",
        id="labour over the plan",
    ),
    pytest.param(
        FUNDED,
        "labour project=P001 channel=TG2024 days=1.05 rate=100",
        QuantityUnreadable,
        "数量“1.05”看不懂：请写正数，最多 1 位小数。",
        id="half a tenth of a day",
    ),
    # accept
    pytest.param(
        CONTRACTED,
        "accept project=P001 quantity=3.5",
        NothingLeft,
        "项目 P001 通村公路 没有在建工程可验收：请先计量、领用或登记投工。",
        id="acceptance of nothing",
    ),
    pytest.param(
        CERTIFIED,
        "accept project=P001 quantity=3.5 observe=happiness=1/1",
        Unknown,
        "没有指标“happiness”：请选 poverty-rate、collective-income、paved-road、safe-water、electricity、"
        "clinic、culture-room、network。",
        id="acceptance with an unknown indicator",
    ),
    pytest.param(
        CERTIFIED,
        "accept project=P001 quantity=3.5 observe=paved-road=3500",
        ObservationUnreadable,
        "“paved-road=3500”看不懂：指标请写成 指标=分子/分母，每个指标只写一次，例如 paved-road=3500/3500。",
        id="observation without denominator",
    ),
    pytest.param(
        CERTIFIED,
        "accept project=P001 quantity=3.5 observe=paved-road=3500/0",
        ObservationUnreadable,
        "“paved-road=3500/0”看不懂：指标请写成 指标=分子/分母，每个指标只写一次，例如 paved-road=3500/3500。",
        id="observation over zero",
    ),
    pytest.param(
        CERTIFIED,
        "accept project=P001 quantity=0",
        QuantityUnreadable,
        "数量“0”看不懂：请写正数，最多 3 位小数。",
        id="acceptance of no quantity",
    ),
    pytest.param(
        PAID,
        "pay contract=P001C01 parts=JZ2024=14",
        CashShort,
        "项目 P001 通村公路 的渠道 JZ2024 定向社会捐资 账上只有 0.00 元，应付 14.00 元，差 14.00 元：各渠道、"
        "各项目的款不得互相垫用。请等资金到账后再付（earmark receive P001 JZ2024 …）。",
        id="cash of another project, same channel",
    ),
    pytest.param(
        BUDGETED,
        "pay contract=P001C02",
        CashShort,
        "项目 P001 通村公路 的渠道 JL2024 以奖代补 账上只有 0.00 元，应付 100.00 元，差 100.00 元：各渠道、"
        "各项目的款不得互相垫用。请等资金到账后再付（earmark receive P001 JL2024 …）。",
        id="budget is left but no cash came",
    ),
    pytest.param(
        NOROOM,
        "certify contract=P001C03 amount=100",
        OffsetUnfit,
        "合同 P001C03 的渠道 JT2024 余额不足以同时扣质保金和抵预付款：请减少质保金比例。",
        id="no room for retention and offset",
    ),
    # reverse
    pytest.param(
        CERTIFIED,
        "reverse voucher=2024-03-0099 reason=错",
        VoucherUnknown,
        "专账 SF 没有凭证 2024-03-0099：凭证号形如 2024-05-0042，请用 earmark voucher list 查看。",
        id="unknown voucher",
    ),
    pytest.param(
        CERTIFIED,
        "reverse voucher=2024-03-0001 reason=",
        TextMissing,
        "缺少 reason：请补填后再试。",
        id="no reason",
    ),
    pytest.param(
        CERTIFIED,
        "reverse voucher=2024-03-0013 reason=错",
        LeansOn,
        "凭证 2024-03-0013 暂不能红冲：渠道 JT2024 交通部门专项补助 后来的凭证已用掉其中的款项，还差 330.00 "
        "元（V2024-03-0015、V2024-03-0016）。请先依次红冲这些凭证，再红冲本张。",
        id="contract in use",
    ),
]


@pytest.mark.parametrize("before, line, refusal, message", REFUSALS)
def test_a_refusal_says_why_and_leaves_the_record_as_it_was(
    before: str, line: str, refusal: type[Refusal], message: str, clerk: Any, unchanged: Unchanged
) -> None:
    clerk.begin(before)
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    assert explain(caught.value, "zh") == message
    assert type(caught.value) is refusal
    assert explain(caught.value, "en")


NONSENSE = [
    pytest.param(
        FUNDED, "receive project=P001 channel=JT2024 amount=1 from_own=B00", id="earmarked money out of the own account"
    ),
    pytest.param(
        CERTIFIED, "pay contract=P001C01 channel=JT2024 parts=JZ2024=1", id="a channel named and another's part"
    ),
    pytest.param(FUNDED, "labour project=P001 channel=TG2024 days=0.1 rate=0.04", id="labour that comes to nothing"),
    pytest.param(FUNDED, "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1", id="an empty store"),
    pytest.param(CONTRACTED, "advance contract=P001C01", id="an advance without a sum"),
    pytest.param(FUNDED, "receive project=P001 channel=JT2024 amount=1 person=maybe", id="a flag that is none"),
]


@pytest.mark.parametrize("before, line", NONSENSE)
def test_what_contradicts_itself_is_refused_and_never_half_done(
    before: str, line: str, clerk: Any, unchanged: Unchanged
) -> None:
    clerk.begin(before)
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    assert explain(caught.value, "zh")


def test_a_contract_names_its_channels(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(FUNDED)
    with unchanged(), pytest.raises(PartsMissing) as caught:
        clerk.draft("contract", contract="P001C01", parts=[])
    assert explain(caught.value, "zh") == ("合同 P001C01 没有写明由哪些渠道负担：请用 --part 渠道=金额 逐项列出。")


# Refusals that lean on the register.


def _register(clerk: Any, add: Callable[[Any], None]) -> None:
    with clerk.workspace.write() as unit:
        add(unit)
        unit.commit()


def test_a_channel_that_no_account_may_hold_does_not_arrive(clerk: Any, unchanged: Unchanged) -> None:
    def add(unit: Any) -> None:
        channels.add_channel(unit, "NY2024", name="农业补助", source="county")
        register.add_budget_line(unit, "SF", "P001", "NY2024", 100)

    _register(clerk, add)
    clerk.play("allot project=P001 channel=NY2024 amount=1000")
    with unchanged(), pytest.raises(BankMissing) as caught:
        clerk.try_draft("receive project=P001 channel=NY2024 amount=1")
    assert explain(caught.value, "zh") == (
        "专账 SF 没有准许存放渠道 NY2024 农业补助 的专户：请先登记账户（earmark book bank）"
        "或准许（earmark book allow 账户 NY2024 --book SF）。"
    )


def test_where_two_accounts_may_hold_a_channel_one_is_named(clerk: Any, unchanged: Unchanged) -> None:
    _register(
        clerk,
        lambda unit: register.add_bank(unit, "SF", "B02", name="信用社专户", kind="dedicated", channels=["JT2024"]),
    )
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    with unchanged(), pytest.raises(BankAmbiguous) as caught:
        clerk.try_draft("receive project=P001 channel=JT2024 amount=1")
    assert explain(caught.value, "zh") == (
        "渠道 JT2024 交通部门专项补助 可存多个账户（B01 农商行专户、B02 信用社专户）：请用 --bank 指明。"
    )
    clerk.play("receive project=P001 channel=JT2024 amount=1 bank=B02")
    assert clerk.balances()["Assets:102-银行存款:B02-信用社专户:P001", "JT2024"] == 1_00


def test_cash_in_one_account_does_not_pay_from_another(clerk: Any, unchanged: Unchanged) -> None:
    _register(
        clerk,
        lambda unit: register.add_bank(unit, "SF", "B02", name="信用社专户", kind="dedicated", channels=["JT2024"]),
    )
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        receive project=P001 channel=JT2024 amount=500 bank=B01
        contract contract=P001C01 parts=JT2024=1000
        certify contract=P001C01 amount=100 no_retention
    """)
    with unchanged(), pytest.raises(CashShort):
        clerk.try_draft("pay contract=P001C01 bank=B02")
    clerk.play("pay contract=P001C01 bank=B01")


def test_an_account_takes_only_the_channels_it_was_opened_for(clerk: Any, unchanged: Unchanged) -> None:
    _register(
        clerk,
        lambda unit: register.add_bank(unit, "SF", "B02", name="信用社专户", kind="dedicated", channels=["WS2024"]),
    )
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    with unchanged(), pytest.raises(ChannelNotInBank) as caught:
        clerk.try_draft("receive project=P001 channel=JT2024 amount=1 bank=B02")
    assert explain(caught.value, "zh") == (
        "账户 B02 信用社专户 不得存放渠道 JT2024 交通部门专项补助（只准：WS2024）：专户储存，请换账户，"
        "或先准许（earmark book allow B02 JT2024 --book SF）。"
    )


def test_own_money_needs_an_account_of_its_own(clerk: Any, unchanged: Unchanged) -> None:
    def add(unit: Any) -> None:
        channels.add_channel(unit, "CJ2025", name="村集体资金", source="collective")
        register.add_budget_line(unit, "SF", "P001", "CJ2025", 100)
        register.allow_in_bank(unit, "SF", "B01", "CJ2025")

    _register(clerk, add)
    with unchanged(), pytest.raises(BankMissing) as caught:
        clerk.try_draft("receive project=P001 channel=CJ2025 amount=1")
    assert explain(caught.value, "zh") == (
        "专账 SF 没有存放渠道 CJ2025 村集体资金 的村基本户：请先登记（earmark book bank … --kind own）。"
    )


def test_where_two_accounts_of_the_village_hold_own_money_one_is_named(clerk: Any, unchanged: Unchanged) -> None:
    _register(
        clerk, lambda unit: register.add_bank(unit, "SF", "B05", name="第二基本户", kind="own", channels=["CJ2024"])
    )
    clerk.play("opening project=P000 lines=own_bank:B00=CJ2024:50,own_bank:B05=CJ2024:50")
    with unchanged(), pytest.raises(BankAmbiguous):
        clerk.try_draft("receive project=P001 channel=CJ2024 amount=1")
    clerk.play("receive project=P001 channel=CJ2024 amount=1 from_own=B05")
    assert clerk.balances()["Assets:102-银行存款:B05-第二基本户", "CJ2024"] == 49_00


def test_a_good_and_a_channel_do_not_share_a_code(clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), clerk.workspace.write() as unit, pytest.raises(AlreadyThere):
        channels.add_channel(unit, "CEMENT", name="水泥", source="in_kind")
    with unchanged(), clerk.workspace.write() as unit, pytest.raises(AlreadyThere):
        channels.add_good(unit, "JT2024", name="水泥", unit_name="吨")


def test_a_desk_is_at_the_only_book_or_at_the_one_that_is_named(clerk: Any) -> None:
    from datetime import date

    from projects.desk import Desk

    assert Desk(clerk.workspace, "zhang").at_book().book == "SF"
    _register(
        clerk, lambda unit: register.add_book(unit, "YX", village="V13", name="另一本", started_on=date(2024, 1, 1))
    )
    with pytest.raises(BookMissing) as caught:
        Desk(clerk.workspace, "zhang").at_book()
    assert explain(caught.value, "zh") == "有多本专账（SF、YX）：请用 --book 指明，或在 earmark.toml 里设定。"
    assert Desk(clerk.workspace, "zhang", "YX").at_book().book == "YX"


# The catalogue is complete.


def _refusals_of(*modules: ModuleType) -> set[type[Refusal]]:
    return {
        each
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Refusal) and each is not Refusal
    }


def test_every_refusal_of_an_event_has_its_case() -> None:
    shown = {row.values[2] for row in REFUSALS} | {PartsMissing, BankAmbiguous, ChannelNotInBank}
    assert _refusals_of(budgets, contracts, entries, goods, payments, receipts, requests, works) - shown == set()

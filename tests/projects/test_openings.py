"""What already stood when a book begins: per account and channel, whole, once, and then worked on like the rest."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from ledger import channels, register
from ledger.balances import State
from ledger.errors import (
    AmountNegative,
    AmountZero,
    BankKindUnfit,
    ChannelNotInBank,
    ChannelNotInBudget,
    CodeUnfit,
    LeansOn,
    OpeningAfterUse,
    QuantityUnreadable,
    Refusal,
    Unknown,
)
from ledger.messages import explain
from projects.errors import (
    ContractOfOther,
    ContractThere,
    LotUnknown,
    OpeningEmpty,
    OpeningUnbalanced,
    OpeningUnreadable,
    SourceUnfit,
)
from projects.events.lots import Lot, lots

Unchanged = Callable[[], AbstractContextManager[None]]

ROAD = [
    "bank:B01=JT2024:120000",
    "works=JT2024:50000",
    "advance:P001C01=JT2024:10000",
    "payable:P001C01=JT2024:3000",
    "retention:P001C01=JT2024:1500.50",
    "earmarked=JT2024:175499.50",
    "available=JT2024:70000",
    "committed:P001C01=JT2024:30000",
]


def open_it(clerk: Any, *lines: str, project: str = "P001") -> str:
    return str(clerk.do("opening", project=project, lines=list(lines)))


def draft_it(clerk: Any, *lines: str, project: str = "P001") -> str:
    return str(clerk.draft("opening", project=project, lines=list(lines))["draft"])


OPENINGS = [
    pytest.param(
        "P001",
        ROAD,
        """
        Assets:102-银行存款:B01-农商行专户:P001 120000.00 JT2024
        Assets:153-在建工程:P001-通村公路 50000.00 JT2024
        Assets:112-应收款:P001C01-预付款 10000.00 JT2024
        Liabilities:211-应付款:P001C01-进度款 -3000.00 JT2024
        Liabilities:211-应付款:P001C01-质保金 -1500.50 JT2024
        Liabilities:241-专项应付款:P001-通村公路 -175499.50 JT2024
        Equity:B1-可用预算:P001-通村公路 70000.00 JT2024.B
        Equity:B2-合同占用:P001C01 30000.00 JT2024.B
        Equity:B3-已列支:P001-通村公路 50000.00 JT2024.B
        Equity:B2A-预付占用:P001C01 10000.00 JT2024.B
        Equity:B0-下达:P001-通村公路 -160000.00 JT2024.B
        """,
        id="a road half built",
    ),
    pytest.param(
        "P001",
        ["asset=JZ2024:300", "reserve=JZ2024:250", "payable:P001C01=JZ2024:50"],
        """
        Assets:151-固定资产:P001-通村公路 300.00 JZ2024
        Equity:311-公积公益金:P001-通村公路 -250.00 JZ2024
        Liabilities:211-应付款:P001C01-进度款 -50.00 JZ2024
        Equity:B3-已列支:P001-通村公路 300.00 JZ2024.B
        Equity:B0-下达:P001-通村公路 -300.00 JZ2024.B
        """,
        id="a road accepted and not all paid",
    ),
    pytest.param(
        "P001",
        [
            "household=ZC2024:20",
            "cash=ZC2024:5",
            "bank:B01=ZC2024:75",
            "village_raised=ZC2024:100",
            "available=ZC2024:100",
        ],
        """
        Assets:113-内部往来:P001-农户筹资 20.00 ZC2024
        Assets:101-库存现金:P001 5.00 ZC2024
        Assets:102-银行存款:B01-农商行专户:P001 75.00 ZC2024
        Liabilities:231-一事一议资金:P001-通村公路 -100.00 ZC2024
        Equity:B1-可用预算:P001-通村公路 100.00 ZC2024.B
        Equity:B0-下达:P001-通村公路 -100.00 ZC2024.B
        """,
        id="households that have not all paid",
    ),
    pytest.param(
        "P000",
        ["own_bank:B00=CJ2024:80000"],
        """
        Assets:102-银行存款:B00-村基本户 80000.00 CJ2024
        Equity:322-收益分配:未分配收益 -80000.00 CJ2024
        """,
        id="the village's own money",
    ),
    pytest.param(
        "P001",
        ["bank:B01=CJ2024:5000", "available=CJ2024:5000"],
        """
        Assets:102-银行存款:B01-农商行专户:P001 5000.00 CJ2024
        Equity:B1-可用预算:P001-通村公路 5000.00 CJ2024.B
        Equity:B0-下达:P001-通村公路 -5000.00 CJ2024.B
        Equity:322-收益分配:未分配收益 -5000.00 CJ2024
        """,
        id="own money in a project",
    ),
    pytest.param(
        "P001",
        ["available=JT2024:1,000", "available=JZ2024：0.5万元"],
        """
        Equity:B1-可用预算:P001-通村公路 1000.00 JT2024.B
        Equity:B1-可用预算:P001-通村公路 5000.00 JZ2024.B
        Equity:B0-下达:P001-通村公路 -1000.00 JT2024.B
        Equity:B0-下达:P001-通村公路 -5000.00 JZ2024.B
        """,
        id="budget of which nothing has come",
    ),
]


@pytest.mark.parametrize("project, lines, entry", OPENINGS)
def test_an_opening_makes_exactly_its_entry(project: str, lines: list[str], entry: str, clerk: Any) -> None:
    number = open_it(clerk, *lines, project=project)
    assert clerk.entry(number) == textwrap.dedent(entry).strip()


@pytest.mark.parametrize("project, lines, entry", OPENINGS)
def test_an_opening_keeps_the_rules_of_the_money(project: str, lines: list[str], entry: str, clerk: Any) -> None:
    open_it(clerk, *lines, project=project)
    query = (
        "SELECT a.role, a.mirror, c.channel, c.kind, b.amount FROM balance b "
        "JOIN account a ON a.book = b.book AND a.name = b.account JOIN commodity c ON c.code = b.commodity"
    )
    sums: Counter[tuple[str, str]] = Counter()
    mirror: Counter[tuple[str, str]] = Counter()
    for _, group, channel, kind, amount in clerk.sql(query):
        sums[channel, kind] += amount
        if group:
            mirror[group, channel] += amount if kind == "money" else -amount
    assert not any(sums.values())
    assert not any(mirror.values())


def test_an_opening_may_be_of_any_day_of_the_book(clerk: Any) -> None:
    clerk.do("opening", project="P001", lines=["available=JT2024:1"], date="2024-01-01")
    clerk.do("opening", project="P001", lines=["available=JZ2024:1"], date="2025-06-30")
    assert clerk.sql("SELECT number, event, payee, narration FROM voucher ORDER BY seq") == [
        ("2024-01-0001", "opening", "村集体", "期初余额（2024-01-01）"),
        ("2025-06-0001", "opening", "村集体", "期初余额（2025-06-30）"),
    ]


REFUSED = [
    pytest.param(
        ["bank:B01=JT2024:100", "earmarked=JT2024:99.99"],
        OpeningUnbalanced,
        "期初里渠道 JT2024 交通部门专项补助 借贷不平，差 0.01 元：请补齐资金来源一方（如 earmarked、village_raised）。",
        id="money without its source",
    ),
    pytest.param(
        ["bank:B01=JT2024:100", "earmarked=JZ2024:100"],
        OpeningUnbalanced,
        "期初里渠道 JT2024 交通部门专项补助 借贷不平，差 100.00 元："
        "请补齐资金来源一方（如 earmarked、village_raised）。",
        id="another channel's source",
    ),
    pytest.param(["bank=JT2024:100"], OpeningUnreadable, None, id="a bank that is not named"),
    pytest.param(["bank:B09=JT2024:100"], OpeningUnreadable, None, id="an unknown bank"),
    pytest.param(["bank:B01"], OpeningUnreadable, None, id="no amount"),
    pytest.param(["bank:B01=100"], OpeningUnreadable, None, id="no channel"),
    pytest.param(["money=JT2024:100"], OpeningUnreadable, None, id="an unknown role"),
    pytest.param([""], OpeningUnreadable, None, id="an empty line"),
    pytest.param(["spent=JT2024:100"], OpeningUnreadable, None, id="what follows from the money"),
    pytest.param(["advanced:P001C01=JT2024:100"], OpeningUnreadable, None, id="what follows from the advance"),
    pytest.param(["allotted=JT2024:100"], OpeningUnreadable, None, id="what follows from the rest"),
    pytest.param(["payable=JT2024:100"], CodeUnfit, None, id="a contract that is not named"),
    pytest.param(["available=JT2024:0"], AmountZero, None, id="nothing"),
    pytest.param(["available=JT2024:-5"], AmountNegative, None, id="less than nothing"),
    pytest.param(["available=XX2024:5"], Unknown, None, id="an unknown channel"),
    pytest.param(["available=WS2024:5"], ChannelNotInBudget, None, id="a channel that is not in the budget"),
    pytest.param(["bank:B01=SN2024:5", "earmarked=SN2024:5"], ChannelNotInBank, None, id="goods in the bank"),
    pytest.param(["store:金砖=SN2024:5", "earmarked=SN2024:5"], Unknown, None, id="goods that nobody registered"),
    pytest.param(["store:SAND/1=SN2024:5"], Unknown, None, id="goods of an unknown code"),
    pytest.param(
        ["store:CEMENT=SN2024:5"],
        OpeningUnreadable,
        "期初“store:CEMENT=SN2024:5”看不懂：库存物资请写成 store:实物/数量=渠道:金额，例如 store:CEMENT/10.5=SN2024:4200。",
        id="goods without a quantity",
    ),
    pytest.param(["store:CEMENT/0=SN2024:5"], QuantityUnreadable, None, id="no goods at all"),
    pytest.param(["store:CEMENT/1=TG2024:5"], SourceUnfit, None, id="goods of a channel of labour"),
    pytest.param(
        ["payable:P002C01=JZ2024:100", "works=JZ2024:100"],
        ContractOfOther,
        "合同 P002C01 不是项目 P001 通村公路 的：请在它自己的项目里登记期初。",
        id="another project's contract",
    ),
    pytest.param(["audit_cut:P001C01=JT2024:100"], OpeningUnreadable, None, id="what follows from the audit"),
    pytest.param(
        [],
        OpeningEmpty,
        "项目 P001 的期初没有写任何余额：请逐项写明，例如 bank:B01=JT2024:120000。",
        id="no line at all",
    ),
]


@pytest.mark.parametrize("lines, refusal, message", REFUSED)
def test_an_opening_that_is_not_whole_is_refused(
    lines: list[str], refusal: type[Refusal], message: str | None, clerk: Any, unchanged: Unchanged
) -> None:
    with unchanged(), pytest.raises(Refusal) as caught:
        draft_it(clerk, *lines)
    assert type(caught.value) is refusal
    assert explain(caught.value, "en")
    if message:
        assert explain(caught.value, "zh") == message


def test_an_opening_that_cannot_be_read_says_how_it_is_written(clerk: Any) -> None:
    with pytest.raises(OpeningUnreadable) as caught:
        draft_it(clerk, "money=JT2024:100")
    message = explain(caught.value, "zh")
    assert message.startswith(
        "期初“money=JT2024:100”看不懂：请写成 用途[:账户或合同]=渠道:金额，"
        "例如 bank:B01=JT2024:120000，库存物资如 store:CEMENT/10.5=SN2024:4200；用途可选 cash、bank、"
    )
    assert "spent" not in message


def test_an_opening_in_an_unknown_project_is_refused(clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), pytest.raises(Unknown):
        draft_it(clerk, "available=JT2024:1", project="P009")


# Where money may stand.


def test_earmarked_money_does_not_stand_in_an_account_without_project(clerk: Any, unchanged: Unchanged) -> None:
    """Cash is kept per project: in the dedicated account no channel's money is anybody's."""
    with unchanged(), pytest.raises(BankKindUnfit):
        draft_it(clerk, "own_bank:B01=JT2024:100", "earmarked=JT2024:100")


def test_a_project_has_no_cash_in_the_basic_account(clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), pytest.raises(BankKindUnfit):
        draft_it(clerk, "bank:B00=CJ2024:100", "available=CJ2024:100")


def test_each_contract_has_the_budget_of_its_own_advance(clerk: Any) -> None:
    open_it(clerk, "advance:P001C01=JT2024:100", "advance:P001C02=JT2024:50", "earmarked=JT2024:150")
    balances = clerk.balances()
    assert balances["Equity:B2A-预付占用:P001C01", "JT2024.B"] == 100_00
    assert balances["Equity:B2A-预付占用:P001C02", "JT2024.B"] == 50_00


def test_what_an_audit_cut_is_budgeted_apart_from_the_advance(clerk: Any) -> None:
    open_it(clerk, "audit_due:P001C01=JT2024:100", "advance:P001C01=JT2024:50", "earmarked=JT2024:150")
    balances = clerk.balances()
    assert balances["Equity:B2A-预付占用:P001C01-核减", "JT2024.B"] == 100_00
    assert balances["Equity:B2A-预付占用:P001C01", "JT2024.B"] == 50_00


# Once.


def test_own_money_is_opened_in_every_project(clerk: Any) -> None:
    """What balances it is one account for the whole village."""
    open_it(clerk, "own_bank:B00=CJ2024:80000", project="P000")
    open_it(clerk, "bank:B01=CJ2024:5000", "available=CJ2024:5000")
    assert clerk.balances()["Equity:322-收益分配:未分配收益", "CJ2024"] == -85_000_00
    with pytest.raises(OpeningAfterUse):
        draft_it(clerk, "own_bank:B00=CJ2024:80000", project="P000")


def test_an_opening_that_waits_is_in_the_way(clerk: Any, unchanged: Unchanged) -> None:
    first = draft_it(clerk, *ROAD)
    with unchanged(), pytest.raises(OpeningAfterUse) as caught:
        draft_it(clerk, "bank:B01=JT2024:1", "earmarked=JT2024:1")
    assert f"在草稿 {first} 里" in explain(caught.value, "zh")
    clerk.at("zhang").drop(first)
    open_it(clerk, *ROAD)


def test_an_opening_is_corrected_in_one_afternoon_and_in_this_order(clerk: Any, unchanged: Unchanged) -> None:
    """The new one leans on the reversal, and neither makes the village twice as rich."""
    wrong = open_it(clerk, "bank:B01=JT2024:100", "earmarked=JT2024:100")
    back = str(clerk.draft("reverse", voucher=wrong, reason="金额有误")["draft"])
    right = draft_it(clerk, *ROAD)
    with unchanged(), pytest.raises(OpeningAfterUse):
        clerk.seal(right)
    clerk.seal(back)
    clerk.seal(right)
    assert clerk.balances()["Assets:102-银行存款:B01-农商行专户:P001", "JT2024"] == 120_000_00


def test_an_account_that_moved_after_its_opening_was_drafted_is_not_opened(clerk: Any, unchanged: Unchanged) -> None:
    waiting = draft_it(clerk, "available=JT2024:1")
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    with unchanged(), pytest.raises(OpeningAfterUse):
        clerk.seal(waiting)


def test_an_account_that_has_moved_is_not_opened(clerk: Any, unchanged: Unchanged) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000\nreceive project=P001 channel=JT2024 amount=500")
    with unchanged(), pytest.raises(OpeningAfterUse) as caught:
        draft_it(clerk, "bank:B01=JT2024:100", "works=JT2024:5", "earmarked=JT2024:105")
    assert explain(caught.value, "zh") == (
        "账户 Assets:102-银行存款:B01-农商行专户:P001 的渠道 JT2024 交通部门专项补助 已有发生额："
        "期初只登记从未动过的账户，差错请用红冲更正。"
    )


def test_another_channel_of_the_account_may_still_be_opened(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000\nreceive project=P001 channel=JT2024 amount=500")
    open_it(clerk, "bank:B01=JZ2024:100", "earmarked=JZ2024:100", "available=JZ2024:100")


def test_the_same_opening_is_not_made_twice(clerk: Any, unchanged: Unchanged) -> None:
    open_it(clerk, *ROAD)
    with unchanged(), pytest.raises(OpeningAfterUse):
        draft_it(clerk, *ROAD)


def test_the_same_opening_does_not_wait_twice(clerk: Any) -> None:
    """Two drafts of one opening: at the latest the second seal is refused, or the village is twice as rich."""

    def both() -> None:
        first, second = draft_it(clerk, *ROAD), draft_it(clerk, *ROAD)
        clerk.seal(first)
        clerk.seal(second)

    with pytest.raises(Refusal):
        both()


def test_an_opening_that_was_reversed_is_made_again(clerk: Any) -> None:
    """The refusal names the reversal as the way out; it has to lead out."""
    wrong = open_it(clerk, "bank:B01=JT2024:100", "earmarked=JT2024:100", "available=JT2024:100")
    clerk.do("reverse", voucher=wrong, reason="金额有误")
    assert clerk.balances() == {}
    open_it(clerk, *ROAD)
    assert clerk.balances()["Assets:102-银行存款:B01-农商行专户:P001", "JT2024"] == 120_000_00


# And then worked on.


def test_opened_money_is_spent_like_any_other(clerk: Any) -> None:
    open_it(clerk, *ROAD)
    clerk.play("""
        contract contract=P001C02 parts=JT2024=70000
        certify contract=P001C02 amount=1000 no_retention
        pay contract=P001C02
    """)
    assert clerk.balances()["Assets:102-银行存款:B01-农商行专户:P001", "JT2024"] == 119_000_00


def test_opened_limits_hold(clerk: Any, unchanged: Unchanged) -> None:
    open_it(clerk, *ROAD)
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft("contract contract=P001C02 parts=JT2024=70000.01")
    assert caught.value.code == "below-floor"


def test_opened_works_are_accepted_with_what_has_come(clerk: Any) -> None:
    open_it(clerk, "works=JZ2024:300", "earmarked=JZ2024:250", "payable:P001C01=JZ2024:50")
    clerk.play("accept project=P001 quantity=3.5")
    assert clerk.balances()["Equity:311-公积公益金:P001-通村公路", "JZ2024"] == -250_00


def test_what_was_received_before_counts_against_what_was_allotted(clerk: Any, unchanged: Unchanged) -> None:
    open_it(clerk, "bank:B01=JT2024:100", "earmarked=JT2024:100", "available=JT2024:150")
    with unchanged(), pytest.raises(Refusal):
        clerk.try_draft("receive project=P001 channel=JT2024 amount=50.01")
    clerk.play("receive project=P001 channel=JT2024 amount=50")


def test_an_opened_contract_is_certified_and_paid(clerk: Any) -> None:
    """A contract that was running before the book began: its debt has to be payable here."""
    open_it(clerk, *ROAD)
    clerk.play("""
        pay contract=P001C01 amount=3000
        certify contract=P001C01 amount=40000
        pay contract=P001C01
    """)
    balances = clerk.balances()
    assert ("Equity:B2-合同占用:P001C01", "JT2024.B") not in balances
    assert ("Equity:B2A-预付占用:P001C01", "JT2024.B") not in balances
    assert ("Liabilities:211-应付款:P001C01-进度款", "JT2024") not in balances


@pytest.mark.parametrize("party, payee", [("", "施工单位"), ("宏达路桥", "宏达路桥")])
def test_an_opened_contract_pays_the_party_of_its_opening(party: str, payee: str, clerk: Any) -> None:
    clerk.do("opening", project="P001", lines=ROAD, party=party)
    number = clerk.do("pay", contract="P001C01")
    assert clerk.sql("SELECT payee FROM voucher WHERE number = ?", number) == [(payee,)]


def test_an_opened_contract_is_advanced(clerk: Any) -> None:
    open_it(clerk, *ROAD)
    clerk.play("advance contract=P001C01 amount=100")
    assert clerk.balances()["Equity:B2A-预付占用:P001C01", "JT2024.B"] == 10_100_00


@pytest.mark.parametrize("seal", [True, False], ids=["sealed", "waiting"])
@pytest.mark.parametrize("role", ["payable", "retention", "committed", "advance"])
def test_an_opened_contract_is_not_recorded_again(role: str, seal: bool, clerk: Any, unchanged: Unchanged) -> None:
    rest = {"payable": "works=JT2024:9", "retention": "works=JT2024:9", "advance": "earmarked=JT2024:9"}
    lines = [f"{role}:P001C01=JT2024:9", "available=JT2024:9", *([rest[role]] if role in rest else [])]
    (open_it if seal else draft_it)(clerk, *lines)
    with unchanged(), pytest.raises(ContractThere):
        clerk.try_draft("contract contract=P001C01 parts=JT2024=1")
    clerk.play("allot project=P001 channel=JT2024 amount=9\ncontract contract=P001C02 parts=JT2024=1")


def test_a_contract_of_a_reversed_opening_is_not_known(clerk: Any) -> None:
    number = open_it(clerk, *ROAD)
    clerk.do("reverse", voucher=number, reason="错记")
    with pytest.raises(Unknown):
        clerk.try_draft("pay contract=P001C01")
    clerk.play("allot project=P001 channel=JT2024 amount=9\ncontract contract=P001C01 parts=JT2024=1")


# Goods.

STORE = ["store:CEMENT/10=SN2024:120", "earmarked=SN2024:120", "available=SN2024:100"]


def test_opened_goods_have_their_quantity_and_their_lot(clerk: Any) -> None:
    number = open_it(clerk, "store:CEMENT／10.5＝SN2024：120", "store:CEMENT/2=SN2024:30", "earmarked=SN2024:150")
    assert clerk.entry(number).splitlines() == [
        "Assets:121-库存物资:P001-水泥 120.00 SN2024",
        "Assets:121-库存物资:P001-水泥 10.500 CEMENT",
        "Equity:Q0-实物数量 -10.500 CEMENT",
        "Assets:121-库存物资:P001-水泥 30.00 SN2024",
        "Assets:121-库存物资:P001-水泥 2.000 CEMENT",
        "Equity:Q0-实物数量 -2.000 CEMENT",
        "Liabilities:241-专项应付款:P001-通村公路 -150.00 SN2024",
        "Equity:B2S-库存占用:P001 150.00 SN2024.B",
        "Equity:B0-下达:P001-通村公路 -150.00 SN2024.B",
    ]
    with clerk.workspace.read() as connection:
        found = lots(State(connection, "SF"), "P001", "SN2024", "CEMENT")
    assert found == [Lot("S1", 10_500, 120_00), Lot("S2", 2_000, 30_00)]


def test_opened_goods_are_issued(clerk: Any, unchanged: Unchanged) -> None:
    open_it(clerk, *STORE)
    clerk.play("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=4 lot=S1")
    assert clerk.balances()["Assets:153-在建工程:P001-通村公路", "SN2024"] == 48_00
    with unchanged(), pytest.raises(LotUnknown):
        clerk.try_draft("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=6.001")
    clerk.play("inkind-return project=P001 channel=SN2024 good=CEMENT quantity=6")
    assert (
        clerk.balances().keys() & {("Assets:121-库存物资:P001-水泥", "CEMENT"), ("Equity:Q0-实物数量", "CEMENT")}
        == set()
    )


def test_goods_arrive_in_a_store_that_was_opened(clerk: Any) -> None:
    open_it(clerk, *STORE)
    shown = clerk.try_draft("inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=10")
    assert shown["facts"]["lot"] == "S2"


def test_the_store_of_another_channel_is_opened_later(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        channels.add_channel(unit, "SN2025", name="第二年实物补助", source="in_kind")
        register.add_budget_line(unit, "SF", "P001", "SN2025", 100)
        unit.commit()
    open_it(clerk, *STORE)
    open_it(clerk, "store:CEMENT/3=SN2025:90", "earmarked=SN2025:90")
    clerk.play("inkind-issue project=P001 channel=SN2025 good=CEMENT quantity=3")
    assert clerk.balances()["Assets:153-在建工程:P001-通村公路", "SN2025"] == 90_00


def test_opened_goods_that_were_used_are_not_taken_back(clerk: Any, unchanged: Unchanged) -> None:
    number = open_it(clerk, *STORE)
    clerk.play("""
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=4
        allot project=P001 channel=SN2024 amount=100
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=5 amount=60
    """)
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=number, reason="错记")
    assert str(caught.value.facts["vouchers"]) == "V2024-03-0002"

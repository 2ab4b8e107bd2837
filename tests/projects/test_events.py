"""Every verb of the clerk makes the entry of the design, and every refusal says why, in the clerk's language."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from templates import CHART, refused_at

from ledger import channels, register
from ledger.errors import (
    AlreadyThere,
    BelowFloor,
    ChannelNotInBank,
    LeansOn,
    Refusal,
)
from ledger.messages import explain
from projects import registry
from projects.errors import (
    BankAmbiguous,
    BankMissing,
    BookMissing,
    CashShort,
    ChannelNotInContract,
    ContractThere,
    LotUnknown,
    PartsMissing,
)
from projects.events import budgets, contracts, entries, goods, payments, receipts, requests, works
from projects.sheets.village import read_village

TITLES = {"P001": "通村公路", "P002": "村卫生室", "P003": "风险金", "P004": "技术培训"}
DATA = Path(__file__).parents[1] / "data"
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
advance contract=P001C03 percent=30%
decommit contract=P001C03 amount=70
"""

STORIES = {
    "funded": FUNDED,
    "cash": CASH,
    "stored": STORED,
    "contracted": CONTRACTED,
    "advanced": ADVANCED,
    "certified": CERTIFIED,
    "paid": PAID,
    "accepted": ACCEPTED,
    "budgeted": BUDGETED,
    "noroom": NOROOM,
}


def read_cases(name: str) -> list[Any]:
    """Read a table of cases: the story, what is typed, and the lines that say what comes of it."""
    found = []
    blocks = (DATA / name).read_text(encoding="utf-8").split("\n\n")
    for title, first, *rest in (block.splitlines() for block in blocks if block.strip() and block[0] != "#"):
        story, _, typed = first.strip().partition(" > ")
        found.append(
            pytest.param(STORIES[story], typed.replace("\\x07", "\x07"), [each.strip() for each in rest], id=title)
        )
    return found


ENTRIES = read_cases("entries.txt")
REFUSALS = read_cases("refusals.txt")


@pytest.mark.parametrize("before, line, entry", ENTRIES)
def test_an_event_makes_exactly_its_entry_and_its_reversal_undoes_it(
    before: str, line: str, entry: list[str], clerk: Any
) -> None:
    clerk.begin(before)
    balances = clerk.balances()
    number = clerk.seal(clerk.try_draft(line)["draft"])
    assert clerk.entry(number).splitlines() == entry
    if line.startswith("reverse "):
        return
    assert clerk.balances() != balances
    clerk.do("reverse", voucher=number, reason="错记")
    assert clerk.balances() == balances


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


# Lots.

RECEIVE_ONE = "inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=7 amount=1 lot=A\n"
ISSUE_ONE = "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1\n"


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


def test_a_lot_takes_more_goods_of_its_price(clerk: Any) -> None:
    clerk.begin(STORED)
    clerk.play("inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=10 lot=S1")
    clerk.play("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=11 lot=S1")


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


def test_goods_of_a_lot_that_never_came_are_not_sealed_out_of_another(clerk: Any, unchanged: Unchanged) -> None:
    """The draft that fills a lot is dropped, the draft that empties it is not sealed from another lot's goods."""
    clerk.begin(STORED)
    filling = clerk.try_draft("inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=10 lot=A")
    taking = clerk.try_draft("inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1 lot=A")
    clerk.at("zhang").drop(filling["draft"])
    with unchanged(), pytest.raises(LotUnknown) as caught:
        clerk.seal(taking["draft"])
    assert explain(caught.value, "zh") == "库存里没有批次“A”的 水泥 1 吨（现有：—）：请核对批次和数量。"


def test_a_reversal_leaves_no_value_without_goods(clerk: Any, unchanged: Unchanged) -> None:
    """Issues that were rounded to the fen take a fen less than the goods of the receipt that stays were worth."""
    numbers = clerk.begin("allot project=P001 channel=SN2024 amount=400\n" + RECEIVE_ONE * 2 + ISSUE_ONE * 7)
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=numbers[2], reason="错记")
    assert len(str(caught.value.facts["vouchers"]).split("、")) == 7


def test_goods_worth_less_than_half_a_fen_leave_their_own_lot(clerk: Any) -> None:
    clerk.play("""
        allot project=P001 channel=SN2024 amount=400
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=3 amount=0.01
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=1
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=2
    """)
    assert not [key for key in clerk.balances() if key[1] == "CEMENT" or ":121-" in key[0]]


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


# Contracts and certificates that were reversed.


def test_the_channels_of_a_contract_are_those_of_the_one_that_stands(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(FUNDED)
    [first] = clerk.play("contract contract=P001C01 parts=JT2024=600,JZ2024=400 party=施工一队")
    clerk.do("reverse", voucher=first, reason="漏列渠道")
    clerk.play("contract contract=P001C01 parts=JT2024=700 party=施工二队")
    with unchanged(), pytest.raises(ChannelNotInContract):
        clerk.try_draft("certify contract=P001C01 parts=JT2024=1,JZ2024=1 reason=实测")
    with unchanged(), pytest.raises(ContractThere):
        clerk.try_draft("contract contract=P001C01 parts=JT2024=1")
    with clerk.workspace.read() as connection:
        [village] = registry.list_villages(connection)
        sheet = read_village(connection, village, register.need_book(connection, "SF")).projects[0]
    assert [(each.payee, each.amount, bool(each.signed.reversed_by)) for each in sheet.contracts] == [
        ("施工一队", 0, True),
        ("施工二队", 700_00, False),
    ]


def test_a_contract_whose_reversal_waits_is_not_yet_free(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(CONTRACTED)
    [(number,)] = clerk.sql("SELECT number FROM voucher WHERE event = 'contract' AND contract = 'P001C01'")
    label = clerk.draft("reverse", voucher=number, reason="金额有误")["draft"]
    with unchanged(), pytest.raises(ContractThere) as caught:
        clerk.try_draft("contract contract=P001C01 parts=JT2024=1")
    assert explain(caught.value, "zh") == f"合同 P001C01 的红冲 {label} 还没有记账：请先请审核人记账，再重新登记。"


def test_a_certificate_whose_reversal_waits_gives_its_period_back(clerk: Any) -> None:
    clerk.begin(CERTIFIED)
    number = clerk.do("certify", contract="P001C01", amount="100")
    clerk.draft("reverse", voucher=number, reason="错记")
    assert clerk.try_draft("certify contract=P001C01 amount=90")["facts"]["period"] == "2"


# Refusals.


@pytest.mark.parametrize("before, line, expected", REFUSALS)
def test_a_refusal_says_why_and_leaves_the_record_as_it_was(
    before: str, line: str, expected: list[str], clerk: Any, unchanged: Unchanged, request: pytest.FixtureRequest
) -> None:
    clerk.begin(before)
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    assert [caught.value.code, explain(caught.value, "zh")] == expected
    assert explain(caught.value, "en")
    check_floor(caught.value, request.node.callspec.id)


def check_floor(refusal: Refusal, case: str) -> None:
    """Make sure that a refusal that is named in `templates.txt` for a floor is refused at that floor."""
    if isinstance(refusal, BelowFloor) and refused_at(case):
        account = CHART.read_account(str(refusal.facts["account"]), TITLES)
        assert account is not None
        roles = {account.role.name}
        if account.role.name in CHART.funds.values():
            roles.add("fund")
        if refusal.facts["bank"] == "B00":
            # Accounts of one code and form are told apart by their bank.
            roles.add("own_bank")
        assert roles & refused_at(case)


NONSENSE = [
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
    later = (DATA / "later-refusals.txt").read_text(encoding="utf-8").split("\n\n")[1:]
    shown = {row.values[2][0] for row in REFUSALS} | {block.splitlines()[2].strip() for block in later}
    shown |= {"parts-missing", "bank-ambiguous", "channel-not-in-bank"}
    shown |= {"transfer-outdated"}  # at the seal: tests/projects/test_outdated.py
    shown |= {"item-unreadable", "item-unknown", "items-missing"}  # tests/projects/test_bills.py
    shown |= {"invoice-twice"}  # tests/projects/test_invoices.py
    modules = [budgets, contracts, entries, goods, payments, receipts, requests, works]
    assert {each.code for each in _refusals_of(*modules)} - shown == set()

"""Certificates by measured quantity and unit price: cumulative, checked against the bill, split over channels."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.balances import State
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import LeansOn, Refusal
from ledger.messages import explain
from ledger.verify import verify
from projects.cli.main import run
from projects.errors import OverMeasured
from projects.events.bills import Item, bill, worth
from projects.events.verbs import EFFECTS
from projects.events.works import _by_item

Unchanged = Callable[[], AbstractContextManager[None]]

FUNDED = """
allot project=P001 channel=JT2024 amount=80万元
allot project=P001 channel=JZ2024 amount=20万元
receive project=P001 channel=JT2024 amount=50万元
receive project=P001 channel=JZ2024 amount=20万元
"""
ITEMS = "items=A01=路面:平方米:7000:85.50,A02=路肩:米:3333.333:3.33,B01=涵洞:座:2:24700:JZ2024"
# 598,500.00 + 11,100.00 + 49,400.00: the shoulder is 11,099.99889.
BILLED = f"""{FUNDED}
contract contract=P001C01 parts=JT2024=559000,JZ2024=100000 {ITEMS} party=施工单位
"""
MEASURED = f"""{BILLED}
certify contract=P001C01 items=A01=1000.5,A02=1111.111 no_retention
"""


def parts(draft: dict[str, Any]) -> dict[str, int]:
    """Return what a draft makes of works, by channel."""
    return {move["commodity"]: move["change"] for move in draft["moves"] if move["role"] == "works"}


def items(clerk: Any) -> dict[str, Item]:
    with clerk.workspace.read() as connection:
        return bill(State(connection, "SF", drafts=False), "P001C01")


def refused(clerk: Any, line: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    return caught.value


def test_an_amount_is_quantity_times_price_with_half_a_fen_rounded_up() -> None:
    assert worth(1000_500, 85_50) == 8_554_275
    assert worth(3333_333, 3_33) == 1_110_000
    assert [worth(quantity, 1) for quantity in (499, 500, 501, 1500, 2500)] == [0, 1, 1, 2, 3]


@given(st.integers(1, 10**9), st.integers(1, 10**7), st.lists(st.integers(1, 10**6), min_size=1, max_size=12))
def test_an_item_measured_in_parts_comes_to_the_fen_of_one_measured_at_once(
    price: int, more: int, quantities: list[int]
) -> None:
    whole = sum(quantities) + more
    item = Item("A01", "路面", "米", whole, price)
    for quantity in [*quantities, more]:
        fen = item.due(quantity)
        assert fen >= 0
        item = Item("A01", "路面", "米", whole, price, "", item.measured + quantity, item.certified + fen)
        # It is never off by more than the half fen of one rounding, however many parts there were.
        assert abs(1000 * item.certified - item.measured * price) <= 500
    assert item.certified == item.worth


def test_a_certificate_by_quantity_is_split_like_any_other_and_keeps_what_an_item_will_cost_its_channel(
    clerk: Any,
) -> None:
    clerk.begin(BILLED)
    draft = clerk.try_draft("certify contract=P001C01 items=A01=1000.5,A02=1111.111")
    assert draft["facts"]["measured-a01"] == "1000.5 = 85542.75"
    assert draft["facts"]["measured-a02"] == "1111.111 = 3700.00"
    # 100,000 less the two culverts' 49,400 stand against 559,000.
    [split] = draft["splits"]
    assert (split["rule"], split["amount"]) == ("proportion", 89_242_75)
    assert {each["channel"]: each["weight"] for each in split["channels"]} == {
        "JT2024": 559_000_00,
        "JZ2024": 50_600_00,
    }
    assert parts(draft) == {"JT2024": 81_835_13, "JZ2024": 7_407_62}
    exact = {each["channel"]: each["share"] for each in split["channels"]}
    assert exact == {
        "JT2024": f"{89_242_75 * 559_000_00}/{609_600_00}",
        "JZ2024": f"{89_242_75 * 50_600_00}/{609_600_00}",
    }


def test_the_bill_is_measured_out_to_the_last_fen_of_the_contract(clerk: Any) -> None:
    clerk.begin(MEASURED)
    clerk.play("""
        certify contract=P001C01 items=B01=1 no_retention
        certify contract=P001C01 items=A01=2999.5,A02=1111.111,B01=1 no_retention
        certify contract=P001C01 items=A01=3000,A02=1111.111 no_retention
    """)
    assert [each.measured - each.quantity for each in items(clerk).values()] == [0, 0, 0]
    assert [each.certified - each.worth for each in items(clerk).values()] == [0, 0, 0]
    assert not [key for key in clerk.balances() if "B2-" in key[0]]
    works = {channel: fen for (account, channel), fen in clerk.balances().items() if "153-" in account}
    assert works == {"JT2024": 559_000_00, "JZ2024": 100_000_00}


def test_an_item_of_one_channel_falls_on_it_alone(clerk: Any) -> None:
    clerk.begin(MEASURED)
    draft = clerk.try_draft("certify contract=P001C01 items=B01=1")
    assert parts(draft) == {"JZ2024": 24_700_00}
    assert [(each["rule"], each["about"]) for each in draft["splits"]] == [("assigned", "B01 涵洞")]


def test_a_clerk_gives_an_item_to_a_channel_with_a_reason(clerk: Any) -> None:
    clerk.begin(MEASURED)
    line = "certify contract=P001C01 items=A01=100,A02=1 assigned=A02=JZ2024"
    assert refused(clerk, line).code == "reason-missing"
    draft = clerk.try_draft(f"{line} reason=捐资人指定路肩")
    assert draft["facts"]["assigned-a02"] == "JZ2024"
    assert draft["facts"]["reason"] == "捐资人指定路肩"
    assert [(each["rule"], each["amount"]) for each in draft["splits"]] == [
        ("assigned", 3_33),
        ("proportion", 8_550_00),
    ]
    assert sum(parts(draft).values()) == 8_553_33


# What is typed after the first certificate, and what the clerk reads.
CASES = """
more than the bill
  certify contract=P001C01 items=A01=5999.501
  合同 P001C01 的清单项 A01 路面 清单量 7000 平方米，已计量 1000.5，本次 5999.501，超出 0.001 平方米：计量不得超过清单，请核对；确实多做的，先登记合同变更（earmark change up P001C01 --item A01=0.001 --reason 原因）。

an item that is not there
  certify contract=P001C01 items=A09=1
  合同 P001C01 的清单里没有 A09（有：A01 路面、A02 路肩、B01 涵洞）：请核对编号；新增的项先登记合同变更（earmark change up P001C01）。

an amount in place of quantities
  certify contract=P001C01 amount=1000
  合同 P001C01 有工程量清单，须按清单项计量：请写 --item 编号=数量，不写金额。

quantities and an amount
  certify contract=P001C01 items=A01=1 amount=1000
  “items”与“amount”不能同时写：请只留一项。

quantities of a contract without a bill
  certify contract=P001C02 items=A01=1
  合同 P001C02 没有工程量清单，不能按清单项办理：请写金额。

an item that is given to a channel and not measured
  certify contract=P001C01 items=A01=1 assigned=B01=JT2024 reason=错
  合同 P001C01 的清单里没有 B01（有：A01）：请核对编号；新增的项先登记合同变更（earmark change up P001C01）。

an item given to a channel that does not pay
  certify contract=P001C01 items=A01=1 assigned=A01=ZC2024 reason=错
  合同 P001C01 不由渠道 ZC2024 农户自筹 负担（只有：JT2024 交通部门专项补助、JZ2024 定向社会捐资）：渠道不变、专款专用，请改用合同中的渠道。

an item given to a channel that has too little left
  certify contract=P001C01 items=A01=1200 assigned=A01=JZ2024 reason=错
  合同 P001C01 的渠道 JZ2024 定向社会捐资 只剩 92,592.38 元未计量，本次 102,600.00 元，超出 10,007.62 元：请核减。

a quantity that comes to nothing
  certify contract=P001C01 items=A02=0.001
  金额“A02=0.001”为零：每个事项都要有金额。

a quantity that is too fine
  certify contract=P001C01 items=A02=0.0001
  数量“0.0001”看不懂：请写正数，最多 3 位小数。

a part of other channels
  certify contract=P001C01 items=A02=1 parts=JT2024=3.32 reason=错
  各渠道合计 3.32 元，与总额 3.33 元不符：请核对。

an item twice
  certify contract=P001C01 items=A02=1,A02=2
  清单项 A02 写了两次：每项只写一次。

an item that cannot be read
  certify contract=P001C01 items=A02
  “A02”看不懂：清单项请写成 编号=名称:单位:数量:单价（由一个渠道独自负担的再加 :渠道），清单里已有的项写 编号=数量。

a channel of an item that cannot be read
  certify contract=P001C01 items=A02=1 assigned=A02 reason=错
  “A02”看不懂：哪一项由哪个渠道负担，请写成 清单项=渠道，例如 B02=SL2024，每项一次。

a bill that is not what the channels pay
  contract contract=P001C03 parts=JT2024=1000 items=A01=路面:平方米:10:85.50
  合同 P001C03 的清单合计 855.00 元，各渠道合计 1,000.00 元：两者须相等，请核对单价、数量和 --part。

items of one channel beyond its part
  contract contract=P001C03 parts=JT2024=800,JZ2024=55 items=A01=路面:平方米:10:85.50:JZ2024
  合同 P001C03 中由渠道 JZ2024 独自负担的清单项共 855.00 元，而它在合同中只负担 55.00 元：请核对。

a new item that is not whole
  contract contract=P001C03 parts=JT2024=800 items=A01=10
  清单项 A01 是新的：名称、单位、数量、单价要写全，例如 A01=路面:平方米:12000:85.50。

a change without items
  change-up contract=P001C01 parts=JT2024=800 reason=错
  合同 P001C01 有工程量清单，变更须写明哪些项增减多少：请写 --item 编号=数量。

another price of an old item
  change-up contract=P001C01 parts=JT2024=90 items=A01=路面:平方米:1:90 reason=错
  清单项 A01 的单价或单位与清单不同：原有的项只增减数量（--item A01=数量），新单价请另用编号。

a change of another amount than its items'
  change-up contract=P001C01 amount=90 items=A01=1 reason=错
  合同 P001C01 的清单变更共 85.50 元，与写明的 90.00 元不符：请核对，金额可以不写。

less than was measured
  change-down contract=P001C01 items=A01=6000 reason=错
  合同 P001C01 的清单项 A01 路面 清单量 7000 平方米，已计量 1000.5，减少 6000 就比已计量的少 0.5 平方米：请核减。
"""


def _case(block: str) -> Any:
    name, line, says = block.splitlines()
    return pytest.param(line.strip(), says.strip(), id=name)


@pytest.mark.parametrize("line, says", [*map(_case, CASES.strip().split("\n\n"))])
def test_what_does_not_fit_a_bill_is_refused(line: str, says: str, clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(f"{MEASURED}\ncontract contract=P001C02 parts=JT2024=1000 party=护栏厂\n")
    with unchanged():
        refusal = refused(clerk, line)
    assert explain(refusal, "zh") == says
    assert explain(refusal, "en")


def test_a_change_order_lets_more_be_measured_and_less_frees_budget(clerk: Any) -> None:
    clerk.begin(MEASURED)
    clerk.play("change-up contract=P001C01 parts=JT2024=855 items=A01=10 reason=加宽")
    clerk.play("change-up contract=P001C01 parts=JT2024=1200 items=C01=标志牌:块:4:300 reason=新增")
    clerk.play("certify contract=P001C01 items=A01=6009.5,C01=4 no_retention")
    assert {code: (each.quantity, each.measured) for code, each in items(clerk).items()} == {
        "A01": (7010_000, 7010_000),
        "A02": (3333_333, 1111_111),
        "B01": (2_000, 0),
        "C01": (4_000, 4_000),
    }
    before = clerk.balances()["Equity:B1-可用预算:P001-通村公路", "JZ2024.B"]
    # The culvert is the donor's alone, and so is what it frees.
    clerk.play("change-down contract=P001C01 items=B01=1 reason=少一座")
    assert clerk.balances()["Equity:B1-可用预算:P001-通村公路", "JZ2024.B"] - before == 24_700_00
    assert items(clerk)["B01"].quantity == 1_000


def test_a_contract_whose_items_name_their_channels_needs_no_parts(clerk: Any) -> None:
    clerk.begin(FUNDED)
    clerk.play("contract contract=P001C01 items=A01=路面:平方米:10:85.50:JT2024,B01=涵洞:座:1:100:JZ2024")
    clerk.play("change-up contract=P001C01 items=B01=1 reason=加一座")
    taken = {channel: fen for (account, channel), fen in clerk.balances().items() if "B2-" in account}
    assert taken == {"JT2024.B": 855_00, "JZ2024.B": 200_00}


def test_a_change_is_not_reversed_while_what_it_added_is_measured(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(MEASURED)
    [change] = clerk.play("change-up contract=P001C01 parts=JT2024=855 items=A01=10 reason=加宽")
    [certificate] = clerk.play("certify contract=P001C01 items=A01=6009.5 no_retention")
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=change, reason="错记")
    assert explain(caught.value, "zh") == (
        f"凭证 {change} 暂不能红冲：清单项 A01 路面 已计量 7010 平方米，红冲后清单里只有 7000 平方米（V{certificate}）。"
        f"请先从最后一张起红冲这些计量，再红冲本张；也可用 earmark correct {change} 一次拟好。"
    )
    made = clerk.at("zhang").correct(change, reason="错记", on="2024-03-01")
    assert made["again"] == [certificate]
    for each in made["drafts"]:
        clerk.seal(each["draft"])
    assert (items(clerk)["A01"].quantity, items(clerk)["A01"].measured) == (7000_000, 1000_500)


def test_a_certificate_is_not_sealed_before_the_change_that_it_leans_on(clerk: Any, unchanged: Unchanged) -> None:
    clerk.begin(MEASURED)
    change = clerk.try_draft("change-up contract=P001C01 parts=JT2024=855 items=A01=10 reason=加宽")["draft"]
    certificate = clerk.try_draft("certify contract=P001C01 items=A01=6009.5")["draft"]
    with unchanged(), pytest.raises(OverMeasured) as caught:
        clerk.seal(certificate)
    assert caught.value.facts["over"] == "10"
    clerk.seal(change)
    clerk.seal(certificate)


def test_a_reversed_certificate_gives_its_quantities_back(clerk: Any) -> None:
    numbers = clerk.begin(MEASURED)
    clerk.do("reverse", voucher=numbers[-1], reason="量错")
    assert [(each.measured, each.certified) for each in items(clerk).values()] == [(0, 0)] * 3
    clerk.play("certify contract=P001C01 items=A01=7000,A02=3333.333,B01=2 no_retention")
    assert not [key for key in clerk.balances() if "B2-" in key[0]]


def test_quantities_are_sealed_with_the_voucher_and_made_again_from_the_books(clerk: Any, tmp_path: Any) -> None:
    clerk.begin(MEASURED)
    settle(clerk.workspace)
    assert [each.findings for each in verify(clerk.workspace, beancount=True) if each.findings] == []
    made = rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS)
    assert made.right
    text = (clerk.workspace.books / "SF" / "2024-03.beancount").read_text(encoding="utf-8")
    assert '  item-b01: "涵洞 | 座 | 2 | 24700.00 | JZ2024"\n' in text
    assert '  measured-a01: "1000.5 = 85542.75"\n' in text


@given(
    st.dictionaries(st.sampled_from(["JT2024", "JZ2024", "CJ2024"]), st.integers(0, 10**7), min_size=1),
    st.lists(
        st.tuples(st.integers(1, 10**6), st.sampled_from(["", "", "JT2024", "JZ2024"]), st.integers(0, 10**6)),
        min_size=1,
        max_size=6,
    ),
)
def test_a_split_by_item_sums_exactly_and_breaks_no_floor(left: Any, told: Any) -> None:
    ask = SimpleNamespace(contract="P001C01", assigned={})
    names = SimpleNamespace(label=str)
    items = {
        f"A{number}": Item(f"A{number}", "项", "个", 1000, fen + more, channel)
        for number, (fen, channel, more) in enumerate(told)
    }
    fen = {f"A{number}": amount for number, (amount, _, _) in enumerate(told)}
    try:
        splits = _by_item(names, ask, left, items, fen)  # type: ignore[arg-type]
    except Refusal:
        return
    sums = dict.fromkeys(left, 0)
    for split in splits:
        for channel, part in split.parts.items():
            sums[channel] += part
    assert sum(sums.values()) == sum(fen.values())
    assert all(0 <= sums[channel] <= left[channel] for channel in left)


@pytest.fixture
def told(clerk: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    clerk.begin(MEASURED)

    def call(line: str, lang: str = "zh") -> str:
        capfd.readouterr()
        assert run(["--workspace", str(clerk.workspace.path), "--lang", lang, *shlex.split(line)]) == 0
        return str(capfd.readouterr().out)

    return call


def test_the_draft_shows_how_it_falls_on_channels_and_why(told: Any) -> None:
    said = told("certify P001C01 --item A02=1 --item B01=1 --as zhang --date 2024-03-02")
    assert "清单项 B01 涵洞 的 24,700.00 元由 JZ2024 独自负担。" in said
    assert "3.33 元按权数分摊：先各取整分，余下的分按尾数从大到小各加一分，尾数相同按渠道编号。" in said
    rows = [line.split() for line in said.splitlines() if line.startswith("J")]
    assert rows == [
        ["JT2024", "477,164.87", "3.053592", "3.05"],
        ["JZ2024", "43,192.38", "0.276407", "0.28"],
    ]
    # Whoever approves it sees the same.
    assert [line.split() for line in told("voucher show D7").splitlines() if line.startswith("J")] == rows


def test_the_bill_shows_what_is_measured_and_left(told: Any) -> None:
    assert [line.split() for line in told("bill P001C01").splitlines() if line.startswith(("A", "B"))] == [
        ["A01", "路面", "平方米", "85.50", "7000", "1000.5", "5999.5", "598,500.00", "85,542.75"],
        ["A02", "路肩", "米", "3.33", "3333.333", "1111.111", "2222.222", "11,100.00", "3,700.00"],
        ["B01", "涵洞", "座", "JZ2024", "24,700.00", "2", "0", "2", "49,400.00", "0.00"],
    ]
    assert json.loads(told("bill P001C01 --json"))[1]["measured"] == "1111.111"


def test_a_draft_by_quantity_is_edited(told: Any) -> None:
    told("certify P001C01 --item A02=1 --as zhang --date 2024-03-02")
    told("voucher edit D7 'items=A02=2;B01=1' --as zhang")
    shown = json.loads(told("voucher show D7 --json"))
    assert (shown["facts"]["measured-a02"], shown["facts"]["measured-b01"]) == ("2 = 6.66", "1 = 24700.00")

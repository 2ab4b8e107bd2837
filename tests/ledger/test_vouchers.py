"""A voucher that breaks a rule of the money is refused as a draft and at the seal, and leaves nothing behind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger import chart, people, register, vouchers
from ledger.balances import State
from ledger.chart import Line, Place
from ledger.errors import (
    BackDated,
    BeforeBook,
    BelowFloor,
    ChannelNotInBank,
    ChannelNotInBudget,
    DraftNotYours,
    DraftUnknown,
    FutureDated,
    HeldByDrafts,
    MirrorBroken,
    Refusal,
    RoleMissing,
    TextMissing,
    TwoProjects,
    Unbalanced,
    Unknown,
)
from ledger.messages import explain
from ledger.proposals import Draft, Proposal
from ledger.seal import seal
from projects.errors import FieldUnknown

CHART = chart.load()
TITLES = {"P000": "村集体", "P001": "通村公路", "P002": "村卫生室"}
Unchanged = Callable[[], AbstractContextManager[None]]


def line(text: str) -> Line:
    """Read a posting such as ``bank -100.00 JT2024 P001``; without a project it is the road's."""
    role, amount, commodity, *rest = text.split()
    project = rest[0] if rest else "P001"
    place = Place(
        project=project,
        title=TITLES[project],
        contract=f"{project}C01",
        bank="B01-农商行专户",
        own_bank="B00-村基本户",
        good="水泥",
        good_commodity="CEMENT",
    )
    return Line(CHART.account(role, place), commodity, int(amount.replace(".", "")))


def hand_made(entry: str, *, on: str = "2024-03-01", project: str = "P001") -> Proposal:
    lines = tuple(line(each) for each in entry.strip().splitlines())
    return Proposal(event="hand", date=date.fromisoformat(on), project=project, narration="手工", lines=lines)


def draft_it(clerk: Any, proposal: Proposal) -> None:
    with clerk.workspace.write() as unit:
        state = State(unit.connection, "SF")
        vouchers.draft(unit, state, proposal, maker="zhang", verb="hand", request={})
        unit.commit()


def seal_it(clerk: Any, proposal: Proposal) -> None:
    """Seal what no draft ever checked."""
    with clerk.workspace.write() as unit:
        seal(unit, Draft("SF", 99, "hand", {}, proposal, "zhang", "2024-03-01"), approver="li", effects={})
        unit.commit()


WAYS = pytest.mark.parametrize("way", [draft_it, seal_it], ids=["as a draft", "at the seal"])

BEFORE = """
allot project=P001 channel=JT2024 amount=1000
allot project=P001 channel=JZ2024 amount=1000
allot project=P002 channel=JZ2024 amount=1000
allot project=P001 channel=SN2024 amount=1000
receive project=P001 channel=JT2024 amount=500
receive project=P001 channel=JZ2024 amount=500
contract contract=P001C01 parts=JT2024=600,JZ2024=300
advance contract=P001C01 parts=JT2024=100
certify contract=P001C01 amount=300 retention=3%
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=400
"""

BROKEN = [
    pytest.param(
        "payable 10.00 JT2024\nbank -10.00 JZ2024",
        Unbalanced,
        "渠道 JT2024 交通部门专项补助 借贷不平，差 10.00 元：渠道不变，每个渠道须各自平衡。",
        id="money changes channel",
    ),
    pytest.param(
        "available -10.00 JT2024.B\ncommitted 10.00 JZ2024.B",
        Unbalanced,
        "渠道 JT2024 交通部门专项补助 借贷不平，差 -10.00 元：渠道不变，每个渠道须各自平衡。",
        id="budget changes channel",
    ),
    pytest.param(
        "bank 10.00 JT2024\nallotted -10.00 JT2024.B",
        Unbalanced,
        "渠道 JT2024 交通部门专项补助 借贷不平，差 10.00 元：渠道不变，每个渠道须各自平衡。",
        id="budget becomes money",
    ),
    pytest.param(
        "bank 10.00 JT2024",
        Unbalanced,
        "渠道 JT2024 交通部门专项补助 借贷不平，差 10.00 元：渠道不变，每个渠道须各自平衡。",
        id="one side only",
    ),
    pytest.param("store 1.000 CEMENT", Unbalanced, None, id="goods out of nothing"),
    pytest.param(
        "bank 10.00 JZ2024 P002\nbank -10.00 JZ2024 P001",
        TwoProjects,
        "一张凭证只记一个项目，这里有 P001 通村公路 和 P002 村卫生室：请分开记。",
        id="two projects",
    ),
    pytest.param(
        "works 10.00 JT2024\npayable -10.00 JT2024",
        MirrorBroken,
        "渠道 JT2024 交通部门专项补助 的资金变动 10.00 元与预算变动 0.00 元不一致（spent）：列支与预算须同时登记。",
        id="cost without budget",
    ),
    pytest.param(
        "available -10.00 JT2024.B\nspent 10.00 JT2024.B",
        MirrorBroken,
        "渠道 JT2024 交通部门专项补助 的资金变动 0.00 元与预算变动 10.00 元不一致（spent）：列支与预算须同时登记。",
        id="budget without cost",
    ),
    pytest.param(
        "works 10.00 JT2024\npayable -10.00 JT2024\navailable -9.99 JT2024.B\nspent 9.99 JT2024.B",
        MirrorBroken,
        "渠道 JT2024 交通部门专项补助 的资金变动 10.00 元与预算变动 9.99 元不一致（spent）：列支与预算须同时登记。",
        id="budget of another amount",
    ),
    pytest.param(
        "works 10.00 JT2024\npayable -10.00 JT2024\navailable -10.00 JZ2024.B\nspent 10.00 JZ2024.B",
        MirrorBroken,
        "渠道 JT2024 交通部门专项补助 的资金变动 10.00 元与预算变动 0.00 元不一致（spent）：列支与预算须同时登记。",
        id="budget of another channel",
    ),
    pytest.param(
        "advance 10.00 JT2024\nbank -10.00 JT2024\ncommitted -10.00 JT2024.B\nspent 10.00 JT2024.B",
        MirrorBroken,
        "渠道 JT2024 交通部门专项补助 的资金变动 10.00 元与预算变动 0.00 元不一致（advanced）：列支与预算须同时登记。",
        id="advance booked as spent",
    ),
    pytest.param(
        "store 10.00 SN2024\nearmarked -10.00 SN2024",
        MirrorBroken,
        "渠道 SN2024 农业部门实物补助 的资金变动 10.00 元与预算变动 0.00 元不一致（stocked）：列支与预算须同时登记。",
        id="goods stored without budget",
    ),
    pytest.param(
        "asset 10.00 JT2024\nearmarked -10.00 JT2024",
        MirrorBroken,
        "渠道 JT2024 交通部门专项补助 的资金变动 10.00 元与预算变动 0.00 元不一致（spent）：列支与预算须同时登记。",
        id="asset without works",
    ),
    pytest.param(
        "available 10.00 WS2024.B\nallotted -10.00 WS2024.B",
        ChannelNotInBudget,
        "项目 P001 通村公路 的预算里没有渠道 WS2024 卫生部门专项补助"
        "（只有：JT2024 交通部门专项补助、ZC2024 农户自筹、JZ2024 定向社会捐资、SN2024 农业部门实物补助、"
        "TG2024 投工投劳折资、JL2024 以奖代补、CJ2024 村集体自有资金）：专款专用，请改用预算内的渠道，"
        "或先把该渠道列入预算（earmark project budget）。",
        id="channel that is not in the budget",
    ),
    pytest.param(
        "bank 10.00 SN2024\nearmarked -10.00 SN2024",
        ChannelNotInBank,
        "账户 B01 农商行专户 不得存放渠道 SN2024 农业部门实物补助"
        "（只准：CJ2024、JL2024、JT2024、JZ2024、WS2024、ZC2024）："
        "专户储存，请换账户，或先准许（earmark book allow B01 SN2024 --book SF）。",
        id="channel that the bank may not hold",
    ),
    pytest.param(
        "own_bank 10.00 JT2024\nbank -10.00 JT2024",
        ChannelNotInBank,
        "账户 B00 村基本户 不得存放渠道 JT2024 交通部门专项补助（只准：CJ2024）："
        "专户储存，请换账户，或先准许（earmark book allow B00 JT2024 --book SF）。",
        id="earmarked money in the village's own account",
    ),
    pytest.param(
        "bank -400.01 JT2024\nearmarked 400.01 JT2024",
        BelowFloor,
        "项目 P001 通村公路 在专户 B01 里，渠道 JT2024 交通部门专项补助 只有 400.00 元，本次 400.01 元，差 0.01 元："
        "各渠道、各项目的款不得互相垫用，请等资金到账（earmark receive P001 JT2024 …）或核减金额。",
        id="cash below zero",
    ),
    pytest.param(
        "available -400.01 JT2024.B\nallotted 400.01 JT2024.B",
        BelowFloor,
        "项目 P001 通村公路 的渠道 JT2024 交通部门专项补助 可用预算 400.00 元，本次 400.01 元，超出 0.01 元："
        "请核减，或先登记追加指标（earmark allot P001 JT2024 …）。",
        id="budget below zero",
    ),
    pytest.param(
        "payable 400.00 JT2024\nbank -400.00 JT2024",
        BelowFloor,
        "合同 P001C01 应付渠道 JT2024 交通部门专项补助 的进度款只有 160.67 元，本次支付 400.00 元，超出 239.33 元："
        "支付不得超过已计量未付数，请核减，或先计量（earmark certify）。",
        id="paid more than certified",
    ),
    pytest.param(
        "retention 6.01 JT2024\nbank -6.01 JT2024",
        BelowFloor,
        "合同 P001C01 的质保金里，渠道 JT2024 交通部门专项补助 只有 6.00 元，本次 6.01 元，超出 0.01 元：请核减。",
        id="retention below zero",
    ),
    pytest.param(
        "bank 66.68 JT2024\nadvance -66.68 JT2024\ncommitted 66.68 JT2024.B\nadvanced -66.68 JT2024.B",
        BelowFloor,
        "合同 P001C01 的预付款里，渠道 JT2024 交通部门专项补助 只剩 66.67 元可抵扣，"
        "本次 66.68 元，超出 0.01 元：请核减。",
        id="advance below zero",
    ),
    pytest.param(
        "available 333.34 JT2024.B\ncommitted -333.34 JT2024.B",
        BelowFloor,
        "合同 P001C01 的渠道 JT2024 交通部门专项补助 只剩 333.33 元未用，本次 333.34 元，超出 0.01 元："
        "不得超过合同，请核减。",
        id="contract below zero",
    ),
    pytest.param(
        "store -10.001 CEMENT\nquantity 10.001 CEMENT",
        BelowFloor,
        "项目 P001 通村公路 的库存物资（CEMENT）不够：请核对批次和数量。",
        id="more tonnes than are stored",
    ),
    pytest.param(
        "earmarked 500.01 JZ2024\nreserve -500.01 JZ2024",
        BelowFloor,
        "项目 P001 通村公路 的专项应付款（JZ2024 定向社会捐资）只有 500.00 元，本次 500.01 元，超出 0.01 元：请核减。",
        id="fund below zero",
    ),
]


@WAYS
@pytest.mark.parametrize("entry, refusal, message", BROKEN)
def test_a_voucher_that_breaks_a_rule_is_refused_and_changes_nothing(
    way: Callable[[Any, Proposal], None],
    entry: str,
    refusal: type[Refusal],
    message: str | None,
    clerk: Any,
    unchanged: Unchanged,
) -> None:
    clerk.begin(BEFORE)
    with unchanged(), pytest.raises(Refusal) as caught:
        way(clerk, hand_made(entry))
    assert type(caught.value) is refusal
    assert explain(caught.value, "en")
    if message:
        assert explain(caught.value, "zh") == message


@WAYS
def test_limits_hold_to_the_last_fen(way: Callable[[Any, Proposal], None], clerk: Any) -> None:
    clerk.begin(BEFORE)
    way(clerk, hand_made("bank -400.00 JT2024\nearmarked 400.00 JT2024"))


@WAYS
def test_a_voucher_may_take_out_what_it_brings(way: Callable[[Any, Proposal], None], clerk: Any) -> None:
    way(
        clerk,
        hand_made(
            "bank 10.00 JT2024\nearmarked -10.00 JT2024\nearmarked 10.00 JT2024\nreserve -10.00 JT2024\n"
            "available 10.00 JT2024.B\nallotted -10.00 JT2024.B"
        ),
    )


def test_the_sharpest_limit_is_named_first(clerk: Any) -> None:
    clerk.begin(BEFORE)
    with pytest.raises(BelowFloor) as caught:
        draft_it(clerk, hand_made("bank -999.00 JT2024\npayable 999.00 JT2024"))
    assert caught.value.facts["about"] == "payable"


DATES = [
    pytest.param(
        "2023-12-31",
        BeforeBook,
        "日期 2023-12-31 早于专账 SF 的启用日 2024-01-01：请改用启用日或以后的日期，"
        "以前的余额用期初（earmark opening）登记。",
        id="before the book",
    ),
    pytest.param(
        "2024-03-04",
        BackDated,
        "日期 2024-03-04 早于专账 SF 最后一张已记账凭证的日期 2024-03-05：凭证日期不得倒退，"
        "请用 2024-03-05 或以后的日期，业务发生日可写在摘要里。",
        id="before the last voucher",
    ),
    pytest.param(
        "2024-03-11",
        FutureDated,
        "日期 2024-03-11 在今天 2024-03-10 之后：凭证不能记未来的日期，请改正。",
        id="in the future",
    ),
]


@pytest.mark.parametrize("day, refusal, message", DATES)
def test_a_date_out_of_order_is_refused(
    day: str, refusal: type[Refusal], message: str, clerk: Any, unchanged: Unchanged
) -> None:
    clerk.clock.set("2024-03-10")
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date="2024-03-05")
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.draft("allot", project="P001", channel="JT2024", amount="1", date=day)
    assert type(caught.value) is refusal
    assert explain(caught.value, "zh") == message
    with unchanged(), pytest.raises(refusal):
        seal_it(clerk, hand_made("available 1.00 JT2024.B\nallotted -1.00 JT2024.B", on=day))


@pytest.mark.parametrize("day", ["2024-03-05", "2024-03-10"], ids=["the last voucher's day", "today"])
def test_the_days_at_both_ends_are_taken(day: str, clerk: Any) -> None:
    clerk.clock.set("2024-03-10")
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date="2024-03-05")
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date=day)


def test_today_is_the_day_in_china(clerk: Any) -> None:
    clerk.clock.set("2024-03-10", hour=0)
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date="2024-03-10")


@pytest.mark.parametrize(
    "user, refusal, message",
    [
        ("li", RoleMissing, "li 在专账 SF 没有制单权限（maker）：请由制单人办理，或授权（earmark user add）。"),
        ("zhao", RoleMissing, "zhao 在专账 SF 没有制单权限（maker）：请由制单人办理，或授权（earmark user add）。"),
        ("sun", Unknown, "没有登记用户“sun”：请先登记（earmark user add），或核对 --as 后的姓名。"),
    ],
)
def test_only_a_maker_drafts(user: str, refusal: type[Refusal], message: str, clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), pytest.raises(refusal) as caught:
        clerk.draft("allot", user=user, project="P001", channel="JT2024", amount="1")
    assert explain(caught.value, "zh") == message


def test_a_role_in_one_book_is_none_in_another(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        register.add_book(unit, "OTHER", village="V13", name="另一本", started_on=date(2024, 1, 1))
        people.add_user(unit, "sun", roles=["maker"], book="OTHER")
        unit.commit()
    with pytest.raises(RoleMissing):
        clerk.draft("allot", user="sun", project="P001", channel="JT2024", amount="1")


# Drafts that wait.


def test_drafts_lean_on_drafts(clerk: Any) -> None:
    """A clerk drafts an afternoon's vouchers; the approver seals them in order."""
    labels = [
        clerk.try_draft(each)["draft"]
        for each in [
            "allot project=P001 channel=JT2024 amount=1000",
            "receive project=P001 channel=JT2024 amount=500",
            "contract contract=P001C01 parts=JT2024=1000",
            "certify contract=P001C01 amount=400 no_retention",
            "pay contract=P001C01",
        ]
    ]
    assert labels == ["D1", "D2", "D3", "D4", "D5"]
    with pytest.raises(BelowFloor):
        clerk.seal("D5")
    for label in labels:
        clerk.seal(label)
    assert clerk.balances()["Assets:102-银行存款:B01-农商行专户:P001", "JT2024"] == 100_00


HELD = [
    pytest.param(
        "contract contract=P001C02 parts=JT2024=400", "contract contract=P001C03 parts=JT2024=1", id="contract"
    ),
    pytest.param(
        "advance contract=P001C01 parts=JT2024=170", "advance contract=P001C01 parts=JT2024=0.01", id="advance"
    ),
    pytest.param("certify contract=P001C01 amount=600", "certify contract=P001C01 amount=0.01", id="certificate"),
    pytest.param("pay contract=P001C01", "pay contract=P001C01", id="payment"),
    pytest.param(
        "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=10",
        "inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=10",
        id="issue",
    ),
    pytest.param(
        "receive project=P001 channel=JT2024 amount=500",
        "receive project=P001 channel=JT2024 amount=0.01",
        id="receipt",
    ),
    pytest.param(
        "contract contract=P001C02 parts=JT2024=100",
        "contract contract=P001C02 parts=JZ2024=100",
        id="number of a contract",
    ),
]


@pytest.mark.parametrize("first, second", HELD)
def test_what_a_draft_has_taken_is_not_promised_a_second_time(
    first: str, second: str, clerk: Any, unchanged: Unchanged
) -> None:
    """The clerk is told which draft holds it, not that there is nothing left."""
    clerk.begin(BEFORE)
    held = clerk.try_draft(first)["draft"]
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.try_draft(second)
    assert held in explain(caught.value, "zh")


def test_the_message_names_the_drafts_that_hold_the_money(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    clerk.try_draft("contract contract=P001C01 parts=JT2024=700")
    with pytest.raises(HeldByDrafts) as caught:
        clerk.try_draft("contract contract=P001C02 parts=JT2024=400")
    assert explain(caught.value, "zh") == (
        "渠道 JT2024 交通部门专项补助 已被待审核的草稿占用（D2），剩余只够 300.00 元，本次 400.00 元："
        "请先审核或撤销这些草稿，或核减金额。"
    )


def test_a_draft_that_brings_money_does_not_hold_it(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    clerk.try_draft("allot project=P001 channel=JT2024 amount=1")
    taking = clerk.try_draft("contract contract=P001C01 parts=JT2024=1000")["draft"]
    with pytest.raises(HeldByDrafts) as caught:
        clerk.try_draft("contract contract=P001C02 parts=JT2024=2")
    assert str(caught.value.facts["drafts"]) == taking


def test_a_dropped_draft_frees_what_it_held_and_its_number_does_not_come_back(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    held = clerk.try_draft("contract contract=P001C01 parts=JT2024=1000")["draft"]
    assert clerk.at("zhang").drop(held) == {"dropped": "D2"}
    assert clerk.try_draft("contract contract=P001C01 parts=JT2024=1000")["draft"] == "D3"


def test_a_draft_changes_no_balance(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    before = clerk.balances()
    clerk.try_draft("contract contract=P001C01 parts=JT2024=1000")
    assert clerk.balances() == before


def test_drafts_are_listed_by_date(clerk: Any) -> None:
    clerk.draft("allot", project="P001", channel="JT2024", amount="1", date="2024-03-09")
    clerk.draft("allot", project="P001", channel="JT2024", amount="1", date="2024-03-08")
    with clerk.workspace.read() as connection:
        assert [each.label for each in vouchers.drafts(connection, "SF")] == ["D2", "D1"]


def test_a_draft_comes_back_as_it_was_made(clerk: Any) -> None:
    clerk.begin(BEFORE)
    proposal = hand_made("bank -10.00 JT2024\nearmarked 10.00 JT2024")
    draft_it(clerk, proposal)
    with clerk.workspace.read() as connection:
        assert [each.proposal for each in vouchers.drafts(connection, "SF")] == [proposal]


def test_a_draft_is_edited_by_its_maker(clerk: Any) -> None:
    label = clerk.draft("allot", project="P001", channel="JT2024", amount="1")["draft"]
    edited = clerk.at("zhang").edit(label, {"amount": "2", "note": "改"})
    assert (edited["draft"], edited["narration"]) == ("D1", "改")
    assert clerk.entry(clerk.seal(label)).splitlines()[1] == "Equity:B1-可用预算:P001-通村公路 2.00 JT2024.B"


def test_an_edited_draft_does_not_count_against_itself(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    label = clerk.try_draft("contract contract=P001C01 parts=JT2024=1000")["draft"]
    clerk.at("zhang").edit(label, {"parts": ["JT2024=999"]})


def test_a_paper_of_a_draft_is_taken_away_or_another_put_in_its_place(clerk: Any, tmp_path: Path) -> None:
    right, wrong, more = (tmp_path / f"{name}.pdf" for name in ("right", "wrong", "more"))
    for each in (right, wrong, more):
        each.write_bytes(b"%PDF-" + each.name.encode())
    maker = clerk.at("zhang")
    maker.record("allot", {"project": "P001", "channel": "JT2024", "amount": "1"}, papers=[right, wrong])

    def papers(made: dict[str, Any]) -> list[str]:
        return [each["sha256"] for each in made["documents"]]

    def hashes(*paths: Path) -> list[str]:
        return [hashlib.sha256(each.read_bytes()).hexdigest() for each in paths]

    assert papers(maker.edit("D1", {"amount": "2"})) == hashes(right, wrong), "they stay where nothing is said of them"
    edited = [maker.edit("D1", {}, papers=[right, more, right], key="k") for _ in range(2)]
    assert [papers(each) for each in edited] == [hashes(right, more)] * 2
    assert papers(maker.edit("D1", {}, papers=[])) == []
    maker.edit("D1", {}, papers=[right])
    clerk.seal("D1")
    assert [row[0] for row in clerk.sql("SELECT sha256 FROM document")] == hashes(right)


NOT_YOURS = "草稿 D1 由 zhang 制单，{} 不能改动：请由本人修改，审核人可以撤销。"


@pytest.mark.parametrize("user", ["wang", "li", "zhao"])
def test_nobody_else_edits_a_draft(user: str, clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    with unchanged(), pytest.raises(DraftNotYours) as caught:
        clerk.at(user).edit("D1", {"amount": "2"})
    assert explain(caught.value, "zh") == NOT_YOURS.format(user)


@pytest.mark.parametrize("user", ["wang", "zhao"])
def test_only_its_maker_or_an_approver_drops_a_draft(user: str, clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    with unchanged(), pytest.raises(DraftNotYours) as caught:
        clerk.at(user).drop("D1")
    assert explain(caught.value, "zh") == NOT_YOURS.format(user)


def test_an_approver_drops_a_draft(clerk: Any) -> None:
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    clerk.at("li").drop("D1")
    assert clerk.sql("SELECT count(*) FROM work_draft") == [(0,)]


EDITS = [
    pytest.param({"lot": "S1"}, FieldUnknown, id="a field that the event does not have"),
    # A paper is attached by the desk, which has read and kept it; a typed one would name a file that is not there.
    pytest.param({"documents": ["0a//1"]}, FieldUnknown, id="documents typed by hand"),
    pytest.param({"channel": "WS2024"}, ChannelNotInBudget, id="a channel that is not in the budget"),
    pytest.param({"amount": ""}, TextMissing, id="a needed fact taken away"),
    pytest.param({"date": "2026-01-01"}, FutureDated, id="a date in the future"),
]


@pytest.mark.parametrize("changes, refusal", EDITS)
def test_an_edit_that_breaks_a_rule_leaves_the_draft_as_it_was(
    changes: dict[str, Any], refusal: type[Refusal], clerk: Any, unchanged: Unchanged
) -> None:
    clerk.draft("allot", project="P001", channel="JT2024", amount="1")
    with unchanged(), pytest.raises(Refusal) as caught:
        clerk.at("zhang").edit("D1", changes)
    assert type(caught.value) is refusal


@pytest.mark.parametrize("act", ["edit", "drop", "seal"])
def test_a_draft_that_is_gone_is_unknown(act: str, clerk: Any, unchanged: Unchanged) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="1")
    acts = {
        "edit": lambda: clerk.at("zhang").edit("D1", {"amount": "2"}),
        "drop": lambda: clerk.at("zhang").drop("D1"),
        "seal": lambda: clerk.at("li").seal("D1"),
    }
    with unchanged(), pytest.raises(DraftUnknown) as caught:
        acts[act]()
    assert explain(caught.value, "zh") == ("专账 SF 没有草稿 D1：可能已经记账或撤销，请用 earmark voucher list 查看。")


def test_a_draft_whose_ground_was_taken_away_is_not_sealed(clerk: Any, unchanged: Unchanged) -> None:
    clerk.draft("allot", project="P001", channel="JT2024", amount="1000")
    clerk.try_draft("contract contract=P001C01 parts=JT2024=1000")
    clerk.at("zhang").drop("D1")
    with unchanged(), pytest.raises(BelowFloor):
        clerk.seal("D2")

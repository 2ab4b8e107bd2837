"""Whole lives of real projects, told by the verbs alone: a road with a surplus, water stations short of money, cement.

The figures of the plans are those of the demonstration (`projects/demo/plan.csv`): 13-01 a road of 3.5 km with 88 + 65 +
22 万元, 13-02 two water stations with 20 + 20 万元, 14-08 a road of 50 tonnes of cement and the villagers' labour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import pytest

from ledger import channels, money, people, register
from ledger.balances import State
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.messages import explain
from ledger.verify import verify
from projects import registry
from projects.demo.builder import read_plan
from projects.identities import identities
from projects.resources import resources
from projects.status import Figures, status
from projects.traces import trace

CHANNELS = {
    "JT2024": ("交通部门专项补助", "department"),
    "NH2024": ("农户自筹", "households"),
    "JZ2024": ("社会捐资", "donation_tied"),
    "SW2024": ("水务局专项补助", "department"),
    "SN2024": ("实物水泥", "in_kind"),
    "TG2024": ("投工投劳", "labour"),
    "YG2024": ("以工代赈", "department"),
    "CJ2024": ("村集体自有资金", "collective"),
}
SURPLUS = 1_234_56

ROAD = """
allot project=P001 channel=JT2024 amount=88万元 number=交财〔2024〕7号
plan project=P001 channel=NH2024 amount=65万元
allot project=P001 channel=JZ2024 amount=22万元
receive project=P001 channel=JT2024 amount=50万元
receive project=P001 channel=NH2024 amount=30万元 cash
receive project=P001 channel=NH2024 amount=30万元 from_cash
receive project=P001 channel=JZ2024 amount=22万元
contract contract=P001C01 parts=JT2024=880000,NH2024=650000,JZ2024=220000 party=甲施工队 name=路面
advance contract=P001C01 percent=20%
certify contract=P001C01 amount=612345.67
pay contract=P001C01 partial
receive project=P001 channel=JT2024 amount=38万元
receive project=P001 channel=NH2024 amount=35万元
certify contract=P001C01 amount=700000.01
pay contract=P001C01
decommit contract=P001C01 settled=1748765.44
certify contract=P001C01 amount=436419.76
pay contract=P001C01
accept project=P001 quantity=3.5 warranty_until=2024-03-20
return project=P001 channel=JT2024
return project=P001 channel=NH2024
"""
RELEASE = "release project=P001 date=2024-03-21"
STATIONS = """
allot project=P002 channel=SW2024 amount=20万元 number=水务〔2024〕3号
plan project=P002 channel=NH2024 amount=20万元
receive project=P002 channel=SW2024 amount=20万元
receive project=P002 channel=NH2024 amount=12万元
contract contract=P002C01 parts=SW2024=195000,NH2024=195000 party=乙施工队 name=供水站两处
"""
CEMENT = """
allot project=P003 channel=SN2024 amount=19800
allot project=P003 channel=TG2024 amount=12083.34
inkind-receive project=P003 channel=SN2024 good=CEMENT quantity=47 amount=18800
inkind-receive project=P003 channel=SN2024 good=CEMENT quantity=3 amount=1000
inkind-issue project=P003 channel=SN2024 good=CEMENT quantity=47 lot=S1
inkind-issue project=P003 channel=SN2024 good=CEMENT quantity=1 lot=S2
inkind-issue project=P003 channel=SN2024 good=CEMENT quantity=1 lot=S2
inkind-issue project=P003 channel=SN2024 good=CEMENT quantity=1 lot=S2
labour project=P003 channel=TG2024 days=120.5 rate=100
labour project=P003 channel=TG2024 days=0.5 rate=66.67
accept project=P003 quantity=50
"""


@pytest.fixture
def village(blank_clerk: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """The village of plan 13 with the road of plan 14 in place of its clinic; budgets are the plan's."""
    plan = read_plan()
    named = {name: code for code, (name, _) in CHANNELS.items()} | {"受益农户自筹": "NH2024"}

    def budget(row: str) -> dict[str, int]:
        return {named[part.name]: part.fen or 0 for part in plan[row].channels}

    with blank_clerk() as clerk:
        with clerk.workspace.write() as unit:
            people.add_user(unit, "zhang", roles=["maker"])
            people.add_user(unit, "li", roles=["approver"])
            registry.add_village(unit, "V13", name="示范村")
            register.add_book(unit, "SF", village="V13", name="示范村专账", started_on=date(2024, 1, 1))
            for code, (name, source) in CHANNELS.items():
                channels.add_channel(unit, code, name=name, source=source)
            channels.add_good(unit, "CEMENT", name="水泥", unit_name="吨", scale=3)
            held = [code for code, (_, source) in CHANNELS.items() if source not in {"in_kind", "labour"}]
            register.add_bank(unit, "SF", "B00", name="村基本户", kind="own", channels=["CJ2024"])
            register.add_bank(unit, "SF", "B01", name="农商行专户", kind="dedicated", channels=held)
            rows = {"P001": ("13-01", "通村村道"), "P002": ("13-02", "供水站"), "P003": ("14-08", "屯内道路")}
            for code, (row, title) in rows.items():
                more = {"P002": {"CJ2024": 0}, "P003": {"YG2024": 0}}.get(code, {})
                detail = {"unit": plan[row].unit, "quantity": plan[row].quantity}
                registry.add_project(
                    unit, "SF", code, title=title, name=plan[row].name, budget=budget(row) | more, detail=detail
                )
            unit.commit()
        settle(clerk.workspace)
        yield clerk


def figures(clerk: Any, project: str) -> dict[str, Figures]:
    with clerk.workspace.read() as connection:
        assert not any(each.off for told in identities(connection, "SF", project).values() for each in told)
        return status(connection, "SF")[project]


def moved(clerk: Any, project: str, figure: str, event: str) -> dict[str, int]:
    """Return what an event did to a figure, by channel."""
    found: dict[str, int] = {}
    with clerk.workspace.read() as connection:
        for each in trace(connection, "SF", project, figure):
            if each.event == event:
                found[each.channel] = found.get(each.channel, 0) + each.amount
    return found


def refused(clerk: Any, line: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        clerk.try_draft(line)
    return caught.value


def test_every_fen_of_the_road_is_in_the_asset_returned_or_in_the_bank(village: Any) -> None:
    assert read_plan()["13-01"].total_fen == 175_0000_00
    village.play(ROAD)
    before = figures(village, "P001")
    assert {channel: of.cash - of.retention for channel, of in before.items() if of.cash > of.retention} == {
        "JZ2024": before["JZ2024"].left
    }
    early = explain(refused(village, RELEASE.replace("03-21", "03-19")), "zh")
    assert early.startswith("项目 P001 通村村道 的质保期到 2024-03-20 才满，2024-03-19 还不能退质保金")
    village.play(RELEASE)
    after = figures(village, "P001")
    arrived = {"JT2024": 880_000_00, "NH2024": 650_000_00, "JZ2024": 220_000_00}
    # What a receipt brought is what the bank's slips say; what came back of it is the return of the surplus.
    returned = {channel: -fen for channel, fen in moved(village, "P001", "received", "surplus_returned").items()}
    for channel, of in after.items():
        assert of.certified + returned.get(channel, 0) + of.cash == arrived[channel]
        assert (of.committed, of.owed, of.retention, of.stock, of.due) == (0, 0, 0, 0, 0)
    asset = {
        channel: fen for (account, channel), fen in village.balances().items() if account.startswith("Assets:151-")
    }
    assert asset == {channel: of.certified for channel, of in after.items()}
    assert sum(asset.values()) == 1_748_765_44
    # The donor's part of the surplus stays in the bank, the others' went back to where they came from.
    assert sum(returned.values()) + after["JZ2024"].cash == SURPLUS
    assert returned == {"JT2024": 620_81, "NH2024": 458_55}
    assert after["JZ2024"].cash == after["JZ2024"].left == 155_20
    assert [each.findings for each in verify(village.workspace, beancount=True) if each.findings] == []


def test_the_stations_certificate_is_taken_and_its_payment_stops_at_the_channel_that_lacks_money(village: Any) -> None:
    village.play(STATIONS)
    draft = village.try_draft("certify contract=P002C01 amount=30万元")
    village.seal(draft["draft"])
    took = figures(village, "P002")
    assert {channel: of.owed + of.retention for channel, of in took.items() if of.owed} == {
        "SW2024": 150_000_00,
        "NH2024": 150_000_00,
    }
    assert (took["NH2024"].cash, took["NH2024"].due) == (120_000_00, 80_000_00)
    short = refused(village, "pay contract=P002C01")
    assert explain(short, "zh") == (
        "项目 P002 供水站 的渠道 NH2024 农户自筹 账上只有 120,000.00 元，应付 145,500.00 元，差 25,500.00 元："
        "各渠道、各项目的款不得互相垫用。农户还有 80,000.00 元没有交，请等收到（earmark receive P002 NH2024 …）；"
        "也可以只付账上够付的 265,500.00 元（--part NH2024=120000.00 --part SW2024=145500.00，或加 --partial），"
        "或经批准先垫付（earmark prefinance P002C01 --number 批准文号）。"
    )
    assert "Households still owe 80,000.00 yuan" in explain(short, "en")
    # The channel that has its money pays; the other one as far as it goes.
    village.play("pay contract=P002C01 partial")
    assert explain(refused(village, "pay contract=P002C01"), "zh") == (
        "项目 P002 供水站 的渠道 NH2024 农户自筹 账上只有 0.00 元，应付 25,500.00 元，差 25,500.00 元："
        "各渠道、各项目的款不得互相垫用。农户还有 80,000.00 元没有交，请等收到后再付（earmark receive P002 NH2024 …），"
        "或经批准先垫付（earmark prefinance P002C01 --number 批准文号）。"
    )
    village.play("receive project=P002 channel=NH2024 amount=25500\npay contract=P002C01")
    paid = figures(village, "P002")
    assert {channel: (of.paid, of.owed) for channel, of in paid.items() if of.paid} == {
        "SW2024": (145_500_00, 0),
        "NH2024": (145_500_00, 0),
    }


def test_a_payment_can_be_helped_by_the_villages_own_money_until_the_households_pay(village: Any) -> None:
    village.play(STATIONS)
    village.play("""
        opening project=P000 lines=own_bank:B00=CJ2024:50000
        certify contract=P002C01 amount=30万元
        pay contract=P002C01 partial
        prefinance contract=P002C01 borrower=NH2024 lender=CJ2024 number=村代会〔2024〕6号
    """)
    assert figures(village, "P002")["NH2024"].borrowed == 25_500_00
    village.play("receive project=P002 channel=NH2024 amount=8万元\nrepay project=P002")
    told = figures(village, "P002")
    assert (told["NH2024"].borrowed, told["CJ2024"].lent, told["NH2024"].cash) == (0, 0, 54_500_00)
    assert village.balances()["Assets:102-银行存款:B00-村基本户", "CJ2024"] == 50_000_00


def test_tonnes_and_workdays_of_the_cement_road_are_followed_to_the_fen(village: Any) -> None:
    assert [part.name for part in read_plan()["14-08"].channels] == ["实物水泥", "投工投劳"]
    numbers = village.play(CEMENT)
    with village.workspace.read() as connection:
        used = resources(State(connection, "SF", drafts=False), "P003")
    assert [(each.good, each.lot, each.event, each.counted, each.fen) for each in used] == [
        ("CEMENT", "S1", "inkind_received", "47", 18_800_00),
        ("CEMENT", "S1", "inkind_issued", "47", 18_800_00),
        ("CEMENT", "S1", "left", "0", 0),
        ("CEMENT", "S2", "inkind_received", "3", 1_000_00),
        ("CEMENT", "S2", "inkind_issued", "3", 1_000_00),
        ("CEMENT", "S2", "left", "0", 0),
        ("workdays", "", "labour", "121", 12_083_34),
    ]
    # Three thirds of 1,000.00 yuan are 1,000.00 yuan: the last tonne takes what rounding left.
    thirds = [moved_by(village, number) for number in numbers[5:8]]
    assert thirds == [333_33, 333_34, 333_33]
    assert sum(thirds) == 1_000_00
    told = figures(village, "P003")
    assert {channel: (of.allotted, of.certified, of.left) for channel, of in told.items() if of.allotted} == {
        "SN2024": (19_800_00, 19_800_00, 0),
        "TG2024": (12_083_34, 12_083_34, 0),
    }
    assert not [key for key in village.balances() if "121-" in key[0] or key[1] == "CEMENT"]
    # Each line of the list of cement and of labour is a voucher that says how many tonnes or days.
    with village.workspace.read() as connection:
        listed = trace(connection, "SF", "P003", "certified")
    assert [each.number for each in listed] == numbers[4:10]
    assert money.plain(sum(each.amount for each in listed)) == "31883.34"
    assert [each.narration for each in listed[-2:]] == ["投工 120.5 工日 × 100.00 元", "投工 0.5 工日 × 66.67 元"]


def test_paid_work_is_counted_in_workdays_beside_the_work_that_is_given(village: Any) -> None:
    village.play("""
        allot project=P003 channel=TG2024 amount=5000
        allot project=P003 channel=YG2024 amount=9000
        receive project=P003 channel=YG2024 amount=9000
        labour project=P003 channel=TG2024 days=30 rate=80
        wages-earn project=P003 channel=YG2024 days=45.5 rate=120
        wages-earn project=P003 channel=YG2024 days=4 rate=120
        wages-pay project=P003
    """)
    wrong = village.do("wages-earn", project="P003", channel="YG2024", days="1", rate="120")
    village.do("reverse", voucher=wrong, reason="多记一日")
    with village.workspace.read() as connection:
        used = resources(State(connection, "SF", drafts=False), "P003")
    assert [(each.event, each.channel, each.counted, each.fen) for each in used] == [
        ("labour", "TG2024", "30", 2_400_00),
        ("wages_earned", "YG2024", "49.5", 5_940_00),
    ]
    told = figures(village, "P003")["YG2024"]
    assert (told.paid, told.owed, told.cash) == (5_940_00, 0, 3_060_00)


def moved_by(clerk: Any, number: str) -> int:
    """Return what a voucher took out of the store, in fen."""
    [(fen,)] = clerk.sql(
        "SELECT -p.amount FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
        "JOIN account a ON a.book = p.book AND a.name = p.account AND a.role = 'store' "
        "WHERE p.book = 'SF' AND v.number = ? AND p.commodity <> 'CEMENT'",
        number,
    )
    return int(fen)

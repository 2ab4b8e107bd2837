"""各记其功: each channel is credited with its own result, by what it verifiably paid; the parts add up to the whole.

Every figure here was worked by hand.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import facts
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from projects import units
from projects.cli.credit import bar, percentages
from projects.cli.main import run
from projects.costs import costs
from projects.credit import Credit, credits_of, share_out
from projects.events import works
from projects.events.verbs import EFFECTS

FUNDED = """
allot project=P001 channel=JT2024 amount=880000
allot project=P001 channel=JZ2024 amount=220000
plan project=P001 channel=ZC2024 amount=650000
receive project=P001 channel=JT2024 amount=880000
receive project=P001 channel=ZC2024 amount=650000
"""
BUILT = f"""{FUNDED}
receive project=P001 channel=JZ2024 amount=100000
contract contract=P001C01 parts=JT2024=880000,ZC2024=650000,JZ2024=220000 party=施工单位
certify contract=P001C01 amount=1750000
pay contract=P001C01 partial
"""
ACCEPTED = f"""{BUILT}
accept project=P001 quantity=3.5 observe=paved-road=3500/3500 warranty_until=2024-03-31
"""
LENT = """
opening project=P000 lines=own_bank:B00=CJ2024:1000
allot project=P001 channel=JT2024 amount=600
plan project=P001 channel=ZC2024 amount=400
receive project=P001 channel=ZC2024 amount=400
contract contract=P001C01 parts=JT2024=600,ZC2024=400 party=施工单位
certify contract=P001C01 amount=1000 no_retention
pay contract=P001C01 partial
prefinance contract=P001C01 borrower=JT2024 lender=CJ2024 number=1号
accept project=P001 quantity=3.5
"""


def credit(clerk: Any, project: str = "P001") -> Credit:
    with clerk.workspace.read() as connection:
        [found] = credits_of(connection, "SF", project)
    assert sum(each.quantity for each in found.shares) == found.output.amount
    return found


def parts(found: Credit) -> dict[str, tuple[int, str]]:
    return {each.channel: (each.paid, found.output.part(each.quantity)) for each in found.shares}


def close(clerk: Any, project: str = "P001") -> None:
    """Record final accounts as they stand in the log; the steps that lead there have tests of their own."""
    with clerk.workspace.write() as unit:
        facts.record(
            unit, "SF", "final-accounts", project, on=date(2024, 3, 31), by="zhang", data={"settled": "1750000"}
        )
        unit.commit()


def observe(clerk: Any, indicator: str, numerator: int, denominator: int, on: str = "2024-01-01") -> None:
    with clerk.workspace.write() as unit:
        facts_ = {"numerator": numerator, "denominator": denominator, "evidence": "摸底表"}
        works.observe(unit, "SF", indicator, on=on, **facts_)
        unit.commit()


@pytest.fixture
def told(clerk: Any, capfd: Any) -> Any:
    def call(*line: str, lang: str = "zh") -> tuple[int, str]:
        capfd.readouterr()
        code = run(["--workspace", str(clerk.workspace.path), "--lang", lang, *line])
        said = capfd.readouterr()
        return code, said.out + said.err

    return call


def test_the_road_is_credited_by_what_each_channel_paid_and_adds_up(clerk: Any) -> None:
    clerk.begin(ACCEPTED)
    # 3 % of each part is held back: 26,400 of JT, 19,500 of ZC, 6,600 of JZ; of JZ only 100,000 had come and was paid.
    # 3,500 m × 853,600 / 1,584,100 = 1,885.99…; × 630,500 = 1,393.06…; × 100,000 = 220.94…: 2 m go to the largest rests.
    found = credit(clerk)
    assert parts(found) == {
        "JT2024": (853_600_00, "1886"),
        "ZC2024": (630_500_00, "1393"),
        "JZ2024": (100_000_00, "221"),
    }
    assert (found.output.plain, found.output.unit.small, found.final) == ("3500", "m", None)
    assert (found.owed, found.retention) == (165_900_00, 52_500_00)


def test_the_shares_follow_the_payments_until_the_retention_is_released(clerk: Any) -> None:
    clerk.begin(ACCEPTED)
    clerk.play("""
        receive project=P001 channel=JZ2024 amount=120000
        pay contract=P001C01
    """)
    # With the retention still held: 853,600 + 630,500 + 213,400 = 1,697,500, in the proportion 88 : 65 : 22.
    held = {"JT2024": (853_600_00, "1760"), "ZC2024": (630_500_00, "1300"), "JZ2024": (213_400_00, "440")}
    assert parts(credit(clerk)) == held
    close(clerk)
    found = credit(clerk)
    assert parts(found) == held
    assert found.final is not None
    clerk.play("release project=P001 date=2024-04-01")
    found = credit(clerk)
    assert parts(found) == {
        "JT2024": (880_000_00, "1760"),
        "ZC2024": (650_000_00, "1300"),
        "JZ2024": (220_000_00, "440"),
    }
    assert (found.owed, found.retention) == (0, 0)


def test_pre_financing_credits_the_channel_that_finally_paid(clerk: Any) -> None:
    clerk.begin(LENT)
    # Until it is repaid the village's own money has paid for the transport department: 400 + 600 of 1,000.
    assert parts(credit(clerk)) == {"JT2024": (0, "0"), "ZC2024": (400_00, "1400"), "CJ2024": (600_00, "2100")}
    clerk.play("""
        receive project=P001 channel=JT2024 amount=250
        repay project=P001 amount=250
    """)
    assert parts(credit(clerk)) == {
        "JT2024": (250_00, "875"),
        "ZC2024": (400_00, "1400"),
        "CJ2024": (350_00, "1225"),
    }
    clerk.play("""
        receive project=P001 channel=JT2024 amount=350
        repay project=P001
    """)
    assert parts(credit(clerk)) == {"JT2024": (600_00, "2100"), "ZC2024": (400_00, "1400")}


def test_nothing_is_credited_before_acceptance_nor_after_its_reversal(clerk: Any, told: Any) -> None:
    numbers = clerk.begin(ACCEPTED)
    clerk.do("reverse", voucher=numbers[-1], reason="错记")
    found = credit(clerk)
    assert (found.shares, found.moved, found.output.plain) == ((), (), "0")
    code, said = told("credit", "P001", "--json")
    empty = {"project": "P001", "output": {"quantity": "0", "unit": "m"}, "channels": [], "indicators": []}
    assert (code, json.loads(said)) == (0, empty)
    assert told("credit", "P001")[1].endswith("尚未验收：未经验收的成果不记功。\n")


def test_what_nobody_has_paid_yet_is_credited_to_nobody(clerk: Any, told: Any) -> None:
    clerk.begin("""
        allot project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=1000 party=施工单位
        certify contract=P001C01 amount=1000
        accept project=P001 quantity=3.5
    """)
    found = credit(clerk)
    assert (found.measured.plain, found.output.plain, parts(found)) == ("3500", "0", {"JT2024": (0, "0")})
    assert "各渠道都还没有付款（未付 1,000.00 元）" in told("credit", "P001")[1]


def test_goods_and_labour_are_credited_at_their_value(clerk: Any) -> None:
    clerk.begin("""
        allot project=P001 channel=SN2024 amount=120
        allot project=P001 channel=TG2024 amount=80
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=30 amount=120
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=30
        labour project=P001 channel=TG2024 days=1 rate=80
        accept project=P001 quantity=0.333
    """)
    # 333 m × 120 / 200 = 199.8, × 80 / 200 = 133.2.
    assert parts(credit(clerk)) == {"SN2024": (120_00, "200"), "TG2024": (80_00, "133")}


def test_a_year_end_takes_nothing_from_what_formed_no_asset(clerk: Any) -> None:
    clerk.begin("""
        allot project=P001 channel=JT2024 amount=600
        receive project=P001 channel=JT2024 amount=600
        purchase project=P001 channel=JT2024 amount=600
        accept project=P001 quantity=2 no_asset
        year-end date=2024-12-31
    """)
    assert parts(credit(clerk)) == {"JT2024": (600_00, "2000")}
    number = clerk.sql("SELECT number FROM voucher WHERE event = 'year_end'")[0][0]
    clerk.do("reverse", voucher=number, reason="错记", date="2024-12-31")
    assert parts(credit(clerk)) == {"JT2024": (600_00, "2000")}


def test_the_change_of_an_indicator_is_credited_like_the_output_falling_ones_too(clerk: Any) -> None:
    clerk.begin(LENT.replace("accept project=P001 quantity=3.5", ""))
    observe(clerk, "poverty-rate", 300, 1200)
    clerk.play("accept project=P001 quantity=3.5 observe=poverty-rate=20/1180,paved-road=3500/3500")
    poverty, road = sorted(credit(clerk).moved, key=lambda each: each.after.indicator, reverse=True)
    # 280 fewer poor people: 400 of 1,000 yuan were paid by the households, 600 by the village.
    assert (poverty.change, poverty.channels) == (-280, {"JT2024": 0, "ZC2024": -112, "CJ2024": -168})
    assert poverty.before is not None
    assert (poverty.before.value, poverty.after.value) == ("300/1200", "20/1180")
    # Without a baseline nobody knows what changed.
    assert (road.before, road.change, set(road.channels.values())) == (None, None, {0})


def test_an_observation_that_names_its_project_is_credited_to_its_channels(clerk: Any, told: Any) -> None:
    clerk.begin(LENT)
    observe(clerk, "income", 3_000_000, 1000)
    line = ("indicator", "observe", "V13", "income=3500007/1000", "--evidence", "农经统计", "--as", "zhang")
    assert told(*line, "--project", "P001", "--date", "2025-12-31")[0] == 0
    [moved] = credit(clerk).moved
    # 500,007 yuan more: × 400 / 1,000 = 200,002.8, × 600 / 1,000 = 300,004.2; the yuan that is left goes to the first.
    assert (moved.change, moved.channels) == (500_007, {"JT2024": 0, "ZC2024": 200_003, "CJ2024": 300_004})
    code, said = told(*line, "--project", "P009")
    assert (code, said.startswith("专账 SF 没有项目“P009”")) == (1, True)


def test_what_formed_no_asset_is_credited_by_its_passed_inspection(clerk: Any) -> None:
    clerk.play("""
        allot project=P002 channel=WS2024 amount=900
        receive project=P002 channel=WS2024 amount=900
        allot project=P002 channel=JZ2024 amount=300
        receive project=P002 channel=JZ2024 amount=300
        spend project=P002 channel=WS2024 amount=900
        spend project=P002 channel=JZ2024 amount=300
    """)

    def inspect(level: str, verdict: str, quantity: str, day: int) -> None:
        data = {"level": level, "verdict": verdict, "quantity": quantity, "unit": "人"}
        with clerk.workspace.write() as unit:
            facts.record(unit, "SF", "inspection", "P002", on=date(2024, 3, day), by="zhang", data=data)
            unit.commit()

    assert credit(clerk, "P002").shares == ()
    inspect("village", "pass", "480", 2)
    # The village alone does not accept.
    assert credit(clerk, "P002").shares == ()
    inspect("township", "pass", "480", 3)
    # 480 people × 900 / 1,200 = 360.
    assert parts(credit(clerk, "P002")) == {"WS2024": (900_00, "360"), "JZ2024": (300_00, "120")}
    inspect("county", "mend", "470", 4)
    assert credit(clerk, "P002").shares == ()


def test_a_project_that_was_given_up_brought_nothing(clerk: Any) -> None:
    clerk.play("""
        allot project=P002 channel=WS2024 amount=900
        receive project=P002 channel=WS2024 amount=900
        purchase project=P002 channel=WS2024 amount=900
        cancel project=P002 reason=停建
    """)
    with clerk.workspace.write() as unit:
        data = {"level": "county", "verdict": "pass", "quantity": "1", "unit": "所"}
        facts.record(unit, "SF", "inspection", "P002", on=date(2024, 3, 2), by="zhang", data=data)
        unit.commit()
    assert credit(clerk, "P002").shares == ()


def test_credit_and_exit_are_the_same_in_a_record_that_was_made_again_from_its_books(
    clerk: Any, tmp_path: Path, capfd: Any
) -> None:
    clerk.begin(BUILT)
    observe(clerk, "paved-road", 0, 3500)
    clerk.play("accept project=P001 quantity=3.5 observe=paved-road=3500/3500")
    close(clerk)
    with clerk.workspace.write() as unit:
        data = {"indicator": "poverty-rate", "numerator": 20, "denominator": 1000, "evidence": "台账"}
        facts.record(unit, "SF", "observation", "V13", on=date(2024, 5, 1), by="zhang", data=data)
        unit.commit()
    settle(clerk.workspace)
    assert rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS, clock=clerk.clock).right
    told = []
    for path in (clerk.workspace.path, tmp_path / "again"):
        said = []
        for line in ("credit P001 --json", "credit P001", "exit V13 --on 2024-12-31 --json", "indicator show --json"):
            capfd.readouterr()
            assert run(["--workspace", str(path), *line.split()]) == 0
            said.append(capfd.readouterr().out)
        told.append(said)
    assert told[0] == told[1]
    assert "已办竣工决算" in told[0][1]
    assert json.loads(told[0][2])["conditions"][0]["verdict"] == "met"


def test_the_json_is_what_other_programs_read(clerk: Any, told: Any) -> None:
    clerk.begin(BUILT)
    observe(clerk, "paved-road", 0, 3500)
    clerk.play("accept project=P001 quantity=3.5 observe=paved-road=3500/3500")
    code, said = told("credit", "P001", "--json")
    assert (code, json.loads(said)) == (
        0,
        {
            "project": "P001",
            "output": {"quantity": "3500", "unit": "m"},
            "channels": [
                {"channel": "JT2024", "paid_fen": 85_360_000, "quantity": "1886"},
                {"channel": "ZC2024", "paid_fen": 63_050_000, "quantity": "1393"},
                {"channel": "JZ2024", "paid_fen": 10_000_000, "quantity": "221"},
            ],
            "indicators": [
                {
                    "indicator": "paved-road",
                    "place": "V13",
                    "before": {"numerator": 0, "denominator": 3500, "on": "2024-01-01", "source": ""},
                    "after": {"numerator": 3500, "denominator": 3500, "on": "2024-03-01", "source": "V2024-03-0010"},
                    "change": 3500,
                    "channels": [
                        {"channel": "JT2024", "change": 1886},
                        {"channel": "ZC2024", "change": 1393},
                        {"channel": "JZ2024", "change": 221},
                    ],
                }
            ],
        },
    )


def test_a_village_has_the_credit_of_all_its_projects(clerk: Any, told: Any) -> None:
    clerk.begin(ACCEPTED)
    code, said = told("credit", "V13", "--json")
    made = json.loads(said)
    assert (code, made["village"]) == (0, "V13")
    assert [each["project"] for each in made["projects"]] == ["P001", "P002"]
    assert made["channels"][0] == {
        "channel": "JT2024",
        "paid_fen": 85_360_000,
        "quantities": [{"book": "SF", "project": "P001", "quantity": "1886", "unit": "m"}],
    }
    shown = told("credit", "V13", lang="en")[1]
    assert "Not accepted, so credited to nobody: SF P002 村卫生室." in shown


def test_a_name_that_is_neither_project_nor_village_is_refused(told: Any) -> None:
    assert told("credit", "P009") == (
        1,
        "专账 SF 没有项目“P009”，也没有登记这个村：请用 earmark project list 或 earmark village list 查看。\n",
    )


def test_a_unit_costs_what_was_accepted_and_a_channels_what_it_paid(clerk: Any, told: Any) -> None:
    clerk.begin(ACCEPTED)
    with clerk.workspace.read() as connection:
        made = costs(credits_of(connection, "SF"), {"SF": "V13"})
    # 1,750,000 yuan over 3,500 m are 500 yuan a metre; JZ paid 100,000 for 221 m, 452.488… a metre.
    assert [(each.by, each.of, each.fen, each.quantity.plain, each.per_unit) for each in made] == [
        ("project", "P001", 1_750_000_00, "3500", 500_00),
        ("type", "road", 1_750_000_00, "3500", 500_00),
        ("type", "road", 1_750_000_00, "3500", 500_00),
        ("village", "", 1_750_000_00, "3500", 500_00),
        ("channel", "JT2024", 853_600_00, "1886", 452_60),
        ("channel", "JZ2024", 100_000_00, "221", 452_49),
        ("channel", "ZC2024", 630_500_00, "1393", 452_62),
    ]
    assert "500.00/米" in told("credit", "--costs")[1]
    assert json.loads(told("credit", "P001", "--costs", "--json")[1])[0]["fen_per_unit"] == 500_00


@pytest.mark.parametrize(
    ("typed", "unit", "amount", "decimals", "small"),
    [
        (3500, "公里", 3500, 0, "m"),
        (3500, "km", 3500, 0, "m"),
        (1, "km", 1, 0, "m"),
        (2500, "米", 25, 1, "m"),
        (60_000, "平方米", 6000, 2, "m2"),
        (60_125, "㎡", 60_125, 3, "m2"),
        (600_000, "人", 600, 0, "人"),
        (2_000, "处", 2_000, 3, "处"),
        (30_000, "吨", 30_000, 0, "kg"),
    ],
)
def test_a_quantity_is_counted_in_the_smallest_unit(
    typed: int, unit: str, amount: int, decimals: int, small: str
) -> None:
    made = units.measured(typed, units.unit(unit))
    assert (made.amount, made.decimals, made.unit.small) == (amount, decimals, small)


@given(
    st.integers(-(10**12), 10**12),
    st.dictionaries(st.sampled_from(["JT2024", "ZC2024", "JZ2024", "SN2024", "CJ2024"]), st.integers(0, 10**13)),
)
def test_shares_always_add_up_to_the_whole(amount: int, paid: dict[str, int]) -> None:
    made = share_out(amount, paid)
    assert list(made) == list(paid)
    assert sum(made.values()) == (amount if any(paid.values()) else 0)
    assert all(part == 0 for channel, part in made.items() if not paid[channel])
    # No part is further than one unit from its exact share.
    assert all(
        abs(part * sum(paid.values()) - amount * paid[each]) < sum(paid.values())
        for each, part in made.items()
        if paid[each]
    )


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=12))
def test_percentages_add_up_to_a_hundred(paid: list[int]) -> None:
    shares = percentages(paid)
    assert sum(shares) == (10_000 if any(paid) else 0)
    assert all(len(bar(each)) <= 20 for each in shares)

"""Indicators of places: counts are summed from hamlet to county, percentages never averaged. Figures worked by hand."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from ledger import facts, register
from ledger.errors import RoleMissing, Unknown
from ledger.messages import explain
from ledger.verify import verify
from projects import indicators, observations, registry
from projects.cli.main import run
from projects.desk import Desk
from projects.errors import CountyFileUnfit, HamletUnfit, IndicatorLevel
from projects.indicators import indicators_of
from projects.places import places
from projects.rollup import Figure, board
from projects.telling import tell

KNOWN = indicators.shipped()
OWN = """
[indicator.toilets]
zh = "有卫生厕所"
en = "Sanitary toilets"
of_zh = "有卫生厕所的户 / 总户数"
of_en = "households with a sanitary toilet / households"
unit_zh = "户"
unit_en = "households"
per_zh = "户"
per_en = "households"
aggregation = "sum"
"""


@pytest.fixture
def told(clerk: Any, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("EARMARK_USER", "zhang")

    def call(*line: str, lang: str = "zh") -> tuple[int, str]:
        capfd.readouterr()
        code = run(["--workspace", str(clerk.workspace.path), "--lang", lang, *line])
        said = capfd.readouterr()
        return code, said.out + said.err

    return call


def observe(clerk: Any, place: str, on: str, **values: str) -> None:
    read = {key.replace("_", "-"): tuple(map(int, value.split("/"))) for key, value in values.items()}
    with clerk.workspace.write() as unit:
        all_places = places(unit.connection)
        day = date.fromisoformat(on)
        observations.record(unit, "observation", KNOWN, all_places, place, read, on=day, by="zhang", evidence="台账")
        unit.commit()


def add(clerk: Any, *names: str) -> None:
    for each in names:
        said = {"village": "V13", "hamlet": each, "households": "100", "persons": "400", "date": "2024-01-01"}
        tell(Desk(clerk.workspace, "zhang", "SF"), "hamlet", said)


def merge(clerk: Any, hamlet: str, into: str, on: str) -> None:
    said = {"village": "V13", "hamlet": hamlet, "into": into, "date": on}
    tell(Desk(clerk.workspace, "zhang", "SF"), "merge-hamlet", said)


def figure(clerk: Any, place: str, on: str, code: str = "poverty-rate") -> Figure:
    with clerk.workspace.read() as connection:
        return board(places(connection), observations.seen(connection)).figure(code, KNOWN[code], place, on)


def value(clerk: Any, place: str, on: str, code: str = "poverty-rate") -> tuple[int, int]:
    found = figure(clerk, place, on, code)
    return found.numerator, found.denominator


def test_a_falling_indicator_is_summed_over_twenty_villages_and_never_averaged(clerk: Any, told: Any) -> None:
    with clerk.workspace.write() as unit:
        for number in range(1, 21):
            township = "510922101" if number <= 10 else "510922102"
            code = f"{township}{200 + number}"
            registry.add_village(unit, code, name=f"村{number}", township="东镇" if number <= 10 else "西镇")
        unit.commit()
    for number in range(1, 21):
        village = f"{'510922101' if number <= 10 else '510922102'}{200 + number}"
        # Village n has n × 10 poor of n × 100 people in 2023, and n poor of the same people in 2024.
        observe(clerk, village, "2023-12-31", poverty_rate=f"{number * 10}/{number * 100}")
        if number != 20:
            observe(clerk, village, "2024-12-31", poverty_rate=f"{number}/{number * 100}")
    # 1 + … + 20 = 210: 2,100 of 21,000 are 10 %. A year later 1 + … + 19 = 190, and 200 of the village not seen again.
    assert value(clerk, "510922", "2024-06-30") == (2_100, 21_000)
    assert value(clerk, "510922", "2024-12-31") == (390, 21_000)
    # 1 + … + 10 = 55 in the eastern township, by its code or its name; 155 in the western one with its 20th at 200.
    assert value(clerk, "510922101", "2024-12-31") == value(clerk, "东镇", "2024-12-31") == (55, 5_500)
    assert value(clerk, "西镇", "2024-12-31") == (135 + 200, 15_500)
    assert value(clerk, "510922", "2023-12-30") == (0, 0)
    assert len(figure(clerk, "510922", "2023-12-30").missing) == 20
    code, said = told("indicator", "show", "510922", "--on", "2024-12-31", "--json")
    [row] = json.loads(said)["indicators"]
    assert (code, row["change"], row["baseline"]["numerator"]) == (0, 390 - 2_100, 2_100)
    # 390 / 21,000 = 1.857…%; the average of twenty percentages, (19 × 1 % + 10 %) / 20 = 1.45 %, would be wrong.
    assert "1.86%" in told("indicator", "show", "510922", "--on", "2024-12-31")[1]
    # The whole office has V13 too, which nobody observed.
    assert figure(clerk, "", "2024-12-31").missing == ("V13",)


def test_a_village_is_the_sum_of_its_hamlets_once_all_were_observed(clerk: Any) -> None:
    add(clerk, "1", "2", "3")
    observe(clerk, "V13", "2024-01-01", poverty_rate="300/1200")
    observe(clerk, "V13/1", "2024-03-01", poverty_rate="50/400")
    observe(clerk, "V13/2", "2024-03-01", poverty_rate="60/500")
    # One hamlet is not known: what was said of the whole village stands.
    assert value(clerk, "V13", "2024-03-01") == (300, 1_200)
    observe(clerk, "V13/3", "2024-04-01", poverty_rate="7/290")
    assert value(clerk, "V13", "2024-03-31") == (300, 1_200)
    assert value(clerk, "V13", "2024-04-01") == (117, 1_190)
    observe(clerk, "V13", "2024-05-01", poverty_rate="100/1190")
    assert value(clerk, "V13", "2024-05-01") == (100, 1_190)
    observe(clerk, "V13/1", "2024-06-01", poverty_rate="10/400")
    assert value(clerk, "V13", "2024-06-01") == (77, 1_190)
    assert value(clerk, "V13/1", "2024-05-31") == (50, 400)


def test_hamlets_without_a_figure_of_the_village_are_summed_and_what_lacks_is_named(clerk: Any) -> None:
    add(clerk, "1", "2")
    observe(clerk, "V13/1", "2024-03-01", poverty_rate="50/400")
    found = figure(clerk, "V13", "2024-03-01")
    assert (found.numerator, found.denominator, found.missing, found.whole) == (50, 400, ("V13/2",), False)


def test_a_hamlet_that_was_merged_counts_in_the_other_one_and_never_twice(clerk: Any) -> None:
    add(clerk, "1", "2", "3")
    observe(clerk, "V13/1", "2024-01-01", poverty_rate="50/400")
    observe(clerk, "V13/2", "2024-01-01", poverty_rate="60/500")
    observe(clerk, "V13/3", "2024-01-01", poverty_rate="7/300")
    merge(clerk, "2", "1", "2024-07-01")
    # The day before, three hamlets; from that day on two, the same people.
    assert value(clerk, "V13/1", "2024-06-30") == (50, 400)
    assert value(clerk, "V13/1", "2024-07-01") == (110, 900)
    for day in ("2024-06-30", "2024-07-01"):
        assert value(clerk, "V13", day) == (117, 1_200)
    # Observed anew, the one hamlet has the other in it.
    observe(clerk, "V13/1", "2024-09-01", poverty_rate="30/910")
    assert value(clerk, "V13/1", "2024-09-01") == (30, 910)
    assert value(clerk, "V13", "2024-09-01") == (37, 1_210)
    merge(clerk, "1", "3", "2024-10-01")
    assert value(clerk, "V13/3", "2024-10-01") == (37, 1_210)
    assert value(clerk, "V13", "2024-10-01") == (37, 1_210)


def test_a_hamlet_that_was_merged_is_observed_no_more(clerk: Any) -> None:
    add(clerk, "1", "2")
    observe(clerk, "V13/2", "2024-06-01", poverty_rate="60/500")
    merge(clerk, "2", "1", "2024-07-01")
    with pytest.raises(HamletUnfit) as caught:
        observe(clerk, "V13/2", "2024-07-01", poverty_rate="1/500")
    assert explain(caught.value, "zh").startswith("村民组“V13/2”已并入“V13/1”")
    # What was found out later of the days before counts.
    observe(clerk, "V13/2", "2024-06-30", poverty_rate="59/500")
    assert value(clerk, "V13/1", "2024-07-01") == (59, 500)
    with pytest.raises(Unknown):
        observe(clerk, "V13/3", "2024-07-01", poverty_rate="1/500")


def test_a_village_is_found_by_the_division_code_that_was_told_of_it(clerk: Any) -> None:
    tell(Desk(clerk.workspace, "zhang", "SF"), "division", {"village": "V13", "division": "510922101203"})
    observe(clerk, "V13", "2024-01-01", poverty_rate="300/1200")
    for place in ("51", "5109", "510922", "510922101"):
        assert value(clerk, place, "2024-01-01") == (300, 1_200)
    with pytest.raises(Unknown):
        value(clerk, "510923", "2024-01-01")


def test_what_is_counted_for_a_whole_village_is_not_observed_of_a_hamlet(clerk: Any) -> None:
    add(clerk, "1")
    with pytest.raises(IndicatorLevel) as caught:
        observe(clerk, "V13/1", "2024-01-01", clinic="1/1")
    assert explain(caught.value, "zh") == "指标 clinic 按村观测，不能登记到组 V13/1：请登记到村 V13。"
    observe(clerk, "V13", "2024-01-01", clinic="1/1")
    assert value(clerk, "V13", "2024-01-01", "clinic") == (1, 1)


def test_only_who_keeps_the_book_records_observations(clerk: Any) -> None:
    with clerk.workspace.write() as unit, pytest.raises(RoleMissing):
        values = {"clinic": (1, 1)}
        day = date(2024, 1, 1)
        observations.record(
            unit, "observation", KNOWN, places(unit.connection), "V13", values, on=day, by="li", evidence="x"
        )


def test_what_is_withdrawn_or_reversed_does_not_count(clerk: Any, told: Any) -> None:
    observe(clerk, "V13", "2024-01-01", poverty_rate="300/1200")
    observe(clerk, "V13", "2024-02-01", poverty_rate="30/1200")
    with clerk.workspace.read() as connection:
        label = observations.seen(connection)[-1].label
    assert told("fact", "withdraw", label, "--reason", "抄错", "--date", "2024-02-02")[0] == 0
    assert value(clerk, "V13", "2024-03-01") == (300, 1_200)


def test_observations_of_acceptances_and_facts_stand_in_one_row_of_days(clerk: Any) -> None:
    observe(clerk, "V13", "2024-01-01", paved_road="0/3500")
    clerk.play("""
        allot project=P001 channel=JT2024 amount=600
        receive project=P001 channel=JT2024 amount=600
        purchase project=P001 channel=JT2024 amount=600
        accept project=P001 quantity=3 observe=paved-road=3000/3500
    """)
    assert value(clerk, "V13", "2024-03-01", "paved-road") == (3_000, 3_500)
    # Of the same day, what was recorded later counts.
    observe(clerk, "V13", "2024-03-01", paved_road="3100/3500")
    assert value(clerk, "V13", "2024-03-01", "paved-road") == (3_100, 3_500)
    with clerk.workspace.read() as connection:
        rows = registry.observations(connection, "SF")
    assert [(row["observed_on"], row["numerator"], row["seq"]) for row in rows] == [
        ("2024-01-01", 0, None),
        ("2024-03-01", 3_000, 3),
        ("2024-03-01", 3_100, None),
    ]


def test_a_village_with_two_books_is_counted_once(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        register.add_book(unit, "SF2", village="V13", name="第二本", started_on=date(2024, 1, 1))
        unit.commit()
    observe(clerk, "V13", "2024-01-01", poverty_rate="300/1200")
    assert value(clerk, "", "2024-01-01") == (300, 1_200)


def test_an_indicator_is_observed_shown_and_aimed_at_from_the_command_line(
    clerk: Any, told: Any, tmp_path: Any
) -> None:
    paper = tmp_path / "台账.pdf"
    paper.write_bytes(b"%PDF-1.4")
    code, said = told(
        *("indicator", "observe", "V13", "poverty-rate=300/1200", "--evidence", "建档立卡台账"),
        *("--doc", str(paper), "--date", "2024-01-01", "--json"),
    )
    made = json.loads(said)
    assert (code, made["log"]) == (0, "SF")
    [label] = made["facts"]
    assert (
        told(
            "indicator",
            "target",
            "V13",
            "poverty-rate=20/1200",
            "--until",
            "2024-12-31",
            "--evidence",
            "年度计划",
            "--date",
            "2024-01-02",
        )[0]
        == 0
    )
    told("indicator", "observe", "V13", "poverty-rate=24/1200", "--evidence", "年底台账", "--date", "2024-12-30")
    code, said = told("indicator", "show", "V13", "--on", "2025-12-31", "--json")
    [row] = json.loads(said)["indicators"]
    assert (row["change"], row["reached"], row["target"]["until"]) == (-276, False, "2024-12-31")
    told("indicator", "observe", "V13", "poverty-rate=20/1200", "--evidence", "年底台账", "--date", "2024-12-31")
    shown = told("indicator", "show", "V13", "--on", "2025-12-31", lang="en")[1]
    assert "20/1,200 by 2024-12-31 ✓" in shown
    assert "-280" in shown
    with clerk.workspace.read() as connection:
        assert [each.papers for each in observations.seen(connection) if each.label == label] == [1]
    assert [each.name for each in verify(clerk.workspace) if each.findings] == []
    assert told("indicator", "show", "V99")[1].startswith("没有“V99”这个地方")
    assert told("indicator", "observe", "V13", "nothing=1/2", "--evidence", "x")[0] == 1


def test_the_same_key_records_an_observation_once(clerk: Any, told: Any) -> None:
    line = ("indicator", "observe", "V13", "poverty-rate=3/12", "--evidence", "x", "--key", "k1", "--json")
    assert told(*line) == told(*line)
    with clerk.workspace.read() as connection:
        assert len(facts.facts(connection, "SF", "observation")) == 1


def test_a_county_adds_an_indicator_by_a_file_alone(clerk: Any, told: Any) -> None:
    assert told("indicator", "observe", "V13", "toilets=1/2", "--evidence", "x")[0] == 1
    own = clerk.workspace.path / "indicators.toml"
    own.write_text(OWN, encoding="utf-8")
    assert (
        told("indicator", "observe", "V13", "toilets=30/285", "--evidence", "户厕台账", "--date", "2025-01-01")[0] == 0
    )
    # 30 of 285 are 10.526…%.
    assert "toilets 有卫生厕所   30/285   30/285   10.53%" in told("indicator", "show", "V13")[1]
    clerk.play("""
        allot project=P001 channel=JT2024 amount=600
        receive project=P001 channel=JT2024 amount=600
        purchase project=P001 channel=JT2024 amount=600
    """)
    clerk.do("accept", project="P001", quantity="3", observe=["toilets=285/285"], date="2025-12-31")
    assert "有卫生厕所（V13）：2025-01-01 30/285 → 2025-12-31 285/285，变化 +255" in told("credit", "P001")[1]
    # Without its file it is called by its code, and nothing breaks.
    own.unlink()
    assert "toilets   " in told("village", "show", "V13")[1]
    assert told("credit", "P001")[0] == 0
    assert told("disclose", "--out", str(clerk.workspace.path.parent / "site"))[0] == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n[indicator.xx\nzh = 3", "第 2 行不是 TOML"),
        ('[indicator.xx]\nzh = "甲"\n', "xx 的 en 不对"),
        (OWN.replace('"sum"', '"average"'), "toilets 的 aggregation 不对"),
        (OWN.replace("toilets", "厕所"), "不是 TOML"),
        (OWN.replace("indicator.toilets", 'indicator."厕所"'), "编号“厕所”不合要求"),
        ("[indikator]\n", "有“indikator”，这种文件只有 indicator"),
        ("indicator = 3\n", "indicator 的 indicator 不对"),
        (OWN.replace("有卫生厕所的户", "\\u202e"), "不能用"),
    ],
)
def test_a_countys_file_that_cannot_be_used_is_refused_in_one_line(clerk: Any, content: str, said: str) -> None:
    (clerk.workspace.path / "indicators.toml").write_text(content, encoding="utf-8")
    with pytest.raises(CountyFileUnfit) as caught:
        indicators_of(clerk.workspace.path)
    assert said in explain(caught.value, "zh")
    assert explain(caught.value, "en")


def test_bytes_that_are_no_text_and_files_too_large_are_refused(clerk: Any) -> None:
    for content, about in ((b"\xff\xfe", "encoding"), (b"#" * 200_001, "large")):
        (clerk.workspace.path / "indicators.toml").write_bytes(content)
        with pytest.raises(CountyFileUnfit) as caught:
            indicators_of(clerk.workspace.path)
        assert caught.value.facts["about"] == about


def test_a_village_without_a_book_is_observed_in_the_offices_log(clerk: Any, told: Any) -> None:
    told("village", "add", "V99", "--name", "新村")
    code, said = told("village", "observe", "V99", "poverty-rate=3/12", "--evidence", "台账")
    assert (code, said.startswith("村 V99 还没有专账")) == (1, True)
    code, said = told("indicator", "observe", "V99", "poverty-rate=3/12", "--evidence", "台账", "--date", "2024-01-01")
    assert (code, "（office）" in said) == (0, True)
    assert value(clerk, "V99", "2024-01-01") == (3, 12)

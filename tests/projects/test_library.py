"""What a project is to be: types as data, place, beneficiaries, objectives; and what keeps it out of the library."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger import erasure, facts, messages
from ledger.errors import Refusal
from projects import registry
from projects.cli import main
from projects.errors import EntryLacks, TypesUnfit
from projects.life.entry import beneficiaries, objectives
from projects.life.milestones import milestones, spots
from projects.life.scene import Scene
from projects.life.villages import hamlets, need_division
from projects.telling import tell
from projects.types import FILE, shipped, type_called, types_of

TYPE = """
[tea-garden]
zh = "茶园"
en = "tea garden"
under = "planting"
units = ["亩"]
place = ["polygon"]
asset = "business"
"""


@pytest.fixture
def say(clerk: Any, tmp_path: Path) -> Any:
    paper = tmp_path / "paper.txt"
    paper.write_text("演示文件\n", encoding="utf-8")

    def told(verb: str, on: str = "2024-01-05", **typed: Any) -> dict[str, Any]:
        subject = {} if "village" in typed else {"project": "P001"}
        return tell(clerk.at("zhang"), verb, {**subject, "date": on, **typed}, papers=[paper])

    return told


def refused(say: Any, *args: Any, **typed: Any) -> str:
    with pytest.raises(Refusal) as caught:
        say(*args, **typed)
    assert messages.explain(caught.value, "en")
    return messages.explain(caught.value, "zh")


@pytest.fixture
def scene(clerk: Any) -> Any:
    with ExitStack() as looks:

        def look(day: str = "2024-12-31") -> Scene:
            return Scene(looks.enter_context(clerk.workspace.read()), "SF", "P001", date.fromisoformat(day))

        yield look


def test_a_county_adds_a_type_by_a_data_file_alone(clerk: Any, say: Any, capsys: Any, monkeypatch: Any) -> None:
    (clerk.workspace.path / FILE).write_text(TYPE, encoding="utf-8")
    monkeypatch.setenv("EARMARK_WORKSPACE", str(clerk.workspace.path))
    monkeypatch.setenv("EARMARK_LANG", "zh")
    added = ["project", "add", "P009", "--title", "老鹰茶", "--type", "tea-garden", "--quantity", "120", "--unit", "亩"]
    assert main.run([*added, "--budget", "JT2024=100000"]) == 0
    assert main.run(["project", "show", "P009"]) == 0
    assert "茶园" in capsys.readouterr().out
    said = refused(say, "locate", project="P009", geometry="106.55,29.56")
    assert said == "项目 P009 的类型应登记面，给的是点：请核对类型或图形。"
    ring = [[106.55, 29.56], [106.56, 29.56], [106.56, 29.57], [106.55, 29.56]]
    say("locate", project="P009", geometry=json.dumps({"type": "Polygon", "coordinates": [ring]}))


def test_a_table_s_own_word_for_a_type_is_known_a_county_s_before_all(tmp_path: Path) -> None:
    assert [type_called(said, shipped()) for said in ("道路硬化", "人畜饮水", "种植业", "县里的事")] == [
        "road", "water", "industry", "other",
    ]  # fmt: skip
    (tmp_path / FILE).write_text(TYPE + 'words = ["种植"]\n', encoding="utf-8")
    assert type_called("种植业", types_of(tmp_path)) == "tea-garden"


def test_what_is_told_later_is_shown(clerk: Any, say: Any, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("EARMARK_WORKSPACE", str(clerk.workspace.path))
    say("describe", place="一组至四组", quantity="3.2", finish="2024-12-20")
    assert main.run(["--lang", "zh", "project", "show", "P001", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["place"], shown["quantity"], shown["planned_finish"]) == ("一组至四组", "3.2", "2024-12-20")


def test_a_type_that_nobody_has_is_refused(clerk: Any, say: Any) -> None:
    assert "没有“tea-garden”这种项目类型" in refused(say, "describe", type="tea-garden")
    with clerk.workspace.write(book="SF") as unit, pytest.raises(Refusal):
        registry.add_project(unit, "SF", "P009", title="茶", name="茶", budget={}, detail={"type": "tea-garden"})


def test_the_shipped_types_cover_what_the_field_builds() -> None:
    assert {
        "road",
        "pond",
        "water",
        "clinic",
        "school",
        "housing",
        "land",
        "industry",
        "training",
        "environment",
    } <= set(shipped())
    assert {code for code, each in shipped().items() if each.under == "industry"} == {
        "planting",
        "livestock",
        "processing",
    }


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("[tea", "toml"),
        ('[Tea]\nzh = "茶"\nen = "tea"\n', "code"),
        ('[tea]\nzh = "茶"\n', ""),
        ('[tea]\nzh = "茶"\nen = "tea"\ncolour = "green"\n', ""),
        ('[tea]\nzh = "茶"\nen = "tea"\nplace = ["sphere"]\n', ""),
        ('[tea]\nzh = "茶"\nen = "tea"\nunder = "plant"\n', "under"),
        ('tea = "茶"\n', ""),
    ],
)
def test_a_file_of_types_that_cannot_be_read_is_refused(tmp_path: Path, text: str, about: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(TypesUnfit) as caught:
        types_of(tmp_path)
    assert caught.value.facts.get("about", "") == about
    assert FILE in messages.explain(caught.value, "zh")


def test_without_an_objective_no_project_goes_into_the_library(say: Any, clerk: Any) -> None:
    """国开办发〔2018〕10号: no 绩效目标, no entry."""
    told = {"nature": "new", "task": "建通", "place": "一组", "responsible": "村委会", "participation": "筹资"}
    say("describe", **told, mechanism="带动", start="2024-03-01", finish="2024-12-31")
    say("benefit", households="120", persons="600", poor_households="20", poor_persons="71")
    with pytest.raises(EntryLacks) as caught:
        say("enter")
    assert messages.explain(caught.value, "zh").startswith(
        "项目 P001 通村公路 还不能入库，缺少：产出指标（earmark project objective P001 output 指标 目标 单位）、"
    )
    for category in ("output", "benefit"):
        say("objective", category=category, indicator="甲", target="3.5", unit="公里")
    assert "满意度指标" in refused(say, "enter")
    say("objective", category="satisfaction", indicator="满意度", target="95", unit="%")
    say("enter")
    assert refused(say, "enter").startswith("项目 P001 已经入库")


@pytest.mark.parametrize(
    "lacking", ["nature", "task", "place", "responsible", "participation", "mechanism", "start", "finish"]
)
def test_the_library_asks_for_each_of_its_fields(say: Any, lacking: str) -> None:
    told = {"nature": "new", "task": "建通", "place": "一组", "responsible": "村委会", "participation": "筹资"}
    told |= {"mechanism": "带动", "start": "2024-03-01", "finish": "2024-12-31"}
    say("describe", **{key: value for key, value in told.items() if key != lacking})
    assert f"（--{lacking}）" in refused(say, "enter")


def test_what_is_told_later_goes_before(say: Any, scene: Any) -> None:
    say("describe", "2024-01-05", quantity="3.5", task="建通")
    say("describe", "2024-02-05", quantity="3.20")
    assert scene("2024-02-01").detail["quantity"] == "3.5"
    assert (scene().detail["quantity"], scene().detail["task"]) == ("3.2", "建通")
    say("objective", category="output", indicator="里程", target="3.5", unit="公里")
    say("objective", "2024-02-05", category="output", indicator="里程", target="3.2", unit="公里")
    assert [each.data["target"] for each in objectives(scene())] == ["3.2"]


def test_beneficiaries_are_counted_in_public_and_named_in_private(clerk: Any, say: Any, scene: Any) -> None:
    made = say("benefit", groups=["王小明=4:poor", "养牛小组=12/45"])
    say("benefit", households="100", persons="430", poor_households="10", poor_persons="31")
    served = beneficiaries(scene())
    assert (served.households, served.persons, served.poor_households, served.poor_persons) == (113, 479, 11, 35)
    assert "王小明" not in json.dumps(made, ensure_ascii=False)
    assert made["data"]["groups"][0] == {"name": "王某某", "households": 1, "persons": 4, "poor": True}
    with clerk.workspace.read() as connection:
        fact = facts.need(connection, "SF", made["fact"])
        assert facts.private(connection, fact)["name-1"] == "王小明"
    with clerk.workspace.write() as unit:
        erasure.erase(unit, "王小明", user="zhao", reason="本人要求")
        unit.commit()
    with clerk.workspace.read() as connection:
        assert "name-1" not in facts.private(connection, fact)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"groups": ["王小明"]}, "“王小明”看不懂"),
        ({"groups": ["王小明=四"]}, "“王小明=四”看不懂"),
        ({"groups": ["小组=12/8"]}, "人数不能少于户数"),
        ({}, "没有写明受益对象"),
        ({"households": "5", "persons": "4"}, "人数少于户数"),
        ({"households": "5", "persons": "20", "poor_households": "6", "poor_persons": "9"}, "多于受益对象总数"),
    ],
)
def test_beneficiaries_that_cannot_be_are_refused(say: Any, unchanged: Any, typed: dict[str, Any], said: str) -> None:
    with unchanged():
        assert said in refused(say, "benefit", **typed)


@pytest.mark.parametrize(
    ("text", "about"),
    [("510722", None), ("990722101201", "province"), ("510022101201", "county"), ("510700101201", "county"),
     ("510722000201", "township"), ("510722600201", "township"), ("510722101000", "village"), ("510722101600", "village")],
)  # fmt: skip
def test_a_division_code_has_twelve_digits_each_part_in_its_range(text: str, about: str | None) -> None:
    assert need_division("5107 2210 1201") == "510722101201"
    with pytest.raises(Refusal) as caught:
        need_division(text)
    assert caught.value.facts.get("about") == about


def test_a_division_is_that_of_the_book_s_village(say: Any) -> None:
    assert say("division", village="V13", division="510722101201")["data"]["division"] == "510722101201"
    assert "没有登记村“V99”" in refused(say, "division", village="V99", division="510722101201")


def test_hamlets_through_time_a_merged_one_is_counted_into_the_other(clerk: Any, say: Any) -> None:
    say(
        "hamlet",
        "2024-01-10",
        village="V13",
        hamlet="一组",
        households="30",
        persons="126",
        poor_households="4",
        poor_persons="15",
    )
    say(
        "hamlet",
        "2024-01-10",
        village="V13",
        hamlet="二组",
        households="20",
        persons="81",
        poor_households="3",
        poor_persons="9",
    )
    say("merge-hamlet", "2024-03-01", village="V13", hamlet="二组", into="一组")
    say(
        "hamlet",
        "2024-06-01",
        village="V13",
        hamlet="一组",
        households="52",
        persons="210",
        poor_households="5",
        poor_persons="20",
    )

    def on(day: str) -> list[tuple[str, int, int, int, tuple[str, ...]]]:
        with clerk.workspace.read() as connection:
            found = hamlets(connection, "SF", "V13", date.fromisoformat(day))
        return [(each.name, each.households, each.persons, each.poor_persons, each.merged) for each in found]

    assert on("2024-01-09") == []
    assert on("2024-02-01") == [("一组", 30, 126, 15, ()), ("二组", 20, 81, 9, ())]
    assert on("2024-04-01") == [("一组", 50, 207, 24, ("二组",))]
    assert on("2024-07-01") == [("一组", 52, 210, 20, ("二组",))], "a count after the merger has counted those who came"
    assert "已并入“一组”" in refused(
        say, "hamlet", "2024-07-01", village="V13", hamlet="二组", households="1", persons="1"
    )


@pytest.mark.parametrize(
    ("verb", "typed", "said"),
    [
        ("hamlet", {"hamlet": "一组", "households": "30", "persons": "20"}, "人数不能少于户数"),
        ("hamlet", {"hamlet": "一组", "households": "0", "persons": "0"}, "户数要大于零"),
        ("hamlet", {"hamlet": "一组", "households": "5", "persons": "20", "poor_persons": "21"}, "多于总数"),
        ("merge-hamlet", {"hamlet": "一组", "into": "二组"}, "没有村民组“一组”"),
    ],
)
def test_a_hamlet_that_cannot_be_is_refused(say: Any, verb: str, typed: dict[str, Any], said: str) -> None:
    assert said in refused(say, verb, village="V13", **typed)


def test_photos_of_a_spot_are_taken_from_one_spot(say: Any, scene: Any) -> None:
    say("photo", spot="村口", phase="before", at="106.55000,29.56000", time="09:30")
    say("photo", spot="村口", phase="after", at="106.55010,29.56010")
    said = refused(say, "photo", spot="村口", phase="during", at="106.56000,29.56000")
    assert said.startswith("这张照片离机位“村口”第一张（F")
    assert "有 968 米，超过 50 米" in said
    assert "写成 时:分" in refused(say, "photo", spot="村口", phase="after", at="106.55,29.56", time="9点半")
    [spot] = spots(scene())
    assert (list(spot.photos), spot.lacking) == (["before", "after"], ("during",))
    assert 10 <= spot.apart <= 20


def test_milestones_are_planned_and_met_and_a_late_one_says_by_how_much(say: Any, scene: Any) -> None:
    say("plan-milestone", name="路基完成", due="2024-04-30")
    say("plan-milestone", name="路面完成", due="2024-06-30")
    assert "没有进度节点“通车”（现有：路基完成、路面完成）" in refused(say, "meet-milestone", name="通车")
    say("meet-milestone", "2024-05-10", name="路基完成")
    late = [(each.name, each.late(date(2024, 7, 5))) for each in milestones(scene("2024-07-05"))]
    assert late == [("路基完成", 10), ("路面完成", 5)]


@pytest.mark.parametrize(
    ("on", "typed", "said"),
    [
        ("2024-04-02", {"quarter": "一季度", "verdict": "go-on", "progress": "10%"}, "请写成 2024Q3"),
        ("2024-03-31", {"quarter": "2024Q1", "verdict": "go-on", "progress": "10%"}, "2024Q1 要到 2024-03-31 才结束"),
        ("2024-04-02", {"quarter": "2024Q1", "verdict": "mend", "progress": "10%", "reason": "慢"}, "--mend-by"),
        (
            "2024-04-02",
            {"quarter": "2024Q1", "verdict": "mend", "progress": "10%", "reason": "慢", "mend_by": "2024-04-01"},
            "--mend-by",
        ),
        ("2024-04-02", {"quarter": "2024Q1", "verdict": "leave", "progress": "10%"}, "结论是“退出”的要写明理由"),
        ("2024-04-02", {"quarter": "2024Q1", "verdict": "go-on"}, "--progress"),
        ("2024-04-02", {"quarter": "2024Q1", "verdict": "stop", "progress": "10%"}, "请选 go-on、mend、leave"),
    ],
)
def test_a_review_that_says_too_little_is_refused(say: Any, on: str, typed: dict[str, Any], said: str) -> None:
    assert said in refused(say, "review", on, **typed)


def test_a_quarter_is_reviewed_once_with_the_ledger_s_money(clerk: Any, say: Any) -> None:
    clerk.do("allot", date="2024-01-10", project="P001", channel="JT2024", amount="880000")
    clerk.do("receive", date="2024-02-10", project="P001", channel="JT2024", amount="500000")
    made = say("review", "2024-04-02", quarter="2024q1", verdict="go-on", progress="35%", satisfaction="96%")
    assert made["data"]["money"] == {
        "planned": "1855200.00", "allotted": "880000.00", "received": "500000.00",
        "certified": "0.00", "paid": "0.00", "cash": "500000.00",
    }  # fmt: skip
    assert "已经评估过" in refused(say, "review", "2024-04-03", quarter="2024Q1", verdict="go-on", progress="35%")


def test_final_accounts_say_what_the_ledger_says(say: Any) -> None:
    assert refused(say, "final", amount="10").startswith("项目 P001 通村公路 的决算 10.00 元与账上已列支的 0.00 元不符")


def test_nothing_is_told_before_the_book_began_or_of_a_day_to_come(say: Any) -> None:
    assert "2023-12-31" in refused(say, "describe", "2023-12-31", task="建通")
    assert "2026-01-01" in refused(say, "describe", "2026-01-01", task="建通")

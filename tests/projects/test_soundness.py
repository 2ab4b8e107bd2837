"""What plans and registers say that cannot be true is found and reported; what those who answer for projects made."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ledger import messages
from projects.cli import main
from projects.errors import ClaimsUnfit
from projects.life import claims, scorecards
from projects.telling import tell
from projects.types import shipped

PLAN = """编号,来源,项目名称,项目类型,建设内容与规模,数量,单位,总投资_万元,资金渠道(万元),计划时间,责任单位,预期效益,备注
12-29,篇12乙,劳务经济,培训/就业,转移就业100人,600,人次,10,未注明=10,六年,,"转移就业和创业200人,每人每年增收2.4万元,六年增加总收入2100万元",
"""
"""Row 12-29 of the plans as it was published, its content shortened: 200 × 2.4 × 6 is 2,880."""


def zh(found: Any) -> list[tuple[str, str, str]]:
    return [(each.source, each.what, messages.phrase(each.says, "zh")) for each in found]


def test_the_traps_of_the_real_plans_are_found() -> None:
    told = claims.read_claims(Path(str(files("projects.demo").joinpath("claims.toml"))))
    assert zh(claims.findings(told)) == [
        ("第十三篇", "贫困户分类", "各部分相加 89 户，写的合计是 87 户"),
        ("第十三篇", "贫困户分类", "各部分相加 285 人，写的合计是 270 人"),
        (
            "第十二篇 12-29",
            "劳务经济：200 人，每人每年增收 2.4 万元，六年",
            "200 × 2.4 × 6 = 2,880 万元，写的是 2,100 万元",
        ),
        ("第十三篇", "文化室", "既写着已有，又列入计划新建"),
    ]


def test_a_promise_in_words_is_multiplied_out(tmp_path: Path, capsys: Any) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text(PLAN, encoding="utf-8")
    before = plan.read_bytes()
    assert main.run(["--lang", "zh", "registry", "check", str(plan)]) == 3
    out = capsys.readouterr().out
    assert "200 × 2.4 × 6 = 2,880 万元，写的是 2,100 万元" in out
    assert "共 1 处" in out
    assert plan.read_bytes() == before, "nothing is repaired"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("转移就业200人，每人每年增收2.4万元，六年增加总收入2880万元", 0),
        ("200人,每人每年增收2.4万元,6年增加总收入2100万元", 1),
        ("120户，每户每年增收0.5万元，两年增加总收入120万元", 0),
        ("120户，每户每年增收0.5万元，两年增加总收入121万元", 1),
        ("带动10户增收;六年增加农民总收入1440万元", 0),
        ("六年后丰产,每年增加农民收入48万元", 0),
    ],
)
def test_only_a_product_that_is_wholly_said_is_multiplied_out(words: str, found: int) -> None:
    assert len(list(claims.of_words("12-29", "劳务经济", words))) == found


def test_parts_are_added_unit_by_unit() -> None:
    """Categories that are invented for this test, so that it knows each of them."""
    parts = [
        {"name": "一般", "户": 40, "人": 130},
        {"name": "低保", "户": 30, "人": 95},
        {"name": "五保", "户": 17, "人": 45},
    ]
    right = claims.Sum(source="甲", what="分类", stated={"户": "87", "人": "270"}, part=parts)
    assert zh(claims.findings(claims.Claims(sum=[right]))) == []
    wrong = claims.Sum(source="甲", what="分类", stated={"户": "87", "人": "271"}, part=parts)
    assert zh(claims.findings(claims.Claims(sum=[wrong]))) == [("甲", "分类", "各部分相加 270 人，写的合计是 271 人")]


@pytest.mark.parametrize(
    ("text", "about"),
    [("[[sum", "toml"), ("[[sums]]\n", ""), ('[[product]]\nsource="a"\nwhat="b"\nfactors=[1]\nstated=1\n', ""),
     ('[[product]]\nsource="a"\nwhat="b"\nfactors=[1,"x"]\nstated=1\n', "")],
)  # fmt: skip
def test_a_file_of_claims_that_cannot_be_read_is_refused(tmp_path: Path, text: str, about: str) -> None:
    (tmp_path / "claims.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ClaimsUnfit) as caught:
        claims.read_claims(tmp_path / "claims.toml")
    assert caught.value.facts.get("about", "") == about
    assert messages.explain(caught.value, "zh")


@pytest.fixture
def run(clerk: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Run a command in the clerk's workspace and return its exit code and what it printed."""
    for name, value in {"EARMARK_WORKSPACE": str(clerk.workspace.path), "EARMARK_LANG": "zh"}.items():
        monkeypatch.setenv(name, value)

    def told(*words: str) -> tuple[int, str]:
        code = main.run(list(words))
        return code, "".join(capsys.readouterr())

    return told


def test_the_registers_are_looked_over(clerk: Any, run: Any) -> None:
    code, out = run("registry", "check", "--json")
    assert code == 3
    assert {each["source"] for each in json.loads(out)["findings"]} == {"V13", "P001", "P002"}

    def say(verb: str, **typed: Any) -> None:
        subject = {} if "village" in typed else {"project": "P001"}
        tell(clerk.at("zhang"), verb, {**subject, "date": "2024-01-05", **typed})

    say("division", village="V13", division="510722101201")
    say("hamlet", village="V13", hamlet="一组", households="30", persons="126")
    say("describe", unit="口", start="2024-12-31", finish="2024-03-01")
    say("benefit", households="120", persons="600")
    code, out = run("registry", "check")
    assert code == 3
    for line in (
        "单位“口”不是这一类型常用的",
        "受益 600 人，多于全村 126 人",
        "计划完工 2024-03-01 早于计划开工 2024-12-31",
        "没有登记地点",
    ):
        assert line in out
    assert "区划代码" not in out


def test_scores_count_what_was_due_accepted_on_time_within_budget_and_idle(clerk: Any, run: Any) -> None:
    def say(project: str, **typed: Any) -> None:
        tell(clerk.at("zhang"), "describe", {"project": project, "date": "2024-01-05", **typed})

    say("P001", responsible="村委会", contact="赵示范", finish="2024-06-30")
    say("P002", responsible="卫生院", contact="赵示范", finish="2024-12-31")
    clerk.play(
        """
        allot date=2024-01-10 project=P001 channel=JT2024 amount=880000
        allot date=2024-01-10 project=P002 channel=WS2024 amount=300000
        receive date=2024-02-01 project=P001 channel=JT2024 amount=300000
        receive date=2024-02-01 project=P002 channel=WS2024 amount=50000
        contract date=2024-02-20 contract=P001C01 party=甲施工队 parts=JT2024=300000
        certify date=2024-06-20 contract=P001C01 amount=300000 no_retention
        accept date=2024-07-05 project=P001 quantity=3.5
        pay date=2025-06-25 contract=P001C01
        """
    )
    with clerk.workspace.read() as connection:
        cards = list(scorecards.cards(connection, date(2025, 6, 30), shipped()))
        in_2024 = list(scorecards.cards(connection, date(2025, 6, 30), shipped(), year=2024))
        none = list(scorecards.cards(connection, date(2025, 6, 30), shipped(), year=2023))
    assert [(each.project, each.due, each.accepted, each.late, each.on_budget, each.idle) for each in cards] == [
        ("P001", True, "2024-07-05", 5, True, 0),
        ("P002", True, "", 181, True, 50_000_00),
    ]
    assert (in_2024, none) == (cards, [])
    [person] = scorecards.scores(cards, "person")
    assert vars(person) == {
        "of": "赵示范", "projects": 2, "due": 2, "accepted": 1, "on_time": 0, "on_budget": 1, "late_days": 186, "idle": 50_000_00,
    }  # fmt: skip
    assert [each.of for each in scorecards.scores(cards, "unit")] == ["卫生院", "村委会"]
    code, out = run("scorecard", "--by", "unit")
    assert code == 0
    assert "50,000.00" in out
    assert run("scorecard", "--by", "river")[0] == 1
    assert run("scorecard", "--year", "24")[0] == 1


def test_a_project_s_life_is_shown_gate_by_gate(clerk: Any, run: Any) -> None:
    tell(clerk.at("zhang"), "describe", {"project": "P001", "date": "2024-01-05", "place": "一组"})
    code, out = run("project", "life", "P001", "--on", "2024-02-01")
    assert code == 0
    assert "还没有入库。请执行：earmark project enter P001。" in out
    assert "状态" in out
    code, out = run("project", "life", "P001", "--json")
    shown = json.loads(out)
    assert len(shown["gates"]) == 21
    assert (shown["state"], shown["entered"], shown["gates"][0]["passed"]) == ("planned", False, False)
    assert run("project", "life", "P999")[0] == 1

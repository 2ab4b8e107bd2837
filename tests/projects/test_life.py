"""The road of section 13 walks through every state to closed, and each gate is tried before it is passed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger import facts, messages
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.errors import GateShut, MeasuredDiffers, ProjectLeft
from projects.events.verbs import EFFECTS
from projects.life import gates
from projects.life.scene import Scene
from projects.policy.gates import LIFE
from projects.telling import TELL, tell

PAPERED = {"deliberate", "put-up", "inspect", "handover", "photo", "final"}


@pytest.fixture
def walker(clerk: Any, tmp_path: Path) -> Iterator[Walker]:
    made = Walker(clerk, tmp_path)
    yield made
    made.looks.close()


class Walker:
    """Who walks with a project: what is told becomes a fact at once, what moves money is drafted and sealed."""

    def __init__(self, clerk: Any, folder: Path) -> None:
        self.clerk = clerk
        self.looks = ExitStack()
        self.paper = folder / "paper.txt"
        self.paper.write_text("演示文件\n", encoding="utf-8")

    def step(self, day: str, verb: str, **typed: Any) -> Any:
        if verb not in TELL:
            return self.clerk.do(verb, date=day, **typed)
        papers = [self.paper] if verb in PAPERED else []
        subject = {} if {"contract", "village"} & typed.keys() else {"project": "P001"}
        return tell(self.clerk.at("zhang"), verb, {**subject, "date": day, **typed}, papers=papers)

    def shut(self, gate: str, day: str, verb: str, **typed: Any) -> str:
        """Try a step, expect that a gate stands before it, and return what is said in Chinese."""
        before = self.clerk.dump()
        with pytest.raises(GateShut) as caught:
            self.step(day, verb, **typed)
        assert self.clerk.dump() == before, "a refused step leaves nothing behind"
        assert caught.value.facts["gate"].key == f"gate.{gate}"
        assert messages.explain(caught.value, "en")
        return messages.explain(caught.value, "zh")

    def state(self, day: str) -> str:
        return gates.state_of(self.scene(day))

    def scene(self, day: str) -> Scene:
        connection = self.looks.enter_context(self.clerk.workspace.read())
        return Scene(connection, "SF", "P001", date.fromisoformat(day))


DESCRIBED = {
    "nature": "new",
    "task": "未通水泥路 3.5 公里建通",
    "place": "一组至四组",
    "responsible": "示范村村民委员会",
    "start": "2024-03-01",
    "finish": "2024-12-31",
    "participation": "一事一议筹资，村民代表监督",
    "mechanism": "方便 600 人出行，优先雇用脱贫户",
}
VOTES = {
    "propose": {"due": "7", "present": "6", "ayes": "6"},
    "consult": {"due": "9", "present": "8", "ayes": "8"},
    "review": {"due": "30", "present": "24", "ayes": "21"},
    "resolve": {"form": "representatives", "due": "42", "present": "35", "ayes": "33"},
    "publish": {},
}
PARTS = ["JT2024=880000", "ZC2024=650000", "JZ2024=220000"]
KEPT = {"keeper": "示范村村民委员会", "upkeep": "每季度清沟、补缝，费用列村集体"}


def describe(walker: Walker) -> None:
    walker.step("2024-01-05", "describe", **DESCRIBED)
    walker.step("2024-01-05", "benefit", groups=["王小明=4:poor", "一组=30/126"])
    walker.step("2024-01-05", "objective", category="output", indicator="硬化里程", target="3.5", unit="公里")
    walker.step("2024-01-05", "objective", category="benefit", indicator="受益人口", target="600", unit="人")
    walker.step("2024-01-05", "objective", category="satisfaction", indicator="群众满意度", target="95", unit="%")


def enter(walker: Walker) -> None:
    describe(walker)
    walker.step("2024-01-06", "enter")


def deliberate(walker: Walker) -> None:
    for number, (step, counts) in enumerate(VOTES.items(), 8):
        walker.step(f"2024-01-{number:02}", "deliberate", step=step, **counts)


def approve(walker: Walker) -> None:
    enter(walker)
    deliberate(walker)
    walker.step("2024-01-15", "approve", number="青政批〔2024〕3号", authority="青山镇人民政府")


def begin(walker: Walker) -> None:
    approve(walker)
    walker.step("2024-01-16", "put-up", stage="before", places=["村公示栏"])
    walker.step("2024-01-27", "take-down", stage="before")
    walker.step("2024-01-28", "allot", project="P001", channel="JT2024", amount="880000", number="交财〔2024〕7号")
    walker.step("2024-01-28", "plan", project="P001", channel="ZC2024", amount="650000")
    walker.step("2024-01-28", "allot", project="P001", channel="JZ2024", amount="220000")
    for channel, amount in (("JT2024", "880000"), ("ZC2024", "650000"), ("JZ2024", "220000")):
        walker.step("2024-02-01", "receive", project="P001", channel=channel, amount=amount)
    walker.step("2024-02-20", "contract", contract="P001C01", party="甲施工队", parts=PARTS)


def build(walker: Walker) -> None:
    begin(walker)
    walker.step("2024-03-01", "start")
    walker.step("2024-06-20", "certify", contract="P001C01", amount="1750000")
    walker.step("2024-06-25", "pay", contract="P001C01")


def finish(walker: Walker) -> None:
    build(walker)
    walker.step("2024-07-01", "inspect", level="village", quantity="3.5", members="7")
    walker.step("2024-07-03", "inspect", level="township", quantity="3.5", members="5", **KEPT)
    walker.step("2024-07-05", "accept", project="P001", quantity="3.5", warranty_until="2025-07-05")


def test_the_road_walks_through_every_gate_each_refused_before_it_is_passed(walker: Walker) -> None:
    step, shut = walker.step, walker.shut
    describe(walker)
    assert walker.state("2024-01-05") == "planned"
    # Before it is in the library a project is as free as it always was; from then on every gate stands.
    step("2024-01-06", "enter")
    assert walker.state("2024-01-06") == "library"
    approval = {"number": "青政批〔2024〕3号", "authority": "青山镇人民政府"}
    contract = {"contract": "P001C01", "party": "甲施工队", "parts": PARTS}
    for number, (name, counts) in enumerate(VOTES.items(), 8):
        shut(name, f"2024-01-{number:02}", "approve", **approval)
        step(f"2024-01-{number:02}", "deliberate", step=name, **counts)
    # A step counts from its day on: on the seventh nothing had been decided.
    shut("propose", "2024-01-07", "approve", **approval)
    shut("approval", "2024-01-15", "put-up", stage="before", places=["村公示栏"])
    shut("approval", "2024-01-15", "start")
    step("2024-01-15", "approve", **approval)
    assert walker.state("2024-01-15") == "approval"
    for channel, amount in (("JT2024", "880000"), ("JZ2024", "220000")):
        step("2024-01-16", "allot", project="P001", channel=channel, amount=amount)
    step("2024-01-16", "plan", project="P001", channel="ZC2024", amount="650000")
    shut("notice-before", "2024-01-16", "contract", **contract)
    shut("notice-before", "2024-01-16", "start")
    step("2024-01-16", "put-up", stage="before", places=["村公示栏"])
    early = shut("notice-before", "2024-01-25", "contract", **contract)
    assert "到这一天 9 天，要满 10 天（国开办发〔2018〕11号）" in early
    step("2024-01-27", "take-down", stage="before")
    for part in PARTS:
        channel, _, amount = part.partition("=")
        step("2024-02-01", "receive", project="P001", channel=channel, amount=amount)
    step("2024-02-20", "contract", **contract)
    assert walker.state("2024-02-20") == "contract"
    shut("started", "2024-02-21", "certify", contract="P001C01", amount="1750000")
    shut("started", "2024-02-21", "inspect", level="village", quantity="3.5")
    step("2024-03-01", "start")
    step("2024-06-20", "certify", contract="P001C01", amount="1750000")
    assert walker.state("2024-06-20") == "certified"
    step("2024-06-25", "pay", contract="P001C01")
    shut("inspected-village", "2024-06-30", "accept", project="P001", quantity="3.5")
    step("2024-07-01", "inspect", level="village", quantity="3.5")
    shut("inspected-upper", "2024-07-01", "accept", project="P001", quantity="3.5")
    shut("accepted", "2024-07-01", "put-up", stage="completion", places=["村公示栏"])
    shut("accepted", "2024-07-01", "deliberate", step="result")
    shut("accepted", "2024-07-01", "final", amount="1750000")
    step("2024-07-03", "inspect", level="township", quantity="3.5", **KEPT)
    step("2024-07-05", "accept", project="P001", quantity="3.5", warranty_until="2025-07-05")
    assert walker.state("2024-07-05") == "accepted"
    shut("notice-completion", "2024-07-06", "final", amount="1750000")
    step("2024-07-06", "put-up", stage="completion", places=["村公示栏"])
    shut("notice-completion", "2024-07-08", "final", amount="1750000")
    step("2024-07-20", "take-down", stage="completion", objections="路肩有一处塌陷", answer="已于 7 月 12 日修复")
    step("2024-07-21", "deliberate", step="result")
    shut("final", "2024-07-22", "handover", asset="public", owner="示范村", keeper="示范村村民委员会")
    step("2024-08-01", "final", amount="1750000", auditor="演示会计师事务所")
    shut("handover", "2024-08-02", "close")
    step("2024-08-05", "handover", asset="public", owner="示范村", keeper="示范村村民委员会")
    assert walker.state("2024-08-05") == "handover"
    assert "质保金还有 52,500.00 元没有退还" in shut("retention", "2024-08-06", "close")
    step("2025-07-06", "release", project="P001")
    step("2025-07-08", "close")
    assert walker.state("2025-07-08") == "closed"
    scene = walker.scene("2025-07-08")
    assert [name for name, verdict in gates.verdicts(scene) if not verdict.passed] == []
    with pytest.raises(ProjectLeft):
        step("2025-07-09", "allot", project="P001", channel="JT2024", amount="1")


def test_the_books_carry_a_life_and_the_record_is_made_again_from_them(walker: Walker, tmp_path: Path) -> None:
    finish(walker)
    settle(walker.clerk.workspace)
    assert [finding for check in verify(walker.clerk.workspace) for finding in check.findings] == []
    book = "".join(
        path.read_text(encoding="utf-8") for path in (walker.clerk.workspace.books / "SF").rglob("*.beancount")
    )
    assert "王小明" not in book
    assert "王某某" in book
    with walker.clerk.workspace.read() as connection:
        told = facts.facts(connection, "SF")
    rebuild(walker.clerk.workspace.books, tmp_path / "again", effects=EFFECTS)
    again = open_workspace(tmp_path / "again")
    try:
        with again.read() as connection:
            assert facts.facts(connection, "SF") == told
            scene = Scene(connection, "SF", "P001", date(2024, 7, 6))
            assert gates.state_of(scene) == "accepted"
    finally:
        again.close()


def test_a_project_that_never_went_into_the_library_is_as_free_as_before(walker: Walker) -> None:
    walker.step("2024-01-10", "allot", project="P001", channel="JT2024", amount="880000")
    walker.step("2024-02-01", "receive", project="P001", channel="JT2024", amount="500000")
    walker.step("2024-02-20", "contract", contract="P001C01", party="甲施工队", parts=["JT2024=880000"])
    walker.step("2024-03-20", "certify", contract="P001C01", amount="100000")
    walker.step("2024-03-25", "pay", contract="P001C01")


def test_what_is_withdrawn_shuts_the_gate_again_also_for_a_draft_that_waits(walker: Walker) -> None:
    begin(walker)
    begun = walker.step("2024-03-01", "start")
    draft = walker.clerk.draft("certify", date="2024-03-20", contract="P001C01", amount="100000")
    with walker.clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", begun["fact"], on=date(2024, 3, 21), by="zhang", reason="误记了开工")
        unit.commit()
    with pytest.raises(GateShut) as caught:
        walker.clerk.seal(draft["draft"])
    assert caught.value.facts["gate"].key == "gate.started"


def test_a_reversal_passes_no_gate(walker: Walker) -> None:
    begin(walker)
    begun = walker.step("2024-03-01", "start")
    number = walker.step("2024-03-20", "certify", contract="P001C01", amount="100000")
    with walker.clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", begun["fact"], on=date(2024, 3, 21), by="zhang", reason="误记了开工")
        unit.commit()
    assert walker.step("2024-03-22", "reverse", voucher=number, reason="没有开工")


def test_only_what_was_measured_is_accepted(walker: Walker) -> None:
    build(walker)
    walker.step("2024-07-01", "inspect", level="village", quantity="3.5")
    walker.step("2024-07-03", "inspect", level="county", quantity="3.46", **KEPT)
    with pytest.raises(MeasuredDiffers) as caught:
        walker.step("2024-07-05", "accept", project="P001", quantity="3.5")
    assert messages.explain(caught.value, "zh").startswith("项目 P001 最后一次验收实测 3.46，这里写的是 3.5：")
    walker.step("2024-07-05", "accept", project="P001", quantity="3.46")


def test_an_inspection_that_asks_to_mend_shuts_the_gate_until_the_next_one(walker: Walker) -> None:
    build(walker)
    walker.step("2024-07-01", "inspect", level="village", quantity="3.4", verdict="mend", mend_by="2024-07-10")
    said = walker.shut("inspected-village", "2024-07-02", "accept", project="P001", quantity="3.4")
    assert "要求 2024-07-10 前整改" in said
    walker.step("2024-07-09", "inspect", level="village", quantity="3.5")
    walker.shut("inspected-upper", "2024-07-09", "accept", project="P001", quantity="3.5")


def test_the_message_says_what_is_missing_and_the_command_that_records_it(walker: Walker) -> None:
    enter(walker)
    with pytest.raises(GateShut) as caught:
        walker.step("2024-01-07", "approve", number="一", authority="镇政府")
    assert messages.explain(caught.value, "zh") == (
        "项目 P001 通村公路 还不能批复，卡在“党组织提议”：没有党组织提议的记录。请登记：earmark deliberate P001 "
        "--step propose --due 应到 --present 实到 --ayes 赞成 --doc 会议记录。全部关口见 earmark project life P001。"
    )
    assert messages.explain(caught.value, "en") == (
        "Project P001 通村公路 cannot be approved yet; the gate “Proposal by the party branch” is shut: no proposal by "
        "the party branch is recorded. Record it: earmark deliberate P001 --step propose --due N --present N --ayes N "
        "--doc MINUTES. All gates: earmark project life P001."
    )


def test_every_gate_has_its_words_in_both_languages() -> None:
    for lang in messages.LANGS:
        for name in LIFE:
            assert messages.has("projects", f"gate.{name}", lang)
            assert messages.has("projects", f"state.{name}", lang) or name in {"retention", "settled"}


def test_a_project_that_leaves_takes_on_nothing_new_and_the_message_shows_the_way_back(walker: Walker) -> None:
    begin(walker)
    walker.step("2024-03-01", "start")
    walker.step("2024-04-02", "review", quarter="2024Q1", verdict="leave", progress="5%", reason="施工队撤场，无力复工")
    with pytest.raises(ProjectLeft) as caught:
        walker.step("2024-04-03", "certify", contract="P001C01", amount="1000")
    assert messages.explain(caught.value, "zh").endswith(
        "earmark cancel P001 --reason …、earmark return P001 JT2024、earmark return P001 ZC2024、earmark return P001 JZ2024"
    )
    assert walker.state("2024-04-03") == "leaving"
    walker.step("2024-04-05", "cancel", project="P001", reason="退出")
    for channel in ("JT2024", "ZC2024", "JZ2024"):
        walker.step("2024-04-06", "return", project="P001", channel=channel)
    assert walker.state("2024-04-06") == "cancelled"
    walker.step("2024-04-07", "close")
    assert walker.state("2024-04-07") == "closed"


def test_a_recalled_channel_takes_on_nothing_new(walker: Walker) -> None:
    approve(walker)
    walker.step("2024-01-28", "allot", project="P001", channel="JT2024", amount="880000")
    walker.step("2024-01-29", "receive", project="P001", channel="JT2024", amount="100000")
    walker.step("2024-01-30", "recall", channel="JT2024", number="财预〔2024〕9号", reason="两年未用")
    with pytest.raises(ProjectLeft) as caught:
        walker.step("2024-01-31", "receive", project="P001", channel="JT2024", amount="1")
    assert "earmark revise down P001 JT2024" in messages.explain(caught.value, "zh")
    walker.step("2024-01-31", "allot", project="P001", channel="JZ2024", amount="220000")


@pytest.mark.parametrize("verb", ["pay", "certify", "purchase", "labour", "advance", "contract", "accept"])
def test_the_shipped_policy_binds_what_moves_the_works_on(walker: Walker, verb: str) -> None:
    enter(walker)
    assert gates.binding(walker.scene("2024-02-01"), verb)


def test_a_gate_of_the_library_binds_projects_that_never_went_in(
    walker: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A county that names the library among an event's gates lets nobody pass by."""
    scene = walker.scene("2024-02-01")
    shipped = scene.policy.gates["contract"]
    stricter = shipped.model_copy(update={"value": ("library", *shipped.value)})
    policy = scene.policy.model_copy(update={"gates": {**scene.policy.gates, "contract": stricter}})
    monkeypatch.setattr("projects.life.scene.policy_at", lambda _connection, _on: policy)
    walker.step("2024-01-10", "allot", project="P001", channel="JT2024", amount="880000")
    walker.shut("library", "2024-02-20", "contract", contract="P001C01", party="甲施工队", parts=["JT2024=880000"])


@pytest.mark.parametrize("kind", [GateShut, MeasuredDiffers, ProjectLeft])
def test_what_stands_in_a_project_s_way_is_a_refusal(kind: type[Refusal]) -> None:
    assert issubclass(kind, Refusal)

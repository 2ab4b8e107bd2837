"""Quorum and majority of each step by the policy: who is enough, and who is one too few."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger import messages
from ledger.errors import Refusal
from ledger.facts import Fact
from projects.life.deliberations import STEPS, fault
from projects.policy import Policy
from projects.policy.history import build, shipped
from projects.telling import tell


@pytest.fixture(scope="module")
def policy() -> Policy:
    return build(shipped())


def meeting(step: str, due: int, present: int, ayes: int, form: str = "") -> Fact:
    data = {"step": step, "due": due, "present": present, "ayes": ayes} | ({"form": form} if form else {})
    return Fact("SF", 1, "deliberation", "P001", "2024-01-08", "zhang", "", data)


ENOUGH = [
    # The proposal and the consultation: over half of those due, over half of those present.
    ("propose", "", 7, 4, 3),
    ("propose", "", 1, 1, 1),
    ("consult", "", 9, 5, 3),
    ("consult", "", 10, 6, 4),
    # The party members: two thirds present, over half of all in favour.
    ("review", "", 30, 20, 16),
    ("review", "", 31, 21, 16),
    ("review", "", 3, 2, 2),
    # The villagers' meeting of adults: over half present, over half of them in favour.
    ("resolve", "adults", 100, 51, 26),
    ("resolve", "adults", 101, 51, 26),
    # The meeting of households: two thirds present, over half of them in favour.
    ("resolve", "households", 90, 60, 31),
    ("resolve", "households", 100, 67, 34),
    # The representatives: two thirds present, over half of them in favour.
    ("resolve", "representatives", 42, 28, 15),
    ("resolve", "representatives", 40, 27, 14),
]
TOO_FEW_PRESENT = [
    ("propose", "", 8, 4, 4),
    ("consult", "", 10, 5, 5),
    ("review", "", 30, 19, 19),
    ("review", "", 31, 20, 20),
    ("resolve", "adults", 100, 50, 50),
    ("resolve", "households", 100, 66, 66),
    ("resolve", "representatives", 42, 27, 27),
    ("resolve", "representatives", 40, 26, 26),
]
TOO_FEW_IN_FAVOUR = [
    ("propose", "", 7, 4, 2),
    ("propose", "", 7, 7, 3),
    ("consult", "", 10, 6, 3),
    ("review", "", 30, 20, 15),
    ("review", "", 30, 30, 15),
    ("review", "", 31, 31, 15),
    ("resolve", "adults", 100, 60, 30),
    ("resolve", "households", 90, 60, 30),
    ("resolve", "representatives", 42, 28, 14),
]


@pytest.mark.parametrize(("step", "form", "due", "present", "ayes"), ENOUGH)
def test_enough_are_present_and_in_favour(
    policy: Policy, step: str, form: str, due: int, present: int, ayes: int
) -> None:
    assert fault(meeting(step, due, present, ayes, form), policy) is None


@pytest.mark.parametrize(("step", "form", "due", "present", "ayes"), TOO_FEW_PRESENT)
def test_too_few_are_present(policy: Policy, step: str, form: str, due: int, present: int, ayes: int) -> None:
    why = fault(meeting(step, due, present, ayes, form), policy)
    assert why is not None
    assert why.key == "fault.quorum"
    assert (why.facts["present"], why.facts["due"]) == (present, due)


@pytest.mark.parametrize(("step", "form", "due", "present", "ayes"), TOO_FEW_IN_FAVOUR)
def test_too_few_are_in_favour(policy: Policy, step: str, form: str, due: int, present: int, ayes: int) -> None:
    why = fault(meeting(step, due, present, ayes, form), policy)
    assert why is not None
    assert why.key == ("fault.majority-of-all" if step == "review" else "fault.majority")
    assert (why.facts["ayes"], why.facts["whole"]) == (ayes, due if step == "review" else present)


@pytest.mark.parametrize("step", ["publish", "result"])
def test_what_is_made_public_has_no_vote(policy: Policy, step: str) -> None:
    assert fault(Fact("SF", 1, "deliberation", "P001", "2024-01-08", "zhang", "", {"step": step}), policy) is None


def test_the_sentence_says_how_many_by_which_rule(policy: Policy) -> None:
    why = fault(meeting("review", 31, 21, 15), policy)
    assert why is not None
    assert messages.phrase(why, "zh") == "赞成人数不够（应到 31，赞成 15，要求 > 1/2；四议两公开工作法，各地表述不一）"
    why = fault(meeting("propose", 8, 4, 4), policy)
    assert why is not None
    assert "未核实" in messages.phrase(why, "zh"), "a number that nobody is sure of is not cited as if it were read"


REFUSED: list[tuple[dict[str, Any], bool, str]] = [
    (
        {"step": "propose", "due": "7", "present": "6", "ayes": "6"},
        False,
        "党组织提议要有会议记录或公开照片：请用 --doc 附上。",
    ),
    ({"step": "publish"}, False, "决议公开要有会议记录或公开照片：请用 --doc 附上。"),
    (
        {"step": "propose", "due": "7", "present": "6"},
        True,
        "党组织提议要写明应到、实到、赞成人数：请用 --due、--present、--ayes。",
    ),
    (
        {"step": "propose", "due": "7", "present": "8", "ayes": "6"},
        True,
        "党组织提议的人数不对：应到 7、实到 8、赞成 6；实到不能多于应到，赞成不能多于实到。",
    ),
    (
        {"step": "propose", "due": "7", "present": "6", "ayes": "7"},
        True,
        "党组织提议的人数不对：应到 7、实到 6、赞成 7；实到不能多于应到，赞成不能多于实到。",
    ),
    (
        {"step": "propose", "due": "0", "present": "0", "ayes": "0"},
        True,
        "党组织提议的人数不对：应到 0、实到 0、赞成 0；实到不能多于应到，赞成不能多于实到。",
    ),
    ({"step": "propose", "due": "七", "present": "6", "ayes": "6"}, True, "“七”不是一个数目：请写整数，例如 31。"),
    (
        {"step": "consult", "due": "9", "present": "8", "ayes": "8"},
        True,
        "两委商议之前要先过“党组织提议”：请先登记（earmark deliberate P001 --step propose …）。",
    ),
    (
        {"step": "resolve", "due": "42", "present": "35", "ayes": "33"},
        True,
        "项目 P001 的村民决议要写明开的是什么会：--form adults（村民会议）、households（户代表会议）或 representatives（村民代表会议）。",
    ),
    ({"step": "vote"}, True, "“vote”不在可选项之内：请选 propose、consult、review、resolve、publish、result。"),
]


@pytest.mark.parametrize(("typed", "with_paper", "said"), REFUSED)
def test_what_no_meeting_is_is_refused(
    clerk: Any, unchanged: Any, tmp_path: Path, typed: dict[str, Any], with_paper: bool, said: str
) -> None:
    paper = tmp_path / "minutes.txt"
    paper.write_text("会议记录\n", encoding="utf-8")
    with unchanged(), pytest.raises(Refusal) as caught:
        asked = {"project": "P001", "date": "2024-01-08", **typed}
        tell(clerk.at("zhang"), "deliberate", asked, papers=[paper] if with_paper else [])
    assert messages.explain(caught.value, "zh") == said


def test_a_meeting_that_failed_is_kept_and_the_next_one_counts(clerk: Any, tmp_path: Path) -> None:
    paper = tmp_path / "minutes.txt"
    paper.write_text("会议记录\n", encoding="utf-8")

    def hold(day: str, step: str, due: str, present: str, ayes: str) -> None:
        typed = {"project": "P001", "date": day, "step": step, "due": due, "present": present, "ayes": ayes}
        tell(clerk.at("zhang"), "deliberate", typed, papers=[paper])

    hold("2024-01-08", "propose", "7", "3", "3")
    with pytest.raises(Refusal) as caught:
        hold("2024-01-09", "consult", "9", "8", "8")
    assert caught.value.code == "step-early"
    hold("2024-01-10", "propose", "7", "6", "6")
    hold("2024-01-11", "consult", "9", "8", "8")


def test_only_a_maker_records_what_was_decided(clerk: Any, unchanged: Any, tmp_path: Path) -> None:
    paper = tmp_path / "minutes.txt"
    paper.write_text("会议记录\n", encoding="utf-8")
    typed = {"project": "P001", "date": "2024-01-08", "step": "propose", "due": "7", "present": "6", "ayes": "6"}
    with unchanged(), pytest.raises(Refusal) as caught:
        tell(clerk.at("li"), "deliberate", typed, papers=[paper])
    assert caught.value.code == "role-missing"


def test_a_key_tells_once(clerk: Any, tmp_path: Path) -> None:
    paper = tmp_path / "minutes.txt"
    paper.write_text("会议记录\n", encoding="utf-8")
    typed = {"project": "P001", "date": "2024-01-08", "step": "propose", "due": "7", "present": "6", "ayes": "6"}
    made = [tell(clerk.at("zhang"), "deliberate", typed, key="K1", papers=[paper])["fact"] for _ in range(2)]
    assert made[0] == made[1]


def test_the_six_steps_stand_in_the_order_of_the_method() -> None:
    assert STEPS == ("propose", "consult", "review", "resolve", "publish", "result")

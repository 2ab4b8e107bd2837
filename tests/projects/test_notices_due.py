"""What is to be published: each kind is due from what the log holds, and no longer once it is published."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ledger import facts, messages
from projects.notices.due import due
from projects.notices.kinds import kinds

STORY = "allot project=P001 channel=JT2024 amount=880000 date=2024-03-01"
BUILT = f"""{STORY}
receive project=P001 channel=JT2024 amount=880000 date=2024-03-04
contract contract=P001C01 party=甲施工队 parts=JT2024=100000 date=2024-03-05
certify contract=P001C01 amount=100000 date=2024-03-06
accept project=P001 quantity=3.5 no_asset date=2024-03-07"""
TOLD = {"approval": {"authority": "镇政府"}, "review": {"verdict": "mend", "reason": "路面开裂"}}


def tell(clerk: Any, kind: str, subject: str, on: str, **data: str) -> str:
    with clerk.workspace.write(book="SF") as unit:
        made = facts.record(unit, "SF", kind, subject, on=date.fromisoformat(on), by="zhang", data=data)
        unit.commit()
    return made.label


def waiting(clerk: Any, on: str) -> dict[str, tuple[str, str]]:
    """What is due on a day: project and since by kind."""
    with clerk.workspace.read() as connection:
        found = due(connection, "SF", date.fromisoformat(on))
    assert len({each.kind for each in found}) == len(found)
    assert all(messages.phrase(each.why, lang) for each in found for lang in ("zh", "en"))
    return {each.kind: (each.project, each.since) for each in found}


CASES = [
    # kind, what happened before, what was told, the day, of which project since when
    ("before", "", "approval", "2024-03-20", ("P001", "2024-03-10")),
    ("completion", BUILT, "", "2024-03-20", ("P001", "2024-03-07")),
    ("rectification", "", "review", "2024-03-20", ("P001", "2024-03-10")),
    ("plan", "", "", "2024-03-20", ("", "2024-01-01")),
    ("allotment", STORY, "", "2024-03-20", ("", "2024-03-01")),
    ("quarter", STORY, "", "2024-04-01", ("", "2024-03-31")),
]


@pytest.mark.parametrize("kind, story, told, on, expected", CASES, ids=[case[0] for case in CASES])
def test_a_notice_is_due_until_one_is_published(
    clerk: Any, kind: str, story: str, told: str, on: str, expected: tuple[str, str]
) -> None:
    if story:
        clerk.play(story)
    if told:
        assert kind not in waiting(clerk, on)
        tell(clerk, told, "P001", "2024-03-10", **TOLD[told])
        assert kind not in waiting(clerk, "2024-03-09")
    assert waiting(clerk, on)[kind] == expected
    label = tell(clerk, "notice", expected[0] or "SF", on, notice=kind)
    assert kind not in waiting(clerk, on)
    with clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", label, on=date.fromisoformat(on), by="zhang", reason="发布有误")
        unit.commit()
    assert waiting(clerk, on)[kind] == expected


def test_the_cases_are_every_kind() -> None:
    assert {case[0] for case in CASES} == set(kinds())


def test_a_notice_of_another_project_does_not_count(clerk: Any) -> None:
    tell(clerk, "approval", "P001", "2024-03-10", **TOLD["approval"])
    tell(clerk, "notice", "P002", "2024-03-11", notice="before")
    assert waiting(clerk, "2024-03-20")["before"][0] == "P001"


def test_an_allotment_after_the_notice_is_due_again_and_one_that_was_reversed_is_not(clerk: Any) -> None:
    clerk.play(STORY)
    tell(clerk, "notice", "SF", "2024-03-20", notice="allotment")
    number = clerk.do("allot", project="P001", channel="JZ2024", amount="100", date="2024-03-21")
    assert waiting(clerk, "2024-03-22")["allotment"] == ("", "2024-03-21")
    clerk.do("reverse", voucher=number, reason="误记", date="2024-03-22")
    assert "allotment" not in waiting(clerk, "2024-03-22")


def test_works_that_are_over_need_no_notice_before_them_and_no_plan(clerk: Any) -> None:
    tell(clerk, "approval", "P001", "2024-03-10", **TOLD["approval"])
    tell(clerk, "closing", "P002", "2024-03-10")
    clerk.play(BUILT)
    assert waiting(clerk, "2024-03-31").keys() == {"allotment", "completion"}
    # Of a quarter in which nothing happened nothing is to be told.
    assert "quarter" not in waiting(clerk, "2024-07-01")

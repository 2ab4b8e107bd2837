"""Facts: leaves that move no money, read back as they were recorded, withdrawn but never gone, in the books and out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Custom

from ledger import erasure, facts, log
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import FactUnknown, FactWithdrawn, FutureDated, TextMissing, Unknown
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.events.verbs import EFFECTS

DAY = date(2024, 3, 1)


def record(clerk: Any, of: str = "SF", kind: str = "meeting", subject: str = "P001", **more: Any) -> facts.Fact:
    with clerk.workspace.write(book=None if of == log.OFFICE else of) as unit:
        said = {"on": DAY, "by": "zhang", "data": {"topic": "修路"}} | more
        made = facts.record(unit, of, kind, subject, **said)
        unit.commit()
    return made


def of(clerk: Any, *kinds: str, log_name: str = "SF", **more: Any) -> list[facts.Fact]:
    with clerk.workspace.read() as connection:
        return facts.facts(connection, log_name, *kinds, **more)


def findings(clerk: Any) -> list[str]:
    settle(clerk.workspace)
    return [finding.code for check in verify(clerk.workspace) for finding in check.findings]


def test_a_fact_is_read_back_as_it_was_recorded(clerk):
    made = record(clerk, data={"topic": '修"路"', "ayes": 41, "people": ["甲", "乙"], "share": {"a": "1.00"}})
    assert of(clerk, "meeting") == [made]
    assert made.data == {"topic": '修"路"', "ayes": 41, "people": ["甲", "乙"], "share": {"a": "1.00"}}
    assert (made.on, made.by, made.at) == ("2024-03-01", "zhang", "2025-12-31T09:00:00+08:00")
    assert findings(clerk) == []


def test_what_stands_is_the_same_whether_it_is_read_anew_or_goes_on_from_what_was_read(clerk):
    kinds = ("meeting", "notice")

    def stands() -> list[facts.Fact]:
        with clerk.workspace.read() as connection:
            found = facts.standing(connection, "SF", *kinds)
            assert found == facts.facts(connection, "SF", *kinds)
            assert facts.standing(connection, "SF", "review") == facts.facts(connection, "SF", "review")
        return found

    assert stands() == []
    first, second = record(clerk), record(clerk, kind="notice", data={"topic": '"of":"meeting"'})
    record(clerk, kind="review", data={"said": '"of":"notice"'})
    assert stands() == [first, second]
    with clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", first.label, on=DAY, by="zhang", reason="记错")
        unit.commit()
    assert stands() == [second]
    third = record(clerk, subject="P002")
    assert stands() == [second, third]


def test_facts_are_found_by_kind_and_subject_the_latest_by_its_day(clerk):
    first = record(clerk, subject="P001", on=date(2024, 3, 2), data={"nth": 1})
    record(clerk, subject="P002", on=date(2024, 3, 3), data={"nth": 2})
    earlier = record(clerk, subject="P001", on=date(2024, 3, 1), data={"nth": 3})
    record(clerk, kind="notice", subject="P001", data={"nth": 4})
    assert [each.data["nth"] for each in of(clerk, "meeting")] == [1, 2, 3]
    assert [each.data["nth"] for each in of(clerk, subject="P001")] == [1, 3, 4]
    with clerk.workspace.read() as connection:
        assert facts.latest(connection, "SF", "meeting", subject="P001") == first
        assert facts.latest(connection, "SF", "meeting", subject="P001", on=date(2024, 3, 1)) == earlier
        assert facts.latest(connection, "SF", "meeting", subject="P001", on=date(2024, 2, 1)) is None
        assert facts.need(connection, "SF", first.label.lower()) == first


def test_a_withdrawn_fact_counts_no_more_and_stays_to_be_seen(clerk):
    made = record(clerk)
    with clerk.workspace.write(book="SF") as unit:
        back = facts.withdraw(unit, "SF", made.label, on=DAY, by="zhang", reason="记错了村民组")
        unit.commit()
    assert of(clerk) == []
    assert of(clerk, withdrawn=True) == [made, back]
    for label, about in ((made.label, ""), (back.label, "withdrawal")):
        with clerk.workspace.write(book="SF") as unit, pytest.raises(FactWithdrawn) as caught:
            facts.withdraw(unit, "SF", label, on=DAY, by="zhang", reason="再撤")
        assert caught.value.facts["about"] == about
    assert findings(clerk) == []


@pytest.mark.parametrize("label", ["F999999", "F0", "x", "", "12a", "F-1", "Ｆ１"])
def test_what_is_no_fact_is_not_found(clerk, label):
    """Position 0 is the village's first register entry, which is no fact."""
    with clerk.workspace.read() as connection, pytest.raises(FactUnknown):
        facts.need(connection, "SF", label)


def test_what_has_not_happened_or_nobody_recorded_is_refused(clerk):
    with pytest.raises(FutureDated) as caught:
        record(clerk, on=date(2026, 1, 1))
    assert caught.value.facts["about"] == "fact"
    with pytest.raises(Unknown):
        record(clerk, by="nobody")
    made = record(clerk)
    with clerk.workspace.write(book="SF") as unit, pytest.raises(TextMissing):
        facts.withdraw(unit, "SF", made.label, on=DAY, by="zhang", reason=" ")


def test_personal_data_of_a_fact_is_committed_to_and_can_be_erased(clerk):
    made = record(clerk, private={"name": "王小明", "phone": ""})
    assert set(made.data) == {"topic", "name-commitment"}
    with clerk.workspace.read() as connection:
        assert facts.private(connection, made) == {"name": "王小明"}
    settle(clerk.workspace)
    assert "王小明" not in "".join(path.read_text() for path in clerk.workspace.books.rglob("*.beancount"))
    with clerk.workspace.write() as unit:
        traces = erasure.erase(unit, "王小明", user="li", reason="本人要求")
        unit.commit()
    assert traces.values == (erasure.Value("SF", made.label, "name"),)
    with clerk.workspace.read() as connection:
        assert facts.private(connection, made) == {}
    assert findings(clerk) == []


def test_a_paper_of_a_fact_lies_in_the_books_and_its_loss_is_found(clerk, tmp_path):
    paper = tmp_path / "minutes.txt"
    paper.write_text("会议记录", encoding="utf-8")
    made = record(clerk, documents=clerk.at("zhang").papers([paper, paper]))
    office = record(clerk, log.OFFICE, "policy", "", documents=made.documents)
    assert len(made.documents) == 1
    assert findings(clerk) == []
    name = f"{made.documents[0][0]}.txt"
    lying = [clerk.workspace.books / "SF" / "documents" / name, clerk.workspace.books / "documents" / name]
    assert [path.read_text(encoding="utf-8") for path in lying] == ["会议记录", "会议记录"]
    assert of(clerk, log_name=log.OFFICE) == [office]
    lying[0].write_text("伪造", encoding="utf-8")
    lying[1].unlink()
    assert sorted(findings(clerk)) == ["fact-document-changed", "fact-document-missing"]


def test_the_books_show_a_fact_at_its_day_and_plain_beancount_reads_it(clerk):
    made = record(clerk, data={"topic": 'plugin "x"\\', "ayes": 41})
    settle(clerk.workspace)
    entries, errors, _ = loader.load_file(str(clerk.workspace.books / "SF" / "main.beancount"))
    assert errors == []
    [shown] = [each for each in entries if isinstance(each, Custom) and each.type == facts.KIND]
    assert shown.date == DAY
    assert shown.meta["topic"] == 'plugin "x"\\'
    assert shown.values[0].value == made.position


def test_facts_come_back_from_the_books_alone_with_their_papers(clerk, tmp_path):
    paper = tmp_path / "minutes.txt"
    paper.write_text("会议记录", encoding="utf-8")
    papers = clerk.at("zhang").papers([paper])
    made = record(clerk, documents=papers, private={"name": "王小明"}, data={"share": {"JT2024": "1.00"}, "nth": 3})
    record(clerk, log.OFFICE, "policy", "", documents=papers, data={"text": "x = 1"})
    with clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", made.label, on=DAY, by="zhang", reason="记错")
        unit.commit()
    settle(clerk.workspace)
    done = rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS, clock=clerk.clock)
    assert done.right
    assert done.absent["private"] == 1
    again = open_workspace(tmp_path / "again", clock=clerk.clock)
    with clerk.workspace.read() as one, again.read() as other:
        assert facts.facts(one, "SF", withdrawn=True) == facts.facts(other, "SF", withdrawn=True)
    assert [finding.code for check in verify(again) for finding in check.findings] == []
    again.close()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"on": "2024-02-30"},
        {"on": "20240301"},
        {"documents": "x"},
        {"documents": [{"sha256": "../x", "suffix": "", "size": 1}]},
        {"documents": [{"sha256": "0" * 64, "suffix": "/x", "size": 1}]},
        {"by": 3},
    ],
)
def test_a_leaf_that_is_no_fact_is_a_finding_and_is_never_shown(clerk, data):
    whole = {"of": "meeting", "subject": "P001", "on": "2024-03-01", "by": "zhang", "at": "x", "documents": []}
    with clerk.workspace.write(book="SF") as unit:
        log.append(unit, "SF", facts.KIND, whole | data if data else {"of": "meeting"})
        unit.commit()
    assert of(clerk) == []
    assert "log-leaf" in findings(clerk)


def leaves_of(clerk: Any, *kinds: str) -> list[Any]:
    with clerk.workspace.read() as connection:
        return [facts.read("SF", *each).data.get("nth") for each in facts.leaves(connection, "SF", *kinds)]


def test_what_was_read_before_is_kept_and_what_came_since_is_found(clerk):
    made = record(clerk, data={"nth": 1})
    record(clerk, kind="notice", data={"nth": 2, "text": '"of":"meeting"'})
    assert leaves_of(clerk, "meeting") == leaves_of(clerk, "meeting") == [1]
    record(clerk, data={"nth": 3})
    assert (leaves_of(clerk, "meeting"), leaves_of(clerk, "meeting", "notice")) == ([1, 3], [1, 2, 3])
    with clerk.workspace.write(book="SF") as unit:
        facts.withdraw(unit, "SF", made.label, on=DAY, by="zhang", reason="记错")
        unit.commit()
    assert leaves_of(clerk, "meeting") == [1, 3, None]


def test_what_was_read_in_a_unit_that_was_given_up_is_forgotten(clerk):
    with clerk.workspace.write(book="SF") as unit:
        facts.record(unit, "SF", "meeting", "P001", on=DAY, by="zhang", data={"nth": 1})
        assert len(facts.leaves(unit.connection, "SF", "meeting")) == 1
    assert leaves_of(clerk, "meeting") == []
    record(clerk, data={"nth": 2})
    assert leaves_of(clerk, "meeting") == [2]

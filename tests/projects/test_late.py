"""What is late: from the first day on and not a day before, until it is done; each with its rule and what to do."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from desks import desk, enter

from ledger import facts, messages, periods
from ledger.books.write import settle
from ledger.statements.period import Period
from projects.cli.main import run
from projects.late import WEIGHT, Late, dry, late
from projects.late.papers import _working_days_after
from projects.loans import register as loans
from projects.loans.requests import AddLoan, RepayLoan
from projects.status import status
from projects.telling import tell

CONTRACT = """
    allot project=P001 channel=JT2024 amount=880000
    receive project=P001 channel=JT2024 amount=500000
    contract contract=P001C01 parts=JT2024=100000 party=某施工队
"""


def found(clerk: Any, kind: str, on: str) -> list[Late]:
    with clerk.workspace.read() as connection:
        return [each for each in late(connection, "SF", date.fromisoformat(on)) if each.kind == kind]


def first_day(clerk: Any, kind: str, day: str) -> Late:
    """What is late since a day, having made sure that it was not the day before."""
    before = (date.fromisoformat(day) - timedelta(days=1)).isoformat()
    assert [each for each in found(clerk, kind, before) if each.since <= before] == []
    [each] = found(clerk, kind, day)
    assert (each.since, each.days(date.fromisoformat(day))) == (day, 0)
    for lang in messages.LANGS:
        assert "earmark" in messages.phrase(each.do, lang)
        assert messages.phrase(each.says, lang)
    return each


def told(clerk: Any, verb: str, day: str, paper: Path | None = None, **typed: Any) -> None:
    tell(clerk.at("zhang"), verb, {"project": "P001", "date": day, **typed}, papers=[paper] if paper else [])


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    made = tmp_path / "paper.txt"
    made.write_text("演示文件\n", encoding="utf-8")
    return made


def test_a_project_is_late_the_day_after_its_planned_finish_and_an_adjustment_moves_it(clerk: Any) -> None:
    told(clerk, "describe", "2024-03-01", finish="2024-12-31")
    each = first_day(clerk, "finish", "2025-01-01")
    assert (each.about, each.project) == ("P001", "P001")
    told(clerk, "adjust", "2025-01-02", number="3号", reason="雨季", finish="2025-06-30")
    assert found(clerk, "finish", "2025-06-30") == []
    first_day(clerk, "finish", "2025-07-01")
    clerk.play(CONTRACT + "certify contract=P001C01 amount=100000\npay contract=P001C01")
    clerk.play("accept project=P001 quantity=3.5 date=2025-07-01")
    assert found(clerk, "finish", "2025-07-02") == []


def test_a_milestone_is_late_until_it_is_met(clerk: Any) -> None:
    told(clerk, "plan-milestone", "2024-03-01", name="路基", due="2024-05-31")
    first_day(clerk, "milestone", "2024-06-01")
    told(clerk, "meet-milestone", "2024-06-02", name="路基")
    assert found(clerk, "milestone", "2024-07-01") == []


def test_a_notice_that_was_up_for_its_days_is_to_come_down(clerk: Any, paper: Path) -> None:
    told(clerk, "put-up", "2024-03-01", paper, stage="before", places=["村务公开栏"])
    each = first_day(clerk, "wall", "2024-03-11")
    assert each.project == "P001"
    assert "国开办发〔2018〕11号" in messages.phrase(each.says, "zh")
    told(clerk, "take-down", "2024-03-12", stage="before")
    assert found(clerk, "wall", "2024-03-13") == []


def test_what_was_to_be_mended_is_late_until_it_is_inspected_again(clerk: Any, paper: Path) -> None:
    typed = {"level": "village", "quantity": "3.4"}
    told(clerk, "inspect", "2024-03-01", paper, verdict="mend", mend_by="2024-03-20", **typed)
    first_day(clerk, "mend", "2024-03-21")
    told(clerk, "inspect", "2024-03-22", paper, verdict="pass", **typed)
    assert found(clerk, "mend", "2024-04-01") == []


def test_what_was_certified_is_late_after_the_term_by_the_oldest_that_is_not_paid(clerk: Any) -> None:
    clerk.play(CONTRACT)
    clerk.play("certify contract=P001C01 amount=30000 no_retention date=2024-03-01")
    clerk.play("certify contract=P001C01 amount=20000 no_retention date=2024-03-11")
    each = first_day(clerk, "unpaid", "2024-04-01")
    assert (each.about, each.fen) == ("P001C01", 30_000_00)
    assert "国务院令第728号，未核对" in messages.phrase(each.says, "zh")
    assert [each.fen for each in found(clerk, "unpaid", "2024-04-11")] == [50_000_00]
    clerk.play("pay contract=P001C01 amount=35000 date=2024-03-11")
    assert [(each.since, each.fen) for each in found(clerk, "unpaid", "2024-04-11")] == [("2024-04-11", 15_000_00)]
    clerk.play("pay contract=P001C01 date=2024-03-11")
    assert found(clerk, "unpaid", "2025-01-01") == []


def test_a_certificate_that_was_reversed_is_not_owed(clerk: Any) -> None:
    clerk.play(CONTRACT)
    wrong = clerk.do("certify", contract="P001C01", amount="30000", no_retention=True)
    clerk.do("reverse", voucher=wrong, reason="错记")
    clerk.play("certify contract=P001C01 amount=20000 no_retention date=2024-04-01")
    assert found(clerk, "unpaid", "2024-05-01") == []
    assert [each.fen for each in found(clerk, "unpaid", "2024-05-02")] == [20_000_00]


def test_a_county_says_for_itself_what_is_late(clerk: Any) -> None:
    clerk.county("late.payment=60 days")
    clerk.play(CONTRACT)
    clerk.play("certify contract=P001C01 amount=30000 no_retention")
    first_day(clerk, "unpaid", "2024-05-01")


def test_retention_is_due_when_the_term_that_acceptance_states_or_the_policys_is_over(clerk: Any) -> None:
    clerk.play(CONTRACT)
    clerk.play("certify contract=P001C01 amount=100000 retention=3%\npay contract=P001C01")
    accepted = clerk.do("accept", project="P001", quantity="3.5", warranty_until="2024-09-30")
    stated = first_day(clerk, "retention", "2024-10-01")
    assert (stated.about, stated.fen, stated.says.key) == ("P001C01", 3_000_00, "late.says.retention-stated")
    clerk.do("reverse", voucher=accepted, reason="错记")
    clerk.do("accept", project="P001", quantity="3.5", date="2024-03-01")
    assert "建质〔2017〕138号" in messages.phrase(first_day(clerk, "retention", "2025-03-02").says, "zh")
    clerk.do("release", contract="P001C01", date="2025-03-02")
    assert found(clerk, "retention", "2025-12-31") == []


def test_what_was_accepted_is_to_be_handed_over(clerk: Any, paper: Path) -> None:
    clerk.play(CONTRACT)
    clerk.play("certify contract=P001C01 amount=100000 no_retention\npay contract=P001C01")
    clerk.do("accept", project="P001", quantity="3.5")
    first_day(clerk, "handover", "2024-05-31")
    told(clerk, "handover", "2024-06-01", paper, asset="public", owner="村集体", keeper="村委会")
    assert found(clerk, "handover", "2024-06-02") == []


def test_idle_money_is_told_before_its_term_is_over_and_after(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    assert found(clerk, "idle-soon", "2025-11-30") == []
    [soon] = found(clerk, "idle-soon", "2025-12-01")
    assert (soon.since, soon.fen, soon.days(date(2025, 12, 1))) == ("2026-03-01", 1000_00, -90)
    assert "国办发〔2014〕70号" in messages.phrase(soon.says, "zh")
    assert found(clerk, "idle", "2026-02-28") == []
    first_day(clerk, "idle", "2026-03-01")
    assert found(clerk, "idle-soon", "2026-03-01") == []


def test_months_that_are_over_and_not_closed_are_one_line(clerk: Any) -> None:
    each = first_day(clerk, "month", "2024-02-16")
    assert each.about == "2024-01"
    assert "2024-01 至 2024-03 共 3 个月" in messages.phrase(found(clerk, "month", "2024-04-16")[0].says, "zh")
    with clerk.workspace.write() as unit:
        periods.close(unit, "SF", Period("2024-01"), by="li")
        unit.commit()
    assert found(clerk, "month", "2024-03-15") == []
    assert first_day(clerk, "month", "2024-03-16").about == "2024-02"


def test_a_draft_that_waits_is_late_until_it_is_sealed(clerk: Any) -> None:
    clerk.clock.set("2024-03-01")
    clerk.draft("allot", project="P001", channel="JT2024", amount="1000")
    each = first_day(clerk, "draft", "2024-03-09")
    assert (each.about, each.project) == ("D1", "P001")
    clerk.seal("D1")
    assert found(clerk, "draft", "2024-12-31") == []


def test_an_allotment_is_to_be_published_within_its_working_days(clerk: Any) -> None:
    assert _working_days_after("2024-03-01", 20) == "2024-03-29"
    assert _working_days_after("2024-03-02", 20) == "2024-03-29"
    assert _working_days_after("2024-03-04", 21) == "2024-04-02"
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    assert "allotment" not in {each.about for each in found(clerk, "notice", "2024-03-29")}
    assert "allotment" in {each.about for each in found(clerk, "notice", "2024-03-30")}


def test_a_loan_is_late_by_its_code_and_nobody_reads_who_borrowed(clerk: Any) -> None:
    ask = {
        "loan": "L001",
        "date": "2024-03-01",
        "amount": "50000",
        "months": "12",
        "rate": "3.45%",
        "purpose": "production",
        "use": "养牛",
        "bank": "农村信用社",
        "borrower": "普俊俊",
        "born": "1980-01-01",
    }
    with clerk.workspace.write() as unit:
        loans.add(unit, "SF", AddLoan.read(ask), by="zhang")
        unit.commit()
    each = first_day(clerk, "loan", "2025-03-02")
    assert (each.about, each.fen) == ("L001", 50_000_00)
    assert "普" not in messages.phrase(each.says, "zh")
    with clerk.workspace.write() as unit:
        loans.repay(unit, "SF", RepayLoan.read({"loan": "L001", "date": "2025-03-02", "amount": "50000"}), by="zhang")
        unit.commit()
    assert found(clerk, "loan", "2025-03-03") == []


def test_what_runs_dry_is_cash_below_what_is_owed_or_a_budget_of_which_little_is_left(clerk: Any) -> None:
    clerk.play("""
        allot project=P001 channel=JT2024 amount=100000
        receive project=P001 channel=JT2024 amount=10000
        contract contract=P001C01 parts=JT2024=96000 party=某施工队
    """)

    def short() -> list[tuple[str, int, int, int]]:
        with clerk.workspace.read() as connection:
            found = dry(status(connection, "SF"))
        return [(each.kind, each.needed, each.have, each.coming) for each in found if each.channel == "JT2024"]

    assert short() == [("budget", 96_000_00, 4_000_00, 90_000_00)]
    clerk.play("certify contract=P001C01 amount=20000 no_retention")
    assert short() == [("cash", 20_000_00, 10_000_00, 90_000_00)]
    clerk.play("receive project=P001 channel=JT2024 amount=90000")
    clerk.play("revise-up project=P001 channel=JT2024 amount=10000 number=9号 reason=追加")
    assert short() == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_desk_and_the_command_tell_the_same(
    clerk: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any, lang: str
) -> None:
    app = desk(clerk, monkeypatch, ("zhang",))
    told(clerk, "describe", "2024-03-01", finish="2024-12-31")
    clerk.draft("receive", project="P001", channel="JT2024", amount="1")
    settle(clerk.workspace)
    clerk.clock.now += timedelta(days=30)
    zhang = enter(app, "zhang")
    zhang.post("/language", data={"csrf_token": zhang.token, "lang": lang})
    page = zhang.get("/desk/SF/").text
    here = ["--workspace", str(clerk.workspace.path), "--lang", lang, "late", "--on", "2026-01-30"]
    assert run([*here, "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["late"]
    assert {each["kind"] for each in lines} >= {"finish", "draft", "month", "notice"}
    shown = re.sub(r"&#3[49];|&[lg]t;", "'", page)
    for each in lines:
        assert each["since"] in page
        assert re.sub(r"[\"'<>]", "'", each["says"]) in shown, each
    assert "earmark " not in page
    filled = zhang.get("/desk/SF/record/accept?project=P001")
    assert 'href="/desk/SF/record/accept?project=P001"' in page
    assert re.search(r'name="project"[^>]*value="P001"|value="P001"[^>]*name="project"', filled.text)
    for at in ("/desk/SF/projects/P001", "/desk/SF/months", "/desk/SF/notices", "/desk/SF/drafts/D2"):
        assert f'href="{at}"' in page
        assert zhang.get(at).status_code == 200
    assert run(here) == 0
    assert lines[0]["since"] in capsys.readouterr().out


def test_the_weightiest_is_shown_and_the_rest_folded(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = desk(clerk, monkeypatch, ("li",))
    clerk.play(CONTRACT)
    clerk.play("certify contract=P001C01 amount=30000 no_retention")
    for number in range(12):
        told(clerk, "plan-milestone", "2024-03-01", name=f"节点{number}", due="2024-05-31")
    settle(clerk.workspace)
    page = enter(app, "li").get("/desk/SF/").text
    shown, _, folded = page.partition('<details class="more">')
    assert "付款逾期" in shown
    assert "付款逾期" not in folded
    assert shown.count("节点逾期") + folded.count("节点逾期") == 12
    assert folded.count("节点逾期") > 0
    # What li may not make is said, and leads nowhere.
    assert "/desk/SF/record/pay" not in page


def test_every_kind_has_its_weight_its_name_and_its_act_in_both_languages() -> None:
    for lang in messages.LANGS:
        keys = {key.split(".")[2] for key in messages.catalogue("projects", lang) if key.startswith("late.act.")}
        names = {key.split(".")[2] for key in messages.catalogue("projects", lang) if key.startswith("late.kind.")}
        assert keys == names == set(WEIGHT)


def test_facts_that_were_withdrawn_make_nothing_late(clerk: Any) -> None:
    told(clerk, "plan-milestone", "2024-03-01", name="路基", due="2024-05-31")
    with clerk.workspace.write() as unit:
        [fact] = facts.facts(unit.connection, "SF", "milestone-plan")
        facts.withdraw(unit, "SF", fact.label, on=date(2024, 3, 2), by="zhang", reason="错记")
        unit.commit()
    assert found(clerk, "milestone", "2024-07-01") == []

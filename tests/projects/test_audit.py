"""Every audit test finds what is planted for it and nothing in what merely looks like it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from wrongs import CASES, COUNTY, ON, Step, like_ones, play

from ledger import facts
from ledger.errors import ChoiceUnknown, RoleMissing, Unknown
from ledger.money import plain as yuan_of
from projects.audit import engine, run
from projects.audit.paper import write
from projects.audit.records import explain, record
from projects.cli import main


def _found(clerk: Any, code: str) -> Any:
    with clerk.workspace.read() as connection:
        [result] = run(connection, on=date.fromisoformat(ON), only=[code]).results
    return result


def test_every_test_has_its_entry_its_function_and_its_cases() -> None:
    assert list(engine.tests()) == list(CASES)
    assert set(engine.tests()) == set(engine.IN_BOOK) | set(engine.ACROSS)


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("kind", ["clean", "a", "b"])
def test_what_is_planted_is_found(code: str, kind: str, clerk: Any, tmp_path: Path) -> None:
    steps = CASES[code]("P101", kind)
    clerk.county(*COUNTY)
    play(clerk, [*steps, *(like_ones() if code == "unit-cost" else [])], tmp_path)
    result = _found(clerk, code)
    assert result.ran
    assert result.population, "it looked at something"
    found = result.findings
    assert {each.hit.project for each in found} <= {"", "P101", "P5101"}
    assert len(found) == (kind != "clean"), [each.reason("en") for each in found]
    for finding in found:
        assert finding.id.startswith(f"{code}/SF/")
        assert all("{" not in finding.reason(lang) for lang in ("zh", "en"))


def _planted(clerk: Any, tmp_path: Path) -> str:
    clerk.county(*COUNTY)
    play(clerk, CASES["prefinancing-open"]("P101", "a"), tmp_path)
    return "prefinancing-open/SF/P101-JZ2024-JT2024"


def test_an_explanation_shows_and_hides_nothing(clerk: Any, tmp_path: Path) -> None:
    id_ = _planted(clerk, tmp_path)
    with clerk.workspace.write(book="SF") as unit:
        explain(unit, id_, reason="  县里 已批准 ", person="审计员 赵", on=date(2026, 6, 30), by="zhao")
        unit.commit()
    [finding] = _found(clerk, "prefinancing-open").findings
    assert finding.id == id_
    assert finding.explained is not None
    assert finding.explained.data == {"reason": "县里 已批准", "explained-by": "审计员 赵"}
    assert finding.explained.by == "zhao"


def test_only_what_is_found_is_explained_and_only_by_who_may(clerk: Any, tmp_path: Path) -> None:
    id_ = _planted(clerk, tmp_path)
    said = {"reason": "无", "person": "", "on": date(2026, 6, 30)}
    for refused, by, kind in [
        (f"{id_}X", "zhao", Unknown),
        (id_, "zhang", RoleMissing),
        ("idle", "zhao", ChoiceUnknown),
    ]:
        with clerk.workspace.write(book="SF") as unit, pytest.raises(kind):
            explain(unit, refused, **said, by=by)


def test_a_finding_goes_when_it_is_cleared_and_its_run_stays(clerk: Any, tmp_path: Path) -> None:
    id_ = _planted(clerk, tmp_path)
    with clerk.workspace.write(book="SF") as unit:
        made = run(unit.connection, on=date.fromisoformat(ON), books=["SF"])
        kept = record(unit, made, "SF", by="zhao")
        unit.commit()
    assert [id_, "30000.00"] in [each[:2] for each in kept.data["findings"]]
    repaid = {"project": "P101", "borrower": "JT2024", "lender": "JZ2024"}
    came = {"project": "P101", "channel": "JT2024", "amount": "100000"}
    play(clerk, [Step(ON, "receive", came), Step(ON, "repay", repaid)], tmp_path)
    assert _found(clerk, "prefinancing-open").findings == ()
    assert [each.data for each in facts.facts(clerk.workspace.engine.connect(), "SF", "audit")] == [kept.data]


def test_a_test_without_data_says_what_it_lacks(clerk: Any) -> None:
    result = _found(clerk, "notice-missing")
    assert (result.ran, result.lacking) == (False, {"SF": "notice-up"})


def test_a_year_leaves_out_what_began_and_ended_before(clerk: Any, tmp_path: Path) -> None:
    clerk.county(*COUNTY)
    play(clerk, CASES["year-end-rush"]("P101", "b"), tmp_path)
    with clerk.workspace.read() as connection:
        found = {
            year: len(run(connection, on=date.fromisoformat(ON), year=year, only=["year-end-rush"]).findings)
            for year in (2024, 2025)
        }
    assert found == {2024: 1, 2025: 0}


def test_a_countys_own_number_moves_what_is_found(clerk: Any, tmp_path: Path) -> None:
    clerk.county(*COUNTY)
    play(clerk, CASES["cash-over-limit"]("P101", "a"), tmp_path)
    [before] = _found(clerk, "cash-over-limit").findings
    most, peak = before.hit.facts["most"], before.hit.facts["held"]
    clerk.county(f"cash.held={yuan_of(peak - 1)} yuan", start=ON)
    [less] = _found(clerk, "cash-over-limit").findings
    assert (less.hit.amount, less.hit.facts["most"]) == (1, peak - 1)
    assert before.hit.amount == peak - most > 1
    clerk.county(f"cash.held={yuan_of(peak)} yuan", start=ON)
    assert _found(clerk, "cash-over-limit").findings == ()


def test_the_working_paper_has_tests_and_exceptions(clerk: Any, tmp_path: Path) -> None:
    id_ = _planted(clerk, tmp_path)
    with clerk.workspace.read() as connection:
        made = run(connection, on=date.fromisoformat(ON))
    write(tmp_path / "paper.xlsx", made, "zh")
    sheets = openpyxl.load_workbook(tmp_path / "paper.xlsx")
    tests, findings = ([[cell.value for cell in row] for row in sheet.rows] for sheet in sheets)
    assert [row[0] for row in tests[2 : 2 + len(CASES)]] == list(CASES)
    [row] = [row for row in findings if row[0] == id_]
    assert row[5] == 30_000
    assert "垫 JT2024 30,000.00 元未还" in row[6]


def test_the_command_lists_runs_and_is_strict(clerk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    id_ = _planted(clerk, tmp_path)
    at = ["--workspace", str(clerk.workspace.path), "--lang", "en", "audit"]
    clerk.workspace.close()
    assert main.run([*at, "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["test"] for each in listed] == list(CASES)
    assert main.run([*at, "--test", "prefinancing-open", "--json"]) == 0
    [told] = json.loads(capsys.readouterr().out)["tests"]
    assert [each["finding"] for each in told["findings"]] == [id_]
    assert main.run([*at, "--test", "prefinancing-open", "--strict"]) == 3
    assert "JZ2024 paid 30,000.00 yuan for JT2024" in capsys.readouterr().out
    assert main.run([*at, "--test", "nonsense"]) == 1
    assert main.run([*at, "--year", "24"]) == 1
    assert capsys.readouterr().err.count("\n") == 2

"""`earmark doctor` on the command line: one line a check, in both languages, wherever it is asked."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from ledger import doctor, messages
from ledger.doctor import folder
from projects.cli import main
from projects.cli.doctor import ILL

pytestmark = pytest.mark.sqlite


@pytest.fixture
def village(clerk: Any) -> Path:
    clerk.play("allot project=P001 channel=JT2024 amount=1000 date=2024-01-10")
    clerk.workspace.close()
    clerk.workspace.path.chmod(0o750)
    return clerk.workspace.path


@pytest.fixture(autouse=True)
def _fit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever disk and clock the tests run on, they are held to be fit: other tests are about those."""
    monkeypatch.setattr(doctor.machine, "file_system", lambda _path: doctor.report.fine("file-system", kind="ext4"))
    monkeypatch.setattr(doctor.machine, "synced", lambda _path: doctor.report.fine("synced"))


def call(capsys: Any, *words: str) -> tuple[int, str, str]:
    code = main.run(list(words))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("lang", messages.LANGS)
def test_every_check_has_one_line_and_names_line_up(village, capsys, lang):
    code, out, err = call(capsys, "--workspace", str(village), "--lang", lang, "doctor")
    *lines, verdict = out.splitlines()
    assert (code, err) == (0, "")
    assert all(line[0] in "✓!" for line in lines)
    names = [line[2:].split("  ")[0] for line in lines]
    assert len(set(names)) == len(names) >= 20
    starts = {cell_len(re.match(r".. ?\S.*?  +", line)[0]) for line in lines}  # type: ignore[index]
    assert len(starts) == 1
    assert "!" in out
    assert verdict == messages.text(
        "projects", "print.doctor-warnings", lang, warnings=out.count("\n! ") + out.startswith("!"), problems=0
    )


def test_a_problem_ends_with_3_and_says_how_to_mend_it(village, capsys):
    (village / "office.key").write_text("x")
    (village / "office.key").chmod(0o644)
    code, out, _ = call(capsys, "--workspace", str(village), "--lang", "zh", "doctor")
    assert code == ILL
    assert (
        f"✗ 密钥      {village}/office.key 的权限是 0644，别人也能读：请收回（chmod 600 {village}/office.key）。" in out
    )
    (village / "office.key").chmod(0o600)


def test_json_gives_grades_codes_facts_and_sentences(village, capsys):
    (village / "record.db").write_bytes(b"")
    code, out, _ = call(capsys, "--workspace", str(village), "--lang", "en", "doctor", "--json")
    signs = {each["check"]: each for each in json.loads(out)}
    assert code == ILL
    assert (signs["record"]["grade"], signs["record"]["code"]) == ("problem", "empty")
    assert signs["record"]["facts"] == {"path": str(village / "record.db")}
    assert "restore a backup" in signs["record"]["sentence"]
    assert {each["grade"] for each in signs.values()} <= {"ok", "warning", "problem"}


def test_it_works_without_a_workspace_and_says_when_one_was_named_in_vain(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EARMARK_WORKSPACE", raising=False)
    code, out, err = call(capsys, "--lang", "en", "doctor")
    assert (code, err) == (0, "")
    assert "only the program was looked at" in out
    code, out, _ = call(capsys, "--workspace", str(tmp_path / "nowhere"), "--lang", "en", "doctor")
    assert code == ILL
    assert "nowhere is no workspace" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", messages.LANGS)
def test_a_terminal_without_chinese_gets_an_answer_all_the_same(tmp_path, lang):
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(Path(main.__file__).parents[2])}
    script = "from projects.cli.main import main; main()"
    run = subprocess.run(
        [sys.executable, "-c", script, "--lang", lang, "doctor"],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "LANG=zh_CN.UTF-8" in run.stdout


def test_every_sign_that_the_doctor_can_give_has_its_sentence():
    """Signs are made by `fine`, `warn` and `trouble` with words that stand in the code."""
    found = set()
    for source in Path(folder.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"fine", "warn", "trouble"}
            ):
                words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                found.add(
                    (words[0], words[1] if len(words) > 1 else "ok", frozenset(each.arg for each in node.keywords))
                )
    said = {key for key in messages.catalogue("projects", "zh") if key.startswith("doctor.")}
    assert {f"doctor.{check}.{code}" for check, code, _ in found} == {key for key in said if not key.endswith(".name")}
    assert {f"doctor.{check}.name" for check, _, _ in found} == {key for key in said if key.endswith(".name")}
    for check, code, facts in found:
        if None not in facts:  # facts that are gathered before
            messages.text("projects", f"doctor.{check}.{code}", "en", **dict.fromkeys(facts, "x"))

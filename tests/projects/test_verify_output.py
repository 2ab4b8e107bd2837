"""What `earmark verify` prints: one line a check, sentences below it, and progress where somebody is looking."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from ledger import messages
from ledger.verify import verify
from projects.cli import main
from projects.cli.output import Output
from projects.cli.verification import WRONG

CHECKS = 10


@pytest.fixture
def village(clerk: Any) -> Any:
    """A village with two vouchers, its books closed for other processes."""
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
        receive project=P001 channel=JT2024 amount=500 date=2024-02-01
    """)
    clerk.workspace.close()
    return clerk


def spoil(village: Any) -> None:
    folder = village.workspace.books / "SF"
    month = folder / "2024-02.beancount"
    month.write_text(month.read_text(encoding="utf-8").replace("500.00 JT2024", "501.00 JT2024", 1), encoding="utf-8")
    (folder / f"{'很长的文件名' * 12}.txt").write_text("x", encoding="utf-8")


def call(village: Any, capsys: Any, line: str) -> tuple[int, str, str]:
    code = main.run(["--workspace", str(village.workspace.path), *line.split()])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("lang", messages.LANGS)
def test_each_check_has_one_line_with_how_many_it_covered_and_the_figures_line_up(village, capsys, lang):
    code, out, err = call(village, capsys, f"--lang {lang} verify")
    *lines, verdict = out.splitlines()
    assert (code, err, verdict) == (0, "", messages.text("projects", "print.verify-right", lang))
    assert len(lines) == CHECKS
    found = [re.fullmatch(r"(✓ .+? +\d[\d,]*) .+", line) for line in lines]
    assert {cell_len(match[1]) for match in found if match} == {cell_len(found[0][1])}  # type: ignore[index]
    covered = {check.name: check.covered for check in verify(village.workspace)}
    assert [int(re.search(r"(\d[\d,]*) ", line.split("  ", 1)[1])[1].replace(",", "")) for line in lines] == list(
        covered.values()
    )  # type: ignore[index]


@pytest.mark.parametrize("lang", messages.LANGS)
def test_a_finding_is_a_sentence_below_its_check_and_whole_in_a_file(village, capsys, lang):
    spoil(village)
    code, out, err = call(village, capsys, f"--lang {lang} verify")
    lines = out.splitlines()
    assert (code, err) == (WRONG, "")
    [books] = [number for number, line in enumerate(lines) if line.startswith("✗")]
    assert "2024-02-0001" in lines[books + 1]
    assert "501.00 JT2024" in lines[books + 1]
    assert "很长的文件名" * 12 in lines[books + 2]
    assert len(lines) == CHECKS + 3


def test_json_gives_checks_counts_and_findings_with_their_facts_and_sentence(village, capsys):
    spoil(village)
    code, out, _ = call(village, capsys, "--lang en verify --json")
    data = json.loads(out)
    assert code == WRONG
    assert len(data) == CHECKS
    assert all(check["covered"] or check["check"] in {"checkpoints", "documents", "privacy"} for check in data)
    changed, stray = next(check["findings"] for check in data if check["check"] == "books")
    assert (changed["code"], changed["number"]) == ("voucher", "2024-02-0001")
    assert "2024-02-0001 was changed" in changed["sentence"]
    assert stray["code"] == "stray"


def test_a_reason_of_the_system_is_said_in_the_users_language(village, capsys):
    month = village.workspace.books / "SF" / "2024-02.beancount"
    month.unlink()
    month.mkdir()
    _, out, _ = call(village, capsys, "--lang zh verify")
    assert "2024-02.beancount 读不出来：这是一个目录" in out


@pytest.mark.parametrize("lang", messages.LANGS)
def test_a_narrow_terminal_folds_at_its_width_and_shows_progress_that_goes_away(village, lang):
    spoil(village)
    code, out = in_a_terminal(["--workspace", str(village.workspace.path), "--lang", lang, "verify"], columns=80)
    assert code == WRONG
    assert messages.text("projects", "check.storage", lang) in out.split("\x1b[2K")[-2], "progress named no check"
    shown = plain(out.split("\x1b[2K")[-1])
    below = shown.index(next(line for line in shown if line.startswith("✗"))) + 1
    assert [line for line in shown if cell_len(line) > 80] == []
    assert all(line.startswith("  ") for line in shown[below : below + 4])
    assert "很长的文件名" * 12 in "".join(line.strip() for line in shown)


@pytest.mark.parametrize("lang", messages.LANGS)
def test_the_doctor_folds_below_the_beginning_of_its_sentences_and_knows_the_terminal(village, lang):
    words = ["--workspace", str(village.workspace.path), "--lang", lang, "doctor"]
    _, out = in_a_terminal(words, columns=60)
    shown = plain(out.split("\x1b[2K")[-1])
    assert [line for line in shown if cell_len(line) > 60] == []
    name = messages.text("projects", "doctor.terminal.name", lang)
    assert any(line.startswith(f"✓ {name} ") and line.endswith("utf-8") for line in shown)
    folded = [line for line in shown if line.startswith("   ")]
    assert folded
    assert len({len(line) - len(line.lstrip()) for line in folded}) == 1


def test_without_a_terminal_progress_says_nothing(capsys):
    with Output("en").progress(lambda name: f"label {name}") as tell:
        tell("books", 1, 2)
        tell("books", 2, 0)
    assert capsys.readouterr() == ("", "")


def test_progress_says_how_far_it_is():
    script = (
        "from projects.cli.output import Output\n"
        "with Output('en').progress(lambda name: 'label ' + name) as tell:\n"
        "    tell('log', 30, 120); tell('books', 7, 0)\n"
        "    tell('log', 60, 120); import time; time.sleep(0.3)\n"
    )
    _, out = in_a_terminal([], columns=100, program=[sys.executable, "-c", script])
    assert "label log" in out
    assert "60/120" in out


def in_a_terminal(arguments: list[str], *, columns: int, program: list[str] | None = None) -> tuple[int, str]:
    """Run the program in a terminal of its own and return its exit code and all that it wrote there."""
    command = program or [sys.executable, "-c", "from projects.cli.main import main; main()", *arguments]
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    environment |= {"TERM": "xterm-256color", "PYTHONPATH": str(Path(main.__file__).parents[2]), "PYTHONUTF8": "1"}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        out = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            out += part
    os.close(ours)
    return process.returncode, out.decode()


def plain(out: str) -> list[str]:
    """Return the lines without colours."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out).replace("\r", "").splitlines()

"""The guides tell the truth: every command in them, from an empty folder on, does what the guide shows.

A fenced ``console`` block holds commands as a reader types them, and what they print. ``$ `` begins a command, a
backslash at the end of its line continues it. ``# 退出码 1`` or ``# exit code 1`` right below says how it ends when it
does not end well. Everything else is output; ``…`` stands for whatever was left out. A ``python`` block that begins
with a comment such as ``# leaf.py`` is a file of that name.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from projects.cli import main

DOCS = Path(__file__).parents[2] / "docs"
READERS = {
    "the clerk, in Chinese": ["clerk.zh.md"],
    "all, in English": ["clerk.en.md", "auditor.md", "publisher.md", "administrator.md"],
}
"""The guides that follow on each other; the first begins in an empty folder."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^```python\n(# (\S+\.py)\n.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"# (?:退出码|exit code) (\d+)")


@dataclass(frozen=True)
class Step:
    """A command of a guide, the exit code that it ends with, and the lines that the guide shows of its output."""

    line: int
    command: str
    code: int
    shown: tuple[str, ...]


@pytest.mark.parametrize("guides", READERS.values(), ids=READERS)
def test_every_command_of_a_guide_does_what_the_guide_shows(
    guides: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [each for each in os.environ if each.startswith("EARMARK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    monkeypatch.chdir(tmp_path)
    for guide in guides:
        for content, name in _FILE.findall((DOCS / guide).read_text(encoding="utf-8")):
            (tmp_path / name).write_text(content, encoding="utf-8")
        for step in read_guide(DOCS / guide):
            code, output = follow(step, monkeypatch, capsys)
            where = f"docs/{guide}, line {step.line}: {step.command}\n{output}"
            assert code == step.code, f"exit code {code}, the guide says {step.code}\n{where}"
            lacking = missing(step.shown, output)
            assert lacking is None, f"the output lacks what the guide shows: {lacking}\n{where}"


def test_a_line_that_is_not_printed_is_found() -> None:
    assert missing(("账套已建好：…", "…", "下一步"), "账套已建好：甲\n乙\n下一步  \n") is None
    assert missing(("乙", "甲"), "甲\n乙\n") == "甲"


def read_guide(path: Path) -> list[Step]:
    """Return the steps of a guide in the order in which a reader makes them."""
    guide = path.read_text(encoding="utf-8")
    found = []
    for block in _BLOCK.finditer(guide):
        first = guide.count("\n", 0, block.start(1)) + 1
        lines = block[1].splitlines()
        assert lines[0].startswith("$ "), f"{path.name}, line {first}: a block begins with a command"
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            found.append(_step(first + start, lines[start:end]))
    assert found, f"{path.name} shows no command"
    return found


def follow(step: Step, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Do a step and return its exit code and all that it printed: earmark in this process, the rest in a shell."""
    words = shlex.split(step.command)
    if words[0] == "earmark":
        code = main.run(words[1:])
        return code, "".join(capsys.readouterr())
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        monkeypatch.setenv(name, value)
        return 0, ""
    done = subprocess.run(["sh", "-c", step.command], capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def missing(shown: tuple[str, ...], output: str) -> str | None:
    """Return the first line shown that is not printed behind the lines before it, None if all are."""
    printed = iter([line.rstrip() for line in output.splitlines()])
    for line in shown:
        pattern = re.compile(".*".join(re.escape(part) for part in line.rstrip().split("…")))
        if line.strip() != "…" and not any(pattern.fullmatch(each) for each in printed):
            return line
    return None


def _step(line: int, lines: list[str]) -> Step:
    command, rest = lines[0].removeprefix("$ "), lines[1:]
    while command.endswith("\\"):
        command = f"{command[:-1].rstrip()} {rest.pop(0).strip()}"
    code = _CODE.fullmatch(rest[0].strip()) if rest else None
    shown = tuple(each for each in (rest[1:] if code else rest) if each.strip())
    return Step(line, command, int(code[1]) if code else 0, shown)

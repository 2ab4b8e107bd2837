"""A death between the commit and the books costs nothing, and neither does an interrupt."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from projects import desk

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

SCRIPT = Path(__file__).with_name("dying.py")
SIGNALS = 100


def tell(*words: object) -> dict[str, int]:
    done = subprocess.run([sys.executable, str(SCRIPT), *map(str, words)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return json.loads(done.stdout)


def test_who_dies_between_the_commit_and_the_books_leaves_them_to_the_next_command(clerk, tmp_path, monkeypatch):
    clerk.play("allot project=P001 channel=JT2024 amount=1000 date=2024-02-29")
    paper = tmp_path / "slip.txt"
    paper.write_text("y" * 9000)
    made = clerk.draft("receive", project="P001", channel="JT2024", amount="1", papers=[paper])
    monkeypatch.setattr(desk, "lay_out", lambda *_given: 0)
    clerk.seal(made["draft"])
    clerk.workspace.finish = None
    clerk.workspace.close()
    seen = tell("settle", clerk.workspace.path, tmp_path)
    assert seen.pop("done") == 1
    assert sum(seen.values()) >= 40
    for call in ("fsync", "replace", "commit", "mkdir", "copyfileobj"):
        assert seen[f"at {call}, before"] >= 1, call
        assert seen[f"at {call}, after"] == seen[f"at {call}, before"], call


def test_who_interrupts_a_command_loses_nothing_and_is_told(clerk, tmp_path):
    clerk.play("allot project=P001 channel=JT2024 amount=1000 date=2024-02-29")
    clerk.draft("receive", project="P001", channel="JT2024", amount="1")
    clerk.workspace.close()
    seen = tell("signals", clerk.workspace.path, tmp_path, SIGNALS, 20261123)
    assert sum(seen.values()) == SIGNALS
    for ended in ("draft 130", "draft stopped", "seal 130", "seal stopped"):
        assert seen[ended] > 0, ended

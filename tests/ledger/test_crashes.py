"""Killed at any moment: what was acknowledged is there, nothing is half there, and there is no gap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("EARMARK_KILLS", "200"))
"""Ten thousand were made once: EARMARK_KILLS=10000 makes them again."""


def test_a_writer_that_is_killed_loses_nothing_that_it_acknowledged(clerk, tmp_path):
    clerk.play("allot project=P001 channel=JT2024 amount=99999999 date=2024-03-01")
    clerk.workspace.close()
    script = str(Path(__file__).with_name("killing.py"))
    command = [sys.executable, script, str(clerk.workspace.path), str(tmp_path), str(KILLS), "20261123"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    seen = json.loads(done.stdout)
    assert seen["kills"] == KILLS
    assert seen["acknowledged"] >= KILLS / 4, "the writers were killed before they wrote anything"
    assert seen["full verifications"] >= KILLS / 50
    missed = [name for name, count in seen["phases"].items() if count == 0]
    assert not missed, f"no writer was killed {missed}"

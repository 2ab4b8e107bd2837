"""The unit of the administrator's guide is one that systemd takes, and shuts the desk in."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

GUIDE = Path(__file__).parents[2] / "docs" / "administrator.md"
MOST_EXPOSED = 2.0
"""systemd's own measure goes from 0 to 10; a web server as packaged has about 9."""


@pytest.fixture
def unit(tmp_path):
    [text] = re.findall(r"```ini\n(\[Unit\]\n.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "earmark-desk.service"
    # systemd looks whether the program is there: any that is stands for ours.
    path.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text), encoding="utf-8")
    return path


def test_the_unit_is_taken_without_a_word(unit):
    done = subprocess.run(["systemd-analyze", "verify", unit], check=False, capture_output=True, text=True)
    assert (done.returncode, [line for line in done.stderr.splitlines() if unit.name in line]) == (0, [])


def test_the_unit_shuts_the_desk_in(unit):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", unit], check=True, capture_output=True, text=True
    )
    [level] = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert float(level) <= MOST_EXPOSED

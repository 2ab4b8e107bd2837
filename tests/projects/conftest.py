"""What tests of the application share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from publication import Call

from projects.cli.main import run
from projects.demo.builder import PASSPHRASE


@pytest.fixture
def call(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Commands on a copy of the demonstration by its approver, who knows the passphrase; it lies in `tmp_path`/ws."""
    for name, value in (("PASSPHRASE", PASSPHRASE), ("USER", "shenhe"), ("BOOK", "V13")):
        monkeypatch.setenv(f"EARMARK_{name}", value)
    shutil.copytree(demo, tmp_path / "ws")

    def called(*words: str) -> tuple[int, str, str]:
        code = run(["--workspace", str(tmp_path / "ws"), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called

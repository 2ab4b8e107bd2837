"""The square code on a printed voucher, as a telephone reads it: the voucher's number and the hash of its seal."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from projects.cli.main import run
from projects.sealed import list_sealed, need_sealed

pytestmark = pytest.mark.system


@pytest.mark.parametrize("paper", ["a5", "a4"])
def test_the_code_says_number_and_hash(clerk: Any, tmp_path: Path, paper: str) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    with clerk.workspace.read() as connection:
        [number] = [str(each["number"]) for each in list_sealed(connection, "SF")]
        leaf = need_sealed(connection, "SF", number)["leaf"]
    out = tmp_path / "v.pdf"
    words = ["voucher", "print", number, "-o", str(out), "--paper", paper]
    assert run(["--workspace", str(clerk.workspace.path), *words]) == 0
    # 100 dots an inch: what a telephone makes of it from arm's length.
    subprocess.run(["pdftoppm", "-r", "100", "-png", out, tmp_path / "page"], check=True)
    [page] = tmp_path.glob("page*.png")
    ask = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", page]
    said = subprocess.run(ask, check=True, capture_output=True).stdout.decode().strip()
    assert said == f"earmark SF V{number} {leaf}".upper()

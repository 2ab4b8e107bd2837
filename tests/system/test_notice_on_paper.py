"""A notice from the wall: its square code is read by another program, and what it leads to verifies."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from browsing import PICTURES
from papers import squeezed, text_of
from publication import publish_notice

from projects.cli.main import run
from projects.notices.check import check

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def published(demo, tmp_path_factory):
    """Folder, workspace and number of a notice after completion, published by the command itself."""
    folder = tmp_path_factory.mktemp("papers")
    shutil.copytree(demo, folder / "ws")
    publish_notice(folder / "ws", "completion", folder / "out", "--date", "2024-12-13")
    [proof] = (folder / "out").glob("*.proof.json")
    return folder / "out", folder / "ws", proof.name.split("-")[1]


def pictures(pdf: Path, to: Path, resolution: int) -> list[Path]:
    """Its pages as another program prints them."""
    subprocess.run(["pdftoppm", "-r", str(resolution), "-png", pdf, to / "wall"], check=True)
    return sorted(to.glob("wall*.png"))


def code_on(shown: list[Path]) -> str:
    """What the one square code on the pages says."""
    ask = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", *shown]
    # The program fails where one of the pages has no code.
    return subprocess.run(ask, check=False, capture_output=True).stdout.decode().strip()


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_the_code_leads_to_the_page_whose_proof_verifies(published, tmp_path, capsys, paper):
    _, workspace, fact = published
    words = ["notice", "write", fact, "--book", "V13", "--out", str(tmp_path / "site"), "--paper", paper]
    assert run(["--workspace", str(workspace), *words, "--url", "https://village.example.org/n"]) == 0
    [pdf] = (tmp_path / "site").glob("*.pdf")
    # 100 dots an inch: what a telephone makes of it from arm's length.
    pages = pictures(pdf, tmp_path, 100)
    address = code_on(pages)
    assert address.startswith("https://village.example.org/n/")
    page = tmp_path / "site" / address.rsplit("/", 1)[1]
    capsys.readouterr()
    assert run(["verify-notice", str(page)]) == 0
    assert "与存证日志一致" in capsys.readouterr().out
    if paper == "a3" and os.environ.get("EARMARK_REGENERATE"):
        [only] = pictures(pdf, tmp_path, 60)
        shutil.copy(only, PICTURES / "notice-paper.png")


def test_without_an_address_the_code_is_the_checkpoint(published, tmp_path):
    """Neither the command nor the settings say where the site is."""
    _, workspace, fact = published
    shutil.copytree(workspace, tmp_path / "ws")
    settings = tmp_path / "ws/earmark.toml"
    settings.write_text(settings.read_text("utf-8").partition("[publication]")[0], "utf-8")
    folder = tmp_path / "out"
    words = ["notice", "write", fact, "--book", "V13", "--out", str(folder)]
    assert run(["--workspace", str(tmp_path / "ws"), *words]) == 0
    [pdf] = folder.glob("*.pdf")
    [proof] = folder.glob("*.proof.json")
    report = check(proof.read_text(), None)
    told = code_on(pictures(pdf, tmp_path, 120))
    assert told.split("\n")[:2] == [report.origin, str(report.size)]
    # Whoever copies text off the paper gets what is printed: the title, a figure, the issuer.
    said = report.content
    for part in (said.title, "854,200.00", said.foot[-2]):
        assert squeezed(part) in text_of(pdf.read_bytes())
    other = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, check=True).stdout.decode()
    assert squeezed(said.lead[0]) in squeezed(other)

"""A disk that takes no more: one clear sentence, nothing lost, nothing half there, and it works again with room."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.books.write import mark_all
from ledger.store.workspace import open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

SIZE = "8m"
ALONE = (
    ["unshare", "--mount"],
    ["unshare", "--user", "--map-root-user", "--mount"],
    ["sudo", "-n", "unshare", "--mount"],
)
"""Ways to mount a file system that nobody else sees."""
SCRIPT = Path(__file__).with_name("filling.py")


@pytest.fixture
def bases(clerk, tmp_path) -> Path:
    """For each action a workspace to do it in: a draft that waits, with a paper, and books that a crash left unwritten."""
    clerk.play("allot project=P001 channel=JT2024 amount=1000 date=2024-03-01")
    paper = tmp_path / "slip.txt"
    paper.write_text("y" * 9000)
    clerk.draft("receive", project="P001", channel="JT2024", amount="1", papers=[paper])
    path = clerk.workspace.path
    clerk.workspace.close()
    for action in ("draft", "seal", "books"):
        shutil.copytree(path, tmp_path / "bases" / action)
    unwritten = open_workspace(tmp_path / "bases" / "books")
    with unwritten.write() as unit:
        mark_all(unit, "SF")
        unit.commit()
    unwritten.close()
    shutil.rmtree(tmp_path / "bases" / "books" / "books" / "SF")
    return tmp_path / "bases"


def fill(bases: Path, home: Path, how: str, *before: str) -> dict[str, dict[str, int]]:
    command = [*before, sys.executable, str(SCRIPT), str(bases), str(home), how]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    return json.loads(done.stdout)


def test_files_that_may_not_grow_are_refused_clearly_and_cost_nothing(bases, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    ended = fill(bases, home, "sizes")
    assert all(each["done"] == 1 for each in ended.values())
    assert ended["draft"]["74 could not be read or written"] > 2
    assert ended["seal"]["74 could not be read or written"] > 10
    assert ended["seal"]["0 the books cannot be finished"] > 0


def test_a_file_system_without_room_is_refused_clearly_and_costs_nothing(bases, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    mount = ["sh", "-c", f'mount -t tmpfs -o size={SIZE} none "$0" && exec "$@"', str(home)]
    alone = next((each for each in ALONE if subprocess.run([*each, *mount, "true"], check=False).returncode == 0), None)
    assert alone, "a file system of its own can be mounted by root, or where a user may have a namespace of his own"
    ended = fill(bases, home, "pages", *alone, *mount)
    assert all(each["done"] == 1 for each in ended.values())
    assert ended["draft"]["1 cannot be used"] > 0, "the paper always found room"
    assert ended["draft"]["1 (or its quota) is full"] > 2
    assert ended["seal"]["1 (or its quota) is full"] > 5
    assert ended["seal"]["0 the book file"] > 0, "the disk was never full between the commit and the books"

"""A disk that fills up while files are written is said with the file's name, and nothing half-written is left.

A limit on the size of files stands for the full disk: what is written beyond it fails in the same place, at the same
call, and needs no disk of its own.
"""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.store import files
from projects.cli.main import REFUSED, UNSURE, run
from projects.disclosure.folder import replace_file

pytestmark = pytest.mark.sqlite

_LIMITED = """
import resource, sys
from projects.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(sys.argv[2:])
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """The demonstration, with a backup of it beside."""
    folder = tmp_path_factory.mktemp("full")
    assert run(["demo", str(folder / "office")]) == 0
    assert run(["--workspace", str(folder / "office"), "backup", str(folder / "office.zip")]) == 0
    return folder


@pytest.mark.parametrize(
    ("command", "limit", "named"),
    [
        ("restore office.zip new/put-back", 65536, "record.db"),
        ("--workspace office backup new/made.zip", 65536, "made.zip"),
        ("--workspace office disclose --out new/pages", 40000, "pages"),
        ("--workspace office voucher print --book V13 -o new/voucher.pdf 2024-06-0001", 32768, "voucher.pdf"),
    ],
)
def test_a_file_that_does_not_fit_is_named_and_not_said_to_be_done(demo, tmp_path, command, limit, named):
    for each in demo.iterdir():
        (shutil.copytree if each.is_dir() else shutil.copy)(each, tmp_path / each.name)
    (tmp_path / "new").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(limit), "--lang", "en", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == REFUSED, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert "done" not in done.stderr
    left = [path.name for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert not [name for name in left if named in name or name.endswith(".partial")], left


def test_what_a_full_disk_cuts_off_is_taken_away_and_the_old_file_stays(tmp_path):
    path = tmp_path / "page.html"
    replace_file(path, lambda file: file.write(b"old"))

    def cut_off(file):
        file.write(b"ne")
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full") as caught:
        replace_file(path, cut_off)
    assert caught.value.filename == str(path)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("page.html", b"old")]


def test_a_working_paper_is_written_whole_or_not_at_all(demo, tmp_path, monkeypatch, capsys):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files.os, "fsync", full)
    assert run(["--workspace", str(demo / "office"), "--lang", "en", "audit", "--xlsx", str(tmp_path / "a.xlsx")]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'a.xlsx'} cannot be used (the disk is full)")
    assert not any(tmp_path.iterdir())


def test_an_error_without_a_name_is_not_taken_for_one_of_the_output_while_that_prints(demo, monkeypatch, capfd):
    def full(*_words, **_options):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("projects.disclosure.site.publish", full)
    words = ["--workspace", str(demo / "office"), "--lang", "en", "disclose", "--out", "nowhere"]
    assert run(words) == UNSURE
    assert capfd.readouterr().err == (
        "A file could not be written (the disk is full), and what was being made may be there in part: mend that, and "
        "look whether it was done (earmark voucher list) before you repeat it.\n"
    )

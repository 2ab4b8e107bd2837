"""What a machine does to a workspace without meaning harm: clocks, folders, leftovers, two at the same door."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from ledger.errors import BackDated, FutureDated, RecordFull, Refusal, WorkspaceUnfit
from ledger.messages import explain
from ledger.store import migrations
from ledger.store.engine import connect
from ledger.store.guard import lifted
from ledger.store.workspace import Workspace, open_workspace
from ledger.verify import verify
from projects.cli.main import UNSURE, run
from projects.desk import Desk

ALLOT = "allot project=P001 channel=JT2024 amount=1000"
ROOT = Path(__file__).parents[2]


def findings(workspace: Workspace) -> list[str]:
    return [finding.code for check in verify(workspace) for finding in check.findings]


def python(script: str, *words: object, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        **more,  # type: ignore[call-overload]
    )


# Clocks.


def test_a_clock_that_went_back_is_named_instead_of_sending_the_clerk_in_a_circle(clerk):
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date="2024-03-01")
    clerk.clock.set("2024-02-01")
    for day, refusal in (("2024-02-01", BackDated), ("2024-03-01", FutureDated)):
        with pytest.raises(refusal) as caught:
            clerk.draft("allot", project="P001", channel="JT2024", amount="1", date=day)
        assert explain(caught.value, "zh") == (
            "专账 SF 最后一张已记账凭证的日期是 2024-03-01，而这台机器的时钟是 2024-02-01，"
            f"不能记 {day} 的凭证：请先校准系统日期（earmark doctor）。"
        )


def test_hours_that_go_back_within_a_day_disturb_nothing(clerk):
    clerk.clock.set("2024-03-01", hour=12)
    clerk.play(f"{ALLOT} date=2024-03-01")
    clerk.clock.set("2024-03-01", hour=3)
    clerk.play(f"{ALLOT} date=2024-03-01")
    assert clerk.sql("SELECT substr(sealed_at, 12, 2) FROM voucher ORDER BY seq") == [("12",), ("03",)]
    assert findings(clerk.workspace) == []


# Folders.


@pytest.mark.sqlite
def test_a_folder_that_cannot_be_written_is_refused_in_one_sentence(clerk):
    """As the user nobody, because nothing is read-only to root."""
    clerk.play(ALLOT)
    clerk.workspace.close()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ws"
        shutil.copytree(clerk.workspace.path, path)
        subprocess.run(["chmod", "-R", "a=rX", folder], check=True)
        script = (
            "import os, sys\nfrom projects.cli.main import run\n\n"
            "if os.getuid() == 0:\n"
            "    run(['--workspace', sys.argv[1], 'verify'])\n"  # loads what nobody might not be allowed to read
            "    run(['--help'])\n"
            "    os.setgid(65534); os.setuid(65534)\n"
            "sys.exit(run(['--workspace', sys.argv[1], '--lang', 'en', *sys.argv[2:]]))"
        )
        for words in (["status"], ["verify"], ["receive", "P001", "JT2024", "1", "--as", "zhang"]):
            asked = python(script, path, *words)
            _, err = asked.communicate()
            assert (asked.returncode, err.count("\n")) == (1, 1), err
            assert "cannot be written: a workspace has to be writable" in err
        subprocess.run(["chmod", "-R", "u+w", folder], check=True)
        assert run(["--workspace", str(path), "verify"]) == 0


@pytest.mark.sqlite
def test_a_workspace_that_cannot_be_finished_leaves_its_folder_as_it_was(tmp_path, monkeypatch, capfd):
    def full(_connection):
        raise RecordFull(path=tmp_path)

    monkeypatch.setattr("ledger.store.workspace.migrate", full)
    assert run(["--workspace", str(tmp_path / "ws"), "init", str(tmp_path / "ws")]) == 1
    assert capfd.readouterr().err.startswith("磁盘（或配额）已满")
    assert list((tmp_path / "ws").iterdir()) == []
    monkeypatch.undo()
    assert run(["--workspace", str(tmp_path / "ws"), "init", str(tmp_path / "ws")]) == 0


@pytest.mark.sqlite
def test_an_answer_that_cannot_be_printed_is_no_refusal(clerk):
    clerk.try_draft(ALLOT)
    path = clerk.workspace.path
    clerk.workspace.close()
    script = "import sys\nfrom projects.cli.main import main\nmain(sys.argv[1:])"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                script,
                "--workspace",
                str(path),
                "--lang",
                "en",
                "voucher",
                "seal",
                "D1",
                "--as",
                "li",
            ],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
        )
    assert done.returncode == UNSURE
    assert done.stderr == (
        "It was done, but the answer cannot be printed (the disk is full): do not repeat it, look with another output "
        "(earmark voucher list).\n"
    )
    workspace = open_workspace(path)
    with workspace.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM voucher").scalar() == 1
    workspace.close()


# The write-ahead log.


@pytest.fixture
def crashed(clerk, tmp_path) -> tuple[Path, Path]:
    """A workspace whose newest voucher is in the log alone, as a crash leaves it, and a copy from before that voucher."""
    clerk.play(f"{ALLOT} date=2024-03-01")
    clerk.workspace.close()
    before = tmp_path / "before"
    shutil.copytree(clerk.workspace.path, before)
    path = clerk.workspace.path
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom ledger.store.workspace import open_workspace\n"
        "from projects.desk import Desk\nworkspace = open_workspace(Path(sys.argv[1]))\n"
        "typed = {'project': 'P001', 'channel': 'JT2024', 'amount': '7', 'date': '2024-03-02'}\n"
        "made = Desk(workspace, 'zhang', 'SF').record('receive', typed)\n"
        "Desk(workspace, 'li', 'SF').seal(made['draft'])\nos.kill(os.getpid(), 9)"
    )
    writer = python(script, path)
    writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    assert (path / "record.db-wal").stat().st_size > 0
    return path, before


@pytest.mark.sqlite
def test_a_log_that_a_crash_left_holds_what_was_sealed(crashed):
    path, _ = crashed
    workspace = open_workspace(path)
    assert findings(workspace) == []
    with workspace.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM voucher").scalar() == 2
    workspace.close()


@pytest.mark.sqlite
def test_a_workspace_that_was_copied_whole_with_its_log_is_whole(crashed, tmp_path):
    shutil.copytree(crashed[0], tmp_path / "copy")
    workspace = open_workspace(tmp_path / "copy")
    assert findings(workspace) == []
    workspace.close()


@pytest.mark.sqlite
def test_a_log_that_was_deleted_is_missed_by_verify(crashed):
    path, _ = crashed
    (path / "record.db-wal").unlink()
    workspace = open_workspace(path)
    assert "voucher-added" in findings(workspace)
    workspace.close()


@pytest.mark.sqlite
def test_a_log_beside_an_older_record_never_passes_for_sound(crashed):
    """SQLite cannot know that the log is another record's; what comes of it is refused or found, or is the whole record."""
    path, before = crashed
    shutil.copy(before / "record.db", path / "record.db")
    try:
        workspace = open_workspace(path)
        found = findings(workspace)
        with workspace.read() as connection:
            count = connection.exec_driver_sql("SELECT count(*) FROM voucher").scalar()
        assert found or count == 2
    except (Refusal, WorkspaceUnfit):
        pass


# Two at the same door.


@pytest.mark.sqlite
def test_many_that_open_an_older_record_at_once_bring_it_up_to_date_once(clerk):
    clerk.workspace.close()
    path = clerk.workspace.path
    for name in ("record.db", "record.db-wal", "record.db-shm"):
        (path / name).unlink(missing_ok=True)
    engine = connect(path / "record.db")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        with lifted(connection):
            command.upgrade(config, "0001")
    engine.dispose()
    script = (
        "import sys\nfrom pathlib import Path\nfrom ledger.store.workspace import open_workspace\nprint('ready', flush=True)\n"
        "sys.stdin.read()\nopen_workspace(Path(sys.argv[1])).close()"
    )
    running = [python(script, path, stdin=subprocess.PIPE) for _ in range(5)]
    for each in running:
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.stdin.close()
        each.stdin = None
    answers = [(each.communicate()[1], each.returncode) for each in running]
    assert answers == [("", 0)] * len(running)
    workspace = open_workspace(path)
    assert {finding for finding in findings(workspace) if finding in {"schema", "storage"}} == set()
    workspace.close()


@pytest.mark.sqlite
def test_of_many_that_make_the_same_workspace_one_does(tmp_path):
    script = (
        "import sys\nfrom projects.cli.main import run\nprint('ready', flush=True)\nsys.stdin.read()\n"
        "sys.exit(run(['--lang', 'en', 'init', sys.argv[1]]))"
    )
    path = tmp_path / "ws"
    running = [python(script, path, stdin=subprocess.PIPE) for _ in range(5)]
    for each in running:
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.stdin.close()
        each.stdin = None
    answers = [(each.communicate()[1], each.returncode) for each in running]
    assert sorted(code for _, code in answers) == [0, 1, 1, 1, 1]
    assert all(err.count("\n") == 1 and "Traceback" not in err for err, code in answers if code)
    workspace = open_workspace(path)
    assert findings(workspace) == []
    workspace.close()


def test_two_who_attach_the_same_paper_at_once_both_keep_it_whole(clerk, tmp_path):
    """Each writes a partial file of its own: one who was slow, or died, cannot tear the other's."""
    paper = tmp_path / "slip.pdf"
    paper.write_bytes(os.urandom(100_000))
    real = Path.replace
    desks = [clerk.at("zhang"), clerk.at("wang")]

    def replace(partial: Path, target: Path) -> Path:
        Path.replace = real
        Desk(clerk.workspace, "wang", "SF").keep_paper(paper)
        return real(partial, target)

    Path.replace = replace
    try:
        kept = desks[0].keep_paper(paper)
    finally:
        Path.replace = real
    name = kept.split("/")[0] + ".pdf"
    assert (clerk.workspace.documents / name).read_bytes() == paper.read_bytes()
    assert [each.name for each in clerk.workspace.documents.iterdir()] == [name]

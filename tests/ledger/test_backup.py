"""A backup is whole, taken while others write; a restore is whole or has not happened, and says what it lost."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cluster
import pytest
from cluster import POSTGRESQL
from psycopg import sql

from ledger import checkpoints, log, restores
from ledger.archive import MANIFEST
from ledger.backup import Made, backup
from ledger.books.write import settle
from ledger.errors import (
    BackupThere,
    BackupUnfit,
    NoteUnfit,
    OnePerson,
    Refusal,
    RestoreBehind,
    RestoreInside,
    RoleMissing,
    Unknown,
    WorkspaceMoved,
    WorkspaceThere,
)
from ledger.messages import explain
from ledger.putback import Restored, restore
from ledger.restores import Answer
from ledger.store import folders
from ledger.store.workspace import create, open_workspace
from ledger.verify import verify

STORY = """
allot project=P001 channel=JT2024 amount=100000 date=2024-01-10
receive project=P001 channel=JT2024 amount=50000 date=2024-01-11
contract contract=P001C01 parts=JT2024=700 date=2024-02-01 party=张三丰 person
"""
TWO = Answer("li", "zhao", "磁盘损坏")


@pytest.fixture
def office(clerk: Any, tmp_path: Path) -> Any:
    """A village with a key, a paper, a person and a draft that waits."""
    clerk.play(STORY)
    paper = tmp_path / "slip.txt"
    paper.write_text("bank slip", encoding="utf-8")
    clerk.day = "2024-04-01"
    clerk.seal(clerk.draft("allot", papers=[paper], project="P001", channel="JT2024", amount="1")["draft"])
    clerk.draft("allot", project="P001", channel="JT2024", amount="2")
    clerk.make_key()
    sign(clerk, "SF")
    return clerk


def sign(clerk: Any, of: str) -> str:
    note: str = clerk.sign(of)
    checkpoints.keep(clerk.workspace, of, note)
    return note


def kept(clerk: Any, path: Path, **options: Any) -> Made:
    return backup(clerk.workspace, path, **options)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def codes(path: Path, **options: Any) -> tuple[list[str], list[str]]:
    workspace = open_workspace(path)
    try:
        checks = verify(workspace, **options)
    finally:
        workspace.close()
    return [each.code for check in checks for each in check.findings], [
        each.code for check in checks for each in check.notices
    ]


# Taking a backup.


def test_a_backup_comes_back_with_every_row_and_the_same_roots(office: Any, tmp_path: Path, dump: Any) -> None:
    made = kept(office, tmp_path / "b.zip")
    with office.workspace.read() as connection:
        roots = restores.heads(connection)
    assert made.manifest.logs == {each.log: {"size": each.size, "root": each.root} for each in roots}
    assert made.lacking == ()
    done = restore(tmp_path / "b.zip", tmp_path / "new", clock=office.clock)
    assert (done.aside, done.behind, done.missing, done.key) == (None, (), {}, False)
    new = open_workspace(tmp_path / "new")
    with new.read() as connection:
        after = dump(connection)
    new.close()
    before = office.dump()
    assert {name for name in before if before[name] != after[name]} - {"workspace"} == {"log_leaf"}
    [added] = set(after["log_leaf"]) - set(before["log_leaf"])
    assert (added[2], json.loads(added[3])["data"]["sha256"]) == (
        "restore",
        hashlib.sha256((tmp_path / "b.zip").read_bytes()).hexdigest(),
    )
    old, new_texts = tree(office.workspace.books), tree(tmp_path / "new" / "books")
    assert {name for name in old if old[name] != new_texts[name]} == {"office.beancount"}
    assert tree(tmp_path / "new" / "documents") == tree(office.workspace.documents)
    assert codes(tmp_path / "new") == ([], ["restored-whole"])


def test_only_its_owner_may_read_a_backup_and_it_holds_no_private_key(office: Any, tmp_path: Path) -> None:
    made = kept(office, tmp_path / "b.zip")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    names = set(zipfile.ZipFile(made.path).namelist())
    assert "office.pub" in names
    assert "office.key" not in names
    assert b"PRIVATE KEY" not in made.path.read_bytes()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_folder_that_is_not_there_is_not_made(office: Any, tmp_path: Path) -> None:
    with pytest.raises(BackupUnfit) as caught:
        kept(office, tmp_path / "stick" / "b.zip")
    assert caught.value.facts == {"about": "place", "path": tmp_path / "stick"}
    assert not (tmp_path / "stick").exists()


def test_a_backup_on_the_disk_of_the_workspace_says_so(
    office: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kept(office, tmp_path / "b.zip").beside
    stat = Path.stat
    elsewhere = SimpleNamespace(st_dev=-1)
    monkeypatch.setattr(
        Path, "stat", lambda path, **how: elsewhere if path == office.workspace.path else stat(path, **how)
    )
    assert not kept(office, tmp_path / "c.zip").beside


def test_a_file_that_is_there_is_overwritten_only_when_asked(office: Any, tmp_path: Path) -> None:
    target = tmp_path / "b.zip"
    target.write_bytes(b"mine")
    with pytest.raises(BackupThere):
        kept(office, target)
    assert target.read_bytes() == b"mine"
    assert zipfile.is_zipfile(kept(office, target, force=True).path)


def test_a_record_that_does_not_verify_is_not_backed_up(office: Any, tmp_path: Path) -> None:
    office.tamper("UPDATE posting SET amount = amount + 1 WHERE seq = 0 AND line = 0")
    with pytest.raises(BackupUnfit) as refused:
        kept(office, tmp_path / "b.zip")
    assert refused.value.facts["about"] == "source"
    assert not (tmp_path / "b.zip").exists()


def test_a_paper_that_is_gone_is_named_and_does_not_stop_the_backup(office: Any, tmp_path: Path) -> None:
    [paper] = office.workspace.documents.iterdir()
    paper.unlink()
    assert kept(office, tmp_path / "b.zip").lacking == (f"documents/{paper.name}",)
    done = restore(tmp_path / "b.zip", tmp_path / "new")
    assert {each.code for check in done.checks for each in check.findings} == {"document-missing"}


def test_a_backup_is_whole_while_another_process_seals(office: Any, tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(office.workspace.path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline()
        made = [kept(office, tmp_path / f"{each}.zip") for each in range(4)]
    finally:
        writer.kill()
        writer.communicate()
    counts = [each.manifest.vouchers for each in made]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0], "the writer went on between the backups"
    for each in made:
        done = restore(each.path, tmp_path / f"{each.path.name}.d")
        assert [check.name for check in done.checks if check.findings] == []


_WRITER = """
import sys
from pathlib import Path
from ledger.store.workspace import open_workspace
from projects.desk import Desk
workspace = open_workspace(Path(sys.argv[1]))
while True:
    asked = {"date": "2024-05-01", "project": "P001", "channel": "JT2024", "amount": "1"}
    made = Desk(workspace, "zhang", "SF").record("allot", asked)
    print(Desk(workspace, "li", "SF").seal(made["draft"])["number"], flush=True)
"""


# Putting it back.


@pytest.fixture
def behind(office: Any, tmp_path: Path) -> Any:
    """A backup, two vouchers after it, and a checkpoint that was kept outside."""
    kept(office, tmp_path / "b.zip")
    for amount in ("3", "4"):
        office.seal(office.draft("allot", project="P001", channel="JT2024", amount=amount)["draft"])
    office.note = sign(office, "SF")
    office.workspace.close()
    return office


def put(behind: Any, tmp_path: Path, answer: Answer = TWO, **options: Any) -> Restored:
    return restore(tmp_path / "b.zip", behind.workspace.path, answer=answer, clock=behind.clock, **options)


def test_a_restore_behind_the_record_needs_two_people_and_a_reason(behind: Any, tmp_path: Path) -> None:
    before = tree(behind.workspace.path)
    for answer, refusal in [
        (Answer(), RestoreBehind),
        (Answer("li", "", "x"), RestoreBehind),
        (Answer("li", "zhao", " "), RestoreBehind),
        (Answer("li", "li", "x"), OnePerson),
        (Answer("li", "zhang", "x"), RoleMissing),
        (Answer("li", "nobody", "x"), Unknown),
    ]:
        with pytest.raises(refusal):
            put(behind, tmp_path, answer)
    after = tree(behind.workspace.path)
    assert {name for name in before if before[name] != after.get(name)} <= {"record.db-shm", "record.db-wal"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b.zip", "slip.txt"]


def test_a_restore_says_what_was_lost_and_the_log_keeps_it(behind: Any, tmp_path: Path) -> None:
    path = behind.workspace.path
    before = tree(path)
    done = put(behind, tmp_path)
    assert done.missing == {"SF": ["2024-04-0002", "2024-04-0003"]}
    assert {each.log for each in done.behind} == {"SF", "office"}
    assert done.key, "the key of the workspace is taken over"
    assert done.aside is not None
    assert done.aside.parent == path.parent
    aside = tree(done.aside)
    assert {name for name in before if aside.get(name) != before[name]} <= {"record.db-shm", "record.db-wal"}
    new = open_workspace(path, clock=behind.clock)
    with new.read() as connection:
        [data] = list(restores.restores(connection))
    new.close()
    assert (data["user"], data["second"], data["reason"], data["rebuilt"]) == ("li", "zhao", "磁盘损坏", False)
    assert data["missing"] == done.missing
    size = data["sizes"]["SF"]
    assert size["before"] == size["after"] + 2
    assert codes(path) == ([], ["restored"])
    # The checkpoint of what was lost is a notice for ever, and not a silent pass.
    assert codes(path, against=[behind.note]) == ([], ["restored", "checkpoint-before-restore"])
    shutil.rmtree(done.aside)


@pytest.mark.sqlite
def test_a_checkpoint_that_nobody_answered_for_stays_a_finding(behind: Any, tmp_path: Path) -> None:
    done = put(behind, tmp_path)
    assert done.aside is not None
    old = open_workspace(done.aside, clock=behind.clock)
    behind.workspace = old
    behind.seal(behind.draft("allot", project="P001", channel="JT2024", amount="5")["draft"])
    other = sign(behind, "SF")
    old.close()
    found, _ = codes(done.path, against=[other])
    assert found == ["checkpoint-shorter"]


def test_after_a_restore_work_goes_on_and_the_lost_checkpoint_stays_a_notice(behind: Any, tmp_path: Path) -> None:
    done = put(behind, tmp_path)
    behind.workspace = open_workspace(done.path, clock=behind.clock)
    for amount in ("6", "7", "8"):
        behind.seal(behind.draft("allot", project="P001", channel="JT2024", amount=amount)["draft"])
    note = sign(behind, "SF")
    behind.workspace.close()
    assert codes(done.path, against=[behind.note, note]) == ([], ["restored", "checkpoint-before-restore"])
    # Restoring the same backup again loses what came since, and only that asks for two people again.
    with pytest.raises(RestoreBehind):
        put(behind, tmp_path, Answer())


def test_a_checkpoint_from_outside_asks_for_two_people_in_a_new_folder_too(behind: Any, tmp_path: Path) -> None:
    with pytest.raises(RestoreBehind):
        restore(tmp_path / "b.zip", tmp_path / "new", notes=[behind.note])
    assert not (tmp_path / "new").exists()
    done = restore(tmp_path / "b.zip", tmp_path / "new", notes=[behind.note], answer=TWO)
    assert [each.log for each in done.behind] == ["SF"]
    with pytest.raises(NoteUnfit):
        restore(tmp_path / "b.zip", tmp_path / "other", notes=[behind.note.replace("SF\n", "SG\n")])


@pytest.mark.parametrize("damage", [b"", b"not a database", None])
def test_a_damaged_record_is_moved_aside_and_its_books_tell_what_is_lost(
    behind: Any, tmp_path: Path, damage: bytes | None
) -> None:
    if POSTGRESQL:
        damaged(behind, damage)
    else:
        damaged_file(behind, damage)
    with pytest.raises(RestoreBehind):
        put(behind, tmp_path, Answer())  # the notes in the workspace's own folder are known
    done = put(behind, tmp_path)
    assert done.missing == {"SF": ["2024-04-0002", "2024-04-0003"]}
    assert done.before == {}
    assert codes(done.path)[0] == []


def damaged_file(behind: Any, damage: bytes | None) -> None:
    record = behind.workspace.record
    for left in ("record.db-wal", "record.db-shm"):
        (behind.workspace.path / left).unlink(missing_ok=True)
    record.unlink() if damage is None else record.write_bytes(damage)


def damaged(behind: Any, damage: bytes | None) -> None:
    """Do to the database what could be done to a file: its tables gone, one of them unreadable, all of it gone."""
    name = cluster.shelf().name(behind.workspace.path)
    behind.workspace.close()
    if damage is None:
        drop, make = (
            sql.SQL("DROP DATABASE {} WITH (FORCE)"),
            sql.SQL("CREATE DATABASE {} OWNER owner ENCODING 'UTF8' TEMPLATE template0"),
        )
        cluster.shared().run(*(each.format(sql.Identifier(name)) for each in (drop, make)))
    elif damage:
        cluster.shared().run("DROP TABLE role_grant, log_leaf CASCADE", database=name)
    else:
        cluster.shared().run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public AUTHORIZATION owner", database=name)


def test_a_backup_of_another_office_is_refused(behind: Any, tmp_path: Path) -> None:
    other = create(tmp_path / "other")
    other.close()
    with pytest.raises(BackupUnfit) as refused:
        restore(tmp_path / "b.zip", tmp_path / "other", answer=TWO)
    assert refused.value.facts["about"] == "office"


def test_a_folder_of_something_else_and_the_folder_one_stands_in_are_left_alone(
    behind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WorkspaceThere):
        restore(tmp_path / "b.zip", tmp_path)
    monkeypatch.chdir(behind.workspace.books)
    with pytest.raises(RestoreInside):
        put(behind, tmp_path)


def test_who_waited_for_the_old_record_is_told_and_loses_nothing(behind: Any, tmp_path: Path) -> None:
    old = open_workspace(behind.workspace.path, clock=behind.clock)
    with old.write() as unit:
        unit.commit()
    put(behind, tmp_path)
    with pytest.raises(WorkspaceMoved), old.write():
        pytest.fail("a unit of work was opened on a record that was moved aside")
    old.close()


# Hostile and damaged files.


def rezip(source: Path, target: Path, change: Any) -> Path:
    """Write a backup again with its members changed."""
    with zipfile.ZipFile(source) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(target, "w") as archive:
        for info, content in change(members):
            archive.writestr(info, content)
    return target


def refused(path: Path, tmp_path: Path) -> Refusal:
    before = sorted(each.name for each in tmp_path.iterdir())
    with pytest.raises(BackupUnfit) as found:
        restore(path, tmp_path / "new", answer=TWO)
    assert sorted(each.name for each in tmp_path.iterdir()) == before
    return found.value


def info_of(name: str, mode: int = 0o100600) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def with_member(members: Any, info: zipfile.ZipInfo, content: bytes) -> Any:
    """Add a member with its place in the manifest."""
    changed = []
    for each, old in members:
        if each.filename == MANIFEST:
            said = json.loads(old)
            said["members"][info.filename] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            changed.append((each, json.dumps(said).encode()))
        else:
            changed.append((each, old))
    return [*changed, (info, content)]


@pytest.mark.parametrize(
    "name, mode",
    [
        ("../evil", 0o100600),
        ("/etc/evil", 0o100600),
        ("documents/../../evil", 0o100600),
        ("documents\\evil", 0o100600),
        ("office.key", 0o100600),
        ("books/SF/main.beancount", 0o100600),
        ("record.db-wal", 0o100600),
        ("checkpoints/evil.txt", 0o120777),
        ("documents/" + "0" * 64, 0o120777),
    ],
)
def test_names_and_links_that_do_not_belong_are_refused(office: Any, tmp_path: Path, name: str, mode: int) -> None:
    made = kept(office, tmp_path / "b.zip")
    bad = rezip(made.path, tmp_path / "bad.zip", lambda all_: with_member(all_, info_of(name, mode), b"/etc/passwd"))
    assert refused(bad, tmp_path).facts["about"] == "member"


@pytest.mark.parametrize("content, about", [(b"", "broken"), (b"# earmark", "broken"), (None, "manifest")])
def test_a_file_of_another_kind_is_told_in_words(tmp_path: Path, content: bytes | None, about: str) -> None:
    file = tmp_path / "b.zip"
    if content is None:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("a", "b")
    else:
        file.write_bytes(content)
    found = refused(file, tmp_path)
    assert found.facts["about"] == about
    assert explain(found, "zh").startswith(f"{file} 不是完整的 earmark 备份（")


def test_a_bomb_is_refused_before_it_goes_off(office: Any, tmp_path: Path) -> None:
    made = kept(office, tmp_path / "b.zip")
    info = info_of("documents/" + "0" * 64)
    info.compress_type = zipfile.ZIP_DEFLATED
    bad = rezip(made.path, tmp_path / "bad.zip", lambda all_: with_member(all_, info, bytes(50_000_000)))
    assert refused(bad, tmp_path).facts["about"] == "member"


@pytest.mark.parametrize("size", [0, 1, 40])
def test_a_member_that_says_less_than_it_holds_is_cut_off(office: Any, tmp_path: Path, size: int) -> None:
    made = kept(office, tmp_path / "b.zip")
    path = tmp_path / "bad.zip"
    content = bytearray(made.path.read_bytes())
    # The sizes in both headers of the record are made small; the packed bytes stay.
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        info = archive.getinfo("record.db")
    true = info.file_size.to_bytes(4, "little")
    assert content.count(true) >= 1
    path.write_bytes(bytes(content).replace(true, size.to_bytes(4, "little")))
    refused(path, tmp_path)


def test_foreign_cut_and_twisted_files_are_refused_in_one_line(office: Any, tmp_path: Path) -> None:
    from ledger import messages

    made = kept(office, tmp_path / "b.zip")
    whole = made.path.read_bytes()
    bad = tmp_path / "bad.zip"
    samples = [b"", b"PK", b"no archive at all", whole[: len(whole) // 2], whole[:-1], whole[1:]]
    samples.append((tmp_path / "slip.txt").read_bytes())
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("hello.txt", "x")
    samples.append(other.getvalue())
    for manifest in (b"[]", b"{}", b"\xff", b"[" * 100_000, json.dumps({"format": "earmark/backup/9"}).encode()):
        twisted = io.BytesIO()
        with zipfile.ZipFile(twisted, "w") as archive:
            archive.writestr(MANIFEST, manifest)
        samples.append(twisted.getvalue())
    for sample in samples:
        bad.write_bytes(sample)
        said = messages.explain(refused(bad, tmp_path), "en")
        assert "\n" not in said
        assert "bad.zip" in said
    (tmp_path / "gone.zip").unlink(missing_ok=True)
    refused(tmp_path / "gone.zip", tmp_path)


def test_no_flipped_bit_of_a_backup_comes_through_with_another_record(office: Any, tmp_path: Path, dump: Any) -> None:
    made = kept(office, tmp_path / "b.zip")
    whole = made.path.read_bytes()
    chance = random.Random(7)
    before = set(office.dump()["voucher"])
    for each in range(60):
        place = chance.randrange(len(whole))
        bad = tmp_path / "bad.zip"
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        try:
            restore(bad, tmp_path / f"new{each}")
        except BackupUnfit:
            assert not (tmp_path / f"new{each}").exists()
            continue
        # A bit of a time stamp, say: nothing that was kept is another.
        new = open_workspace(tmp_path / f"new{each}")
        with new.read() as connection:
            assert set(dump(connection)["voucher"]) == before
        new.close()


def test_a_backup_with_a_forged_record_is_refused(office: Any, tmp_path: Path) -> None:
    """Even with a manifest that fits the bytes: the record is checked as a record."""
    office.tamper("UPDATE posting SET amount = amount + 1 WHERE seq = 0 AND line = 0")
    from ledger import backup as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "look", lambda _folder, _about: ([], []))
        made = kept(office, tmp_path / "b.zip")
    refused(made.path, tmp_path)


# Dying in the middle.

_RESTORE = """
import sys
from pathlib import Path
from ledger.putback import restore
from ledger.restores import Answer
restore(Path(sys.argv[1]), Path(sys.argv[2]), answer=Answer("li", "zhao", "disk"))
"""


@pytest.mark.parametrize("part", range(6))
def test_a_restore_that_is_killed_leaves_the_old_or_the_new_workspace(behind: Any, tmp_path: Path, part: int) -> None:
    path = behind.workspace.path
    process = subprocess.Popen([sys.executable, "-c", _RESTORE, str(tmp_path / "b.zip"), str(path)])
    time.sleep(0.35 + 0.18 * part)
    process.send_signal(signal.SIGKILL)
    process.wait()
    workspace = open_workspace(path, clock=behind.clock)
    try:
        settle(workspace)
        with workspace.read() as connection:
            restored = bool(list(restores.restores(connection)))
            vouchers = connection.exec_driver_sql("SELECT count(*) FROM voucher").scalar_one()
        assert vouchers == (4 if restored else 6)
        assert [each.code for check in verify(workspace) for each in check.findings] == []
    finally:
        workspace.close()
    old = [each for each in path.parent.iterdir() if each.name.startswith("ws-aside-")]
    assert len(old) >= restored, "what stood there is beside it"
    for each in path.parent.iterdir():
        if each != path:
            shutil.rmtree(each)


@pytest.mark.parametrize("step", ["exchange", "sync_all", "like"])
def test_a_failure_at_a_step_of_the_swap_leaves_the_old_workspace(
    behind: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = tree(behind.workspace.path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(folders, step, fail)
    with pytest.raises(OSError, match="No space"):
        put(behind, tmp_path)
    after = tree(behind.workspace.path)
    assert {name for name in before if before[name] != after.get(name)} <= {"record.db-shm", "record.db-wal"}
    assert [each.name for each in behind.workspace.path.parent.iterdir()] == [behind.workspace.path.name]


def test_vouchers_sealed_while_a_restore_runs_are_not_lost_unseen(behind: Any, tmp_path: Path) -> None:
    """A writer that races with a restore is either counted among the missing, or refused."""
    old = open_workspace(behind.workspace.path, clock=behind.clock)
    behind.workspace = old
    acknowledged: list[str] = []
    refusals: list[Refusal] = []

    def seal() -> None:
        try:
            while len(acknowledged) < 200:
                acknowledged.append(
                    behind.seal(behind.draft("allot", project="P001", channel="JT2024", amount="1")["draft"])
                )
        except Refusal as refusal:
            refusals.append(refusal)

    writer = threading.Thread(target=seal)
    writer.start()
    while not acknowledged:
        time.sleep(0.01)
    done = put(behind, tmp_path)
    writer.join()
    old.close()
    assert [type(each) for each in refusals] == [WorkspaceMoved]
    assert set(acknowledged) <= set(done.missing["SF"])


def test_the_offices_log_is_one_leaf_longer_than_what_was_put_back(office: Any, tmp_path: Path) -> None:
    made = kept(office, tmp_path / "b.zip")
    done = restore(made.path, tmp_path / "new")
    new = open_workspace(tmp_path / "new")
    with new.read() as connection:
        sizes = {each.log: each.size for each in restores.heads(connection)}
    new.close()
    assert sizes == {**done.after, log.OFFICE: done.after[log.OFFICE] + 1}

"""Single bits that flip: what changes the meaning of a workspace is found by verify, or refused in one clear line.

A village with vouchers, reversals, papers, drafts, keys and a signed checkpoint is damaged one bit at a time: in its
database, in its write-ahead log (as a process leaves it that died), in its books, documents and keys. Where nothing
was found the bit has to be meaningless: every row of every table, every entry of the schema, every byte of the books
and documents are what they were.
"""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest

from ledger import checkpoints, signing
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.store import workspace as workspaces
from ledger.verify import verify
from projects.cli import main

pytestmark = pytest.mark.sqlite

FLIPS = int(os.environ.get("EARMARK_FLIPS", "1200"))
"""5,000 were flipped once; so many are flipped every time."""
QUICK = 40
SHARES = {"record.db": 10, "record.db-wal": 4, "books": 4, "documents": 1, "settings": 1}
"""Of twenty flips so many go to each kind of file."""

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
contract contract=P001C01 parts=JT2024=300000 party=施工单位 date=2024-02-15
advance contract=P001C01 amount=30000 date=2024-02-20
certify contract=P001C01 amount=100000 date=2024-03-25
pay contract=P001C01 amount=50000 date=2024-03-28
allot project=P001 channel=SN2024 amount=20000 date=2024-04-01
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=30 amount=13500 date=2024-04-02
inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=10 date=2024-04-03
allot project=P002 channel=JZ2024 amount=1000 date=2024-04-04
reverse voucher=2024-04-0004 reason=重复 date=2024-04-05
accept project=P001 quantity=3.5 observe=paved-road=5/5 date=2024-04-06
"""


class Sound:
    """A sound workspace, byte for byte, and what it says."""

    def __init__(self, folder: Path, at: Path, *, waiting: bool) -> None:
        """Take the files of `folder`; trials are made at `at`. With `waiting` the write-ahead log is kept."""
        self.at = at
        self.files = {
            path.relative_to(folder): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in {"record.db-shm", "books.lock"}
        }
        if not waiting:
            del self.files[Path("record.db-wal")]
        shutil.rmtree(at, ignore_errors=True)
        for name, content in self.files.items():
            (at / name).parent.mkdir(parents=True, exist_ok=True)
            (at / name).write_bytes(content)
        self.says = self.read()
        self.restore()

    def restore(self, *, changed: Path | None = None) -> None:
        """Put back what a trial may have changed: the record always, because who opens it may write it."""
        for name in [Path("record.db"), Path("record.db-wal"), *([changed] if changed else [])]:
            if name in self.files:
                (self.at / name).write_bytes(self.files[name])
            else:
                (self.at / name).unlink(missing_ok=True)
        (self.at / "record.db-shm").unlink(missing_ok=True)

    def flip(self, name: Path, bit: int) -> None:
        content = bytearray(self.files[name])
        content[bit // 8] ^= 1 << bit % 8
        (self.at / name).write_bytes(content)

    def read(self) -> Any:
        """Return everything that the record says, read by SQLite alone; None where it cannot be read."""
        connection = sqlite3.connect(self.at / "record.db")
        try:
            schema = sorted(map(repr, connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")))
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
            rows = {name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"'))) for (name,) in tables}
        except (sqlite3.Error, UnicodeDecodeError):
            return None
        finally:
            connection.close()
        return schema, rows


@pytest.fixture(scope="module")
def folders(new_clerk, tmp_path_factory) -> Iterator[Path]:
    """The village as it stands while it is open: its last changes are in the write-ahead log."""
    with new_clerk() as clerk:
        workspace = clerk.workspace
        signer = signing.make_key(workspace.path, workspace.settings.office, "a long passphrase")
        for line in STORY.strip().splitlines():
            clerk.play(line)
        papers = []
        for number in range(3):
            paper = workspace.path.parent / f"slip{number}.txt"
            paper.write_text(f"bank slip {number}\n" * 40, encoding="utf-8")
            papers.append(paper)
        clerk.do(
            "pay", contract="P001C01", amount="10000", date="2024-04-07", papers=papers, party="王小明", person=True
        )
        with workspace.write() as unit:
            note = checkpoints.sign(unit, signer, "SF", user="li")
            unit.commit()
        checkpoints.keep(workspace, "SF", note)
        settle(workspace)
        # What was done so far is in the database, what follows in the write-ahead log.
        with workspace.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        clerk.draft("allot", project="P001", channel="JT2024", amount="5", date="2024-04-08", key="K1", note="待审")
        clerk.do("receive", project="P001", channel="JT2024", amount="7", date="2024-04-08", key="K2")
        clerk.draft("pay", contract="P001C01", amount="3", date="2024-04-08", key="K3")
        clerk.do("receive", project="P001", channel="JT2024", amount="9", date="2024-04-09")
        path = tmp_path_factory.mktemp("sound")
        shutil.copytree(workspace.path, path / "open")
        workspace.close()
        shutil.copytree(workspace.path, path / "shut")
        (path / "shut" / "record.db-wal").touch()
        yield path


@pytest.fixture(scope="module")
def closed(folders: Path, tmp_path_factory) -> Sound:
    return Sound(folders / "shut", tmp_path_factory.mktemp("closed") / "ws", waiting=False)


@pytest.fixture(scope="module")
def died(folders: Path, tmp_path_factory) -> Sound:
    return Sound(folders / "open", tmp_path_factory.mktemp("died") / "ws", waiting=True)


def kind_of(name: Path) -> str:
    if name.parts[0] in {"books", "documents"}:
        return name.parts[0]
    return name.name if name.name.startswith("record") else "settings"


def trials(closed: Sound, died: Sound, count: int) -> Iterator[tuple[Sound, Path, int]]:
    """Return where to flip which bit: as many for each kind of file as it is worth, spread over its bytes."""
    chance = random.Random(20261123)
    for kind, share in SHARES.items():
        sound = died if kind == "record.db-wal" else closed
        names = [name for name in sound.files if kind_of(name) == kind and "checkpoints" not in name.parts]
        sizes = [len(sound.files[name]) for name in names]
        for _ in range(max(1, count * share // 20)):
            [name] = chance.choices(names, sizes)
            yield sound, name, chance.randrange(8 * len(sound.files[name]))


def look(sound: Sound) -> tuple[str, list[str]]:
    """Open the workspace as every command does and verify it."""
    opened = None
    try:
        opened = workspaces.open_workspace(sound.at)
        settle(opened)
        found = [f"{check.name}: {each.code} {each.facts}" for check in verify(opened) for each in check.findings]
    except Refusal as refusal:
        return "refused", [refusal.code]
    finally:
        if opened is not None:
            opened.close()
    return ("found" if found else "silent"), found


def judge(sound: Sound, name: Path, bit: int) -> tuple[str, str]:
    """Flip a bit, look, and put it back; return the outcome and what was said."""
    sound.flip(name, bit)
    try:
        outcome, said = look(sound)
        # Read after it was opened: marks of what is still to be written may have come back, and were done again.
        meant = name.parts[0] in {"books", "documents"} or (kind_of(name) != "settings" and sound.read() != sound.says)
    except Exception as error:
        return "a fault of the program", f"{type(error).__name__}: {error}"
    finally:
        sound.restore(changed=name)
    if outcome == "silent":
        return ("missed" if meant else "meaningless"), ""
    return outcome, "; ".join(said)[:200]


def count(closed: Sound, died: Sound, flips: int) -> tuple[dict[str, Counter[str]], list[str]]:
    outcomes: dict[str, Counter[str]] = {kind: Counter() for kind in SHARES}
    wrong = []
    for sound, name, bit in trials(closed, died, flips):
        outcome, said = judge(sound, name, bit)
        outcomes[kind_of(name)][outcome] += 1
        if outcome in {"missed", "a fault of the program"}:
            wrong.append(f"{name} bit {bit}: {outcome} {said}")
    print(f"\n{sum(each.total() for each in outcomes.values())} bits flipped")
    for kind, each in outcomes.items():
        print(f"{kind}: {dict(each.most_common())}")
    print("\n".join(wrong))
    return outcomes, wrong


def test_the_sound_workspace_has_no_findings(closed, died):
    for sound in (closed, died):
        assert look(sound) == ("silent", [])
        sound.restore()


def test_no_flipped_bit_changes_the_meaning_unseen(closed, died):
    outcomes, wrong = count(closed, died, QUICK)
    assert wrong == []
    assert outcomes["books"]["found"] == outcomes["books"].total()
    assert outcomes["documents"]["found"] == outcomes["documents"].total()


@pytest.mark.slow
def test_no_flipped_bit_of_thousands_changes_the_meaning_unseen(closed, died):
    _, wrong = count(closed, died, FLIPS)
    assert wrong == []


@pytest.mark.slow
def test_no_flipped_bit_makes_the_command_line_fail(closed, died, monkeypatch, capsys):
    """Commands that read everything that a clerk reads: they work, or refuse in one line."""
    monkeypatch.setenv("EARMARK_LANG", "zh")
    commands = [["voucher", "list", "--book", "SF"], ["voucher", "show", "D14"], ["status"], ["verify"]]
    for sound, name, bit in list(trials(closed, died, 300)):
        sound.flip(name, bit)
        try:
            command = commands[bit % len(commands)]
            status = main.run(["--workspace", str(sound.at), *command])
        finally:
            sound.restore(changed=name)
        out, err = capsys.readouterr()
        assert status in {0, 1, 3}, f"{name} bit {bit}: {command} {err}"
        assert "Traceback" not in out + err
        assert status != 1 or err.count("\n") == 1

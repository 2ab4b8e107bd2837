"""Erasing a person: not a byte of the name is left in the workspace, and everything still verifies."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from ledger import erasure, log
from ledger.books.write import settle
from ledger.errors import DraftsWait, NothingPrivate, ReasonNamesPerson, RoleMissing, Unknown
from ledger.store import scrub
from ledger.verify import verify

NAME, OTHER = "蒲君君", "蒲小小"
STORY = f"""
plan project=P001 channel=ZC2024 amount=900
receive project=P001 channel=ZC2024 amount=300 cash person party={NAME}
receive project=P001 channel=ZC2024 amount=200 cash person party={OTHER}
receive project=P001 channel=ZC2024 amount=100 cash person party={NAME}
"""


@pytest.fixture
def village(clerk):
    clerk.begin(STORY)
    return clerk


def erase(village, name=NAME, *, user="li", reason="本人申请"):
    """Erase as the command does: announced before, swept after."""
    scrub.announce(village.workspace)
    with village.workspace.write() as unit:
        traces = erasure.erase(unit, name, user=user, reason=reason)
        unit.commit()
    assert scrub.scrub(village.workspace)
    return traces


def holding(workspace, name: str) -> list[str]:
    """Return the files of a workspace in whose bytes a name stands."""
    return sorted(
        str(path.relative_to(workspace.path))
        for path in workspace.path.rglob("*")
        if path.is_file() and name.encode() in path.read_bytes()
    )


def found(village):
    settle(village.workspace)
    checks = verify(village.workspace)
    return (
        [finding.code for check in checks for finding in check.findings],
        [(notice.code, notice.facts) for check in checks for notice in check.notices],
    )


@pytest.mark.sqlite
def test_no_byte_of_the_name_or_its_salt_is_left_in_any_file_of_the_workspace(village):
    paper = village.workspace.path.parent / "slip.txt"
    paper.write_text("slip", encoding="utf-8")
    # Drafted with a key, edited, dropped, and once more sealed: everything a clerk's day leaves behind.
    facts = {"project": "P001", "channel": "ZC2024", "amount": "1", "cash": True, "person": True, "party": NAME}
    village.draft("receive", key="k1", papers=[paper], **facts)
    village.at("zhang").edit("D5", {"amount": "2"}, key="k2")
    village.at("zhang").drop("D5")
    village.do("receive", key="k3", **facts)
    [(salt,)] = village.sql("SELECT salt FROM private_value ORDER BY seq DESC LIMIT 1")
    assert holding(village.workspace, NAME)
    assert holding(village.workspace, salt)
    traces = erase(village)
    assert (len(traces.values), traces.vouchers, traces.books) == (3, 3, ("SF",))
    assert holding(village.workspace, NAME) == []
    assert holding(village.workspace, salt) == []
    assert holding(village.workspace, OTHER), "the other person stays"
    assert found(village) == ([], [("private-erased", {"count": 3})])


@pytest.mark.sqlite
def test_deleting_the_rows_alone_would_leave_the_name_in_the_files(village):
    """The raw search bites: without the sweep it finds what SQLite leaves behind."""
    with village.workspace.write() as unit:
        erasure.erase(unit, NAME, user="li", reason="申请")
        unit.commit()
    assert holding(village.workspace, NAME)
    scrub.announce(village.workspace)
    assert scrub.finish(village.workspace)
    assert holding(village.workspace, NAME) == []


def test_books_and_logs_of_the_book_are_the_same_bytes_before_and_after(village):
    def kept():
        books = {path: path.read_bytes() for path in village.workspace.books.rglob("*") if path.is_file()}
        return books, village.sql("SELECT * FROM log_leaf WHERE log = 'SF'"), village.sql("SELECT * FROM voucher")

    before = kept()
    erase(village)
    assert kept() == before


def test_the_event_says_who_when_why_and_which_fields_and_never_the_name(village):
    erase(village)
    [(leaf,)] = village.sql("SELECT leaf FROM log_leaf WHERE kind = 'erasure'")
    data = json.loads(leaf)["data"]
    assert data == {
        "user": "li",
        "at": "2025-12-31T09:00:00+08:00",
        "reason": "本人申请",
        "values": [
            {"book": "SF", "field": "payee", "number": "2024-03-0002"},
            {"book": "SF", "field": "payee", "number": "2024-03-0004"},
        ],
    }
    assert NAME not in leaf


def test_the_name_is_matched_whole_after_the_trimming_of_entry(village):
    with village.workspace.read() as connection:
        assert len(erasure.find(connection, f"  {NAME}\u00a0").values) == 2
        for other in ("蒲", "蒲君", f"{NAME}君", "蒲%", "蒲__"):
            with pytest.raises(NothingPrivate):
                erasure.find(connection, other)


def test_an_erased_person_is_no_longer_there_to_be_erased(village, unchanged):
    erase(village)
    with unchanged(), village.workspace.write() as unit, pytest.raises(NothingPrivate):
        erasure.erase(unit, NAME, user="li", reason="申请")


@pytest.mark.parametrize(
    "user, reason, refusal",
    [
        ("zhang", "申请", RoleMissing),
        ("nobody", "申请", Unknown),
        ("li", f"{NAME}本人申请", ReasonNamesPerson),
    ],
    ids=["a maker", "a stranger", "a reason that names the person"],
)
def test_who_may_not_erase_changes_nothing(village, unchanged, user, reason, refusal):
    with unchanged(), village.workspace.write() as unit, pytest.raises(refusal):
        erasure.erase(unit, NAME, user=user, reason=reason)


def test_an_auditor_may_erase(village):
    assert len(erase(village, user="zhao").values) == 2


@pytest.mark.sqlite
@pytest.mark.parametrize("person", [True, None], ids=["as a person", "as a party in the open"])
def test_drafts_that_would_bring_the_name_back_are_named(village, unchanged, person):
    typed = {"person": True} if person else {}
    village.draft("receive", project="P001", channel="ZC2024", amount="1", cash=True, party=f" {NAME} ", **typed)
    with unchanged(), village.workspace.write() as unit, pytest.raises(DraftsWait) as refused:
        erasure.erase(unit, NAME, user="li", reason="申请")
    assert list(refused.value.facts["drafts"]) == ["D5@SF"]
    village.at("li").drop("D5")
    erase(village)
    assert holding(village.workspace, NAME) == []


def test_what_spells_the_name_out_and_the_papers_are_listed(village, tmp_path):
    paper = tmp_path / "slip.txt"
    paper.write_text("slip", encoding="utf-8")
    facts = {"project": "P001", "channel": "ZC2024", "amount": "1", "cash": True}
    village.do("receive", papers=[paper], person=True, party=NAME, **facts)
    village.do("receive", note=f"收{NAME}现金", **facts)
    with village.workspace.read() as connection:
        traces = erasure.find(connection, NAME)
    assert traces.elsewhere == ("V2024-03-0006@SF",)
    [(book, number, name)] = traces.papers
    assert (book, number, (village.workspace.documents / name).read_text(encoding="utf-8")) == (
        "SF",
        "2024-03-0005",
        "slip",
    )


# What verify makes of it.


def test_a_private_value_that_is_missing_without_an_event_is_found(village):
    village.tamper("DELETE FROM private_value WHERE seq = 1")
    codes, notices = found(village)
    assert (codes, notices) == (["private-missing"], [])


def test_an_erased_value_that_came_back_is_found(village):
    rows = village.sql(f"SELECT * FROM private_value WHERE value = '{NAME}' ORDER BY seq")
    erase(village)
    village.tamper(f"INSERT INTO private_value VALUES {rows[0]!r}")
    assert found(village)[0] == ["private-not-erased"]


def test_an_event_that_erased_what_never_was_is_found(village):
    with village.workspace.write() as unit:
        values = [{"book": "SF", "number": "2024-03-0001", "field": "payee"}]
        log.append(unit, log.OFFICE, "erasure", {"user": "li", "at": "", "reason": "x", "values": values})
        unit.commit()
    assert found(village)[0] == ["erasure-unknown"]


@pytest.mark.parametrize("data", [{}, {"values": 7}, {"values": [1]}, {"values": [{"book": "SF"}]}])
def test_an_event_that_cannot_be_read_accounts_for_nothing(village, data):
    village.tamper("DELETE FROM private_value WHERE seq = 1")
    with village.workspace.write() as unit:
        log.append(unit, log.OFFICE, "erasure", data)
        unit.commit()
    assert found(village)[0] == ["private-missing"]


@pytest.mark.parametrize("size, codes", [(99, []), (1, ["private-missing"])], ids=["before", "after"])
def test_a_record_made_from_its_books_says_what_is_absent(village, size, codes):
    village.tamper("DELETE FROM private_value WHERE seq = 1")
    with village.workspace.write() as unit:
        log.append(unit, log.OFFICE, "restore", {"rebuilt": True, "logs": {"SF": {"size": size, "root": ""}}})
        unit.commit()
    found_codes, notices = found(village)
    assert found_codes == codes
    assert ("private-rebuilt" in dict(notices)) is (not codes)


# A process that dies in between, and one that still reads.

ERASE = """
import os, signal, sys
from pathlib import Path
from ledger import erasure
from ledger.store import scrub
from ledger.store.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
scrub.announce(workspace)
if sys.argv[2] == "announced": os.kill(os.getpid(), signal.SIGKILL)
with workspace.write() as unit:
    erasure.erase(unit, sys.argv[3], user="li", reason="x")
    if sys.argv[2] == "written": os.kill(os.getpid(), signal.SIGKILL)
    unit.commit()
if sys.argv[2] == "committed": os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.sqlite
@pytest.mark.parametrize("moment, gone", [("announced", False), ("written", False), ("committed", True)])
def test_a_kill_leaves_it_undone_or_to_the_next_command(village, moment, gone):
    path = village.workspace.path
    village.workspace.close()
    killed = subprocess.run([sys.executable, "-c", ERASE, str(path), moment, NAME], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (path / scrub.PENDING).exists()
    command = "from projects.cli.main import main; main()"
    listing = [sys.executable, "-c", command, "--workspace", str(path), "user", "list"]
    assert subprocess.run(listing, check=False, capture_output=True).returncode == 0
    assert not (path / scrub.PENDING).exists()
    assert bool(holding(village.workspace, NAME)) is not gone
    assert found(village)[0] == []


READ = """
import sys, time
import pysqlite3.dbapi2 as sqlite3
reader = sqlite3.connect(sys.argv[1], isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT count(*) FROM voucher").fetchone()
print("reading", flush=True)
time.sleep(60)
"""


@pytest.mark.sqlite
def test_where_another_process_reads_old_pages_the_next_command_sweeps(village, monkeypatch):
    monkeypatch.setattr(scrub, "WAIT_MS", 100)
    reader = subprocess.Popen(
        [sys.executable, "-c", READ, str(village.workspace.record)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reading\n"
        scrub.announce(village.workspace)
        with village.workspace.write() as unit:
            erasure.erase(unit, NAME, user="li", reason="申请")
            unit.commit()
        assert not scrub.scrub(village.workspace)
        assert (village.workspace.path / scrub.PENDING).exists()
    finally:
        reader.kill()
        reader.wait()
        assert reader.stdout is not None
        reader.stdout.close()
    assert scrub.finish(village.workspace)
    assert holding(village.workspace, NAME) == []


@pytest.mark.sqlite
def test_nothing_is_swept_where_nothing_was_announced(village):
    before = village.workspace.record.read_bytes()
    assert scrub.finish(village.workspace)
    assert village.workspace.record.read_bytes() == before

"""A workspace that somebody hands over: it is refused in one line or found by verify, and it never does anything."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite3
import pytest

from ledger import signing
from ledger.books.write import settle
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects.cli import main

pytestmark = pytest.mark.sqlite

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
"""


@pytest.fixture
def handed(clerk, monkeypatch) -> Path:
    """A sound workspace with a paper and a key, shut."""
    clerk.play(STORY)
    paper = clerk.workspace.path.parent / "slip.txt"
    paper.write_text("bank slip", encoding="utf-8")
    clerk.do("receive", project="P001", channel="JT2024", amount="10", date="2024-03-29", papers=[paper])
    clerk.make_key()
    clerk.workspace.close()
    monkeypatch.setenv("EARMARK_PASSPHRASE", clerk.passphrase)
    return Path(clerk.workspace.path)


def run(path: Path, *command: str, capsys: Any) -> tuple[int, str]:
    """Run a command; nothing is ever a fault of the program, and a refusal is one line."""
    status = main.run(["--workspace", str(path), "--lang", "en", *command])
    out, err = capsys.readouterr()
    assert status in {0, 1, 3}, err
    assert "Traceback" not in out + err
    assert status != 1 or (err.count("\n") == 1 and err.strip())
    assert [each for each in out + err if unicodedata.category(each) in {"Cc", "Cf", "Cs"} and each != "\n"] == []
    return status, out + err


def sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path / "record.db")
    connection.executescript(";\n".join(statements))
    connection.commit()
    connection.close()


def findings(path: Path) -> list[str]:
    workspace = open_workspace(path)
    settle(workspace)
    try:
        return [each.code for check in verify(workspace) for each in check.findings]
    finally:
        workspace.close()


SETTINGS = {
    "an unknown key": b'language = "zh"\nevil = 1\n',
    "a language nobody has": b'language = "fr"\n',
    "a number for a language": b"language = 1\n",
    "a list for a language": b'language = ["zh"]\n',
    "an office with a line break": b'office = "a\\nb"\n',
    "an office with an escape": b'office = "a\\u001b[31m"\n',
    "an empty office": b'office = ""\n',
    "a negative limit": b"document_limit_mb = -1\n",
    "an endless limit": b"document_limit_mb = " + b"9" * 5000 + b"\n",
    "a limit that is no number": b"document_limit_mb = nan\n",
    "a broken line": b'language = "zh\n',
    "the same key twice": b'book = "A"\nbook = "B"\n',
    "a thousand brackets": b"x = " + b"[" * 20_000 + b"\n",
    "another encoding": 'language = "中文"'.encode("gb18030"),
    "a NUL": b'language = "\x00"\n',
    "a book that leads elsewhere": b'book = "../../etc"\n',
    "a table": b'[language]\nzh = "x"\n',
    "a date": b"book = 2024-01-01\n",
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
def test_odd_settings_are_refused_in_one_line(handed, settings, capsys):
    (handed / "earmark.toml").write_bytes(settings)
    status, _ = run(handed, "voucher", "list", capsys=capsys)
    assert status == 1


@pytest.mark.parametrize("name", ["earmark.toml", "record.db"])
def test_a_folder_a_link_or_rubbish_for_a_file_is_refused_in_one_line(handed, name, capsys, tmp_path):
    (handed / name).unlink()
    assert run(handed, "status", capsys=capsys)[0] == 1
    (handed / name).mkdir()
    assert run(handed, "status", capsys=capsys)[0] == 1
    (handed / name).rmdir()
    (handed / name).symlink_to("/etc/passwd")
    before = Path("/etc/passwd").read_bytes()
    assert run(handed, "status", capsys=capsys)[0] == 1
    assert Path("/etc/passwd").read_bytes() == before
    (handed / name).unlink()
    (handed / name).write_bytes(os.urandom(3000))
    assert run(handed, "status", capsys=capsys)[0] == 1


EXTRAS = {
    "a table": "CREATE TABLE extra (a)",
    "a view": "CREATE VIEW extra AS SELECT load_extension('/tmp/evil') AS a",
    "a trigger": "CREATE TRIGGER extra AFTER INSERT ON work_dirty BEGIN SELECT load_extension('/tmp/evil'); END",
    "a trigger on deletes": "CREATE TRIGGER extra AFTER DELETE ON work_dirty BEGIN SELECT writefile('/tmp/x', 'y'); END",
    "an index": "CREATE INDEX extra ON voucher (narration)",
    "a full-text table": "CREATE VIRTUAL TABLE extra USING fts5(a)",
    "a table of places": "CREATE VIRTUAL TABLE extra USING rtree(id, a, b)",
    "a name that a terminal would obey": 'CREATE TABLE "\x1b[31m" (a)',
}


@pytest.mark.parametrize("extra", EXTRAS.values(), ids=EXTRAS.keys())
def test_what_was_put_into_the_database_is_found(handed, extra, capsys):
    sql(handed, extra)
    # A virtual table may not even be looked at by the checks of storage: that is a finding too.
    assert "schema" in findings(handed)
    assert set(findings(handed)) <= {"schema", "storage", "unreadable"}
    assert run(handed, "verify", capsys=capsys)[0] == 3
    assert run(handed, "status", capsys=capsys)[0] == 0
    # A trigger that calls what the program does not have makes the change fail; nothing is half done.
    run(handed, "allot", "P001", "JT2024", "1", "--as", "zhang", capsys=capsys)


LEADING_OUT = {
    "a book": "INSERT OR REPLACE INTO work_dirty (book, month, mark) VALUES ('../../evil', '', 1)",
    "a month": "INSERT OR REPLACE INTO work_dirty (book, month, mark) VALUES ('SF', '../../../evil', 1)",
    "a paper": "DROP TRIGGER document_no_update; UPDATE document SET suffix = '/../../../../evil';"
    "INSERT OR REPLACE INTO work_dirty (book, month, mark) VALUES ('SF', '2024-03', 1)",
}


@pytest.mark.parametrize("statement", LEADING_OUT.values(), ids=LEADING_OUT.keys())
def test_names_in_the_record_lead_nowhere_else(handed, statement, capsys):
    outside = sorted(handed.parent.rglob("*evil*"))
    sql(handed, "PRAGMA foreign_keys = OFF", statement)
    run(handed, "status", capsys=capsys)
    assert sorted(handed.parent.rglob("*evil*")) == outside == []
    assert sorted(handed.parent.parent.glob("*evil*")) == []


def test_nothing_is_written_where_a_link_leads(handed, capsys, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("keep me", encoding="utf-8")
    for name in ("books.lock", "books/SF/2024-03.beancount.partial", "books/SF/main.beancount.partial"):
        (handed / name).unlink(missing_ok=True)
        (handed / name).symlink_to(precious)
    sql(handed, "INSERT OR REPLACE INTO work_dirty (book, month, mark) VALUES ('SF', '2024-03', 1), ('SF', '', 1)")
    run(handed, "status", capsys=capsys)
    (handed / "books.lock").unlink()
    run(handed, "status", capsys=capsys)
    (handed / "checkpoints").mkdir(exist_ok=True)
    for number in range(40):
        (handed / "checkpoints" / f"SF-{number:08}.txt").symlink_to(precious)
    run(handed, "checkpoint", "--as", "li", capsys=capsys)
    assert precious.read_text(encoding="utf-8") == "keep me"


def test_a_book_that_is_a_link_is_a_finding_and_is_not_written_into(handed, capsys, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (handed / "books" / "SF").rename(tmp_path / "aside")
    (handed / "books" / "SF").symlink_to(elsewhere)
    sql(handed, "INSERT OR REPLACE INTO work_dirty (book, month, mark) VALUES ('SF', '2024-03', 1)")
    assert run(handed, "verify", capsys=capsys)[0] == 3
    assert list(elsewhere.iterdir()) == []


def test_links_among_books_and_documents_are_found(handed, capsys):
    (handed / "books" / "SF" / "evil.beancount").symlink_to("/etc/passwd")
    [paper] = (handed / "documents").iterdir()
    paper.unlink()
    paper.symlink_to("/etc/passwd")
    assert set(findings(handed)) == {"stray", "document-missing"}


def test_the_key_of_another_office_is_found(handed, capsys, tmp_path):
    assert run(handed, "checkpoint", "--as", "li", capsys=capsys)[0] == 0
    (tmp_path / "other").mkdir()
    other = signing.make_key(tmp_path / "other", "earmark/other", "a long passphrase")
    (handed / "office.pub").write_text(other.verifier.text() + "\n", encoding="utf-8")
    assert run(handed, "verify", capsys=capsys)[0] == 3
    assert {code.partition("-")[0] for code in findings(handed)} <= {"checkpoint", "public", "head"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"x" * 100_000, b"a+b+c\n", b"\x1b[31m+x+y\n"])
def test_rubbish_for_a_key_is_refused_in_one_line(handed, content, capsys):
    run(handed, "checkpoint", "--as", "li", capsys=capsys)
    for name in ("office.pub", "office.key"):
        kept = (handed / name).read_bytes()
        (handed / name).write_bytes(content)
        assert run(handed, "checkpoint", "--as", "li", capsys=capsys)[0] == 1
        run(handed, "key", "show", capsys=capsys)
        run(handed, "verify", capsys=capsys)
        (handed / name).write_bytes(kept)


def test_rubbish_among_the_checkpoints_does_no_harm(handed, capsys):
    (handed / "checkpoints").mkdir(exist_ok=True)
    (handed / "checkpoints" / "\udcff.txt").write_bytes(os.urandom(100))
    (handed / "checkpoints" / "SF-00000001.txt").mkdir()
    assert run(handed, "checkpoint", "--as", "li", capsys=capsys)[0] == 0
    assert run(handed, "verify", capsys=capsys)[0] == 0
    for path in (handed / "checkpoints").iterdir():
        if path.is_file():
            run(handed, "verify", "--against", str(path), capsys=capsys)
            run(handed, "prove", "--since", str(path), capsys=capsys)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE work_draft SET proposal = '{'",
        "UPDATE work_draft SET proposal = replace(proposal, '\"P001\"', '\"P002\"')",
        "UPDATE work_draft SET request = '[]'",
        "UPDATE work_draft SET maker = 'wang'",
    ],
)
def test_a_damaged_draft_is_found_refused_and_can_be_dropped(handed, statement, capsys):
    assert run(handed, "allot", "P001", "JT2024", "1", "--as", "zhang", capsys=capsys)[0] == 0
    sql(handed, statement)
    assert findings(handed) == ["draft"]
    for command in (["voucher", "list"], ["voucher", "show", "D4"], ["voucher", "seal", "D4", "--as", "li"]):
        status, said = run(handed, *command, capsys=capsys)
        assert status == 1
        assert "Draft D4 of book SF is damaged" in said
    assert run(handed, "voucher", "drop", "D4", "--as", "li", capsys=capsys)[0] == 0
    assert findings(handed) == []


def test_a_damaged_answer_of_a_key_is_found_and_refused(handed, capsys):
    allot = ["allot", "P001", "JT2024", "1", "--as", "zhang", "--key", "slip 1"]
    assert run(handed, *allot, capsys=capsys)[0] == 0
    assert run(handed, *allot, capsys=capsys)[0] == 0
    sql(
        handed,
        "DROP TRIGGER command_key_no_update",
        "UPDATE command_key SET answer = replace(answer, 'D4', 'D5')",
        "CREATE TRIGGER command_key_no_update BEFORE UPDATE ON command_key "
        "BEGIN SELECT RAISE(ABORT, 'earmark: command_key stays as it is'); END",
    )
    assert findings(handed) == ["key"]
    status, said = run(handed, *allot, capsys=capsys)
    assert (status, "slip 1" in said) == (1, True)


def test_a_record_that_is_behind_its_books_leaves_them_as_the_proof(handed, capsys, tmp_path):
    """An old record put back, or a write-ahead log that lost its end: no later writing erases what the books tell."""
    old = (handed / "record.db").read_bytes()
    assert run(handed, "allot", "P001", "JT2024", "1", "--as", "zhang", "--date", "2024-03-30", capsys=capsys)[0] == 0
    assert run(handed, "voucher", "seal", "--all", "--as", "li", capsys=capsys)[0] == 0
    month = handed / "books" / "SF" / "2024-03.beancount"
    told = month.read_bytes()
    (handed / "record.db").write_bytes(old)
    assert "voucher-added" in findings(handed)
    # Somebody records on: the seal stands, the month stays as it is, and everybody is told.
    assert run(handed, "allot", "P001", "JT2024", "2", "--as", "zhang", "--date", "2024-03-31", capsys=capsys)[0] == 0
    _, said = run(handed, "voucher", "seal", "--all", "--as", "li", capsys=capsys)
    assert "books/SF/2024-03.beancount tells what the record does not have" in said
    assert month.read_bytes() == told
    status, said = run(handed, "verify", capsys=capsys)
    assert (status, "2024-03-0002" in said) == (3, True)
    # Who has looked into it writes the book again; what stood there is kept aside.
    assert run(handed, "book", "rewrite", "--reason", "looked into", "--as", "li", capsys=capsys)[0] == 0
    [aside] = handed.glob("books-aside-*/SF/2024-03.beancount")
    assert aside.read_bytes() == told

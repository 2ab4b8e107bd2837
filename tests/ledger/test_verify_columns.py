"""Every value of every sealed table, changed behind the program's back, is found: one column after the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date

import pysqlite3.dbapi2 as sqlite3
import pytest

from ledger import facts, people
from ledger.books.write import settle
from ledger.store import workspace as workspaces
from ledger.verify import verify
from projects.events import works

pytestmark = pytest.mark.sqlite

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
plan project=P001 channel=ZC2024 amount=650000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
receive project=P001 channel=ZC2024 amount=500 cash party=张三 person date=2024-02-01
contract contract=P001C01 parts=JT2024=300000 party=施工单位 date=2024-02-15
certify contract=P001C01 amount=300000 date=2024-03-25
pay contract=P001C01 amount=50000 date=2024-03-28
accept project=P001 quantity=3.5 observe=paved-road=5/5 date=2024-03-30
"""

UNSEALED = {
    "work_draft": "nothing of a draft is sealed",
    "work_draft_number": "a number on the desk",
    "work_dirty": "marks for the writing of books",
    "command_key": "answers to retries; what they answered stands in the log",
    "alembic_version": "says which steps were taken; the schema itself is compared",
    "workspace": "says which workspace the record belongs to; the program refuses another",
}
UNSEEN = {
    ("users", "full_name"): "personal data outside the log, so that it can be erased",
}


@pytest.fixture(scope="module")
def told(new_clerk, tmp_path_factory) -> Iterator[object]:
    """A village in whose record every sealed table has rows."""
    with new_clerk() as clerk:
        clerk.play(STORY)
        paper = clerk.workspace.path.parent / "slip.txt"
        paper.write_text("bank slip", encoding="utf-8")
        clerk.do("pay", contract="P001C01", amount="10000", date="2024-03-31", papers=[paper])
        undone = clerk.do("pay", contract="P001C01", amount="5", date="2024-03-31")
        clerk.do("reverse", voucher=undone, reason="记错", date="2024-03-31")
        with clerk.workspace.write() as unit:
            people.add_user(unit, "chen", roles=["auditor"])
            people.revoke(unit, "chen", roles=["auditor"])
            works.observe(unit, "SF", "paved-road", on="2024-01-01", numerator=2, denominator=5, evidence="普查")
            day = date(2024, 3, 31)
            facts.record(
                unit, "SF", "meeting", "P001", on=day, by="zhang", data={"ayes": 3}, private={"name": "王小明"}
            )
            unit.commit()
        settle(clerk.workspace)
        yield clerk


def columns(clerk) -> list[tuple[str, str, str, bool]]:
    """Return table, column, type and whether it may be empty, of every table that holds what is sealed."""
    found = []
    for (table,) in clerk.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        if table not in UNSEALED:
            found += [(table, row[1], row[2], not row[3]) for row in clerk.sql(f'PRAGMA table_info("{table}")')]
    return found


def test_every_table_that_holds_something_sealed_has_rows_here(told):
    tables = {table for table, *_ in columns(told)}
    assert [table for table in sorted(tables) if told.sql(f'SELECT count(*) FROM "{table}"')[0][0] == 0] == []
    assert UNSEALED.keys() <= {"alembic_version", "workspace"} | {
        name for (name,) in told.sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    }


def test_nothing_is_found_before_anything_is_changed(told):
    assert [finding for check in verify(told.workspace) for finding in check.findings] == []


@pytest.mark.slow
def test_every_column_that_is_changed_is_found(told, tmp_path):
    unseen = []
    for table, column, kind, empty in columns(told):
        changed = f'"{column}" + 1' if kind == "INTEGER" else f"\"{column}\" || 'x'"
        values = [changed] + (["0" if kind == "INTEGER" else "'x'"] if empty else [])
        for value in values:
            where = f'WHERE rowid = (SELECT max(rowid) FROM "{table}" WHERE "{column}" IS NOT {value})'
            assert told.sql(f'SELECT count(*) FROM "{table}" {where} AND "{column}" IS NOT {value}')[0][0] or empty
            if not told.sql(f'SELECT 1 FROM "{table}" {where} AND {value} IS NOT NULL'):
                continue
            if not changes(told, tmp_path, f'UPDATE "{table}" SET "{column}" = {value} {where}'):
                unseen.append((table, column))
    assert sorted(set(unseen)) == sorted(UNSEEN)


def test_every_row_that_is_taken_out_is_found(told, tmp_path):
    tables = sorted({table for table, *_ in columns(told)})
    unseen = [
        table
        for table in tables
        if not changes(told, tmp_path, f'DELETE FROM "{table}" WHERE rowid = (SELECT max(rowid) FROM "{table}")')
    ]
    assert unseen == [], "personal data too: an erasure is an event of the log"


def changes(told, tmp_path, statement: str) -> list[str]:
    """Tamper with a copy of the record, references included, and return what is found there."""
    path = tmp_path / "copy"
    told.workspace.close()
    shutil.copytree(told.workspace.path, path)
    record = sqlite3.connect(path / "record.db", isolation_level=None)
    record.execute("PRAGMA ignore_check_constraints = ON")
    rules = record.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in rules:
        record.execute(f"DROP TRIGGER {name}")
    assert record.execute(statement).rowcount == 1, statement
    for _, rule in rules:
        record.execute(rule)
    record.close()
    copy = workspaces.open_workspace(path, clock=told.clock)
    try:
        return [finding.code for check in verify(copy) for finding in check.findings]
    finally:
        copy.close()
        shutil.rmtree(path)

"""The guard of the program's own connection: SQL that would change what is sealed, or the rules, is not even prepared.

Each attack is made through the connection of `Workspace.write`. Then it is made again with the guard taken off: either a
trigger refuses it, or it gets through. So no attack here is refused for some other reason.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from ledger import messages
from ledger.errors import StatementRefused
from ledger.store import guard
from ledger.verify import verify
from projects.cli import main

pytestmark = pytest.mark.sqlite

STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
receive project=P001 channel=JT2024 amount=600 date=2024-02-01
contract contract=P001C01 parts=JT2024=500 party=施工单位 date=2024-02-15
"""
SCHEMA = json.loads(files("ledger.store.migrations").joinpath("schema.json").read_text(encoding="utf-8"))
TABLES = [name for name, (kind, _) in SCHEMA.items() if kind == "table"]
SEALED = [name for name in TABLES if not name.startswith("work_") and name != "alembic_version"]

STOPPED, THROUGH = "a trigger stops it", "it gets through"
ATTACKS = {
    "UPDATE voucher SET narration = 'x'": STOPPED,
    "UPDATE voucher SET rowid = rowid + 100": STOPPED,
    "UPDATE OR IGNORE log_leaf SET leaf = '{}'": STOPPED,
    "UPDATE posting SET amount = amount * 2": STOPPED,
    "DELETE FROM posting": STOPPED,
    "DELETE FROM voucher WHERE 0": THROUGH,
    "UPDATE balance SET amount = amount + 100": STOPPED,
    "UPDATE balance SET amount = amount": STOPPED,
    "UPDATE budget_line SET position = 9": STOPPED,
    "UPDATE private_value SET value = 'x'": STOPPED,
    "INSERT INTO voucher SELECT * FROM voucher WHERE true ON CONFLICT DO UPDATE SET narration = 'x'": STOPPED,
    "UPDATE alembic_version SET version_num = '0001'": THROUGH,
    "DELETE FROM alembic_version": THROUGH,
    "INSERT INTO alembic_version VALUES ('9999')": THROUGH,
    "DROP TRIGGER voucher_no_update": THROUGH,
    "DROP TABLE private_value": THROUGH,
    "DROP TABLE IF EXISTS work_dirty": THROUGH,
    "CREATE TRIGGER voucher_moves_balances_too AFTER INSERT ON voucher BEGIN DELETE FROM balance; END": THROUGH,
    "CREATE TEMP TRIGGER quiet BEFORE INSERT ON voucher BEGIN SELECT RAISE(IGNORE); END": THROUGH,
    "CREATE TABLE other (a)": THROUGH,
    "CREATE TEMP TABLE other (a)": THROUGH,
    "CREATE TABLE other AS SELECT * FROM voucher": THROUGH,
    "CREATE VIEW other AS SELECT 1": THROUGH,
    "CREATE TEMP VIEW voucher AS SELECT 1": THROUGH,
    "CREATE INDEX other ON voucher (date)": THROUGH,
    "CREATE VIRTUAL TABLE other USING fts5(a)": THROUGH,
    "ALTER TABLE voucher RENAME TO was_voucher": THROUGH,
    "ALTER TABLE voucher ADD COLUMN other TEXT": THROUGH,
    "ALTER TABLE document DROP COLUMN size": THROUGH,
    "ANALYZE": THROUGH,
    "REINDEX": THROUGH,
    "PRAGMA writable_schema = ON": THROUGH,
    "PRAGMA main.Writable_Schema(1)": THROUGH,
    "PRAGMA foreign_keys = OFF": THROUGH,
    "PRAGMA defer_foreign_keys = ON": THROUGH,
    "PRAGMA ignore_check_constraints = ON": THROUGH,
    "PRAGMA recursive_triggers = OFF": THROUGH,
    "PRAGMA trusted_schema = ON": THROUGH,
    "PRAGMA legacy_alter_table = ON": THROUGH,
    "PRAGMA schema_version = 7": THROUGH,
    "PRAGMA user_version = 7": THROUGH,
    "PRAGMA optimize": THROUGH,
    "PRAGMA fullfsync = OFF": THROUGH,
    "PRAGMA wal_autocheckpoint = 0": THROUGH,
    "PRAGMA locking_mode = EXCLUSIVE": THROUGH,
}
OUTSIDE = {
    "ATTACH ':memory:' AS other": THROUGH,
    "DETACH other": "no such database: other",
    "PRAGMA journal_mode = DELETE": THROUGH,
    "PRAGMA main.journal_mode(OFF)": THROUGH,
    "PRAGMA synchronous = OFF": THROUGH,
    "VACUUM": THROUGH,
    "SELECT load_extension('libc')": "not authorized",
}
"""What does something else, or nothing, within a unit of work: it is tried outside of one."""


@pytest.fixture
def village(clerk: Any) -> Any:
    """A village with sealed vouchers, one with personal data."""
    clerk.play(STORY)
    clerk.do("receive", project="P001", channel="JT2024", amount="1", person=True, party="王小明")
    return clerk


def test_the_connection_of_the_program_refuses_the_statement_itself(village, unchanged):
    deeds = ["UPDATE", "DELETE", "INSERT", "DROP", "CREATE", "ALTER", "ANALYZE", "REINDEX", "PRAGMA"]
    with unchanged():
        for statement in ATTACKS:
            with village.workspace.write() as unit, pytest.raises(StatementRefused) as caught:
                unit.connection.exec_driver_sql(statement)
            assert str(caught.value.facts["deed"]).split()[0] in deeds, statement
    assert [finding for check in verify(village.workspace) for finding in check.findings] == []


def test_without_the_guard_each_gets_through_or_comes_to_a_trigger(village):
    for statement, then in ATTACKS.items():
        with village.workspace.write() as unit, guard.lifted(unit.connection):
            if then is THROUGH:
                unit.connection.exec_driver_sql(statement)
            else:
                with pytest.raises(IntegrityError, match="earmark: "):
                    unit.connection.exec_driver_sql(statement)
        # A setting of the connection outlives the unit of work.
        village.workspace.close()


@pytest.mark.parametrize(("statement", "then"), OUTSIDE.items())
def test_outside_of_a_unit_of_work_it_is_refused_as_well(village, statement, then):
    connection, held = _bare(village)
    with pytest.raises(held.Error, match=r"not authorized|authorization denied"):
        connection.execute(statement)
    watching = _guard(village)
    deed = {"VACUUM": "ATTACH", "SELECT": "FUNCTION"}.get(statement.split()[0], statement.split()[0])
    assert watching.refused.split()[0] == deed
    watching.lift()
    if then is THROUGH:
        connection.execute(statement)
    else:
        with pytest.raises(held.Error, match=then):
            connection.execute(statement)


def test_no_column_of_a_sealed_table_is_updated_and_no_row_deleted(village):
    with village.workspace.read() as connection:
        columns = [
            (table, row[1]) for table in SEALED for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")
        ]
    assert {table for table, _ in columns} == set(SEALED)
    with village.workspace.write() as unit:
        for table, column in set(columns) - guard.MAY_CHANGE:
            with pytest.raises(StatementRefused, match=f"UPDATE {table}.{column}"):
                unit.connection.exec_driver_sql(f'UPDATE {table} SET "{column}" = "{column}" WHERE 0')
        for table in set(SEALED) - guard.MAY_DELETE:
            with pytest.raises(StatementRefused, match=f"DELETE {table}"):
                unit.connection.exec_driver_sql(f"DELETE FROM {table} WHERE 0")


def test_the_guard_lets_rows_go_only_where_no_trigger_keeps_them():
    kept = {name.removesuffix("_no_delete") for name in SCHEMA if name.endswith("_no_delete")}
    assert set(SEALED) - kept == guard.MAY_DELETE
    assert guard.MOVES_BALANCES in SCHEMA


def test_a_row_put_over_another_is_only_an_insert_for_the_guard_and_the_triggers_refuse_it(village, unchanged):
    """SQLite tells neither the authorizer nor the delete triggers of the row that INSERT OR REPLACE takes away."""
    told = []
    watching = _guard(village)
    _bare(village)[0].set_authorizer(lambda *call: told.append(call) or watching(*call))
    with unchanged(), village.workspace.write() as unit:
        for table, row in [
            ("voucher", "SELECT * FROM voucher"),
            ("balance", "SELECT book, account, commodity, floor_side, 0 FROM balance"),
            ("private_value", "SELECT * FROM private_value"),
        ]:
            told.clear()
            with pytest.raises(IntegrityError, match="earmark: "):
                unit.connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} {row}")
            deeds = {(action, first) for action, first, _, _, trigger in told if trigger is None}
            assert (_sqlite().SQLITE_INSERT, table) in deeds
            assert (_sqlite().SQLITE_DELETE, table) not in deeds


def test_a_statement_prepared_before_the_guard_came_is_refused_after_it(village):
    statement = "UPDATE balance SET amount = amount WHERE 0"
    connection, held = _bare(village)
    _guard(village).lift()
    connection.execute(statement)
    _guard(village).impose()
    with pytest.raises(held.DatabaseError, match="not authorized"):
        connection.execute(statement)


def test_settings_may_be_asked_for_and_not_set(village):
    with village.workspace.write() as unit:
        for pragma in guard.MAY_READ - guard.MAY_RUN:
            unit.connection.exec_driver_sql(f"PRAGMA {pragma}").all()
            with pytest.raises(StatementRefused, match=pragma):
                unit.connection.exec_driver_sql(f"PRAGMA {pragma} = 1")


def test_every_connection_of_a_workspace_has_its_guard(village):
    with village.workspace.read() as one, village.workspace.read() as other:
        assert one.info[guard._KEY] is not other.info[guard._KEY]
        for connection in (one, other):
            with pytest.raises(StatementRefused):
                connection.exec_driver_sql("DELETE FROM voucher")


def test_an_error_of_another_kind_stays_what_it_is(village):
    with village.workspace.write() as unit, pytest.raises(StatementRefused):
        unit.connection.exec_driver_sql("DELETE FROM voucher")
    with village.workspace.write() as unit, pytest.raises(IntegrityError, match="earmark: a balance opens at zero"):
        unit.connection.exec_driver_sql("INSERT INTO balance VALUES ('SF', 'x', 'JT2024', 1, 5)")


@pytest.mark.parametrize("lang", messages.LANGS)
def test_a_user_whom_it_reached_would_read_one_sentence(village, lang, monkeypatch, capsys):
    def broken(workspace: Any) -> int:
        with workspace.write() as unit:
            unit.connection.exec_driver_sql("DELETE FROM voucher")
        return 0

    monkeypatch.setattr("projects.cli.session.settle", broken)
    code = main.run(["--workspace", str(village.workspace.path), "--lang", lang, "status"])
    said = capsys.readouterr().err
    assert code == main.REFUSED
    assert said.count("\n") == 1
    assert "DELETE voucher" in said


def _sqlite() -> Any:
    import pysqlite3.dbapi2 as sqlite3

    return sqlite3


def _bare(village: Any) -> tuple[Any, Any]:
    """Return the driver's own connection of the pool, and the driver."""
    with village.workspace.read() as connection:
        return connection.connection.dbapi_connection, _sqlite()


def _guard(village: Any) -> guard.Guard:
    with village.workspace.read() as connection:
        return connection.info[guard._KEY]

"""The steps of the record lead to the tables, and a record of a newer program is left alone."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import cluster
import pysqlite3.dbapi2 as sqlite3
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from cluster import POSTGRESQL
from sqlalchemy import Connection, Text, create_engine, inspect, text
from sqlmodel import SQLModel

from ledger import chart
from ledger.books.write import settle
from ledger.errors import WorkspaceNewer, WorkspaceUnfit
from ledger.store import migrations, postgresql, tables
from ledger.store import workspace as workspaces
from ledger.store.engine import connect
from ledger.store.guard import lifted
from ledger.store.workspace import Workspace
from ledger.verify import verify
from ledger.verify.record import schema_of

FOLDER = Path(migrations.__file__).parent
TABLES = sorted(SQLModel.metadata.tables)
OWN = {"workspace", "login_book"} if POSTGRESQL else set()
"""What a database has beside the tables of the record: whose it is, and whom it lets in."""


def test_the_steps_lead_to_the_tables(workspace: Workspace) -> None:
    with workspace.read() as connection:
        found = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert [each for each in found if not (each[0] == "remove_table" and each[1].name in OWN)] == []


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """What the tables would be if they were made from their declarations."""
    if POSTGRESQL:
        engine = create_engine(cluster.shared().url(cluster.shared().make(), "owner"))
    else:
        engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('declared') / 'record.db'}")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        found = {table: _table(connection, table) for table in TABLES}
    engine.dispose()
    return found


def _table(connection: Connection, table: str) -> dict[str, object]:
    """Return what Alembic does not compare: checks, keys, uniques, strictness."""
    look = inspect(connection)
    strict = POSTGRESQL or connection.exec_driver_sql(f"SELECT strict FROM pragma_table_list('{table}')").scalar()
    return {
        "columns": [
            (each["name"], str(each["type"]).partition(" COLLATE")[0], each["nullable"], each.get("primary_key"))
            for each in look.get_columns(table)
        ],
        "checks": sorted((each["name"], each["sqltext"]) for each in look.get_check_constraints(table)),
        "keys": sorted(
            (each["constrained_columns"], each["referred_table"], each["referred_columns"])
            for each in look.get_foreign_keys(table)
        ),
        "uniques": sorted(each["column_names"] for each in look.get_unique_constraints(table)),
        "strict": bool(strict),
    }


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_the_limits_that_are_declared(
    table: str, workspace: Workspace, declared: dict[str, dict[str, object]]
) -> None:
    with workspace.read() as connection:
        assert _table(connection, table) == declared[table]


@pytest.mark.sqlite
@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_strict(table: str, workspace: Workspace) -> None:
    with workspace.read() as connection:
        assert _table(connection, table)["strict"] is True


@pytest.mark.parametrize("table", TABLES)
def test_text_is_ordered_by_its_bytes(table: str, workspace: Workspace) -> None:
    with workspace.read() as connection:
        kinds = [each["type"] for each in inspect(connection).get_columns(table)]
    assert {kind.collation for kind in kinds if isinstance(kind, Text)} <= ({"C"} if POSTGRESQL else {None})


def test_no_table_is_there_that_is_not_declared(workspace: Workspace) -> None:
    with workspace.read() as connection:
        assert set(inspect(connection).get_table_names()) == {*TABLES, *OWN, "alembic_version"}
    assert tables.Posting.__tablename__ in TABLES


def test_the_head_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    files = sorted(path.name for path in (FOLDER / "versions").glob("[0-9]*.py"))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]
    assert files[-1].startswith(f"{migrations.HEAD}_")


def test_steps_are_frozen() -> None:
    for path in (FOLDER / "versions").glob("[0-9]*.py"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (ledger|projects|importers|sqlmodel)", source, re.MULTILINE), path.name
        assert "batch_alter_table" not in source, f"{path.name}: batch mode drops triggers without a word"


def test_a_new_record_is_at_the_head(workspace: Workspace) -> None:
    with workspace.read() as connection:
        assert migrations.revision(connection) == migrations.HEAD


def test_migrating_twice_changes_nothing(workspace: Workspace) -> None:
    with workspace.write() as unit:
        before = schema_of(unit.connection)
        migrations.migrate(unit.connection)
        assert schema_of(unit.connection) == before


def _copy(template: Path, to: Path) -> Path:
    shutil.copytree(template, to)
    return to


def test_a_record_of_a_newer_program_is_refused_and_left_as_it_was(
    template: Path, tmp_path: Path, dump: Callable[[Connection], object]
) -> None:
    path = _copy(template, tmp_path / "ws")
    if POSTGRESQL:
        owner = cluster.shelf().find(path).owner
        assert owner is not None
        engine = postgresql.connect(owner)
    else:
        engine = connect(path / "record.db")
    with engine.connect().execution_options(writes=True) as connection, connection.begin(), lifted(connection):
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with engine.connect() as connection:
        before = dump(connection)
    with pytest.raises(WorkspaceNewer) as caught:
        workspaces.open_workspace(path)
    assert caught.value.facts == {"revision": "9999", "head": migrations.HEAD}
    with engine.connect() as connection:
        assert dump(connection) == before
    engine.dispose()


@pytest.mark.sqlite
def test_a_record_that_is_no_database_is_refused_and_left_as_it_was(template: Path, tmp_path: Path) -> None:
    path = _copy(template, tmp_path / "ws")
    (path / "record.db").write_bytes(b"this is no database, but a letter" * 200)
    with pytest.raises(WorkspaceUnfit):
        workspaces.open_workspace(path)
    assert (path / "record.db").read_bytes() == b"this is no database, but a letter" * 200


def test_the_schema_that_verify_compares_with_is_what_the_migrations_make(
    blank_clerk: Callable[[], AbstractContextManager[Any]],
) -> None:
    """Regenerate with EARMARK_REGENERATE=1 after a new migration, on each engine."""
    golden = FOLDER / ("schema.postgresql.json" if POSTGRESQL else "schema.json")
    with blank_clerk() as clerk, clerk.workspace.read() as connection:
        made = dict(sorted(schema_of(connection).items()))
    if os.environ.get("EARMARK_REGENERATE"):
        golden.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert json.loads(golden.read_text(encoding="utf-8")) == made


FILLED = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
receive project=P001 channel=JT2024 amount=900 party=王小明 person date=2024-01-11
contract contract=P001C01 parts=JT2024=700 date=2024-02-01
certify contract=P001C01 amount=333.33 date=2024-03-01
pay contract=P001C01 amount=300 date=2024-03-02
reverse voucher=V2024-03-0002 reason=退回 date=2024-03-04
accept project=P001 quantity=3.5 observe=paved-road=5/5 date=2024-03-20
"""
EARLIER = sorted(path.name[:4] for path in (FOLDER / "versions").glob("[0-9]*.py"))[2 if POSTGRESQL else 0 : -1]
"""Every version before this one; the first that knew a server was the third."""


@pytest.mark.parametrize("version", EARLIER)
def test_a_filled_record_of_every_earlier_version_is_brought_up_to_date(clerk: Any, version: str) -> None:
    """Rows, rules and books are then what they are in a record that was new from the start."""
    clerk.begin(FILLED)
    clerk.draft("receive", project="P001", channel="JT2024", amount="1", date="2024-03-21", key="k1")
    with clerk.workspace.read() as connection:
        rules = schema_of(connection)
        rows = _rows(connection)
    settle(clerk.workspace)
    path, books = clerk.workspace.path, clerk.workspace.books
    texts = {each: each.read_bytes() for each in books.rglob("*") if each.is_file()}
    clerk.workspace.close()
    (_older_database if POSTGRESQL else _older_file)(path, version)
    if version < "0003":
        # As the first program left them: no registers, no log of the office, and a head that knows neither.
        (books / "office.beancount").unlink()
        (books / "SF" / "register.beancount").unlink()
        head = books / "SF" / "main.beancount"
        head.write_bytes(head.read_bytes().replace(b'include "register.beancount"\n', b""))
    opened = workspaces.open_workspace(path)
    with opened.read() as connection:
        assert (migrations.revision(connection), _rows(connection)) == (migrations.HEAD, rows)
        assert schema_of(connection) == rules
    settle(opened)
    assert {each: each.read_bytes() for each in books.rglob("*") if each.is_file()} == texts
    assert [each.code for check in verify(opened) for each in check.findings] == []
    opened.close()


def _rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table but the marks for the writing of books, which a new version makes."""
    return {table: rows for table, rows in cluster.rows_of(connection).items() if table in {*TABLES} - {"work_dirty"}}


def _upgrade(connection: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    with lifted(connection):
        command.upgrade(config, version)


def _older_file(path: Path, version: str) -> None:
    """Put the rows of a record into a file that an earlier version made, with the rules of its time."""
    newer = path / "newer.db"
    (path / "record.db").rename(newer)
    engine = connect(path / "record.db")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        _upgrade(connection, version)
    engine.dispose()
    with closing(sqlite3.connect(path / "record.db", isolation_level=None)) as record:
        record.execute("ATTACH ? AS newer", (str(newer),))
        rules = record.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        tables = record.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        for name, _ in rules:
            record.execute(f"DROP TRIGGER main.{name}")
        for (table,) in tables:
            if table != "alembic_version":
                names = ", ".join(f'"{row[1]}"' for row in record.execute(f'PRAGMA main.table_info("{table}")'))
                record.execute(f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM newer."{table}"')
        for _, rule in rules:
            record.execute(rule)
    newer.unlink()


def _older_database(path: Path, version: str) -> None:
    """Put the rows of a record into a database that an earlier version made, with the rules of its time."""
    server, newer = cluster.shared(), cluster.shelf().name(path)
    older = server.make()
    engine = postgresql.connect(server.url(older, "owner"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        _upgrade(connection, version)
    engine.dispose()
    triggers = "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger WHERE NOT tgisinternal"
    columns = (
        "SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) "
        "FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version' GROUP BY 1"
    )
    with server.connect(newer) as source, server.connect(older) as target:
        rules = target.execute(triggers).fetchall()
        for table, _ in rules:
            target.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        with target.transaction():
            target.execute("SET LOCAL session_replication_role = replica")
            for table, names in target.execute(columns).fetchall():
                rows = source.execute(f"SELECT {names} FROM {table}").fetchall()
                with target.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        for table, name in rules:
            target.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    cluster.shelf().keep(path, older)


def test_an_older_record_learns_the_roles_that_its_chart_has_gained() -> None:
    """Accounts of a role that the record does not know could not be opened."""
    engine = connect(None)
    with engine.connect() as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        with lifted(connection):
            command.upgrade(config, "0004")
        old = {"chart": chart.DEFAULT, "role": "cash", "normal": 1, "floored": 1, "mirror": "", "floating": 0}
        insert = "INSERT INTO chart_role VALUES (:chart, :role, :normal, :floored, :mirror, :floating)"
        connection.execute(text(insert), old)
        migrations.migrate(connection)
        rows = connection.execute(text("SELECT role, normal, floored, mirror, floating FROM chart_role")).all()
    engine.dispose()
    roles = chart.load().roles
    assert {row[0] for row in rows} >= {"cash", "repair", "deposit_bank", "productive_asset"}
    for name, *like in rows:
        role = roles[name]
        assert like == [role.normal, int(role.floor), role.mirror, int(role.floating)]

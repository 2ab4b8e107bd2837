"""A village's workspace for every test: a clock that stands still, salts that repeat, a clerk, an approver.

The workspace is built once and copied for each test. A clerk's work is written as lines such as
``receive project=P001 channel=JT2024 amount=500000``; a list is written with commas, a flag stands alone.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import cluster
import pysqlite3.dbapi2 as sqlite3
import pytest
from cluster import POSTGRESQL, Rows, native, rows_of
from hypothesis import settings
from publication import Call
from sqlalchemy import Connection

from ledger import channels, checkpoints, keyring, people, register, signing
from ledger.books.write import settle
from ledger.money import plain
from ledger.signing import Signer
from ledger.store import postgresql
from ledger.store import workspace as workspaces
from ledger.store.guard import lifted
from ledger.store.workspace import Workspace
from projects import registry
from projects.cli.main import run
from projects.demo import build
from projects.demo.builder import PASSPHRASE
from projects.desk import Desk
from projects.policy.file import number
from projects.policy.override import override

# Beancount would leave a pickle beside a book that was slow to load, and execute it the next time.
os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")

if POSTGRESQL:
    workspaces.named = lambda path: cluster.shelf().find(path)

CHINA = timezone(timedelta(hours=8))
BOOK = "SF"
CHANNELS = [
    ("JT2024", "交通部门专项补助", "department"),
    ("ZC2024", "农户自筹", "households"),
    ("JZ2024", "定向社会捐资", "donation_tied"),
    ("SN2024", "农业部门实物补助", "in_kind"),
    ("TG2024", "投工投劳折资", "labour"),
    ("JL2024", "以奖代补", "department"),
    ("CJ2024", "村集体自有资金", "collective"),
    ("WS2024", "卫生部门专项补助", "department"),
]
ROAD = {
    "JT2024": 880_000_00,
    "ZC2024": 650_000_00,
    "JZ2024": 220_000_00,
    "SN2024": 20_200_00,
    "TG2024": 30_000_00,
    "JL2024": 50_000_00,
    "CJ2024": 5_000_00,
}
CLINIC = {"WS2024": 300_000_00, "JZ2024": 50_000_00, "CJ2024": 20_000_00}
LISTS = {"invoices", "parts", "observe", "lines", "assets", "items", "assigned"}


class Clock:
    """A clock that shows what it was set to."""

    def __init__(self) -> None:
        self.now = datetime(2025, 12, 31, 9, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: str, hour: int = 9) -> None:
        self.now = datetime.combine(date.fromisoformat(day), datetime.min.time(), CHINA) + timedelta(hours=hour)


class Salts:
    """Salts that are the same in every run."""

    def __init__(self) -> None:
        self.given = 0

    def __call__(self) -> bytes:
        self.given += 1
        return hashlib.sha256(f"salt {self.given}".encode()).digest()[:16]


class Clerk:
    """The desk of the book SF: Zhang drafts, Li seals, Zhao signs."""

    passphrase = "correct horse battery"  # noqa: S105 - of keys that live as long as a test
    signer: Signer

    def __init__(self, workspace: Workspace, clock: Clock, stories: Stories | None = None) -> None:
        self.workspace = workspace
        self.clock = clock
        self.day = "2024-03-01"
        self._stories = stories

    def begin(self, story: str) -> list[str]:
        """Start where a story ends and return its numbers: it is played once, and copied for every test."""
        assert self._stories is not None, "an empty workspace has no stories"
        told, numbers = self._stories.tell(tuple(_lines(story)))
        path, salts = self.workspace.path, Salts()
        salts.given = 1000
        self.workspace.close()
        shutil.rmtree(path)
        shutil.copytree(told, path)
        self.workspace = workspaces.open_workspace(path, clock=self.clock, salts=salts)
        return list(numbers)

    def at(self, user: str) -> Desk:
        return Desk(self.workspace, user, BOOK)

    def draft(
        self, verb: str, *, user: str = "zhang", key: str | None = None, papers: Any = None, **typed: Any
    ) -> dict[str, Any]:
        """Draft an event; without a date it is of the clerk's day."""
        return self.at(user).record(verb, {"date": self.day} | typed, key=key, papers=papers)

    def seal(self, label: str, *, user: str = "li") -> str:
        """Seal a draft and return the voucher's number."""
        return str(self.at(user).seal(label)["number"])

    def do(self, verb: str, **typed: Any) -> str:
        """Draft and seal an event and return the voucher's number."""
        return self.seal(self.draft(verb, **typed)["draft"])

    def play(self, story: str) -> list[str]:
        """Draft and seal what is written line by line and return the numbers."""
        return [self.do(verb, **typed) for verb, typed in map(read_line, _lines(story))]

    def county(self, *numbers: str, start: str = "2024-01-01") -> None:
        """Let a county's numbers hold, each written as ``advance.most=100 percent``."""
        if not numbers:
            return
        found = {}
        for each in numbers:
            key, _, said = each.partition("=")
            *value, unit = said.split()
            typed = value if unit == "gates" else int(value[0]) if unit in {"days", "months", "workdays"} else value[0]
            found[key] = number(key, {"value": typed, "unit": unit, "document": "县里的规定"}).fields
        with self.workspace.write() as unit_of_work:
            paper = ("0" * 64, ".txt", 1)
            override(unit_of_work, found, start=date.fromisoformat(start), by="li", papers=[paper])
            unit_of_work.commit()

    def make_key(self, *, seed: bytes | None = None, logged: bool = False) -> Signer:
        """Give the office a key under the passphrase, of which its log knows if it shall."""
        path, office = self.workspace.path, self.workspace.settings.office
        self.signer = signing.make_key(path, office, self.passphrase, seed=seed)
        if logged:
            with self.workspace.write() as unit:
                keyring.log_made(unit, self.signer)
                unit.commit()
        return self.signer

    def sign(self, of: str = BOOK) -> str:
        """Sign what a log is now, with the key that was made last, and return the note."""
        with self.workspace.write() as unit:
            note = checkpoints.sign(unit, self.signer, of, user="zhao")
            unit.commit()
        settle(self.workspace)
        return note

    def try_draft(self, line: str) -> dict[str, Any]:
        """Draft what is written in one line."""
        verb, typed = read_line(line)
        return self.draft(verb, **typed)

    def balances(self) -> dict[tuple[str, str], int]:
        """Return what stands in every account and commodity, zero left out."""
        with self.workspace.read() as connection:
            query = "SELECT account, commodity, amount FROM balance WHERE book = 'SF' AND amount <> 0"
            return {(row[0], row[1]): row[2] for row in connection.exec_driver_sql(query)}

    def entry(self, number: str) -> str:
        """Return the postings of a voucher as the books show them, one a line."""
        query = (
            "SELECT p.account, p.amount, c.scale, p.commodity FROM posting p JOIN commodity c ON c.code = p.commodity "
            "JOIN voucher v ON v.book = p.book AND v.seq = p.seq WHERE p.book = 'SF' AND v.number = ? ORDER BY p.line"
        )
        rows = self.sql(query, number)
        return "\n".join(f"{row[0]} {plain(row[1], row[2])} {row[3]}" for row in rows)

    def sql(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query on the record."""
        with self.workspace.read() as connection:
            return [_whole(row) for row in connection.exec_driver_sql(native(query), values)]

    def tamper(self, *statements: str) -> None:
        """Change the record as a careful intruder would: rules out of the way, the change, the rules put back."""
        if POSTGRESQL:
            _tamper(cluster.shelf().name(self.workspace.path), statements)
            return
        with self.intruder() as connection:
            rules = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in rules:
                connection.execute(f"DROP TRIGGER {name}")
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                assert connection.execute(statement).rowcount, f"{statement} touches nothing"
            for _, rule in rules:
                connection.execute(rule)

    @contextmanager
    def intruder(self) -> Iterator[Any]:
        """Open the record with a connection of one's own, as another program would: no guard, no foreign keys."""
        connection = sqlite3.connect(self.workspace.record)
        connection.isolation_level = None
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()

    @contextmanager
    def lawless(self) -> Iterator[Connection]:
        """Open a transaction in which no trigger is left, only keys and checks; it is never kept."""
        engine = self.workspace.engine
        if POSTGRESQL:
            engine = postgresql.connect(cluster.shelf().find(self.workspace.path).owner)
        with (
            engine.connect().execution_options(writes=True) as connection,
            connection.begin() as transaction,
            lifted(connection),
        ):
            _drop_rules(connection)
            yield connection
            transaction.rollback()
        if POSTGRESQL:
            engine.dispose()

    def dump(self) -> Rows:
        """Return every row of every table."""
        with self.workspace.read() as connection:
            return rows_of(connection)


class Stories:
    """Workspaces in which a story was played, each made from the one a line shorter."""

    def __init__(self, template: Path, folder: Path) -> None:
        self._folder = folder
        self._told: dict[tuple[str, ...], tuple[Path, list[str]]] = {(): (template, [])}

    def tell(self, lines: tuple[str, ...]) -> tuple[Path, list[str]]:
        if lines not in self._told:
            before, numbers = self.tell(lines[:-1])
            path = self._folder / f"{len(self._told)}"
            shutil.copytree(before, path, dirs_exist_ok=True)
            clock = Clock()
            workspace = workspaces.open_workspace(path, clock=clock, salts=Salts())
            try:
                last = Clerk(workspace, clock).play(lines[-1])
            finally:
                workspace.close()
            self._told[lines] = path, numbers + last
        return self._told[lines]


def _whole(row: Any) -> tuple[Any, ...]:
    """Return a row with sums as whole numbers: PostgreSQL adds them up as numeric."""
    return tuple(int(each) if isinstance(each, Decimal) else each for each in row)


def _drop_rules(connection: Connection) -> None:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if POSTGRESQL:
        query = "SELECT tgname || ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    for name in connection.exec_driver_sql(query).scalars().all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _tamper(name: str, statements: tuple[str, ...]) -> None:
    with cluster.shared().connect(name) as connection, connection.transaction():
        rules = connection.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
        ).fetchall()
        tables = sorted({table for table, _ in rules})
        for table in tables:
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            assert connection.execute(statement).rowcount, f"{statement} touches nothing"
        for table in tables:
            connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        for table, rule in rules:
            connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {rule}")


def read_line(line: str) -> tuple[str, dict[str, Any]]:
    """Return the verb and what was typed."""
    verb, *words = shlex.split(line)
    typed: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        typed[name] = value.split(",") if name in LISTS else value if equals else True
    return verb, typed


def _lines(story: str) -> list[str]:
    return [line.strip() for line in story.splitlines() if line.strip()]


def pytest_configure(config: pytest.Config) -> None:
    """Let tests leave a workspace open at their end: the server is told when the connection is collected."""
    config.addinivalue_line(
        "filterwarnings", "ignore:.*psycopg.Connection.* was deleted while still open:ResourceWarning"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the files of SQLite where the record is not one."""
    if POSTGRESQL:
        about_files = [item for item in items if item.get_closest_marker("sqlite")]
        config.hook.pytest_deselected(items=about_files)
        items[:] = [item for item in items if not item.get_closest_marker("sqlite")]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The village with its book, users, channels, banks and projects, before anything happens."""
    path = tmp_path_factory.mktemp("template") / "ws"
    made = workspaces.create(path, clock=Clock(), salts=Salts())
    with made.write() as unit:
        for name, role in [("zhang", "maker"), ("wang", "maker"), ("li", "approver"), ("zhao", "auditor")]:
            people.add_user(unit, name, roles=[role])
        registry.add_village(unit, "V13", name="示范村")
        register.add_book(unit, BOOK, village="V13", name="示范村专账", started_on=date(2024, 1, 1))
        for code, name, source in CHANNELS:
            channels.add_channel(unit, code, name=name, source=source)
        channels.add_good(unit, "CEMENT", name="水泥", unit_name="吨", scale=3)
        register.add_bank(unit, BOOK, "B00", name="村基本户", kind="own", channels=["CJ2024"])
        held = [code for code, _, source in CHANNELS if source not in {"in_kind", "labour"}]
        register.add_bank(unit, BOOK, "B01", name="农商行专户", kind="dedicated", channels=held)
        road = {"type": "road", "quantity": "3.5", "unit": "km"}
        registry.add_project(unit, BOOK, "P001", title="通村公路", name="通村公路", budget=ROAD, detail=road)
        clinic = {"type": "clinic", "quantity": "1", "unit": "所"}
        registry.add_project(unit, BOOK, "P002", title="村卫生室", name="村卫生室", budget=CLINIC, detail=clinic)
        unit.commit()
    settle(made)
    made.close()
    if POSTGRESQL:
        cluster.shelf().find(path)
    return path


@pytest.fixture(autouse=True)
def tidy(tmp_path: Path) -> Iterator[None]:
    """Leave no database behind that belonged to one test."""
    yield
    if POSTGRESQL:
        cluster.shelf().tidy(tmp_path)


@pytest.fixture(scope="session")
def new_clerk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[Clerk]]:
    """Open a clerk's desk in a fresh copy of the workspace; for tests that need several."""
    stories = Stories(template, tmp_path_factory.mktemp("stories"))

    @contextmanager
    def opened() -> Iterator[Clerk]:
        path = tmp_path_factory.mktemp("desk") / "ws"
        shutil.copytree(template, path)
        clock = Clock()
        made = Clerk(workspaces.open_workspace(path, clock=clock, salts=Salts()), clock, stories)
        try:
            yield made
        finally:
            made.workspace.close()
            shutil.rmtree(path)

    return opened


@pytest.fixture
def clerk(new_clerk: Callable[[], AbstractContextManager[Clerk]]) -> Iterator[Clerk]:
    """A clerk's desk in a fresh workspace."""
    with new_clerk() as made:
        yield made


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the demonstration, built once: tests read it, and who would write takes a copy."""
    return build(tmp_path_factory.mktemp("demo") / "ws").path


@pytest.fixture
def call(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Commands on a copy of the demonstration by its approver, who knows the passphrase; it lies in `tmp_path`/ws."""
    for name, value in (("PASSPHRASE", PASSPHRASE), ("USER", "shenhe"), ("BOOK", "V13")):
        monkeypatch.setenv(f"EARMARK_{name}", value)
    shutil.copytree(demo, tmp_path / "ws")

    def called(*words: str) -> tuple[int, str, str]:
        code = run(["--workspace", str(tmp_path / "ws"), *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return called


@pytest.fixture(scope="session")
def blank_clerk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[Clerk]]:
    """Open a desk in an empty workspace, for tests that fill the registers themselves."""

    @contextmanager
    def opened() -> Iterator[Clerk]:
        clock = Clock()
        workspace = workspaces.create(tmp_path_factory.mktemp("blank") / "ws", clock=clock, salts=Salts())
        try:
            yield Clerk(workspace, clock)
        finally:
            workspace.close()

    return opened


@pytest.fixture
def workspace(clerk: Clerk) -> Workspace:
    """The workspace that the clerk works in."""
    return clerk.workspace


@pytest.fixture
def clock(clerk: Clerk) -> Clock:
    """The clock of the clerk's workspace."""
    return clerk.clock


@pytest.fixture
def balances(clerk: Clerk) -> Callable[[], dict[tuple[str, str], int]]:
    """What stands in every account and commodity."""
    return clerk.balances


@pytest.fixture(scope="session")
def dump() -> Callable[[Connection], Rows]:
    """Every row of every table of a record."""
    return rows_of


@pytest.fixture
def unchanged(clerk: Clerk) -> Callable[[], AbstractContextManager[None]]:
    """Make sure that a block leaves every row of the record as it was."""

    @contextmanager
    def watched() -> Iterator[None]:
        before = clerk.dump()
        yield
        assert clerk.dump() == before

    return watched

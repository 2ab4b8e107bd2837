"""A record in PostgreSQL: who may do what, whose rows are seen, whose database it is, and what is lost with a server.

These tests bring their own server; they run beside the others, whichever engine those are on.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import cluster
import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from ledger import channels, log, people, register, restores
from ledger.backup import backup
from ledger.books.write import settle
from ledger.errors import (
    CommitUnknown,
    DatabaseForbidden,
    DatabaseUnfit,
    DatabaseUnreachable,
    Refusal,
    WorkspaceBusy,
    WorkspaceMoved,
    WorkspaceNewer,
)
from ledger.messages import LANGS, explain
from ledger.putback import restore
from ledger.restores import Answer
from ledger.store import folders, marks, postgresql
from ledger.store import workspace as workspaces
from ledger.store.migrations import HEAD
from ledger.store.postgresql import Database
from ledger.store.workspace import Unit, Workspace
from ledger.verify import verify
from projects import invoices, payees, registry
from projects.desk import Desk

BOOKS = [f"V{number}" for number in range(1, 9)]
ONE, OTHER = BOOKS[:2]
DAY = "2024-03-01"
ALLOT = {"project": "P001", "channel": "JT2024", "amount": "1000", "date": DAY}


class Office:
    """An office with eight books in a database of its own; a copy for every test."""

    def __init__(self, path: Path, server: cluster.Cluster, name: str) -> None:
        self.path, self.server, self.name = path, server, name
        self.database = server.named(name)
        self.workspace = workspaces.open_workspace(path, database=self.database)

    def desk(self, user: str, book: str = ONE) -> Desk:
        return Desk(self.workspace, user, book)

    def do(self, verb: str, *, book: str = ONE, **typed: Any) -> str:
        facts = {"project": "P001", "channel": "JT2024", "date": DAY} | typed
        return str(self.desk("li", book).seal(self.desk("zhang", book).record(verb, facts)["draft"])["number"])

    def sql(self, query: str, login: str = "postgres") -> list[tuple[Any, ...]]:
        with self.server.connect(self.name, login) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []

    def findings(self) -> list[str]:
        return [finding.code for check in verify(self.workspace) for finding in check.findings]


def fill(workspace: Workspace) -> None:
    """Make eight villages, each with a road that may take as much as anybody likes."""
    with workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        people.add_user(unit, "zhao", roles=["auditor"])
        channels.add_channel(unit, "JT2024", name="交通部门专项补助", source="department")
        channels.add_channel(unit, "WS2024", name="卫生部门专项补助", source="department")
        for book in BOOKS:
            registry.add_village(unit, book, name=f"{book} 村")
            register.add_book(unit, book, village=book, name=f"{book} 专账", started_on=date(2024, 1, 1))
            register.add_bank(unit, book, "B01", name="专户", kind="dedicated", channels=["JT2024"])
            budget = {"JT2024": 10**12}
            for code in ("P001", "P002"):
                registry.add_project(
                    unit, book, code, title="通村公路", name="通村公路", budget=budget, detail={"unit": "km"}
                )
        unit.commit()


def make(path: Path, database: Database) -> None:
    """Make an office."""
    made = workspaces.create(path, database=database)
    fill(made)
    made.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The office before anything happens, with one allotment in each book; its folder and the name of its database."""
    server, path = cluster.shared(), tmp_path_factory.mktemp("office") / "ws"
    name = server.make()
    make(path, server.named(name))
    office = Office(path, server, name)
    for book in BOOKS:
        office.do("allot", book=book, amount="1000")
    office.workspace.close()
    return path, name


@pytest.fixture
def office(built: tuple[Path, str], tmp_path: Path) -> Iterator[Office]:
    """A copy of the office."""
    server = cluster.shared()
    shutil.copytree(built[0], tmp_path / "ws")
    made = Office(tmp_path / "ws", server, server.make(built[1]))
    yield made
    made.workspace.close()
    server.drop(made.name)


# Rights: what the login of daily work cannot do, by raw SQL.

SEALED = [
    "users", "role_grant", "village", "channel", "good", "commodity", "command_key", "book", "chart_role", "bank",
    "bank_channel", "project", "contract", "observation", "account", "balance", "log_leaf", "voucher", "posting", "document",
]  # fmt: skip
THROUGH_THE_SEAL = ["account", "balance", "voucher", "posting", "document", "private_value"]
FORBIDDEN = [
    *(f"DELETE FROM {table}" for table in [*SEALED, "budget_line"]),
    *(f"TRUNCATE {table} CASCADE" for table in [*SEALED, "budget_line", "private_value", "work_draft"]),
    *(f"INSERT INTO {table} SELECT * FROM {table}" for table in THROUGH_THE_SEAL),
    "UPDATE voucher SET narration = 'x'",
    "UPDATE posting SET amount = 1",
    "UPDATE balance SET amount = amount + 1",
    "UPDATE log_leaf SET leaf = '{}'",
    "UPDATE role_grant SET role = 'approver'",
    "UPDATE budget_line SET position = 9",
    "UPDATE private_value SET value = 'x'",
    "UPDATE workspace SET id = 'x'",
    "UPDATE alembic_version SET version_num = '9999'",
    "INSERT INTO log_leaf SELECT log, position + 1, 'voucher', leaf, leaf_hash FROM log_leaf WHERE log = 'V1' ORDER BY position DESC LIMIT 1",
    "INSERT INTO balance VALUES ('V1', 'x', 'JT2024', 0, 0)",
    "SELECT * FROM login_book",
    "INSERT INTO login_book VALUES ('clerk', 'V2')",
    "SET session_replication_role = replica",
    "ALTER TABLE voucher DISABLE TRIGGER ALL",
    "ALTER TABLE voucher DISABLE TRIGGER voucher_balances",
    "ALTER TABLE voucher DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE balance DROP CONSTRAINT floor",
    "ALTER ROLE clerk SUPERUSER",
    "ALTER ROLE clerk BYPASSRLS",
    "DROP TABLE posting CASCADE",
    "DROP TRIGGER voucher_balances ON voucher",
    "DROP FUNCTION voucher_balances() CASCADE",
    "DROP POLICY of_book ON voucher",
    "CREATE POLICY mine ON voucher USING (true)",
    "CREATE TABLE public.mine (a int)",
    "CREATE TRIGGER mine BEFORE INSERT ON voucher FOR EACH ROW EXECUTE FUNCTION stays()",
    "CREATE RULE mine AS ON INSERT TO work_draft DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION every_book() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "ALTER FUNCTION earmark_seal(jsonb) SECURITY INVOKER",
    "SET ROLE owner",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION owner",
    "COPY voucher FROM PROGRAM 'echo'",
    "SELECT lo_import('/etc/passwd')",
    "LOCK TABLE voucher IN ACCESS EXCLUSIVE MODE",
]  # fmt: skip


def test_the_daily_login_may_do_no_more_than_it_needs(office: Office) -> None:
    office.do("receive", amount="1", person=True, party="王小明")
    through = []
    with office.server.connect(office.name, "clerk") as connection:
        for statement in FORBIDDEN:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(statement)
                through.append(statement)
            except psycopg.errors.InsufficientPrivilege:
                pass
    assert through == []


def test_a_setting_that_shows_all_rows_is_refused(office: Office) -> None:
    with office.server.connect(office.name, "clerk") as connection:
        connection.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT * FROM voucher")


def test_tables_of_ones_own_deceive_no_rule(office: Office) -> None:
    with office.server.connect(office.name, "clerk") as connection:
        connection.execute("CREATE TEMP TABLE voucher AS SELECT * FROM public.voucher")
        connection.execute("UPDATE pg_temp.voucher SET event = 'contract', contract = 'P001C01', payee = 'x'")
        with pytest.raises(psycopg.IntegrityError, match="a contract is what its voucher says"):
            connection.execute("INSERT INTO public.contract VALUES ('V1', 'P001C01', 'P001', 'x', 'x', 0)")


# The seal's function, called by raw SQL with what it must not take.

BANK = "Assets:102-银行存款:B01-专户:P001"
FUND = "Liabilities:241-专项应付款:P001-通村公路"
BANK_ROW = [BANK, "bank", "P001", "", "B01", 1, 1, ""]
FUND_ROW = [FUND, "earmarked", "P001", "", "", -1, 1, ""]


def post(connection: Any, postings: Any = None, **changed: Any) -> dict[str, Any]:
    """Return what the function is called with for an honest receipt of 1.00, with what is named changed.

    The leaf is made of what was changed, unless the leaf itself is.
    """
    seq = connection.execute("SELECT count(*) FROM voucher WHERE book = 'V1'").fetchone()[0]
    position = connection.execute("SELECT max(position) + 1 FROM log_leaf WHERE log = 'V1'").fetchone()[0]
    lines = postings or [[BANK, "JT2024", 100], [FUND, "JT2024", -100]]
    row = {
        "book": "V1", "seq": seq, "number": f"2024-03-{seq + 1:04}", "date": DAY, "event": "receipt", "project": "P001",
        "contract": "", "payee": "x", "narration": "x", "maker": "zhang", "made_at": "x", "approver": "li", "sealed_at": "x",
        "reverses": None,
    }  # fmt: skip
    extra = {key: changed.pop(key) for key in list(changed) if key not in row}
    row |= changed
    facts = extra.get("facts", {})
    shown = [
        [account, commodity, f"{'-' * (fen < 0)}{abs(fen) // 100}.{abs(fen) % 100:02}"]
        for account, commodity, fen in lines
    ]
    plain = {key: value for key, value in row.items() if key != "reverses"}
    data = plain | {"reverses": None, "documents": [], "postings": shown, "facts": facts} | extra.get("said", {})
    leaf = extra.get("leaf") or log.leaf("V1", extra.get("position", position), "voucher", data)
    row |= {"facts": json.dumps(facts), "position": extra.get("position", position)}
    row["leaf_hash"] = extra.get("leaf_hash", log.leaf_hash(leaf))
    return {
        "voucher": row,
        "leaf": leaf,
        "accounts": extra.get("accounts", [BANK_ROW, FUND_ROW]),
        "balances": extra.get("balances", [[BANK, "JT2024", 1], [FUND, "JT2024", -1]]),
        "postings": extra.get("written", lines),
        "documents": extra.get("documents", []),
        "private": [],
    }


def sealed(connection: Any, given: Any) -> None:
    connection.execute("SELECT earmark_seal(%s::jsonb)", (json.dumps(given),))


WORKS = ["Assets:153-在建工程:P001-通村公路", "works", "P001", "", "", 1, 1, "spent"]
OTHER_BANK = ["Assets:102-银行存款:B01-专户:P002", "bank", "P002", "", "B01", 1, 1, ""]
OTHER_FUND = ["Liabilities:241-专项应付款:P002-通村公路", "earmarked", "P002", "", "", -1, 1, ""]
BAD: dict[str, Callable[[Any], Any]] = {
    "unbalanced": lambda c: post(c, [[BANK, "JT2024", 100], [FUND, "JT2024", -99]]),
    "one leg": lambda c: post(c, [[BANK, "JT2024", 100]]),
    "no posting": lambda c: post(c, written=[]),
    "across channels": lambda c: post(c, [[BANK, "JT2024", 100], [FUND, "WS2024", -100]], balances=[[BANK, "JT2024", 1], [FUND, "WS2024", -1]]),
    "a channel that may not enter": lambda c: post(c, [[BANK, "WS2024", 100], [FUND, "WS2024", -100]], balances=[[BANK, "WS2024", 1], [FUND, "WS2024", -1]]),
    "two projects": lambda c: post(
        c, [[BANK, "JT2024", 100], [FUND, "JT2024", -100], [OTHER_BANK[0], "JT2024", 100], [OTHER_FUND[0], "JT2024", -100]],
        accounts=[BANK_ROW, FUND_ROW, OTHER_BANK, OTHER_FUND],
        balances=[[BANK, "JT2024", 1], [FUND, "JT2024", -1], [OTHER_BANK[0], "JT2024", 1], [OTHER_FUND[0], "JT2024", -1]]),
    "half a voucher": lambda c: post(
        c, [[WORKS[0], "JT2024", 100], [FUND, "JT2024", -100]], accounts=[WORKS, FUND_ROW],
        balances=[[WORKS[0], "JT2024", 1], [FUND, "JT2024", -1]]),
    "self-approved": lambda c: post(c, maker="li"),
    "approved by a maker": lambda c: post(c, maker="li", approver="zhang"),
    "an unknown approver": lambda c: post(c, approver="nobody"),
    "a gap": lambda c: post(c, seq=7),
    "a number skipped": lambda c: post(c, number="2024-03-0009"),
    "back-dated": lambda c: post(c, date="2024-02-01", number="2024-02-0001"),
    "before the book": lambda c: post(c, date="2023-12-31", number="2023-12-0001"),
    "no day": lambda c: post(c, date="2024-04-31", number="2024-04-0001"),
    "over a floor": lambda c: post(c, [[BANK, "JT2024", -100], [FUND, "JT2024", 100]]),
    "another book's number": lambda c: post(c, book="V2"),
    "no such book": lambda c: post(c, book="V99"),
    "no such project": lambda c: post(c, project="P099"),
    "an account that is not opened": lambda c: post(c, accounts=[BANK_ROW]),
    "an account of another kind": lambda c: post(c, accounts=[[*BANK_ROW[:6], 0, ""], FUND_ROW]),
    "a balance without floor": lambda c: post(c, balances=[[BANK, "JT2024", 0], [FUND, "JT2024", -1]]),
    "a reversal of nothing": lambda c: post(c, event="reversal", reverses=99),
    "a reversal that is none": lambda c: post(c, reverses=0),
    "a hash of something else": lambda c: post(c, leaf_hash="00" * 32),
    "a leaf at another place": lambda c: post(c, position=0),
    "a leaf of another amount": lambda c: post(c, written=[[BANK, "JT2024", 200], [FUND, "JT2024", -200]]),
    "a leaf of another text": lambda c: post(c, said={"narration": "y"}),
    "a leaf of other facts": lambda c: post(c, said={"facts": {"a": "b"}}),
    "a leaf of another approver": lambda c: post(c, said={"approver": "wang"}),
    "a paper that the leaf does not know": lambda c: post(c, documents=[["00", "", 1]]),
    "a paper that only the leaf knows": lambda c: post(c, said={"documents": [{"sha256": "00", "suffix": "", "size": 1}]}),
    "a leaf that is no JSON": lambda c: post(c, leaf="{"),
    "a leaf that says nothing": lambda c: post(c, leaf="{}"),
    "half a fen": lambda c: post(c, written=[[BANK, "JT2024", 100.5], [FUND, "JT2024", -100.5]]),
    "an amount in words": lambda c: post(c, written=[[BANK, "JT2024", "一百"], [FUND, "JT2024", -100]]),
    "no voucher": lambda _: {"leaf": "{}"},
    "nothing": lambda _: {},
    "null": lambda _: None,
    "a list": lambda _: [1, 2],
}  # fmt: skip


def test_an_honest_call_of_the_seal_is_taken(office: Office) -> None:
    with office.server.connect(office.name, "clerk") as connection:
        sealed(connection, post(connection))
    assert office.sql(f"SELECT amount FROM balance WHERE book = 'V1' AND account = '{BANK}'") == [(100,)]
    found = {check.name for check in verify(office.workspace) if check.findings}
    assert found == {"books"}, "only the books do not know it yet"


def test_the_seal_takes_no_bad_voucher(office: Office) -> None:
    through = []
    with office.server.connect(office.name, "clerk") as connection:
        before = office.sql("SELECT count(*) FROM voucher")
        for name, make in BAD.items():
            try:
                with connection.transaction(force_rollback=True):
                    sealed(connection, make(connection))
                    connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
                through.append(name)
            except (psycopg.IntegrityError, psycopg.DataError, psycopg.errors.InsufficientPrivilege):
                pass
    assert through == []
    assert office.sql("SELECT count(*) FROM voucher") == before


# Rows by book.

OF_BOOK = [
    "bank", "bank_channel", "project", "budget_line", "account", "balance", "voucher", "posting", "work_draft",
    "work_draft_number", "work_dirty", "document", "private_value", "contract", "observation",
]  # fmt: skip


@pytest.fixture
def village_login(office: Office) -> Office:
    """The office as a login of one book sees it."""
    office.server.run(
        "DO $$ BEGIN CREATE ROLE villager LOGIN IN ROLE earmark_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    office.sql(f"INSERT INTO login_book VALUES ('villager', '{ONE}')", "owner")
    office.desk("zhang", OTHER).record("receive", {"project": "P001", "channel": "JT2024", "amount": "1", "date": DAY})
    office.workspace.close()
    url = office.server.url(office.name, "villager")
    office.workspace = workspaces.open_workspace(office.path, database=Database(url))
    return office


def test_a_login_of_one_book_works_in_it(village_login: Office) -> None:
    assert village_login.do("receive", amount="5", person=True, party="王小明") == "2024-03-0002"
    with village_login.workspace.read() as connection:
        assert [book.code for book in register.list_books(connection)] == [ONE]


def test_a_login_of_one_book_sees_no_row_of_another(village_login: Office) -> None:
    village_login.desk("zhang").record("allot", ALLOT, key="mine")
    assert village_login.sql("SELECT * FROM command_key", "villager") == [], "not even the answers of its own keys"
    village_login.do("receive", amount="5", person=True, party="王小明")
    for table in OF_BOOK:
        books = {row[0] for row in village_login.sql(f"SELECT DISTINCT book FROM {table}", "villager")}
        assert books <= {ONE}, table
    assert {row[0] for row in village_login.sql("SELECT DISTINCT log FROM log_leaf", "villager")} == {ONE, "office"}
    assert village_login.sql("SELECT code FROM book", "villager") == [(ONE,)]


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO bank VALUES ('{OTHER}', 'B09', 'x', 'own')",
        f"INSERT INTO budget_line VALUES ('{OTHER}', 'P000', 'JT2024', 0, 1)",
        f"INSERT INTO project SELECT '{OTHER}', 'P009', title, name, type, quantity, unit, place, responsible, planned_start, planned_finish, benefit, remark FROM project LIMIT 1",
        f"INSERT INTO work_dirty VALUES ('{OTHER}', '2030-01', 1)",
        f"INSERT INTO observation VALUES ('{OTHER}', 'paved-road', '2024-03-01', 0, 1, 1, 'x', NULL)",
        f"UPDATE work_draft SET book = '{OTHER}'",
        f"INSERT INTO log_leaf VALUES ('{OTHER}', 0, 'bank', '{{}}', '{log.leaf_hash('{}')}')",
        f"INSERT INTO log_leaf SELECT 'office', max(position) + 1, 'role', '{{}}', '{log.leaf_hash('{}')}' FROM log_leaf WHERE log = 'office'",
        "INSERT INTO users VALUES ('eve', '', '')",
        "INSERT INTO role_grant VALUES ('zhang', 'approver', '*', '', 1)",
        "INSERT INTO channel VALUES ('XX', 'x', 'department', '')",
        "INSERT INTO book VALUES ('V9', 'V1', 'x', 'caikuai-2023-14', '2024-01-01')",
    ],
)  # fmt: skip
def test_a_login_of_one_book_writes_in_no_other(village_login: Office, statement: str) -> None:
    village_login.desk("zhang").record("receive", {"project": "P001", "channel": "JT2024", "amount": "1", "date": DAY})
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        village_login.sql(statement, "villager")


INVOICE = "24532000000012345678"
INVOICED = {"payee": "S001", "invoices": [INVOICE]}


@pytest.fixture
def invoiced(office: Office) -> Office:
    """The office with a payee whose account is approved and an invoice over 100 yuan; two books have money."""
    with office.workspace.write() as unit:
        said = {"name": "路桥公司", "kind": "company", "identifier": "91530123MA6K12349H", "by": "zhang"}
        payees.add_payee(unit, "S001", **said)
        payees.name_account(unit, "S001", number="6228480012345678901", bank="农商行", by="zhang")
        payees.approve_account(unit, "S001", number="6228480012345678901", by="li")
        paper = [("0" * 64, "", 1)]
        told: dict[str, Any] = {"seller": "S001", "amount": "100", "on": date(2024, 3, 1), "by": "zhang"}
        invoices.add_invoice(unit, INVOICE, papers=paper, **told)
        unit.commit()
    for book in (ONE, OTHER):
        office.do("receive", book=book, amount="200")
    return office


def test_a_login_of_one_book_does_not_pay_what_another_book_paid(
    invoiced: Office, request: pytest.FixtureRequest
) -> None:
    """It sees no voucher of the other book, but which one paid the invoice, and how much, if it knows the number."""
    number = invoiced.do("purchase", book=OTHER, amount="70", **INVOICED)
    villager = request.getfixturevalue("village_login")
    with pytest.raises(Refusal) as caught:
        villager.do("purchase", amount="31", **INVOICED)
    assert caught.value.code == "invoice-overpaid"
    assert list(caught.value.facts["vouchers"]) == [f"V{number}@{OTHER}"]
    villager.do("purchase", amount="30", **INVOICED)
    assert villager.sql("SELECT book FROM voucher WHERE facts LIKE '%invoices%'", "villager") == [(ONE,)]
    assert len(villager.sql(f"SELECT * FROM earmark_invoiced('{INVOICE}')", "villager")) == 2
    for guess in ("", "%", "_" * 20, INVOICE[:19], INVOICE[1:]):
        assert villager.sql(f"SELECT * FROM earmark_invoiced('{guess}')", "villager") == [], guess


def test_two_books_that_pay_an_invoice_at_once_do_not_pay_it_twice(invoiced: Office) -> None:
    typed = {"project": "P001", "channel": "JT2024", "date": DAY, "amount": "60", **INVOICED}
    drafts = {book: invoiced.desk("zhang", book).record("purchase", typed)["draft"] for book in (ONE, OTHER)}
    others = [workspaces.open_workspace(invoiced.path, database=invoiced.database) for _ in drafts]
    start, told = threading.Barrier(2), []

    def seal(workspace: Workspace, book: str) -> None:
        start.wait()
        try:
            told.append(Desk(workspace, "li", book).seal(drafts[book])["number"])
        except Refusal as refusal:
            told.append(refusal.code)

    threads = [threading.Thread(target=seal, args=pair) for pair in zip(others, drafts, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for workspace in others:
        workspace.close()
    assert sorted(told)[1:] == ["invoice-overpaid"]
    assert invoiced.sql("SELECT count(*) FROM voucher WHERE facts LIKE '%invoices%'") == [(1,)]


@pytest.mark.parametrize("statement", ["UPDATE work_draft SET maker = 'li'", "DELETE FROM work_draft"])
def test_a_login_of_one_book_changes_no_row_of_another(village_login: Office, statement: str) -> None:
    village_login.sql(statement, "villager")
    assert village_login.sql("SELECT book, maker FROM work_draft") == [(OTHER, "zhang")]


def test_a_login_of_one_book_seals_in_no_other(village_login: Office) -> None:
    with village_login.server.connect(village_login.name, "villager") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="does not write in book V2"):
            sealed(connection, post(connection) | {"voucher": post(connection)["voucher"] | {"book": OTHER}})
        sealed(connection, post(connection))


def test_a_login_of_one_book_is_told_in_one_sentence_what_it_may_not_do(village_login: Office) -> None:
    with pytest.raises(DatabaseForbidden) as caught, village_login.workspace.write() as unit:
        people.add_user(unit, "eve", roles=["maker"])
    for lang in LANGS:
        assert village_login.database.name in explain(caught.value, lang)


def test_verify_is_for_a_login_that_sees_every_book(village_login: Office) -> None:
    with pytest.raises(DatabaseForbidden) as caught:
        verify(village_login.workspace)
    assert caught.value.facts["about"] == "books"


def test_a_login_without_books_sees_nothing_at_all(office: Office) -> None:
    office.server.run(
        "DO $$ BEGIN CREATE ROLE stranger LOGIN IN ROLE earmark_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    for table in [*OF_BOOK, "users", "role_grant", "village", "channel", "commodity", "book", "log_leaf"]:
        assert office.sql(f"SELECT * FROM {table}", "stranger") == [], table
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        office.sql("SELECT * FROM earmark_answer('k', 'f')", "stranger")


def test_a_key_gives_its_answer_only_to_who_asks_for_the_same(office: Office) -> None:
    typed = {"project": "P001", "channel": "JT2024", "amount": "1", "date": DAY}
    first = office.desk("zhang").record("receive", typed, key="slip")
    assert office.desk("zhang").record("receive", typed, key="slip") == first
    assert office.sql("SELECT * FROM earmark_answer('slip', 'guess')", "clerk") == [(False, None, None)]
    with pytest.raises(Refusal, match="slip"):
        office.desk("zhang").record("receive", typed | {"amount": "2"}, key="slip")


# Whose database it is.


def refused(path: Path, database: Database | None) -> str:
    with pytest.raises(DatabaseUnfit) as caught:
        workspaces.open_workspace(path, database=database)
    for lang in LANGS:
        assert explain(caught.value, lang)
    return str(caught.value.facts.get("about", ""))


# Backups.


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[[Database | None], None]:
    """Let the environment name a database, or none."""
    return lambda database: monkeypatch.setattr(workspaces, "named", lambda _path: database)


def test_an_office_moves_from_a_file_into_a_database_and_back(
    tmp_path: Path, named: Callable[[Database | None], None]
) -> None:
    named(None)
    file = workspaces.create(tmp_path / "file")
    fill(file)
    draft = Desk(file, "zhang", ONE).record("allot", ALLOT, key="k1")
    number = Desk(file, "li", ONE).seal(draft["draft"])["number"]
    backup(file, tmp_path / "b.zip")
    roots = heads(file)
    file.close()

    server = cluster.shared()
    database = server.named(server.make())
    named(database)
    done = restore(tmp_path / "b.zip", tmp_path / "served")
    assert (done.aside, done.schema, done.behind) == (None, "", ())
    assert not (tmp_path / "served" / "record.db").exists()
    served = workspaces.open_workspace(tmp_path / "served")
    assert heads(served)[ONE] == roots[ONE]
    assert Desk(served, "zhang", ONE).record("allot", ALLOT, key="k1") == draft, "a key is known, whatever the engine"
    Desk(served, "li", ONE).seal(Desk(served, "zhang", ONE).record("allot", ALLOT)["draft"])
    assert [finding for check in verify(served) for finding in check.findings] == []
    backup(served, tmp_path / "c.zip")
    roots = heads(served)
    served.close()

    named(None)
    restore(tmp_path / "c.zip", tmp_path / "again")
    again = workspaces.open_workspace(tmp_path / "again")
    assert heads(again)[ONE] == roots[ONE]
    with again.read() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM voucher ORDER BY seq").scalars().all()
    assert numbers == [number, "2024-03-0002"]
    again.close()
    server.drop(str(database.daily.database))


def test_a_record_that_is_replaced_stays_where_only_the_owner_gets_at_it(
    office: Office, tmp_path: Path, named: Callable[[Database | None], None]
) -> None:
    named(office.database)
    office.sql("CREATE ROLE reader LOGIN IN ROLE earmark_app")
    try:
        office.sql(f"INSERT INTO login_book VALUES ('reader', '{OTHER}')")
        backup(office.workspace, tmp_path / "b.zip")
        lost = office.do("allot", amount="77")
        old = office.workspace
        done = restore(tmp_path / "b.zip", office.path, answer=Answer("li", "zhao", "试一试"))
        assert done.missing == {ONE: [lost]}
        assert office.sql(f"SELECT count(*) FROM {done.schema}.voucher WHERE number = '{lost}' AND book = '{ONE}'") == [
            (1,)
        ]
        for login in ("clerk", "reader"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                office.sql(f"SELECT * FROM {done.schema}.voucher", login)
        assert office.sql("SELECT DISTINCT book FROM voucher", "reader") == [(OTHER,)], "logins keep their books"
        with pytest.raises(WorkspaceMoved):
            old.write(book=ONE).__enter__()
        old.close()
        office.workspace = workspaces.open_workspace(office.path)
        assert office.do("allot", amount="78") == lost, "the number is given again, to another voucher"
        assert office.findings() == []
        office.sql(f"DROP SCHEMA {done.schema} CASCADE")
        assert office.findings() == []
        assert done.aside is not None
        with pytest.raises(DatabaseUnfit):
            workspaces.open_workspace(done.aside)
    finally:
        office.sql("DROP OWNED BY reader")
        office.sql("DROP ROLE reader")


def test_a_death_between_record_and_folder_leaves_a_workspace_that_opens(
    office: Office, tmp_path: Path, named: Callable[[Database | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    named(office.database)
    backup(office.workspace, tmp_path / "b.zip")
    office.do("allot", amount="77")
    office.workspace.close()
    answer = Answer("li", "zhao", "试一试")
    with monkeypatch.context() as died, pytest.raises(KeyboardInterrupt):
        died.setattr(folders, "swap", _die)
        restore(tmp_path / "b.zip", office.path, answer=answer)
    workspaces.open_workspace(office.path).close()
    # The books know a voucher that the record has lost: nothing is written over them, and the restore is done again.
    assert restore(tmp_path / "b.zip", office.path, answer=answer).aside is not None
    office.workspace = workspaces.open_workspace(office.path)
    assert office.findings() == []
    assert (office.path / "record.postgresql").read_text(encoding="utf-8").count("\n") == 1


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_commit_that_fails_leaves_record_and_folder_as_they_were(
    office: Office, tmp_path: Path, named: Callable[[Database | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    named(office.database)
    backup(office.workspace, tmp_path / "b.zip")
    tie = (office.path / "record.postgresql").read_bytes()
    with monkeypatch.context() as died, pytest.raises(KeyboardInterrupt):
        died.setattr(postgresql, "commit", _die)
        restore(tmp_path / "b.zip", office.path)
    assert (office.path / "record.postgresql").read_bytes() == tie
    assert office.findings() == []
    empty = office.server.named(office.server.make())
    named(empty)
    with monkeypatch.context() as died, pytest.raises(KeyboardInterrupt):
        died.setattr(postgresql, "commit", _die)
        restore(tmp_path / "b.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()
    restore(tmp_path / "b.zip", tmp_path / "new")
    office.server.drop(str(empty.daily.database))


def test_a_login_of_one_book_makes_no_backup(village_login: Office, tmp_path: Path) -> None:
    with pytest.raises(DatabaseForbidden) as caught:
        backup(village_login.workspace, tmp_path / "b.zip")
    assert caught.value.facts["about"] == "books"
    assert list(tmp_path.glob("*.zip*")) == []


def heads(workspace: Workspace) -> dict[str, str]:
    with workspace.read() as connection:
        return {each.log: each.root for each in restores.heads(connection)}


def test_a_folder_is_never_used_with_another_office_s_database(office: Office, tmp_path: Path) -> None:
    server = office.server
    name = server.make()
    make(tmp_path / "another", server.named(name))
    assert refused(office.path, server.named(name)) == ""
    assert refused(tmp_path / "another", office.database) == ""
    assert refused(office.path, server.named(server.make())) == "empty"


def test_a_database_holds_one_workspace_and_a_refused_one_leaves_no_folder(office: Office, tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnfit) as caught:
        workspaces.create(tmp_path / "second", database=office.database)
    assert caught.value.facts["about"] == "taken"
    assert not (tmp_path / "second").exists()


def test_an_owner_of_another_database_makes_and_exchanges_nothing(
    office: Office, tmp_path: Path, named: Callable[[Database], None]
) -> None:
    server, elsewhere = office.server, office.server.make()
    crossed = Database(office.database.daily, server.url(elsewhere, "owner"))
    with pytest.raises(DatabaseUnfit) as caught:
        workspaces.create(tmp_path / "second", database=crossed)
    assert (caught.value.facts["about"], caught.value.facts["owner"]) == ("apart", crossed.owner_name)
    assert not (tmp_path / "second").exists()
    file = tmp_path / "b.zip"
    backup(office.workspace, file)
    named(crossed)
    before = tables(server, elsewhere)
    with pytest.raises(DatabaseUnfit) as caught:
        restore(file, tmp_path / "restored")
    assert caught.value.facts["about"] == "apart"
    assert tables(server, elsewhere) == before == []
    with pytest.raises(DatabaseUnfit) as caught:
        workspaces.create(tmp_path / "second", database=Database(server.url(elsewhere), office.database.owner))
    assert caught.value.facts["about"] == "apart"


def tables(server: cluster.Cluster, database: str) -> list[tuple[Any, ...]]:
    with server.connect(database) as connection:
        return connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchall()


@pytest.mark.parametrize(
    "written",
    [
        "mysql://a@h/d",
        "postgresql://a@h",
        "postgresql://a@h:x/d",
        "postgresql://a@h/d?no=1",
        "postgresql+psycopg2://a@h/d",
    ],
)
def test_an_address_that_the_driver_cannot_read_is_refused_before_it_is_used(written: str) -> None:
    with pytest.raises(DatabaseUnfit) as caught:
        postgresql.address(written, postgresql.DAILY)
    assert caught.value.facts == {"about": "address", "variable": postgresql.DAILY}


def test_a_record_is_made_by_the_owner_only(tmp_path: Path) -> None:
    server = cluster.shared()
    made = server.named(server.make())
    with pytest.raises(DatabaseUnfit) as caught:
        workspaces.create(tmp_path / "ws", database=Database(made.daily))
    assert caught.value.facts["about"] == "owner"
    with pytest.raises(DatabaseUnfit) as caught:
        workspaces.create(tmp_path / "ws", database=Database(made.owner or made.daily, made.owner))
    assert caught.value.facts["about"] == "rights"
    assert not any((tmp_path / "ws").glob("*")), "it can be tried again"
    workspaces.create(tmp_path / "ws", database=made).close()


def test_nobody_works_as_the_owner_or_the_administrator(office: Office) -> None:
    for login in ("owner", "postgres"):
        assert refused(office.path, Database(office.server.url(office.name, login))) == "rights"


def test_a_workspace_and_the_environment_have_to_agree(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspaces, "named", lambda _path: postgresql.named())
    monkeypatch.delenv("EARMARK_DATABASE", raising=False)
    assert refused(office.path, None) == "unset"
    workspaces.create(tmp_path / "file").close()
    assert refused(tmp_path / "file", office.database) == "file"
    monkeypatch.setenv("EARMARK_DATABASE", office.database.daily.render_as_string(hide_password=False))
    workspaces.open_workspace(office.path).close()


@pytest.mark.parametrize(
    "written", ["sqlite:///x", "mysql://u:secret@h/d", "postgresql+psycopg://u:secret@h", "secret"]
)
def test_an_address_that_is_none_is_refused_without_showing_it(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARMARK_DATABASE", written)
    with pytest.raises(DatabaseUnfit) as caught:
        postgresql.named()
    for lang in LANGS:
        assert "EARMARK_DATABASE" in explain(caught.value, lang)
        assert "secret" not in explain(caught.value, lang)


def test_without_the_driver_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "find_spec", lambda _name: None)
    monkeypatch.setenv("EARMARK_DATABASE", "postgresql+psycopg://clerk@h/d")
    with pytest.raises(DatabaseUnfit) as caught:
        postgresql.named()
    for lang in LANGS:
        assert "pip install 'earmark[postgresql]'" in explain(caught.value, lang)


def test_a_server_that_is_not_there_is_one_sentence_without_the_password(office: Office, tmp_path: Path) -> None:
    url = make_url("postgresql+psycopg://clerk:secret@127.0.0.1:9/earmark")
    with pytest.raises(DatabaseUnreachable) as caught:
        workspaces.open_workspace(office.path, database=Database(url))
    for lang in LANGS:
        assert "127.0.0.1/earmark" in explain(caught.value, lang)
        assert "secret" not in explain(caught.value, lang)


def test_an_old_schema_needs_the_owner_and_a_newer_one_a_newer_program(office: Office) -> None:
    office.sql("UPDATE alembic_version SET version_num = '0002'")
    assert refused(office.path, Database(office.database.daily)) == "old"
    office.sql("UPDATE alembic_version SET version_num = '9999'")
    for database in (office.database, Database(office.database.daily)):
        with pytest.raises(WorkspaceNewer):
            workspaces.open_workspace(office.path, database=database)
    office.sql(f"UPDATE alembic_version SET version_num = '{HEAD}'")


# Units, locks, lost servers.


def test_books_do_not_wait_for_each_other_and_a_busy_one_is_told(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "WAIT_S", 1)
    office.workspace.close()
    office.workspace = workspaces.open_workspace(office.path, database=office.database)
    with office.workspace.write(book=ONE):
        with office.workspace.write(book=OTHER):
            pass
        for book in (ONE, None):
            with pytest.raises(WorkspaceBusy) as caught, office.workspace.write(book=book):
                pass
            assert all(explain(caught.value, lang) for lang in LANGS)
    with office.workspace.write(), pytest.raises(WorkspaceBusy), office.workspace.write(book=ONE):
        pass


def test_a_reader_sees_one_moment_and_writes_nothing(office: Office) -> None:
    with office.workspace.read() as connection:
        before = connection.execute(text("SELECT count(*) FROM voucher")).scalar()
        office.do("receive", amount="1")
        assert connection.execute(text("SELECT count(*) FROM voucher")).scalar() == before
        with pytest.raises(DatabaseUnreachable), office.workspace.read() as other:
            other.execute(text("DELETE FROM work_draft"))


def cut(office: Office) -> None:
    """Cut every connection of the clerk, as a server does that goes down."""
    office.sql(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{office.name}' AND usename = 'clerk'"
    )


def test_a_connection_that_was_lost_between_commands_is_made_again(office: Office) -> None:
    office.do("receive", amount="1")
    cut(office)
    assert office.do("receive", amount="1") == "2024-03-0003"
    cut(office)
    with office.workspace.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM voucher WHERE book = 'V1'")).scalar() == 3


def test_a_connection_that_is_stuck_between_commands_is_made_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The server said that it goes down, and the driver waits for more: the connection cannot even be rolled back."""
    pipeline, stuck = psycopg.Connection.pipeline, []

    @contextmanager
    def told(driver: psycopg.Connection[Any]) -> Iterator[Any]:
        if stuck:
            with pipeline(driver) as found:
                yield found
        else:
            stuck.append(driver)
            driver.pgconn.enter_pipeline_mode()
            driver.pgconn.send_query_params(b"SELECT pg_sleep(1)", None)
            yield None
            raise psycopg.errors.AdminShutdown

    monkeypatch.setattr(psycopg.Connection, "pipeline", told)
    assert office.do("receive", amount="1") == "2024-03-0002"
    assert stuck
    assert caplog.records == []


def test_a_connection_lost_on_the_way_keeps_nothing(office: Office) -> None:
    with pytest.raises(DatabaseUnreachable), office.workspace.write(book=ONE) as unit:
        marks.mark(unit.connection, ONE, "2030-01")
        cut(office)
        marks.mark(unit.connection, ONE, "2030-02")
    assert office.sql("SELECT * FROM work_dirty WHERE month LIKE '2030%'") == []


def test_a_connection_lost_in_the_commit_is_unknown_and_the_key_makes_it_safe(office: Office) -> None:
    def act(unit: Unit) -> dict[str, Any]:
        marks.mark(unit.connection, ONE, "2030-01")
        return {"done": 1}

    commit = Connection.commit

    def lost(connection: Connection) -> None:
        cut(office)
        commit(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "commit", lost)
        with pytest.raises(CommitUnknown) as caught:
            office.desk("zhang").change("mark", {}, act, key="once")
    for lang in LANGS:
        assert "--key" in explain(caught.value, lang)
    assert office.desk("zhang").change("mark", {}, act, key="once") == {"done": 1}
    assert office.desk("zhang").change("mark", {}, act, key="once") == {"done": 1}
    assert office.sql("SELECT count(*) FROM command_key") == [(1,)]


# The same on both engines.


def test_the_same_events_give_the_same_books_on_both_engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspaces, "named", lambda _path: None)
    server = cluster.shared()

    def clock() -> datetime:
        return datetime(2024, 12, 31, 9, tzinfo=workspaces.CHINA)

    texts = []
    for name, database in (("file", None), ("server", server.named(server.make()))):
        salts = iter(range(1, 1000))
        made = workspaces.create(
            tmp_path / name,
            clock=clock,
            salts=lambda salts=salts: bytes([next(salts)] * 16),
            office="o",
            database=database,
        )
        fill(made)
        maker, approver = Desk(made, "zhang", ONE), Desk(made, "li", ONE)
        for verb, amount in (("allot", "1000"), ("receive", "12.34"), ("receive", "5")):
            typed = {"project": "P001", "channel": "JT2024", "amount": amount, "date": DAY}
            person = {"person": True, "party": "王小明"} if amount == "5" else {}
            approver.seal(maker.record(verb, typed | person)["draft"])
        approver.seal(maker.record("reverse", {"voucher": "2024-03-0002", "reason": "试", "date": DAY})["draft"])
        assert [finding.code for check in verify(made, beancount=True) for finding in check.findings] == []
        made.close()
        texts.append(
            {
                str(each.relative_to(tmp_path / name)): each.read_bytes()
                for each in sorted((tmp_path / name / "books").rglob("*"))
                if each.is_file()
            }
        )
    assert texts[0] == texts[1]
    assert len(texts[0]) > len(BOOKS)


# Many writers, and servers that are killed.

WRITER = """
import sys
from pathlib import Path
from ledger.errors import CommitUnknown, DatabaseUnreachable, Refusal
from ledger.store.workspace import open_workspace
from projects.desk import Desk

path, me, count, amount, books = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5].split(",")
workspace = open_workspace(path)
print("ready", flush=True)
for number in range(count):
    book = books[number % len(books)]
    maker, approver = Desk(workspace, "zhang", book), Desk(workspace, "li", book)
    typed = {"project": "P001", "channel": "JT2024", "amount": amount, "date": "2024-03-01"}
    try:
        draft = maker.record("receive", typed, key=f"{me}-{number}-made")["draft"]
        print("sealed", book, approver.seal(draft, key=f"{me}-{number}-sealed")["number"], flush=True)
    except (CommitUnknown, DatabaseUnreachable) as refusal:
        print("lost", refusal.code, flush=True)
        break
    except Refusal as refusal:
        print("refused", refusal.code, flush=True)
"""


def start(office: Office, me: str, count: int, amount: str, books: list[str]) -> subprocess.Popen[str]:
    env = os.environ | {
        "EARMARK_DATABASE": office.database.daily.render_as_string(hide_password=False),
        "EARMARK_DATABASE_OWNER": "",
    }
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(office.path), me, str(count), amount, ",".join(books)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )


def outcome(writer: subprocess.Popen[str]) -> list[list[str]]:
    # Not by communicate(): it forgets what came into the buffer with the first line.
    assert writer.stdout is not None
    assert writer.stderr is not None
    with writer:
        out, err = writer.stdout.read(), writer.stderr.read()
    assert not err, err
    return [line.split() for line in out.splitlines() if line != "ready"]


def check_numbers(office: Office, acknowledged: set[tuple[str, str]]) -> int:
    """Make sure that every acknowledged voucher is there, without a gap, and return how many there are."""
    kept = office.sql("SELECT book, seq, number FROM voucher ORDER BY book, seq")
    counts: dict[str, int] = {}
    for book, seq, number in kept:
        assert seq == counts.setdefault(book, 0)
        counts[book] += 1
        assert number == f"2024-03-{counts[book]:04}"
    assert acknowledged <= {(book, number) for book, _, number in kept}
    return len(kept)


@contextmanager
def own_server(built: tuple[Path, str], path: Path, *, durable: bool) -> Iterator[Office]:
    """Make the office on a server of its own, which may be killed."""
    server = cluster.Cluster(durable=durable)
    try:
        name = server.make()
        make(path, server.named(name))
        office = Office(path, server, name)
        for book in BOOKS:
            office.do("allot", book=book, amount="1000000")
        yield office
        office.workspace.close()
    finally:
        server.stop()


@pytest.mark.slow
def test_a_server_that_is_killed_loses_nothing_that_was_acknowledged(built: tuple[Path, str], tmp_path: Path) -> None:
    chance = random.Random(20241123)
    with own_server(built, tmp_path / "ws", durable=True) as office:
        acknowledged: set[tuple[str, str]] = set()
        lost = 0
        for kill in range(10):
            writers = [
                start(office, f"{kill}-{number}", 100_000, "0.01", BOOKS[number:] + BOOKS[:number])
                for number in range(4)
            ]
            for writer in writers:
                assert writer.stdout is not None
                assert writer.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.5, 2.0))
            office.server.kill()
            for writer in writers:
                lines = outcome(writer)
                acknowledged |= {
                    (book, number) for said, book, number in (line for line in lines if line[0] == "sealed")
                }
                lost += sum(line[0] == "lost" for line in lines)
            office.server.start()
            count = check_numbers(office, acknowledged)
            # At most what each writer had under way may be there without having been acknowledged.
            assert count - len(BOOKS) - len(acknowledged) <= 4 * (kill + 1)
        assert lost == 40, "every writer is told that the server is gone"
        assert len(acknowledged) > 40
        settle(office.workspace)
        assert office.findings() == []


@pytest.mark.slow
def test_sixteen_writers_over_eight_books_leave_no_gap_and_pass_no_floor(
    built: tuple[Path, str], tmp_path: Path
) -> None:
    shutil.copytree(built[0], tmp_path / "ws")
    server = cluster.shared()
    office = Office(tmp_path / "ws", server, server.make(built[1]))
    each, amount = 64, "10.00"
    writers = [
        start(office, str(number), each, amount, BOOKS[number % 8 :] + BOOKS[: number % 8]) for number in range(16)
    ]
    lines = [line for writer in writers for line in outcome(writer)]
    sealed_ones = [(book, number) for said, book, number in (line for line in lines if line[0] == "sealed")]
    assert len(lines) == 16 * each
    assert len(set(sealed_ones)) == len(sealed_ones)
    # 1,000.00 were allotted in each book: 100 receipts of 10.00 fit, 128 were asked for.
    assert len(sealed_ones) == 8 * 100
    assert check_numbers(office, set(sealed_ones)) == 8 * 101
    assert office.findings() == []
    office.workspace.close()
    server.drop(office.name)


@pytest.mark.slow
def test_fifty_keys_sent_sixteen_times_each_are_posted_once(built: tuple[Path, str], tmp_path: Path) -> None:
    shutil.copytree(built[0], tmp_path / "ws")
    server = cluster.shared()
    office = Office(tmp_path / "ws", server, server.make(built[1]))
    writers = [start(office, "same", 50, "1.00", BOOKS) for _ in range(16)]
    answers = [outcome(writer) for writer in writers]
    assert all(answer == answers[0] for answer in answers)
    assert len({tuple(line) for line in answers[0]}) == 50
    assert check_numbers(office, set()) == 8 + 50
    assert office.findings() == []
    office.workspace.close()
    server.drop(office.name)

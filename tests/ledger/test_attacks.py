"""Raw SQL against the seal: every rule of the database refuses its attack, and no rule is there for show.

An honest voucher is written by SQL alone; each attack changes one thing about it, or touches what is sealed. Then each
rule is deleted in turn, and its attack has to get through: a rule that nothing tests would be found here. In PostgreSQL
it is the server's administrator who attacks: rights and rows by book are in nobody's way, only the rules are.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import cluster
import psycopg
import pysqlite3.dbapi2 as sqlite3
import pytest
from cluster import POSTGRESQL, native

from ledger import facts, log, people

STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10
allot project=P002 channel=WS2024 amount=1000 date=2024-01-10
receive project=P001 channel=JT2024 amount=600 date=2024-02-01
receive project=P002 channel=WS2024 amount=600 date=2024-02-01
contract contract=P001C01 parts=JT2024=500 party=施工单位 date=2024-02-15
certify contract=P001C01 amount=100 no_retention date=2024-03-01
allot project=P001 channel=JT2024 amount=1 date=2024-03-04
reverse voucher=2024-03-0002 reason=试 date=2024-03-05
accept project=P001 quantity=3.5 observe=paved-road=1/1 date=2024-03-06
allot project=P001 channel=JT2024 amount=2 date=2024-03-06
"""
ALLOTMENT = 9
"""The last voucher of the story, which may be reversed."""
BANK = "Assets:102-银行存款:B01-农商行专户:P001"
FUND = "Liabilities:241-专项应付款:P001-通村公路"
CLINIC = "Assets:102-银行存款:B01-农商行专户:P002"
CLINIC_FUND = "Liabilities:241-专项应付款:P002-村卫生室"
WORKS = "Assets:153-在建工程:P001-通村公路"
ALLOTTED = "Equity:B0-下达:P001-通村公路"
COMMITTED = "Equity:B2-合同占用:P001C01"
AVAILABLE = "Equity:B1-可用预算:P001-通村公路"
SPENT = "Equity:B3-已列支:P001-通村公路"
RECEIPT = ((BANK, "JT2024", 100), (FUND, "JT2024", -100))


class InFile:
    """A record in a file, attacked in copies."""

    refusal = sqlite3.IntegrityError

    def __init__(self, path: Path, scratch: Path) -> None:
        self._path, self._copy = path, scratch / "attacked.db"

    @contextmanager
    def attacked(self, *, references: bool, without: str | None = None) -> Iterator[Any]:
        """Open a transaction that is kept at the end, with a rule deleted if one is named."""
        shutil.copy(self._path, self._copy)
        with closing(sqlite3.connect(self._copy)) as connection:
            connection.isolation_level = None
            connection.execute(f"PRAGMA foreign_keys = {'ON' if references else 'OFF'}")
            if without:
                connection.execute(f"DROP TRIGGER {without}")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def rules(self) -> set[str]:
        with closing(sqlite3.connect(self._path)) as connection:
            return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}


class InServer:
    """A record in PostgreSQL, attacked in transactions that never end."""

    refusal = psycopg.IntegrityError

    def __init__(self, name: str) -> None:
        self._name = name

    @contextmanager
    def attacked(self, *, references: bool, without: str | None = None) -> Iterator[Any]:
        """Open a transaction that is rolled back, references checked at its end, with a rule deleted if one is named."""
        with cluster.shared().connect(self._name) as connection, connection.transaction(force_rollback=True):
            if without:
                table = connection.execute("SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = %s", (without,))
                connection.execute(f"DROP TRIGGER {without} ON {table.fetchone()[0]}")
            if not references:
                # As a replica does: ordinary triggers, and so references, are off. The rules have to stay on.
                connection.execute("SET LOCAL session_replication_role = replica")
            yield _Native(connection)
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def rules(self) -> set[str]:
        with cluster.shared().connect(self._name) as connection:
            return {row[0] for row in connection.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")}


class _Native:
    """A connection that takes queries as they are written for SQLite."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, query: str, values: Any = ()) -> Any:
        return self._connection.execute(native(query), values)


@pytest.fixture
def record(clerk, tmp_path) -> InFile | InServer:
    """A record with sealed vouchers."""
    clerk.play(STORY)
    paper = tmp_path / "slip.txt"
    paper.write_text("slip", encoding="utf-8")
    clerk.do(
        "receive",
        project="P001",
        channel="JT2024",
        amount="1",
        date="2024-03-06",
        papers=[paper],
        person=True,
        party="王小明",
    )
    clerk.draft("receive", project="P001", channel="JT2024", amount="1", key="k1", date="2024-03-07")
    with clerk.workspace.write(book="SF") as unit:
        on, said = clerk.clock().date(), {"topic": "修路"}
        facts.record(unit, "SF", "meeting", "P001", on=on, by="zhang", data=said, private={"name": "王小明"})
        unit.commit()
    with clerk.workspace.write() as unit:
        people.add_user(unit, "gone", roles=["maker", "approver"])
        people.revoke(unit, "gone", roles=["maker", "approver"])
        unit.commit()
    clerk.workspace.close()
    if POSTGRESQL:
        return InServer(cluster.shelf().name(clerk.workspace.path))
    copy = tmp_path / "record.db"
    shutil.copy(clerk.workspace.record, copy)
    return InFile(copy, tmp_path)


def voucher(
    connection: Any, postings=RECEIPT, *, seq=None, position=None, leaf=None, kind="voucher", hashed=None, **changed
):
    """Write a voucher by SQL: leaf, postings, voucher. What is named is changed."""
    last = connection.execute("SELECT max(seq) FROM voucher WHERE book = 'SF'").fetchone()[0]
    row = {
        "book": "SF",
        "seq": last + 1 if seq is None else seq,
        "date": "2024-03-07",
        "event": "receipt",
        "project": "P001",
        "contract": "",
        "payee": "x",
        "narration": "x",
        "facts": "{}",
        "maker": "zhang",
        "made_at": "x",
        "approver": "li",
        "sealed_at": "x",
        "reverses": None,
    } | changed
    month = row["date"][:7]
    count = connection.execute(
        "SELECT count(*) FROM voucher WHERE book = ? AND substr(number, 1, 7) = ?", (row["book"], month)
    )
    row.setdefault("number", f"{month}-{1 + count.fetchone()[0]:04}")
    at = connection.execute("SELECT max(position) + 1 FROM log_leaf WHERE log = 'SF'").fetchone()[0]
    content = leaf or log.leaf("SF", at, "voucher", {"number": row["number"]})
    row["leaf_hash"] = log.leaf_hash(content)
    row["position"] = at if position is None else position
    connection.execute(
        "INSERT INTO log_leaf VALUES ('SF', ?, ?, ?, ?)", (at, kind, content, hashed or row["leaf_hash"])
    )
    for number, (account, commodity, amount) in enumerate(postings):
        connection.execute(
            "INSERT INTO posting VALUES ('SF', ?, ?, ?, ?, ?)", (row["seq"], number, account, commodity, amount)
        )
    names = ", ".join(row)
    connection.execute(f"INSERT INTO voucher ({names}) VALUES ({', '.join('?' for _ in row)})", list(row.values()))


def sql(*statements: str):
    def attack(connection):
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, f"{statement} touches nothing"

    return attack


def bad(*postings, **changed):
    return lambda connection: voucher(connection, postings or RECEIPT, **changed)


def period(connection: Any, deed="close", month="2024-03", through=None, log_of="SF"):
    """Write a leaf that closes a month or opens one by SQL."""
    at = connection.execute("SELECT max(position) + 1 FROM log_leaf WHERE log = ?", (log_of,)).fetchone()[0]
    content = log.leaf(
        log_of, at, "period", {"deed": deed, "month": month, "through": month if through is None else through}
    )
    connection.execute(
        "INSERT INTO log_leaf VALUES (?, ?, 'period', ?, ?)", (log_of, at, content, log.leaf_hash(content))
    )


def checkpoint(connection: Any):
    """Write into the office's log, by SQL, that the book's log was signed as it is."""
    size = connection.execute("SELECT max(position) + 1 FROM log_leaf WHERE log = 'SF'").fetchone()[0]
    at = connection.execute("SELECT max(position) + 1 FROM log_leaf WHERE log = 'office'").fetchone()[0]
    content = log.leaf("office", at, "checkpoint", {"log": "SF", "size": size})
    connection.execute(
        "INSERT INTO log_leaf VALUES ('office', ?, 'checkpoint', ?, ?)", (at, content, log.leaf_hash(content))
    )


def in_turn(*steps: Any):
    def attack(connection):
        for step in steps:
            step(connection)

    return attack


def deed(*told: str):
    return lambda connection: period(connection, *told)


def cleared(table: str):
    """Empty a table at once, with what refers to it out of the way."""

    def attack(connection):
        refer = connection.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'f' AND confrelid = ?::regclass",
            (table,),
        )
        for other, name in refer.fetchall():
            connection.execute(f"ALTER TABLE {other} DROP CONSTRAINT {name}")
        connection.execute(f"TRUNCATE {table}")

    return attack


def in_file(attack):
    """Return an attack that only a file knows: INSERT OR REPLACE skips the triggers of a delete."""
    return [] if POSTGRESQL else [attack]


NEXT = "(SELECT max(seq) + 1 FROM voucher WHERE book = 'SF')"
LAST = "(SELECT max(seq) FROM voucher WHERE book = 'SF')"
WAGES = "Liabilities:213-应付劳务费:P001"
ATTACKS: dict[str, list[Any]] = {
    "log_leaf_next": [
        sql(f"INSERT INTO log_leaf VALUES ('SF', 999, 'x', '{{}}', '{log.leaf_hash('{}')}')"),
        *in_file(sql("INSERT OR REPLACE INTO log_leaf SELECT * FROM log_leaf WHERE log = 'SF' AND position = 0")),
    ],
    "budget_line_rises": [
        sql("UPDATE budget_line SET planned = planned - 1 WHERE channel = 'JT2024'"),
        sql("UPDATE budget_line SET channel = 'WS2024' WHERE channel = 'JT2024' AND project = 'P001'"),
    ],
    "account_of_chart": [
        sql(f"INSERT INTO account VALUES ('SF', '{WAGES}', 'wages', 'P001', '', '', -1, 0, '')"),
        sql(f"INSERT INTO account VALUES ('SF', '{WAGES}', 'wages', 'P001', '', '', 1, 1, '')"),
        sql(f"INSERT INTO account VALUES ('SF', '{WAGES}', 'wages', '', '', '', -1, 1, '')"),
        sql(f"INSERT INTO account VALUES ('SF', '{WAGES}', 'secret', 'P001', '', '', -1, 1, '')"),
    ],
    "balance_opens_at_zero": [
        sql(f"INSERT INTO balance VALUES ('SF', '{BANK}', 'JL2024', 1, 100)"),
        sql(f"INSERT INTO balance VALUES ('SF', '{BANK}', 'JL2024', 0, 0)"),
    ],
    "balance_moves_with_voucher": [
        sql(f"UPDATE balance SET amount = amount + 7 WHERE account = '{BANK}' AND commodity = 'JT2024'"),
        sql(f"UPDATE balance SET floor_side = 0 WHERE account = '{BANK}' AND commodity = 'JT2024'"),
    ],
    "posting_before_voucher": [
        sql(f"INSERT INTO posting VALUES ('SF', {LAST}, 9, '{BANK}', 'JT2024', 100)"),
        *in_file(
            sql("INSERT OR REPLACE INTO posting SELECT book, seq, line, account, commodity, amount + 1 FROM posting LIMIT 1")
        ),
    ],
    "document_before_voucher": [sql(f"INSERT INTO document VALUES ('SF', {LAST}, 'x', '', 1)")],
    "contract_of_voucher": [
        sql(f"INSERT INTO contract VALUES ('SF', 'P001C09', 'P001', 'x', 'x', {LAST})"),
        lambda connection: (
            voucher(
                connection,
                ((AVAILABLE, "JT2024.B", -100), (COMMITTED, "JT2024.B", 100)),
                event="contract",
                contract="P001C01",
                payee="施工单位",
            ),
            connection.execute(f"INSERT INTO contract VALUES ('SF', 'P001C01', 'P001', 'x', '施工单位', {LAST})"),
        ),
    ],
    "observation_of_voucher": [
        sql(f"INSERT INTO observation VALUES ('SF', 'paved-road', '2024-03-06', 5, 9, 9, 'x', {LAST})")
    ],
    "private_fact_committed": [
        sql("INSERT INTO private_fact SELECT log, position, 'phone', 'x', '00' FROM log_leaf WHERE kind = 'fact'"),
        sql(f"INSERT INTO private_fact VALUES ('SF', {LAST}, 'name', 'x', '00')"),
    ],
    "voucher_next": [
        bad(number="2024-03-0099"),
    ],
    "voucher_dated": [bad(date="2024-03-32"), bad(date="2024-04-31"), bad(date="2024-03-05"), bad(date="2024-03-5x")],
    "voucher_in_open_month": [
        in_turn(deed(), bad()),
        in_turn(deed(), deed("close", "2024-04"), deed("reopen", "2024-04", "2024-03"), bad()),
    ],
    "period_in_turn": [
        deed("close", "2024-13"),
        deed("close", "2024-03", "2024-02"),
        deed("open", "2024-03"),
        deed("reopen", "2024-03", ""),
        in_turn(deed(), deed()),
        in_turn(deed(), deed("close", "2024-02")),
        in_turn(deed(), deed("close", "2024-04"), deed("reopen", "2024-03", "")),
        in_turn(deed(), deed("close", "2024-04"), deed("reopen", "2024-04", "")),
        in_turn(deed(), checkpoint, deed("reopen", "2024-03", "")),
        in_turn(deed(), checkpoint, deed("close", "2024-04"), deed("reopen", "2024-04", "2024-03"), deed("reopen", "2024-03", "")),
    ],
    "administrator_apart": [
        sql("INSERT INTO role_grant VALUES ('zhang', 'administrator', 'SF', '', 1)"),
        in_turn(
            sql("INSERT INTO role_grant VALUES ('zhao', 'administrator', 'SF', '', 1)"),
            sql("INSERT INTO role_grant VALUES ('zhao', 'approver', '*', '', 1)"),
        ),
    ],
    "role_grant_in_turn": [
        sql("INSERT INTO role_grant SELECT \"user\", role, book, '', 2 FROM role_grant WHERE \"user\" = 'zhang'"),
        sql("INSERT INTO role_grant VALUES ('gone', 'maker', '*', '', 3)"),
    ],
    "role_revocation_of_grant": [
        sql("INSERT INTO role_revocation VALUES ('zhang', 'auditor', '*', 1, '')"),
        sql("INSERT INTO role_revocation VALUES ('gone', 'maker', '*', 2, '')"),
    ],
    "voucher_two_people": [
        bad(maker="li", approver="zhang"),
        bad(approver="zhao"),
        bad(maker="zhao"),
        bad(approver="gone"),
        bad(maker="gone"),
    ],
    "voucher_balances": [
        bad((BANK, "JT2024", 100)),
        bad((BANK, "JT2024", 100), (FUND, "JT2024", -99)),
        lambda connection: voucher(connection, ()),
    ],
    "voucher_one_project": [
        bad((BANK, "JT2024", 100), (FUND, "JT2024", -100), (CLINIC, "WS2024", 100), (CLINIC_FUND, "WS2024", -100))
    ],
    "voucher_whole": [bad((WORKS, "JT2024", 100), (BANK, "JT2024", -100)), bad((AVAILABLE, "JT2024.B", -1), (SPENT, "JT2024.B", 1))],
    "voucher_year_end": [bad(event="year_end")],
    "voucher_earmarked": [
        lambda connection: (
            connection.execute(f"INSERT INTO balance VALUES ('SF', '{BANK}', 'WS2024', 1, 0)"),
            connection.execute(f"INSERT INTO balance VALUES ('SF', '{FUND}', 'WS2024', -1, 0)"),
            voucher(connection, ((BANK, "WS2024", 100), (FUND, "WS2024", -100))),
        ),
    ],
    "voucher_reverses": [
        bad(event="reversal", reverses=ALLOTMENT),
        bad((AVAILABLE, "JT2024.B", -200), (ALLOTTED, "JT2024.B", 200), event="receipt", reverses=ALLOTMENT),
        lambda connection: voucher(
            connection,
            tuple(
                (account, commodity, -amount)
                for account, commodity, amount in connection.execute(
                    "SELECT p.account, p.commodity, p.amount FROM posting p JOIN voucher v "
                    "ON v.book = p.book AND v.seq = p.seq WHERE v.reverses IS NOT NULL"
                ).fetchall()
            ),
            event="reversal",
            reverses=connection.execute("SELECT seq FROM voucher WHERE reverses IS NOT NULL").fetchone()[0],
        ),
    ],
    "voucher_leaf": [
        bad(kind="other"),
        bad(leaf=json.dumps({"data": {"number": "2024-03-0077"}})),
        *in_file(bad(hashed="00")),
    ],
}  # fmt: skip

STAYS = [
    "users",
    "role_grant",
    "role_revocation",
    "village",
    "channel",
    "good",
    "commodity",
    "command_key",
    "book",
    "chart_role",
    "bank",
    "bank_channel",
    "project",
    "budget_line",
    "contract",
    "observation",
    "account",
    "balance",
    "log_leaf",
    "voucher",
    "posting",
    "document",
    "private_value",
    "private_fact",
]
NO_UPDATE = [table for table in STAYS if table not in {"balance", "budget_line"}]
NO_DELETE = [table for table in STAYS if table not in {"private_value", "private_fact"}]
ONCE = [table for table in STAYS if table not in {"log_leaf", "voucher", "posting", "document"}]
COLUMN = {
    "role_grant": "role",
    "role_revocation": "revoked_at",
    "commodity": "kind",
    "command_key": "answer",
    "chart_role": "mirror",
    "bank_channel": "channel",
    "contract": "payee",
    "observation": "evidence",
    "log_leaf": "leaf",
    "voucher": "narration",
    "posting": "line",
    "document": "suffix",
    "private_value": "value",
    "private_fact": "value",
    "workspace": "id",
}
if POSTGRESQL:
    NO_UPDATE.append("workspace")
    NO_DELETE.append("workspace")
    ATTACKS["log_leaf_hashed"] = [
        sql("INSERT INTO log_leaf SELECT 'SF', max(position) + 1, 'x', '{}', '00' FROM log_leaf WHERE log = 'SF'")
    ]
    for table in [*STAYS, "workspace"]:
        ATTACKS[f"{table}_no_truncate"] = [cleared(table)]
for table in NO_UPDATE:
    column = COLUMN.get(table, "name")
    ATTACKS[f"{table}_no_update"] = [sql(f"UPDATE {table} SET {column} = {column}")]
for table in NO_DELETE:
    ATTACKS[f"{table}_no_delete"] = [sql(f"DELETE FROM {table}")]
# A row is put over one that is there; for a balance one at zero, because another rule has it open there.
OVER = {"balance": "SELECT book, account, commodity, floor_side, 0 FROM balance LIMIT 1"}
# In PostgreSQL a row is put over another by an update, and every key is its own rule.
for table in [] if POSTGRESQL else ONCE:
    if table == "observation":
        row = "SELECT * FROM observation WHERE seq IS NOT NULL LIMIT 1"
    else:
        row = OVER.get(table, f"SELECT * FROM {table} LIMIT 1")
    ATTACKS[f"{table}_once"] = [sql(f"INSERT OR REPLACE INTO {table} {row}")]


def refused(record: InFile | InServer, attack: Any, *, without: str | None = None) -> bool:
    """Try an attack, with a rule deleted if one is named; tell whether it was refused.

    References are switched off, because each rule has to hold without them.
    """
    try:
        with record.attacked(references=False, without=without) as connection:
            attack(connection)
    except record.refusal:
        return True
    return False


def test_an_honest_voucher_written_by_sql_is_sealed_and_moves_the_balances(record):
    query = f"SELECT amount FROM balance WHERE account = '{BANK}' AND commodity = 'JT2024'"
    with record.attacked(references=True) as connection:
        before = connection.execute(query).fetchone()[0]
        voucher(connection)
        assert connection.execute(query).fetchone()[0] == before + 100


def test_a_month_that_was_opened_again_by_sql_takes_a_voucher(record):
    query = "SELECT count(*) FROM voucher"
    with record.attacked(references=True) as connection:
        before = connection.execute(query).fetchone()[0]
        in_turn(deed(), deed("close", "2024-04"), checkpoint)(connection)
        in_turn(deed("close", "2024-05"), deed("reopen", "2024-05", "2024-04"))(connection)
        voucher(connection, date="2024-05-01")
        assert connection.execute(query).fetchone()[0] == before + 1


def test_every_rule_refuses_its_attacks(record):
    through = [
        (rule, number)
        for rule, attacks in ATTACKS.items()
        for number, attack in enumerate(attacks)
        if not refused(record, attack)
    ]
    assert through == []


def test_every_rule_is_missed_when_it_is_deleted(record):
    missed = [
        (rule, number)
        for rule, attacks in ATTACKS.items()
        for number, attack in enumerate(attacks)
        if refused(record, attack, without=rule)
    ]
    assert missed == []


def test_every_rule_of_the_database_has_an_attack(record):
    # The one that moves the balances refuses nothing by itself: the floors that it moves do.
    assert record.rules() - {"voucher_moves_balances"} == set(ATTACKS)


@pytest.mark.parametrize(
    "attack",
    [
        bad((BANK, "JT2024", -100_000_00), (FUND, "JT2024", 100_000_00)),
        bad(maker="zhang", approver="zhang"),
        bad((BANK, "JT2024", 100), ("Assets:nowhere", "JT2024", -100)),
        bad(project="P099"),
        bad(approver="nobody"),
        lambda connection: connection.execute(f"INSERT INTO posting VALUES ('SF', {NEXT}, 0, '{BANK}', 'JT2024', 100)"),
    ],
    ids=["over a floor", "self-approved", "no such account", "no such project", "no such person", "postings alone"],
)
def test_constraints_refuse_the_rest(record, attack):
    with pytest.raises(record.refusal), record.attacked(references=True) as connection:
        attack(connection)

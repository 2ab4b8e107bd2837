"""Verification finds what was changed, names the place, and is silent about what is right."""

from __future__ import annotations

from pathlib import Path

import cluster
import pysqlite3.dbapi2 as sqlite3
import pytest
from cluster import POSTGRESQL

from ledger import messages
from ledger.verify import verify

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
receive project=P001 channel=JT2024 amount=500000 date=2024-02-01
contract contract=P001C01 parts=JT2024=300000 party=施工单位 date=2024-02-15
certify contract=P001C01 amount=100000 date=2024-03-25
pay contract=P001C01 amount=50000 date=2024-03-28
"""


@pytest.fixture
def village(clerk):
    """A village with five vouchers, the last with a document."""
    clerk.play(STORY)
    paper = clerk.workspace.path.parent / "slip.txt"
    paper.write_text("bank slip", encoding="utf-8")
    clerk.do("pay", contract="P001C01", amount="10000", date="2024-03-29", papers=[paper])
    return clerk


def findings(village, **options):
    return [
        (check.name, finding.code, {key: str(value) for key, value in finding.facts.items()})
        for check in verify(village.workspace, **options)
        for finding in check.findings
    ]


def month(village) -> Path:
    return village.workspace.books / "SF" / "2024-03.beancount"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_an_untouched_workspace_has_no_findings_and_every_check_covers_something(village):
    checks = verify(village.workspace, beancount=True)
    assert [(check.name, check.findings) for check in checks] == [
        (name, [])
        for name in (
            "storage",
            "schema",
            "numbers",
            "postings",
            "balances",
            "log",
            "privacy",
            "checkpoints",
            "documents",
            "books",
            "beancount",
        )
    ]
    # Nothing has been signed here, and nobody is a person; both have tests of their own.
    assert all(check.covered for check in checks if check.name not in {"checkpoints", "privacy"})


def test_one_digit_changed_by_hand_names_the_voucher_the_line_and_both_texts(village):
    change(month(village), "-50000.00 JT2024", "-50001.00 JT2024")
    [(check, code, facts)] = findings(village)
    assert (check, code, facts["number"]) == ("books", "voucher", "2024-03-0002")
    assert facts["found"].endswith("-50001.00 JT2024")
    assert facts["wanted"].endswith("-50000.00 JT2024")
    assert month(village).read_text().splitlines()[int(facts["line"]) - 1].strip() == facts["found"]


@pytest.mark.parametrize(
    "old, new, code",
    [
        ("-50000.00 JT2024", "-50000.00 JT2024 @ 1 CNY", "price"),
        ("-50000.00 JT2024", "-50000.00 JT2024 {1 CNY}", "price"),
        ("-50000.00 JT2024", "-50000 JT2024", "voucher"),
        ('maker: "zhang"', 'maker: "li"', "voucher"),
        ('"施工单位"', '"另一单位"', "voucher"),
        ("2024-03-28 *", "2024-03-27 *", "voucher"),
        (";; SF 2024-03", ";; SF 2024-04", "head"),
    ],
)
def test_every_hand_edit_of_a_month_is_found(village, old, new, code):
    change(month(village), old, new)
    assert [found[1] for found in findings(village)] == [code]


def test_a_voucher_taken_out_put_in_or_doubled_is_named(village):
    text = month(village).read_text(encoding="utf-8")
    start = text.index("2024-03-28 *")
    block = text[start : text.index("2024-03-29 *")]
    month(village).write_text(text.replace(block, ""), encoding="utf-8")
    assert [(code, facts["number"]) for _, code, facts in findings(village)] == [("voucher-missing", "2024-03-0002")]
    month(village).write_text(text + "\n" + block, encoding="utf-8")
    assert ("voucher-twice", "2024-03-0002") in [(code, facts["number"]) for _, code, facts in findings(village)]
    month(village).write_text(text + "\n" + block.replace("2024-03-0002", "2024-03-0009"), encoding="utf-8")
    assert ("voucher-added", "2024-03-0009") in [(code, facts["number"]) for _, code, facts in findings(village)]


@pytest.mark.parametrize(
    "old, new",
    [
        ("  JT2024\n", "  JT2024,JZ2024\n"),
        ("price JT2024 1 CNY", "price JT2024 2 CNY"),
        ('include "2024-03.beancount"\n', ""),
        ('option "title"', 'plugin "evil"\noption "title"'),
    ],
)
def test_a_changed_head_is_found(village, old, new):
    change(village.workspace.books / "SF" / "main.beancount", old, new)
    assert [code for _, code, _ in findings(village)] == ["head"]


def test_stray_files_links_and_missing_months_are_found(village):
    folder = village.workspace.books / "SF"
    (folder / ".main.beancount.picklecache").write_bytes(b"x")
    (folder / "documents" / "extra.txt").write_text("x", encoding="utf-8")
    found = {(code, facts["path"]) for _, code, facts in findings(village)}
    assert found == {
        ("stray", "books/SF/.main.beancount.picklecache"),
        ("stray", "books/SF/documents/extra.txt"),
    }
    month(village).rename(village.workspace.path / "elsewhere")
    month(village).symlink_to(village.workspace.path / "elsewhere")
    assert ("stray", "books/SF/2024-03.beancount") in {(code, facts["path"]) for _, code, facts in findings(village)}
    month(village).unlink()
    assert ("book-missing", "books/SF/2024-03.beancount") in {
        (code, facts["path"]) for _, code, facts in findings(village)
    }


def test_a_changed_or_missing_document_is_found(village):
    [paper] = (village.workspace.books / "SF" / "documents").iterdir()
    paper.write_text("another slip", encoding="utf-8")
    assert [(code, facts["number"]) for _, code, facts in findings(village)] == [("document-changed", "2024-03-0003")]
    [kept] = village.workspace.documents.iterdir()
    kept.unlink()
    assert {code for _, code, _ in findings(village)} == {"document-changed", "document-missing"}


@pytest.mark.parametrize(
    "statement, expected",
    [
        ("UPDATE posting SET amount = amount + 100 WHERE seq = 4 AND line = 0", {"unbalanced", "balance", "leaf", "voucher"}),
        ("UPDATE balance SET amount = amount + 100 WHERE account LIKE '%102-银行存款:B01%'", {"balance"}),
        ("UPDATE voucher SET narration = 'x' WHERE seq = 2", {"leaf", "voucher"}),
        ("UPDATE voucher SET date = '2024-02-10' WHERE seq = 2", {"leaf", "voucher"}),
        ("UPDATE voucher SET number = '2024-03-0009' WHERE seq = 4", {"gap", "leaf", "voucher-missing", "voucher-added"}),
        ("UPDATE voucher SET leaf_hash = 'x' WHERE seq = 4", {"leaf", "voucher"}),
        ("UPDATE log_leaf SET leaf = '{}' WHERE kind = 'voucher' AND position = (SELECT max(position) FROM log_leaf WHERE log = 'SF')", {"log-hash", "leaf"}),
        ("UPDATE project SET name = 'x' WHERE code = 'P001'", {"register", "head"}),
        ("UPDATE role_grant SET role = 'approver'", {"register", "role-missing"}),
        ("UPDATE budget_line SET planned = planned + 1 WHERE channel = 'JT2024'", {"register", "head"}),
        ("DELETE FROM bank_channel WHERE channel = 'JZ2024' AND bank = 'B01'", {"register", "head"}),
        ("UPDATE account SET mirror = 'stocked' WHERE role = 'works'", {"mirror", "account"}),
        ("UPDATE document SET sha256 = 'x'", {"leaf", "document-missing", "voucher", "stray"}),
    ],
)  # fmt: skip
def test_a_change_of_the_record_behind_the_program_is_found(village, statement, expected):
    village.tamper(statement)
    assert {code for _, code, _ in findings(village)} == expected


WEAK = "CREATE TRIGGER voucher_no_update BEFORE UPDATE ON voucher WHEN 0 BEGIN SELECT RAISE(ABORT, 'x'); END"
IN_FILE = [
    ("DROP TRIGGER voucher_no_update", "voucher_no_update"),
    ("CREATE TRIGGER extra AFTER INSERT ON voucher BEGIN SELECT 1; END", "extra"),
    ("CREATE TABLE extra (a)", "extra"),
    ("DROP TRIGGER posting_no_delete", "posting_no_delete"),
    ("DROP TRIGGER voucher_no_update;" + WEAK, "voucher_no_update"),
]
IN_SERVER = [
    ("DROP TRIGGER voucher_no_update ON voucher", "trigger voucher.voucher_no_update"),
    ("ALTER TABLE voucher DISABLE TRIGGER voucher_no_update", "trigger voucher.voucher_no_update"),
    ("ALTER TABLE voucher ENABLE TRIGGER voucher_no_update", "trigger voucher.voucher_no_update"),
    ("CREATE TABLE extra (a int)", "table extra"),
    ("CREATE VIEW extra AS SELECT 1", "view extra"),
    ("CREATE INDEX extra ON voucher (payee)", "index extra"),
    ("CREATE OR REPLACE FUNCTION voucher_balances() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
     "function voucher_balances()"),
    ("CREATE RULE extra AS ON INSERT TO voucher DO INSTEAD NOTHING", "rule voucher.extra"),
    ("ALTER TABLE balance DROP CONSTRAINT floor", "constraint balance.floor"),
    ("ALTER TABLE balance DROP CONSTRAINT floor, ADD CONSTRAINT floor CHECK (floor_side * amount >= 0) NOT VALID",
     "constraint balance.floor"),
    ("ALTER TABLE voucher DROP CONSTRAINT voucher_approver_fkey", "constraint voucher.voucher_approver_fkey"),
    ("DROP POLICY of_book ON voucher", "policy voucher.of_book"),
    ("ALTER POLICY of_book ON voucher USING (true)", "policy voucher.of_book"),
    ("CREATE POLICY extra ON voucher USING (true)", "policy voucher.extra"),
    ("ALTER TABLE voucher DISABLE ROW LEVEL SECURITY", "table voucher"),
    ('ALTER TABLE voucher ALTER narration TYPE text COLLATE "default"', "table voucher"),
    ("GRANT DELETE ON voucher TO earmark_app", "right voucher earmark_app"),
    ("GRANT INSERT ON posting TO clerk", "right posting clerk"),
    ("GRANT UPDATE (amount) ON balance TO PUBLIC", "right balance PUBLIC"),
    ("GRANT EXECUTE ON FUNCTION earmark_seal TO PUBLIC", "right earmark_seal(jsonb) PUBLIC"),
    ("GRANT CREATE ON SCHEMA public TO PUBLIC", "right schema public PUBLIC"),
]  # fmt: skip


@pytest.mark.parametrize("statement, name", IN_SERVER if POSTGRESQL else IN_FILE)
def test_a_rule_taken_out_put_in_or_weakened_is_found(village, statement, name):
    if POSTGRESQL:
        village.workspace.close()
        with cluster.shared().connect(cluster.shelf().name(village.workspace.path), "owner") as connection:
            connection.execute(statement)
    else:
        with village.intruder() as connection:
            for each in statement.split(";", 1) if statement.startswith("DROP") else [statement]:
                connection.execute(each)
    assert [facts["name"] for _, code, facts in findings(village) if code == "schema"] == [name]


def test_a_tampered_book_is_never_loaded_by_beancount(village):
    witness = village.workspace.path / "was-here"
    change(
        village.workspace.books / "SF" / "main.beancount",
        'option "title"',
        f'plugin "beancount.plugins.auto_accounts"\ninclude "{witness}"\noption "title"',
    )
    checks = verify(village.workspace, beancount=True)
    assert checks[-1].covered == 0


@pytest.mark.parametrize("lang", messages.LANGS)
def test_every_finding_has_a_sentence(village, lang):
    change(month(village), "-50000.00 JT2024", "-50001.00 JT2024")
    [(_, code, facts)] = findings(village)
    assert "2024-03-0002" in messages.text("projects", f"finding.{code}", lang, **facts)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sqlite_master SET type = 'Index' WHERE name = 'sqlite_autoindex_account_1'",
        "UPDATE sqlite_master SET tbl_name = 'documenT' WHERE name = 'sqlite_autoindex_document_1'",
        "UPDATE sqlite_master SET tbl_name = 'postinG' WHERE name = 'posting_no_update'",
    ],
)
def test_an_entry_of_the_schema_that_was_damaged_is_found(village, statement):
    village.workspace.close()
    connection = sqlite3.connect(village.workspace.record)
    connection.execute("PRAGMA writable_schema = ON")
    assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()
    assert "schema" in {code for _, code, _ in findings(village)}

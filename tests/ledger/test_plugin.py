"""What `bean-check` says of a book that was tampered with, by the plugin that its head names: the rule, at its place."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from beancount import loader

from ledger import canonical, merkle

EXAMPLE = Path(__file__).parents[1] / "data" / "example-book.beancount"
BANK = "Assets:102-银行存款:B01-演示银行专户:P001"
PAYABLE = "Liabilities:211-应付款:P001C01-进度款"
RECEIPT = f"  {BANK}  200000.00 JT2024\n  Liabilities:241-专项应付款:P001-通村村道  -200000.00 JT2024\n"
REVERSED = '  reason: "应记供水站，误记通村村道"\n  reverses: "V2024-06-0003"\n'
NOTE = "f84b05577161dbb7fcf505f5789d0bd506811015ed1092792ca51703512ca5ae.txt"
FORGED = {"of": "bank-balance", "subject": "B01", "on": "2024-12-31", "by": "zhidan", "at": "2025-01-02T09:30:00+08:00"}
SUMS = {"balance": "1.00", "book-balance": "1.00", "documents": []}

OFFICE = "../office.beancount"

Tamper = Callable[[Path], None]


@pytest.fixture(scope="module")
def books(demo: Path) -> Path:
    """The books of the demonstration, which every test copies."""
    return demo / "books"


def check(folder: Path) -> list[Any]:
    """Return what Beancount reports of a book."""
    return list(loader.load_file(str(folder / "main.beancount"))[1])


def rules(folder: Path) -> set[str]:
    """Return the plugin's rules that a book breaks."""
    return {error.rule for error in check(folder) if hasattr(error, "rule")}


def change(file: str, old: str, new: str) -> Tamper:
    """Return how one place of a file is changed."""

    def tamper(book: Path) -> None:
        text = (book / file).read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old}"
        (book / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return tamper


def without(file: str, pattern: str) -> Tamper:
    """Return how the first thing of a form is taken out of a file."""

    def tamper(book: Path) -> None:
        text = (book / file).read_text(encoding="utf-8")
        cut, count = re.subn(pattern, "", text, count=1, flags=re.DOTALL | re.MULTILINE)
        assert count, f"{file} has no {pattern}"
        (book / file).write_text(cut, encoding="utf-8")

    return tamper


def added(file: str, text: str) -> Tamper:
    """Return how something is written at the end of a file, which may be new."""

    def tamper(book: Path) -> None:
        with (book / file).open("a", encoding="utf-8") as to:
            to.write(text)

    return tamper


def leaves(book: Path) -> int:
    """Return how many leaves of the book's log the checkpoint covers, which the office's log holds: all of them."""
    found = re.search(r'  log: "V13"\n(?:  .*\n)*?  size: (\d+)\n', (book / OFFICE).read_text(encoding="utf-8"))
    assert found
    return int(found[1])


def shrink_checkpoint(book: Path) -> None:
    """A checkpoint that says it covers one leaf fewer than its note."""
    size = leaves(book)
    change(OFFICE, f"size: {size}\n", f"size: {size - 1}\n")(book)


def forge_total(book: Path) -> None:
    """A reconciliation that the book does not bear out, with a leaf that is right."""
    size = leaves(book)
    leaf = {"format": "earmark/log/1", "log": "V13", "position": size, "kind": "fact", "data": FORGED | SUMS}
    hashed = merkle.leaf(canonical.dumps(leaf).encode()).hex()
    lines = "".join(f'  {key}: "{value}"\n' for key, value in (FORGED | SUMS).items() if key != "documents")
    added("register.beancount", f'\n2024-12-31 custom "fact" {size} "{hashed}"\n  documents-json: "[]"\n{lines}')(book)


def rewrite_leaf(book: Path) -> None:
    """A narration is changed and its leaf made anew: only the signed root still knows."""
    head = book / "register.beancount"
    text = head.read_text(encoding="utf-8")
    block = re.search(
        r'custom "bank" 1 "([0-9a-f]{64})"\n  code: "B00"\n  kind: "own"\n  name: "演示银行村基本户"\n', text
    )
    assert block
    data = {"code": "B00", "kind": "own", "name": "演示银行村基本戸"}
    leaf = {"format": "earmark/log/1", "log": "V13", "position": 1, "kind": "bank", "data": data}
    hashed = merkle.leaf(canonical.dumps(leaf).encode()).hex()
    forged = block[0].replace(block[1], hashed).replace("基本户", "基本戸")
    head.write_text(text.replace(block[0], forged), encoding="utf-8")


def drop_paper(book: Path) -> None:
    (book / "documents" / NOTE).unlink()


def repeat(book: Path) -> None:
    """A receipt is written a second time."""
    file = book / "2024-06.beancount"
    text = file.read_text(encoding="utf-8")
    block = re.search(r"^2024-06-06 .*?(?=^2024-06-12)", text, re.DOTALL | re.MULTILINE)
    assert block
    file.write_text(text.replace(block[0], block[0] * 2), encoding="utf-8")


JUNE, JANUARY, HEAD, REGISTER = "2024-06.beancount", "2024-01.beancount", "main.beancount", "register.beancount"
OTHER = "Assets:102-银行存款:B01-演示银行专户:P002"

TAMPERED: list[tuple[str, Tamper, str]] = [
    ("a price", change(JUNE, "200000.00 JT2024\n", "200000.00 JT2024 @ 1 CNY\n"), "price"),
    ("a cost", change(JUNE, "200000.00 JT2024\n", "200000.00 JT2024 {1 CNY}\n"), "cost"),
    ("an amount left out", change(JUNE, "P001-通村村道  -200000.00 JT2024", "P001-通村村道"), "elided"),
    ("a third decimal", change(JUNE, f"{BANK}  200000.00 JT2024", f"{BANK}  200000.004 JT2024"), "decimals"),
    (
        "a hair within the tolerance",
        change(JUNE, f"{BANK}  200000.00 JT2024", f"{BANK}  200000.004 JT2024"),
        "unbalanced",
    ),
    ("an amount on both sides", change(JUNE, RECEIPT, RECEIPT.replace("200000.00", "190000.00")), "leaf"),
    ("a narration", change(JUNE, "第二批到账", "第三批到账"), "leaf"),
    ("a payee", change(JUNE, '* "甲施工队（演示）"', '* "乙施工队（演示）"'), "leaf"),
    ("a business fact", change(JUNE, 'period: "1"', 'period: "2"'), "leaf"),
    ("a register's entry", change(REGISTER, "households: 52", "households: 62"), "leaf"),
    ("a leaf made anew", rewrite_leaf, "root"),
    ("a doubtful flag", change(JUNE, "2024-06-06 * ", "2024-06-06 ! "), "flag"),
    ("another project", change(JUNE, '到账" #P001 ', '到账" #P002 '), "two-projects"),
    ("two projects", change(JUNE, '到账" #P001 ', '到账" #P001 #P002 '), "project"),
    ("spending without its budget", without(JUNE, r"^  Equity:B3-[^\n]*\n"), "mirror"),
    (
        "a payment above what is certified",
        change(
            JUNE,
            f"{PAYABLE}  194764.69 JT2024\n  {BANK}  -194764.69",
            f"{PAYABLE}  9194764.69 JT2024\n  {BANK}  -9194764.69",
        ),
        "floor",
    ),
    (
        "an account of nobody's chart",
        change(JUNE, "Liabilities:241-专项应付款:P001-通村村道  -2", "Liabilities:999-其他  -2"),
        "account",
    ),
    ("a voucher taken out", without(JUNE, r"^2024-06-06 .*?(?=^2024-06-12)"), "number"),
    ("the last voucher taken out", without("2024-12.beancount", r"^2024-12-(?!.*^2024-12-\d\d \*).*\Z"), "shorter"),
    ("a voucher written twice", repeat, "position"),
    ("a number changed", change(JUNE, "^V2024-06-0002", "^V2024-06-0012"), "number"),
    ("a seal's order changed", change(JUNE, 'seq: "32"', 'seq: "33"'), "seq"),
    ("a date moved back", change(JUNE, "2024-06-12 * ", "2024-06-02 * "), "date-back"),
    ("a date moved to another month", change(JUNE, "2024-06-06 * ", "2024-05-31 * "), "month"),
    ("a maker who approves", change(JUNE, 'maker: "zhidan"', 'maker: "shenhe"'), "one-person"),
    ("an approver taken out", without(JUNE, r'^  approver: "shenhe"\n'), "signature"),
    ("a reversal of another voucher", change(JUNE, REVERSED, REVERSED.replace("0003", "0001")), "reversal"),
    ("a reversal without its link", change(JUNE, " ^V2024-06-0004 ^V2024-06-0003", " ^V2024-06-0004"), "reversal-link"),
    ("a document taken away", drop_paper, "paper-missing"),
    ("a document changed", added(f"documents/{NOTE}", "x"), "paper-changed"),
    ("a document slipped in", added("documents/receipt.txt", "x"), "paper-stray"),
    ("a document no longer shown", without(JANUARY, r"^2024-01-15 document [^\n]*\n"), "paper-hidden"),
    (
        "a document shown of another voucher",
        change(JANUARY, f'{NOTE}" #P001 ^V2024-01-0003', f'{NOTE}" #P001 ^V2024-01-0002'),
        "paper-extra",
    ),
    ("a balance at the bank", forge_total, "bank-total"),
    ("an assertion of ours to silence doubt", added(HEAD, f"2025-01-01 balance {BANK}  0.00 CJ2024\n"), "unconfirmed"),
    ("a month no longer read", change(HEAD, f'include "{JUNE}"\n', ""), "not-included"),
    ("a foreign file", added("notes.txt", "x"), "stray"),
    (
        "a foreign plugin",
        change(HEAD, 'plugin "', 'plugin "beancount.plugins.auto_accounts"\nplugin "'),
        "foreign-plugin",
    ),
    ("a pad", added(HEAD, f"2024-01-03 pad {BANK} {OTHER}\n"), "directive"),
    ("a channel's price", change(HEAD, "price JT2024 1 CNY", "price JT2024 2 CNY"), "channel-price"),
    (
        "an account opened wider",
        change(HEAD, "P001  JT2024,JZ2024,NH2024", "P001  CJ2024,JT2024,JZ2024,NH2024"),
        "open",
    ),
    ("a budget line", change(HEAD, '"P001" 880000.00', '"P001" 980000.00'), "head"),
    ("a milestone", without("2024-02.beancount", r"^2024-\d\d-\d\d event [^\n]*\n"), "head-lacks"),
    ("the book's own name", without(HEAD, r'^[0-9-]+ custom "book"[^\n]*\n'), "book"),
    ("a checkpoint", shrink_checkpoint, "note"),
    ("a checkpoint of the office's own log", change(OFFICE, 'name: "示范村甲"', 'name: "示范村丙"'), "leaf"),
]


@pytest.mark.parametrize(("tamper", "rule"), [pytest.param(how, rule, id=what) for what, how, rule in TAMPERED])
def test_a_tampered_text_is_refused_by_the_rule_that_it_breaks(
    books: Path, tmp_path: Path, tamper: Tamper, rule: str
) -> None:
    shutil.copytree(books, tmp_path / "books")
    book = tmp_path / "books" / "V13"
    tamper(book)
    assert rule in rules(book)


@pytest.mark.parametrize("book", ["V13", "V14"])
def test_the_untouched_book_is_let_through(books: Path, book: str) -> None:
    assert [error.message for error in check(books / book)] == []


def test_bean_check_fails_with_the_place_the_rule_and_both_languages(books: Path, tmp_path: Path) -> None:
    shutil.copytree(books, tmp_path / "books")
    book = tmp_path / "books" / "V13"
    change(JUNE, 'maker: "zhidan"', 'maker: "shenhe"')(book)
    command = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(book / HEAD)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    said = f"{book / JUNE}:3:"
    assert f"{said}" in run.stderr
    assert (
        "[one-person] 凭证 V2024-06-0001 的制单人与审核人是同一人（shenhe）。 / "
        "voucher V2024-06-0001 was made and approved by one person (shenhe)" in run.stderr
    )


def test_the_folder_of_one_book_is_enough(books: Path, tmp_path: Path) -> None:
    shutil.copytree(books / "V13", tmp_path / "V13")
    assert check(tmp_path / "V13") == []


def test_the_plugin_needs_no_record_and_no_database(books: Path) -> None:
    program = (
        "import sys; from beancount import loader; "
        f"assert not loader.load_file({str(books / 'V13' / HEAD)!r})[1]; "
        "print(*(name for name in ('sqlalchemy', 'alembic', 'pysqlite3', 'projects') if name in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def with_plugin(tmp_path: Path, text: str) -> list[Any]:
    """Return what is said of a text that is not ours, read by a head of the auditor's own."""
    (tmp_path / "book.beancount").write_text(text, encoding="utf-8")
    (tmp_path / "head.beancount").write_text('plugin "ledger.plugin"\ninclude "book.beancount"\n', encoding="utf-8")
    return list(loader.load_file(str(tmp_path / "head.beancount"))[1])


def test_the_rules_without_metadata_let_the_worked_example_through(tmp_path: Path) -> None:
    assert with_plugin(tmp_path, EXAMPLE.read_text(encoding="utf-8")) == []


@dataclass(frozen=True)
class Plain:
    old: str
    new: str
    rule: str


@pytest.mark.parametrize(
    "plain",
    [
        Plain("^V2024-02-0004", "^V2024-02-0005", "number"),
        Plain("110000.00 JZ2024\n", "110000.00 JZ2024 @ 1 CNY\n", "price"),
        Plain(
            "  Assets:101-库存现金:P001  -300000.00 ZC2024\n",
            "  Assets:101-库存现金:P001  -300000.004 ZC2024\n",
            "unbalanced",
        ),
        Plain("P001-通村公路  15000.00 JT2024.B", "P001-通村公路  14000.00 JT2024.B", "mirror"),
    ],
    ids=lambda plain: plain.rule,
)
def test_the_rules_without_metadata_find_what_is_wrong_in_the_worked_example(tmp_path: Path, plain: Plain) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert plain.old in text
    errors = with_plugin(tmp_path, text.replace(plain.old, plain.new, 1))
    assert plain.rule in {getattr(error, "rule", "") for error in errors}


def test_a_check_of_the_record_runs_the_plugin_too(clerk: Any) -> None:
    clerk.begin("allot project=P001 channel=JT2024 amount=1000\nreceive project=P001 channel=JT2024 amount=500")
    book = clerk.workspace.books / "SF"
    assert (book / HEAD).read_text(encoding="utf-8").count('plugin "ledger.plugin"') == 1
    assert check(book) == []


def test_random_tampering_of_amounts_never_passes(books: Path, tmp_path: Path) -> None:
    """Each posting of a month in its turn: a fen more on it, and a fen less on the one behind it."""
    shutil.copytree(books, tmp_path / "books")
    book = tmp_path / "books" / "V13"
    whole = (book / JUNE).read_text(encoding="utf-8")
    found = list(re.finditer(r"(?<=  )(-?\d+)\.(\d\d)(?= [A-Z])", whole))
    assert len(found) > 10
    for place in found:
        fen = int(place[2]) + 1
        (book / JUNE).write_text(whole[: place.start(2)] + f"{fen:02}" + whole[place.end(2) :], encoding="utf-8")
        assert "leaf" in rules(book), place[0]

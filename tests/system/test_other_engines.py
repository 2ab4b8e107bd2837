"""Programs of others read our exports as we read the books: the same balance of each account in each channel, to the fen."""

from __future__ import annotations

import csv
import io
import random
import subprocess
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beanquery.query import run_query

from ledger.money import plain
from ledger.store.workspace import Workspace, open_workspace
from projects.cli.main import run

pytestmark = pytest.mark.system
HLEDGER, LEDGER = "/usr/bin/hledger", "/usr/bin/ledger"
MIXED = '\n2099-01-01 * mixed\n    Assets:102-银行存款  1.00 "JT2024"\n    Assets:102-银行存款:B  -1.00 "ZC2024"\n'

Balances = dict[tuple[str, str], Decimal]


def ours(workspace: Workspace, book: str) -> Balances:
    """Return the balances of the record, zero left out."""
    query = (
        "SELECT b.account, b.commodity, b.amount, c.scale FROM balance b JOIN commodity c ON c.code = b.commodity "
        f"WHERE b.book = '{book}' AND b.amount <> 0"
    )
    with workspace.read() as connection:
        rows = connection.exec_driver_sql(query).fetchall()
    return {(account, code): Decimal(plain(amount, scale)) for account, code, amount, scale in rows}


def by_query(workspace: Workspace, book: str) -> Balances:
    """Return the balances that Beancount's query language finds in the books."""
    entries, errors, options = loader.load_file(str(workspace.books / book / "main.beancount"))
    assert not errors
    asked = "SELECT account, currency, sum(number) AS total GROUP BY account, currency"
    return {(account, code): total for account, code, total in run_query(entries, options, asked)[1] if total}


def by_hledger(path: Path) -> Balances:
    """Return the balances that hledger finds, in a journal that passes its strict checks."""
    call(HLEDGER, "-s", "-f", path, "check", "accounts", "commodities", "ordereddates")
    told = call(HLEDGER, "-s", "-f", path, "balance", "--flat", "-N", "--layout=bare", "-O", "csv")
    rows = list(csv.reader(io.StringIO(told)))
    assert rows[0] == ["account", "commodity", "balance"]
    return {(account, code.strip('"')): Decimal(number) for account, code, number in rows[1:] if Decimal(number)}


def by_ledger(path: Path) -> Balances:
    """Return the balances that ledger-cli finds, in a journal that passes its pedantic checks."""
    form = "%(account)\t%(scrub(display_total))\n"
    told = call(LEDGER, "--pedantic", "-f", path, "balance", "--flat", "--no-total", "--balance-format", form)
    found: Balances = {}
    account = ""
    for line in told.splitlines():
        name, tab, amount = line.rpartition("\t")
        account = name if tab else account
        number, _, code = amount.partition(" ")
        found[account, code.strip('"')] = Decimal(number)
    return found


def call(*words: Any) -> str:
    done = subprocess.run(
        [str(each) for each in words],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
        env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def by_csv(path: Path) -> Balances:
    """Return the sums of the rows of the table."""
    found: Balances = defaultdict(Decimal)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found[row["account"], row["commodity"]] += Decimal(row["amount"])
    return {key: total for key, total in found.items() if total}


def compare(workspace: Workspace, folder: Path) -> set[str]:
    """Compare everybody's balances of every book, and return what they count."""
    counted = set()
    for book in sorted(each.name for each in workspace.books.iterdir() if each.is_dir()):
        paths = {form: folder / f"{book}.{form}" for form in ("hledger", "ledger", "csv")}
        for form, path in paths.items():
            assert run(["--workspace", str(workspace.path), "export", form, "--book", book, "-o", str(path)]) == 0
        wanted = ours(workspace, book)
        assert wanted
        assert by_query(workspace, book) == wanted
        assert by_hledger(paths["hledger"]) == wanted
        assert by_ledger(paths["ledger"]) == wanted
        assert by_csv(paths["csv"]) == wanted
        counted |= {code for _, code in wanted}
    return counted


def test_everybody_finds_the_same_balances_of_the_demonstration(demo: Path, tmp_path: Path) -> None:
    workspace = open_workspace(demo)
    counted = compare(workspace, tmp_path)
    assert {"JT2024", "JT2024.B", "TD2024"} <= counted
    workspace.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everybody_finds_the_same_balances_of_a_random_village(clerk: Any, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for number, (project, channels) in enumerate([("P001", ["JT2024", "JL2024"]), ("P002", ["WS2024", "JZ2024"])], 1):
        contract, parts = f"{project}C{number:02}", {}
        for channel in channels:
            fen = chance.randrange(100_000_00, 900_000_00)
            clerk.do("allot", project=project, channel=channel, amount=plain(fen))
            clerk.do("receive", project=project, channel=channel, amount=plain(fen - chance.randrange(1, 9_00)))
            parts[channel] = fen - chance.randrange(1, 9_999)
        payee = chance.choice(["=1+1", "甲; 乙 | 丙", '"丁" 公司', "@戊  己"])
        said = [f"{channel}={plain(fen)}" for channel, fen in parts.items()]
        clerk.do("contract", contract=contract, parts=said, party=payee)
        for _ in range(chance.randrange(3, 9)):
            clerk.do("certify", contract=contract, amount=plain(chance.randrange(1, sum(parts.values()) // 10)))
            paid = clerk.do("pay", contract=contract)
            if chance.random() < 0.3:
                clerk.do("reverse", voucher=f"V{paid}", reason="退回; 重付 | 更正")
    clerk.do("allot", project="P001", channel="SN2024", amount="400")
    clerk.do("inkind-receive", project="P001", channel="SN2024", good="CEMENT", quantity="1.25", amount="400")
    counted = compare(clerk.workspace, tmp_path)
    assert {"CEMENT", "JL2024", "WS2024.B"} <= counted


def test_hledger_refuses_money_that_changes_its_channel(clerk: Any, tmp_path: Path) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="100")
    path = tmp_path / "SF.hledger"
    assert run(["--workspace", str(clerk.workspace.path), "export", "hledger", "--book", "SF", "-o", str(path)]) == 0
    mixed = path.read_text(encoding="utf-8") + MIXED
    done = subprocess.run(
        [HLEDGER, "-s", "-f", "-", "check"],
        input=mixed,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode != 0

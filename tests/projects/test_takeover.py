"""A Beancount ledger taken over: openings of projects, all or none, and once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from importers import beans
from importers.errors import FileRefused
from ledger.errors import Refusal
from ledger.messages import explain
from projects import takeover
from projects.cli.main import run

LEDGER = """2024-01-01 open Assets:102:01
2024-01-01 open Assets:102:02
2024-01-01 open Assets:153
2024-01-01 open Liabilities:242
2024-01-01 open Expenses:Old
2024-01-01 open Equity:Old

2024-01-02 * "到账"
  Assets:102:01  1000 CNY
  Assets:102:02  200.50 CNY
  Liabilities:242
2024-01-03 * "付款"
  Assets:102:01  -300 CNY
  Assets:153
2024-01-04 * "旧账"
  Expenses:Old  5 USD
  Equity:Old
"""
SAID = {
    "Assets:102": "P001/bank:B01/JT2024",
    "Assets:153": "P001/works/JT2024",
    "Liabilities:242": "P001/earmarked/JT2024",
    "Expenses": "ignore",
    "Equity": "ignore",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "old.beancount"
    path.write_text(LEDGER, encoding="utf-8")
    return path


def take(clerk: Any, path: Path, said: dict[str, str]) -> dict[str, Any]:
    return takeover.take(clerk.at("zhang"), path, beans.read(path), said)


def refused(clerk: Any, path: Path, said: dict[str, str]) -> list[str]:
    before = clerk.dump()
    with pytest.raises(FileRefused) as refusal:
        take(clerk, path, said)
    assert clerk.dump() == before
    assert [explain(problem, "en") for problem in refusal.value.problems]
    return [explain(problem, "zh") for problem in refusal.value.problems]


def test_balances_become_the_opening_of_their_project_with_the_ledger_as_paper(clerk: Any, file: Path) -> None:
    took = take(clerk, file, SAID)
    assert took["projects"] == ["P001"]
    [label] = took["drafts"]
    clerk.at("li").seal(label)
    rows = clerk.sql(
        "SELECT event, (SELECT count(*) FROM document d WHERE d.seq = v.seq AND d.book = v.book) FROM voucher v"
    )
    assert rows == [("opening", 1)]
    held = {account: fen for (account, channel), fen in clerk.balances().items() if channel == "JT2024"}
    assert sorted(held.values()) == [-120_050, 30_000, 90_050]


def test_a_ledger_is_taken_over_once(clerk: Any, file: Path) -> None:
    clerk.at("li").seal(take(clerk, file, SAID)["drafts"][0])
    before = clerk.dump()
    with pytest.raises(Refusal):
        take(clerk, file, SAID)
    assert clerk.dump() == before


@pytest.mark.parametrize(
    "said, says",
    [
        ({"Expenses": None}, "账户 Expenses:Old 的 5 USD 不是人民币"),
        ({"Assets:153": None}, "账户 Assets:153 余额 300 还没有说明是什么"),
        ({"Assets:153": "P001/nothing/JT2024"}, "“Assets:153=P001/nothing/JT2024”看不懂"),
        ({"Assets:153": "P001"}, "“Assets:153=P001”看不懂"),
        ({"Liabilities:242": "P001/works/JT2024"}, "P001/works/JT2024 的余额 900.50 元在反方向"),
        ({"Assets:153": "ignore"}, "渠道"),
        (dict.fromkeys(("Assets:102", "Assets:153"), "P999/earmarked/JT2024"), "反方向"),
        ({"Assets:102": "P999/bank:B01/JT2024", "Assets:153": "P999/works/JT2024"}, "P999"),
    ],
)
def test_what_nobody_said_or_does_not_fit_keeps_the_whole_ledger_out(
    clerk: Any, file: Path, said: dict[str, str | None], says: str
) -> None:
    merged = {account: what for account, what in (SAID | said).items() if what is not None}
    assert says in refused(clerk, file, merged)[0]


def test_the_command_shows_what_each_account_is_and_keeps_it_for_the_office(
    clerk: Any, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(clerk.workspace.path), "import", str(file)]
    assert run(here) == 0
    out = capsys.readouterr().out
    assert "账户 Assets:153 余额 300 还没有说明是什么" in out
    said = [each for account, what in SAID.items() for each in ("--account", f"{account}={what}")]
    assert run([*here, *said, "--mapping", "old", "--keep-mapping"]) == 0
    assert "可以采用：1 个项目的期初" in capsys.readouterr().out
    assert run([*here, "--mapping", "old", "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    assert [row["fate"] for row in seen["rows"]] == ["opening"] * 3 + ["left-out"] * 2 + ["opening"]
    assert seen["openings"] == {"P001": ["bank:B01=JT2024:900.50", "works=JT2024:300.00", "earmarked=JT2024:1200.50"]}
    assert run([*here, "--mapping", "old", "--commit", "--as", "zhang"]) == 0
    assert "已起草期初 D1" in capsys.readouterr().out

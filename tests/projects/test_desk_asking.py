"""What is asked of a book in Fava at the desk: its query page reads the book, and no search is without an end."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from desks import desk, enter
from flask import Flask

from ledger import chart
from projects.desk import Desk
from projects.fava.auditor.stored import queries

PATTERN = "^([^x]*[^y]*)*:Z$"
"""Python's own search goes on with this over the name of an account for longer than anybody waits."""


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    made = desk(clerk, monkeypatch, ("zhao",))
    clerk.do("receive", project="P001", channel="JT2024", amount="500000", party="省交通厅")
    return made


@pytest.fixture
def zhao(app: Flask) -> Any:
    return enter(app, "zhao")


def ask(client: Any, question: str) -> Any:
    return client.get("/books/SF/api/query", query_string={"query_string": question})


@contextmanager
def soon(seconds: float = 20) -> Iterator[None]:
    """Fail where something goes on for much longer than a busy machine explains."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_no_question_writes_a_file_or_reads_one_of_the_machine(zhao: Any, tmp_path: Path) -> None:
    written, secret = tmp_path / "written", tmp_path / "secret.csv"
    secret.write_text("word\nsecret\n")
    for question in (
        f".output {written}",
        f"  .output {written}",
        f"output {written}",
        f".OUTPUT {written}",
        f"create table x using 'csv:{secret}'",
        f"CREATE TABLE x (word str) USING 'csv:{secret}'",
        "create table x as select date",
        "insert into accounts (account) values ('x')",
        ".run '",
        ".history",
        ".clear",
        ".reload",
        ".set",
        ".format csv",
        ".parse select date",
        ".explain select date",
        ".exit",
        ".help",
        "!ls",
    ):
        answer = ask(zhao, question)
        assert answer.status_code == 500, question
        assert "error" in answer.json, question
        assert "secret" not in answer.json["error"] or str(secret) in question
        download = zhao.get("/books/SF/download-query/query_result.csv", query_string={"query_string": question})
        assert download.status_code == 500, question
    assert not written.exists()
    assert ask(zhao, "select distinct payee where payee = '省交通厅'").json["data"]["rows"] == [["省交通厅"]]


def test_what_reads_is_answered_and_so_is_every_stored_query(zhao: Any) -> None:
    for question in ("SELECT date, narration", "JOURNAL 'Assets'", "BALANCES", "PRINT", "run", ".run"):
        answer = ask(zhao, question)
        assert answer.status_code == 200, (question, answer.text)
    stored = list(queries(chart.load("caikuai-2023-14"), "zh"))
    assert len(stored) > 5
    for name, question in stored:
        assert ask(zhao, question).json == ask(zhao, f'run "{name}"').json


def test_no_pattern_holds_the_desk(app: Flask, zhao: Any) -> None:
    """In a query by every way that it has to look for a pattern, and in the filters above each page."""
    asked = [
        f"select date where account ~ '{PATTERN}'",
        f"select date where account !~ '{PATTERN}'",
        f"select date where '{PATTERN}' ?~ account",
        f"select grep('{PATTERN}', account)",
        f"select grepn('({PATTERN})', account, 1)",
        f"select subst('{PATTERN}', 'x', account)",
        f"select findfirst('{PATTERN}', other_accounts)",
        f"JOURNAL '{PATTERN}'",
        f"select date where has_account('{PATTERN}')",
    ]
    with soon():
        for question in asked:
            assert ask(zhao, question).status_code == 200, question
        for name in ("account", "filter"):
            for typed in (PATTERN, f'"{PATTERN}"', f'any(account:"{PATTERN}")', f'payee:"{PATTERN}"'):
                page = zhao.get("/books/SF/api/journal", query_string={name: typed})
                assert page.status_code in {200, 400}, (name, typed)


def test_what_is_no_pattern_is_said_and_no_fault(zhao: Any) -> None:
    for pattern in ("(", "(?=a)b", "((a{1000}){1000}){1000}", "a" * 1001):
        answer = ask(zhao, f"select date where account ~ '{pattern}'")
        assert answer.status_code == 500
        assert "RE2" in answer.json["error"], answer.text
        assert zhao.get("/books/SF/api/journal", query_string={"account": pattern}).status_code == 200
    assert "RE2" in ask(zhao, r"select subst('(a)', '\7', account)").json["error"]


def test_patterns_find_what_they_found_before(zhao: Any) -> None:
    def found(condition: str) -> int:
        return len(ask(zhao, f"select date where {condition}").json["data"]["rows"])

    every = found("account ~ '.'")
    assert 0 < found("account ~ '^assets:'") < every
    assert found("account ~ '^Assets:'") == found("account ~ '^ASSETS:'")
    assert found("account ~ '^Assets:'") + found("account !~ '^assets:'") == every
    assert found("'^Assets:' ?~ account") == found("account ~ '^assets:'")
    assert found("payee ~ '^省.*厅$'") == found("payee = '省交通厅'") > 0
    assert found("grep('银行..', account) = '银行存款'") == found("account ~ '银行存款'") > 0
    assert found("grepn('(银)(行)', account, 2) = '行'") == found("account ~ '银行'")
    assert found("subst('^(银.*)$', 'x', '银行') = 'x'") == every


def test_a_table_to_take_away_holds_no_formula(zhao: Any, clerk: Any) -> None:
    clerk.do("receive", project="P001", channel="JT2024", amount="100", party='=HYPERLINK("file:x")')
    download = zhao.get("/books/SF/download-query/query_result.csv?query_string=select+payee,-1+where+payee+~+'HYPER'")
    assert download.status_code == 200
    assert set(download.text.splitlines()[1:]) == {"""\"'=HYPERLINK(""file:x"")\",-1"""}


def test_two_who_ask_at_once_get_each_their_own_answer(app: Flask, zhao: Any) -> None:
    accounts = [row[0] for row in ask(zhao, "select distinct account").json["data"]["rows"]]
    wrong: list[str] = []

    def asking(account: str) -> None:
        client = enter(app, "zhao")
        for _ in range(5):
            answer = client.get(
                "/books/SF/api/query", query_string={"query_string": "select distinct account", "account": account}
            )
            if account not in {row[0] for row in answer.json["data"]["rows"]}:
                wrong.append(answer.text)

    threads = [threading.Thread(target=asking, args=(each,)) for each in accounts[:4]]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_nobody_learns_where_on_the_machine_a_book_lies(app: Flask, clerk: Any, zhao: Any, tmp_path: Path) -> None:
    paper = tmp_path / "receipt.txt"
    paper.write_text("receipt")
    li, way = Desk(clerk.workspace, "li", "SF"), str(clerk.workspace.path)
    made = Desk(clerk.workspace, "zhang", "SF").record(
        "receive", {"project": "P001", "channel": "JT2024", "amount": "7", "date": "2024-03-01"}, papers=[paper]
    )
    li.seal(made["draft"])
    [listed] = zhao.get("/books/SF/api/documents").json["data"]
    assert listed["filename"].startswith("SF/documents/")
    hashes = re.findall(r'"entry_hash":"([0-9a-f]{32})"', zhao.get("/books/SF/api/journal").text)
    assert hashes
    pages = [*("income_statement/", "documents/", "errors/", "extension/Projects/", "extension/Vouchers/")]
    pages += [f"api/{name}" for name in ("ledger_data", "errors", "documents", "journal", "statistics")]
    pages += [f"api/context?entry_hash={each}" for each in hashes]
    for page in pages:
        answer = zhao.get(f"/books/SF/{page}")
        assert answer.status_code == 200, page
        assert way not in answer.text, page
    for question in (
        "select filename, location",
        "select any_meta('filename')",
        "select entry_meta('filename'), meta('filename')",
        "select meta from #entries",
        "select filename from #documents",
        "select substr(filename, 0, 1) from #entries",
    ):
        answer = ask(zhao, question)
        assert answer.status_code == 200, question
        rows = json.dumps(answer.json["data"]["rows"], ensure_ascii=False)
        assert "SF/" in rows or '"S"' in rows, question
        assert way not in rows, question
        assert '"/' not in rows, question
    # What the page names so is handed out so, and nothing else is.
    there = zhao.get("/books/SF/document/", query_string={"filename": listed["filename"]})
    assert there.data == b"receipt"
    for other in (f"{way}/books/{listed['filename']}", f"{way}/earmark.toml", "SF/main.beancount", ""):
        assert zhao.get("/books/SF/document/", query_string={"filename": other}).status_code == 404, other

"""The auditor's pages in Fava: the figures of the record, from the folder of a book alone, in the book's language."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import defaultdict
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beanquery.query import run_query
from fava.application import create_app
from fava.core import FavaLedger

from ledger import chart, facts, merkle, messages
from ledger.money import yuan
from ledger.store.workspace import open_workspace
from projects.cli.main import run
from projects.fava.auditor import stored
from projects.fava.auditor.view import COLUMNS, View, view
from projects.figures import FIGURES
from projects.status import status


@pytest.fixture(scope="module")
def book(demo: Path) -> View:
    folder = demo / "books" / "V13"
    return view(folder, list(loader.load_file(str(folder / "main.beancount"))[0]))


@pytest.fixture(scope="module")
def ledger(demo: Path) -> FavaLedger:
    return FavaLedger(str(demo / "books" / "V13" / "main.beancount"))


class Reader:
    """Somebody who opens the pages of one folder."""

    def __init__(self, head: Path) -> None:
        self.client = create_app([str(head)], load=True, read_only=True).test_client()
        start = self.client.get("/", follow_redirects=True)
        self.base = start.request.path.split("/income_statement")[0]
        self.page = start.get_data(as_text=True)

    def open(self, page: str) -> str:
        answer = self.client.get(f"{self.base}/extension/{page}")
        assert answer.status_code == 200, page
        return unescape(answer.get_data(as_text=True).split("</style>")[-1].split("</article>")[0])


@pytest.fixture(scope="module")
def reader(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The folder was taken away: no record, no office's log lies beside it."""
    away = tmp_path_factory.mktemp("stick") / "V13"
    shutil.copytree(demo / "books" / "V13", away)
    return Reader(away / "main.beancount")


def test_the_figures_are_those_of_the_record(demo: Path, book: View) -> None:
    workspace = open_workspace(demo)
    with workspace.read() as connection:
        wanted = status(connection, "V13")
    workspace.close()
    assert any(wanted.values())
    for project, lines in wanted.items():
        for channel, figures in lines.items():
            found = book.figures([(project, channel)])
            assert found == {name: getattr(figures, name) for name in ("planned", *COLUMNS)}, (project, channel)


def test_every_voucher_has_a_proof_that_leads_to_the_root(book: View) -> None:
    size = len(book.leaves)
    for voucher in book.text.vouchers:
        position = voucher.whole("position")
        proof = [bytes.fromhex(each) for each in book.proof(voucher)]
        leaf = bytes.fromhex(voucher.said("leaf"))
        assert merkle.check_inclusion(leaf, position, size, proof, bytes.fromhex(book.root))


def test_the_root_is_the_one_that_the_last_checkpoint_signed(book: View) -> None:
    assert book.signed("checkpoint")[-1]["root"] == book.root


def test_the_oldest_allotment_that_is_not_spent_gives_the_age(book: View) -> None:
    assert book.idle_days("JT2024") == 0
    assert book.idle_days("TD2024") > 0


def test_the_pages_stand_in_the_sidebar_and_are_empty_of_errors(reader: Reader) -> None:
    assert "projects.fava.auditor" not in reader.page
    for name in ("项目", "渠道", "凭证", "指标", "审计"):
        assert json.dumps(name) in reader.page


def test_a_project_shows_channels_milestones_facts_and_vouchers(reader: Reader) -> None:
    page = reader.open("Projects/?project=P001")
    for said in ("通村村道", "880,000.00", yuan(175000000), "路面完成", "四议两公开", "V2024-12-0003", "道路"):
        assert said in page, said


def _month(demo: Path) -> str:
    return (demo / "books" / "V13" / "2024-12.beancount").read_text(encoding="utf-8")


def test_a_channel_leads_to_its_project_and_that_to_a_voucher_and_its_document(reader: Reader, demo: Path) -> None:
    assert "Projects/?project=P001" in reader.open("Channels/?channel=JT2024")
    assert "Vouchers/?voucher=V2024-12-0003" in reader.open("Projects/?project=P001")
    slip = reader.open("Vouchers/?voucher=V2024-12-0003")
    for said in ("记账凭证", "zhidan", "shenhe", "3.5 公里", "村民委员会"):
        assert said in slip, said
    place = re.search(r'\^V2024-12-0003\n(?:  .*\n)*?  position: "([0-9]+)"', _month(demo))
    assert place
    assert place[1] in slip, "its place in the log"
    link = re.search(r'class="filename"[^>]*href="([^"]+)"', slip)
    assert link
    with reader.client.get(link[1]) as answer:
        assert answer.status_code == 200
        assert "验收" in answer.get_data(as_text=True)


def test_a_reversal_and_what_it_takes_back_name_each_other(reader: Reader) -> None:
    assert "voucher=V2024-06-0003" in reader.open("Vouchers/?voucher=V2024-06-0004")
    assert "voucher=V2024-06-0004" in reader.open("Vouchers/?voucher=V2024-06-0003")
    assert "应记供水站，误记通村村道" in reader.open("Audit/")


def test_an_indicator_goes_from_its_baseline_to_what_moved_it(reader: Reader) -> None:
    row = next(row for row in reader.open("Indicators/").split("<tr>") if "有硬化路" in row)
    for said in ("0/3500", "3500/3500", "2024-12-12", "voucher=V2024-12-0003", ">= 1/1", "达到"):
        assert said in row
    assert "未达到" not in row


@pytest.mark.parametrize("figure", COLUMNS)
def test_every_figure_leads_to_a_journal_of_its_own_vouchers(ledger: FavaLedger, book: View, figure: str) -> None:
    page: Any = ledger.extensions.get_extension("Projects")
    shown = ledger.get_filtered(filter=page.journal("P001", figure)).entries
    roles = set(FIGURES[figure])
    wanted = {
        voucher.number
        for voucher in book.of_project["P001"]
        if any(book.text.account(posting.account)[0].name in roles for posting in voucher.entry.postings)
    }
    found = {link for entry in shown for link in [max(entry.links)]}
    assert found == wanted
    assert wanted


def test_a_book_in_english_has_english_pages(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "books" / "V13", tmp_path / "V13")
    head = tmp_path / "V13" / "main.beancount"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace('"fava-option" "language" "zh"', '"fava-option" "language" "en"'), encoding="utf-8")
    reader = Reader(head)
    assert "Channels" in reader.page
    assert "oldest unspent" in reader.open("Channels/")


def test_what_the_rules_find_stands_on_the_audit_page(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "books" / "V13", tmp_path / "V13")
    texts = "".join(each.read_text(encoding="utf-8") for each in (tmp_path / "V13").glob("[0-9]*.beancount"))
    vouchers = len(re.findall(r"(?m)^  maker: ", texts))
    assert f"{vouchers} 张凭证符合全部规则" in Reader(tmp_path / "V13" / "main.beancount").open("Audit/")
    june = tmp_path / "V13" / "2024-06.beancount"
    june.write_text(june.read_text(encoding="utf-8").replace("第二批", "第三批", 1), encoding="utf-8")
    page = Reader(tmp_path / "V13" / "main.beancount").open("Audit/")
    assert "[leaf] V2024-06-0001" in page
    assert "2024-06.beancount:3" in page


def test_a_book_without_the_plugin_is_not_called_right(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "books" / "V13", tmp_path / "V13")
    head = tmp_path / "V13" / "main.beancount"
    text: Any = head.read_text(encoding="utf-8")
    head.write_text(text.replace('plugin "ledger.plugin"\n', ""), encoding="utf-8")
    assert "规则没有核对" in Reader(head).open("Audit/")


def asked(ledger: FavaLedger, name: str) -> list[dict[str, Any]]:
    """What a stored query finds."""
    title = messages.text("projects", f"auditor.query.{name}", "zh")
    (query,) = [each for each in ledger.all_entries_by_type.Query if each.name == title]
    heads, rows = run_query(ledger.all_entries, ledger.options, query.query_string)
    return [dict(zip([head.name for head in heads], row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("name", "column", "figures"),
    [
        ("available", "available", ["left"]),
        ("spent", "spent", ["certified"]),
        ("contracts", "committed", ["committed"]),
        ("owed", "owed", ["owed", "retention"]),
    ],
)
def test_a_stored_query_finds_the_figures_of_the_record(
    demo: Path, ledger: FavaLedger, name: str, column: str, figures: list[str]
) -> None:
    workspace = open_workspace(demo)
    with workspace.read() as connection:
        told = status(connection, "V13")
    workspace.close()
    wanted: dict[str, int] = defaultdict(int)
    for lines in told.values():
        for channel, each in lines.items():
            wanted[channel] += sum(getattr(each, figure) for figure in figures)
    found: dict[str, int] = defaultdict(int)
    for row in asked(ledger, name):
        found[row["channel"].removesuffix(".B")] += int(row[column] * 100)
    assert {channel: fen for channel, fen in found.items() if fen} == {each: fen for each, fen in wanted.items() if fen}
    assert any(found.values())


def test_stored_queries_of_money_agree_with_each_other_and_with_the_vouchers(ledger: FavaLedger, book: View) -> None:
    own = "B00"
    balances = asked(ledger, "balances")
    months = asked(ledger, "by-month")
    held = sum(row["balance"] for row in balances if own not in row["account"])
    assert held == sum(row["change"] for row in months) > 0
    payees = asked(ledger, "payees")
    assert [row["paid"] for row in payees] == sorted((row["paid"] for row in payees), reverse=True)
    largest = asked(ledger, "largest")
    assert sum(row["paid"] for row in payees) == sum(row["paid"] for row in largest), (
        "all of them are among the largest"
    )
    assert max(row["paid"] for row in largest) == largest[0]["paid"]
    assert {row["reversed"] for row in asked(ledger, "reversals")} == set(book.reversed_by)
    assert all(row["reason"] and row["maker"] != row["approver"] for row in asked(ledger, "reversals"))
    bare = {voucher.number for voucher in book.text.vouchers if not voucher.papers}
    found = {max(row["voucher"]) for row in asked(ledger, "no-papers")}
    assert found
    assert found <= bare


def test_stored_queries_stand_on_the_query_page_and_in_no_book(demo: Path, reader: Reader, ledger: FavaLedger) -> None:
    assert "query" not in "".join(
        each.read_text(encoding="utf-8") for each in (demo / "books" / "V13").glob("*.beancount")
    ).replace('"query', "")
    names = [name for name, _ in stored.queries(chart.load(), "zh")]
    assert len(names) >= 10
    page = reader.client.get(f"{reader.base}/query/").get_data(as_text=True)
    assert [name for name in names if json.dumps(name) not in page and name not in page] == []
    for query in ledger.all_entries_by_type.Query:
        result = reader.client.get(f"{reader.base}/api/query", query_string={"query_string": query.query_string})
        assert result.status_code == 200, query.name


def test_a_figure_of_a_channel_leads_to_vouchers_of_that_channel(ledger: FavaLedger, book: View) -> None:
    page: Any = ledger.extensions.get_extension("Projects")
    for figure in COLUMNS:
        shown = ledger.get_filtered(filter=page.journal("P001", figure, "JZ2024")).entries
        roles = set(FIGURES[figure])
        wanted = {
            voucher.number
            for voucher in book.of_project["P001"]
            for posting in voucher.entry.postings
            if posting.units.currency in {"JZ2024", "JZ2024.B"}
            if book.text.account(posting.account)[0].name in roles
        }
        assert {max(entry.links) for entry in shown} == wanted, figure
        assert wanted


def test_papers_of_facts_are_handed_out_only_as_the_book_names_them(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo / "books" / "V13", tmp_path / "V13")
    reader = Reader(tmp_path / "V13" / "main.beancount")
    link = re.search(r'class="paper"[^>]*href="([^"]+)"', reader.open("Projects/?project=P001"))
    assert link
    answer = reader.client.get(link[1])
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    sha256 = hashlib.sha256(answer.data).hexdigest()
    assert sha256 in link[1]
    assert reader.client.get(link[1].replace(sha256, "0" * 64)).status_code == 404
    assert reader.client.get(link[1].replace(sha256, "../main")).status_code == 404
    (path,) = (tmp_path / "V13" / "documents").glob(f"{sha256}*")
    path.write_bytes(answer.data + b"!")
    assert reader.client.get(link[1]).status_code == 404


@pytest.mark.sqlite  # a copy of the demonstration: a record in a database is not copied with its folder
def test_a_run_that_was_recorded_stands_on_the_audit_page_with_its_vouchers(demo: Path, tmp_path: Path) -> None:
    shutil.copytree(demo, tmp_path / "ws")
    audit = ["--workspace", str(tmp_path / "ws"), "audit", "--book", "V13", "--year", "2024"]
    assert "没有审计记录" in Reader(tmp_path / "ws" / "books" / "V13" / "main.beancount").open("Audit/")
    assert run([*audit, "--record", "--as", "shenji"]) == 0
    page = Reader(tmp_path / "ws" / "books" / "V13" / "main.beancount").open("Audit/")
    workspace = open_workspace(tmp_path / "ws")
    with workspace.read() as connection:
        (told,) = facts.facts(connection, "V13", "audit")
    workspace.close()
    assert told.data["findings"]
    for id_, amount, *vouchers in told.data["findings"]:
        row = next(row for row in page.split("<tr>") if f"<td>{id_}</td>" in row)
        assert messages.text("projects", f"audit.{id_.partition('/')[0]}.title", "zh") in row
        assert amount in row
        assert all(f"Vouchers/?voucher={number}" in row for number in vouchers)
    assert f"shenji · {told.label} · 2024" in page
    for code in told.data["lacking"]:
        assert messages.text("projects", f"audit.{code}.title", "zh") in page

"""Search over a book: by words, codes, amounts and hashes; bounded, escaped, and never more than somebody may see."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from desks import desk, enter
from served import let_in

from ledger import people, register
from ledger.books.write import settle
from projects import payees, search
from projects.cli.main import run
from projects.telling import tell

STORY = """
    allot project=P001 channel=JT2024 amount=880000
    allot project=P001 channel=JZ2024 amount=220000
    receive project=P001 channel=JT2024 amount=12500 note="县交通局 拨付 100% 补助" party=县交通局
    receive project=P001 channel=JZ2024 amount=20000 party=普俊俊 person
    contract contract=P001C01 parts=JT2024=10000,JZ2024=5000.50 party=示范路桥工程公司 name=路面硬化
    certify contract=P001C01 amount=3000 no_retention
"""


FIRMS = [("S001", "示范路桥工程公司", "91530123MA6K12349H"), ("S002", "别村的公司", "91350100M000100Y43")]


def found(clerk: Any, sought: str, *, papers: bool = True) -> dict[str, list[str]]:
    """By kind the codes of what was found."""
    with clerk.workspace.read() as connection:
        groups = search.search(connection, "SF", sought, papers=papers)
    return {each.kind: [hit.code for hit in each.hits] for each in groups}


@pytest.fixture
def told(clerk: Any) -> list[str]:
    return list(clerk.play(STORY))


def test_words_are_found_in_every_kind_and_all_of_them_have_to_be_there(clerk: Any, told: list[str]) -> None:
    assert found(clerk, "示范路桥") == {
        "contract": ["P001C01"],
        "voucher": [told[5], told[4]],
        "payee": ["示范路桥工程公司"],
    }
    assert found(clerk, "县交通局  拨付")["voucher"] == [told[2]]
    assert "voucher" not in found(clerk, "县交通局 路桥")
    assert found(clerk, "p001")["project"] == ["P001"]
    assert found(clerk, "路面硬化")["contract"] == ["P001C01"]
    assert found(clerk, f"V{told[2]}") == {"voucher": [told[2]]}
    assert found(clerk, "没有这个词") == {}
    assert found(clerk, " ") == {}


@pytest.mark.parametrize(
    "typed", ["12,500.00", "12500", "12500.0", "1.25万", "１２，５００．００", "12,500 元", "￥12,500.00", "12500元整"]
)
def test_an_amount_is_found_as_it_is_typed(clerk: Any, told: list[str], typed: str) -> None:
    assert found(clerk, typed)["voucher"] == [told[2]]


def test_an_amount_is_that_of_the_whole_voucher_or_of_one_posting_and_of_no_budget(clerk: Any, told: list[str]) -> None:
    clerk.play("receive project=P001 channel=JT2024 amount=700")
    clerk.play("pay contract=P001C01")
    certified, paid = told[5], "2024-03-0008"
    assert set(found(clerk, "3000")["voucher"]) == {certified, paid}
    with clerk.workspace.read() as connection:
        query = "SELECT max(p.amount) FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
        part = connection.exec_driver_sql(query + f"WHERE v.number = '{paid}'").scalar_one()
    assert part < 3000_00  # it is paid by two channels
    # What was allotted moves no money.
    assert "voucher" not in found(clerk, "880000")


@pytest.mark.parametrize("typed", ["%", "_", "!", "100% 补助", "0% ", "' OR 1=1 --", "\\", "%%%", ":w0", "a" * 5000])
def test_what_is_typed_is_text_and_no_pattern(clerk: Any, told: list[str], typed: str) -> None:
    """A sign of LIKE stands for itself: it is found where it stands, and nowhere else."""
    assert found(clerk, typed).get("voucher", []) == ([told[2]] if "%" in typed and typed != "%%%" else [])


def test_no_more_than_the_first_are_shown_and_how_many_there_are(
    clerk: Any, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST", 2)
    with clerk.workspace.read() as connection:
        [vouchers] = [each for each in search.search(connection, "SF", "P001") if each.kind == "voucher"]
    assert (vouchers.count, [each.code for each in vouchers.hits]) == (6, [told[5], told[4]])


def test_who_is_masked_is_found_by_the_mask_alone(clerk: Any, told: list[str]) -> None:
    with clerk.workspace.read() as connection:
        query = f"SELECT payee FROM voucher WHERE number = '{told[3]}'"
        mask = connection.exec_driver_sql(query).scalar_one()
    assert "俊" not in mask
    assert found(clerk, "普俊俊") == {}
    assert found(clerk, mask)["payee"] == [mask]


def test_a_payee_of_the_register_is_found_by_code_where_this_book_paid_it(clerk: Any, told: list[str]) -> None:
    with clerk.workspace.write() as unit:
        for code, name, number in FIRMS:
            payees.add_payee(unit, code, name=name, kind="company", identifier=number, by="zhang")
        unit.commit()
    assert found(clerk, "s001")["payee"] == ["示范路桥工程公司"]
    assert found(clerk, "S002") == found(clerk, "别村的公司") == {}


def test_papers_are_found_by_their_hash_by_who_may_see_them(clerk: Any, told: list[str], tmp_path: Path) -> None:
    paper, minutes = tmp_path / "slip.pdf", tmp_path / "minutes.txt"
    paper.write_bytes(b"%PDF-1.7 slip")
    minutes.write_bytes(b"minutes")
    draft = clerk.draft("receive", papers=[paper], project="P001", channel="JT2024", amount="5")["draft"]
    clerk.seal(draft)
    tell(
        clerk.at("zhang"),
        "put-up",
        {"project": "P001", "date": "2024-03-01", "stage": "before", "places": ["公开栏"]},
        papers=[minutes],
    )
    for path, suffix in ((paper, ".pdf"), (minutes, ".txt")):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        for typed in (sha256[:4], sha256[:12].upper(), sha256, f"{sha256}{suffix}"):
            assert found(clerk, typed)["document"] == [f"{sha256}{suffix}"], typed
        assert "document" not in found(clerk, sha256[:3])
        assert "document" not in found(clerk, sha256, papers=False)


def test_what_was_reversed_is_no_contract_any_more_and_drafts_are_found(clerk: Any, told: list[str]) -> None:
    for number in (told[5], told[4]):
        clerk.do("reverse", voucher=number, reason="错记")
    assert "contract" not in found(clerk, "P001C01")
    label = clerk.draft("receive", project="P001", channel="JT2024", amount="1", note="等待审核的一笔")["draft"]
    assert found(clerk, "等待审核") == {"draft": [label]}
    assert found(clerk, label.lower())["draft"] == [label]


def test_the_desk_shows_what_the_command_finds_and_links_to_it(
    clerk: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    app = desk(clerk, monkeypatch, ("zhang",))
    clerk.play(STORY)
    settle(clerk.workspace)
    zhang = enter(app, "zhang")
    for at in ("/desk/SF/", "/desk/SF/vouchers", "/desk/SF/search"):
        assert 'role="search"' in zhang.get(at).text
    page = zhang.get("/desk/SF/search", query_string={"q": "P001"}).text
    assert run(["--workspace", str(clerk.workspace.path), "search", "P001", "--json"]) == 0
    for group in json.loads(capsys.readouterr().out):
        for hit in group["hits"]:
            assert hit["code"] in unescape(page)
    links = set(re.findall(r'href="(/desk/SF/[^"]+)"', page.partition("<main")[2]))
    assert {f"/desk/SF/{each}" for each in ("projects/P001", "vouchers/2024-03-0001")} <= links
    assert {zhang.get(unescape(each)).status_code for each in links} == {200}
    evil = zhang.get("/desk/SF/search", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in evil
    assert run(["--workspace", str(clerk.workspace.path), "search", "没有这个词"]) == 0


def test_nothing_of_another_book_is_found_nor_papers_by_who_only_publishes(
    clerk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app = desk(clerk, monkeypatch, ("zhang",))
    paper = tmp_path / "slip.pdf"
    paper.write_bytes(b"%PDF-1.7 slip")
    label = clerk.draft("receive", papers=[paper], project="P001", channel="JT2024", amount="12500")["draft"]
    number = clerk.seal(label)
    with clerk.workspace.write() as unit:
        register.add_book(unit, "OTHER", village="V13", name="另一本", started_on=date(2024, 1, 1))
        people.add_user(unit, "stranger", roles=["maker"], book="OTHER")
        people.add_user(unit, "press", roles=["publisher"], book="SF")
        unit.commit()
    settle(clerk.workspace)
    let_in(clerk.workspace.path, "stranger", "press", clock=clerk.clock)
    sha256 = hashlib.sha256(paper.read_bytes()).hexdigest()
    stranger, press, zhang = (enter(app, each) for each in ("stranger", "press", "zhang"))
    assert stranger.get("/desk/SF/search?q=P001").status_code == 403
    for typed in ("P001", "12500", sha256[:8]):
        page = stranger.get(f"/desk/OTHER/search?q={typed}")
        assert page.status_code == 200
        assert number not in page.text
    assert f"V{number}" in zhang.get(f"/desk/SF/search?q={sha256[:8]}").text
    assert number not in press.get(f"/desk/SF/search?q={sha256[:8]}").text
    assert number in press.get("/desk/SF/search?q=12500").text

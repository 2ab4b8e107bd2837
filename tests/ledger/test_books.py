"""The books are what the record says, byte for byte, and nothing that a person typed can become a directive."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core import data
from hypothesis import given, settings
from hypothesis import strategies as st

import projects.desk
from ledger import channels, register
from ledger.books.quoting import quoted
from ledger.books.text import head_text, month_blocks
from ledger.books.write import mark_all, settle
from ledger.errors import Refusal, TextUnprintable
from ledger.money import plain
from ledger.store.workspace import open_workspace
from ledger.text import words

Unchanged = Callable[[], AbstractContextManager[None]]
STORY = """
allot project=P001 channel=JT2024 amount=1000 date=2024-01-10 number=交财〔2024〕7号
receive project=P001 channel=JT2024 amount=500 date=2024-01-11
contract contract=P001C01 parts=JT2024=700 date=2024-02-01
certify contract=P001C01 amount=333.33 date=2024-03-01
pay contract=P001C01 date=2024-03-02
allot project=P001 channel=SN2024 amount=400 date=2024-03-03
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1.25 amount=400 date=2024-03-03
reverse voucher=V2024-03-0002 reason=退回 date=2024-03-04
"""


def load(clerk: Any) -> list[Any]:
    """Load the book as Beancount does and return its directives; there are no errors."""
    entries, errors, _ = loader.load_file(str(clerk.workspace.books / "SF" / "main.beancount"))
    assert [each.message for each in errors] == []
    return list(entries)


def vouchers_of(entries: list[Any]) -> list[data.Transaction]:
    return [each for each in entries if isinstance(each, data.Transaction)]


def texts(clerk: Any) -> dict[str, bytes]:
    return {
        str(path.relative_to(clerk.workspace.books)): path.read_bytes()
        for path in sorted(clerk.workspace.books.rglob("*"))
        if path.is_file()
    }


def test_the_books_say_what_the_record_says(clerk: Any) -> None:
    clerk.begin(STORY)
    scales = dict(clerk.sql("SELECT code, scale FROM commodity"))
    posted = {
        f"V{number}": [
            (account, plain(amount, scales[commodity]), commodity)
            for account, amount, commodity in clerk.sql(
                "SELECT account, amount, commodity FROM posting WHERE seq = ? ORDER BY line", seq
            )
        ]
        for seq, number in clerk.sql("SELECT seq, number FROM voucher")
    }
    written = {}
    for each in vouchers_of(load(clerk)):
        number = f"V{clerk.sql('SELECT number FROM voucher WHERE seq = ?', int(each.meta['seq']))[0][0]}"
        assert number in each.links
        written[number] = [
            (posting.account, str(posting.units.number), posting.units.currency) for posting in each.postings
        ]
        assert all(posting.price is None and posting.cost is None for posting in each.postings)
    assert written == posted


def test_a_voucher_carries_its_project_its_people_and_its_leaf(clerk: Any) -> None:
    clerk.begin(STORY)
    last = vouchers_of(load(clerk))[-1]
    [(leaf,)] = clerk.sql("SELECT leaf_hash FROM voucher WHERE number = '2024-03-0005'")
    assert last.tags == {"P001"}
    assert last.links == {"V2024-03-0005", "V2024-03-0002"}
    assert {key: last.meta[key] for key in ("seq", "event", "maker", "approver", "reverses", "leaf")} == {
        "seq": "7",
        "event": "reversal",
        "maker": "zhang",
        "approver": "li",
        "reverses": "V2024-03-0002",
        "leaf": leaf,
    }


def test_amounts_stand_with_exactly_their_decimals(clerk: Any) -> None:
    clerk.begin(STORY)
    march = (clerk.workspace.books / "SF" / "2024-03.beancount").read_text(encoding="utf-8")
    assert "  Assets:153-在建工程:P001-通村公路  333.33 JT2024\n" in march
    assert "  Assets:121-库存物资:P001-水泥  1.250 CEMENT\n" in march
    assert "  Assets:121-库存物资:P001-水泥  400.00 SN2024\n" in march


def test_an_account_is_opened_with_just_the_channels_it_has_held(clerk: Any) -> None:
    clerk.begin(STORY)
    opened = {each.account: each.currencies for each in load(clerk) if isinstance(each, data.Open)}
    assert opened["Assets:102-银行存款:B01-农商行专户:P001"] == ["JT2024"]
    assert opened["Assets:121-库存物资:P001-水泥"] == ["CEMENT", "SN2024"]
    assert opened["Equity:B1-可用预算:P001-通村公路"] == ["JT2024.B", "SN2024.B"]


NASTY = [
    '他说："好"',
    '"',
    '""',
    "\\",
    "\\\\",
    "尾\\",
    '\\"',
    "\\n plugin \\t",
    "#P999 ^V2024-01-0001",
    "; 不是注释",
    "{} @ 1 CNY",
    "=HYPERLINK(1)",
    "😀 𠀀",
]


@pytest.mark.parametrize("note", NASTY)
def test_what_was_typed_comes_back_from_the_books_as_it_was(note: str, clerk: Any) -> None:
    clerk.do("allot", project="P001", channel="JT2024", amount="1", note=note, party=note, number=note)
    [voucher] = vouchers_of(load(clerk))
    assert (voucher.narration, voucher.payee, voucher.meta["document-number"]) == (note, note, note)
    assert voucher.tags == {"P001"}


@pytest.mark.parametrize(
    "note",
    [
        '" \n plugin "os"',
        'x"\ninclude "/etc/passwd"',
        "x\r\noption",
        "x\u2028plugin",
        "x\u2029plugin",
        "x\x0bplugin",
        "x\x85plugin",
        "\u202egnp.beancount",
    ],
    ids=["plugin", "include", "crlf", "U+2028", "U+2029", "vertical tab", "next line", "bidi"],
)
@pytest.mark.parametrize("field", ["note", "party", "number"])
def test_a_line_break_in_words_is_refused(field: str, note: str, clerk: Any, unchanged: Unchanged) -> None:
    with unchanged(), pytest.raises(TextUnprintable):
        clerk.draft("allot", project="P001", channel="JT2024", amount="1", **{field: note})


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u2009", "\u202f", "\u205f", "\u1680"])
@pytest.mark.parametrize("field", ["note", "party", "number"])
def test_an_odd_space_does_not_stop_the_writing_of_the_books(field: str, space: str, clerk: Any) -> None:
    """A no-break space comes out of every web page and word processor."""
    try:
        clerk.do("allot", project="P001", channel="JT2024", amount="1", **{field: f"甲{space}乙"})
    except Refusal:
        return
    assert len(vouchers_of(load(clerk))) == 1


@settings(max_examples=200)
@given(st.text(max_size=20))
def test_every_string_that_words_let_through_is_one_beancount_string(text: str) -> None:
    try:
        kept = words(text, "note", needed=False)
    except Refusal:
        return
    line = f'2024-01-01 event "x" {quoted(kept)}\n'
    entries, errors, _ = loader.load_string(line)
    assert errors == []
    assert [each.description for each in entries] == [kept]


@pytest.mark.parametrize(
    "channel, good", [("A" + "9" * 19, "B" + "9" * 19), ("AB", "CD"), ("USD", "EUR")], ids=["long", "short", "money"]
)
def test_every_fit_code_is_a_commodity_that_beancount_reads(channel: str, good: str, clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        channels.add_channel(unit, channel, name="长渠道", source="department")
        channels.add_channel(unit, "XX", name="实物", source="in_kind")
        channels.add_good(unit, good, name="沙", unit_name="方", scale=0)
        for each in (channel, "XX"):
            register.add_budget_line(unit, "SF", "P001", each, 100)
        register.allow_in_bank(unit, "SF", "B01", channel)
        unit.commit()
    clerk.play(f"""
        allot project=P001 channel={channel} amount=1000
        receive project=P001 channel={channel} amount=1000
        allot project=P001 channel=XX amount=1000
        inkind-receive project=P001 channel=XX good={good} quantity=7 amount=1000
    """)
    assert len(vouchers_of(load(clerk))) == 4


@pytest.mark.parametrize("title", ["通村 公路（一期）", "①号路", "A:B/C", "3.5公里", "{x}", "路"])
def test_every_title_is_an_account_that_beancount_reads(title: str, clerk: Any) -> None:
    from projects import registry

    with clerk.workspace.write() as unit:
        registry.add_project(
            unit, "SF", "P003", title=title, name=title, budget={"JT2024": 1000_00}, detail={"type": "road"}
        )
        unit.commit()
    clerk.play("allot project=P003 channel=JT2024 amount=1000\nreceive project=P003 channel=JT2024 amount=1")
    assert len(vouchers_of(load(clerk))) == 2


def test_a_book_without_vouchers_is_a_book(clerk: Any) -> None:
    assert vouchers_of(load(clerk)) == []


# The same record, the same bytes.


def _forget(clerk: Any) -> None:
    for path in sorted((clerk.workspace.books / "SF").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()


def _mark_all(clerk: Any) -> None:
    with clerk.workspace.write() as unit:
        mark_all(unit, "SF")
        unit.commit()


def test_the_books_are_written_again_to_the_same_bytes(clerk: Any, tmp_path: Path) -> None:
    paper = tmp_path / "批文.PDF"
    paper.write_bytes(b"%PDF a paper")
    clerk.begin(STORY)
    clerk.seal(
        clerk.draft("allot", papers=[paper], project="P001", channel="JT2024", amount="1", date="2024-03-05")["draft"]
    )
    before = texts(clerk)
    _forget(clerk)
    _mark_all(clerk)
    assert settle(clerk.workspace) == 6
    assert texts(clerk) == before


def test_the_books_are_a_function_of_what_was_sealed_alone(
    clerk: Any, new_clerk: Callable[[], AbstractContextManager[Any]]
) -> None:
    """Drafts that were dropped, refused commands and the order of writing leave no trace."""
    clerk.begin(STORY)
    with new_clerk() as other:
        for line in STORY.strip().splitlines():
            label = other.try_draft(line)["draft"]
            with pytest.raises(Refusal):
                other.try_draft("receive project=P001 channel=WS2024 amount=1")
            dropped = other.try_draft("allot project=P001 channel=JL2024 amount=7 date=2024-12-01")["draft"]
            other.seal(label)
            other.at("zhang").drop(dropped)
        assert texts(other) == texts(clerk)


def test_nothing_is_written_when_nothing_is_dirty(clerk: Any) -> None:
    clerk.begin(STORY)
    settle(clerk.workspace)
    assert settle(clerk.workspace) == 0
    assert clerk.sql("SELECT * FROM work_dirty") == []


def test_only_the_months_that_changed_are_written(clerk: Any) -> None:
    clerk.begin(STORY)
    january = clerk.workspace.books / "SF" / "2024-01.beancount"
    january.write_text("touched", encoding="utf-8")
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date="2024-03-31")
    assert january.read_text(encoding="utf-8") == "touched"


def test_a_crash_between_commit_and_writing_is_made_good(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    *before, last = STORY.strip().splitlines()
    clerk.play("\n".join(before))
    label = clerk.try_draft(last)["draft"]
    old = texts(clerk)

    def crash(*_: object) -> int:
        raise SystemExit(137)

    settle(clerk.workspace)
    with monkeypatch.context() as patch:
        patch.setattr(projects.desk, "lay_out", crash)
        with pytest.raises(SystemExit):
            clerk.seal(label)
    assert clerk.sql("SELECT count(*) FROM voucher") == [(8,)]
    assert texts(clerk) == old
    assert settle(clerk.workspace) == 1
    with clerk.workspace.read() as connection:
        march = "\n".join(block.text for block in month_blocks(connection, "SF", "2024-03"))
        head = head_text(connection, "SF")
    assert texts(clerk) == old | {"SF/2024-03.beancount": march.encode(), "SF/main.beancount": head.encode()}
    assert len(vouchers_of(load(clerk))) == 8


def test_books_that_a_power_cut_took_away_are_written_again(clerk: Any) -> None:
    clerk.begin(STORY)
    settle(clerk.workspace)
    clerk.do("allot", project="P001", channel="JT2024", amount="1", date="2024-03-31")
    whole = texts(clerk)
    march = clerk.workspace.books / "SF" / "2024-03.beancount"
    # Nobody has waited for the disk yet: half of the file may be missing when the power comes back.
    march.write_bytes(march.read_bytes()[:100])
    again = open_workspace(clerk.workspace.path, clock=clerk.clock)
    assert settle(again) == 1
    assert settle(again) == 0
    again.close()
    assert texts(clerk) == whole


def test_a_crash_while_writing_leaves_whole_files_and_is_made_good(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk.begin(STORY)
    whole = texts(clerk)
    _mark_all(clerk)

    def crash(*_: object) -> None:
        raise SystemExit(137)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(SystemExit):
            settle(clerk.workspace)
    assert {name: text for name, text in texts(clerk).items() if not name.endswith(".partial")} == whole
    settle(clerk.workspace)
    assert texts(clerk) == whole


# Papers.


def test_a_paper_lies_in_the_book_under_its_hash(clerk: Any, tmp_path: Path) -> None:
    paper = tmp_path / "交财〔2024〕7号.pdf"
    paper.write_bytes(b"%PDF a paper")
    sha256 = hashlib.sha256(b"%PDF a paper").hexdigest()
    clerk.seal(clerk.draft("allot", papers=[paper], project="P001", channel="JT2024", amount="1")["draft"])
    entries = load(clerk)
    [document] = [each for each in entries if isinstance(each, data.Document)]
    assert Path(document.filename) == clerk.workspace.books / "SF" / "documents" / f"{sha256}.pdf"
    assert Path(document.filename).read_bytes() == b"%PDF a paper"
    assert vouchers_of(entries)[0].meta["document-1"] == f"documents/{sha256}.pdf"
    assert clerk.sql("SELECT seq, sha256, suffix, size FROM document") == [(0, sha256, ".pdf", 12)]


def test_the_same_paper_twice_is_one_paper(clerk: Any, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"one")
    (tmp_path / "b.pdf").write_bytes(b"one")
    papers = [tmp_path / "a.pdf", tmp_path / "b.pdf"]
    clerk.seal(clerk.draft("allot", papers=papers, project="P001", channel="JT2024", amount="1")["draft"])
    assert clerk.sql("SELECT count(*) FROM document") == [(1,)]


def test_a_paper_goes_with_each_voucher_that_names_it(clerk: Any, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"one")
    for day in ("2024-03-01", "2024-04-01"):
        label = clerk.draft(
            "allot", papers=[tmp_path / "a.pdf"], project="P001", channel="JT2024", amount="1", date=day
        )["draft"]
        clerk.seal(label)
    assert len([each for each in load(clerk) if isinstance(each, data.Document)]) == 2


def test_a_paper_that_is_gone_does_not_keep_the_books_from_being_written(clerk: Any, tmp_path: Path) -> None:
    paper = tmp_path / "slip.txt"
    paper.write_text("slip", encoding="utf-8")
    made = clerk.draft("allot", project="P001", channel="JT2024", amount="1", papers=[paper])
    [kept] = clerk.workspace.documents.iterdir()
    kept.unlink()
    number = clerk.seal(made["draft"])
    month = clerk.workspace.books / "SF" / f"{number[:7]}.beancount"
    assert f"^V{number}" in month.read_text(encoding="utf-8")

"""A draft and a voucher at the desk: what each is of, in whose words, and a draft that is changed where it was made."""

from __future__ import annotations

import re
from typing import Any

import pytest
from desks import desk, enter, token
from flask import Flask

from ledger.money import yuan
from projects import sums
from projects.printing.voucher import _Of, _told
from projects.sealed import list_sealed, need_sealed

LIFE = """
allot project=P001 channel=JT2024 amount=880000
receive project=P001 channel=JT2024 amount=500000
contract contract=P001C01 parts=JT2024=860000 party=甲公司
advance contract=P001C01 amount=100000
certify contract=P001C01 amount=300000
pay contract=P001C01
"""
MENDED = {"contract": "P001C01", "parts": "JT2024=750000", "party": "乙公司", "date": "2024-03-01"}


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "li", "wang"), allotted=False)


def send(client: Any, at: str, **typed: str) -> Any:
    """Send the form of an event, or of a draft that is changed."""
    return client.post(at, data={"csrf_token": client.token, "key": "c" * 32} | typed)


def test_a_voucher_is_of_what_its_paper_says(app: Flask, clerk: Any) -> None:
    """The same amount stands in the list, on the page and as the sum of the sheet that is bound."""
    numbers = clerk.play(LIFE)
    made = clerk.at("zhang").correct(numbers[-1], reason="写错")
    clerk.seal(made["drafts"][0]["draft"])
    with clerk.workspace.read() as connection:
        of = _Of(connection, "SF", "zh")
        every = [row["number"] for row in list_sealed(connection, "SF")]
        fen = sums.wholes(connection, "SF", every)
        printed = {number: _told(of, need_sealed(connection, "SF", number))["total"][1] for number in every}
    assert {number: yuan(amount) for number, amount in fen.items()} == {
        number: said.removeprefix("-") for number, said in printed.items()
    }
    assert (yuan(fen[numbers[0]]), yuan(fen[numbers[2]])) == ("880,000.00", "860,000.00"), "no money moves by these"
    page = enter(app, "li").get("/desk/SF/vouchers").text
    assert all(f">{yuan(amount)}<" in page for amount in fen.values())


def test_goods_are_no_yuan() -> None:
    assert sums.whole([("CEMENT", 30_000, 3), ("JT2024", 500, 2), ("JT2024.B", 700, 2)]) == 500
    assert sums.whole([("CEMENT", 30_000, 3), ("JT2024.B", 700, 2), ("JT2024.B", -700, 2)]) == 700
    assert sums.whole([("CEMENT", 30_000, 3)]) == 0


def test_who_seals_sees_the_amount_in_capitals_and_the_entries_in_words(app: Flask, clerk: Any) -> None:
    clerk.play(LIFE)
    label = clerk.draft("allot", project="P001", channel="JT2024", amount="123456.78")["draft"]
    li = enter(app, "li")
    page = li.get(f"/desk/SF/drafts/{label}").text
    assert "<strong>123,456.78</strong>" in page
    assert "壹拾贰万叁仟肆佰伍拾陆元柒角捌分" in page
    assert "P001 通村公路" in page
    assert "交通" in page
    for seen in (page, li.get("/desk/SF/vouchers/2024-03-0006").text):
        assert not re.search("(Assets|Liabilities|Equity|Income|Expenses|Budget):", seen)
        assert not re.search("[0-9]T[0-9]{2}:", seen)
    assert page.index("/seal") < page.index("<table"), "the button is where the amount is"
    assert ">123,456.78<" in li.get("/desk/SF/").text
    assert ">123,456.78<" in li.get("/desk/SF/drafts").text


def test_a_maker_changes_a_draft_where_it_was_made(app: Flask, clerk: Any) -> None:
    clerk.play(LIFE.splitlines()[1])
    label = clerk.draft("contract", contract="P001C01", parts=["JT2024=860000"], party="甲公司")["draft"]
    zhang = enter(app, "zhang")
    at = re.search(r'href="([^"]+draft=D[0-9]+)"', zhang.get(f"/desk/SF/drafts/{label}").text)
    assert at
    form = zhang.get(at[1].replace("&amp;", "&"))
    assert f'name="draft" value="{label}"' in form.text
    assert "JT2024=860000</textarea>" in form.text
    assert 'value="甲公司"' in form.text
    looked = send(zhang, "/desk/SF/record/contract", step="look", draft=label, **MENDED)
    assert looked.status_code == 200, looked.text
    assert f'name="draft" value="{label}"' in looked.text
    for _ in range(2):
        kept = send(zhang, "/desk/SF/record/contract", step="keep", draft=label, **MENDED)
        assert kept.location == f"/desk/SF/drafts/{label}"
    page = zhang.get(kept.location).text
    assert "750,000.00" in page
    assert "乙公司" in page
    listed = zhang.get("/desk/SF/drafts").text
    assert set(re.findall(r"/drafts/(D[0-9]+)", listed)) == {label}, "it is the same draft"
    assert "form=" not in listed, "and no unfinished form is left of it"


def test_what_a_draft_holds_itself_does_not_stand_against_its_change(app: Flask, clerk: Any) -> None:
    clerk.play(LIFE.splitlines()[1])
    label = clerk.draft("contract", contract="P001C01", parts=["JT2024=880000"], party="甲公司")["draft"]
    zhang = enter(app, "zhang")
    for at in ("/desk/SF/record/contract", "/desk/SF/record/contract/beside"):
        answer = send(zhang, at, step="look", draft=label, **MENDED | {"parts": "JT2024=880000"})
        assert answer.status_code == 200
        assert 'class="refusal"' not in answer.text
        assert "880,000.00" in answer.text
        over = send(zhang, at, step="look", draft=label, **MENDED | {"parts": "JT2024=880000.01"})
        assert 'class="refusal"' in over.text


def test_what_is_taken_out_of_a_form_is_out_of_the_draft(app: Flask, clerk: Any) -> None:
    clerk.play(LIFE.splitlines()[1])
    typed = {"project": "P001", "channel": "JT2024", "amount": "300", "date": "2024-03-01"}
    label = clerk.draft("receive", **typed | {"note": "暂记", "serial": "S1"})["draft"]
    zhang = enter(app, "zhang")
    assert send(zhang, "/desk/SF/record/receive", step="keep", draft=label, **typed).status_code == 303
    assert "暂记" not in zhang.get(f"/desk/SF/drafts/{label}").text


def test_a_draft_is_changed_by_its_maker_with_its_own_form_alone(app: Flask, clerk: Any) -> None:
    clerk.play(LIFE.splitlines()[1])
    label = clerk.draft("contract", contract="P001C01", parts=["JT2024=860000"], party="甲公司")["draft"]
    wang = enter(app, "wang")
    assert "draft=" not in wang.get(f"/desk/SF/drafts/{label}").text
    assert wang.get(f"/desk/SF/record/contract?draft={label}").status_code == 422
    for at in ("/desk/SF/record/contract", "/desk/SF/record/contract/beside"):
        assert send(wang, at, step="keep", draft=label, **MENDED).status_code == 422
    zhang = enter(app, "zhang")
    assert zhang.get(f"/desk/SF/record/allot?draft={label}").status_code == 403
    assert zhang.get("/desk/SF/record/contract?draft=D99").status_code == 404
    assert "860,000.00" in zhang.get(f"/desk/SF/drafts/{label}").text


def test_a_draft_is_thrown_away_in_two_steps(app: Flask, clerk: Any) -> None:
    label = clerk.draft("allot", project="P001", channel="JT2024", amount="100")["draft"]
    page = enter(app, "zhang").get(f"/desk/SF/drafts/{label}")
    folded = re.search(r"<details><summary>[^<]+</summary>.*?</details>", page.text, re.DOTALL)
    assert folded
    assert "/drop" in folded[0]
    assert "/drop" not in page.text.replace(folded[0], "")
    assert token(page)


def test_a_refusal_keeps_the_ways_to_the_pages_of_the_book(app: Flask, clerk: Any) -> None:
    """Who is refused is not thrown out of the book; of a book that is not theirs nothing is told."""
    li = enter(app, "li")
    gone = li.get("/desk/SF/drafts/D99")
    assert gone.status_code == 404
    assert 'href="/desk/SF/vouchers"' in gone.text
    assert "回到“今日”" in gone.text
    other = li.get("/desk/XX/drafts/D99")
    assert other.status_code == 403
    assert "/desk/XX" not in other.text
    assert 'href="/">返回' in li.get("/nonsense").text


def test_a_page_with_nothing_on_it_says_what_to_do(app: Flask) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    for at in ("/desk/SF/", "/desk/SF/drafts"):
        assert re.search(r'没有草稿。 <a class="to" href="/desk/SF/record">', zhang.get(at).text)
    assert "没有等您审核的草稿。" in li.get("/desk/SF/").text
    assert "请少写几个字" in li.get("/desk/SF/search?q=没有的东西").text

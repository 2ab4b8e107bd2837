"""Payees and invoices at the desk: by the rules of the command line, no number shown, reached from where one is missed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from desks import desk, enter, post, token
from flask import Flask
from markupsafe import escape

from ledger import facts, log, messages, people, register
from ledger.errors import KeyReused, Refusal, RoleMissing
from ledger.messages import Lang
from ledger.verify import verify
from projects import invoices, payees, registration, withdrawal
from projects.desk import Desk
from projects.registration import REGISTER
from projects.web import forms, instead

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
FIRM, CITIZEN = "91530123MA6K12349H", "53012319750310123X"
ONE, OTHER = "6228480012345678901", "6228480098765432109"
INVOICE = "24532000000012345678"
PAYEE = {"code": "S001", "name": "滇中路桥有限公司", "kind": "company", "identifier": FIRM}
ACCOUNT = {"payee": "S001", "account": ONE, "bank_name": "农商行城关支行"}
BILL = {"number": INVOICE, "seller": "S001 滇中路桥有限公司", "amount": "500", "date": "2024-02-20"}
OWED = """
receive project=P001 channel=JT2024 amount=800
contract contract=P001C01 parts=JT2024=700 party=滇中路桥有限公司
certify contract=P001C01 amount=500 no_retention
"""
REGISTERED = "/desk/SF/register/{}"


@pytest.fixture
def app(clerk: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    return desk(clerk, monkeypatch, ("zhang", "li"))


def send(client: Any, where: str, typed: dict[str, str], *papers: tuple[bytes, str], key: str = "1") -> Any:
    """Send a form, by what it registers or to an address of its own."""
    return post(client, where if where.startswith("/") else REGISTERED.format(where), typed, *papers, key=key)


def recorded(clerk: Any, *kinds: str) -> list[facts.Fact]:
    with clerk.workspace.read() as connection:
        return facts.facts(connection, log.OFFICE, *kinds)


def beside(page: str) -> tuple[str, str]:
    """The field beside which a page says that something is refused, and what it says."""
    found = re.search(r'<p class="refusal" role="alert" id="e-(\w+)">([^<]+)', page)
    assert found, page
    return found[1], found[2].strip()


def written(clerk: Any) -> str:
    """All that lies in the workspace as text, but for the private store."""
    return "".join(path.read_text("utf-8") for path in clerk.workspace.path.rglob("*.beancount"))


@pytest.mark.parametrize("lang", messages.LANGS)
def test_each_form_asks_in_words_for_all_that_the_command_asks_for(app: Flask, lang: Lang) -> None:
    zhang = enter(app, "zhang")
    zhang.post("/language", data={"csrf_token": zhang.token, "lang": lang})
    listed = zhang.get("/desk/SF/record").text
    for entry in forms.registrations():
        assert f'href="{REGISTERED.format(entry)}"' in listed
        page = zhang.get(REGISTERED.format(entry))
        assert page.status_code == 200
        own = {*REGISTER[entry][0].model_fields} - {"date", "note", "party", "person", "serial", "documents"}
        for name in own | ({"date"} if entry == "invoice-add" else set()):
            assert f'name="{name}"' in page.text, (entry, name)
        assert "autofocus" in page.text
        words = re.findall(r"<(?:label|option|small)[^>]*>([^<]+)", page.text)
        if lang == "zh":
            assert not [each for each in words if not re.search(r"[\u4e00-\u9fff]", each)], entry
    assert zhang.get(REGISTERED.format("payee-approve")).status_code == 403
    assert zhang.get(REGISTERED.format("x")).status_code == 403


def test_a_payee_is_registered_once_and_its_account_is_nowhere_shown(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    typed = PAYEE | {"account": ONE, "bank_name": "农商行城关支行"}
    assert {send(zhang, "payee-add", typed, (PDF, "执照.pdf")).status_code for _ in range(3)} == {303}
    assert [each.kind for each in recorded(clerk)] == ["payee", "payee-account"]
    for client in (zhang, li):
        for page in ("/desk/SF/payees", "/desk/SF/payees/S001"):
            text = client.get(page).text
            assert all(each in text for each in ("滇中路桥有限公司", "****8901", FIRM, "公司"))
            assert ONE not in text
    page = li.get("/desk/SF/payees/S001").text
    [paper, *_] = re.findall(r'href="([^"]+/papers/[^"]+)"', page)
    handed = li.get(paper)
    assert (handed.data, "sandbox" in handed.headers["Content-Security-Policy"]) == (PDF, True)
    assert li.get(paper.replace("/office/F", "/office/F9")).status_code == 422
    assert ONE not in written(clerk)
    assert [each for each in verify(clerk.workspace) if each.findings] == []


def test_a_person_is_masked_and_the_answer_under_the_key_holds_no_number(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    person = PAYEE | {"name": "王小明", "kind": "person", "identifier": CITIZEN, "account": ONE, "bank_name": "农商行"}
    assert send(zhang, "payee-add", person).status_code == 303
    shown = zhang.get("/desk/SF/payees").text + zhang.get("/desk/SF/payees/S001").text
    kept = "".join(str(row) for row in clerk.sql("SELECT answer FROM command_key"))
    for each in ("王小明", CITIZEN, ONE):
        assert each not in shown + kept + written(clerk)
    assert ("王某某" in shown, "王某某" in kept) == (True, True)


def test_an_account_is_paid_into_after_another_person_has_typed_it_again(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    send(zhang, "payee-add", PAYEE)
    assert "登记收款账号" in zhang.get("/desk/SF/payees/S001").text
    assert send(zhang, "payee-account", ACCOUNT, (PDF, "开户资料.pdf"), key="2").status_code == 303
    approve = "/desk/SF/payees/S001/approve"
    assert zhang.get(approve).status_code == 403
    listed = li.get("/desk/SF/payees").text
    assert f'href="{approve}"' in listed
    page = li.get(approve).text
    assert ('id="f-account"' in page, 'id="f-payee"' in page, ONE in page) == (True, False, False)
    assert "/papers/" in page
    wrong = send(li, approve, {"account": OTHER}, key="3")
    assert (wrong.status_code, beside(wrong.text)[0]) == (422, "account")
    # Whom it is about stands in the address: a field of the form changes nothing.
    assert send(li, approve, {"account": ONE, "payee": "S009"}, key="4").status_code == 303
    [approval] = recorded(clerk, "payee-approval")
    assert (approval.by, approval.subject) == ("li", "S001")
    assert approve not in li.get("/desk/SF/payees").text
    clerk.play(OWED)
    clerk.try_draft("pay contract=P001C01 amount=100 payee=S001")
    again = ACCOUNT | {"account": OTHER}
    refused = send(zhang, "payee-account", again, key="5")
    assert (refused.status_code, beside(refused.text)[0]) == (422, "reason")
    assert send(zhang, "payee-account", again | {"reason": "换开户行"}, key="5").status_code == 303
    assert "待核准" in zhang.get("/desk/SF/payees").text
    assert [each for each in verify(clerk.workspace) if each.findings] == []


def test_who_entered_an_account_and_who_approves_one_book_only_approve_none(
    clerk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clerk.workspace.write() as unit:
        register.add_book(unit, "OTHER", village="V13", name="另一本", started_on=unit.now.date())
        people.add_user(unit, "both", roles=["maker", "approver"])
        people.add_user(unit, "here", roles=["approver"], book="SF")
        unit.commit()
    app = desk(clerk, monkeypatch, ("both", "here"))
    both, here = enter(app, "both"), enter(app, "here")
    send(both, "payee-add", PAYEE | {"account": ONE, "bank_name": "农商行"})
    approve = "/desk/SF/payees/S001/approve"
    assert [approve in each.get("/desk/SF/payees").text for each in (both, here)] == [False, False]
    own = send(both, approve, {"account": ONE}, key="2")
    assert (own.status_code, beside(own.text)[0]) == (422, "account")
    elsewhere = send(here, approve, {"account": ONE}, key="3")
    assert (elsewhere.status_code, elsewhere.text.count('role="alert"')) == (422, 1)
    assert re.findall(r'role="alert">([^<]+)', elsewhere.text) == [
        "here 在专账 * 没有审核权限（approver）：请由审核人办理。"
    ]
    assert recorded(clerk, "payee-approval") == []


@pytest.mark.parametrize(
    "entry, typed, field",
    [
        ("payee-add", {"code": ""}, "code"),
        ("payee-add", {"code": "S 1"}, "code"),
        ("payee-add", {"code": "S009"}, "code"),
        ("payee-add", {"name": " "}, "name"),
        ("payee-add", {"kind": "bank"}, "kind"),
        ("payee-add", {"identifier": FIRM[:-1] + "X"}, "identifier"),
        ("payee-add", {"identifier": "93530123MA6K12349B", "kind": "cooperative"}, "identifier"),
        ("payee-add", {"account": "12"}, "account"),
        ("payee-add", {"account": ONE}, "bank_name"),
        ("payee-account", {"payee": "S004"}, "payee"),
        ("payee-account", {"account": "一二三"}, "account"),
        ("payee-account", {"bank_name": ""}, "bank_name"),
        ("invoice-add", {"number": "123"}, "number"),
        ("invoice-add", {"number": "24532000000099999999"}, "number"),
        ("invoice-add", {"seller": "S004"}, "seller"),
        ("invoice-add", {"amount": "很多"}, "amount"),
        ("invoice-add", {"date": ""}, "date"),
        ("invoice-add", {"date": "2026-01-01"}, "date"),
    ],
)
def test_a_refusal_stands_beside_its_field_in_the_words_of_the_command_line_and_keeps_what_was_typed(
    app: Flask, clerk: Any, tmp_path: Path, entry: str, typed: dict[str, str], field: str
) -> None:
    office = Desk(clerk.workspace, "zhang")
    paper = tmp_path / "原件.pdf"
    paper.write_bytes(PDF)
    other = PAYEE | {"code": "S009", "kind": "cooperative", "identifier": "93530123MA6K12349B", "name": "合作社"}
    registration.register(office, "payee-add", other)
    there = {"number": "24532000000099999999", "seller": "S009", "amount": "1", "date": "2024-02-20"}
    registration.register(office, "invoice-add", there, papers=[paper])
    whole = {
        "payee-add": PAYEE,
        "payee-account": ACCOUNT | {"payee": "S009"},
        "invoice-add": BILL | {"seller": "S009"},
    }
    asked = whole[entry] | typed
    before = len(recorded(clerk))
    with pytest.raises(Refusal) as caught:
        registration.register(office, entry, {name: text for name, text in asked.items() if text}, papers=[paper])
    page = send(enter(app, "zhang"), entry, asked, (PDF, "原件.pdf"))
    assert page.status_code == 422
    assert beside(page.text) == (field, str(escape(instead.explain(caught.value, "zh"))))
    assert "原件.pdf" in page.text
    for name, text in asked.items():
        if text.strip() and name != "kind":
            assert f'value="{text}"' in page.text, name
    assert len(recorded(clerk)) == before


def test_an_invoice_is_registered_with_its_paper_and_shows_what_paid_it(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    send(zhang, "payee-add", PAYEE | {"account": ONE, "bank_name": "农商行"})
    send(li, "/desk/SF/payees/S001/approve", {"account": ONE}, key="2")
    bare = send(zhang, "invoice-add", BILL, key="3")
    assert bare.status_code == 422
    assert 'id="e-papers">发票 24532000000012345678 没有附原件：请在“附件”里交上。' in bare.text
    assert {send(zhang, "invoice-add", BILL, (PDF, "发票.pdf"), key="3").status_code for _ in range(2)} == {303}
    [fact] = recorded(clerk, invoices.KIND)
    assert (fact.subject, fact.on, fact.by, fact.data) == (
        INVOICE,
        "2024-02-20",
        "zhang",
        {"seller": "S001", "amount": "500.00"},
    )
    clerk.play(f"{OWED}\npay contract=P001C01 amount=200 payee=S001 invoices={INVOICE}")
    [number] = [row[0] for row in clerk.sql("SELECT number FROM voucher WHERE event = 'disbursement'")]
    page = li.get(f"/desk/SF/invoices/{INVOICE}").text
    assert all(each in page for each in ("500.00", "200.00", "300.00", f"/vouchers/{number}", "滇中路桥有限公司"))
    assert "300.00" in li.get("/desk/SF/invoices").text
    [paper] = re.findall(r'href="([^"]+/papers/[^"]+)"', page)
    assert li.get(paper).data == PDF
    assert [each for each in verify(clerk.workspace) if each.findings] == []


def test_from_a_form_that_misses_a_payee_a_way_leads_to_it_and_back(app: Flask, clerk: Any) -> None:
    zhang = enter(app, "zhang")
    clerk.play(OWED)
    pay = {"contract": "P001C01", "amount": "100", "payee": "S001", "date": "2024-03-01"}
    page = zhang.post(
        "/desk/SF/record/pay", data={"csrf_token": zhang.token, "key": "a" * 32, "step": "look"} | pay
    ).text
    assert beside(page) == (
        "payee",
        "没有登记收款人 S001，或已撤回：请从选单中选，或先登记（“登记业务”的“登记收款人”）。",
    )
    [to] = re.findall(r'<a class="to" href="([^"]+/register/[^"]+)"', page)
    live = zhang.post("/desk/SF/record/pay/beside", data={"csrf_token": zhang.token, "key": "a" * 32} | pay).text
    assert to in live
    form = zhang.get(to.replace("&amp;", "&")).text
    assert 'value="S001"' in form
    assert token(type("page", (), {"text": form}), "form") == "a" * 32
    made = send(zhang, "payee-add", PAYEE | {"form": "a" * 32}, key="2")
    back = zhang.get(made.location).text
    [again] = re.findall(r'href="(/desk/SF/record/pay\?form=[^"]+)"', back)
    assert 'value="P001C01"' in zhang.get(again).text
    waits = zhang.post(
        "/desk/SF/record/pay", data={"csrf_token": zhang.token, "key": "a" * 32, "step": "look"} | pay
    ).text
    assert beside(waits)[0] == "payee"
    assert "register/payee-account?payee=S001" in waits
    billed = zhang.post(
        "/desk/SF/record/pay",
        data={"csrf_token": zhang.token, "key": "a" * 32, "step": "look", "invoices": INVOICE} | pay | {"payee": ""},
    ).text
    assert f"register/invoice-add?number={INVOICE}" in billed
    # Nobody's form but one's own leads anywhere.
    assert "record/pay?form=" not in enter(app, "zhang").get("/desk/SF/payees/S001?form=" + "b" * 32).text


def test_what_was_wrong_is_taken_back_by_an_approver_of_all_books_and_stays_to_be_seen(app: Flask, clerk: Any) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    send(zhang, "payee-add", PAYEE | {"account": ONE, "bank_name": "农商行"})
    [account] = recorded(clerk, "payee-account")
    where = f"/desk/SF/office/{account.label}/withdraw"
    form = {"key": "7" * 32, "reason": "账号抄错"}
    assert where not in zhang.get("/desk/SF/payees/S001").text
    assert where in li.get("/desk/SF/payees/S001").text
    assert zhang.post(where, data=form | {"csrf_token": zhang.token}).status_code == 403
    assert li.post(where, data=form | {"csrf_token": li.token, "reason": " "}).status_code == 422
    assert {li.post(where, data=form | {"csrf_token": li.token}).status_code for _ in range(2)} == {303}
    assert recorded(clerk, "payee-account") == []
    page = li.get("/desk/SF/payees/S001").text
    assert ("（已撤回）" in page, where in page) == (True, False)
    with clerk.workspace.read() as connection:
        assert payees.need_payee(connection, "S001").account is None
        login = facts.facts(connection, log.OFFICE, "login")
    # What else the office's log says is neither taken back nor handed out here.
    for other in login:
        at = f"/desk/SF/office/{other.label}"
        assert li.post(f"{at}/withdraw", data=form | {"csrf_token": li.token}).status_code == 404
        assert li.get(f"{at}/papers/x.pdf").status_code == 404


@pytest.mark.parametrize("page", ["telling", "register_form", "approve_account", "record"])
def test_a_form_that_takes_papers_takes_one_as_large_as_the_settings_allow(app: Flask, page: str) -> None:
    zhang, li = enter(app, "zhang"), enter(app, "li")
    large = PDF + b"%" + b"0" * 1_500_000
    at = {
        "telling": (zhang, "/desk/SF/tell/deliberate"),
        "register_form": (zhang, "payee-add"),
        "approve_account": (li, "/desk/SF/payees/S001/approve"),
        "record": (zhang, "/desk/SF/record/receive"),
    }
    if page == "approve_account":
        send(zhang, "payee-add", PAYEE | {"account": ONE, "bank_name": "农商行"}, key="2")
    client, where = at[page]
    answer = send(client, where, {}, (large, "扫描.pdf"))
    assert (answer.status_code in {200, 422}, "扫描.pdf" in answer.text) == (True, True)


def test_a_key_is_its_users_own(clerk: Any) -> None:
    """Who registers under a key that somebody else has used is not told that it is done."""
    maker = Desk(clerk.workspace, "zhang")
    made = registration.register(maker, "payee-add", PAYEE, key="once")
    assert registration.register(maker, "payee-add", PAYEE, key="once") == made
    with pytest.raises(KeyReused):
        registration.register(Desk(clerk.workspace, "li"), "payee-add", PAYEE, key="once")
    assert len(recorded(clerk, "payee")) == 1


def test_who_only_makes_vouchers_takes_nothing_back_that_the_office_knows(clerk: Any) -> None:
    """Whatever asks for it: the desk's table of access and the terminal stand before the same rule."""
    made = registration.register(Desk(clerk.workspace, "zhang"), "payee-add", PAYEE)
    with pytest.raises(RoleMissing):
        withdrawal.withdraw(Desk(clerk.workspace, "zhang"), made["recorded"], reason="登记错了")
    assert len(recorded(clerk, "payee")) == 1
    withdrawal.withdraw(Desk(clerk.workspace, "li"), made["recorded"], reason="登记错了")
    assert recorded(clerk, "payee") == []

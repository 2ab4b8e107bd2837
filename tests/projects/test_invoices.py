"""Invoices: each is paid once over all books, in parts up to its amount, and free again when a payment is reversed."""

from __future__ import annotations

import shlex
from datetime import date
from typing import Any

import pytest

from ledger import facts, log, people, register
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.messages import explain
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects import invoices, payees, registry
from projects.cli.main import run
from projects.desk import Desk
from projects.events.verbs import EFFECTS
from projects.policy.file import read
from projects.policy.override import override

FIRM, FARM = "91530123MA6K12349H", "93530123MA6K12349B"
DIGITAL, CODED = "24532000000012345678", "053001900104-12345678"
OWED = """
allot project=P001 channel=JT2024 amount=1000
receive project=P001 channel=JT2024 amount=900
contract contract=P001C01 parts=JT2024=900 payee=S001
certify contract=P001C01 amount=800 no_retention
"""


def write(clerk: Any, act: Any) -> Any:
    with clerk.workspace.write() as unit:
        made = act(unit)
        unit.commit()
    settle(clerk.workspace)
    return made


@pytest.fixture
def paying(clerk: Any) -> Any:
    """A contract with a payee whose account is approved; another payee that is approved too."""

    def register_payees(unit: Any) -> None:
        for code, number in (("S001", FIRM), ("S002", FARM)):
            kind = "company" if number == FIRM else "cooperative"
            payees.add_payee(unit, code, name=f"收款单位{code}", kind=kind, identifier=number, by="zhang")
            payees.name_account(unit, code, number=f"622848001234567{code[1:]}", bank="农商行", by="zhang")
            payees.approve_account(unit, code, number=f"622848001234567{code[1:]}", by="li")

    write(clerk, register_payees)
    clerk.play(OWED)
    return clerk


def add(clerk: Any, number: str = DIGITAL, *, papers: Any = ..., **more: Any) -> facts.Fact:
    if papers is ...:
        paper = clerk.workspace.path / "invoice.txt"
        paper.write_text("发票", encoding="utf-8")
        papers = clerk.at("zhang").papers([paper])
    said = {"seller": "S001", "amount": "500", "on": date(2024, 3, 1), "by": "zhang", "papers": papers} | more
    return write(clerk, lambda unit: invoices.add_invoice(unit, number, **said))


def refused(clerk: Any, act: Any, lang: Any = "zh") -> str:
    before = clerk.dump()
    with pytest.raises(Refusal) as caught:
        act()
    assert clerk.dump() == before
    return explain(caught.value, lang)


def paid(clerk: Any, number: str = DIGITAL) -> dict[str, int]:
    with clerk.workspace.read() as connection:
        return {str(each): each.amount for each in invoices.uses(connection, number)}


def findings(clerk: Any) -> list[str]:
    settle(clerk.workspace)
    return [finding.code for check in verify(clerk.workspace) for finding in check.findings]


def test_an_invoice_is_paid_once_and_the_refusal_names_the_voucher(paying):
    add(paying)
    [first] = paying.play(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")
    again = f"pay contract=P001C01 amount=200 invoices={DIGITAL}"
    assert refused(paying, lambda: paying.try_draft(again)) == (
        f"发票 {DIGITAL} 共 500.00 元，已付 500.00 元（V{first}@SF），还剩 0.00 元，本次 200.00 元，超出 200.00 元："
        "一张发票只付一次，请核对是否重复付款。"
    )
    assert refused(paying, lambda: paying.try_draft(again), "en") == (
        f"Invoice {DIGITAL} is worth 500.00 yuan, 500.00 are paid (V{first}@SF), 0.00 are left; this pays 200.00, "
        "200.00 too much: an invoice is paid once, look whether this is a second time."
    )
    assert paid(paying) == {f"V{first}@SF": 500_00}
    assert findings(paying) == []


def test_an_invoice_is_paid_in_parts_up_to_its_amount(paying):
    add(paying)
    one, other = paying.play(
        f"pay contract=P001C01 amount=200 invoices={DIGITAL}\npay contract=P001C01 amount=299.99 invoices={DIGITAL}"
    )
    assert "还剩 0.01 元" in refused(
        paying, lambda: paying.try_draft(f"pay contract=P001C01 amount=1 invoices={DIGITAL}")
    )
    [last] = paying.play(f"pay contract=P001C01 amount=0.01 invoices={DIGITAL}")
    assert paid(paying) == {f"V{one}@SF": 200_00, f"V{other}@SF": 299_99, f"V{last}@SF": 1}


def test_a_reversed_payment_frees_its_invoice_for_another(paying):
    add(paying)
    [first] = paying.play(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")
    paying.play(f"reverse voucher={first} reason=付错")
    assert paid(paying) == {}
    [second] = paying.play(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")
    assert paid(paying) == {f"V{second}@SF": 500_00}


def test_what_bounced_was_not_paid(paying):
    add(paying)
    [first] = paying.play(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")
    [back] = paying.play(f"bounce voucher={first} amount=120")
    assert paid(paying) == {f"V{first}@SF": 380_00}
    [again] = paying.play(f"pay contract=P001C01 amount=120 invoices={DIGITAL}")
    assert sum(paid(paying).values()) == 500_00
    # As much is owed again, so that no floor would hold it: the invoice would be paid twice.
    early = f"reverse voucher={back} reason=银行更正"
    said = refused(paying, lambda: paying.try_draft(early))
    assert said == (
        f"发票 {DIGITAL} 共 500.00 元，已付 500.00 元（V{first}@SF、V{again}@SF），还剩 0.00 元，本次 120.00 元，超出 "
        "120.00 元：一张发票只付一次，请核对是否重复付款。"
    )
    paying.play(f"reverse voucher={again} reason=错")
    waiting = paying.try_draft(early)["draft"]
    [third] = paying.play(f"pay contract=P001C01 amount=120 invoices={DIGITAL}")
    assert "还剩 0.00 元" in refused(paying, lambda: paying.seal(waiting))
    paying.play(f"reverse voucher={third} reason=错")
    paying.seal(waiting)
    assert paid(paying) == {f"V{first}@SF": 500_00}


def test_several_invoices_share_a_payment(paying):
    add(paying)
    add(paying, CODED, amount="250")
    [number] = paying.play(f"pay contract=P001C01 amount=700 invoices={DIGITAL},{CODED}")
    assert paid(paying) == {f"V{number}@SF": 500_00}
    assert paid(paying, CODED) == {f"V{number}@SF": 200_00}
    paying.play(f"bounce voucher={number} amount=300")
    assert paid(paying) == {f"V{number}@SF": 400_00}
    assert paid(paying, CODED) == {}


def test_parts_of_invoices_are_named_and_add_up_to_the_payment(paying):
    add(paying)
    add(paying, CODED, amount="250")
    line = "pay contract=P001C01 amount=300 invoices="
    assert refused(paying, lambda: paying.try_draft(f"{line}{DIGITAL}=100,{CODED}=100")) == (
        "各发票合计 200.00 元，付款 300.00 元：两者要相等，请核对 --invoice 发票=金额。"
    )
    refused(paying, lambda: paying.try_draft(f"{line}{DIGITAL}=300,{CODED}"))
    assert refused(paying, lambda: paying.try_draft(f"{line}{DIGITAL},{DIGITAL}")) == (
        f"发票 {DIGITAL} 写了两次：一张发票写一次。"
    )
    [number] = paying.play(f"{line}{DIGITAL}=100,{CODED}=200")
    assert (paid(paying), paid(paying, CODED)) == ({f"V{number}@SF": 100_00}, {f"V{number}@SF": 200_00})


def test_an_invoice_that_is_too_small_is_not_stretched(paying):
    add(paying, amount="100")
    assert refused(paying, lambda: paying.try_draft(f"pay contract=P001C01 amount=200 invoices={DIGITAL}")) == (
        f"发票 {DIGITAL} 只有 100.00 元（已付 0.00 元，凭证 —，还剩 100.00 元），本次 200.00 元，超出 100.00 元："
        "请核减，或再写其他发票（--invoice）。"
    )


def test_drafts_count_and_the_first_seal_wins(paying):
    add(paying)
    first = paying.try_draft(f"pay contract=P001C01 amount=300 invoices={DIGITAL}")["draft"]
    said = refused(paying, lambda: paying.try_draft(f"pay contract=P001C01 amount=300 invoices={DIGITAL}"))
    assert f"（{first}@SF）" in said
    waiting = paying.try_draft(f"pay contract=P001C01 amount=200 invoices={DIGITAL}")["draft"]
    paying.at("zhang").edit(waiting, {"amount": "150"})
    paying.seal(first)
    paying.seal(waiting)
    assert sum(paid(paying).values()) == 450_00


def test_a_payment_may_wait_behind_the_reversal_that_frees_its_invoice(paying):
    add(paying)
    [first] = paying.play(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")
    back = paying.try_draft(f"reverse voucher={first} reason=付错")["draft"]
    again = paying.try_draft(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")["draft"]
    refused(paying, lambda: paying.seal(again))
    paying.seal(back)
    number = paying.seal(again)
    assert paid(paying) == {f"V{number}@SF": 500_00}


def test_words_that_look_like_an_invoice_pay_none(paying):
    add(paying)
    paying.play(f"revise-up project=P001 channel=JT2024 amount=1 number={DIGITAL}=500.00 reason={DIGITAL}=1")
    assert paid(paying) == {}


def test_an_invoice_that_was_taken_back_after_the_draft_stops_the_seal(paying):
    made = add(paying)
    draft = paying.try_draft(f"pay contract=P001C01 amount=300 invoices={DIGITAL}")["draft"]
    write(
        paying, lambda unit: facts.withdraw(unit, log.OFFICE, made.label, on=date(2024, 3, 1), by="li", reason="作废")
    )
    said = f"发票 {DIGITAL} 没有登记，或已撤回：请先登记（earmark invoice add）。"
    assert refused(paying, lambda: paying.seal(draft)) == said
    # Entered again with less on it, it is the same invoice.
    add(paying, amount="200")
    assert "只有 200.00 元" in refused(paying, lambda: paying.seal(draft))


def test_an_invoice_is_paid_to_its_seller(paying):
    add(paying, seller="S002")
    line = f"pay contract=P001C01 amount=100 invoices={DIGITAL}"
    assert refused(paying, lambda: paying.try_draft(line)) == (
        f"发票 {DIGITAL} 的销方是 S002，本次付给 S001（收款单位S001）：款付给开票人，请核对。"
    )
    line = f"purchase project=P001 channel=JT2024 amount=10 invoices={DIGITAL}"
    assert refused(paying, lambda: paying.try_draft(line)) == (
        f"发票 {DIGITAL} 的销方是登记的收款人 S002，本次付给“销售单位”：请写 --payee S002。"
    )
    paying.play(f"{line} payee=S002")


def test_an_invoice_is_registered_once_and_the_refusal_names_what_paid_it(paying):
    made = add(paying)
    said = refused(paying, lambda: add(paying, f" {DIGITAL[:8]} {DIGITAL[8:]}", amount="499"))
    assert said == (
        f"发票 {DIGITAL} 已由 zhang 登记（{made.label}，销方 S001），用它付款的凭证：—。"
        "一张发票只登记一次，请核对是否重复报销。"
    )
    [number] = paying.play(f"pay contract=P001C01 amount=500 invoices={DIGITAL}")
    assert f"用它付款的凭证：V{number}@SF。" in refused(paying, lambda: add(paying))
    assert f"vouchers that paid it: V{number}@SF." in refused(paying, lambda: add(paying), "en")


@pytest.mark.parametrize(
    ("number", "about"),
    [
        ("2453200000001234567", "digital"),
        ("12345678", "digital"),
        ("053001900104-1234567", "number"),
        ("05300190010-12345678", ""),
        ("abc", ""),
        ("", ""),
        ("２4532000000012345678x", ""),
    ],
)
def test_what_is_no_invoice_is_refused(paying, number, about):
    with pytest.raises(Refusal) as caught:
        add(paying, number)
    assert (caught.value.code, caught.value.facts.get("about", "")) == ("invoice-unfit", about)


def test_an_invoice_has_its_paper_a_seller_and_a_day_that_came(paying):
    assert refused(paying, lambda: add(paying, papers=())) == f"发票 {DIGITAL} 没有附原件：请加 --doc 文件。"
    assert "没有登记收款人 S009" in refused(paying, lambda: add(paying, seller="S009"))
    refused(paying, lambda: add(paying, on=date(2026, 1, 1)))
    refused(paying, lambda: add(paying, by="li"))
    refused(paying, lambda: add(paying, amount="0"))


def test_one_invoice_is_not_paid_by_two_villages(paying):
    """The other village's clerk sees neither the books of this one nor its drafts, but what was paid."""

    def second_village(unit: Any) -> None:
        registry.add_village(unit, "V14", name="邻村")
        register.add_book(unit, "LC", village="V14", name="邻村专账", started_on=date(2024, 1, 1))
        register.add_bank(unit, "LC", "B01", name="农商行专户", kind="dedicated", channels=["JT2024"])
        registry.add_project(
            unit, "LC", "P001", title="邻村公路", name="邻村公路", budget={"JT2024": 1000_00}, detail={}
        )
        people.add_user(unit, "sun", roles=["maker"], book="LC")

    write(paying, second_village)
    add(paying)
    other = Desk(paying.workspace, "sun", "LC")
    day = {"date": "2024-03-01", "project": "P001", "channel": "JT2024"}
    for verb in ("allot", "receive"):
        made = other.record(verb, day | {"amount": "1000"})
        Desk(paying.workspace, "li", "LC").seal(made["draft"])
    bought = day | {"amount": "300", "payee": "S001", "invoices": [DIGITAL]}
    waiting = other.record("purchase", bought)["draft"]
    [number] = paying.play(f"pay contract=P001C01 amount=400 invoices={DIGITAL}")
    with pytest.raises(Refusal) as caught:
        Desk(paying.workspace, "li", "LC").seal(waiting)
    assert explain(caught.value, "zh") == (
        f"发票 {DIGITAL} 共 500.00 元，已付 400.00 元（V{number}@SF），还剩 100.00 元，本次 300.00 元，超出 200.00 元："
        "一张发票只付一次，请核对是否重复付款。"
    )
    other.edit(waiting, {"amount": "100"})
    Desk(paying.workspace, "li", "LC").seal(waiting)
    assert sum(paid(paying).values()) == 500_00


def test_the_policy_says_from_which_amount_on_there_is_an_invoice(paying):
    text = '[invoice.needed]\nvalue = 100\nunit = "yuan"\ndocument = "县里的规定"\nnumber = "县财〔2025〕5号"\n'
    paper = paying.workspace.path / "decision.txt"
    paper.write_text("县里的规定", encoding="utf-8")
    papers = paying.at("li").papers([paper])
    write(paying, lambda unit: override(unit, read(text), start=unit.now.date(), by="li", papers=papers))
    add(paying)
    paying.day = "2025-12-31"
    assert refused(paying, lambda: paying.try_draft("pay contract=P001C01 amount=100")) == (
        "本次付款 100.00 元：100 元以上须有发票（县财〔2025〕5号）。请先登记发票（earmark invoice add），再写 --invoice 号码。"
    )
    paying.play("pay contract=P001C01 amount=99.99")
    paying.play(f"pay contract=P001C01 amount=100 invoices={DIGITAL}")
    # Households give no invoice.
    paying.play("aid project=P001 channel=JT2024 amount=100")


def test_invoices_come_back_from_the_books(paying, tmp_path):
    add(paying)
    [number] = paying.play(f"pay contract=P001C01 amount=400 invoices={DIGITAL}")
    settle(paying.workspace)
    done = rebuild(paying.workspace.books, tmp_path / "again", effects=EFFECTS, clock=paying.clock)
    assert done.right
    again = open_workspace(tmp_path / "again", clock=paying.clock)
    with again.read() as connection:
        assert invoices.need_invoice(connection, DIGITAL).amount == 500_00
        assert [str(each) for each in invoices.uses(connection, DIGITAL)] == [f"V{number}@SF"]
    again.close()


def test_the_commands_register_and_show(paying, capsys):
    def told(line: str, lang: str = "zh") -> str:
        run(shlex.split(f"--workspace {paying.workspace.path} --lang {lang} {line}"))
        out = capsys.readouterr()
        return str(out.out + out.err)

    paper = paying.workspace.path / "invoice.txt"
    paper.write_text("发票", encoding="utf-8")
    line = f"invoice add {CODED} --seller S001 --amount 500 --date 2024-02-20 --doc {paper} --as zhang"
    assert told(line) == f"已登记：发票 {CODED}，销方 S001，500.00 元。\n"
    told(f"pay P001C01 120 --invoice {CODED} --as zhang --date 2024-03-01")
    number = paying.seal("D5")
    shown = told(f"invoice show {CODED}")
    assert f"V{number}" in shown
    assert "380.00" in shown
    assert "380.00" in told("invoice list", "en")
    assert f"V{number}@SF" in told("invoice list --json")
    assert told("invoice show 123") == ("发票“123”有 3 位，数电票是 20 位；有发票代码的写 代码-号码：请照发票核对。\n")

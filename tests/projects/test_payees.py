"""Payees: a second person approves every account before it is paid, and no number is ever shown or written."""

from __future__ import annotations

import json
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger import erasure, facts, log, people
from ledger.books.rebuild import rebuild
from ledger.books.write import settle
from ledger.errors import Refusal
from ledger.messages import explain
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects import payees, procurement
from projects.cli.main import run
from projects.events.verbs import EFFECTS
from projects.policy.file import read
from projects.policy.override import override

DAY = date(2024, 3, 1)
FIRM = "91530123MA6K12349H"
CITIZEN = "53012319750310123X"
ONE, OTHER = "6228480012345678901", "6228480098765432109"
FUNDED = """
allot project=P001 channel=JT2024 amount=1000
receive project=P001 channel=JT2024 amount=800
"""
OWED = f"""{FUNDED}
contract contract=P001C01 parts=JT2024=700 party=路桥公司
certify contract=P001C01 amount=500 no_retention
"""


def write(clerk: Any, act: Any) -> facts.Fact:
    with clerk.workspace.write() as unit:
        made = act(unit)
        unit.commit()
    settle(clerk.workspace)
    return made


def add(clerk: Any, code: str = "S001", **more: Any) -> facts.Fact:
    said = {"name": "滇中路桥有限公司", "kind": "company", "identifier": FIRM, "by": "zhang"} | more
    return write(clerk, lambda unit: payees.add_payee(unit, code, **said))


def enter(clerk: Any, number: str = ONE, code: str = "S001", **more: Any) -> facts.Fact:
    said = {"bank": "农商行城关支行", "by": "zhang", "reason": "换开户行"} | more
    return write(clerk, lambda unit: payees.name_account(unit, code, number=number, **said))


def approve(clerk: Any, number: str = ONE, code: str = "S001", by: str = "li") -> facts.Fact:
    return write(clerk, lambda unit: payees.approve_account(unit, code, number=number, by=by))


def ready(clerk: Any, story: str = OWED) -> facts.Fact:
    """Play a story and have a payee with an approved account; return the fact of the account."""
    clerk.play(story)
    add(clerk)
    account = enter(clerk)
    approve(clerk)
    return account


def withdraw(clerk: Any, fact: facts.Fact) -> None:
    write(clerk, lambda unit: facts.withdraw(unit, log.OFFICE, fact.label, on=unit.now.date(), by="li", reason="误记"))


def refused(clerk: Any, act: Any, lang: Any = "zh") -> str:
    """Return what a refusal says, and make sure that it changed nothing."""
    before = clerk.dump()
    with pytest.raises(Refusal) as caught:
        act()
    assert clerk.dump() == before
    return explain(caught.value, lang)


def facts_of(clerk: Any, number: str) -> dict[str, str]:
    return dict(json.loads(clerk.sql("SELECT facts FROM voucher WHERE number = ?", number)[0][0]))


def findings(clerk: Any) -> list[str]:
    settle(clerk.workspace)
    return [finding.code for check in verify(clerk.workspace) for finding in check.findings]


def test_an_account_that_nobody_approved_is_not_paid_and_is_once_a_second_person_did(clerk):
    clerk.play(OWED)
    add(clerk)
    pay = "pay contract=P001C01 amount=100 payee=S001"
    assert refused(clerk, lambda: clerk.try_draft(pay)) == (
        "收款人 S001（滇中路桥有限公司）没有登记账号：请先登记（earmark payee account S001），由另一人核准后再付。"
    )
    entered = enter(clerk)
    assert refused(clerk, lambda: clerk.try_draft(pay)) == (
        f"收款人 S001（滇中路桥有限公司）的账号 ****8901（{entered.label}）由 zhang 登记，还没有另一人核准，不能付款："
        "请审核人核准（earmark payee approve S001）。"
    )
    assert refused(clerk, lambda: clerk.try_draft(pay), "en") == (
        f"The account ****8901 of payee S001 (滇中路桥有限公司) was entered by zhang ({entered.label}) and nobody else "
        "has approved it: an approver does (earmark payee approve S001), then pay."
    )
    approve(clerk)
    [number] = clerk.play(pay)
    assert facts_of(clerk, number) == {
        "payee-code": "S001",
        "payee-account": "****8901",
        "account-fact": entered.label,
    }
    assert clerk.sql("SELECT payee FROM voucher WHERE number = ?", number) == [("滇中路桥有限公司",)]
    assert findings(clerk) == []


def test_who_entered_an_account_does_not_approve_it(clerk):
    with clerk.workspace.write() as unit:
        people.add_user(unit, "both", roles=["maker", "approver"])
        unit.commit()
    add(clerk)
    entered = enter(clerk, by="both")
    assert refused(clerk, lambda: approve(clerk, by="both")) == (
        f"收款人 S001 的账号 ****8901（{entered.label}）是 both 自己登记的：须由另一人核准。"
    )
    assert refused(clerk, lambda: approve(clerk, by="both"), "en") == (
        f"both entered the account ****8901 of payee S001 ({entered.label}): somebody else has to approve it."
    )
    approve(clerk, by="li")


def test_two_people_read_the_same_number_off_the_paper(clerk):
    add(clerk)
    enter(clerk)
    said = refused(clerk, lambda: approve(clerk, OTHER))
    assert said.startswith("核准时输入的账号与 zhang 登记的（****8901）不一致")
    assert ONE not in said
    assert OTHER not in said
    approve(clerk, " 6228 4800-1234 5678 901")
    assert refused(clerk, lambda: approve(clerk)) == (
        "收款人 S001（滇中路桥有限公司）的账号 ****8901 已由 li 核准：不必再核准。"
    )


@pytest.mark.parametrize("user", ["zhang", "zhao"])
def test_only_an_approver_of_every_book_approves(clerk, user):
    add(clerk)
    enter(clerk)
    refused(clerk, lambda: approve(clerk, by=user))


def test_only_who_makes_vouchers_registers(clerk):
    assert refused(clerk, lambda: add(clerk, by="li")).startswith("li 在专账 * 没有制单权限")
    add(clerk)
    refused(clerk, lambda: enter(clerk, by="zhao"))


def test_a_maker_of_one_book_registers(clerk):
    with clerk.workspace.write() as unit:
        people.add_user(unit, "sun", roles=["maker"], book="SF")
        unit.commit()
    add(clerk, by="sun")


def test_a_changed_account_waits_for_its_own_approval(clerk):
    ready(clerk)
    assert refused(clerk, lambda: enter(clerk, OTHER, reason="")) == "缺少 reason：请补填后再试。"
    enter(clerk, OTHER)
    assert "还没有另一人核准" in refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 payee=S001"))
    approve(clerk, OTHER)
    [number] = clerk.play("pay contract=P001C01 payee=S001")
    assert facts_of(clerk, number)["payee-account"] == "****2109"


def test_an_account_that_changed_between_draft_and_seal_stops_the_seal(clerk):
    old = ready(clerk)
    draft = clerk.try_draft("pay contract=P001C01 payee=S001")["draft"]
    new = enter(clerk, OTHER)
    assert "还没有另一人核准" in refused(clerk, lambda: clerk.seal(draft))
    approve(clerk, OTHER)
    assert refused(clerk, lambda: clerk.seal(draft)) == (
        f"草稿写的是收款人 S001（滇中路桥有限公司）的账号 ****8901（{old.label}），起草之后已改为 ****2109（{new.label}）："
        "请作废草稿重新登记，付到现在的账号。"
    )
    assert refused(clerk, lambda: clerk.seal(draft), "en") == (
        f"The draft pays payee S001 (滇中路桥有限公司) into account ****8901 ({old.label}); since then it is ****2109 "
        f"({new.label}): drop the draft and record it anew, to the account of now."
    )
    sealed, stopped = clerk.at("li").seal_all([draft])
    assert sealed == []
    assert stopped is not None
    assert stopped[1].code == "account-changed"


def test_a_payee_that_was_taken_back_is_not_paid(clerk):
    clerk.play(OWED)
    made = add(clerk)
    enter(clerk)
    approve(clerk)
    draft = clerk.try_draft("pay contract=P001C01 amount=100 payee=S001")["draft"]
    withdraw(clerk, made)
    said = "没有登记收款人 S001，或已撤回：请用 earmark payee list 查看，或先登记（earmark payee add）。"
    assert refused(clerk, lambda: clerk.seal(draft)) == said
    assert refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 amount=1 payee=S001")) == said
    # The code is spent: accounts that were approved for one payee never become another's.
    assert refused(clerk, lambda: add(clerk, name="别的公司")) == (
        "收款人编号 S001 用过了（滇中路桥有限公司）：编号只用一次，请换一个。"
    )


def test_a_mistaken_change_that_is_taken_back_leaves_the_account_as_it_was(clerk):
    account = ready(clerk)
    withdraw(clerk, enter(clerk, OTHER))
    [number] = clerk.play("pay contract=P001C01 payee=S001")
    assert facts_of(clerk, number)["account-fact"] == account.label


def test_taking_back_an_approved_account_never_brings_an_older_one_back(clerk):
    ready(clerk)
    new = enter(clerk, OTHER)
    approve(clerk, OTHER)
    withdraw(clerk, new)
    assert "没有登记账号" in refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 payee=S001"))


def test_an_approval_that_is_taken_back_is_needed_again(clerk):
    clerk.play(OWED)
    add(clerk)
    enter(clerk)
    withdraw(clerk, approve(clerk))
    assert "还没有另一人核准" in refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 payee=S001"))
    approve(clerk)
    clerk.play("pay contract=P001C01 payee=S001")


def test_one_payee_has_one_code(clerk):
    add(clerk)
    assert refused(clerk, lambda: add(clerk, "S002")) == (
        "这个证件号码已经登记为收款人 S001（滇中路桥有限公司）：请用它，账号有变用 earmark payee account S001。"
    )
    person = {"name": "王小明", "kind": "person", "identifier": CITIZEN}
    add(clerk, "S002", **person)
    said = refused(clerk, lambda: add(clerk, "S003", **person))
    assert said == "这个证件号码已经登记为收款人 S002（王某某）：请用它，账号有变用 earmark payee account S002。"


@pytest.mark.parametrize("number", ["", "1234567", "6" * 31, "62284800123456789O1", "６２２８-x"])
def test_what_is_no_account_is_refused_and_not_repeated(clerk, number):
    add(clerk)
    said = refused(clerk, lambda: enter(clerk, number))
    assert not number or number not in said


def test_a_kind_and_a_code_are_of_those_there_are(clerk):
    refused(clerk, lambda: add(clerk, kind="firm"))
    refused(clerk, lambda: add(clerk, "X1"))


# Which events pay a payee.


def test_a_contract_with_a_payee_is_paid_to_that_payee(clerk):
    clerk.play(FUNDED)
    add(clerk)
    clerk.play("contract contract=P001C01 parts=JT2024=700 payee=S001")
    clerk.play("certify contract=P001C01 amount=500")
    pay = "pay contract=P001C01 amount=100"
    assert "没有登记账号" in refused(clerk, lambda: clerk.try_draft(pay))
    enter(clerk)
    approve(clerk)
    [number] = clerk.play(pay)
    assert facts_of(clerk, number)["payee-code"] == "S001"
    add(clerk, "S002", name="王小明", kind="person", identifier=CITIZEN)
    assert refused(clerk, lambda: clerk.try_draft(f"{pay} payee=S002")) == (
        "合同 P001C01 的收款人是 S001，本次写的是 S002：款付给签合同的人；要改，先变更合同。"
    )
    assert refused(clerk, lambda: clerk.try_draft(f"{pay} party=别人")) == (
        "合同 P001C01 的收款人是登记的 S001，不能另写对方“别人”：请去掉 --party。"
    )


def test_a_contract_is_made_with_the_payee_who_won_it(clerk):
    clerk.play(FUNDED)
    add(clerk)
    said = {"method": "comparison", "price": "700", "number": "比选1号", "on": DAY, "by": "zhang"}
    made = write(clerk, lambda unit: procurement.record(unit, "SF", "P001C01", winner="别的公司", **said))
    contract = "contract contract=P001C01 parts=JT2024=700 payee=S001"
    assert refused(clerk, lambda: clerk.try_draft(contract)) == (
        f"合同 P001C01 的对方与采购记录 {made.label} 的成交单位 别的公司 不一致：请核对，或更正采购记录。"
    )
    write(clerk, lambda unit: procurement.record(unit, "SF", "P001C01", winner="滇中路桥有限公司", **said))
    clerk.play(contract)


def test_a_contract_that_waits_names_its_payee_too(clerk):
    clerk.play(FUNDED)
    add(clerk)
    clerk.try_draft("contract contract=P001C01 parts=JT2024=700 payee=S001")
    assert "没有登记账号" in refused(clerk, lambda: clerk.try_draft("advance contract=P001C01 amount=100"))
    enter(clerk)
    approve(clerk)
    assert clerk.try_draft("advance contract=P001C01 amount=100")["facts"]["payee-code"] == "S001"


def test_a_reversed_contract_does_not_bind_the_next_one(clerk):
    clerk.play(FUNDED)
    add(clerk)
    [number] = clerk.play("contract contract=P001C01 parts=JT2024=700 payee=S001")
    clerk.play(f"reverse voucher={number} reason=错")
    clerk.play("contract contract=P001C01 parts=JT2024=700 party=路桥公司")
    clerk.play("advance contract=P001C01 amount=100")


@pytest.mark.parametrize(
    ("story", "line"),
    [
        ("", "advance contract=P001C01 amount=100"),
        ("", "pay contract=P001C01 amount=100"),
        ("", "pay-direct contract=P001C01 amount=100"),
        ("", "pay-direct contract=P001C01 amount=100 ahead"),
        ("", "prefinance contract=P001C01 lender=JZ2024 amount=50 number=1号"),
        ("", "purchase project=P001 channel=JT2024 amount=100"),
        ("", "spend project=P001 channel=JT2024 amount=100"),
        ("", "aid project=P001 channel=JT2024 amount=100"),
        ("wages-earn project=P001 channel=JT2024 days=1 rate=100", "wages-pay project=P001"),
        ("", "inkind-buy project=P001 channel=JT2024 good=CEMENT quantity=1 amount=100"),
        ("", "release contract=P001C01 due=2024-02-01"),
        ("forfeit contract=P001C01 reason=不修", "repair-pay contract=P001C01"),
    ],
)
def test_every_event_that_pays_takes_a_payee_and_needs_its_account(clerk, story, line):
    # Half of what is allotted has come, so that its source may pay the other half itself.
    funded = FUNDED.replace("amount=800", "amount=500") + (
        "allot project=P001 channel=JZ2024 amount=100\nreceive project=P001 channel=JZ2024 amount=100\n"
        "contract contract=P001C01 parts=JT2024=500 party=路桥公司\n"
        "certify contract=P001C01 amount=300 retention=3%\n"
    )
    clerk.play(funded + story)
    add(clerk)
    assert "没有登记账号" in refused(clerk, lambda: clerk.try_draft(f"{line} payee=S001"))
    account = enter(clerk)
    refused(clerk, lambda: clerk.try_draft(f"{line} payee=S001"))
    approve(clerk)
    [number] = clerk.play(f"{line} payee=S001")
    assert facts_of(clerk, number)["account-fact"] == account.label
    assert clerk.sql("SELECT payee FROM voucher WHERE number = ?", number) == [("滇中路桥有限公司",)]


def test_the_repairer_is_paid_and_not_the_contractor(clerk):
    clerk.play(FUNDED)
    add(clerk)
    add(clerk, "S002", identifier="91350100M000100Y43", name="维修公司")
    clerk.play("contract contract=P001C01 parts=JT2024=700 payee=S001")
    clerk.play("certify contract=P001C01 amount=500 retention=3%")
    clerk.play("forfeit contract=P001C01 reason=不修 payee=S002")
    enter(clerk, code="S002")
    approve(clerk, code="S002")
    [number] = clerk.play("repair-pay contract=P001C01")
    assert facts_of(clerk, number)["payee-code"] == "S002"


def test_retention_of_contracts_with_different_payees_goes_out_one_by_one(clerk):
    clerk.play(FUNDED)
    add(clerk)
    clerk.play("contract contract=P001C01 parts=JT2024=300 payee=S001")
    clerk.play("contract contract=P001C02 parts=JT2024=300 party=别的公司")
    clerk.play("certify contract=P001C01 amount=300 retention=3%\ncertify contract=P001C02 amount=300 retention=3%")
    enter(clerk)
    approve(clerk)
    assert refused(clerk, lambda: clerk.try_draft("release project=P001 due=2024-02-01")) == (
        "合同 P001C01 P001C02 的收款人不同，不能用一张凭证付：请逐个合同办理。"
    )
    clerk.play("release contract=P001C01 due=2024-02-01\nrelease contract=P001C02 due=2024-02-01")


def test_cash_needs_no_account(clerk):
    clerk.play("plan project=P001 channel=ZC2024 amount=100\nreceive project=P001 channel=ZC2024 amount=100 cash")
    add(clerk, name="王小明", kind="person", identifier=CITIZEN)
    [number] = clerk.play("refund-household project=P001 amount=10 cash payee=S001")
    assert facts_of(clerk, number) == {"payee-code": "S001"}


def test_a_payee_and_a_party_contradict(clerk):
    ready(clerk)
    refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 payee=S001 party=别人"))


def test_an_event_that_pays_nobody_has_no_payee(clerk):
    ready(clerk)
    refused(clerk, lambda: clerk.try_draft("certify contract=P001C01 amount=1 payee=S001"))


def test_a_draft_can_be_given_a_payee_later(clerk):
    ready(clerk)
    draft = clerk.try_draft("pay contract=P001C01 amount=100")["draft"]
    made = clerk.at("zhang").edit(draft, {"payee": "S001"})
    assert made["facts"]["payee-code"] == "S001"
    clerk.seal(draft)


def test_the_policy_says_from_which_amount_on_a_payee_is_registered(clerk):
    account = ready(clerk)
    text = '[payee.registered]\nvalue = 100\nunit = "yuan"\ndocument = "县里的规定"\nnumber = "县财〔2025〕5号"\n'
    paper = clerk.workspace.path / "decision.txt"
    paper.write_text("县里的规定", encoding="utf-8")
    papers = clerk.at("li").papers([paper])
    write(clerk, lambda unit: override(unit, read(text), start=unit.now.date(), by="li", papers=papers))
    clerk.day = "2025-12-31"
    assert refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 amount=100")) == (
        "本次付款 100.00 元：100 元以上须付给登记的收款人（县财〔2025〕5号）。请先登记收款人，再写 --payee 编号。"
    )
    clerk.play("pay contract=P001C01 amount=99.99")
    [number] = clerk.play("pay contract=P001C01 amount=100 payee=S001")
    assert facts_of(clerk, number)["account-fact"] == account.label


# What is private.


def _person(clerk: Any) -> None:
    clerk.play(OWED)
    add(clerk, name="王小明", kind="person", identifier=CITIZEN)
    enter(clerk)
    approve(clerk)
    clerk.play("aid project=P001 channel=JT2024 amount=100 payee=S001")


def test_a_number_is_nowhere_but_in_the_private_store(clerk, capsys):
    _person(clerk)
    clerk.try_draft("pay contract=P001C01 amount=100 payee=S001")
    settle(clerk.workspace)
    secrets = ("王小明", CITIZEN, ONE)
    for path in sorted(clerk.workspace.path.rglob("*")):
        if path.is_file() and "record" not in path.name:
            content = path.read_bytes()
            assert not [each for each in secrets if each.encode() in content], path
    held = {
        table
        for table, rows in clerk.dump().items()
        for row in rows
        if any(secret in str(value) for secret in secrets for value in (row if isinstance(row, tuple) else [row]))
    }
    assert held == {"private_fact"}
    for line in ("payee list", "payee list --json", "payee show S001", "payee show S001 --json", "voucher list"):
        for lang in ("zh", "en"):
            run(shlex.split(f"--workspace {clerk.workspace.path} --lang {lang} {line}"))
            shown = capsys.readouterr().out
            assert "王某某" in shown
            assert not [each for each in secrets if each in shown]
    run(shlex.split(f"--workspace {clerk.workspace.path} fact list --office"))
    assert not [each for each in secrets if each in capsys.readouterr().out]
    assert findings(clerk) == []


@pytest.mark.parametrize("named", ["王小明", CITIZEN, ONE])
def test_a_person_is_erased_whole_by_name_or_number_and_paid_no_more(clerk, named):
    _person(clerk)
    draft = clerk.try_draft("pay contract=P001C01 amount=100 payee=S001")["draft"]
    with clerk.workspace.write() as unit:
        traces = erasure.erase(unit, named, user="li", reason="本人要求")
        unit.commit()
    assert sorted(each.field for each in traces.values) == ["account", "id", "person-name"]
    assert clerk.sql("SELECT count(*) FROM private_fact") == [(0,)]
    said = "收款人 S001（王某某）的个人信息已依法删除，账号也不在了：要再付款，请重新登记收款人。"
    assert refused(clerk, lambda: clerk.seal(draft)) == said
    assert refused(clerk, lambda: clerk.try_draft("pay contract=P001C01 amount=1 payee=S001")) == said
    assert findings(clerk) == []


def test_erasing_one_of_two_of_the_same_name_by_number_leaves_the_other(clerk):
    add(clerk, name="王小明", kind="person", identifier=CITIZEN)
    add(clerk, "S002", name="王小明", kind="person", identifier="11010519491231002X")
    with clerk.workspace.write() as unit:
        erasure.erase(unit, CITIZEN, user="li", reason="本人要求")
        unit.commit()
    assert {row[0] for row in clerk.sql("SELECT value FROM private_fact")} == {"王小明", "11010519491231002X"}


def test_payees_come_back_from_the_books_and_are_paid_as_before(clerk, tmp_path):
    account = ready(clerk)
    clerk.play("pay contract=P001C01 amount=100 payee=S001")
    settle(clerk.workspace)
    done = rebuild(clerk.workspace.books, tmp_path / "again", effects=EFFECTS, clock=clerk.clock)
    assert done.right
    again = open_workspace(tmp_path / "again", clock=clerk.clock)
    with clerk.workspace.read() as one, again.read() as other:
        assert payees.list_payees(one) == payees.list_payees(other)
        assert payees.need_payee(other, "S001").account.fact == account
    assert [finding.code for check in verify(again) for finding in check.findings] == []
    again.close()


# The command line.


def _run(capsys: Any, path: Path, line: str, lang: str = "zh") -> str:
    code = run(shlex.split(f"--workspace {path} --lang {lang} {line}"))
    told = capsys.readouterr()
    assert code in {0, 1}
    return str(told.out + told.err)


def test_the_commands_register_approve_and_pay(clerk, capsys):
    clerk.play(OWED)
    path = clerk.workspace.path
    said = _run(
        capsys,
        path,
        f"payee add S001 --name 滇中路桥有限公司 --kind company --id {FIRM} --account {ONE} --bank-name 农商行 --as zhang",
    )
    assert said == (
        f"收款人 S001 滇中路桥有限公司，证件号码 {FIRM}\n"
        "账号 ****8901（农商行）待核准，核准以前不能付款。请 zhang 以外的审核人照开户资料再输入一遍："
        "earmark payee approve S001 --account 账号\n"
    )
    said = _run(capsys, path, f"payee approve S001 --account {ONE} --as li", "en")
    assert said.endswith("Account ****8901 (农商行) was approved by li: it can be paid.\n")
    said = _run(capsys, path, "pay P001C01 100 --payee S001 --as zhang --date 2024-03-01")
    assert "付给 S001 滇中路桥有限公司，账号 ****8901（F" in said
    said = _run(capsys, path, f"payee account S001 --account {OTHER} --bank-name 信用社 --as zhang")
    assert said == "缺少 reason：请补填后再试。\n"
    assert "待核准" not in _run(capsys, path, "payee list")
    _run(capsys, path, f"payee account S001 --account {OTHER} --bank-name 信用社 --reason 换行 --as zhang")
    assert "待核准（zhang 登记）" in _run(capsys, path, "payee list")
    assert "换行" in _run(capsys, path, "payee show S001")
    assert _run(capsys, path, "payee show S009") == (
        "没有登记收款人 S009，或已撤回：请用 earmark payee list 查看，或先登记（earmark payee add）。\n"
    )


def test_an_answer_that_is_kept_under_a_key_holds_no_number(clerk, capsys):
    line = f"payee add S001 --name 甲 --kind company --id {FIRM} --account {ONE} --bank-name 农商行 --as zhang --key k"
    first = _run(capsys, clerk.workspace.path, line)
    assert _run(capsys, clerk.workspace.path, line) == first
    [(answer,)] = clerk.sql("SELECT answer FROM command_key")
    assert ONE not in answer

"""Drafts that leaned on what was dropped, or on what has changed since, are refused at the seal, never half right."""

from __future__ import annotations

import pytest

from ledger import messages
from ledger.errors import BelowFloor, Refusal
from projects.errors import AdvanceOverContract, NothingLeft, OverOwed, ReceiptOverAllotted, TransferOutdated

WORKS = """
allot project=P001 channel=JT2024 amount=1000
receive project=P001 channel=JT2024 amount=300
contract contract=P001C01 parts=JT2024=500 party=施工单位
certify contract=P001C01 amount=500 no_retention
"""


def said(refusal: Refusal) -> str:
    return messages.explain(refusal, "zh")


def test_a_receipt_whose_allotment_was_dropped_is_not_sealed(clerk):
    allotment = clerk.try_draft("allot project=P001 channel=JT2024 amount=1000")["draft"]
    receipt = clerk.try_draft("receive project=P001 channel=JT2024 amount=400")["draft"]
    clerk.at("zhang").drop(allotment)
    before = clerk.dump()
    with pytest.raises(ReceiptOverAllotted) as caught:
        clerk.seal(receipt)
    assert said(caught.value).startswith(
        "项目 P001 通村公路 的渠道 JT2024 交通部门专项补助 已下达 0.00 元、已到账 0.00 元，本次 400.00 元，超出下达数 400.00 元"
    )
    assert clerk.dump() == before


def test_goods_whose_allotment_was_dropped_do_not_enter_the_store(clerk):
    allotment = clerk.try_draft("allot project=P001 channel=SN2024 amount=1000")["draft"]
    goods = clerk.try_draft("inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=1 amount=400")["draft"]
    clerk.at("zhang").drop(allotment)
    with pytest.raises((ReceiptOverAllotted, BelowFloor)):
        clerk.seal(goods)


def test_a_receipt_goes_on_to_the_reserve_as_far_as_the_asset_costs_when_it_is_sealed(clerk):
    clerk.begin(WORKS)
    acceptance = clerk.try_draft("accept project=P001 quantity=3.5")["draft"]
    receipt = clerk.try_draft("receive project=P001 channel=JT2024 amount=400")["draft"]
    with pytest.raises(TransferOutdated) as caught:
        clerk.seal(receipt)
    assert said(caught.value) == (
        "项目 P001 通村公路 的渠道 JT2024 交通部门专项补助 在起草之后情况有变（验收或其他到账已记账、作废或红冲）："
        "现应转入公积公益金 0.00 元，草稿写的是 200.00 元。请先记较早的草稿，或由制单人修改草稿（earmark voucher edit）后再记。"
    )
    clerk.at("zhang").drop(acceptance)
    clerk.at("zhang").edit(receipt, {"amount": "400"})
    clerk.seal(receipt)
    assert ("Equity:311-公积公益金:P001-通村公路", "JT2024") not in clerk.balances()


def test_a_receipt_that_was_drafted_before_the_acceptance_is_drafted_anew_after_it(clerk):
    clerk.begin(WORKS)
    receipt = clerk.try_draft("receive project=P001 channel=JT2024 amount=100")["draft"]
    waiting = clerk.try_draft("receive project=P001 channel=JT2024 amount=50")["draft"]
    clerk.at("zhang").drop(waiting)
    clerk.at("zhang").drop(receipt)
    receipt = clerk.try_draft("receive project=P001 channel=JT2024 amount=100")["draft"]
    acceptance = clerk.draft("accept", project="P001", quantity="3.5")["draft"]
    # The acceptance counts on the receipt, so it cannot be sealed before it.
    with pytest.raises(BelowFloor):
        clerk.seal(acceptance)
    clerk.seal(receipt)
    clerk.seal(acceptance)
    assert clerk.balances()["Equity:311-公积公益金:P001-通村公路", "JT2024"] == -400_00


@pytest.mark.parametrize(
    "verb, again, refused",
    [("advance", "JT2024=10,JZ2024=160", AdvanceOverContract), ("certify", "JT2024=10,JZ2024=60", NothingLeft)],
)
def test_a_contract_that_owes_its_drafts_more_than_it_has_leaves_nothing(clerk, verb, again, refused):
    """Below zero is no weight to split by: it was a fault of the program once."""
    clerk.county("advance.most=100 percent")
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        allot project=P001 channel=JZ2024 amount=1000
        receive project=P001 channel=JT2024 amount=1000
        receive project=P001 channel=JZ2024 amount=1000
    """)
    contract = clerk.try_draft("contract contract=P001C01 parts=JT2024=50,JZ2024=50")["draft"]
    clerk.try_draft(f"{verb} contract=P001C01 amount=80")
    clerk.at("zhang").drop(contract)
    clerk.try_draft(f"contract contract=P001C01 parts={again}")
    clerk.try_draft(f"{verb} contract=P001C01 amount=20")
    with pytest.raises(refused):
        clerk.try_draft(f"{verb} contract=P001C01 amount=101")


def test_a_payment_counts_a_channel_that_is_overpaid_by_drafts_as_nothing(clerk):
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        allot project=P001 channel=JZ2024 amount=1000
        receive project=P001 channel=JT2024 amount=1000
        receive project=P001 channel=JZ2024 amount=1000
        contract contract=P001C01 parts=JT2024=500,JZ2024=500
    """)
    first = clerk.try_draft("certify contract=P001C01 parts=JT2024=100 reason=甲 no_retention")["draft"]
    clerk.try_draft("certify contract=P001C01 parts=JZ2024=70 reason=乙 no_retention")
    clerk.try_draft("pay contract=P001C01 channel=JT2024")
    clerk.at("zhang").drop(first)
    with pytest.raises(OverOwed):
        clerk.try_draft("pay contract=P001C01 amount=70.01")
    paid = clerk.try_draft("pay contract=P001C01")
    assert [(each["commodity"], each["amount"]) for each in paid["postings"]] == [("JZ2024", 70_00), ("JZ2024", -70_00)]


def test_works_that_drafts_have_taken_below_nothing_are_not_accepted(clerk):
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        receive project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=500
    """)
    certificate = clerk.try_draft("certify contract=P001C01 amount=100")["draft"]
    clerk.try_draft("accept project=P001 quantity=1")
    clerk.at("zhang").drop(certificate)
    with pytest.raises(NothingLeft):
        clerk.try_draft("accept project=P001 quantity=1")

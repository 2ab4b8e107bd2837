"""A reversal undoes a whole voucher, once, as far as nothing leans on it; who leans on it is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from ledger.balances import State
from ledger.errors import (
    AlreadyReversed,
    BackDated,
    FutureDated,
    LeansOn,
    Refusal,
    ReversalOfReversal,
    TextMissing,
    TextUnprintable,
    VoucherUnknown,
)
from ledger.messages import explain
from projects.events.goods import lots
from projects.registry import observations

Unchanged = Callable[[], AbstractContextManager[None]]

# Every verb at least once, each voucher leaning on some before it.
LIFE = """
opening project=P000 lines=own_bank:B00=CJ2024:50
allot project=P001 channel=JT2024 amount=1000
allot project=P001 channel=JZ2024 amount=500
plan project=P001 channel=ZC2024 amount=300
allot project=P001 channel=SN2024 amount=400
allot project=P001 channel=TG2024 amount=200
receive project=P001 channel=JT2024 amount=900
receive project=P001 channel=JZ2024 amount=200
receive project=P001 channel=ZC2024 amount=100 cash party=蒲君君 person
receive project=P001 channel=ZC2024 amount=100 from_cash
receive project=P001 channel=ZC2024 amount=150
receive project=P001 channel=CJ2024 amount=50
contract contract=P001C01 parts=JT2024=600.01,ZC2024=299.99,JZ2024=400 party=施工单位
advance contract=P001C01 percent=10%
certify contract=P001C01 amount=333.33
pay contract=P001C01 partial
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=30 amount=120
inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=7 amount=33.34
inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=3.333 lot=S2
inkind-return project=P001 channel=SN2024 good=CEMENT quantity=1 lot=S1
labour project=P001 channel=TG2024 days=1.5 rate=77.77
certify contract=P001C01 amount=500 offset=55.55
accept project=P001 quantity=3.5 observe=paved-road=3500/3500
receive project=P001 channel=JZ2024 amount=250
"""
STEPS = LIFE.strip().splitlines()


def reverse(clerk: Any, number: str, **more: Any) -> str:
    return str(clerk.do("reverse", voucher=number, reason="错记", **more))


def stored(clerk: Any) -> list[Any]:
    with clerk.workspace.read() as connection:
        return lots(State(connection, "SF"), "P001", "SN2024", "CEMENT")


@pytest.mark.parametrize("step", range(len(STEPS)), ids=[step.partition(" party")[0] for step in STEPS])
def test_a_reversal_restores_every_balance(step: int, clerk: Any) -> None:
    clerk.begin("\n".join(STEPS[:step]))
    before, goods = clerk.balances(), stored(clerk)
    [number] = clerk.play(STEPS[step])
    assert clerk.balances() != before
    back = reverse(clerk, number)
    assert clerk.balances() == before
    assert stored(clerk) == goods
    minus = [
        f"{account} {amount.removeprefix('-') if amount.startswith('-') else '-' + amount} {commodity}"
        for account, amount, commodity in map(str.split, clerk.entry(number).splitlines())
    ]
    assert clerk.entry(back).splitlines() == minus


def test_a_whole_life_is_undone_from_its_end(clerk: Any) -> None:
    snapshots, numbers = [clerk.balances()], []
    for step in STEPS:
        numbers += clerk.play(step)
        snapshots.append(clerk.balances())
    while numbers:
        assert clerk.balances() == snapshots.pop()
        reverse(clerk, numbers.pop())
    assert clerk.balances() == snapshots[0] == {}
    assert stored(clerk) == []


def test_a_reversal_names_what_it_reverses(clerk: Any) -> None:
    numbers = clerk.begin("\n".join(STEPS[:15]))
    back = reverse(clerk, f"v{numbers[-1]}".lower())
    columns = "event, project, contract, payee, narration, facts, reverses"
    [(event, project, contract, payee, narration, facts, reverses)] = clerk.sql(
        f"SELECT {columns} FROM voucher WHERE number = ?", back
    )
    assert (event, project, contract, payee) == ("reversal", "P001", "P001C01", "施工单位")
    assert narration == "红冲 V2024-03-0015：错记"
    assert json.loads(facts) == {"reverses": "V2024-03-0015", "reason": "错记"}
    assert clerk.sql("SELECT number FROM voucher WHERE seq = ?", reverses) == [("2024-03-0015",)]


def test_a_reversal_takes_its_lot_and_its_milestone_back(clerk: Any) -> None:
    numbers = clerk.begin(LIFE)
    reverse(clerk, numbers[23])
    reverse(clerk, numbers[22])
    reverse(clerk, numbers[18])
    facts = [json.loads(row[0]) for row in clerk.sql("SELECT facts FROM voucher WHERE event = 'reversal' ORDER BY seq")]
    assert facts[1]["milestone"] == "accepted reversed"
    assert facts[2]["lot"] == "S2"


def test_a_reversal_is_worded_in_the_language_of_the_office(clerk: Any) -> None:
    clerk.workspace.settings = clerk.workspace.settings.model_copy(update={"language": "en"})
    [number] = clerk.play("allot project=P001 channel=JT2024 amount=1")
    back = clerk.do("reverse", voucher=number, reason="wrong channel")
    [(narration,)] = clerk.sql("SELECT narration FROM voucher WHERE number = ?", back)
    assert narration.isascii()
    assert "V2024-03-0001" in narration


# Once, and never of a reversal.


def test_a_voucher_is_reversed_once(clerk: Any, unchanged: Unchanged) -> None:
    [number] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    reverse(clerk, number)
    with unchanged(), pytest.raises(AlreadyReversed) as caught:
        clerk.draft("reverse", voucher=number, reason="再")
    assert explain(caught.value, "zh") == "凭证 2024-03-0001 已由 V2024-03-0002 红冲：一张凭证只红冲一次。"


def test_a_reversal_that_waits_counts(clerk: Any, unchanged: Unchanged) -> None:
    [number] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    label = clerk.draft("reverse", voucher=number, reason="错记")["draft"]
    with unchanged(), pytest.raises(AlreadyReversed) as caught:
        clerk.draft("reverse", voucher=number, reason="再")
    assert explain(caught.value, "zh") == "凭证 2024-03-0001 已由 D2 红冲：一张凭证只红冲一次。"
    clerk.at("zhang").drop(label)
    reverse(clerk, number)


def test_a_reversal_is_not_reversed(clerk: Any, unchanged: Unchanged) -> None:
    [number] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    back = reverse(clerk, number)
    with unchanged(), pytest.raises(ReversalOfReversal) as caught:
        clerk.draft("reverse", voucher=back, reason="反悔")
    assert explain(caught.value, "zh") == ("凭证 2024-03-0002 本身就是红冲，不能再红冲：请把原来的事项重新记一次。")
    clerk.play("allot project=P001 channel=JT2024 amount=1000")


@pytest.mark.parametrize("number", ["2024-03-0002", "V2024-03-0002", "0001", "", "D1", "%"])
def test_a_voucher_is_named_by_its_number(number: str, clerk: Any, unchanged: Unchanged) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    with unchanged(), pytest.raises((VoucherUnknown, TextMissing)):
        clerk.draft("reverse", voucher=number, reason="错记")


REASONS = [("nothing", "", TextMissing), ("blanks", "  ", TextMissing), ("line break", "a\nb", TextUnprintable)]


@pytest.mark.parametrize("reason, refusal", [row[1:] for row in REASONS], ids=[row[0] for row in REASONS])
def test_a_reversal_has_a_reason(reason: str, refusal: type[Refusal], clerk: Any, unchanged: Unchanged) -> None:
    [number] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    with unchanged(), pytest.raises(refusal):
        clerk.draft("reverse", voucher=number, reason=reason)


def test_a_reversal_is_dated_like_any_voucher(clerk: Any, unchanged: Unchanged) -> None:
    clerk.clock.set("2024-03-20")
    [number] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    with unchanged(), pytest.raises(BackDated):
        clerk.draft("reverse", voucher=number, reason="错记", date="2024-02-29")
    with unchanged(), pytest.raises(FutureDated):
        clerk.draft("reverse", voucher=number, reason="错记", date="2024-03-21")
    assert reverse(clerk, number, date="2024-03-20") == "2024-03-0002"


# Who leans on it.

PAID = """
allot project=P001 channel=JT2024 amount=1000
receive project=P001 channel=JT2024 amount=500
contract contract=P001C01 parts=JT2024=800
certify contract=P001C01 amount=300 no_retention
pay contract=P001C01 parts=JT2024=100
pay contract=P001C01 parts=JT2024=200
"""
LEANS = [
    pytest.param(PAID, "2024-03-0001", "V2024-03-0003", "800.00", id="an allotment that a contract committed"),
    pytest.param(PAID, "2024-03-0002", "V2024-03-0005、V2024-03-0006", "300.00", id="a receipt that was paid out"),
    pytest.param(PAID, "2024-03-0003", "V2024-03-0004", "300.00", id="a contract that was certified"),
    pytest.param(PAID, "2024-03-0004", "V2024-03-0005、V2024-03-0006", "300.00", id="a certificate that was paid"),
    pytest.param(
        PAID + "receive project=P001 channel=JT2024 amount=50",
        "2024-03-0002",
        "V2024-03-0005、V2024-03-0006",
        "250.00",
        id="a later receipt does not lean on an earlier one",
    ),
    pytest.param(
        PAID + "reverse voucher=V2024-03-0005 reason=错",
        "2024-03-0002",
        "V2024-03-0006",
        "200.00",
        id="what was reversed itself does not lean any more",
    ),
    pytest.param(
        """
        allot project=P001 channel=JZ2024 amount=1000
        allot project=P002 channel=JZ2024 amount=1000
        receive project=P001 channel=JZ2024 amount=500
        receive project=P002 channel=JZ2024 amount=500
        contract contract=P002C01 parts=JZ2024=500
        certify contract=P002C01 amount=400 no_retention
        contract contract=P001C01 parts=JZ2024=1000
        advance contract=P001C01 amount=300
        """,
        "2024-03-0003",
        "V2024-03-0008",
        "300.00",
        id="another project's vouchers do not lean",
    ),
    pytest.param(
        """
        plan project=P001 channel=ZC2024 amount=300
        receive project=P001 channel=ZC2024 amount=200 cash
        receive project=P001 channel=ZC2024 amount=150 from_cash
        """,
        "2024-03-0001",
        "V2024-03-0002",
        "200.00",
        id="a plan that households paid",
    ),
    pytest.param(
        """
        plan project=P001 channel=ZC2024 amount=300
        receive project=P001 channel=ZC2024 amount=200 cash
        receive project=P001 channel=ZC2024 amount=150 from_cash
        """,
        "2024-03-0002",
        "V2024-03-0003",
        "150.00",
        id="cash that was banked",
    ),
    pytest.param(
        """
        allot project=P001 channel=TG2024 amount=200
        labour project=P001 channel=TG2024 days=1 rate=100
        accept project=P001 quantity=3.5
        """,
        "2024-03-0002",
        "V2024-03-0003",
        "100.00",
        id="labour that was accepted",
    ),
    pytest.param(
        """
        allot project=P001 channel=SN2024 amount=200
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=100
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=4
        """,
        "2024-03-0002",
        "V2024-03-0003",
        "40.00",
        id="goods that were issued",
    ),
    pytest.param(
        """
        opening project=P000 lines=own_bank:B00=CJ2024:50
        receive project=P001 channel=CJ2024 amount=20
        """,
        "2024-03-0001",
        "V2024-03-0002",
        "20.00",
        id="own money that was moved in",
    ),
]


@pytest.mark.parametrize("story, number, vouchers, short", LEANS)
def test_what_leans_on_a_voucher_is_named(
    story: str, number: str, vouchers: str, short: str, clerk: Any, unchanged: Unchanged
) -> None:
    clerk.begin(story)
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=number, reason="错记")
    message = explain(caught.value, "zh")
    assert str(caught.value.facts["vouchers"]) == vouchers
    assert message.startswith(f"凭证 {number} 暂不能红冲：渠道 ")
    assert f"还差 {short} 元（{vouchers}）。请先从最后一张起红冲这些凭证，再红冲本张；也可用 earmark correct" in message


@pytest.mark.parametrize("story, number, vouchers, short", LEANS)
def test_after_reversing_what_leans_the_voucher_is_reversed(
    story: str, number: str, vouchers: str, short: str, clerk: Any
) -> None:
    """The way out that the message names leads out, step by step, the latest first."""
    clerk.begin(story)
    waiting = [number]
    for _ in range(20):
        try:
            reverse(clerk, waiting[-1])
        except LeansOn as refusal:
            waiting.append(str(refusal.facts["vouchers"]).split("、")[-1].removeprefix("V"))
        else:
            waiting.pop()
        if not waiting:
            return
    pytest.fail(f"never came to an end: {waiting}")


def test_a_receipt_is_reversed_while_other_money_pays_what_was_paid(clerk: Any) -> None:
    numbers = clerk.begin(PAID + "receive project=P001 channel=JT2024 amount=300")
    reverse(clerk, numbers[1])
    assert clerk.balances().get(("Assets:102-银行存款:B01-农商行专户:P001", "JT2024")) is None


def test_a_draft_that_would_spend_it_leans_on_it(clerk: Any, unchanged: Unchanged) -> None:
    numbers = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    clerk.try_draft("contract contract=P001C01 parts=JT2024=800")
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=numbers[0], reason="错记")
    assert str(caught.value.facts["vouchers"]) == "D2"


def test_a_draft_that_brings_more_does_not_lean_on_it(clerk: Any) -> None:
    numbers = clerk.begin(PAID)
    clerk.try_draft("receive project=P001 channel=JT2024 amount=50")
    with pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=numbers[1], reason="错记")
    assert str(caught.value.facts["vouchers"]) == "V2024-03-0005、V2024-03-0006"


def test_a_lot_whose_goods_were_issued_is_not_reversed_on_the_goods_of_another(
    clerk: Any, unchanged: Unchanged
) -> None:
    """The store as a whole would stay above zero, the lot would not."""
    numbers = clerk.play("""
        allot project=P001 channel=SN2024 amount=400
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=10 amount=100
        inkind-receive project=P001 channel=SN2024 good=CEMENT quantity=20 amount=250
        inkind-issue project=P001 channel=SN2024 good=CEMENT quantity=10 lot=S1
    """)
    with unchanged(), pytest.raises(LeansOn) as caught:
        clerk.draft("reverse", voucher=numbers[1], reason="错记")
    assert str(caught.value.facts["vouchers"]) == "V2024-03-0004"


def test_a_spent_receipt_of_the_wrong_channel_has_a_way_out_through_the_payment(clerk: Any) -> None:
    """The worked example's own case: the payment was booked to the wrong channel."""
    numbers = clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        allot project=P001 channel=JZ2024 amount=1000
        receive project=P001 channel=JT2024 amount=500
        receive project=P001 channel=JZ2024 amount=500
        contract contract=P001C01 parts=JT2024=500,JZ2024=500
        certify contract=P001C01 amount=100 no_retention
        pay contract=P001C01 parts=JT2024=45
    """)
    reverse(clerk, numbers[-1], date="2024-03-02")
    clerk.play("pay contract=P001C01 parts=JZ2024=45 date=2024-03-02")
    bank = "Assets:102-银行存款:B01-农商行专户:P001"
    assert (clerk.balances()[bank, "JT2024"], clerk.balances()[bank, "JZ2024"]) == (500_00, 455_00)


# What the application keeps beside the postings.


def test_a_reversed_acceptance_is_not_observed(clerk: Any) -> None:
    def observed() -> list[tuple[str, int, int, str]]:
        with clerk.workspace.read() as connection:
            rows = observations(connection, "SF")
        return [(row["indicator"], row["numerator"], row["denominator"], row["evidence"]) for row in rows]

    story = """
        allot project=P001 channel=TG2024 amount=200
        labour project=P001 channel=TG2024 days=1 rate=100
        accept project=P001 quantity=3.5 observe=paved-road=3500/3500,poverty-rate=3/600
    """
    numbers = clerk.begin(story)
    assert observed() == [
        ("paved-road", 3500, 3500, "V2024-03-0003"),
        ("poverty-rate", 3, 600, "V2024-03-0003"),
    ]
    reverse(clerk, numbers[-1])
    assert observed() == []
    clerk.play("accept project=P001 quantity=3.2 observe=paved-road=3200/3500")
    assert observed() == [("paved-road", 3200, 3500, "V2024-03-0005")]


def test_a_reversed_certificate_gives_its_period_back(clerk: Any) -> None:
    numbers = clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=800
        certify contract=P001C01 amount=300
    """)
    reverse(clerk, numbers[-1])
    shown = clerk.try_draft("certify contract=P001C01 amount=100")
    assert shown["facts"]["period"] == "1"


def test_a_reversed_contract_cannot_be_certified_or_paid(clerk: Any) -> None:
    numbers = clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=800
    """)
    reverse(clerk, numbers[-1])
    for line in ("certify contract=P001C01 amount=1", "advance contract=P001C01 amount=1", "pay contract=P001C01"):
        with pytest.raises(Refusal):
            clerk.try_draft(line)


def test_a_contract_that_was_recorded_wrong_is_recorded_again_under_its_number(clerk: Any) -> None:
    """The paper has one number: a slip of the clerk's does not give the contract another."""
    clerk.play("""
        allot project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=800 party=施工一队
        reverse voucher=V2024-03-0002 reason=金额有误
        contract contract=P001C01 parts=JT2024=700 party=施工二队
        certify contract=P001C01 amount=700 no_retention
    """)
    assert clerk.sql("SELECT payee FROM voucher WHERE event = 'certificate'") == [("施工二队",)]
    assert clerk.balances()["Liabilities:211-应付款:P001C01-进度款", "JT2024"] == -700_00


def test_a_reversal_after_acceptance_takes_back_what_went_to_the_reserve(clerk: Any) -> None:
    numbers = clerk.play("""
        allot project=P001 channel=JZ2024 amount=500
        receive project=P001 channel=JZ2024 amount=100
        contract contract=P001C01 parts=JZ2024=300
        certify contract=P001C01 amount=300 no_retention
        accept project=P001 quantity=3.5
        receive project=P001 channel=JZ2024 amount=250
    """)
    reserve = ("Equity:311-公积公益金:P001-通村公路", "JZ2024")
    assert clerk.balances()[reserve] == -300_00
    reverse(clerk, numbers[-1])
    assert clerk.balances()[reserve] == -100_00
    clerk.play("receive project=P001 channel=JZ2024 amount=150")
    assert clerk.balances()[reserve] == -250_00


# What leans on it goes with it.


def correct(clerk: Any, number: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = clerk.at("zhang").correct(number, reason="录错了", on=clerk.day, **more)
    return answer


def test_a_voucher_is_corrected_with_all_that_leans_on_it(clerk: Any) -> None:
    clerk.play("allot project=P001 channel=JT2024 amount=1000")
    before = clerk.balances()
    wrong, contract, paid, other = clerk.play(
        """
        receive project=P001 channel=JT2024 amount=900
        contract contract=P001C01 parts=JT2024=600 party=施工单位
        advance contract=P001C01 amount=150
        allot project=P002 channel=WS2024 amount=7
        """
    )
    made = correct(clerk, wrong)
    assert [each["facts"]["reverses"] for each in made["drafts"]] == [f"V{paid}", f"V{wrong}"], (
        "and no more than leans on it"
    )
    assert made["again"] == [paid]
    for each in made["drafts"]:
        clerk.seal(each["draft"])
    reverse(clerk, contract)
    reverse(clerk, other)
    assert clerk.balances() == before


def test_a_whole_life_is_corrected_from_its_first_voucher(clerk: Any) -> None:
    opened, first, *_ = clerk.play("\n".join(STEPS[:12]))
    made = correct(clerk, first)
    labels = [each["draft"] for each in made["drafts"]]
    assert labels == sorted(labels, key=lambda label: int(label[1:]))
    done, stopped = clerk.at("li").seal_all(labels)
    assert (len(done), stopped) == (len(labels), None)
    assert not {key: amount for key, amount in clerk.balances().items() if key[1].startswith("JT2024")}
    assert opened not in made["again"]


def test_an_allotment_on_which_money_came_is_not_taken_back(clerk: Any, unchanged: Unchanged) -> None:
    allotted, more, came = clerk.play(
        """
        allot project=P001 channel=JT2024 amount=1000
        allot project=P001 channel=JT2024 amount=200
        receive project=P001 channel=JT2024 amount=1100
        """
    )
    for number, short in ((allotted, 900_00), (more, 100_00)):
        with unchanged(), pytest.raises(LeansOn) as refused:
            clerk.draft("reverse", voucher=number, reason="错记")
        assert (refused.value.facts["short"], refused.value.facts["vouchers"]) == (short, (f"V{came}",))
    reverse(clerk, came)
    reverse(clerk, allotted)


def test_an_allotment_taken_back_between_draft_and_seal_of_its_money_stops_one_of_them(clerk: Any) -> None:
    [allotted] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    back = clerk.draft("reverse", voucher=allotted, reason="错记")
    with pytest.raises(Refusal):
        clerk.draft("receive", project="P001", channel="JT2024", amount="1")
    assert clerk.seal(back["draft"])


def test_the_right_voucher_first_leaves_what_leans_on_the_wrong_one(clerk: Any) -> None:
    wrong, contract = clerk.play(
        """
        allot project=P001 channel=JT2024 amount=1000
        contract contract=P001C01 parts=JT2024=900 party=施工单位
        """
    )
    clerk.draft("allot", project="P001", channel="JT2024", amount="950")
    assert correct(clerk, wrong)["again"] == [], "the contract stands on the right one"
    assert contract


def test_a_correction_is_whole_or_not_at_all(clerk: Any, unchanged: Unchanged) -> None:
    [wrong] = clerk.play("allot project=P001 channel=JT2024 amount=1000")
    clerk.draft("contract", contract="P001C01", parts=["JT2024=900"], party="施工单位")
    with unchanged(), pytest.raises(LeansOn):
        correct(clerk, wrong)  # a draft that waits is sealed or dropped first
    clerk.at("zhang").drop("D2")
    with unchanged(), pytest.raises(VoucherUnknown):
        correct(clerk, "2024-09-0001")
    first = correct(clerk, wrong, key="slip")
    assert correct(clerk, wrong, key="slip") == first
    with unchanged(), pytest.raises(AlreadyReversed):
        correct(clerk, wrong)

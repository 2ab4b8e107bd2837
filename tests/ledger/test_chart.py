"""The chart's templates are the design's table of entries, balanced per channel and mirrored in the budget."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import chart
from ledger.chart import Place, Share
from ledger.proposals import YEAR_END

CHART = chart.load()
EXAMPLE = Path(__file__).parents[1] / "data" / "example-book.beancount"

# What each figure is made of: an entry that balances with these symbols balances with any amounts.
SYMBOLS: dict[str, Counter[str]] = {
    "amount": Counter({"a": 1}),
    "retention": Counter({"r": 1}),
    "offset": Counter({"o": 1}),
    "payable": Counter({"a": 1, "r": -1, "o": -1}),
    "net": Counter({"a": 1, "o": -1}),
    "transfer": Counter({"t": 1}),
    "income": Counter({"i": 1}),
    "fixed": Counter({"a": 1, "c": -1, "p": -1, "g": -1, "n": -1}),
    "consumable": Counter({"c": 1}),
    "productive": Counter({"p": 1}),
    "public": Counter({"g": 1}),
    "intangible": Counter({"n": 1}),
    "quantity": Counter({"q": 1}),
}

# The design's table, one row an event. F is the fund account of the channel's source.
TABLE = """
allotment        | Cr B0 amount; Dr B1 amount
household_plan   | Dr 113 amount; Cr 231 amount; Cr B0 amount; Dr B1 amount
household_cash   | Dr 101 amount; Cr 113 amount
household_bank   | Dr 102 amount; Cr 113 amount
cash_banked      | Dr 102 amount; Cr 101 amount
receipt          | Dr 102 amount; Cr F amount; Dr F transfer; Cr 311 transfer; Dr F income; Cr 503 income
own_money        | Dr 102 amount; Cr 102 own amount; Cr B0 amount; Dr B1 amount
contract         | Cr B1 amount; Dr B2 amount
advance          | Dr 112 amount; Cr 102 amount; Cr B2 amount; Dr B2A amount
certificate      | Dr 153 amount; Cr 211 payable payable; Cr 211 retention retention; Cr 112 offset; \
Cr B2 net; Cr B2A offset; Dr B3 amount
disbursement     | Dr 211 payable amount; Cr 102 amount
labour           | Dr 153 amount; Cr 311 amount; Cr B1 amount; Dr B3 amount
inkind_received  | Dr 121 amount; Cr F amount; Dr 121 quantity; Cr Q0 quantity; Cr B1 amount; Dr B2S amount
inkind_issued    | Dr 153 amount; Cr 121 amount; Cr 121 quantity; Dr Q0 quantity; Cr B2S amount; Dr B3 amount
inkind_returned  | Dr F amount; Cr 121 amount; Cr 121 quantity; Dr Q0 quantity; Cr B2S amount; Dr B0 amount
acceptance       | Dr 151 fixed; Dr 131 consumable; Dr 132 productive; Dr 134 public; Dr 161 intangible; \
Cr 153 amount; Dr F transfer; Cr 311 transfer
revision_up      | Cr B0 amount; Dr B1 amount
revision_down    | Cr B1 amount; Dr B0 amount
household_waived | Dr 231 amount; Cr 113 amount; Cr B1 amount; Dr B0 amount
household_refunded | Dr 231 amount; Cr 102 amount; Cr B1 amount; Dr B0 amount
household_refunded_cash | Dr 231 amount; Cr 101 amount; Cr B1 amount; Dr B0 amount
receipt_allotted | Dr 102 amount; Cr F amount; Dr F transfer; Cr 311 transfer; Dr F income; Cr 503 income; \
Cr B0 amount; Dr B1 amount
receipt_held     | Dr 102 amount; Cr 211 held amount
held_returned    | Dr 211 held amount; Cr 102 amount
interest         | Dr 102 amount; Cr F amount; Cr B0 amount; Dr B1 amount
interest_own     | Dr 102 amount; Cr 322 amount; Cr B0 amount; Dr B1 amount
change_up        | Cr B1 amount; Dr B2 amount
change_down      | Cr B2 amount; Dr B1 amount
decommitment     | Cr B2 amount; Dr B1 amount
advance_refunded | Dr 102 amount; Cr 112 amount; Cr B2A amount; Dr B2 amount
direct_payment   | Dr 211 payable amount; Cr F amount; Dr F transfer; Cr 311 transfer; Dr F income; Cr 503 income
direct_advance   | Dr 112 amount; Cr F amount; Cr B2 amount; Dr B2A amount
bounced_disbursement | Dr 102 amount; Cr 211 payable amount
bounced_wages    | Dr 102 amount; Cr 213 amount
bounced_retention | Dr 102 amount; Cr 211 retention amount
bounced_repair   | Dr 102 amount; Cr 211 repair amount
purchase         | Dr 153 amount; Cr 102 amount; Cr B1 amount; Dr B3 amount
wages_earned     | Dr 153 amount; Cr 213 amount; Cr B1 amount; Dr B3 amount
wages_paid       | Dr 213 amount; Cr 102 amount
source_from      | Dr 211 payable amount; Cr 153 amount; Cr B3 amount; Dr B1 amount
source_to        | Dr 153 amount; Cr 211 payable amount; Cr B1 amount; Dr B3 amount
prefinancing_lender | Dr 113 lent amount; Cr 102 amount
prefinancing_lender_own | Dr 113 lent amount; Cr 102 own amount
prefinancing_borrower | Dr 211 payable amount; Cr 113 borrowed amount
repayment_borrower | Dr 113 borrowed amount; Cr 102 amount
repayment_lender | Dr 102 amount; Cr 113 lent amount
repayment_lender_own | Dr 102 own amount; Cr 113 lent amount
audit_cut_unpaid | Dr 211 payable amount; Cr 153 amount; Cr B3 amount; Dr B1 amount
audit_cut_paid   | Dr 112 cut amount; Cr 153 amount; Cr B3 amount; Dr B2A cut amount
audit_cut_refunded | Dr 102 amount; Cr 112 cut amount; Cr B2A cut amount; Dr B1 amount
welfare          | Dr 514 amount; Cr 102 amount; Dr F income; Cr 503 income; Cr B1 amount; Dr B3 amount
acceptance_welfare | Dr 514 amount; Cr 153 amount; Dr F income; Cr 503 income
retention_released | Dr 211 retention amount; Cr 102 amount
retention_forfeited | Dr 211 retention amount; Cr 211 repair amount
repair_paid      | Dr 211 repair amount; Cr 102 amount
surplus_returned | Dr F amount; Cr 102 amount; Cr B1 amount; Dr B0 amount
surplus_returned_own | Dr 102 own amount; Cr 102 amount; Cr B1 amount; Dr B0 amount
deposit_received | Dr 102 deposits amount; Cr 211 deposit amount
deposit_returned | Dr 211 deposit amount; Cr 102 deposits amount
year_end_income  | Dr 503 amount; Cr 321 amount
year_end_welfare | Dr 321 amount; Cr 514 amount
year_end_other   | Dr 321 amount; Cr 515 amount
year_end_gain    | Dr 321 amount; Cr 322 amount
year_end_loss    | Dr 322 amount; Cr 321 amount
inkind_bought    | Dr 121 amount; Cr 102 amount; Dr 121 quantity; Cr Q0 quantity; Cr B1 amount; Dr B2S amount
inkind_bought_owed | Dr 121 amount; Cr 211 payable amount; Dr 121 quantity; Cr Q0 quantity; Cr B1 amount; Dr B2S amount
inkind_lost      | Dr 515 amount; Cr 121 amount; Cr 121 quantity; Dr Q0 quantity; Cr B2S amount; Dr B3 amount
"""
ROWS = dict(re.split(r"\s+\| ", row) for row in TABLE.strip().splitlines())
SAY = {
    "payable": "211 payable",
    "retention": "211 retention",
    "held": "211 held",
    "repair": "211 repair",
    "deposit": "211 deposit",
    "deposit_bank": "102 deposits",
    "own_bank": "102 own",
    "lent": "113 lent",
    "borrowed": "113 borrowed",
    "audit_due": "112 cut",
    "audit_cut": "B2A cut",
}

EVENTS = sorted(CHART.events)


def test_every_template_is_in_the_table() -> None:
    assert sorted(ROWS) == EVENTS


@pytest.mark.parametrize("event", sorted(ROWS))
def test_an_event_makes_the_entry_of_the_design(event: str) -> None:
    shown = []
    for sign, role, figure in CHART.events[event]:
        account = "F" if role == "fund" else SAY.get(role, CHART.roles[role].code)
        shown.append(f"{'Dr' if sign > 0 else 'Cr'} {account} {figure}")
    assert "; ".join(shown) == ROWS[event]


def test_each_figure_of_a_template_is_known_to_these_tests() -> None:
    assert {figure for lines in CHART.events.values() for _, _, figure in lines} <= SYMBOLS.keys()


def _kind(role: str, figure: str) -> str:
    if figure == "quantity":
        return "quantity"
    return "money" if role == "fund" else CHART.roles[role].holds


@pytest.mark.parametrize("event", EVENTS)
def test_a_template_balances_in_money_in_budget_and_in_quantity(event: str) -> None:
    sums: dict[str, Counter[str]] = {"money": Counter(), "budget": Counter(), "quantity": Counter()}
    for sign, role, figure in CHART.events[event]:
        for symbol, count in SYMBOLS[figure].items():
            sums[_kind(role, figure)][symbol] += sign * count
    assert {kind: {s: n for s, n in total.items() if n} for kind, total in sums.items()} == {
        "money": {},
        "budget": {},
        "quantity": {},
    }


@pytest.mark.parametrize("event", [event for event in EVENTS if not event.startswith(YEAR_END)])
def test_a_template_moves_money_and_budget_of_a_mirror_group_together(event: str) -> None:
    moved: dict[str, Counter[str]] = {}
    for sign, role, figure in CHART.events[event]:
        if role == "fund" or figure == "quantity" or not CHART.roles[role].mirror:
            continue
        side = 1 if CHART.roles[role].holds == "money" else -1
        for symbol, count in SYMBOLS[figure].items():
            moved.setdefault(CHART.roles[role].mirror, Counter())[symbol] += side * sign * count
    assert all(not any(total.values()) for total in moved.values())


def test_each_mirror_group_has_one_budget_account() -> None:
    groups: dict[str, list[str]] = {}
    for role in CHART.roles.values():
        if role.mirror and role.holds == "budget":
            groups.setdefault(role.mirror, []).append(role.code)
    assert {group: set(codes) for group, codes in groups.items()} == {
        "spent": {"B3"},
        "advanced": {"B2A"},
        "stocked": {"B2S"},
    }


@pytest.mark.parametrize(
    "group, codes",
    [("spent", {"131", "132", "134", "151", "153", "161", "514", "515"}), ("advanced", {"112"}), ("stocked", {"121"})],
)
def test_the_money_of_a_mirror_group_is_what_the_design_says(group: str, codes: set[str]) -> None:
    money = {role.code for role in CHART.roles.values() if role.mirror == group and role.holds == "money"}
    assert money == codes


def test_every_limit_of_the_design_is_floored() -> None:
    limits = {
        "cash", "bank", "own_bank", "advance", "household", "store", "works", "asset", "payable", "retention",
        "wages", "village_raised", "earmarked", "held", "deposit", "deposit_bank", "repair", "lent", "borrowed",
        "audit_due", "audit_cut", "subsidy_income", "available", "committed", "advanced", "stocked", "spent",
    }  # fmt: skip
    assert {name for name in limits if not CHART.roles[name].floor} == set()


FUNDS = {
    "central": "241",
    "province": "241",
    "city": "241",
    "county": "241",
    "department": "241",
    "partner": "241",
    "designated": "241",
    "unstated": "241",
    "award": "241",
    "donation_tied": "241",
    "in_kind": "241",
    "households": "231",
    "donation_untied": "311",
    "labour": "311",
    "collective": None,
    "risk_reserve": "241",
    "interest_subsidy": "241",
    "deposit": None,
    "micro_loan": None,
}


def test_every_source_owes_to_the_fund_of_the_design() -> None:
    assert {source: fund.code if (fund := CHART.fund(source)) else None for source in CHART.funds} == FUNDS


NAMES = {
    "cash": "Assets:101-库存现金:P001",
    "bank": "Assets:102-银行存款:B01-农商行专户:P001",
    "own_bank": "Assets:102-银行存款:B00-村基本户",
    "advance": "Assets:112-应收款:P001C01-预付款",
    "household": "Assets:113-内部往来:P001-农户筹资",
    "store": "Assets:121-库存物资:P001-水泥",
    "asset": "Assets:151-固定资产:P001-通村公路",
    "works": "Assets:153-在建工程:P001-通村公路",
    "deposit_bank": "Assets:102-银行存款:B02-保证金户",
    "deposit": "Liabilities:211-应付款:P001C01-履约保证金",
    "held": "Liabilities:211-应付款:P001-暂收款",
    "lent": "Assets:113-内部往来:P001-垫出",
    "borrowed": "Assets:113-内部往来:P001-垫入",
    "audit_due": "Assets:112-应收款:P001C01-核减应收",
    "audit_cut": "Equity:B2A-预付占用:P001C01-核减",
    "year_result": "Equity:321-本年收益",
    "payable": "Liabilities:211-应付款:P001C01-进度款",
    "retention": "Liabilities:211-应付款:P001C01-质保金",
    "wages": "Liabilities:213-应付劳务费:P001",
    "village_raised": "Liabilities:231-一事一议资金:P001-通村公路",
    "earmarked": "Liabilities:241-专项应付款:P001-通村公路",
    "reserve": "Equity:311-公积公益金:P001-通村公路",
    "undistributed": "Equity:322-收益分配:未分配收益",
    "allotted": "Equity:B0-下达:P001-通村公路",
    "available": "Equity:B1-可用预算:P001-通村公路",
    "committed": "Equity:B2-合同占用:P001C01",
    "advanced": "Equity:B2A-预付占用:P001C01",
    "stocked": "Equity:B2S-库存占用:P001",
    "spent": "Equity:B3-已列支:P001-通村公路",
    "quantity": "Equity:Q0-实物数量",
}
PLACE = Place(
    project="P001",
    title="通村公路",
    contract="P001C01",
    bank="B01-农商行专户",
    own_bank="B00-村基本户",
    good="水泥",
    good_commodity="CEMENT",
)


@pytest.mark.parametrize("role", NAMES)
def test_an_account_is_named_as_in_the_worked_example(role: str) -> None:
    place = replace(PLACE, bank="B02-保证金户") if role == "deposit_bank" else PLACE
    name = CHART.account(role, place).name
    assert name == NAMES[role]
    assert re.search(rf"^2024-01-01 open {re.escape(name)}  ", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE)


def test_accounts_know_what_they_belong_to() -> None:
    bank = CHART.account("bank", PLACE)
    own = CHART.account("own_bank", PLACE)
    payable = CHART.account("payable", PLACE)
    assert (bank.project, bank.contract, bank.bank) == ("P001", "", "B01")
    assert (own.project, own.contract, own.bank) == ("", "", "B00")
    assert (payable.project, payable.contract, payable.bank) == ("P001", "P001C01", "")


def test_a_template_is_made_once_for_each_channel_and_leaves_out_zero() -> None:
    shares = [
        Share("JT2024", "department", {"amount": 100, "payable": 97, "retention": 3, "offset": 0, "net": 100}),
        Share("ZC2024", "households", {"amount": 10, "payable": 0, "retention": 0, "offset": 10, "net": 0}),
    ]
    lines = CHART.entry("certificate", PLACE, shares)
    assert [f"{line.account.role.name} {line.amount} {line.commodity}" for line in lines] == [
        "works 100 JT2024",
        "payable -97 JT2024",
        "retention -3 JT2024",
        "committed -100 JT2024.B",
        "spent 100 JT2024.B",
        "works 10 ZC2024",
        "advance -10 ZC2024",
        "advanced -10 ZC2024.B",
        "spent 10 ZC2024.B",
    ]


@pytest.mark.parametrize(
    "text, component",
    [
        ("通村公路", "通村公路"),
        ("通村 公路（一期）", "通村-公路-一期"),
        ("A/B:C", "A-B-C"),
        ("{project}", "project"),
        ("①号渠", "号渠"),
        ("—", ""),
    ],
)
def test_a_name_becomes_a_component_that_beancount_can_read(text: str, component: str) -> None:
    assert chart.component(text) == component

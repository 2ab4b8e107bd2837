"""The statements add up: among themselves, and with what Beancount's query language finds in the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from beancount import loader
from beanquery.query import run_query

from ledger import chart
from ledger.books.write import settle
from ledger.errors import PeriodUnreadable
from ledger.statements import STATEMENTS, Period, Statement
from ledger.statements.made import form_of
from ledger.statements.period import following, month, year

STORY = """
allot project=P001 channel=JT2024 amount=880000 date=2024-01-10
plan project=P001 channel=ZC2024 amount=650000 date=2024-01-12
receive project=P001 channel=JT2024 amount=500000 date=2024-01-31
receive project=P001 channel=ZC2024 amount=1000.01 cash date=2024-02-01
receive project=P001 channel=ZC2024 amount=1000 from_cash date=2024-02-02
contract contract=P001C01 parts=JT2024=300000,ZC2024=500 date=2024-02-10 party=甲施工队
advance contract=P001C01 percent=10% date=2024-02-11
certify contract=P001C01 amount=200000.33 date=2024-02-29
pay contract=P001C01 date=2024-03-01 partial
reverse voucher=V2024-03-0001 reason=退回 date=2024-03-02
pay contract=P001C01 date=2024-03-03 partial
certify contract=P001C01 amount=100499.67 date=2024-03-04
accept project=P001 quantity=3.5 warranty_until=2025-03-05 date=2024-03-05
allot project=P002 channel=WS2024 amount=10000 date=2024-03-06
receive project=P002 channel=WS2024 amount=9000 date=2024-03-06
spend project=P002 channel=WS2024 amount=4000 date=2024-03-31
year-end date=2024-12-31
receive project=P002 channel=WS2024 amount=1000 date=2025-01-01
"""
PERIODS = ["2024-01", "2024-02", "2024-03", "2024-12", "2024", "2025-01"]


def made(clerk: Any, name: str, period: str) -> Statement:
    with clerk.workspace.read() as connection:
        return STATEMENTS[name](connection, "SF", Period(period))


def row(statement: Statement, first: str) -> list[Any]:
    (found,) = [list(each) for each in statement.rows if each[0] == first]
    return found


@pytest.fixture
def played(clerk: Any) -> Any:
    clerk.begin(STORY)
    return clerk


@pytest.mark.parametrize("period", PERIODS)
def test_the_balance_sheet_balances(played: Any, period: str) -> None:
    sheet = made(played, "balance", period)
    assert row(sheet, "@item-assets")[1:] == row(sheet, "@item-funds")[1:]
    assert row(sheet, "@item-assets")[1] > 0


@pytest.mark.parametrize("period", PERIODS)
def test_debits_are_credits(played: Any, period: str) -> None:
    told = made(played, "accounts", period)
    last = list(told.rows[-1])
    assert (last[3], last[5], last[7]) == (last[4], last[6], last[8])
    assert last[3:] == [told.total(column) for column in told.columns[3:]]


@pytest.mark.parametrize("period", PERIODS)
def test_the_accounts_stand_as_a_query_of_the_books_finds_them(played: Any, period: str) -> None:
    settle(played.workspace)
    entries, errors, options = loader.load_file(str(played.workspace.books / "SF" / "main.beancount"))
    assert not errors
    asked = f"SELECT account, currency, sum(number) AS total WHERE date <= {Period(period).until} GROUP BY account, currency"
    books = {
        (account, channel): total
        for account, channel, total in run_query(entries, options, asked)[1]
        if total and not channel.endswith(".B")
    }
    told = made(played, "journal", period)
    ours = {}
    key = ("", "")
    for account, channel, *_, balance in told.rows:
        key = (str(account), str(channel)) if account else key
        ours[key] = Decimal(int(balance)) / 100
    assert {key: total for key, total in ours.items() if total} == books


def test_cash_is_what_the_accounts_say_and_a_bounced_payment_counts_below_zero(played: Any) -> None:
    cash = made(played, "cash", "2024-03")
    assert sum(int(each[6]) for each in cash.rows[1:-1]) == cash.rows[-1][6]
    paid = [each[6] for each in cash.rows if each[1] in {"V2024-03-0001", "V2024-03-0002"}]
    assert paid[0] == -paid[1] != 0
    told = made(played, "accounts", "2024-03")
    held = sum(int(each[7]) for each in told.rows if each[0] in {"101", "102"})
    assert cash.rows[-1][7] == held


def test_cash_that_is_banked_is_neither_income_nor_expense(played: Any) -> None:
    assert [each[1] for each in made(played, "cash", "2024-02").rows if each[0] == "2024-02-02"] == []
    funds = made(played, "funds", "2024-02")
    (households,) = [list(each) for each in funds.rows if each[2] == "ZC2024"]
    assert households[5] == 1000_01


@pytest.mark.parametrize("period", PERIODS)
def test_the_funds_of_every_project_go_on_from_what_stood_there(played: Any, period: str) -> None:
    for _, _, _, _, opening, income, expense, closing, _, _ in made(played, "funds", period).rows:
        assert int(opening) + int(income) - int(expense) == closing


def test_the_result_leads_from_what_was_undistributed_to_what_is(played: Any) -> None:
    of_year, of_march = made(played, "result", "2024"), made(played, "result", "2024-03")
    assert row(of_year, "@item-income")[2] == 4000_00
    assert row(of_year, "@item-welfare")[2] == -4000_00
    assert row(of_march, "@item-income")[1] == 4000_00
    for period in PERIODS:
        told, sheet = made(played, "result", period), made(played, "balance", period)
        assert row(told, "@item-after")[1:] == [row(sheet, "@item-undistributed")[1]] * 2


def test_assets_are_listed_with_who_paid_and_since_when(played: Any) -> None:
    told = made(played, "assets", "2024-03")
    roads = [each for each in told.rows if each[2] == "P001"]
    assert {each[5] for each in roads} == {"2024-03-05"}
    assert sum(int(each[-1]) for each in roads) == 300_500_00
    assert made(played, "assets", "2024-02").rows[-1][-1] == 0


def test_every_money_account_of_the_chart_stands_in_the_balance_sheet() -> None:
    form = form_of(chart.DEFAULT)
    listed = {code for part in ("assets", "funds") for said in form[part].values() for code in said.get("accounts", ())}
    assert {role.code for role in chart.load().roles.values() if role.holds == "money"} == listed


@pytest.mark.parametrize("typed", ["2024-13", "2024-1", "24-01", "2024", "２０２４-01", ""])
def test_a_month_is_written_in_one_way(typed: str) -> None:
    with pytest.raises(PeriodUnreadable):
        month(typed)
    assert (month("2024-02").until, year("2024").until, following("2024-12")) == ("2024-02-29", "2024-12-31", "2025-01")

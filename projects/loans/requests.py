"""What is typed of a micro-loan, read before anything is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from ledger import money
from ledger.errors import ChoiceUnknown, Names
from ledger.text import parse_percent
from projects.loans.purposes import purposes
from projects.request import Day, Fen, LoanCode, Needed, Request, Words

DAY_COUNTS = (360, 365)
"""So many days has a year of interest: banks count 360, some contracts 365."""


def read_rate(text: str) -> Decimal:
    """Read a yearly rate in percent, with or without its sign."""
    return parse_percent(f"{text.strip().rstrip('%％').strip()}%")


def read_purpose(text: str) -> str:
    """Read what a loan is for; one that is forbidden is read too, and refused by its rule."""
    if text not in purposes():
        raise ChoiceUnknown(about="loan-purpose", text=text, choices=Names(purposes()))
    return text


def read_day_count(text: str) -> int:
    """Read how many days a year of interest has."""
    if text not in {str(each) for each in DAY_COUNTS}:
        raise ChoiceUnknown(about="day-count", text=text, choices=Names(str(each) for each in DAY_COUNTS))
    return int(text)


Rate = Annotated[Decimal, BeforeValidator(read_rate)]
MonthCount = Annotated[int, BeforeValidator(lambda text: money.parse_quantity(text, scale=0))]


class AddLoan(Request):
    """放款: a bank lends to a household."""

    verb = "loan-add"
    loan: LoanCode
    amount: Fen
    borrower: Needed
    born: Day
    bank: Needed
    rate: Rate
    subsidy_rate: Rate | None = None
    months: MonthCount
    purpose: Annotated[str, BeforeValidator(read_purpose)]
    use: Words = ""
    day_count: Annotated[int, BeforeValidator(read_day_count)] = 360
    top_up: bool = False


class RepayLoan(Request):
    """还款: a household pays its bank back."""

    verb = "loan-repay"
    loan: LoanCode
    amount: Fen

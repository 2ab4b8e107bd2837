"""The subsidy of a loan's interest, by quarter: each day's debt at the rate, rounded half up to the fen once a quarter.

The day on which a loan is paid out bears interest, the day on which it is paid back does not (算头不算尾). Interest is
subsidised on the subsidised part, as long as so much is owed, and until the loan is due: who pays late pays that
interest himself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from ledger.balances import State
from ledger.errors import ChoiceUnknown, Unknown
from ledger.proposals import Proposal
from projects.errors import SubsidyUnfit
from projects.history import standing
from projects.loans.register import Loan, loans

SUBSIDIES = ("welfare", "household_aid")
"""The events by which a subsidy is paid; their facts name loan and quarter."""


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter of a year; `end` is the first day behind it."""

    year: int
    number: int

    def __str__(self) -> str:
        """Return how it is written."""
        return f"{self.year}Q{self.number}"

    @property
    def start(self) -> date:
        """Return its first day."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def end(self) -> date:
        """Return the first day of the next one."""
        year, number = divmod(self.year * 4 + self.number, 4)
        return date(year, 3 * number + 1, 1)


def read_quarter(text: str) -> Quarter:
    """Read a quarter such as ``2024Q2``.

    Raises:
        ChoiceUnknown: it is none.
    """
    found = re.fullmatch(r"([12][0-9]{3})[Qq]([1-4])", text.strip(), re.ASCII)
    if found is None:
        raise ChoiceUnknown(about="quarter", text=text[:20], choices="2024Q2")
    return Quarter(int(found[1]), int(found[2]))


def stretches(loan: Loan, start: date, end: date) -> list[tuple[date, date, int]]:
    """Return the days from `start` to before `end` on which interest is subsidised, with what it is paid on."""
    begin, stop = max(start, loan.day), min(end, loan.due)
    turns = sorted({begin, stop, *(day for day, _ in loan.repaid if begin < day < stop)})
    return [
        (one, other, fen)
        for one, other in pairwise(turns)
        if begin < stop and (fen := min(loan.left(one), loan.subsidised)) > 0
    ]


def due(loan: Loan, quarter: Quarter, until: date | None = None) -> int:
    """Return the subsidy of a quarter in fen, rounded half up; until a day before its end, what has accrued by then."""
    end = quarter.end if until is None else min(quarter.end, until)
    days = sum(fen * (other - one).days for one, other, fen in stretches(loan, quarter.start, end))
    exact = days * Fraction(loan.subsidy_rate) / 100 / loan.day_count
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def paid(state: State) -> dict[tuple[str, str], int]:
    """Return what was paid of each loan's quarters, in fen, by vouchers that stand."""
    found: dict[tuple[str, str], int] = {}
    for past in standing(state, *SUBSIDIES):
        if "loan" in past.facts:
            key = (past.facts["loan"], past.facts["quarter"])
            found[key] = found.get(key, 0) + sum(past.parts("spent").values())
    return found


def need_due(state: State, proposal: Proposal) -> None:
    """Make sure that a subsidy that is paid is due: of an interest subsidy's channel, of a quarter that is over.

    Raises:
        Unknown: the book has no such loan.
        SubsidyUnfit: another channel, a quarter that is not over, or more than is due and not paid yet.
    """
    code = proposal.facts.get("loan")
    if code is None or proposal.reverses is not None:
        return
    for line in proposal.lines:
        if line.commodity in state.channels and state.source(line.commodity) != "interest_subsidy":
            raise SubsidyUnfit(about="source", channel=state.label(line.commodity), loan=code)
    quarter = read_quarter(proposal.facts["quarter"])
    loan = loans(state.connection, state.book.code).get(code)
    if loan is None:
        raise Unknown(about="loan", text=code, book=state.book.code)
    if quarter.end > proposal.date:
        raise SubsidyUnfit(about="open", loan=code, quarter=quarter, end=quarter.end, date=proposal.date)
    owed, before = due(loan, quarter), paid(state).get((code, str(quarter)), 0)
    amount = sum(line.amount for line in proposal.lines if line.account.role.name == "spent")
    if before + amount > owed:
        figures = {"due": owed, "paid": before, "can": max(0, owed - before), "amount": amount}
        raise SubsidyUnfit(loan=code, quarter=quarter, over=before + amount - owed, **figures)

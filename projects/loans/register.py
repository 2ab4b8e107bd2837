"""The register of micro-loans: each a fact of its book, its repayments beside it; the borrower's name stays private.

The money is the household's own debt to its bank and enters no account. Limits are those of the policy of the day on
which it was paid out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from ledger import facts, money, people
from ledger.errors import AlreadyThere, Unknown
from ledger.facts import Fact
from ledger.store.workspace import Unit
from projects.errors import (
    LoanAgeUnfit,
    LoanOutsidePolicy,
    LoanOverLimit,
    LoanPurposeForbidden,
    LoanRateUnfit,
    LoanTermUnfit,
    RepaymentUnfit,
)
from projects.loans.purposes import forbidden_word, purposes
from projects.loans.requests import AddLoan, RepayLoan
from projects.policy import Policy, policy_at
from projects.policy.numbers import Months

LOAN, REPAYMENT = "loan", "loan-repayment"
"""The kinds of the facts; the subject of each is the loan's code."""


@dataclass(frozen=True, kw_only=True)
class Loan:
    """A loan, in fen; `subsidised` is the part whose interest is subsidised, `repaid` what came back on which day.

    `born` and `borrower` are empty where they were erased, or a rebuild did not bring them.
    """

    code: str
    amount: int
    subsidised: int
    rate: Decimal
    subsidy_rate: Decimal
    day_count: int
    months: int
    purpose: str
    use: str
    bank: str
    day: date
    due: date
    borrower: str
    born: str
    fact: str
    repaid: tuple[tuple[date, int], ...] = ()

    def left(self, on: date) -> int:
        """Return what is still owed at the end of a day."""
        return self.amount - sum(fen for day, fen in self.repaid if day <= on)

    def overdue(self, on: date) -> int:
        """Return since how many days it should have been paid back, 0 if it was or need not be yet."""
        return max(0, (on - self.due).days) if self.left(on) else 0


def loans(connection: Connection, book: str) -> dict[str, Loan]:
    """Return the loans of a book that stand, by code."""
    found: dict[str, Loan] = {}
    told = facts.facts(connection, book, LOAN, REPAYMENT)
    for each in (each for each in told if each.kind == LOAN):
        back = [one for one in told if one.kind == REPAYMENT and one.subject == each.subject]
        found[each.subject] = _loan(each, facts.private(connection, each), back)
    return dict(sorted(found.items()))


def need_loan(connection: Connection, book: str, loan: str) -> Loan:
    """Return a loan.

    Raises:
        Unknown: the book has no such loan.
    """
    found = loans(connection, book)
    if loan not in found:
        raise Unknown(about="loan", text=loan, book=book)
    return found[loan]


def add(unit: Unit, book: str, ask: AddLoan, *, by: str) -> Fact:
    """Record a loan that a bank has paid out.

    Raises:
        AlreadyThere: its code is taken.
        LoanOutsidePolicy, LoanOverLimit, LoanTermUnfit, LoanAgeUnfit, LoanRateUnfit, LoanPurposeForbidden: a limit of
            the policy of its day.
    """
    people.need_role(unit.connection, by, "maker", book)
    there = loans(unit.connection, book)
    if ask.loan in there:
        raise AlreadyThere(about="loan", text=ask.loan)
    policy = policy_at(unit.connection, ask.date)
    _need_in_time(policy, ask)
    _need_fit(policy, ask)
    open_ = sum(
        each.left(ask.date)
        for each in there.values()
        if (each.borrower, each.born) == (ask.borrower, ask.born.isoformat()) and each.day <= ask.date
    )
    subsidised = _need_within(policy, ask, open_)
    months = policy.loan.term.model_copy(update={"value": ask.months})
    data = {
        "amount": money.plain(ask.amount),
        "subsidised": money.plain(subsidised),
        "loan-rate": f"{ask.rate.normalize():f}",
        "subsidy-rate": f"{(ask.rate if ask.subsidy_rate is None else ask.subsidy_rate).normalize():f}",
        "day-count": ask.day_count,
        "months": ask.months,
        "due-on": months.after(ask.date).isoformat(),
        "purpose": ask.purpose,
        "use": ask.use,
        "loan-bank": ask.bank,
    }
    private = {facts.PERSON: ask.borrower, "born": ask.born.isoformat()}
    return facts.record(
        unit,
        book,
        LOAN,
        ask.loan,
        on=ask.date,
        by=by,
        data={key: value for key, value in data.items() if value != ""},
        documents=[_paper(each) for each in ask.documents],
        private=private,
    )


def repay(unit: Unit, book: str, ask: RepayLoan, *, by: str) -> Fact:
    """Record what a household paid back to its bank.

    Raises:
        Unknown: the book has no such loan.
        RepaymentUnfit: it is more than was owed, or of a day before the loan.
    """
    people.need_role(unit.connection, by, "maker", book)
    loan = need_loan(unit.connection, book, ask.loan)
    if ask.date < loan.day:
        raise RepaymentUnfit(about="day", loan=ask.loan, date=ask.date, day=loan.day)
    left = loan.amount - sum(fen for _, fen in loan.repaid)
    if ask.amount > left:
        raise RepaymentUnfit(about="over", loan=ask.loan, left=left, amount=ask.amount, over=ask.amount - left)
    data = {"amount": money.plain(ask.amount)}
    papers = [_paper(each) for each in ask.documents]
    return facts.record(unit, book, REPAYMENT, ask.loan, on=ask.date, by=by, data=data, documents=papers)


def _need_in_time(policy: Policy, ask: AddLoan) -> None:
    first, last = policy.loan.first, policy.loan.last
    if not first.value <= ask.date <= last.value:
        number = first if ask.date < first.value else last
        raise LoanOutsidePolicy(loan=ask.loan, date=ask.date, first=first.value, last=last.value, rule=number.rule)


def _need_fit(policy: Policy, ask: AddLoan) -> None:
    """Make sure that term, age, rate and purpose are those of a micro-loan."""
    term: Months = policy.loan.term
    if ask.months > term.value:
        raise LoanTermUnfit(loan=ask.loan, months=ask.months, term=term.shown, rule=term.rule)
    age = ask.date.year - ask.born.year - ((ask.date.month, ask.date.day) < (ask.born.month, ask.born.day))
    youngest, oldest = policy.loan.youngest, policy.loan.oldest
    if not youngest.value <= age <= oldest.value:
        number = youngest if age < youngest.value else oldest
        limits = {"youngest": youngest.value, "oldest": oldest.value}
        raise LoanAgeUnfit(loan=ask.loan, age=max(age, 0), rule=number.rule, **limits)
    if ask.subsidy_rate is not None and ask.subsidy_rate > ask.rate:
        raise LoanRateUnfit(loan=ask.loan, rate=ask.rate, subsidy=ask.subsidy_rate)
    purpose = purposes()[ask.purpose]
    if purpose.forbidden:
        raise LoanPurposeForbidden(loan=ask.loan, purpose=purpose.named)
    given_away = forbidden_word(ask.use)
    if given_away:
        word, purpose = given_away
        raise LoanPurposeForbidden(about="word", loan=ask.loan, purpose=purpose.named, word=word, text=ask.use)


def _need_within(policy: Policy, ask: AddLoan, open_: int) -> int:
    """Return the part of a loan whose interest is subsidised; what the person still owes elsewhere counts."""
    most, top = policy.loan.most, policy.loan.top
    figures = {"loan": ask.loan, "amount": ask.amount, "open": open_, "whole": open_ + ask.amount}
    if open_ + ask.amount > top.value:
        raise LoanOverLimit(about="top", most=top.value, over=open_ + ask.amount - top.value, rule=top.rule, **figures)
    over = open_ + ask.amount - most.value
    if over > 0 and not ask.top_up:
        raise LoanOverLimit(most=most.value, top=top.value, over=over, rule=most.rule, **figures)
    return max(0, min(ask.amount, most.value - open_))


def _loan(fact: Fact, private: dict[str, str], back: list[Fact]) -> Loan:
    said = fact.data
    return Loan(
        code=fact.subject,
        amount=money.parse(said["amount"]),
        subsidised=money.parse_or_zero(said["subsidised"]),
        rate=Decimal(said["loan-rate"]),
        subsidy_rate=Decimal(said["subsidy-rate"]),
        day_count=said["day-count"],
        months=said["months"],
        purpose=said["purpose"],
        use=said.get("use", ""),
        bank=said["loan-bank"],
        day=date.fromisoformat(fact.on),
        due=date.fromisoformat(said["due-on"]),
        borrower=private.get(facts.PERSON, ""),
        born=private.get("born", ""),
        fact=fact.label,
        repaid=tuple(sorted((date.fromisoformat(each.on), money.parse(each.data["amount"])) for each in back)),
    )


def _paper(text: str) -> tuple[str, str, int]:
    sha256, suffix, size = text.split("/")
    return sha256, suffix, int(size)

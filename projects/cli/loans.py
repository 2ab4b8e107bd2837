"""Commands of the micro-loan register: loans, repayments, what is overdue, and the subsidy that is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

import typer

from ledger.balances import State
from ledger.facts import Fact
from ledger.money import parse_or_zero, yuan
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects.cli.facts import shown
from projects.cli.output import Output
from projects.cli.session import As, Book, Date, Json, Key, Papers, session
from projects.loans import register
from projects.loans.purposes import purposes
from projects.loans.register import Loan, loans, need_loan
from projects.loans.requests import AddLoan, RepayLoan
from projects.loans.subsidy import Quarter, due, paid, read_quarter, stretches
from projects.names import masked
from projects.request import Request

loan = typer.Typer(no_args_is_help=True, help="@help.loan")

LoanArg = Annotated[str, typer.Argument(metavar="LOAN", help="@argument.loan")]
AmountArg = Annotated[str, typer.Argument(metavar="AMOUNT", help="@argument.amount")]
Text = str | None


@loan.command("add", help="@help.loan-add")
def loan_add(
    code: LoanArg,
    amount: AmountArg,
    borrower: Annotated[str, typer.Option("--borrower", metavar="NAME", help="@option.borrower-name")],
    born: Annotated[str, typer.Option("--born", metavar="DATE", help="@option.born")],
    bank: Annotated[str, typer.Option("--bank", metavar="NAME", help="@option.loan-bank")],
    rate: Annotated[str, typer.Option("--rate", metavar="PERCENT", help="@option.loan-rate")],
    months: Annotated[str, typer.Option("--months", metavar="N", help="@option.loan-months")],
    purpose: Annotated[str, typer.Option("--purpose", help="@option.loan-purpose")],
    use: Annotated[Text, typer.Option("--use", metavar="TEXT", help="@option.loan-use")] = None,
    subsidy_rate: Annotated[
        Text, typer.Option("--subsidy-rate", metavar="PERCENT", help="@option.subsidy-rate")
    ] = None,
    day_count: Annotated[Text, typer.Option("--day-count", metavar="DAYS", help="@option.day-count")] = None,
    top_up: Annotated[bool, typer.Option("--top-up", help="@option.loan-top-up")] = False,
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record a loan that a bank paid out to a household."""
    typed = {
        "loan": code,
        "amount": amount,
        "borrower": borrower,
        "born": born,
        "bank": bank,
        "rate": rate,
        "months": months,
        "purpose": purpose,
        "use": use,
        "subsidy_rate": subsidy_rate,
        "day_count": day_count,
        "top_up": top_up or None,
        "date": date,
    }
    made = _told("loan add", AddLoan, register.add, typed, doc, as_name, book, key)
    output = session.output(as_json=as_json)
    if not output.data(made):
        said = made["data"]
        output.say(
            "print.loan-told",
            loan=code,
            fact=made["fact"],
            due=said["due-on"],
            subsidised=parse_or_zero(said["subsidised"]),
        )


@loan.command("repay", help="@help.loan-repay")
def loan_repay(
    code: LoanArg,
    amount: AmountArg,
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record what a household paid back to its bank."""
    typed = {"loan": code, "amount": amount, "date": date}
    made = _told("loan repay", RepayLoan, register.repay, typed, doc, as_name, book, key)
    output = session.output(as_json=as_json)
    if output.data(made):
        return
    with session.workspace.read() as connection:
        left = need_loan(connection, made["log"], code)
    output.say("print.repayment-told", loan=code, fact=made["fact"], left=left.left(parse_date("9999-12-31")))


@loan.command("list", help="@help.loan-list")
def loan_list(
    overdue: Annotated[bool, typer.Option("--overdue", help="@option.overdue")] = False,
    on: Annotated[Text, typer.Option("--on", metavar="DATE", help="@option.loan-on")] = None,
    book: Book = None,
    as_json: Json = False,
) -> None:
    """List the loans of a book, or those that are overdue."""
    where, day = session.book(book), _day(on)
    with session.workspace.read() as connection:
        found = [each for each in loans(connection, where).values() if each.day <= day]
    rows = [_data(each, day) for each in found if each.overdue(day) or not overdue]
    output = session.output(as_json=as_json)
    if output.data(rows):
        return
    lines = [
        row | {"purpose": purposes()[row["purpose"]].name(session.lang), "state": _state(output, row)} for row in rows
    ]
    columns = ["loan", "borrower", "loan-bank", "date", "due-on", "purpose", "amount", "loan-left", "state"]
    output.rows(lines, columns, numbers=["amount", "loan-left"])


@loan.command("show", help="@help.loan-show")
def loan_show(
    code: LoanArg,
    on: Annotated[Text, typer.Option("--on", metavar="DATE", help="@option.loan-on")] = None,
    book: Book = None,
    as_json: Json = False,
) -> None:
    """Show a loan, what was paid back, and the subsidy of each quarter."""
    where, day = session.book(book), _day(on)
    with session.workspace.read() as connection:
        found = need_loan(connection, where, code)
        before = paid(State(connection, where, drafts=False))
    quarters = [_quarter(found, each, before, day) for each in _quarters(found, day)]
    output = session.output(as_json=as_json)
    row = _data(found, day)
    if output.data(row | {"repaid": [[str(on), fen] for on, fen in found.repaid], "quarters": quarters}):
        return
    output.pairs(
        {
            "loan": code,
            "borrower": row["borrower"],
            "loan-bank": found.bank,
            "date": row["date"],
            "due-on": row["due-on"],
            "purpose": " ".join([purposes()[found.purpose].name(session.lang), found.use]).strip(),
            "amount": yuan(found.amount),
            "loan-left": yuan(row["loan-left"]),
            "subsidised": yuan(found.subsidised),
            "rate": output.text("print.loan-rates", rate=found.rate, subsidy=found.subsidy_rate, days=found.day_count),
            "state": _state(output, row),
        }
    )
    output.rows(
        quarters,
        ["quarter", "days", "subsidy-due", "paid", "subsidy-left"],
        numbers=["subsidy-due", "paid", "subsidy-left"],
    )


@loan.command("subsidy", help="@help.loan-subsidy")
def loan_subsidy(
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="@argument.quarter")],
    book: Book = None,
    as_json: Json = False,
) -> None:
    """Compute the subsidy of a quarter, loan by loan, and what of it was paid."""
    where, of = session.book(book), read_quarter(quarter)
    with session.workspace.read() as connection:
        found = loans(connection, where)
        before = paid(State(connection, where, drafts=False))
    today = session.workspace.clock().date()
    rows = [_data(each, today) | _quarter(each, of, before, today) for each in found.values()]
    rows = [row for row in rows if row["subsidy-due"] or row["paid"]]
    output = session.output(as_json=as_json)
    if output.data(rows):
        return
    columns = ["loan", "borrower", "loan-bank", "days", "subsidy-due", "paid", "subsidy-left"]
    output.rows(rows, columns, numbers=["subsidy-due", "paid", "subsidy-left"])
    if rows:
        output.say(
            "print.subsidy-sum",
            quarter=of,
            due=sum(row["subsidy-due"] for row in rows),
            left=sum(row["subsidy-left"] for row in rows),
        )
    if of.end > today:
        output.say("print.subsidy-open", quarter=of, until=today)


def _told(
    command: str,
    kind: type[Request],
    act: Callable[..., Fact],
    typed: Mapping[str, Any],
    doc: Any,
    as_name: str | None,
    book: str | None,
    key: str | None,
) -> dict[str, Any]:
    """Record a fact of the register in one unit of work, once for a key."""
    desk = session.desk(as_name, book)
    asked = {name: value for name, value in typed.items() if value is not None}
    papers = [f"{sha256}/{suffix}/{size}" for sha256, suffix, size in desk.papers(doc or [])]
    today = session.workspace.clock().date().isoformat()
    request = kind.read({"date": today} | asked | {"documents": papers})

    def done(unit: Unit) -> dict[str, Any]:
        return shown(act(unit, desk.book, request, by=desk.user))

    # The name is personal data: what a key stands for is kept, and says nothing of it.
    content = {name: value for name, value in asked.items() if name not in {"borrower", "born"}}
    return desk.change(command, content | {"book": desk.book, "user": desk.user, "papers": papers}, done, key=key)


def _day(on: str | None) -> date:
    return parse_date(on) if on else session.workspace.clock().date()


def _data(of: Loan, day: date) -> dict[str, Any]:
    """Return a loan as JSON shows it: the borrower masked."""
    return {
        "loan": of.code,
        "borrower": masked(of.borrower) if of.borrower else "",
        "loan-bank": of.bank,
        "purpose": of.purpose,
        "date": of.day.isoformat(),
        "due-on": of.due.isoformat(),
        "rate": str(of.rate),
        "amount": of.amount,
        "subsidised": of.subsidised,
        "loan-left": of.left(day),
        "overdue": of.overdue(day),
        "fact": of.fact,
    }


def _quarter(of: Loan, quarter: Quarter, before: Mapping[tuple[str, str], int], day: date) -> dict[str, Any]:
    owed, done = due(of, quarter, until=day), before.get((of.code, str(quarter)), 0)
    days = sum((other - one).days for one, other, _ in stretches(of, quarter.start, min(quarter.end, day)))
    return {"quarter": str(quarter), "days": days, "subsidy-due": owed, "paid": done, "subsidy-left": owed - done}


def _quarters(of: Loan, day: date) -> list[Quarter]:
    """Return the quarters from that of the loan to that in which it is due, or is today."""
    last = min(of.due, day)
    found = [Quarter(of.day.year, (of.day.month + 2) // 3)]
    while found[-1].end <= last:
        end = found[-1].end
        found.append(Quarter(end.year, (end.month + 2) // 3))
    return found


def _state(output: Output, row: Mapping[str, Any]) -> str:
    if row["overdue"]:
        return output.text("print.loan-overdue", days=row["overdue"])
    return output.text("print.loan-open" if row["loan-left"] else "print.loan-repaid")


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(loan, name="loan")

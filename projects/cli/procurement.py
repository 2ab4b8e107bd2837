"""The command that records how the partner of a contract was found."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects.cli.facts import shown
from projects.cli.session import As, Book, Json, Key, Papers, Person, session
from projects.cli.words import ContractArg
from projects.procurement import record


def procurement(
    code: ContractArg,
    method: Annotated[str, typer.Option("--method", help="@option.procurement-method")],
    winner: Annotated[str, typer.Option("--winner", metavar="NAME", help="@option.procurement-winner")],
    price: Annotated[str, typer.Option("--price", metavar="AMOUNT", help="@option.procurement-price")],
    number: Annotated[str, typer.Option("--number", help="@option.procurement-number")],
    date: Annotated[str | None, typer.Option("--date", help="@option.procurement-date")] = None,
    tenderers: Annotated[str | None, typer.Option("--tenderers", metavar="N", help="@option.tenderers")] = None,
    estimate: Annotated[str | None, typer.Option("--estimate", metavar="AMOUNT", help="@option.estimate")] = None,
    start: Annotated[str | None, typer.Option("--start", metavar="DATE", help="@option.contract-start")] = None,
    finish: Annotated[str | None, typer.Option("--finish", metavar="DATE", help="@option.contract-finish")] = None,
    person: Person = False,
    doc: Papers = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record how the partner of a contract was found."""
    desk = session.desk(as_name, book)
    on = None if date is None else parse_date(date)
    papers = desk.papers(doc or [])
    said = {"method": method, "winner": winner, "price": price, "number": number}
    more = {"tenderers": tenderers, "estimate": estimate, "start": start, "finish": finish}
    said |= {name: value for name, value in more.items() if value}

    def act(unit: Unit) -> dict[str, Any]:
        day = on or unit.now.date()
        made = record(unit, desk.book, code, **said, on=day, by=desk.user, person=person, papers=papers)
        return shown(made)

    content = {"contract": code, **said, "date": date, "person": person, "papers": [each[0] for each in papers]}
    made = desk.change("procurement", content | {"book": desk.book, "user": desk.user}, act, key=key)
    output = session.output(as_json=as_json)
    if not output.data(made):
        facts = {"winner": made["data"]["winner"], "price": made["data"]["price"]}
        output.say("print.procured", fact=made["fact"], contract=code, method=output.text(f"method.{method}"), **facts)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("procurement", help="@help.procurement")(procurement)

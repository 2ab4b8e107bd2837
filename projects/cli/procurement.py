"""The command that records how the partner of a contract was found."""

from __future__ import annotations

from typing import Annotated

import typer

from projects.cli.session import As, Book, Json, Key, Note, Papers, Person, session
from projects.cli.words import ContractArg
from projects.telling import procure


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
    note: Note = None,
    doc: Papers = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record how the partner of a contract was found."""
    said = {"contract": code, "method": method, "winner": winner, "price": price, "number": number}
    more = {"tenderers": tenderers, "estimate": estimate, "start": start, "finish": finish, "note": note}
    typed = said | {name: value for name, value in more.items() if value} | {"date": date, "person": person}
    made = procure(session.desk(as_name, book), typed, key=key, papers=doc or ())
    output = session.output(as_json=as_json)
    if not output.data(made):
        facts = {"winner": made["data"]["winner"], "price": made["data"]["price"]}
        output.say("print.procured", fact=made["fact"], contract=code, method=output.text(f"method.{method}"), **facts)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("procurement", help="@help.procurement")(procurement)

"""The command that tells what is late and what runs dry, so that nobody has to remember it."""

from __future__ import annotations

from dataclasses import asdict

import typer

from ledger import messages
from ledger.money import yuan
from ledger.text import parse_date
from projects.cli.life_table import On
from projects.cli.session import Book, Json, session
from projects.late import dry
from projects.late import late as late_of
from projects.status import status


def late(on: On = None, book: Book = None, as_json: Json = False) -> None:
    """List what is late on a day: since when, by which rule, what to do; and what runs dry."""
    where, when = session.book(book), parse_date(on) if on else session.workspace.clock().date()
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        found, short = late_of(connection, where, when), dry(status(connection, where))
    told = [
        asdict(each)
        | {
            "days": each.days(when),
            "says": messages.phrase(each.says, session.lang),
            "do": messages.phrase(each.do, session.lang),
        }
        for each in found
    ]
    if output.data({"late": told, "dry": [asdict(each) for each in short]}):
        return
    rows = [each | {"late_kind": output.text(f"late.kind.{each['kind']}"), "late": each["days"]} for each in told]
    output.rows(rows, ["late_kind", "since", "late", "project", "says", "do"])
    for each in short:
        facts = {name: yuan(getattr(each, name)) for name in ("needed", "have", "coming", "whole")}
        output.say(f"late.dry.{each.kind}", project=each.project, channel=each.channel, **facts)


def add_to(app: typer.Typer) -> None:
    """Put this command into the command line."""
    app.command("late", help="@help.late")(late)

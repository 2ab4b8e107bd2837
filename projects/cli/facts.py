"""Commands of the facts: what was recorded around the money, on which paper, and what was taken back and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ledger import facts, log, messages
from ledger.facts import Fact
from projects import told
from projects.cli.session import As, Book, Date, Json, Key, session
from projects.desk import Desk
from projects.withdrawal import withdraw

fact = typer.Typer(no_args_is_help=True, help="@help.fact")

Label = Annotated[str, typer.Argument(metavar="FACT", help="@argument.fact")]
Office = Annotated[bool, typer.Option("--office", help="@option.of-office")]


@fact.command("list", help="@help.fact-list")
def fact_list(
    kind: Annotated[str | None, typer.Option("--kind", metavar="KIND", help="@option.fact-kind")] = None,
    subject: Annotated[str | None, typer.Option("--subject", metavar="CODE", help="@option.fact-subject")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="@option.fact-all")] = False,
    office: Office = False,
    book: Book = None,
    as_json: Json = False,
) -> None:
    """List what was recorded in a book's log, or in the office's."""
    of = _log(book, office=office)
    with session.workspace.read() as connection:
        kinds = [kind] if kind else []
        found = facts.facts(connection, of, *kinds, subject=subject, withdrawn=all_of_them)
        gone = {int(each.subject) for each in facts.facts(connection, of, facts.WITHDRAWAL, withdrawn=True)}
    output = session.output(as_json=as_json)
    if output.data([shown(each) | {"withdrawn": each.position in gone} for each in found]):
        return
    rows = [
        {
            "fact": each.label,
            "date": each.on,
            "what": name_of(each.kind) + (output.text("print.fact-withdrawn") if each.position in gone else ""),
            "about": each.subject,
            "by": each.by,
            "says": says(each.data),
        }
        for each in found
    ]
    output.rows(rows, ["fact", "date", "what", "about", "by", "says"])


@fact.command("show", help="@help.fact-show")
def fact_show(label: Label, office: Office = False, book: Book = None, as_json: Json = False) -> None:
    """Show a fact with all that it says."""
    of = _log(book, office=office)
    with session.workspace.read() as connection:
        found = facts.need(connection, of, label)
        back = [
            each
            for each in facts.facts(connection, of, facts.WITHDRAWAL, withdrawn=True)
            if each.subject == str(found.position)
        ]
    output = session.output(as_json=as_json)
    if output.data(shown(found) | {"withdrawn_by": back[0].label if back else None}):
        return
    output.pairs(
        {
            "fact": found.label,
            "what": name_of(found.kind),
            "about": found.subject,
            "date": found.on,
            "by": found.by,
            "recorded_at": found.at,
            "says": says(found.data),
            "documents": output.join(f"{sha256[:12]}{suffix} {size:,} B" for sha256, suffix, size in found.documents),
            "withdrawn_by": says(back[0].data) if back else "",
        }
    )


@fact.command("withdraw", help="@help.fact-withdraw")
def fact_withdraw(
    label: Label,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="@option.fact-reason")],
    date: Date = None,
    office: Office = False,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Take back what was recorded by mistake; it stays to be seen, with the reason."""
    desk = Desk(session.workspace, session.user(as_name), "" if office else session.book(book))
    made = withdraw(desk, label, reason=reason, on=date, key=key)
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.fact-taken-back", fact=f"F{made['subject']}", log=made["log"])


def _log(book: str | None, *, office: bool) -> str:
    return log.OFFICE if office else session.book(book)


def shown(found: Fact) -> dict[str, Any]:
    """Return a fact as JSON shows it."""
    return facts.plain(found)


def name_of(kind: str) -> str:
    """Return what a kind of fact is called."""
    key = f"told.{kind}"
    return session.text(key) if messages.has("projects", key, session.lang) else kind


def says(data: Mapping[str, Any]) -> str:
    """Return what a fact says, item by item; a commitment to a private value says nothing to a reader."""
    output = session.output()
    lines = {key: told.plain(value, session.lang) for key, value in data.items() if not key.endswith(facts.COMMITMENT)}
    return output.facts({key: value for key, value in lines.items() if value})


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(fact, name="fact")

"""The command that erases a person: it says what is concerned, asks, erases, and says what stays."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger import erasure
from ledger.erasure import Traces
from ledger.store import scrub
from ledger.store.workspace import Unit
from ledger.text import words
from projects.cli.asking import confirm
from projects.cli.output import Output
from projects.cli.session import As, Json, session
from projects.desk import Desk
from projects.web.unfinished import Forms

Yes = Annotated[bool, typer.Option("--yes", help="@option.yes")]


def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="@argument.person")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="@option.erase-reason")],
    as_name: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase a person's full name from the record; what is sealed stays, and still verifies."""
    workspace = session.workspace
    desk = Desk(workspace, session.user(as_name))
    output = session.output(as_json=as_json)
    with workspace.read() as connection:
        traces = erasure.check(connection, person, user=desk.user, reason=reason)
    if not as_json:
        output.say("print.erase-before", **_counts(traces, output))
    confirm(yes=yes)

    def act(unit: Unit) -> dict[str, Any]:
        done = erasure.erase(unit, person, user=desk.user, reason=reason)
        return {"values": [vars(each) for each in done.values], "books": list(done.books), "vouchers": done.vouchers}

    scrub.announce(workspace)
    done = desk.change("erase", {}, act)
    clean = scrub.scrub(workspace)
    unfinished = Forms(workspace.path, workspace.clock).forget(words(person, "person"))
    papers = [{"book": book, "number": number, "file": name} for book, number, name in traces.papers]
    if output.data(
        done | {"documents": papers, "elsewhere": list(traces.elsewhere), "clean": clean, "unfinished": unfinished}
    ):
        return
    output.say("print.erased" if clean else "print.erased-later", **_counts(traces, output))
    for paper in papers:
        output.say("print.erase-paper", **paper)
    if unfinished:
        output.say("print.erase-unfinished", count=unfinished)
    if traces.elsewhere:
        output.say("print.erase-elsewhere", elsewhere=output.join(traces.elsewhere))
    if workspace.database:
        output.say("print.erase-database")
    output.say("print.erase-outside")


def _counts(traces: Traces, output: Output) -> dict[str, Any]:
    return {"values": len(traces.values), "vouchers": traces.vouchers, "books": output.join(traces.books)}


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("erase", help="@help.erase")(erase)

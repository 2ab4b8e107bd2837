"""The command that reconciles a bank account with a statement: shown first, recorded where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any

import typer

from importers.banks import Statement, read_statement
from importers.errors import FileRefused
from ledger import messages, register
from ledger.errors import Refusal
from ledger.store import files
from projects.cli.output import Output
from projects.cli.reconciled import as_data, close, show
from projects.cli.session import As, Book, Json, Key, session
from projects.desk import Desk
from projects.reconciliation import wording
from projects.reconciliation.at_desk import PROFILES, keep, last_day, reread, suggestions
from projects.reconciliation.reconcile import Reconciliation, reconcile
from projects.reconciliation.suggestions import Suggestion
from projects.reconciliation.workbook import write


def reconcile_command(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="@argument.bank-account")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="@argument.statement")],
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="@option.reconcile-until")] = None,
    commit: Annotated[bool, typer.Option("--commit", help="@option.reconcile-commit")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="@option.reconcile-draft")] = False,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="@option.reconcile-xlsx")] = None,
    importer: Annotated[str | None, typer.Option("--importer", metavar="MODULE:NAME", help="@option.importer")] = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Reconcile a bank account with a statement."""
    output = session.output(as_json=as_json)
    at = session.book(book)
    user = session.user(as_name) if commit or draft else ""
    with session.workspace.read() as connection:
        register.need_book(connection, at)
        register.need_bank(connection, at, account)
    statement = _read(output, file, importer)
    day = last_day(statement, until, today=session.workspace.clock().date())
    with session.workspace.read() as connection:
        found = reconcile(connection, at, account, statement, until=day, reread=reread(session.workspace))
    suggested = suggestions(found, at)
    recorded: dict[str, Any] = {}
    if commit:
        recorded = keep(Desk(session.workspace, user, at), account, statement, until=day, file=file, key=key)
    drafts = _draft(suggested, at, user) if draft else []
    if xlsx is not None:
        _workbook(xlsx, found, at, output)
    if output.data(as_data(found, suggested, recorded, drafts, at)):
        return
    show(output, found, suggested, file=file, book=at)
    for each in drafts:
        output.say("reconcile.drafted" if each["draft"] else "reconcile.undrafted", **each)
    if xlsx is not None:
        output.say("reconcile.written", path=xlsx)
    close(output, found, recorded, committed=commit, drafted=bool(drafts))


def _read(output: Output, file: Path, importer: str | None) -> Statement:
    """Return the statement; what is wrong with it is told problem by problem before it is refused."""
    try:
        with output.progress(lambda _name: output.text("reconcile.reading")) as tell:
            if importer:
                from importers.banks.plug import from_importer

                return from_importer(importer, file)
            far = lambda share: tell("", int(share * 100), 100)  # noqa: E731 - one line is what it is
            return read_statement(file, folder=session.workspace.path / PROFILES, progress=far)
    except FileRefused as refused:
        if not output.as_json:
            for problem in refused.problems:
                output.line(messages.explain(problem, output.lang))
        raise


def _draft(suggestions: Sequence[Suggestion], book: str, user: str) -> list[dict[str, Any]]:
    """Draft what is surely suggested, line by line: one that is refused does not keep the others from being drafted."""
    made = []
    desk = Desk(session.workspace, user, book)
    for each in suggestions:
        if each.typed is None or not each.guess.sure:
            continue
        told: dict[str, Any] = {"row": each.line.row, "date": each.line.date, "amount": each.line.amount}
        try:
            answer = desk.record(each.verb, each.typed, key=each.key)
            made.append(told | {"draft": answer["draft"], "narration": answer["narration"], "because": ""})
        except Refusal as refusal:
            because = messages.explain(refusal, session.lang)
            made.append(told | {"draft": "", "narration": "", "because": because})
    return made


def _workbook(path: Path, found: Reconciliation, book: str, output: Output) -> None:
    heads, rows = wording.sheet(found, output.text)
    with session.workspace.read() as connection:
        title = wording.title(connection, book, found, output.text)
    say = lambda name, **facts: output.text(f"reconcile.{name}", **facts)  # noqa: E731 - one line is what it is
    made = BytesIO()
    write(made, found.now, rows, title=title, heads=heads, say=say)
    files.put(path, made.getvalue())


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("reconcile", help="@help.reconcile")(reconcile_command)

"""Commands that close a month and open it again."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger import closed, signing
from ledger.statements.period import month as read_month
from projects.cli.office_key import passphrase
from projects.cli.session import As, Book, Json, Key, session
from projects.months import close_month, reopen_month

MonthArg = Annotated[str | None, typer.Argument(metavar="MONTH", help="@argument.month")]


def close(
    month: MonthArg = None,
    reason: Annotated[str, typer.Option("--reason", help="@option.close-reason")] = "",
    no_checkpoint: Annotated[bool, typer.Option("--no-checkpoint", help="@option.no-checkpoint")] = False,
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Close a month and sign a checkpoint behind it where the office has a key; without a month show what is closed."""
    output = session.output(as_json=as_json)
    if month is None:
        _show(session.book(at), as_json=as_json)
        return
    period = read_month(month)
    desk = session.desk(session.user(as_name), at)
    path = session.workspace.path
    signs = (path / signing.KEY).is_file() and not no_checkpoint
    signer = signing.load_key(path, passphrase()) if signs else None
    made = close_month(desk, period, reason=reason, signer=signer, key=key)
    if output.data(made):
        return
    output.say("print.closed", book=desk.book, month=period.name, count=made["vouchers"], position=made["position"])
    output.say("print.closed-signed" if made["note"] else "print.closed-unsigned", book=desk.book, month=period.name)


def reopen(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="@argument.month")],
    reason: Annotated[str, typer.Option("--reason", help="@option.reopen-reason")],
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Open the month that was closed last again, as long as no checkpoint has signed its close."""
    output = session.output(as_json=as_json)
    period = read_month(month)
    desk = session.desk(session.user(as_name), at)
    made = reopen_month(desk, period, reason=reason, key=key)
    if not output.data(made):
        output.say("print.reopened", book=desk.book, month=period.name, position=made["position"])


def _show(book: str, *, as_json: bool) -> None:
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        found = closed.deeds(connection, book)
        rows = [
            {
                "month": each.data["month"],
                "what": output.text(f"print.deed-{each.data['deed']}"),
                "voucher-count": str(each.data["vouchers"]) if each.data["deed"] == closed.CLOSE else "",
                "by": each.data["by"],
                "at": each.data["at"],
                "reason": each.data["reason"],
            }
            for each in found
        ]
    output.rows(rows, ["month", "what", "voucher-count", "by", "at", "reason"])


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("close", help="@help.close")(close)
    app.command("reopen", help="@help.reopen")(reopen)

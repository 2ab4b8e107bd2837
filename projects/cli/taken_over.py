"""A Beancount ledger on the command line: its balances with what each is here, and with --commit their openings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from importers import beans
from importers.beans import Book
from ledger import messages
from ledger.text import parse_date
from projects import takeover
from projects.cli import understood
from projects.cli.output import Output
from projects.cli.session import session
from projects.desk import Desk
from projects.takeover import Line, Takeover


def take_ledger(
    output: Output,
    desk: Desk | None,
    book: str,
    file: Path,
    accounts: Mapping[str, str],
    *,
    date: str | None,
    key: str | None,
) -> None:
    """Print what stood on the accounts of a ledger and what it is here; at a desk its openings are drafted."""
    seen = beans.read(file, day=parse_date(date) if date else None)
    found = Takeover(tuple(map(Line, seen.balances)), {}, ())
    if book:
        with session.workspace.read() as connection:
            found = takeover.consider(connection, book, seen, accounts, _say)
    if not output.as_json:
        _show(output, seen, found)
    taken = takeover.take(desk, file, seen, accounts, key=key) if desk else None
    if not output.data(_told(output, seen, found) | {"file": str(file), "book": book, "taken": taken}):
        _conclude(output, found, taken)


def _say(key: str, /, **facts: object) -> str:
    return messages.text("projects", f"narration.{key}", session.workspace.settings.language, **facts)


def _rows(found: Takeover) -> list[dict[str, Any]]:
    return [
        {
            "account": each.balance.account,
            "commodity": each.balance.commodity,
            "amount_fen": each.balance.fen,
            "number": each.balance.number,
            "project": each.project,
            "role": each.role,
            "channel": each.channel,
            "fate": each.fate,
        }
        for each in found.lines
    ]


def _told(output: Output, seen: Book, found: Takeover) -> dict[str, Any]:
    odd = [{"kind": each.kind, "file": each.file, "line": each.line, "text": each.text} for each in seen.odd]
    return {
        "kind": "ledger",
        "date": seen.day.isoformat(),
        "later": seen.after,
        "rows": _rows(found),
        "openings": dict(found.openings),
        "warnings": odd,
        "problems": [understood.problem(each, output.lang) for each in found.problems],
    }


def _show(output: Output, seen: Book, found: Takeover) -> None:
    output.say("print.ledger", date=seen.day, count=len(found.lines), files=len(seen.files))
    rows = [
        row | {"amount": row["number"], "fate": output.text(f"fate.{row['fate']}")} | {"ledger-role": row["role"]}
        for row in _rows(found)
    ]
    columns = ["account", "commodity", "amount", "project", "ledger-role", "channel", "fate"]
    output.rows(rows, columns, numbers=["amount"])
    for project, lines in found.openings.items():
        output.say("print.ledger-opening", project=project, lines=output.join(lines))
    if seen.after:
        output.say("print.ledger-later", count=seen.after, date=seen.day)
    for each in seen.odd:
        said = output.text(f"print.ledger-{each.kind}", file=each.file, row=each.line, text=each.text)
        output.check("warning", "", said, width=0)
    understood.say_doubts(output, (), found.problems)


def _conclude(output: Output, found: Takeover, taken: dict[str, Any] | None) -> None:
    """Print what was done, or what to do next."""
    if taken is not None:
        output.say("print.ledger-done", drafts=output.join(taken["drafts"]), book=taken["book"])
    elif found.problems:
        output.say("print.import-stopped", count=len(found.problems))
    elif found.openings:
        output.say("print.ledger-next", count=len(found.openings))

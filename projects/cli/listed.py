"""Lists on the command line: shown with people masked, and with --commit recorded as facts."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from ledger.text import parse_date
from projects import list_rows, listings
from projects.cli import understood
from projects.cli.output import Output
from projects.cli.session import session
from projects.desk import Desk
from projects.indicators import indicators_of
from projects.listings import Intake, Receipt, Seen


def take_list(
    output: Output,
    desk: Desk | None,
    book: str,
    file: Path,
    seen: Seen,
    *,
    project: str,
    skip: frozenset[int],
    date: str | None,
    receipt: Receipt | None,
    key: str | None,
) -> None:
    """Print a list with the fate of each row; at a desk it is taken."""
    on = parse_date(date) if date else None
    with session.workspace.read() if book else nullcontext() as connection:
        intake = None
        if connection is not None:
            known, day = indicators_of(session.workspace.path), on or session.workspace.clock().date()
            hashed = listings.hash_of(file)
            intake = listings.consider(connection, book, seen, file=hashed, indicators=known, on=day, skip=skip)
    if not output.as_json:
        _show(output, seen, intake)
    taken = None
    if desk:
        taken = listings.take(desk, file, seen, project=project, on=on, skip=skip, receipt=receipt, key=key)
    if not output.data(_told(output, seen, intake) | {"file": str(file), "book": book, "taken": taken}):
        _conclude(output, file, intake, taken)


def _told(output: Output, seen: Seen, intake: Intake | None) -> dict[str, Any]:
    totals, doubts, problems = list_rows.checked(seen, intake)
    return {
        "kind": listings.kind_of(seen),
        "rows": list_rows.rows(seen, intake),
        "totals": [understood.total(each) for each in totals],
        "warnings": [understood.doubt(each, output.lang) for each in doubts],
        "problems": [understood.problem(each, output.lang) for each in problems],
    }


def _show(output: Output, seen: Seen, intake: Intake | None) -> None:
    rows = list_rows.rows(seen, intake)
    output.say("print.import-list", kind=output.text(f"list.{listings.kind_of(seen)}"), count=len(rows))
    amounts = [{"amount": "" if row["amount_fen"] is None else row["amount_fen"]} for row in rows]
    fates = [{"fate": output.text(f"fate.{row['fate']}")} for row in rows]
    shown = [row | amount | fate for row, amount, fate in zip(rows, amounts, fates, strict=True)]
    output.rows(shown, ["row", "name", "place", "amount", "fate"], numbers=["amount"])
    totals, doubts, problems = list_rows.checked(seen, intake)
    for total in totals:
        if total.stated == total.computed:
            understood.say_total(output, total)
    understood.say_doubts(output, doubts, problems)


def _conclude(output: Output, file: Path, intake: Intake | None, taken: dict[str, Any] | None) -> None:
    """Print what was done, or what to do next."""
    if intake is None:
        return
    if taken is None and intake.problems:
        output.say("print.import-stopped", count=len(intake.problems))
    elif taken is None and intake.new:
        output.say("print.import-list-next", count=len(intake.new))
    elif taken is None or not taken["facts"]:
        output.say("print.import-list-nothing", path=file)
    else:
        facts = {"count": taken["rows"], "first": taken["facts"][0], "last": taken["facts"][-1]}
        output.say("print.import-list-done", **facts, book=taken["book"])
        for label in taken["drafts"]:
            output.say("print.import-list-receipt", draft=label, book=taken["book"])

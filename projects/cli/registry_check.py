"""Commands that look over what is registered: whether it can be true, and what those who answer for it made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from importers import plans
from ledger import messages
from ledger.errors import ChoiceUnknown, Names
from projects.cli.session import Book, Json, session
from projects.errors import YearUnreadable
from projects.life import claims, scorecards, soundness
from projects.life.claims import Finding
from projects.types import types_of

FOUND = 3
"""The exit code where something was found, as that of verify."""

registry = typer.Typer(no_args_is_help=True, help="@help.registry")


@registry.command("check", help="@help.registry-check")
def registry_check(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="@argument.claims")] = None,
    book: Book = None,
    as_json: Json = False,
) -> int:
    """Report what cannot be true, in files of plans and claims, or in the registers of a book."""
    output = session.output(as_json=as_json)
    found = [each for path in files for each in _of_file(path)] if files else _of_book(book)
    rows = [
        {"source": each.source, "what": each.what, "says": messages.phrase(each.says, session.lang)} for each in found
    ]
    if not output.data({"findings": rows}):
        if rows:
            shown = [
                {"claim-source": each["source"], "claim-about": each["what"], "says": each["says"]} for each in rows
            ]
            output.rows(shown, ["claim-source", "claim-about", "says"])
        output.say("print.claims-found" if rows else "print.claims-none", count=len(rows))
    if rows:
        raise typer.Exit(FOUND)
    return 0


def scorecard(
    by: Annotated[str, typer.Option("--by", metavar="village|unit|person", help="@option.score-by")] = "village",
    year: Annotated[str | None, typer.Option("--year", metavar="YEAR", help="@option.score-year")] = None,
    as_json: Json = False,
) -> None:
    """Show what villages, units or persons made of the projects that they answer for."""
    if by not in scorecards.GROUPS:
        raise ChoiceUnknown(about="score-by", text=by, choices=Names(scorecards.GROUPS))
    if year is not None and not (len(year) == 4 and year.isascii() and year.isdigit()):  # noqa: PLR2004 - a year
        raise YearUnreadable(text=year)
    output = session.output(as_json=as_json)
    today, types = session.workspace.clock().date(), types_of(session.workspace.path)
    with session.workspace.read() as connection:
        found = list(scorecards.cards(connection, today, types, year=int(year) if year else None))
    sums = scorecards.scores(found, by)
    if output.data({"by": by, "scores": [vars(each) for each in sums], "projects": [vars(each) for each in found]}):
        return
    rows = [_row(vars(each)) for each in sums]
    columns = ["score-of", "projects", "due-by-now", "accepted", "on_time", "on_budget", "late_days", "lying-idle"]
    output.rows(rows, columns, numbers=["lying-idle"])
    output.say("print.score-idle")


def _row(score: dict[str, Any]) -> dict[str, Any]:
    named = {
        **score,
        "lying-idle": score["idle"],
        "score-of": score["of"] or session.text("print.score-nobody"),
        "due-by-now": score["due"],
    }
    return {
        key: str(value) if isinstance(value, int) and key != "lying-idle" else value for key, value in named.items()
    }


def _of_file(path: Path) -> list[Finding]:
    if path.suffix.lower() == ".toml":
        return list(claims.findings(claims.read_claims(path)))
    return list(claims.of_plan(plans.read(path)))


def _of_book(book: str | None) -> list[Finding]:
    where, today = session.book(book), session.workspace.clock().date()
    with session.workspace.read() as connection:
        return list(soundness.findings(connection, where, today, types_of(session.workspace.path)))


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(registry, name="registry")
    app.command("scorecard", help="@help.scorecard")(scorecard)

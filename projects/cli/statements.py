"""Commands that draw up statements: on the screen, as a table for programs, as a sheet that is printed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from ledger.money import yuan
from ledger.statements import STATEMENTS, Period, text
from ledger.statements import period as periods
from ledger.store import files
from ledger.text import visible
from projects.cli.output import Output
from projects.cli.session import Book, Json, session
from projects.errors import UsageWrong
from projects.statements.drawn import as_pdf, drawn
from projects.statements.form import Form, named
from projects.statements.workbook import workbook

Month = Annotated[str | None, typer.Option("--month", metavar="MONTH", help="@option.statement-month")]
Year = Annotated[str | None, typer.Option("--year", metavar="YEAR", help="@option.statement-year")]


def statement_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="@argument.statement-name")],
    month: Month = None,
    year: Year = None,
    at: Book = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="@option.statement-csv")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="@option.statement-xlsx")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="@option.statement-pdf")] = None,
    as_json: Json = False,
) -> None:
    """Draw up a statement of a book for a month or a year."""
    output = session.output(as_json=as_json)
    which, period = named(name), _period(month, year, "earmark statement")
    made, printed = _made(which, session.book(at), period)
    contents: dict[Path, bytes] = {}
    if csv is not None:
        contents[csv] = text(made.statement).encode()
    if xlsx is not None:
        contents[xlsx] = workbook(printed)
    if pdf is not None:
        contents[pdf] = as_pdf(printed, session.lang)
    _write(contents)
    columns = made.statement.columns
    rows = [dict(zip(columns, row, strict=True)) for row in made.rows]
    if output.data({"statement": which, "period": period.name, "rows": rows}):
        return
    if not contents:
        _show(output, made)
    for path in contents:
        output.say("print.statement-written", title=made.title, period=period.name, path=path)


def statements_command(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="@option.statements-out")],
    with_pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="@option.statements-pdf")] = True,
    month: Month = None,
    year: Year = None,
    at: Book = None,
) -> None:
    """Draw up all statements of a book for a month or a year into a folder."""
    period, book = _period(month, year, "earmark statements"), session.book(at)
    contents: dict[Path, bytes] = {}
    for name in STATEMENTS:
        made, printed = _made(name, book, period)
        stem = f"{book}-{period.name}-{name}"
        contents[out / f"{stem}.csv"] = text(made.statement).encode()
        contents[out / f"{stem}.xlsx"] = workbook(printed)
        if with_pdf:
            contents[out / f"{stem}.pdf"] = as_pdf(printed, session.lang)
    _write(contents)
    session.output().say("print.statements-written", count=len(STATEMENTS), period=period.name, path=out)


def _period(month: str | None, year: str | None, command: str) -> Period:
    """Return the month or the year that was named.

    Raises:
        UsageWrong: neither or both were named.
        PeriodUnreadable: it is none.
    """
    if (month is None) == (year is None):
        raise UsageWrong(about="period", name="", command=command, reason="")
    return periods.month(month) if month is not None else periods.year(year or "")


def _made(name: str, book: str, period: Period) -> tuple[Form, Form]:
    """Return a statement as it is read, and as its form is printed."""
    with session.workspace.read() as connection:
        return drawn(connection, book, name, period, session.lang)


def _write(contents: Mapping[Path, bytes]) -> None:
    """Write files that are all made, so that a refusal leaves none."""
    for path, content in contents.items():
        files.put(path, content, shared=True)


def _show(output: Output, made: Form) -> None:
    output.line(f"■ {made.title}")
    output.line(f"{made.unit}　{made.period}　{made.currency}")
    columns, money = made.statement.columns, made.statement.money
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column, head in zip(columns, made.heads, strict=True):
        right = column in money
        table.add_column(head, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in made.rows:
        cells = [(yuan(cell) if cell else "—") if isinstance(cell, int) else visible(cell) for cell in row]
        table.add_row(*map(Text, cells))
    output.table(table)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("statement", help="@help.statement")(statement_command)
    app.command("statements", help="@help.statements")(statements_command)

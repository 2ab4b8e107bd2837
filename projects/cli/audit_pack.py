"""The command that draws up the pack of an audit: of a year, or of somebody's term."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ledger import register
from ledger.errors import PeriodUnreadable
from ledger.statements import Period
from ledger.statements import period as periods
from ledger.store import files
from ledger.text import parse_date, words
from projects.audit.pack import Scope, Working, pack
from projects.cli.session import Book, Json, session
from projects.errors import UsageWrong
from projects.indicators import indicators_of
from projects.statements.paper import paper
from projects.statements.workbook import workbook


def pack_command(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="@option.pack-out")],
    year: Annotated[str | None, typer.Option("--year", metavar="YEAR", help="@option.pack-year")] = None,
    person: Annotated[str | None, typer.Option("--person", metavar="NAME", help="@option.pack-person")] = None,
    post: Annotated[str, typer.Option("--post", metavar="TEXT", help="@option.pack-post")] = "",
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="@option.pack-from")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="@option.pack-to")] = None,
    with_pdf: Annotated[bool, typer.Option("--pdf/--no-pdf", help="@option.statements-pdf")] = True,
    at: Book = None,
    as_json: Json = False,
) -> None:
    """Draw up the pack of a year's audit, or of the audit of somebody's term."""
    output = session.output(as_json=as_json)
    today = session.workspace.clock().date()
    period, name = _asked(year, person, since, until, today)
    code = session.book(at)
    with session.workspace.read() as connection:
        book = register.need_book(connection, code)
        _need_within(period, book, today)
        scope = Scope(book, period, session.lang, name, words(post, "name", needed=False))
        working = Working(connection, scope, today, indicators_of(session.workspace.path))
        forms = pack(working)
        findings = len(working.report.findings)
    stem = f"{code}-{'term-' if name else ''}{period.name.replace('/', '-')}-audit"
    contents = {out / f"{stem}.xlsx": workbook(*forms)}
    if with_pdf:
        title = f"{forms[0].title} {code} {period.name}"
        contents[out / f"{stem}.pdf"] = paper(forms, title=title, lang=session.lang, on=working.until).pdf
    for path, content in contents.items():
        files.put(path, content, shared=True)
    told = {"book": code, "since": period.since, "until": period.until, "sheets": len(forms), "findings": findings}
    if not output.data(told | {"files": [str(path) for path in contents]}):
        output.say("print.pack-written", paths=output.join(map(str, contents)), **told)


def _need_within(period: Period, book: register.Book, today: date) -> None:
    """Ask that something can have happened: a pack of empty sheets would look as if all were well.

    Raises:
        PeriodUnreadable: the period has not begun, or is over before the book begins.
    """
    if period.since > today.isoformat():
        raise PeriodUnreadable(about="ahead", text=period.name, today=today)
    if period.until < book.started_on:
        raise PeriodUnreadable(about="before", text=period.name, book=book.code, started=book.started_on)


def _asked(
    year: str | None, person: str | None, since: str | None, until: str | None, today: date
) -> tuple[Period, str]:
    """Return the period and whose term it is, "" for the audit of a year.

    Raises:
        UsageWrong: neither a year nor a person with the first day of the term was named, or both were.
        PeriodUnreadable: it is no year, or the term ends before it begins.
    """
    if (year is None) == (person is None) or (person is None) != (since is None) or (until and since is None):
        raise UsageWrong(about="pack", name="", command="earmark audit pack", reason="")
    if person is None or since is None:
        return periods.year(year or ""), ""
    last = parse_date(until) if until is not None else today
    return periods.span(parse_date(since), last), words(person, "name")

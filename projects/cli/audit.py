"""The command of the audit tests: list them, run them, print the working paper, explain and record what was found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import facts
from ledger.errors import ChoiceUnknown, Names
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects.audit import Finding, Report, run
from projects.audit.engine import need_test, tests
from projects.audit.paper import lacking, rule, write
from projects.audit.records import explain, record
from projects.cli.audit_pack import pack_command
from projects.cli.output import Output
from projects.cli.session import As, Book, Date, Json, Key, session
from projects.desk import Desk

FOUND = 3
"""The exit code of `--strict` where something was found that nobody explained."""

audit = typer.Typer(invoke_without_command=True, help="@help.audit")


@audit.callback()
def audit_command(
    context: typer.Context,
    only_list: Annotated[bool, typer.Option("--list", help="@option.audit-list")] = False,
    book: Book = None,
    year: Annotated[str | None, typer.Option("--year", metavar="YYYY", help="@option.audit-year")] = None,
    test: Annotated[list[str] | None, typer.Option("--test", metavar="CODE", help="@option.audit-test")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="@option.audit-xlsx")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="@option.audit-strict")] = False,
    to_record: Annotated[bool, typer.Option("--record", help="@option.audit-record")] = False,
    as_name: As = None,
    as_json: Json = False,
) -> None:
    """List the audit tests, or run them and show what they found."""
    if context.invoked_subcommand is not None:
        return
    output = session.output(as_json=as_json)
    if only_list:
        _list(output)
        return
    books, of = None if book is None else [session.book(book)], _year(year)
    chosen = None if test is None else [need_test(each).code for each in test]
    with session.workspace.read() as connection:
        made = run(connection, on=session.workspace.clock().date(), books=books, year=of, only=chosen)
    if xlsx is not None:
        write(xlsx, made, output.lang)
    recorded = _record(made, session.user(as_name)) if to_record else []
    if not output.data(report_data(made, output) | {"recorded": recorded}):
        _print(output, made)
        for each in recorded:
            output.say("print.audit-recorded", fact=each["fact"], book=each["log"])
        if xlsx is not None:
            output.say("reconcile.written", path=xlsx)
    if strict and any(each.explained is None for each in made.findings):
        raise typer.Exit(FOUND)


@audit.command("explain", help="@help.audit-explain")
def audit_explain(
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="@argument.finding")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="@option.audit-reason")],
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="@option.audit-person")] = "",
    date: Date = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record why a finding is none; it shows as explained."""
    user = session.user(as_name)
    on = None if date is None else parse_date(date)

    def act(unit: Unit) -> dict[str, Any]:
        day = on or unit.now.date()
        return facts.plain(explain(unit, finding, reason=reason, person=person, on=day, by=user))

    content = {"finding": finding, "reason": reason, "person": person, "date": date, "user": user}
    of = [*finding.split("/"), ""][1]
    made = Desk(session.workspace, user, of).change("audit explain", content, act, key=key)
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.audit-explained", finding=finding, fact=made["fact"])


def report_data(made: Report, output: Output) -> dict[str, Any]:
    """Return a run as JSON shows it; amounts are fen."""
    return {
        "date": made.on,
        "year": made.year,
        "books": list(made.books),
        "tests": [
            {
                "test": each.test.code,
                "title": each.test.title(output.lang),
                "severity": each.test.severity,
                "rule": rule(each, output.lang),
                "population": each.population,
                "ran": each.ran,
                "lacking": dict(each.lacking),
                "findings": [_finding_data(finding, output) for finding in each.findings],
            }
            for each in made.results
        ],
    }


def _finding_data(each: Finding, output: Output) -> dict[str, Any]:
    return {
        "finding": each.id,
        "book": each.hit.book,
        "project": each.hit.project,
        "date": each.hit.on,
        "amount_fen": each.hit.amount,
        "vouchers": list(each.hit.vouchers),
        "reason": each.reason(output.lang),
        "clears": each.test.clears(output.lang),
        "explained": facts.plain(each.explained) if each.explained else None,
    }


def _list(output: Output) -> None:
    told = [
        {
            "test": each.code,
            "title": each.title(output.lang),
            "severity": each.severity,
            "rule": each.source(output.lang),
            "document": each.document,
            "number": each.number,
            "mark": each.mark,
            "policy": each.policy,
            "parameters": dict(each.parameters),
            "needs": list(each.needs),
            "clears": each.clears(output.lang),
        }
        for each in tests().values()
    ]
    if output.data(told):
        return
    rows = [each | {"severity": output.text(f"severity.{each['severity']}")} for each in told]
    output.rows(rows, ["test", "title", "severity", "rule", "clears"])


def _print(output: Output, made: Report) -> None:
    for result in made.results:
        if not result.findings:
            continue
        level = output.text(f"severity.{result.test.severity}")
        facts_of = {"title": result.test.title(output.lang), "severity": level, "count": len(result.findings)}
        output.say("print.audit-test", test=result.test.code, **facts_of)
        output.sentence(rule(result, output.lang), indent=2)
        for each in result.findings:
            output.sentence(f"{each.id}  {each.hit.on}  {each.reason(output.lang)}", indent=2)
            if each.explained:
                said = each.explained.data
                facts_of = {"fact": each.explained.label, "person": said["explained-by"], "reason": said["reason"]}
                output.sentence(output.text("print.audit-says", date=each.explained.on, **facts_of), indent=4)
        output.sentence(output.text("print.audit-clears", clears=result.test.clears(output.lang)), indent=2)
    for result in made.results:
        if result.lacking:
            output.say("print.audit-lacking", test=result.test.title(output.lang), lacking=lacking(result))
    counts = {"tests": len(made.results), "findings": len(made.findings)}
    output.say("print.audit-sum", on=made.on, books=output.join(made.books), **counts)


def _record(made: Report, user: str) -> list[dict[str, Any]]:
    """Record a run in each of its books."""
    recorded = []
    for book in made.books:

        def act(unit: Unit, of: str = book) -> dict[str, Any]:
            return facts.plain(record(unit, made, of, by=user))

        recorded.append(Desk(session.workspace, user, book).change("audit", {"book": book, "user": user}, act))
    return recorded


def _year(typed: str | None) -> int | None:
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) == len("2024") and typed > "1900"):
        raise ChoiceUnknown(about="audit-year", text=typed, choices=Names(["2024", "2025"]))
    return int(typed)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    audit.command("pack", help="@help.audit-pack")(pack_command)
    app.add_typer(audit, name="audit")

"""The command that takes files in: what was understood of them first, and with --commit all of it or none."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from importers import reader, tables
from importers.lists import Listing
from importers.oc4ids import StandardProject
from importers.tables import Mapping, Reading, mapping
from ledger import messages
from ledger.errors import WorkspaceMissing
from ledger.store import files
from ledger.text import code, words
from projects import intake
from projects.cli import listed, taken_over, understood
from projects.cli.output import Output
from projects.cli.session import As, Book, Date, Json, Key, session
from projects.errors import BookMissing, ImportRowUnknown, PartUnreadable
from projects.intake import Fate, Intake, Wish
from projects.listings import Receipt
from projects.recognised import LEDGERS, recognise

TAKEN_KINDS = "projects"
Pairs = list[str] | None


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="@argument.import-file")],
    commit: Annotated[bool, typer.Option("--commit", help="@option.import-commit")] = False,
    channel: Annotated[
        Pairs, typer.Option("--channel", metavar="[NAME=]CHANNEL", help="@option.import-channel")
    ] = None,
    unit: Annotated[str, typer.Option("--unit", metavar="元|万元", help="@option.import-unit")] = "",
    column: Annotated[Pairs, typer.Option("--column", metavar="HEADING=KIND", help="@option.import-column")] = None,
    account: Annotated[
        Pairs, typer.Option("--account", metavar="ACCOUNT=PROJECT/ROLE[:DETAIL]/CHANNEL", help="@option.import-account")
    ] = None,
    kept: Annotated[str, typer.Option("--mapping", metavar="NAME", help="@option.import-mapping")] = "",
    keep: Annotated[bool, typer.Option("--keep-mapping", help="@option.import-keep")] = False,
    only: Annotated[str, typer.Option("--only", metavar="PLACE", help="@option.import-only")] = "",
    project: Annotated[str, typer.Option("--project", metavar="CODE", help="@option.import-project")] = "",
    top_up: Annotated[Pairs, typer.Option("--top-up", metavar="ROW", help="@option.import-top-up")] = None,
    skip: Annotated[Pairs, typer.Option("--skip", metavar="ROW", help="@option.import-skip")] = None,
    no_allot: Annotated[bool, typer.Option("--no-allot", help="@option.import-no-allot")] = False,
    cash: Annotated[bool, typer.Option("--cash", help="@option.import-cash")] = False,
    number: Annotated[str, typer.Option("--number", help="@option.number")] = "",
    date: Date = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Show what a file of projects holds, and with --commit take it."""
    output = session.output(as_json=as_json)
    desk = session.desk(as_name, book) if commit else None
    where = desk.book if desk else _book(book)
    path = _kept_at(kept) if kept or keep else None
    known = mapping.load(path) if path and path.exists() else Mapping()
    known |= mapping.make(_pairs(column or []), unit, _pairs(channel or [], bare=True), _pairs(account or []))
    rows_out = frozenset(_row(each) for each in skip or [])
    if file.suffix.lower() in LEDGERS:
        taken_over.take_ledger(output, desk, where, file, known.accounts, date=date, key=key)
        if path and keep:
            files.put(path, mapping.text(known).encode(), shared=True)
        return
    seen_file = _look(output, file)
    if not isinstance(seen_file, reader.Workbook):
        receipt = Receipt(code(known.channels[""], "channel"), cash) if known.channels.get("") else None
        listed.take_list(
            output, desk, where, file, seen_file, project=project, skip=rows_out, date=date, receipt=receipt, key=key
        )
        return
    reading = tables.read(seen_file, path=file, mapping=known)
    wish = Wish(
        channels=known.channels,
        only=only,
        top_up=frozenset(_row(each) for each in top_up or []),
        skip=rows_out,
        allot=not no_allot,
        number=words(
            number or next((each.document for each in reading.tables if each.document), ""), "number", needed=False
        ),
        date=date,
    )
    with session.workspace.read() if where else nullcontext() as connection:
        seen = intake.consider(connection, where, reading, wish)
    if not as_json:
        show(output, reading, seen)
    taken = intake.take(desk, file, reading, wish, key=key) if desk else None
    if path and keep:
        files.put(path, mapping.text(known).encode(), shared=True)
    if not output.data(told(reading, seen, session.lang) | {"file": str(file), "book": where, "taken": taken}):
        _conclude(output, seen, taken, file)
        if path and keep:
            output.say("print.import-kept", name=kept)


def _look(output: Output, file: Path) -> reader.Workbook | Listing | tuple[StandardProject, ...]:
    """Return a file's sheets, or what they are if they hold no projects; on a terminal a bar shows how far it is."""
    with output.progress(lambda name: output.text(f"print.import-{name}")) as tell:
        return recognise(file, progress=lambda share: tell("reading", int(share * 100), 100))


def told(reading: Reading, seen: Intake, lang: messages.Lang) -> dict[str, Any]:
    """Return what was understood as plain data."""
    return {
        "kind": TAKEN_KINDS,
        "tables": [
            {
                "sheet": table.sheet,
                "title": table.title,
                "fund": table.fund,
                "number": table.document,
                "unit": table.unit,
                "columns": [{"heading": each.heading, "kind": each.kind} for each in table.columns],
            }
            for table in reading.tables
        ],
        "rows": [
            {
                "sheet": fate.row.sheet,
                "row": fate.row.row,
                "name": fate.row.name,
                "place": fate.row.place,
                "amount_fen": fate.fen,
                "channel": fate.channel,
                "code": fate.code,
                "project": fate.project,
                "fate": fate.fate,
            }
            for fate in seen.fates
        ],
        "totals": [understood.total(total) for table in reading.tables for total in table.totals],
        "warnings": [understood.doubt(doubt, lang) for doubt in reading.doubts],
        "problems": [understood.problem(problem, lang) for problem in seen.problems],
        "passed": [vars(each) for table in reading.tables for each in table.passed],
    }


def show(output: Output, reading: Reading, seen: Intake) -> None:
    """Print what was understood: tables, rows with their fates, sums, warnings, and what stands against it."""
    for table in reading.tables:
        rows = output.join(map(str, table.header))
        output.say("print.import-table", sheet=table.sheet or "—", rows=rows, title=table.title or "—")
        known = [f"{each.heading}={output.text(f'import-column.{each.kind}')}" for each in table.columns if each.kind]
        output.say("print.import-columns", columns=output.join(known))
        if unknown := [each.heading for each in table.columns if not each.kind]:
            output.say("print.import-unread", columns=output.join(unknown))
    output.rows(
        [_line(output, fate) for fate in seen.fates],
        ["row", "name", "place", "import-channel", "channel", "amount", "project", "fate"],
        numbers=["amount"],
    )
    for total in (total for table in reading.tables for total in table.totals if total.stated == total.computed):
        understood.say_total(output, total)
    understood.say_doubts(output, reading.doubts, seen.problems)


def _line(output: Output, fate: Fate) -> dict[str, Any]:
    return {
        "row": fate.row.row,
        "name": fate.row.name,
        "place": fate.row.place,
        "import-channel": fate.channel,
        "channel": fate.code,
        "amount": "" if fate.fen is None else fate.fen,
        "project": fate.project,
        "fate": output.text(f"fate.{fate.fate}"),
    }


def _conclude(output: Output, seen: Intake, taken: dict[str, Any] | None, file: Path) -> None:
    """Print what was done, or what to do next."""
    fen = sum(fate.fen or 0 for fate in seen.taken)
    facts = {"projects": len(seen.projects), "fen": fen, "path": file}
    if taken is None:
        if seen.problems:
            output.say("print.import-stopped", count=len(seen.problems))
        else:
            output.say("print.import-next" if seen.taken else "print.import-nothing", **facts)
    elif not taken["projects"]:
        output.say("print.import-nothing", **facts)
    else:
        drafts = len(taken["drafts"])
        output.say("print.import-done", **facts | {"drafts": drafts, "book": taken["book"]})


def _book(book: str | None) -> str:
    """Return the book that a file is looked at for; a file can be looked at before there is any."""
    try:
        return session.book(book)
    except (BookMissing, WorkspaceMissing):
        return ""


def _kept_at(name: str) -> Path:
    """Return the file in which an office's mapping is kept."""
    return session.workspace.path / f"mapping-{code(name, 'village').lower()}.toml"


def _pairs(typed: Iterable[str], *, bare: bool = False) -> dict[str, str]:
    """Read ``name=value``; with `bare` a value alone stands for all names that are not told."""
    found = {}
    for each in typed:
        name, equals, value = each.replace("＝", "=").rpartition("=")
        if not value.strip() or not (equals or bare) or (equals and not name.strip()):
            raise PartUnreadable(text=each)
        found[name.strip()] = code(value.strip(), "channel") if bare else value.strip()
    return found


def _row(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 8):  # noqa: PLR2004 - more rows than a sheet has
        raise ImportRowUnknown(rows=typed)
    return int(typed)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("import", help="@help.import")(import_file)

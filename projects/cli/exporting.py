"""The command that writes a book for programs of others."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ledger import register
from ledger.exports import export
from ledger.store import files
from projects.cli.session import Book, session


def export_command(
    form: Annotated[str, typer.Argument(metavar="hledger|ledger|csv", help="@argument.export-form")],
    at: Book = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="@option.export-out")] = None,
) -> None:
    """Write a book for hledger, ledger-cli or a spreadsheet."""
    book = session.book(at)
    with session.workspace.read() as connection:
        register.need_book(connection, book)
        made = "".join(export(connection, book, form)).encode()
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(made)
        return
    files.put(out, made, shared=True)
    session.output().say("print.exported", book=book, path=out, size=len(made))


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("export", help="@help.export")(export_command)

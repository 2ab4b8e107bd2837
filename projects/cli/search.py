"""The command that searches a book: projects, contracts, vouchers, drafts, payees and papers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from projects.cli.session import Book, Json, session
from projects.search import search as search_in


def search(
    sought: Annotated[str, typer.Argument(metavar="TEXT", help="@argument.sought")],
    book: Book = None,
    as_json: Json = False,
) -> None:
    """Search a book by words, codes, amounts, and the beginning of a paper's SHA-256."""
    where, output = session.book(book), session.output(as_json=as_json)
    with session.workspace.read() as connection:
        found = search_in(connection, where, sought)
    if output.data([asdict(each) for each in found]):
        return
    if not found:
        output.say("print.none")
    for each in found:
        output.say("print.found", kind=output.text(f"found.{each.kind}"), count=each.count, shown=len(each.hits))
        output.rows([{"code": hit.code, "title": hit.title, "more": hit.more} for hit in each.hits], _COLUMNS)
        output.line()


_COLUMNS = ("code", "title", "more")


def add_to(app: typer.Typer) -> None:
    """Put this command into the command line."""
    app.command("search", help="@help.search")(search)

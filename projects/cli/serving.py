"""The commands that open and publish the books: in Fava, and as public pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ledger import register
from ledger.books.keys import HEAD
from ledger.books.write import settle
from projects.cli.session import Book, session
from projects.errors import BookChanged, PortUnreadable

Port = Annotated[str, typer.Option("--port", help="@option.port")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("fava", help="@help.fava")(fava)
    app.command("disclose", help="@help.disclose")(disclose)


def fava(at: Book = None, port: Port = "5000") -> None:
    """Open a book in Fava."""
    serve_books(at, read_port(port))


def disclose(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="@option.out")],
    languages: Annotated[str, typer.Option("--languages", metavar="LANGUAGES", help="@option.languages")] = "",
    anew: Annotated[bool, typer.Option("--anew", help="@option.anew")] = False,
) -> None:
    """Write the public pages."""
    from projects.disclosure.site import publish
    from projects.tongues import read_tongues

    chosen = read_tongues(languages) if languages else ()
    output = session.output()
    with output.progress(lambda _name: output.text("print.disclosing")) as tell:
        made = publish(
            session.workspace, out, languages=chosen, anew=anew, progress=lambda done, of: tell("", done, of)
        )
    output.say("print.disclosed", pages=made.pages, path=out / "index.html")
    if made.lacks:
        output.say("print.open-data-lacks", fields=output.join(made.lacks))
    elif made.projects:
        output.say("print.open-data", projects=made.projects, path=out / "data")


def serve_books(at: str | None, port: int) -> None:
    """Serve the named book, or all, in Fava; the first has to be what the record wrote, the others when opened."""
    from ledger.verify import check_books
    from projects.fava.serve import serve

    settle(session.workspace)
    with session.workspace.read() as connection:
        books = [register.need_book(connection, at)] if at else register.list_books(connection)
    for first in books[:1]:
        _, right = check_books(session.workspace, only=first.code)
        if session.workspace.books / first.code / HEAD not in right:
            raise BookChanged(books=first.code)
    output = session.output()

    def ready(url: str) -> None:
        output.say("print.serving", url=url)

    serve(session.workspace, books, port=port, lang=session.lang, ready=ready)


def read_port(text: str) -> int:
    """Read the number of a port."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):  # noqa: PLR2004 - ports are 16 bits
        raise PortUnreadable(text=text)
    return int(text)

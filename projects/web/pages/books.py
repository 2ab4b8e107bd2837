"""The books in Fava, read-only: each request is judged by the table before Fava hears of it."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask import g, redirect, render_template_string, request, url_for
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as WerkzeugResponse

from ledger.books.keys import DOCUMENTS
from projects.web import access
from projects.web.office import office
from projects.web.pages.frame import Page, pages
from projects.web.papers import hand_out

MOUNT = "/books"
FIRST = "extension/Projects/"
SHEET = """<link rel="stylesheet" href="{{ url_for('static', filename='books.css') }}">"""


@pages.get("/books/<book>/")
def books_index(book: str) -> Page:
    """Open a book where an auditor begins."""
    return redirect(url_for("desk.books_page", book=book, rest=FIRST))


@pages.get("/books/static/<path:rest>")
def books_static(rest: str) -> Page:
    """Hand out what Fava's pages are drawn with."""
    return _ask(f"/static/{rest}")


@pages.get("/books/<book>/<path:rest>")
def books_page(book: str, rest: str) -> Page:
    """Show a page of a book, if it is for this person."""
    path = f"/{book}/{rest}"
    page, named = _page(path)
    with office().workspace.read() as connection:
        access.need_right(connection, g.user, access.takes("books", page), book)
    office().fava.config["LEDGERS"].need(book)
    if page in {"document", "statement"}:
        return _paper(book, page)
    assert named == book
    return _ask(path)


def _page(path: str) -> tuple[str, str]:
    """Return how the table calls a page of Fava's, and of which book it is."""
    try:
        endpoint, values = office().fava.url_map.bind("localhost").match(path, method="GET")
    except RequestRedirect:
        endpoint, values = office().fava.url_map.bind("localhost").match(f"{path}/", method="GET")
    except HTTPException:
        raise NotFound from None
    if endpoint == "report":
        endpoint = f"report.{values['report_name']}"
    return endpoint, str(values.get("bfile", ""))


def _ask(path: str) -> WerkzeugResponse:
    # In a WSGI environment a path stands as its bytes, each a character.
    environ = request.environ | {"SCRIPT_NAME": MOUNT, "PATH_INFO": path.encode().decode("latin-1")}
    answer = WerkzeugResponse.from_app(office().fava.wsgi_app, environ)
    if answer.mimetype == "text/html":
        # Fava's menu names every page that it has; those that are nobody's are not shown.
        sheet = render_template_string(SHEET).encode()
        answer.set_data(answer.get_data().replace(b"</head>", sheet + b"</head>", 1))
    return answer


def _paper(book: str, page: str) -> WerkzeugResponse:
    """Hand out a paper that Fava knows in this book, from this book's folder of papers and nowhere else."""
    from fava.helpers import FavaAPIError

    ledger = office().fava.config["LEDGERS"][book]
    asked = request.args.get("filename", "")
    if page == "statement":
        try:
            asked = ledger.statement_path(request.args.get("entry_hash", ""), request.args.get("key", ""))
        except FavaAPIError:
            raise NotFound from None
    if asked not in {each.filename for each in ledger.all_entries_by_type.Document}:
        raise NotFound
    return hand_out(office().workspace.books / book / DOCUMENTS, PurePosixPath(asked).name)

"""Search over a book, from every page of it."""

from __future__ import annotations

from flask import render_template, request, url_for

from projects.search import LONGEST, MOST, Hit, search
from projects.web.office import office
from projects.web.pages.frame import Page, look, pages


@pages.get("/desk/<book>/search")
def find(book: str) -> Page:
    """Show what was found, by kind, each with its page; papers to who may see papers."""
    sought = request.args.get("q", "").strip()[:LONGEST]
    with office().workspace.read() as connection:
        seen = look(connection, book)
        groups = search(connection, book, sought, papers="papers" in seen["may"])
    found = [(each, [(hit, _at(each.kind, hit, book)) for hit in each.hits]) for each in groups]
    return render_template("search.html", **seen, sought=sought, found=found, most=MOST)


def _at(kind: str, hit: Hit, book: str) -> str:
    """Return where that is which was found; papers of facts have no page."""
    if not hit.at:
        return ""
    if kind in {"project", "contract"}:
        return url_for("desk.project_file", book=book, project=hit.at)
    if kind == "draft":
        return url_for("desk.draft", book=book, label=hit.at)
    if kind == "payee":
        return url_for("desk.list_vouchers", book=book, q=hit.at)
    return url_for("desk.voucher", book=book, number=hit.at)

"""The wall: a notice goes up with its photo, comes down with what was objected and answered; the photos."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ledger import facts
from ledger.errors import DocumentUnreadable, KeyReused, Refusal
from projects.errors import PaperMissing, PaperRefused
from projects.telling import tell
from projects.web import instead, uploads
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, form_key, handed, look, new_key, pages, ticked, write
from projects.web.pages.notices import STAGES, project_choices
from projects.web.papers import hand_out
from projects.web.sessions import language

ASKED = {"put-up": ("places",), "take-down": ("objections", "answer")}
"""What each form asks for beside project, stage, day, papers and a note."""
LINES = frozenset({"places"})


@pages.route("/desk/<book>/notices/wall/put-up", methods=["GET", "POST"])
def put_up(book: str) -> Page:
    """Record that a notice went up, with its photo."""
    return _told(book, "put-up")


@pages.route("/desk/<book>/notices/wall/take-down", methods=["GET", "POST"])
def take_down(book: str) -> Page:
    """Record that a notice came down, with what was objected and answered."""
    return _told(book, "take-down")


@pages.get("/desk/<book>/notices/wall/<label>/papers/<name>")
def wall_paper(book: str, label: str, name: str) -> Page:
    """Hand out a photo of the wall, or a paper that came with taking down."""
    with office().workspace.read() as connection:
        fact = facts.need(connection, book, label)
    if fact.kind not in {"notice-up", "notice-down"}:
        raise NotFound
    if name not in {f"{sha256}{suffix}" for sha256, suffix, _ in fact.documents}:
        raise NotFound
    return hand_out(office().workspace.documents, name)


def _told(book: str, verb: str) -> Page:
    """Show a form, or tell what it says and go back to the wall."""
    if request.method != "POST":
        return _form(book, verb, request.args, key=new_key())
    typed, key, taken = request.form, form_key(), list[uploads.Taken]()
    try:
        taken = handed(book)
        papers = uploads.paths(desk(book), taken)
        write(lambda: tell(desk(book), verb, _asked(verb, typed), key=command_key(), papers=papers))
    except Refusal as refusal:
        key = new_key() if isinstance(refusal, KeyReused) else key
        of_papers = isinstance(refusal, PaperMissing | PaperRefused | DocumentUnreadable)
        says = instead.explain(refusal, language())
        where = {"paper_error": says} if of_papers else {"says": says}
        return _form(book, verb, typed, key=key, taken=taken or ticked(book), **where), 422
    return redirect(url_for("desk.notices", book=book, _anchor="wall"), 303)


def _form(book: str, verb: str, typed: Mapping[str, str], *, key: str, **shown: Any) -> str:
    shared = office()
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        projects = project_choices(connection, book)
    filled = {"date": shared.workspace.clock().date().isoformat()} | dict(typed)
    fields = {"verb": verb, "asked": ASKED[verb], "lines": LINES, "stages": STAGES, "projects": projects}
    limit = shared.workspace.settings.document_limit_mb
    return render_template("wall_form.html", **seen, **fields, typed=filled, key=key, limit=limit, **shown)


def _asked(verb: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what the command line would have been given: an empty field was not typed."""
    found: dict[str, Any] = {}
    for name in ("project", "stage", "date", "note", *ASKED[verb]):
        said = [line.strip() for line in typed.get(name, "").splitlines() if line.strip()]
        if said:
            found[name] = said if name in LINES else " ".join(said)
    return found

"""Taking files in at the desk: what was understood of a file, what is said of it, and then all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from flask import current_app, render_template, request

from importers import beans
from importers.errors import FileUnreadable
from importers.tables import Asked
from ledger import channels
from ledger.errors import Refusal
from ledger.text import parse_date
from projects import registry
from projects.errors import ImportMoved
from projects.recognised import LEDGERS, recognise
from projects.web import instead
from projects.web.handed import TABLES, Counter, Handed, Left, called
from projects.web.intakes import AnySeen, Looking, Options, Shown, heading_kinds, take
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, form_key, look, new_key, pages, seen_of, write
from projects.web.patience import Tell, patiently
from projects.web.refused import status_of
from projects.web.sessions import language

KINDS = (*TABLES, ".json", *sorted(LEDGERS))
MOST = 1000
"""So many rows of a file stand on a page."""


@pages.route("/desk/<book>/import", methods=["GET", "POST"])
def import_file(book: str) -> Page:
    """Show the form; show what a file would become; take it."""
    if request.method != "POST":
        return _page(book)
    form_key()
    try:
        left = _counter(book).leave(request.files.get("file"), request.form.get("handed", ""), KINDS)
    except Refusal as refusal:
        return _page(book, refusal=refusal)
    return patiently(lambda tell: _import(book, left, tell), lambda: seen_of(book))


def _import(book: str, left: Left, tell: Tell) -> Page:
    options, handed = Options.read(request.form), None
    try:
        handed = _counter(book).read(left, partial(_read, options=options, tell=tell))
        if request.form.get("step") == "take":
            if request.form.get("mark") != options.mark:
                raise ImportMoved
            done = _take(book, handed, options, partial(tell, "taking"))
            return _page(book, done=_done(done, handed.name))
    except Refusal as refusal:
        return _page(book, handed, options, refusal=refusal)
    return _page(book, handed, options)


def _take(book: str, handed: Handed[AnySeen], options: Options, progress: Callable[[float], None]) -> dict[str, Any]:
    key = command_key()
    act = partial(take, desk(book), handed, options, key=key, progress=progress)
    return write(lambda: called(handed.name, act))


def _read(path: Path, *, options: Options, tell: Tell) -> AnySeen:
    if path.suffix in LEDGERS:
        return beans.read(path, day=parse_date(options.typed["date"]) if "date" in options.typed else None)
    return recognise(path, progress=partial(tell, "reading"))


def _done(done: dict[str, Any], name: str) -> dict[str, Any]:
    """Return what was done, in the words of the kind of file that it was."""
    drafts, projects, facts = (list(done.get(each, ())) for each in ("drafts", "projects", "facts"))
    say = instead.text
    lang = language()
    if facts:
        told = {"count": done["rows"], "first": facts[0], "last": facts[-1], "book": done["book"]}
        says = say("print.import-list-done", lang, **told)
    elif projects:
        says = say("web.intake.done", lang, projects=len(projects), drafts=len(drafts))
    else:
        key = "print.import-list-nothing" if "facts" in done else "print.import-nothing"
        says = say(key, lang, path=name)
    return {"says": says, "drafts": drafts, "projects": projects}


def _page(
    book: str,
    handed: Handed[AnySeen] | None = None,
    options: Options | None = None,
    *,
    refusal: Refusal | None = None,
    done: dict[str, Any] | None = None,
) -> Page:
    """Return the page; of a file that holds nothing known only that is said."""
    shared, lang = office(), language()
    shown: Shown | None = None
    asked: list[Asked] = []
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        if handed and options:
            looking = Looking(connection, desk(book), instead.saying(lang), lang)
            try:
                shown = looking.look(handed, options)
            except FileUnreadable as other:
                refusal = refusal or other
                asked = looking.asked(handed, options)
            except Refusal as other:
                refusal = refusal or other
        known = {
            "channel": [(each["code"], each["name"]) for each in channels.list_channels(connection)],
            "project": [(each["code"], each["name"]) for each in registry.list_projects(connection, book)],
        }
    told: dict[str, Any] = {
        "handed": handed,
        "options": options or Options(),
        "shown": shown,
        "asked": asked,
        "known": known,
        "headings": heading_kinds(lang),
        "kinds": ",".join(KINDS),
        "limit": shared.workspace.settings.document_limit_mb,
        "most": MOST,
        "done": done,
        "says": instead.explain(refusal, lang) if refusal else "",
        "problems": [instead.explain(each, lang) for each in getattr(refusal, "problems", ())],
    }
    page = render_template("import.html", **seen, **told, key=new_key(), upload_key=new_key())
    return page, status_of(refusal) if refusal else 200


def _counter(book: str) -> Counter:
    secret = str(current_app.config["SECRET_KEY"])
    return Counter(desk(book), secret, office().waiting, "import", about="import")

"""The public pages as they would be published now: made anew when something was sealed or told since."""

from __future__ import annotations

from pathlib import Path

from flask import redirect, send_from_directory, url_for

from ledger import register
from ledger.store import sql
from projects.disclosure import publish, tongues
from projects.disclosure.pages import INDEX
from projects.web.app import language, office
from projects.web.pages.frame import Page, pages


@pages.get("/public/", defaults={"rest": ""})
@pages.get("/public/<path:rest>")
def public_page(rest: str) -> Page:
    """Show what villagers would read, beginning in the language that this person chose."""
    if not rest:
        return redirect(url_for("desk.public_page", rest=f"{_place()}{INDEX}"))
    return send_from_directory(_made(), rest, max_age=0)


def _place() -> str:
    """Return the folder of the pages in the language of this person."""
    shared = office()
    with shared.workspace.read() as connection:
        books = [each.code for each in register.list_books(connection)]
    return tongues.places(tongues.beginning_with(shared.workspace.settings.language), books)[language()]


def _made() -> Path:
    """Return the folder of the pages, which are a function of what the logs hold."""
    shared = office()
    with shared.making:
        with shared.workspace.read() as connection:
            [told] = sql.rows(connection, "SELECT count(*) FROM log_leaf")
        if shared.previewed != told[0]:
            publish(shared.workspace, shared.previews)
            shared.previewed = told[0]
    return shared.previews

"""The public pages as they would be published now: made anew when something was sealed or told since."""

from __future__ import annotations

from pathlib import Path

from flask import send_from_directory

from ledger.store import sql
from projects.disclosure import publish
from projects.web.app import language, office
from projects.web.pages.frame import Page, pages


@pages.get("/public/", defaults={"rest": "index.html"})
@pages.get("/public/<path:rest>")
def public_page(rest: str) -> Page:
    """Show what villagers would read, in the language that this person chose."""
    return send_from_directory(_made(), rest, max_age=0)


def _made() -> Path:
    """Return the folder of the pages, which are a function of what the logs hold."""
    shared, lang = office(), language()
    with shared.making:
        with shared.workspace.read() as connection:
            [told] = sql.rows(connection, "SELECT count(*) FROM log_leaf")
        folder = shared.previews / lang
        if shared.previewed.get(lang) != told[0]:
            publish(shared.workspace, folder, lang=lang)
            shared.previewed[lang] = told[0]
    return folder

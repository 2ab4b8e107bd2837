"""The public pages as they would be published now: made anew when something was sealed or told since."""

from __future__ import annotations

import re
from pathlib import Path

from flask import g, redirect, send_from_directory, url_for

from ledger import register
from ledger.store import sql
from projects import tongues
from projects.disclosure.pages import INDEX
from projects.disclosure.site import publish
from projects.notices.names import CHECKER
from projects.web.office import office
from projects.web.pages.frame import Page, pages
from projects.web.sessions import language

_OWN_RULE = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')


@pages.get("/public/", defaults={"rest": ""})
@pages.get("/public/<path:rest>")
def public_page(rest: str) -> Page:
    """Show what villagers would read, beginning in the language that this person chose."""
    if not rest:
        return redirect(url_for("desk.public_page", rest=f"{_place()}{INDEX}"))
    made = _made()
    if rest.rpartition("/")[2] == CHECKER and (made / rest).is_file():
        # The page that checks has one script inside, which it names by its hash: that one and no other runs here too.
        own = _OWN_RULE.search((made / rest).read_text(encoding="utf-8"))
        g.own_rule = f"{own[1]}; frame-ancestors 'none'" if own else ""
    return send_from_directory(made, rest, max_age=0)


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

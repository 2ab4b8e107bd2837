"""Today: what waits for this person, what nobody spends, what is left."""

from __future__ import annotations

from flask import g, render_template

from ledger import vouchers
from ledger.balances import State
from projects.idle import idle
from projects.status import status
from projects.web.app import office
from projects.web.pages.frame import Page, look, pages


@pages.get("/desk/<book>/")
def today(book: str) -> Page:
    """Show what waits for this person, what nobody spends, and what is left."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        drafts = vouchers.drafts(connection, book)
        unspent = idle(State(connection, book, drafts=False), office().workspace.clock().date())
        figures = status(connection, book)
    mine = [each for each in drafts if each.maker == g.user]
    waiting = [each for each in drafts if each.maker != g.user] if "seal" in seen["may"] else []
    return render_template("today.html", **seen, mine=mine, waiting=waiting, idle=unspent, figures=figures)

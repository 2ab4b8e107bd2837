"""Today: what waits for this person, what is late, what runs dry, what is left."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, url_for

from ledger import messages, vouchers
from ledger.money import yuan
from projects.late import Dry, Late, dry, late
from projects.status import status
from projects.web.app import language, office
from projects.web.pages.frame import Page, look, pages

DEALT_WITH_AT = {"month": "desk.months", "notice": "desk.notices", "loan": ""}
"""On which page that is dealt with which is late; where none is named, on the project's."""


@pages.get("/desk/<book>/")
def today(book: str) -> Page:
    """Show what waits for this person, what is late, what runs dry, and what is left."""
    on = office().workspace.clock().date()
    with office().workspace.read() as connection:
        seen = look(connection, book)
        drafts = vouchers.drafts(connection, book)
        rows = [{"of": each, "days": each.days(on)} | _said(each, book) for each in late(connection, book, on)]
        figures = status(connection, book)
    mine = [each for each in drafts if each.maker == g.user]
    waiting = [each for each in drafts if each.maker != g.user] if "seal" in seen["may"] else []
    seen["unfinished"] = office().unfinished.of(g.user, book) if "make" in seen["may"] else []
    short = [{"of": each, "says": _short(each)} for each in dry(figures)]
    return render_template("today.html", **seen, mine=mine, waiting=waiting, late=rows, dry=short, figures=figures)


def _said(each: Late, book: str) -> dict[str, Any]:
    """Return what a line says, what to do, and where."""
    says, do = (messages.phrase(said, language()) for said in (each.says, each.do))
    return {"says": says, "do": do, "at": _at(each, book)}


def _at(each: Late, book: str) -> str:
    if each.kind == "draft":
        return url_for("desk.draft", book=book, label=each.about)
    page = DEALT_WITH_AT.get(each.kind)
    if page is None and each.project:
        return url_for("desk.project_file", book=book, project=each.project)
    return url_for(page, book=book) if page else ""


def _short(each: Dry) -> str:
    facts = {name: yuan(getattr(each, name)) for name in ("needed", "have", "coming", "whole")}
    key = f"late.dry.{each.kind}"
    return messages.text("projects", key, language(), project=each.project, channel=each.channel, **facts)

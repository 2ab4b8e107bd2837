"""Today: what waits for this person, what is late, what runs dry, what is left."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import g, render_template, url_for

from ledger import vouchers
from ledger.money import yuan
from projects import sums
from projects.late import Dry, Late, dry, late
from projects.status import status
from projects.web import instead
from projects.web.office import office
from projects.web.pages.frame import Page, look, pages
from projects.web.sessions import language

WEIGHTY = 6
"""So many lines of what is late are shown, the weightiest; the rest is folded: on a telephone the figures are no
further down than the second screen."""
RECORDED = {
    "unpaid": ("pay", {"contract": "contract"}),
    "retention": ("release", {"contract": "contract"}),
    "deposit": ("deposit-return", {"contract": "contract"}),
    "idle": ("return", {"project": "code", "channel": "channel"}),
    "finish": ("accept", {"project": "code"}),
}
"""What is dealt with by an event: its verb, and what its form is filled with, each by the name of the fact."""


@pages.get("/desk/<book>/")
def today(book: str) -> Page:
    """Show what waits for this person, what is late, what runs dry, and what is left."""
    on = office().workspace.clock().date()
    with office().workspace.read() as connection:
        seen = look(connection, book)
        drafts = vouchers.drafts(connection, book)
        found = late(connection, book, on)
        figures = status(connection, book)
        fen = sums.of_drafts(connection, drafts)
    rows = [{"of": each, "days": each.days(on), **_said(each, book, seen["may"])} for each in found]
    mine = [each for each in drafts if each.maker == g.user]
    waiting = [each for each in drafts if each.maker != g.user] if "seal" in seen["may"] else []
    short = [{"of": each, "says": _short(each)} for each in dry(figures)]
    shown: dict[str, Any] = {"late": rows, "weighty": WEIGHTY, "dry": short, "figures": figures, "fen": fen}
    shown["unfinished"] = office().unfinished.of(g.user, book) if "make" in seen["may"] else []
    return render_template("today.html", **seen, mine=mine, waiting=waiting, **shown)


def _said(each: Late, book: str, may: Collection[str]) -> dict[str, Any]:
    """Return what a line says, the act that ends it, and where that is done by this person."""
    act = instead.text(f"late.act.{each.kind}", language())
    return {"says": instead.phrase(each.says, language()), "act": act, "at": _at(each, book, may)}


def _at(each: Late, book: str, may: Collection[str]) -> str:
    """Return the page on which this is dealt with, "" where the desk has none for this person."""
    if each.kind == "draft":
        return url_for("desk.draft", book=book, label=each.about)
    if each.kind == "month":
        return url_for("desk.months", book=book)
    if each.kind == "notice":
        kind, _, project = each.about.partition(" ")
        if "publish" in may:
            return url_for("desk.prepare_notice", book=book, kind=kind, project=project or None)
        return url_for("desk.notices", book=book)
    if each.kind in RECORDED and "make" in may:
        verb, fields = RECORDED[each.kind]
        filled: dict[str, Any] = {name: each.do.facts[of] for name, of in fields.items()}
        return url_for("desk.record", book=book, verb=verb, **filled)
    return ""


def _short(each: Dry) -> str:
    facts = {name: yuan(getattr(each, name)) for name in ("needed", "have", "coming", "whole")}
    key = f"late.dry.{each.kind}"
    return instead.text(key, language(), project=each.project, channel=each.channel, **facts)

"""Drafts: the list, one with what was sealed since, sealing it, throwing it away."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from sqlalchemy import text
from werkzeug.exceptions import NotFound

from ledger import vouchers
from ledger.balances import State
from projects import sums
from projects.desk import answer
from projects.events.verbs import PROPOSE
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, look, new_key, pages, write
from projects.web.papers import hand_out


@pages.get("/desk/<book>/drafts")
def drafts(book: str) -> Page:
    """List the drafts that wait."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        waiting = vouchers.drafts(connection, book)
        fen = sums.of_drafts(connection, waiting)
    unfinished = office().unfinished.of(g.user, book) if "make" in seen["may"] else []
    return render_template("drafts.html", **seen, drafts=waiting, fen=fen, unfinished=unfinished)


@pages.get("/desk/<book>/drafts/<label>")
def draft(book: str, label: str) -> Page:
    """Show a draft, what will move, and what was sealed in its project since it was made."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        waiting = vouchers.need_draft(connection, book, label)
        state = State(connection, book, without=waiting.id)
        made = answer(waiting, state)
        for each in made["postings"]:
            each["scale"] = state.scales[each["commodity"]]
        fen = sums.of(waiting.proposal, state.scales)
        since = connection.execute(
            text(
                "SELECT number, date, event, narration FROM voucher WHERE book = :book AND project = :project "
                "AND sealed_at >= :at ORDER BY seq"
            ),
            {"book": book, "project": waiting.proposal.project, "at": waiting.made_at},
        ).all()
    can_edit = waiting.maker == g.user and "make" in seen["may"] and waiting.verb in PROPOSE
    seen |= {"verb": waiting.verb, "can_edit": can_edit}
    return render_template("draft.html", **seen, made=made, money=fen, since=since, key=new_key())


@pages.get("/desk/<book>/drafts/<label>/papers/<name>")
def draft_paper(book: str, label: str, name: str) -> Page:
    """Hand out a paper of a draft."""
    with office().workspace.read() as connection:
        waiting = vouchers.need_draft(connection, book, label)
    if name not in {f"{sha256}{suffix}" for sha256, suffix, _ in waiting.proposal.documents}:
        raise NotFound
    return hand_out(office().workspace.documents, name)


@pages.post("/desk/<book>/drafts/<label>/seal")
def seal(book: str, label: str) -> Page:
    """Seal a draft of somebody else's."""
    key = command_key()
    sealed = write(lambda: desk(book).seal(label, key=key))
    return redirect(url_for("desk.voucher", book=book, number=sealed["number"]), 303)


@pages.post("/desk/<book>/drafts/<label>/drop")
def drop(book: str, label: str) -> Page:
    """Throw a draft away."""
    key = command_key()
    write(lambda: desk(book).drop(label, key=key))
    return redirect(url_for("desk.drafts", book=book), 303)

"""What is told of a project and moves no money: its form, the project's file behind it, taking back what was wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from ledger import facts, messages, register
from ledger.errors import DocumentUnreadable, KeyReused, Refusal
from ledger.facts import Fact
from ledger.messages import Lang
from projects import procurement, told, withdrawal
from projects.errors import PaperMissing, PaperRefused
from projects.life.papers import STATEMENT
from projects.life.requests import Describe
from projects.request import Request
from projects.telling import procure, tell
from projects.types import name_of, types_of
from projects.web import forms, instead, uploads
from projects.web.known import Known, known
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, form_key, handed, look, new_key, pages, ticked, write
from projects.web.papers import hand_out
from projects.web.sessions import language

KINDS = (
    *("project-profile", "objective", "location", "beneficiaries", "library", "deliberation", "approval", "start"),
    *("milestone-plan", "milestone-met", "photo", "review", "adjustment", "contract-change", "inspection"),
    *("final-accounts", "handover", "recall", "closing", procurement.KIND, STATEMENT),
    *("division", "hamlet", "hamlet-merger"),
)
"""What is told here of projects and villages, by the kinds of its facts; notices have pages of their own."""
NAMES = {STATEMENT: "web.verb.document"}
"""How a kind is called here which is the name of something else elsewhere."""


@pages.route("/desk/<book>/tell/<what>", methods=["GET", "POST"])
def telling(book: str, what: str) -> Page:
    """Show the form of something told of a project; record it."""
    kind = forms.need_told(what)
    today_is = office().workspace.clock().date().isoformat()
    if request.method != "POST":
        asked = {name: text for name, text in request.args.items() if name in kind.model_fields}
        return _form(book, what, kind, {"date": today_is} | asked, new_key())
    typed, key, taken = dict(request.form), form_key(), list[uploads.Taken]()
    with office().workspace.read() as connection:
        if "village" in kind.model_fields:
            typed["village"] = register.need_book(connection, book).village
        asked = forms.facts(kind, typed, _known(connection, book, kind))
    try:
        taken = handed(book)
        made = write(lambda: _record(book, what, asked, taken))
    except (PaperMissing, PaperRefused, DocumentUnreadable) as refusal:
        says = instead.explain(refusal, language())
        return _form(book, what, kind, typed, key, taken=taken or ticked(book), paper_error=says), 422
    except Refusal as refusal:
        says, field = instead.explain(refusal, language()), forms.about(kind, {"date": today_is} | asked, refusal)
        key = new_key() if isinstance(refusal, KeyReused) else key
        above = "" if field else says
        return _form(book, what, kind, typed, key, refused=(field, says), taken=taken, says=above), 422
    return redirect(_place(book, str(made["subject"]), made["fact"]), 303)


@pages.post("/desk/<book>/facts/<label>/withdraw")
def withdraw(book: str, label: str) -> Page:
    """Take back what was told of a project by mistake; it stays to be seen, with the reason."""
    with office().workspace.read() as connection:
        fact = _of_project(connection, book, label)
    reason = request.form.get("reason", "").strip()
    write(lambda: withdrawal.withdraw(desk(book), label, reason=reason, key=command_key()))
    return redirect(_place(book, fact.subject, "told"), 303)


@pages.get("/desk/<book>/facts/<label>/papers/<name>")
def fact_paper(book: str, label: str, name: str) -> Page:
    """Hand out a paper of what was told of a project."""
    with office().workspace.read() as connection:
        fact = _of_project(connection, book, label)
    if name not in {f"{sha256}{suffix}" for sha256, suffix, _ in fact.documents}:
        raise NotFound
    return hand_out(office().workspace.documents, name)


def _of_project(connection: Connection, book: str, label: str) -> Fact:
    """Return a fact of a kind that is told here."""
    fact = facts.need(connection, book, label)
    if not _is_told(fact):
        raise NotFound
    return fact


def _is_told(fact: Fact) -> bool:
    """Tell whether a fact is of a kind that is told here: a bank's statement has the kind of one about a document."""
    return fact.kind in KINDS and (fact.kind != STATEMENT or "document-type" in fact.data)


def _place(book: str, subject: str, anchor: str) -> str:
    """Return where that is shown which was told of a subject: at the village, or in the project's file."""
    with office().workspace.read() as connection:
        if subject == register.need_book(connection, book).village:
            return url_for("desk.village", book=book, _anchor=anchor)
    return url_for("desk.project_file", book=book, project=subject.partition("C")[0], _anchor=anchor)


def told_of(connection: Connection, book: str, about: str, lang: Lang) -> list[dict[str, Any]]:
    """Return what was told of a village, or of a project and its contracts: the newest first, with words and papers."""
    stand = {each.position for each in facts.facts(connection, book, *KINDS)}
    every = facts.facts(connection, book, *KINDS, withdrawn=True)
    return [
        {
            "label": fact.label,
            "kind": messages.text(
                "projects", "web.verb.document" if fact.kind == STATEMENT else f"told.{fact.kind}", lang
            ),
            "subject": fact.subject,
            "on": fact.on,
            "by": fact.by,
            "says": told.items(fact, lang),
            "papers": [(f"{sha256}{suffix}", suffix, size) for sha256, suffix, size in fact.documents],
            "counts": fact.position in stand,
        }
        for fact in sorted(every, key=lambda each: each.position, reverse=True)
        if about in {fact.subject, fact.subject.partition("C")[0]} and _is_told(fact)
    ]


def _record(book: str, verb: str, asked: Mapping[str, Any], taken: list[uploads.Taken]) -> dict[str, Any]:
    papers = uploads.paths(desk(book), taken)
    if verb == procurement.KIND:
        return procure(desk(book), asked, key=command_key(), papers=papers)
    return tell(desk(book), verb, asked, key=command_key(), papers=papers)


def _form(
    book: str,
    verb: str,
    kind: type[Request],
    typed: Mapping[str, str],
    key: str,
    *,
    refused: tuple[str, str] = ("", ""),
    **more: Any,
) -> str:
    """Return the page of a form, filled with what was typed."""
    shared = office()
    with shared.workspace.read() as connection:
        seen = look(connection, book) | {"known": _known(connection, book, kind)}
    form = forms.telling(verb, kind, typed, language(), refused=refused)
    shown = {
        "verb": verb,
        "key": key,
        "form": form,
        "use": forms.use(verb, language()),
        "project": typed.get("project", ""),
    }
    limit = shared.workspace.settings.document_limit_mb
    return render_template("telling.html", **seen, **shown, fen={}, limit=limit, **more)


def _known(connection: Connection, book: str, kind: type[Request]) -> Known:
    """Return what there is to choose from; the types of projects stand in the workspace's folder."""
    found = known(connection, book, kind.model_fields, language())
    if kind is Describe:
        types = types_of(office().workspace.path)
        found["type"] = [(code, name_of(types, code, language())) for code in types]
    return found

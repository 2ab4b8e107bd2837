"""Recording an event: its form, what is left beside it, the voucher that would come of it, the draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy import Connection

from ledger import money, vouchers
from ledger.balances import State
from ledger.errors import DocumentUnreadable, DraftNotYours, KeyReused, Refusal, TextMissing
from ledger.proposals import Draft
from projects import sums
from projects.desk import answer
from projects.errors import PageForbidden, PaperRefused
from projects.request import Request
from projects.room import rooms
from projects.status import status
from projects.web import forms, instead, uploads
from projects.web.known import Known, known
from projects.web.office import office
from projects.web.pages.frame import (
    Page,
    command_key,
    desk,
    form_key,
    handed,
    look,
    new_key,
    pages,
    secret,
    ticked,
    write,
)
from projects.web.pages.payees import way
from projects.web.sessions import language


@pages.get("/desk/<book>/record")
def verbs(book: str) -> Page:
    """Show what can be recorded."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
    events = [(*each, "desk.record", "verb") for each in forms.events(language())]
    events += [(*each, "desk.telling", "what") for each in forms.told(language())]
    events += [(*each, "desk.register_form", "entry") for each in forms.registered(language())]
    return render_template("verbs.html", **seen, events=events)


@pages.route("/desk/<book>/record/<verb>", methods=["GET", "POST"])
def record(book: str, verb: str) -> Page:
    """Show an event's form; show what would come of it; draft it."""
    kind = _kind(verb)
    today_is = office().workspace.clock().date().isoformat()
    if request.values.get("draft"):
        return _edit(book, verb, request.values["draft"])
    if request.method != "POST":
        if found := office().unfinished.one(g.user, book, request.args.get("form", "")):
            return _form(book, verb, found.typed, found.key, taken=uploads.again(desk(book), secret(), found.papers))
        asked = {name: text for name, text in request.args.items() if name in kind.model_fields}
        return _form(book, verb, {"date": today_is} | asked, new_key())
    typed, key = dict(request.form), form_key()
    refused, leads, taken = ("", ""), None, list[uploads.Taken]()
    try:
        taken = handed(book)
        if typed.get("step") == "keep":
            with office().workspace.read() as connection:
                asked = forms.facts(kind, typed, _known(connection, book, verb))
            papers = uploads.paths(desk(book), taken)
            made = write(lambda: desk(book).record(verb, asked, key=command_key(), papers=papers))
            office().unfinished.drop(g.user, key, done=True)
            return redirect(url_for("desk.draft", book=book, label=made["draft"]), 303)
        _keep(book, verb, key, typed, taken)
        if typed.get("step") == "look":
            with office().workspace.read() as connection:
                seen = look(connection, book) | {"verb": verb, "taken": taken, "typed": typed, "key": key}
                seen |= _foreseen(connection, book, verb, typed)
            if not seen["refusal"]:
                return render_template("preview.html", **seen, names=list(kind.model_fields))
            raise seen["refusal"]
    except (PaperRefused, DocumentUnreadable) as refusal:
        refused, taken = ("papers", instead.explain(refusal, language())), ticked(book)
    except Refusal as refusal:
        says = instead.explain(refusal, language())
        with office().workspace.read() as connection:
            asked = forms.facts(kind, typed, _known(connection, book, verb))
        refused = (forms.about(kind, {"date": today_is} | asked, refusal), says)
        leads = way(book, refusal, key)
        # What was kept under the key stays kept; what was changed since is another event.
        if isinstance(refusal, KeyReused):
            office().unfinished.drop(g.user, key, done=True)
            key = new_key()
            _keep(book, verb, key, typed, taken)
    shown = _form(book, verb, typed, key, refused=refused, taken=taken, leads=leads)
    return shown, 422 if refused[1] else 200


def _edit(book: str, verb: str, label: str) -> Page:
    """Show the form of one's own draft with what it says, what would come of a change, and change it.

    Its papers stay with it but for those that are ticked off. What is typed is not kept beside the record: the draft
    is there still.
    """
    kind, old = _kind(verb), _own(book, verb, label)
    if request.method != "POST":
        called = instead.text("web.paper", language())
        taken = uploads.kept(desk(book), secret(), old.proposal.documents, called)
        return _form(book, verb, forms.typed(old.request), new_key(), taken=taken, old=old)
    typed, key, taken = dict(request.form), form_key(), list[uploads.Taken]()
    with office().workspace.read() as connection:
        has = _known(connection, book, verb)
    asked = forms.facts(kind, typed, has)
    try:
        taken = handed(book)
        with office().workspace.read() as connection:
            seen = look(connection, book) | {"verb": verb, "typed": typed, "key": key, "taken": taken, "old": old}
            seen |= _foreseen(connection, book, verb, typed, has, old=old)
        if typed.get("step") == "keep":
            changes = {name: asked.get(name, "") for name in kind.model_fields if name != "documents"}
            papers = uploads.paths(desk(book), taken)
            made = write(lambda: desk(book).edit(label, changes, key=command_key(), papers=papers))
            return redirect(url_for("desk.draft", book=book, label=made["draft"]), 303)
        if typed.get("step") == "look":
            if not seen["refusal"]:
                return render_template("preview.html", **seen, names=[*kind.model_fields, "draft"])
            raise seen["refusal"]
    except (PaperRefused, DocumentUnreadable) as refusal:
        says = ("papers", instead.explain(refusal, language()))
        return _form(book, verb, typed, key, refused=says, taken=ticked(book), old=old), 422
    except Refusal as refusal:
        refused = (forms.about(kind, asked, refusal), instead.explain(refusal, language()))
        return _form(book, verb, typed, key, refused=refused, taken=taken, old=old, leads=way(book, refusal)), 422
    return _form(book, verb, typed, key, taken=taken, old=old)


def _own(book: str, verb: str, label: str) -> Draft:
    """Return a draft of one's own that was made with this form."""
    with office().workspace.read() as connection:
        old = vouchers.need_draft(connection, book, label)
    if old.maker != g.user:
        raise DraftNotYours(draft=old.label, user=g.user, maker=old.maker)
    if old.verb != verb:
        raise PageForbidden(about="verb", verb=verb)
    return old


@pages.post("/desk/<book>/record/<verb>/beside")
def beside(book: str, verb: str) -> Page:
    """Show what is left beside a form, and the voucher that will come of it, and keep what is typed: no draft yet."""
    kind, typed = _kind(verb), dict(request.form)
    old = _own(book, verb, typed["draft"]) if typed.get("draft") else None
    at = "" if old else _keep(book, verb, form_key(), typed, [])
    typing = typed.get("typing", "") if typed.get("typing") in kind.model_fields else ""
    with office().workspace.read() as connection:
        seen = look(connection, book) | {"verb": verb} | _foreseen(connection, book, verb, typed, old=old)
    refusal, asked = seen["refusal"], seen["asked"]
    says, about = "", ""
    if refusal and not isinstance(refusal, TextMissing) and forms.sure(kind, asked, refusal, typing=typing):
        says, about = instead.explain(refusal, language()), forms.about(kind, asked, refusal)
    leads = way(book, refusal, form_key()) if refusal and says else None
    shown = {"says": says, "about": about, "way": leads, "kept_at": at[11:16]}
    return render_template("beside.html", **seen, **shown, live=True)


@pages.post("/desk/<book>/unfinished/<key>/discard")
def discard(book: str, key: str) -> Page:
    """Throw away a form of one's own that is not finished."""
    thrown = office().unfinished.one(g.user, book, key)
    office().unfinished.drop(g.user, key)
    if thrown:
        office().unused.let_go(g.user, thrown.papers)
    return redirect(url_for("desk.drafts", book=book), 303)


def _keep(book: str, verb: str, key: str, typed: Mapping[str, str], taken: Sequence[uploads.Taken]) -> str:
    """Keep what is typed into a form for who types it, with the papers that are with it; return since when."""
    facts = {name: typed[name].strip() for name in _kind(verb).model_fields if typed.get(name, "").strip()}
    papers = list(dict.fromkeys([*request.form.getlist("paper"), *(each.token for each in taken)]))
    return office().unfinished.keep(g.user, book, verb, key, facts, papers)


def _kind(verb: str) -> type[Request]:
    kind = forms.kind_of(verb)
    if kind is None:
        raise PageForbidden(about="verb", verb=verb)
    return kind


def _form(
    book: str,
    verb: str,
    typed: Mapping[str, str],
    key: str,
    *,
    refused: tuple[str, str] = ("", ""),
    taken: list[uploads.Taken] | None = None,
    old: Draft | None = None,
    leads: Mapping[str, str] | None = None,
) -> str:
    """Return the page of a form, filled with what was typed, with what is left of what it names."""
    with office().workspace.read() as connection:
        has = _known(connection, book, verb)
        seen = look(connection, book) | {"verb": verb, "known": has, "key": key}
        seen |= _foreseen(connection, book, verb, typed, has, old=old)
        seen["figures"] = status(connection, book)
    field, says = refused
    return render_template(
        "form.html",
        **seen,
        form=forms.form(verb, typed, language(), refused=refused),
        limit=office().workspace.settings.document_limit_mb,
        taken=taken,
        old=old,
        way=leads,
        use=forms.use(verb, language()),
        paper_error=says if field == "papers" else "",
        says="" if field else says,
    )


def _foreseen(
    connection: Connection,
    book: str,
    verb: str,
    typed: Mapping[str, str],
    has: Known | None = None,
    *,
    old: Draft | None = None,
) -> dict[str, Any]:
    """Return what is left of what was typed and, where nothing stands against it, the draft that would come of it.

    Where a draft is changed, what it holds itself does not count.
    """
    kind, state = _kind(verb), State(connection, book, without=old.id if old else None)
    asked = forms.facts(kind, typed, has or _known(connection, book, verb))
    seen: dict[str, Any] = {"made": None, "money": 0, "refusal": None, "lacks": forms.lacks(kind, asked)}
    proposal = None
    try:
        made = desk(book).foresee(state, verb, asked)
    except Refusal as refusal:
        seen["refusal"] = refusal
    else:
        proposal, seen["made"] = made.proposal, answer(made, state)
        for each in seen["made"]["postings"]:
            each["scale"] = state.scales[each["commodity"]]
        seen["money"] = sums.of(proposal, state.scales)
    seen["rooms"] = rooms(state, {name: text for name, text in asked.items() if isinstance(text, str)}, proposal)
    today_is = {"date": office().workspace.clock().date().isoformat()}
    return seen | {"asked": today_is | asked, "fen": {name: _fen(typed.get(name, "")) for name in forms.NUMBERS}}


def _fen(typed: str) -> int:
    """Return the amount that was typed, 0 where it is none yet."""
    try:
        return money.parse(typed)
    except Refusal:
        return 0


def _known(connection: Connection, book: str, verb: str) -> Known:
    """Return what there is to choose from; a contract that is made is none that there is."""
    names = [name for name in _kind(verb).model_fields if (verb, name) != ("contract", "contract")]
    return known(connection, book, names, language())

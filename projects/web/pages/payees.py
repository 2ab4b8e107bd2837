"""Payees, their accounts and invoices: the lists, one of each, the forms of a maker, an approver's second reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from ledger import facts, log, people
from ledger.errors import DocumentUnreadable, KeyReused, Refusal
from ledger.facts import Fact
from projects import invoices, payees, told, withdrawal
from projects.desk import Desk
from projects.errors import InvoiceUndocumented, PageForbidden, PaperRefused
from projects.registration import REGISTER, register
from projects.web import forms, instead, uploads
from projects.web.known import known
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, desk, form_key, handed, look, new_key, pages, ticked, write
from projects.web.papers import hand_out
from projects.web.sessions import language

MOST = 300
"""So many are shown in a list."""
KINDS = (payees.PAYEE, payees.ACCOUNT, payees.APPROVAL, invoices.KIND)
"""What of the office's log is shown here."""
WAYS = {
    "payee-unknown": ("payee-add", "code", "code"),
    "payee-needed": ("payee-add", "", ""),
    "account-missing": ("payee-account", "payee", "code"),
    "invoice-unknown": ("invoice-add", "number", "invoice"),
    "invoice-needed": ("invoice-add", "", ""),
}
"""What is registered where a refusal misses it: by its code the form, its field and the fact that fills it."""


@pages.get("/desk/<book>/payees")
def list_payees(book: str) -> Page:
    """List the payees with their accounts, masked; first those whose account waits for an approver."""
    with office().workspace.read() as connection:
        seen = _seen(connection, book)
        found = sorted(payees.list_payees(connection), key=lambda each: (not _waits(each), each.code))
    waiting = sum(map(_waits, found))
    return render_template("payees.html", **seen, rows=found[:MOST], count=len(found), waiting=waiting)


@pages.get("/desk/<book>/payees/<payee>")
def payee(book: str, payee: str) -> Page:
    """Show a payee, its account, and all that was recorded of it."""
    with office().workspace.read() as connection:
        seen = _seen(connection, book)
        found = payees.need_payee(connection, payee)
        history = [_told(fact, counts=counts) for fact, counts in reversed(payees.history(connection, payee))]
    return render_template("payee.html", **seen, payee=found, waits=_waits(found), told=history, key=new_key())


@pages.get("/desk/<book>/invoices")
def list_invoices(book: str) -> Page:
    """List the invoices, the newest first, with what was paid of each."""
    with office().workspace.read() as connection:
        seen = _seen(connection, book)
        found = invoices.list_invoices(connection)[::-1]
        used = invoices.all_uses(connection, [each.id for each in found[:MOST]])
        named = {each.code: each.name for each in payees.list_payees(connection)}
    rows = [invoices.plain(each, used[each.id]) for each in found[:MOST]]
    return render_template("invoices.html", **seen, rows=rows, count=len(found), named=named)


@pages.get("/desk/<book>/invoices/<invoice>")
def invoice(book: str, invoice: str) -> Page:
    """Show an invoice and the vouchers of this book that paid it; of others only how much."""
    with office().workspace.read() as connection:
        seen = _seen(connection, book)
        found = invoices.need_invoice(connection, invoices.read_id(invoice))
        used = invoices.uses(connection, found.id)
        seller = payees.payee_of(connection, found.seller)
    mine = [each for each in used if each.book == book]
    shown = {
        "made": invoices.plain(found, used),
        "seller": seller,
        "used": mine,
        "elsewhere": sum(each.amount for each in used) - sum(each.amount for each in mine),
        "fact": _told(found.fact, counts=True),
    }
    return render_template("invoice.html", **seen, **shown, key=new_key())


@pages.route("/desk/<book>/register/<entry>", methods=["GET", "POST"])
def register_form(book: str, entry: str) -> Page:
    """Show a maker's form of what belongs to the office; record it."""
    if entry not in forms.registrations():
        raise PageForbidden(about="verb", verb=entry)
    return _register(book, entry, {})


@pages.route("/desk/<book>/payees/<payee>/approve", methods=["GET", "POST"])
def approve_account(book: str, payee: str) -> Page:
    """Show the form in which an approver types an account once more; approve it."""
    with office().workspace.read() as connection:
        found = payees.need_payee(connection, payee)
        shown = {"payee": found, "of_account": _told(found.account.fact, counts=True) if found.account else None}
    return _register(book, "payee-approve", {"payee": payee}, **shown)


@pages.get("/desk/<book>/office/<label>/papers/<name>")
def office_paper(book: str, label: str, name: str) -> Page:  # noqa: ARG001 - who may see it goes by the book
    """Hand out a paper of a payee, an account or an invoice."""
    with office().workspace.read() as connection:
        fact = _of_office(connection, label)
    if name not in {f"{sha256}{suffix}" for sha256, suffix, _ in fact.documents}:
        raise NotFound
    return hand_out(office().workspace.documents, name)


@pages.post("/desk/<book>/office/<label>/withdraw")
def withdraw_of_office(book: str, label: str) -> Page:
    """Take back a payee, an account, an approval or an invoice that was recorded by mistake; it stays to be seen."""
    with office().workspace.read() as connection:
        fact = _of_office(connection, label)
    reason = request.form.get("reason", "").strip()
    write(lambda: withdrawal.withdraw(_office_desk(), label, reason=reason, key=command_key()))
    if fact.kind in {payees.ACCOUNT, payees.APPROVAL}:
        return redirect(url_for("desk.payee", book=book, payee=fact.subject), 303)
    page = "list_invoices" if fact.kind == invoices.KIND else "list_payees"
    return redirect(url_for(f"desk.{page}", book=book), 303)


def way(book: str, refusal: Refusal, form: str = "") -> dict[str, str] | None:
    """Return where that is registered which a refusal misses, None where it misses none of it.

    `form` is the key of the form that was refused: from what is registered a way leads back to it.
    """
    if refusal.code not in WAYS:
        return None
    what, field, fact = WAYS[refusal.code]
    filled: dict[str, Any] = {field: str(refusal.facts.get(fact, ""))} if field else {}
    at = url_for("desk.register_form", book=book, entry=what, **filled, form=form or None)
    return {"at": at, "said": instead.text(f"web.verb.{what}", language())}


def _register(book: str, what: str, fixed: Mapping[str, str], **shown: Any) -> Page:
    """Show a form or record what it brings; `fixed` is what the address says already."""
    kind = REGISTER[what][0]
    if request.method != "POST":
        asked = {name: text for name, text in request.args.items() if name in kind.model_fields}
        return _form(book, what, asked | dict(fixed), new_key(), **shown)
    typed, key, taken = dict(request.form) | dict(fixed), form_key(), list[uploads.Taken]()
    with office().workspace.read() as connection:
        asked = forms.facts(kind, typed, known(connection, book, kind.model_fields, language()))
    try:
        taken = handed(book)
        papers = uploads.paths(desk(book), taken)
        made = write(lambda: register(_office_desk(), what, asked, key=command_key(), papers=papers))
    except (InvoiceUndocumented, PaperRefused, DocumentUnreadable) as refusal:
        says = instead.explain(refusal, language())
        return _form(book, what, typed, key, taken=taken or ticked(book), paper_error=says, **shown), 422
    except Refusal as refusal:
        today = {"date": office().workspace.clock().date().isoformat()}
        says, field = instead.explain(refusal, language()), forms.about(kind, today | asked, refusal)
        field = "" if field in fixed else field
        key = new_key() if isinstance(refusal, KeyReused) else key
        shown |= {"says": "" if field else says, "way": way(book, refusal)}
        return _form(book, what, typed, key, refused=(field, says), taken=taken, **shown), 422
    back = request.form.get("form") or None
    if "invoice" in made:
        return redirect(url_for("desk.invoice", book=book, invoice=made["invoice"], form=back), 303)
    return redirect(url_for("desk.payee", book=book, payee=made["code"], form=back), 303)


def _form(
    book: str, what: str, typed: Mapping[str, str], key: str, *, refused: tuple[str, str] = ("", ""), **more: Any
) -> str:
    """Return the page of a form, filled with what was typed."""
    with office().workspace.read() as connection:
        seen = _seen(connection, book)
        seen["known"] = known(connection, book, REGISTER[what][0].model_fields, language())
    form = forms.registering(what, typed, language(), refused=refused)
    limit = office().workspace.settings.document_limit_mb
    return render_template("register.html", **seen, what=what, form=form, key=key, fen={}, limit=limit, **more)


def _seen(connection: Connection, book: str) -> dict[str, Any]:
    """Return what every page here shows: who oversees the office, and the form from which somebody came."""
    oversees = people.has_role(connection, g.user, "approver", people.EVERY_BOOK)
    back = office().unfinished.one(g.user, book, request.values.get("form", ""))
    return look(connection, book) | {"oversees": oversees, "back": back}


def _waits(payee: payees.Payee) -> bool:
    return payee.account is not None and payee.account.approval is None


def _told(fact: Fact, *, counts: bool) -> dict[str, Any]:
    """Return a fact with what it says and its papers."""
    return {
        "label": fact.label,
        "kind": instead.text(f"told.{fact.kind}", language()),
        "on": fact.on,
        "by": fact.by,
        "says": told.items(fact, language()),
        "papers": [(f"{sha256}{suffix}", suffix, size) for sha256, suffix, size in fact.documents],
        "counts": counts,
    }


def _of_office(connection: Connection, label: str) -> Fact:
    """Return a fact of a kind that is shown here."""
    fact = facts.need(connection, log.OFFICE, label)
    if fact.kind not in KINDS:
        raise NotFound
    return fact


def _office_desk() -> Desk:
    return Desk(office().workspace, g.user)

"""Recording an event: its form, the voucher that would come of it, the draft."""

from __future__ import annotations

from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from sqlalchemy import Connection, text

from ledger import channels, messages, register
from ledger.errors import DocumentUnreadable, KeyReused, Refusal
from projects import registry
from projects.desk import PROPOSE
from projects.errors import PageForbidden, PaperRefused
from projects.status import status
from projects.web import forms, uploads
from projects.web.app import language, office
from projects.web.pages.frame import Page, command_key, desk, form_key, look, new_key, pages, write


@pages.get("/desk/<book>/record")
def verbs(book: str) -> Page:
    """Show what can be recorded."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
    return render_template("verbs.html", **seen, verbs=list(PROPOSE))


@pages.route("/desk/<book>/record/<verb>", methods=["GET", "POST"])
def record(book: str, verb: str) -> Page:
    """Show an event's form; show what would come of it; draft it."""
    kind = forms.kind_of(verb)
    if kind is None:
        raise PageForbidden(about="verb", verb=verb)
    with office().workspace.read() as connection:
        seen = look(connection, book) | {"verb": verb, "known": _known(connection, book)}
        seen["figures"] = status(connection, book)
    seen["limit"] = office().workspace.settings.document_limit_mb
    today_is = office().workspace.clock().date().isoformat()
    if request.method == "GET":
        typed = {"date": today_is}
        return render_template("form.html", **seen, fields=forms.inputs(kind, typed, language()), key=new_key())
    typed, key = dict(request.form), form_key()
    asked, refused, says = forms.facts(kind, typed), ("", ""), ""
    try:
        seen["taken"] = taken = _papers(book)
        if typed.get("step") == "keep":
            papers = uploads.paths(desk(book), taken)
            made = write(lambda: desk(book).record(verb, asked, key=command_key(), papers=papers))
            return redirect(url_for("desk.draft", book=book, label=made["draft"]), 303)
        if typed.get("step") == "look":
            made = write(lambda: desk(book).preview(verb, asked))
            amount = getattr(kind.read({"date": made["date"]} | asked), "amount", None)
            carried = {"typed": typed, "names": list(kind.model_fields), "key": key}
            return render_template("preview.html", **seen, made=made, amount=amount, **carried)
    except (PaperRefused, DocumentUnreadable) as refusal:
        seen["paper_error"] = messages.explain(refusal, language())
        refused = ("papers", seen["paper_error"])
    except Refusal as refusal:
        says = messages.explain(refusal, language())
        refused = (forms.about(kind, {"date": today_is} | asked, refusal), says)
        # What was kept under the key stays kept; what was changed since is another event.
        key = new_key() if isinstance(refusal, KeyReused) else key
    fields = forms.inputs(kind, typed, language(), refused=refused)
    shown = render_template("form.html", **seen, fields=fields, key=key, says="" if refused[0] else says)
    return shown, 422 if says or refused[1] else 200


def _papers(book: str) -> list[uploads.Taken]:
    """Keep what the form brings; what is refused is not kept, and the rest is carried on."""
    secret = str(current_app.config["SECRET_KEY"])
    return uploads.take(desk(book), secret, request.files.getlist("papers"), request.form.getlist("paper"))


def _known(connection: Connection, book: str) -> dict[str, list[tuple[str, str]]]:
    """Return by kind of fact what the book has, each with its name."""
    of_money = [(each["code"], each["name"]) for each in channels.list_channels(connection)]
    contracts = connection.execute(
        text(
            "SELECT DISTINCT contract, payee FROM voucher WHERE book = :book AND event = 'contract' ORDER BY contract"
        ),
        {"book": book},
    )
    found: dict[str, Any] = {
        "project": [(each["code"], each["name"]) for each in registry.list_projects(connection, book)],
        "channel": of_money,
        "from_channel": of_money,
        "to_channel": of_money,
        "bank": [(each.code, each.name) for each in register.list_banks(connection, book)],
        "contract": [(each.contract, each.payee) for each in contracts],
        "good": [(str(each["code"]), str(each["name"])) for each in channels.list_goods(connection)],
    }
    return found

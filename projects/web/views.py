"""The pages of the desk: what waits, recording, drafts, sealing, vouchers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from sqlalchemy import Connection, text

from ledger import channels, messages, people, register, vouchers
from ledger.balances import State
from ledger.books.write import settle
from ledger.chart import channel_of
from ledger.errors import KeyReused, Refusal, RoleMissing
from ledger.messages import LANGS
from ledger.register import Book
from projects import registry
from projects.desk import PROPOSE, Desk, answer
from projects.errors import PageForbidden, PasswordWeak
from projects.idle import idle
from projects.sealed import list_sealed, need_sealed
from projects.status import status
from projects.web import forms
from projects.web.app import language, office, start_session

pages = Blueprint("desk", __name__)
Page = Any
NEWEST = 200
"""So many vouchers are listed at once."""


@pages.route("/login", methods=["GET", "POST"])
def log_in() -> Page:
    """Let somebody in."""
    if request.method == "GET":
        return redirect(url_for("desk.home")) if g.user else render_template("login.html")
    name = request.form.get("name", "").strip()
    try:
        office().need_calm(request.remote_addr or "")
        start_session(name, office().logins.log_in(name, request.form.get("password", "")))
    except Refusal as refusal:
        status_code = 429 if refusal.facts.get("about") == "rate" else 401
        return render_template("login.html", says=messages.explain(refusal, language()), name=name), status_code
    return redirect(url_for("desk.home"))


@pages.post("/logout")
def log_out() -> Page:
    """End the session."""
    session.clear()
    return redirect(url_for("desk.log_in"))


@pages.route("/password", methods=["GET", "POST"])
def password() -> Page:
    """Change one's own password."""
    first = office().logins.must_change(g.user)
    if request.method == "GET":
        return render_template("password.html", first=first)
    try:
        office().need_calm(request.remote_addr or "")
        new = request.form.get("new", "")
        if new != request.form.get("again", ""):
            raise PasswordWeak(about="differ")
        start_session(g.user, office().logins.change_password(g.user, request.form.get("old", ""), new))
    except Refusal as refusal:
        return render_template("password.html", first=first, says=messages.explain(refusal, language())), 422
    return redirect(url_for("desk.home"))


@pages.post("/language")
def choose_language() -> Page:
    """Speak the language that was chosen."""
    if request.form.get("lang") in LANGS:
        session["lang"] = request.form["lang"]
    return redirect(url_for("desk.home"))


@pages.get("/")
def home() -> Page:
    """Show the books in which this person has a role; a single one is opened."""
    with office().workspace.read() as connection:
        roles = people.roles_of(connection, g.user)
        books = [each for each in register.list_books(connection) if _of(roles, each.code)]
    if len(books) == 1:
        return redirect(url_for("desk.today", book=books[0].code))
    return render_template("home.html", books=books)


@pages.get("/desk/<book>/")
def today(book: str) -> Page:
    """Show what waits for this person, what nobody spends, and what is left."""
    with office().workspace.read() as connection:
        seen = _look(connection, book)
        drafts = vouchers.drafts(connection, book)
        unspent = idle(State(connection, book, drafts=False), office().workspace.clock().date())
        figures = status(connection, book)
    mine = [each for each in drafts if each.maker == g.user]
    waiting = [each for each in drafts if each.maker != g.user] if "approver" in seen["roles"] else []
    return render_template("today.html", **seen, mine=mine, waiting=waiting, idle=unspent, figures=figures)


@pages.get("/desk/<book>/record")
def verbs(book: str) -> Page:
    """Show what can be recorded."""
    with office().workspace.read() as connection:
        seen = _look(connection, book, role="maker")
    return render_template("verbs.html", **seen, verbs=list(PROPOSE))


@pages.route("/desk/<book>/record/<verb>", methods=["GET", "POST"])
def record(book: str, verb: str) -> Page:
    """Show an event's form; show what would come of it; draft it."""
    kind = forms.kind_of(verb)
    with office().workspace.read() as connection:
        seen = _look(connection, book, role="maker") | {"verb": verb, "known": _known(connection, book)}
        seen["figures"] = status(connection, book)
    if kind is None:
        raise PageForbidden(about="verb", verb=verb)
    today_is = office().workspace.clock().date().isoformat()
    if request.method == "GET":
        typed = {"date": today_is}
        return render_template("form.html", **seen, fields=forms.inputs(kind, typed, language()), key=_new_key())
    typed, key = dict(request.form), _key()
    asked, refused, says = forms.facts(kind, typed), ("", ""), ""
    desk = Desk(office().workspace, g.user, book)
    try:
        if typed.get("step") == "keep":
            made = _write(lambda: desk.record(verb, asked, key=f"desk-{g.user}-{key}"))
            return redirect(url_for("desk.draft", book=book, label=made["draft"]), 303)
        if typed.get("step") == "look":
            made = _write(lambda: desk.preview(verb, asked))
            amount = getattr(kind.read({"date": made["date"]} | asked), "amount", None)
            carried = {"typed": typed, "names": list(kind.model_fields), "key": key}
            return render_template("preview.html", **seen, made=made, amount=amount, **carried)
    except Refusal as refusal:
        says = messages.explain(refusal, language())
        refused = (forms.about(kind, {"date": today_is} | asked, refusal), says)
        # What was kept under the key stays kept; what was changed since is another event.
        key = _new_key() if isinstance(refusal, KeyReused) else key
    fields = forms.inputs(kind, typed, language(), refused=refused)
    return render_template("form.html", **seen, fields=fields, key=key, says="" if refused[0] else says), (
        422 if says else 200
    )


@pages.get("/desk/<book>/drafts")
def drafts(book: str) -> Page:
    """List the drafts that wait."""
    with office().workspace.read() as connection:
        seen = _look(connection, book)
        waiting = vouchers.drafts(connection, book)
    return render_template("drafts.html", **seen, drafts=waiting)


@pages.get("/desk/<book>/drafts/<label>")
def draft(book: str, label: str) -> Page:
    """Show a draft, what will move, and what was sealed in its project since it was made."""
    with office().workspace.read() as connection:
        seen = _look(connection, book)
        waiting = vouchers.need_draft(connection, book, label)
        made = answer(waiting, State(connection, book, without=waiting.id))
        since = connection.execute(
            text(
                "SELECT number, date, event, narration FROM voucher WHERE book = :book AND project = :project "
                "AND sealed_at >= :at ORDER BY seq"
            ),
            {"book": book, "project": waiting.proposal.project, "at": waiting.made_at},
        ).all()
    return render_template("draft.html", **seen, made=made, since=since, key=_new_key())


@pages.post("/desk/<book>/drafts/<label>/seal")
def seal(book: str, label: str) -> Page:
    """Seal a draft of somebody else's."""
    with office().workspace.read() as connection:
        _look(connection, book, role="approver")
    key = f"desk-{g.user}-{_key()}"
    sealed = _write(lambda: Desk(office().workspace, g.user, book).seal(label, key=key))
    return redirect(url_for("desk.voucher", book=book, number=sealed["number"]), 303)


@pages.post("/desk/<book>/drafts/<label>/drop")
def drop(book: str, label: str) -> Page:
    """Throw a draft away."""
    with office().workspace.read() as connection:
        _look(connection, book)
    key = f"desk-{g.user}-{_key()}"
    _write(lambda: Desk(office().workspace, g.user, book).drop(label, key=key))
    return redirect(url_for("desk.drafts", book=book), 303)


@pages.get("/desk/<book>/vouchers")
def list_vouchers(book: str) -> Page:
    """List the newest vouchers, or those that have the words that were looked for."""
    sought = request.args.get("q", "").strip()
    with office().workspace.read() as connection:
        seen = _look(connection, book)
        rows = list_sealed(connection, book)
    shown = ("number", "project", "payee", "narration")
    found = [row for row in rows if any(sought.casefold() in str(row[each]).casefold() for each in shown)]
    return render_template("vouchers.html", **seen, rows=found[::-1][:NEWEST], sought=sought, count=len(found))


@pages.get("/desk/<book>/vouchers/<number>")
def voucher(book: str, number: str) -> Page:
    """Show a voucher as it is printed."""
    with office().workspace.read() as connection:
        seen = _look(connection, book)
        found = need_sealed(connection, book, number)
    whole = sum(line["amount"] for line in found["postings"] if line["amount"] > 0 and is_money(line))
    return render_template("voucher.html", **seen, made=found, money=whole, key=_new_key())


@pages.post("/desk/<book>/vouchers/<number>/correct")
def correct(book: str, number: str) -> Page:
    """Draft the reversal of a voucher, and of those that lean on it."""
    with office().workspace.read() as connection:
        _look(connection, book, role="maker")
    desk, key = Desk(office().workspace, g.user, book), f"desk-{g.user}-{_key()}"
    _write(lambda: desk.correct(number, reason=request.form.get("reason", ""), key=key))
    return redirect(url_for("desk.drafts", book=book), 303)


def _look(connection: Connection, book: str, *, role: str = "") -> dict[str, Any]:
    """Return the book and this person's roles in it.

    Raises:
        PageForbidden: there is no such book for this person; whether there is one is not said.
        RoleMissing: the page is for another role.
    """
    roles = _of(people.roles_of(connection, g.user), book)
    known: dict[str, Book] = {each.code: each for each in register.list_books(connection)}
    if not roles or book not in known:
        raise PageForbidden(about="book", book=book)
    if role and role not in roles:
        raise RoleMissing(about=role, user=g.user, role=role, book=book)
    return {"book": known[book], "roles": roles}


def is_money(line: dict[str, Any]) -> bool:
    """Tell whether a posting is of money: not of goods by quantity, nor of the budget, which mirrors it."""
    return bool(line["scale"] == 2 and channel_of(line["commodity"]) == line["commodity"])  # noqa: PLR2004 - yuan has fen


def _of(roles: dict[str, set[str]], book: str) -> set[str]:
    return roles.get(book, set()) | roles.get(people.EVERY_BOOK, set())


def _write(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do one thing after the other, and see the books on the disk before it is answered."""
    with office().writing:
        done = act()
        settle(office().workspace)
    return done


def _known(connection: Connection, book: str) -> dict[str, list[tuple[str, str]]]:
    """Return by kind of fact what the book has, each with its name."""
    of_money = [(each["code"], each["name"]) for each in channels.list_channels(connection)]
    contracts = connection.execute(
        text(
            "SELECT DISTINCT contract, payee FROM voucher WHERE book = :book AND event = 'contract' ORDER BY contract"
        ),
        {"book": book},
    )
    return {
        "project": [(each["code"], each["name"]) for each in registry.list_projects(connection, book)],
        "channel": of_money,
        "from_channel": of_money,
        "to_channel": of_money,
        "bank": [(each.code, each.name) for each in register.list_banks(connection, book)],
        "contract": [(each.contract, each.payee) for each in contracts],
        "good": [(str(each["code"]), str(each["name"])) for each in channels.list_goods(connection)],
    }


def _new_key() -> str:
    return secrets.token_hex(16)


def _key() -> str:
    """Return the key that the form carries; a form without one was not made here."""
    key = request.form.get("key", "")
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise PageForbidden(about="key")
    return key

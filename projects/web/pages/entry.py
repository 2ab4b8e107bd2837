"""Coming in and going out: the login, the password, the language, the choice of a book."""

from __future__ import annotations

from flask import g, redirect, render_template, request, session, url_for

from ledger import people, register
from ledger.errors import Refusal
from ledger.messages import LANGS
from projects.errors import LoginRefused, PasswordWeak
from projects.web import access, carried, instead
from projects.web.office import office
from projects.web.pages.frame import Page, pages
from projects.web.sessions import end_session, language, start_session


@pages.route("/login", methods=["GET", "POST"])
def log_in() -> Page:
    """Let somebody in."""
    if request.method != "POST":
        return redirect(url_for("desk.home")) if g.user else render_template("login.html")
    name = request.form.get("name", "").strip()
    try:
        office().need_calm(request.remote_addr or "")
        start_session(name, office().logins.log_in(name, request.form.get("password", "")))
    except Refusal as refusal:
        office().remember_refusal(request.remote_addr or "")
        status_code = 429 if refusal.facts.get("about") == "rate" else 401
        shown = {"says": instead.explain(refusal, language()), "name": name, "carried": request.form.get("carried")}
        return render_template("login.html", **shown), status_code
    if form := carried.put_down(name, request.form.get("carried", "")):
        office().unfinished.keep(name, form.book, form.verb, form.key, form.typed, form.papers)
        return redirect(url_for("desk.record", book=form.book, verb=form.verb, form=form.key))
    return redirect(url_for("desk.home"))


@pages.post("/logout")
def log_out() -> Page:
    """End the session."""
    end_session()
    return redirect(url_for("desk.log_in"))


@pages.route("/password", methods=["GET", "POST"])
def password() -> Page:
    """Change one's own password."""
    first = office().logins.must_change(g.user)
    if request.method != "POST":
        return render_template("password.html", first=first)
    try:
        office().need_calm(request.remote_addr or "")
        new = request.form.get("new", "")
        if new != request.form.get("again", ""):
            raise PasswordWeak(about="differ")
        start_session(g.user, office().logins.change_password(g.user, request.form.get("old", ""), new))
    except Refusal as refusal:
        if isinstance(refusal, LoginRefused):
            office().remember_refusal(request.remote_addr or "")
        return render_template("password.html", first=first, says=instead.explain(refusal, language())), 422
    return redirect(url_for("desk.home"))


@pages.post("/language")
def choose_language() -> Page:
    """Speak the language that was chosen."""
    if request.form.get("lang") in LANGS:
        session["lang"] = request.form["lang"]
    return redirect(url_for("desk.home"))


@pages.get("/")
def home() -> Page:
    """Show the books that this person may look at; a single one is opened."""
    with office().workspace.read() as connection:
        roles = people.roles_of(connection, g.user)
        every = roles.get(people.EVERY_BOOK, set())
        books = [
            each
            for each in register.list_books(connection)
            if "look" in access.rights_of(roles.get(each.code, set()) | every)
        ]
    administers = "people" in access.rights_of({role for held in roles.values() for role in held})
    if administers and not books:
        return redirect(url_for("desk.list_people"))
    if len(books) == 1:
        return redirect(url_for("desk.today", book=books[0].code))
    return render_template("home.html", books=books, everywhere=access.rights_of(every), administers=administers)

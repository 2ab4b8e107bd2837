"""People, for who administers: roles by book, first passwords, locked logins, and what the office's log says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy import Connection

from ledger import granted, people, register
from ledger.errors import Refusal, RoleMissing, TextMissing
from ledger.people import EVERY_BOOK
from projects import admission
from projects.desk import Desk
from projects.web import instead
from projects.web.office import office
from projects.web.pages.frame import Page, command_key, new_key, pages, write
from projects.web.refused import status_of
from projects.web.sessions import language
from projects.web.unused import MOST

NEWEST = 50
"""So many changes are shown."""


@pages.get("/people")
def list_people() -> Page:
    """List the people of the books that this person administers, and what was changed last."""
    return render_template("people.html", **_seen(), typed={})


@pages.post("/people")
def add_person() -> Page:
    """Add a person with roles and a first password, which is shown this once."""
    typed = {name: request.form.get(name, "").strip() for name in ("name", "full_name", "book")}
    roles, password = request.form.getlist("role"), admission.make_password()
    try:
        holds = _kept(
            lambda key: admission.add(
                _desk(), office().logins, **typed, roles=_need_roles(roles), password=password, key=key
            )
        )
    except Refusal as refusal:
        return _refused(refusal, "people.html", **_seen(), typed=typed | {"roles": roles})
    return render_template("password_once.html", name=typed["name"], password=password if holds else "")


@pages.get("/people/<name>")
def person(name: str) -> Page:
    """Show a person: roles with since when and by whom, the login, and what may be done."""
    return render_template("person.html", **_seen(name))


@pages.post("/people/<name>/grant")
def grant(name: str) -> Page:
    """Give a person more roles, for a book or for all."""
    roles, book = request.form.getlist("role"), request.form.get("book", "")

    try:
        _kept(lambda key: admission.grant(_desk(), name, roles=_need_roles(roles), book=book, key=key))
    except Refusal as refusal:
        return _refused(refusal, "person.html", **_seen(name), typed={"roles": roles, "book": book})
    return redirect(url_for("desk.person", name=name), 303)


@pages.post("/people/<name>/take-back")
def take_back(name: str) -> Page:
    """Take a role back from a person: what it means is shown first, and done when that was read."""
    role, book = request.form.get("role", ""), request.form.get("book", "")

    try:
        if request.form.get("step") != "sure":
            waiting = admission.take_back(_desk(), name, roles=[role], book=book, only_look=True)
            shown = {"name": name, "role": role, "place": book, "drafts": waiting, "key": new_key()}
            return render_template("take_back.html", **shown, every=EVERY_BOOK)
        _kept(lambda key: admission.take_back(_desk(), name, roles=[role], book=book, key=key))
    except Refusal as refusal:
        return _refused(refusal, "person.html", **_seen(name))
    return redirect(url_for("desk.person", name=name), 303)


@pages.post("/people/<name>/password")
def first_password(name: str) -> Page:
    """Give a person a new first password, shown this once; whoever is logged in with the old one is out."""
    password = admission.make_password()
    try:
        holds = _kept(lambda key: admission.give_password(_desk(), office().logins, name, password, key=key))
    except Refusal as refusal:
        return _refused(refusal, "person.html", **_seen(name))
    return render_template("password_once.html", name=name, password=password if holds else "")


@pages.post("/people/<name>/unlock")
def unlock(name: str) -> Page:
    """Open a login that wrong passwords have locked."""
    try:
        _kept(lambda key: admission.unlock(_desk(), office().logins, name, key=key))
    except Refusal as refusal:
        return _refused(refusal, "person.html", **_seen(name))
    return redirect(url_for("desk.person", name=name), 303)


def _desk() -> Desk:
    """Return the desk of no book in particular."""
    return Desk(office().workspace, g.user)


def _kept(act: Callable[[str], Any]) -> Any:
    """Do something under the form's key, one writer at a time, and return what it answers."""
    key = command_key()
    return write(lambda: {"answer": act(key)})["answer"]


def _refused(refusal: Refusal, page: str, **seen: Any) -> tuple[str, int]:
    says = instead.explain(refusal, language())
    return render_template(page, **seen, says=says), status_of(refusal)


def _need_roles(roles: list[str]) -> list[str]:
    if not roles:
        raise TextMissing(field=instead.text("column.roles", language()))
    return roles


def _seen(name: str = "") -> dict[str, Any]:
    """Return what the pages show: of one person, or of all; to who administers some books, no more than those."""
    with office().workspace.read() as connection:
        held, books = people.roles_of(connection, g.user), register.list_books(connection)
        own = {book for book, roles in held.items() if "administrator" in roles}
        users = {each["name"]: each for each in people.list_users(connection)}
        grants = [each for each in granted.grants(connection) if _mine(each.book, own)]
        changes = admission.history(connection)
        seen = _person(connection, name) if name else {}
    if EVERY_BOOK not in own:
        known = {each.user for each in grants} | {name}
        users = {each: user for each, user in users.items() if each in known}
        changes = [each for each in changes if each.user in known and _mine(each.book or EVERY_BOOK, own)]
    if name:
        changes = [each for each in changes if each.user == name]
    states = office().logins.states()
    of_them = [
        {**user, "grants": [each for each in grants if each.user == code], "login": states.get(code, "none")}
        for code, user in users.items()
    ]
    places = [EVERY_BOOK, *(each.code for each in books)] if EVERY_BOOK in own else sorted(own)
    return seen | {
        "rows": of_them,
        "piles": [] if name else office().unused.piles(users),
        "unused": office().unused,
        "most": MOST,
        "of": next((each for each in of_them if each["name"] == name), None),
        "changes": changes[:NEWEST],
        "changed": len(changes),
        "places": [(each, next((book.name for book in books if book.code == each), "")) for each in places],
        "roles": people.ROLES,
        "every": EVERY_BOOK,
        "key": new_key(),
    }


def _person(connection: Connection, name: str) -> dict[str, Any]:
    people.need_user(connection, name)
    try:
        admission.need_admitter(connection, g.user, name)
    except RoleMissing:
        admits = False
    else:
        admits = name != g.user
    return {"admits": admits, "counts": people.vouchers_of(connection, name)}


def _mine(book: str, own: set[str]) -> bool:
    """Tell whether what holds in a book, or in all, is shown to who administers these."""
    return EVERY_BOOK in own or book in own or book == EVERY_BOOK

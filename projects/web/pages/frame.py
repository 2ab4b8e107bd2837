"""What all pages have: who asks, for which book, and one write at a time under the key that a form carries."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, request
from sqlalchemy import Connection

from ledger import register
from ledger.books.write import settle
from ledger.register import Book
from ledger.store import sql
from projects.desk import Desk
from projects.errors import PageForbidden
from projects.web import access, uploads
from projects.web.office import office

pages = Blueprint("desk", __name__)
Page = Any


def look(connection: Connection, book: str) -> dict[str, Any]:
    """Return what every page of a book shows: the book, this person's roles in it and what they may."""
    [known] = [each for each in register.list_books(connection) if each.code == book]
    found: Book = known
    return {"book": found, "roles": g.roles, "may": access.rights_of(g.roles), "called": called(connection, book)}


def called(connection: Connection, book: str) -> dict[str, dict[str, str]]:
    """Return what the projects of a book and the channels are called, by code: few know all codes by heart."""
    projects = sql.rows(connection, "SELECT code, title FROM project WHERE book = :book", {"book": book})
    channels = sql.rows(connection, "SELECT code, name FROM channel")
    return {"project": dict(projects), "channel": dict(channels)}


def seen_of(book: str) -> dict[str, Any]:
    """Return what every page of a book shows, where nothing else is read."""
    with office().workspace.read() as connection:
        return look(connection, book)


def write(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do one thing after the other, and see the books on the disk before it is answered."""
    with office().writing:
        done = act()
        settle(office().workspace)
    return done


def desk(book: str) -> Desk:
    """Return the desk at which this person sits."""
    return Desk(office().workspace, g.user, book)


def new_key() -> str:
    """Return a key for a form that has not been sent yet."""
    return secrets.token_hex(16)


def form_key() -> str:
    """Return the key that the form carries; a form without one was not made here."""
    key = request.form.get("key", "")
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise PageForbidden(about="key")
    return key


def command_key() -> str:
    """Return under what the record remembers what the form asks for: nobody sends another's form."""
    return f"desk-{g.user}-{form_key()}"


def handed(book: str) -> list[uploads.Taken]:
    """Keep the papers that the form brings, after those that it brought before and that are ticked still.

    Raises:
        PaperRefused, DocumentUnreadable: as in `uploads.take`.
    """
    return uploads.take(desk(book), secret(), request.files.getlist("papers"), request.form.getlist("paper"))


def ticked(book: str) -> list[uploads.Taken]:
    """Return the papers that the form brought before and that are ticked still, where what it brings now is refused."""
    return uploads.again(desk(book), secret(), request.form.getlist("paper"))


def secret() -> str:
    """Return the key under which the desk seals the names of papers."""
    return str(current_app.config["SECRET_KEY"])

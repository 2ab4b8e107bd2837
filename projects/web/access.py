"""Who may see and do what at the desk, by the table in ``access.toml``: what is not named there is nobody's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Connection

from ledger import people, register
from ledger.errors import Names, RoleMissing
from projects.errors import PageForbidden

ANYONE, SELF = "anyone", "self"
SOMEWHERE = frozenset({"people"})
"""Rights for which a role in any book opens a page of no book: what it shows and does keeps to those books itself."""


@cache
def table() -> Mapping[str, Any]:
    """Return the table: what each role may, what each page of the desk and of Fava takes."""
    return tomllib.loads(files("projects.web").joinpath("access.toml").read_text(encoding="utf-8"))


def takes(part: str, page: str) -> str:
    """Return what a page of a part takes."""
    return str(table()[part].get(page, "nobody"))


def roles_with(right: str) -> set[str]:
    """Return the roles that have a right."""
    return {role for role, rights in table()["role"].items() if right in rights}


def rights_of(roles: set[str]) -> set[str]:
    """Return what somebody with these roles may."""
    return {right for role in roles for right in table()["role"].get(role, ())}


def roles_in(connection: Connection, name: str, book: str) -> set[str]:
    """Return the roles of somebody in a book; of no book in particular, those that hold in every one."""
    held = people.roles_of(connection, name)
    return held.get(book, set()) | held.get(people.EVERY_BOOK, set())


def need_right(connection: Connection, name: str, right: str, book: str) -> set[str]:
    """Return somebody's roles in a book, having made sure that one of them has the right.

    Raises:
        PageForbidden: there is no such book for this person; whether there is one is not said.
        RoleMissing: it is work of other roles.
    """
    if right in SOMEWHERE and not book:
        roles = {role for held in people.roles_of(connection, name).values() for role in held}
    else:
        roles = roles_in(connection, name, book)
    known = not book or any(each.code == book for each in register.list_books(connection))
    if not known or (book and not roles):
        raise PageForbidden(about="book", book=book)
    if right not in rights_of(roles):
        wanted = Names(sorted(roles_with(right)))
        role = wanted[0] if len(wanted) == 1 else wanted
        about = role if isinstance(role, str) else ""
        raise RoleMissing(about=about, user=name, role=role, book=book or people.EVERY_BOOK)
    return roles

"""Letting people in at the desk: a first password, and opening a login that is locked, each told in the office's log.

What a password is stays outside of the record (`docs/decisions/0034-the-desk.md`); that it was set, when and by whom,
is a fact of the office's log, because whoever sets the password of another could come in as them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ledger import facts, granted, log, people, register
from ledger.granted import Change
from ledger.store.workspace import Unit
from projects.desk import Desk

if TYPE_CHECKING:
    from projects.web.logins import Logins

KIND = "login"
"""The kind of the fact that somebody was let in; its subject is the user."""
PASSWORD, UNLOCK = "password", "unlock"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nobody who reads a first password aloud takes one of these for another."""


def make_password() -> str:
    """Return a first password of 79 bits, in groups that can be read aloud."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def add(
    desk: Desk,
    logins: Logins,
    name: str,
    *,
    roles: list[str],
    full_name: str,
    book: str,
    password: str,
    key: str | None = None,
) -> bool:
    """Register a user with roles and give a first password; tell whether it is this one that holds.

    Under a key that was used before, the user is there already and keeps the password of then.

    Raises:
        Refusal: whatever `people.add_user` refuses.
    """

    def enter(unit: Unit) -> None:
        people.add_user(unit, name, roles=roles, full_name=full_name, book=book, by=desk.user)
        need_place(unit.connection, book)

    content = {"name": name, "roles": "、".join(roles), "full_name": full_name, "book": book}
    return _give(desk, logins, name, password, "user add", content, enter, key)


def give_password(desk: Desk, logins: Logins, name: str, password: str, *, key: str | None = None) -> bool:
    """Give a user a first password, changed at the first login; tell whether it is this one that holds.

    Every session of the user is over.

    Raises:
        Unknown: there is no such user.
        RoleMissing: `desk.user` does not administer all books in which the user has a role.
        PasswordWeak: it is too short or too long, or the user's own name.
    """

    def need(unit: Unit) -> None:
        need_admitter(unit.connection, desk.user, name)

    return _give(desk, logins, name, password, "user password", {"name": name}, need, key)


def unlock(desk: Desk, logins: Logins, name: str, *, key: str | None = None) -> None:
    """Open a login that wrong passwords have locked.

    Raises:
        Unknown, RoleMissing: as in `give_password`.
        LoginMissing: the user has no login.
    """

    def act(unit: Unit) -> dict[str, str]:
        need_admitter(unit.connection, desk.user, name)
        logins.need_login(name)
        _tell(unit, name, UNLOCK, by=desk.user)
        return {"done": "user unlock"}

    desk.change("user unlock", {"name": name}, act, key=key)
    logins.unlock(name)


def need_admitter(connection: Connection, by: str, name: str) -> None:
    """Make sure that `by` administers every book in which a user has a role, all books where the user has none.

    Otherwise the administrator of one book came into others as somebody else. Until the office has an administrator,
    whoever has the machine lets people in.

    Raises:
        Unknown: there is no such user.
        RoleMissing: it is somebody else's to do.
    """
    people.need_user(connection, name)
    for book in sorted(people.roles_of(connection, name)) or [people.EVERY_BOOK]:
        people.need_granter(connection, by, book)


def need_place(connection: Connection, book: str) -> None:
    """Make sure that a role is for a book that there is, or for all.

    Raises:
        Unknown: there is no such book.
    """
    if book != people.EVERY_BOOK:
        register.need_book(connection, book)


def history(connection: Connection) -> list[Change]:
    """Return what was done about users, their roles and their logins, newest first."""
    told = [
        Change(each.position, str(each.data.get("deed", "")), each.subject, "", "", each.at, each.by)
        for each in facts.facts(connection, log.OFFICE, KIND)
    ]
    return sorted([*granted.changes(connection), *told], key=lambda each: -each.position)


def _give(
    desk: Desk,
    logins: Logins,
    name: str,
    password: str,
    command: str,
    content: dict[str, str],
    first: Callable[[Unit], None],
    key: str | None,
) -> bool:
    """Do what comes first, tell of the password and set it: told and not set is mended by setting it again."""
    ran = []

    def act(unit: Unit) -> dict[str, str]:
        first(unit)
        logins.need_strong(name, password)
        _tell(unit, name, PASSWORD, by=desk.user)
        ran.append(name)
        return {"done": command}

    desk.change(command, content, act, key=key)
    if holds := bool(ran) or not logins.has(name):
        logins.set_password(name, password, first=True)
    return holds


def _tell(unit: Unit, name: str, deed: str, *, by: str) -> None:
    """Record what was done, where there is a user who did it: before there is an administrator it may be nobody."""
    if people.has_user(unit.connection, by):
        facts.record(unit, log.OFFICE, KIND, name, on=unit.now.date(), by=by, data={"deed": deed})

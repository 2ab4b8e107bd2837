"""Who may do what, and letting people in at the desk: roles, a first password, opening a login that is locked.

Each is told in the office's log. What a password is stays outside of the record (`docs/decisions/0034-the-desk.md`);
that it was set, when and by whom, is a fact, because whoever sets the password of another could come in as them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

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
    content = {"name": name, "roles": "、".join(roles), "full_name": full_name, "book": book}
    enter = partial(_enter, by=desk.user, name=name, roles=roles, full_name=full_name, book=book)
    return _give(desk, logins, name, password, "user add", content, enter, key)


def register_user(
    desk: Desk, name: str, *, roles: list[str], full_name: str, book: str, key: str | None = None
) -> None:
    """Register a user with roles, who has no login yet.

    Raises:
        Unknown: there is no such book.
        Refusal: whatever `people.add_user` refuses.
    """
    content = {"name": name, "roles": "、".join(roles), "full_name": full_name, "book": book}
    enter = partial(_enter, by=desk.user, name=name, roles=roles, full_name=full_name, book=book)
    _change(desk, "user add", content, enter, key)


def grant(desk: Desk, name: str, *, roles: list[str], book: str, key: str | None = None) -> None:
    """Give a user more roles, for a book or for all; the same key gives them once.

    Raises:
        Unknown: there is no such user, or no such book.
        Refusal: whatever `people.grant` refuses.
    """

    def act(unit: Unit) -> None:
        _need_place_of(unit.connection, desk.user, book)
        people.grant(unit, name, roles=roles, book=book, by=desk.user)

    _change(desk, "user grant", {"name": name, "roles": "、".join(roles), "book": book}, act, key)


def take_back(
    desk: Desk, name: str, *, roles: list[str], book: str, key: str | None = None, only_look: bool = False
) -> int:
    """Take roles back from a user, and return how many drafts wait that nobody can seal then.

    With `only_look` nothing is kept: whatever is refused is told before anybody is asked whether they are sure.

    Raises:
        Unknown: there is no such user, or no such book.
        Refusal: whatever `people.revoke` refuses.
    """

    def act(unit: Unit) -> dict[str, Any]:
        _need_place_of(unit.connection, desk.user, book)
        people.revoke(unit, name, roles=roles, book=book, by=desk.user)
        return {"drafts": people.drafts_of(unit.connection, name, book) if "maker" in roles else 0}

    if only_look:
        with desk.workspace.write() as unit:
            return int(act(unit)["drafts"])
    content = {"name": name, "roles": "、".join(roles), "book": book}
    return int(desk.change("user revoke", content, act, key=key).get("drafts", 0))


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

    def act(unit: Unit) -> None:
        need_admitter(unit.connection, desk.user, name)
        logins.need_login(name)
        _tell(unit, name, UNLOCK, by=desk.user)

    _change(desk, "user unlock", {"name": name}, act, key)
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


def history(connection: Connection) -> list[Change]:
    """Return what was done about users, their roles and their logins, newest first."""
    told = [
        Change(each.position, str(each.data.get("deed", "")), each.subject, "", "", each.at, each.by)
        for each in facts.facts(connection, log.OFFICE, KIND)
    ]
    return sorted([*granted.changes(connection), *told], key=lambda each: -each.position)


def _need_place_of(connection: Connection, by: str, book: str) -> None:
    """Make sure that a role is for a book that there is, or for all; who may not grant there is not told which it is.

    Raises:
        RoleMissing: it is somebody else's to grant.
        Unknown: there is no such book.
    """
    people.need_granter(connection, by, book)
    if book != people.EVERY_BOOK:
        register.need_book(connection, book)


def _enter(unit: Unit, *, by: str, name: str, roles: list[str], full_name: str, book: str) -> None:
    _need_place_of(unit.connection, by, book)
    people.add_user(unit, name, roles=roles, full_name=full_name, book=book, by=by)


def _change(desk: Desk, command: str, content: dict[str, str], act: Callable[[Unit], None], key: str | None) -> None:
    """Do once in one unit of work what has no answer."""

    def answered(unit: Unit) -> dict[str, str]:
        act(unit)
        return {"done": command}

    desk.change(command, content, answered, key=key)


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

    def act(unit: Unit) -> None:
        first(unit)
        logins.need_strong(name, password)
        _tell(unit, name, PASSWORD, by=desk.user)
        ran.append(name)

    _change(desk, command, content, act, key)
    if holds := bool(ran) or not logins.has(name):
        logins.set_password(name, password, first=True)
    return holds


def _tell(unit: Unit, name: str, deed: str, *, by: str) -> None:
    """Record what was done, where there is a user who did it: before there is an administrator it may be nobody."""
    if people.has_user(unit.connection, by):
        facts.record(unit, log.OFFICE, KIND, name, on=unit.now.date(), by=by, data={"deed": deed})

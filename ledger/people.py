"""Users and their roles: who may make, who may approve, who may look."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import Connection, text

from ledger import log
from ledger.errors import AlreadyThere, ChoiceUnknown, Names, RoleMissing, Unknown
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import code, words

RoleName = Literal["maker", "approver", "auditor"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)
EVERY_BOOK = "*"


def add_user(unit: Unit, name: str, *, roles: list[str], full_name: str = "", book: str = EVERY_BOOK) -> None:
    """Add a user with roles in one book or in every book; the full name stays out of the log and the books.

    Raises:
        AlreadyThere: the name is taken.
        ChoiceUnknown: a role is not maker, approver or auditor.
    """
    code(name, "user")
    for role in roles:
        if role not in ROLES:
            raise ChoiceUnknown(about="role", text=role, choices=Names(ROLES))
    if _user(unit.connection, name):
        raise AlreadyThere(about="user", text=name)
    at = unit.now.isoformat(timespec="seconds")
    row = {"name": name, "full": words(full_name, "name", needed=False), "at": at}
    unit.connection.execute(text("INSERT INTO users (name, full_name, created_at) VALUES (:name, :full, :at)"), row)
    log.append(unit, log.OFFICE, "user", {"name": name, "created_at": at})
    for role in dict.fromkeys(roles):
        grant = {"user": name, "role": role, "book": book, "at": at}
        unit.connection.execute(
            text('INSERT INTO role_grant ("user", role, book, granted_at) VALUES (:user, :role, :book, :at)'),
            grant,
        )
        log.append(unit, log.OFFICE, "role", {"user": name, "role": role, "book": book, "granted_at": at})


def need_role(connection: Connection, name: str, role: RoleName, book: str) -> None:
    """Make sure that `name` has `role` in `book`.

    Raises:
        Unknown: there is no such user.
        RoleMissing: the user has not been granted the role.
    """
    need_user(connection, name)
    query = 'SELECT 1 FROM role_grant WHERE "user" = :user AND role = :role AND book IN (:book, :every)'
    if not sql.first(connection, query, {"user": name, "role": role, "book": book, "every": EVERY_BOOK}):
        raise RoleMissing(about=role, user=name, role=role, book=book)


def need_overseer(connection: Connection, name: str, book: str) -> None:
    """Make sure that `name` may approve or audit a book.

    Raises:
        Unknown: there is no such user.
        RoleMissing: the user has neither role.
    """
    try:
        need_role(connection, name, "approver", book)
    except RoleMissing:
        try:
            need_role(connection, name, "auditor", book)
        except RoleMissing as refusal:
            raise RoleMissing(**refusal.facts | {"about": "approver-or-auditor"}) from None


def need_user(connection: Connection, name: str) -> None:
    """Make sure that there is a user of this name.

    Raises:
        Unknown: there is none.
    """
    if not _user(connection, name):
        raise Unknown(about="user", text=name)


def list_users(connection: Connection) -> list[dict[str, str]]:
    """Return all users with their roles, by name."""
    query = (
        "SELECT name, full_name, created_at, role, book FROM users "
        'LEFT JOIN role_grant ON "user" = name ORDER BY name, role, book'
    )
    found: dict[str, dict[str, str]] = {}
    for row in connection.execute(text(query)):
        user = found.setdefault(
            row.name,
            {"name": row.name, "full_name": row.full_name, "roles": "", "created_at": row.created_at},
        )
        if row.role:
            role = row.role if row.book == EVERY_BOOK else f"{row.role}@{row.book}"
            user["roles"] = f"{user['roles']},{role}".lstrip(",")
    return list(found.values())


def roles_of(connection: Connection, name: str) -> dict[str, set[str]]:
    """Return the roles of a user by book; those of `EVERY_BOOK` hold in all."""
    found: dict[str, set[str]] = {}
    for role, book in sql.rows(connection, 'SELECT role, book FROM role_grant WHERE "user" = :user', {"user": name}):
        found.setdefault(book, set()).add(role)
    return found


def vouchers_of(connection: Connection, name: str) -> dict[str, int]:
    """Return how many sealed vouchers a user made and how many the user sealed."""
    query = text(
        "SELECT count(*) FILTER (WHERE maker = :name) AS made, count(*) FILTER (WHERE approver = :name) AS sealed "
        "FROM voucher"
    )
    row = connection.execute(query, {"name": name}).one()
    return {"made": int(row.made), "sealed": int(row.sealed)}


def _user(connection: Connection, name: str) -> bool:
    return sql.first(connection, "SELECT 1 FROM users WHERE name = :name", {"name": name}) is not None

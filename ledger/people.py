"""Users and their roles: who makes, approves, keeps cash, looks, publishes, and who says so of the others."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import Connection, text

from ledger import log
from ledger.errors import (
    AlreadyThere,
    ChoiceUnknown,
    Names,
    OwnRoles,
    RoleMissing,
    RoleNotHeld,
    RolesApart,
    Unknown,
)
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import code, looks, words

RoleName = Literal["maker", "approver", "cashier", "auditor", "publisher", "administrator"]
ROLES: tuple[RoleName, ...] = get_args(RoleName)
EVERY_BOOK = "*"


def add_user(
    unit: Unit, name: str, *, roles: list[str], full_name: str = "", book: str = EVERY_BOOK, by: str = ""
) -> None:
    """Add a user with roles in one book or in every book; the full name stays out of the log and the books.

    Raises:
        AlreadyThere: the name is taken, or looks like one that is: who made and who approved is told apart at a glance.
        ChoiceUnknown: there is no such role.
        RolesApart: the administrator has no role but auditor beside.
        RoleMissing: the office has an administrator, and it is not `by`.
    """
    code(name, "user")
    need_granter(unit.connection, by, book)
    if has_user(unit.connection, name):
        raise AlreadyThere(about="user", text=name)
    for other in unit.connection.execute(text("SELECT name FROM users ORDER BY name")).scalars():
        if looks(str(other)) == looks(name):
            raise AlreadyThere(about="user-alike", text=name, other=str(other))
    at = unit.now.isoformat(timespec="seconds")
    row = {"name": name, "full": words(full_name, "name", needed=False), "at": at}
    unit.connection.execute(text("INSERT INTO users (name, full_name, created_at) VALUES (:name, :full, :at)"), row)
    log.append(unit, log.OFFICE, "user", {"name": name, "created_at": at})
    _grant(unit, name, roles, book, by)


def grant(unit: Unit, name: str, *, roles: list[str], book: str = EVERY_BOOK, by: str = "") -> None:
    """Give a user more roles; what the user has already stays as it is.

    Raises:
        Unknown: there is no such user.
        ChoiceUnknown, RolesApart, RoleMissing: as in `add_user`.
        OwnRoles: the administrator gives a role to himself.
    """
    need_user(unit.connection, name)
    need_granter(unit.connection, by, book, of=name)
    _grant(unit, name, roles, book, by)


def revoke(unit: Unit, name: str, *, roles: list[str], book: str = EVERY_BOOK, by: str = "") -> None:
    """Take roles back from a user, for the book or for every book, as they were granted; all of them or none.

    From the commit on the user has them no more. What was made and sealed with them stays as it is; what the user has
    drafted is sealed by nobody, as a maker has to be one when it is sealed. An administrator is always left: whoever
    takes the role back has it there, and is somebody else.

    Raises:
        Unknown: there is no such user.
        ChoiceUnknown, RoleMissing, OwnRoles: as in `grant`.
        RoleNotHeld: the user does not have a role there.
    """
    need_user(unit.connection, name)
    need_granter(unit.connection, by, book, of=name)
    _need_known(roles)
    held = roles_of(unit.connection, name)
    for role in roles:
        if role not in held.get(book, set()):
            has = [f"{each}@{where}" for where, of in sorted(held.items()) for each in sorted(of)]
            raise RoleNotHeld(user=name, role=role, book=book, has=Names(has or ["-"]))
    at = unit.now.isoformat(timespec="seconds")
    for role in dict.fromkeys(roles):
        row = {"user": name, "role": role, "book": book, "at": at}
        unit.connection.execute(text(_TAKE_BACK), row)
        told = {"user": name, "role": role, "book": book, "revoked_at": at}
        log.append(unit, log.OFFICE, "role-revoked", told | ({"by": by} if has_user(unit.connection, by) else {}))


def need_granter(connection: Connection, by: str, book: str, *, of: str = "") -> None:
    """Make sure that `by` may grant roles in a book: once the office has an administrator, only one of the book may.

    Until then whoever has the machine grants, as the first administrator has to come from somewhere. `of` is whose
    roles change: nobody changes their own.

    Raises:
        RoleMissing: it is somebody else.
        OwnRoles: somebody changes their own roles.
    """
    if not has_administrator(connection):
        return
    held = roles_of(connection, by)
    if "administrator" not in held.get(book, set()) | held.get(EVERY_BOOK, set()):
        raise RoleMissing(about="administrator", user=by or "-", role="administrator", book=book)
    if by == of:
        raise OwnRoles(user=by)


def has_administrator(connection: Connection) -> bool:
    """Tell whether the office has an administrator, of whichever book."""
    return sql.first(connection, f"SELECT 1 FROM ({HELD}) h WHERE role = 'administrator'") is not None  # noqa: S608 - ours


def _grant(unit: Unit, name: str, roles: list[str], book: str, by: str) -> None:
    _need_known(roles)
    held = roles_of(unit.connection, name)
    wanted = [role for role in dict.fromkeys(roles) if role not in held.get(book, set())]
    _need_apart(name, {*wanted, *(role for of in held.values() for role in of)})
    at = unit.now.isoformat(timespec="seconds")
    for role in wanted:
        row = {"user": name, "role": role, "book": book, "at": at}
        unit.connection.execute(
            text(_GRANT),
            row,
        )
        told = {"user": name, "role": role, "book": book, "granted_at": at}
        log.append(unit, log.OFFICE, "role", told | ({"by": by} if has_user(unit.connection, by) else {}))


def _need_known(roles: list[str]) -> None:
    for role in roles:
        if role not in ROLES:
            raise ChoiceUnknown(about="role", text=role, choices=Names(ROLES))


def _need_apart(name: str, roles: set[str]) -> None:
    """The database holds it too: ``administrator_apart``."""
    others = roles - {"administrator", "auditor"}
    if "administrator" in roles and others:
        raise RolesApart(user=name, roles=Names(sorted(others)))


def need_role(connection: Connection, name: str, role: RoleName, book: str) -> None:
    """Make sure that `name` has `role` in `book`.

    Raises:
        Unknown: there is no such user.
        RoleMissing: the user has not been granted the role, or it was taken back.
    """
    need_user(connection, name)
    if not has_role(connection, name, role, book):
        raise RoleMissing(about=role, user=name, role=role, book=book)


def has_role(connection: Connection, name: str, role: RoleName, book: str) -> bool:
    """Tell whether somebody has a role in a book now."""
    where = {"user": name, "role": role, "book": book, "every": EVERY_BOOK}
    return sql.first(connection, _HAS, where) is not None


def need_overseer(connection: Connection, name: str, book: str) -> None:
    """Make sure that `name` may approve or audit a book.

    Raises:
        Unknown: there is no such user.
        RoleMissing: the user has neither role.
    """
    need_one_of(connection, name, ("approver", "auditor"), book)


def need_one_of(connection: Connection, name: str, roles: tuple[RoleName, ...], book: str) -> None:
    """Make sure that `name` has one of some roles in `book`.

    Raises:
        Unknown: there is no such user.
        RoleMissing: the user has none of them.
    """
    need_user(connection, name)
    held = roles_of(connection, name)
    if not {*roles} & (held.get(book, set()) | held.get(EVERY_BOOK, set())):
        raise RoleMissing(about="-or-".join(roles), user=name, role=roles[-1], book=book)


def need_user(connection: Connection, name: str) -> None:
    """Make sure that there is a user of this name.

    Raises:
        Unknown: there is none.
    """
    if not has_user(connection, name):
        raise Unknown(about="user", text=name)


def list_users(connection: Connection) -> list[dict[str, str]]:
    """Return all users with their roles, by name."""
    query = (
        "SELECT name, full_name, created_at, role, book FROM users "  # noqa: S608 - ours
        f'LEFT JOIN ({HELD}) h ON h."user" = name ORDER BY name, role, book'
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
    query = f'SELECT role, book FROM ({HELD}) h WHERE "user" = :user'  # noqa: S608 - ours
    for role, book in sql.rows(connection, query, {"user": name}):
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


def drafts_of(connection: Connection, name: str, book: str = EVERY_BOOK) -> int:
    """Return how many drafts of a user wait, in a book or in all: nobody seals them once the user is no maker."""
    row = sql.first(connection, _WAITING, {"name": name, "book": book, "every": EVERY_BOOK})
    return int(row[0]) if row else 0


def has_user(connection: Connection, name: str) -> bool:
    """Tell whether there is a user of this name."""
    return sql.first(connection, "SELECT 1 FROM users WHERE name = :name", {"name": name}) is not None


HELD = """SELECT g."user", g.role, g.book, g.granted_at FROM role_grant g WHERE NOT EXISTS (
  SELECT 1 FROM role_revocation r
  WHERE r."user" = g."user" AND r.role = g.role AND r.book = g.book AND r.nth = g.nth)"""
"""The roles that are held now: what was granted and not taken back."""
_WAITING = "SELECT count(*) FROM work_draft WHERE maker = :name AND (book = :book OR :book = :every)"
_HAS = f'SELECT 1 FROM ({HELD}) h WHERE "user" = :user AND role = :role AND book IN (:book, :every)'  # noqa: S608 - ours
_TIMES = 'SELECT count(*) FROM role_grant WHERE "user" = :user AND role = :role AND book = :book'
_GRANT = f"""INSERT INTO role_grant ("user", role, book, granted_at, nth)
  VALUES (:user, :role, :book, :at, 1 + ({_TIMES}))"""  # noqa: S608 - ours
_TAKE_BACK = f"""INSERT INTO role_revocation ("user", role, book, nth, revoked_at)
  VALUES (:user, :role, :book, ({_TIMES}), :at)"""  # noqa: S608 - ours

"""Who was granted what, since when and by whom: what the office's log says of users and their roles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import log
from ledger.people import EVERY_BOOK, HELD
from ledger.store import sql

REGISTERED, GRANTED, TAKEN_BACK = "user", "role", "role-revoked"
"""Kinds of leaves about users."""


@dataclass(frozen=True)
class Change:
    """Something that was done about a user: `role` and `book` are empty where it was about no role.

    `by` is empty for what was done before the office had users to say who it was.
    """

    position: int
    deed: str
    user: str
    role: str
    book: str
    at: str
    by: str


@dataclass(frozen=True)
class Grant:
    """A role that somebody has, for a book or for every one, since when and by whom."""

    user: str
    role: str
    book: str
    since: str
    by: str


def changes(connection: Connection) -> list[Change]:
    """Return what was done about users and their roles, oldest first."""
    where = {"log": log.OFFICE, "user": REGISTERED, "role": GRANTED, "back": TAKEN_BACK}
    return [_change(*row) for row in sql.rows(connection, _LEAVES, where)]


def grants(connection: Connection) -> list[Grant]:
    """Return the roles that are held now, by user, book and role; who granted them stands in the log alone."""
    by = {(each.user, each.role, each.book): each.by for each in changes(connection) if each.deed == GRANTED}
    rows = [tuple(str(cell) for cell in row) for row in sql.rows(connection, _HELD_SINCE)]
    found = [Grant(user, role, book, since, by.get((user, role, book), "")) for user, role, book, since in rows]
    return sorted(found, key=lambda each: (each.user, each.book != EVERY_BOOK, each.book, each.role))


def _change(position: int, kind: str, leaf: str) -> Change:
    data: dict[str, Any] = dict(log.data_of(leaf))
    at = data.get("created_at") or data.get("granted_at") or data.get("revoked_at") or ""
    user = data.get("user") or data.get("name") or ""
    said = (str(each) for each in (user, data.get("role", ""), data.get("book", ""), at, data.get("by", "")))
    return Change(int(position), str(kind), *said)


_LEAVES = (
    "SELECT position, kind, leaf FROM log_leaf WHERE log = :log AND kind IN (:user, :role, :back) "
    "AND kind <> 'voucher' ORDER BY position"
)
"""The last condition is that of the index."""
_HELD_SINCE = f'SELECT h."user", h.role, h.book, h.granted_at FROM ({HELD}) h'  # noqa: S608 - ours

"""What a seal writes, all of it together: leaf, accounts, balances, postings, papers, the voucher, personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

COLUMNS = (
    "book",
    "seq",
    "number",
    "date",
    "event",
    "project",
    "contract",
    "payee",
    "narration",
    "facts",
    "maker",
    "made_at",
    "approver",
    "sealed_at",
    "reverses",
    "position",
    "leaf_hash",
)
"""The columns of a voucher, in the order of their table."""


@dataclass(frozen=True)
class Head:
    """What the next voucher of a book gets: its `seq`, its count in its month from 1, its leaf's position."""

    seq: int
    count: int
    position: int


@dataclass(frozen=True, kw_only=True)
class Post:
    """The rows of one sealed voucher; those that stand under its book and seq leave both out.

    `accounts` are (name, role, project, contract, bank, normal, floored, mirror), `balances` (account, commodity,
    floor side), both sorted, and only opened where they are not there yet; `postings` (account, commodity, amount)
    in their order, `documents` (SHA-256, suffix, size), `private` (field, value, salt in hex).
    """

    voucher: Mapping[str, Any]
    leaf: str
    accounts: Sequence[tuple[str, str, str, str, str, int, int, str]]
    balances: Sequence[tuple[str, str, int]]
    postings: Sequence[tuple[str, str, int]]
    documents: Sequence[tuple[str, str, int]]
    private: Sequence[tuple[str, str, str]]


def head(connection: Connection, book: str, month: str) -> Head:
    """Return what the next voucher of a month gets; inside a unit that writes nobody else can get the same."""
    row = connection.exec_driver_sql(_HEAD, (book, book, f"{month}-%", book)).one()
    return Head(int(row[0]), int(row[1]), int(row[2]))


def write(connection: Connection, post: Post) -> None:
    """Write a voucher with all that belongs to it; the database checks it by its own rules.

    The voucher goes last but for personal data: its insert makes the database look at everything before it, and move
    the balances.
    """
    row = post.voucher
    book, seq = row["book"], row["seq"]
    run = connection.exec_driver_sql
    run(_ACCOUNT, [(book, *account) for account in post.accounts])
    run(_BALANCE, [(book, *balance) for balance in post.balances])
    run(_LEAF, (book, row["position"], post.leaf, row["leaf_hash"]))
    run(_POSTING, [(book, seq, line, *posting) for line, posting in enumerate(post.postings)])
    if post.documents:
        run(_DOCUMENT, [(book, seq, *document) for document in post.documents])
    run(_VOUCHER, tuple(row[column] for column in COLUMNS))
    if post.private:
        run(_PRIVATE, [(book, seq, *private) for private in post.private])


_HEAD = (
    "SELECT (SELECT coalesce(max(seq) + 1, 0) FROM voucher WHERE book = ?), "
    "(SELECT count(*) + 1 FROM voucher WHERE book = ? AND number LIKE ?), "
    "(SELECT coalesce(max(position) + 1, 0) FROM log_leaf WHERE log = ?)"
)
_ACCOUNT = (
    "INSERT INTO account (book, name, role, project, contract, bank, normal, floored, mirror) "
    "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (SELECT 1 FROM account WHERE book = ?1 AND name = ?2)"
)
_BALANCE = (
    "INSERT INTO balance (book, account, commodity, floor_side, amount) SELECT ?1, ?2, ?3, ?4, 0 "
    "WHERE NOT EXISTS (SELECT 1 FROM balance WHERE book = ?1 AND account = ?2 AND commodity = ?3)"
)
_LEAF = "INSERT INTO log_leaf (log, position, kind, leaf, leaf_hash) VALUES (?, ?, 'voucher', ?, ?)"
_POSTING = "INSERT INTO posting (book, seq, line, account, commodity, amount) VALUES (?, ?, ?, ?, ?, ?)"
_DOCUMENT = "INSERT INTO document (book, seq, sha256, suffix, size) VALUES (?, ?, ?, ?, ?)"
_VOUCHER = f"INSERT INTO voucher ({', '.join(COLUMNS)}) VALUES ({', '.join('?' for _ in COLUMNS)})"  # noqa: S608 - names of ours
_PRIVATE = "INSERT INTO private_value (book, seq, field, value, salt) VALUES (?, ?, ?, ?, ?)"

"""What a seal writes, all of it together: leaf, accounts, balances, postings, papers, the voucher, personal data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger.store import sql

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
    leaf = sql.first(connection, _LAST_LEAF, {"book": book})
    last = sql.first(connection, _LAST, {"book": book})
    position = int(leaf[0]) + 1 if leaf else 0
    if last is None:
        return Head(0, 1, position)
    # Dates never go back: the last voucher of a book knows how many its month has.
    return Head(int(last[0]) + 1, int(last[1][8:]) + 1 if last[1][:7] == month else 1, position)


def write(connection: Connection, post: Post) -> None:
    """Write a voucher with all that belongs to it; the database checks it by its own rules.

    The voucher goes last but for personal data: its insert makes the database look at everything before it, and move
    the balances. In a PostgreSQL database it is one call of the only function that may.
    """
    if connection.dialect.name == "postgresql":
        sql.run(connection, _SEAL, {"post": json.dumps(vars(post), ensure_ascii=False)})
        return
    row = post.voucher
    book, seq = row["book"], row["seq"]
    for statement, values in (
        (_ACCOUNT, [(book, *account) for account in post.accounts]),
        (_BALANCE, [(book, *balance) for balance in post.balances]),
        (_LEAF, [(book, row["position"], post.leaf, row["leaf_hash"])]),
        (_POSTING, [(book, seq, line, *posting) for line, posting in enumerate(post.postings)]),
        (_DOCUMENT, [(book, seq, *document) for document in post.documents]),
        (_VOUCHER, [tuple([row[column] for column in COLUMNS])]),
        (_PRIVATE, [(book, seq, *private) for private in post.private]),
    ):
        if values:
            sql.insert(connection, statement, values)


_SEAL = "SELECT earmark_seal(:post::jsonb)"
_LAST = "SELECT seq, number FROM voucher WHERE book = :book ORDER BY seq DESC LIMIT 1"
_LAST_LEAF = "SELECT position FROM log_leaf WHERE log = :book ORDER BY position DESC LIMIT 1"
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

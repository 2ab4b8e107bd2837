"""The logs as text: what a book's log holds beside its vouchers, and the office's log.

Each leaf is one `custom` directive with its kind, its place in the log and its hash, and below it what it says, key by
key. Text stands in quotes and whole numbers stand plain, so that the canonical leaf can be made again from the text
byte for byte. There is nothing personal in it: what the logs hold of persons are salted commitments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger import facts, log, register
from ledger.books.keys import DOCUMENTS, NESTED
from ledger.books.quoting import quoted

OFFICE_DAY = "1970-01-01"
"""The office's log has no first day of its own, and a directive needs one."""

_KEY = re.compile(r"[a-z][a-z0-9_-]+")
_TAKEN = {"filename", "lineno"}
"""Beancount keeps its own facts of a directive under these keys."""


def register_text(connection: Connection, book: str) -> str:
    """Return the registers of a book: the leaves of its log that are no vouchers, in their order."""
    on = register.need_book(connection, book).started_on
    return "\n".join([f";; {book} register\n", *_leaves(connection, book, on)])


def office_text(connection: Connection) -> str:
    """Return the office's log: users, roles, villages, channels, goods, books, and what was done with the record."""
    title = f';; {log.OFFICE}\noption "title" {quoted("办公室日志")}\n'
    return "\n".join([title, *_leaves(connection, log.OFFICE, OFFICE_DAY)])


def leaf_text(on: str, kind: str, position: int, hashed: str, data: Mapping[str, Any]) -> str:
    """Return a leaf as a directive."""
    body = "".join(f"  {key}: {shown}\n" for key, shown in sorted(_pairs(data)))
    return f"{on} custom {quoted(kind)} {position} {quoted(hashed)}\n{body}"


def papers_folder(books: Path, of: str) -> Path:
    """Return where the papers of a log lie: in its book's folder, the office's beside its log."""
    return (books if of == log.OFFICE else books / of) / DOCUMENTS


def _leaves(connection: Connection, of: str, on: str) -> Iterator[str]:
    for row in connection.execute(_LEAVES, {"log": of}):
        data = json.loads(row.leaf)["data"]
        # A fact stands at its own day, so that it shows where it belongs in a journal.
        day = data["on"] if row.kind == facts.KIND and facts.is_fact(data) else on
        yield leaf_text(day, row.kind, row.position, row.leaf_hash, data)


def _pairs(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in data.items():
        if isinstance(value, (list, dict)) or key in _TAKEN:
            yield key + NESTED, quoted(log.canonical(value))
        else:
            assert _KEY.fullmatch(key), f"{key}: a key of a leaf is a word of the books"
            assert not key.endswith(NESTED), f"{key}: this ending says that a value is nested"
            yield key, _shown(value)


def _shown(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    assert isinstance(value, str), f"{value!r}: a leaf holds text, whole numbers, lists and tables"
    return quoted(value)


_LEAVES = text(
    "SELECT position, kind, leaf, leaf_hash FROM log_leaf WHERE log = :log AND kind <> 'voucher' ORDER BY position"
)

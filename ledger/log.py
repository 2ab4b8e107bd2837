"""The logs: one of each book and one of the office, every event a leaf, appended in the unit of work that made it.

A leaf is canonical JSON (RFC 8785), its hash that of RFC 6962. Nothing is ever taken out or changed: `verify` makes
the rows again from the leaves, and a signed checkpoint tells what a log was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from ledger import canonical as json_text
from ledger import merkle
from ledger.leaves import FORMAT
from ledger.store import marks
from ledger.store.workspace import Unit

OFFICE = "office"
"""The log of what belongs to no book: users and their roles, villages, channels, goods, books, checkpoints."""

DEEDS = frozenset({"checkpoint", "key", "erasure", "restore", "rewrite", "witness"})
"""Kinds of leaves of the office's log that fill no table: what was done with the record as a whole."""


def append(unit: Unit, log: str, kind: str, data: Mapping[str, Any]) -> tuple[int, str]:
    """Append an event to a log and return its position and its leaf hash in hex; its text is written after the commit.

    `data` holds text, whole numbers below 2^53, lists and null; amounts are text, so that no reader rounds them.
    """
    if log == OFFICE:
        unit.hold_office_log()
    query = text("SELECT coalesce(max(position) + 1, 0) FROM log_leaf WHERE log = :log")
    position = int(unit.connection.execute(query, {"log": log}).scalar_one())
    content = leaf(log, position, kind, data)
    hashed = leaf_hash(content)
    unit.connection.execute(
        text(
            "INSERT INTO log_leaf (log, position, kind, leaf, leaf_hash) "
            "VALUES (:log, :position, :kind, :leaf, :leaf_hash)"
        ),
        {"log": log, "position": position, "kind": kind, "leaf": content, "leaf_hash": hashed},
    )
    if log == OFFICE:
        marks.mark_office(unit.connection)
    else:
        marks.mark(unit.connection, log, marks.REGISTER)
        marks.mark(unit.connection, log)
    return position, hashed


def leaf(log: str, position: int, kind: str, data: Mapping[str, Any]) -> str:
    """Return the canonical text of an event at its place."""
    return canonical({"format": FORMAT, "log": log, "position": position, "kind": kind, "data": dict(data)})


def canonical(data: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return canonical JSON (RFC 8785)."""
    return json_text.dumps(data)


def leaf_hash(content: str) -> str:
    """Return the RFC 6962 leaf hash in hex: SHA-256 over a zero byte and the leaf."""
    return merkle.leaf(content.encode()).hex()


def commitment(salt: bytes, value: str) -> str:
    """Return the salted commitment to a piece of personal data, in hex.

    Numbers of a known county can be guessed in seconds; with 16 random bytes before them they cannot.
    """
    return hashlib.sha256(salt + value.encode()).hexdigest()


def hashes(connection: Connection, log: str) -> Iterator[bytes]:
    """Yield the leaf hashes of a log in their order."""
    query = text("SELECT leaf_hash FROM log_leaf WHERE log = :log ORDER BY position")
    for hashed in connection.execute(query, {"log": log}).scalars():
        yield bytes.fromhex(hashed)


def logs(connection: Connection) -> list[str]:
    """Return the names of all logs that have leaves."""
    return [str(each) for each in connection.execute(text("SELECT DISTINCT log FROM log_leaf ORDER BY log")).scalars()]


def deeds(connection: Connection, kind: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield position and data of the office's leaves of a kind, oldest first; no data for what cannot be read."""
    query = text("SELECT position, leaf FROM log_leaf WHERE log = :log AND kind = :kind ORDER BY position")
    for row in connection.execute(query, {"log": OFFICE, "kind": kind}).all():
        yield row.position, data_of(row.leaf)


def data_of(leaf: str) -> Mapping[str, Any]:
    """Return the data of a leaf, nothing for one that cannot be read: verify says so, and goes on."""
    try:
        data = json.loads(leaf)["data"]
    except (ValueError, KeyError, TypeError):
        return {}
    return data if isinstance(data, dict) else {}

"""Drafts as rows: what waits is read back only if it is, to the last letter, what its maker wrote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger.errors import DraftDamaged
from ledger.store import sql

COLUMNS = "book, id, verb, request, proposal, maker, made_at"
_HASH = "sha256"
_FACTS = {
    *("event", "date", "project", "contract", "payee", "narration", "facts", "private", "documents", "reverses"),
    *("lines", "accounts"),
}
_MORE = {"splits"}
"""What a draft of an earlier release does not have."""


@dataclass(frozen=True)
class Waiting:
    """A draft's row: what was asked for, and the proposal that came of it."""

    book: str
    id: int
    verb: str
    request: Mapping[str, Any]
    proposal: Mapping[str, Any]
    maker: str
    made_at: str


def keep(connection: Connection, draft: Waiting) -> None:
    """Write a draft's row; a hash of all of it goes with the proposal, because nothing is sealed yet that would."""
    row = vars(draft) | {"request": _json(draft.request)}
    row["proposal"] = _json({**draft.proposal, _HASH: _hash(row, draft.proposal)})
    sql.run(connection, _KEEP, row)


def waiting(connection: Connection, book: str, *, without: int | None = None) -> Iterator[Waiting]:
    """Yield the drafts of a book by their numbers.

    Raises:
        DraftDamaged: one is not what its maker wrote; it can only be dropped.
    """
    for row in sql.rows(connection, f"SELECT {COLUMNS} FROM work_draft WHERE book = :book ORDER BY id", {"book": book}):  # noqa: S608 - ours
        if row[1] != without:
            yield _need(row)


def one(connection: Connection, book: str, number: int) -> Waiting | None:
    """Return the draft of a number, None if there is none.

    Raises:
        DraftDamaged: it is not what its maker wrote; it can only be dropped.
    """
    query = f"SELECT {COLUMNS} FROM work_draft WHERE book = :book AND id = :id"  # noqa: S608 - ours
    row = sql.first(connection, query, {"book": book, "id": number})
    return None if row is None else _need(row)


def read(row: sql.Row) -> Waiting | None:
    """Return the draft in a row, None if it is damaged. Drafts of the first release have no hash yet."""
    told = dict(zip(COLUMNS.split(", "), row, strict=True))
    try:
        request, proposal = json.loads(told["request"]), dict(json.loads(told["proposal"]))
    except (ValueError, TypeError):
        return None
    hashed = proposal.pop(_HASH, None)
    if proposal.keys() - _MORE != _FACTS or (hashed is not None and hashed != _hash(told, proposal)):
        return None
    return Waiting(**told | {"request": request, "proposal": proposal})


def _need(row: sql.Row) -> Waiting:
    draft = read(row)
    if draft is None:
        raise DraftDamaged(draft=f"D{row[1]}", book=row[0])
    return draft


def _hash(row: Mapping[str, Any], proposal: Mapping[str, Any]) -> str:
    columns = [row[name] for name in ("book", "id", "verb", "request", "maker", "made_at")]
    return hashlib.sha256(_json([*columns, _json(proposal)]).encode()).hexdigest()


def _json(value: object) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False)


_KEEP = (
    "INSERT INTO work_draft (book, id, verb, request, proposal, maker, made_at) "
    "VALUES (:book, :id, :verb, :request, :proposal, :maker, :made_at)"
)

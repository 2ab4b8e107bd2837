"""Command keys: the same key with the same content gives the first answer, so that a retry posts nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import text

from ledger.errors import KeyDamaged, KeyReused
from ledger.store.workspace import Unit
from ledger.text import words


def once(
    unit: Unit, key: str | None, command: str, content: Mapping[str, Any], act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Run `act` and remember its answer under `key`; under a key that was used, return the answer of then.

    Without a key `act` simply runs. The answer is kept in the same unit of work as what `act` wrote.

    Raises:
        KeyReused: the key stands for another command or other content.
        KeyDamaged: what is kept under the key is not what was kept.
    """
    if key is None:
        return act()
    key = words(key, "key")
    asked = json.dumps([command, dict(content)], ensure_ascii=False, sort_keys=True, default=str)
    fingerprint = hashlib.sha256(asked.encode()).hexdigest()
    # In a database nobody reads the answers that others were given, and who sends a key a second time waits.
    query = _ANSWER if unit.database else _LOOK
    before = unit.connection.execute(query, {"key": key, "fingerprint": fingerprint}).first()
    if before is not None:
        if not before.same:
            raise KeyReused(key=key)
        row = {"key": key, "fingerprint": fingerprint, "answer": before.answer, "answered_at": before.answered_at}
        first = answer(row)
        if first is None:
            raise KeyDamaged(key=key)
        return first
    result, at = act(), unit.now.isoformat(timespec="seconds")
    unit.connection.execute(
        text(
            "INSERT INTO command_key (key, fingerprint, answer, answered_at) VALUES (:key, :fingerprint, :answer, :at)"
        ),
        {"key": key, "fingerprint": fingerprint, "answer": _sealed(key, fingerprint, at, result), "at": at},
    )
    return result


_LOOK = text("SELECT fingerprint = :fingerprint AS same, answer, answered_at FROM command_key WHERE key = :key")
_ANSWER = text("SELECT same, answer, answered_at FROM earmark_answer(:key, :fingerprint)")


def answer(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the answer in a row, None if the row is damaged. Answers of the first release have no hash yet."""
    try:
        kept = dict(json.loads(row["answer"]))
    except (ValueError, TypeError):
        return None
    if kept.keys() != {"answer", "sha256"}:
        return None if kept.keys() & {"answer", "sha256"} else kept
    whole = _sealed(row["key"], row["fingerprint"], row["answered_at"], kept["answer"])
    return dict(kept["answer"]) if whole == row["answer"] else None


def _sealed(key: str, fingerprint: str, at: str, result: Mapping[str, Any]) -> str:
    """Return an answer with a hash of its whole row: no log would tell if it were another one day."""
    row = json.dumps([key, fingerprint, at, result], ensure_ascii=False)
    return json.dumps({"answer": result, "sha256": hashlib.sha256(row.encode()).hexdigest()}, ensure_ascii=False)

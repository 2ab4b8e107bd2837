"""Command keys: the same key with the same content gives the first answer, so that a retry posts nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import text

from ledger.errors import KeyReused
from ledger.store.workspace import Unit
from ledger.text import words


def once(
    unit: Unit, key: str | None, command: str, content: Mapping[str, Any], act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Run `act` and remember its answer under `key`; under a key that was used, return the answer of then.

    Without a key `act` simply runs. The answer is kept in the same unit of work as what `act` wrote.

    Raises:
        KeyReused: the key stands for another command or other content.
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
        return dict(json.loads(before.answer))
    result = act()
    unit.connection.execute(
        text(
            "INSERT INTO command_key (key, fingerprint, answer, answered_at) VALUES (:key, :fingerprint, :answer, :at)"
        ),
        {
            "key": key,
            "fingerprint": fingerprint,
            "answer": json.dumps(result, ensure_ascii=False),
            "at": unit.now.isoformat(timespec="seconds"),
        },
    )
    return result


_LOOK = text("SELECT fingerprint = :fingerprint AS same, answer FROM command_key WHERE key = :key")
_ANSWER = text("SELECT same, answer FROM earmark_answer(:key, :fingerprint)")

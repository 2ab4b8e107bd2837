"""The private values against the commitments: each is there, or the office's log says why it is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from ledger import facts, log
from ledger.erasure import Value, erased
from ledger.errors import FactUnknown
from ledger.restores import restores
from ledger.store import sql
from ledger.verify.report import Check


def values(connection: Connection, check: Check) -> None:
    """Account for every commitment: its value is there, was erased by an event, or is absent since a rebuild."""
    there = {
        Value(row.book, row.number, row.field)
        for row in connection.execute(
            text(
                "SELECT p.book, v.number, p.field FROM private_value p "
                "JOIN voucher v ON v.book = p.book AND v.seq = p.seq"
            )
        )
    }
    there |= {
        Value(str(of), f"F{position}", str(field))
        for of, position, field in sql.rows(connection, "SELECT log, position, field FROM private_fact")
    }
    gone = erased(connection)
    rebuilt = _rebuilt(connection)
    promised: set[Value] = set()
    accounted: Counter[str] = Counter()
    for each, position in _promised(connection):
        promised.add(each)
        check.covered += 1
        where = {"book": each.book, "number": each.number, "field": each.field}
        if each in gone:
            accounted["erased"] += 1
            if each in there:
                check.find("private-not-erased", **where)
        elif each not in there and position < rebuilt.get(each.book, 0):
            accounted["rebuilt"] += 1
        elif each not in there:
            check.find("private-missing", **where)
    for of, position, field, value, salt in sql.rows(connection, _OF_FACTS):
        promise = _commitments(connection, of, position).get(field + facts.COMMITMENT)
        if promise is None or not _is_committed(promise, value, salt):
            check.find("private-changed", book=of, number=f"F{position}", field=field)
    for each in sorted(gone.keys() - promised):
        check.find("erasure-unknown", book=each.book, number=each.number, field=each.field)
    for why, count in sorted(accounted.items()):
        check.note(f"private-{why}", count=count)


def _promised(connection: Connection) -> Iterator[tuple[Value, int]]:
    """Yield every commitment of a voucher or a fact, with the position of its leaf."""
    query = text(
        "SELECT book, number, position, facts FROM voucher WHERE facts LIKE '%-commitment%' ORDER BY book, seq"
    )
    for row in connection.execute(query):
        for fact in json.loads(row.facts):
            if fact.endswith(facts.COMMITMENT):
                yield Value(row.book, row.number, fact.removesuffix(facts.COMMITMENT)), row.position
    for of in log.logs(connection):
        for each in facts.stream(connection, of):
            for key in each.data:
                if key.endswith(facts.COMMITMENT):
                    yield Value(of, each.label, key.removesuffix(facts.COMMITMENT)), each.position


def _commitments(connection: Connection, of: str, position: int) -> Mapping[str, Any]:
    try:
        return facts.need(connection, of, f"F{position}").data
    except FactUnknown:
        return {}


def _is_committed(promise: object, value: str, salt: str) -> bool:
    try:
        return log.commitment(bytes.fromhex(salt), value) == promise
    except ValueError:
        return False


_OF_FACTS = "SELECT log, position, field, value, salt FROM private_fact ORDER BY log, position, field"


def _rebuilt(connection: Connection) -> dict[str, int]:
    """Return by log how many leaves were made again from the books, which hold no private values."""
    found: dict[str, int] = {}
    for data in restores(connection):
        logs = data.get("logs")
        if data.get("rebuilt") is True and isinstance(logs, dict):
            found |= {of: head["size"] for of, head in logs.items() if isinstance(head, dict) and "size" in head}
    return {of: size for of, size in found.items() if isinstance(size, int)}

"""The private values against the commitments: each is there, or the office's log says why it is not."""

from __future__ import annotations

import json
from collections import Counter

from sqlalchemy import Connection, text

from ledger.erasure import Value, erased
from ledger.restores import restores
from ledger.verify.report import Check

_SUFFIX = "-commitment"


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
    gone = erased(connection)
    rebuilt = _rebuilt(connection)
    promised: set[Value] = set()
    accounted: Counter[str] = Counter()
    query = text(
        "SELECT book, number, position, facts FROM voucher WHERE facts LIKE '%-commitment%' ORDER BY book, seq"
    )
    for row in connection.execute(query):
        for fact in json.loads(row.facts):
            if not fact.endswith(_SUFFIX):
                continue
            each = Value(row.book, row.number, fact.removesuffix(_SUFFIX))
            promised.add(each)
            check.covered += 1
            facts = {"book": each.book, "number": each.number, "field": each.field}
            if each in gone:
                accounted["erased"] += 1
                if each in there:
                    check.find("private-not-erased", **facts)
            elif each not in there and row.position < rebuilt.get(row.book, 0):
                accounted["rebuilt"] += 1
            elif each not in there:
                check.find("private-missing", **facts)
    for each in sorted(gone.keys() - promised):
        check.find("erasure-unknown", book=each.book, number=each.number, field=each.field)
    for why, count in sorted(accounted.items()):
        check.note(f"private-{why}", count=count)


def _rebuilt(connection: Connection) -> dict[str, int]:
    """Return by log how many leaves were made again from the books, which hold no private values."""
    found: dict[str, int] = {}
    for data in restores(connection):
        logs = data.get("logs")
        if data.get("rebuilt") is True and isinstance(logs, dict):
            found |= {of: head["size"] for of, head in logs.items() if isinstance(head, dict) and "size" in head}
    return {of: size for of, size in found.items() if isinstance(size, int)}

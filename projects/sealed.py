"""Sealed vouchers as a person looks at them."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text

from ledger import erasure
from ledger.errors import VoucherUnknown


def list_sealed(connection: Connection, book: str) -> list[dict[str, Any]]:
    """Return the sealed vouchers of a book in the order of their numbers."""
    query = text(
        "SELECT v.number, v.date, v.event, v.project, v.payee, v.narration, v.maker, v.approver, "
        "coalesce(r.number, '') AS reversed_by FROM voucher v "
        "LEFT JOIN voucher r ON r.book = v.book AND r.reverses = v.seq WHERE v.book = :book ORDER BY v.seq"
    )
    return [dict(row) for row in connection.execute(query, {"book": book}).mappings()]


def need_sealed(connection: Connection, book: str, number: str) -> dict[str, Any]:
    """Return a sealed voucher with its postings and papers, and with what was erased of it.

    Raises:
        VoucherUnknown: the book has none of this number.
    """
    query = text(
        "SELECT v.*, coalesce(r.number, '') AS reversed_by FROM voucher v "
        "LEFT JOIN voucher r ON r.book = v.book AND r.reverses = v.seq WHERE v.book = :book AND v.number = :number"
    )
    row = connection.execute(query, {"book": book, "number": number}).mappings().first()
    if row is None:
        raise VoucherUnknown(number=number, book=book)
    where = {"book": book, "seq": row["seq"]}
    postings = text(
        "SELECT p.account, p.commodity, p.amount, c.scale FROM posting p JOIN commodity c ON c.code = p.commodity "
        "WHERE p.book = :book AND p.seq = :seq ORDER BY p.line"
    )
    papers = text("SELECT sha256, suffix FROM document WHERE book = :book AND seq = :seq ORDER BY sha256")
    found = {key: value for key, value in row.items() if key not in {"leaf", "leaf_hash"}}
    gone = {
        value.field: {name: event[name] for name in ("at", "user", "reason")}
        for value, event in erasure.erased(connection).items()
        if (value.book, value.number) == (book, number)
    }
    return found | {
        "facts": json.loads(row["facts"]),
        "leaf": row["leaf_hash"],
        "erased": gone,
        "postings": [dict(each) for each in connection.execute(postings, where).mappings()],
        "documents": [f"{each.sha256}{each.suffix}" for each in connection.execute(papers, where)],
    }

"""What waits on the desk: drafts and command keys, which no log holds, against the hashes that they carry."""

from __future__ import annotations

from sqlalchemy import Connection, text

from ledger import keys, waiting
from ledger.store import sql
from ledger.verify.report import Check


def desk(connection: Connection, check: Check) -> None:
    """Look for drafts and keys that are not what was written, and for numbers that would be given twice."""
    last = {row.book: row.id for row in connection.execute(text("SELECT book, id FROM work_draft_number"))}
    for row in sql.rows(connection, f"SELECT {waiting.COLUMNS} FROM work_draft ORDER BY book, id"):  # noqa: S608 - ours
        book, number = row[:2]
        if waiting.read(row) is None:
            check.find("draft", book=book, draft=f"D{number}")
        if number > last.get(book, 0):
            check.find("draft-number", book=book, draft=f"D{number}")
    for kept in connection.execute(text("SELECT * FROM command_key ORDER BY key")).mappings():
        if keys.answer(dict(kept)) is None:
            check.find("key", key=kept["key"])

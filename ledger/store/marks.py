"""Marks: which files of the books have to be written after the commit; a crash in between loses none of them."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger.store import sql

Mark = tuple[str, str]
"""A book, and a month or one of these files of it."""
HEAD = ""
"""The head of a book."""
REGISTER = "register"
"""What a book's log holds beside its vouchers."""
OFFICE = "office"
"""The office's log; its mark stands under the first book, and without a book there is nothing to write."""


def mark(connection: Connection, book: str, month: str = HEAD) -> None:
    """Note that a month of a book, such as ``2024-05``, or one of the files above has to be written."""
    sql.run(connection, _MARK, {"book": book, "month": month})
    _fresh(connection).add((book, month))


def mark_office(connection: Connection) -> None:
    """Note that the office's log has to be written, if there is a book to write it beside."""
    row = sql.first(connection, "SELECT min(code) FROM book")
    if row and row[0]:
        mark(connection, row[0], OFFICE)


def taken(connection: Connection) -> set[Mark]:
    """Return what has been marked on this connection since the last time."""
    found = _fresh(connection).copy()
    _fresh(connection).clear()
    return found


def _fresh(connection: Connection) -> set[Mark]:
    """Return what this process marked; marks of a unit that came to nothing cost no more than the writing of a file."""
    fresh: set[Mark] = connection.info.setdefault("earmark.marks", set())
    return fresh


def mark_everything(connection: Connection) -> None:
    """Note that all books have to be written: a newer program may write them otherwise."""
    books = [str(code) for (code,) in connection.exec_driver_sql("SELECT code FROM book")]
    months = connection.exec_driver_sql("SELECT DISTINCT book, substr(number, 1, 7) FROM voucher").all()
    for book, month in [*((book, file) for book in books for file in (HEAD, REGISTER)), *months]:
        mark(connection, book, month)
    mark_office(connection)


_MARK = (
    "INSERT INTO work_dirty (book, month, mark) VALUES (:book, :month, 1) "
    "ON CONFLICT (book, month) DO UPDATE SET mark = work_dirty.mark + 1"
)

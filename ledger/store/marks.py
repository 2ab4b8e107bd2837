"""Marks: which files of the books have to be written after the commit; a crash in between loses none of them."""

from __future__ import annotations

from sqlalchemy import Connection, text

from ledger.store import sql

HEAD = ""
"""The head of a book."""
REGISTER = "register"
"""What a book's log holds beside its vouchers."""
OFFICE = "office"
"""The office's log; its mark stands under the first book, and without a book there is nothing to write."""


def mark(connection: Connection, book: str, month: str = HEAD) -> None:
    """Note that a month of a book, such as ``2024-05``, or one of the files above has to be written."""
    sql.run(connection, _MARK, {"book": book, "month": month})


def mark_office(connection: Connection) -> None:
    """Note that the office's log has to be written, if there is a book to write it beside."""
    connection.execute(_MARK_OFFICE, {"month": OFFICE})


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
_MARK_OFFICE = text(
    "INSERT INTO work_dirty (book, month, mark) "
    "SELECT code, :month, 1 FROM book WHERE code = (SELECT min(code) FROM book) "
    "ON CONFLICT (book, month) DO UPDATE SET mark = work_dirty.mark + 1"
)

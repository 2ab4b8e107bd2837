"""Writing the books after the commit: each file whole and atomically, and what a crash left is written first."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from ledger.books.leaves import OFFICE_FILE, PUBLIC_KEY, REGISTER_FILE, office_text, register_text
from ledger.books.text import DOCUMENTS, HEAD, head_text, month_file, month_text, months
from ledger.errors import Refusal
from ledger.store import files, marks
from ledger.store.workspace import Unit, Workspace


def mark_all(unit: Unit, book: str) -> None:
    """Mark everything that is written of a book, and the office's log beside it."""
    for month in [marks.HEAD, marks.REGISTER, *months(unit.connection, book)]:
        marks.mark(unit.connection, book, month)
    marks.mark_office(unit.connection)


def settle(workspace: Workspace) -> int:
    """Write every month and head that the record has marked; return how many files were written.

    It is called after each commit and at the start of every command, so that a process that died between the
    commit and the writing costs nothing. Nothing here changes what is sealed: where a file cannot be written, or the
    mark not be taken away, it stays for the next command, and the workspace remembers the reason in `unwritten`.
    """
    try:
        written = _write_all(workspace)
    except (OSError, Refusal) as error:
        workspace.unwritten = error
        return 0
    workspace.unwritten = None
    return written


def _write_all(workspace: Workspace) -> int:
    with workspace.read() as connection:
        if not connection.execute(text("SELECT 1 FROM work_dirty LIMIT 1")).first():
            return 0
    with workspace.writing_books():
        with workspace.read() as connection:
            marked = [dict(row) for row in connection.execute(text("SELECT * FROM work_dirty")).mappings()]
            texts = {}
            papers = []
            for book, month in ((mark["book"], mark["month"]) for mark in marked):
                folder = workspace.books / book
                match month:
                    case marks.HEAD:
                        texts[folder / HEAD] = head_text(connection, book)
                    case marks.REGISTER:
                        texts[folder / REGISTER_FILE] = register_text(connection, book)
                    case marks.OFFICE:
                        texts[workspace.books / OFFICE_FILE] = office_text(connection)
                        _copy_key(workspace)
                    case _:
                        texts[folder / month_file(month)] = month_text(connection, book, month)
                        where = {"book": book, "like": f"{month}-%"}
                        papers += [(folder, f"{row.sha256}{row.suffix}") for row in connection.execute(_PAPERS, where)]
        for folder, name in papers:
            _copy(workspace.documents / name, folder / DOCUMENTS / name)
        # The head goes last: it includes the others, so they have to be there.
        for path in sorted(texts, key=lambda each: (each.name == HEAD, each)):
            files.put(path, texts[path].encode())
        with workspace.write() as unit:
            for mark in marked:
                unit.connection.execute(_DONE, mark)
            unit.commit()
    return len(texts)


def _copy(source: Path, target: Path) -> None:
    # A paper that is gone from the workspace is for verify to report; it must not keep the books from being written.
    if not target.exists() and source.exists():
        files.copy(source, target)


def _copy_key(workspace: Workspace) -> None:
    """Lay the office's public key beside its log: with it the notes there can be checked from the books alone."""
    key = workspace.path / PUBLIC_KEY
    if key.is_file():
        files.put(workspace.books / PUBLIC_KEY, key.read_bytes())


_DONE = text("DELETE FROM work_dirty WHERE book = :book AND month = :month AND mark = :mark")
_PAPERS = text(
    "SELECT d.sha256, d.suffix FROM document d JOIN voucher v ON v.book = d.book AND v.seq = d.seq "
    "WHERE d.book = :book AND v.number LIKE :like"
)

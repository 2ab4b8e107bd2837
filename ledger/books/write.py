"""Writing the books after the commit: each file whole and atomically, and what a crash left is written first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger import facts, log
from ledger.books.guard import need_behind, need_inside
from ledger.books.keys import DOCUMENTS, HEAD, OFFICE_FILE, PUBLIC_KEY, REGISTER_FILE
from ledger.books.leaves import office_text, papers_folder, register_text
from ledger.books.text import head_text, month_blocks, month_file, months, papers
from ledger.errors import Refusal, WorkspaceUnfit
from ledger.store import files, marks, sql
from ledger.store.marks import Mark
from ledger.store.workspace import Unit, Workspace


def mark_all(unit: Unit, book: str) -> None:
    """Mark everything that is written of a book, and the office's log beside it."""
    for month in [marks.HEAD, marks.REGISTER, *months(unit.connection, book)]:
        marks.mark(unit.connection, book, month)
    marks.mark_office(unit.connection)


def settle(workspace: Workspace) -> int:
    """Write every month and head that the record has marked; return how many files were written.

    It is called at the start and at the end of every command, so that a process that died between the commit and the
    writing costs nothing. Nothing here changes what is sealed: where a file cannot be written, or the mark not be
    taken away, it stays for the next command, and the workspace remembers the reason in `unwritten`.
    """
    workspace.finish = None
    return _kept(workspace, lambda: _settle(workspace))


def lay_out(workspace: Workspace, fresh: set[Mark]) -> int:
    """Write what was marked just now without waiting for the disk; return how many files were written.

    Everybody sees the books as they are now. The marks stay in the record until `settle` has seen the files on the
    disk: after a power cut the next command writes them again.
    """
    if not fresh:
        return 0
    workspace.finish = settle
    return _kept(workspace, lambda: _lay_out(workspace, fresh))


def _kept(workspace: Workspace, write: Callable[[], int]) -> int:
    try:
        written = write()
    except (OSError, Refusal) as error:
        workspace.unwritten = error
        return 0
    except DBAPIError as error:
        # A record that is damaged, or was handed over with rules of somebody else's: verify has to get its say.
        workspace.unwritten = WorkspaceUnfit(path=workspace.record, reason=str(error.orig))
        return 0
    workspace.unwritten = None
    return written


def _settle(workspace: Workspace) -> int:
    with workspace.read() as connection:
        if not sql.first(connection, "SELECT 1 FROM work_dirty LIMIT 1"):
            return 0
    with workspace.writing_books():
        with workspace.read() as connection:
            # Everything from the record alone, whatever this process remembers.
            workspace.written.clear()
            marked = sql.rows(connection, "SELECT book, month, mark FROM work_dirty")
            texts = _texts(workspace, connection, {(book, month) for book, month, _ in marked})
        _put(workspace, texts, wait=True)
        # Book by book: in a database nobody who works in another one has to wait.
        for done in sorted({book for book, _, _ in marked}):
            with workspace.write(book=done) as unit:
                for book, month, mark in marked:
                    if book == done:
                        sql.run(unit.connection, _DONE, {"book": book, "month": month, "mark": mark})
                unit.commit()
    return len(texts)


def _lay_out(workspace: Workspace, fresh: set[Mark]) -> int:
    with workspace.writing_books():
        # Whoever comes later reads later: the last one to hold the books writes the newest of everything.
        with workspace.read() as connection:
            texts = _texts(workspace, connection, fresh)
        _put(workspace, texts, wait=False)
    return len(texts)


def _put(workspace: Workspace, texts: dict[Path, bytes], *, wait: bool) -> None:
    for path, content in texts.items():
        need_inside(workspace, path)
        need_behind(workspace, path, content)
    # The head goes last: it includes the others, so they have to be there.
    for path in sorted(texts, key=lambda each: (each.name == HEAD, each)):
        files.put(path, texts[path], wait=wait)


def _texts(workspace: Workspace, connection: Connection, marked: set[Mark]) -> dict[Path, bytes]:
    """Return what the marked files hold now, and lay the papers of their vouchers into the books."""
    texts: dict[Path, bytes] = {}
    for book, month in marked:
        folder = workspace.books / book
        match month:
            case marks.HEAD:
                texts[folder / HEAD] = head_text(connection, book).encode()
            case marks.REGISTER:
                texts[folder / REGISTER_FILE] = register_text(connection, book).encode()
                _copy_papers(workspace, connection, book)
            case marks.OFFICE:
                texts[workspace.books / OFFICE_FILE] = office_text(connection).encode()
                _copy_papers(workspace, connection, log.OFFICE)
                _copy_key(workspace)
            case _:
                texts[folder / month_file(month)] = _month(workspace, connection, book, month)
                for sha256, suffix in papers(connection, book, month):
                    name = f"{sha256}{suffix}"
                    _copy(workspace, name, folder / DOCUMENTS / name)
    return texts


def _month(workspace: Workspace, connection: Connection, book: str, month: str) -> bytes:
    """Return a month's text; what was written of it before in this process need not be read again: it is sealed."""
    since, before = workspace.written.pop((book, month), (0, b""))
    blocks = list(month_blocks(connection, book, month, since=since))
    made = "\n".join([*([""] if before else []), *(block.text for block in blocks)]).encode()
    while len(workspace.written) >= REMEMBERED:
        workspace.written.pop(next(iter(workspace.written)))
    last = sql.first(connection, "SELECT max(seq) FROM voucher WHERE book = :book", {"book": book})
    whole = before + made if blocks else before
    workspace.written[book, month] = ((int(last[0]) if last else -1) + 1, whole)
    return whole


def _copy_papers(workspace: Workspace, connection: Connection, of: str) -> None:
    """Lay the papers of a log's facts into the books."""
    folder = papers_folder(workspace.books, of)
    for _, (sha256, suffix, _) in facts.papers(connection, of):
        _copy(workspace, f"{sha256}{suffix}", folder / f"{sha256}{suffix}")


def _copy(workspace: Workspace, name: str, target: Path) -> None:
    # A paper that is gone from the workspace is for verify to report; it must not keep the books from being written.
    # Nor is a link followed: it could bring a file of somebody else among the books.
    need_inside(workspace, target)
    source = workspace.documents / name
    if not target.exists() and source.is_file() and not source.is_symlink():
        files.copy(source, target)


def _copy_key(workspace: Workspace) -> None:
    """Lay the office's public key beside its log: with it the notes there can be checked from the books alone."""
    key = workspace.path / PUBLIC_KEY
    if key.is_file():
        files.put(workspace.books / PUBLIC_KEY, key.read_bytes())


REMEMBERED = 8
"""So many months a process remembers: a desk works in few books at a time."""
_DONE = "DELETE FROM work_dirty WHERE book = :book AND month = :month AND mark = :mark"

"""Writing the books after the commit: each file whole and atomically, and what a crash left is written first."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import text

from ledger.books.text import DOCUMENTS, HEAD, head_text, month_file, month_text
from ledger.store.workspace import Workspace

PARTIAL = ".partial"


def settle(workspace: Workspace) -> int:
    """Write every month and head that the record has marked; return how many files were written.

    It is called after each commit and at the start of every command, so that a process that died between the
    commit and the writing costs nothing. Nothing here changes what is sealed: where a file cannot be written, its
    mark stays for the next command, and the workspace remembers the reason in `unwritten`.
    """
    try:
        written = _write_all(workspace)
    except OSError as error:
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
            marks = [dict(row) for row in connection.execute(text("SELECT * FROM work_dirty")).mappings()]
            texts = {}
            papers = []
            for mark in marks:
                folder = workspace.books / mark["book"]
                if mark["month"]:
                    texts[folder / month_file(mark["month"])] = month_text(connection, mark["book"], mark["month"])
                    where = {"book": mark["book"], "like": f"{mark['month']}-%"}
                    papers += [(folder, f"{row.sha256}{row.suffix}") for row in connection.execute(_PAPERS, where)]
                else:
                    texts[folder / HEAD] = head_text(connection, mark["book"])
        for folder, name in papers:
            _copy(workspace.documents / name, folder / DOCUMENTS / name)
        # The head goes last: it includes the months, so they have to be there.
        for path in sorted(texts, key=lambda each: (each.name == HEAD, each)):
            _replace(path, texts[path].encode())
        with workspace.write() as unit:
            for mark in marks:
                unit.connection.execute(_DONE, mark)
            unit.commit()
    return len(texts)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    _sync_folder(path.parent)


def _copy(source: Path, target: Path) -> None:
    # A paper that is gone from the workspace is for verify to report; it must not keep the books from being written.
    if target.exists() or not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + PARTIAL)
    shutil.copyfile(source, partial)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: the name is kept by the folder, not by the file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_DONE = text("DELETE FROM work_dirty WHERE book = :book AND month = :month AND mark = :mark")
_PAPERS = text(
    "SELECT d.sha256, d.suffix FROM document d JOIN voucher v ON v.book = d.book AND v.seq = d.seq "
    "WHERE d.book = :book AND v.number LIKE :like"
)

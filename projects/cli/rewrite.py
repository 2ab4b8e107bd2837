"""Writing a damaged book again from the record, after what stands there was moved aside as evidence."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, text

from ledger import facts, log, people, register
from ledger.books.keys import DOCUMENTS, OFFICE_FILE
from ledger.books.leaves import office_text
from ledger.books.write import mark_all
from ledger.errors import DocumentUnreadable
from ledger.store import files
from ledger.store.workspace import Unit, Workspace
from ledger.text import words
from projects.cli.session import As, Book, Json, session

REPORT = "report.json"
"""Who wrote a book again, when, why, and what differed; it lies beside the evidence."""


def book_rewrite(
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="@option.rewrite-reason")],
    as_name: As = None,
    at: Book = None,
    as_json: Json = False,
) -> None:
    """Write a book again from the record; a leaf of the office's log and a report beside what stood there say why."""
    desk = session.desk(as_name, at)
    workspace = desk.workspace
    why = words(reason, "reason")
    with workspace.read() as connection:
        register.need_book(connection, desk.book)
        people.need_overseer(connection, desk.user, desk.book)
        papers = _papers(connection, desk.book)
        beside = office_text(connection)
    aside = _aside(workspace)
    with workspace.writing_books():
        mended = _mend_store(workspace, desk.book, papers, aside) | _clear_office(workspace, beside, aside)
        if (workspace.books / desk.book).exists():
            (workspace.books / desk.book).rename(aside / desk.book)

    def act(unit: Unit) -> dict[str, Any]:
        mark_all(unit, desk.book)
        at = unit.now.isoformat(timespec="seconds")
        done = {"book": desk.book, "user": desk.user, "at": at, "reason": why}
        log.append(unit, log.OFFICE, "rewrite", done | {"aside": aside.name})
        return done

    done = desk.change("book rewrite", {"book": desk.book, "reason": why}, act)
    differ = mended | _compare(aside / desk.book, workspace.books / desk.book)
    told = json.dumps(done | {"replaced": differ}, ensure_ascii=False, indent=2) + "\n"
    files.put(aside / REPORT, told.encode())
    output = session.output(as_json=as_json)
    if output.data(done | {"aside": aside, "replaced": differ}):
        return
    output.say("print.rewritten", book=desk.book, aside=aside, count=len(differ))
    for path, what in differ.items():
        output.say("print.rewritten-file", path=path, what=output.text(f"print.rewritten-{what}"))


def _aside(workspace: Workspace) -> Path:
    """Return a new folder for what stood there; two in one second get different names."""
    name = f"books-aside-{workspace.clock():%Y%m%dT%H%M%S}"
    path, count = workspace.path / name, 1
    while path.exists():
        count += 1
        path = path.with_name(f"{name}-{count}")
    path.mkdir()
    return path


def _mend_store(workspace: Workspace, book: str, papers: dict[str, str], aside: Path) -> dict[str, str]:
    """Put documents of the store that are damaged back from their copies beside the books; say which.

    Raises:
        DocumentUnreadable: neither of the two is what the voucher names; nothing was moved.
    """
    store, copies = workspace.documents, workspace.books / book / DOCUMENTS
    damaged = [name for name, sha256 in papers.items() if not _whole(store / name, sha256)]
    for name in damaged:
        if not _whole(copies / name, papers[name]):
            aside.rmdir()
            raise DocumentUnreadable(path=store / name, reason="SHA-256")
    for name in damaged:
        if (store / name).exists():
            (aside / DOCUMENTS).mkdir(exist_ok=True)
            (store / name).rename(aside / DOCUMENTS / name)
        files.copy(copies / name, store / name)
    return {f"{DOCUMENTS}/{name}": "store" for name in damaged}


def _clear_office(workspace: Workspace, expected: str, aside: Path) -> dict[str, str]:
    """Move the office's log aside if its text is not what the record says; it is written with every book."""
    path = workspace.books / OFFICE_FILE
    try:
        if not path.is_symlink() and path.read_bytes() == expected.encode():
            return {}
    except FileNotFoundError:
        return {OFFICE_FILE: "missing"}
    path.rename(aside / OFFICE_FILE)
    return {OFFICE_FILE: "changed"}


def _papers(connection: Connection, book: str) -> dict[str, str]:
    query = text("SELECT DISTINCT sha256, suffix FROM document WHERE book = :book ORDER BY sha256, suffix")
    found = {f"{row.sha256}{row.suffix}": row.sha256 for row in connection.execute(query, {"book": book})}
    return found | {f"{sha256}{suffix}": sha256 for _, (sha256, suffix, _) in facts.papers(connection, book)}


def _whole(path: Path, sha256: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def _compare(before: Path, after: Path) -> dict[str, str]:
    """Return by file what was wrong with it: ``changed``, ``missing`` or ``stray``."""
    old, new = _files(before), _files(after)
    return {
        name: "missing" if name not in old else "stray" if name not in new else "changed"
        for name in sorted(old.keys() | new.keys())
        if name not in old or name not in new or old[name].read_bytes() != new[name].read_bytes()
    }


def _files(folder: Path) -> dict[str, Path]:
    return {str(each.relative_to(folder)): each for each in folder.rglob("*") if each.is_file()}

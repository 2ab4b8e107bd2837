"""Verification: everything that follows from the record is computed again and compared with what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ledger import log, register
from ledger.store import sql
from ledger.store.workspace import Workspace
from ledger.verify import files, notes, privacy, record
from ledger.verify.desk import desk
from ledger.verify.leaves import Leaves
from ledger.verify.months import Months
from ledger.verify.registers import Registers
from ledger.verify.report import Check, Finding
from ledger.verify.vouchers import Checks, Walk

__all__ = ["Check", "Finding", "Progress", "check_books", "verify"]

Progress = Callable[[str, int, int], None]
"""Is told what is being looked at, how much of it is done, and how much there is; 0 where nobody knows."""


def verify(
    workspace: Workspace,
    *,
    beancount: bool = False,
    against: list[str] | None = None,
    progress: Progress | None = None,
) -> list[Check]:
    """Check the record against itself and the books against the record; change nothing.

    `beancount` adds Beancount's own check of every book whose bytes are right (a book that was tampered with may
    name plugins, and is never loaded). `against` are signed notes that were kept outside: an old copy of the record
    that was put back is shorter than they say. `progress` is told how far it is.
    """
    tell = progress or (lambda _name, _done, _total: None)
    # The database looks at its own pages beside the walk: it needs no interpreter for that, only a processor.
    with ThreadPoolExecutor(1) as beside:
        storage = beside.submit(_storage, workspace)
        with workspace.read() as connection:
            workspace.need_every_book(connection)
            tell("schema", 0, 0)
            schema = Check("schema")
            with _readable(schema):
                record.schema(connection, schema)
            checks, months = _walk(workspace, connection, tell)
            tell("privacy", 0, 0)
            private = Check("privacy")
            with _readable(private):
                privacy.values(connection, private)
            tell("checkpoints", 0, 0)
            signed, papers, clean = Check("checkpoints"), Check("documents"), list[Path]()
            with _readable(signed):
                signed = notes.signatures(workspace, connection, against or [])
            tell("documents", 0, 0)
            with _readable(papers):
                papers = files.documents(workspace, connection)
            tell("books", 0, 0)
            with _readable(checks.books):
                clean = files.books(workspace, connection, checks.books, months)
        tell("storage", 0, 0)
        made = [storage.result(), schema, checks.numbers, checks.postings, checks.balances, checks.log]
    made += [private, signed, papers, checks.books]
    if beancount:
        tell("beancount", 0, 0)
        made.append(files.beancount(clean))
    return made


def check_books(workspace: Workspace, *, only: str = "") -> tuple[Check, list[Path]]:
    """Compare the books, or the `only` one, with the record; return the heads of those that may be loaded safely."""
    with workspace.read() as connection:
        checks, months = _walk(workspace, connection, lambda _name, _done, _total: None, only=only)
        return checks.books, files.books(workspace, connection, checks.books, months, only=only)


def _walk(
    workspace: Workspace, connection: Connection, tell: Progress, *, only: str = ""
) -> tuple[Checks, dict[str, Months]]:
    """Walk through the office's log and every book, and compare the registers with what the logs said.

    Where `only` one book is looked at, the registers, which are of all, are not compared.
    """
    checks = Checks(*(Check(name) for name in ("numbers", "postings", "balances", "log", "books")))
    registers, months = Registers(), dict[str, Months]()
    total = int((sql.first(connection, "SELECT count(*) FROM voucher") or (0,))[0])
    done = 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        tell("vouchers", done, total)

    books: list[register.Book] = []
    with _readable(checks.log):
        books = [each for each in register.list_books(connection) if only in {"", each.code}]
    with _readable(checks.log):
        for of in [] if only else sorted({log.OFFICE, *log.logs(connection)} - {book.code for book in books}):
            Leaves(connection, of, checks.log, registers).finish(0)
    for book in books:
        months[book.code] = Months(workspace.books / book.code, book.code, checks.books)
        with _readable(checks.log), closing(months[book.code]):
            leaves = Leaves(connection, book.code, checks.log, registers)
            Walk(connection, book, checks, registers, leaves, months[book.code]).go(step)
    with _readable(checks.log):
        if not only:
            registers.compare(connection, checks.log)
    return checks, months


def _storage(workspace: Workspace) -> Check:
    check = Check("storage")
    with workspace.read() as connection, _readable(check):
        record.storage(connection, check)
        desk(connection, check)
    return check


@contextmanager
def _readable(check: Check) -> Iterator[None]:
    """Let what cannot be read be a finding, so that the other checks still have their say."""
    try:
        yield
    except DBAPIError as error:
        check.find("storage", what=error.orig)
    except Exception as error:
        # A damaged record fails in every way there is; a sound one in none.
        check.find("unreadable", what=" ".join(str(error).split()))

"""The files against the record: documents by their hash, books byte for byte, nothing that does not belong."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, text

from ledger import checkpoints, facts, log, register
from ledger.books.keys import DOCUMENTS, HEAD, OFFICE_FILE, PUBLIC_KEY, REGISTER_FILE
from ledger.books.leaves import office_text, papers_folder, register_text
from ledger.books.text import head_text, month_blocks, month_file
from ledger.store.workspace import Workspace
from ledger.verify.months import Months
from ledger.verify.report import Check

T = TypeVar("T")


def documents(workspace: Workspace, connection: Connection) -> Check:
    """Compare every document with its hash, where the workspace keeps it and in its book."""
    check = Check("documents")
    query = text(
        "SELECT d.book, d.sha256, d.suffix, v.number FROM document d "
        "JOIN voucher v ON v.book = d.book AND v.seq = d.seq ORDER BY d.book, d.seq, d.sha256"
    )
    for row in connection.execute(query):
        _document(check, workspace, row.book, row.number, row.sha256, row.suffix)
    for of in log.logs(connection):
        for fact, (sha256, suffix, _) in facts.papers(connection, of):
            _document(check, workspace, of, fact.label, sha256, suffix, code="fact-document")
    return check


def _document(
    check: Check, workspace: Workspace, of: str, number: str, sha256: str, suffix: str, *, code: str = "document"
) -> None:
    """Compare a document with its hash in the store and, where the office keeps books, in its log's folder."""
    name = f"{sha256}{suffix}"
    for path in (workspace.documents / name, papers_folder(workspace.books, of) / name):
        if of == log.OFFICE and path.parent != workspace.documents and not (workspace.books / OFFICE_FILE).exists():
            continue
        check.covered += 1
        shown = path.relative_to(workspace.path)
        if not path.is_file() or path.is_symlink():
            check.find(f"{code}-missing", book=of, number=number, path=shown)
        elif _sha256(path) != sha256:
            check.find(f"{code}-changed", book=of, number=number, path=shown)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def books(
    workspace: Workspace, connection: Connection, check: Check, walked: Mapping[str, Months], *, only: str = ""
) -> list[Path]:
    """Compare what the walk has not, say of each month that is not right what is wrong, return the heads of the rest.

    The walk has compared the months; only of those that are not right it does not know what is wrong in them.
    """
    expected_files: set[Path] = set()
    clean = []
    for book in [each for each in register.list_books(connection) if only in {"", each.code}]:
        folder = workspace.books / book.code
        before = len(check.findings)
        passed = walked[book.code]
        expected_files |= {folder / month_file(month) for month in passed.seen}
        for month in sorted(passed.unlike):
            _compare_month(check, folder / month_file(month), workspace, connection, book.code, month)
        for path, write in (
            (folder / REGISTER_FILE, partial(register_text, connection, book.code)),
            (folder / HEAD, partial(head_text, connection, book.code)),
        ):
            expected_files.add(path)
            _compare_head(check, path, workspace, write)
        query = text("SELECT sha256, suffix FROM document WHERE book = :book")
        for row in connection.execute(query, {"book": book.code}):
            expected_files.add(folder / DOCUMENTS / f"{row.sha256}{row.suffix}")
        expected_files |= _papers(workspace, connection, book.code)
        if len(check.findings) == before:
            clean.append(folder / HEAD)
    if not only:
        expected_files |= _compare_office(check, workspace, connection) | _papers(workspace, connection, log.OFFICE)
    for path in sorted((workspace.books / only).rglob("*")):
        if path.is_symlink() or (not path.is_dir() and path not in expected_files):
            check.find("stray", path=path.relative_to(workspace.path))
            clean = [head for head in clean if head.parent not in path.parents]
    return clean


def _papers(workspace: Workspace, connection: Connection, of: str) -> set[Path]:
    folder = papers_folder(workspace.books, of)
    return {folder / f"{sha256}{suffix}" for _, (sha256, suffix, _) in facts.papers(connection, of)}


def _compare_head(check: Check, path: Path, workspace: Workspace, write: Callable[[], str]) -> None:
    check.covered += 1
    actual = _read(check, path, workspace)
    expected = _written(check, path, workspace, write)
    if actual is None or expected is None or actual == expected:
        return
    line, found, wanted = _first_difference(actual, expected)
    check.find("head", path=path.relative_to(workspace.path), line=line, found=found, wanted=wanted)


def _compare_office(check: Check, workspace: Workspace, connection: Connection) -> set[Path]:
    """Compare what lies beside the books: the office's log and its public key. Both are written with the first book."""
    path, key = workspace.books / OFFICE_FILE, workspace.path / PUBLIC_KEY
    if not register.list_books(connection):
        return set()
    _compare_head(check, path, workspace, partial(office_text, connection))
    copy = workspace.books / PUBLIC_KEY
    if not key.is_file() or not (copy.exists() or any(checkpoints.signed(connection))):
        return {path}
    _compare_head(check, copy, workspace, partial(key.read_text, encoding="utf-8"))
    return {path, copy}


_VOUCHER_LINE = re.compile(r"^\d{4}-\d\d-\d\d \* .*\^V(\d{4}-\d\d-\d{4,})(?: \^V\S+)?$", re.MULTILINE)


def _compare_month(
    check: Check, path: Path, workspace: Workspace, connection: Connection, book: str, month: str
) -> None:
    """Compare a month voucher by voucher, so that a finding names the voucher and the line."""
    blocks = _written(check, path, workspace, lambda: list(month_blocks(connection, book, month)))
    if blocks is None:
        return
    expected = "\n".join(block.text for block in blocks)
    actual = _read(check, path, workspace)
    if actual is None or actual == expected:
        return
    shown = path.relative_to(workspace.path)
    heads = list(_VOUCHER_LINE.finditer(actual))
    starts = [head.start() for head in heads] + [len(actual)]
    found = [(head.group(1), actual[starts[i] : starts[i + 1]]) for i, head in enumerate(heads)]
    wanted = {block.number: block.text for block in blocks if block.number}
    before = len(check.findings)
    for number, written in found:
        line = actual.count("\n", 0, actual.index(written)) + 1
        if number not in wanted:
            check.find("voucher-added", path=shown, line=line, number=number)
        elif written.strip("\n") != wanted[number].strip("\n"):
            offset, is_now, was = _first_difference(written, wanted[number])
            code = "price" if re.search(r"@|\{|\}", is_now) and not re.search(r"@|\{|\}", was) else "voucher"
            check.find(code, path=shown, line=line + offset - 1, number=number, found=is_now, wanted=was)
    numbers = [number for number, _ in found]
    for number in wanted:
        if numbers.count(number) != 1:
            check.find("voucher-missing" if number not in numbers else "voucher-twice", path=shown, number=number)
    if len(check.findings) == before:
        line, is_now, was = _first_difference(actual, expected)
        check.find("head", path=shown, line=line, found=is_now, wanted=was)


def _written(check: Check, path: Path, workspace: Workspace, write: Callable[[], T]) -> T | None:
    """Return what a file of the books should hold; None if the record holds what no seal lets through."""
    try:
        return write()
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
        check.find("book-unwritable", path=path.relative_to(workspace.path), reason=repr(error))
    return None


def _read(check: Check, path: Path, workspace: Workspace) -> str | None:
    try:
        if path.is_symlink():
            return None  # reported as a stray
        return path.read_bytes().decode()
    except FileNotFoundError:
        check.find("book-missing", path=path.relative_to(workspace.path))
    except (OSError, UnicodeDecodeError) as error:
        check.find("book-unreadable", path=path.relative_to(workspace.path), reason=error)
    return None


def _first_difference(actual: str, expected: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, as it is and as it should be."""
    is_now, was = actual.split("\n"), expected.split("\n")
    for number, (one, other) in enumerate(zip(is_now, was, strict=False), 1):
        if one != other:
            return number, one.strip(), other.strip()
    number = min(len(is_now), len(was)) + 1
    return number, "".join(is_now[number - 1 : number]).strip(), "".join(was[number - 1 : number]).strip()


def beancount(heads: list[Path]) -> Check:
    """Run Beancount's own check in a process of its own, without its cache."""
    check = Check("beancount")
    for head in heads:
        check.covered += 1
        run = subprocess.run(  # noqa: S603 - our own interpreter on a path of ours
            [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(head)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"BEANCOUNT_DISABLE_LOAD_CACHE": "1", "PYTHONUTF8": "1"},
        )
        if run.returncode:
            first = next((line for line in (run.stderr + run.stdout).splitlines() if line.strip()), "")
            check.find("beancount", path=head.parent.name, what=first.strip())
    return check

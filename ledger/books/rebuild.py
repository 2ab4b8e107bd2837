"""The record made again from the books folder alone, to the same log roots.

Every leaf that the books tell is compared with its hash and written with the rows that follow from it; vouchers go
through the database's own rules, as a seal does. Then the books are written anew and compared byte for byte with
those that were read, so that nothing stands in them that does not follow from the leaves.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ledger import chart, checkpoints, closed, facts, log, money, register, restores
from ledger.books import read, rows
from ledger.books.keys import DOCUMENTS, PUBLIC_KEY
from ledger.books.leaves import papers_folder
from ledger.books.read import Leaf
from ledger.books.rows import by_the_rules, unfit
from ledger.books.write import mark_all, settle
from ledger.chart import Account, Line
from ledger.errors import BooksUnfit, KeyMissing, NoteUnfit, WorkspaceThere
from ledger.proposals import Proposal
from ledger.restores import Answer, Known
from ledger.seal import Effect, Sealed, account_row
from ledger.signing import read_verifiers
from ledger.store import files, folders, postgresql, posts, transfer
from ledger.store import workspace as workspaces
from ledger.store.postgresql import Database
from ledger.store.workspace import Clock, Unit, Workspace, create
from ledger.verify import Check, verify

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Rebuilt:
    """What was made: the logs as the books told them, what was compared, and what the books do not hold."""

    books: int
    vouchers: int
    documents: int
    logs: tuple[Known, ...]
    office: Known
    """The office's log after the rebuilding was noted in it."""
    compared: int
    behind: tuple[Known, ...]
    absent: Mapping[str, int]
    checks: tuple[Check, ...]

    @property
    def right(self) -> bool:
        """Tell whether the verification at the end found nothing; otherwise nothing was kept."""
        return not any(check.findings for check in self.checks)


def rebuild(
    books: Path,
    target: Path,
    *,
    effects: Mapping[str, Effect],
    answer: Answer | None = None,
    notes: Sequence[str] = (),
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Rebuilt:
    """Make a new workspace in `target` from the folder `books` alone; `notes` are checkpoints that were kept outside.

    It is built beside `target` and renamed at the end: a failure leaves nothing. `progress` is told leaves done, of
    how many.

    Raises:
        WorkspaceThere, WorkspaceUnfit: `target` is not empty, or cannot be written.
        BooksUnfit: something in the folder is not as we would have written it, with file and line.
        KeyMissing: the log holds checkpoints, and the folder no public key.
        DatabaseUnfit: the environment names a database that has a record, or names no owner.
        NoteUnfit: a note is not signed by the office's key.
        RestoreBehind, OnePerson: the books are older than a note says, and not two people answer for it.
    """
    database = workspaces.named(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WorkspaceThere(path=target)
    if database:
        postgresql.need_free(database)
    if books.is_symlink() or not books.is_dir():
        raise BooksUnfit(about="missing", path=books, line=0)
    with folders.beside(target) as place:
        made = _make(books, place, effects, answer or Answer(), notes, clock, progress or (lambda _done, _of: None))
        if made.right:
            place.chmod(0o777 & ~_umask())
            _put(place, target, database, clock)
        return made


def _put(place: Path, target: Path, database: Database | None, clock: Clock | None) -> None:
    """Give the finished folder its name, and its record to the database if there is one."""
    if database is None:
        folders.name(place, target)
        return
    with transfer.opened_for(database, "") as owner:
        transfer.into_database(owner, place, database, "", lambda _done, _of: None)
        transfer.commit_named(owner, place, target, database)
    workspace = workspaces.open_workspace(target, clock=clock, database=database)
    settle(workspace)
    workspace.close()


def _make(
    books: Path,
    place: Path,
    effects: Mapping[str, Effect],
    answer: Answer,
    notes: Sequence[str],
    clock: Clock | None,
    progress: Progress,
) -> Rebuilt:
    key = _public_key(books)
    workspace = create(place, clock=clock, office=read_verifiers(key)[0].name if key else None, as_file=True)
    try:
        if key:
            files.put(place / PUBLIC_KEY, key.encode())
        maker = _Maker(books, workspace, effects, progress)
        maker.office()
        with workspace.read() as connection:
            codes = [each.code for each in register.list_books(connection)]
            if not key and next(iter(checkpoints.signed(connection)), None) is not None:
                raise KeyMissing(path=books / PUBLIC_KEY)
        for book in codes:
            maker.book(book)
        settle(workspace)
        _compare(books, workspace)
        with workspace.read() as connection:
            said = restores.known(place, notes)
            logs, behind = restores.heads(connection), restores.lost(connection, said)
            restores.need_answer(connection, answer, behind)
        with workspace.write() as unit:
            sizes = {each.log: {"size": each.size, "root": each.root} for each in logs}
            restores.remember(unit, answer, behind, rebuilt=True, logs=sizes)
            unit.commit()
        settle(workspace)
        checks = verify(workspace, against=list(notes))
        with workspace.read() as connection:
            [office] = [each for each in restores.heads(connection) if each.log == log.OFFICE]
    finally:
        workspace.close()
    return Rebuilt(
        books=len(codes),
        vouchers=maker.vouchers,
        documents=maker.documents,
        logs=tuple(logs),
        office=office,
        compared=len(said),
        behind=tuple(behind),
        absent=maker.absent,
        checks=tuple(checks),
    )


def _public_key(books: Path) -> str:
    """Return the office's public key as it lies beside its log, empty where there is none."""
    path = books / PUBLIC_KEY
    if not path.exists() and not path.is_symlink():
        return ""
    try:
        key = read.content(path).decode()
        read_verifiers(key)
    except (UnicodeDecodeError, NoteUnfit):
        raise BooksUnfit(about="line", path=path, line=1) from None
    return key


class _Maker:
    """Writes leaf after leaf with the rows that follow from it."""

    def __init__(self, books: Path, workspace: Workspace, effects: Mapping[str, Effect], progress: Progress) -> None:
        self._books = books
        self._workspace = workspace
        self._effects = effects
        self._progress = progress
        self._whole = read.count(books)
        self._done = 0
        self.vouchers = 0
        self.documents = 0
        self.absent = {"private": 0, "times": 0, "names": 0}

    def office(self) -> None:
        """Write the office's log and its registers."""
        with self._workspace.write() as unit:
            for expected, leaf in enumerate(read.read_office(self._books)):
                self._keep(unit, leaf, expected)
                if leaf.kind == facts.KIND:
                    self._fact(leaf)
                elif leaf.kind not in log.DEEDS:
                    rows.write(unit, leaf)
                if leaf.kind == "user":
                    self.absent["names"] += 1
                    self.absent["times"] += "created_at" not in leaf.data
                self._step()
            unit.commit()

    def book(self, book: str) -> None:
        """Write a book's log, its registers and its vouchers, in the order of their positions."""
        with self._workspace.write() as unit:
            poster = _Poster(unit, book, self._effects)
            for expected, leaf in enumerate(read.read_book(self._books, book)):
                if leaf.kind == "voucher":
                    if leaf.position != expected:
                        raise unfit(leaf, "order")
                    for name, sha256, size in _papers(leaf):
                        self._copy(leaf, name, sha256, size)
                    by_the_rules(leaf, partial(poster.post, leaf))
                    self.vouchers += 1
                    self.absent["private"] += sum(fact.endswith("-commitment") for fact in leaf.data["facts"])
                else:
                    self._keep(unit, leaf, expected)
                    if leaf.kind == facts.KIND:
                        self._fact(leaf)
                    elif leaf.kind == closed.KIND:
                        if not closed.is_deed(leaf.data):
                            raise unfit(leaf, "line")
                        poster.forget()
                    else:
                        rows.write(unit, leaf)
                        poster.forget()
                self._step()
            mark_all(unit, book)
            unit.commit()

    def _keep(self, unit: Unit, leaf: Leaf, expected: int) -> None:
        if leaf.position != expected:
            raise unfit(leaf, "order")
        row = (leaf.log, leaf.position, leaf.kind, leaf.text, leaf.hash)
        by_the_rules(leaf, lambda: unit.connection.exec_driver_sql(_LEAF, row))

    def _fact(self, leaf: Leaf) -> None:
        """Take in a fact, whose leaf is its record: only its papers have to be brought."""
        if not facts.is_fact(leaf.data):
            raise unfit(leaf, "line")
        for name, sha256, size in _papers(leaf):
            self._copy(leaf, name, sha256, size)
        self.absent["private"] += sum(key.endswith(facts.COMMITMENT) for key in leaf.data)

    def _copy(self, leaf: Leaf, name: str, sha256: str, size: int) -> None:
        path = papers_folder(self._books, leaf.log) / name
        paper = read.content(path)
        if hashlib.sha256(paper).hexdigest() != sha256 or len(paper) != size:
            raise BooksUnfit(about="document", path=path, line=0)
        target = self._workspace.documents / name
        if not target.exists():
            files.put(target, paper)
            self.documents += 1

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, max(self._done, self._whole))


class _Poster:
    """Posts the vouchers of one book again, each as its leaf says."""

    def __init__(self, unit: Unit, book: str, effects: Mapping[str, Effect]) -> None:
        self._unit = unit
        self._effects = effects
        self._chart = chart.load(register.need_book(unit.connection, book).chart)
        self._book = book
        self._numbers: dict[str, int] = {}
        rows = unit.connection.execute(text("SELECT code, scale FROM commodity"))
        self._scales = {row.code: row.scale for row in rows}
        self.forget()

    def forget(self) -> None:
        """A register has changed: account names are read anew."""
        query = text("SELECT code, title FROM project WHERE book = :book")
        rows = self._unit.connection.execute(query, {"book": self._book})
        self._titles = {row.code: row.title for row in rows}
        self._accounts: dict[str, Account] = {}

    def post(self, leaf: Leaf) -> None:
        """Write a voucher with all that belongs to it; the database checks it by its own rules."""
        data = leaf.data
        lines = [self._line(leaf, *posting) for posting in data["postings"]]
        reverses = None if data["reverses"] is None else self._numbers.get(data["reverses"], -1)
        row = {name: data[name] for name in posts.COLUMNS if name in data}
        row |= {"facts": log.canonical(data["facts"]), "reverses": reverses}
        row |= {"position": leaf.position, "leaf_hash": leaf.hash}
        post = posts.Post(
            voucher=row,
            leaf=leaf.text,
            accounts=sorted({account_row(line.account) for line in lines}),
            balances=sorted({(line.account.name, line.commodity, line.account.role.floor_side) for line in lines}),
            postings=[(line.account.name, line.commodity, line.amount) for line in lines],
            documents=read.papers(leaf),
            private=[],
        )
        posts.write(self._unit.connection, post)
        self._numbers[data["number"]] = data["seq"]
        effect = self._effects.get(data["event"])
        if effect:
            effect(self._unit, Sealed(self._book, data["seq"], data["number"], _proposal(data, lines), leaf.hash))

    def _line(self, leaf: Leaf, name: str, commodity: str, shown: str) -> Line:
        if name not in self._accounts:
            found = self._chart.read_account(name, self._titles)
            if found is None:
                raise unfit(leaf, "account", name=name)
            self._accounts[name] = found
        scale = self._scales.get(commodity)
        amount = int(shown.replace(".", ""))
        if scale is None or abs(amount) >= LARGEST_AMOUNT or money.plain(amount, scale) != shown:
            raise unfit(leaf, "amount", name=f"{shown} {commodity}")
        return Line(self._accounts[name], commodity, amount)


LARGEST_AMOUNT = 1 << 62
"""No sum of a voucher's postings leaves 64 bits."""


def _proposal(data: Mapping[str, Any], lines: Sequence[Line]) -> Proposal:
    return Proposal(
        event=data["event"],
        date=date.fromisoformat(data["date"]),
        project=data["project"],
        contract=data["contract"],
        payee=data["payee"],
        narration=data["narration"],
        facts=data["facts"],
        lines=tuple(lines),
    )


def _papers(leaf: Leaf) -> list[tuple[str, str, int]]:
    return [(f"{sha256}{suffix}", sha256, size) for sha256, suffix, size in read.papers(leaf)]


def _compare(books: Path, workspace: Workspace) -> None:
    """Make sure that the books, written anew, are those that were read, and that nothing lies beside them."""
    wanted = {path.relative_to(workspace.books) for path in workspace.books.rglob("*") if not path.is_dir()}
    found = {path.relative_to(books) for path in books.rglob("*") if path.is_symlink() or not path.is_dir()}
    for path in sorted(found - wanted):
        raise BooksUnfit(about="stray", path=books / path, line=0)
    for path in sorted(wanted):
        there, anew = read.content(books / path), (workspace.books / path).read_bytes()
        if there == anew:
            continue
        if path.parts[-2:-1] == (DOCUMENTS,):
            raise BooksUnfit(about="document", path=books / path, line=0)
        is_now, was = there.split(b"\n"), anew.split(b"\n")
        at = next((i for i, (a, b) in enumerate(zip(is_now, was, strict=False)) if a != b), min(len(is_now), len(was)))
        shown = [lines[at].decode(errors="replace").strip() if at < len(lines) else "" for lines in (is_now, was)]
        raise BooksUnfit(about="differs", path=books / path, line=at + 1, found=shown[0], wanted=shown[1])


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


_LEAF = "INSERT INTO log_leaf (log, position, kind, leaf, leaf_hash) VALUES (?, ?, ?, ?, ?)"

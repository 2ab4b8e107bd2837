"""Putting a backup back: into a new folder, or over a workspace, whose state is moved aside and never deleted.

Everything is made ready in a folder beside; then the two folders change places in one step of the file system, so that
a process that dies leaves either the old workspace or the new one, whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from ledger import archive, log, register, restores, signing
from ledger.archive import Manifest
from ledger.books.write import mark_all, settle
from ledger.errors import (
    BackupUnfit,
    CommitUnknown,
    DatabaseUnfit,
    NoteUnfit,
    Refusal,
    RestoreInside,
    WorkspaceThere,
    WorkspaceUnfit,
)
from ledger.restores import Answer, Known
from ledger.store import files, folders, postgresql, transfer
from ledger.store import workspace as workspaces
from ledger.store.migrations import revision
from ledger.store.postgresql import Database
from ledger.store.workspace import Clock, Workspace, open_workspace
from ledger.verify import Check, verify

Progress = Callable[[str, int, int], None]
"""Told the name of a step (``unpack``, ``check``, ``books``, ``load``), what is done of it, of how much."""

_HEAD = re.compile(r"^[0-9-]{10} \* .* \^V([0-9]{4}-[0-9]{2}-[0-9]{4,})(?: \^V\S+)?$", re.MULTILINE)
_PRIVATE = "office.key"


@dataclass(frozen=True)
class Restored:
    """What was put back, where the old state is now, and what is lost."""

    path: Path
    aside: Path | None
    schema: str
    """Where in its database the old record is now, empty for a file or where there was none."""
    manifest: Manifest
    before: Mapping[str, int]
    after: Mapping[str, int]
    behind: tuple[Known, ...]
    missing: Mapping[str, Sequence[str]]
    checks: tuple[Check, ...]
    key: bool
    """Whether the office's private key is there; backups do not hold it."""


@dataclass
class _Current:
    """The workspace that is there now, as far as it can be read."""

    office: str = ""
    known: list[Known] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, dict[str, str]] = field(default_factory=dict)
    """Leaf hashes by number and book; empty where only the number is known."""
    connection: Connection | None = None
    """A view of the record that is replaced, if it can be read."""
    owner: Connection | None = None
    """The unit of work in which a database gets another record."""


def restore(
    source: Path,
    target: Path,
    *,
    answer: Answer | None = None,
    notes: Sequence[str] = (),
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Put a backup back into `target`: a new folder, or a workspace of the same office.

    `notes` are checkpoints that were kept outside. A state behind any checkpoint that is known, or behind the record
    that it replaces, needs two people and a reason. The restore is an event in the office's log.

    Where the environment names a database, the record goes there: an empty one for a new folder, or that of the
    workspace, in which the old record is then set aside.

    Raises:
        BackupUnfit: the file is no whole backup, or of another office.
        DatabaseUnfit: no database or owner is named, or the database is that of another workspace.
        RestoreBehind, OnePerson, Unknown, RoleMissing: who answers for what is lost.
        RestoreInside: this process stands in the folder that would be moved aside.
        WorkspaceThere: `target` holds something that is no workspace.
        NoteUnfit: a note is not signed by the office's key.
    """
    tell = progress or (lambda _step, _done, _of: None)
    asked, target = target, target.resolve()
    there = target.is_dir() and any(target.iterdir())
    if target.exists() and (not target.is_dir() or (there and not (target / "earmark.toml").is_file())):
        raise WorkspaceThere(path=target)
    if there and Path.cwd().is_relative_to(target):
        raise RestoreInside(path=target)
    database, tie = workspaces.named(target), postgresql.identity(target / postgresql.TIE) or ""
    if there and bool(database) != bool(tie):
        raise DatabaseUnfit(about="unset" if tie else "file", path=target)
    if database and not there:
        postgresql.need_free(database)
    sha256 = _hash(source)
    with folders.beside(target) as place:
        about = archive.unpack(source, place, lambda done, of: tell("unpack", done, of))
        with ExitStack() as stack:
            workspace = stack.enter_context(_made(source, place, about, clock, tell))
            # Nobody seals into the old record from here until it is moved aside.
            held = _held_in(database, tie, target) if database else _held(target, there=there)
            current = stack.enter_context(held)
            done = _account(source, workspace, current, target, answer or Answer(), notes, sha256)
            tell("check", 0, 1)
            checks = verify(workspace, against=list(notes))
            wrong = [check.name for check in checks if check.findings and check.name != "documents"]
            if wrong:
                raise BackupUnfit(about="wrong", path=source, reason=wrong[0])
            workspace.close()
            key = (place / _PRIVATE).exists()
            schema = ""
            if database:
                schema = f"earmark_aside_{workspace.clock():%Y%m%d_%H%M%S}_{secrets.token_hex(2)}" if tie else ""
                aside = _seat(place, target, workspace, current, database, tie, schema, tell)
            else:
                folders.like(target, place, but=_PRIVATE)
                folders.sync_all(place)
                aside = folders.swap(place, target, workspace.clock()) if there else None
                if not there:
                    folders.name(place, target)
    if database:
        checks = _settled(target, database, clock, notes)
    behind, missing, after = done
    return Restored(
        path=asked,
        aside=asked.with_name(aside.name) if aside and asked.name == target.name else aside,
        schema=schema if current.connection is not None else "",
        manifest=about,
        before=current.sizes,
        after=after,
        behind=tuple(behind),
        missing=missing,
        checks=tuple(checks),
        key=key,
    )


@contextmanager
def _made(source: Path, place: Path, about: Manifest, clock: Clock | None, tell: Progress) -> Iterator[Workspace]:
    """Open the unpacked workspace, compare its logs with the manifest, and write its books."""
    for folder in ("books", "documents"):
        (place / folder).mkdir(exist_ok=True)
    try:
        workspace = open_workspace(place, clock=clock, as_file=True)
    except (WorkspaceUnfit, SQLAlchemyError) as error:
        raise BackupUnfit(about="wrong", path=source, reason=type(error).__name__) from None
    try:
        with workspace.read() as connection:
            logs = {each.log: {"size": each.size, "root": each.root} for each in restores.heads(connection)}
            books = [each.code for each in register.list_books(connection)]
        if logs != about.logs or workspace.settings.office != about.office:
            raise BackupUnfit(about="wrong", path=source, reason=archive.MANIFEST)
        tell("books", 0, len(books))
        with workspace.write() as unit:
            for book in books:
                mark_all(unit, book)
            unit.commit()
        settle(workspace)
        yield workspace
    except SQLAlchemyError as error:
        raise BackupUnfit(about="wrong", path=source, reason=type(error).__name__) from None
    finally:
        workspace.close()


@contextmanager
def _held(target: Path, *, there: bool) -> Iterator[_Current]:
    """Read what stands in the target now, and keep writers out of it; what cannot be read is taken from its books."""
    current = _Current()
    if not there:
        yield current
        return
    with ExitStack() as stack:
        try:
            old = open_workspace(target)
            stack.callback(old.close)
            current.office = old.settings.office
            unit = stack.enter_context(old.write())
            _read(unit.connection, current)
            current.connection = unit.connection
        except (Refusal, SQLAlchemyError, OSError, ValueError):
            # The record is damaged, which is why a backup is put back. Its books may still tell what will be missing.
            current.hashes = {path.name: dict.fromkeys(_numbers(path), "") for path in _books(target)}
        current.known += _kept(target)
        yield current


@contextmanager
def _held_in(database: Database, tie: str, target: Path) -> Iterator[_Current]:
    """Do so where the record is in a database, in the unit of work in which another is put there."""
    current = _Current()
    with transfer.opened_for(database, tie) as owner:
        current.owner = owner
        with contextlib.suppress(Refusal):
            current.office = workspaces.read_settings(target).office if tie else ""
        try:
            if revision(owner) is not None:
                with owner.begin_nested():
                    _read(owner, current)
                current.connection = owner
        except (SQLAlchemyError, ValueError):
            current.sizes = {}
        if current.connection is None:
            current.hashes = {path.name: dict.fromkeys(_numbers(path), "") for path in _books(target)}
        current.known += _kept(target)
        yield current


def _read(connection: Connection, current: _Current) -> None:
    heads = restores.heads(connection)
    current.known = list(heads)
    current.sizes = {each.log: each.size for each in heads}
    for _, data in log.deeds(connection, "checkpoint"):
        with contextlib.suppress(NoteUnfit):
            current.known.append(restores.told(str(data.get("note"))))
    # What an earlier restore has accounted for needs no second answer.
    accounted = restores.accounted(connection)
    current.known = [each for each in current.known if each not in accounted]
    for row in connection.execute(text("SELECT book, number, leaf_hash FROM voucher ORDER BY book, seq")):
        current.hashes.setdefault(row.book, {})[row.number] = row.leaf_hash


def _kept(target: Path) -> list[Known]:
    """Return what the notes in the workspace's own folder say, those that its key has signed."""
    found = []
    for path in sorted((target / "checkpoints").glob("*.txt")):
        with contextlib.suppress(Refusal, OSError, UnicodeDecodeError):
            found += restores.known(target, [path.read_text(encoding="utf-8")])
    return found


def _books(target: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return sorted(path for path in (target / "books").iterdir() if path.is_dir())
    return []


def _numbers(book: Path) -> list[str]:
    found: list[str] = []
    for path in sorted(book.glob("[0-9]*.beancount")):
        with contextlib.suppress(OSError):
            found += _HEAD.findall(path.read_text(encoding="utf-8", errors="replace"))
    return found


def _account(
    source: Path,
    workspace: Workspace,
    current: _Current,
    target: Path,
    answer: Answer,
    notes: Sequence[str],
    sha256: str,
) -> tuple[list[Known], dict[str, list[str]], dict[str, int]]:
    """Find what is lost, make sure that somebody answers for it, and note the restore in the office's log."""
    if current.office and current.office != workspace.settings.office:
        raise BackupUnfit(about="office", path=source, name=workspace.settings.office, office=current.office)
    said = current.known + _kept(workspace.path) + _told(notes, workspace.path, target)
    with workspace.read() as connection:
        accounted = restores.accounted(connection)
        behind = [each for each in restores.lost(connection, said) if each not in accounted]
        # Whom the office trusts is in the record that is replaced; a file that is handed in may name anybody.
        restores.need_answer(current.connection or connection, answer, behind)
        after = {each.log: each.size for each in restores.heads(connection)}
        missing = _missing(connection, current.hashes)
    before = {of: current.sizes.get(of) for of in sorted({*after, *current.sizes})}
    with workspace.write() as unit:
        restores.remember(
            unit,
            answer,
            behind,
            rebuilt=False,
            file=source.name[:200],
            sha256=sha256,
            sizes={of: {"before": size, "after": after.get(of, 0)} for of, size in before.items()},
            missing=missing,
        )
        unit.commit()
    settle(workspace)
    _bring(target, workspace)
    return behind, missing, after


def _told(notes: Sequence[str], *folders: Path) -> list[Known]:
    """Return what notes from outside say; the key of the backup or that of the workspace has signed them."""
    found = []
    for note in notes:
        refused: Refusal | None = None
        for folder in folders:
            try:
                found += restores.known(folder, [note])
                break
            except Refusal as refusal:
                refused = refused or refusal
        else:
            assert refused is not None, "there is a folder to look in"
            raise refused
    return found


def _missing(connection: Connection, hashes: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Return the numbers by book that the record there has, and the one put back lacks or has otherwise."""
    rows = connection.execute(text("SELECT book, number, leaf_hash FROM voucher")).all()
    kept = {(row.book, row.number): row.leaf_hash for row in rows}
    lacking = {
        book: [each for each, hashed in numbers.items() if not _same(kept.get((book, each)), hashed)]
        for book, numbers in hashes.items()
    }
    return {book: numbers for book, numbers in sorted(lacking.items()) if numbers}


def _same(kept: str | None, hashed: str) -> bool:
    """Tell whether a voucher is kept as it was; without its hash, whether its number is."""
    return kept is not None and hashed in {"", kept}


def _bring(target: Path, workspace: Workspace) -> None:
    """Take over what the old workspace has and a backup does not hold: its private key, and notes signed since."""
    key = target / _PRIVATE
    with contextlib.suppress(Refusal, OSError):
        same = signing.load_verifier(target).text() == signing.load_verifier(workspace.path).text()
        if same and key.is_file() and not key.is_symlink():
            shutil.copy2(key, workspace.path / _PRIVATE)
    for path in sorted((target / "checkpoints").glob("*.txt")):
        kept = workspace.path / "checkpoints" / path.name
        if path.is_file() and not path.is_symlink() and not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(path, kept)


def _seat(
    place: Path,
    target: Path,
    workspace: Workspace,
    current: _Current,
    database: Database,
    tie: str,
    schema: str,
    tell: Progress,
) -> Path | None:
    """Put record and folder in their places, so that whatever dies on the way, the folder there opens its record."""
    assert current.owner is not None, "a database is held by its owner"
    made = transfer.into_database(current.owner, place, database, schema, lambda done, of: tell("load", done, of))
    folders.like(target, place, but=_PRIVATE)
    folders.sync_all(place)
    if not tie:
        transfer.commit_named(current.owner, place, target, database)
        return None
    folders.need_exchange(target.parent)
    # The folder that is there knows both records until it makes room for the other one.
    files.put(target / postgresql.TIE, "".join(f"{each}\n" for each in [*tie.split(), made]).encode())
    try:
        postgresql.commit(current.owner, database)
    except CommitUnknown:
        raise
    except BaseException:
        files.put(target / postgresql.TIE, f"{tie}\n".encode())
        raise
    aside = folders.swap(place, target, workspace.clock())
    files.put(aside / postgresql.TIE, f"{tie}\n".encode())
    return aside


def _settled(target: Path, database: Database, clock: Clock | None, notes: Sequence[str]) -> list[Check]:
    """Write the books that are marked, and verify the record where it is now."""
    workspace = open_workspace(target, clock=clock, database=database)
    try:
        settle(workspace)
        return verify(workspace, against=list(notes))
    finally:
        workspace.close()


def _hash(source: Path) -> str:
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BackupUnfit(path=source, reason=error) from None

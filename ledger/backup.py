"""Backups: the whole workspace in one file, taken while others work, and looked at before it counts as one.

The record goes in as an SQLite file whatever engine keeps it, so that a backup can be opened anywhere. The books stay
out: they follow from the record. The office's private key stays out too: whoever has it can sign a checkpoint for any
record, and backups are copied to more places than a key should be.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pysqlite3.dbapi2 as sqlite3
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger import archive, facts, log, restores
from ledger.archive import MEMBER, RECORD, Manifest
from ledger.errors import BackupThere, BackupUnfit
from ledger.store import transfer
from ledger.store.files import sync_folder
from ledger.store.migrations import revision
from ledger.store.workspace import Workspace, open_workspace
from ledger.verify import Check, verify

Progress = Callable[[str, int, int], None]
"""Told the name of a step (``snapshot``, ``pack``, ``unpack``, ``check``), what is done of it, of how much."""


_FOLLOWS = {"books", "documents"}
"""What is not looked at in a backup: books are not in it, and a paper that is gone is named, not refused."""


@dataclass(frozen=True)
class Made:
    """A backup that was made and opened again."""

    path: Path
    size: int
    manifest: Manifest
    checks: tuple[Check, ...]
    lacking: tuple[str, ...]
    """Documents that were missing or damaged in the workspace already."""
    beside: bool
    """Whether it lies on the disk of the workspace, and would be lost with it."""


def backup(workspace: Workspace, target: Path, *, force: bool = False, progress: Progress | None = None) -> Made:
    """Write a backup of everything that was committed when it began, while others go on working.

    It is written beside `target`, opened and checked, and only then gets its name. Only its owner may read it: it
    holds personal data.

    Raises:
        BackupThere: there is a file of this name, and `force` does not say to replace it.
        BackupUnfit: there is no folder to write into, or what was written does not verify; nothing is kept.
    """
    tell = progress or (lambda _step, _done, _of: None)
    if target.is_dir() or (not force and (target.exists() or target.is_symlink())):
        raise BackupThere(path=target)
    if not target.parent.is_dir():
        # Never made here: a stick that is not in has no folder, and the backup would lie on the disk that may die.
        raise BackupUnfit(about="place", path=target.parent)
    with _beside(target) as place:
        packed = place / target.name
        tell("snapshot", 0, 1)
        snapshot(workspace, place / RECORD, lambda done, of: tell("snapshot", done, of))
        with opened(place / RECORD) as connection:
            about = _about(workspace, connection)
        files = [(RECORD, place / RECORD), *_files(workspace)]
        about = archive.pack(packed, files, about, lambda done, of: tell("pack", done, of))
        (place / "opened").mkdir()
        manifest = archive.unpack(packed, place / "opened", lambda done, of: tell("unpack", done, of))
        tell("check", 0, 1)
        checks, lacking = look(place / "opened", manifest)
        wrong = [check.name for check in checks if check.findings]
        if wrong:
            raise BackupUnfit(about="source", path=target, reason=wrong[0])
        _name(packed, target, force=force)
    there = target.stat()
    beside = there.st_dev == workspace.path.stat().st_dev
    return Made(target, there.st_size, about, tuple(checks), tuple(lacking), beside)


def look(folder: Path, about: Manifest) -> tuple[list[Check], list[str]]:
    """Check an unpacked backup: record as verify does, logs by the manifest; return the papers that it lacks, too."""
    workspace = open_workspace(folder, as_file=True)
    try:
        checks = [check for check in verify(workspace) if check.name not in _FOLLOWS]
        with workspace.read() as connection:
            logs = {each.log: {"size": each.size, "root": each.root} for each in restores.heads(connection)}
            query = text("SELECT DISTINCT sha256, suffix FROM document ORDER BY sha256, suffix")
            papers = {f"documents/{row.sha256}{row.suffix}": row.sha256 for row in connection.execute(query)}
            for of in log.logs(connection):
                papers |= {f"documents/{sha}{suffix}": sha for _, (sha, suffix, _) in facts.papers(connection, of)}
    finally:
        workspace.close()
    roots = Check("log", covered=len(logs))
    if logs != about.logs:
        roots.find("backup-roots")
    lacking = [name for name, sha256 in papers.items() if about.members.get(name, {}).get("sha256") != sha256]
    return [*checks, roots], lacking


def snapshot(workspace: Workspace, target: Path, progress: transfer.Told | None = None) -> None:
    """Write what is committed now into a new SQLite file; erased values leave no trace in it.

    Raises:
        BackupUnfit: the record cannot be read, or there is no room.
        DatabaseForbidden: the login of the database was let into some books only.
    """
    try:
        if workspace.database:
            with workspace.read() as connection:
                workspace.need_every_book(connection)
                transfer.to_file(connection, target, progress or (lambda _done, _of: None))
        else:
            _copy(workspace.record, target)
    except (sqlite3.Error, DBAPIError) as error:
        raise BackupUnfit(about="disk", path=target.parent, reason=getattr(error, "orig", error)) from None
    target.chmod(0o600)


def _copy(record: Path, target: Path) -> None:
    source = sqlite3.connect(record, isolation_level=None)
    try:
        source.execute("PRAGMA busy_timeout = 30000")
        source.execute("VACUUM INTO ?", (str(target),))
    finally:
        source.close()


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """Open a record that is only looked at, as it lies there; a file that is none is the driver's error."""
    engine = create_engine(f"sqlite:///{path}", module=sqlite3)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA trusted_schema = OFF")
            connection.exec_driver_sql("PRAGMA query_only = ON")
            yield connection
    finally:
        engine.dispose()


def _about(workspace: Workspace, connection: Connection) -> Manifest:
    return Manifest(
        office=workspace.settings.office,
        version=version("earmark"),
        revision=revision(connection) or "",
        made_at=workspace.clock().isoformat(timespec="seconds"),
        logs={each.log: {"size": each.size, "root": each.root} for each in restores.heads(connection)},
        vouchers=int(connection.execute(text("SELECT count(*) FROM voucher")).scalar_one()),
    )


def _files(workspace: Workspace) -> list[tuple[str, Path]]:
    """Return what goes in beside the record; papers only ever come, so those taken after the record do no harm."""
    found = [*workspace.path.iterdir()]
    for folder in ("documents", "checkpoints", "witnesses"):
        if (workspace.path / folder).is_dir():
            found += (workspace.path / folder).iterdir()
    named = [(str(path.relative_to(workspace.path)), path) for path in found]
    return [
        (name, path)
        for name, path in named
        if name != RECORD and MEMBER.fullmatch(name) and path.is_file() and not path.is_symlink()
    ]


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Work in a folder beside the target that only its owner may enter, and that is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=".partial", dir=target.parent))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _name(packed: Path, target: Path, *, force: bool) -> None:
    """Give a finished file its name, over another only where that is asked for."""
    if force:
        packed.replace(target)
    else:
        try:
            os.link(packed, target)
        except FileExistsError:
            raise BackupThere(path=target) from None
        with suppress(FileNotFoundError):
            packed.unlink()
    sync_folder(target.parent)

"""The workspace's folder: settings, who may read and write it, its key, what lies about, who holds it."""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

from ledger.doctor.report import Sign, fine, trouble, warn
from ledger.errors import KeyMissing, NoteUnfit, WorkspaceUnfit
from ledger.signing import load_verifier
from ledger.store.workspace import read_settings

OTHERS_READ, OTHERS_WRITE, OTHERS_ENTER = 0o004, 0o002, 0o001
LARGE_LOG = 64 * 1024 * 1024
WRITE_LOCK = 120
"""The byte of ``record.db-shm`` that a writer of SQLite's write-ahead log holds."""


def absent(path: Path, *, wanted: bool) -> Sign:
    """Say that there is no workspace."""
    return trouble("workspace", "missing", path=path) if wanted else fine("workspace", "none")


def settings(path: Path) -> Iterator[Sign]:
    """Read the settings."""
    try:
        found = read_settings(path)
    except WorkspaceUnfit as refusal:
        yield trouble("workspace", "settings", reason=refusal)
        return
    if found.demonstration:
        yield fine("workspace", "demonstration", path=path, office=found.office)
    else:
        yield fine("workspace", path=path, office=found.office)


def access(path: Path) -> Sign:
    """Look whether this user can read and write all that a command needs."""
    for name in ("", "record.db", "record.db-wal", "record.db-shm", "books", "documents", "books.lock"):
        each = path / name
        need = os.R_OK | os.W_OK | (os.X_OK if each.is_dir() else 0)
        if each.exists() and not os.access(each, need):
            return trouble("access", "denied", path=each, user=_user(os.geteuid()))
    return fine("access", user=_user(os.geteuid()))


def owners(path: Path) -> Sign:
    """Look for files that another user left there so that the rest cannot write them."""
    owner = path.stat().st_uid
    for each in _inside(path):
        stat = each.lstat()
        if stat.st_uid != owner and not stat.st_mode & 0o020:
            return warn("owners", "other", path=each, owner=_user(stat.st_uid), expected=_user(owner))
    return fine("owners", owner=_user(owner))


def privacy(path: Path) -> Sign:
    """Look whether everybody on the machine can read personal data, or write anything."""
    whole = path.resolve()
    if not all(each.stat().st_mode & OTHERS_ENTER for each in (whole, *whole.parents)):
        return fine("privacy")  # nobody else gets into the folder, whatever the modes in it
    for each in (path, *_inside(path)):
        if not each.is_symlink() and each.stat().st_mode & OTHERS_WRITE:
            return trouble("privacy", "writable", path=each, folder=path)
    for name in ("record.db", "record.db-wal", "documents"):
        each = path / name
        if each.exists() and each.stat().st_mode & OTHERS_READ:
            return warn("privacy", "readable", path=each, folder=path)
    return fine("privacy")


def key(path: Path) -> Sign:
    """Look at the office's key: there, private, and its public half readable."""
    secret = path / "office.key"
    if not secret.exists():
        return warn("key", "missing", path=secret)
    mode = secret.stat().st_mode & 0o777
    if mode & 0o077:
        return trouble("key", "open", path=secret, mode=f"{mode:04o}")
    try:
        return fine("key", name=load_verifier(path).name)
    except (KeyMissing, NoteUnfit) as refusal:
        return trouble("key", "public", path=path / "office.pub", reason=refusal)


def leftovers(path: Path) -> Sign:
    """Look for what a crash, or another program, has left behind."""
    journal = path / "record.db-journal"
    if journal.exists():
        return warn("leftovers", "journal", path=journal)
    partial = sorted([*(path / "books").rglob("*.partial"), *(path / "documents").rglob("*.partial")])
    if partial:
        return warn("leftovers", "partial", count=len(partial), path=partial[0])
    probes = sorted(path.glob(".earmark-doctor-*"))
    if probes:
        return warn("leftovers", "probe", path=probes[0])
    log = path / "record.db-wal"
    size = log.stat().st_size if log.exists() else 0
    if size > LARGE_LOG:
        return warn("leftovers", "large", path=log, size=f"{size // 1024 // 1024:,}")
    return fine("leftovers", "log", path=log, size=f"{size // 1024:,}") if size else fine("leftovers")


def locks(path: Path, patience: float = 2.0) -> Sign:
    """Look whether somebody holds the record or the books for longer than `patience` seconds.

    Locks end with the process that holds them, so that a stale one is a process that hangs.
    """
    until = time.monotonic() + patience
    while True:
        holder = _writer(path / "record.db-shm")
        busy = _flocked(path / "books.lock")
        if not holder and not busy:
            return fine("locks")
        if time.monotonic() >= until:
            return (
                warn("locks", "record", process=holder) if holder else warn("locks", "books", path=path / "books.lock")
            )
        time.sleep(0.05)


def _writer(path: Path) -> int:
    """Return the process that holds the write lock of the record, 0 for none."""
    try:
        with path.open("rb") as file:
            asked = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, WRITE_LOCK, 1, 0)
            kind, _, _, _, process = struct.unpack("hhqqi", fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except OSError:
        return 0
    return 0 if kind == fcntl.F_UNLCK else process


def _flocked(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _inside(path: Path) -> Iterator[Path]:
    yield from sorted(path.glob("*"))
    for name in ("books", "documents"):
        yield from (path / name).rglob("*")


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)

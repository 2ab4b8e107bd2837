"""Checkpoints: what a log was on a day, signed, kept outside the record, so that an old copy put back is seen."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger import keyring, log, merkle
from ledger.errors import NoteUnfit, VoucherUnknown
from ledger.keyring import Keyring
from ledger.signing import Checkpoint, Counts, Signer
from ledger.store import files
from ledger.store.workspace import Unit, Workspace
from ledger.text import code


def origin(office: str, of: str) -> str:
    """Return the name of a log that no other office's log has."""
    return f"{office}/{of}"


def sign(unit: Unit, signer: Signer, of: str, *, user: str) -> str:
    """Sign what a log is now, note it in the office's log, and return the signed note."""
    if not signed(unit.connection):
        keyring.log_made(unit, signer)  # a key that was made before keys were logged, or by a process that died
    hashes = list(log.hashes(unit.connection, of))
    counts = None if of == log.OFFICE else counted(unit.connection, of, len(hashes))
    checkpoint = Checkpoint(origin(signer.name, of), len(hashes), merkle.root(hashes), counts)
    note = signer.sign(checkpoint)
    data = {"log": of, "size": checkpoint.size, "root": checkpoint.root.hex(), "note": note, "user": user}
    log.append(unit, log.OFFICE, "checkpoint", data)
    return note


def counted(connection: Connection, of: str, size: int) -> Counts:
    """Return how many of the first leaves of a log are vouchers, and how many are lines of the plan."""
    rows = connection.execute(_COUNTED, {"log": of, "size": size}).all()
    found = {str(kind): int(count) for kind, count in rows}
    return Counts(found.get("voucher", 0), found.get("budget-line", 0))


def keep(workspace: Workspace, of: str, note: str) -> Path:
    """Write a signed note into the workspace's folder of checkpoints and return where it is."""
    path = path_of(workspace, of, note)
    files.put(path, note.encode())
    return path


def path_of(workspace: Workspace, of: str, note: str) -> Path:
    """Return where the workspace keeps a signed note."""
    return workspace.path / "checkpoints" / f"{file_name(of, note)}.txt"


def file_name(of: str, note: str) -> str:
    """Return what the file of a checkpoint is called, without an ending.

    Raises:
        CodeUnfit: the log's name is none: it comes out of the record, which somebody may have handed over.
    """
    return f"{of if of == log.OFFICE else code(of, 'book')}-{int(note.splitlines()[1]):08}"


def compare(connection: Connection, ring: Keyring, note: str) -> tuple[str, int, str]:
    """Return the log that a note is of, its size, and what is wrong: "" if the log still has that beginning.

    ``shorter``: the log has fewer leaves than were signed, an old copy was put back. ``forked``: its beginning is
    another than the one that was signed. ``unknown``: it is of no log of this office. ``miscounted``: what was signed
    of the number of its vouchers or lines of the plan is false.

    Raises:
        NoteUnfit: the note is not signed by a key of this office.
    """
    checkpoint, held = ring.open(note)
    office, _, of = checkpoint.origin.rpartition("/")
    if office != held.verifier.name:
        return of, checkpoint.size, "unknown"
    beginning = list(islice(log.hashes(connection, of), checkpoint.size))
    if len(beginning) < checkpoint.size:
        return of, checkpoint.size, "shorter"
    if merkle.root(beginning) != checkpoint.root:
        return of, checkpoint.size, "forked"
    false = checkpoint.counts and checkpoint.counts != counted(connection, of, checkpoint.size)
    return of, checkpoint.size, "miscounted" if false else ""


def signed(connection: Connection) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the checkpoints that the office's log remembers with their positions, oldest first."""
    return list(log.deeds(connection, "checkpoint"))


def base64_root(root: bytes) -> str:
    """Return a root as a checkpoint writes it."""
    return base64.b64encode(root).decode()


def prove(connection: Connection, book: str, number: str) -> dict[str, Any]:
    """Return the proof that a voucher is in its book's log as it is now: leaf, position, size, root and path in hex.

    Whoever has the leaf's text can check it by RFC 9162 alone.

    Raises:
        VoucherUnknown: the book has no such voucher.
    """
    query = text(
        "SELECT v.position, l.leaf FROM voucher v JOIN log_leaf l ON l.log = v.book AND l.position = v.position "
        "WHERE v.book = :book AND v.number = :number"
    )
    found = connection.execute(query, {"book": book, "number": number.upper().removeprefix("V")}).first()
    if found is None:
        raise VoucherUnknown(number=number, book=book)
    hashes = list(log.hashes(connection, book))
    path = merkle.inclusion(hashes, found.position)
    return {
        "log": book,
        "position": found.position,
        "leaf": found.leaf,
        "leaf_hash": hashes[found.position].hex(),
        "size": len(hashes),
        "root": merkle.root(hashes).hex(),
        "path": [each.hex() for each in path],
    }


def prove_since(connection: Connection, ring: Keyring, note: str) -> dict[str, Any]:
    """Return the proof that a log grew from what was signed to what it is now, without changing its beginning.

    Raises:
        NoteUnfit: the note is not signed by a key of this office, or the log is not a continuation of what was signed.
    """
    of, size, wrong = compare(connection, ring, note)
    if wrong:
        raise NoteUnfit(about=wrong, name=of, size=size)
    hashes = list(log.hashes(connection, of))
    path = merkle.consistency(hashes, size) if size else []
    return {
        "log": of,
        "from_size": size,
        "from_root": merkle.root(hashes[:size]).hex(),
        "size": len(hashes),
        "root": merkle.root(hashes).hex(),
        "path": [each.hex() for each in path],
    }


_COUNTED = text(
    "SELECT kind, count(*) AS count FROM log_leaf "
    "WHERE log = :log AND position < :size AND kind IN ('voucher', 'budget-line') GROUP BY kind"
)

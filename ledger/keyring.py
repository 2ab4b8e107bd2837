"""The office's keys through time: which key held when, as the office's log says, and how one follows another.

Each change is a leaf that holds a signed note. A key that is made signs for itself; a rotation is signed by the old key
and by the new one over the same text; a key that replaces a lost one can only sign for itself, so two people answer
for it. The text names the office and what its log was at that moment, so that it says nothing anywhere else.
"""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger import log, merkle, people, register, signing
from ledger.errors import KeyMissing, KeyNotCurrent, NoteUnfit, OnePerson
from ledger.signing import Checkpoint, Note, Signer, Verifier
from ledger.store import marks
from ledger.store.workspace import Unit, Workspace
from ledger.text import words

FORMAT = "earmark/key/v1"
MADE, ROTATED, REPLACED = "made", "rotated", "replaced"
KIND = "key"


@dataclass(frozen=True)
class Held:
    """A key and the position in the office's log from which on it held; -1 if it held before anything said so."""

    verifier: Verifier
    since: int
    act: str = ""


@dataclass(frozen=True)
class Keyring:
    """All keys that the office ever had, oldest first; there is at least one."""

    held: tuple[Held, ...]

    @property
    def current(self) -> Verifier:
        """Return the key that holds now."""
        return self.held[-1].verifier

    def at(self, position: int) -> Verifier:
        """Return the key that held for a leaf at a position of the office's log."""
        return [each for each in self.held if each.since < position or each.since == -1][-1].verifier

    def open(self, note: str) -> tuple[Checkpoint, Held]:
        """Return the checkpoint in a note and the key that signed it, the newest that did.

        Raises:
            NoteUnfit: none of the keys signed it, or a line that claims to be by one of them is not.
        """
        signed = signing.read_note(note)
        by = [each for each in self.held if each.verifier.signed(signed)]
        if not by:
            raise NoteUnfit(name=self.current.name)
        return by[-1].verifier.open(note), by[-1]


def load(connection: Connection, folder: Path) -> Keyring:
    """Return the office's keys: those of its log, or the public key in the folder where the log knows of none.

    Raises:
        KeyMissing: there is none.
        NoteUnfit: the public key cannot be read.
    """
    held: list[Held] = []
    for position, data in log.deeds(connection, KIND):
        try:
            verifier = signing.read_verifier(str(data["vkey"]))
            if not held and data["act"] != MADE:
                held.append(Held(signing.read_verifier(str(data["old"])), -1))
            held.append(Held(verifier, position, str(data["act"])))
        except (NoteUnfit, KeyError):
            continue  # verify finds a leaf that is not what it should be
    return Keyring(tuple(held) or (Held(signing.load_verifier(folder), -1),))


def log_made(unit: Unit, signer: Signer) -> None:
    """Note the office's first key in its log, signed by itself; nothing is done where the log has a key."""
    if next(log.deeds(unit.connection, KIND), None) is None:
        _log(unit, MADE, [signer], old="", users=[], reason="")


def rotate(workspace: Workspace, *, passphrase: str, new_passphrase: str, user: str) -> Verifier:
    """Put a new key in the place of the office's and return its public key; both keys sign the change.

    The new key is staged beside the old one, the log takes the change, then the files are renamed: a process that
    dies in between leaves the old key in force or the rest to `finish`.

    Raises:
        KeyMissing, KeyLocked: there is no key, or the passphrase does not open it.
        KeyNotCurrent: the key in the folder is not the one that the log says.
        RoleMissing: `user` may not answer for every book.
    """
    with _alone(workspace.path):
        finish(workspace)
        old = signing.load_key(workspace.path, passphrase)
        with workspace.write() as unit:
            need_answerable(unit.connection, user)
            need_current(unit.connection, workspace.path, old)
            new = signing.stage_key(workspace.path, old.name, new_passphrase)
            _log(unit, ROTATED, [old, new], old=old.verifier.text(), users=[user], reason="")
            unit.commit()
        signing.promote_key(workspace.path)
    return new.verifier


def replace_lost(workspace: Workspace, *, new_passphrase: str, users: Sequence[str], reason: str) -> Verifier:
    """Put a new key in the place of one that nobody can open any more; two people answer for it.

    Raises:
        OnePerson: both names are the same.
        KeyMissing: nothing says what the lost key's public key was.
        RoleMissing: one of them may not answer for every book.
    """
    if len(set(users)) != 2:  # noqa: PLR2004 - four eyes
        raise OnePerson(user=users[0])
    why = words(reason, "reason")
    with _alone(workspace.path):
        finish(workspace)
        with workspace.write() as unit:
            for user in users:
                need_answerable(unit.connection, user)
            old = load(unit.connection, workspace.path).current
            new = signing.stage_key(workspace.path, old.name, new_passphrase)
            _log(unit, REPLACED, [new], old=old.text(), users=list(users), reason=why)
            unit.commit()
        signing.promote_key(workspace.path)
    return new.verifier


def finish(workspace: Workspace) -> None:
    """Bring a staged key into force if the log has taken it; a staged key that it has not taken stays unused."""
    try:
        staged = signing.load_verifier(workspace.path, staged=True)
    except (KeyMissing, NoteUnfit):
        return
    with workspace.read() as connection:
        taken = load(connection, workspace.path).current.text() == staged.text()
    if taken:
        signing.promote_key(workspace.path)
        with workspace.write() as unit:
            marks.mark_office(unit.connection)  # the books hold the public key beside the log
            unit.commit()


def need_current(connection: Connection, folder: Path, signer: Signer) -> None:
    """Make sure that a key is the one that the office's log says.

    Raises:
        KeyNotCurrent: it is an older one, or a stranger's.
    """
    current = load(connection, folder).current
    if signer.verifier.text() != current.text():
        raise KeyNotCurrent(path=folder / signing.KEY, hint=current.hint.hex())


def need_answerable(connection: Connection, user: str) -> None:
    """Make sure that somebody may approve or audit every book: the office's key signs for all of them.

    Raises:
        Unknown, RoleMissing: there is no such user, or a book that the user has neither role in.
    """
    for book in [each.code for each in register.list_books(connection)] or [people.EVERY_BOOK]:
        people.need_overseer(connection, user, book)


def statement(data: Mapping[str, Any]) -> str:
    """Return the text that the keys sign for a change, one fact a line."""
    lines = [FORMAT, data["act"], data["office"], data["vkey"], data["old"] or "-", data["size"], data["root"]]
    return "\n".join(map(str, [*lines, data["at"], " ".join(data["users"]) or "-", data["reason"] or "-"])) + "\n"


def _log(unit: Unit, act: str, signers: list[Signer], *, old: str, users: list[str], reason: str) -> None:
    new = signers[-1]
    hashes = list(log.hashes(unit.connection, log.OFFICE))
    data = {
        "act": act,
        "office": new.name,
        "vkey": new.verifier.text(),
        "old": old,
        "size": len(hashes),
        "root": base64.b64encode(merkle.root(hashes)).decode(),
        "at": unit.now.isoformat(timespec="seconds"),
        "users": users,
        "reason": reason,
    }
    body = statement(data)
    note = Note(body, tuple(line for signer in signers for line in signer.sign_text(body).lines))
    log.append(unit, log.OFFICE, KIND, data | {"note": note.whole()})


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change the key: two staged keys would overwrite each other."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

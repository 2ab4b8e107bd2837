"""Signed notes as C2SP defines them (signed-note, tlog-checkpoint), with Ed25519 keys kept under a passphrase."""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import KeyLocked, KeyMissing, KeyThere, NoteUnfit
from ledger.store.files import sync_folder

ALGORITHM = b"\x01"
"""Ed25519 in C2SP's signed-note."""
HINT = 4
"""A key ID has four bytes."""
LONGEST_NOTE = 100_000
"""Characters of a note; sixteen signatures of any kind fit many times."""
KEY, PUBLIC, NEXT = "office.key", "office.pub", ".new"
"""The office's private key under its passphrase, the public one, and what a key that is not in force yet ends in."""

_COUNTS = re.compile(r"vouchers=([0-9]{1,15}) budget-lines=([0-9]{1,15})")
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class Counts:
    """How many of the leaves of a book's log move money or plan it: nobody who has the others can leave out any."""

    vouchers: int
    lines: int

    def text(self) -> str:
        """Return the line of a checkpoint."""
        return f"vouchers={self.vouchers} budget-lines={self.lines}"


@dataclass(frozen=True)
class Checkpoint:
    """What a log was: its origin (a name that no other log has), its size and its root; of a book's log the counts.

    Checkpoints of earlier versions have no counts.
    """

    origin: str
    size: int
    root: bytes
    counts: Counts | None = None

    def text(self) -> str:
        """Return the body of the note, as C2SP tlog-checkpoint wants it; the counts are an extension line."""
        counts = f"{self.counts.text()}\n" if self.counts else ""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{counts}"


@dataclass(frozen=True)
class Line:
    """A signature line of a note: whose it says it is, by name and key ID, and the signature."""

    name: str
    hint: bytes
    signature: bytes

    def text(self) -> str:
        """Return the line as it stands in the note, with its line break."""
        return f"— {self.name} {base64.b64encode(self.hint + self.signature).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A signed note: its text, which ends in a line break, and its signature lines."""

    text: str
    lines: tuple[Line, ...]

    def whole(self) -> str:
        """Return the note as it is written."""
        return self.text + "\n" + "".join(line.text() for line in self.lines)


def read_note(note: str) -> Note:
    """Return a note's text and signature lines, nothing of which has been verified yet.

    Raises:
        NoteUnfit: it does not have the form of C2SP's signed-note.
    """
    text, split, signatures = note.rpartition("\n\n")
    found = [_LINE.fullmatch(line) for line in signatures.split("\n")[:-1]]
    fits = bool(split and text and signatures.endswith("\n") and found) and len(note) <= LONGEST_NOTE
    if not fits or any(ord(character) < ord(" ") and character != "\n" for character in note):
        raise NoteUnfit(about="form", name="")
    lines = []
    for match in found:
        raw = _decoded(match[2]) if match else b""
        if match is None or len(raw) <= HINT:
            raise NoteUnfit(about="form", name="")
        lines.append(Line(match[1], raw[:HINT], raw[HINT:]))
    return Note(text + "\n", tuple(lines))


@dataclass(frozen=True)
class Verifier:
    """A name and a public key; its text is C2SP's vkey."""

    name: str
    public: Ed25519PublicKey

    @property
    def hint(self) -> bytes:
        """Return the four bytes by which a signature finds its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ALGORITHM + _raw(self.public)).digest()[:4]

    def text(self) -> str:
        """Return the vkey, such as ``earmark/office+1a2b3c4d+AbCd…``."""
        encoded = base64.b64encode(ALGORITHM + _raw(self.public)).decode()
        return f"{self.name}+{self.hint.hex()}+{encoded}"

    def open(self, note: str) -> Checkpoint:
        """Return the checkpoint in a note that this key has signed.

        Raises:
            NoteUnfit: it is not a checkpoint, or the signature is not by this key over this text.
        """
        signed = read_note(note)
        checkpoint = read_checkpoint(signed.text)
        if checkpoint is None:
            raise NoteUnfit(about="form", name=self.name)
        if not self.signed(signed):
            raise NoteUnfit(name=self.name)
        return checkpoint

    def signed(self, note: Note) -> bool:
        """Tell whether this key has signed the note; lines of other keys do not matter.

        Raises:
            NoteUnfit: a line claims to be by this key and is not, so the whole note is not to be trusted.
        """
        mine = [line.signature for line in note.lines if (line.name, line.hint) == (self.name, self.hint)]
        for signature in mine:
            try:
                self.public.verify(signature, note.text.encode())
            except InvalidSignature:
                raise NoteUnfit(name=self.name) from None
        return bool(mine)


@dataclass(frozen=True)
class Signer:
    """A name and its private key."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """Return what others check the signature with."""
        return Verifier(self.name, self.private.public_key())

    def sign(self, checkpoint: Checkpoint) -> str:
        """Return the signed note; Ed25519 gives the same signature for the same text."""
        return self.sign_text(checkpoint.text()).whole()

    def sign_text(self, text: str) -> Note:
        """Return a note of any text, signed."""
        return Note(text, (Line(self.name, self.verifier.hint, self.private.sign(text.encode())),))


def make_key(folder: Path, name: str, passphrase: str, *, seed: bytes | None = None) -> Signer:
    """Make the office's key in `folder`: ``office.key`` under the passphrase, ``office.pub`` for everybody.

    A `seed` of 32 bytes makes a key that everybody knows: for a demonstration only.

    Raises:
        KeyThere: the office has a key already.
    """
    signer = _new_key(name, seed)
    try:
        _write_new(folder / KEY, _pem(signer, passphrase), 0o600)
    except FileExistsError:
        raise KeyThere(path=folder / KEY) from None
    _write_new(folder / PUBLIC, _public(signer), 0o644)
    sync_folder(folder)
    return signer


def stage_key(folder: Path, name: str, passphrase: str) -> Signer:
    """Make a key beside the office's, which stays in force until `promote_key`."""
    drop_staged(folder)
    signer = _new_key(name)
    earlier = "".join(f"{each.text()}\n" for each in load_verifiers(folder)) if (folder / PUBLIC).exists() else ""
    _write_new(folder / (KEY + NEXT), _pem(signer, passphrase), 0o600)
    _write_new(folder / (PUBLIC + NEXT), _public(signer) + earlier.encode(), 0o644)
    sync_folder(folder)
    return signer


def promote_key(folder: Path) -> None:
    """Put the staged key in the place of the office's; the public key goes last, and says that there is work left."""
    for name in (KEY, PUBLIC):
        with contextlib.suppress(FileNotFoundError):
            (folder / (name + NEXT)).replace(folder / name)
        sync_folder(folder)


def drop_staged(folder: Path) -> None:
    """Take away a staged key that never came into force."""
    for name in (PUBLIC, KEY):
        (folder / (name + NEXT)).unlink(missing_ok=True)


def _new_key(name: str, seed: bytes | None = None) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(seed) if seed else Ed25519PrivateKey.generate())


def _pem(signer: Signer, passphrase: str) -> bytes:
    return signer.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )


def _public(signer: Signer) -> bytes:
    return (signer.verifier.text() + "\n").encode()


def _write_new(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def load_key(folder: Path, passphrase: str) -> Signer:
    """Return the office's key.

    Raises:
        KeyMissing: the office has none.
        KeyLocked: the passphrase does not open it.
    """
    verifier = load_verifier(folder)
    try:
        pem = (folder / KEY).read_bytes()
    except OSError:
        raise KeyMissing(path=folder / KEY) from None
    try:
        private = serialization.load_pem_private_key(pem, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyLocked(path=folder / KEY) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyLocked(path=folder / KEY)
    return Signer(verifier.name, private)


def load_verifier(folder: Path, *, staged: bool = False) -> Verifier:
    """Return the office's public key, or the one that is staged to follow it.

    Raises:
        KeyMissing: the office has none.
        NoteUnfit: the file is not a public key.
    """
    return load_verifiers(folder, staged=staged)[0]


def load_verifiers(folder: Path, *, staged: bool = False) -> list[Verifier]:
    """Return all public keys that the office ever had, newest first: old notes are checked with old keys.

    Raises:
        KeyMissing: the office has none.
        NoteUnfit: the file does not hold public keys.
    """
    path = folder / (PUBLIC + NEXT if staged else PUBLIC)
    try:
        return read_verifiers(path.read_text(encoding="utf-8"))
    except OSError:
        raise KeyMissing(path=path) from None
    except UnicodeDecodeError:
        raise NoteUnfit(about="key", name=path.name) from None


def read_verifiers(text: str) -> list[Verifier]:
    """Return the keys in the text of ``office.pub``: one a line, newest first.

    Raises:
        NoteUnfit: a line is none, or there is none.
    """
    return [read_verifier(line) for line in text.strip().split("\n")]


def read_verifier(text: str) -> Verifier:
    """Return the key in a vkey.

    Raises:
        NoteUnfit: it is none, or its hint is not that of its key.
    """
    try:
        name, hint, encoded = text.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        verifier = Verifier(name, Ed25519PublicKey.from_public_bytes(raw[1:]))
        if raw[:1] == ALGORITHM and verifier.hint.hex() == hint:
            return verifier
    except ValueError:
        pass
    raise NoteUnfit(about="key", name=text[:80])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def read_checkpoint(body: str) -> Checkpoint | None:
    """Return the checkpoint that a note's text is, None if it is none."""
    try:
        origin, size, encoded, *more = body.splitlines()
        found = [_COUNTS.fullmatch(line) for line in more]
        counts = [Counts(int(each[1]), int(each[2])) for each in found if each]
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(encoded, validate=True), *counts)
    except (ValueError, TypeError):
        return None
    # One text for one checkpoint: nothing that is read in two ways is signed.
    return checkpoint if checkpoint.text() == body and len(checkpoint.root) == hashlib.sha256().digest_size else None

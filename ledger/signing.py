"""Signed notes as C2SP defines them (signed-note, tlog-checkpoint), with Ed25519 keys kept under a passphrase."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import KeyLocked, KeyMissing, KeyThere, NoteUnfit

ALGORITHM = b"\x01"
"""Ed25519 in C2SP's signed-note."""


@dataclass(frozen=True)
class Checkpoint:
    """What a log was: its origin (a name that no other log has), its size and its root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the body of the note, as C2SP tlog-checkpoint wants it."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


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
        body, split, signatures = note.partition("\n\n")
        checkpoint = _read(body + "\n")
        if not split or checkpoint is None:
            raise NoteUnfit(about="form", name=self.name)
        for line in signatures.splitlines():
            name, _, encoded = line.removeprefix("— ").partition(" ")
            if line.startswith("— ") and name == self.name and self._signed(body + "\n", encoded):
                return checkpoint
        raise NoteUnfit(name=self.name)

    def _signed(self, body: str, encoded: str) -> bool:
        try:
            raw = base64.b64decode(encoded, validate=True)
            self.public.verify(raw[4:], body.encode())
        except (binascii.Error, InvalidSignature):
            return False
        return raw[:4] == self.hint


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
        body = checkpoint.text()
        signature = base64.b64encode(self.verifier.hint + self.private.sign(body.encode())).decode()
        return f"{body}\n— {self.name} {signature}\n"


def make_key(folder: Path, name: str, passphrase: str, *, seed: bytes | None = None) -> Signer:
    """Make the office's key in `folder`: ``office.key`` under the passphrase, ``office.pub`` for everybody.

    A `seed` of 32 bytes makes a key that everybody knows: for a demonstration only.

    Raises:
        KeyThere: the office has a key already.
    """
    private = Ed25519PrivateKey.from_private_bytes(seed) if seed else Ed25519PrivateKey.generate()
    signer = Signer(name, private)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    try:
        handle = os.open(folder / "office.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyThere(path=folder / "office.key") from None
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    (folder / "office.pub").write_text(signer.verifier.text() + "\n", encoding="utf-8")
    return signer


def load_key(folder: Path, passphrase: str) -> Signer:
    """Return the office's key.

    Raises:
        KeyMissing: the office has none.
        KeyLocked: the passphrase does not open it.
    """
    verifier = load_verifier(folder)
    try:
        pem = (folder / "office.key").read_bytes()
    except OSError:
        raise KeyMissing(path=folder / "office.key") from None
    try:
        private = serialization.load_pem_private_key(pem, passphrase.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyLocked(path=folder / "office.key") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyLocked(path=folder / "office.key")
    return Signer(verifier.name, private)


def load_verifier(folder: Path) -> Verifier:
    """Return the office's public key.

    Raises:
        KeyMissing: the office has none.
    """
    try:
        return read_verifier((folder / "office.pub").read_text(encoding="utf-8").strip())
    except OSError:
        raise KeyMissing(path=folder / "office.pub") from None
    except UnicodeDecodeError:
        raise NoteUnfit(about="key", name=str(folder / "office.pub")) from None


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


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _read(body: str) -> Checkpoint | None:
    try:
        origin, size, encoded = body.splitlines()
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(encoded, validate=True))
    except ValueError:
        return None
    # One text for one checkpoint: nothing that is read in two ways is signed.
    return checkpoint if checkpoint.text() == body and len(checkpoint.root) == hashlib.sha256().digest_size else None

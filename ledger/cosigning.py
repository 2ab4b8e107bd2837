"""Cosignatures as C2SP's tlog-cosignature defines them: a witness's word that a log only grew, with the time of it.

Only Ed25519 (``cosignature/v1``, type 0x04). An office may use its one key for both kinds of signature: a checkpoint's
text never begins as a cosigned message does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.errors import NoteUnfit
from ledger.signing import HINT, Line, Note, Signer

ALGORITHM = b"\x04"
"""Timestamped Ed25519 cosignatures in C2SP's signed-note."""
LATEST = 2**63 - 1
"""The last timestamp that there is, in seconds since 1970."""
_TIME, _SIGNATURE = 8, 64


@dataclass(frozen=True)
class Witness:
    """A witness's name and public key; its text is C2SP's vkey."""

    name: str
    public: Ed25519PublicKey

    @property
    def hint(self) -> bytes:
        """Return the four bytes by which a cosignature finds its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ALGORITHM + self._raw).digest()[:HINT]

    def text(self) -> str:
        """Return the vkey."""
        return f"{self.name}+{self.hint.hex()}+{base64.b64encode(ALGORITHM + self._raw).decode()}"

    def seen_at(self, note: Note) -> int | None:
        """Return when this witness cosigned the note, in seconds since 1970; None if it did not.

        Of several cosignatures the latest counts. Lines of other keys do not matter.

        Raises:
            NoteUnfit: a line claims to be by this witness and is not, so the whole note is not to be trusted.
        """
        times = [self._time(note, line) for line in note.lines if (line.name, line.hint) == (self.name, self.hint)]
        return max(times, default=None)

    def _time(self, note: Note, line: Line) -> int:
        time = int.from_bytes(line.signature[:_TIME], "big")
        try:
            if len(line.signature) == _TIME + _SIGNATURE and time <= LATEST:
                self.public.verify(line.signature[_TIME:], message(note.text, time))
                return time
        except InvalidSignature:
            pass
        raise NoteUnfit(about="cosignature", name=self.name)

    @property
    def _raw(self) -> bytes:
        return self.public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def message(text: str, time: int) -> bytes:
    """Return what a witness signs for a checkpoint's text at a time."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def witness_of(signer: Signer) -> Witness:
    """Return as whom an office cosigns."""
    return Witness(signer.name, signer.private.public_key())


def cosign(signer: Signer, note: Note, time: int) -> Note:
    """Return the note with a cosignature in the place of this witness's earlier ones."""
    witness = witness_of(signer)
    signature = time.to_bytes(_TIME, "big") + signer.private.sign(message(note.text, time))
    others = tuple(line for line in note.lines if (line.name, line.hint) != (witness.name, witness.hint))
    return Note(note.text, (*others, Line(witness.name, witness.hint, signature)))


def read_witness(text: str) -> Witness:
    """Return the witness in a vkey.

    Raises:
        NoteUnfit: it is none, or its key ID is not that of its key.
    """
    try:
        name, hint, encoded = text.split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        witness = Witness(name, Ed25519PublicKey.from_public_bytes(raw[1:]))
        if raw[:1] == ALGORITHM and witness.hint.hex() == hint:
            return witness
    except (ValueError, binascii.Error):
        pass
    raise NoteUnfit(about="witness", name=text[:80])


def only(note: Note, witnesses: Iterable[Witness]) -> Note:
    """Return the note without lines of 0x04 keys that nobody here knows, as a log may keep it."""
    known = {(each.name, each.hint) for each in witnesses}
    lines = tuple(
        line for line in note.lines if len(line.signature) != _TIME + _SIGNATURE or (line.name, line.hint) in known
    )
    return Note(note.text, lines)

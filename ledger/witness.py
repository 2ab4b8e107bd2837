"""A witness: what an office signed is checked against what was seen of it before, remembered, and only then cosigned.

It works on files in a folder of its own, with a key of its own, and needs no ledger. A request is what C2SP's
tlog-witness sends to ``add-checkpoint``: the size to start from, a consistency proof, the checkpoint.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from ledger import cosigning, merkle, signing
from ledger.cosigning import Witness
from ledger.errors import ForkSeen, NoteUnfit, WitnessMemory, WitnessUnfit
from ledger.signing import Checkpoint, Note, Signer, Verifier
from ledger.store.files import put

FOLDER = "witnesses"
OFFICES, WITNESSES = "offices.txt", "witnesses.txt"
"""Whose checkpoints are cosigned here, and whose cosignatures count here: vkeys, one a line."""
SEEN, EVIDENCE = "seen", "evidence"
LONGEST_PROOF = 63
"""Hashes of a consistency proof, as tlog-witness has it."""
_REQUEST = re.compile(r"old (0|[1-9][0-9]{0,18})\n((?:[A-Za-z0-9+/]+={0,2}\n)*)\n")


@dataclass(frozen=True)
class Asked:
    """A request for a cosignature: the size that the witness knows, the proof from there, the checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    def text(self) -> str:
        """Return the request as it is written."""
        lines = [f"old {self.old}", *(base64.b64encode(each).decode() for each in self.proof), "", ""]
        return "\n".join(lines) + self.note.whole()


@dataclass(frozen=True)
class Seen:
    """The last checkpoint of a log that was cosigned here, and when."""

    checkpoint: Checkpoint
    time: int
    note: Note


def read_asked(text: str) -> Asked:
    """Return a request; a note alone asks for a first cosignature.

    Raises:
        NoteUnfit: it is neither.
    """
    if not text.startswith("old "):
        return Asked(0, (), signing.read_note(text))
    head = _REQUEST.match(text)
    if head is None:
        raise NoteUnfit(about="request", name="")
    try:
        proof = tuple(base64.b64decode(line, validate=True) for line in head[2].split())
    except binascii.Error:
        raise NoteUnfit(about="request", name="") from None
    if len(proof) > LONGEST_PROOF or any(len(each) != hashlib.sha256().digest_size for each in proof):
        raise NoteUnfit(about="request", name="")
    return Asked(int(head[1]), proof, signing.read_note(text[head.end() :]))


def sign(folder: Path, signer: Signer, asked: Asked, now: datetime) -> Note:
    """Return the checkpoint cosigned, once it is sure to follow from the last that was cosigned here.

    What is remembered is on the disk before the cosignature is returned, and one process at a time looks and writes,
    so that nobody gets cosignatures for two histories of a log.

    Raises:
        WitnessUnfit: the office is not known here, or the clock goes back.
        NoteUnfit: no known key of the office has signed it.
        WitnessMemory: the request starts elsewhere than where this witness's memory ends.
        ForkSeen: it is another history than the one that was cosigned; both are kept as evidence.
    """
    checkpoint = _of_known_office(folder, asked)
    with _alone(folder):
        last = seen(folder, checkpoint.origin)
        _need_growth(folder, asked, checkpoint, last)
        time = int(now.timestamp())
        if last is not None and time < last.time:
            raise WitnessUnfit(about="clock", name=checkpoint.origin)
        cosigned = cosigning.cosign(signer, asked.note, time)
        _remember(folder, checkpoint.origin, cosigned)
    return cosigned


def remember(folder: Path, witness: Witness, text: str) -> Seen:
    """Take a checkpoint that this witness itself cosigned back into its memory, after the memory was lost.

    Raises:
        WitnessUnfit: it does not carry this witness's cosignature.
        ForkSeen: it contradicts what is remembered.
        WitnessMemory: what is remembered is as new.
    """
    note = signing.read_note(text)
    checkpoint = signing.read_checkpoint(note.text)
    time = witness.seen_at(note)
    if checkpoint is None or time is None:
        raise WitnessUnfit(about="not-ours", name=witness.name)
    with _alone(folder):
        last = seen(folder, checkpoint.origin)
        if last is not None and last.checkpoint.size >= checkpoint.size:
            if last.checkpoint.size == checkpoint.size and last.checkpoint.root != checkpoint.root:
                raise _fork(folder, "forked", note, checkpoint, last)
            raise WitnessMemory(about="newer", name=checkpoint.origin, known=last.checkpoint.size, old=checkpoint.size)
        # Our own line goes last: `seen` reads the time there.
        ours = [line for line in note.lines if (line.name, line.hint) == (witness.name, witness.hint)]
        _remember(folder, checkpoint.origin, Note(note.text, (*(x for x in note.lines if x not in ours), *ours)))
    return Seen(checkpoint, time, note)


def seen(folder: Path, origin: str) -> Seen | None:
    """Return what was last cosigned of a log, None if nothing ever was.

    Raises:
        WitnessMemory: the file cannot be read: never taken for an empty memory.
    """
    path = _path(folder, origin)
    try:
        note = signing.read_note(path.read_text(encoding="utf-8"))
        checkpoint = signing.read_checkpoint(note.text)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, NoteUnfit):
        checkpoint = None
    if checkpoint is None or checkpoint.origin != origin:
        raise WitnessMemory(about="unreadable", name=path, known=0, old=0)
    times = [int.from_bytes(line.signature[:8], "big") for line in note.lines[-1:]]
    return Seen(checkpoint, max(times), note)


def origins(folder: Path) -> list[str]:
    """Return the logs of which something was cosigned here."""
    return sorted(unquote(path.name.removesuffix(".txt")) for path in (folder / FOLDER / SEEN).glob("*.txt"))


def offices(folder: Path) -> list[Verifier]:
    """Return the keys of the offices whose checkpoints are cosigned here."""
    return [signing.read_verifier(line) for line in _lines(folder / FOLDER / OFFICES)]


def witnesses(folder: Path) -> list[Witness]:
    """Return the witnesses whose cosignatures count here."""
    return [cosigning.read_witness(line) for line in _lines(folder / FOLDER / WITNESSES)]


def add(folder: Path, vkey: str) -> Verifier | Witness:
    """Enter a public key: that of an office, to cosign for it, or that of a witness, to count its word.

    Raises:
        NoteUnfit: it is neither.
    """
    found: Verifier | Witness
    try:
        found, name = cosigning.read_witness(vkey.strip()), WITNESSES
    except NoteUnfit:
        found, name = signing.read_verifier(vkey.strip()), OFFICES
    path = folder / FOLDER / name
    with _alone(folder):
        lines = _lines(path)
        if found.text() not in lines:
            _write(path, "".join(f"{line}\n" for line in [*lines, found.text()]))
    return found


def _of_known_office(folder: Path, asked: Asked) -> Checkpoint:
    checkpoint = signing.read_checkpoint(asked.note.text)
    if checkpoint is None or asked.old > checkpoint.size:
        raise NoteUnfit(about="request", name="")
    origin = checkpoint.origin
    keys = [each for each in offices(folder) if origin == each.name or origin.rpartition("/")[0] == each.name]
    if not keys:
        raise WitnessUnfit(about="office", name=origin)
    by = [each for each in keys if each.signed(asked.note)]  # every line by a known key is looked at
    if not by:
        raise NoteUnfit(name=keys[-1].name)
    return checkpoint


def _need_growth(folder: Path, asked: Asked, checkpoint: Checkpoint, last: Seen | None) -> None:
    """Make sure that a checkpoint follows from the last one; the same checkpoint once more does."""
    known = last.checkpoint if last else Checkpoint(checkpoint.origin, 0, merkle.EMPTY)
    facts = {"name": checkpoint.origin, "known": known.size, "old": asked.old}
    if asked.proof and asked.old in {0, checkpoint.size}:
        raise NoteUnfit(about="request", name="")
    if checkpoint.size <= known.size:
        if (checkpoint.size, checkpoint.root) == (known.size, known.root):
            return
        if last is None:
            raise NoteUnfit(about="request", name="")
        about = "forked" if checkpoint.size == known.size else "shrunk"
        raise _fork(folder, about, asked.note, checkpoint, last)
    if asked.old != known.size:
        raise WitnessMemory(about="behind" if asked.old > known.size else "ahead", **facts)
    if known.size and not merkle.check_consistency(
        known.size, checkpoint.size, asked.proof, known.root, checkpoint.root
    ):
        assert last is not None, "only a log that was seen has a size"
        raise _fork(folder, "unproved", asked.note, checkpoint, last)


def _fork(folder: Path, about: str, note: Note, checkpoint: Checkpoint, last: Seen) -> ForkSeen:
    """Keep both notes, which the office has signed, and return what to say of them."""
    name = hashlib.sha256((last.note.whole() + note.whole()).encode()).hexdigest()[:16]
    kept = folder / FOLDER / EVIDENCE / f"{quote(checkpoint.origin, safe='')}-{name}"
    _write(kept / "cosigned.txt", last.note.whole())
    _write(kept / "shown.txt", note.whole())
    roots = {"known": last.checkpoint.root.hex(), "shown": checkpoint.root.hex()}
    sizes = {"known_size": last.checkpoint.size, "shown_size": checkpoint.size}
    return ForkSeen(about=about, name=checkpoint.origin, evidence=kept, **roots, **sizes)


def _remember(folder: Path, origin: str, note: Note) -> None:
    _write(_path(folder, origin), note.whole())


def _path(folder: Path, origin: str) -> Path:
    return folder / FOLDER / SEEN / f"{quote(origin, safe='')}.txt"


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    except FileNotFoundError:
        return []


def _write(path: Path, content: str) -> None:
    put(path, content.encode())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time look at the memory and change it."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

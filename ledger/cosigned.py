"""What witnesses say of this office's logs: asking them, and taking their cosignatures back into the record."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from ledger import checkpoints, keyring, log, merkle, signing, witness
from ledger.cosigning import Witness, only
from ledger.errors import NoteUnfit, Unknown, WitnessUnfit
from ledger.signing import Note
from ledger.store.workspace import Unit, Workspace
from ledger.witness import Asked

KIND = "witness"
AHEAD = timedelta(days=1)
"""So far may a witness's clock go ahead of ours."""


def ask(connection: Connection, of: str, asked: Witness, *, since: int | None = None) -> Asked:
    """Return the request for a cosignature of the newest checkpoint of a log, from what the witness cosigned last.

    `since` is the size that the witness says it knows, where the record does not remember it.

    Raises:
        Unknown: no checkpoint of this log was signed.
        NoteUnfit: the log is shorter than `since`.
    """
    newest = next((data for _, data in reversed(checkpoints.signed(connection)) if data.get("log") == of), None)
    if newest is None:
        raise Unknown(about="checkpoint", text=of)
    old = since if since is not None else _last(connection, of, asked)
    size = int(newest["size"])
    hashes = list(islice(log.hashes(connection, of), size))
    if not 0 <= old <= len(hashes) == size:
        raise NoteUnfit(about="shorter", name=of, size=max(old, size))
    proof = merkle.consistency(hashes, old) if old else []
    return Asked(old, tuple(proof), signing.read_note(str(newest["note"])))


def accept(unit: Unit, workspace: Workspace, content: str, *, user: str) -> tuple[str, Note, list[Witness]]:
    """Take the cosignatures of known witnesses on a checkpoint of this office into the office's log.

    Returns the log, the checkpoint with what is known of it, and the witnesses whose word is new. Lines of unknown
    keys are left out.

    Raises:
        NoteUnfit: it is no checkpoint of this office, or a line that claims to be by a known key is not.
        WitnessUnfit: no known witness says anything new, or one is far ahead of time.
    """
    note = signing.read_note(content)
    ring = keyring.load(unit.connection, workspace.path)
    of, size, wrong = checkpoints.compare(unit.connection, ring, content)
    if wrong:
        raise NoteUnfit(about=wrong, name=of, size=size)
    checkpoint, _ = ring.open(content)
    known = witness.witnesses(workspace.path)
    said = {each.text(): (each, time) for each in known if (time := each.seen_at(note)) is not None}
    if not said:
        raise WitnessUnfit(about="nobody", name=checkpoint.origin)
    before = {
        (data.get("witness"), data.get("log"), data.get("size")): int(data.get("time", 0))
        for _, data in log.deeds(unit.connection, KIND)
    }
    kept = only(note, known)
    new = []
    for vkey, (each, time) in said.items():
        if datetime.fromtimestamp(time, unit.now.tzinfo) > unit.now + AHEAD:
            raise WitnessUnfit(about="future", name=each.name)
        if before.get((vkey, of, size), -1) >= time:
            continue
        data = {"log": of, "size": size, "root": checkpoint.root.hex(), "witness": vkey, "time": time}
        log.append(unit, log.OFFICE, KIND, data | {"note": kept.whole(), "user": user})
        new.append(each)
    if not new:
        raise WitnessUnfit(about="replayed", name=checkpoint.origin)
    return of, kept, new


def merge(one: Note, other: Note) -> Note:
    """Return a note with the signature lines of both; of two by one key the later in `other` counts."""
    lines = {(line.name, line.hint): line for line in (*one.lines, *other.lines)}
    return Note(one.text, tuple(lines.values()))


def _last(connection: Connection, of: str, asked: Witness) -> int:
    sizes = [
        int(data["size"])
        for _, data in log.deeds(connection, KIND)
        if (data.get("log"), data.get("witness")) == (of, asked.text())
    ]
    return max(sizes, default=0)

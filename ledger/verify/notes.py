"""What was signed against the logs: the office's keys through time, checkpoints known and from outside, witnesses."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from ledger import checkpoints, cosigned, cosigning, keyring, log, merkle, signing, witness
from ledger.cosigning import Witness
from ledger.errors import KeyMissing, NoteUnfit
from ledger.keyring import MADE, REPLACED, ROTATED, Keyring
from ledger.restores import accounted, restores, told
from ledger.signing import Verifier
from ledger.store.workspace import Workspace
from ledger.verify.report import Check


def signatures(workspace: Workspace, connection: Connection, against: list[str]) -> Check:
    """Compare the logs with every checkpoint that was signed: those that they remember, and those from outside."""
    check = Check("checkpoints")
    _restores(connection, check)
    changes = list(log.deeds(connection, keyring.KIND))
    known = checkpoints.signed(connection)
    if not (known or against or changes):
        return check
    try:
        ring = keyring.load(connection, workspace.path)
    except (KeyMissing, NoteUnfit):
        check.find("public-key", path=signing.PUBLIC)
        return check
    if changes:
        _keys(connection, check, changes)
        _folder(workspace, check, ring)
    for position, data in known:
        check.covered += 1
        _known(connection, check, ring, position, data)
    witnesses = _witnesses(workspace, check)
    for note in against:
        check.covered += 1
        _outside(connection, check, ring, note, known)
        _cosigned(check, witnesses, note)
    _accepted(connection, check, ring, known, witnesses)
    return check


def _keys(connection: Connection, check: Check, changes: list[tuple[int, Mapping[str, Any]]]) -> None:
    """Follow the office's keys: each change is what its note says, signed by those who have to sign it."""
    before, name = "", ""
    for position, data in changes:
        check.covered += 1
        act = data.get("act")
        try:
            new = signing.read_verifier(str(data["vkey"]))
            old = signing.read_verifier(str(data["old"])) if data["old"] else None
            note = signing.read_note(str(data["note"]))
            needed = _signers(str(act), new, old)
            fits = (
                note.text == keyring.statement(data)
                and all(each.signed(note) for each in needed)
                and data["office"] == new.name == (name or new.name)
                and (old is None) == (act == MADE)
                and (data["old"] == before if before else position == changes[0][0])
                and (act != REPLACED or len(set(data["users"])) == 2)  # noqa: PLR2004 - four eyes
                and data["size"] == position
                and data["root"] == checkpoints.base64_root(merkle.root(_beginning(connection, position)))
            )
        except (NoteUnfit, KeyError, TypeError):
            fits = False
        if not fits:
            check.find("office-key", position=position)
            continue
        before, name = new.text(), new.name
        if act == REPLACED:
            facts = {"at": data["at"], "reason": data["reason"], "hint": new.hint.hex()}
            check.note("key-replaced", users=", ".join(data["users"]), **facts)


def _signers(act: str, new: Verifier, old: Verifier | None) -> list[Verifier]:
    """Return who has to sign a change: the new key always, the old one too where it is still there to sign."""
    both = [old, new] if old is not None else [new]
    return {MADE: [new], ROTATED: both, REPLACED: [new]}[act]


def _beginning(connection: Connection, size: int) -> list[bytes]:
    return list(islice(log.hashes(connection, log.OFFICE), size))


def _folder(workspace: Workspace, check: Check, ring: Keyring) -> None:
    """Look whether the public keys in the folder are those that the log says."""
    known = {each.verifier.text() for each in ring.held}
    for staged in (False, True):
        try:
            lying = [each.text() for each in signing.load_verifiers(workspace.path, staged=staged)]
        except (KeyMissing, NoteUnfit):
            continue
        if lying[0] == ring.current.text() and known.issuperset(lying):
            return
    check.find("public-key-differs", path=signing.PUBLIC, hint=ring.current.hint.hex())


def _known(connection: Connection, check: Check, ring: Keyring, position: int, data: Mapping[str, Any]) -> None:
    """Check a checkpoint that the office's log remembers: signed by the key of its time, of what the log was."""
    note = str(data.get("note"))
    try:
        of, size, wrong = checkpoints.compare(connection, ring, note)
    except NoteUnfit:
        check.find("checkpoint-signature", note=note.split("\n", 1)[0])
        return
    if wrong:
        _broken(connection, check, note, of, size, wrong)
    elif ring.open(note)[1].verifier.text() != ring.at(position).text():
        check.find("checkpoint-key", log=of, size=size)


def _outside(
    connection: Connection, check: Check, ring: Keyring, note: str, known: list[tuple[int, Mapping[str, Any]]]
) -> None:
    """Check a checkpoint from outside; one by an earlier key has to be of its time, so the log remembers it."""
    try:
        of, size, wrong = checkpoints.compare(connection, ring, note)
        checkpoint, held = ring.open(note)
    except NoteUnfit:
        check.find("checkpoint-signature", note=note.split("\n", 1)[0] + "*")
        return
    if wrong:
        _broken(connection, check, note, of, size, wrong)
        return
    if held.verifier.text() == ring.current.text():
        return
    facts = (of, checkpoint.size, checkpoint.root.hex())
    until = min(each.since for each in ring.held if each.since > held.since)
    if not any((data.get("log"), data.get("size"), data.get("root")) == facts for at, data in known if at < until):
        check.find("checkpoint-key", log=of, size=size)


def _broken(connection: Connection, check: Check, note: str, of: str, size: int, wrong: str) -> None:
    """A checkpoint that its log does not continue is a finding, unless two people answered for that in a restore."""
    if told(note) in accounted(connection):
        check.note("checkpoint-before-restore", log=of, size=size)
    else:
        check.find(f"checkpoint-{wrong}", log=of, size=size)


def _restores(connection: Connection, check: Check) -> None:
    """Say of every restore who answered for it; that stays visible for ever."""
    for data in restores(connection):
        check.covered += 1
        facts = {name: data.get(name) or "—" for name in ("at", "user", "second", "reason")}
        missing = data.get("missing")
        lost = sum(len(each) for each in missing.values()) if isinstance(missing, dict) else 0
        code = "rebuilt" if data.get("rebuilt") else "restored"
        check.note(code if data.get("lost") else f"{code}-whole", **facts, missing=lost)


def _witnesses(workspace: Workspace, check: Check) -> list[Witness]:
    try:
        return witness.witnesses(workspace.path)
    except (NoteUnfit, OSError, UnicodeDecodeError):
        check.find("witnesses-file", path=f"{witness.FOLDER}/{witness.WITNESSES}")
        return []


def _cosigned(check: Check, witnesses: list[Witness], note: str) -> None:
    """Check the cosignatures on a note from outside by the witnesses that are known."""
    for each in witnesses:
        try:
            each.seen_at(signing.read_note(note))
        except NoteUnfit:
            check.find("cosignature-outside", note=note.split("\n", 1)[0], witness=each.name)


def _accepted(
    connection: Connection,
    check: Check,
    ring: Keyring,
    known: list[tuple[int, Mapping[str, Any]]],
    witnesses: list[Witness],
) -> None:
    """Check every cosignature that was accepted, and say how many witnesses the newest checkpoints have."""
    trusted = {each.text(): each.name for each in witnesses}
    said: dict[tuple[object, ...], set[str]] = {}
    for position, data in log.deeds(connection, cosigned.KIND):
        check.covered += 1
        if not _holds(connection, ring, data):
            check.find("cosignature", position=position)
        elif data["witness"] not in trusted:
            check.note("witness-unknown", position=position, name=str(data["witness"]).partition("+")[0])
        else:
            said.setdefault((data["log"], data["size"], data["root"]), set()).add(data["witness"])
    newest = {data.get("log"): (data.get("log"), data.get("size"), data.get("root")) for _, data in known}
    for of, facts in newest.items() if trusted else ():
        names = sorted(trusted[each] for each in said.get(facts, ()))
        check.note("witnesses", log=of, size=facts[1], count=len(names), names=", ".join(names) or "—")


def _holds(connection: Connection, ring: Keyring, data: Mapping[str, Any]) -> bool:
    """Tell whether a cosignature is what its leaf says: by its witness, at its time, of what the log was."""
    try:
        text = str(data["note"])
        by = cosigning.read_witness(str(data["witness"]))
        checkpoint, _ = ring.open(text)
        of, size, wrong = checkpoints.compare(connection, ring, text)
        facts = (of, size, checkpoint.root.hex(), by.seen_at(signing.read_note(text)))
        return not wrong and facts == (data["log"], data["size"], data["root"], data["time"])
    except (NoteUnfit, KeyError):
        return False

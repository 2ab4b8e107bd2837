"""The checkpoints against the logs: every one that was signed and is remembered, or was kept outside."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import checkpoints
from ledger.errors import KeyMissing, NoteUnfit
from ledger.signing import load_verifier
from ledger.store.workspace import Workspace
from ledger.verify.report import Check


def signatures(workspace: Workspace, connection: Connection, against: list[str]) -> Check:
    """Compare the logs with every checkpoint that was signed: those that they remember, and those from outside."""
    check = Check("checkpoints")
    notes = [(str(data["note"]), "") for data in checkpoints.signed(connection)] + [(note, "*") for note in against]
    if not notes:
        return check
    try:
        verifier = load_verifier(workspace.path)
    except (KeyMissing, NoteUnfit):
        check.find("public-key", path="office.pub")
        return check
    for note, outside in notes:
        check.covered += 1
        try:
            of, size, wrong = checkpoints.compare(connection, verifier, note)
        except NoteUnfit:
            check.find("checkpoint-signature", note=note.split("\n", 1)[0] + outside)
            continue
        if wrong:
            check.find(f"checkpoint-{wrong}", log=of, size=size)
    return check

"""The checkpoints against the logs: every one that was signed and is remembered, or was kept outside."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import checkpoints
from ledger.errors import KeyMissing, NoteUnfit
from ledger.restores import accounted, restores, told
from ledger.signing import load_verifier
from ledger.store.workspace import Workspace
from ledger.verify.report import Check


def signatures(workspace: Workspace, connection: Connection, against: list[str]) -> Check:
    """Compare the logs with every checkpoint that was signed: those that they remember, and those from outside."""
    check = Check("checkpoints")
    _restores(connection, check)
    notes = [(str(data["note"]), "") for data in checkpoints.signed(connection)] + [(note, "*") for note in against]
    if not notes:
        return check
    try:
        verifier = load_verifier(workspace.path)
    except (KeyMissing, NoteUnfit):
        check.find("public-key", path="office.pub")
        return check
    gone = accounted(connection)
    for note, outside in notes:
        check.covered += 1
        try:
            of, size, wrong = checkpoints.compare(connection, verifier, note)
        except NoteUnfit:
            check.find("checkpoint-signature", note=note.split("\n", 1)[0] + outside)
            continue
        if wrong and told(note) in gone:
            check.note("checkpoint-before-restore", log=of, size=size)
        elif wrong:
            check.find(f"checkpoint-{wrong}", log=of, size=size)
    return check


def _restores(connection: Connection, check: Check) -> None:
    """Say of every restore who answered for it; that stays visible for ever."""
    for data in restores(connection):
        check.covered += 1
        facts = {name: data.get(name) or "—" for name in ("at", "user", "second", "reason")}
        missing = data.get("missing")
        lost = sum(len(each) for each in missing.values()) if isinstance(missing, dict) else 0
        code = "rebuilt" if data.get("rebuilt") else "restored"
        check.note(code if data.get("lost") else f"{code}-whole", **facts, missing=lost)

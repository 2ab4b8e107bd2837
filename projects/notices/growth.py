"""Growth in a proof: that a log has only grown since an earlier checkpoint, as it is written and as it is checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ledger import merkle, signing
from ledger.errors import NoteUnfit
from ledger.signing import Checkpoint
from projects.notices.given import Keys


def prove_growth(note: str, size: int, hashes: Sequence[bytes]) -> dict[str, Any]:
    """Return an earlier checkpoint of a size with what leads from it to the log that `hashes` are."""
    return {"checkpoint": note, "path": [each.hex() for each in merkle.consistency(hashes, size)]}


def growth(told: Mapping[str, Any], now: Checkpoint, keys: Keys) -> tuple[int, bool] | None:
    """Return the size of the earlier checkpoint and whether the log has grown from it; None if no such key signed it.

    Nothing is known of what another key signed: it may be the office's of before, or anybody's.

    Raises:
        NoteUnfit: it is no checkpoint, or a line claims to be by one of the keys and is not.
        ValueError, KeyError, TypeError: it is no part of a proof.
    """
    note = signing.read_note(str(told["checkpoint"]))
    before = signing.read_checkpoint(note.text)
    if before is None:
        raise NoteUnfit(about="form", name=keys[0].name)
    if not [each for each in keys if each.signed(note)]:
        return None
    path = [bytes.fromhex(each) for each in told["path"]]
    grown = merkle.check_consistency(before.size, now.size, path, before.root, now.root)
    return before.size, before.origin == now.origin and grown

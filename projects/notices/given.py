"""A proof as somebody gives it: whose key signed it, and what is a whole number in it; of notices and of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ledger.signing import Checkpoint, Verifier, read_verifier


class Finds(Protocol):
    """What a check found: by whose key which log is proved, and problems."""

    vkey: str
    origin: str
    size: int

    def find(self, code: str, **facts: str) -> None:
        """Note a problem."""


def need_signed(report: Finds, proof: Mapping[str, Any], trusted: Verifier | None) -> tuple[Checkpoint, Verifier]:
    """Return the checkpoint of a proof and the key that signed it: `trusted`, or the one that the proof names.

    Raises:
        NoteUnfit: the checkpoint is not signed by the key.
        KeyError: it is no proof.
    """
    claimed = read_verifier(str(proof["vkey"]))
    report.vkey = claimed.text()
    if trusted and trusted.text() != report.vkey:
        report.find("key", found=report.vkey, expected=trusted.text())
    key = trusted or claimed
    checkpoint = key.open(str(proof["checkpoint"]))
    report.origin, report.size = checkpoint.origin, checkpoint.size
    return checkpoint, key


def need_whole(found: Any) -> int:
    """Return a whole number that is not negative.

    Raises:
        TypeError: it is none.
    """
    if type(found) is not int or found < 0:
        raise TypeError(found)
    return found

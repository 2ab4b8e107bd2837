"""A proof as somebody gives it: whose key signed it, and what is a whole number in it; of notices and of pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ledger.signing import Checkpoint, Verifier, read_verifier


class Finds(Protocol):
    """What a check found: by whose key which log is proved, and problems."""

    vkey: str
    origin: str
    size: int

    def find(self, code: str, **facts: str) -> None:
        """Note a problem."""


Keys = Sequence[Verifier]
"""The keys of an office that somebody knows, newest first; empty where nobody does."""


def need_signed(report: Finds, proof: Mapping[str, Any], trusted: Keys) -> tuple[Checkpoint, Keys]:
    """Return the checkpoint of a proof, and the keys that count: the trusted ones, else the one that the proof names.

    Raises:
        NoteUnfit: the checkpoint is not signed by the key that the proof names, or by none that counts.
        KeyError: it is no proof.
    """
    claimed = read_verifier(str(proof["vkey"]))
    report.vkey = claimed.text()
    keys = trusted or [claimed]
    named = [each for each in keys if each.text() == report.vkey]
    if not named:
        report.find("key", found=report.vkey, expected=keys[0].text())
    checkpoint = (named or keys)[0].open(str(proof["checkpoint"]))
    report.origin, report.size = checkpoint.origin, checkpoint.size
    return checkpoint, keys


def need_whole(found: Any) -> int:
    """Return a whole number that is not negative.

    Raises:
        TypeError: it is none.
    """
    if type(found) is not int or found < 0:
        raise TypeError(found)
    return found

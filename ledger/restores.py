"""Restores: what the office's log says of a record that was put back or made again, and what that accounts for.

A checkpoint that a log no longer continues is a finding. Where a restore names it, two people have answered for what
was lost, and it is a notice; that stays visible for ever.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ledger import log, merkle, people
from ledger.errors import NoteUnfit, OnePerson, RestoreBehind
from ledger.signing import Checkpoint, Verifier, load_verifiers, read_note
from ledger.store.workspace import Unit
from ledger.text import words

KIND = "restore"


@dataclass(frozen=True, order=True)
class Known:
    """What a log was once, as a signed checkpoint or a record that is replaced says; `root` is hex."""

    log: str
    size: int
    root: str

    @property
    def base64(self) -> str:
        """Return the root as a checkpoint writes it."""
        return base64.b64encode(bytes.fromhex(self.root)).decode()


@dataclass(frozen=True)
class Answer:
    """Who answers for a restore, and why; nobody has to where nothing is lost."""

    user: str = ""
    second: str = ""
    reason: str = ""


def known(folder: Path, notes: Iterable[str]) -> list[Known]:
    """Return what signed notes say of the office's logs.

    Raises:
        NoteUnfit: a note is not signed by the office's key.
        KeyMissing: the office has no public key.
    """
    return [told(note) for note in notes if _opened(load_verifiers(folder), note)]


def _opened(keys: Sequence[Verifier], note: str) -> Checkpoint:
    """Return the checkpoint in a note that one of the office's keys has signed, now or once."""
    signed = read_note(note)
    return next((each for each in keys if each.signed(signed)), keys[0]).open(note)


def told(note: str) -> Known:
    """Return what a note says, without asking who signed it."""
    try:
        origin, size, root = note.split("\n")[:3]
        return Known(origin.rpartition("/")[2], int(size), base64.b64decode(root, validate=True).hex())
    except ValueError:
        raise NoteUnfit(about="form", name="") from None


def heads(connection: Connection) -> list[Known]:
    """Return what every log is now."""
    found = []
    for of in log.logs(connection):
        hashes = list(log.hashes(connection, of))
        found.append(Known(of, len(hashes), merkle.root(hashes).hex()))
    return found


def lost(connection: Connection, said: Iterable[Known]) -> list[Known]:
    """Return of what is known of the logs what they do not continue: they are shorter, or began otherwise."""
    return [
        each
        for each in sorted(set(said))
        if len(beginning := list(islice(log.hashes(connection, each.log), each.size))) < each.size
        or merkle.root(beginning).hex() != each.root
    ]


def need_answer(connection: Connection, answer: Answer, behind: Sequence[Known]) -> None:
    """Make sure that two people answer for what a restore loses; who is named where nothing is lost is a user.

    Raises:
        RestoreBehind: something is lost, and not both names and a reason are there.
        OnePerson: both names are one.
        Unknown, RoleMissing: one of them is no user, approver or auditor of every book.
    """
    words(answer.reason, "reason", needed=False)
    if behind and not (answer.user and answer.second and answer.reason.strip()):
        first = behind[0]
        raise RestoreBehind(log=first.log, size=first.size, count=len(behind))
    if answer.second and answer.user == answer.second:
        raise OnePerson(user=answer.user)
    for user in filter(None, (answer.user, answer.second)):
        if behind:
            people.need_overseer(connection, user, people.EVERY_BOOK)
        else:
            people.need_user(connection, user)


def remember(unit: Unit, answer: Answer, behind: Sequence[Known], **facts: object) -> None:
    """Note a restore in the office's log: who, why, what was lost of which logs, and whatever else is told."""
    data = {
        "at": unit.now.isoformat(timespec="seconds"),
        "user": answer.user,
        "second": answer.second,
        "reason": words(answer.reason, "reason", needed=False),
        "lost": [vars(each) for each in behind],
        **facts,
    }
    log.append(unit, log.OFFICE, KIND, data)


def restores(connection: Connection) -> Iterator[Mapping[str, Any]]:
    """Yield what the office's log says of each restore, oldest first; what cannot be read is left to verify."""
    yield from (data for _, data in log.deeds(connection, KIND) if data)


def accounted(connection: Connection) -> set[Known]:
    """Return what the logs need not continue any more, because a restore says so and two people answer for it."""
    found = set()
    for data in restores(connection):
        two = {data.get("user"), data.get("second")} - {None, ""}
        for each in data.get("lost") or []:
            if len(two) == 2 and isinstance(each, dict) and each.keys() == {"log", "size", "root"}:  # noqa: PLR2004
                found.add(Known(**each))
    return found

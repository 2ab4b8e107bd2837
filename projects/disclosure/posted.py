"""The notices that were published of a book: what the pages list of them, and the files of each, made once.

What hangs on the wall is told by the day on which it went up and came down. That somebody objected, and was answered,
is told; the words of neither are, because they can give the person away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import facts
from ledger.facts import Fact
from ledger.keyring import Keyring
from projects.notices.content import read
from projects.notices.kinds import FACT, kinds
from projects.notices.names import FOLDER, PAGE, stem
from projects.notices.proof import covering, dump, prove, signed_size
from projects.privacy import Privacy

NEWEST = 5
"""So many stand on the page of a village or a project; all of a book stand on a page of their own."""
UP, DOWN = "notice-up", "notice-down"


@dataclass(frozen=True)
class Wall:
    """When a notice hung on the wall; `down` is empty while nobody recorded that it came down, `days` 0."""

    up: str
    down: str
    days: int
    objected: bool


@dataclass(frozen=True)
class Posted:
    """A published notice; `project` is empty where it is about the whole book, `later` is the label of its successor.

    `stem` is how its files begin, empty while no checkpoint covers it: then it has none.
    """

    label: str
    kind: str
    project: str
    on: str
    stem: str
    later: str = ""
    walls: tuple[Wall, ...] = ()


@dataclass(frozen=True)
class Papers:
    """The files of the notices of a book by name: what was made now, and by notice the key and sizes of all of them."""

    content: Mapping[str, bytes]
    kept: Mapping[str, tuple[str, Mapping[str, int]]]


def read_posted(connection: Connection, book: str) -> tuple[Posted, ...]:
    """Return the published notices of a book that stand, the newest first."""
    told = facts.facts(connection, book, FACT, UP, DOWN)
    published = [each for each in told if each.kind == FACT]
    later = {str(each.data["supersedes"]): each.label for each in published if each.data.get("supersedes")}
    hung, signed = _hung(told, published), signed_size(connection, book)
    found = []
    for each in published:
        kind = str(each.data["notice"])
        begins = _stem(each) if each.position < signed else ""
        project = each.subject if kinds()[kind].about == "project" else ""
        walls = tuple(hung.get(each.label, ()))
        found.append(Posted(each.label, kind, project, each.on, begins, later.get(each.label, ""), walls))
    return tuple(reversed(found))


def _hung(told: Sequence[Fact], published: Sequence[Fact]) -> dict[str, list[Wall]]:
    """Return by notice when it hung: what goes up is the newest that was published until then of its stage."""
    downs = {str(each.data["notice"]): each for each in told if each.kind == DOWN}
    found: dict[str, list[Wall]] = {}
    for up in (each for each in told if each.kind == UP):
        of = (up.subject, up.data["stage"])
        before = [
            each
            for each in published
            if each.on <= up.on and (each.subject, kinds()[str(each.data["notice"])].stage) == of
        ]
        if before:
            found.setdefault(before[-1].label, []).append(_wall(up, downs.get(up.label)))
    return found


def _wall(up: Fact, down: Fact | None) -> Wall:
    if down is None:
        return Wall(up.on, "", 0, objected=False)
    return Wall(up.on, down.on, int(down.data["days"]), objected=bool(down.data.get("objections")))


def papers(
    connection: Connection,
    book: str,
    *,
    ring: Keyring,
    privacy: Privacy,
    program: str,
    url: str,
    kept: Mapping[str, tuple[str, Mapping[str, int]]],
) -> Papers:
    """Return the files of the signed notices of a book: the bytes that the command writes with this address.

    A notice whose words and proof have not changed is not set again: `kept` has its key and sizes where all its files
    are there.
    """
    from projects.notices.files import Published, with_files

    found: dict[str, tuple[str, Mapping[str, int]]] = {}
    keys: dict[str, str] = {}

    def changed() -> Iterator[Published]:
        for fact in facts.facts(connection, book, FACT):
            if not covering(connection, book, fact.position):
                continue
            words, at = read(book, fact.data), _at(fact)
            proof = prove(connection, ring, fact, words, url=f"{url}/{at}{PAGE}" if url else "", privacy=privacy)
            keys[at] = hashlib.sha256(f"{program} {dump(proof)}".encode()).hexdigest()
            if at in kept and kept[at][0] == keys[at]:
                found[at] = kept[at]
            else:
                yield Published(fact, words, proof)

    content: dict[str, bytes] = {}
    for published, files in with_files(changed()):
        at = _at(published.fact)
        content |= {f"{at}{ending}": made for ending, made in files.items()}
        found[at] = keys[at], {f"{at}{ending}": len(made) for ending, made in files.items()}
    return Papers(content, found)


def standing(
    told: Mapping[str, Any], listed: Mapping[str, Mapping[str, int]]
) -> dict[str, tuple[str, Mapping[str, int]]]:
    """Return what was kept of notices whose files are all there in their sizes; `listed` has those of each folder."""
    found = {}
    for at, (key, sizes) in told.items():
        there = listed.get(at.rpartition("/")[0], {})
        if all(there.get(name.rpartition("/")[2]) == size for name, size in sizes.items()):
            found[at] = (str(key), sizes)
    return found


def _stem(fact: Fact) -> str:
    return stem(fact.log, fact.label, str(fact.data["notice"]))


def _at(fact: Fact) -> str:
    return f"{fact.log}/{FOLDER}/{_stem(fact)}"

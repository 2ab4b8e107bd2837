"""What the proofs of all books share: signed checkpoints, keys, and the channels and books of the office's log."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from ledger import checkpoints, facts, keyring, log, merkle
from ledger.keyring import Keyring
from ledger.store import sql
from ledger.store.workspace import Workspace
from projects.notices.growth import prove_growth
from projects.notices.kinds import FACT as NOTICE
from projects.privacy import Privacy
from projects.tongues import Tongue


class Office:
    """The office as the proofs of one run see it; what is costly is read once, and only if a proof is made."""

    def __init__(
        self, connection: Connection, workspace: Workspace, places: Mapping[Tongue, str], *, feed: bool
    ) -> None:
        self._connection, self._folder = connection, workspace.path
        self.site = {
            "places": [[tongue, folder] for tongue, folder in places.items()],
            "demonstration": workspace.settings.demonstration,
            "feed": feed,
        }
        """What pages say of the site: the folders of its languages, whether it has a banner and a feed."""

    @cached_property
    def ring(self) -> Keyring:
        """Return the keys that the office ever had."""
        return keyring.load(self._connection, self._folder)

    @cached_property
    def notes(self) -> Mapping[str, list[tuple[int, str]]]:
        """Return the signed checkpoints of each log with their sizes, as they were signed."""
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for _, data in checkpoints.signed(self._connection):
            if data:
                found[str(data["log"])].append((int(data["size"]), str(data["note"])))
        return found

    def newest(self, of: str) -> str:
        """Return the newest checkpoint of a log, empty where there is none."""
        return self.notes[of][-1][1] if of in self.notes else ""

    @cached_property
    def covering(self) -> str:
        """Return the first checkpoint of the office's log that covers all channels and books, empty if none does.

        Pages depend on it: the proof of a book has its channels under this one.
        """
        last = max((position for position, _, _ in self._leaves), default=0)
        return min(((size, note) for size, note in self.notes.get(log.OFFICE, []) if size > last), default=(0, ""))[1]

    def named(self, village: str, book: str, channels: Collection[str], privacy: Privacy) -> dict[str, Any] | None:
        """Return the leaves of a village, its book and its channels under a checkpoint, None where none covers them."""
        if not self.covering:
            return None
        codes = {"village": {village}, "book": {book}, "channel": set(channels)}
        given = [
            (position, leaf)
            for position, kind, leaf in self._leaves
            if json.loads(leaf)["data"]["code"] in codes[kind] and privacy.may_show(leaf)
        ]
        return {
            "vkey": self.ring.open(self.covering)[1].verifier.text(),
            "checkpoint": self.covering,
            "leaves": [leaf for _, leaf in given],
            "beside": [each.hex() for each in self._tree.beside(position for position, _ in given)],
        }

    def since(self, of: str, note: str, hashes: list[bytes]) -> list[dict[str, Any]]:
        """Return that the log grew from earlier checkpoints: the one before, and that of the notice published last."""
        sizes = {size: each for size, each in self.notes[of] if 0 < size < len(hashes)}
        notices = [position for position, _ in facts.leaves(self._connection, of, NOTICE)]
        covers = [size for size in sizes if notices and size > notices[-1]]
        earlier = {max(sizes)} | ({min(covers)} if covers else set()) if sizes else set()
        return [prove_growth(sizes[size], size, hashes) for size in sorted(earlier) if sizes[size] != note]

    @cached_property
    def _leaves(self) -> list[tuple[int, str, str]]:
        rows = sql.rows(self._connection, _LEAVES, {"log": log.OFFICE})
        return [(int(position), str(kind), str(leaf)) for position, kind, leaf in rows]

    @cached_property
    def _tree(self) -> merkle.Tree:
        checkpoint, _ = self.ring.open(self.covering)
        return merkle.Tree(list(log.hashes(self._connection, log.OFFICE))[: checkpoint.size])


_LEAVES = (
    "SELECT position, kind, leaf FROM log_leaf WHERE log = :log AND kind IN ('channel', 'village', 'book') "
    "ORDER BY position"
)

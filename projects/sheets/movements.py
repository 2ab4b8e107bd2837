"""What moved a project's figures, voucher by voucher, so that a reader can add up the lists and get the figures.

Everything here comes from sealed vouchers; drafts, documents and personal data are not read.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from ledger.chart import channel_of
from projects.figures import OWN_MONEY, PAID, RECEIVED

CONTRACTED = {"committed": 1, "advanced": 1, "spent": 1}
"""What a contract is worth: what is still committed or advanced, and what was certified of it."""

CERTIFIED = {"spent": 1}


@dataclass(frozen=True)
class Voucher:
    """A sealed voucher as the public may see it; `payee` is masked where it names a person.

    `reverses` and `reversed_by` are voucher numbers, empty where there is none; a reversal has the event of what it
    reverses.
    """

    seq: int
    number: str
    date: str
    event: str
    project: str
    contract: str
    payee: str
    facts: Mapping[str, str]
    leaf_hash: str
    reverses: str
    reversed_by: str


@dataclass(frozen=True)
class Movement:
    """What a voucher moved of one figure, in fen by channel; negative where money went back."""

    voucher: Voucher
    parts: Mapping[str, int]


class Vouchers:
    """The sealed vouchers of a book, read once, with what each moved by channel and role.

    `moved` has rows of voucher, channel, role and fen on the role's normal side; `own` are the village's own channels.
    """

    def __init__(
        self, vouchers: Iterable[Voucher], moved: Iterable[tuple[int, str, str, int]], own: Iterable[str]
    ) -> None:
        self.all = list(vouchers)
        self._moved: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        for seq, channel, role, fen in moved:
            self._moved[seq][channel][role] += fen
        self._own = set(own)
        self._of_project: dict[str, list[Voucher]] = defaultdict(list)
        self._of_contract: dict[str, list[Voucher]] = defaultdict(list)
        for each in self.all:
            self._of_project[each.project].append(each)
            self._of_contract[each.contract].append(each)

    @classmethod
    def read(cls, connection: Connection, book: str) -> Vouchers:
        """Return the vouchers of a book as the record has them."""
        rows: Any = connection.execute(_MOVED, {"book": book})
        moved = ((row.seq, channel_of(row.commodity), row.role, int(row.moved)) for row in rows)
        return cls(_vouchers(connection, book), moved, connection.execute(_OWN).scalars())

    @property
    def last(self) -> Voucher | None:
        """Return the voucher that was sealed last."""
        return self.all[-1] if self.all else None

    def standing(self, event: str, project: str) -> list[Voucher]:
        """Return the vouchers of an event of a project that were not reversed."""
        return [
            each
            for each in self._of_project.get(project, [])
            if each.event == event and not each.reverses and not each.reversed_by
        ]

    def receipts(self, project: str) -> list[Movement]:
        """Return what arrived for a project; per channel it adds up to `Figures.received`."""
        return self._movements(project, RECEIVED, own=OWN_MONEY)

    def payments(self, project: str) -> list[Movement]:
        """Return what left for works of a project; per channel it adds up to `Figures.paid`."""
        return self._movements(project, PAID, own=PAID)

    def of_contract(self, contract: str, weights: Mapping[str, int]) -> int:
        """Return what the vouchers of a contract moved in all, in fen: it is for reading only."""
        return sum(
            self._sum(voucher, channel, weights)
            for voucher in self._of_contract.get(contract, [])
            for channel in self._moved[voucher.seq]
        )

    def moved(self, voucher: Voucher, weights: Mapping[str, int]) -> int:
        """Return what a voucher moved in all, in fen: it is for reading only."""
        return sum(self._sum(voucher, channel, weights) for channel in self._moved[voucher.seq])

    def _movements(self, project: str, weights: Mapping[str, int], *, own: Mapping[str, int]) -> list[Movement]:
        found = []
        for voucher in self._of_project.get(project, []):
            parts = {
                channel: self._sum(voucher, channel, own if channel in self._own else weights)
                for channel in self._moved[voucher.seq]
            }
            found.append(Movement(voucher, {channel: fen for channel, fen in parts.items() if fen}))
        return [each for each in found if each.parts]

    def _sum(self, voucher: Voucher, channel: str, weights: Mapping[str, int]) -> int:
        moved = self._moved[voucher.seq][channel]
        return sum(weight * moved.get(role, 0) for role, weight in weights.items())


def _vouchers(connection: Connection, book: str) -> Iterator[Voucher]:
    row: Any
    for row in connection.execute(_VOUCHERS, {"book": book}):
        yield Voucher(
            seq=row.seq,
            number=row.number,
            date=row.date,
            event=row.first_event or row.event,
            project=row.project,
            contract=row.contract,
            payee=row.payee,
            facts=json.loads(row.facts),
            leaf_hash=row.leaf_hash,
            reverses=row.first_number or "",
            reversed_by=row.later_number or "",
        )


_VOUCHERS = text(
    "SELECT v.seq, v.number, v.date, v.event, v.project, v.contract, v.payee, v.facts, v.leaf_hash, "
    "first.event AS first_event, first.number AS first_number, later.number AS later_number FROM voucher v "
    "LEFT JOIN voucher first ON first.book = v.book AND first.seq = v.reverses "
    "LEFT JOIN voucher later ON later.book = v.book AND later.reverses = v.seq "
    "WHERE v.book = :book ORDER BY v.seq"
)
_MOVED = text(
    "SELECT p.seq, p.commodity, a.role, a.normal * p.amount AS moved FROM posting p "
    "JOIN account a ON a.book = p.book AND a.name = p.account "
    "JOIN commodity c ON c.code = p.commodity AND c.kind <> 'quantity' "
    "WHERE p.book = :book ORDER BY p.seq, p.line"
)
_OWN = text("SELECT code FROM channel WHERE source = 'collective'")

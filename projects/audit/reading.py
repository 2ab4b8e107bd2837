"""A book as audit tests look at it: its vouchers, facts, projects and contracts on a day, read once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from ledger import facts, log
from ledger.chart import channel_of
from ledger.facts import Fact
from ledger.register import GENERAL_PROJECT
from ledger.store import sql
from projects import registry
from projects.audit.model import EXPLANATION
from projects.payees import Payee, list_payees
from projects.policy import Policy, policy_at
from projects.purposes import Rulebook, rulebook


@dataclass(frozen=True)
class Entry:
    """A sealed voucher; `moved` is fen by role, contract, bank and channel, positive on the account's normal side."""

    seq: int
    label: str
    date: str
    event: str
    project: str
    contract: str
    payee: str
    narration: str
    facts: Mapping[str, str]
    maker: str
    reverses: int | None
    papers: tuple[str, ...]
    moved: Mapping[tuple[str, str, str, str], int]

    def sum(self, *roles: str) -> int:
        """Return what roles moved over all channels, in fen."""
        return sum(fen for (role, *_), fen in self.moved.items() if role in roles)


@dataclass(frozen=True)
class Deal:
    """A contract: what was agreed at first, what changes brought and took, by vouchers that stand."""

    code: str
    project: str
    payee: str
    kind: str
    made: Entry
    ups: tuple[Entry, ...]
    downs: tuple[Entry, ...]
    certified: int

    @property
    def first(self) -> int:
        """Return the price that was agreed at first, in fen."""
        return self.made.sum("committed")

    @property
    def price(self) -> int:
        """Return the price with all changes."""
        return self.first + sum(each.sum("committed") for each in (*self.ups, *self.downs))

    @property
    def private(self) -> bool:
        """Tell whether it is with a person, by the book alone: the name of a person is committed to, not written."""
        return "payee-commitment" in self.made.facts


@dataclass
class Reading:
    """A book until a day; everything is of that day."""

    book: str
    on: date
    entries: Sequence[Entry]
    told: Sequence[Fact]
    office: Sequence[Fact]
    projects: Mapping[str, Mapping[str, Any]]
    sources: Mapping[str, str]
    banks: Mapping[str, str]
    policy: Policy
    rules: Rulebook
    payees: Mapping[str, Payee]
    said: Sequence[Fact]
    """What auditors said, also after the day: an explanation comes later than what it explains."""

    def standing(self, *events: str, project: str = "", contract: str = "") -> list[Entry]:
        """Return the vouchers of these events that were not reversed, in order."""
        return [
            each
            for each in self._standing
            if (not events or each.event in events)
            and project in {"", each.project}
            and contract in {"", each.contract}
        ]

    @cached_property
    def _standing(self) -> list[Entry]:
        gone = {each.reverses for each in self.entries if each.reverses is not None}
        return [each for each in self.entries if each.reverses is None and each.seq not in gone]

    @cached_property
    def _balances(self) -> Mapping[tuple[str, str, str, str], int]:
        found: dict[tuple[str, str, str, str], int] = defaultdict(int)
        for entry in self.entries:
            for (role, contract, _, channel), fen in entry.moved.items():
                found[role, entry.project, contract, channel] += fen
        return found

    def left(self, *roles: str, project: str = "", contract: str = "", channel: str = "") -> int:
        """Return what stands on the normal side of roles, in fen."""
        return sum(
            fen
            for (role, of, deal, code), fen in self._balances.items()
            if role in roles and project in {"", of} and contract in {"", deal} and channel in {"", code}
        )

    def channels(self, project: str) -> list[str]:
        """Return the channels of which a project ever had an allotment, by code."""
        return sorted({code for role, of, _, code in self._balances if role == "allotted" and of == project})

    @cached_property
    def deals(self) -> list[Deal]:
        """Return the contracts that stand."""
        return [
            Deal(
                made.contract,
                made.project,
                made.payee,
                made.facts.get("contract-kind", "works"),
                made,
                tuple(self.standing("change_up", contract=made.contract)),
                tuple(self.standing("change_down", contract=made.contract)),
                sum(each.sum("works") for each in self.standing("certificate", "audit_cut", contract=made.contract)),
            )
            for made in self.standing("contract")
        ]

    @property
    def explanations(self) -> list[Fact]:
        """Return what auditors said of findings, whenever they said it."""
        return [each for each in self.said if each.kind == EXPLANATION]

    def facts(self, kind: str, subject: str = "", **data: str) -> list[Fact]:
        """Return the book's facts of a kind, about a subject, whose data say this, the earlier day first."""
        return [
            each
            for each in self.told
            if each.kind == kind
            and subject in {"", each.subject}
            and all(each.data.get(key) == value for key, value in data.items())
        ]

    def project_label(self, code: str) -> str:
        """Return code and short name of a project."""
        return f"{code} {self.projects[code]['title']}" if code in self.projects else code


def read_book(connection: Connection, book: str, on: date) -> Reading:
    """Return a book as it was on a day."""
    every = facts.facts(connection, book)
    told = sorted(
        (each for each in every if each.on <= on.isoformat()),
        key=lambda each: (each.on, each.position),
    )
    return Reading(
        book=book,
        on=on,
        entries=list(_entries(connection, book, on)),
        told=told,
        office=[each for each in facts.facts(connection, log.OFFICE) if each.on <= on.isoformat()],
        projects={
            str(row["code"]): row for row in registry.list_projects(connection, book) if row["code"] != GENERAL_PROJECT
        },
        sources=_pairs(connection, "SELECT code, source FROM channel", {}),
        banks=_pairs(connection, _BANKS, {"book": book}),
        policy=policy_at(connection, on),
        rules=rulebook(connection),
        payees={each.code: each for each in list_payees(connection)},
        said=[each for each in every if each.kind == EXPLANATION],
    )


def _pairs(connection: Connection, query: str, where: Mapping[str, Any]) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in sql.rows(connection, query, where)}


def _entries(connection: Connection, book: str, on: date) -> Iterator[Entry]:
    where = {"book": book, "on": on.isoformat()}
    moved: dict[int, dict[tuple[str, str, str, str], int]] = defaultdict(lambda: defaultdict(int))
    for seq, role, contract, bank, commodity, fen in sql.rows(connection, _MOVED, where):
        moved[seq][role, contract, bank, channel_of(commodity)] += int(fen)
    papers: dict[int, list[str]] = defaultdict(list)
    for seq, sha256 in sql.rows(connection, _PAPERS, {"book": book}):
        papers[seq].append(sha256)
    for seq, number, day, event, project, contract, payee, narration, told, maker, reverses in sql.rows(
        connection, _VOUCHERS, where
    ):
        yield Entry(
            seq,
            f"V{number}",
            day,
            event,
            project,
            contract,
            payee,
            narration,
            json.loads(told),
            maker,
            reverses,
            tuple(papers[seq]),
            dict(moved[seq]),
        )


_VOUCHERS = (
    "SELECT seq, number, date, event, project, contract, payee, narration, facts, maker, reverses "
    "FROM voucher WHERE book = :book AND date <= :on ORDER BY seq"
)
_MOVED = (
    "SELECT p.seq, a.role, a.contract, a.bank, p.commodity, a.normal * p.amount FROM posting p "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq JOIN account a ON a.book = p.book AND a.name = p.account "
    "JOIN commodity c ON c.code = p.commodity AND c.kind <> 'quantity' "
    "WHERE p.book = :book AND v.date <= :on"
)
_PAPERS = "SELECT seq, sha256 FROM document WHERE book = :book ORDER BY seq, sha256"
_BANKS = "SELECT code, kind FROM bank WHERE book = :book ORDER BY code"

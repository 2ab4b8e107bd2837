"""What a person said is not the same: proposed together no more, until that is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from ledger import facts
from ledger.facts import Fact
from ledger.store.workspace import Unit
from projects.errors import MatchUnfit
from projects.reconciliation.matching import Match, Pairs

APART = "bank-apart"


@dataclass(frozen=True)
class Apart:
    """Lines (by key) and vouchers (by number) that somebody said are not the same, and the fact that says so."""

    label: str
    lines: tuple[str, ...]
    vouchers: tuple[str, ...]


def read_apart(connection: Connection, book: str, bank: str) -> list[Apart]:
    """Return what was said of a bank account and stands."""
    return [_read(fact) for fact in facts.facts(connection, book, APART, subject=bank)]


def pairs(said: Iterable[Apart]) -> Pairs:
    """Return every line with every voucher that it is not."""
    return frozenset((key, number) for each in said for key in each.lines for number in each.vouchers)


def turned_down(proposed: Iterable[Match], lines: Collection[str]) -> list[Match]:
    """Return the proposals that somebody turned down by their lines."""
    return [each for each in proposed if any(line.key in lines for line in each.lines)]


def record_apart(unit: Unit, book: str, bank: str, match: Match, *, by: str) -> Fact:
    """Record that lines and vouchers are not the same."""
    data = {"lines": [each.key for each in match.lines], "vouchers": [each.number for each in match.vouchers]}
    return facts.record(unit, book, APART, bank, on=unit.now.date(), by=by, data=data)


def take_back(unit: Unit, book: str, bank: str, label: str, *, by: str, reason: str) -> Fact:
    """Let be proposed again what a fact keeps apart.

    Raises:
        MatchUnfit: nothing of this account is kept apart by it.
    """
    if label not in {each.label for each in read_apart(unit.connection, book, bank)}:
        raise MatchUnfit
    return facts.withdraw(unit, book, label, on=unit.now.date(), by=by, reason=reason)


def _read(fact: Fact) -> Apart:
    return Apart(fact.label, tuple(map(str, fact.data["lines"])), tuple(map(str, fact.data["vouchers"])))

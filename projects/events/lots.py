"""Lots: what is in store by channel, good and lot, so that no goods are taken from behind another lot."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from sqlalchemy import text

from ledger import money
from ledger.balances import State
from ledger.channels import need_good
from ledger.errors import LeansOn, Names
from ledger.proposals import Proposal
from projects.errors import LotUnknown


@dataclass(frozen=True)
class Lot:
    """What is left of a lot: quantity in the good's smallest unit, value in fen."""

    name: str
    quantity: int
    fen: int


@dataclass(frozen=True, kw_only=True)
class Source:
    """The voucher that moved a lot: its `seq`, None for one that waits, and that of the one it reverses.

    A reversal has event and facts of what it reverses.
    """

    label: str = ""
    event: str = ""
    project: str
    facts: Mapping[str, str]
    seq: int | None = None
    reverses: int | None = None


@dataclass(frozen=True)
class Move:
    """What a voucher brought into a lot, negative what it took; a lot belongs to a channel."""

    source: Source
    channel: str
    good: str
    lot: str
    quantity: int
    fen: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what tells the lot from all others."""
        return self.source.project, self.channel, self.good, self.lot


def lots(state: State, project: str, channel: str, good: str) -> list[Lot]:
    """Return the lots of a good that are in a project's store, in the order they came."""
    found = moved(state, project, channel, good).items()
    return [Lot(name, quantity, fen) for name, (quantity, fen) in found if quantity]


def moved(state: State, project: str, channel: str, good: str) -> dict[str, tuple[int, int]]:
    """Return quantity and fen of every lot that there ever was, drafts counted in."""
    found: dict[str, tuple[int, int]] = {}
    for move in moves(state, project):
        if move.key[:3] == (project, channel, good):
            quantity, fen = found.get(move.lot, (0, 0))
            found[move.lot] = (quantity + move.quantity, fen + move.fen)
    return found


def moves(state: State, project: str) -> Iterator[Move]:
    """Yield what moved in the lots of a project, drafts last; a reversal moves the lots of what it reverses."""
    vouchers: dict[int, tuple[Source, list[tuple[str, int]]]] = {}
    for row in state.connection.execute(_STORED, {"book": state.book.code, "project": project}):
        if row.seq not in vouchers:
            source = Source(
                label=f"V{row.number}",
                event=row.event,
                project=row.project,
                facts=json.loads(row.facts),
                seq=row.seq,
                reverses=row.reverses,
            )
            vouchers[row.seq] = (source, [])
        vouchers[row.seq][1].append((row.commodity, row.amount))
    for source, rows in vouchers.values():
        yield from _of(state, source, rows)
    for draft in state.drafts:
        stores = {name for name, (role, *_) in draft["accounts"].items() if role == "store"}
        rows = [(commodity, amount) for name, commodity, amount in draft["lines"] if name in stores]
        if rows:
            reverses = draft["reverses"]
            facts = draft["facts"] if reverses is None else _facts(state, reverses)
            source = Source(label=f"D{draft['id']}", project=draft["project"], facts=facts, reverses=reverses)
            yield from _of(state, source, rows)


def free_name(taken: Iterable[str]) -> str:
    """Return the first of S1, S2, … that is not taken."""
    names = set(taken)
    return next(name for name in (f"S{number}" for number in count(1)) if name not in names)


def opened_lots(state: State, project: str, stored: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the facts of an opening that brings goods, given by channel and good in the order of its lines."""
    taken: dict[tuple[str, str], set[str]] = {}
    named = []
    for channel, good in stored:
        names = taken.setdefault((channel, good), set(moved(state, project, channel, good)))
        lot = free_name(names)
        names.add(lot)
        named.append(f"{lot} {channel}")
    return {"lots": ", ".join(named)} if named else {}


def need_lots(state: State, proposal: Proposal) -> None:
    """Make sure that a proposal leaves every lot whole; the floor of the store sees only all lots together.

    Raises:
        LeansOn: a reversal takes back goods that later vouchers have used; they are named.
        LotUnknown: the lot has not what leaves it, because what was to fill it never came.
    """
    rows = [(line.commodity, line.amount) for line in proposal.lines if line.account.role.name == "store"]
    if not rows:
        return
    facts = proposal.facts if proposal.reverses is None else _facts(state, proposal.reverses)
    there = list(moves(state, proposal.project))
    for move in _of(state, Source(project=proposal.project, facts=facts), rows):
        before = [each for each in there if each.key == move.key]
        quantity = sum(each.quantity for each in before)
        fen = sum(each.fen for each in before)
        if _whole(quantity + move.quantity, fen + move.fen):
            continue
        if proposal.reverses is not None:
            raise LeansOn(
                number=proposal.facts["reverses"].removeprefix("V"),
                channel=state.label(move.channel),
                short=max(0, -fen - move.fen),
                vouchers=Names(_leaning(before, proposal.reverses)) or "—",
            )
        good = need_good(state.connection, move.good)
        wanted, has = shown(good, -move.quantity), f"{move.lot} {shown(good, quantity)}" if quantity else "—"
        raise LotUnknown(about="", good=good["name"], wanted=wanted, lot=move.lot, has=has)


def shown(good: Mapping[str, str | int], quantity: int) -> str:
    """Return a quantity with its unit."""
    number = money.plain(quantity, int(good["scale"]))
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {good['unit']}"


def _whole(quantity: int, fen: int) -> bool:
    """Tell whether a lot can be like that; value without goods, which rounding could leave, nobody can ever use."""
    return quantity > 0 <= fen or quantity == fen == 0


def _leaning(there: list[Move], seq: int) -> list[str]:
    """Return the later vouchers that took from a lot and were not reversed themselves."""
    undone = {move.source.reverses for move in there}
    taking = [move.source for move in there if move.quantity < 0 and move.source.reverses is None]
    return [each.label for each in taking if each.seq is None or (each.seq > seq and each.seq not in undone)]


def _of(state: State, source: Source, rows: Iterable[tuple[str, int]]) -> Iterator[Move]:
    """Yield the lots that a voucher moves, from its postings in store and its facts.

    The value of a lot stands before its quantity; it is left out where it rounds to nothing.
    """
    if "lots" in source.facts:
        named = [each.split(" ") for each in source.facts["lots"].split(", ")]
    else:
        named = [[source.facts.get("lot", ""), source.facts.get("channel", "")]]
    waiting, fen = iter(named), 0
    for commodity, amount in rows:
        if commodity in state.channels:
            fen = amount
        else:
            lot, channel = next(waiting)
            yield Move(source, channel, commodity, lot, amount, fen)
            fen = 0


def _facts(state: State, seq: int) -> Mapping[str, str]:
    query = text("SELECT facts FROM voucher WHERE book = :book AND seq = :seq")
    facts: dict[str, str] = json.loads(
        state.connection.execute(query, {"book": state.book.code, "seq": seq}).scalar_one()
    )
    return facts


_STORED = text(
    "SELECT v.seq, v.number, v.project, v.reverses, coalesce(first.event, v.event) AS event, "
    "coalesce(first.facts, v.facts) AS facts, p.commodity, p.amount "
    "FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account "
    "AND a.role = 'store' AND a.project = :project "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "LEFT JOIN voucher first ON first.book = v.book AND first.seq = v.reverses "
    "WHERE p.book = :book ORDER BY p.seq, p.line"
)

"""Goods in kind: by quantity and value, in lots, so that a tonne can be followed to the fen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from sqlalchemy import text

from ledger import money
from ledger.balances import State
from ledger.channels import need_good
from ledger.chart import Place
from ledger.vouchers import Proposal
from projects.entries import Say, entry, need_source, proposal
from projects.errors import LotPriced, LotUnknown
from projects.receipts import need_allotted
from projects.requests import InkindIssue, InkindReceive, InkindReturn


@dataclass(frozen=True)
class Lot:
    """What is left of a lot: quantity in the good's smallest unit, value in fen."""

    name: str
    quantity: int
    fen: int


def receive_goods(state: State, ask: InkindReceive, say: Say) -> Proposal:
    """实物入库: goods come into the store; the budget they were allotted under is stocked.

    Raises:
        ReceiptOverAllotted: their value is above what was allotted.
    """
    need_source(state, ask.channel, "inkind", "in_kind")
    place, good, quantity = _at(state, ask.project, ask.good, ask.quantity)
    need_allotted(state, place, ask.channel, ask.amount)
    moved = _moved(state, ask.project, ask.channel, ask.good)
    there, value = moved.get(ask.lot, (0, 0))
    if there * ask.amount != value * quantity:
        raise LotPriced(lot=ask.lot)
    lot = ask.lot or next(name for name in (f"S{number}" for number in count(1)) if name not in moved)
    figures = {ask.channel: {"amount": ask.amount, "quantity": quantity}}
    shown = _shown(good, quantity)
    return proposal(
        ask,
        "inkind_received",
        place,
        entry(state, "inkind_received", place, figures),
        narration=say("inkind-received", good=good["name"], quantity=shown, lot=lot),
        party=state.channels[ask.channel][0],
        facts={"lot": lot, "quantity": shown},
    )


def issue_goods(state: State, ask: InkindIssue, say: Say) -> Proposal:
    """实物领用: goods go into the works at their lot's value; the last of a lot takes its last fen.

    Raises:
        LotUnknown: no lot has so much.
    """
    return _out(state, ask, say, event="inkind_issued", party=say("party.crew"))


def return_goods(state: State, ask: InkindReturn, say: Say) -> Proposal:
    """实物退回: goods go back to their source, and their budget with them.

    Raises:
        LotUnknown: no lot has so much.
    """
    return _out(state, ask, say, event="inkind_returned", party=state.channels.get(ask.channel, ("",))[0])


def lots(state: State, project: str, channel: str, good: str) -> list[Lot]:
    """Return the lots of a good that are in a project's store, in the order they came."""
    return [
        Lot(name, quantity, fen) for name, (quantity, fen) in _moved(state, project, channel, good).items() if quantity
    ]


def _out(state: State, ask: InkindIssue | InkindReturn, say: Say, *, event: str, party: str) -> Proposal:
    need_source(state, ask.channel, "inkind", "in_kind")
    place, good, quantity = _at(state, ask.project, ask.good, ask.quantity)
    stored = lots(state, ask.project, ask.channel, ask.good)
    fit = [lot for lot in stored if lot.name == ask.lot] if ask.lot else stored
    if not fit or (not ask.lot and len(fit) > 1) or fit[0].quantity < quantity:
        has = "、".join(f"{lot.name} {_shown(good, lot.quantity)}" for lot in stored) or "—"
        about = "several" if not ask.lot and len(fit) > 1 else ""
        raise LotUnknown(about=about, good=good["name"], wanted=_shown(good, quantity), lot=ask.lot, has=has)
    lot = fit[0]
    fen = (2 * lot.fen * quantity + lot.quantity) // (2 * lot.quantity)
    figures = {ask.channel: {"amount": fen, "quantity": quantity}}
    shown = _shown(good, quantity)
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, figures),
        narration=say(event.replace("_", "-"), good=good["name"], quantity=shown, lot=lot.name),
        party=party,
        facts={"lot": lot.name, "quantity": shown},
    )


def _at(state: State, project: str, good: str, quantity: str) -> tuple[Place, dict[str, str | int], int]:
    row = need_good(state.connection, good)
    place = state.place(project, good=str(row["name"]), good_commodity=good)
    return place, row, money.parse_quantity(quantity, scale=int(row["scale"]))


def _shown(good: Mapping[str, str | int], quantity: int) -> str:
    number = money.plain(quantity, int(good["scale"]))
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {good['unit']}"


def _moved(state: State, project: str, channel: str, good: str) -> dict[str, tuple[int, int]]:
    """Return what every lot has left, drafts counted in; a reversal moves the lot of what it reverses."""
    account = state.chart.account(
        "store",
        state.place(project, good=str(need_good(state.connection, good)["name"]), good_commodity=good),
    ).name
    query = text(
        "SELECT v.facts, p.commodity, p.amount FROM posting p "
        "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
        "WHERE p.book = :book AND p.account = :account AND p.commodity IN (:channel, :good) ORDER BY p.seq, p.line"
    )
    where = {"book": state.book.code, "account": account, "channel": channel, "good": good}
    rows = [(_lot(row.facts), row.commodity, row.amount) for row in state.connection.execute(query, where)]
    for draft in state.drafts:
        rows += [
            (draft["facts"].get("lot", ""), commodity, amount)
            for name, commodity, amount in draft["lines"]
            if name == account and commodity in {channel, good}
        ]
    found: dict[str, tuple[int, int]] = {}
    for lot, commodity, amount in rows:
        quantity, fen = found.get(lot, (0, 0))
        found[lot] = (quantity + amount, fen) if commodity == good else (quantity, fen + amount)
    return found


def _lot(facts: str) -> str:
    return str(json.loads(facts).get("lot", ""))

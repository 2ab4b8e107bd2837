"""Goods in store: by quantity and value, in lots, so that a tonne can be followed to the fen."""

from __future__ import annotations

from dataclasses import replace

from ledger import money
from ledger.balances import State
from ledger.channels import need_good
from ledger.chart import Place
from ledger.errors import Names
from ledger.proposals import Proposal
from projects.contracts import need_contract
from projects.errors import ContractOfOther, LotPriced, LotUnknown, SourceUnfit
from projects.events.entries import Say, bank_for, entry, need_source, proposal, stated
from projects.events.lots import free_name, lots, moved, shown
from projects.events.receipts import need_allotted
from projects.events.requests import InkindBuy, InkindIssue, InkindLose, InkindReceive, InkindReturn
from projects.limits import need_small


def receive_goods(state: State, ask: InkindReceive, say: Say) -> Proposal:
    """实物入库: goods come into the store; the budget they were allotted under is stocked.

    Raises:
        ReceiptOverAllotted: their value is above what was allotted.
        LotPriced: the lot that is named has another price.
    """
    need_source(state, ask.channel, "inkind", "in_kind")
    place, good, quantity = store(state, ask.project, ask.good, ask.quantity)
    need_allotted(state, place, ask.channel, ask.amount)
    lot = _lot(state, ask, quantity)
    figures = {ask.channel: {"amount": ask.amount, "quantity": quantity}}
    named = shown(good, quantity)
    return proposal(
        ask,
        "inkind_received",
        place,
        entry(state, "inkind_received", place, figures),
        narration=say("inkind-received", good=good["name"], quantity=named, lot=lot),
        party=state.channels[ask.channel][0],
        facts={"lot": lot, "channel": ask.channel, "quantity": named},
    )


def buy_goods(state: State, ask: InkindBuy, say: Say) -> Proposal:
    """购入物资: goods are bought for the store, from the channel's cash, or owed under a contract.

    Raises:
        SourceUnfit: goods and labour buy nothing.
        LotPriced: the lot that is named has another price.
        ContractOfOther: the contract is another project's.
        PurchaseOverLimit: so much needs a contract.
        BelowFloor: the budget or the cash is not there.
    """
    if state.source(ask.channel) in {"in_kind", "labour"}:
        source = state.source(ask.channel)
        raise SourceUnfit(about="pays", channel=state.label(ask.channel), source=source, fit="")
    place, good, quantity = store(state, ask.project, ask.good, ask.quantity)
    party = say("party.seller")
    if ask.contract is None:
        need_small(state, ask.amount, ask.date)
    if ask.contract is not None:
        contract, _ = need_contract(state, ask.contract)
        if contract.project != ask.project:
            label = state.label_project(ask.project)
            raise ContractOfOther(about="buy", contract=ask.contract, project=label)
        place, party = replace(place, contract=ask.contract), contract.payee
    else:
        place = replace(place, bank=bank_for(state, ask.channel, ask.bank))
    lot = _lot(state, ask, quantity)
    event = "inkind_bought_owed" if ask.contract else "inkind_bought"
    figures = {ask.channel: {"amount": ask.amount, "quantity": quantity}}
    named = shown(good, quantity)
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, figures),
        narration=say("inkind-bought", good=good["name"], quantity=named, lot=lot),
        party=party,
        facts={"lot": lot, "channel": ask.channel, "quantity": named},
    )


def _lot(state: State, ask: InkindReceive | InkindBuy, quantity: int) -> str:
    """Return the lot that goods come into: the one named, at its price, or a new one."""
    known = moved(state, ask.project, ask.channel, ask.good)
    there, value = known.get(ask.lot, (0, 0)) if ask.lot else (0, 0)
    if there * ask.amount != value * quantity:
        raise LotPriced(lot=ask.lot)
    return ask.lot or free_name(known)


def issue_goods(state: State, ask: InkindIssue, say: Say) -> Proposal:
    """领用: goods, given or bought, go into the works at their lot's value; the last of a lot takes its last fen.

    Raises:
        LotUnknown: no lot of the channel has so much.
    """
    return _out(state, ask, say, event="inkind_issued", party=say("party.crew"))


def return_goods(state: State, ask: InkindReturn, say: Say) -> Proposal:
    """实物退回: goods go back to their source, and their budget with them.

    Raises:
        SourceUnfit: the goods were not given in kind.
        LotUnknown: no lot of the channel has so much.
    """
    need_source(state, ask.channel, "inkind", "in_kind")
    return _out(state, ask, say, event="inkind_returned", party=state.channels.get(ask.channel, ("",))[0])


def lose_goods(state: State, ask: InkindLose, say: Say) -> Proposal:
    """物资损失: goods that are gone are expense at their lot's value, for a reason.

    Raises:
        LotUnknown: no lot of the channel has so much.
    """
    return _out(state, ask, say, event="inkind_lost", party=say("party.committee"), reason=ask.reason)


def store(state: State, project: str, good: str, quantity: str) -> tuple[Place, dict[str, str | int], int]:
    """Return the place of a good in a project's store, the good's row and a quantity in its smallest unit.

    Raises:
        Unknown: nobody registered the good.
        QuantityUnreadable: the quantity is not one.
    """
    row = need_good(state.connection, good)
    place = state.place(project, good=str(row["name"]), good_commodity=good)
    return place, row, money.parse_quantity(quantity, scale=int(row["scale"]))


def _out(
    state: State, ask: InkindIssue | InkindReturn | InkindLose, say: Say, *, event: str, party: str, reason: str = ""
) -> Proposal:
    state.source(ask.channel)
    place, good, quantity = store(state, ask.project, ask.good, ask.quantity)
    stored = lots(state, ask.project, ask.channel, ask.good)
    fit = [lot for lot in stored if lot.name == ask.lot] if ask.lot else stored
    if not fit or (not ask.lot and len(fit) > 1) or fit[0].quantity < quantity:
        has = Names(f"{lot.name} {shown(good, lot.quantity)}" for lot in stored) or "—"
        about = "" if ask.lot else "several" if len(fit) > 1 else "none"
        raise LotUnknown(about=about, good=good["name"], wanted=shown(good, quantity), lot=ask.lot, has=has)
    lot = fit[0]
    fen = (2 * lot.fen * quantity + lot.quantity) // (2 * lot.quantity)
    figures = {ask.channel: {"amount": fen, "quantity": quantity}}
    named = shown(good, quantity)
    return proposal(
        ask,
        event,
        place,
        entry(state, event, place, figures),
        narration=say(event.replace("_", "-"), good=good["name"], quantity=named, lot=lot.name, reason=reason),
        party=party,
        facts=stated(lot=lot.name, channel=ask.channel, quantity=named, reason=reason),
    )

"""Bills of quantities: the work items of a contract, what was agreed of each, and what was measured of it.

The items stand in the facts of the vouchers that make and change a contract, what was measured in those of its
certificates; so a reversal takes both back, and the books carry them.

An item's money is its unit price × the quantity measured so far, rounded half up to the fen; a certificate takes what
that is more than was certified of the item before. So an item that is measured in many parts comes to the same fen as
one that is measured at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ledger import money
from ledger.balances import State
from ledger.errors import LeansOn, Names
from ledger.proposals import Proposal
from projects.errors import BillDiffers, ItemsMissing, ItemUnknown, ItemUnreadable, OverMeasured
from projects.events.requests import ItemAsked
from projects.history import standing

SCALE = 3
"""Quantities are counted in thousandths of their unit."""
CHANGES = {"contract": 1, "change_up": 1, "change_down": -1}
"""The events that make and change a bill, and in which direction."""
AGREED, MEASURED = "item-", "measured-"
_BETWEEN = " | "


@dataclass(frozen=True)
class Item:
    """A work item: quantities in thousandths of `unit`, its price and what was certified of it in fen.

    `channel` is the one that pays for it alone, empty where all channels of the contract do.
    """

    code: str
    name: str
    unit: str
    quantity: int
    price: int
    channel: str = ""
    measured: int = 0
    certified: int = 0

    @property
    def worth(self) -> int:
        """Return what all that was agreed of it comes to, in fen."""
        return worth(self.quantity, self.price)

    @property
    def fact(self) -> str:
        """Return it as a voucher says it."""
        told = [self.name, self.unit, shown(self.quantity), money.plain(self.price), self.channel]
        return _BETWEEN.join(told if self.channel else told[:-1])

    def due(self, measured: int) -> int:
        """Return what so much more of it comes to, in fen."""
        return max(0, worth(self.measured + measured, self.price) - self.certified)


def worth(quantity: int, price: int) -> int:
    """Return quantity × price in fen, half a fen rounded up."""
    unit: int = 10**SCALE
    return (2 * quantity * price + unit) // (2 * unit)


def shown(quantity: int) -> str:
    """Return a quantity without zeros behind the point."""
    return money.plain(quantity, SCALE).rstrip("0").rstrip(".")


def bill(state: State, contract: str) -> dict[str, Item]:
    """Return the items of a contract by code, empty where it has no bill; drafts are counted in."""
    items: dict[str, Item] = {}
    for each in standing(state, *CHANGES, "certificate", contract=contract):
        _apply(items, each.event, each.facts)
    return items


def agreed(contract: str, asked: Iterable[ItemAsked], parts: Mapping[str, int]) -> dict[str, Item]:
    """Return the bill of a new contract.

    Raises:
        ItemUnreadable: an item without name, unit, quantity and price.
        BillDiffers: it does not come to what the channels pay, or a channel's own items to more than its part.
    """
    items = {each.code: _new(each) for each in asked}
    total = sum(each.worth for each in items.values())
    if total != sum(parts.values()):
        raise BillDiffers(contract=contract, bill=total, parts=sum(parts.values()))
    for channel in {each.channel for each in items.values()} - {""}:
        own = sum(each.worth for each in items.values() if each.channel == channel)
        if own > parts.get(channel, 0):
            facts = {"channel": channel, "bill": own, "parts": parts.get(channel, 0)}
            raise BillDiffers(about="channel", contract=contract, **facts)
    return items


def more(contract: str, items: Mapping[str, Item], asked: Iterable[ItemAsked]) -> tuple[dict[str, Item], int]:
    """Return what a change adds to a bill, and what that comes to in fen: more of its items, or new ones.

    Raises:
        ItemUnreadable: a new item that is not whole, or an old one at another price.
        ItemsMissing: the contract has a bill, and the change names no item of it; or the other way round.
    """
    added = {each.code: _added(items, each) for each in _some(contract, items, asked)}
    before = {code: items[code].worth for code in added if code in items}
    after = {code: worth(each.quantity + _quantity(items, code), each.price) for code, each in added.items()}
    return added, sum(after.values()) - sum(before.values())


def less(contract: str, items: Mapping[str, Item], asked: Iterable[ItemAsked]) -> tuple[dict[str, Item], int]:
    """Return what a change takes from a bill, and what that comes to in fen.

    Raises:
        ItemUnknown: the bill has no such item.
        OverMeasured: more of it was measured than would be left.
        ItemsMissing: as for `more`.
    """
    taken, fen = {}, 0
    for each in _some(contract, items, asked):
        old = need_item(contract, items, each.code)
        left = old.quantity - each.quantity
        if left < old.measured:
            raise OverMeasured(
                about="down", contract=contract, **_told(old, now=each.quantity, over=old.measured - left)
            )
        taken[each.code] = replace(old, quantity=each.quantity)
        fen += old.worth - worth(left, old.price)
    return taken, fen


def own_parts(old: Mapping[str, Item], changed: Mapping[str, Item], *, sign: int = 1) -> dict[str, int]:
    """Return what a change is for each channel, where one channel pays for each item of it; else nothing."""
    found: dict[str, int] = {}
    for code, each in changed.items():
        if not each.channel:
            return {}
        before = old[code].quantity if code in old else 0
        fen = sign * (worth(before + sign * each.quantity, each.price) - worth(before, each.price))
        found[each.channel] = found.get(each.channel, 0) + fen
    return found


def measure(contract: str, items: Mapping[str, Item], asked: Mapping[str, int]) -> dict[str, int]:
    """Return what the measured quantities come to, in fen by item.

    Raises:
        ItemsMissing: the contract has no bill.
        ItemUnknown: the bill has no such item.
        OverMeasured: more than was agreed is measured, all certificates taken together.
    """
    if not items:
        raise ItemsMissing(about="none", contract=contract)
    found = {}
    for code, quantity in asked.items():
        item = need_item(contract, items, code)
        over = item.measured + quantity - item.quantity
        if over > 0:
            raise OverMeasured(contract=contract, **_told(item, now=quantity, over=over))
        found[code] = item.due(quantity)
    return found


def need_item(contract: str, items: Mapping[str, Item], code: str) -> Item:
    """Return an item of a bill.

    Raises:
        ItemUnknown: the bill has none of this code.
    """
    if code not in items:
        raise ItemUnknown(
            contract=contract, item=code, choices=Names(f"{each.code} {each.name}" for each in items.values())
        )
    return items[code]


def need_measured(state: State, proposal: Proposal) -> None:
    """Make sure that after a proposal no item was measured beyond its bill; money's floors see the contract only.

    Raises:
        LeansOn: a reversal takes back quantities that certificates have used; they are named.
        OverMeasured: what was to add the quantity never came.
    """
    certificates = standing(state, "certificate", contract=proposal.contract) if proposal.contract else []
    if not any(_of(facts, MEASURED) for facts in [proposal.facts, *(each.facts for each in certificates)]):
        return
    items = bill(state, proposal.contract)
    if proposal.reverses is None:
        _apply(items, proposal.event, proposal.facts)
    else:
        items = {}
        for each in standing(state, *CHANGES, "certificate", contract=proposal.contract):
            if each.seq != proposal.reverses:
                _apply(items, each.event, each.facts)
    for item in items.values():
        if item.measured > item.quantity:
            told = _told(item, now=0, over=item.measured - item.quantity)
            if proposal.reverses is None:
                raise OverMeasured(about="seal", contract=proposal.contract, **told)
            after = [each for each in certificates if each.seq is None or each.seq > proposal.reverses]
            leaning = [each.label for each in after if _key(MEASURED, item.code) in each.facts]
            number = proposal.facts["reverses"].removeprefix("V")
            raise LeansOn(about="measured", number=number, vouchers=Names(leaning), **told)


def agreed_facts(items: Mapping[str, Item]) -> dict[str, str]:
    """Return the facts by which a voucher says what it agrees on."""
    return {_key(AGREED, code): item.fact for code, item in items.items()}


def measured_facts(asked: Mapping[str, int], fen: Mapping[str, int]) -> dict[str, str]:
    """Return the facts by which a certificate says what was measured."""
    return {_key(MEASURED, code): f"{shown(quantity)} = {money.plain(fen[code])}" for code, quantity in asked.items()}


def _apply(items: dict[str, Item], event: str, facts: Mapping[str, str]) -> None:
    """Count in what a voucher's facts say of a bill."""
    for code, fact in _of(facts, AGREED).items():
        name, unit, quantity, price, *channel = fact.split(_BETWEEN)
        amount = CHANGES.get(event, 0) * money.parse_quantity(quantity, scale=SCALE)
        new = Item(code, name, unit, 0, money.parse(price), channel[0] if channel else "")
        old = items.get(code, new)
        items[code] = replace(old, quantity=old.quantity + amount)
    for code, fact in _of(facts, MEASURED).items():
        quantity, _, fen = fact.split(" ")
        # Of a contract whose voucher is about to be reversed nothing is agreed, and everything was measured.
        old = items.get(code, Item(code, "", "", 0, 0))
        measured = old.measured + money.parse_quantity(quantity, scale=SCALE)
        items[code] = replace(old, measured=measured, certified=old.certified + money.parse(fen))


def _key(kind: str, code: str) -> str:
    """Return the name of an item's fact: codes have capital letters, names of facts have small ones."""
    return kind + code.lower()


def _of(facts: Mapping[str, str], kind: str) -> dict[str, str]:
    return {name.removeprefix(kind).upper(): fact for name, fact in facts.items() if name.startswith(kind)}


def _some(contract: str, items: Mapping[str, Item], asked: Iterable[ItemAsked]) -> list[ItemAsked]:
    found = list(asked)
    if bool(found) != bool(items):
        raise ItemsMissing(about="change" if items else "none", contract=contract)
    return found


def _new(asked: ItemAsked) -> Item:
    if not (asked.name and asked.unit and asked.price):
        raise ItemUnreadable(about="whole", text=asked.code)
    return Item(asked.code, asked.name, asked.unit, asked.quantity, asked.price, asked.channel)


def _added(items: Mapping[str, Item], asked: ItemAsked) -> Item:
    if asked.code not in items:
        return _new(asked)
    old = items[asked.code]
    if asked.price and (asked.price, asked.unit) != (old.price, old.unit):
        raise ItemUnreadable(about="price", text=asked.code)
    return replace(old, quantity=asked.quantity)


def _quantity(items: Mapping[str, Item], code: str) -> int:
    return items[code].quantity if code in items else 0


def _told(item: Item, *, now: int, over: int) -> dict[str, object]:
    return {
        "item": item.code,
        "name": item.name,
        "unit": item.unit,
        "agreed": shown(item.quantity),
        "measured": shown(item.measured),
        "now": shown(now),
        "over": shown(over),
    }

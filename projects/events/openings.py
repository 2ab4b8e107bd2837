"""Opening balances: what already stood when a book begins to be kept here, at any date, per channel and account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ledger import chart, money
from ledger.balances import State
from ledger.chart import Line, Place, Role
from ledger.errors import BankKindUnfit, Names
from ledger.proposals import OPENING, Proposal
from ledger.text import code
from projects.contracts import OPENS
from projects.errors import ContractOfOther, OpeningEmpty, OpeningUnbalanced, OpeningUnreadable
from projects.events.entries import Say, need_source, proposal
from projects.events.goods import store
from projects.events.lots import opened_lots
from projects.events.requests import Opening

DERIVED = {"audit_due": "audit_cut"}
"""The budget role that follows from a role of money; from any other it is the one named like its mirror group."""

FOLLOWS = {"spent", "advanced", "stocked", "audit_cut", "allotted"}
"""What follows from the rest, and is not typed."""

KINDS = {"bank": "dedicated", "own_bank": "own", "deposit_bank": "dedicated"}


NO_GOODS = {"labour", "deposit", "micro_loan"}
"""Goods are given in kind or bought; these buy nothing."""


@dataclass(frozen=True)
class Opened:
    """One line as it was typed: its posting, and how much of which good it brings into the store."""

    line: Line
    place: Place
    quantity: int = 0

    @property
    def role(self) -> Role:
        """Return the role that was typed."""
        return self.line.account.role

    @property
    def channel(self) -> str:
        """Return the channel whose money or budget it is."""
        return chart.channel_of(self.line.commodity)


def opening(state: State, ask: Opening, say: Say) -> Proposal:
    """期初: each line names a role, a channel and what stood on the role's normal side.

    ``bank:B01=JT2024:120000``, ``payable:P001C01=JT2024:3000``, ``works=JT2024:50000``, ``available=JT2024:70000``;
    goods in store with their quantity: ``store:CEMENT/10.5=SN2024:4200``; the village's own money:
    ``own_bank:B00=CJ2024:80000`` in project P000. What has been spent, advanced and stocked of the budget follows
    from the money by the mirror rule, what was allotted from the rest, and the village's own money from its cash;
    the other money has to add up. That an account opens once is a rule of the ledger.

    Raises:
        OpeningEmpty: no line at all.
        OpeningUnreadable: a line that is not of that form.
        OpeningUnbalanced: a channel whose money does not add up, with the difference.
        ContractOfOther: a contract of another project.
        BankKindUnfit: a project's money in the village's own account, or the other way round.
    """
    if not ask.lines:
        raise OpeningEmpty(project=ask.project)
    base = state.place(ask.project)
    opened = [_opened(state, base, typed) for typed in ask.lines]
    derived = [*_budget(state, base, opened), *_own(state, base, opened)]
    stored = [(each.channel, each.place.good_commodity) for each in opened if each.quantity]
    running = any(each.role.name in OPENS for each in opened)
    return proposal(
        ask,
        OPENING,
        base,
        [posting for each in opened for posting in _postings(state, each)] + [line for line in derived if line.amount],
        narration=say("opening", date=ask.date),
        # Who has a running contract is paid under this name.
        party=say("party.contractor" if running else "party.village"),
        facts={"opening": "yes"} | opened_lots(state, ask.project, stored),
    )


def _postings(state: State, opened: Opened) -> list[Line]:
    """Return the posting of a line; goods also by quantity, behind their value, as `lots` reads them."""
    if not opened.quantity:
        return [opened.line]
    good = opened.place.good_commodity
    against = Line(state.chart.account("quantity", opened.place), good, -opened.quantity)
    return [opened.line, Line(opened.line.account, good, opened.quantity), against]


def _budget(state: State, base: Place, opened: Iterable[Opened]) -> list[Line]:
    """Return what was spent, advanced and stocked of the budget, each on its own account, and what was allotted."""
    follows: dict[tuple[str, str], Line] = {}
    whole: dict[str, int] = defaultdict(int)
    for each in opened:
        if each.role.holds == "budget":
            whole[each.channel] += each.line.amount
        elif each.role.mirror:
            whole[each.channel] += each.line.amount
            account = state.chart.account(DERIVED.get(each.role.name, each.role.mirror), each.place)
            commodity = each.channel + chart.BUDGET_SUFFIX
            so_far = follows.get((account.name, commodity))
            fen = each.line.amount + (so_far.amount if so_far else 0)
            follows[account.name, commodity] = Line(account, commodity, fen)
    allotted = state.chart.account("allotted", base)
    return [
        *follows.values(),
        *(Line(allotted, channel + chart.BUDGET_SUFFIX, -fen) for channel, fen in whole.items()),
    ]


def _own(state: State, base: Place, opened: Iterable[Opened]) -> list[Line]:
    """Return the village's own accumulated funds, or refuse money of another channel that does not add up."""
    sums: dict[str, int] = defaultdict(int)
    for each in opened:
        if each.role.holds == "money":
            sums[each.channel] += each.line.amount
    for channel, off in sums.items():
        if off and state.source(channel) != "collective":
            raise OpeningUnbalanced(channel=state.label(channel), off=off)
    return [Line(state.chart.account("undistributed", base), channel, -off) for channel, off in sums.items()]


def _opened(state: State, base: Place, typed: str) -> Opened:
    plain = typed.replace("＝", "=").replace("：", ":").replace("／", "/")
    where, equals, what = plain.partition("=")
    role_name, _, detail = where.strip().partition(":")
    channel, colon, amount = what.partition(":")
    role = state.chart.roles.get(role_name)
    opens = [name for name, each in state.chart.roles.items() if each.holds != "quantity" and name not in FOLLOWS]
    if not equals or not colon or role is None or role_name not in opens:
        raise OpeningUnreadable(text=typed, roles=Names(opens))
    channel = code(channel.strip(), "channel")
    place, quantity = base, 0
    if "{bank}" in role.detail:
        place = _at_bank(state, base, role, typed, detail.strip())
    if "{contract}" in role.detail:
        place = _of_contract(base, detail.strip())
    if "{good}" in role.detail:
        good, slash, counted = detail.partition("/")
        place, _, quantity = store(state, base.project, good.strip(), counted if slash else "1")
        need_source(state, channel, "goods", *(each for each in state.chart.funds if each not in NO_GOODS))
        if not slash:
            raise OpeningUnreadable(about="store", text=typed)
    state.source(channel)
    commodity = channel + chart.BUDGET_SUFFIX if role.holds == "budget" else channel
    fen = role.normal * money.parse(amount)
    return Opened(Line(state.chart.account(role, place), commodity, fen), place, quantity)


def _at_bank(state: State, base: Place, role: Role, typed: str, bank: str) -> Place:
    if bank not in state.banks:
        raise OpeningUnreadable(text=typed, roles=Names(state.banks))
    found = state.banks[bank]
    if found.kind != KINDS[role.name]:
        raise BankKindUnfit(about=KINDS[role.name], bank=bank, name=found.name)
    return replace(base, bank=found.component, own_bank=found.component)


def _of_contract(base: Place, contract: str) -> Place:
    contract = code(contract, "contract")
    if contract.partition("C")[0] != base.project:
        raise ContractOfOther(about="opening", contract=contract, project=f"{base.project} {base.title}")
    return replace(base, contract=contract)

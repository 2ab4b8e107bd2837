"""Pre-financing: a channel pays for another that has not come yet; it stays a finding until it is repaid."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.balances import State
from ledger.chart import Line
from ledger.errors import Names
from ledger.proposals import Proposal
from ledger.rules import need_in_budget
from projects.contracts import need_contract, need_of_contract
from projects.errors import NothingLeft, OverOwed, PrefinancingUnknown, SameChannel, SourceUnfit
from projects.events.entries import Say, bank_for, entry, of_source, only_channel, proposal, stated
from projects.events.requests import Prefinance, Repay
from projects.history import standing
from projects.limits import need_progress


@dataclass(frozen=True)
class Open:
    """What one channel still owes another in a project, in fen; `bank` is the account that the money came from."""

    project: str
    borrower: str
    lender: str
    bank: str
    amount: int
    vouchers: tuple[str, ...]


def prefinance(state: State, ask: Prefinance, say: Say) -> Proposal:
    """垫付: the lender's cash pays what the borrower owes; no channel changes, and both know of it.

    The lender is the village's own money if nothing else is said, from the village's own account; an account that is
    named may be the dedicated one. Without an amount all that the borrower owes is paid.

    Raises:
        ChannelAmbiguous: which channel borrows or lends is not said and not plain.
        SameChannel, SourceUnfit: a channel does not lend to itself; goods and labour lend nothing.
        OverOwed, NothingLeft: more than the borrower owes, or it owes nothing.
        ChannelNotInBudget: the lender is not the project's.
        ProgressOverShare: more than the policy lets of what is certified, before acceptance.
        BelowFloor: the lender lacks the cash.
    """
    contract, place = need_contract(state, ask.contract)
    owing = [channel for channel in contract.channels if state.left("payable", place, channel)]
    borrower = only_channel(state, contract.project, ask.borrower, owing)
    lender = only_channel(state, contract.project, ask.lender, of_source(state, contract.project, "collective"))
    need_of_contract(state, contract, [borrower])
    need_in_budget(state, contract.project, lender)
    if lender == borrower:
        raise SameChannel(channel=state.label(lender))
    if state.source(lender) in {"in_kind", "labour"}:
        raise SourceUnfit(about="pays", channel=state.label(lender), source=state.source(lender), fit="")
    owed = state.left("payable", place, borrower)
    amount = owed if ask.amount is None else ask.amount
    if amount == 0:
        raise NothingLeft(about="pay", contract=ask.contract)
    if amount > owed:
        facts = {"contract": ask.contract, "owed": owed, "amount": amount, "over": amount - owed}
        raise OverOwed(about="taken", channel=state.label(borrower), **facts)
    need_progress(state, contract, place, amount, ask.date)
    own = _from_own(state, lender, ask.bank)
    bank = bank_for(state, lender, ask.bank, kind="own" if own else "dedicated")
    place = replace(place, bank=bank, own_bank=bank)
    figures = {"amount": amount}
    names = {"one": state.channels[lender][0], "other": state.channels[borrower][0]}
    return proposal(
        ask,
        "prefinancing",
        place,
        entry(state, f"prefinancing_lender{'_own' if own else ''}", place, {lender: figures})
        + entry(state, "prefinancing_borrower", place, {borrower: figures}),
        narration=say("prefinancing", **names),
        party=contract.payee,
        facts=stated(document_number=ask.number, borrower=borrower, lender=lender, bank=bank.partition("-")[0]),
    )


def repay(state: State, ask: Repay, say: Say) -> Proposal:
    """归还垫付: the borrower's cash goes back to the account that the lender paid from; without an amount all of it.

    Raises:
        PrefinancingUnknown: nothing is open, several are and none is named, or less is open.
        BelowFloor: the borrower lacks the cash.
    """
    project = state.label_project(ask.project)
    found = [
        each
        for each in open_prefinancing(state, ask.project)
        if ask.borrower in {None, each.borrower} and ask.lender in {None, each.lender}
    ]
    choices = Names(f"{each.lender} → {each.borrower}" for each in found)
    if len(found) != 1:
        about = "several" if found else "none"
        raise PrefinancingUnknown(about=about, project=project, choices=choices, left=0, amount=0, over=0)
    debt = found[0]
    amount = debt.amount if ask.amount is None else ask.amount
    if amount > debt.amount:
        left = {"left": debt.amount, "amount": amount, "over": amount - debt.amount}
        raise PrefinancingUnknown(about="over", project=project, choices=choices, **left)
    place = state.place(ask.project, bank=bank_for(state, debt.borrower, None))
    back = state.banks[debt.bank]
    own = back.kind == "own"
    lender = replace(place, bank=back.component, own_bank=back.component)
    lines: list[Line] = entry(state, "repayment_borrower", place, {debt.borrower: {"amount": amount}})
    lines += entry(state, f"repayment_lender{'_own' if own else ''}", lender, {debt.lender: {"amount": amount}})
    names = {"one": state.channels[debt.lender][0], "other": state.channels[debt.borrower][0]}
    return proposal(
        ask,
        "repayment",
        place,
        lines,
        narration=say("repayment", **names),
        party=state.channels[debt.lender][0],
        facts=stated(borrower=debt.borrower, lender=debt.lender, bank=debt.bank),
    )


def open_prefinancing(state: State, project: str = "") -> list[Open]:
    """Return what channels still owe each other, by project; each is a finding until it is repaid."""
    found: dict[tuple[str, str, str, str], tuple[int, tuple[str, ...]]] = {}
    for each in standing(state, "prefinancing", "repayment", project=project):
        key = (each.project, each.facts["borrower"], each.facts["lender"], each.facts["bank"])
        amount, vouchers = found.get(key, (0, ()))
        moved = each.parts("borrowed").get(each.facts["borrower"], 0)
        found[key] = (amount + moved, (*vouchers, each.label) if moved > 0 else vouchers)
    return [Open(*key, amount, vouchers) for key, (amount, vouchers) in found.items() if amount]


def _from_own(state: State, lender: str, bank: str | None) -> bool:
    """Tell whether the village's own account lends: it is named, or own money lends and nothing is named."""
    if bank is not None and bank in state.banks:
        return state.banks[bank].kind == "own"
    return state.source(lender) == "collective"

"""Whom a voucher pays: a payee of the register, into the account that was approved, as the voucher's own facts say.

An event works out its money and knows nothing of this; the desk addresses the proposal that comes of it, and holds it
against the register once more when it is sealed, because an account can change in between.
"""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection, text

from ledger.balances import State
from ledger.proposals import Proposal
from projects import payees
from projects.errors import (
    AccountChanged,
    AccountMissing,
    AccountUnapproved,
    FactsContradict,
    PayeeNeeded,
    PayeeOther,
    WinnerOther,
)
from projects.events.requests import Addressed
from projects.history import standing
from projects.payees import Account, Payee
from projects.policy import policy_at
from projects.policy.model import binding_verbs
from projects.request import Request

CODE, ACCOUNT, FACT = "payee-code", "payee-account", "account-fact"
"""The facts of a voucher that say whom it pays: the payee, the masked account, and the fact that says so."""
MONEY = ("bank", "own_bank", "deposit_bank", "cash")
"""Roles of what a payment goes out of."""
DIRECT = ("direct_payment", "direct_advance")
"""Events in which somebody else's account pays."""


def address(state: State, ask: Request, proposal: Proposal) -> Proposal:
    """Return the proposal with its payee: the one named, or the contract's.

    A payment says into which account; a contract only with whom it is made. Whoever is paid without the register is
    a text, as far as the policy lets.

    Raises:
        PayeeUnknown, AccountMissing, AccountUnapproved: there is no such payee, or nowhere to pay it.
        PayeeOther: the contract is with another payee.
        WinnerOther: somebody else won the contract that is made.
        PayeeNeeded: the policy asks for a payee of the register.
        FactsContradict: a party is named beside the payee.
    """
    if not isinstance(ask, Addressed):
        return proposal
    code, amount = ask.payee or "", paid_out(proposal)
    agreed = _agreed(state, proposal)
    if agreed and code and code != agreed:
        raise PayeeOther(contract=proposal.contract, payee=agreed, other=code)
    code = code or agreed
    if not code:
        _need_free(state, ask, amount)
        return proposal
    if ask.payee and (ask.party or ask.person):
        raise FactsContradict(one="party" if ask.party else "person", other="payee")
    if ask.party:
        raise PayeeOther(about="party", contract=proposal.contract, payee=agreed, other=ask.party)
    payee = payees.need_payee(state.connection, code)
    won = proposal.facts.get("procurement", "")
    if won and payee.name != proposal.payee:
        raise WinnerOther(contract=proposal.contract, fact=won, winner=proposal.payee)
    said = {CODE: code}
    if amount and not getattr(ask, "cash", False):
        account = need_account(state.connection, payee)
        said |= {ACCOUNT: account.masked, FACT: account.fact.label}
    return replace(proposal, payee=payee.name, facts={**proposal.facts, **said}, private={})


def need_addressed(state: State, proposal: Proposal) -> None:
    """Make sure at the seal that the payee is still registered, and its account is the one that was drafted.

    Raises:
        PayeeUnknown, AccountMissing, AccountUnapproved: as at the draft.
        AccountChanged: another account was approved since.
    """
    code = proposal.facts.get(CODE)
    if code is None or proposal.reverses is not None:
        return
    payee = payees.need_payee(state.connection, code)
    drafted = proposal.facts.get(FACT)
    if drafted is not None:
        account = need_account(state.connection, payee)
        if account.fact.label != drafted:
            facts = {"drafted": proposal.facts[ACCOUNT], "fact": drafted, "account": account.masked}
            raise AccountChanged(code=code, name=payee.name, now=account.fact.label, **facts)


def need_account(connection: Connection, payee: Payee) -> Account:
    """Return the account into which a payee is paid.

    Raises:
        AccountMissing: there is none, or it was erased.
        AccountUnapproved: nobody else has approved it.
    """
    account = payee.account
    if account is None or payees.is_erased(connection, account):
        raise AccountMissing(about="erased" if account else "", code=payee.code, name=payee.name)
    if account.approval is None:
        facts = {"account": account.masked, "by": account.fact.by, "fact": account.fact.label}
        raise AccountUnapproved(code=payee.code, name=payee.name, **facts)
    return account


def paid_out(proposal: Proposal) -> int:
    """Return the fen that a voucher pays: out of accounts and cash, or what somebody else pays for the project."""
    if proposal.event in DIRECT:
        return sum(line.amount for line in proposal.lines if line.account.role.name in {"payable", "advance"})
    return -sum(line.amount for line in proposal.lines if line.account.role.name in MONEY and line.amount < 0)


def _agreed(state: State, proposal: Proposal) -> str:
    """Return the payee with whom the contracts of a voucher are made, or who repaired in the contractor's place.

    Raises:
        PayeeOther: a voucher that pays several contracts has several payees.
    """
    if proposal.event == "repair_paid":
        forfeited = standing(state, "retention_forfeited", contract=proposal.contract)
        return forfeited[-1].facts.get(CODE, "") if forfeited else ""
    if proposal.event in {"contract", "retention_forfeited"}:
        return ""
    named = sorted({line.account.contract for line in proposal.lines if line.account.contract} | {proposal.contract})
    codes = list(dict.fromkeys(_made_with(state, each) for each in named if each))
    if len(codes) > 1:
        raise PayeeOther(about="several", contract=" ".join(each for each in named if each), payee="", other="")
    return codes[0] if codes else ""


def _made_with(state: State, contract: str) -> str:
    """Return the payee with whom a contract is made, empty where it is a text."""
    waiting = [each for each in state.drafts if each["event"] == "contract" and each["contract"] == contract]
    if waiting:
        return str(waiting[-1]["facts"].get(CODE, ""))
    facts = state.connection.execute(_MADE, {"book": state.book.code, "code": contract}).scalar()
    return str(json.loads(facts).get(CODE, "")) if facts else ""


def _need_free(state: State, ask: Addressed, amount: int) -> None:
    least = policy_at(state.connection, ask.date).payee.registered
    if 0 < least.value <= amount and ask.verb in binding_verbs()["payee.registered"]:
        raise PayeeNeeded(amount=amount, least=least.shown, rule=least.rule)


_MADE = text(
    "SELECT v.facts FROM contract c JOIN voucher v ON v.book = c.book AND v.seq = c.seq "
    "WHERE c.book = :book AND c.code = :code "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = c.book AND r.reverses = c.seq) ORDER BY c.seq DESC"
)

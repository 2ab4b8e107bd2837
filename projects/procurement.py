"""Procurement: how the partner of a contract was found; a contract at a threshold of the policy needs the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from sqlalchemy import Connection

from ledger import facts, money, people
from ledger.balances import State
from ledger.errors import ChoiceUnknown, Names, Refusal
from ledger.facts import Fact, Paper
from ledger.register import need_book
from ledger.store.workspace import Unit
from ledger.text import code, parse_date, words
from projects.errors import ContractOfOther, ContractOverPrice, ContractUnprocured, WinnerOther
from projects.events.requests import MakeContract
from projects.names import masked
from projects.policy import Policy, policy_at
from projects.request import ContractCode, Day, Fen, Heads, Needed, Request, one_of

KIND = "procurement"
METHODS = (
    *("open-tender", "invited-tender", "negotiation", "consultation", "inquiry", "comparison", "single-source"),
    "exempt",
)
"""公开招标、邀请招标、竞争性谈判、竞争性磋商、询价、比选、单一来源；依法可以不招标的，凭文件."""
TENDERS = ("open-tender", "invited-tender", "exempt")
PUBLIC = ("open-tender", "exempt")


class Procure(Request):
    """采购记录: how the partner of a contract was found."""

    contract: ContractCode
    method: Annotated[str, one_of("procurement", *METHODS)]
    winner: Needed
    price: Fen
    number: Needed
    tenderers: Heads | None = None
    estimate: Fen | None = None
    start: Day | None = None
    finish: Day | None = None


SAID = ({*Procure.model_fields} - {*Request.model_fields} - {"contract"}) | {"note"}
"""What of the form is said in the fact as it was typed."""

STATE_MONEY = (
    *("central", "province", "city", "county", "department", "partner", "award", "interest_subsidy"),
    "unstated",
)
"""Sources that are the state's money; where nobody can say whose it is, it is judged as the state's."""


@dataclass(frozen=True)
class Record:
    """How a contract's partner was found: method, winner as the book shows it, price in fen."""

    label: str
    method: str
    winner: str
    price: int


def record(
    unit: Unit,
    book: str,
    contract: str,
    *,
    method: str,
    winner: str,
    price: str,
    number: str,
    on: date,
    by: str,
    person: bool = False,
    papers: Sequence[Paper] = (),
    tenderers: str = "",
    estimate: str = "",
    start: str = "",
    finish: str = "",
    note: str = "",
) -> Fact:
    """Keep how the partner of a contract was found; a person's name is kept apart and stands masked.

    Where it is known: how many took part, what it was estimated at, and from when to when the contract is to run.

    Raises:
        RoleMissing: who asks is no maker of the book.
        ContractOfOther: the contract's code begins with no project of the book.
        ChoiceUnknown: there is no such method.
        TextMissing: no winner, or no document number, is named.
    """
    people.need_role(unit.connection, by, "maker", book)
    facts.need_begun(on, book=book, started_on=need_book(unit.connection, book).started_on)
    project = code(contract, "contract").partition("C")[0]
    if project not in State(unit.connection, book, drafts=False).titles:
        raise ContractOfOther(contract=contract, project=project, book=book)
    if method not in METHODS:
        raise ChoiceUnknown(about="procurement", text=method, choices=Names(METHODS))
    name = words(winner, "winner")
    data: dict[str, Any] = {
        "method": method,
        "winner": masked(name) if person else name,
        "price": money.plain(money.parse(price)),
        "document-number": words(number, "number"),
    }
    if tenderers:
        data["tenderers"] = int(money.parse_quantity(tenderers, scale=0))
    if estimate:
        data["estimate"] = money.plain(money.parse(estimate))
    data |= {key: parse_date(day).isoformat() for key, day in (("start", start), ("finish", finish)) if day}
    if note:
        data["note"] = words(note, "note")
    private = {"full-name": name} if person else {}
    return facts.record(unit, book, KIND, contract, on=on, by=by, data=data, documents=papers, private=private)


def record_of(connection: Connection, book: str, contract: str, on: date) -> Record | None:
    """Return the last record of a contract's procurement that was made by a day."""
    every = [each for each in facts.about(connection, book, contract, on=on) if each.kind == KIND]
    if not every:
        return None
    found = every[-1]
    try:
        price = money.parse(str(found.data.get("price")))
    except Refusal:
        return None
    return Record(found.label, str(found.data.get("method")), str(found.data.get("winner")), price)


def need_procured(state: State, ask: MakeContract, project: str, total: int) -> Record | None:
    """Make sure that a contract was bought as the policy asks for, at the price and from the partner of its record.

    Raises:
        ContractUnprocured: it reaches a threshold, and there is no record, or one of a lesser method.
        ContractOverPrice, WinnerOther: it is not what the record says.
    """
    found = record_of(state.connection, state.book.code, ask.contract, ask.date)
    policy = policy_at(state.connection, ask.date)
    gates = policy.binding("contract")
    if "tender" in gates:
        _need_tender(state, ask, project, total, found, policy)
    if "procurement" in gates:
        _need_record(ask, total, found, policy)
    if found and total > found.price:
        raise ContractOverPrice(
            contract=ask.contract, fact=found.label, price=found.price, amount=total, over=total - found.price
        )
    if found and ask.party and found.winner != (masked(ask.party) if ask.person else ask.party):
        raise WinnerOther(contract=ask.contract, fact=found.label, winner=found.winner)
    return found


def _need_tender(
    state: State, ask: MakeContract, project: str, total: int, found: Record | None, policy: Policy
) -> None:
    """Judge by the thresholds of tenders: amount, the state's money in the project, its share of the investment."""
    least = getattr(policy.tender, ask.kind)
    if total < least.value or (found and found.method in TENDERS):
        return
    planned = {
        channel: max(fen, state.total("allotted", project, channel))
        for channel, fen in state.budget.get(project, {}).items()
    }
    whole = sum(planned.values())
    of_state = sum(fen for channel, fen in planned.items() if state.source(channel) in STATE_MONEY)
    if of_state >= policy.tender.state_money.value and of_state * 100 >= policy.tender.state_share.value * whole:
        raise ContractUnprocured(
            about="tender-method" if found else "tender",
            contract=ask.contract,
            amount=total,
            least=least.value,
            state=of_state,
            rule=least.rule,
            methods=Names(TENDERS),
        )


def _need_record(ask: MakeContract, total: int, found: Record | None, policy: Policy) -> None:
    """Judge by the limits of procurement: any record from the lower one on, an open tender from the upper one on."""
    least = getattr(policy.procurement, ask.kind)
    public = policy.procurement.public
    facts_of = {"contract": ask.contract, "amount": total, "state": 0}
    if total >= least.value and not found:
        methods = Names(METHODS)
        raise ContractUnprocured(about="", least=least.value, rule=least.rule, methods=methods, **facts_of)
    if total >= public.value and found and found.method not in PUBLIC:
        methods = Names(PUBLIC)
        raise ContractUnprocured(about="public", least=public.value, rule=public.rule, methods=methods, **facts_of)

"""Invoices: each is registered once for the whole office, and paid once, in parts up to its amount.

An invoice is a fact of the office; what is paid of it stands in the facts of the vouchers, so that a reversal frees it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from ledger import facts, log, money
from ledger.balances import State
from ledger.errors import FutureDated, Names
from ledger.facts import Fact, Paper
from ledger.proposals import Proposal
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import close_up
from projects import payees
from projects.addressing import CODE, paid_out
from projects.errors import (
    InvoiceNeeded,
    InvoiceOfOther,
    InvoiceOverpaid,
    InvoicePartsDiffer,
    InvoiceThere,
    InvoiceUndocumented,
    InvoiceUnfit,
    InvoiceUnknown,
)
from projects.events.direct import BOUNCES
from projects.events.requests import Invoiced
from projects.policy import policy_at
from projects.policy.model import binding_verbs
from projects.request import Request

KIND = "invoice"
"""The kind of a fact that registers an invoice; its subject is code and number."""
FACT = "invoices"
"""The fact of a voucher that says which invoices it pays, each with its part: ``24532000000012345678=1000.00 …``."""
ALONE, NUMBER = 20, 8
"""Digits of a fully digital invoice (数电票), which has no code; of the number of one that has."""


@dataclass(frozen=True)
class Invoice:
    """An invoice, as its fact says; `amount` is fen."""

    id: str
    seller: str
    amount: int
    fact: Fact


@dataclass(frozen=True)
class Use:
    """What a voucher that stands pays of an invoice, in fen: sealed (``V2024-05-0001``) or waiting (``D3``)."""

    book: str
    label: str
    amount: int

    def __str__(self) -> str:
        """Return how people find it."""
        return f"{self.label}@{self.book}"


def add_invoice(
    unit: Unit, number: str, *, seller: str, amount: str, on: date, by: str, papers: Sequence[Paper]
) -> Fact:
    """Register an invoice with its paper.

    Raises:
        InvoiceUnfit: a number that no invoice has.
        InvoiceThere: it is registered; the message names what paid it.
        InvoiceUndocumented: its paper is not there.
        PayeeUnknown: its seller is not registered.
        FutureDated: it is of a day to come.
        RoleMissing: `by` makes vouchers in no book.
    """
    payees.need_maker(unit.connection, by)
    named = read_id(number)
    there = invoice_of(unit.connection, named)
    if there:
        used = Names(str(each) for each in uses(unit.connection, named)) or "—"
        raise InvoiceThere(invoice=named, seller=there.seller, fact=there.fact.label, by=there.fact.by, vouchers=used)
    if not papers:
        raise InvoiceUndocumented(invoice=named)
    payees.need_payee(unit.connection, seller)
    data = {"seller": seller, "amount": money.plain(money.parse(amount))}
    if on > unit.now.date():
        raise FutureDated(about="fact", date=on, today=unit.now.date(), last="", book=log.OFFICE)
    return facts.record(unit, log.OFFICE, KIND, named, on=on, by=by, data=data, documents=papers)


def invoice_of(connection: Connection, named: str) -> Invoice | None:
    """Return an invoice that counts, None where there is none."""
    found = [fact for fact, counts in facts.history(connection, log.OFFICE, named) if fact.kind == KIND and counts]
    return _invoice(found[-1]) if found else None


def need_invoice(connection: Connection, named: str) -> Invoice:
    """Return an invoice.

    Raises:
        InvoiceUnknown: it is not registered, or was taken back.
    """
    invoice = invoice_of(connection, named)
    if invoice is None:
        raise InvoiceUnknown(invoice=named)
    return invoice


def list_invoices(connection: Connection) -> list[Invoice]:
    """Return the invoices by the order in which they were registered."""
    found = (_invoice(each) for each in facts.facts(connection, log.OFFICE, KIND))
    return [each for each in found if each]


def read_id(text: str) -> str:
    """Return how an invoice is named: twenty digits, or code and number with a hyphen between.

    Raises:
        InvoiceUnfit: neither.
    """
    code, _, number = text.strip().replace("－", "-").rpartition("-")
    code, number = close_up(code), close_up(number)
    if not re.fullmatch(r"([0-9]{10}|[0-9]{12})?", code, re.ASCII) or not number.isascii() or not number.isdecimal():
        raise InvoiceUnfit(text=text)
    if len(number) != (NUMBER if code else ALONE):
        raise InvoiceUnfit(about="number" if code else "digital", text=text, count=len(number))
    return f"{code}-{number}" if code else number


def uses(connection: Connection, named: str, *, state: State | None = None) -> list[Use]:
    """Return what is paid of an invoice by every book; with a state that counts drafts, the waiting ones of its book.

    What bounced was not paid, and a voucher that was reversed paid nothing.
    """
    undone = {(state.book.code, each["reverses"]) for each in state.drafts} if state else set()
    paid = _paid(row for row in _rows(connection, named) if row[:2] not in undone)
    for each in state.drafts if state else []:
        if state and FACT in each["facts"]:
            paid[state.book.code, f"D{each['id']}"] = _parts(each["facts"][FACT])
    return _by_invoice(paid).get(named, [])


def all_uses(connection: Connection, named: Iterable[str]) -> dict[str, list[Use]]:
    """Return what is paid of many invoices; a file is looked through once."""
    if connection.dialect.name == "postgresql":
        return {each: uses(connection, each) for each in named}
    found = _by_invoice(_paid(sql.rows(connection, _PAID, {"words": '"invoices":'})))
    return {each: found.get(each, []) for each in named}


def _paid(rows: Iterable[sql.Row]) -> dict[tuple[str, str], dict[str, int]]:
    """Return by book and voucher what each paid of its invoices, less what bounced."""
    parts: dict[tuple[str, str], dict[str, int]] = {}
    back: dict[tuple[str, str], int] = {}
    for book, _, number, told, bounced in sorted(rows, key=lambda row: (row[0], row[1])):
        at = (book, f"V{number}")
        parts[at] = _parts(told or "")  # a voucher whose words look like an invoice pays none
        back[at] = back.get(at, 0) + (money.parse(bounced) if bounced else 0)
    return {at: _without(each, back[at]) for at, each in parts.items()}


def _by_invoice(paid: Mapping[tuple[str, str], Mapping[str, int]]) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for (book, label), parts in paid.items():
        for named, fen in parts.items():
            if fen:
                found.setdefault(named, []).append(Use(book, label, fen))
    return found


def plain(found: Invoice, used: Sequence[Use]) -> dict[str, Any]:
    """Return an invoice as JSON shows it, with what was paid of it and by which vouchers."""
    paid = sum(each.amount for each in used)
    return {
        "invoice": found.id,
        "date": found.fact.on,
        "seller": found.seller,
        "amount": found.amount,
        "paid": paid,
        "invoice-left": found.amount - paid,
        "vouchers": [str(each) for each in used],
        "by": found.fact.by,
    }


def bill(state: State, ask: Request, proposal: Proposal) -> Proposal:
    """Return the proposal with the invoices that it pays, each with its part of the money.

    An invoice without an amount takes what is left of the payment, and of itself; the parts add up to the payment.

    Raises:
        InvoiceUnknown, InvoiceOfOther: it is not registered, or somebody else's.
        InvoiceOverpaid: more than it says would be paid; the message names the vouchers that paid it.
        InvoicePartsDiffer: the parts are more or less than the payment.
        InvoiceNeeded: the policy asks for one.
    """
    if not isinstance(ask, Invoiced):
        return proposal
    paid = paid_out(proposal)
    if not ask.invoices:
        least = policy_at(state.connection, ask.date).invoice.needed
        if 0 < least.value <= paid and ask.verb in binding_verbs()["invoice.needed"]:
            raise InvoiceNeeded(amount=paid, least=least.shown, rule=least.rule)
        return proposal
    parts: dict[str, int] = {}
    for text, asked in ask.invoices.items():
        named = read_id(text)
        invoice = need_invoice(state.connection, named)
        _need_seller(invoice, proposal)
        used = uses(state.connection, named, state=state)
        rest, left = paid - sum(parts.values()), invoice.amount - sum(each.amount for each in used)
        last = len(parts) == len(ask.invoices) - 1
        part = asked if asked is not None else rest if last else min(rest, left)
        _need_unpaid(invoice, used, part)
        parts[named] = part
    if sum(parts.values()) != paid or not all(parts.values()):
        raise InvoicePartsDiffer(parts=sum(parts.values()), amount=paid)
    said = " ".join(f"{named}={money.plain(fen)}" for named, fen in parts.items())
    return replace(proposal, facts={**proposal.facts, FACT: said})


def need_billed(unit: Unit, state: State, proposal: Proposal) -> None:
    """Make sure at the seal that the invoices of a voucher are still registered and have so much left, in any book.

    Raises:
        InvoiceUnknown, InvoiceOfOther, InvoiceOverpaid: as at the draft.
    """
    if proposal.reverses is not None:
        _need_room_again(unit, state, proposal)
        return
    parts = _parts(proposal.facts.get(FACT, ""))
    if parts:
        # Books seal beside each other in a database: whoever pays an invoice waits for who pays one in another book.
        unit.hold_office_log()
    for named, part in parts.items():
        invoice = need_invoice(state.connection, named)
        _need_seller(invoice, proposal)
        _need_unpaid(invoice, uses(state.connection, named), part)


def _need_room_again(unit: Unit, state: State, undone: Proposal) -> None:
    """A bounce that is reversed pays its invoices again: they may have been paid otherwise meanwhile."""
    where = {"book": state.book.code, "seq": undone.reverses}
    row = sql.first(state.connection, "SELECT event, facts FROM voucher WHERE book = :book AND seq = :seq", where)
    if row is None or row[0] not in BOUNCED:
        return
    original, bounced = json.loads(row[1])["original"], money.parse(json.loads(row[1])["bounced"])
    where = {"book": state.book.code, "number": original.removeprefix("V")}
    told = sql.first(state.connection, "SELECT facts FROM voucher WHERE book = :book AND number = :number", where)
    parts = _parts(json.loads(told[0]).get(FACT, "")) if told else {}
    if parts:
        unit.hold_office_log()
    for named in parts:
        invoice = invoice_of(state.connection, named)
        if invoice:
            _need_unpaid(invoice, uses(state.connection, named), min(bounced, parts[named]))


def _need_seller(invoice: Invoice, proposal: Proposal) -> None:
    payee = proposal.facts.get(CODE, "")
    if payee != invoice.seller:
        facts = {"invoice": invoice.id, "seller": invoice.seller, "name": proposal.payee}
        raise InvoiceOfOther(about="" if payee else "text", payee=payee, **facts)


def _need_unpaid(invoice: Invoice, used: Sequence[Use], part: int) -> None:
    paid = sum(each.amount for each in used)
    left = invoice.amount - paid
    if part > left:
        figures = {"worth": invoice.amount, "paid": paid, "left": left, "amount": part, "over": part - left}
        vouchers = Names(str(each) for each in used) or "—"
        raise InvoiceOverpaid(about="" if used else "unused", invoice=invoice.id, vouchers=vouchers, **figures)


def _invoice(fact: Fact) -> Invoice | None:
    seller, amount = fact.data.get("seller"), fact.data.get("amount")
    if not isinstance(seller, str) or not isinstance(amount, str):
        return None
    return Invoice(fact.subject, seller, money.parse(amount), fact)


def _parts(told: str) -> dict[str, int]:
    found = (each.partition("=") for each in told.split())
    return {named: money.parse(amount) for named, _, amount in found}


def _without(parts: Mapping[str, int], bounced: int) -> dict[str, int]:
    """Return what is left of the parts of a payment when so much of it came back: the last invoice is freed first."""
    left = dict(parts)
    for named in reversed(list(parts)):
        freed = min(bounced, left[named])
        left[named], bounced = left[named] - freed, bounced - freed
    return left


def _rows(connection: Connection, named: str) -> list[sql.Row]:
    """Return book, place, number, parts and what bounced of every voucher that pays an invoice, whoever asks."""
    if connection.dialect.name == "postgresql":
        return sql.rows(connection, "SELECT * FROM earmark_invoiced(:named)", {"named": named})
    return sql.rows(connection, _PAID, {"words": f"{named}="})


BOUNCED = tuple(event for _, event in BOUNCES.values())
_PAID = (
    "SELECT v.book, v.seq, v.number, json_extract(v.facts, '$.invoices'), json_extract(b.facts, '$.bounced') "
    "FROM voucher v LEFT JOIN voucher b ON b.book = v.book AND b.seq > v.seq "
    "AND b.event IN ('bounced_disbursement', 'bounced_wages', 'bounced_retention', 'bounced_repair') "
    """AND b.facts LIKE '%"original":"V' || v.number || '"%' """
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = b.book AND r.reverses = b.seq) "
    "WHERE instr(v.facts, :words) AND v.reverses IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)"
)
"""It is not put in order here: the file would be read along an index, several times as slowly."""

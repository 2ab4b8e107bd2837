"""Vouchers before the seal: drafts that are made, edited and dropped, and reversals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger import chart, people, register
from ledger.balances import State
from ledger.chart import Account, Line
from ledger.errors import (
    AlreadyReversed,
    BelowFloor,
    DraftNotYours,
    DraftUnknown,
    LeansOn,
    Names,
    ReversalOfReversal,
    RoleMissing,
    VoucherUnknown,
)
from ledger.proposals import REVERSAL, Draft, Proposal, Split
from ledger.rules import check, check_with_drafts
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import words
from ledger.waiting import Waiting, keep, one, waiting


def draft(unit: Unit, state: State, proposal: Proposal, *, maker: str, verb: str, request: Mapping[str, Any]) -> Draft:
    """Keep a proposal as a draft, after the same checks that the seal will make again.

    Raises:
        RoleMissing: `maker` may not make vouchers of this book.
        HeldByDrafts: it would fit what is sealed, but drafts that wait have taken it.
        Refusal: whatever `check` refuses.
    """
    people.need_role(unit.connection, maker, "maker", state.book.code)
    check_with_drafts(unit.connection, state, proposal, today=unit.now.date())
    last = sql.first(unit.connection, "SELECT id FROM work_draft_number WHERE book = :book", {"book": state.book.code})
    number = int(last[0]) + 1 if last else 1
    sql.run(unit.connection, _NUMBERED, {"book": state.book.code, "id": number})
    made_at = unit.now.isoformat(timespec="seconds")
    made = Draft(state.book.code, number, verb, request, proposal, maker, made_at)
    _write(unit, state, made)
    return made


def redraft(unit: Unit, old: Draft, state: State, proposal: Proposal, *, request: Mapping[str, Any]) -> Draft:
    """Put a new proposal in the place of a draft's old one; `state` must not count the old one.

    Raises:
        Refusal: whatever `draft` refuses; the old draft then stays.
    """
    check_with_drafts(unit.connection, state, proposal, today=unit.now.date())
    made = replace(old, proposal=proposal, request=request, made_at=unit.now.isoformat(timespec="seconds"))
    where = {"book": old.book, "id": old.id}
    sql.run(unit.connection, "DELETE FROM work_draft WHERE book = :book AND id = :id", where)
    _write(unit, state, made)
    return made


def drop(unit: Unit, book: str, label: str, *, user: str) -> str:
    """Throw a draft away, damaged or not, and return its label: its maker may, and an approver of the book.

    Raises:
        DraftUnknown: there is none.
        DraftNotYours: somebody else asks.
    """
    where = {"book": book, "id": _number(label)}
    row = sql.first(unit.connection, "SELECT maker FROM work_draft WHERE book = :book AND id = :id", where)
    if row is None:
        raise DraftUnknown(draft=label, book=book)
    if user != row[0]:
        try:
            people.need_role(unit.connection, user, "approver", book)
        except RoleMissing:
            raise DraftNotYours(draft=f"D{where['id']}", user=user, maker=row[0]) from None
    sql.run(unit.connection, "DELETE FROM work_draft WHERE book = :book AND id = :id", where)
    return f"D{where['id']}"


def drafts(connection: Connection, book: str) -> list[Draft]:
    """Return the drafts of a book that wait for their approver, oldest date first.

    Raises:
        DraftDamaged: one is not what its maker wrote.
    """
    accounts = _Accounts(chart.load())
    found = (_draft(each, accounts) for each in waiting(connection, book))
    return sorted(found, key=lambda each: (each.proposal.date, each.id))


def need_draft(connection: Connection, book: str, label: str) -> Draft:
    """Return a draft by its label.

    Raises:
        DraftUnknown: there is none (it may have been sealed or dropped).
        DraftDamaged: it is not what its maker wrote.
    """
    found = one(connection, book, _number(label))
    if found is None:
        raise DraftUnknown(draft=label, book=book)
    return _draft(found, _Accounts(chart.load()))


def _number(label: str) -> int:
    """Return the number in a draft's label, 0 if it is none."""
    found = re.fullmatch(r"[Dd]([1-9][0-9]{0,17})", label, re.ASCII)
    return int(found[1]) if found else 0


def reverse(state: State, number: str, *, on: date, reason: str, narration: str, today: date) -> Proposal:
    """Return the exact negation of a sealed voucher, money, budget and quantity, under a narration.

    Raises:
        VoucherUnknown: there is no such voucher.
        ReversalOfReversal, AlreadyReversed: it is done once, and never to a reversal.
        LeansOn: later vouchers have used what it brought; they are named.
    """
    number = number.upper().removeprefix("V")
    voucher = sql.first(state.connection, _VOUCHER, {"book": state.book.code, "number": number})
    if voucher is None:
        raise VoucherUnknown(number=number, book=state.book.code)
    seq, reverses, project, contract, payee, facts = voucher
    if reverses is not None:
        raise ReversalOfReversal(number=number)
    by = sql.first(state.connection, _REVERSED_BY, {"book": state.book.code, "seq": seq})
    drafted = [str(each["id"]) for each in state.drafts if each["reverses"] == seq]
    if by or drafted:
        raise AlreadyReversed(number=number, by=f"V{by[0]}" if by else f"D{drafted[0]}")
    accounts = _Accounts(state.chart)
    lines = tuple(
        Line(accounts.known(name, told), commodity, -amount)
        for name, commodity, amount, *told in sql.rows(
            state.connection, _POSTINGS, {"book": state.book.code, "seq": seq}
        )
    )
    proposal = Proposal(
        event=REVERSAL,
        date=on,
        project=project,
        contract=contract,
        payee=payee,
        narration=words(narration, "reason"),
        facts={"reverses": f"V{number}", "reason": words(reason, "reason")} | _undone(json.loads(facts)),
        reverses=seq,
        lines=lines,
    )
    try:
        check(state, proposal, today=today)
    except BelowFloor as refusal:
        leaning = _leaning(state, seq, str(refusal.facts["account"]), str(refusal.facts["commodity"]))
        raise LeansOn(**refusal.facts | {"number": number, "vouchers": Names(leaning) or "—"}) from None
    return proposal


def _undone(facts: Mapping[str, str]) -> dict[str, str]:
    """Return what a reversal says of the facts that it takes back: the lot it moves, the milestone it undoes."""
    undone = {"lot": facts["lot"]} if "lot" in facts else {}
    return undone | ({"milestone": f"{facts['milestone']} reversed"} if "milestone" in facts else {})


def _leaning(state: State, seq: int, account: str, commodity: str) -> list[str]:
    """Return the later vouchers, not reversed themselves, that drew on an account."""
    query = text(
        "SELECT v.number, sum(p.amount) * a.normal AS moved FROM voucher v "
        "JOIN posting p ON p.book = v.book AND p.seq = v.seq "
        "JOIN account a ON a.book = p.book AND a.name = p.account "
        "WHERE v.book = :book AND v.seq > :seq AND p.account = :account AND p.commodity = :commodity "
        "AND v.reverses IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) "
        "GROUP BY v.number, v.seq, a.normal ORDER BY v.seq"
    )
    where = {"book": state.book.code, "seq": seq, "account": account, "commodity": commodity}
    found = [f"V{row.number}" for row in state.connection.execute(query, where) if row.moved < 0]
    normal = state.connection.execute(
        text("SELECT normal FROM account WHERE book = :book AND name = :account"), where
    ).scalar_one()
    drafted = [
        f"D{each['id']}"
        for each in state.drafts
        if any((name, held) == (account, commodity) and normal * moved < 0 for name, held, moved in each["lines"])
    ]
    return found + drafted


# Drafts as rows.

_NUMBERED = (
    "INSERT INTO work_draft_number (book, id) VALUES (:book, :id) ON CONFLICT (book) DO UPDATE SET id = excluded.id"
)
_VOUCHER = "SELECT seq, reverses, project, contract, payee, facts FROM voucher WHERE book = :book AND number = :number"
_REVERSED_BY = "SELECT number FROM voucher WHERE book = :book AND reverses = :seq"
_POSTINGS = (
    "SELECT p.account AS name, p.commodity, p.amount, a.role, a.project, a.contract, a.bank FROM posting p "
    "JOIN account a ON a.book = p.book AND a.name = p.account WHERE p.book = :book AND p.seq = :seq ORDER BY p.line"
)


def _draft(row: Waiting, accounts: _Accounts) -> Draft:
    made = _proposal(row.proposal, accounts)
    return Draft(row.book, row.id, row.verb, row.request, made, row.maker, row.made_at)


class _Accounts:
    """Account objects made again from rows."""

    def __init__(self, of: chart.Chart) -> None:
        self._chart = of

    def known(self, name: str, facts: list[str]) -> Account:
        role, project, contract, bank = facts
        return Account(name, self._chart.roles[role], project, contract, bank)


def _write(unit: Unit, state: State, made: Draft) -> None:
    register.keep_roles(unit, state.chart, {line.account.role.name for line in made.proposal.lines})
    facts = told(made.proposal)
    keep(unit.connection, Waiting(made.book, made.id, made.verb, made.request, facts, made.maker, made.made_at))


def told(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as a draft's row tells it."""
    return {
        "event": proposal.event,
        "date": proposal.date.isoformat(),
        "project": proposal.project,
        "contract": proposal.contract,
        "payee": proposal.payee,
        "narration": proposal.narration,
        "facts": dict(proposal.facts),
        "private": dict(proposal.private),
        "documents": [list(each) for each in proposal.documents],
        "reverses": proposal.reverses,
        "lines": [[line.account.name, line.commodity, line.amount] for line in proposal.lines],
        "accounts": {
            line.account.name: [
                line.account.role.name,
                line.account.project,
                line.account.contract,
                line.account.bank,
            ]
            for line in proposal.lines
        },
        "splits": [vars(each) for each in proposal.splits],
    }


def _proposal(row: Mapping[str, Any], accounts: _Accounts) -> Proposal:
    lines = tuple(
        Line(accounts.known(name, row["accounts"][name]), commodity, amount) for name, commodity, amount in row["lines"]
    )
    return Proposal(
        event=row["event"],
        date=date.fromisoformat(row["date"]),
        project=row["project"],
        contract=row["contract"],
        payee=row["payee"],
        narration=row["narration"],
        facts=row["facts"],
        private=row["private"],
        documents=tuple((sha, suffix, size) for sha, suffix, size in row["documents"]),
        reverses=row["reverses"],
        lines=lines,
        splits=tuple(Split(**each) for each in row.get("splits", ())),
    )

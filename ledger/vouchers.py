"""Vouchers before the seal: proposals, the rules that they keep, drafts, reversals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger import chart, people
from ledger.balances import State
from ledger.chart import Account, Line
from ledger.errors import (
    AlreadyReversed,
    BackDated,
    BeforeBook,
    BelowFloor,
    ChannelNotInBank,
    ChannelNotInBudget,
    DraftNotYours,
    DraftUnknown,
    FutureDated,
    HeldByDrafts,
    LeansOn,
    MirrorBroken,
    OpeningAfterUse,
    ReversalOfReversal,
    RoleMissing,
    TwoProjects,
    Unbalanced,
    VoucherUnknown,
)
from ledger.store.workspace import Unit
from ledger.text import words

REVERSAL = "reversal"
YEAR_END = "year_end"
OPENING = "opening"
CLOSED = {"subsidy_income", "welfare_expense", "other_expense", "year_result", "undistributed"}
"""The year end carries over income and expense of all projects, outside the mirror, and touches nothing else."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A voucher that could be: what happened, and the postings that come of it.

    `facts` are the business facts as printable text by name; `private` holds personal data by field, which only
    enters the record's private store. `documents` are (SHA-256, suffix, size in bytes).
    """

    event: str
    date: date
    project: str
    contract: str = ""
    payee: str = ""
    narration: str
    facts: Mapping[str, str] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[tuple[str, str, int], ...] = ()
    reverses: int | None = None
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Draft:
    """A proposal that waits for its approver; `verb` and `request` say how it was asked for."""

    book: str
    id: int
    verb: str
    request: Mapping[str, Any]
    proposal: Proposal
    maker: str
    made_at: str

    @property
    def label(self) -> str:
        """Return the draft's name on the desk, such as ``D12``."""
        return f"D{self.id}"


def check(state: State, proposal: Proposal, *, today: date) -> None:
    """Make sure that a proposal keeps every rule, in the order shape, then state.

    Raises:
        Unbalanced, MirrorBroken, TwoProjects: its postings are not whole.
        BeforeBook, BackDated, FutureDated: its date.
        ChannelNotInBudget, ChannelNotInBank: a channel is where it may not be.
        OpeningAfterUse: it opens an account that has moved.
        BelowFloor: a limit would be passed.
    """
    _check_shape(state, proposal)
    _check_date(state, proposal.date, today)
    _check_channels(state, proposal.lines)
    if proposal.event == OPENING:
        _check_opening(state, proposal.lines)
    _check_floors(state, proposal)


def draft(unit: Unit, state: State, proposal: Proposal, *, maker: str, verb: str, request: Mapping[str, Any]) -> Draft:
    """Keep a proposal as a draft, after the same checks that the seal will make again.

    Raises:
        RoleMissing: `maker` may not make vouchers of this book.
        HeldByDrafts: it would fit what is sealed, but drafts that wait have taken it.
        Refusal: whatever `check` refuses.
    """
    people.need_role(unit.connection, maker, "maker", state.book.code)
    _check_with_drafts(unit.connection, state, proposal, today=unit.now.date())
    query = text("SELECT coalesce(max(id), 0) + 1 FROM work_draft_number WHERE book = :book")
    number = unit.connection.execute(query, {"book": state.book.code}).scalar_one()
    unit.connection.execute(
        text(
            "INSERT INTO work_draft_number (book, id) VALUES (:book, :id) "
            "ON CONFLICT (book) DO UPDATE SET id = excluded.id"
        ),
        {"book": state.book.code, "id": number},
    )
    made_at = unit.now.isoformat(timespec="seconds")
    made = Draft(state.book.code, number, verb, request, proposal, maker, made_at)
    _write(unit, made)
    return made


def redraft(unit: Unit, old: Draft, state: State, proposal: Proposal, *, request: Mapping[str, Any]) -> Draft:
    """Put a new proposal in the place of a draft's old one; `state` must not count the old one.

    Raises:
        Refusal: whatever `draft` refuses; the old draft then stays.
    """
    _check_with_drafts(unit.connection, state, proposal, today=unit.now.date())
    made = replace(old, proposal=proposal, request=request, made_at=unit.now.isoformat(timespec="seconds"))
    where = {"book": old.book, "id": old.id}
    unit.connection.execute(text("DELETE FROM work_draft WHERE book = :book AND id = :id"), where)
    _write(unit, made)
    return made


def drop(unit: Unit, old: Draft, *, user: str) -> None:
    """Throw a draft away: its maker may, and an approver of the book.

    Raises:
        DraftNotYours: somebody else asks.
    """
    if user != old.maker:
        try:
            people.need_role(unit.connection, user, "approver", old.book)
        except RoleMissing:
            raise DraftNotYours(draft=old.label, user=user, maker=old.maker) from None
    where = {"book": old.book, "id": old.id}
    unit.connection.execute(text("DELETE FROM work_draft WHERE book = :book AND id = :id"), where)


def drafts(connection: Connection, book: str) -> list[Draft]:
    """Return the drafts of a book that wait for their approver, oldest date first."""
    query = text("SELECT * FROM work_draft WHERE book = :book ORDER BY id")
    accounts = _Accounts(chart.load())
    found = [
        Draft(
            row.book,
            row.id,
            row.verb,
            json.loads(row.request),
            _proposal(json.loads(row.proposal), accounts),
            row.maker,
            row.made_at,
        )
        for row in connection.execute(query, {"book": book})
    ]
    return sorted(found, key=lambda each: (each.proposal.date, each.id))


def need_draft(connection: Connection, book: str, label: str) -> Draft:
    """Return a draft by its label.

    Raises:
        DraftUnknown: there is none (it may have been sealed or dropped).
    """
    for found in drafts(connection, book):
        if found.label == label.upper():
            return found
    raise DraftUnknown(draft=label, book=book)


def reverse(state: State, number: str, *, on: date, reason: str, narration: str, today: date) -> Proposal:
    """Return the exact negation of a sealed voucher, money, budget and quantity; `{number}` stands in the narration.

    Raises:
        VoucherUnknown: there is no such voucher.
        ReversalOfReversal, AlreadyReversed: it is done once, and never to a reversal.
        LeansOn: later vouchers have used what it brought; they are named.
    """
    number = number.upper().removeprefix("V")
    query = text("SELECT * FROM voucher WHERE book = :book AND number = :number")
    voucher = state.connection.execute(query, {"book": state.book.code, "number": number}).first()
    if voucher is None:
        raise VoucherUnknown(number=number, book=state.book.code)
    if voucher.reverses is not None:
        raise ReversalOfReversal(number=number)
    query = text("SELECT number FROM voucher WHERE book = :book AND reverses = :seq")
    by = state.connection.execute(query, {"book": state.book.code, "seq": voucher.seq}).scalar()
    waiting = [str(each["id"]) for each in state.drafts if each["reverses"] == voucher.seq]
    if by or waiting:
        raise AlreadyReversed(number=number, by=f"V{by}" if by else f"D{waiting[0]}")
    accounts = _Accounts(state.chart)
    lines = tuple(
        Line(accounts.read(row), row.commodity, -row.amount)
        for row in state.connection.execute(_POSTINGS, {"book": state.book.code, "seq": voucher.seq})
    )
    proposal = Proposal(
        event=REVERSAL,
        date=on,
        project=voucher.project,
        contract=voucher.contract,
        payee=voucher.payee,
        narration=words(narration.replace("{number}", f"V{number}"), "reason"),
        facts={"reverses": f"V{number}", "reason": words(reason, "reason")} | _undone(json.loads(voucher.facts)),
        reverses=voucher.seq,
        lines=lines,
    )
    try:
        check(state, proposal, today=today)
    except BelowFloor as refusal:
        leaning = _leaning(state, voucher.seq, str(refusal.facts["account"]), str(refusal.facts["commodity"]))
        raise LeansOn(**refusal.facts | {"number": number, "vouchers": "、".join(leaning) or "—"}) from None
    return proposal


def _undone(facts: Mapping[str, str]) -> dict[str, str]:
    """Return what a reversal says of the facts that it takes back: the lot it moves, the milestone it undoes."""
    undone = {"lot": facts["lot"]} if "lot" in facts else {}
    return undone | ({"milestone": f"{facts['milestone']} reversed"} if "milestone" in facts else {})


# The rules, one by one.


def _check_shape(state: State, proposal: Proposal) -> None:
    assert proposal.lines, f"{proposal.event} moves nothing"
    closing = proposal.event == YEAR_END and all(line.account.role.name in CLOSED for line in proposal.lines)
    sums: dict[str, int] = defaultdict(int)
    mirrors: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: {"money": 0, "budget": 0})
    for line in proposal.lines:
        role = line.account.role
        sums[line.commodity] += line.amount
        channel = chart.channel_of(line.commodity)
        if role.mirror and channel in state.channels and not closing:
            mirrors[role.mirror, channel][role.holds] += line.amount
        if line.account.project not in {"", proposal.project} and not closing:
            raise TwoProjects(
                one=state.label_project(proposal.project), other=state.label_project(line.account.project)
            )
    for commodity, total in sums.items():
        if total:
            raise Unbalanced(channel=state.label(commodity), off=total)
    for (group, channel), moved in mirrors.items():
        if moved["money"] != moved["budget"]:
            raise MirrorBroken(channel=state.label(channel), group=group, **moved)


def _check_date(state: State, on: date, today: date) -> None:
    if on.isoformat() < state.book.started_on:
        raise BeforeBook(date=on, started_on=state.book.started_on, book=state.book.code)
    if on.isoformat() < state.last_date:
        raise BackDated(date=on, last=state.last_date, book=state.book.code)
    if on > today:
        raise FutureDated(date=on, today=today)


def _check_channels(state: State, lines: Iterable[Line]) -> None:
    for line in lines:
        channel = chart.channel_of(line.commodity)
        if channel not in state.channels:
            continue
        project, bank = line.account.project, line.account.bank
        if project:
            need_in_budget(state, project, channel)
        if bank and channel not in state.banks[bank].channels:
            has = "、".join(sorted(state.banks[bank].channels)) or "—"
            raise ChannelNotInBank(
                channel=state.label(channel),
                code=channel,
                bank=bank,
                name=state.banks[bank].name,
                has=has,
                book=state.book.code,
            )


def _check_opening(state: State, lines: Iterable[Line]) -> None:
    """Make sure that an opening opens: nothing has moved there, or what did was reversed.

    Goods share an account by quantity, and what balances the village's own money belongs to all openings.
    """
    query = text(
        "SELECT v.seq FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
        "WHERE p.book = :book AND p.account = :account AND p.commodity = :commodity AND v.reverses IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)"
    )
    undone = {each["reverses"] for each in state.drafts}
    for line in lines:
        role = line.account.role
        if chart.channel_of(line.commodity) not in state.channels or (role.floating and not role.floor):
            continue
        key = (line.account.name, line.commodity)
        where = {"book": state.book.code, "account": key[0], "commodity": key[1]}
        facts = {"account": key[0], "channel": state.label(key[1])}
        if set(state.connection.execute(query, where).scalars()) - undone:
            raise OpeningAfterUse(**facts)
        waiting = [
            f"D{each['id']}"
            for each in state.drafts
            if each["reverses"] is None and any((name, held) == key for name, held, _ in each["lines"])
        ]
        if waiting:
            raise OpeningAfterUse(about="draft", drafts="、".join(waiting), **facts)


def need_in_budget(state: State, project: str, channel: str) -> None:
    """Make sure that a channel may enter a project (专款专用).

    Raises:
        ChannelNotInBudget: the project's budget has no line for it.
    """
    if channel not in state.budget.get(project, {}):
        has = "、".join(state.label(each) for each in state.budget.get(project, {})) or "—"
        raise ChannelNotInBudget(channel=state.label(channel), project=state.label_project(project), has=has)


def _check_floors(state: State, proposal: Proposal) -> None:
    worst: BelowFloor | None = None
    for line, now, change in state.after(proposal.lines).values():
        account = line.account
        have, need = account.role.normal * now, -account.role.normal * change
        if not account.role.floor or need <= 0 or need <= have:
            continue
        refusal = BelowFloor(
            about=account.role.name,
            account=account.name,
            commodity=line.commodity,
            channel=state.label(line.commodity),
            code=chart.channel_of(line.commodity),
            project=state.label_project(proposal.project),
            project_code=proposal.project,
            contract=account.contract,
            bank=account.bank,
            have=have,
            need=need,
            short=need - have,
            event=proposal.event,
        )
        # The sharpest reason first: a limit of the event itself before one that merely follows from it.
        if worst is None or _RANK.get(account.role.name, 9) < _RANK.get(str(worst.facts["about"]), 9):
            worst = refusal
    if worst:
        raise worst


_RANK = {"payable": 0, "wages": 0, "retention": 0, "committed": 1, "available": 2, "bank": 3, "cash": 3}


def _check_with_drafts(connection: Connection, state: State, proposal: Proposal, *, today: date) -> None:
    """Check against what is sealed and what waits; say which of the two stands in the way."""
    try:
        check(state, proposal, today=today)
    except BelowFloor as refusal:
        sealed = State(connection, state.book.code, drafts=False)
        key = (str(refusal.facts["account"]), str(refusal.facts["commodity"]))
        fits = not any(
            line.account.role.floor and line.account.role.normal * (now + change) < 0
            for line, now, change in sealed.after(proposal.lines).values()
        )
        if not fits:
            raise
        drawn = [line for line in proposal.lines if (line.account.name, line.commodity) == key]
        raise HeldByDrafts(**refusal.facts | {"about": "", "drafts": "、".join(holding(state, drawn))}) from None


def holding(state: State, lines: Iterable[Line]) -> list[str]:
    """Return the drafts that have taken from a limit from which `lines` would take."""
    drawn = {
        (line.account.name, line.commodity): line.account.role.normal
        for line in lines
        if line.account.role.floor and line.account.role.normal * line.amount < 0
    }
    return [
        f"D{each['id']}"
        for each in state.drafts
        if any(drawn.get((name, held), 0) * amount < 0 for name, held, amount in each["lines"])
    ]


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
    waiting = [
        f"D{each['id']}"
        for each in state.drafts
        if any((name, held) == (account, commodity) and normal * moved < 0 for name, held, moved in each["lines"])
    ]
    return found + waiting


# Drafts as rows.

_POSTINGS = text(
    "SELECT p.account AS name, p.commodity, p.amount, a.role, a.project, a.contract, a.bank FROM posting p "
    "JOIN account a ON a.book = p.book AND a.name = p.account WHERE p.book = :book AND p.seq = :seq ORDER BY p.line"
)


class _Accounts:
    """Account objects made again from rows."""

    def __init__(self, of: chart.Chart) -> None:
        self._chart = of

    def read(self, row: Any) -> Account:
        return Account(row.name, self._chart.roles[row.role], row.project, row.contract, row.bank)

    def known(self, name: str, facts: list[str]) -> Account:
        role, project, contract, bank = facts
        return Account(name, self._chart.roles[role], project, contract, bank)


def _write(unit: Unit, made: Draft) -> None:
    proposal = made.proposal
    facts = {
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
    }
    row = {
        "book": made.book,
        "id": made.id,
        "verb": made.verb,
        "request": json.dumps(dict(made.request), ensure_ascii=False),
        "proposal": json.dumps(facts, ensure_ascii=False),
        "maker": made.maker,
        "made_at": made.made_at,
    }
    unit.connection.execute(
        text(
            "INSERT INTO work_draft (book, id, verb, request, proposal, maker, made_at) "
            "VALUES (:book, :id, :verb, :request, :proposal, :maker, :made_at)"
        ),
        row,
    )


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
    )

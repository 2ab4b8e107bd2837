"""The seal, the one writer: it checks a draft once more, numbers it, posts it and keeps its leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ledger import log, money, people, register
from ledger.balances import State
from ledger.errors import OwnDraft
from ledger.log import commitment
from ledger.proposals import Draft, Proposal
from ledger.rules import check
from ledger.store.workspace import Unit


@dataclass(frozen=True)
class Sealed:
    """A voucher that was sealed just now."""

    book: str
    seq: int
    number: str
    proposal: Proposal
    leaf_hash: str


Effect = Callable[[Unit, Sealed], None]


def seal(unit: Unit, draft: Draft, *, approver: str, effects: Mapping[str, Effect]) -> Sealed:
    """Seal a draft under another name than its maker's; `effects` are what the application writes with an event.

    The order is shape, state, write; after the first write only a bug can fail. The caller commits.

    Raises:
        OwnDraft: the maker may not approve it.
        RoleMissing: the approver may not approve in this book.
        Refusal: whatever `ledger.rules.check` refuses against what is sealed now.
    """
    if approver == draft.maker:
        raise OwnDraft(draft=draft.label, user=approver)
    people.need_role(unit.connection, approver, "approver", draft.book)
    state = State(unit.connection, draft.book, drafts=False)
    check(state, draft.proposal, today=unit.now.date())

    _open_accounts(unit, draft.book, draft.proposal)
    sealed, row, salts = _number(unit, draft, approver)
    # The voucher goes last: its insert makes the database check all that was written before it, and move the balances.
    unit.connection.execute(_POSTING, _lines(sealed))
    for sha256, suffix, size in draft.proposal.documents:
        paper = {"book": draft.book, "seq": sealed.seq, "sha256": sha256, "suffix": suffix, "size": size}
        unit.connection.execute(_DOCUMENT, paper)
    unit.connection.execute(_VOUCHER, row)
    for field, (value, salt) in salts.items():
        private = {"book": draft.book, "seq": sealed.seq, "field": field, "value": value, "salt": salt.hex()}
        unit.connection.execute(_PRIVATE, private)
    effect = effects.get(draft.proposal.event)
    if effect:
        effect(unit, sealed)
    where = {"book": draft.book, "id": draft.id}
    unit.connection.execute(text("DELETE FROM work_draft WHERE book = :book AND id = :id"), where)
    register.mark_dirty(unit, draft.book, sealed.number[:7])
    register.mark_dirty(unit, draft.book)
    return sealed


def leaf_data(
    row: Mapping[str, Any], *, reverses: str | None, documents: list[Any], postings: list[Any], facts: Any
) -> dict[str, Any]:
    """Return what a voucher puts into its leaf.

    `postings` are (account, commodity, amount as text), `documents` (SHA-256, suffix, size).
    """
    plain = ("book", "seq", "number", "date", "event", "project", "contract", "payee", "narration")
    signed = ("maker", "made_at", "approver", "sealed_at")
    return {name: row[name] for name in plain + signed} | {
        "facts": facts,
        "reverses": reverses,
        "documents": [{"sha256": sha, "suffix": suffix, "size": size} for sha, suffix, size in documents],
        "postings": [list(posting) for posting in postings],
    }


def _number(unit: Unit, draft: Draft, approver: str) -> tuple[Sealed, dict[str, Any], dict[str, tuple[str, bytes]]]:
    proposal = draft.proposal
    month = proposal.date.isoformat()[:7]
    seq = _count(unit, draft.book, "")
    number = f"{month}-{_count(unit, draft.book, month) + 1:04}"
    salts = {field: (value, unit.salts()) for field, value in sorted(proposal.private.items())}
    facts = dict(proposal.facts) | {
        f"{field}-commitment": commitment(salt, value) for field, (value, salt) in salts.items()
    }
    row = {
        "book": draft.book,
        "seq": seq,
        "number": number,
        "date": proposal.date.isoformat(),
        "event": proposal.event,
        "project": proposal.project,
        "contract": proposal.contract,
        "payee": proposal.payee,
        "narration": proposal.narration,
        "maker": draft.maker,
        "made_at": draft.made_at,
        "approver": approver,
        "sealed_at": unit.now.isoformat(timespec="seconds"),
        "reverses": proposal.reverses,
    }
    reverses = (
        None
        if proposal.reverses is None
        else str(unit.connection.execute(_NUMBER, {"book": draft.book, "seq": proposal.reverses}).scalar_one())
    )
    scales = {row.code: row.scale for row in unit.connection.execute(text("SELECT code, scale FROM commodity"))}
    postings = [
        (line.account.name, line.commodity, money.plain(line.amount, scales[line.commodity])) for line in proposal.lines
    ]
    data = leaf_data(row, reverses=reverses, documents=sorted(proposal.documents), postings=postings, facts=facts)
    position, hashed = log.append(unit, draft.book, "voucher", data)
    row |= {"facts": log.canonical(facts), "position": position, "leaf_hash": hashed}
    return Sealed(draft.book, seq, number, proposal, hashed), row, salts


def _count(unit: Unit, book: str, month: str) -> int:
    query = text("SELECT count(*) FROM voucher WHERE book = :book AND number LIKE :like")
    return int(unit.connection.execute(query, {"book": book, "like": f"{month}%"}).scalar_one())


def _open_accounts(unit: Unit, book: str, proposal: Proposal) -> None:
    for account in {line.account for line in proposal.lines}:
        row = {
            "book": book,
            "name": account.name,
            "role": account.role.name,
            "project": account.project,
            "contract": account.contract,
            "bank": account.bank,
            "normal": account.role.normal,
            "floored": int(account.role.floor),
            "mirror": account.role.mirror,
        }
        unit.connection.execute(_ACCOUNT, row)
    for line in proposal.lines:
        side = line.account.role.normal if line.account.role.floor else 0
        row = {"book": book, "account": line.account.name, "commodity": line.commodity, "side": side}
        unit.connection.execute(_BALANCE, row)


def _lines(sealed: Sealed) -> list[dict[str, Any]]:
    return [
        {
            "book": sealed.book,
            "seq": sealed.seq,
            "line": number,
            "account": line.account.name,
            "commodity": line.commodity,
            "amount": line.amount,
        }
        for number, line in enumerate(sealed.proposal.lines)
    ]


_VOUCHER = text(
    "INSERT INTO voucher (book, seq, number, date, event, project, contract, payee, narration, facts, maker, "
    "made_at, approver, sealed_at, reverses, position, leaf_hash) VALUES (:book, :seq, :number, :date, :event, "
    ":project, :contract, :payee, :narration, :facts, :maker, :made_at, :approver, :sealed_at, :reverses, "
    ":position, :leaf_hash)"
)
_NUMBER = text("SELECT number FROM voucher WHERE book = :book AND seq = :seq")
_ACCOUNT = text(
    "INSERT INTO account (book, name, role, project, contract, bank, normal, floored, mirror) SELECT :book, :name, "
    ":role, :project, :contract, :bank, :normal, :floored, :mirror "
    "WHERE NOT EXISTS (SELECT 1 FROM account WHERE book = :book AND name = :name)"
)
_BALANCE = text(
    "INSERT INTO balance (book, account, commodity, floor_side, amount) SELECT :book, :account, :commodity, :side, 0 "
    "WHERE NOT EXISTS "
    "(SELECT 1 FROM balance WHERE book = :book AND account = :account AND commodity = :commodity)"
)
_POSTING = text(
    "INSERT INTO posting (book, seq, line, account, commodity, amount) "
    "VALUES (:book, :seq, :line, :account, :commodity, :amount)"
)
_DOCUMENT = text("INSERT INTO document (book, seq, sha256, suffix, size) VALUES (:book, :seq, :sha256, :suffix, :size)")
_PRIVATE = text("INSERT INTO private_value (book, seq, field, value, salt) VALUES (:book, :seq, :field, :value, :salt)")

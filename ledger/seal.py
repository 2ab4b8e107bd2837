"""The seal, the one writer: it checks a draft once more, numbers it, posts it and keeps its leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ledger import log, money, people
from ledger.balances import State
from ledger.chart import Account
from ledger.errors import OwnDraft
from ledger.log import commitment
from ledger.proposals import Draft, Proposal
from ledger.rules import check
from ledger.store import marks, posts
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

    sealed, post = _number(unit, draft, approver)
    posts.write(unit.connection, post)
    effect = effects.get(draft.proposal.event)
    if effect:
        effect(unit, sealed)
    where = {"book": draft.book, "id": draft.id}
    unit.connection.execute(text("DELETE FROM work_draft WHERE book = :book AND id = :id"), where)
    marks.mark(unit.connection, draft.book, sealed.number[:7])
    marks.mark(unit.connection, draft.book)
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


def _number(unit: Unit, draft: Draft, approver: str) -> tuple[Sealed, posts.Post]:
    """Give a draft its number and make the rows of its voucher."""
    proposal, book = draft.proposal, draft.book
    month = proposal.date.isoformat()[:7]
    head = posts.head(unit.connection, book, month)
    private = [(field, value, unit.salts()) for field, value in sorted(proposal.private.items())]
    facts = dict(proposal.facts) | {f"{field}-commitment": commitment(salt, value) for field, value, salt in private}
    row = {
        "book": book,
        "seq": head.seq,
        "number": f"{month}-{head.count:04}",
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
    data = leaf_data(
        row,
        reverses=_reversed(unit, book, proposal.reverses),
        documents=sorted(proposal.documents),
        postings=_shown(unit, proposal),
        facts=facts,
    )
    leaf = log.leaf(book, head.position, "voucher", data)
    hashed = log.leaf_hash(leaf)
    row |= {"facts": log.canonical(facts), "position": head.position, "leaf_hash": hashed}
    accounts = {line.account for line in proposal.lines}
    balances = {
        (line.account.name, line.commodity, line.account.role.normal * line.account.role.floor)
        for line in proposal.lines
    }
    post = posts.Post(
        voucher=row,
        leaf=leaf,
        accounts=sorted(map(_account, accounts)),
        balances=sorted(balances),
        postings=[(line.account.name, line.commodity, line.amount) for line in proposal.lines],
        documents=proposal.documents,
        private=[(field, value, salt.hex()) for field, value, salt in private],
    )
    return Sealed(book, head.seq, str(row["number"]), proposal, hashed), post


def _reversed(unit: Unit, book: str, seq: int | None) -> str | None:
    """Return the number of the voucher that one takes back."""
    return None if seq is None else str(unit.connection.execute(_NUMBER, {"book": book, "seq": seq}).scalar_one())


def _shown(unit: Unit, proposal: Proposal) -> list[tuple[str, str, str]]:
    """Return the postings with their amounts as text."""
    scales = {row.code: row.scale for row in unit.connection.execute(text("SELECT code, scale FROM commodity"))}
    return [
        (line.account.name, line.commodity, money.plain(line.amount, scales[line.commodity])) for line in proposal.lines
    ]


def _account(account: Account) -> tuple[str, str, str, str, str, int, int, str]:
    role = account.role
    return (
        account.name,
        role.name,
        account.project,
        account.contract,
        account.bank,
        role.normal,
        int(role.floor),
        role.mirror,
    )


_NUMBER = text("SELECT number FROM voucher WHERE book = :book AND seq = :seq")

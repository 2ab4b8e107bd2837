"""The seal, the one writer: it checks a draft once more, numbers it, posts it and keeps its leaf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as made

from sqlalchemy import text

from ledger import log, money, people
from ledger.balances import State
from ledger.chart import Account
from ledger.errors import OwnDraft, RoleMissing
from ledger.leaves import BEHIND, Voucher, posting_before, voucher_leaf
from ledger.log import commitment
from ledger.proposals import Draft, Proposal
from ledger.rules import check
from ledger.store import marks, posts, sql
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
    return Sealer(unit, draft.book, approver=approver, effects=effects).seal(draft)


@dataclass
class _Known:
    """What a sealer knows of a book: what stands there, the last voucher's place and month, who may make or seal."""

    state: State
    head: posts.Head | None = None
    month: str = ""
    hands: set[tuple[str, people.RoleName]] = made(default_factory=set)


class Sealer:
    """The one writer at work in one book: what stands there is read once, and moves along with each seal.

    Where nothing was logged since this process sealed in the book, what it knew then is still so and not read again.
    """

    def __init__(self, unit: Unit, book: str, *, approver: str, effects: Mapping[str, Effect]) -> None:
        self._unit, self._book, self._approver, self._effects = unit, book, approver, effects
        known: _Known | None = unit.recall(book)
        if known is None:
            known = _Known(State(unit.connection, book, drafts=False))
        self._known, self._state = known, known.state
        self._state.connection = unit.connection
        self._marked = ""

    @property
    def state(self) -> State:
        """Return what stands in the book, with everything that was sealed here."""
        return self._state

    def seal(self, draft: Draft) -> Sealed:
        """Check the next draft against everything before it, number it and write it.

        Raises:
            OwnDraft: the maker may not approve it.
            RoleMissing: the approver may not approve in this book.
            Refusal: whatever `ledger.rules.check` refuses; nothing was written then.
        """
        unit, proposal = self._unit, draft.proposal
        if self._approver == draft.maker:
            raise OwnDraft(draft=draft.label, user=self._approver)
        self._need_hands(draft)
        check(self._state, proposal, today=unit.now.date())

        month = proposal.date.isoformat()[:7]
        head = self._next(month)
        sealed, post = _rows(self._state, unit, draft, self._approver, head)
        with sql.together(unit.connection):
            posts.write(unit.connection, post)
            self._mark(draft, month, first=bool(post.balances) or head.count == 1)
        self._state.move(proposal.date, proposal.lines)
        self._known.head, self._known.month = head, month
        unit.learn(self._book, head.position + 1, self._known)
        effect = self._effects.get(proposal.event)
        if effect:
            effect(unit, sealed)
            # It may have written leaves of its own.
            self._known.head = None
            unit.forget(self._book)
        return sealed

    def _need_hands(self, draft: Draft) -> None:
        """Ask once that the approver may seal here, and that the maker is a maker still: roles are taken back."""
        connection, book, known = self._unit.connection, self._book, self._known.hands
        if (self._approver, "approver") not in known:
            people.need_role(connection, self._approver, "approver", book)
            known.add((self._approver, "approver"))
        if (draft.maker, "maker") not in known:
            if not people.has_role(connection, draft.maker, "maker", book):
                raise RoleMissing(about="draft", user=draft.maker, role="maker", book=book, draft=draft.label)
            known.add((draft.maker, "maker"))

    def _mark(self, draft: Draft, month: str, *, first: bool) -> None:
        """Take the draft away and mark what has to be written; the head only where something is the first."""
        connection = self._unit.connection
        if draft.id:
            where = {"book": draft.book, "id": draft.id}
            sql.run(connection, "DELETE FROM work_draft WHERE book = :book AND id = :id", where)
        if month != self._marked:
            marks.mark(connection, self._book, month)
        if first:
            # Only these two stand in the head: what is open, and which months there are.
            marks.mark(connection, self._book)
        self._marked = month

    def _next(self, month: str) -> posts.Head:
        before = self._known.head
        if before is None:
            return posts.head(self._unit.connection, self._book, month)
        count = before.count + 1 if month == self._known.month else 1
        return posts.Head(before.seq + 1, count, before.position + 1)


def _rows(state: State, unit: Unit, draft: Draft, approver: str, head: posts.Head) -> tuple[Sealed, posts.Post]:
    """Give a draft its number and make the rows of its voucher."""
    proposal, book = draft.proposal, draft.book
    day = proposal.date.isoformat()
    facts = dict(proposal.facts)
    private = [(field, value, unit.salts()) for field, value in sorted(proposal.private.items())]
    for field, value, salt in private:
        facts[f"{field}-commitment"] = commitment(salt, value)
    voucher = Voucher(
        seq=head.seq,
        number=f"{day[:7]}-{head.count:04}",
        date=day,
        event=proposal.event,
        project=proposal.project,
        contract=proposal.contract,
        payee=proposal.payee,
        narration=proposal.narration,
        maker=draft.maker,
        made_at=draft.made_at,
        approver=approver,
        sealed_at=unit.now.isoformat(timespec="seconds"),
        reverses=proposal.reverses,
        position=head.position,
        leaf_hash="",
        facts=log.canonical(facts) if facts else "{}",
    )
    postings = [(line.account.name, line.commodity, line.amount) for line in proposal.lines]
    shown = [
        f"{posting_before(account, held)}{money.plain(amount, state.scales[held])}{BEHIND}"
        for account, held, amount in postings
    ]
    reverses = _reversed(unit, book, proposal.reverses)
    leaf = voucher_leaf(book, voucher, ",".join(shown), sorted(proposal.documents), reverses)
    hashed = log.leaf_hash(leaf)
    opened = [line for line in proposal.lines if not state.is_open(line.account.name, line.commodity)]
    post = posts.Post(
        voucher={"book": book} | voucher._asdict() | {"leaf_hash": hashed},
        leaf=leaf,
        accounts=sorted({account_row(line.account) for line in opened}),
        balances=sorted({(line.account.name, line.commodity, line.account.role.floor_side) for line in opened}),
        postings=postings,
        documents=proposal.documents,
        private=[(field, value, salt.hex()) for field, value, salt in private],
    )
    return Sealed(book, head.seq, voucher.number, proposal, hashed), post


def _reversed(unit: Unit, book: str, seq: int | None) -> str | None:
    """Return the number of the voucher that one takes back."""
    return None if seq is None else str(unit.connection.execute(_NUMBER, {"book": book, "seq": seq}).scalar_one())


def account_row(account: Account) -> tuple[str, str, str, str, str, int, int, str]:
    """Return an account's row without its book."""
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

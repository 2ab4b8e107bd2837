"""The tables of the record, as SQLModel classes.

They are the schema, used by migrations and small reads; they do not validate. Money is integer fen. Dates are
ISO text, times ISO text with their offset, so that the same bytes come back from every engine. Every table but
the office's own (users, village, channel, good, commodity, command_key) carries its book. Tables that hold
nothing sealed are named ``work_…``.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

_WHOLE = BigInteger().with_variant(Integer, "sqlite")
_STRICT: dict[str, Any] = {"sqlite_strict": True}
_TOLD = text("kind <> 'voucher'")
"""Leaves that are no vouchers are found by their kind."""


def _text(*, key: bool = False, foreign: str | None = None) -> Any:
    if foreign:
        return Field(primary_key=key, sa_type=Text, foreign_key=foreign)
    return Field(primary_key=key, sa_type=Text)


def _whole(*, key: bool = False) -> Any:
    if key:
        return Field(primary_key=True, sa_type=_WHOLE, sa_column_kwargs={"autoincrement": False})
    return Field(sa_type=_WHOLE)


def _to(table: str, *pairs: str, later: bool = False) -> ForeignKeyConstraint:
    """Refer to `table`: each pair is ``column`` or ``column=column there``; `later` looks at the commit only."""
    here = [pair.split("=")[0] for pair in pairs]
    there = [f"{table}.{pair.split('=')[-1]}" for pair in pairs]
    return ForeignKeyConstraint(here, there, deferrable=later or None, initially="DEFERRED" if later else None)


# The office.


class Users(SQLModel, table=True):
    """A person who works with the ledger."""

    __tablename__ = "users"
    __table_args__ = (_STRICT,)
    name: str = _text(key=True)
    full_name: str = _text()
    created_at: str = _text()


class RoleGrant(SQLModel, table=True):
    """A role that a user was given; the book ``*`` is every book."""

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "role IN ('maker', 'approver', 'cashier', 'auditor', 'publisher', 'administrator')", name="role_known"
        ),
        _STRICT,
    )
    user: str = _text(key=True, foreign="users.name")
    role: str = _text(key=True)
    book: str = _text(key=True)
    granted_at: str = _text()
    nth: int = _whole(key=True)
    """How often it was granted until then: once it was taken back it may be granted anew."""


class RoleRevocation(SQLModel, table=True):
    """A role that was taken back; what was granted stays to be seen."""

    __tablename__ = "role_revocation"
    __table_args__ = (_to("role_grant", "user", "role", "book", "nth"), _STRICT)
    user: str = _text(key=True)
    role: str = _text(key=True)
    book: str = _text(key=True)
    nth: int = _whole(key=True)
    revoked_at: str = _text()


class Village(SQLModel, table=True):
    """A village, by its 12-digit division code or a code of the office's own."""

    __tablename__ = "village"
    __table_args__ = (_STRICT,)
    code: str = _text(key=True)
    name: str = _text()
    township: str = _text()


class Channel(SQLModel, table=True):
    """A channel of money: where it comes from decides which fund account it is owed to."""

    __tablename__ = "channel"
    __table_args__ = (_STRICT,)
    code: str = _text(key=True)
    name: str = _text()
    source: str = _text()
    document: str = _text()


class Good(SQLModel, table=True):
    """A good counted by quantity, such as cement in tonnes with three decimals."""

    __tablename__ = "good"
    __table_args__ = (_STRICT,)
    code: str = _text(key=True)
    name: str = _text()
    unit: str = _text()
    scale: int = _whole()


class Commodity(SQLModel, table=True):
    """What a posting counts: a channel's money, a channel's budget, or a good."""

    __tablename__ = "commodity"
    __table_args__ = (
        CheckConstraint("kind IN ('money', 'budget', 'quantity')", name="kind_known"),
        CheckConstraint("(kind = 'quantity') = (channel IS NULL)", name="channel_unless_good"),
        _STRICT,
    )
    code: str = _text(key=True)
    kind: str = _text()
    channel: str | None = Field(default=None, sa_type=Text, foreign_key="channel.code")
    good: str | None = Field(default=None, sa_type=Text, foreign_key="good.code")
    scale: int = _whole()


class CommandKey(SQLModel, table=True):
    """The answer that a command gave under a key."""

    __tablename__ = "command_key"
    __table_args__ = (_STRICT,)
    key: str = _text(key=True)
    fingerprint: str = _text()
    answer: str = _text()
    answered_at: str = _text()


# A book and what stands in it.


class Book(SQLModel, table=True):
    """The dedicated book of one village."""

    __tablename__ = "book"
    __table_args__ = (_STRICT,)
    code: str = _text(key=True)
    village: str = _text(foreign="village.code")
    name: str = _text()
    chart: str = _text()
    started_on: str = _text()


class Bank(SQLModel, table=True):
    """A bank account of a book: dedicated (cash kept per project) or the village's own."""

    __tablename__ = "bank"
    __table_args__ = (
        ForeignKeyConstraint(["book"], ["book.code"]),
        CheckConstraint("kind IN ('dedicated', 'own')", name="kind_known"),
        _STRICT,
    )
    book: str = _text(key=True)
    code: str = _text(key=True)
    name: str = _text()
    kind: str = _text()


class BankChannel(SQLModel, table=True):
    """A channel that a bank account may hold."""

    __tablename__ = "bank_channel"
    __table_args__ = (_to("bank", "book", "bank=code"), _to("channel", "channel=code"), _STRICT)
    book: str = _text(key=True)
    bank: str = _text(key=True)
    channel: str = _text(key=True)


class Project(SQLModel, table=True):
    """A project of a village; `title` is the short name that its accounts carry and never changes."""

    __tablename__ = "project"
    __table_args__ = (ForeignKeyConstraint(["book"], ["book.code"]), _STRICT)
    book: str = _text(key=True)
    code: str = _text(key=True)
    title: str = _text()
    name: str = _text()
    type: str = _text()
    quantity: str = _text()
    unit: str = _text()
    place: str = _text()
    responsible: str = _text()
    planned_start: str = _text()
    planned_finish: str = _text()
    benefit: str = _text()
    remark: str = _text()


class BudgetLine(SQLModel, table=True):
    """What a project's plan expects from a channel; a channel without a line cannot enter the project."""

    __tablename__ = "budget_line"
    __table_args__ = (
        _to("project", "book", "project=code"),
        _to("channel", "channel=code"),
        CheckConstraint("planned >= 0", name="planned_not_negative"),
        _STRICT,
    )
    book: str = _text(key=True)
    project: str = _text(key=True)
    channel: str = _text(key=True)
    position: int = _whole()
    planned: int = _whole()


class Contract(SQLModel, table=True):
    """A contract, entered when the voucher that commits its budget is sealed; a reversed one may be made again."""

    __tablename__ = "contract"
    __table_args__ = (_to("project", "book", "project=code"), _to("voucher", "book", "seq"), _STRICT)
    book: str = _text(key=True)
    code: str = _text(key=True)
    project: str = _text()
    name: str = _text()
    payee: str = _text()
    seq: int = _whole(key=True)


class Observation(SQLModel, table=True):
    """What was seen of a village's indicator: a numerator over a denominator, never a percentage."""

    __tablename__ = "observation"
    __table_args__ = (
        ForeignKeyConstraint(["book"], ["book.code"]),
        _to("voucher", "book", "seq"),
        CheckConstraint("numerator >= 0 AND denominator > 0", name="share"),
        _STRICT,
    )
    book: str = _text(key=True)
    indicator: str = _text(key=True)
    observed_on: str = _text(key=True)
    position: int = _whole(key=True)
    numerator: int = _whole()
    denominator: int = _whole()
    evidence: str = _text()
    seq: int | None = Field(default=None, sa_type=_WHOLE)


# The seal.


class ChartRole(SQLModel, table=True):
    """What the accounts of a role are like in a chart: the database holds every account to it."""

    __tablename__ = "chart_role"
    __table_args__ = (_STRICT,)
    chart: str = _text(key=True)
    role: str = _text(key=True)
    normal: int = _whole()
    floored: int = _whole()
    mirror: str = _text()
    floating: int = _whole()


class Account(SQLModel, table=True):
    """An account, opened by the first voucher that uses it."""

    __tablename__ = "account"
    __table_args__ = (
        ForeignKeyConstraint(["book"], ["book.code"]),
        CheckConstraint("normal IN (-1, 1)", name="normal_side"),
        CheckConstraint("floored IN (0, 1)", name="floored_or_not"),
        _STRICT,
    )
    book: str = _text(key=True)
    name: str = _text(key=True)
    role: str = _text()
    project: str = _text()
    contract: str = _text()
    bank: str = _text()
    normal: int = _whole()
    floored: int = _whole()
    mirror: str = _text()


class Balance(SQLModel, table=True):
    """The running balance of an account in a commodity; a floored one never leaves its normal side."""

    __tablename__ = "balance"
    __table_args__ = (
        _to("account", "book", "account=name"),
        _to("commodity", "commodity=code"),
        CheckConstraint("floor_side IN (-1, 0, 1)", name="floor_side_known"),
        CheckConstraint("floor_side * amount >= 0", name="floor"),
        _STRICT,
    )
    book: str = _text(key=True)
    account: str = _text(key=True)
    commodity: str = _text(key=True)
    floor_side: int = _whole()
    amount: int = _whole()


class LogLeaf(SQLModel, table=True):
    """A leaf of a log: an event in canonical JSON with its hash, at a position counted from 0 without a gap."""

    __tablename__ = "log_leaf"
    __table_args__ = (
        CheckConstraint("position >= 0", name="position_from_zero"),
        Index("log_leaf_told", "log", "kind", "position", sqlite_where=_TOLD, postgresql_where=_TOLD),
        _STRICT,
    )
    log: str = _text(key=True)
    position: int = _whole(key=True)
    kind: str = _text()
    leaf: str = _text()
    leaf_hash: str = _text()


class Voucher(SQLModel, table=True):
    """A sealed business event; `seq` counts the vouchers of its book from 0 without a gap."""

    __tablename__ = "voucher"
    __table_args__ = (
        _to("project", "book", "project=code"),
        ForeignKeyConstraint(["maker"], ["users.name"]),
        ForeignKeyConstraint(["approver"], ["users.name"]),
        ForeignKeyConstraint(["book", "reverses"], ["voucher.book", "voucher.seq"]),
        _to("log_leaf", "book=log", "position"),
        UniqueConstraint("book", "position", name="position_once"),
        UniqueConstraint("book", "number", name="number_once"),
        UniqueConstraint("book", "reverses", name="reversed_once"),
        CheckConstraint("maker <> approver", name="two_people"),
        CheckConstraint("seq >= 0", name="seq_from_zero"),
        CheckConstraint("substr(number, 1, 7) = substr(date, 1, 7)", name="number_of_month"),
        _STRICT,
    )
    book: str = _text(key=True)
    seq: int = _whole(key=True)
    number: str = _text()
    date: str = _text()
    event: str = _text()
    project: str = _text()
    contract: str = _text()
    payee: str = _text()
    narration: str = _text()
    facts: str = _text()
    maker: str = _text()
    made_at: str = _text()
    approver: str = _text()
    sealed_at: str = _text()
    reverses: int | None = Field(default=None, sa_type=_WHOLE)
    position: int = _whole()
    leaf_hash: str = _text()


class Posting(SQLModel, table=True):
    """One line of a voucher; `amount` in fen, or in the good's smallest unit, a debit positive."""

    __tablename__ = "posting"
    __table_args__ = (
        _to("voucher", "book", "seq", later=True),
        _to("balance", "book", "account", "commodity"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        _STRICT,
    )
    book: str = _text(key=True)
    seq: int = _whole(key=True)
    line: int = _whole(key=True)
    account: str = _text()
    commodity: str = _text()
    amount: int = _whole()


class Document(SQLModel, table=True):
    """A paper attached to a voucher; the file lies under its SHA-256."""

    __tablename__ = "document"
    __table_args__ = (_to("voucher", "book", "seq", later=True), _STRICT)
    book: str = _text(key=True)
    seq: int = _whole(key=True)
    sha256: str = _text(key=True)
    suffix: str = _text()
    size: int = _whole()


class PrivateValue(SQLModel, table=True):
    """Personal data of a voucher and its salt; the leaf and the books only hold a commitment to it."""

    __tablename__ = "private_value"
    __table_args__ = (_to("voucher", "book", "seq"), _STRICT)
    book: str = _text(key=True)
    seq: int = _whole(key=True)
    field: str = _text(key=True)
    value: str = _text()
    salt: str = _text()


class PrivateFact(SQLModel, table=True):
    """Personal data of a fact and its salt; the leaf and the books only hold a commitment to it."""

    __tablename__ = "private_fact"
    __table_args__ = (_to("log_leaf", "log", "position"), _STRICT)
    log: str = _text(key=True)
    position: int = _whole(key=True)
    field: str = _text(key=True)
    value: str = _text()
    salt: str = _text()


# Work in progress: nothing here is sealed.


class WorkDraft(SQLModel, table=True):
    """A draft: what the maker asked for, and the voucher that will come of it."""

    __tablename__ = "work_draft"
    __table_args__ = (ForeignKeyConstraint(["book"], ["book.code"]), _STRICT)
    book: str = _text(key=True)
    id: int = _whole(key=True)
    verb: str = _text()
    request: str = _text()
    proposal: str = _text()
    maker: str = _text(foreign="users.name")
    made_at: str = _text()


class WorkDraftNumber(SQLModel, table=True):
    """The last number given to a draft of a book; numbers of dropped drafts do not come back."""

    __tablename__ = "work_draft_number"
    __table_args__ = (ForeignKeyConstraint(["book"], ["book.code"]), _STRICT)
    book: str = _text(key=True)
    id: int = _whole()


class WorkDirty(SQLModel, table=True):
    """A month (or the head, an empty month) of a book whose text has still to be written."""

    __tablename__ = "work_dirty"
    __table_args__ = (ForeignKeyConstraint(["book"], ["book.code"]), _STRICT)
    book: str = _text(key=True)
    month: str = _text(key=True)
    mark: int = _whole()

"""One class for each rule that a user can break.

A refusal is built from facts and carries a stable code; `ledger.messages.explain` writes its sentence from
the catalogue of the package that defines it. An impossible state is an assertion, never one of these.
"""

from __future__ import annotations

from typing import ClassVar


class Names(tuple[str, ...]):
    """Several names as one fact: a message lists them as its language does, and shows a dash for none."""

    __slots__ = ()

    def __str__(self) -> str:
        return "、".join(self)


class Phrase:
    """Words of a catalogue as one fact: a message says them in its own language."""

    __slots__ = ("facts", "key", "package")

    def __init__(self, package: str, key: str, /, **facts: object) -> None:
        self.package, self.key, self.facts = package, key, facts


class Named:
    """What has a name in each language as one fact, such as a type that a county's data bring along."""

    __slots__ = ("en", "zh")

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh, self.en = zh, en


class Phrases(tuple[Phrase | Named, ...]):
    """Several phrases as one fact, listed as the language does."""

    __slots__ = ()


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """Something the user asked for breaks a rule; nothing was changed."""

    code: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts


# Amounts, dates and names as a person types them.


class AmountUnreadable(Refusal):
    """An amount is digits with an optional decimal point and thousands separators."""

    code = "amount-unreadable"


class AmountNegative(Refusal):
    """An amount is positive; money is taken back by a reversal."""

    code = "amount-negative"


class AmountZero(Refusal):
    """An event moves something."""

    code = "amount-zero"


class AmountTooFine(Refusal):
    """Nothing finer than a fen is kept, and nothing is rounded away."""

    code = "amount-too-fine"


class AmountTooLarge(Refusal):
    """An amount stays below a thousand billion yuan."""

    code = "amount-too-large"


class QuantityUnreadable(Refusal):
    """A quantity is a positive number with at most its unit's decimals."""

    code = "quantity-unreadable"


class PercentUnreadable(Refusal):
    """A share is a number above 0 and at most 100 with a percent sign."""

    code = "percent-unreadable"


class DateUnreadable(Refusal):
    """A date is a day of the calendar, written year-month-day."""

    code = "date-unreadable"


class TextUnprintable(Refusal):
    """Text that goes into the books holds no control characters or direction marks."""

    code = "text-unprintable"


class TextMissing(Refusal):
    """A fact that the event needs is missing."""

    code = "text-missing"


class CodeUnfit(Refusal):
    """A code is short and plain, because it becomes part of an account or a commodity."""

    code = "code-unfit"


class ChoiceUnknown(Refusal):
    """A fact takes one of a few values."""

    code = "choice-unknown"


# The register.


class Unknown(Refusal):
    """What is named exists."""

    code = "unknown"


class AlreadyThere(Refusal):
    """A code names one thing."""

    code = "already-there"


class RoleMissing(Refusal):
    """Only a maker drafts, only an approver seals."""

    code = "role-missing"


class RolesApart(Refusal):
    """Who administers neither makes, seals, keeps cash nor publishes."""

    code = "roles-apart"


class OwnRoles(Refusal):
    """Nobody grants a role to himself, nor takes one back from himself."""

    code = "own-roles"


class RoleNotHeld(Refusal):
    """Only a role that somebody has is taken back."""

    code = "role-not-held"


class KeyReused(Refusal):
    """A command key stands for one command with one content."""

    code = "key-reused"


class KeyDamaged(Refusal):
    """What a key gave the first time is given again, or nothing is."""

    code = "key-damaged"


class ChannelNotInBudget(Refusal):
    """A project takes money only from the channels of its budget (专款专用)."""

    code = "channel-not-in-budget"


class ChannelNotInBank(Refusal):
    """A bank account holds only the channels it was opened for (专户储存)."""

    code = "channel-not-in-bank"


class BankKindUnfit(Refusal):
    """Earmarked money lies in a dedicated account, the village's own in its basic account."""

    code = "bank-kind-unfit"


# The seal.


class OwnDraft(Refusal):
    """Who made a voucher does not approve it."""

    code = "own-draft"


class BackDated(Refusal):
    """Voucher dates never go back within a book."""

    code = "back-dated"


class BeforeBook(Refusal):
    """Nothing is dated before its book begins."""

    code = "before-book"


class FactUnknown(Refusal):
    """A fact is known by its place in a log."""

    code = "fact-unknown"


class FactWithdrawn(Refusal):
    """A fact is withdrawn once, and a withdrawal never."""

    code = "fact-withdrawn"


class FutureDated(Refusal):
    """Nothing is dated after the day it is recorded."""

    code = "future-dated"


class Unbalanced(Refusal):
    """Each channel of a voucher sums to zero (渠道不变)."""

    code = "unbalanced"


class MirrorBroken(Refusal):
    """Money spent and budget used move together, per voucher, project and channel."""

    code = "mirror-broken"


class OpeningAfterUse(Refusal):
    """An opening balance opens an account; it never corrects one that has moved."""

    code = "opening-after-use"


class TwoProjects(Refusal):
    """One voucher serves one project."""

    code = "two-projects"


class BelowFloor(Refusal):
    """A limit is an account that may not go below zero."""

    code = "below-floor"


class HeldByDrafts(Refusal):
    """What a waiting draft has taken cannot be promised a second time."""

    code = "held-by-drafts"


class DraftUnknown(Refusal):
    """A draft can be edited, dropped or sealed while it is a draft."""

    code = "draft-unknown"


class DraftDamaged(Refusal):
    """A draft is what its maker wrote, or it is dropped."""

    code = "draft-damaged"


class DraftNotYours(Refusal):
    """A draft is edited by its maker; an approver may drop it."""

    code = "draft-not-yours"


class VoucherUnknown(Refusal):
    """A voucher is named by its number."""

    code = "voucher-unknown"


class AlreadyReversed(Refusal):
    """A voucher is reversed once."""

    code = "already-reversed"


class ReversalOfReversal(Refusal):
    """A reversal is never reversed; the event is recorded again."""

    code = "reversal-of-reversal"


class LeansOn(Refusal):
    """A reversal keeps every floor: what leans on a voucher is reversed before it."""

    code = "leans-on"


class DocumentUnreadable(Refusal):
    """A document is a readable file of at most the size that settings allow."""

    code = "document-unreadable"


# The workspace.


class WorkspaceMissing(Refusal):
    """A command works in a workspace."""

    code = "workspace-missing"


class WorkspaceThere(Refusal):
    """A workspace is made once."""

    code = "workspace-there"


class WorkspaceUnfit(Refusal):
    """A workspace's settings and record can be read by this program."""

    code = "workspace-unfit"


class RecordBehind(Refusal):
    """Books only grow: a book that tells more than its record is the proof that the record has lost something."""

    code = "record-behind"


class WorkspaceNewer(Refusal):
    """A record made by a newer program is not touched by an older one."""

    code = "workspace-newer"


class WorkspaceBusy(Refusal):
    """One writer at a time; who waits too long is told."""

    code = "workspace-busy"


class RecordFull(Refusal):
    """There is room on the disk for what is recorded."""

    code = "record-full"


class RecordFailed(Refusal):
    """The disk keeps what is written to it."""

    code = "record-failed"


class StatementRefused(Refusal):
    """The program's own connection adds to the record; it never changes what is sealed, nor the rules."""

    code = "statement-refused"


class WorkspaceMoved(Refusal):
    """Nothing is written into a record that was moved aside."""

    code = "workspace-moved"


class DatabaseUnfit(Refusal):
    """A workspace and its database belong together, and nobody works as the owner of the rules."""

    code = "database-unfit"


class DatabaseUnreachable(Refusal):
    """A database that is not there, or is lost on the way, keeps nothing."""

    code = "database-unreachable"


class DatabaseForbidden(Refusal):
    """A login of the database does what it was let in for."""

    code = "database-forbidden"


class CommitUnknown(Refusal):
    """A database that is lost while it keeps something may have kept it or not."""

    code = "commit-unknown"


# Keys and signed notes.


class KeyThere(Refusal):
    """An office has one key."""

    code = "key-there"


class KeyMissing(Refusal):
    """A checkpoint is signed with the office's key."""

    code = "key-missing"


class KeyLocked(Refusal):
    """The office's key opens with its passphrase only."""

    code = "key-locked"


class KeyNotCurrent(Refusal):
    """Only the key that the office's log says signs for the office."""

    code = "key-not-current"


class OnePerson(Refusal):
    """What the office cannot prove any more, two people answer for."""

    code = "one-person"


class PassphraseMissing(Refusal):
    """A key is kept under a passphrase that somebody knows."""

    code = "passphrase-missing"


class NoteUnfit(Refusal):
    """A checkpoint is a note that the office's key has signed, of a log that still begins so."""

    code = "note-unfit"


# Backups, and books that are read back.


class BooksUnfit(Refusal):
    """Books from which a record is made again are just what we would have written."""

    code = "books-unfit"


class BackupThere(Refusal):
    """A backup is never written over a file that is there, unless that is asked for."""

    code = "backup-there"


class BackupUnfit(Refusal):
    """A backup is one that this program made, whole and unchanged."""

    code = "backup-unfit"


class RestoreBehind(Refusal):
    """What takes sealed vouchers away, two people answer for."""

    code = "restore-behind"


class RestoreInside(Refusal):
    """Nobody stands in a folder while it is moved aside."""

    code = "restore-inside"


# Witnesses.


class WitnessUnfit(Refusal):
    """A cosignature is given to offices that are known, and taken from witnesses that are known."""

    code = "witness-unfit"


class WitnessMemory(Refusal):
    """A witness cosigns from where its own memory ends, and from nowhere else."""

    code = "witness-memory"


class ForkSeen(Refusal):
    """A witness cosigns one history of a log; another one is kept as evidence."""

    code = "fork-seen"


# Erasing a person.


class NothingPrivate(Refusal):
    """Only a private value can be erased; what is sealed in the books stays."""

    code = "nothing-private"


class DraftsWait(Refusal):
    """A person is erased when no draft can bring the name back."""

    code = "drafts-wait"


class ReasonNamesPerson(Refusal):
    """The reason of an erasure stays for ever, so it does not name the person."""

    code = "reason-names-person"


class ExportUnknown(Refusal):
    """A book is exported in a form that another program reads."""

    code = "export-unknown"


class PeriodUnreadable(Refusal):
    """A period is a month such as 2024-03, or a year such as 2024."""

    code = "period-unreadable"


class MonthClosed(Refusal):
    """Nothing is dated into a month that is closed."""

    code = "month-closed"


class MonthNotNext(Refusal):
    """Months are closed one after the other, each when it is over."""

    code = "month-not-next"


class MonthWaiting(Refusal):
    """A month is closed when nothing waits to be sealed in it."""

    code = "month-waiting"


class MonthUnreconciled(Refusal):
    """A month is closed when its bank accounts are reconciled, or with the reason why one is not."""

    code = "month-unreconciled"


class YearNotEnded(Refusal):
    """December is closed when income and expense were carried over."""

    code = "year-not-ended"


class MonthNotReopened(Refusal):
    """Only the month that was closed last is opened again, and never after a checkpoint."""

    code = "month-not-reopened"

"""The register of payees: who is paid, by what number they are known, into which account that two people read.

Payees are facts of the office, because one firm works for many villages. Three kinds of facts make a payee: `payee`
says who it is, `payee-account` which account it has, `payee-approval` that somebody else has looked at that account.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import erasure, facts, log, people
from ledger.errors import ChoiceUnknown, Names
from ledger.facts import Fact, Paper
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import close_up, words
from ledger.text import code as fit_code
from projects.errors import (
    AccountApproved,
    AccountDiffers,
    AccountMissing,
    AccountOwn,
    AccountUnreadable,
    PayeeThere,
    PayeeUnknown,
)
from projects.identity import KINDS, PayeeKind, need_identifier
from projects.names import masked

PAYEE, ACCOUNT, APPROVAL = "payee", "payee-account", "payee-approval"
"""The kinds of facts that make a payee."""
ID, NUMBER = "id", "account"
"""The private fields: a person's number, and the number of a bank account."""
_SHOWN = 4
"""So many last digits of an account are shown."""


@dataclass(frozen=True)
class Account:
    """A payee's bank account: the fact that says so, its masked number, and the fact that approves it, if one does."""

    fact: Fact
    masked: str
    bank: str
    approval: Fact | None


@dataclass(frozen=True)
class Payee:
    """A payee of the register; a person's `name` and `identifier` are masked.

    `account` is the one that holds: none where none was named, or where an approved one was taken back.
    """

    code: str
    name: str
    kind: PayeeKind
    identifier: str
    fact: Fact
    account: Account | None

    @property
    def person(self) -> bool:
        """Tell whether it is a person, whose data are private."""
        return self.kind == "person"


def add_payee(
    unit: Unit, code: str, *, name: str, kind: str, identifier: str, by: str, papers: Sequence[Paper] = ()
) -> Fact:
    """Register a payee.

    Raises:
        CodeUnfit, ChoiceUnknown, TextMissing, IdentifierUnfit: what is said of it cannot be.
        PayeeThere: the code was used, or somebody registered has this number.
        RoleMissing: `by` makes vouchers in no book.
    """
    need_maker(unit.connection, by)
    fit_code(code, "payee")
    if kind not in KINDS:
        raise ChoiceUnknown(about="payee-kind", text=kind, choices=Names(KINDS))
    [known] = [each for each in KINDS if each == kind]
    number = need_identifier(identifier, known, today=unit.now.date())
    named = words(name, "name")
    # A code is used once, even if it was taken back: vouchers may name it.
    if facts.history(unit.connection, log.OFFICE, code):
        raise PayeeThere(code=code, name=_name_of(unit.connection, code))
    other = _of_number(unit.connection, number)
    if other:
        raise PayeeThere(about="identifier", code=other.code, name=other.name)
    person = known == "person"
    data = {
        "name": masked(named) if person else named,
        "payee-kind": known,
        "identifier": f"{number[:2]}{'*' * (len(number) - 2)}" if person else number,
    }
    private = {facts.PERSON: named, ID: number} if person else {}
    today = unit.now.date()
    return facts.record(unit, log.OFFICE, PAYEE, code, on=today, by=by, data=data, documents=papers, private=private)


def name_account(
    unit: Unit, code: str, *, number: str, bank: str, by: str, reason: str = "", papers: Sequence[Paper] = ()
) -> Fact:
    """Say which bank account a payee has, its first or another; nothing is paid into it before it is approved.

    Raises:
        PayeeUnknown, AccountUnreadable, TextMissing: what is said cannot be; a change has its reason.
        RoleMissing: `by` makes vouchers in no book.
    """
    need_maker(unit.connection, by)
    payee = need_payee(unit.connection, code)
    digits = read_account(number)
    data = {
        "account": mask(digits),
        "bank-name": words(bank, "bank_name"),
        "reason": words(reason, "reason", needed=payee.account is not None),
    }
    return facts.record(
        unit,
        log.OFFICE,
        ACCOUNT,
        code,
        on=unit.now.date(),
        by=by,
        data={key: value for key, value in data.items() if value},
        documents=papers,
        private={NUMBER: digits},
    )


def approve_account(unit: Unit, code: str, *, number: str, by: str, papers: Sequence[Paper] = ()) -> Fact:
    """Approve the account that a payee has; who approves types its number from the paper, and did not enter it.

    Raises:
        PayeeUnknown, AccountMissing, AccountApproved: there is nothing to approve.
        AccountOwn: who approves entered it.
        AccountDiffers: the number is not the one that was entered.
        RoleMissing: `by` may not approve in every book; the account pays for all of them.
    """
    people.need_role(unit.connection, by, "approver", people.EVERY_BOOK)
    payee = need_payee(unit.connection, code)
    account = payee.account
    if account is None or is_erased(unit.connection, account):
        raise AccountMissing(about="erased" if account else "", code=code, name=payee.name)
    if account.approval:
        raise AccountApproved(code=code, name=payee.name, account=account.masked, by=account.approval.by)
    if account.fact.by == by:
        raise AccountOwn(code=code, account=account.masked, fact=account.fact.label, user=by)
    if facts.private(unit.connection, account.fact).get(NUMBER) != read_account(number):
        raise AccountDiffers(code=code, account=account.masked, by=account.fact.by)
    data = {"account": account.masked, "approves": account.fact.label}
    return facts.record(unit, log.OFFICE, APPROVAL, code, on=unit.now.date(), by=by, data=data, documents=papers)


def payee_of(connection: Connection, code: str) -> Payee | None:
    """Return a payee that counts, None where there is none."""
    found = facts.history(connection, log.OFFICE, code)
    return _payee(code, found)


def need_payee(connection: Connection, code: str) -> Payee:
    """Return a payee by its code.

    Raises:
        PayeeUnknown: there is none, or it was taken back.
    """
    payee = payee_of(connection, code)
    if payee is None:
        raise PayeeUnknown(code=code)
    return payee


def list_payees(connection: Connection) -> list[Payee]:
    """Return the payees by their codes."""
    gone = {
        each.subject
        for each in facts.facts(connection, log.OFFICE, facts.WITHDRAWAL, withdrawn=True)
        if each.data.get("withdrawn") in {PAYEE, ACCOUNT, APPROVAL}
    }
    by_code: dict[str, list[tuple[Fact, bool]]] = {}
    for each in facts.facts(connection, log.OFFICE, PAYEE, ACCOUNT, APPROVAL, withdrawn=True):
        by_code.setdefault(each.subject, []).append((each, str(each.position) not in gone))
    found = (_payee(code, told) for code, told in sorted(by_code.items()))
    return [each for each in found if each]


def history(connection: Connection, code: str) -> list[tuple[Fact, bool]]:
    """Return what was recorded of a payee, oldest first, each with whether it counts."""
    told = facts.history(connection, log.OFFICE, code)
    return [(fact, counts) for fact, counts in told if fact.kind in {PAYEE, ACCOUNT, APPROVAL}]


def plain(found: Payee) -> dict[str, Any]:
    """Return a payee as JSON shows it: masked, as in print."""
    account = found.account
    return {
        "code": found.code,
        "name": found.name,
        "kind": found.kind,
        "identifier": found.identifier,
        "fact": found.fact.label,
        "account": account.masked if account else None,
        "bank_name": account.bank if account else None,
        "account_fact": account.fact.label if account else None,
        "entered_by": account.fact.by if account else None,
        "approved_by": account.approval.by if account and account.approval else None,
    }


def is_erased(connection: Connection, account: Account) -> bool:
    """Tell whether the number of an account was erased with its person."""
    return erasure.Value(log.OFFICE, account.fact.label, NUMBER) in erasure.erased(connection)


def read_account(text: str) -> str:
    """Return the digits of an account's number.

    Raises:
        AccountUnreadable: it is no number of 8 to 30 digits; the message does not repeat it.
    """
    digits = close_up(text)
    if not re.fullmatch(r"[0-9]{8,30}", digits, re.ASCII):
        raise AccountUnreadable(count=len(digits))
    return digits


def mask(digits: str) -> str:
    """Return an account's number as it is printed: its last four digits."""
    return f"****{digits[-_SHOWN:]}"


def _payee(code: str, told: Sequence[tuple[Fact, bool]]) -> Payee | None:
    who = [fact for fact, counts in told if fact.kind == PAYEE and counts]
    if not who or not _fit(who[-1].data):
        return None
    data = who[-1].data
    return Payee(code, data["name"], data["payee-kind"], data["identifier"], who[-1], _account(told))


def _account(told: Sequence[tuple[Fact, bool]]) -> Account | None:
    """Return the account that holds.

    One that was entered by mistake and taken back before anybody approved it leaves the one before it as it was. Once
    another was approved the old one never comes back by itself: whoever takes the new one back leaves the payee
    without an account, or a single person could send money to an account that was given up.
    """
    approved = {fact.data.get("approves"): fact for fact, counts in told if fact.kind == APPROVAL and counts}
    ever = {fact.data.get("approves") for fact, _ in told if fact.kind == APPROVAL}
    held = None
    for fact, counts in told:
        if fact.kind != ACCOUNT or not isinstance(fact.data.get("account"), str):
            continue
        if counts:
            bank = str(fact.data.get("bank-name", ""))
            held = Account(fact, fact.data["account"], bank, approved.get(fact.label))
        elif fact.label in ever:
            held = None
    return held


def _fit(data: Any) -> bool:
    texts = all(isinstance(data.get(key), str) for key in ("name", "payee-kind", "identifier"))
    return texts and data["payee-kind"] in KINDS


def _name_of(connection: Connection, code: str) -> str:
    told = [fact for fact, _ in facts.history(connection, log.OFFICE, code) if fact.kind == PAYEE]
    return str(told[-1].data.get("name", "")) if told else ""


def _of_number(connection: Connection, number: str) -> Payee | None:
    """Return the payee that has an identifier: an organisation's stands in the log, a person's in the private store."""
    for of, position in sql.rows(connection, _HELD, {"log": log.OFFICE, "field": ID, "value": number}):
        found = payee_of(connection, facts.need(connection, of, f"F{position}").subject)
        if found:
            return found
    return next((each for each in list_payees(connection) if each.identifier == number), None)


def need_maker(connection: Connection, name: str) -> None:
    """Make sure that somebody makes vouchers in a book, whichever it is: payees belong to the office.

    Raises:
        Unknown, RoleMissing: there is no such user, or the user has that role nowhere.
    """
    people.need_user(connection, name)
    if not any("maker" in held for held in people.roles_of(connection, name).values()):
        people.need_role(connection, name, "maker", people.EVERY_BOOK)


_HELD = "SELECT log, position FROM private_fact WHERE log = :log AND field = :field AND value = :value"

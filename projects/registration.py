"""The desk of what belongs to the office: payees, their accounts and who approved these, invoices; each told once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from ledger.facts import Fact, Paper
from ledger.store.workspace import Unit
from projects import invoices, payees
from projects.desk import Desk
from projects.identity import KINDS
from projects.request import Fen, Needed, PayeeCode, Request, Words, one_of


class AddPayee(Request):
    """登记收款人: who it is, with its first account where it is known."""

    code: PayeeCode
    name: Needed
    kind: Annotated[str, one_of("payee-kind", *KINDS)]
    identifier: Needed
    account: Words = ""
    bank_name: Words = ""


class NameAccount(Request):
    """登记收款账号: into which account a payee is paid, the first or another one."""

    payee: PayeeCode
    account: Needed
    bank_name: Needed
    reason: Words = ""


class ApproveAccount(Request):
    """核准收款账号: the number once more, off the same paper, by somebody else."""

    payee: PayeeCode
    account: Needed


class AddInvoice(Request):
    """登记发票: by its number, from whom, over how much, of which day."""

    number: Needed
    seller: PayeeCode
    amount: Fen


Work = Callable[[Unit, str, Mapping[str, Any], Sequence[Paper]], Fact]
"""What records a form: in a unit of work, by whom, of what was typed, with which papers."""


def _add_payee(unit: Unit, by: str, said: Mapping[str, Any], papers: Sequence[Paper]) -> Fact:
    who = {key: said[key] for key in ("name", "kind", "identifier")}
    made = payees.add_payee(unit, said["code"], **who, by=by, papers=papers)
    if "account" in said or "bank_name" in said:
        of = {"number": said.get("account", ""), "bank": said.get("bank_name", "")}
        payees.name_account(unit, said["code"], **of, by=by, papers=papers)
    return made


def _name_account(unit: Unit, by: str, said: Mapping[str, Any], papers: Sequence[Paper]) -> Fact:
    of = {"number": said["account"], "bank": said["bank_name"], "reason": said.get("reason", "")}
    return payees.name_account(unit, said["payee"], **of, by=by, papers=papers)


def _approve_account(unit: Unit, by: str, said: Mapping[str, Any], papers: Sequence[Paper]) -> Fact:
    return payees.approve_account(unit, said["payee"], number=said["account"], by=by, papers=papers)


def _add_invoice(unit: Unit, by: str, said: Mapping[str, Any], papers: Sequence[Paper]) -> Fact:
    ask: Any = AddInvoice.read(said)
    of = {"seller": ask.seller, "amount": said["amount"], "on": ask.date}
    return invoices.add_invoice(unit, ask.number, **of, by=by, papers=papers)


REGISTER: Mapping[str, tuple[type[Request], Work]] = {
    "payee-add": (AddPayee, _add_payee),
    "payee-account": (NameAccount, _name_account),
    "payee-approve": (ApproveAccount, _approve_account),
    "invoice-add": (AddInvoice, _add_invoice),
}
"""For each form what it asks for, and what records it."""


def register(
    desk: Desk, what: str, typed: Mapping[str, Any], *, key: str | None = None, papers: Sequence[Path] = ()
) -> dict[str, Any]:
    """Record a form of `REGISTER` in the office's log; return the fact, and the payee or the invoice as it stands then.

    No number of an account and no citizen's number is in the answer. The same key with the same content records once.

    Raises:
        Refusal: whatever the form cannot read, or the register refuses; nothing is kept then.
    """
    kind, work = REGISTER[what]
    asked = {name: value for name, value in typed.items() if value is not None}
    # What has no day of its own holds from now on; of an invoice the day is asked for.
    kind.read(asked if kind is AddInvoice else {"date": desk.workspace.clock().date().isoformat()} | asked)
    kept = desk.papers(papers)

    def act(unit: Unit) -> dict[str, Any]:
        made = work(unit, desk.user, asked, kept)
        if made.kind == invoices.KIND:
            return {"fact": made.label} | invoices.plain(invoices.need_invoice(unit.connection, made.subject), [])
        return {"recorded": made.label} | payees.plain(payees.need_payee(unit.connection, made.subject))

    content = asked | {"papers": [sha256 for sha256, _, _ in kept], "user": desk.user}
    return Desk(desk.workspace, desk.user).change(what.replace("-", " "), content, act, key=key)

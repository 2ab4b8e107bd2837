"""Commands of the payees: who is paid, into which account, and who approved that account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from ledger.facts import Fact
from ledger.store.workspace import Unit
from projects import payees
from projects.cli.facts import name_of, says
from projects.cli.output import Output
from projects.cli.session import As, Json, Key, Papers, session
from projects.desk import Desk
from projects.payees import Account, Payee

payee = typer.Typer(no_args_is_help=True, help="@help.payee")

Code = Annotated[str, typer.Argument(metavar="PAYEE", help="@argument.payee")]
Number = Annotated[str, typer.Option("--account", metavar="NUMBER", help="@option.payee-account")]
BankName = Annotated[str, typer.Option("--bank-name", metavar="TEXT", help="@option.bank-name")]


@payee.command("add", help="@help.payee-add")
def payee_add(
    code: Code,
    name: Annotated[str, typer.Option("--name", help="@option.payee-name")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="@option.payee-kind")],
    identifier: Annotated[str, typer.Option("--id", metavar="NUMBER", help="@option.payee-id")],
    account: Annotated[str | None, typer.Option("--account", metavar="NUMBER", help="@option.payee-account")] = None,
    bank_name: Annotated[str | None, typer.Option("--bank-name", metavar="TEXT", help="@option.bank-name")] = None,
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Register a payee, with its first account if it is known."""
    user = session.user(as_name)
    papers = Desk(session.workspace, user).papers(doc or [])

    def act(unit: Unit) -> Fact:
        said = {"name": name, "kind": kind, "identifier": identifier}
        made = payees.add_payee(unit, code, **said, by=user, papers=papers)
        if account is not None or bank_name is not None:
            payees.name_account(unit, code, number=account or "", bank=bank_name or "", by=user, papers=papers)
        return made

    content = {"code": code, "name": name, "kind": kind, "id": identifier, "account": account, "bank": bank_name}
    _change("payee add", content, act, user=user, key=key, as_json=as_json)


@payee.command("account", help="@help.payee-account")
def payee_account(
    code: Code,
    account: Number,
    bank_name: BankName,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="@option.account-reason")] = None,
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Enter a payee's account, the first or another one."""
    user = session.user(as_name)
    papers = Desk(session.workspace, user).papers(doc or [])

    def act(unit: Unit) -> Fact:
        said = {"number": account, "bank": bank_name, "reason": reason or ""}
        return payees.name_account(unit, code, **said, by=user, papers=papers)

    content = {"code": code, "account": account, "bank": bank_name, "reason": reason}
    _change("payee account", content, act, user=user, key=key, as_json=as_json)


@payee.command("approve", help="@help.payee-approve")
def payee_approve(
    code: Code,
    account: Annotated[str, typer.Option("--account", metavar="NUMBER", help="@option.account-again")],
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Approve the account that somebody else entered."""
    user = session.user(as_name)
    papers = Desk(session.workspace, user).papers(doc or [])

    def act(unit: Unit) -> Fact:
        return payees.approve_account(unit, code, number=account, by=user, papers=papers)

    _change("payee approve", {"code": code, "account": account}, act, user=user, key=key, as_json=as_json)


@payee.command("list", help="@help.payee-list")
def payee_list(as_json: Json = False) -> None:
    """List the payees with their accounts, masked."""
    with session.workspace.read() as connection:
        found = payees.list_payees(connection)
    output = session.output(as_json=as_json)
    if output.data([shown(each) for each in found]):
        return
    rows = [
        {
            "payee-code": each.code,
            "name": each.name,
            "kind": output.text(f"payee-kind.{each.kind}"),
            "identifier": each.identifier,
            "bank-account": each.account.masked if each.account else "",
            "bank-name": each.account.bank if each.account else "",
            "approval": _approval(output, each.account),
        }
        for each in found
    ]
    output.rows(rows, ["payee-code", "name", "kind", "identifier", "bank-account", "bank-name", "approval"])


@payee.command("show", help="@help.payee-show")
def payee_show(code: Code, as_json: Json = False) -> None:
    """Show a payee, its account, and all that was recorded of it."""
    with session.workspace.read() as connection:
        found = payees.need_payee(connection, code)
        told = payees.history(connection, code)
    output = session.output(as_json=as_json)
    rows = [
        {
            "fact": each.label,
            "date": each.on,
            "what": name_of(each.kind) + ("" if counts else output.text("print.fact-withdrawn")),
            "by": each.by,
            "says": says(each.data),
        }
        for each, counts in told
    ]
    if output.data(shown(found) | {"history": rows}):
        return
    output.pairs(
        {
            "payee-code": found.code,
            "name": found.name,
            "kind": output.text(f"payee-kind.{found.kind}"),
            "identifier": found.identifier,
            "bank-account": found.account.masked if found.account else "",
            "bank-name": found.account.bank if found.account else "",
            "approval": _approval(output, found.account),
        }
    )
    output.rows(rows, ["fact", "date", "what", "by", "says"])


def shown(found: Payee) -> dict[str, Any]:
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


def _approval(output: Output, account: Account | None) -> str:
    if account is None:
        return output.text("print.account-none")
    if account.approval is None:
        return output.text("print.account-waits", by=account.fact.by)
    return output.text("print.account-approved", by=account.approval.by, fact=account.fact.label)


def _change(
    command: str,
    content: dict[str, Any],
    act: Callable[[Unit], Fact],
    *,
    user: str,
    key: str | None,
    as_json: bool,
) -> None:
    """Record a fact of a payee and show how the payee stands; the answer never holds a number unmasked."""

    def answered(unit: Unit) -> dict[str, Any]:
        made = act(unit)
        return {"recorded": made.label} | shown(payees.need_payee(unit.connection, made.subject))

    made = Desk(session.workspace, user).change(command, content | {"user": user}, answered, key=key)
    output = session.output(as_json=as_json)
    if output.data(made):
        return
    output.say("print.payee", **{key: made[key] or "" for key in ("code", "name", "identifier")})
    if made["account"] is None:
        output.say("print.payee-no-account", code=made["code"])
    elif made["approved_by"] is None:
        facts = {"account": made["account"], "bank": made["bank_name"], "code": made["code"], "by": made["entered_by"]}
        output.say("print.payee-waits", **facts)
    else:
        output.say("print.payee-payable", account=made["account"], bank=made["bank_name"], by=made["approved_by"])


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(payee, name="payee")

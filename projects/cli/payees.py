"""Commands of the payees: who is paid, into which account, and who approved that account."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from projects import payees
from projects.cli.facts import name_of, says
from projects.cli.output import Output
from projects.cli.session import As, Json, Key, Papers, session
from projects.desk import Desk
from projects.payees import Account
from projects.registration import register

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
    said = {"name": name, "kind": kind, "identifier": identifier, "account": account, "bank_name": bank_name}
    made = register(_office(as_name), "payee-add", {"code": code} | said, key=key, papers=doc or ())
    _say(made, as_json=as_json)


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
    said = {"payee": code, "account": account, "bank_name": bank_name, "reason": reason}
    _say(register(_office(as_name), "payee-account", said, key=key, papers=doc or ()), as_json=as_json)


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
    said = {"payee": code, "account": account}
    _say(register(_office(as_name), "payee-approve", said, key=key, papers=doc or ()), as_json=as_json)


@payee.command("list", help="@help.payee-list")
def payee_list(as_json: Json = False) -> None:
    """List the payees with their accounts, masked."""
    with session.workspace.read() as connection:
        found = payees.list_payees(connection)
    output = session.output(as_json=as_json)
    if output.data([payees.plain(each) for each in found]):
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
    if output.data(payees.plain(found) | {"history": rows}):
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


def _approval(output: Output, account: Account | None) -> str:
    if account is None:
        return output.text("print.account-none")
    if account.approval is None:
        return output.text("print.account-waits", by=account.fact.by)
    return output.text("print.account-approved", by=account.approval.by, fact=account.fact.label)


def _office(as_name: str | None) -> Desk:
    return Desk(session.workspace, session.user(as_name))


def _say(made: dict[str, Any], *, as_json: bool) -> None:
    """Show how a payee stands after what was recorded."""
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

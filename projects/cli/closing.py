"""Commands of what comes back and what ends: refunds, retention, repayment, surplus, cancellation, the year."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from projects.cli.contracts import refund_advance, refund_cut
from projects.cli.drafting import event
from projects.cli.words import AmountArg, AmountOrAll, Bank, ChannelArg, ContractArg, Number, Part, ProjectArg, Why

refund = typer.Typer(no_args_is_help=True, help="@help.refund")
retention = typer.Typer(no_args_is_help=True, help="@help.retention")


@event("refund-household")
def refund_household(
    project: ProjectArg,
    amount: AmountArg,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.households-channel")] = None,
    cash: Annotated[bool, typer.Option("--cash", help="@option.refund-cash")] = False,
    bank: Bank = None,
    number: Number = None,
) -> dict[str, Any]:
    """退还筹资."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "amount": amount, "number": number}
    return facts | {"cash": cash or None, "bank": bank}


@event("release")
def release(
    code: Annotated[str, typer.Argument(metavar="PROJECT|CONTRACT", help="@argument.retention")],
    amount: AmountOrAll = None,
    part: Part = None,
    due: Annotated[str | None, typer.Option("--due", metavar="DATE", help="@option.due")] = None,
    bank: Bank = None,
) -> dict[str, Any]:
    """退质保金."""
    facts = {"contract" if "C" in code else "project": code, "amount": amount, "parts": part}
    return facts | {"due": due, "bank": bank}


@event("forfeit")
def forfeit(code: ContractArg, reason: Why, amount: AmountOrAll = None, part: Part = None) -> dict[str, Any]:
    """扣用质保金."""
    return {"contract": code, "amount": amount, "parts": part, "reason": reason}


@event("repair-pay")
def pay_repair(code: ContractArg, amount: AmountOrAll = None, part: Part = None, bank: Bank = None) -> dict[str, Any]:
    """支付维修款."""
    return {"contract": code, "amount": amount, "parts": part, "bank": bank}


@event("repay")
def repay(
    project: ProjectArg,
    amount: AmountOrAll = None,
    borrower: Annotated[str | None, typer.Option("--borrower", metavar="CHANNEL", help="@option.borrower")] = None,
    lender: Annotated[str | None, typer.Option("--lender", metavar="CHANNEL", help="@option.lender")] = None,
) -> dict[str, Any]:
    """归还垫付."""
    return {"project": project, "amount": amount, "borrower": borrower, "lender": lender}


@event("return")
def return_surplus(
    project: ProjectArg,
    channel: ChannelArg,
    amount: AmountOrAll = None,
    bank: Bank = None,
    to_own: Annotated[str | None, typer.Option("--to-own", metavar="ACCOUNT", help="@option.to-own")] = None,
) -> dict[str, Any]:
    """结余上缴."""
    return {"project": project, "channel": channel, "amount": amount, "bank": bank, "to_own": to_own}


@event("cancel")
def cancel(project: ProjectArg, reason: Why, number: Number = None) -> dict[str, Any]:
    """项目终止."""
    return {"project": project, "number": number, "reason": reason}


@event("year-end")
def close_year() -> dict[str, Any]:
    """年终结转."""
    return {}


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    refund.command("advance", help="@help.refund-advance")(refund_advance)
    refund.command("cut", help="@help.refund-cut")(refund_cut)
    refund.command("household", help="@help.refund-household")(refund_household)
    app.add_typer(refund, name="refund")
    app.command("repay", help="@help.repay")(repay)
    retention.command("release", help="@help.retention-release")(release)
    retention.command("forfeit", help="@help.retention-forfeit")(forfeit)
    retention.command("pay-repair", help="@help.retention-pay-repair")(pay_repair)
    app.add_typer(retention, name="retention")
    app.command("return", help="@help.return")(return_surplus)
    app.command("cancel", help="@help.cancel")(cancel)
    app.command("year-end", help="@help.year-end")(close_year)

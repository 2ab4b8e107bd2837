"""Commands of the events: a clerk names the event, the project, the channel and the amount; the postings follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from projects.cli.session import event

ProjectArg = Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.project")]
ChannelArg = Annotated[str, typer.Argument(metavar="CHANNEL", help="@argument.channel")]
AmountArg = Annotated[str, typer.Argument(metavar="AMOUNT", help="@argument.amount")]
ContractArg = Annotated[str, typer.Argument(metavar="CONTRACT", help="@argument.contract")]
GoodArg = Annotated[str, typer.Argument(metavar="GOOD", help="@argument.good")]
QuantityArg = Annotated[str, typer.Argument(metavar="QUANTITY", help="@argument.quantity")]
Number = Annotated[str | None, typer.Option("--number", help="@option.number")]
Bank = Annotated[str | None, typer.Option("--bank", metavar="ACCOUNT", help="@option.bank")]
Part = Annotated[list[str] | None, typer.Option("--part", metavar="CHANNEL=AMOUNT", help="@option.part")]
Lot = Annotated[str | None, typer.Option("--lot", help="@option.lot")]

inkind = typer.Typer(no_args_is_help=True, help="@help.inkind")


@event("allot")
def allot(project: ProjectArg, channel: ChannelArg, amount: AmountArg, number: Number = None) -> dict[str, Any]:
    """指标下达."""
    return {"project": project, "channel": channel, "amount": amount, "number": number}


@event("plan")
def plan(project: ProjectArg, channel: ChannelArg, amount: AmountArg, number: Number = None) -> dict[str, Any]:
    """筹资方案."""
    return {"project": project, "channel": channel, "amount": amount, "number": number}


@event("receive")
def receive(
    project: ProjectArg,
    channel: ChannelArg,
    amount: AmountArg,
    bank: Bank = None,
    cash: Annotated[bool, typer.Option("--cash", help="@option.cash")] = False,
    from_cash: Annotated[bool, typer.Option("--from-cash", help="@option.from-cash")] = False,
    from_own: Annotated[str | None, typer.Option("--from-own", metavar="ACCOUNT", help="@option.from-own")] = None,
) -> dict[str, Any]:
    """到账."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "amount": amount, "bank": bank}
    how = {"cash": cash or None, "from_cash": from_cash or None, "from_own": from_own}
    return facts | how


@event("contract")
def contract(
    code: ContractArg,
    part: Part = None,
    name: Annotated[str | None, typer.Option("--name", help="@option.contract-name")] = None,
) -> dict[str, Any]:
    """合同."""
    return {"contract": code, "parts": part or [], "name": name}


@event("advance")
def advance(
    code: ContractArg,
    amount: Annotated[str | None, typer.Argument(metavar="AMOUNT|PERCENT", help="@argument.advance")] = None,
    part: Part = None,
    bank: Bank = None,
) -> dict[str, Any]:
    """预付款."""
    share = amount is not None and amount.rstrip().endswith(("%", "％"))
    facts = {"percent" if share else "amount": amount, "parts": part, "bank": bank}
    return {"contract": code} | facts


@event("certify")
def certify(
    code: ContractArg,
    amount: Annotated[str | None, typer.Argument(metavar="AMOUNT", help="@argument.amount")] = None,
    part: Part = None,
    reason: Annotated[str | None, typer.Option("--reason", help="@option.reason")] = None,
    retention: Annotated[str | None, typer.Option("--retention", metavar="PERCENT", help="@option.retention")] = None,
    no_retention: Annotated[bool, typer.Option("--no-retention", help="@option.no-retention")] = False,
    offset: Annotated[str | None, typer.Option("--offset", metavar="AMOUNT", help="@option.offset")] = None,
) -> dict[str, Any]:
    """计量."""
    facts = {"contract": code, "amount": amount, "parts": part, "reason": reason, "retention": retention}
    return facts | {"no_retention": no_retention or None, "offset": offset}


@event("pay")
def pay(
    code: ContractArg,
    amount: Annotated[str | None, typer.Argument(metavar="AMOUNT", help="@argument.pay")] = None,
    part: Part = None,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.pay-channel")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="@option.partial")] = False,
    bank: Bank = None,
) -> dict[str, Any]:
    """支付."""
    facts: dict[str, Any] = {
        "contract": code,
        "amount": amount,
        "parts": part,
        "channel": channel,
        "bank": bank,
    }
    return facts | {"partial": partial or None}


@event("labour")
def labour(
    project: ProjectArg,
    channel: ChannelArg,
    days: Annotated[str, typer.Argument(metavar="DAYS", help="@argument.days")],
    rate: Annotated[str, typer.Option("--rate", metavar="AMOUNT", help="@option.rate")],
) -> dict[str, Any]:
    """投工投劳."""
    return {"project": project, "channel": channel, "days": days, "rate": rate}


@event("accept")
def accept(
    project: ProjectArg,
    quantity: QuantityArg,
    observe: Annotated[
        list[str] | None, typer.Option("--observe", metavar="INDICATOR=N/D", help="@option.observe")
    ] = None,
) -> dict[str, Any]:
    """验收."""
    return {"project": project, "quantity": quantity, "observe": observe}


@event("opening")
def opening(
    project: ProjectArg,
    line: Annotated[list[str], typer.Argument(metavar="ROLE[:DETAIL]=CHANNEL:AMOUNT", help="@argument.opening")],
) -> dict[str, Any]:
    """期初."""
    return {"project": project, "lines": line}


@event("reverse")
def reverse(
    voucher: Annotated[str, typer.Argument(metavar="VOUCHER", help="@argument.voucher")],
    reason: Annotated[str, typer.Option("--reason", help="@option.reverse-reason")],
) -> dict[str, Any]:
    """红冲."""
    return {"voucher": voucher, "reason": reason}


@event("inkind-receive")
def inkind_receive(
    project: ProjectArg,
    channel: ChannelArg,
    good: GoodArg,
    quantity: QuantityArg,
    amount: AmountArg,
    lot: Lot = None,
) -> dict[str, Any]:
    """实物入库."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "good": good, "quantity": quantity}
    return facts | {"amount": amount, "lot": lot}


@event("inkind-issue")
def inkind_issue(
    project: ProjectArg, channel: ChannelArg, good: GoodArg, quantity: QuantityArg, lot: Lot = None
) -> dict[str, Any]:
    """实物领用."""
    return {"project": project, "channel": channel, "good": good, "quantity": quantity, "lot": lot}


@event("inkind-return")
def inkind_return(
    project: ProjectArg, channel: ChannelArg, good: GoodArg, quantity: QuantityArg, lot: Lot = None
) -> dict[str, Any]:
    """实物退回."""
    return {"project": project, "channel": channel, "good": good, "quantity": quantity, "lot": lot}


def add_to(app: typer.Typer) -> None:
    """Put the events into the command line, in the order of a project's life."""
    before: tuple[Callable[..., dict[str, Any]], ...] = (
        allot,
        plan,
        receive,
        contract,
        advance,
        certify,
        pay,
    )
    after: tuple[Callable[..., dict[str, Any]], ...] = (labour, accept, reverse, opening)
    for command in before:
        app.command(command.__name__, help=f"@help.{command.__name__}")(command)
    inkind.command("receive", help="@help.inkind-receive")(inkind_receive)
    inkind.command("issue", help="@help.inkind-issue")(inkind_issue)
    inkind.command("return", help="@help.inkind-return")(inkind_return)
    app.add_typer(inkind, name="inkind")
    for command in after:
        app.command(command.__name__, help=f"@help.{command.__name__}")(command)

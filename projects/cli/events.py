"""Commands of the events: a clerk names the event, the project, the channel and the amount; the postings follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from projects.cli import closing, contracts, spending
from projects.cli.drafting import event
from projects.cli.words import (
    AmountArg,
    AmountOrAll,
    Approval,
    Bank,
    Category,
    ChannelArg,
    ContractArg,
    Item,
    NewItem,
    Number,
    Part,
    ProjectArg,
    QuantityArg,
    SplitReason,
    Why,
)

revise = typer.Typer(no_args_is_help=True, help="@help.revise")


@event("allot")
def allot(project: ProjectArg, channel: ChannelArg, amount: AmountArg, number: Number = None) -> dict[str, Any]:
    """指标下达."""
    return {"project": project, "channel": channel, "amount": amount, "number": number}


@event("plan")
def plan(
    project: ProjectArg,
    channel: ChannelArg,
    amount: AmountArg,
    number: Number = None,
    people: Annotated[str | None, typer.Option("--people", metavar="N", help="@option.people")] = None,
) -> dict[str, Any]:
    """筹资方案."""
    return {"project": project, "channel": channel, "amount": amount, "number": number, "people": people}


@event("revise-up")
def revise_up(
    project: ProjectArg, channel: ChannelArg, amount: AmountArg, number: Approval, reason: Why
) -> dict[str, Any]:
    """追加指标."""
    return {"project": project, "channel": channel, "amount": amount, "number": number, "reason": reason}


@event("revise-down")
def revise_down(
    project: ProjectArg, channel: ChannelArg, number: Approval, reason: Why, amount: AmountOrAll = None
) -> dict[str, Any]:
    """调减指标."""
    return {"project": project, "channel": channel, "amount": amount, "number": number, "reason": reason}


@event("waive")
def waive(
    project: ProjectArg,
    amount: AmountArg,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.households-channel")] = None,
    number: Number = None,
) -> dict[str, Any]:
    """免收筹资."""
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
    hold: Annotated[bool, typer.Option("--hold", help="@option.hold")] = False,
    allot: Annotated[bool, typer.Option("--allot", help="@option.with-allotment")] = False,
    number: Number = None,
) -> dict[str, Any]:
    """到账."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "amount": amount, "bank": bank, "number": number}
    how = {"cash": cash or None, "from_cash": from_cash or None, "from_own": from_own}
    return facts | how | {"hold": hold or None, "allot": allot or None}


@event("send-back")
def send_back(
    project: ProjectArg, channel: ChannelArg, amount: AmountOrAll = None, bank: Bank = None
) -> dict[str, Any]:
    """退回暂收款."""
    return {"project": project, "channel": channel, "amount": amount, "bank": bank}


@event("interest")
def interest(
    project: ProjectArg,
    amount: Annotated[str | None, typer.Argument(metavar="AMOUNT", help="@argument.slip")] = None,
    bank: Bank = None,
    start: Annotated[str | None, typer.Option("--from", metavar="DATE", help="@option.interest-from")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="DATE", help="@option.interest-until")] = None,
    part: Annotated[
        list[str] | None, typer.Option("--part", metavar="CHANNEL=AMOUNT", help="@option.interest-part")
    ] = None,
    reason: SplitReason = None,
) -> dict[str, Any]:
    """利息."""
    facts: dict[str, Any] = {"project": project, "amount": amount, "bank": bank, "start": start, "until": until}
    return facts | {"parts": part, "reason": reason}


@event("contract")
def contract(
    code: ContractArg,
    part: Part = None,
    name: Annotated[str | None, typer.Option("--name", help="@option.contract-name")] = None,
    item: NewItem = None,
    kind: Annotated[str | None, typer.Option("--kind", help="@option.contract-kind")] = None,
    category: Category = None,
) -> dict[str, Any]:
    """合同."""
    facts = {"contract": code, "parts": part or [], "name": name, "items": item, "kind": kind}
    return facts | {"category": category}


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
    reason: SplitReason = None,
    retention: Annotated[str | None, typer.Option("--retention", metavar="PERCENT", help="@option.retention")] = None,
    no_retention: Annotated[bool, typer.Option("--no-retention", help="@option.no-retention")] = False,
    offset: Annotated[str | None, typer.Option("--offset", metavar="AMOUNT", help="@option.offset")] = None,
    item: Item = None,
    assign: Annotated[list[str] | None, typer.Option("--assign", metavar="ITEM=CHANNEL", help="@option.assign")] = None,
) -> dict[str, Any]:
    """计量."""
    facts = {"contract": code, "amount": amount, "parts": part, "reason": reason, "retention": retention}
    return facts | {"no_retention": no_retention or None, "offset": offset, "items": item, "assigned": assign}


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


@event("accept")
def accept(
    project: ProjectArg,
    quantity: QuantityArg,
    observe: Annotated[
        list[str] | None, typer.Option("--observe", metavar="INDICATOR=N/D", help="@option.observe")
    ] = None,
    asset: Annotated[
        list[str] | None, typer.Option("--asset", metavar="KIND=AMOUNT:QUANTITY", help="@option.asset")
    ] = None,
    no_asset: Annotated[bool, typer.Option("--no-asset", help="@option.no-asset")] = False,
    warranty_until: Annotated[
        str | None, typer.Option("--warranty-until", metavar="DATE", help="@option.warranty-until")
    ] = None,
) -> dict[str, Any]:
    """验收."""
    facts: dict[str, Any] = {"project": project, "quantity": quantity, "observe": observe, "assets": asset}
    return facts | {"no_asset": no_asset or None, "warranty_until": warranty_until}


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


Commands = dict[str, Callable[..., dict[str, Any]]]


def add_to(app: typer.Typer) -> None:
    """Put the events into the command line, in the order of a project's life."""
    revise.command("up", help="@help.revise-up")(revise_up)
    revise.command("down", help="@help.revise-down")(revise_down)
    _add(app, {"allot": allot})
    app.add_typer(revise, name="revise")
    _add(app, {"plan": plan, "waive": waive, "receive": receive, "send-back": send_back, "interest": interest})
    _add(app, {"contract": contract})
    contracts.add_before(app)
    _add(app, {"advance": advance, "certify": certify, "pay": pay})
    contracts.add_after(app)
    spending.add_to(app)
    _add(app, {"accept": accept})
    closing.add_to(app)
    _add(app, {"reverse": reverse, "opening": opening})


def _add(app: typer.Typer, commands: Commands) -> None:
    for name, command in commands.items():
        app.command(name, help=f"@help.{name}")(command)

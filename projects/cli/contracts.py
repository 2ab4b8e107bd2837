"""Commands of what happens to a contract beside certificates and payments."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger.balances import State
from projects.cli.drafting import event
from projects.cli.session import Book, Json, session
from projects.cli.words import (
    AmountArg,
    AmountOrAll,
    Approval,
    Bank,
    ContractArg,
    Item,
    NewItem,
    Number,
    Part,
    SplitReason,
    Why,
)
from projects.contracts import need_contract
from projects.events.bills import bill, shown

DepositChannel = Annotated[str | None, typer.Option("--channel", help="@option.deposit-channel")]
DepositBank = Annotated[str | None, typer.Option("--bank", metavar="ACCOUNT", help="@option.deposit-bank")]

change = typer.Typer(no_args_is_help=True, help="@help.change")
deposit = typer.Typer(no_args_is_help=True, help="@help.deposit")


@event("change-up")
def change_up(
    code: ContractArg,
    reason: Why,
    amount: AmountOrAll = None,
    part: Part = None,
    number: Number = None,
    item: NewItem = None,
) -> dict[str, Any]:
    """合同变更增加."""
    return {"contract": code, "amount": amount, "parts": part, "number": number, "reason": reason, "items": item}


@event("change-down")
def change_down(
    code: ContractArg,
    reason: Why,
    amount: AmountOrAll = None,
    part: Part = None,
    number: Number = None,
    item: Item = None,
) -> dict[str, Any]:
    """合同变更减少."""
    return {"contract": code, "amount": amount, "parts": part, "number": number, "reason": reason, "items": item}


@event("decommit")
def decommit(
    code: ContractArg,
    amount: AmountOrAll = None,
    settled: Annotated[str | None, typer.Option("--settled", metavar="AMOUNT", help="@option.settled")] = None,
    part: Part = None,
    reason: SplitReason = None,
) -> dict[str, Any]:
    """释放合同占用."""
    return {"contract": code, "amount": amount, "settled": settled, "parts": part, "reason": reason}


@event("deposit-receive")
def deposit_receive(
    code: ContractArg, amount: AmountArg, channel: DepositChannel = None, bank: DepositBank = None
) -> dict[str, Any]:
    """收保证金."""
    return {"contract": code, "amount": amount, "channel": channel, "bank": bank}


@event("deposit-return")
def deposit_return(
    code: ContractArg, amount: AmountOrAll = None, channel: DepositChannel = None, bank: DepositBank = None
) -> dict[str, Any]:
    """退保证金."""
    return {"contract": code, "amount": amount, "channel": channel, "bank": bank}


@event("pay-direct")
def pay_direct(
    code: ContractArg,
    amount: AmountOrAll = None,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.direct-channel")] = None,
    ahead: Annotated[bool, typer.Option("--ahead", help="@option.ahead")] = False,
) -> dict[str, Any]:
    """直接支付."""
    return {"contract": code, "amount": amount, "channel": channel, "ahead": ahead or None}


@event("bounce")
def bounce(
    voucher: Annotated[str, typer.Argument(metavar="VOUCHER", help="@argument.payment")],
    amount: AmountOrAll = None,
    part: Part = None,
) -> dict[str, Any]:
    """退汇."""
    return {"voucher": voucher, "amount": amount, "parts": part}


@event("change-source")
def change_source(
    code: ContractArg,
    from_channel: Annotated[str, typer.Option("--from", metavar="CHANNEL", help="@option.from-channel")],
    to_channel: Annotated[str, typer.Option("--to", metavar="CHANNEL", help="@option.to-channel")],
    number: Approval,
    amount: AmountOrAll = None,
    reason: Annotated[str | None, typer.Option("--reason", help="@option.why")] = None,
) -> dict[str, Any]:
    """调整资金来源."""
    channels = {"from_channel": from_channel, "to_channel": to_channel}
    return {"contract": code, "amount": amount, "number": number, "reason": reason} | channels


@event("prefinance")
def prefinance(
    code: ContractArg,
    number: Approval,
    amount: AmountOrAll = None,
    borrower: Annotated[str | None, typer.Option("--borrower", metavar="CHANNEL", help="@option.borrower")] = None,
    lender: Annotated[str | None, typer.Option("--lender", metavar="CHANNEL", help="@option.lender")] = None,
    bank: Annotated[str | None, typer.Option("--bank", metavar="ACCOUNT", help="@option.lender-bank")] = None,
) -> dict[str, Any]:
    """垫付."""
    facts = {"contract": code, "amount": amount, "number": number}
    return facts | {"borrower": borrower, "lender": lender, "bank": bank}


@event("cut")
def cut(code: ContractArg, number: Approval, amount: AmountOrAll = None, part: Part = None) -> dict[str, Any]:
    """审减."""
    return {"contract": code, "amount": amount, "parts": part, "number": number}


@event("refund-advance")
def refund_advance(
    code: ContractArg, amount: AmountOrAll = None, part: Part = None, bank: Bank = None
) -> dict[str, Any]:
    """退回预付款."""
    return {"contract": code, "amount": amount, "parts": part, "bank": bank}


@event("refund-cut")
def refund_cut(code: ContractArg, amount: AmountOrAll = None, part: Part = None, bank: Bank = None) -> dict[str, Any]:
    """退回审减款."""
    return {"contract": code, "amount": amount, "parts": part, "bank": bank}


def bill_command(code: ContractArg, at: Book = None, as_json: Json = False) -> None:
    """Show the bill of quantities of a contract: what is agreed and what is measured of each item."""
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        state = State(connection, session.book(at), drafts=False)
        need_contract(state, code)
        items = bill(state, code)
    rows = [
        {
            "code": each.code,
            "name": each.name,
            "unit": each.unit,
            "channel": each.channel,
            "price": each.price,
            "quantity": shown(each.quantity),
            "measured": shown(each.measured),
            "still": shown(each.quantity - each.measured),
            "worth": each.worth,
            "certified_fen": each.certified,
        }
        for each in items.values()
    ]
    if output.data(rows):
        return
    right = ["price", "quantity", "measured", "still", "worth", "certified_fen"]
    output.rows(rows, ["code", "name", "unit", "channel", *right], numbers=right)


def add_before(app: typer.Typer) -> None:
    """Put what changes a contract into the command line."""
    app.command("bill", help="@help.bill")(bill_command)
    change.command("up", help="@help.change-up")(change_up)
    change.command("down", help="@help.change-down")(change_down)
    app.add_typer(change, name="change")
    app.command("decommit", help="@help.decommit")(decommit)
    deposit.command("receive", help="@help.deposit-receive")(deposit_receive)
    deposit.command("return", help="@help.deposit-return")(deposit_return)
    app.add_typer(deposit, name="deposit")


def add_after(app: typer.Typer) -> None:
    """Put what follows payments into the command line."""
    app.command("pay-direct", help="@help.pay-direct")(pay_direct)
    app.command("bounce", help="@help.bounce")(bounce)
    app.command("change-source", help="@help.change-source")(change_source)
    app.command("prefinance", help="@help.prefinance")(prefinance)
    app.command("cut", help="@help.cut")(cut)

"""Commands of spending without a contract: purchases, aid, wages, goods, labour."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from projects.cli.drafting import event
from projects.cli.words import (
    AmountArg,
    AmountOrAll,
    Bank,
    Category,
    ChannelArg,
    DaysArg,
    GoodArg,
    Lot,
    Number,
    Part,
    ProjectArg,
    QuantityArg,
    Rate,
    Why,
)

Loan = Annotated[str | None, typer.Option("--loan", metavar="LOAN", help="@option.loan")]
Quarter = Annotated[str | None, typer.Option("--quarter", metavar="QUARTER", help="@option.quarter")]

inkind = typer.Typer(no_args_is_help=True, help="@help.inkind")
wages = typer.Typer(no_args_is_help=True, help="@help.wages")


@event("purchase")
def purchase(
    project: ProjectArg, channel: ChannelArg, amount: AmountArg, bank: Bank = None, category: Category = None
) -> dict[str, Any]:
    """零星采购."""
    return {"project": project, "channel": channel, "amount": amount, "bank": bank, "category": category}


@event("spend")
def spend(
    project: ProjectArg,
    channel: ChannelArg,
    amount: AmountArg,
    bank: Bank = None,
    fee: Annotated[bool, typer.Option("--fee", help="@option.fee")] = False,
    category: Category = None,
    loan: Loan = None,
    quarter: Quarter = None,
) -> dict[str, Any]:
    """公益支出."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "amount": amount, "bank": bank}
    return facts | {"fee": fee or None, "category": category, "loan": loan, "quarter": quarter}


@event("aid")
def aid(
    project: ProjectArg,
    channel: ChannelArg,
    amount: AmountArg,
    bank: Bank = None,
    number: Number = None,
    loan: Loan = None,
    quarter: Quarter = None,
) -> dict[str, Any]:
    """到户补助."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "amount": amount, "bank": bank}
    return facts | {"number": number, "loan": loan, "quarter": quarter}


@event("relief")
def relief(
    project: ProjectArg,
    amount: AmountArg,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.relief-channel")] = None,
    bank: Bank = None,
    number: Number = None,
) -> dict[str, Any]:
    """风险金救助."""
    return {"project": project, "channel": channel, "amount": amount, "bank": bank, "number": number}


@event("wages-earn")
def wages_earn(project: ProjectArg, channel: ChannelArg, days: DaysArg, rate: Rate) -> dict[str, Any]:
    """登记用工."""
    return {"project": project, "channel": channel, "days": days, "rate": rate}


@event("wages-pay")
def wages_pay(
    project: ProjectArg,
    amount: AmountOrAll = None,
    part: Part = None,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.wages-channel")] = None,
    bank: Bank = None,
) -> dict[str, Any]:
    """发放劳务报酬."""
    return {"project": project, "amount": amount, "parts": part, "channel": channel, "bank": bank}


@event("labour")
def labour(
    project: ProjectArg,
    channel: ChannelArg,
    days: DaysArg,
    rate: Rate,
    labourers: Annotated[str | None, typer.Option("--labourers", metavar="N", help="@option.labourers")] = None,
) -> dict[str, Any]:
    """投工投劳."""
    return {"project": project, "channel": channel, "days": days, "rate": rate, "labourers": labourers}


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


@event("inkind-buy")
def inkind_buy(
    project: ProjectArg,
    channel: ChannelArg,
    good: GoodArg,
    quantity: QuantityArg,
    amount: AmountArg,
    lot: Lot = None,
    bank: Bank = None,
    contract: Annotated[str | None, typer.Option("--contract", help="@option.owed-contract")] = None,
) -> dict[str, Any]:
    """购入物资."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "good": good, "quantity": quantity}
    return facts | {"amount": amount, "lot": lot, "bank": bank, "contract": contract}


@event("inkind-issue")
def inkind_issue(
    project: ProjectArg, channel: ChannelArg, good: GoodArg, quantity: QuantityArg, lot: Lot = None
) -> dict[str, Any]:
    """领用."""
    return {"project": project, "channel": channel, "good": good, "quantity": quantity, "lot": lot}


@event("inkind-return")
def inkind_return(
    project: ProjectArg, channel: ChannelArg, good: GoodArg, quantity: QuantityArg, lot: Lot = None
) -> dict[str, Any]:
    """实物退回."""
    return {"project": project, "channel": channel, "good": good, "quantity": quantity, "lot": lot}


@event("inkind-lose")
def inkind_lose(
    project: ProjectArg, channel: ChannelArg, good: GoodArg, quantity: QuantityArg, reason: Why, lot: Lot = None
) -> dict[str, Any]:
    """物资损失."""
    facts: dict[str, Any] = {"project": project, "channel": channel, "good": good, "quantity": quantity}
    return facts | {"lot": lot, "reason": reason}


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    for command in (purchase, spend, aid, relief):
        app.command(command.__name__, help=f"@help.{command.__name__}")(command)
    wages.command("earn", help="@help.wages-earn")(wages_earn)
    wages.command("pay", help="@help.wages-pay")(wages_pay)
    app.add_typer(wages, name="wages")
    inkind.command("receive", help="@help.inkind-receive")(inkind_receive)
    inkind.command("buy", help="@help.inkind-buy")(inkind_buy)
    inkind.command("issue", help="@help.inkind-issue")(inkind_issue)
    inkind.command("return", help="@help.inkind-return")(inkind_return)
    inkind.command("lose", help="@help.inkind-lose")(inkind_lose)
    app.add_typer(inkind, name="inkind")
    app.command("labour", help="@help.labour")(labour)

"""Arguments and options that several commands of events share."""

from __future__ import annotations

from typing import Annotated

import typer

ProjectArg = Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.project")]
VillageArg = Annotated[str, typer.Argument(metavar="VILLAGE", help="@argument.village")]
ChannelArg = Annotated[str, typer.Argument(metavar="CHANNEL", help="@argument.channel")]
AmountArg = Annotated[str, typer.Argument(metavar="AMOUNT", help="@argument.amount")]
AmountOrAll = Annotated[str | None, typer.Argument(metavar="AMOUNT", help="@argument.amount-or-all")]
ContractArg = Annotated[str, typer.Argument(metavar="CONTRACT", help="@argument.contract")]
GoodArg = Annotated[str, typer.Argument(metavar="GOOD", help="@argument.good")]
QuantityArg = Annotated[str, typer.Argument(metavar="QUANTITY", help="@argument.quantity")]
DaysArg = Annotated[str, typer.Argument(metavar="DAYS", help="@argument.days")]
Number = Annotated[str | None, typer.Option("--number", help="@option.number")]
Approval = Annotated[str, typer.Option("--number", help="@option.approval")]
Why = Annotated[str, typer.Option("--reason", help="@option.why")]
Bank = Annotated[str | None, typer.Option("--bank", metavar="ACCOUNT", help="@option.bank")]
Category = Annotated[str | None, typer.Option("--category", help="@option.category")]
Part = Annotated[list[str] | None, typer.Option("--part", metavar="CHANNEL=AMOUNT", help="@option.part")]
Item = Annotated[list[str] | None, typer.Option("--item", metavar="CODE=QUANTITY", help="@option.item")]
NewItem = Annotated[
    list[str] | None, typer.Option("--item", metavar="CODE=NAME:UNIT:QUANTITY:PRICE", help="@option.new-item")
]
Lot = Annotated[str | None, typer.Option("--lot", help="@option.lot")]
Rate = Annotated[str, typer.Option("--rate", metavar="AMOUNT", help="@option.rate")]
SplitReason = Annotated[str | None, typer.Option("--reason", help="@option.reason")]

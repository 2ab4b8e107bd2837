"""The command that credits each channel with its own result: shares, indicators, and what a unit cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from ledger import channels, money, register
from ledger.errors import Unknown
from ledger.money import yuan
from ledger.text import visible
from projects import indicators, registry
from projects.cli.output import Output
from projects.cli.session import Book, Json, session
from projects.costs import UnitCost, costs
from projects.credit import Credit, Moved, Share, credits_of, proportions
from projects.types import name_of, types_of
from projects.units import Quantity, grouped

BAR = 20
"""So many cells are the whole."""
EIGHTHS = " ▏▎▍▌▋▊▉"
WHOLE = 10_000
"""Shares are shown in hundredths of a percent, which add up to this."""


def credit_command(
    what: Annotated[str | None, typer.Argument(metavar="PROJECT|VILLAGE", help="@argument.credit")] = None,
    with_costs: Annotated[bool, typer.Option("--costs", help="@option.costs")] = False,
    at: Book = None,
    as_json: Json = False,
) -> None:
    """Credit each channel with its own result, by what it verifiably paid."""
    output = session.output(as_json=as_json)
    found, villages, single = _find(what, at)
    names = _names()
    if with_costs:
        rows = [_cost_data(each) for each in costs(found, villages)]
        if not output.data(rows):
            _print_costs(output, costs(found, villages), names, villages)
        return
    told = [as_data(each) for each in found]
    if output.data(told[0] if single else {"village": what, "projects": told, "channels": _by_channel(found)}):
        return
    _print(output, found if single else [each for each in found if each.accepted], names)
    if not single:
        _print_rest(output, found, names)


def as_data(credit: Credit) -> dict[str, Any]:
    """Return a credit as JSON shows it: quantities as text in the smallest unit, amounts in fen."""
    return {
        "project": credit.project["code"],
        "output": {"quantity": credit.output.plain, "unit": credit.output.unit.small},
        "channels": [
            {"channel": each.channel, "paid_fen": each.paid, "quantity": credit.output.part(each.quantity)}
            for each in credit.shares
        ],
        "indicators": [
            {
                "indicator": each.after.indicator,
                "place": each.after.place,
                "before": _seen(each.before),
                "after": _seen(each.after),
                "change": each.change,
                "channels": [{"channel": channel, "change": part} for channel, part in each.channels.items()],
            }
            for each in credit.moved
        ],
    }


def _print(output: Output, found: Sequence[Credit], names: Mapping[str, str]) -> None:
    for number, each in enumerate(found):
        if number:
            output.line()
        print_credit(output, each, names)


def _print_rest(output: Output, found: Sequence[Credit], names: Mapping[str, str]) -> None:
    """Print what is common to all projects: what each channel has, and what waits for its acceptance."""
    accepted = [each for each in found if each.accepted]
    if len(accepted) > 1:
        output.line()
        _print_by_channel(output, accepted, names)
    waiting = [f"{each.book} {each.project['code']} {each.project['title']}" for each in found if not each.accepted]
    if waiting:
        output.sentence(output.text("print.credit-waiting", projects=output.join(waiting)))


def print_credit(output: Output, credit: Credit, names: Mapping[str, str]) -> None:
    """Print what a project brought and whose it is: channels down, quantity and indicators across."""
    output.line(f"■ {credit.book} {credit.project['code']} {credit.project['title']}")
    if not credit.accepted:
        output.sentence(output.text("print.credit-unaccepted"))
        return
    state = "print.credit-final" if credit.final else "print.credit-provisional"
    facts = {"quantity": _quantity(output, credit.measured), "vouchers": output.join(credit.accepted)}
    final = {"fact": credit.final.label, "date": credit.final.on} if credit.final else {}
    output.sentence(output.text("print.credit-accepted", date=credit.accepted_on, **facts))
    output.sentence(output.text(state, **final))
    if not credit.paid:
        output.sentence(output.text("print.credit-unpaid", owed=credit.owed))
        return
    output.table(_table(output, credit, names))
    if credit.owed:
        output.sentence(output.text("print.credit-owed", owed=credit.owed, retention=credit.retention))
    for each in credit.moved:
        output.sentence(_moved(output, each))


def _table(output: Output, credit: Credit, names: Mapping[str, str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    shares = percentages([each.paid for each in credit.shares])
    moved = [each for each in credit.moved if each.change]
    table.add_column(output.text("column.channel"), no_wrap=True)
    table.add_column(output.text("column.name"), overflow="fold")
    table.add_column(output.text("column.credit-paid"), justify="right", no_wrap=True)
    table.add_column(output.text("column.credit-share"), justify="right", no_wrap=True)
    table.add_column("", width=BAR, no_wrap=True)
    unit = credit.output.unit.called(output.lang)
    head = output.text("print.credit-of-unit", unit=unit) if unit else output.text("column.credit-part")
    table.add_column(head, justify="right", no_wrap=True, style="bold")
    for each in moved:
        table.add_column(_indicator(output, each.after.indicator), justify="right", no_wrap=True)
    for share, hundredths in zip(credit.shares, shares, strict=True):
        table.add_row(
            share.channel,
            visible(names[share.channel]),
            yuan(share.paid),
            f"{money.plain(hundredths)}%",
            Text(bar(hundredths), style="green"),
            grouped(credit.output.aligned(share.quantity)),
            *(signed(each.channels[share.channel]) for each in moved),
        )
    table.add_row(
        output.text("print.total"),
        "",
        yuan(credit.paid),
        "100.00%",
        "",
        grouped(credit.output.aligned(credit.output.amount)),
        *(signed(each.change or 0) for each in moved),
        style="bold",
    )
    return table


def percentages(paid: Sequence[int]) -> list[int]:
    """Return shares in hundredths of a percent that add up to a hundred percent."""
    return proportions(paid, WHOLE)


def bar(hundredths: int) -> str:
    """Return a bar as long as a share: a hundred percent has `BAR` cells."""
    eighths = hundredths * BAR * 8 // WHOLE
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def signed(change: int) -> str:
    """Return a change with its sign."""
    return f"{change:+,}"


def _moved(output: Output, each: Moved) -> str:
    facts = {
        "indicator": _indicator(output, each.after.indicator),
        "place": each.after.place,
        "after": shown(each.after.value),
    }
    if each.before is None:
        return output.text("print.credit-no-baseline", **facts)
    before = {"before": shown(each.before.value), "since": each.before.on, "date": each.after.on}
    return output.text("print.credit-moved", change=signed(each.change or 0), **before, **facts)


def _indicator(output: Output, code: str) -> str:
    return indicators.name_of(indicators.indicators_of(session.workspace.path), code, output.lang)


def shown(value: str) -> str:
    """Return an observation with separators."""
    return "/".join(f"{int(part):,}" for part in value.split("/"))


def _quantity(output: Output, quantity: Quantity) -> str:
    return f"{grouped(quantity.plain)} {quantity.unit.called(output.lang)}".strip()


def _seen(seen: Any) -> dict[str, Any] | None:
    if seen is None:
        return None
    return {"numerator": seen.numerator, "denominator": seen.denominator, "on": seen.on, "source": seen.label}


def _find(what: str | None, at: str | None) -> tuple[list[Credit], dict[str, str], bool]:
    """Return the credits asked for, the village of each book, and whether one project was asked for."""
    with session.workspace.read() as connection:
        books = {each.code: each.village for each in register.list_books(connection)}
        villages = {row["code"] for row in registry.list_villages(connection)}
    one = what is not None and what not in villages
    of = [session.book(at)] if one or at else [book for book in books if what in {None, books[book]}]
    with session.workspace.read() as connection:
        if not one:
            return [each for book in of for each in credits_of(connection, book)], books, False
        found = credits_of(connection, of[0], what)
        if not found:
            raise Unknown(about="project-or-village", text=what, book=of[0])
        return found, books, True


def _names() -> dict[str, str]:
    with session.workspace.read() as connection:
        return {row["code"]: row["name"] for row in channels.list_channels(connection)}


def _by_channel(found: Sequence[Credit]) -> list[dict[str, Any]]:
    """Return what each channel is credited with over projects; quantities of two units are never one sum."""
    return [
        {
            "channel": channel,
            "paid_fen": sum(share.paid for _, share in parts),
            "quantities": [_part(*p) for p in parts],
        }
        for channel, parts in _parts(found).items()
    ]


def _parts(found: Sequence[Credit]) -> dict[str, list[tuple[Credit, Share]]]:
    made: dict[str, list[tuple[Credit, Share]]] = {}
    for credit in found:
        for share in credit.shares:
            made.setdefault(share.channel, []).append((credit, share))
    return dict(sorted(made.items()))


def _part(credit: Credit, share: Share) -> dict[str, str]:
    return {
        "book": credit.book,
        "project": credit.project["code"],
        "quantity": credit.output.part(share.quantity),
        "unit": credit.output.unit.small,
    }


def _print_by_channel(output: Output, found: Sequence[Credit], names: Mapping[str, str]) -> None:
    output.line(output.text("print.credit-by-channel"))
    rows = [
        {
            "channel": channel,
            "name": names[channel],
            "credit-paid": sum(share.paid for _, share in parts),
            "credit-part": output.join(
                f"{credit.project['code']} {_part_with_unit(output, credit, share)}" for credit, share in parts
            ),
        }
        for channel, parts in _parts(found).items()
    ]
    output.rows(rows, ["channel", "name", "credit-paid", "credit-part"], numbers=["credit-paid"])


def _part_with_unit(output: Output, credit: Credit, share: Share) -> str:
    return _quantity(output, Quantity(share.quantity, credit.output.decimals, credit.output.unit))


def _cost_data(each: UnitCost) -> dict[str, Any]:
    return {
        "by": each.by,
        "of": each.of,
        "village": each.village,
        "projects": each.projects,
        "fen": each.fen,
        "quantity": each.quantity.plain,
        "unit": each.quantity.unit.small,
        "fen_per_unit": each.per_unit,
    }


def _print_costs(
    output: Output, found: Sequence[UnitCost], names: Mapping[str, str], villages: Mapping[str, str]
) -> None:
    several = len(set(villages.values())) > 1
    rows = [
        {
            "cost-basis": output.text(f"print.cost-{each.by}"),
            "cost-of": _cost_of(each, names),
            "village": each.village or (output.text("print.cost-all") if several else ""),
            "cost-projects": str(each.projects),
            "cost-fen": each.fen,
            "quantity": _quantity(output, each.quantity),
            "cost-per-unit": f"{yuan(each.per_unit)}/{each.quantity.unit.called(output.lang) or '1'}",
        }
        for each in found
    ]
    columns = ["cost-basis", "cost-of", "village", "cost-projects", "quantity", "cost-fen", "cost-per-unit"]
    output.rows(rows, columns, numbers=["cost-projects", "quantity", "cost-fen", "cost-per-unit"])


def _cost_of(each: UnitCost, names: Mapping[str, str]) -> str:
    if each.by == "type":
        return name_of(types_of(session.workspace.path), each.of, session.lang)
    return f"{each.of} {names.get(each.of, '')}".strip()


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("credit", help="@help.credit")(credit_command)

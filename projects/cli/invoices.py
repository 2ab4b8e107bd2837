"""Commands of the invoices: register one with its paper, see what was paid of it."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger import money
from projects import invoices
from projects.cli.session import As, Json, Key, Papers, session
from projects.desk import Desk
from projects.registration import register

invoice = typer.Typer(no_args_is_help=True, help="@help.invoice")

Id = Annotated[str, typer.Argument(metavar="[CODE-]NUMBER", help="@argument.invoice")]


@invoice.command("add", help="@help.invoice-add")
def invoice_add(
    number: Id,
    seller: Annotated[str, typer.Option("--seller", metavar="PAYEE", help="@option.seller")],
    amount: Annotated[str, typer.Option("--amount", help="@option.invoice-amount")],
    date: Annotated[str, typer.Option("--date", help="@option.invoice-date")],
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Register an invoice."""
    said = {"number": number, "seller": seller, "amount": amount, "date": date}
    made = register(Desk(session.workspace, session.user(as_name)), "invoice-add", said, key=key, papers=doc or ())
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.invoice-kept", invoice=made["invoice"], seller=made["seller"], amount=made["amount"])


@invoice.command("list", help="@help.invoice-list")
def invoice_list(as_json: Json = False) -> None:
    """List the invoices with what was paid of each and what is left."""
    with session.workspace.read() as connection:
        listed = invoices.list_invoices(connection)
        used = invoices.all_uses(connection, (each.id for each in listed))
    output = session.output(as_json=as_json)
    rows = [invoices.plain(each, used[each.id]) for each in listed]
    numbers = ["amount", "paid", "invoice-left"]
    columns = ["invoice", "date", "seller", *numbers, "vouchers"]
    shown = rows if as_json else [row | {"vouchers": output.join(row["vouchers"])} for row in rows]
    output.rows(shown, columns, numbers=numbers)


@invoice.command("show", help="@help.invoice-show")
def invoice_show(number: Id, as_json: Json = False) -> None:
    """Show an invoice and the vouchers that paid it."""
    with session.workspace.read() as connection:
        found = invoices.need_invoice(connection, invoices.read_id(number))
        used = invoices.uses(connection, found.id)
    output = session.output(as_json=as_json)
    shown = invoices.plain(found, used)
    papers = [f"{sha256}{suffix}" for sha256, suffix, _ in found.fact.documents]
    if output.data(shown | {"documents": papers}):
        return
    figures = {key: money.yuan(shown[key]) for key in ("amount", "paid", "invoice-left")}
    output.pairs(shown | figures | {"vouchers": "", "documents": output.join(papers)})
    rows = [{"book": each.book, "number": each.label, "amount": each.amount} for each in used]
    output.rows(rows, ["book", "number", "amount"], numbers=["amount"])


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(invoice, name="invoice")

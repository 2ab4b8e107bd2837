"""Commands of the vouchers: look at them, edit, drop and seal drafts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import register, vouchers
from ledger.balances import State
from ledger.errors import ChoiceUnknown, Names
from ledger.statements import period as periods
from ledger.store import files
from projects.cli.session import As, Book, Date, Json, Key, session
from projects.desk import answer
from projects.errors import EditUnreadable, SealStopped, UsageWrong
from projects.sealed import list_sealed, need_sealed

LISTS = {"invoices", "parts", "observe", "lines", "assets", "items", "assigned"}
"""Facts of which there are several, written with semicolons when a draft is edited."""

voucher = typer.Typer(no_args_is_help=True, help="@help.voucher")

Draft = Annotated[str, typer.Argument(metavar="DRAFT", help="@argument.draft")]


@voucher.command("list", help="@help.voucher-list")
def voucher_list(
    at: Book = None,
    of: Annotated[str | None, typer.Option("--project", help="@option.project")] = None,
    month: Annotated[str | None, typer.Option("--month", help="@option.month")] = None,
    only_drafts: Annotated[bool, typer.Option("--drafts", help="@option.drafts")] = False,
    as_json: Json = False,
) -> None:
    """List vouchers, and the drafts that wait."""
    where = session.book(at)
    with session.workspace.read() as connection:
        register.need_book(connection, where)
        rows = [] if only_drafts else list_sealed(connection, where)
        for each in vouchers.drafts(connection, where):
            proposal = each.proposal
            rows.append(
                {
                    "number": each.label,
                    "date": proposal.date.isoformat(),
                    "event": proposal.event,
                    "project": proposal.project,
                    "payee": proposal.payee,
                    "narration": proposal.narration,
                    "maker": each.maker,
                    "approver": "",
                    "reversed_by": "",
                }
            )
    rows = [row for row in rows if of in {None, row["project"]} and row["date"].startswith(month or "")]
    output = session.output(as_json=as_json)
    if output.data(rows):
        return
    shown = [row | {"event": output.text(f"event.{row['event']}")} for row in rows]
    columns = ["number", "date", "event", "project", "payee", "narration", "maker", "approver", "reversed_by"]
    output.rows(shown, columns)


@voucher.command("show", help="@help.voucher-show")
def voucher_show(
    number: Annotated[str, typer.Argument(metavar="VOUCHER|DRAFT", help="@argument.voucher")],
    at: Book = None,
    as_json: Json = False,
) -> None:
    """Show a voucher with its postings, or a draft with what will move."""
    where = session.book(at)
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        if number[:1] in {"D", "d"}:
            waiting = vouchers.need_draft(connection, where, number)
            state = State(connection, where, without=waiting.id)
            output.draft(answer(waiting, state), whole=True)
            return
        found = need_sealed(connection, where, number.upper().removeprefix("V"))
    if output.data(found):
        return
    output.line(f"{output.text('print.voucher')} {found['number']}")
    shown = [
        "book",
        "date",
        "project",
        "contract",
        "payee",
        "narration",
        "maker",
        "made_at",
        "approver",
        "sealed_at",
    ]
    pairs = {key: found[key] for key in shown}
    pairs["event"] = output.text(f"event.{found['event']}")
    pairs["facts"] = output.facts(found["facts"])
    pairs |= {
        "erased": output.join(
            output.text("print.erased-field", field=output.text(f"column.{field}"), **event)
            for field, event in found["erased"].items()
        ),
        "reversed_by": found["reversed_by"],
        "documents": output.join(found["documents"]),
        "leaf": found["leaf"],
    }
    output.pairs(pairs)
    output.postings(found["postings"])


@voucher.command("print", help="@help.voucher-print")
def voucher_print(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="@option.voucher-out")],
    number: Annotated[list[str] | None, typer.Argument(metavar="VOUCHER", help="@argument.vouchers-printed")] = None,
    month: Annotated[str | None, typer.Option("--month", help="@option.month")] = None,
    paper: Annotated[str, typer.Option("--paper", metavar="SIZE", help="@option.voucher-paper")] = "a5",
    at: Book = None,
) -> None:
    """Write sealed vouchers as one PDF, a page or more for each, in the order of their numbers.

    Raises:
        UsageWrong: neither vouchers nor a month were named, or both.
        PeriodUnreadable: it is no month.
        ChoiceUnknown: there is no such paper.
        VoucherUnknown: one is not there.
        GlyphMissing: the fonts lack a character of one.
    """
    from projects.printing import SHEETS, print_vouchers

    if bool(number) == (month is not None):
        raise UsageWrong(about="print", command="earmark voucher print")
    size = next((each for each in SHEETS if each == paper), None)
    if size is None:
        raise ChoiceUnknown(about="paper", text=paper, choices=Names(SHEETS))
    where, output = session.book(at), session.output()
    with session.workspace.read() as connection:
        register.need_book(connection, where)
        numbers = list(dict.fromkeys(number or ()))
        if month is not None:
            of = periods.month(month).name
            numbers = [each["number"] for each in list_sealed(connection, where) if each["date"].startswith(of)]
        if not numbers:
            output.say("print.none")
            return
        printed = print_vouchers(connection, where, numbers, session.lang, size=size)
    files.put(out, printed.pdf, shared=True)
    output.say("print.vouchers-printed", count=len(numbers), pages=printed.pages, path=out)


@voucher.command("edit", help="@help.voucher-edit")
def voucher_edit(
    draft: Draft,
    change: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="@argument.edit")] = None,
    doc: Annotated[list[Path] | None, typer.Option("--doc", metavar="FILE", help="@option.edit-doc")] = None,
    no_doc: Annotated[bool, typer.Option("--no-doc", help="@option.edit-no-doc")] = False,
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Change facts of one's own draft, or its papers.

    Raises:
        UsageWrong: nothing is to be changed, or papers are to stay and none are.
        EditUnreadable: a change is no FIELD=VALUE.
    """
    if (doc and no_doc) or not (change or doc or no_doc):
        raise UsageWrong(about="edit", command="earmark voucher edit")
    papers = [] if no_doc else doc or None
    changes: dict[str, Any] = {}
    for each in change or ():
        field, equals, value = each.replace("＝", "=", 1).partition("=")
        if not equals:
            raise EditUnreadable(text=each)
        name = field.strip().replace("-", "_")
        changes[name] = value.split(";") if name in LISTS else value
    session.output(as_json=as_json).draft(session.desk(as_name, at).edit(draft, changes, key=key, papers=papers))


@voucher.command("drop", help="@help.voucher-drop")
def voucher_drop(draft: Draft, as_name: As = None, at: Book = None, key: Key = None) -> None:
    """Throw a draft away."""
    dropped = session.desk(as_name, at).drop(draft, key=key)
    session.output().say("print.dropped", draft=dropped["dropped"])


def correct(
    number: Annotated[str, typer.Argument(metavar="VOUCHER", help="@argument.voucher")],
    reason: Annotated[str, typer.Option("--reason", help="@option.reverse-reason")],
    date: Date = None,
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Draft the reversal of a voucher and of all that leans on it."""
    output = session.output(as_json=as_json)
    made = session.desk(as_name, at).correct(number, reason=reason, on=date, key=key)
    if output.data(made):
        return
    for each in made["drafts"]:
        output.line(f"{each['draft']}  {each['narration']}")
    output.say("print.correct-next", drafts=" ".join(each["draft"] for each in made["drafts"]), book=made["book"])
    if made["again"]:
        output.say("print.correct-again", vouchers=output.join(f"V{each}" for each in made["again"]))


@voucher.command("seal", help="@help.voucher-seal")
def voucher_seal(
    draft: Annotated[list[str] | None, typer.Argument(metavar="DRAFT", help="@argument.draft")] = None,
    every: Annotated[bool, typer.Option("--all", help="@option.all")] = False,
    as_name: As = None,
    at: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Seal drafts that somebody else made, oldest date first.

    The first that is refused stops the rest: what comes later may lean on it.

    Raises:
        UsageWrong: neither drafts nor all of them were named.
        SealStopped: one of several was refused; those before it are sealed.
    """
    if not draft and not every:
        raise UsageWrong(about="seal", command="earmark voucher seal")
    desk = session.desk(as_name, at)
    output = session.output(as_json=as_json)
    labels = list(draft or [])
    if every:
        with session.workspace.read() as connection:
            labels = [each.label for each in vouchers.drafts(connection, desk.book)]
    if len(labels) == 1 and not every:
        sealed, stopped = [desk.seal(labels[0], key=key)], None
    else:
        sealed, stopped = desk.seal_all(labels, key=key)
    if not output.data(sealed):
        for one in sealed:
            output.say("print.sealed", number=one["number"], draft=one["draft"], narration=one["narration"])
        if not sealed and not stopped:
            output.say("print.none")
    if stopped:
        raise SealStopped(draft=stopped[0].upper(), sealed=len(sealed), because=stopped[1])


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("correct", help="@help.correct")(correct)
    app.add_typer(voucher, name="voucher")

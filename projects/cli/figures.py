"""Commands that show a project's money: one table with channels across, each figure's vouchers, the identities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer

from ledger import channels, register
from ledger.balances import State
from ledger.errors import Unknown
from ledger.messages import LANGS, phrase, text
from ledger.rules import need_in_budget
from projects import registry
from projects.cli.across import Row, across
from projects.cli.output import MARKS, Output
from projects.cli.session import Book, Json, session
from projects.errors import UsageWrong
from projects.events.prefinancing import open_prefinancing
from projects.figures import FIGURES
from projects.identities import IDENTITIES, Identity, identities
from projects.idle import idle
from projects.limits import cash_in_hand
from projects.policy import policy_at
from projects.resources import LEFT, resources
from projects.status import Figures, status, total
from projects.traces import Trace, trace

SHOWN = ("planned", *FIGURES)
SOMETIMES = {"due", "over", "lent", "borrowed"}
"""These rows are shown where they say something."""
OVERVIEW = ("allotted", "received", "certified", "paid", "left")

Lines = Mapping[str, Figures]
Found = Mapping[str, Mapping[str, Lines]]
"""By book, project and channel."""


def status_command(
    project: Annotated[str | None, typer.Argument(metavar="PROJECT", help="@argument.project")] = None,
    figure: Annotated[str | None, typer.Option("--figure", metavar="NAME", help="@option.figure")] = None,
    channel: Annotated[str | None, typer.Option("--channel", help="@option.only-channel")] = None,
    identity: Annotated[bool, typer.Option("--identity", help="@option.identity")] = False,
    at: Book = None,
    as_json: Json = False,
) -> None:
    """Show every project at a glance, or one whole, or the vouchers or the identities behind its figures."""
    output = session.output(as_json=as_json)
    if project is None and (figure or channel or identity):
        raise UsageWrong(about="missing", name="PROJECT", command="earmark status", reason="")
    found = _figures(output, project, at, channel)
    if figure is not None and project is not None:
        _show_vouchers(output, found, project, _named(figure))
    elif identity:
        _show_identities(output, found)
    elif output.data({b: {p: {c: vars(f) for c, f in ls.items()} for p, ls in ps.items()} for b, ps in found.items()}):
        return
    elif project is None:
        _show_overview(output, found)
    else:
        _show_project(output, found, project)


def money_table(output: Output, lines: Lines, names: Mapping[str, str]) -> None:
    """Print a project's money: below each other what happened to it, channels across."""
    if not lines:
        output.say("print.none")
        return
    heads, whole = {code: names[code] for code in lines}, dict(lines)
    if len(lines) > 1:
        total_head = output.text("print.total")
        heads[total_head], whole[total_head] = output.text("print.total-note"), total(dict(lines))
    rows = [
        Row(output.text(f"column.{each}"), {code: getattr(of, each) for code, of in whole.items()})
        for each in SHOWN
        if each not in SOMETIMES or any(getattr(of, each) for of in lines.values())
    ]
    across(output, heads, rows)


def resource_table(output: Output, book: str, project: str) -> None:
    """Print what a project uses by quantity, if it uses any: goods and workdays, each line with its value."""
    with session.workspace.read() as connection:
        used = resources(State(connection, book, drafts=False), project)
        goods = {str(row["code"]): row for row in channels.list_goods(connection)}
    if not used:
        return
    rows = []
    before = None
    for each in used:
        good = goods.get(each.good)
        what = (each.good, each.channel, each.lot)
        shown = (good["name"] if good else output.text("print.workdays"), each.channel, each.lot)
        event = output.text("print.in-store") if each.event == LEFT else output.text(f"event.{each.event}")
        rows.append(
            {
                **dict(zip(("resource", "channel", "lot"), shown if what != before else ("",) * 3, strict=True)),
                "event": event,
                "quantity": f"{each.counted} {good['unit'] if good else output.text('print.days')}",
                "value": each.fen,
            }
        )
        before = what
    output.line()
    output.rows(rows, ["resource", "channel", "lot", "event", "quantity", "value"], numbers=["quantity", "value"])


def say_next(output: Output, project: str) -> None:
    """Say how to look behind the figures of a project."""
    output.sentence(output.text("print.status-figure", project=project))
    output.sentence(output.text("print.status-identity", project=project))


def _figures(output: Output, project: str | None, at: str | None, channel: str | None) -> Found:
    """Return the figures of what was asked for."""
    with session.workspace.read() as connection:
        books = [session.book(at)] if at else [each.code for each in register.list_books(connection)]
        found: dict[str, dict[str, dict[str, Figures]]] = {}
        for book in books:
            register.need_book(connection, book)
            lines = status(connection, book)
            found[book] = lines if project is None else {each: lines[each] for each in lines if each == project}
        if project is None:
            return found
        found = {book: lines for book, lines in found.items() if lines}
        if not found:
            raise Unknown(about="project", text=project, book=output.join(books))
        if channel is not None:
            for book in found:
                state = State(connection, book, drafts=False)
                state.source(channel)
                need_in_budget(state, project, channel)
            found = {book: {project: {channel: lines[project][channel]}} for book, lines in found.items()}
    return found


def _named(typed: str) -> str:
    """Return the figure that was named: by its code, or as a table calls it in either language."""
    for figure in SHOWN:
        if typed in {figure, *(text("projects", f"column.{figure}", lang) for lang in LANGS)}:
            return figure
    return typed


def _show_overview(output: Output, found: Found) -> None:
    heads = {figure: output.text(f"column.{figure}") for figure in OVERVIEW}
    for book, projects in found.items():
        names, titles = _names(book)
        output.line(f"■ {book}")
        rows = []
        for code, lines in projects.items():
            of = {f"{code} {titles[code]}": total(dict(lines))}
            of |= {f"  {channel} {names[channel]}": line for channel, line in lines.items()}
            rows += [Row(label, {heads[each]: getattr(line, each) for each in OVERVIEW}) for label, line in of.items()]
        across(output, dict.fromkeys(heads.values(), ""), rows)
        _say_findings(output, book, set(projects))
    output.sentence(output.text("print.status-project"))


def _show_project(output: Output, found: Found, project: str) -> None:
    for book, projects in found.items():
        names, titles = _names(book)
        output.line(f"■ {book} {project} {titles[project]}")
        money_table(output, projects[project], names)
        resource_table(output, book, project)
        _say_findings(output, book, {project})
    say_next(output, project)


def _names(book: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of all channels and the short names of a book's projects."""
    with session.workspace.read() as connection:
        return (
            {row["code"]: row["name"] for row in channels.list_channels(connection)},
            {row["code"]: row["title"] for row in registry.list_projects(connection, book)},
        )


def _say_findings(output: Output, book: str, projects: set[str]) -> None:
    """Say what is sealed and should not stay so: money that paid for another channel, idle money, cash not banked."""
    with session.workspace.read() as connection:
        state = State(connection, book, drafts=False)
        for each in open_prefinancing(state):
            if each.project in projects:
                output.say(
                    "print.finding-prefinancing",
                    project=state.label_project(each.project),
                    lender=state.label(each.lender),
                    borrower=state.label(each.borrower),
                    amount=each.amount,
                    vouchers=output.join(each.vouchers),
                )
        today = session.workspace.clock().date()
        _say_idle(output, state, projects, today)
        _say_cash(output, state, today)


def _say_idle(output: Output, state: State, projects: set[str], today: date) -> None:
    """Say what nobody has spent for so long that it is recalled, and how it goes back."""
    for each in idle(state, today):
        if each.project in projects:
            facts = {"since": each.since, "amount": each.fen, "in_hand": each.in_hand, "code": each.channel}
            project = {"project": state.label_project(each.project), "project_code": each.project}
            output.say("print.finding-idle", channel=state.label(each.channel), **facts, **project)


def _say_cash(output: Output, state: State, today: date) -> None:
    """Say that more cash is in hand than may stay there over night."""
    held, most = cash_in_hand(state), policy_at(state.connection, today).cash.held
    if held > most.value:
        rule = phrase(most.rule, output.lang)
        output.say("print.finding-cash", book=state.book.code, held=held, most=most.value, rule=rule)


def _show_vouchers(output: Output, found: Found, project: str, figure: str) -> None:
    """Print the vouchers that a figure is made of, and what they come to, channel by channel."""
    with session.workspace.read() as connection:
        made = {
            book: [each for each in trace(connection, book, project, figure) if each.channel in projects[project]]
            for book, projects in found.items()
        }
    sums = {
        book: {code: sum(each.amount for each in made[book] if each.channel == code) for code in projects[project]}
        for book, projects in found.items()
    }
    if output.data(
        {
            book: {"project": project, "figure": figure, "sums": sums[book], "vouchers": [vars(each) for each in told]}
            for book, told in made.items()
        }
    ):
        return
    for book, told in made.items():
        output.line(f"■ {book} {project} {output.text(f'column.{figure}')}")
        rows: list[dict[str, Any]] = [vars(each) | {"event": _event(output, each)} for each in told]
        ends = output.text("print.total")
        rows += [{"event": ends, "channel": code, "amount": fen} for code, fen in sums[book].items()]
        output.rows(rows, ["number", "date", "event", "channel", "amount", "narration"], numbers=["amount"])


def _event(output: Output, each: Trace) -> str:
    event = output.text(f"event.{each.event}")
    return output.text("print.reversal-of", event=event) if each.reverses else event


def _show_identities(output: Output, found: Found) -> None:
    """Print each identity with its terms, channels across, and by how much it is off."""
    made: dict[str, dict[str, dict[str, list[Identity]]]] = {}
    with session.workspace.read() as connection:
        for book, projects in found.items():
            for project, lines in projects.items():
                every = identities(connection, book, project)
                made.setdefault(book, {})[project] = {channel: every[channel] for channel in lines}
    if output.data(
        {
            book: {
                project: {channel: [vars(each) | {"off": each.off} for each in of] for channel, of in told.items()}
                for project, told in of_book.items()
            }
            for book, of_book in made.items()
        }
    ):
        return
    for book, of_book in made.items():
        names, titles = _names(book)
        for project, told in of_book.items():
            output.line(f"■ {book} {project} {titles[project]}")
            heads = {channel: names[channel] for channel in told}
            for place, name in enumerate(IDENTITIES if heads else ()):
                _show_identity(output, name, {channel: of[place] for channel, of in told.items()}, heads)


def _show_identity(output: Output, name: str, of: Mapping[str, Identity], heads: Mapping[str, str]) -> None:
    left, right = IDENTITIES[name]
    # A term is shown as it stands, with its sign before its name.
    rows = []
    for place, term in enumerate(left):
        label = f"{'+' if place else ' '} {output.text(f'term.{term}')}"
        rows.append(Row(label, {code: each.left[term] for code, each in of.items()}))
    for place, (term, sign) in enumerate(right):
        mark = ("+" if place else "=") if sign > 0 else "\u2212"
        label = f"{mark} {output.text(f'term.{term}')}"
        rows.append(Row(label, {code: sign * each.right[term] for code, each in of.items()}))
    off = any(each.off for each in of.values())
    output.line()
    mark, _ = MARKS["problem" if off else "ok"]
    output.sentence(f"{mark} {output.text(f'identity.{name}')}")
    if off:
        rows.append(Row(f"≠ {output.text('term.off')}", {code: each.off for code, each in of.items()}))
    across(output, heads, rows)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("status", help="@help.status")(status_command)

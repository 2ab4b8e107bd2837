"""Commands of the register: users, villages, books, channels, projects."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from ledger import channels, granted, people, register
from ledger.balances import State
from ledger.errors import Unknown
from ledger.store.workspace import Unit, wall_clock
from ledger.text import parse_date
from projects import admission, indicators, registry
from projects.cli import channels as channel_rules
from projects.cli import rewrite
from projects.cli.figures import money_table, resource_table, say_next
from projects.cli.session import As, Book, Json, Key, session
from projects.desk import Desk
from projects.events import works
from projects.events.requests import read_observations, read_parts
from projects.life.scene import Scene
from projects.resources import resources
from projects.status import status, total
from projects.types import name_of, types_of

user = typer.Typer(no_args_is_help=True, help="@help.user")
village = typer.Typer(no_args_is_help=True, help="@help.village")
book = typer.Typer(no_args_is_help=True, help="@help.book")
channel = typer.Typer(no_args_is_help=True, help="@help.channel")
project = typer.Typer(no_args_is_help=True, help="@help.project")

Code = Annotated[str, typer.Argument(metavar="CODE", help="@argument.code")]
Name = Annotated[str, typer.Option("--name", help="@option.name")]


def _change(command: str, content: dict[str, Any], act: Callable[[Unit], None], key: str | None) -> None:
    """Do something in one unit of work and say that it is done."""

    def answered(unit: Unit) -> dict[str, Any]:
        act(unit)
        return {"done": command}

    Desk(session.workspace, "").change(command, content, answered, key=key)
    _done(*content.values())


def _done(*what: object) -> None:
    session.output().say("print.done", what=" ".join(str(each) for each in what if each))


def _office(as_name: str | None) -> Desk:
    """Return the desk of no book, of who grants."""
    return Desk(session.workspace, granter(as_name))


@user.command("add", help="@help.user-add")
def user_add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="@argument.user")],
    role: Annotated[list[str], typer.Option("--role", help="@option.role")],
    full_name: Annotated[str, typer.Option("--name", help="@option.full-name")] = "",
    at: Annotated[str, typer.Option("--book", help="@option.role-book")] = people.EVERY_BOOK,
    as_name: As = None,
    key: Key = None,
) -> None:
    """Add a user with roles."""
    admission.register_user(_office(as_name), name, roles=role, full_name=full_name, book=at, key=key)
    _done(name, "、".join(role), full_name, at)


@user.command("grant", help="@help.user-grant")
def user_grant(
    name: Annotated[str, typer.Argument(metavar="NAME", help="@argument.user")],
    role: Annotated[list[str], typer.Option("--role", help="@option.role")],
    at: Annotated[str, typer.Option("--book", help="@option.role-book")] = people.EVERY_BOOK,
    as_name: As = None,
    key: Key = None,
) -> None:
    """Give a user more roles."""
    admission.grant(_office(as_name), name, roles=role, book=at, key=key)
    _done(name, "、".join(role), at)


@user.command("revoke", help="@help.user-revoke")
def user_revoke(
    name: Annotated[str, typer.Argument(metavar="NAME", help="@argument.user")],
    role: Annotated[list[str], typer.Option("--role", help="@option.role")],
    at: Annotated[str, typer.Option("--book", help="@option.role-book")] = people.EVERY_BOOK,
    as_name: As = None,
    key: Key = None,
) -> None:
    """Take roles back from a user."""
    admission.take_back(_office(as_name), name, roles=role, book=at, key=key)
    _done(name, "、".join(role), at)


def granter(named: str | None) -> str:
    """Return who grants: the one named, or EARMARK_USER; an office that has no administrator yet asks for nobody."""
    if named is not None:
        with session.workspace.read() as connection:
            people.need_user(connection, session.user(named))
    return os.environ.get("EARMARK_USER", "") if named is None else named


@user.command("list", help="@help.user-list")
def user_list(as_json: Json = False) -> None:
    """List the users."""
    with session.workspace.read() as connection:
        rows = people.list_users(connection)
    session.output(as_json=as_json).rows(rows, ["name", "full_name", "roles", "created_at"])


@user.command("show", help="@help.user-show")
def user_show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="@argument.user")], as_json: Json = False
) -> None:
    """Show a user: roles, and how many vouchers the user made and sealed."""
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        people.need_user(connection, name)
        [found] = [row for row in people.list_users(connection) if row["name"] == name]
        counts = people.vouchers_of(connection, name)
        held = [asdict(each) for each in granted.grants(connection) if each.user == name]
        waiting = people.drafts_of(connection, name)
    if not output.data(found | counts | {"drafts": waiting, "grants": held}):
        output.pairs(found | {"made": counts["made"], "sealed": counts["sealed"], "drafts_waiting": waiting})
        output.rows(held, ["role", "book", "since", "by"])


@user.command("history", help="@help.user-history")
def user_history(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="@argument.user")] = "", as_json: Json = False
) -> None:
    """Tell what was done about users, their roles and logins, newest first."""
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        if name:
            people.need_user(connection, name)
        found = [asdict(each) for each in admission.history(connection) if name in {"", each.user}]
    if output.data(found):
        return
    rows = [each | {"changed_at": each["at"], "deed": output.text(f"print.user-{each['deed']}")} for each in found]
    output.rows(rows, ["changed_at", "user", "deed", "role", "book", "by"])


@village.command("add", help="@help.village-add")
def village_add(
    code: Code,
    name: Name,
    township: Annotated[str, typer.Option("--township", help="@option.township")] = "",
    key: Key = None,
) -> None:
    """Add a village."""

    def act(unit: Unit) -> None:
        registry.add_village(unit, code, name=name, township=township)

    _change("village add", {"code": code, "name": name, "township": township}, act, key)


@village.command("list", help="@help.village-list")
def village_list(as_json: Json = False) -> None:
    """List the villages."""
    with session.workspace.read() as connection:
        rows = registry.list_villages(connection)
    session.output(as_json=as_json).rows(rows, ["code", "name", "township"])


@village.command("show", help="@help.village-show")
def village_show(code: Code, as_json: Json = False) -> None:
    """Show a village, its books and its indicators."""
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        found: dict[str, Any] = registry.need_village(connection, code)
        books = [each.code for each in register.list_books(connection) if each.village == code]
        seen = [dict(row, book=each) for each in books for row in registry.observations(connection, each)]
    known = indicators.indicators_of(session.workspace.path)
    rows = [
        {
            "indicator": " ".join(
                dict.fromkeys((row["indicator"], indicators.name_of(known, row["indicator"], session.lang)))
            ),
            "date": row["observed_on"],
            "observed": f"{row['numerator']}/{row['denominator']}",
            "evidence": row["evidence"],
        }
        for row in seen
    ]
    if output.data(found | {"books": books, "observations": seen}):
        return
    output.pairs(found | {"books": output.join(books)})
    output.rows(rows, ["indicator", "date", "observed", "evidence"])


@village.command("observe", help="@help.village-observe")
def village_observe(
    code: Code,
    observation: Annotated[list[str], typer.Argument(metavar="INDICATOR=N/D", help="@argument.observation")],
    evidence: Annotated[str, typer.Option("--evidence", help="@option.evidence")],
    date: Annotated[str | None, typer.Option("--date", help="@option.date")] = None,
    key: Key = None,
) -> None:
    """Keep observations of a village's indicators, such as the baseline before works begin."""
    on = parse_date(date or wall_clock().date().isoformat())

    def act(unit: Unit) -> None:
        registry.need_village(unit.connection, code)
        books = [each.code for each in register.list_books(unit.connection) if each.village == code]
        if not books:
            raise Unknown(about="book-of-village", text=code)
        read = read_observations(observation)
        indicators.need_known(indicators.indicators_of(session.workspace.path), read)
        for indicator, (numerator, denominator) in read.items():
            for each in books:
                works.observe(
                    unit,
                    each,
                    indicator,
                    on=on.isoformat(),
                    numerator=numerator,
                    denominator=denominator,
                    evidence=evidence,
                )

    content = {
        "code": code,
        "observations": "、".join(observation),
        "date": on.isoformat(),
        "evidence": evidence,
    }
    _change("village observe", content, act, key)


@book.command("add", help="@help.book-add")
def book_add(
    code: Code,
    of: Annotated[str, typer.Option("--village", help="@option.village")],
    name: Name,
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="@option.start")],
    key: Key = None,
) -> None:
    """Add the dedicated book of a village."""
    on = parse_date(start)

    def act(unit: Unit) -> None:
        register.add_book(unit, code, village=of, name=name, started_on=on)

    _change("book add", {"code": code, "name": name, "village": of, "start": on.isoformat()}, act, key)


@book.command("list", help="@help.book-list")
def book_list(as_json: Json = False) -> None:
    """List the books."""
    with session.workspace.read() as connection:
        rows = [vars(each) for each in register.list_books(connection)]
    session.output(as_json=as_json).rows(rows, ["code", "name", "village", "started_on"])


@book.command("show", help="@help.book-show")
def book_show(code: Code, as_json: Json = False) -> None:
    """Show a book and its bank accounts."""
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        found = vars(register.need_book(connection, code))
        banks = [vars(each) | {"channels": sorted(each.channels)} for each in register.list_banks(connection, code)]
    if output.data(found | {"banks": banks}):
        return
    output.pairs(found)
    rows = [
        each | {"channels": output.join(each["channels"]), "kind": output.text(f"bank-kind.{each['kind']}")}
        for each in banks
    ]
    output.rows(rows, ["code", "name", "kind", "channels"])


@book.command("bank", help="@help.book-bank")
def book_bank(
    code: Annotated[str, typer.Argument(metavar="ACCOUNT", help="@argument.bank")],
    name: Name,
    kind: Annotated[str, typer.Option("--kind", help="@option.bank-kind")] = "dedicated",
    holds: Annotated[list[str] | None, typer.Option("--channel", help="@option.bank-channel")] = None,
    at: Book = None,
    key: Key = None,
) -> None:
    """Add a bank account to a book."""
    where = session.book(at)

    def act(unit: Unit) -> None:
        register.add_bank(unit, where, code, name=name, kind=kind, channels=holds or [])

    content = {"code": code, "name": name, "kind": kind, "channels": "、".join(holds or []), "book": where}
    _change("book bank", content, act, key)


@book.command("allow", help="@help.book-allow")
def book_allow(
    code: Annotated[str, typer.Argument(metavar="ACCOUNT", help="@argument.bank")],
    holds: Annotated[list[str], typer.Argument(metavar="CHANNEL", help="@argument.channel")],
    at: Book = None,
    key: Key = None,
) -> None:
    """Let a bank account hold more channels."""
    where = session.book(at)

    def act(unit: Unit) -> None:
        for each in holds:
            register.allow_in_bank(unit, where, code, each)

    _change("book allow", {"code": code, "channels": "、".join(holds), "book": where}, act, key)


@channel.command("add", help="@help.channel-add")
def channel_add(
    code: Annotated[str, typer.Argument(metavar="CHANNEL", help="@argument.channel")],
    name: Name,
    source: Annotated[str, typer.Option("--source", help="@option.source")],
    document: Annotated[str, typer.Option("--document", help="@option.document")] = "",
    key: Key = None,
) -> None:
    """Add a channel of money."""

    def act(unit: Unit) -> None:
        channels.add_channel(unit, code, name=name, source=source, document=document)

    _change("channel add", {"code": code, "name": name, "source": source, "document": document}, act, key)


@channel.command("good", help="@help.channel-good")
def channel_good(
    code: Annotated[str, typer.Argument(metavar="GOOD", help="@argument.good")],
    name: Name,
    unit_name: Annotated[str, typer.Option("--unit", help="@option.unit")],
    scale: Annotated[str, typer.Option("--scale", metavar="DECIMALS", help="@option.scale")] = "3",
    key: Key = None,
) -> None:
    """Add goods that are counted by quantity."""

    def act(unit: Unit) -> None:
        number = int(scale) if scale.isascii() and scale.isdigit() else -1
        channels.add_good(unit, code, name=name, unit_name=unit_name, scale=number)

    _change("channel good", {"code": code, "name": name, "unit": unit_name, "scale": scale}, act, key)


@channel.command("list", help="@help.channel-list")
def channel_list(as_json: Json = False) -> None:
    """List channels and goods."""
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        rows = channels.list_channels(connection)
        goods = channels.list_goods(connection)
    if output.data({"channels": rows, "goods": goods}):
        return
    named = [row | {"source": f"{row['source']} {output.text('source.' + row['source'])}"} for row in rows]
    output.rows(named, ["code", "name", "source", "document"])
    if goods:
        output.rows(goods, ["code", "name", "unit", "scale"])


@project.command("add", help="@help.project-add")
def project_add(
    code: Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.project")],
    title: Annotated[str, typer.Option("--title", help="@option.title")],
    budget: Annotated[
        list[str] | None, typer.Option("--budget", metavar="CHANNEL=AMOUNT", help="@option.budget")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="@option.project-name")] = "",
    kind: Annotated[str, typer.Option("--type", help="@option.type")] = "other",
    quantity: Annotated[str, typer.Option("--quantity", help="@option.quantity")] = "",
    unit_name: Annotated[str, typer.Option("--unit", help="@option.unit")] = "",
    place: Annotated[str, typer.Option("--place", help="@option.place")] = "",
    responsible: Annotated[str, typer.Option("--responsible", help="@option.responsible")] = "",
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="@option.planned-start")] = "",
    finish: Annotated[str, typer.Option("--finish", metavar="DATE", help="@option.planned-finish")] = "",
    benefit: Annotated[str, typer.Option("--benefit", help="@option.benefit")] = "",
    at: Book = None,
    key: Key = None,
) -> None:
    """Add a project with its budget."""
    where = session.book(at)
    parts, types = read_parts(budget or []), types_of(session.workspace.path)
    detail = {
        "type": kind,
        "quantity": quantity,
        "unit": unit_name,
        "place": place,
        "responsible": responsible,
        "planned_start": start,
        "planned_finish": finish,
        "benefit": benefit,
    }

    def act(unit: Unit) -> None:
        registry.add_project(
            unit, where, code, title=title, name=name or title, budget=parts, detail=detail, types=types
        )

    content = {"code": code, "title": title, "name": name, "budget": "、".join(budget or []), "book": where}
    _change("project add", content | {key: value for key, value in detail.items() if value != "other"}, act, key)


@project.command("budget", help="@help.project-budget")
def project_budget(
    code: Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.project")],
    lines: Annotated[list[str], typer.Argument(metavar="CHANNEL=AMOUNT", help="@argument.budget")],
    at: Book = None,
    key: Key = None,
) -> None:
    """Put channels into a project's budget."""
    where = session.book(at)
    parts = read_parts(lines)

    def act(unit: Unit) -> None:
        registry.need_project(unit.connection, where, code)
        for each, planned in parts.items():
            register.add_budget_line(unit, where, code, each, planned)

    _change("project budget", {"code": code, "budget": "、".join(lines), "book": where}, act, key)


@project.command("list", help="@help.project-list")
def project_list(at: Book = None, as_json: Json = False) -> None:
    """List projects with their money in sum, for reading only."""
    with session.workspace.read() as connection:
        if at is not None:
            register.need_book(connection, at)
        rows = registry.list_projects(connection, at)
        figures = {each.code: status(connection, each.code) for each in register.list_books(connection)}
    for row in rows:
        sums = total(figures[row["book"]].get(row["code"], {}))
        row |= {"project": row["code"], "received": sums.received, "paid": sums.paid}
    numbers = ["planned", "received", "paid"]
    types = types_of(session.workspace.path)
    columns = ["book", "project", "name", "type", *numbers]
    output = session.output(as_json=as_json)
    shown = rows if as_json else [row | {"type": name_of(types, row["type"], session.lang)} for row in rows]
    output.rows(shown, columns, numbers=numbers)


@project.command("show", help="@help.project-show")
def project_show(
    code: Annotated[str, typer.Argument(metavar="PROJECT", help="@argument.project")],
    at: Book = None,
    as_json: Json = False,
) -> None:
    """Show a project: what it is to be, and its money by channel."""
    output = session.output(as_json=as_json)
    where = session.book(at)
    with session.workspace.read() as connection:
        scene = Scene(connection, where, code, session.workspace.clock().date())
        # What was told later goes before what was registered.
        later = {key.replace("-", "_"): value for key, value in scene.detail.items()}
        found = dict(scene.row) | {key: value for key, value in later.items() if key in scene.row}
        lines = status(connection, where)[code]
        used = [vars(each) for each in resources(State(connection, where, drafts=False), code)]
        names = {row["code"]: row["name"] for row in channels.list_channels(connection)}
    rows = [{"channel": each, "name": names[each], **vars(figures)} for each, figures in lines.items()]
    if output.data(found | {"channels": rows, "resources": used}):
        return
    quantity = f"{found['quantity']} {found['unit']}".strip()
    planned = f"{found['planned_start']} – {found['planned_finish']}".strip(" –")
    shown = ["code", "name", "type", "place", "responsible", "benefit", "remark"]
    facts = {key: found[key] for key in shown} | {"quantity": quantity, "planned_dates": planned}
    types = types_of(session.workspace.path)
    output.pairs(facts | {"type": name_of(types, found["type"], session.lang)})
    output.line()
    money_table(output, lines, names)
    resource_table(output, where, code)
    say_next(output, code)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(user, name="user")
    app.add_typer(village, name="village")
    book.command("rewrite", help="@help.book-rewrite")(rewrite.book_rewrite)
    app.add_typer(book, name="book")
    channel_rules.add_to(channel)
    app.add_typer(channel, name="channel")
    app.add_typer(project, name="project")

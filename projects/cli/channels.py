"""Commands of a channel's rules: what it may serve, when and how it pays, and the approvals that widen it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

import typer

from ledger import channels, chart, register
from ledger.facts import Fact
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects.cli.facts import shown
from projects.cli.output import Output
from projects.cli.session import As, Date, Json, Key, Papers, session
from projects.desk import Desk
from projects.purposes import Rulebook, rulebook
from projects.purposes.rule import Carrying, Rule, Widening, read_rule
from projects.purposes.telling import Told, carry_over, set_rule, widen
from projects.status import status
from projects.types import name_of, types_of

ChannelArg = Annotated[str, typer.Argument(metavar="CHANNEL", help="@argument.channel")]
ApprovalArg = Annotated[str, typer.Argument(metavar="NUMBER", help="@argument.approval")]
Types = Annotated[list[str] | None, typer.Option("--type", help="@option.rule-type")]
Places = Annotated[list[str] | None, typer.Option("--place", help="@option.rule-place")]
Projects = Annotated[list[str] | None, typer.Option("--project", metavar="BOOK/PROJECT", help="@option.rule-project")]
Text = str | None


def add_to(app: typer.Typer) -> None:
    """Put these commands behind those of the channel's register."""
    app.command("show", help="@help.channel-show")(channel_show)
    app.command("rule", help="@help.channel-rule")(channel_rule)
    app.command("pool", help="@help.channel-pool")(channel_pool)
    app.command("carry", help="@help.channel-carry")(channel_carry)


def channel_rule(
    code: ChannelArg,
    number: Annotated[str, typer.Option("--number", help="@option.rule-number")],
    types: Types = None,
    places: Places = None,
    words: Annotated[list[str] | None, typer.Option("--forbid-word", metavar="WORD", help="@option.rule-word")] = None,
    categories: Annotated[
        list[str] | None, typer.Option("--forbid", metavar="CATEGORY", help="@option.rule-category")
    ] = None,
    fee_cap: Annotated[Text, typer.Option("--fee-cap", metavar="PERCENT", help="@option.rule-fee")] = None,
    usable_from: Annotated[Text, typer.Option("--from", metavar="DATE", help="@option.rule-from")] = None,
    usable_until: Annotated[Text, typer.Option("--until", metavar="DATE", help="@option.rule-until")] = None,
    carry: Annotated[Text, typer.Option("--carry", metavar="HOW", help="@option.rule-carry")] = None,
    support: Annotated[Text, typer.Option("--support", metavar="WAY", help="@option.rule-support")] = None,
    share: Annotated[Text, typer.Option("--share", metavar="PERCENT", help="@option.rule-share")] = None,
    partner: Annotated[Text, typer.Option("--partner", metavar="CHANNEL", help="@option.rule-partner")] = None,
    ratio: Annotated[Text, typer.Option("--ratio", metavar="N:M", help="@option.rule-ratio")] = None,
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Say what a channel may serve, when, and how; what is not said stays as it was."""
    typed = {
        "number": number,
        "types": types,
        "where": places,
        "words": words,
        "categories": categories,
        "fee_cap": fee_cap,
        "usable_from": usable_from,
        "usable_until": usable_until,
        "carry": carry,
        "support": support,
        "share": share,
        "partner": partner,
        "ratio": ratio,
    }
    made = _told(
        "channel rule", code, typed, lambda unit, told: set_rule(unit, code, typed, told), date, doc, as_name, key
    )
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.rule-told", channel=code, start=made["date"], fact=made["fact"])
        output.pairs(_parts(output, Rule(**_typed(made["data"]))))


def channel_pool(
    code: ChannelArg,
    number: ApprovalArg,
    types: Types = None,
    places: Places = None,
    projects: Projects = None,
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record an approval by which a channel serves more."""
    typed = {"number": number, "types": types, "where": places, "projects": projects}
    approval = Widening(
        number=number, types=tuple(types or []), where=tuple(places or []), projects=tuple(projects or [])
    )
    made = _told(
        "channel pool", code, typed, lambda unit, told: widen(unit, code, approval, told), date, doc, as_name, key
    )
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.pooling-told", channel=code, number=number, fact=made["fact"])


def channel_carry(
    code: ChannelArg,
    year: Annotated[str, typer.Argument(metavar="YEAR", help="@argument.carry-year")],
    number: ApprovalArg,
    projects: Projects = None,
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record an approval to use what was not spent at a year's end."""
    typed = {"year": year, "number": number, "projects": projects}
    approval = Carrying(number=number, year=year, projects=tuple(projects or []))
    made = _told(
        "channel carry", code, typed, lambda unit, told: carry_over(unit, code, approval, told), date, doc, as_name, key
    )
    output = session.output(as_json=as_json)
    if not output.data(made):
        output.say("print.carrying-told", channel=code, year=year, number=number, fact=made["fact"])


def channel_show(
    code: ChannelArg,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="@option.rule-on")] = None,
    as_json: Json = False,
) -> None:
    """Show a channel, the rule and the approvals of a day, and what it stands at in every project."""
    output = session.output(as_json=as_json)
    day = parse_date(on) if on else session.workspace.clock().date()
    with session.workspace.read() as connection:
        found = channels.need_channel(connection, code)
        known = rulebook(connection, session.workspace.path)
        rows = [
            {"book": each.code, "project": project, **vars(lines[code])}
            for each in register.list_books(connection)
            for project, lines in status(connection, each.code).items()
            if code in lines
        ]
    if output.data(found | _data(known, code, day) | {"projects": rows}):
        return
    fund = chart.load().funds[found["source"]]
    account = output.text(f"role.{fund}") if fund else ""
    output.pairs(found | {"source": output.text(f"source.{found['source']}"), "fund": account})
    _print_rules(output, known, code, day)
    figures = ["planned", "allotted", "received", "certified", "paid", "left"]
    output.rows(rows, ["book", "project", *figures], numbers=figures)


def _told(
    command: str,
    code: str,
    typed: Mapping[str, Any],
    act: Callable[[Unit, Told], Fact],
    date: str | None,
    doc: Any,
    as_name: str | None,
    key: str | None,
) -> dict[str, Any]:
    """Record a fact of the office in one unit of work, once for a key."""
    user = session.user(as_name)
    desk = Desk(session.workspace, user)
    on = None if date is None else parse_date(date)
    papers, types = desk.papers(doc or []), types_of(session.workspace.path)

    def done(unit: Unit) -> dict[str, Any]:
        return shown(act(unit, Told(by=user, on=on or unit.now.date(), papers=papers, types=types)))

    content = dict(typed) | {"channel": code, "date": date, "user": user, "papers": [each[0] for each in papers]}
    return desk.change(command, content, done, key=key)


def _typed(data: Mapping[str, Any]) -> dict[str, Any]:
    told = {name.replace("-", "_"): value for name, value in data.items()}
    return {name: tuple(value) if isinstance(value, list) else value for name, value in told.items()}


def _data(known: Rulebook, code: str, day: date) -> dict[str, Any]:
    rule = known.rule(code, day)
    return {
        "rule": (rule.data | {"fact": rule.fact}) if rule.fact else None,
        "pooling": [vars(each) for each in known.widenings(code, day)],
        "carrying": [vars(each) for each in known.carryings(code, day)],
        "history": [{"fact": each.label, "date": each.on} | dict(each.data) for each in known.history(code)],
    }


def _print_rules(output: Output, known: Rulebook, code: str, day: date) -> None:
    rule = known.rule(code, day)
    if rule.fact:
        output.line()
        told = {each.label: each.on for each in known.history(code)}
        output.say("print.rule-of", start=told[rule.fact], fact=rule.fact)
        output.pairs(_parts(output, rule))
    for widening in known.widenings(code, day):
        serves = output.join([*_types(widening.types), *widening.where, *widening.projects])
        output.say("print.pooling-of", number=widening.number, serves=serves, fact=widening.fact)
    for carrying in known.carryings(code, day):
        where = output.join(carrying.projects) or output.text("print.every-project")
        output.say("print.carrying-of", year=carrying.year, number=carrying.number, where=where, fact=carrying.fact)
    later = [each for each in known.history(code) if each.on > day.isoformat()]
    earlier = [each for each in known.history(code) if each.on <= day.isoformat() and each.label != rule.fact]
    if earlier or later:
        said = output.join(f"{each.on} {each.label} {read_rule(each).number}" for each in [*earlier, *later])
        output.say("print.rule-others", rules=said)
    if rule.fact or known.widenings(code, day):
        output.line()


def _parts(output: Output, rule: Rule) -> dict[str, str]:
    """Return the parts of a rule as people read them, what it leaves open left out."""
    partner = output.text("print.rule-pace", partner=rule.partner, ratio=rule.ratio) if rule.partner else ""
    support = output.text(f"support.{rule.support}") if rule.support else ""
    days = {"start": rule.usable_from or "…", "until": rule.usable_until or "…"}
    share = output.text("print.rule-share", share=rule.share) if rule.share else ""
    return {
        "rule-number": rule.number,
        "rule-types": output.join(_types(rule.types)),
        "rule-places": output.join(rule.where),
        "rule-words": output.join(rule.words),
        "rule-categories": output.join(output.text(f"category.{each}") for each in rule.categories),
        "rule-fee": f"{rule.fee_cap}%" if rule.fee_cap else "",
        "rule-days": output.text("print.rule-days", **days) if rule.usable_from or rule.usable_until else "",
        "rule-carry": output.text(f"carry.{rule.carry}") if rule.carry else "",
        "rule-support": " ".join(each for each in (support, share, partner) if each),
    }


def _types(types: tuple[str, ...]) -> list[str]:
    known = types_of(session.workspace.path)
    named = ((each, name_of(known, each, session.lang)) for each in types)
    return [code if code == name else f"{code} {name}" for code, name in named]

"""Commands of indicators: what was observed where, and what that adds up to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ledger import log
from ledger.errors import Names, Unknown
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects import observations, registry
from projects.cli.output import MARKS, Output
from projects.cli.session import As, Book, Date, Json, Key, Papers, session
from projects.desk import Desk
from projects.events.requests import read_observations
from projects.indicators import Indicator, Indicators, indicators_of
from projects.places import places
from projects.rollup import Figure, board
from projects.standing import Standing, standing

indicator = typer.Typer(no_args_is_help=True, help="@help.indicator")

Place = Annotated[str, typer.Argument(metavar="PLACE", help="@argument.place")]
Values = Annotated[list[str], typer.Argument(metavar="INDICATOR=N/D", help="@argument.observation")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="@option.on")]


@indicator.command("list", help="@help.indicator-list")
def indicator_list(as_json: Json = False) -> None:
    """List the indicators that there are."""
    known = known_here()
    output = session.output(as_json=as_json)
    if output.data({code: each.model_dump() for code, each in known.items()}):
        return
    rows = [
        {
            "code": code,
            "name": each.name(session.lang),
            "indicator-of": each.of(session.lang),
            "indicator-better": output.text("print.falling" if each.falling else "print.rising"),
            "indicator-sum": output.text(f"print.aggregation-{each.aggregation}"),
        }
        for code, each in known.items()
    ]
    output.rows(rows, ["code", "name", "indicator-of", "indicator-better", "indicator-sum"])


@indicator.command("observe", help="@help.indicator-observe")
def indicator_observe(
    place: Place,
    values: Values,
    evidence: Annotated[str, typer.Option("--evidence", help="@option.evidence")],
    project: Annotated[str, typer.Option("--project", metavar="PROJECT", help="@option.observed-project")] = "",
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record what was observed at a village or a hamlet, with what shows it."""
    said = {"evidence": evidence, "project": project}
    _record(
        observations.KIND, place, values, said, date=date, doc=doc, as_name=as_name, book=book, key=key, as_json=as_json
    )


@indicator.command("target", help="@help.indicator-target")
def indicator_target(
    place: Place,
    values: Values,
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="@option.until")],
    evidence: Annotated[str, typer.Option("--evidence", help="@option.evidence")],
    date: Date = None,
    doc: Papers = None,
    as_name: As = None,
    book: Book = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Record what a village or a hamlet aims at, until when, by which paper."""
    said = {"evidence": evidence, "until": parse_date(until).isoformat()}
    _record(
        observations.TARGET,
        place,
        values,
        said,
        date=date,
        doc=doc,
        as_name=as_name,
        book=book,
        key=key,
        as_json=as_json,
    )


def _record(
    kind: str,
    place: str,
    values: list[str],
    said: Mapping[str, str],
    *,
    date: str | None,
    doc: list[Path] | None,
    as_name: str | None,
    book: str | None,
    key: str | None,
    as_json: bool,
) -> None:
    user = session.user(as_name)
    on = _on(date)
    read = read_observations(values)
    with session.workspace.read() as connection:
        village = places(connection).village_of(place)
        of = observations.log_of(connection, village, book)
        if book not in {None, of}:
            raise Unknown(about="book", text=str(book))
        if said.get("project"):
            registry.need_project(connection, of, said["project"])
    desk = Desk(session.workspace, user, "" if of == log.OFFICE else of)
    papers = desk.papers(doc or [])

    def act(unit: Unit) -> dict[str, Any]:
        made = observations.record(
            unit,
            kind,
            known_here(),
            places(unit.connection),
            place,
            read,
            on=on,
            by=user,
            papers=papers,
            book=book,
            **said,
        )
        return {"place": place, "log": of, "date": on.isoformat(), "facts": [each.label for each in made]}

    content = {"kind": kind, "place": place, "values": values, "date": date, "log": of, "user": user, **said}
    content |= {"papers": [paper[0] for paper in papers]}
    made = desk.change("indicator observe", content, act, key=key)
    output = session.output(as_json=as_json)
    if not output.data(made):
        what = output.join(f"{label} {value}" for label, value in zip(made["facts"], values, strict=True))
        output.say("print.observed", place=place, date=made["date"], what=what, log=of)


@indicator.command("show", help="@help.indicator-show")
def indicator_show(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="@argument.any-place")] = "",
    only: Annotated[str | None, typer.Option("--indicator", metavar="CODE", help="@option.only-indicator")] = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Show indicators of a hamlet, a village, a township, a county: summed from the latest observation of each part."""
    day = day_of(on)
    known = known_here()
    if only is not None:
        if only not in known:
            raise Unknown(about="indicator", text=only, choices=Names(known))
        known = {only: known[only]}
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        all_places = places(connection)
        told = board(all_places, observations.seen(connection))
        aims = board(all_places, observations.targets(connection))
    rows = [standing(code, each, place, day, told=told, aims=aims) for code, each in known.items()]
    rows = [each for each in rows if only or each.now.parts or each.target.parts]
    if output.data({"place": place, "date": day, "indicators": [_data(each) for each in rows]}):
        return
    output.line(output.text("print.indicators-of", place=place or output.text("print.office"), date=day))
    shown = [_row(each, output) for each in rows]
    numbers = [f"indicator-{each}" for each in ("baseline", "now", "rate", "change")]
    more = [
        f"indicator-{each}" for each in ("target", "parts", "missing") if any(row[f"indicator-{each}"] for row in shown)
    ]
    output.rows(shown, ["indicator", *numbers, *more], numbers=numbers)


def _data(each: Standing) -> dict[str, Any]:
    """Return it as JSON shows it."""
    target = figure_data(each.target) | {"until": each.until} if each.target.parts else None
    return {
        "indicator": each.code,
        "baseline": figure_data(each.baseline),
        "now": figure_data(each.now),
        "change": each.change,
        "target": target,
        "reached": each.reached,
    }


def _row(each: Standing, output: Output) -> dict[str, Any]:
    """Return it as a table shows it."""
    marks = {None: "", True: f" {MARKS['ok'][0]}", False: f" {MARKS['problem'][0]}"}
    aim = output.text("print.target-until", target=value_of(each.target), date=each.until) if each.until else ""
    return {
        "indicator": f"{each.code} {each.of.name(output.lang)}",
        "indicator-baseline": value_of(each.baseline),
        "indicator-now": value_of(each.now),
        "indicator-rate": rate(each.now, each.of),
        "indicator-change": "" if each.change is None else f"{each.change:+,}",
        "indicator-target": aim + marks[each.reached] if aim else "",
        "indicator-parts": str(len(each.now.parts)),
        "indicator-missing": output.join(each.now.missing),
    }


def rate(figure: Figure, of: Indicator) -> str:
    """Return a figure as people read it: a share in percent, rounded to hundredths, else so much for each."""
    if not figure.denominator:
        return ""
    scale = 10_000 if of.is_share else 100
    rounded = (2 * scale * figure.numerator + figure.denominator) // (2 * figure.denominator)
    return f"{rounded // 100:,}.{rounded % 100:02}{'%' if of.is_share else ''}"


def figure_data(figure: Figure) -> dict[str, Any]:
    """Return a figure as JSON shows it, with the observations that it is made of."""
    return {
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "on": figure.on,
        "sources": [
            {"place": each.place, "on": each.on, "value": each.value, "source": each.label, "evidence": each.evidence}
            for each in figure.parts
        ],
        "missing": list(figure.missing),
    }


def value_of(figure: Figure) -> str:
    """Return a figure as a table shows it, nothing where nothing was observed."""
    return f"{figure.numerator:,}/{figure.denominator:,}" if figure.parts else ""


def known_here() -> Indicators:
    """Return the indicators that the workspace knows."""
    return indicators_of(session.workspace.path)


def day_of(on: str | None) -> str:
    """Return the day that was typed, or today."""
    return _on(on).isoformat()


def _on(date: str | None) -> dt.date:
    return session.workspace.clock().date() if date is None else parse_date(date)


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.add_typer(indicator, name="indicator")

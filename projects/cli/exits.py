"""The command that judges a village by an exit scheme, and says why."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.cells import cell_len

from projects import registry
from projects.cli.indicators import On, day_of, figure_data, known_here, rate, value_of
from projects.cli.output import Output
from projects.cli.session import Json, session
from projects.exits import Exit, Judged, Scheme, Source, judge, schemes_of
from projects.indicators import Indicators, name_of
from projects.observations import Seen
from projects.policy.numbers import MARKS

GRADES = {"met": "ok", "not-met": "problem", "not-known": "warning"}


def exit_command(
    village: Annotated[str | None, typer.Argument(metavar="VILLAGE", help="@argument.exit")] = None,
    on: On = None,
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="CODE", help="@option.scheme")] = None,
    as_json: Json = False,
) -> None:
    """Judge a village by an exit scheme on a day: met, not met, not known, and why."""
    known = known_here()
    rules = schemes_of(session.workspace.path, known).need(scheme)
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        villages = [village] if village else [row["code"] for row in registry.list_villages(connection)]
        made = [judge(connection, known, rules, each, day_of(on)) for each in villages]
    told = [exit_data(each) for each in made]
    if output.data(told[0] if village else told):
        return
    for number, each in enumerate(made):
        if number:
            output.line()
        print_exit(output, each, known, rules[1])


def print_exit(output: Output, made: Exit, known: Indicators, scheme: Scheme) -> None:
    """Print how a village was judged: a line for each condition, and what is missing."""
    verdict, name = output.text(f"exit.{made.verdict}"), scheme.name(output.lang)
    output.line(output.text("print.exit", village=made.village, scheme=name, date=made.on, verdict=verdict))
    whole = Source(**{each: getattr(scheme, each) for each in Source.model_fields})
    output.sentence(_source(output, whole))
    names = {each.indicator: name_of(known, each.indicator, output.lang) for each in made.judged}
    width = max(cell_len(each) for each in names.values())
    for each in made.judged:
        output.check(GRADES[each.verdict], names[each.indicator], _why(output, each, known), width=width)
        if each.source != whole:
            output.sentence(_source(output, each.source), indent=width + 4)
        if each.verdict != "met" and each.projects:
            output.sentence(_projects(output, each), indent=width + 4)
    counts = {verdict.replace("-", "_"): sum(each.verdict == verdict for each in made.judged) for verdict in GRADES}
    output.line(output.text("print.exit-counts", **counts))
    open_ = [each for each in made.judged if each.verdict != "met"]
    gaps = {
        "exit-gap-unseen": [names[each.indicator] for each in open_ if each.verdict == "not-known"],
        "exit-gap-projects": [names[each.indicator] for each in open_ if each.unserved],
    }
    for key, lacking in gaps.items():
        if lacking:
            output.sentence(output.text(f"print.{key}", names=output.join(lacking)))


def exit_data(made: Exit) -> dict[str, Any]:
    """Return how a village was judged as JSON shows it."""
    return {
        "village": made.village,
        "date": made.on,
        "scheme": made.scheme,
        "verdict": made.verdict,
        "conditions": [
            {
                "indicator": each.indicator,
                "verdict": each.verdict,
                "threshold": each.threshold.plain,
                "observed": figure_data(each.figure),
                "source": each.source.model_dump(),
                "projects": [
                    {"project": code, "title": title, "accepted": done} for code, title, done in each.projects
                ],
            }
            for each in made.judged
        ],
    }


def _why(output: Output, each: Judged, known: Indicators) -> str:
    facts_ = {"threshold": each.threshold.plain, "verdict": output.text(f"exit.{each.verdict}")}
    if not each.figure.parts:
        return output.text("print.exit-unseen", **facts_)
    shown = rate(each.figure, known[each.indicator])
    seen = output.join(_source_of(output, part) for part in each.figure.parts[:3])
    more = len(each.figure.parts) - 3
    facts_ |= {"value": value_of(each.figure), "rate": shown, "date": each.figure.on}
    facts_["seen"] = output.text("print.exit-more", seen=seen, more=more) if more > 0 else seen
    if each.figure.missing:
        return output.text("print.exit-missing", missing=output.join(each.figure.missing), **facts_)
    return output.text("print.exit-seen", **facts_)


def _source_of(output: Output, part: Seen) -> str:
    """Return what shows an observation: a voucher or fact, and what that names."""
    label = part.label if part.label != part.evidence else ""
    papers = output.text("print.exit-papers", papers=part.papers) if part.papers else ""
    return " ".join(each for each in (label, part.evidence) if each) + papers


def _source(output: Output, source: Source) -> str:
    cite = " ".join(part for part in (source.document, source.number, source.date) if part)
    mark = output.text(f"policy.mark.{MARKS[source.mark]}") if source.mark else ""
    return output.text("print.exit-source", cite=cite, mark=mark)


def _projects(output: Output, each: Judged) -> str:
    done = {True: output.text("print.exit-accepted"), False: output.text("print.exit-underway")}
    return output.text(
        "print.exit-projects",
        projects=output.join(f"{code} {title}{done[accepted]}" for code, title, accepted in each.projects),
    )


def add_to(app: typer.Typer) -> None:
    """Put these commands into the command line."""
    app.command("exit", help="@help.exit")(exit_command)

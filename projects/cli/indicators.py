"""Commands of indicators: what was observed where, what that adds up to, and whether a village meets an exit scheme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len

from ledger import log
from ledger.errors import Names, Unknown
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects import observations, registry
from projects.cli.output import MARKS, Output
from projects.cli.session import As, Book, Date, Json, Key, Papers, session
from projects.desk import Desk
from projects.exits import Exit, Judged, Scheme, Source, judge, schemes_of
from projects.indicators import Indicator, Indicators, indicators_of, name_of
from projects.observations import Seen
from projects.places import places
from projects.policy.numbers import MARKS as MARK
from projects.requests import read_observations
from projects.rollup import Figure, board

indicator = typer.Typer(no_args_is_help=True, help="@help.indicator")

Place = Annotated[str, typer.Argument(metavar="PLACE", help="@argument.place")]
Values = Annotated[list[str], typer.Argument(metavar="INDICATOR=N/D", help="@argument.observation")]
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="@option.on")]

GRADES = {"met": "ok", "not-met": "problem", "not-known": "warning"}


@indicator.command("list", help="@help.indicator-list")
def indicator_list(as_json: Json = False) -> None:
    """List the indicators that there are."""
    known = _known()
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
            _known(),
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
    day = _day(on)
    known = _known()
    if only is not None:
        if only not in known:
            raise Unknown(about="indicator", text=only, choices=Names(known))
        known = {only: known[only]}
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        all_places = places(connection)
        told = board(all_places, observations.seen(connection))
        aims = board(all_places, observations.targets(connection))
    rows = [
        _Standing(
            code,
            each,
            told.baseline(code, each, place, day),
            told.figure(code, each, place, day),
            aims.figure(code, each, place, day),
        )
        for code, each in known.items()
    ]
    rows = [each for each in rows if only or each.now.parts or each.target.parts]
    if output.data({"place": place, "date": day, "indicators": [each.data() for each in rows]}):
        return
    output.line(output.text("print.indicators-of", place=place or output.text("print.office"), date=day))
    shown = [each.row(output) for each in rows]
    numbers = [f"indicator-{each}" for each in ("baseline", "now", "rate", "change")]
    more = [
        f"indicator-{each}" for each in ("target", "parts", "missing") if any(row[f"indicator-{each}"] for row in shown)
    ]
    output.rows(shown, ["indicator", *numbers, *more], numbers=numbers)


class _Standing:
    """An indicator of a place: what it was, what it is, what it is to be."""

    def __init__(self, code: str, of: Indicator, baseline: Figure, now: Figure, target: Figure) -> None:
        self.code, self.of, self.baseline, self.now, self.target = code, of, baseline, now, target

    @property
    def change(self) -> int | None:
        """Return the change of the numerator, None where it began or ends unknown."""
        return self.now.numerator - self.baseline.numerator if self.baseline.whole and self.now.whole else None

    @property
    def reached(self) -> bool | None:
        """Tell whether the target is reached, None where there is none or nobody knows."""
        if not self.now.whole or self.now.share is None or self.target.share is None:
            return None
        falling = self.of.falling
        return self.now.share <= self.target.share if falling else self.now.share >= self.target.share

    @property
    def until(self) -> str:
        """Return the day by which the target is to be reached."""
        return max((each.until for each in self.target.parts), default="")

    def data(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        target = _figure(self.target) | {"until": self.until} if self.target.parts else None
        return {
            "indicator": self.code,
            "baseline": _figure(self.baseline),
            "now": _figure(self.now),
            "change": self.change,
            "target": target,
            "reached": self.reached,
        }

    def row(self, output: Output) -> dict[str, Any]:
        """Return it as a table shows it."""
        marks = {None: "", True: f" {MARKS['ok'][0]}", False: f" {MARKS['problem'][0]}"}
        aim = output.text("print.target-until", target=_value(self.target), date=self.until) if self.until else ""
        return {
            "indicator": f"{self.code} {self.of.name(output.lang)}",
            "indicator-baseline": _value(self.baseline),
            "indicator-now": _value(self.now),
            "indicator-rate": rate(self.now, self.of),
            "indicator-change": "" if self.change is None else f"{self.change:+,}",
            "indicator-target": aim + marks[self.reached] if aim else "",
            "indicator-parts": str(len(self.now.parts)),
            "indicator-missing": output.join(self.now.missing),
        }


def rate(figure: Figure, of: Indicator) -> str:
    """Return a figure as people read it: a share in percent, rounded to hundredths, else so much for each."""
    if not figure.denominator:
        return ""
    scale = 10_000 if of.is_share else 100
    rounded = (2 * scale * figure.numerator + figure.denominator) // (2 * figure.denominator)
    return f"{rounded // 100:,}.{rounded % 100:02}{'%' if of.is_share else ''}"


def exit_command(
    village: Annotated[str | None, typer.Argument(metavar="VILLAGE", help="@argument.exit")] = None,
    on: On = None,
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="CODE", help="@option.scheme")] = None,
    as_json: Json = False,
) -> None:
    """Judge a village by an exit scheme on a day: met, not met, not known, and why."""
    known = _known()
    rules = schemes_of(session.workspace.path, known).need(scheme)
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        villages = [village] if village else [row["code"] for row in registry.list_villages(connection)]
        made = [judge(connection, known, rules, each, _day(on)) for each in villages]
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
                "observed": _figure(each.figure),
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
    facts_ |= {"value": _value(each.figure), "rate": shown, "date": each.figure.on}
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
    mark = output.text(f"policy.mark.{MARK[source.mark]}") if source.mark else ""
    return output.text("print.exit-source", cite=cite, mark=mark)


def _projects(output: Output, each: Judged) -> str:
    done = {True: output.text("print.exit-accepted"), False: output.text("print.exit-underway")}
    return output.text(
        "print.exit-projects",
        projects=output.join(f"{code} {title}{done[accepted]}" for code, title, accepted in each.projects),
    )


def _figure(figure: Figure) -> dict[str, Any]:
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


def _value(figure: Figure) -> str:
    return f"{figure.numerator:,}/{figure.denominator:,}" if figure.parts else ""


def _known() -> Indicators:
    return indicators_of(session.workspace.path)


def _day(on: str | None) -> str:
    return _on(on).isoformat()


def _on(date: str | None) -> dt.date:
    return session.workspace.clock().date() if date is None else parse_date(date)

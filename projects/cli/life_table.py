"""What a project's life has come to: a table of its gates, its milestones, photos and reviews; a village's hamlets."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ledger import messages
from ledger.text import parse_date
from projects.cli.session import Book, Json, session
from projects.cli.telling import word
from projects.cli.words import ProjectArg, VillageArg
from projects.life import gates, milestones
from projects.life.entry import beneficiaries, objectives
from projects.life.scene import Scene
from projects.life.villages import hamlets
from projects.types import name_of, types_of

On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="@option.on")]


def village_hamlets(village: VillageArg, on: On = None, book: Book = None, as_json: Json = False) -> None:
    """List the hamlets that a village has on a day."""
    where, when = session.book(book), parse_date(on) if on else session.workspace.clock().date()
    with session.workspace.read() as connection:
        found = hamlets(connection, where, village, when)
    output = session.output(as_json=as_json)
    columns = ["hamlet", "households", "persons", "poor_households", "poor_persons", "counted_on", "merged"]
    rows = [{**vars(each), "hamlet": each.name, "merged": output.join(each.merged)} for each in found]
    output.rows(rows, columns)


def project_life(project: ProjectArg, on: On = None, book: Book = None, as_json: Json = False) -> None:
    """Show every gate of a project's life: passed when and by what, or what is missing."""
    where, when = session.book(book), parse_date(on) if on else session.workspace.clock().date()
    output = session.output(as_json=as_json)
    with session.workspace.read() as connection:
        scene = Scene(connection, where, project, when, types_of(session.workspace.path))
        head = _head(scene)
        found = list(gates.verdicts(scene))
        stones, spots = milestones.milestones(scene), milestones.spots(scene)
        reviews = scene.told.all("review")
    lacks = {name: messages.phrase(each.lacks, session.lang) if each.lacks else "" for name, each in found}
    if output.data(
        head
        | {
            "gates": [
                {"gate": name, "passed": each.passed, "date": each.on, "by": each.by, "lacks": lacks[name]}
                for name, each in found
            ],
            "milestones": [vars(each) | {"late": each.late(when)} for each in stones],
            "spots": [vars(each) | {"lacking": list(each.lacking)} for each in spots],
            "reviews": [dict(each.data) for each in reviews],
        }
    ):
        return
    shown = {key: value for key, value in head.items() if key != "entered"}
    output.pairs(shown | {"state": output.text(f"state.{head['state']}")})
    output.line()
    rows = [
        {
            "gate": output.text(f"gate.{name}"),
            "passed": "✓" if each.passed else "✗",
            "date": each.on,
            "passed_by": each.by,
            "says": lacks[name],
        }
        for name, each in found
    ]
    output.rows(rows, ["gate", "passed", "date", "passed_by", "says"])
    if stones:
        output.line()
        late = [
            {"milestone": each.name, "milestone_due": each.due, "met": each.met, "late": each.late(when) or ""}
            for each in stones
        ]
        output.rows(late, ["milestone", "milestone_due", "met", "late"])
    if spots:
        output.line()
        columns = {phase: f"photo_{phase}" for phase in milestones.PHASES}
        photos = [
            {"spot": each.name, **{column: each.photos.get(phase, "✗") for phase, column in columns.items()}}
            for each in spots
        ]
        output.rows(photos, ["spot", *columns.values()])
    if reviews:
        output.line()
        told = [{key: word(key, value) for key, value in each.data.items()} for each in reviews]
        output.rows(told, ["quarter", "progress", "satisfaction", "verdict", "mend-by", "reason"])


def _head(scene: Scene) -> dict[str, Any]:
    served = beneficiaries(scene)
    return {
        "project": scene.state.label_project(scene.project),
        "type": name_of(scene.types, scene.detail["type"], session.lang),
        "place": scene.detail["place"],
        "quantity": f"{scene.detail['quantity']} {scene.detail['unit']}".strip(),
        "responsible": scene.detail["responsible"],
        "planned_dates": f"{scene.detail['planned-start']} – {scene.detail['planned-finish']}".strip(" –"),
        "objectives": session.output().join(
            f"{each.data['indicator']} {'≤' if each.data['sense'] == 'at-most' else '≥'} "
            f"{each.data['target']} {each.data['unit']}"
            for each in objectives(scene)
        ),
        "served": session.text("print.served", **vars(served)) if served.persons else "",
        "entered": bool(scene.entered),
        "state": gates.state_of(scene),
    }

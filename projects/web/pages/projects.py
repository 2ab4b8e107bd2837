"""Projects: the list, and a project's file with its gates, what is missing, its milestones and its money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for

from ledger.errors import Unknown
from projects import registry
from projects.life import gates, milestones
from projects.life.deliberations import STEPS
from projects.life.scene import Scene
from projects.life.villages import division_of, hamlets
from projects.status import status
from projects.types import name_of, types_of
from projects.web import forms, instead
from projects.web.office import office
from projects.web.pages.frame import Page, look, new_key, pages
from projects.web.pages.telling import told_of
from projects.web.sessions import language

PASSED_BY: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "library": ("enter", {}),
    **{step: ("deliberate", {"step": step}) for step in STEPS},
    "approval": ("approve", {}),
    "started": ("start", {}),
    "inspected-village": ("inspect", {"level": "village"}),
    "inspected-upper": ("inspect", {"level": "township"}),
    "final": ("final", {}),
    "handover": ("handover", {}),
    "closed": ("close", {}),
}
"""By which form a gate is passed, and what of it is known then; the others are passed by vouchers and notices."""


@pages.get("/desk/<book>/projects")
def list_projects(book: str) -> Page:
    """List the projects with where each stands."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        today, kinds = office().workspace.clock().date(), types_of(office().workspace.path)
        rows = [
            each | {"state": gates.state_of(Scene(connection, book, str(each["code"]), today, kinds))}
            for each in registry.list_projects(connection, book)
        ]
    return render_template("projects.html", **seen, rows=rows)


@pages.get("/desk/<book>/projects/<project>")
def project_file(book: str, project: str) -> Page:
    """Show a project's file: every gate with when it was passed and by what, or what is missing."""
    shared = office()
    with shared.workspace.read() as connection:
        seen = look(connection, book)
        today, kinds = shared.workspace.clock().date(), types_of(shared.workspace.path)
        figures = status(connection, book)
        if project not in {str(each["code"]) for each in registry.list_projects(connection, book)}:
            raise Unknown(about="project", text=project, book=book)
        scene = Scene(connection, book, project, today, kinds)
        seen["told"] = told_of(connection, book, project, language())
        detail, title, state = dict(scene.detail), scene.state.label_project(project), gates.state_of(scene)
        found = [
            {
                "name": name,
                "passed": each.passed,
                "on": each.on,
                "by": each.by,
                "lacks": instead.phrase(each.lacks, language()) if each.lacks else "",
                "way": _way(book, project, name) if each.lacks and "make" in seen["may"] else "",
            }
            for name, each in gates.verdicts(scene)
        ]
        stones = [
            {"name": each.name, "due": each.due, "met": each.met, "late": each.late(today)}
            for each in milestones.milestones(scene)
        ]
    head = {
        "type": name_of(kinds, detail["type"], language()),
        "place": detail["place"],
        "quantity": f"{detail['quantity']} {detail['unit']}".strip(),
        "responsible": detail["responsible"],
        "planned_dates": f"{detail['planned-start']} – {detail['planned-finish']}".strip(" –"),
    }
    seen |= {"tellings": forms.tellings("project"), "project": project, "key": new_key()}
    money = {project: figures[project]} if project in figures else {}
    shown = {"title": title, "head": head, "state": state, "gates": found, "stones": stones, "figures": money}
    return render_template("project.html", **seen, **shown)


@pages.get("/desk/<book>/village")
def village(book: str) -> Page:
    """Show the village of a book: its division code, its hamlets as they are today, and what was told of it."""
    with office().workspace.read() as connection:
        seen = look(connection, book)
        code, today = seen["book"].village, office().workspace.clock().date()
        shown = {
            "village": registry.need_village(connection, code),
            "division": division_of(connection, book, code),
            "hamlets": hamlets(connection, book, code, today),
            "told": told_of(connection, book, code, language()),
        }
    return render_template("village.html", **seen, **shown, tellings=forms.tellings("village"), key=new_key())


def _way(book: str, project: str, gate: str) -> str:
    """Return where a gate is passed, "" where no form of its own does it."""
    if gate not in PASSED_BY:
        return ""
    verb, known = PASSED_BY[gate]
    return url_for("desk.telling", book=book, what=verb, project=project, **known)

"""Projects: the list, and a project's file with its gates, what is missing, its milestones and its money."""

from __future__ import annotations

from flask import render_template

from ledger.errors import Unknown
from projects import registry
from projects.life import gates, milestones
from projects.life.scene import Scene
from projects.status import status
from projects.types import name_of, types_of
from projects.web import instead
from projects.web.office import office
from projects.web.pages.frame import Page, look, pages
from projects.web.sessions import language


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
        detail, title, state = dict(scene.detail), scene.state.label_project(project), gates.state_of(scene)
        found = [
            {
                "name": name,
                "passed": each.passed,
                "on": each.on,
                "by": each.by,
                "lacks": instead.phrase(each.lacks, language()) if each.lacks else "",
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
    money = {project: figures[project]} if project in figures else {}
    shown = {"title": title, "head": head, "state": state, "gates": found, "stones": stones, "figures": money}
    return render_template("project.html", **seen, **shown)

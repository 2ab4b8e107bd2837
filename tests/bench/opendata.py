"""Publish a county of growing size and print projects per second, the most memory, and a second run with one voucher more.

    .venv/bin/python tests/bench/opendata.py [PROJECTS ...]

A village has fifty projects, each with five vouchers: allotted, received, under contract, measured, paid. The second run
reads and writes again only the village that changed.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from ledger import channels, people, register
from ledger.store.workspace import Workspace, create, open_workspace
from projects import registry
from projects.desk import Desk
from projects.disclosure.site import publish

VILLAGE = 50
START = date(2024, 1, 2)
PUBLICATION = {
    "name": "演示局",
    "name_en": "Demonstration Bureau",
    "identifier": "11000000DEM0000061",
    "kind": "11",
    "prefix": "oc4ids-demo00",
    "url": "https://example.org/demo",
    "licence": "https://creativecommons.org/licenses/by/4.0/",
    "email": "office@example.org",
}
LIFE = (
    ("allot", {"channel": "JT2024", "amount": "100000", "number": "1"}),
    ("receive", {"channel": "JT2024", "amount": "80000"}),
    ("contract", {"parts": ["JT2024=100000"], "party": "宏达路桥", "name": "路面"}),
    ("certify", {"amount": "50000"}),
    ("pay", {}),
)


def make(path: Path, projects: int) -> Workspace:
    """Make a workspace of villages with their projects."""
    workspace = create(path)
    with workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        channels.add_channel(unit, "JT2024", name="交通专项", source="department")
        for number in range((projects + VILLAGE - 1) // VILLAGE):
            book = f"V{number}"
            registry.add_village(unit, book, name=f"示范村{number}", township="演示镇")
            register.add_book(unit, book, village=book, name="专账", started_on=START)
            register.add_bank(unit, book, "B01", name="专户", kind="dedicated", channels=["JT2024"])
            for place in range(min(VILLAGE, projects - number * VILLAGE)):
                detail = {"type": "road", "quantity": "3.5", "unit": "公里", "planned_start": "2024-02-01"}
                detail |= {"planned_finish": "2024-12-31", "benefit": "出行方便"}
                budget = {"JT2024": 10_000_000}
                title = f"道路{place}"
                registry.add_project(unit, book, code(place), title=title, name=title, budget=budget, detail=detail)
        unit.commit()
    for number in range(projects):
        book, project = f"V{number // VILLAGE}", code(number % VILLAGE)
        for verb, typed in LIFE:
            about = {"contract": f"{project}C01"} if verb in {"contract", "certify", "pay"} else {"project": project}
            label = Desk(workspace, "zhang", book).record(verb, {"date": "2024-03-01", **about, **typed})["draft"]
            Desk(workspace, "li", book).seal(label)
    settings = "".join(f'{name} = "{value}"\n' for name, value in PUBLICATION.items())
    with (path / "earmark.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[publication]\n{settings}")
    workspace.close()
    return open_workspace(path)


def code(place: int) -> str:
    """Return the code of a project of a village."""
    return f"P{place + 1:03}"


def main() -> None:
    for projects in map(int, sys.argv[1:] or ("50", "100", "200")):
        with tempfile.TemporaryDirectory() as folder:
            workspace = make(Path(folder) / "office", projects)
            out = Path(folder) / "site"
            start = time.perf_counter()
            publish(workspace, out)
            first = time.perf_counter() - start
            before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
            typed = {"date": "2024-03-02", "project": "P001", "channel": "JT2024", "amount": "10000"}
            Desk(workspace, "li", "V0").seal(Desk(workspace, "zhang", "V0").record("receive", typed)["draft"])
            start = time.perf_counter()
            publish(workspace, out)
            second = time.perf_counter() - start
            after = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
            written = sum(before.get(path) != at for path, at in after.items())
            workspace.close()
            size = sum(path.stat().st_size for path in (out / "data").iterdir()) / 1e6
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{projects:,} projects: {size:.1f} MB of open data and the pages in {first:.2f} s = {projects / first:,.0f}/s, "
                f"{len(before):,} files; again with one voucher more {second:.2f} s, {written:,} files written; most "
                f"memory {most:.0f} MiB"
            )


if __name__ == "__main__":
    main()

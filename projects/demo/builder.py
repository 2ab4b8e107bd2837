"""Builds the demonstration workspace: the same vouchers, dates and salts each time, so the same books.

The villages' plans are real figures in ``plan.csv``; everything else is invented and told in ``story.toml``. Vouchers
go over the same desk as a clerk's, made by one user and sealed by another, and what is told of a road's life over that
of facts, under a clock that follows the story.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from importers import plans
from importers.plans import PlanRow
from ledger import channels, checkpoints, facts, log, money, people, register
from ledger.books.write import settle
from ledger.signing import make_key
from ledger.store.workspace import CHINA, Salts, Unit, Workspace, create
from projects import indicators, observations, payees, procurement, registry
from projects.desk import Desk
from projects.events import works
from projects.events.requests import read_observations
from projects.life.papers import state_document
from projects.life.requests import StateDocument
from projects.life.scene import Scene
from projects.places import places
from projects.telling import TELL, procure, tell

Story = Mapping[str, Any]
MADE, SEALED = time(9, 30), time(16)
OWN_KEYS = frozenset({"book", "do", "mark", "of", "paper", "waits"})
"""What the builder reads of an event; the rest is what the clerk types."""


@dataclass(frozen=True, kw_only=True)
class DemoSummary:
    """What was built, and under which names to look at it and to go on with it; books are code and name."""

    path: Path
    vouchers: int
    drafts: int
    books: tuple[tuple[str, str], ...]
    maker: str
    approver: str


PASSPHRASE = "demonstration"  # noqa: S105 - known to everybody, on purpose
"""The passphrase of the demonstration's key, which is no secret either."""


@dataclass
class Calendar:
    """A clock that stands until it is turned: a voucher's times follow from its date, not from the build's."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time of the story."""
        return self.now

    def turn(self, day: str, at: time) -> None:
        """Set the time of the story."""
        self.now = datetime.combine(date.fromisoformat(day), at, tzinfo=CHINA)


def build(path: Path, *, progress: Callable[[int, int], None] | None = None) -> DemoSummary:
    """Build the demonstration in `path`; `progress` is told after each voucher how many are done, of how many.

    Raises:
        WorkspaceThere: `path` is not empty; nothing is changed.
        WorkspaceUnfit: `path` cannot be written.
    """
    story = read_story()
    clock = Calendar(datetime.combine(date.fromisoformat(story["opened_on"]), MADE, tzinfo=CHINA))
    workspace = create(path, clock=clock, salts=_salts(), office="earmark/demonstration", demonstration=True)
    try:
        budgets = _register(workspace, story)
        vouchers, drafts = _tell(workspace, clock, story, budgets, progress or (lambda _done, _total: None))
        _sign(workspace, story["approver"])
        _publish(path, story["publication"])
    finally:
        workspace.close()
    return DemoSummary(
        path=path,
        vouchers=vouchers,
        drafts=drafts,
        books=tuple((book["code"], book["name"]) for book in story["books"]),
        maker=story["maker"],
        approver=story["approver"],
    )


def _publish(path: Path, publication: Story) -> None:
    """Write into the settings who publishes, as an office does by hand."""
    lines = "".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in publication.items())
    with (path / "earmark.toml").open("a", encoding="utf-8", newline="\n") as file:
        file.write(f"\n[publication]\n{lines}")


def _sign(workspace: Workspace, user: str) -> None:
    """Sign what the logs are, with a key and a passphrase that everybody knows."""
    seed = hashlib.sha256(b"earmark demonstration key").digest()
    signer = make_key(workspace.path, workspace.settings.office, PASSPHRASE, seed=seed)
    with workspace.write() as unit:
        notes = {of: checkpoints.sign(unit, signer, of, user=user) for of in log.logs(unit.connection)}
        unit.commit()
    for of, note in notes.items():
        checkpoints.keep(workspace, of, note)
    settle(workspace)


def read_story() -> Story:
    """Return the invented part, as it stands in ``story.toml``."""
    return tomllib.loads(files("projects.demo").joinpath("story.toml").read_text(encoding="utf-8"))


def read_plan() -> Mapping[str, PlanRow]:
    """Return the real part, the two villages' plans, by code."""
    with as_file(files("projects.demo").joinpath("plan.csv")) as path:
        return {row.code: row for row in plans.read(path)}


Budgets = Mapping[tuple[str, str], Mapping[str, int]]
"""By book and project the planned fen by channel."""


def _register(workspace: Workspace, story: Story) -> Budgets:
    plan = read_plan()
    budgets: dict[tuple[str, str], Mapping[str, int]] = {}
    with workspace.write() as unit:
        for name, user in story["users"].items():
            people.add_user(unit, name, **user)
        for code, firm in story["firms"].items():
            payees.add_payee(unit, code, **firm, by=story["maker"])
        for code, channel in story["channels"].items():
            channels.add_channel(unit, code, name=channel["name"], source=channel["source"])
        for code, good in story["goods"].items():
            channels.add_good(unit, code, name=good["name"], unit_name=good["unit"])
        for book in story["books"]:
            _register_book(unit, book, story["opened_on"], story["maker"])
            for code, project in book["projects"].items():
                row = plan[project["row"]]
                budgets[book["code"], code] = budget = _budget(row, project, story)
                detail = _detail(row, project)
                title = project["title"]
                registry.add_project(unit, book["code"], code, title=title, name=row.name, budget=budget, detail=detail)
        unit.commit()
    return budgets


def _register_book(unit: Unit, book: Story, opened_on: str, maker: str) -> None:
    code = book["code"]
    registry.add_village(unit, code, name=book["village"], township=book["township"])
    register.add_book(unit, code, village=code, name=book["name"], started_on=date.fromisoformat(opened_on))
    for bank, told in book["banks"].items():
        register.add_bank(unit, code, bank, **told)
    for indicator, value in book["baselines"].items():
        numerator, denominator = map(int, value.split("/"))
        works.observe(
            unit,
            code,
            indicator,
            on=opened_on,
            numerator=numerator,
            denominator=denominator,
            evidence="基线（演示）",
        )
    aims = dict(book["targets"])
    observations.record(
        unit,
        observations.TARGET,
        indicators.shipped(),
        places(unit.connection),
        code,
        read_observations([f"{indicator}={value}" for indicator, value in aims.items() if "/" in value]),
        on=date.fromisoformat(opened_on),
        by=maker,
        evidence=aims["evidence"],
        until=aims["until"],
    )


def _budget(row: PlanRow, project: Story, story: Story) -> dict[str, int]:
    """Return the plan's own figures by channel, and behind them what the story adds."""
    known = {name: code for code, channel in story["channels"].items() for name in channel.get("in_plan", ())}
    real = {
        known[part.name]: part.fen for part in row.channels if part.fen is not None and part.name not in story["loans"]
    }
    return real | {code: money.parse(typed) for code, typed in project.get("invented", {}).items()}


def _detail(row: PlanRow, project: Story) -> dict[str, str]:
    remark = "；".join(each for each in (row.remark, project.get("remark", "")) if each)
    told = {name: project.get(name, "") for name in ("type", "planned_start", "planned_finish")}
    return told | {
        "quantity": row.quantity,
        "unit": row.unit,
        "responsible": row.responsible.removeprefix("责任人:").replace("(空)", ""),
        "benefit": row.benefit,
        "remark": remark,
    }


def _tell(
    workspace: Workspace,
    clock: Calendar,
    story: Story,
    budgets: Budgets,
    progress: Callable[[int, int], None],
) -> tuple[int, int]:
    """Record the events of both books in the order of their dates; return how many were sealed, and wait."""
    events = _in_order(story["events"])
    numbers: dict[str, str] = {}
    vouchers = drafts = 0
    with TemporaryDirectory() as folder:
        papers = _papers(Path(folder), story["papers"])
        for done, event in enumerate(events, 1):
            typed = {name: value for name, value in event.items() if name not in OWN_KEYS}
            if event["do"] == "reverse":
                typed["voucher"] = numbers[event["of"]]
            elif event["do"] in {"allot", "plan"}:
                typed.setdefault("amount", _planned(event, budgets))
            clock.turn(event["date"], MADE)
            desk = Desk(workspace, story["maker"], event["book"])
            attached = [papers[event["paper"]]] if "paper" in event else []
            if event["do"] == procurement.KIND:
                procure(desk, typed, papers=attached)
                progress(done, len(events))
                continue
            if event["do"] in TELL:
                tell(desk, event["do"], typed, papers=attached)
                progress(done, len(events))
                continue
            draft = desk.record(event["do"], typed, papers=attached)["draft"]
            if event.get("waits"):
                drafts += 1
            else:
                clock.turn(event["date"], SEALED)
                sealed = replace(desk, user=story["approver"]).seal(draft)
                vouchers += 1
                numbers[event.get("mark", "")] = sealed["number"]
            progress(done, len(events))
    _state_documents(workspace, clock, story["maker"], story["documents"])
    return vouchers, drafts


def _state_documents(workspace: Workspace, clock: Calendar, maker: str, story: Story) -> None:
    """Say what the documents of each completed project hold, as the last thing that is told, a project at a time."""
    clock.turn(story["on"], MADE)
    on = date.fromisoformat(story["on"])
    for book, projects in story["completed"].items():
        desk = Desk(workspace, maker, book)
        for project in projects:
            typed = [
                {key: value for key, value in each.items() if key != "contract"}
                | {"date": story["on"], "project": project}
                | ({"contract": f"{project}C01"} if each.get("contract") else {})
                for each in story["told"]
            ]

            def act(unit: Unit, project: str = project, typed: Sequence[Story] = typed) -> dict[str, Any]:
                scene = Scene(unit.connection, book, project, on)  # noqa: B023 - it acts at once
                for each in typed:
                    ask: Any = StateDocument.read(each)
                    told = state_document(scene, ask)
                    facts.record(unit, book, told.kind, told.subject, on=on, by=maker, data=told.data)  # noqa: B023
                return {"documents": len(typed)}

            desk.change("documents", {"project": project, "told": typed}, act)


def _in_order(by_book: Mapping[str, Iterable[Story]]) -> list[dict[str, Any]]:
    events = [{"book": book, **event} for book, told in by_book.items() for event in told]
    return sorted(events, key=lambda event: str(event["date"]))


def _planned(event: Story, budgets: Budgets) -> str:
    return money.plain(budgets[event["book"], event["project"]][event["channel"]])


def _papers(folder: Path, texts: Mapping[str, str]) -> dict[str, Path]:
    papers = {name: folder / f"{name}.txt" for name in texts}
    for name, path in papers.items():
        path.write_text(texts[name], encoding="utf-8", newline="\n")
    return papers


def _salts() -> Salts:
    """Return salts that can be told in advance: a demonstration hides nothing, and two builds must be alike."""
    numbers = itertools.count()
    return lambda: hashlib.sha256(b"earmark demonstration" + str(next(numbers)).encode()).digest()[:16]

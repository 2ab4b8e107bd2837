"""The desk of a project's life: what was typed becomes a fact, once its gates and its own rules let it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ledger import facts, people
from ledger.store.workspace import Unit
from projects import procurement
from projects.desk import Desk
from projects.life import deliberations, entry, gates, milestones, notices, papers, requests, reviews, steps, villages
from projects.life.scene import Scene
from projects.life.telling import Telling
from projects.request import Request
from projects.types import types_of

TELL: Mapping[str, tuple[type[Request], Callable[[Scene, Any], Telling]]] = {
    "describe": (requests.Describe, entry.describe),
    "objective": (requests.Aim, entry.aim),
    "locate": (requests.Locate, entry.locate),
    "benefit": (requests.Benefit, entry.benefit),
    "enter": (requests.Enter, entry.enter),
    "deliberate": (requests.Deliberate, deliberations.deliberate),
    "approve": (requests.Approve, steps.approve),
    "put-up": (requests.PutUp, notices.put_up),
    "take-down": (requests.TakeDown, notices.take_down),
    "start": (requests.Start, steps.start),
    "inspect": (requests.Inspect, steps.inspect),
    "final": (requests.Settle, steps.settle),
    "handover": (requests.HandOver, steps.hand_over),
    "close": (requests.CloseProject, steps.close),
    "adjust": (requests.Adjust, steps.adjust),
    "document": (requests.StateDocument, papers.state_document),
    "terms": (requests.AmendTerms, papers.amend_terms),
    "recall": (requests.Recall, steps.recall),
    "plan-milestone": (requests.PlanMilestone, milestones.plan_milestone),
    "meet-milestone": (requests.MeetMilestone, milestones.meet_milestone),
    "photo": (requests.TakePhoto, milestones.take_photo),
    "review": (requests.Review, reviews.review),
    "division": (requests.Divide, villages.divide),
    "hamlet": (requests.CountHamlet, villages.count_hamlet),
    "merge-hamlet": (requests.MergeHamlet, villages.merge_hamlet),
}
"""For each verb what it asks for, and how a telling comes of it."""


def tell(
    desk: Desk, verb: str, typed: Mapping[str, Any], *, key: str | None = None, papers: Sequence[Path] = ()
) -> dict[str, Any]:
    """Record what was typed as a fact and return what a command says of it; the same key tells it once.

    Raises:
        GateShut: a gate of the policy is not passed.
        Refusal: whatever the rules of its kind refuse; nothing is kept then.
    """
    asked = {name: value for name, value in typed.items() if value is not None}
    kept = desk.papers(papers)
    asked["documents"] = [f"{sha256}/{suffix}/{size}" for sha256, suffix, size in kept]
    kind, propose = TELL[verb]
    # Today is no part of what a key stands for: a retry after midnight is the same command.
    ask: Any = kind.read({"date": desk.workspace.clock().date().isoformat()} | asked)

    def act(unit: Unit) -> dict[str, Any]:
        people.need_role(unit.connection, desk.user, "maker", desk.book)
        scene = scene_of(desk, unit, ask)
        facts.need_begun(ask.date, book=desk.book, started_on=scene.state.book.started_on)
        if scene.project in scene.state.titles:
            gates.need_passed(scene, _waits_as(verb, ask))
        telling = propose(scene, ask)
        # The code of a contract begins with that of its project.
        known = {*scene.state.titles, scene.state.book.village}
        if known.isdisjoint({telling.subject, telling.subject.partition("C")[0]}):
            scene.state.place(telling.subject)
        made = facts.record(
            unit,
            desk.book,
            telling.kind,
            telling.subject,
            on=ask.date,
            by=desk.user,
            data=telling.data,
            documents=kept,
            private=telling.private,
        )
        return facts.plain(made)

    content = asked | {"book": desk.book, "user": desk.user}
    return desk.change(f"tell {verb}", content, act, key=key)


def procure(
    desk: Desk, typed: Mapping[str, Any], *, key: str | None = None, papers: Sequence[Path] = ()
) -> dict[str, Any]:
    """Record what was typed of how a contract's partner was found and return the fact; the same key records it once.

    Raises:
        Refusal: whatever `procurement.Procure` cannot read, or `procurement.record` refuses; nothing is kept then.
    """
    asked = {name: value for name, value in typed.items() if value is not None}
    # Today is no part of what a key stands for: a retry after midnight is the same command.
    ask: Any = procurement.Procure.read({"date": desk.workspace.clock().date().isoformat()} | asked)
    kept = desk.papers(papers)
    said = {name: asked[name] for name in procurement.SAID if name in asked}

    def act(unit: Unit) -> dict[str, Any]:
        who = {"by": desk.user, "person": ask.person, "papers": kept}
        return facts.plain(procurement.record(unit, desk.book, ask.contract, **said, on=ask.date, **who))

    content = asked | {"papers": [each[0] for each in kept], "book": desk.book, "user": desk.user}
    return desk.change(procurement.KIND, content, act, key=key)


def scene_of(desk: Desk, unit: Unit, ask: Any) -> Scene:
    """Return the scene that something is told of."""
    subject = getattr(ask, "project", "") or ask.village
    return Scene(unit.connection, desk.book, subject, ask.date, types_of(desk.workspace.path))


def _waits_as(verb: str, ask: Any) -> str:
    """Return under which name the policy lists the gates of what is told: notices by stage, the last step alone."""
    if verb == "put-up":
        return f"{verb}-{ask.stage}"
    return "deliberate-result" if verb == "deliberate" and ask.step == "result" else verb

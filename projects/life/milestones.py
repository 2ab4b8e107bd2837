"""Milestones planned and met; photos before, during and after from the same spot, with place and time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.errors import Names, TextMissing
from projects import geometry
from projects.errors import MilestoneUnknown, PaperMissing, PhotoUnfit
from projects.life.requests import MeetMilestone, PlanMilestone, TakePhoto, said
from projects.life.scene import Scene
from projects.life.telling import Telling

SAME_SPOT = 50
"""Metres: as far as two photos of one spot may be taken apart; a telephone in a valley knows no better."""
PHASES = ("before", "during", "after")


@dataclass(frozen=True)
class Milestone:
    """A milestone: when it was due, and when it was met; empty while it was not."""

    name: str
    due: str
    met: str

    def late(self, on: date) -> int:
        """Return by how many days it was met late, or is late on a day."""
        until = date.fromisoformat(self.met) if self.met else on
        return max(0, (until - date.fromisoformat(self.due)) // timedelta(days=1))


@dataclass(frozen=True)
class Spot:
    """A spot from which photos were taken: the label of a photo of each phase, and how far apart they were taken."""

    name: str
    photos: dict[str, str]
    apart: int

    @property
    def lacking(self) -> tuple[str, ...]:
        """Return the phases of which there is no photo."""
        return tuple(each for each in PHASES if each not in self.photos)


def plan_milestone(scene: Scene, ask: PlanMilestone) -> Telling:  # noqa: ARG001 - every teller is called the same way
    """进度节点: say by when something is to be reached; a later plan goes before, the earlier one stays to be seen."""
    return Telling("milestone-plan", ask.project, said(ask, "name", "due"))


def meet_milestone(scene: Scene, ask: MeetMilestone) -> Telling:
    """进度节点: record that something was reached.

    Raises:
        MilestoneUnknown: it was never planned.
    """
    names = [each.name for each in milestones(scene)]
    if ask.name not in names:
        raise MilestoneUnknown(project=ask.project, name=ask.name, names=Names(names))
    return Telling("milestone-met", ask.project, said(ask, "name"))


def milestones(scene: Scene) -> list[Milestone]:
    """Return the milestones of a project by the day on which they are due."""
    due = {str(each.data["name"]): str(each.data["due"]) for each in scene.told.all("milestone-plan")}
    met: dict[str, str] = {}
    for each in scene.told.all("milestone-met"):
        met.setdefault(str(each.data["name"]), each.on)
    found = [Milestone(name, day, met.get(name, "")) for name, day in due.items()]
    return sorted(found, key=lambda each: (each.due, each.name))


def take_photo(scene: Scene, ask: TakePhoto) -> Telling:
    """照片: record a photo of a phase from a spot; a spot keeps its place.

    Raises:
        PaperMissing: the photo is not there.
        PlaceUnfit: its place is none.
        PhotoUnfit: it was taken too far from where the others of the spot were, or its time is none.
    """
    if not ask.documents:
        raise PaperMissing(about="photo")
    if not ask.spot:
        raise TextMissing(field="spot")
    if ask.time and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", ask.time, re.ASCII):
        raise PhotoUnfit(about="time", text=ask.time)
    place = geometry.parse_place(ask.at)
    if place["type"] != "Point":
        raise PhotoUnfit(about="point", spot=ask.spot)
    for each in scene.told.all("photo", spot=ask.spot)[:1]:
        there = geometry.position_of(each.data["place"])
        apart = geometry.metres_apart(there, geometry.position_of(place))
        if apart > SAME_SPOT:
            raise PhotoUnfit(spot=ask.spot, apart=apart, most=SAME_SPOT, fact=each.label)
    return Telling("photo", ask.project, said(ask, "spot", "phase", "time") | {"place": place})


def spots(scene: Scene) -> list[Spot]:
    """Return the spots of a project, each with a photo of every phase of which there is one."""
    found: dict[str, Spot] = {}
    for each in scene.told.all("photo"):
        name, phase = str(each.data["spot"]), str(each.data["phase"])
        before = found.get(name, Spot(name, {}, 0))
        first = scene.told.all("photo", spot=name)[0]
        here, there = (geometry.position_of(photo.data["place"]) for photo in (each, first))
        found[name] = Spot(
            name, before.photos | {phase: each.label}, max(before.apart, geometry.metres_apart(here, there))
        )
    return list(found.values())

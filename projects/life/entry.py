"""入库: what a project is to be, where, for whom and with which aims; without them it does not go into the library.

Source of what is needed: 国开办发〔2018〕10号.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ledger.errors import Phrase, Phrases
from ledger.facts import Fact
from projects import geometry
from projects.errors import AlreadyTold, EntryLacks, GroupUnreadable, PlaceUnfit
from projects.life.requests import Aim, Benefit, Describe, Enter, Locate, said
from projects.life.scene import Scene
from projects.life.telling import Telling
from projects.names import masked
from projects.types import ProjectType

NEEDED = (
    "type",
    "nature",
    "place",
    "planned-start",
    "planned-finish",
    "responsible",
    "task",
    "participation",
    "mechanism",
)
"""What a profile says before the project goes in; money, beneficiaries and objectives are looked at by themselves."""


@dataclass(frozen=True)
class Beneficiaries:
    """How many a project serves, and how many of them are registered as poor."""

    households: int = 0
    persons: int = 0
    poor_households: int = 0
    poor_persons: int = 0


def describe(scene: Scene, ask: Describe) -> Telling:
    """Say what a project is to be; what is told later goes before.

    Raises:
        ChoiceUnknown: a type that neither the program nor the county has.
    """
    names = ("type", "nature", "task", "quantity", "unit", "place", "responsible", "contact")
    more = ("benefit", "participation", "mechanism")
    if ask.type:
        scene.need_type(ask.type)
    days = {
        "planned-start": ask.start.isoformat() if ask.start else "",
        "planned-finish": ask.finish.isoformat() if ask.finish else "",
    }
    return Telling("project-profile", ask.project, said(ask, *names, *more, **days))


def aim(scene: Scene, ask: Aim) -> Telling:  # noqa: ARG001 - every teller is called the same way
    """绩效目标: say what a project is to bring; a later target of the same indicator goes before."""
    data = said(ask, "category", "aspect", "indicator", "target", "unit")
    return Telling("objective", ask.project, data | {"sense": "at-most" if ask.at_most else "at-least"})


def locate(scene: Scene, ask: Locate) -> Telling:
    """实施地点: say where a project is, in WGS 84.

    Raises:
        PlaceUnfit: it is no place on the map, or not of the shape that the type has.
    """
    place = geometry.parse_place(ask.geometry)
    kind, shape = type_of(scene), geometry.shape_of(place)
    if kind and shape not in kind.place:
        fit = Phrases(Phrase("projects", f"shape.{each}") for each in kind.place)
        raise PlaceUnfit(about="shape", shape=Phrase("projects", f"shape.{shape}"), fit=fit, project=ask.project)
    return Telling("location", ask.project, said(ask) | {"geometry": place})


def benefit(scene: Scene, ask: Benefit) -> Telling:  # noqa: ARG001 - every teller is called the same way
    """受益对象: count whom a project serves; names stay in the record's private store.

    Raises:
        GroupUnreadable: nobody is named or counted, or more are poor than there are.
    """
    households = ask.households + sum(each[1] for each in ask.groups)
    persons = ask.persons + sum(each[2] for each in ask.groups)
    poor_households = ask.poor_households + sum(each[1] for each in ask.groups if each[3])
    poor_persons = ask.poor_persons + sum(each[2] for each in ask.groups if each[3])
    if not persons or not 0 < households <= persons:
        raise GroupUnreadable(about="none")
    if poor_households > households or poor_persons > persons:
        raise GroupUnreadable(about="poor", households=poor_households, persons=poor_persons)
    data = {"households": households, "persons": persons}
    data |= {"poor-households": poor_households, "poor-persons": poor_persons}
    # A name is masked in what everybody sees; the whole name can be erased.
    shown = [
        {"name": masked(name), "households": of, "persons": who, "poor": poor} for name, of, who, poor in ask.groups
    ]
    private = {f"name-{number}": each[0] for number, each in enumerate(ask.groups, 1)}
    return Telling("beneficiaries", ask.project, said(ask, groups=shown or None) | data, private)


def enter(scene: Scene, ask: Enter) -> Telling:
    """入库: put a project into the library; from here on the gates of the policy stand before its events.

    Raises:
        EntryLacks: what the library asks for has not been told.
        AlreadyTold: it is there already.
    """
    if scene.entered:
        raise AlreadyTold(about="library", project=ask.project, fact=scene.entered.label)
    lacks = list(lacking(scene))
    if lacks:
        raise EntryLacks(project=scene.state.label_project(ask.project), code=ask.project, lacks=Phrases(lacks))
    return Telling("library", ask.project, said(ask, "number"))


def lacking(scene: Scene) -> Iterator[Phrase]:
    """Yield what the library asks for and does not have, each with the option or command that tells it."""
    for key in NEEDED:
        if not scene.detail.get(key):
            yield Phrase("projects", f"entry.{key}")
    if not any(each.planned for each in scene.money.values()):
        yield Phrase("projects", "entry.budget", code=scene.project)
    if not beneficiaries(scene).persons:
        yield Phrase("projects", "entry.beneficiaries", code=scene.project)
    held = {each.data["category"] for each in objectives(scene)}
    for category in ("output", "benefit", "satisfaction"):
        if category not in held:
            yield Phrase("projects", f"entry.{category}", code=scene.project)


def objectives(scene: Scene) -> list[Fact]:
    """Return the objectives that hold, the last one of each indicator."""
    found: dict[tuple[str, str], Fact] = {}
    for each in scene.told.all("objective"):
        found[str(each.data["category"]), str(each.data["indicator"])] = each
    return list(found.values())


def beneficiaries(scene: Scene) -> Beneficiaries:
    """Return how many a project serves, over all that was told of them."""
    keys = ("households", "persons", "poor-households", "poor-persons")
    told = scene.told.all("beneficiaries")
    sums: dict[str, Any] = {key.replace("-", "_"): sum(int(each.data[key]) for each in told) for key in keys}
    return Beneficiaries(**sums)


def type_of(scene: Scene) -> ProjectType | None:
    """Return the type of a project, None where the county's file is gone."""
    return scene.types.get(scene.detail["type"] or "other")

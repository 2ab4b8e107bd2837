"""Where the projects of a village are: what was told last of each, whether it may be shown or not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import facts
from ledger.facts import Fact

LOCATION, BENEFICIARIES = "location", "beneficiaries"
KINDS = (LOCATION, BENEFICIARIES, "project-profile", "adjustment")


@dataclass(frozen=True)
class Located:
    """A project's place as it was told; with it every type that was said of it, and how many households it serves.

    `households` is None where nobody counted them.
    """

    place: Mapping[str, Any]
    types: frozenset[str]
    households: int | None


def read_located(connection: Connection, book: str, projects: Iterable[Mapping[str, Any]]) -> dict[str, Located]:
    """Return what was told of the places of a book's projects, whether it may be shown or not."""
    told: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts.facts(connection, book, *KINDS):
        told[fact.subject].append(fact)
    rows = ((row, told.get(row["code"], [])) for row in projects)
    return {row["code"]: located(row["type"], found) for row, found in rows if any(map(_is_place, found))}


def located(kind: str | None, told: Iterable[Fact]) -> Located:
    """Return the place of a project of a type of the register, by the facts of the project; there is one among them."""
    found = sorted(told, key=lambda each: (each.on, each.position))
    place = [each for each in found if _is_place(each)][-1]
    types = {kind or "", *(str(each.data.get("type") or "") for each in found if each.kind in KINDS[2:])}
    counted = [int(each.data["households"]) for each in found if each.kind == BENEFICIARIES]
    return Located(place.data["geometry"], frozenset(types), sum(counted) if counted else None)


def _is_place(fact: Fact) -> bool:
    return fact.kind == LOCATION

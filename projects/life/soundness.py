"""Whether what is registered of villages and projects can be true, and what it lacks: reported, never repaired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection

from ledger import register
from ledger.errors import Phrase
from projects import registry
from projects.life import claims
from projects.life.claims import Finding
from projects.life.entry import beneficiaries, type_of
from projects.life.scene import Scene
from projects.life.villages import division_of, hamlets
from projects.types import Types


def findings(connection: Connection, book: str, on: date, types: Types) -> Iterator[Finding]:
    """Yield what is amiss in the registers of a book: of its village, and of each of its projects."""
    village = register.need_book(connection, book).village
    if not division_of(connection, book, village, on):
        yield Finding(village, "", Phrase("projects", "amiss.division", village=village))
    there = hamlets(connection, book, village, on)
    if not there:
        yield Finding(village, "", Phrase("projects", "amiss.hamlets", village=village))
    persons = sum(each.persons for each in there)
    for row in registry.list_projects(connection, book):
        yield from _project(Scene(connection, book, row["code"], on, types), persons)


def _project(scene: Scene, persons: int) -> Iterator[Finding]:
    code, name, detail = scene.project, scene.detail["name"], scene.detail
    if type_of(scene) is None:
        yield Finding(code, name, Phrase("projects", "amiss.type", type=detail["type"]))
    elif detail["unit"] and (usual := scene.types[detail["type"] or "other"].units) and detail["unit"] not in usual:
        yield Finding(code, name, Phrase("projects", "amiss.unit", unit=detail["unit"], usual="、".join(usual)))
    if scene.told.last("location") is None:
        yield Finding(code, name, Phrase("projects", "amiss.location", code=code))
    start, finish = detail["planned-start"], detail["planned-finish"]
    if start and finish and finish < start:
        yield Finding(code, name, Phrase("projects", "amiss.dates", start=start, finish=finish))
    served = beneficiaries(scene).persons
    if persons and served > persons:
        yield Finding(code, name, Phrase("projects", "amiss.served", served=served, persons=persons))
    yield from claims.of_words(code, name, detail["benefit"])

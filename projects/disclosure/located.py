"""What the templates of maps ask for: what stands behind each mark, and lengths and places as people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from projects import geometry
from projects.disclosure import maps
from projects.disclosure.ground import NEAR
from projects.disclosure.maps import Map
from projects.disclosure.shown import Listed, PageSheet

KILOMETRE = 1000
Say = Callable[..., str]


@dataclass(frozen=True)
class Row:
    """What stands behind a mark: the page that it leads to, its name; of a project its state, of others a position."""

    page: str
    name: str
    state: str = ""
    longitude: str = ""
    latitude: str = ""


def words(say: Say) -> dict[str, Any]:
    """Return the functions that templates of maps call; `say` has the words of a language."""

    def metres(length: int) -> str:
        whole = length % KILOMETRE == 0
        return say("map.kilometres", length=length // KILOMETRE) if whole else say("map.metres", length=length)

    def place(told: Mapping[str, Any]) -> str:
        """Return where a place is: a point, or both ends of a line, or the corner where an area begins."""
        lines = geometry.lines_of(told)
        ends = [lines[0][0], lines[-1][-1]] if geometry.shape_of(told) == "line" else [lines[0][0]]
        return say("map.to").join(
            say("map.at", longitude=str(longitude.quantize(NEAR)), latitude=str(latitude.quantize(NEAR)))
            for longitude, latitude in ends
        )

    return {"metres": metres, "where": place, "project_rows": projects, "unplaced": unplaced, "overview": overview} | {
        "by_state": by_state
    }


def projects(sheet: PageSheet) -> dict[str, Row]:
    """Return what stands behind the marks of a village's map."""
    return {
        code: Row(f"{code}.html", str(each.project["name"]), each.state)
        for each in sheet.projects
        if (code := each.project["code"]) in sheet.ground.places
    }


def by_state(rows: Mapping[str, Row]) -> dict[str, set[str]]:
    """Return the codes of a village's map by state, those that are furthest last: they are drawn on top."""
    found: dict[str, set[str]] = {state: set() for state in ("planned", "underway", "accepted")}
    for code, row in rows.items():
        found[row.state].add(code)
    return found


def unplaced(sheet: PageSheet) -> set[str]:
    """Return the projects of which nobody told a place."""
    return {each.project["code"] for each in sheet.projects} - set(sheet.ground.places) - sheet.ground.hidden


def villages(listed: Iterable[Listed]) -> dict[str, Row]:
    """Return what stands behind the marks of villages, of a county or of a township."""
    return {
        each.book: Row(f"{each.book}/index.html", each.name, "", each.longitude, each.latitude)
        for each in listed
        if each.longitude
    }


def townships(found: Iterable[tuple[str, str, Sequence[Listed]]]) -> dict[str, Row]:
    """Return what stands behind the marks of townships: name, page and villages of each; it is in their middle."""
    rows = {}
    for name, page, listed in found:
        points = [(Decimal(each.longitude), Decimal(each.latitude)) for each in listed if each.longitude]
        if points:
            longitude, latitude = (sum(each) / len(points) for each in zip(*points, strict=True))
            rows[page] = Row(page, name, "", str(longitude.quantize(NEAR)), str(latitude.quantize(NEAR)))
    return rows


def overview(rows: Mapping[str, Row]) -> Map | None:
    """Return the map of rows that have a position."""
    return maps.draw(
        {key: {"type": "Point", "coordinates": [row.longitude, row.latitude]} for key, row in rows.items()}
    )

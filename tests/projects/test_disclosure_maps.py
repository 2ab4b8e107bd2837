"""Maps on the public pages: they measure right, can be read, say all in words too, and lead to nobody's home."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html import unescape
from itertools import combinations
from math import asin, cos, hypot, radians, sin, sqrt
from pathlib import Path
from typing import Any

import pytest
from publication import let_publish
from sites import county, written

from ledger import messages
from projects import registry
from projects.disclosure.ground import Ground, Located, shown_ground
from projects.disclosure.maps import MOST, RADIUS, STRIP, WIDTH, Map, draw
from projects.disclosure.pages import Pages
from projects.disclosure.site import publish
from projects.geometry import metres_per_degree
from projects.telling import tell
from projects.types import shipped

HEAVIEST = 50_000
ROAD = {
    "type": "LineString",
    "coordinates": [["106.5500", "29.5600"], ["106.5620", "29.5655"], ["106.5790", "29.5710"]],
}
CLINIC = "106.5661,29.5648"
HOME = "106.571234,29.567891"


def point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [f"{longitude:.6f}", f"{latitude:.6f}"]}


def drawn(places: dict[str, Any]) -> Map:
    found = draw(places)
    assert found is not None
    return found


def metres(one: dict[str, Any], other: dict[str, Any]) -> float:
    """Return how far two points lie apart, another way: on a sphere of the radius that the earth has at 29.6 degrees."""
    (east, north), (west, south) = ([radians(float(each)) for each in of["coordinates"]] for of in (one, other))
    half = sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin((east - west) / 2) ** 2
    return 2 * 6_361_700 * asin(sqrt(half))


@pytest.mark.parametrize(
    "latitude, east, north",
    [("0", "111319.5", "110574.3"), ("30", "96486.3", "110852.4"), ("45", "78846.8", "111131.8")],
)
def test_a_degree_is_as_long_as_the_tables_say(latitude: str, east: str, north: str) -> None:
    """The lengths are those of the tables of WGS 84."""
    found = metres_per_degree(Decimal(latitude))
    assert [abs(each - Decimal(known)) < 1 for each, known in zip(found, (east, north), strict=True)] == [True, True]


@pytest.mark.parametrize("across", [0.004, 0.03, 0.4])
def test_the_bar_measures_what_is_drawn(across: float) -> None:
    corners = [(106.5, 29.5), (106.5 + across, 29.5), (106.5, 29.5 + across), (106.5 + across / 3, 29.5 + across / 2)]
    places = {str(number): point(*each) for number, each in enumerate(corners)}
    found = drawn(places)
    assert found.bar <= WIDTH / 3
    assert re.fullmatch("[125]0*", str(found.metres))
    for one, other in combinations(found.marks, 2):
        length = hypot(one.at[0] - other.at[0], one.at[1] - other.at[1]) * found.metres / found.bar
        true = metres(places[one.code], places[other.code])
        # Two ends and the bar are whole units; the sphere above is itself some per mille off the ellipsoid.
        assert abs(length - true) < 3 * found.grain + true * (found.off / 1000 + 0.005)
    north = {mark.code: -mark.at[1] for mark in found.marks}
    assert north["2"] > north["3"] > north["0"]


def test_numbers_lie_on_the_map_and_never_on_each_other() -> None:
    heap = {f"P{number:03}": point(106.5 + number % 3 * 1e-6, 29.5) for number in range(MOST)}
    found = drawn(heap | {"P999": point(106.502, 29.5)})
    assert not any(mark.number for mark in found.marks), "one more than there is room for"
    found = drawn(heap)
    assert [mark.number for mark in found.marks] == list(range(1, MOST + 1))
    for one, other in combinations(found.marks, 2):
        assert hypot(one.badge[0] - other.badge[0], one.badge[1] - other.badge[1]) > 2 * RADIUS
    for mark in found.marks:
        assert RADIUS <= mark.badge[0] <= WIDTH - RADIUS
        assert RADIUS <= mark.badge[1] <= found.height - STRIP - RADIUS


def test_a_line_of_many_corners_is_drawn_with_those_that_are_seen() -> None:
    chance = random.Random(7)
    wobble = [[f"106.{5_500_000 + 600 * step}", f"{29.5 + chance.random() * 1e-6:.8f}"] for step in range(499)]
    bend = [*wobble, ["106.5799400", "29.5200000"]]
    found = drawn({"P001": {"type": "LineString", "coordinates": bend}})
    assert len(found.marks[0].path) < 60
    assert found.marks[0].path.count("L") >= 2, "the bend is there"


def test_a_lone_point_is_in_the_middle_of_a_map() -> None:
    found = drawn({"P002": point(106.5661, 29.5648)})
    assert found.marks[0].at == (WIDTH // 2, (found.height - STRIP) // 2)
    assert found.metres == 100
    assert draw({}) is None


@pytest.mark.parametrize(
    "types, households, seen",
    [
        ({"road"}, None, True),
        ({"road"}, 5, True),
        ({"road"}, 4, False),
        ({"road"}, 0, False),
        ({"housing"}, 300, False),
        ({"road", "housing"}, None, False),
        ({"barn"}, None, False),
        ({"gone"}, None, True),
    ],
)
def test_a_place_that_leads_to_a_home_is_hidden(types: set[str], households: int | None, seen: bool) -> None:
    known = dict(shipped()) | {"barn": shipped()["other"].model_copy(update={"under": "housing"})}
    ground = shown_ground({"P001": Located(point(106.5, 29.5), frozenset(types), households)}, known)
    assert (list(ground.places) == ["P001"], "P001" in ground.hidden) == (seen, not seen)


@pytest.fixture
def told(clerk: Any, tmp_path: Path) -> Callable[..., Any]:
    def say(verb: str, project: str, **typed: Any) -> Any:
        return tell(clerk.at("zhang"), verb, {"project": project, "date": "2024-01-05", **typed}, papers=[])

    with clerk.workspace.write() as unit:
        for code, kind in (("P003", "housing"), ("P004", "water"), ("P005", "road")):
            detail = {"type": kind, "quantity": "1"}
            registry.add_project(
                unit, "SF", code, title=code, name=f"项目{code}", budget={"JT2024": 100}, detail=detail
            )
        unit.commit()
    say("locate", "P001", geometry=json.dumps(ROAD))
    say("locate", "P002", geometry=CLINIC)
    say("locate", "P003", geometry=HOME)
    say("locate", "P004", geometry=HOME.replace("1234", "4321"))
    say("benefit", "P004", groups=["王小明=4:poor"])
    return say


@pytest.mark.parametrize("lang", messages.LANGS)
def test_the_village_shows_its_projects_on_a_map_and_in_words(
    clerk: Any, told: Any, tmp_path: Path, lang: messages.Lang
) -> None:
    publish(clerk.workspace, tmp_path / "site", languages=[lang])
    page = unescape((tmp_path / "site/SF/index.html").read_text("utf-8"))
    picture, _, words = page.partition('<figure class="map">')[2].partition("</figure>")
    assert re.findall(r'<a href="(P\d+)\.html"><title>(\d)', picture) == [("P001", "1"), ("P002", "2")]
    legend, _, rest = words.partition("</ol>")
    assert re.findall(r'<a href="(P\d+)\.html">', legend) == ["P001", "P002"]
    for said in ("WGS 84", "GCJ-02", "29.5648", "106.5661"):
        assert said in words
    hidden, without = re.findall(r"<p>(.*?)</p>", rest.partition("</section>")[0])
    assert re.findall(r"P\d+(?=\.html)", hidden) == ["P003", "P004"]
    assert re.findall(r"P\d+(?=\.html)", without) == ["P005"]
    small = (tmp_path / "site/SF/P002.html").read_text("utf-8")
    assert '<figure class="map small"' in small
    assert small.count('class="others"') == 1
    for code in ("P003", "P004", "P005"):
        assert "<figure" not in (tmp_path / f"site/SF/{code}.html").read_text("utf-8")


def test_a_home_is_nowhere_in_what_is_published(clerk: Any, told: Any, tmp_path: Path) -> None:
    """Neither the pages nor the open data nor what is kept beside them hold a digit of it that others lack."""
    workspace = let_publish(clerk)
    publish(workspace, tmp_path / "site")
    workspace.close()
    files = [path for path in (tmp_path / "site").rglob("*") if path.is_file() and path.suffix != ".xlsx"]
    said = {path: path.read_text("utf-8") for path in files}
    assert [path for path, text in said.items() if re.search(r"106\.571|106\.574|29\.567", text)] == []
    assert sum("106.5661" in text for text in said.values()) > 3


def test_a_place_that_was_withdrawn_or_told_anew_is_drawn_as_it_stands(clerk: Any, told: Any, tmp_path: Path) -> None:
    told("locate", "P002", geometry="106.5700,29.5700")
    assert publish(clerk.workspace, tmp_path / "site").read == 1
    page = (tmp_path / "site/SF/P002.html").read_text("utf-8")
    assert "29.5700" in page
    assert "29.5648" not in page


def test_a_county_has_a_map_of_its_villages_and_a_large_one_of_its_townships() -> None:
    villages = county(townships=5)
    pages = Pages("zh", demonstration=True)
    for listed, targets in ((villages[:30], 30), (villages[:100], 100), (villages, 5)):
        made = written(pages.county(listed))
        assert max(map(len, made.values())) < HEAVIEST
        picture = made["index.html"].decode().partition('<figure class="map">')[2].partition("</svg>")[0]
        assert len(set(re.findall(r'<a href="([^"]+)">', picture))) == targets
    nowhere = [replace(each, longitude="", latitude="") for each in villages[:3]]
    assert b"<figure" not in pages.county([*nowhere, villages[4]])["index.html"].write(), "one village alone is no map"


def test_the_centre_of_a_village_is_that_of_what_is_shown() -> None:
    assert Ground({"P001": point(106.5, 29.5), "P002": point(106.6, 29.7)}).centre == ("106.5500", "29.6000")
    assert Ground({}, frozenset({"P003"})).centre == ("", "")

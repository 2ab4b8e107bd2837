"""Places in WGS 84: what is on the map is kept as it was given, what is not is refused and said why."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ledger import messages
from projects.errors import PlaceUnfit
from projects.geometry import metres_apart, parse_place, shape_of

RING = [[106.55, 29.56], [106.56, 29.56], [106.56, 29.57], [106.55, 29.57], [106.55, 29.56]]


def geo(kind: str, coordinates: object, **more: object) -> str:
    return json.dumps({"type": kind, "coordinates": coordinates, **more})


@pytest.mark.parametrize(
    ("text", "kind", "shape"),
    [
        ("106.55,29.56", "Point", "point"),
        (" 106.55， 29.56 ", "Point", "point"),
        (geo("Point", [106.55, 29.56, 320.5]), "Point", "point"),
        (geo("LineString", RING[:3]), "LineString", "line"),
        (geo("MultiLineString", [RING[:2], RING[2:4]]), "MultiLineString", "line"),
        (geo("Polygon", [RING]), "Polygon", "polygon"),
        (geo("MultiPolygon", [[RING]]), "MultiPolygon", "polygon"),
        (
            json.dumps({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [106, 29]}}),
            "Point",
            "point",
        ),
        (
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [{"type": "Feature", "geometry": json.loads(geo("Polygon", [RING]))}],
                }
            ),
            "Polygon",
            "polygon",
        ),
    ],
)
def test_a_place_on_the_map_is_kept(text: str, kind: str, shape: str) -> None:
    place = parse_place(text)
    assert (place["type"], shape_of(place)) == (kind, shape)


def test_a_coordinate_is_kept_as_it_was_given_and_never_a_float() -> None:
    assert parse_place("106.55000001,29.5600")["coordinates"] == ["106.55000001", "29.5600"]
    assert parse_place('{"type":"Point","coordinates":[1.0655e2,29.56]}')["coordinates"] == ["106.55", "29.56"]


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("二组", "json"),
        ("[106.55, 29.56]", "json"),
        ('{"type":"Point"', "json"),
        ("[" * 20_000, "json"),
        (geo("Circle", [106.55, 29.56]), "kind"),
        (geo("GeometryCollection", []), "kind"),
        (geo("Point", [106.55]), "position"),
        (geo("Point", ["106.55", "x"]), "position"),
        (geo("Point", [106.55, None]), "position"),
        ('{"type":"Point","coordinates":[NaN,29.56]}', "position"),
        (geo("Point", [186.55, 29.56]), "range"),
        (geo("Point", [106.55, 99.56]), "range"),
        (geo("Point", [29.56, 106.55]), "range"),
        (geo("Point", [39.9, 80.5]), "swapped"),
        (geo("Point", [2.35, 48.85]), "abroad"),
        (geo("Point", [0, 0]), "abroad"),
        ("106.550000001,29.56", "fine"),
        (geo("LineString", []), "empty"),
        (geo("LineString", [RING[0], RING[0]]), "line"),
        (geo("Polygon", [RING[:3]]), "ring-short"),
        (geo("Polygon", [RING[:4]]), "ring-open"),
        (geo("Polygon", [[RING[0], RING[1], RING[0], RING[1], RING[0]]]), "ring-flat"),
        (geo("Polygon", [[RING[0], RING[2], RING[1], [106.55, 29.575], RING[0]]]), "ring-crosses"),
        (geo("Point", [106.55, 29.56], crs={"type": "name", "properties": {"name": "EPSG:4490"}}), "datum"),
        (json.dumps({"type": "FeatureCollection", "features": []}), "features"),
        (geo("LineString", [[106 + number / 1000, 29] for number in range(501)]), "large"),
    ],
)
def test_what_is_no_place_is_refused_and_said_why(text: str, about: str) -> None:
    with pytest.raises(PlaceUnfit) as caught:
        parse_place(text)
    assert caught.value.facts["about"] == about
    for lang in messages.LANGS:
        assert messages.has("projects", f"refusal.place-unfit.{about}", lang)
        assert messages.explain(caught.value, lang)


def test_two_points_lie_as_far_apart_as_they_do_on_the_ground() -> None:
    """A minute of latitude is a sea mile; at 60 degrees one of longitude is half of it."""
    here = (Decimal(106), Decimal(60))
    assert abs(metres_apart(here, (Decimal(106), Decimal(60) + Decimal(1) / 60)) - 1855) <= 1
    assert abs(metres_apart(here, (Decimal(106) + Decimal(1) / 60, Decimal(60))) - 928) <= 1
    assert metres_apart(here, here) == 0

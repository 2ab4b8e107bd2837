"""Places on the map: GeoJSON geometry in WGS 84, checked before it is kept, without a float.

A coordinate is kept as the text of its decimal number: what was given is what is kept and hashed. GCJ-02 and BD-09,
which maps in China use, cannot be told from WGS 84 by looking; they are some hundred metres off.
Source: RFC 7946.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from projects.errors import PlaceUnfit

Position = tuple[Decimal, Decimal]

SHAPES = {
    "Point": "point",
    "MultiPoint": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "polygon",
    "MultiPolygon": "polygon",
}
_DEPTH = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How many lists there are around a position."""
MOST = 500
"""So many positions a place has at most: it becomes part of a leaf, and a project's outline is no map."""
FINEST = 8
"""So many decimals a degree has at most: a millimetre."""
CHINA = ((Decimal(73), Decimal(136)), (Decimal(3), Decimal(54)))
"""Between which longitudes and latitudes China lies."""
RING = 4
"""So many positions a ring has at least, the last one the same as the first: RFC 7946, 3.1.6."""
_LARGEST = 1_000_000


def read_place(path: Path) -> str:
    """Return the text of a file of GeoJSON.

    Raises:
        PlaceUnfit: it is not there, too large, or no UTF-8.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise PlaceUnfit(about="file", path=str(path)[:200], reason=error) from None
    if len(content) > _LARGEST:
        raise PlaceUnfit(about="large", most=MOST)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PlaceUnfit(about="json") from None


def parse_place(text: str) -> dict[str, Any]:
    """Return the geometry that GeoJSON holds, or that ``106.55,29.56`` names, each coordinate as text.

    A feature, or a collection of one, stands for its geometry.

    Raises:
        PlaceUnfit: it is none, or is not on the map: ranges, closed rings, an outline that does not cross itself.
    """
    pair = [each.strip() for each in text.replace("，", ",").split(",")]
    if len(pair) == 2 and not text.lstrip().startswith(("{", "[")):  # noqa: PLR2004 - longitude and latitude
        return {"type": "Point", "coordinates": _kept(_position(pair))}
    try:
        told = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise PlaceUnfit(about="json") from None
    geometry = _geometry(told)
    kind = geometry.get("type")
    if kind not in _DEPTH:
        raise PlaceUnfit(about="kind", text=str(kind)[:40])
    # A position is turned into decimals once; shapes are looked at with those.
    read = _walk(geometry.get("coordinates"), _DEPTH[kind])
    flat = _flat(read, _DEPTH[kind])
    if len(flat) > MOST:
        raise PlaceUnfit(about="large", most=MOST)
    for line in {"LineString": [read], "MultiLineString": read}.get(kind, []):
        if len(set(line)) < 2:  # noqa: PLR2004 - a line has two ends
            raise PlaceUnfit(about="line")
    for polygon in {"Polygon": [read], "MultiPolygon": read}.get(kind, []):
        for ring in polygon:
            _need_ring(ring)
    return {"type": kind, "coordinates": _text(read, _DEPTH[kind])}


def shape_of(place: Mapping[str, Any]) -> str:
    """Return whether a place is a point, a line or a polygon."""
    return SHAPES[place["type"]]


def metres_apart(one: Position, other: Position) -> int:
    """Return how far two points lie apart, to the metre, as on a plane: good for points of one village.

    A degree of latitude is 111,320 m; one of longitude that times the cosine of the latitude, here by its series.
    """
    east = (one[0] - other[0]) * cosine((one[1] + other[1]) / 2)
    north = one[1] - other[1]
    return int(((east**2 + north**2).sqrt() * 111_320).to_integral_value())


def metres_per_degree(latitude: Decimal) -> tuple[Decimal, Decimal]:
    """Return how many metres a degree of longitude and one of latitude have there, on the ellipsoid of WGS 84.

    The usual series, good to some centimetres; at 30 degrees they are 96,486 m and 110,852 m.
    """
    once = cosine(latitude)
    twice = 2 * once**2 - 1
    thrice, five_times = 4 * once**3 - 3 * once, 16 * once**5 - 20 * once**3 + 5 * once
    east = Decimal("111412.84") * once - Decimal("93.5") * thrice + Decimal("0.118") * five_times
    north = Decimal("111132.92") - Decimal("559.82") * twice + Decimal("1.175") * (2 * twice**2 - 1)
    return east, north


def cosine(degrees: Decimal) -> Decimal:
    """Return the cosine of a latitude by its series, to a ten millionth in China."""
    angle = degrees * Decimal("0.017453292519943")
    return 1 - angle**2 / 2 + angle**4 / 24 - angle**6 / 720 + angle**8 / 40320


def lines_of(place: Mapping[str, Any]) -> list[list[Position]]:
    """Return the lines of a place, each as its positions: of a polygon its rings, of a point the point."""
    told = place["coordinates"]
    match place["type"]:
        case "Point":
            told = [[told]]
        case "MultiPoint":
            told = [[each] for each in told]
        case "LineString":
            told = [told]
        case "MultiPolygon":
            told = [ring for polygon in told for ring in polygon]
    return [[(Decimal(longitude), Decimal(latitude)) for longitude, latitude in line] for line in told]


def position_of(place: dict[str, Any]) -> Position:
    """Return the position of a place that is a point."""
    first, second = place["coordinates"]
    return Decimal(first), Decimal(second)


def _geometry(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise PlaceUnfit(about="json")
    if "crs" in told and "CRS84" not in json.dumps(told["crs"]) and "4326" not in json.dumps(told["crs"]):
        raise PlaceUnfit(about="datum")
    if told.get("type") == "FeatureCollection":
        features = told.get("features")
        if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], dict):
            raise PlaceUnfit(about="features")
        told = features[0]
    if told.get("type") == "Feature":
        told = told.get("geometry")
    if not isinstance(told, dict):
        raise PlaceUnfit(about="json")
    return told


def _walk(told: Any, depth: int) -> Any:
    if depth == 0:
        return _position(told)
    if not isinstance(told, list) or not told:
        raise PlaceUnfit(about="empty")
    return [_walk(each, depth - 1) for each in told]


def _position(told: Any) -> Position:
    # A height may stand behind longitude and latitude; it is not kept.
    if not isinstance(told, list) or not 2 <= len(told) <= 3 or not all(isinstance(each, str) for each in told):  # noqa: PLR2004 - longitude, latitude, height
        raise PlaceUnfit(about="position", text=str(told)[:40])
    try:
        longitude, latitude = (Decimal(each) for each in told[:2])
    except InvalidOperation:
        raise PlaceUnfit(about="position", text=", ".join(told)[:40]) from None
    text = f"{told[0]}, {told[1]}"[:60]
    if not (longitude.is_finite() and latitude.is_finite()):
        raise PlaceUnfit(about="position", text=text)
    if abs(longitude) > 180 or abs(latitude) > 90:  # noqa: PLR2004 - the degrees of a sphere
        raise PlaceUnfit(about="range", text=text)
    if max(-int(longitude.as_tuple().exponent), -int(latitude.as_tuple().exponent)) > FINEST:
        raise PlaceUnfit(about="fine", text=text, decimals=FINEST)
    if not _in_china(longitude, latitude):
        raise PlaceUnfit(about="swapped" if _in_china(latitude, longitude) else "abroad", text=text)
    return longitude, latitude


def _in_china(longitude: Decimal, latitude: Decimal) -> bool:
    (west, east), (south, north) = CHINA
    return west <= longitude <= east and south <= latitude <= north


def _need_ring(ring: list[Position]) -> None:
    if len(ring) < RING:
        raise PlaceUnfit(about="ring-short", positions=len(ring), least=RING)
    if ring[0] != ring[-1]:
        raise PlaceUnfit(about="ring-open", first=_said(ring[0]), last=_said(ring[-1]))
    edges = list(pairwise(ring))
    doubled = sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges)
    if doubled == 0:
        raise PlaceUnfit(about="ring-flat")
    for number, one in enumerate(edges):
        for other in edges[number + 2 :]:
            # The last edge ends where the first begins.
            if one[0] != other[1] and _cross(*one, *other):
                raise PlaceUnfit(about="ring-crosses", first=_said(one[0]), last=_said(other[0]))


def _cross(a: Position, b: Position, c: Position, d: Position) -> bool:
    """Tell whether two edges meet."""

    def side(p: Position, q: Position, r: Position) -> int:
        turn = (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
        return (turn > 0) - (turn < 0)

    def between(p: Position, q: Position, r: Position) -> bool:
        return min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])

    ends = ((a, b, c), (a, b, d), (c, d, a), (c, d, b))
    turns = [side(*each) for each in ends]
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    return any(turn == 0 and between(*each) for turn, each in zip(turns, ends, strict=True))


def _flat(read: Any, depth: int) -> list[Position]:
    return [read] if depth == 0 else [each for part in read for each in _flat(part, depth - 1)]


def _text(read: Any, depth: int) -> list[Any]:
    return _kept(read) if depth == 0 else [_text(each, depth - 1) for each in read]


def _kept(position: Position) -> list[str]:
    return [f"{each:f}" for each in position]


def _said(position: Position) -> str:
    return ", ".join(_kept(position))

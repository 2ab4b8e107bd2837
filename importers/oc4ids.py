"""Projects in the Open Contracting for Infrastructure Data Standard (OC4IDS), to compare with those of a book.

A package is JSON with a list ``projects``; of each its name, its places, its budget and its parties are read. The
standard is of the Open Contracting Partnership and CoST (standard.open-contracting.org/infrastructure).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importers.errors import FileUnreadable
from ledger import money
from ledger.errors import Refusal

MOST_BYTES = 8 << 20
YUAN = "CNY"


@dataclass(frozen=True, kw_only=True)
class StandardProject:
    """A project of a package; `budget_fen` is None where it states none in yuan that can be read."""

    position: int
    id: str
    title: str
    description: str
    status: str
    sector: str
    places: tuple[str, ...]
    owner: str
    budget_fen: int | None
    budget_text: str


def read(path: Path) -> tuple[StandardProject, ...]:
    """Return the projects of the package at `path`.

    Raises:
        FileUnreadable: it is not there, too large, or no such package.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileUnreadable(path=path, reason=error) from None
    if len(content) > MOST_BYTES:
        raise FileUnreadable(about="large", path=path, limit=MOST_BYTES >> 20)
    try:
        # Numbers stay text: what stands in the file becomes fen, never a float.
        package = json.loads(content.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise FileUnreadable(about="no-package", path=path) from None
    projects = package.get("projects") if isinstance(package, dict) else None
    if not isinstance(projects, list) or not all(isinstance(each, dict) for each in projects):
        raise FileUnreadable(about="no-package", path=path)
    return tuple(_projects(projects))


def _projects(projects: list[dict[str, Any]]) -> Iterator[StandardProject]:
    for position, each in enumerate(projects, 1):
        amount = _table(_table(each.get("budget")).get("amount"))
        said = _text(amount.get("amount"))
        sector = each.get("sector")
        yield StandardProject(
            position=position,
            id=_text(each.get("id")),
            title=_text(each.get("title")),
            description=_text(each.get("description")),
            status=_text(each.get("status")),
            sector="、".join(map(_text, sector)) if isinstance(sector, list) else _text(sector),
            places=tuple(_places(each.get("locations"))),
            owner=_text(_table(each.get("publicAuthority")).get("name")),
            budget_fen=_fen(said) if amount.get("currency", YUAN) == YUAN else None,
            budget_text=" ".join(filter(None, (said, _text(amount.get("currency"))))),
        )


def _places(locations: object) -> Iterator[str]:
    for each in locations if isinstance(locations, list) else []:
        place = _table(each)
        address = _table(place.get("address"))
        parts = [_text(address.get(name)) for name in ("region", "locality", "streetAddress")]
        if text := _text(place.get("description")) or "".join(parts):
            yield text


def _fen(said: str) -> int | None:
    try:
        return money.parse_or_zero(said)
    except Refusal:
        return None


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""

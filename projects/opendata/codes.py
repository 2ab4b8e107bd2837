"""The codes of the standards for our own, from ``codes.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from projects.types import Types


@cache
def codes() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of codes."""
    return tomllib.loads(files("projects.opendata").joinpath("codes.toml").read_text(encoding="utf-8"))


def type_codes(types: Types, kind: str) -> Mapping[str, Any]:
    """Return what the standards call a type; one of a county's own is called as what it is a kind of."""
    known = codes()["types"]
    seen: set[str] = set()
    while kind not in known and kind in types and kind not in seen:
        seen.add(kind)
        kind = types[kind].under
    found: Mapping[str, Any] = known.get(kind, known["other"])
    return found

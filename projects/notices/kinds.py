"""The kinds of notices, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ledger.errors import ChoiceUnknown, Names


@dataclass(frozen=True)
class Kind:
    """A kind of notice: whether it is about a project or a whole book, its fields in order, which it must have.

    `stage` is the stage of the project's life at which it stands on the wall, empty where it belongs to none.
    """

    name: str
    about: str
    fields: tuple[str, ...]
    needed: frozenset[str]
    tables: tuple[str, ...]
    stage: str = ""


@cache
def kinds() -> dict[str, Kind]:
    """Return all kinds by name."""
    found = tomllib.loads(files("projects.notices").joinpath("kinds.toml").read_text(encoding="utf-8"))
    return {
        name: Kind(
            name,
            each["about"],
            tuple(each["fields"]),
            frozenset(each["needed"]),
            tuple(each["tables"]),
            each.get("stage", ""),
        )
        for name, each in found.items()
    }


def need_kind(name: str) -> Kind:
    """Return a kind.

    Raises:
        ChoiceUnknown: there is none of this name.
    """
    if name not in kinds():
        raise ChoiceUnknown(about="notice", text=name, choices=Names(kinds()))
    return kinds()[name]

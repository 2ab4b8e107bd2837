"""The kinds of notices, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ledger.errors import ChoiceUnknown, Names
from projects.errors import SayUnreadable
from projects.life.scene import PUBLISHED

FACT = PUBLISHED
"""The kind of the fact of a published notice."""


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


def need_kind(name: str, *, project: str | None = None) -> Kind:
    """Return a kind; where a project is given, "" for none, it is one about a project or not.

    Raises:
        ChoiceUnknown: there is none of this name.
        SayUnreadable: it is about a project and none is given, or about the book and one is.
    """
    if name not in kinds():
        raise ChoiceUnknown(about="notice", text=name, choices=Names(kinds()))
    found = kinds()[name]
    if project is not None and (found.about == "project") != bool(project):
        raise SayUnreadable(about=found.about, kind=name)
    return found

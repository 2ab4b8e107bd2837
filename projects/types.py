"""Types of projects, as data: what is shipped, and what a county adds by a file of its own in the workspace."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from ledger.messages import Lang
from ledger.text import words
from projects.errors import TypesUnfit

FILE = "project-types.toml"
"""The name of the shipped file, and of a county's own in its workspace."""
LARGEST = 200_000
"""So many bytes a file of types has at most."""

Name = Annotated[str, BeforeValidator(lambda text: words(text, "name"))]


class ProjectType(BaseModel):
    """A type of projects: names, words of tables, usual units, shapes of its place, the kind of asset it becomes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: Name
    en: Name
    under: str = ""
    words: tuple[Name, ...] = ()
    units: tuple[Name, ...] = ()
    place: tuple[Literal["point", "line", "polygon"], ...] = ("point", "line", "polygon")
    asset: Literal["business", "public", "household", "none"] = "none"

    def name(self, lang: Lang) -> str:
        """Return what it is called."""
        return self.zh if lang == "zh" else self.en


Types = Mapping[str, ProjectType]


@cache
def shipped() -> Types:
    """Return the types that are shipped, by code."""
    return _read(files("projects").joinpath(FILE).read_text(encoding="utf-8"), FILE, {})


def types_of(workspace: Path) -> Types:
    """Return the types that a workspace knows: those that are shipped, and over them the county's own.

    Raises:
        TypesUnfit: the county's file is there and cannot be used.
    """
    path = workspace / FILE
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return shipped()
    except OSError as error:
        raise TypesUnfit(about="file", path=FILE, reason=error) from None
    if len(content) > LARGEST:
        raise TypesUnfit(about="large", path=FILE, most=LARGEST)
    try:
        own = _read(content.decode("utf-8-sig"), FILE, shipped())
    except UnicodeDecodeError:
        raise TypesUnfit(about="encoding", path=FILE) from None
    # What a county says of a type goes before what is shipped, also where words are looked up.
    return {**own, **{code: each for code, each in shipped().items() if code not in own}}


def type_called(said: str, types: Types) -> str:
    """Return the type that a table names in its own words, ``other`` where it names none that we have."""
    return next((code for code, each in types.items() if any(word in said for word in each.words)), "other")


def name_of(types: Types, code: str, lang: Lang) -> str:
    """Return what a type is called; one whose file is gone is called by its code."""
    code = code or "other"
    return types[code].name(lang) if code in types else code


def _read(text: str, path: str, known: Types) -> dict[str, ProjectType]:
    try:
        told: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        raise TypesUnfit(about="toml", path=path, line=found[1] if found else "?") from None
    made: dict[str, ProjectType] = {}
    for code, said in told.items():
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", code):
            raise TypesUnfit(about="code", path=path, type=code)
        try:
            made[code] = ProjectType.model_validate(said)
        except ValidationError as error:
            field = ".".join(str(each) for each in error.errors()[0]["loc"])
            raise TypesUnfit(path=path, type=code, field=field or code) from None
    for code, each in made.items():
        if each.under and each.under not in {*made, *known}:
            raise TypesUnfit(about="under", path=path, type=code, under=each.under)
    return made

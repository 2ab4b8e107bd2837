"""What micro-loans are for, as data: the kinds that are allowed, those that are forbidden, and the words of these."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ledger.errors import Named
from ledger.messages import Lang


class Purpose(BaseModel):
    """A kind of purpose: its names, whether it is forbidden, and by which words it gives itself away."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: str
    en: str
    forbidden: bool = False
    words: tuple[str, ...] = ()

    def name(self, lang: Lang) -> str:
        """Return what it is called."""
        return self.zh if lang == "zh" else self.en

    @property
    def named(self) -> Named:
        """Return its name as a fact of a message."""
        return Named(zh=self.zh, en=self.en)


@cache
def purposes() -> Mapping[str, Purpose]:
    """Return the purposes by code."""
    told = tomllib.loads(files("projects.loans").joinpath("purposes.toml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Purpose]).validate_python(told)


def forbidden_word(text: str) -> tuple[str, Purpose] | None:
    """Return the first word of a forbidden purpose that stands in a text, with that purpose."""
    said = text.casefold()
    for each in purposes().values():
        for word in each.words if each.forbidden else ():
            if word in said:
                return word, each
    return None

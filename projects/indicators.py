"""Indicators, as data: what is shipped, and what a county adds by a file of its own in the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from ledger.errors import Names, Refusal, Unknown
from ledger.messages import Lang
from ledger.text import words
from projects import county
from projects.errors import CountyFileUnfit

FILE = "indicators.toml"
"""The name of the shipped file, and of a county's own in its workspace."""

Text = Annotated[str, BeforeValidator(lambda text: words(text, "name"))]


class Indicator(BaseModel):
    """An indicator: names, what is counted over what in which units, whether less is better, how it is added up."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    zh: Text
    en: Text
    of_zh: Text
    of_en: Text
    unit_zh: str = ""
    unit_en: str = ""
    per_zh: str = ""
    per_en: str = ""
    falling: bool = False
    aggregation: Literal["sum", "village", "none"] = "sum"

    def name(self, lang: Lang) -> str:
        """Return what it is called."""
        return self.zh if lang == "zh" else self.en

    def of(self, lang: Lang) -> str:
        """Return what is counted over what."""
        return self.of_zh if lang == "zh" else self.of_en

    @property
    def is_share(self) -> bool:
        """Tell whether it is a part of something, which people read as a percentage."""
        return self.unit_zh == self.per_zh

    def unit(self, lang: Lang) -> str:
        """Return the unit of the numerator."""
        return self.unit_zh if lang == "zh" else self.unit_en


Indicators = Mapping[str, Indicator]


@cache
def shipped() -> Indicators:
    """Return the indicators that are shipped, by code, in the order in which pages show them."""
    return _read(county.shipped(FILE)["indicator"])


def indicators_of(workspace: Path) -> Indicators:
    """Return the indicators that a workspace knows: those that are shipped, and over them the county's own.

    Raises:
        CountyFileUnfit: the county's file is there and cannot be used.
    """
    own = county.own(workspace, FILE, "indicator")
    return {**shipped(), **_read(own["indicator"])} if "indicator" in own else shipped()


def need_known(known: Indicators, asked: Iterable[str]) -> None:
    """Make sure that indicators are known.

    Raises:
        Unknown: one is not.
    """
    for each in asked:
        if each not in known:
            raise Unknown(about="indicator", text=each, choices=Names(known))


def name_of(known: Indicators, code: str, lang: Lang) -> str:
    """Return what an indicator is called; one whose file is gone is called by its code."""
    return known[code].name(lang) if code in known else code


def _read(told: Any) -> dict[str, Indicator]:
    made = {}
    for code, said in told.items() if isinstance(told, dict) else [("indicator", told)]:
        try:
            made[code] = Indicator.model_validate(said)
        except ValidationError as error:
            field = ".".join(str(each) for each in error.errors()[0]["loc"])
            raise CountyFileUnfit(file=FILE, key=code, field=field or code) from None
        except Refusal as refusal:
            raise CountyFileUnfit(about="because", file=FILE, key=code, because=refusal) from None
    return made

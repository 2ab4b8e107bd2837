"""Units of what is built: every quantity is counted in the smallest unit, so that it can be split and adds up."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ledger import money
from ledger.messages import Lang

MEASURED = 3
"""An acceptance measures with so many decimals at most."""


@dataclass(frozen=True)
class Unit:
    """A unit as typed, and the smallest unit behind it: `factor` of `small` make one, counted with `decimals`."""

    name: str
    small: str
    factor: int
    decimals: int
    zh: str
    en: str

    def called(self, lang: Lang) -> str:
        """Return what the smallest unit is called."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Priced:
    """The unit by which people say what things of a smallest unit cost: `factor` of the smallest make one."""

    small: str
    factor: int
    zh: str
    en: str

    def called(self, lang: Lang) -> str:
        """Return what it is called."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Quantity:
    """So many of the smallest unit: `amount` is a whole number of ten to the minus `decimals`."""

    amount: int
    decimals: int
    unit: Unit

    @property
    def plain(self) -> str:
        """Return the number as text without idle zeros: 3500, or 0.811."""
        return self.part(self.amount)

    def part(self, amount: int) -> str:
        """Return a part of it as text without idle zeros."""
        text = self.aligned(amount)
        return text.rstrip("0").rstrip(".") if "." in text else text

    def aligned(self, amount: int) -> str:
        """Return a part of it as text, with as many decimals as every other part."""
        return money.plain(amount, self.decimals)


@cache
def _known() -> Mapping[str, Mapping[str, Any]]:
    told = tomllib.loads(files("projects").joinpath("units.toml").read_text(encoding="utf-8"))
    return {name: each for each in told.values() for name in each["names"]}


def unit(name: str) -> Unit:
    """Return a unit by one of the ways to write it; one that is not known is its own smallest, in thousandths."""
    row = _known().get(name.strip())
    if row is None:
        return Unit(name.strip(), name.strip(), 1, MEASURED, name.strip(), name.strip())
    return Unit(name.strip(), row["small"], row["factor"], row["decimals"], row["zh"], row["en"])


def called(name: str, lang: Lang) -> str:
    """Return what a unit is called that somebody typed: in Chinese as it was typed, in English if it is known there."""
    row = _known().get(name.strip())
    if lang == "zh" or row is None:
        return name.strip()
    # 公里 is km, though what is counted is metres.
    return str(row["en"] if row["factor"] == 1 else next(each for each in row["names"] if each.isascii()))


@cache
def priced(small: str) -> Priced:
    """Return the unit by which things of a smallest unit are priced: a road by the kilometre, most by that unit."""
    rows = [each for each in _known().values() if each["small"] == small]
    found = next((each for each in rows if "price_zh" in each), None)
    if found:
        return Priced(small, found["factor"], found["price_zh"], found["price_en"])
    return Priced(small, 1, *(rows[0][lang] if rows else small for lang in ("zh", "en")))


def measured(number: int, of: Unit) -> Quantity:
    """Return thousandths of a unit in its smallest unit, with as few decimals as are exact."""
    small = number * of.factor
    decimals = of.decimals
    while small % 10 ** (MEASURED - decimals):
        decimals += 1
    return Quantity(small // 10 ** (MEASURED - decimals), decimals, of)


def grouped(number: str) -> str:
    """Return a number with separators, its decimals as they are."""
    whole, point, part = number.partition(".")
    return f"{int(whole):,}{point}{part}"

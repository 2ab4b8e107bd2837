"""What a plan says that cannot all be true: found and reported, never repaired; a person decides what was meant.

A claim is data: parts that are to add up, factors that are to give a product, a facility that is there and is to be
built. What plans say in words (200人，每人每年增收2.4万元，六年增加总收入2100万元) is read as such a product.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from importers.plans import PlanRow
from ledger.errors import Phrase
from projects.errors import ClaimsUnfit

LARGEST = 200_000
"""So many bytes a file of claims has at most."""
_DIGITS = {each: number for number, each in enumerate("零一二三四五六七八九十")} | {"两": 2}
_BENEFIT = re.compile(
    r"([0-9]+)[余多]?(?:名|个)?(?:人|户|头|只|亩)[，,、；;]?每(?:人|户|头|只|亩)每?年(?:可)?增(?:加)?(?:收|收入)([0-9]+(?:\.[0-9]+)?)万元"
    r"[，,、；;]?([0-9]+|[一二两三四五六七八九十])年(?:共)?增加(?:农民)?总?收入([0-9]+(?:\.[0-9]+)?)万元"
)

Number = Annotated[Decimal, BeforeValidator(lambda given: Decimal(str(given)))]


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    source: str
    what: str


class Sum(_Claim):
    """Parts that are to add up to what is stated, unit by unit."""

    stated: dict[str, Number]
    part: list[dict[str, Any]] = Field(min_length=1)


class Product(_Claim):
    """Factors that are to give what is stated."""

    factors: list[Number] = Field(min_length=2)
    stated: Number
    unit: str = ""


class Facility(_Claim):
    """A facility that is there, is planned, or both."""

    existing: bool
    planned: bool


class Claims(BaseModel):
    """A file of claims."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sum: list[Sum] = []
    product: list[Product] = []
    facility: list[Facility] = []


@dataclass(frozen=True)
class Finding:
    """What does not hold: where it is said, and how it was looked at."""

    source: str
    what: str
    says: Phrase


def read_claims(path: Path) -> Claims:
    """Return the claims of a file of TOML.

    Raises:
        ClaimsUnfit: it is not there, too large, no TOML, or has something else.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ClaimsUnfit(about="file", path=str(path)[:200], reason=error) from None
    if len(content) > LARGEST:
        raise ClaimsUnfit(about="large", path=str(path)[:200], most=LARGEST)
    try:
        # A share such as 2.4 stays the text that it is: nothing here ever becomes a float.
        return Claims.model_validate(tomllib.loads(content.decode("utf-8-sig"), parse_float=str))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise ClaimsUnfit(about="toml", path=str(path)[:200]) from None
    except (ValidationError, ArithmeticError) as error:
        where = error.errors()[0]["loc"] if isinstance(error, ValidationError) else ()
        raise ClaimsUnfit(path=str(path)[:200], field=".".join(str(each) for each in where)) from None


def findings(claims: Claims) -> Iterator[Finding]:
    """Yield what does not hold of the claims of a file."""
    for total in claims.sum:
        for unit, stated in total.stated.items():
            added = sum((Decimal(str(each.get(unit, 0))) for each in total.part), Decimal(0))
            if added != stated:
                said = Phrase("projects", "claim.sum", unit=unit, added=_plain(added), stated=_plain(stated))
                yield Finding(total.source, total.what, said)
    for product in claims.product:
        yield from _product(product.source, product.what, product.factors, product.stated, product.unit)
    for facility in claims.facility:
        if facility.existing and facility.planned:
            yield Finding(facility.source, facility.what, Phrase("projects", "claim.facility"))


def of_plan(rows: Iterable[PlanRow]) -> Iterator[Finding]:
    """Yield what does not hold of the benefits that a plan promises in words."""
    for row in rows:
        yield from of_words(row.code, row.name, row.benefit)


def of_words(source: str, what: str, benefit: str) -> Iterator[Finding]:
    """Yield what does not hold of a benefit in words."""
    for found in _BENEFIT.finditer(benefit.replace(" ", "")):
        years = Decimal(_DIGITS[found[3]] if found[3] in _DIGITS else found[3])
        yield from _product(source, what, [Decimal(found[1]), Decimal(found[2]), years], Decimal(found[4]), "万元")


def _product(source: str, what: str, factors: list[Decimal], stated: Decimal, unit: str) -> Iterator[Finding]:
    whole = Decimal(1)
    for each in factors:
        whole *= each
    if whole != stated:
        shown = " × ".join(_plain(each) for each in factors)
        facts = {"factors": shown, "product": _plain(whole), "stated": _plain(stated), "unit": unit}
        yield Finding(source, what, Phrase("projects", "claim.product", **facts))


def _plain(number: Decimal) -> str:
    """Return a number as plans write it: 2,880."""
    plain = f"{number:,f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain

"""Exit schemes, as data: which indicators a village has to meet, by which threshold, and where that stands.

A village is judged on a day by what had been observed until then. A condition is met, not met, or not known; what is
not known is never taken for met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, text

from ledger.errors import Names, Refusal, Unknown
from ledger.messages import Lang
from ledger.text import words
from projects import county, observations
from projects.errors import CountyFileUnfit
from projects.indicators import Indicators, need_known
from projects.places import places
from projects.policy.numbers import Mark
from projects.rollup import Board, Figure, board

FILE = "exit-schemes.toml"
"""The name of the shipped file, and of a county's own in its workspace."""

Verdict = Literal["met", "not-met", "not-known"]
_COMPARE: Mapping[str, Callable[[Fraction, Fraction], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_THRESHOLD = re.compile(r"(<=?|>=?)\s*([0-9]{1,12})(?:\.([0-9]{1,6}))?(?:(%)|/([0-9]{1,9}))?", re.ASCII)

Text = Annotated[str, BeforeValidator(lambda given: words(given, "name"))]


class Threshold(BaseModel):
    """A limit that a numerator over its denominator keeps, compared exactly: ``< 4%``, ``>= 1/1``."""

    model_config = ConfigDict(frozen=True)
    sign: str
    part: int
    whole: int
    plain: str

    def met(self, share: Fraction) -> bool:
        """Tell whether a share keeps it."""
        return _COMPARE[self.sign](share, Fraction(self.part, self.whole))


def read_threshold(given: object) -> Threshold:
    """Read a threshold.

    Raises:
        ValueError: it is none.
    """
    found = _THRESHOLD.fullmatch(str(given).strip())
    if found is None:
        raise ValueError(given)
    sign, number, decimals, percent, whole = found.groups()
    scale: int = 10 ** len(decimals or "") * (100 if percent else 1) * int(whole or 1)
    if scale == 0:
        raise ValueError(given)
    return Threshold(sign=sign, part=int(number + (decimals or "")), whole=scale, plain=str(given).strip())


class Source(BaseModel):
    """Where a rule stands, and how sure that is."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    document: str = ""
    number: str = ""
    date: str = ""
    mark: Mark | Literal[""] = ""


class Condition(Source):
    """One condition of a scheme; what it does not say of its source the scheme says."""

    indicator: str
    threshold: Annotated[Threshold, BeforeValidator(read_threshold)] = Field(alias="is")
    types: tuple[str, ...] = ()


class Scheme(Source):
    """A scheme of conditions, with the document in which it stands."""

    zh: Text
    en: Text
    document: Text
    mark: Mark
    condition: tuple[Condition, ...] = Field(min_length=1)

    def name(self, lang: Lang) -> str:
        """Return what it is called."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Schemes:
    """The schemes that a workspace knows, by code, and the one that is meant where none is named."""

    default: str
    by_code: Mapping[str, Scheme]

    def need(self, code: str | None) -> tuple[str, Scheme]:
        """Return a scheme by its code.

        Raises:
            Unknown: there is none of this code.
        """
        found = code or self.default
        if found not in self.by_code:
            raise Unknown(about="scheme", text=found, choices=Names(self.by_code))
        return found, self.by_code[found]


@dataclass(frozen=True)
class Judged:
    """A condition of a village on a day: the verdict, what it was seen by, and which projects work towards it.

    `source` is the condition's own, or the scheme's; `projects` are codes of projects of fitting types with whether
    each is accepted.
    """

    condition: Condition
    verdict: Verdict
    figure: Figure
    source: Source
    projects: tuple[tuple[str, str, bool], ...]

    @property
    def indicator(self) -> str:
        """Return the code of the indicator."""
        return self.condition.indicator

    @property
    def threshold(self) -> Threshold:
        """Return the limit that it keeps or not."""
        return self.condition.threshold

    @property
    def unserved(self) -> bool:
        """Tell whether no project works towards it, though it says which types of projects would."""
        return bool(self.condition.types) and not self.projects


@dataclass(frozen=True)
class Exit:
    """A village judged by a scheme on a day."""

    village: str
    on: str
    scheme: str
    judged: tuple[Judged, ...]

    @property
    def verdict(self) -> Verdict:
        """Return met if every condition is, not met if one is not, else not known."""
        verdicts = {each.verdict for each in self.judged}
        return "not-met" if "not-met" in verdicts else "not-known" if "not-known" in verdicts else "met"


def schemes_of(workspace: Path, known: Indicators) -> Schemes:
    """Return the schemes that a workspace knows: those that are shipped, and over them the county's own.

    Raises:
        CountyFileUnfit: the county's file is there and cannot be used.
    """
    told, own = county.shipped(FILE), county.own(workspace, FILE, "default", "scheme")
    by_code = _read(told["scheme"], known) | _read(own.get("scheme", {}), known)
    default = own.get("default", told["default"])
    if default not in by_code:
        raise CountyFileUnfit(about="default", file=FILE, key=str(default)[:60], choices="、".join(by_code))
    return Schemes(default, by_code)


def judge(
    connection: Connection,
    known: Indicators,
    scheme: tuple[str, Scheme],
    village: str,
    on: str,
    *,
    told: Board | None = None,
) -> Exit:
    """Judge a village by a scheme on a day; `told` is what was observed, where the caller has looked at it already.

    Raises:
        Unknown: there is no such village.
    """
    told = told or board(places(connection), observations.seen(connection))
    if village not in told.places.villages:
        raise Unknown(about="village", text=village)
    projects = [tuple(row) for row in connection.execute(_PROJECTS, {"village": village})]
    code, rules = scheme
    judged = tuple(_judge(told, known, rules, each, village, on, projects) for each in rules.condition)
    return Exit(village, on, code, judged)


def _judge(
    told: Board,
    known: Indicators,
    scheme: Scheme,
    condition: Condition,
    village: str,
    on: str,
    projects: list[tuple[Any, ...]],
) -> Judged:
    figure = told.figure(condition.indicator, known[condition.indicator], village, on)
    verdict: Verdict = "not-known"
    if figure.whole and figure.share is not None:
        verdict = "met" if condition.threshold.met(figure.share) else "not-met"
    fit = tuple((code, title, bool(done)) for code, title, kind, done in projects if kind in condition.types)
    return Judged(condition, verdict, figure, _source(scheme, condition), fit)


def _source(scheme: Scheme, condition: Condition) -> Source:
    """Return where a condition stands; if that is another document, how sure it is was said of it, or is not known."""
    said = {each: getattr(condition, each) for each in Source.model_fields}
    if condition.document:
        return Source(**said | {"mark": condition.mark or "?"})
    return Source(**{each: value or getattr(scheme, each) for each, value in said.items()})


def _read(told: Any, known: Indicators) -> dict[str, Scheme]:
    made = {}
    for code, said in told.items() if isinstance(told, dict) else [("scheme", told)]:
        try:
            made[code] = Scheme.model_validate(said)
            need_known(known, [each.indicator for each in made[code].condition])
        except ValidationError as error:
            field = ".".join(str(each) for each in error.errors()[0]["loc"])
            raise CountyFileUnfit(file=FILE, key=code, field=field or code) from None
        except Refusal as refusal:
            raise CountyFileUnfit(about="because", file=FILE, key=code, because=refusal) from None
    return made


_PROJECTS = text(
    "SELECT p.code, p.title, p.type, EXISTS (SELECT 1 FROM voucher v WHERE v.book = p.book AND v.project = p.code "
    "AND v.event = 'acceptance' AND NOT EXISTS "
    "(SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq)) AS accepted "
    "FROM project p JOIN book b ON b.code = p.book WHERE b.village = :village ORDER BY p.book, p.code"
)

"""What a policy is made of: a share of money, an amount, a span of time, a share of people; each with its document."""

from __future__ import annotations

import datetime as dt
import re
from calendar import monthrange
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ledger import money
from ledger.errors import Phrase
from ledger.text import parse_date, parse_percent, words

Mark = Literal["S", "K", "?"]
"""How sure a number is: S was read in a published source, K is known and not checked, ? is unsure."""

MARKS: dict[Mark, str] = {"S": "read", "K": "known", "?": "unsure"}

_DATED = r"^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$"


class Number(BaseModel):
    """A number of the policy and where it comes from: the document's name, number and date, and how sure it is.

    `fact` is the label of the fact in the office's log that set it, empty for what is shipped.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    unit: str
    value: Any
    document: Annotated[str, BeforeValidator(lambda text: words(text, "document"))]
    number: Annotated[str, BeforeValidator(lambda text: words(text, "number", needed=False))] = ""
    date: str = Field(default="", pattern=_DATED)
    mark: Mark = "S"
    key: str = ""
    fact: str = ""

    @property
    def rule(self) -> Phrase:
        """Return what a message says of the source; only what was read in it stands there without a warning."""
        return Phrase("projects", f"policy.rule.{MARKS[self.mark]}", cite=self.number or self.document)

    @property
    def shown(self) -> Phrase:
        """Return the number with its unit, as people read it."""
        return Phrase("projects", f"policy.unit.{self.unit}", value=self.plain)

    @property
    def plain(self) -> str:
        """Return the number as the file has it."""
        raise NotImplementedError

    @property
    def fields(self) -> dict[str, Any]:
        """Return what the file and the log say of it."""
        said = {"unit": self.unit, "document": self.document, "number": self.number, "date": self.date}
        return {"value": self.plain} | said | {"mark": self.mark}


def _percent(given: object) -> Decimal:
    text = str(given).strip().removesuffix("%")
    return Decimal(0) if text == "0" else parse_percent(f"{text}%")


class Percent(Number):
    """A share of money; `of` rounds down to the fen, so that a cap is never passed by rounding."""

    unit: Literal["percent"]
    value: Annotated[Decimal, BeforeValidator(_percent)]

    def of(self, fen: int) -> int:
        """Return so much of an amount, in fen, rounded down."""
        share = Fraction(self.value) / 100
        return fen * share.numerator // share.denominator

    @property
    def plain(self) -> str:
        """Return the share in percent."""
        return f"{self.value.normalize():f}"


class Yuan(Number):
    """An amount; `value` is fen."""

    unit: Literal["yuan"]
    value: Annotated[int, BeforeValidator(lambda given: money.parse_or_zero(str(given)))]

    @property
    def plain(self) -> str:
        """Return the amount in yuan."""
        return money.plain(self.value).removesuffix(".00")

    @property
    def shown(self) -> Phrase:
        """Return the amount as people read it."""
        return Phrase("projects", "policy.unit.yuan", value=money.yuan(self.value).removesuffix(".00"))


class Count(Number):
    """So many of something; `value` is a whole number of the unit."""

    value: int = Field(ge=0, le=1_000_000, strict=True)

    @property
    def plain(self) -> str:
        """Return the number."""
        return str(self.value)

    @property
    def fields(self) -> dict[str, Any]:
        """Return what the file and the log say of it."""
        return super().fields | {"value": self.value}


class Days(Count):
    """So many days of the calendar."""

    unit: Literal["days"]


class WorkingDays(Count):
    """So many days on which offices work."""

    unit: Literal["working-days"]


class Months(Count):
    """So many months."""

    unit: Literal["months"]

    def after(self, day: dt.date) -> dt.date:
        """Return the day so many months later, the last of its month where it has no such day."""
        years, month = divmod(day.month - 1 + self.value, 12)
        last = monthrange(day.year + years, month + 1)[1]
        return dt.date(day.year + years, month + 1, min(day.day, last))


class Years(Count):
    """So many years."""

    unit: Literal["years"]


class Date(Number):
    """A day from which on, or until which, something holds."""

    unit: Literal["date"]
    value: Annotated[dt.date, BeforeValidator(lambda given: parse_date(str(given)))]

    @property
    def plain(self) -> str:
        """Return the day."""
        return self.value.isoformat()


class Workdays(Count):
    """So many days of a labourer's work."""

    unit: Literal["workdays"]


class Least(BaseModel):
    """A share of people that is asked for: ``>= 2/3`` is met by two of three, ``> 1/2`` only by more than half."""

    model_config = ConfigDict(frozen=True, defer_build=True)
    part: int
    whole: int
    more: bool

    def met(self, part: int, whole: int) -> bool:
        """Tell whether so many of so many are enough."""
        here, needed = part * self.whole, whole * self.part
        return whole > 0 and (here > needed if self.more else here >= needed)

    def __str__(self) -> str:
        """Return it as the file has it."""
        return f"{'>' if self.more else '>='} {self.part}/{self.whole}"


def _least(given: object) -> Least:
    found = re.fullmatch(r"(>=?)\s*([0-9]{1,3})/([0-9]{1,3})", str(given).strip(), re.ASCII)
    if found is None or not 0 < int(found[2]) <= int(found[3]):
        raise ValueError(given)
    return Least(part=int(found[2]), whole=int(found[3]), more=found[1] == ">")


class Share(Number):
    """A share of people: a quorum or a majority."""

    unit: Literal["share"]
    value: Annotated[Least, BeforeValidator(_least)]

    def met(self, part: int, whole: int) -> bool:
        """Tell whether so many of so many are enough."""
        return self.value.met(part, whole)

    @property
    def plain(self) -> str:
        """Return the share."""
        return str(self.value)


class Gates(Number):
    """Which gates an event waits for, by name, in the order in which they are told."""

    unit: Literal["gates"]
    value: tuple[str, ...]

    @property
    def plain(self) -> str:
        """Return the names."""
        return " ".join(self.value)

    @property
    def fields(self) -> dict[str, Any]:
        """Return what the file and the log say of it."""
        return super().fields | {"value": list(self.value)}

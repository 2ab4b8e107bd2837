"""A request: what was typed, as a frozen model of typed facts, read before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger import money
from ledger.errors import ChoiceUnknown, Names, TextMissing, TextUnprintable
from ledger.text import code, parse_date, parse_percent, words
from projects.errors import FactsContradict, FieldUnknown

Fen = Annotated[int, BeforeValidator(money.parse)]
Day = Annotated[date, BeforeValidator(parse_date)]
Percent = Annotated[Decimal, BeforeValidator(parse_percent)]
ProjectCode = Annotated[str, BeforeValidator(lambda text: code(text, "project"))]
LoanCode = Annotated[str, BeforeValidator(lambda text: code(text, "loan"))]
ContractCode = Annotated[str, BeforeValidator(lambda text: code(text, "contract"))]
BankCode = Annotated[str, BeforeValidator(lambda text: code(text, "bank"))]
ChannelCode = Annotated[str, BeforeValidator(lambda text: code(text, "channel"))]
PayeeCode = Annotated[str, BeforeValidator(lambda text: code(text, "payee"))]
GoodCode = Annotated[str, BeforeValidator(lambda text: code(text, "good"))]
Words = Annotated[str, BeforeValidator(lambda text, info: words(text, str(info.field_name), needed=False))]
Needed = Annotated[str, BeforeValidator(lambda text, info: words(text, str(info.field_name)))]
Heads = Annotated[int, BeforeValidator(lambda text: money.parse_quantity(text, scale=0))]


@dataclass(frozen=True)
class OneOf(BeforeValidator):
    """One of a few words: `choices`, which the catalogues name under `about`."""

    about: str = ""
    choices: tuple[str, ...] = ()


def one_of(about: str, *choices: str) -> OneOf:
    """Return what reads one of a few words; nothing typed is the empty word where that is one of them."""

    def read(text: str) -> str:
        if text not in choices:
            raise ChoiceUnknown(about=about, text=text, choices=Names(each for each in choices if each))
        return text

    return OneOf(read, about=about, choices=choices)


class Request(BaseModel):
    """What every event has: its day, the other party, words of explanation, papers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    verb: ClassVar[str]
    exclusive: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of facts of which one is given."""
    date: Day
    party: Words = ""
    person: bool = False
    note: Words = ""
    serial: Words = ""
    documents: list[str] = Field(default_factory=list)

    @classmethod
    def read(cls, typed: Mapping[str, Any]) -> Request:
        """Return the request that was typed.

        Raises:
            FieldUnknown: it has a fact that the event does not have.
            FactsContradict: it has two facts that exclude each other.
            Refusal: a fact cannot be read.
        """
        for name in typed:
            if name not in cls.model_fields:
                raise FieldUnknown(field=name, fields=cls.fields())
            _need_whole(name, typed[name])
        for one, other in cls.exclusive:
            if typed.get(one) and typed.get(other):
                raise FactsContradict(one=one, other=other)
        try:
            return cls.model_validate(dict(typed))
        except ValidationError as error:
            # A value that cannot be read has been refused by its own rule; what is left is one that is not there,
            # or of another kind, such as a list where a word belongs.
            raise TextMissing(field=".".join(str(each) for each in error.errors()[0]["loc"])) from None

    @classmethod
    def fields(cls) -> Names:
        """Return the names of the facts that the event has."""
        return Names(name for name in cls.model_fields if name != "documents")


def _need_whole(field: str, value: Any) -> None:
    """Make sure that a value can be looked up and kept at all: half a character cannot.

    Raises:
        TextUnprintable: it holds a lone surrogate.
    """
    for text in value if isinstance(value, list) else [value]:
        for position, character in enumerate(text if isinstance(text, str) else "", 1):
            if "\ud800" <= character <= "\udfff":
                raise TextUnprintable(field=field, position=position, character=f"U+{ord(character):04X}")

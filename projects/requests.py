"""What a clerk asks for: one model per event, read from text as typed, validated before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger import money
from ledger.errors import Names, TextMissing, TextUnprintable
from ledger.text import code, parse_date, parse_percent, words
from projects.errors import FactsContradict, FieldUnknown, ObservationUnreadable, PartTwice, PartUnreadable

Fen = Annotated[int, BeforeValidator(money.parse)]
Day = Annotated[date, BeforeValidator(parse_date)]
Percent = Annotated[Decimal, BeforeValidator(parse_percent)]
ProjectCode = Annotated[str, BeforeValidator(lambda text: code(text, "project"))]
ContractCode = Annotated[str, BeforeValidator(lambda text: code(text, "contract"))]
BankCode = Annotated[str, BeforeValidator(lambda text: code(text, "bank"))]
ChannelCode = Annotated[str, BeforeValidator(lambda text: code(text, "channel"))]
GoodCode = Annotated[str, BeforeValidator(lambda text: code(text, "good"))]
Words = Annotated[str, BeforeValidator(lambda text, info: words(text, str(info.field_name), needed=False))]


def read_parts(texts: list[str]) -> dict[str, int]:
    """Read parts such as ``JT2024=860000``."""
    parts: dict[str, int] = {}
    for text in texts:
        channel, equals, amount = text.replace("＝", "=").partition("=")
        if not equals:
            raise PartUnreadable(text=text)
        channel = code(channel.strip(), "channel")
        if channel in parts:
            raise PartTwice(channel=channel)
        parts[channel] = money.parse(amount)
    return parts


def read_observations(texts: list[str]) -> dict[str, tuple[int, int]]:
    """Read observations such as ``paved-road=5/5``."""
    found = {}
    for text in texts:
        match = re.fullmatch(r"([a-z][a-z0-9-]{1,39})=([0-9]{1,9})/([0-9]{1,9})", text.strip(), re.ASCII)
        if match is None or int(match[3]) == 0 or match[1] in found:
            raise ObservationUnreadable(text=text)
        found[match[1]] = (int(match[2]), int(match[3]))
    return found


Parts = Annotated[dict[str, int], BeforeValidator(read_parts)]
Observations = Annotated[dict[str, tuple[int, int]], BeforeValidator(read_observations)]


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


class Allot(Request):
    """指标下达: the authority of a channel allots money to a project."""

    verb = "allot"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    number: Words = ""


class Plan(Request):
    """筹资方案: the households decide to raise money (一事一议)."""

    verb = "plan"
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    number: Words = ""


class Receive(Request):
    """到账: money arrives in the bank, or a household pays in cash, or cash is banked."""

    verb = "receive"
    exclusive = (("cash", "from_cash"), ("cash", "bank"), ("cash", "from_own"), ("from_cash", "from_own"))
    project: ProjectCode
    channel: ChannelCode
    amount: Fen
    bank: BankCode | None = None
    cash: bool = False
    from_cash: bool = False
    from_own: BankCode | None = None


class MakeContract(Request):
    """合同: budget of the named channels is committed."""

    verb = "contract"
    contract: ContractCode
    parts: Parts
    name: Words = ""


class Advance(Request):
    """预付款: paid before the work, from each channel's cash."""

    verb = "advance"
    exclusive = (("amount", "percent"), ("percent", "parts"))
    contract: ContractCode
    amount: Fen | None = None
    percent: Percent | None = None
    parts: Parts = Field(default_factory=dict)
    bank: BankCode | None = None


class Certify(Request):
    """计量: measured work is accepted for payment, less retention and offset of the advance."""

    verb = "certify"
    exclusive = (("retention", "no_retention"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    retention: Percent | None = None
    no_retention: bool = False
    offset: Fen | None = None
    reason: Words = ""


class Pay(Request):
    """支付: what was certified is paid, each channel from its own cash."""

    verb = "pay"
    exclusive = (("channel", "parts"),)
    contract: ContractCode
    amount: Fen | None = None
    parts: Parts = Field(default_factory=dict)
    channel: ChannelCode | None = None
    partial: bool = False
    bank: BankCode | None = None


class InkindReceive(Request):
    """实物入库: goods come into the store, by quantity and value."""

    verb = "inkind-receive"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    amount: Fen
    lot: Words = ""


class InkindIssue(Request):
    """实物领用: goods leave the store for the works, at the value of their lot."""

    verb = "inkind-issue"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    lot: Words = ""


class InkindReturn(Request):
    """实物退回: goods go back to their source, at the value of their lot."""

    verb = "inkind-return"
    project: ProjectCode
    channel: ChannelCode
    good: GoodCode
    quantity: str
    lot: Words = ""


class Labour(Request):
    """投工投劳: workdays given by villagers, at a rate."""

    verb = "labour"
    project: ProjectCode
    channel: ChannelCode
    days: str
    rate: Fen


class Accept(Request):
    """验收: the works become a public asset, and what was measured moves the indicators."""

    verb = "accept"
    project: ProjectCode
    quantity: str
    observe: Observations = Field(default_factory=dict)


class Reverse(Request):
    """红冲: a sealed voucher is negated."""

    verb = "reverse"
    voucher: str
    reason: str


class Opening(Request):
    """期初: balances that stand when the book begins to be kept here."""

    verb = "opening"
    project: ProjectCode
    lines: list[str]

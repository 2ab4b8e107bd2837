"""The rule of a channel, an approval that widens it, an approval to carry its money over a year's end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any

from ledger.errors import ChoiceUnknown, Names
from ledger.facts import Fact
from ledger.text import words

RULE, POOLING, CARRYING = "channel-rule", "channel-pooling", "channel-carrying"
"""The kinds of the facts; the subject of each is the channel's code."""

CATEGORIES = (
    "basic",
    "vehicles",
    "buildings",
    "bonuses",
    "debts",
    "offices",
    "pay",
    "running",
    "fee",
    "materials",
    "services",
    "other",
)
"""What spending is for: 单位基本支出, 交通工具和通讯设备, 楼堂馆所, 奖金津贴福利, 偿还债务和垫资, 村办公场所,
村干部报酬, 村级运转, 管理费, 材料设备, 服务, 其他.

The first eight are what the negative lists of 财农〔2021〕19号 and of a province name."""
FEE = "fee"
"""A fee says by itself what it is (``spend --fee``); a negative list may have it, spending does not state it."""
SPENDING = tuple(each for each in CATEGORIES if each != FEE)

SUPPORTS = ("grant", "reward", "share", "matching")
"""Ways of support: 补助, 以奖代补, 民办公助, 配套."""
CARRIES = ("carried", "recalled", "approval")
"""What becomes at a year's end of what is not spent: 结转使用, 收回, 经批准结转."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a channel may serve, when, and how it supports; empty is no limit.

    `fee_cap` and `share` are percents as text, `ratio` is ``channel:partner`` such as ``1:2``.
    """

    number: str = ""
    types: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fee_cap: str = ""
    usable_from: str = ""
    usable_until: str = ""
    carry: str = ""
    support: str = ""
    share: str = ""
    partner: str = ""
    ratio: str = ""
    fact: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """Return what a fact says of the rule."""
        told = {each.name.replace("_", "-"): getattr(self, each.name) for each in fields(self) if each.name != "fact"}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items() if value}

    @property
    def part(self) -> Fraction:
        """Return the channel's share of the whole."""
        return Fraction(self.share) / 100

    @property
    def pace(self) -> Fraction:
        """Return what the channel pays for each fen of its partner."""
        own, _, other = self.ratio.partition(":")
        return Fraction(int(own), int(other))


@dataclass(frozen=True, kw_only=True)
class Widening:
    """An approval (统筹整合) by which a channel serves more: projects by book and code, or types and places."""

    number: str
    types: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    fact: str = ""


@dataclass(frozen=True, kw_only=True)
class Carrying:
    """An approval to use what was not spent at the end of `year`, in all projects or in those named."""

    number: str
    year: str
    projects: tuple[str, ...] = ()
    fact: str = ""


def read_category(text: str) -> str:
    """Read what spending is for; empty is not said.

    Raises:
        ChoiceUnknown: there is no such category.
    """
    category = words(text, "category", needed=False)
    if category and category not in SPENDING:
        raise ChoiceUnknown(about="category", text=category, choices=Names(SPENDING))
    return category


def read_rule(fact: Fact) -> Rule:
    """Return the rule that a fact tells."""
    return Rule(**_read(Rule, fact))


def read_widening(fact: Fact) -> Widening:
    """Return the approval that a fact tells."""
    return Widening(**_read(Widening, fact))


def read_carrying(fact: Fact) -> Carrying:
    """Return the approval that a fact tells."""
    return Carrying(**_read(Carrying, fact))


def _read(kind: type[Rule | Widening | Carrying], fact: Fact) -> dict[str, Any]:
    """Return the fields of a fact as its class has them; what it does not know it leaves out."""
    said: Mapping[str, Any] = {name.replace("-", "_"): value for name, value in fact.data.items()}
    known = {each.name for each in fields(kind)}
    told = {name: tuple(value) if isinstance(value, list) else value for name, value in said.items() if name in known}
    return told | {"fact": fact.label}

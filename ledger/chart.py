"""The chart of accounts and the entry templates, read from data, turned into postings."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Holds = Literal["money", "budget", "quantity"]
DEFAULT = "caikuai-2023-14"
BUDGET_SUFFIX = ".B"


@dataclass(frozen=True)
class Role:
    """What an account is for; `normal` is +1 for a debit side, -1 for a credit side."""

    name: str
    code: str
    title: str
    root: str
    detail: str
    normal: int
    floor: bool
    holds: Holds
    mirror: str
    floating: bool

    @property
    def floor_side(self) -> int:
        """Return the side below zero of which no balance goes: +1, -1, or 0 for an account without a floor."""
        return self.normal * self.floor

    @property
    def pattern(self) -> str:
        """Return what names of its accounts look like, as a regular expression."""
        return _pattern(self).pattern


@dataclass(frozen=True)
class Account:
    """An account of a book; `project`, `contract` and `bank` are codes, empty where it has none."""

    name: str
    role: Role
    project: str
    contract: str
    bank: str


@dataclass(frozen=True)
class Line:
    """One posting: `amount` in fen, or in thousandths for a good; a debit is positive."""

    account: Account
    commodity: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an entry is made: what the account names are formed of.

    `bank` and `own_bank` are code and name as one component (``B01-农商行专户``).
    """

    project: str
    title: str
    contract: str = ""
    bank: str = ""
    own_bank: str = ""
    good: str = ""
    good_commodity: str = ""


@dataclass(frozen=True)
class Share:
    """What one channel takes part with; `figures` are fen by the names that the template uses."""

    channel: str
    source: str
    figures: Mapping[str, int]


@dataclass(frozen=True)
class Chart:
    """One standard: its roles, its fund accounts and its entry templates."""

    key: str
    standard: str
    title: str
    roles: Mapping[str, Role]
    funds: Mapping[str, str]
    events: Mapping[str, tuple[tuple[int, str, str], ...]]

    def fund(self, source: str) -> Role | None:
        """Return the role that money of a channel with this source is owed to, None for own money."""
        name = self.funds[source]
        return self.roles[name] if name else None

    def account(self, role: str | Role, place: Place) -> Account:
        """Return the account that `role` means at `place`."""
        found = self.roles[role] if isinstance(role, str) else role
        bank = place.own_bank if found.name == "own_bank" else place.bank
        detail = found.detail.format(
            project=place.project,
            title=component(place.title),
            contract=place.contract,
            bank=bank,
            good=component(place.good),
        )
        name = f"{found.root}:{found.code}-{found.title}" + (f":{detail}" if detail else "")
        return Account(
            name=name,
            role=found,
            project="" if found.floating else place.project,
            contract=place.contract if "{contract}" in found.detail else "",
            bank=bank.partition("-")[0] if "{bank}" in found.detail else "",
        )

    def read_account(self, name: str, titles: Mapping[str, str]) -> Account | None:
        """Return the account that `account` gave this name to, None if it is none.

        `titles` are the short names by project.
        """
        for role in self.roles.values():
            found = _pattern(role).fullmatch(name)
            if found is None:
                continue
            told = {"project": "", "contract": "", "bank": "", "good": "", **found.groupdict()}
            project = told["project"] or told["contract"].partition("C")[0]
            place = Place(
                project=project,
                title=titles.get(project, ""),
                contract=told["contract"],
                bank=told["bank"],
                own_bank=told["bank"],
                good=told["good"],
            )
            account = self.account(role, place)
            if account.name == name and (role.floating or not project or project in titles):
                return account
        return None

    def role_of(self, name: str) -> tuple[Role | None, str, str]:
        """Return what an account's name alone tells: its role, its project and its bank account, empty where none."""
        for role in self.roles.values():
            found = _pattern(role).fullmatch(name)
            if found is not None:
                told = found.groupdict()
                project = told.get("project") or told.get("contract", "").partition("C")[0]
                return role, "" if role.floating else project, told.get("bank", "").partition("-")[0]
        return None, "", ""

    def entry(self, event: str, place: Place, shares: Iterable[Share]) -> list[Line]:
        """Return the postings of `event`: its template once for each channel, lines of zero left out."""
        lines = []
        for share in shares:
            for sign, role_name, figure in self.events[event]:
                amount = share.figures.get(figure, 0)
                if amount == 0:
                    continue
                role = self.fund(share.source) if role_name == "fund" else self.roles[role_name]
                assert role is not None, (
                    f"{event} owes {share.channel} to a fund, but its source {share.source} has none"
                )
                commodity = share.channel
                if figure == "quantity":
                    commodity = place.good_commodity
                elif role.holds == "budget":
                    commodity += BUDGET_SUFFIX
                lines.append(Line(self.account(role, place), commodity, sign * amount))
        return lines


@cache
def _pattern(role: Role) -> re.Pattern[str]:
    """Return what names of a role's accounts look like; `account` then decides what the title really is."""
    parts = {
        "project": "(?P<project>P[0-9]{3,6})",
        "contract": "(?P<contract>P[0-9]{3,6}C[0-9]{2,4})",
        "bank": "(?P<bank>B[0-9]{2,4}-[^:]+)",
        "good": "(?P<good>[^:]+)",
        "title": "[^:]*",
    }
    name = re.escape(f"{role.root}:{role.code}-{role.title}")
    detail = re.sub(r"\\\{(\w+)\\\}", lambda found: parts[found[1]], re.escape(role.detail))
    return re.compile(f"{name}:{detail}" if detail else name)


def channel_of(commodity: str) -> str:
    """Return the channel whose money or budget a commodity is."""
    return commodity.removesuffix(BUDGET_SUFFIX)


def readable(account: str) -> tuple[str, str]:
    """Return an account as a clerk reads it, number and name, and its detail: the root is Beancount's alone."""
    head, *detail = account.split(":")[1:]
    return head.replace("-", " ", 1), " / ".join(detail)


def component(text: str) -> str:
    """Return `text` as part of an account name: letters, digits and hyphens only, as Beancount wants it."""
    kept = "".join(c if unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nd" else "-" for c in text)
    return re.sub("-+", "-", kept).strip("-")


def standards() -> set[str]:
    """Return the charts that there are."""
    names = (each.name for each in files("ledger").joinpath("charts").iterdir())
    return {name.removesuffix(".toml") for name in names if name.endswith(".toml")}


@cache
def load(key: str = DEFAULT) -> Chart:
    """Read the chart `key` from the package's data."""
    data = tomllib.loads(files("ledger").joinpath("charts", f"{key}.toml").read_text(encoding="utf-8"))
    roles = {
        name: Role(
            name=name,
            code=row["code"],
            title=row["name"],
            root=row["root"],
            detail=row["detail"],
            normal=1 if row["side"] == "debit" else -1,
            floor=row["floor"],
            holds=row.get("holds", "money"),
            mirror=row.get("mirror", ""),
            floating=row.get("floating", False),
        )
        for name, row in data["role"].items()
    }
    events = {name: tuple(_line(text, roles) for text in lines) for name, lines in data["event"].items()}
    return Chart(key, data["standard"], data["title"], roles, data["fund"], events)


def _line(text: str, roles: Mapping[str, Role]) -> tuple[int, str, str]:
    side, role, figure = text.split()
    assert side in {"Dr", "Cr"}, f"{text}: a line debits (Dr) or credits (Cr)"
    assert role in roles or role == "fund", f"{text}: there is no role {role}"
    return (1 if side == "Dr" else -1), role, figure

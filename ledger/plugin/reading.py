"""A book as Beancount has loaded it, put in order for the rules: vouchers, leaves of the registers, the rest."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from beancount.core import data

from ledger import chart
from ledger.books.keys import NESTED
from ledger.chart import Chart, Role

NUMBER = re.compile(r"V([0-9]{4}-[0-9]{2})-([0-9]{4,})")
PROJECT = re.compile(r"P[0-9]{3,6}")
HASH = re.compile(r"[0-9a-f]{64}")
OWN = frozenset(
    {"seq", "event", "contract", "maker", "made-at", "approver", "sealed-at", "position", "leaf", "filename", "lineno"}
)
"""What a voucher's own columns are called below it; every other key is a fact of its, or a paper."""
_PAPER = re.compile(r"(document|size)-([1-9][0-9]*)")


@dataclass(frozen=True)
class Voucher:
    """A voucher of the text; what it does not say is empty, and its place in the log -1."""

    entry: Any
    number: str
    others: tuple[str, ...]
    """The numbers of earlier vouchers that it links to."""
    project: str

    @property
    def label(self) -> str:
        """Return how the text names it, for messages."""
        return self.number or self.entry.narration

    def said(self, key: str) -> str:
        """Return what stands below it under a key, as text."""
        return str(self.entry.meta.get(key, ""))

    def whole(self, key: str) -> int:
        """Return what stands below it under a key as a whole number, -1 for none."""
        said = self.said(key)
        return int(said) if said.isascii() and said.isdigit() else -1

    @property
    def facts(self) -> dict[str, str]:
        """Return its business facts."""
        return {
            key: value
            for key, value in self.entry.meta.items()
            if key not in OWN and not key.startswith("__") and not _PAPER.fullmatch(key)
        }

    @property
    def papers(self) -> list[tuple[str, str]]:
        """Return the names of its documents in the book's folder, and their sizes, as they are written."""
        count = sum(key.startswith("document-") and bool(_PAPER.fullmatch(key)) for key in self.entry.meta)
        return [(self.said(f"document-{at}"), self.said(f"size-{at}")) for at in range(1, count + 1)]


@dataclass(frozen=True)
class Leaf:
    """A leaf of the log that is no voucher: a directive with its place and its hash."""

    entry: Any
    kind: str
    position: int
    hash: str

    @cached_property
    def data(self) -> dict[str, Any]:
        """Return what it says, as the log holds it.

        Raises:
            ValueError, TypeError: a nested value is not JSON.
        """
        said: dict[str, Any] = {}
        for key, value in self.entry.meta.items():
            if key in {"filename", "lineno"} or key.startswith("__"):
                continue
            if key.endswith(NESTED):
                said[key.removesuffix(NESTED)] = json.loads(value)
            else:
                said[key] = int(value) if isinstance(value, Decimal) else value
        return said


@dataclass
class Text:
    """A folder with the text of one book."""

    folder: Path
    entries: list[Any]
    vouchers: list[Voucher] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    customs: list[Any] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)
    book: Any = None

    @property
    def code(self) -> str:
        """Return the code of the book: what it says, or else the name of its folder."""
        return str(self.book.values[0].value) if self.book and self.book.values else self.folder.name

    @property
    def written(self) -> bool:
        """Tell whether this program wrote it, whatever was taken out since."""
        return bool(self.book or self.leaves or any("leaf" in each.entry.meta for each in self.vouchers))

    @cached_property
    def chart(self) -> Chart:
        """Return the chart that it names, or else the one that books have if nobody says otherwise."""
        named = str(self.book.values[2].value) if self.book and len(self.book.values) > 2 else chart.DEFAULT  # noqa: PLR2004
        return chart.load(named if named in chart.standards() else chart.DEFAULT)

    def account(self, name: str) -> tuple[Role | None, str, str]:
        """Return an account's role, its project and its bank account."""
        if name not in self._accounts:
            self._accounts[name] = self.chart.role_of(name)
        return self._accounts[name]

    @cached_property
    def _accounts(self) -> dict[str, tuple[Role | None, str, str]]:
        return {}


def read(folder: Path, entries: list[Any]) -> Text:
    """Return a folder's entries in the order of their seals, where the text tells it."""
    text = Text(folder, entries)
    for entry in entries:
        if isinstance(entry, data.Transaction):
            text.vouchers.append(_voucher(entry))
        elif isinstance(entry, data.Custom):
            leaf = leaf_of(entry)
            if leaf is not None:
                text.leaves.append(leaf)
            elif entry.type == "book":
                text.book = entry
            else:
                text.customs.append(entry)
        elif isinstance(entry, data.Price) and entry.amount.currency == "CNY":
            text.channels.add(entry.currency)
    if all("seq" in each.entry.meta for each in text.vouchers):
        text.vouchers.sort(key=lambda each: each.whole("seq"))
    return text


def leaf_of(entry: Any) -> Leaf | None:
    """Return the leaf that a `custom` directive is, None for one of the head."""
    values = [each.value for each in entry.values]
    match values:
        case [Decimal() as place, str() as hashed] if HASH.fullmatch(hashed):
            return Leaf(entry, entry.type, int(place), hashed)
        case _:
            return None


def _voucher(entry: Any) -> Voucher:
    # A voucher links to itself, and to the earlier one that it takes back.
    numbers = sorted(
        (link for link in entry.links if NUMBER.fullmatch(link)), key=lambda each: (each[:8], len(each), each)
    )
    projects = [tag for tag in entry.tags if PROJECT.fullmatch(tag)]
    return Voucher(
        entry,
        numbers[-1] if numbers else "",
        tuple(numbers[:-1]),
        projects[0] if len(projects) == 1 else "",
    )

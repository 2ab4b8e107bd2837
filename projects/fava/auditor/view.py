"""A loaded book added up once: by project and channel what stands on each role, by voucher and fact what is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from beancount.core import data

from ledger import chart, merkle
from ledger.plugin.logs import office
from ledger.plugin.reading import Leaf, Text, Voucher, read
from projects.figures import made_of, weigh

COLUMNS = ("allotted", "received", "committed", "certified", "paid", "left")
"""The figures of a table, after what was planned."""
WITHDRAWAL = "withdrawal"

Roles = dict[str, int]


@dataclass
class View:
    """What the pages show; amounts in fen."""

    text: Text
    names: dict[str, str] = field(default_factory=dict)
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By code the channel's name and source."""
    planned: dict[tuple[str, str], int] = field(default_factory=dict)
    stands: dict[tuple[str, str], Roles] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    allotments: dict[tuple[str, str], list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))
    of_project: dict[str, list[Voucher]] = field(default_factory=lambda: defaultdict(list))
    of_channel: dict[str, list[Voucher]] = field(default_factory=lambda: defaultdict(list))
    papers: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[str, list[Leaf]] = field(default_factory=lambda: defaultdict(list))
    """By kind; what was withdrawn is not among them."""

    @cached_property
    def vouchers(self) -> dict[str, Voucher]:
        """Return the vouchers by number."""
        return {voucher.number: voucher for voucher in self.text.vouchers}

    @cached_property
    def reversed_by(self) -> dict[str, str]:
        """Return by voucher the one that takes it back."""
        return {each.said("reverses"): each.number for each in self.text.vouchers if each.said("reverses")}

    @cached_property
    def last(self) -> date | None:
        """Return the day of the last voucher: everything here is as of then."""
        return self.text.vouchers[-1].entry.date if self.text.vouchers else None

    def figures(self, pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
        """Return the figures of some projects and channels together."""
        total = dict.fromkeys(("planned", *COLUMNS), 0)
        for pair in pairs:
            roles, (_, source) = self.stands.get(pair, {}), self.channels.get(pair[1], ("", ""))
            total["planned"] += self.planned.get(pair, 0)
            has = partial(_standing, roles)
            for figure in COLUMNS:
                total[figure] += weigh(made_of(figure, source), has)
        return total

    def pairs(self, *, project: str = "", channel: str = "") -> list[tuple[str, str]]:
        """Return the projects with their channels, of one project or one channel if asked."""
        found = {*self.stands, *self.planned}
        return sorted(each for each in found if project in {"", each[0]} and channel in {"", each[1]} and each[0])

    def idle_days(self, channel: str) -> int:
        """Return how old the oldest allotment of a channel is that was not spent: the oldest is spent first."""
        oldest: list[date] = []
        for pair in self.pairs(channel=channel):
            moves = self.allotments.get(pair, [])
            used = self.stands[pair].get("spent", 0) - sum(fen for _, fen in moves if fen < 0)
            for day, fen in moves:
                if fen > 0 and used < fen:
                    oldest.append(day)
                    break
                used -= max(0, fen)
        return (self.last - min(oldest)).days if oldest and self.last else 0

    @cached_property
    def leaves(self) -> list[bytes]:
        """Return the hashes of the book's log in their order."""
        placed = [(each.whole("position"), each.said("leaf")) for each in self.text.vouchers]
        placed += [(each.position, each.hash) for each in self.text.leaves]
        return [bytes.fromhex(hashed) for _, hashed in sorted(placed)]

    @cached_property
    def root(self) -> str:
        """Return the root of the log."""
        return merkle.root(self.leaves).hex()

    def proof(self, voucher: Voucher) -> list[str]:
        """Return the hashes that lead from a voucher's leaf to the root."""
        position = voucher.whole("position")
        if not 0 <= position < len(self.leaves):
            return []
        return [each.hex() for each in merkle.inclusion(self.leaves, position)]

    @cached_property
    def office(self) -> list[Leaf]:
        """Return the office's log if it lies beside the book."""
        return office(self.text.folder)

    def signed(self, kind: str) -> list[dict[str, Any]]:
        """Return what the office's log says of a kind, of this book or of all, oldest first."""
        return [
            each.data for each in self.office if each.kind == kind and each.data.get("log") in {None, self.text.code}
        ]

    def told(self, project: str) -> list[Leaf]:
        """Return the facts about a project or one of its contracts, oldest first."""
        found = [
            leaf
            for leaves in self.facts.values()
            for leaf in leaves
            if str(leaf.data.get("subject", "")).partition("C")[0] == project
        ]
        return sorted(found, key=lambda leaf: (leaf.entry.date, leaf.position))

    def milestones(self, project: str) -> list[dict[str, Any]]:
        """Return the plan of a project's milestones with the day that each was met on, empty for not yet."""
        met = {
            str(leaf.data.get("name")): leaf.entry.date
            for leaf in self.facts["milestone-met"]
            if leaf.data.get("subject") == project
        }
        return [
            {"name": leaf.data.get("name"), "due": leaf.data.get("due"), "met": met.get(str(leaf.data.get("name")), "")}
            for leaf in self.facts["milestone-plan"]
            if leaf.data.get("subject") == project
        ]


def _standing(roles: Roles, role: str) -> int:
    return roles.get(role, 0)


def view(folder: Path, entries: list[Any]) -> View:
    """Go once through a book's entries; a book at the desk names its files from its folder on."""
    of_book = {folder, Path(folder.name)}
    found = View(read(folder, [each for each in entries if Path(each.meta["filename"]).parent in of_book]))
    text = found.text
    for entry in text.entries:
        if isinstance(entry, data.Commodity) and entry.currency in text.channels:
            found.channels[entry.currency] = (entry.meta.get("name", ""), entry.meta.get("source", ""))
        elif isinstance(entry, data.Document):
            for link in entry.links or ():
                found.papers[link].append(entry)
    for entry in text.customs:
        if entry.type == "budget-line":
            project, amount = (each.value for each in entry.values)
            found.planned[project, chart.channel_of(amount.currency)] = int(amount.number * 100)
    _registers(found)
    for voucher in text.vouchers:
        _add(found, voucher)
    return found


def _registers(found: View) -> None:
    leaves = sorted(found.text.leaves, key=lambda leaf: leaf.position)
    back = {
        str(leaf.data.get("subject")) for leaf in leaves if leaf.kind == "fact" and leaf.data.get("of") == WITHDRAWAL
    }
    for leaf in leaves:
        said = leaf.data
        if leaf.kind == "project":
            found.details[str(said["code"])] = said
            found.names[str(said["code"])] = str(said["name"])
        elif leaf.kind == "fact" and str(leaf.position) not in back:
            found.facts[str(said.get("of"))].append(leaf)


def _add(found: View, voucher: Voucher) -> None:
    text, seen = found.text, set()
    found.of_project[voucher.project].append(voucher)
    for posting in voucher.entry.postings:
        role, project, _ = text.account(posting.account)
        channel = chart.channel_of(posting.units.currency)
        if role is None or channel not in text.channels:
            continue
        fen = int(posting.units.number * 100)
        pair = project or voucher.project, channel
        found.stands[pair][role.name] += role.normal * fen
        if role.name == "allotted":
            found.allotments[pair].append((voucher.entry.date, role.normal * fen))
        if channel not in seen:
            seen.add(channel)
            found.of_channel[channel].append(voucher)

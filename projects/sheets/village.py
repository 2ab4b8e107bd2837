"""A village's sheet: what its published pages and its open data both tell, read from the sealed record of its book."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, text

from ledger.channels import list_channels
from ledger.register import Book
from projects import indicators, registry
from projects.credit import Credit, credits_of
from projects.exits import Exit
from projects.figures import PAID
from projects.sheets.located import Located, read_located
from projects.sheets.movements import CERTIFIED, CONTRACTED, Movement, Voucher, Vouchers
from projects.standing import Standing
from projects.status import Figures, status, total

INDICATOR = "indicator-"
"""How the facts of an acceptance begin that hold an observation."""


@dataclass(frozen=True)
class Contract:
    """A contract of a project, its money over all channels in fen; a reversed one is worth nothing."""

    code: str
    name: str
    payee: str
    signed: Voucher
    amount: int
    certified: int
    paid: int


@dataclass(frozen=True)
class Change:
    """An indicator of the village: what was observed before and after, None where nothing was."""

    indicator: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class Result:
    """What an acceptance brought: what was measured, and the indicators that it moved."""

    voucher: Voucher
    quantity: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ProjectSheet:
    """A project with its money by channel, its contracts and what it brought."""

    project: Mapping[str, Any]
    lines: Mapping[str, Figures]
    contracts: tuple[Contract, ...]
    results: tuple[Result, ...]
    receipts: tuple[Movement, ...]
    payments: tuple[Movement, ...]
    credit: Credit | None = None

    @cached_property
    def total(self) -> Figures:
        """Return the sum over channels, for reading only."""
        return total(dict(self.lines))

    @property
    def state(self) -> str:
        """Return how far the project is: planned, underway or accepted."""
        if self.results:
            return "accepted"
        begun = self.total.certified or any(not each.signed.reversed_by for each in self.contracts)
        return "underway" if begun else "planned"


@dataclass(frozen=True)
class VillageSheet:
    """A village's book: its projects, its channels by code, its indicators, the last voucher, and how it is judged."""

    village: Mapping[str, str]
    book: Book
    projects: tuple[ProjectSheet, ...]
    channels: Mapping[str, str]
    vouchers: int
    last: Voucher | None
    exit: Exit | None = None
    note: str = ""
    """The newest signed checkpoint of the book's log, empty where there is none."""
    standings: tuple[Standing, ...] = ()
    """Where its indicators stand."""
    located: Mapping[str, Located] = field(default_factory=dict)
    """What was told of places, whether it may be shown or not."""

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Return the short names of the projects by code."""
        return {str(each.project["code"]): str(each.project["title"]) for each in self.projects}

    @property
    def signed(self) -> int:
        """Return how many leaves of the log the checkpoint covers."""
        return int(self.note.split("\n")[1])

    @cached_property
    def total(self) -> Figures:
        """Return the sum over projects and channels, for reading only."""
        return self.sum(self.projects)

    def sum(self, rows: Iterable[ProjectSheet]) -> Figures:
        """Return the sum over some projects, for reading only."""
        return sum((each.total for each in rows), Figures())

    @property
    def by_channel(self) -> dict[str, tuple[Figures, list[ProjectSheet]]]:
        """Return the figures of each channel over all projects, and the projects that it has reached."""
        found: dict[str, tuple[Figures, list[ProjectSheet]]] = {}
        for sheet in self.projects:
            for channel, figures in sheet.lines.items():
                so_far, reached = found.setdefault(channel, (Figures(), []))
                touched = figures.allotted or figures.received or figures.certified or figures.paid
                found[channel] = (so_far + figures, [*reached, sheet] if touched else reached)
        return dict(sorted(found.items()))


def read_village(
    connection: Connection,
    village: Mapping[str, str],
    book: Book,
    judged: Callable[[str, str], Exit] | None = None,
    *,
    vouchers: Vouchers | None = None,
) -> VillageSheet:
    """Return the sheet of a village's book, in the caller's view of the record; `judged` judges a village on a day.

    `vouchers` are those of the book where the caller has read them already.
    """
    vouchers = vouchers or Vouchers.read(connection, book.code)
    seen = registry.observations(connection, book.code)
    figures = status(connection, book.code)
    credits_ = {each.project["code"]: each for each in credits_of(connection, book.code)}
    registered = registry.list_projects(connection, book.code)
    projects = tuple(
        ProjectSheet(
            project=project,
            lines=figures[project["code"]],
            contracts=_contracts(connection, vouchers, project),
            results=_results(vouchers, project, seen),
            receipts=tuple(vouchers.receipts(project["code"])),
            payments=tuple(vouchers.payments(project["code"])),
            credit=credits_[project["code"]],
        )
        for project in registered
    )
    days = [vouchers.last.date] if vouchers.last else []
    # What was seen after the last voucher counts, too; the clock does not, or the same record would give other pages.
    on = max([*days, *(row["observed_on"] for row in seen)], default="")
    return VillageSheet(
        village=village,
        book=book,
        projects=projects,
        channels={row["code"]: row["name"] for row in list_channels(connection)},
        vouchers=len(vouchers.all),
        last=vouchers.last,
        exit=judged(village["code"], on) if judged and on else None,
        located=read_located(connection, book.code, registered),
    )


def _contracts(connection: Connection, vouchers: Vouchers, project: Mapping[str, Any]) -> tuple[Contract, ...]:
    query = text(
        "SELECT code, name, payee, seq FROM contract WHERE book = :book AND project = :project ORDER BY code, seq"
    )
    rows: list[Any] = list(connection.execute(query, {"book": project["book"], "project": project["code"]}))
    return tuple(contract_of(vouchers, vouchers.all[row.seq], name=row.name, payee=row.payee) for row in rows)


def contract_of(vouchers: Vouchers, signed: Voucher, *, name: str, payee: str) -> Contract:
    """Return the contract of a voucher that signs one, with the money that its vouchers moved."""
    # One that was reversed and made again has its code twice, and only the one that stands has the money.
    amount, certified, paid = (
        0 if signed.reversed_by else vouchers.of_contract(signed.contract, weights)
        for weights in (CONTRACTED, CERTIFIED, PAID)
    )
    return Contract(signed.contract, name, payee, signed, amount, certified, paid)


def _results(vouchers: Vouchers, project: Mapping[str, Any], seen: list[dict[str, Any]]) -> tuple[Result, ...]:
    return tuple(
        Result(voucher, voucher.facts.get("quantity", ""), _moved_by(voucher, seen))
        for voucher in vouchers.standing("acceptance", project["code"])
    )


def _moved_by(voucher: Voucher, seen: list[dict[str, Any]]) -> tuple[Change, ...]:
    """Return the indicators that an acceptance moved, as its sealed facts have them."""
    changes = []
    for fact, value in voucher.facts.items():
        if fact.startswith(INDICATOR):
            name = fact.removeprefix(INDICATOR)
            numerator, denominator = (int(part) for part in value.split("/"))
            rows = [row for row in seen if row["indicator"] == name]
            own = [index for index, row in enumerate(rows) if row["seq"] == voucher.seq]
            before = rows[own[0] - 1] if own and own[0] else None
            after = {"numerator": numerator, "denominator": denominator, "observed_on": voucher.date}
            changes.append(Change(name, before, after))
    return _in_order(changes)


def _in_order(changes: list[Change]) -> tuple[Change, ...]:
    """Return changes in the order in which the plans list the indicators, a county's own behind them by code."""
    order = {each: place for place, each in enumerate(indicators.shipped())}
    return tuple(sorted(changes, key=lambda each: (order.get(each.indicator, len(order)), each.indicator)))

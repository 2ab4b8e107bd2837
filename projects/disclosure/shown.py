"""Sheets as the public may see them: texts pass the policy before a page is made, so no template can pass it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from projects.disclosure.aims import Aim, shown_aims
from projects.disclosure.ground import Ground, shown_ground
from projects.disclosure.likes import Beside
from projects.disclosure.posted import Posted
from projects.privacy import Privacy
from projects.sheets.movements import Movement, Voucher
from projects.sheets.village import Contract, ProjectSheet, Result, VillageSheet
from projects.types import Types

Show = Callable[[str, str], str]
"""Shows a text by the name of its field."""
PERSONS = "*"
"""Stands for a party that is a person, of whom no name is shown: a page says it in its language."""
TEXTS = ("name", "title", "place", "quantity", "unit", "responsible", "benefit")
KEPT = ("code", "book", "type", "planned_start", "planned_finish")
"""Of a project's row, what is text and what the program itself wrote; anything else stays out."""


@dataclass(frozen=True)
class Listed:
    """What the page of all villages says of one, or of one of its books; `book` is empty where there is none yet.

    `date` is that of the last sealed voucher, never that of the clock; longitude and latitude are the middle of its
    projects' places, empty where there is none to show.
    """

    township: str
    name: str
    book: str = ""
    planned: int = 0
    received: int = 0
    date: str = ""
    longitude: str = ""
    latitude: str = ""


@dataclass(frozen=True)
class PageSheet(VillageSheet):
    """A village's sheet as its pages show it: with what only pages have, and nothing that may not be shown."""

    aims: tuple[Aim, ...] = ()
    """Where its indicators stand, as it may be shown."""
    beside: Mapping[str, Beside] = field(default_factory=dict)
    """By project what a unit cost, beside like projects of all villages."""
    ground: Ground = field(default_factory=lambda: Ground({}))
    """The places that may be shown."""
    notices: tuple[Posted, ...] = ()
    """The notices that were published, the newest first."""

    @cached_property
    def listed(self) -> Listed:
        """Return the line of this book on the page of all villages."""
        longitude, latitude = self.ground.centre
        return Listed(
            township=self.village["township"],
            name=self.village["name"],
            book=self.book.code,
            planned=self.total.planned,
            received=self.total.received,
            date=self.last.date if self.last else "",
            longitude=longitude,
            latitude=latitude,
        )


def shown(sheet: VillageSheet, privacy: Privacy, types: Types) -> PageSheet:
    """Return a village's sheet as it may be shown."""
    raw = {each.name: getattr(sheet, each.name) for each in fields(sheet)}
    return replace(
        told(PageSheet(**raw | {"standings": (), "located": {}}), privacy.show),
        aims=shown_aims(sheet.standings, privacy),
        ground=shown_ground(sheet.located, types),
    )


def told(sheet: PageSheet, show: Show) -> PageSheet:
    """Return a village's sheet with every text in it as `show` shows it; what is no text for pages is left out."""
    village = sheet.village
    return replace(
        sheet,
        village={
            "code": village["code"],
            "name": show("village.name", village["name"]),
            "township": show("village.township", village["township"]),
        },
        book=replace(sheet.book, name=show("book.name", sheet.book.name)),
        projects=tuple(_project(each, show) for each in sheet.projects),
        channels={code: show("channel.name", name) for code, name in sheet.channels.items()},
        last=_voucher(sheet.last, show) if sheet.last else None,
        aims=tuple(replace(each, source=show("fact.statement", each.source)) for each in sheet.aims),
    )


def _project(sheet: ProjectSheet, show: Show) -> ProjectSheet:
    return replace(
        sheet,
        project=_row(sheet.project, show),
        contracts=tuple(_contract(each, show) for each in sheet.contracts),
        results=tuple(_result(each, show) for each in sheet.results),
        receipts=tuple(_movement(each, show) for each in sheet.receipts),
        payments=tuple(_movement(each, show) for each in sheet.payments),
        # What is credited is shown in numbers, and the row of its project is not: it goes the same way all the same.
        credit=replace(sheet.credit, project=_row(sheet.credit.project, show)) if sheet.credit else None,
    )


def _row(row: Mapping[str, Any], show: Show) -> Mapping[str, Any]:
    kept = {key: row[key] for key in KEPT if key in row}
    return kept | {key: show(f"project.{key}", row[key]) for key in TEXTS if key in row}


def _contract(contract: Contract, show: Show) -> Contract:
    return replace(
        contract,
        name=show("contract.name", contract.name),
        payee=_party("contract.payee", contract.payee, show),
        signed=_voucher(contract.signed, show),
    )


def _result(result: Result, show: Show) -> Result:
    quantity = show("project.quantity", result.quantity)
    return replace(result, voucher=_voucher(result.voucher, show), quantity=quantity)


def _movement(movement: Movement, show: Show) -> Movement:
    return replace(movement, voucher=_voucher(movement.voucher, show))


def _voucher(voucher: Voucher, show: Show) -> Voucher:
    # The facts of a voucher are what a clerk typed; a page needs none of them.
    return replace(voucher, payee=_party("voucher.payee", voucher.payee, show), facts={})


def _party(field: str, name: str, show: Show) -> str:
    return show(field, name) or (PERSONS if name else "")

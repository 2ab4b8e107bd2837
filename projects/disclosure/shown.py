"""Sheets as the public may see them: texts pass the policy before a page is made, so no template can pass it by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from projects.disclosure.aims import shown_aims
from projects.disclosure.ground import shown_ground
from projects.disclosure.movements import Movement, Voucher
from projects.disclosure.sheets import Contract, ProjectSheet, Result, VillageSheet
from projects.privacy import Privacy
from projects.types import Types

PERSONS = "*"
"""Stands for a party that is a person, of whom no name is shown: a page says it in its language."""
TEXTS = ("name", "title", "place", "quantity", "unit", "responsible", "benefit")
KEPT = ("code", "book", "type", "planned_start", "planned_finish")
"""Of a project's row, what is text and what the program itself wrote; anything else stays out."""


def shown(sheet: VillageSheet, privacy: Privacy, types: Types) -> VillageSheet:
    """Return a village's sheet as it may be shown."""
    show = privacy.show
    village = sheet.village
    return replace(
        sheet,
        village={
            "code": village["code"],
            "name": show("village.name", village["name"]),
            "township": show("village.township", village["township"]),
        },
        book=replace(sheet.book, name=show("book.name", sheet.book.name)),
        projects=tuple(_project(each, privacy) for each in sheet.projects),
        channels={code: show("channel.name", name) for code, name in sheet.channels.items()},
        last=_voucher(sheet.last, privacy) if sheet.last else None,
        standings=(),
        aims=shown_aims(sheet.standings, privacy),
        located={},
        ground=shown_ground(sheet.located, types),
    )


def _project(sheet: ProjectSheet, privacy: Privacy) -> ProjectSheet:
    return replace(
        sheet,
        project=_row(sheet.project, privacy),
        contracts=tuple(_contract(each, privacy) for each in sheet.contracts),
        results=tuple(_result(each, privacy) for each in sheet.results),
        receipts=tuple(_movement(each, privacy) for each in sheet.receipts),
        payments=tuple(_movement(each, privacy) for each in sheet.payments),
        # What is credited is shown in numbers, and the row of its project is not: it goes the same way all the same.
        credit=replace(sheet.credit, project=_row(sheet.credit.project, privacy)) if sheet.credit else None,
    )


def _row(row: Mapping[str, Any], privacy: Privacy) -> Mapping[str, Any]:
    kept = {key: row[key] for key in KEPT if key in row}
    return kept | {key: privacy.show(f"project.{key}", row[key]) for key in TEXTS if key in row}


def _contract(contract: Contract, privacy: Privacy) -> Contract:
    return replace(
        contract,
        name=privacy.show("contract.name", contract.name),
        payee=_party("contract.payee", contract.payee, privacy),
        signed=_voucher(contract.signed, privacy),
    )


def _result(result: Result, privacy: Privacy) -> Result:
    quantity = privacy.show("project.quantity", result.quantity)
    return replace(result, voucher=_voucher(result.voucher, privacy), quantity=quantity)


def _movement(movement: Movement, privacy: Privacy) -> Movement:
    return replace(movement, voucher=_voucher(movement.voucher, privacy))


def _voucher(voucher: Voucher, privacy: Privacy) -> Voucher:
    # The facts of a voucher are what a clerk typed; a page needs none of them.
    return replace(voucher, payee=_party("voucher.payee", voucher.payee, privacy), facts={})


def _party(field: str, name: str, privacy: Privacy) -> str:
    return privacy.show(field, name) or (PERSONS if name else "")

"""Rows of a list as they are shown before it is taken: people masked, each row with its fate."""

from __future__ import annotations

from typing import Any

from importers.lists import Listing, ListRow, masks
from importers.oc4ids import StandardProject
from importers.tables import Doubt, Total
from ledger.errors import Refusal
from projects.listings import Intake, Seen


def rows(seen: Seen, intake: Intake | None) -> list[dict[str, Any]]:
    """Return each row with what becomes of it, a word of the catalogue under ``fate``."""
    entries = intake.entries if intake else ()
    fates = {(each.sheet, each.row): "known" if each.known else "new-row" for each in entries}
    found = map(_list_row, seen.rows) if isinstance(seen, Listing) else map(_standard_row, seen)
    return [each | {"fate": fates.get((each.get("sheet", ""), each["row"]), "seen")} for each in found]


def checked(seen: Seen, intake: Intake | None) -> tuple[tuple[Total, ...], tuple[Doubt, ...], tuple[Refusal, ...]]:
    """Return what the file adds up to, what is doubtful, and what stands against taking it."""
    if not isinstance(seen, Listing):
        return (), (), intake.problems if intake else ()
    return seen.totals, seen.doubts, intake.problems if intake else seen.problems


def _list_row(row: ListRow) -> dict[str, Any]:
    name = masks.masked("person", row.name) if "person" in row.values else row.name
    facts = {"sheet": row.sheet, "row": row.row, "name": name, "place": row.place, "amount_fen": row.fen}
    return facts | {"channel": "", "values": row.shown()}


def _standard_row(project: StandardProject) -> dict[str, Any]:
    facts = {"row": project.position, "name": project.title, "place": "、".join(project.places)}
    return facts | {"amount_fen": project.budget_fen, "channel": "", "values": vars(project)}

"""Which months of a book are closed, by the leaves of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import log
from ledger.store import sql

KIND = "period"
"""The kind of a leaf that closes a month or opens it again."""
CLOSE, REOPEN = "close", "reopen"
FIELDS = frozenset({"deed", "month", "through", "by", "at", "reason", "vouchers", "statements", "banks"})
"""What a leaf says: the deed, the month, through which month the book is closed then, who, when and why."""


@dataclass(frozen=True)
class Deed:
    """A close, or the reopening of one, at its place in the log."""

    position: int
    data: Mapping[str, Any]


def deeds(connection: Connection, book: str) -> list[Deed]:
    """Return what was closed and reopened, oldest first."""
    rows = sql.rows(connection, _DEEDS, {"log": book, "kind": KIND})
    return [Deed(int(position), log.data_of(leaf)) for position, leaf in rows]


def closed_through(connection: Connection, book: str) -> str:
    """Return the last month that is closed, "" where none is."""
    row = sql.first(connection, _LAST, {"log": book, "kind": KIND})
    return "" if row is None else str(log.data_of(row[1]).get("through", ""))


def standing(connection: Connection, book: str) -> list[Deed]:
    """Return the closes that stand: the last of each month that was not opened again since."""
    found: dict[str, Deed] = {}
    for each in deeds(connection, book):
        if each.data.get("deed") == CLOSE:
            found[str(each.data["month"])] = each
        else:
            found.pop(str(each.data.get("month")), None)
    return list(found.values())


def is_deed(data: Mapping[str, Any]) -> bool:
    """Tell whether the data of a leaf are those of a close or a reopening."""
    nested = data.get("statements"), data.get("banks")
    return (
        data.keys() == FIELDS
        and data["deed"] in {CLOSE, REOPEN}
        and isinstance(data["vouchers"], int)
        and all(isinstance(each, dict) and all(isinstance(said, str) for said in each.values()) for each in nested)
        and all(isinstance(data[key], str) for key in FIELDS - {"vouchers", "statements", "banks"})
    )


_DEEDS = "SELECT position, leaf FROM log_leaf WHERE log = :log AND kind = :kind AND kind <> 'voucher' ORDER BY position"
"""The last condition is that of the index."""
_LAST = f"{_DEEDS} DESC LIMIT 1"

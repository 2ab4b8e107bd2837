"""Why something stands on one side only, in a person's words: a fact for each, the last one counts."""

from __future__ import annotations

from sqlalchemy import Connection

from ledger import facts
from ledger.facts import Fact
from ledger.store.workspace import Unit
from ledger.text import words

REMARK = "bank-remark"


def record_remark(unit: Unit, book: str, bank: str, about: str, *, says: str, by: str) -> Fact:
    """Record what is said of a line of the bank (by its key) or of a voucher (by its number).

    It stands in the log for good, so names of persons do not belong into it.

    Raises:
        TextMissing: nothing is said.
    """
    data = {"about": about, "reason": words(says, "reason")}
    return facts.record(unit, book, REMARK, bank, on=unit.now.date(), by=by, data=data)


def read_remarks(connection: Connection, book: str, bank: str) -> dict[str, str]:
    """Return what was said last of each line and voucher of a bank account."""
    found = facts.facts(connection, book, REMARK, subject=bank)
    return {str(each.data["about"]): str(each.data["reason"]) for each in found}

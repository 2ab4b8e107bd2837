"""What may not stand in a proof: identity numbers, bank cards, telephones, and whatever the book keeps as private.

Personal data enter the log as salted commitments. What a clerk typed into a narration all the same is caught here: the
leaf of such a voucher stays in the office, and only its hash is published.
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from ledger.store import sql

_NUMBER = re.compile(
    r"(?<![0-9A-Za-z.])(?:[0-9]{17}[0-9Xx]|[0-9]{15,19}|1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})(?![0-9])"
)
"""Identity numbers of 18 or 15 characters (GB 11643), bank cards of 15 to 19 digits, mobile and fixed telephones."""
_GROUPED = re.compile(
    r"(?<![0-9])[0-9]{4}(?:[ -][0-9]{4}){3,4}(?:[ -][0-9]{1,3})?(?![0-9])|1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}"
)
SHORTEST = 2
"""A private value of one character would be found everywhere."""


class Private:
    """What a book, and the office, keep as private values."""

    def __init__(self, connection: Connection, book: str) -> None:
        found = {str(row[0]) for row in sql.rows(connection, _VALUES, {"book": book})}
        self._values = sorted(each for each in found if len(each) >= SHORTEST)

    def may_show(self, leaf: str) -> bool:
        """Tell whether a leaf holds nothing that is private."""
        texts = leaf.translate(_NARROW)
        if _NUMBER.search(texts) or _GROUPED.search(texts):
            return False
        return not any(value in leaf or value in texts for value in self._values)


_NARROW = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}
_VALUES = (
    "SELECT value FROM private_value WHERE book = :book UNION "
    "SELECT value FROM private_fact WHERE log IN (:book, 'office')"
)

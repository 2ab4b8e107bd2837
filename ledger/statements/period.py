"""The time that a statement is about: a month or a year, from its first day to its last."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

from ledger.errors import PeriodUnreadable


@dataclass(frozen=True)
class Period:
    """A month (``2024-03``) or a year (``2024``)."""

    name: str

    @property
    def since(self) -> str:
        """Return its first day."""
        return f"{self.name}-01" if "-" in self.name else f"{self.name}-01-01"

    @property
    def until(self) -> str:
        """Return its last day."""
        year, _, month = self.name.partition("-")
        return f"{self.name}-{monthrange(int(year), int(month))[1]:02}" if month else f"{year}-12-31"

    @property
    def year_since(self) -> str:
        """Return the first day of its year."""
        return f"{self.name[:4]}-01-01"


def month(text: str) -> Period:
    """Return a month that was typed as ``2024-03``.

    Raises:
        PeriodUnreadable: it is none.
    """
    if re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", text, re.ASCII) is None:
        raise PeriodUnreadable(text=text)
    return Period(text)


def year(text: str) -> Period:
    """Return a year that was typed as ``2024``.

    Raises:
        PeriodUnreadable: it is none.
    """
    if re.fullmatch(r"[12][0-9]{3}", text, re.ASCII) is None:
        raise PeriodUnreadable(about="year", text=text)
    return Period(text)


def following(name: str) -> str:
    """Return the month after one."""
    number, last = int(name[5:]), 12
    return f"{int(name[:4]) + 1}-01" if number == last else f"{name[:5]}{number + 1:02}"

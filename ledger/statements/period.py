"""The time that a statement is about: a month, a year or somebody's term, from its first day to its last."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from ledger.errors import PeriodUnreadable


@dataclass(frozen=True)
class Period:
    """A month (``2024-03``), a year (``2024``), or what lies from one day to another (``2022-03-01/2024-12-31``)."""

    name: str

    @property
    def since(self) -> str:
        """Return its first day."""
        if "/" in self.name:
            return self.name.partition("/")[0]
        return f"{self.name}-01" if "-" in self.name else f"{self.name}-01-01"

    @property
    def until(self) -> str:
        """Return its last day."""
        if "/" in self.name:
            return self.name.partition("/")[2]
        year, _, month = self.name.partition("-")
        return f"{self.name}-{monthrange(int(year), int(month))[1]:02}" if month else f"{year}-12-31"


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


def span(since: date, until: date) -> Period:
    """Return what lies between two days, both of them in it.

    Raises:
        PeriodUnreadable: it ends before it begins.
    """
    if since > until:
        raise PeriodUnreadable(about="span", text=f"{since} – {until}")
    return Period(f"{since}/{until}")


def following(name: str) -> str:
    """Return the month after one."""
    number, last = int(name[5:]), 12
    return f"{int(name[:4]) + 1}-01" if number == last else f"{name[:5]}{number + 1:02}"

"""What a voucher's postings moved, by project, channel and role: from the names of accounts alone, without a record."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from ledger.chart import Chart, Role, channel_of

_FEN = re.compile(r"(-?)(0|[1-9][0-9]*)\.([0-9]{2})", re.ASCII)
GOODS = ("store", "quantity")
"""The accounts that hold goods by quantity, beside those that hold money."""
Moved = tuple[str, str, str, int]
"""Project, channel, role and fen on the role's normal side."""


class Accounts:
    """The accounts of a chart by their names, each name read once."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._known: dict[str, tuple[Role | None, str, str]] = {}

    def moved(self, postings: Iterable[Sequence[object]], channels: Collection[str]) -> list[Moved]:
        """Return what postings moved of money and budget of these channels; goods by quantity are left out.

        Raises:
            ValueError: a posting is of no account of the chart, of no channel that is known, or no amount.
        """
        found: dict[tuple[str, str, str], int] = defaultdict(int)
        for account, commodity, amount in postings:
            role, project, _ = self._read(str(account))
            channel = channel_of(str(commodity))
            if role is None:
                raise ValueError(account)
            if channel in channels:
                found[project, channel, role.name] += role.normal * fen(amount)
            elif role.name not in GOODS:
                raise ValueError(commodity)
        return [(*of, amount) for of, amount in found.items()]

    def _read(self, name: str) -> tuple[Role | None, str, str]:
        if name not in self._known:
            self._known[name] = self._chart.role_of(name)
        return self._known[name]


def fen(amount: object) -> int:
    """Return an amount of a leaf in fen.

    Raises:
        ValueError: it is none.
    """
    found = _FEN.fullmatch(str(amount))
    if found is None:
        raise ValueError(amount)
    value = int(found[2] + found[3])
    return -value if found[1] else value

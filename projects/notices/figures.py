"""The figures of a notice: from the running totals of a project, with the vouchers and the postings that make each."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, text

from ledger.chart import channel_of
from projects.figures import made_of
from projects.notices.content import Figure
from projects.traces import trace


class Figures:
    """Figures that are asked for, each made once, in the order of asking."""

    def __init__(self, connection: Connection, book: str) -> None:
        self._connection, self._book = connection, book
        self._sources = {row.code: row.source for row in connection.execute(text("SELECT code, source FROM channel"))}
        self.found: dict[str, Figure] = {}

    def of(self, figure: str, project: str, channel: str) -> Figure:
        """Return a figure of a channel of a project that vouchers make, such as ``paid``."""
        name = f"{figure}/{project}/{channel}"
        if name not in self.found:
            parts: dict[str, int] = {}
            for each in trace(self._connection, self._book, project, figure, channel):
                parts[each.number] = parts.get(each.number, 0) + each.amount
            counts = self._counts(figure, project, channel) if parts else {}
            self.found[name] = Figure(name, sum(parts.values()), parts, counts)
        return self.found[name]

    def stated(self, figure: str, project: str, channel: str, amount: int) -> Figure:
        """Return a figure that comes from no voucher: what was planned."""
        name = f"{figure}/{project}/{channel}"
        return self.found.setdefault(name, Figure(name, amount))

    def moved(self, figure: str, project: str, channel: str, number: str, amount: int) -> Figure:
        """Return what one voucher moved of a figure."""
        name = f"{figure}/{project}/{channel}/{number}"
        counts = self._counts(figure, project, channel)
        return self.found.setdefault(name, Figure(name, amount, {number: amount}, counts))

    def sum(self, name: str, parts: Mapping[str, int]) -> Figure:
        """Return the sum of figures that are there, each counted 1 or -1 times."""
        amount = sum(count * self.found[part].amount for part, count in parts.items())
        return self.found.setdefault(name, Figure(name, amount, sums=dict(parts)))

    def _counts(self, figure: str, project: str, channel: str) -> dict[str, int]:
        weights = made_of(figure, self._sources[channel])
        where = {"book": self._book, "project": project}
        return {
            f"{account} {commodity}": weights[role] * normal
            for account, commodity, role, normal in self._connection.execute(_HELD, where)
            if role in weights and channel_of(commodity) == channel
        }


_HELD = text(
    "SELECT b.account, b.commodity, a.role, a.normal FROM balance b "
    "JOIN account a ON a.book = b.book AND a.name = b.account "
    "JOIN commodity c ON c.code = b.commodity AND c.kind <> 'quantity' "
    "WHERE b.book = :book AND a.project = :project ORDER BY b.account, b.commodity"
)

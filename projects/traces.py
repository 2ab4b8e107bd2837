"""A figure one step further: the vouchers that it is made of, which add up to it exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, text

from ledger.chart import channel_of
from ledger.errors import Names
from projects.errors import FigureUnfit
from projects.figures import FIGURES, made_of


@dataclass(frozen=True)
class Trace:
    """What a voucher moved of a figure of one channel, in fen; negative where money went back.

    A reversal has the event of what it reverses; `reverses` and `reversed_by` are voucher numbers.
    """

    number: str
    date: str
    event: str
    payee: str
    narration: str
    channel: str
    amount: int
    reverses: str
    reversed_by: str


def trace(connection: Connection, book: str, project: str, figure: str, channel: str | None = None) -> list[Trace]:
    """Return the vouchers behind a figure of a project, in order; per channel they sum to the figure.

    Raises:
        FigureUnfit: there is no such figure, or it is the plan's, which comes from no voucher.
    """
    if figure not in FIGURES:
        about = "planned" if figure == "planned" else ""
        raise FigureUnfit(about=about, text=figure, choices=Names(FIGURES), project=project)
    sources = {row.code: row.source for row in connection.execute(text("SELECT code, source FROM channel"))}
    roles = sorted({role for source in sources.values() for role in made_of(figure, source)})
    where = {"book": book, "project": project, "roles": roles}
    sums: dict[tuple[int, str], int] = {}
    facts: dict[int, Any] = {}
    row: Any
    for row in connection.execute(_MOVED, where).mappings():
        of = channel_of(row["commodity"])
        weight = made_of(figure, sources[of]).get(row["role"], 0)
        if weight and channel in {None, of}:
            key = (row["seq"], of)
            facts[row["seq"]] = row
            sums[key] = sums.get(key, 0) + weight * int(row["moved"])
    return [
        Trace(
            number=facts[seq]["number"],
            date=facts[seq]["date"],
            event=facts[seq]["event"],
            payee=facts[seq]["payee"],
            narration=facts[seq]["narration"],
            channel=of,
            amount=amount,
            reverses=facts[seq]["reverses"],
            reversed_by=facts[seq]["reversed_by"],
        )
        for (seq, of), amount in sorted(sums.items())
        if amount
    ]


_MOVED = text(
    "SELECT v.seq, v.number, v.date, coalesce(f.event, v.event) AS event, v.payee, v.narration, a.role, p.commodity, "
    "coalesce(f.number, '') AS reverses, coalesce(r.number, '') AS reversed_by, a.normal * sum(p.amount) AS moved "
    "FROM account a JOIN posting p ON p.book = a.book AND p.account = a.name "
    "JOIN commodity c ON c.code = p.commodity AND c.kind <> 'quantity' "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "LEFT JOIN voucher f ON f.book = v.book AND f.seq = v.reverses "
    "LEFT JOIN voucher r ON r.book = v.book AND r.reverses = v.seq "
    "WHERE a.book = :book AND a.project = :project AND a.role IN :roles "
    "GROUP BY v.seq, v.number, v.date, f.event, v.event, v.payee, v.narration, a.role, p.commodity, f.number, "
    "r.number, a.normal ORDER BY v.seq"
).bindparams(bindparam("roles", expanding=True))

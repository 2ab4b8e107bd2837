"""Money that nobody spends: what the state allotted so long ago that its rules call it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ledger.balances import State
from ledger.chart import channel_of
from ledger.store import sql
from projects.figures import OWED
from projects.policy import policy_at
from projects.procurement import STATE_MONEY


@dataclass(frozen=True)
class Idle:
    """A channel's money in a project that was not spent within the term, in fen.

    `since` is the day of the oldest allotment that is still unspent, `due` the day on which its term was over.
    `in_hand` is what of it lies in the account and is owed to nobody; the rest has not come.
    """

    project: str
    channel: str
    since: str
    due: str
    fen: int
    in_hand: int


def idle(state: State, on: date) -> list[Idle]:
    """Return what is idle beyond the policy's term on a day, by project and channel.

    The oldest allotment is spent first; what goes back or is revised away takes from the oldest too. Nobody recalls
    what households, donors or the village itself gave.
    """
    term = policy_at(state.connection, on).recall.term
    found = []
    for (project, channel), moves in _allotments(state).items():
        if state.source(channel) not in STATE_MONEY:
            continue
        used = state.total("spent", project, channel) - sum(fen for _, fen in moves if fen < 0)
        layers = []
        for day, fen in moves:
            if fen > 0 and term.after(date.fromisoformat(day)) <= on:
                layers.append((day, max(0, fen - used)))
            used = max(0, used - max(0, fen))
        open_ = [(day, fen) for day, fen in layers if fen]
        if open_:
            since, fen = open_[0][0], sum(fen for _, fen in open_)
            due = term.after(date.fromisoformat(since)).isoformat()
            found.append(Idle(project, channel, since, due, fen, min(fen, _free(state, project, channel))))
    return found


def _free(state: State, project: str, channel: str) -> int:
    debts = sum(state.total(role, project, channel) for role in (*OWED, "retention", "held", "borrowed"))
    return max(0, sum(state.total(role, project, channel) for role in ("bank", "cash")) - debts)


def _allotments(state: State) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """Return by project and channel what was allotted when, in order; what was taken back is less than zero."""
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for day, project, commodity, fen in sql.rows(state.connection, _ALLOTTED, {"book": state.book.code}):
        found.setdefault((project, channel_of(commodity)), []).append((day, int(fen)))
    return found


_ALLOTTED = (
    "SELECT v.date, a.project, p.commodity, a.normal * p.amount FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE a.book = :book AND a.role = 'allotted' AND v.reverses IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) "
    "ORDER BY a.project, p.commodity, v.seq, p.line"
)

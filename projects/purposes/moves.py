"""What a voucher does with a channel, told from its postings alone: it brings it in, commits or spends it, pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.balances import State
from ledger.chart import channel_of
from ledger.proposals import Proposal
from projects.figures import PAID, weigh


@dataclass(frozen=True)
class Moves:
    """By role what one voucher moves of one channel, in fen, positive on the account's normal side."""

    by_role: Mapping[str, int]

    @property
    def enters(self) -> int:
        """Return by how much the project may spend more of the channel than before."""
        return max(0, self._of("allotted"))

    @property
    def uses(self) -> int:
        """Return what is taken out of free budget, to be committed, stored or spent; what goes back is no use."""
        return 0 if self._of("allotted") else max(0, -self._of("available"))

    @property
    def spends(self) -> int:
        """Return what is spent more than before."""
        return max(0, self._of("spent"))

    @property
    def pays(self) -> int:
        """Return what is paid more than before; goods used and labour given are paid by their value."""
        return max(0, weigh(PAID, self._of))

    def change(self, weights: Mapping[str, int]) -> int:
        """Return by how much a figure of these roles changes."""
        return weigh(weights, self._of)

    def _of(self, role: str) -> int:
        return self.by_role.get(role, 0)


def moves(state: State, proposal: Proposal) -> dict[str, Moves]:
    """Return what a voucher moves by channel, channels by code."""
    found: dict[str, dict[str, int]] = {}
    for line in proposal.lines:
        channel, role = channel_of(line.commodity), line.account.role
        if channel in state.channels and role.holds != "quantity":
            by_role = found.setdefault(channel, {})
            by_role[role.name] = by_role.get(role.name, 0) + role.normal * line.amount
    return {channel: Moves(found[channel]) for channel in sorted(found)}

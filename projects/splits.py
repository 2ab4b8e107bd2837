"""Splits over channels: by largest remainder, what ties by code, within what the floors leave room for."""

from __future__ import annotations

from collections.abc import Mapping

from ledger import money
from ledger.proposals import Split

PROPORTION, WITHIN, NAMED, ASSIGNED = "proportion", "within", "named", "assigned"
"""The ways of splitting: by largest remainder, the same within what floors leave, as a clerk named it, by work item."""


def in_proportion(weights: Mapping[str, int], amount: int) -> Split:
    """Return how an amount falls on channels by largest remainder, with what it went by."""
    return Split(rule=PROPORTION, amount=amount, weights=weights, parts=split_over(weights, amount))


def as_named(parts: Mapping[str, int]) -> Split:
    """Return parts that a clerk named."""
    return Split(rule=NAMED, amount=sum(parts.values()), parts=dict(parts))


def split_over(weights: Mapping[str, int], amount: int) -> dict[str, int]:
    """Split an amount over channels by largest remainder; what ties goes by code. Not all weights are zero."""
    channels = sorted(weights)
    return dict(zip(channels, money.split(amount, [weights[each] for each in channels]), strict=True))


def pour(amount: int, weights: Mapping[str, int], least: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """Split an amount by weights within bounds: who hits a bound stays there, the rest is split again.

    The bounds leave room for the amount: their sums lie below and above it.
    """
    fixed: dict[str, int] = {}
    while True:
        free = {channel: weight for channel, weight in weights.items() if channel not in fixed}
        rest = amount - sum(fixed.values())
        if not free:
            return fixed
        if sum(free.values()) == 0:
            free = dict.fromkeys(free, 1)
        shares = split_over(free, max(rest, 0))
        over = {channel: most[channel] for channel, fen in shares.items() if fen > most[channel]}
        under = {channel: least[channel] for channel, fen in shares.items() if fen < least[channel]}
        if not over and not under:
            return fixed | shares
        # Bind only the side that is further off, so that a bound taken too early is never the wrong one.
        excess = sum(shares[channel] - bound for channel, bound in over.items())
        lack = sum(bound - shares[channel] for channel, bound in under.items())
        fixed |= over if excess >= lack else under

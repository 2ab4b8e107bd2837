"""Ways of support: a reward after acceptance, a share of what the village builds, a match in step with its partner."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ledger.balances import State
from ledger.proposals import Proposal
from projects.errors import AheadOfPartner, AheadOfShare, RewardEarly
from projects.figures import FIGURES, PAID, weigh
from projects.history import standing
from projects.purposes.moves import Moves, moves
from projects.purposes.rule import Rule

ROUNDING = 100
"""Less than a yuan ahead is in step: retention, offset and payment are split to the fen, and their remainders add."""


def need_in_step(state: State, proposal: Proposal, channel: str, rule: Rule, moved: Moves) -> None:
    """Make sure that a channel pays when, and as far as, its way of support lets it.

    Raises:
        RewardEarly: 以奖代补 pays out before the project is accepted.
        AheadOfShare: 民办公助 spends or pays more than its share of the whole.
        AheadOfPartner: a match pays ahead of its partner channel.
    """
    if rule.support == "reward" and moved.pays and not standing(state, "acceptance", project=proposal.project):
        raise RewardEarly(amount=moved.pays, **_named(state, proposal, channel, rule))
    if rule.support == "share":
        for figure, change in (("certified", moved.spends), ("paid", moved.pays)):
            if change:
                _need_share(state, proposal, channel, rule, figure)
    if rule.support == "matching" and moved.pays:
        _need_pace(state, proposal, channel, rule, moved)


def _need_share(state: State, proposal: Proposal, channel: str, rule: Rule, figure: str) -> None:
    """Compare what a channel has spent, or paid, with its share of what all channels have, this voucher counted in."""
    after = _after(state, proposal, FIGURES[figure])
    own, whole = after.get(channel, 0), sum(after.values())
    most = _floor(whole * rule.part)
    if own - most < ROUNDING:
        return
    this = moves(state, proposal)[channel].change(FIGURES[figure])
    # Less of this channel is less of the whole, too.
    rest, before = whole - own, own - this
    raise AheadOfShare(
        about=figure,
        share=rule.share,
        own=own,
        whole=whole,
        most=most,
        over=own - most,
        amount=this,
        can=max(0, _floor(rest * rule.part / (1 - rule.part)) - before),
        **_named(state, proposal, channel, rule),
    )


def _need_pace(state: State, proposal: Proposal, channel: str, rule: Rule, moved: Moves) -> None:
    """Compare what a channel has paid with what its partner has, this voucher counted in."""
    after = _after(state, proposal, PAID)
    own, other = after.get(channel, 0), after.get(rule.partner, 0)
    most = _floor(other * rule.pace)
    if own - most < ROUNDING:
        return
    raise AheadOfPartner(
        partner=state.label(rule.partner),
        ratio=rule.ratio,
        own=own,
        other=other,
        most=most,
        over=own - most,
        amount=moved.pays,
        can=max(0, most - own + moved.pays),
        **_named(state, proposal, channel, rule),
    )


def _after(state: State, proposal: Proposal, weights: Mapping[str, int]) -> dict[str, int]:
    """Return a figure of every channel of the project as it stands behind a voucher."""
    moved = moves(state, proposal)
    found = {}
    for channel in {*state.budget.get(proposal.project, {}), *moved}:
        now = weigh(weights, lambda role, of=channel: state.total(role, proposal.project, of))  # type: ignore[misc]
        found[channel] = now + (moved[channel].change(weights) if channel in moved else 0)
    return found


def _named(state: State, proposal: Proposal, channel: str, rule: Rule) -> dict[str, object]:
    return {
        "channel": state.label(channel),
        "code": channel,
        "project": state.label_project(proposal.project),
        "project_code": proposal.project,
        "number": rule.number,
        "fact": rule.fact,
    }


def _floor(amount: Fraction | int) -> int:
    return amount.numerator // amount.denominator

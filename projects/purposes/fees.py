"""The cap of a channel's management fees: that of its own rule, or else the policy's."""

from __future__ import annotations

from ledger.balances import State
from ledger.proposals import Proposal
from projects.limits import need_fee
from projects.policy.numbers import Percent
from projects.purposes.moves import Moves
from projects.purposes.rule import Rule


def need_within_cap(state: State, proposal: Proposal, channel: str, rule: Rule, moved: Moves) -> None:
    """Make sure that a fee stays within the cap.

    Raises:
        FeeOverCap: it does not.
    """
    if not proposal.facts.get("fee"):
        return
    own = None
    if rule.fee_cap:
        said = {"unit": "percent", "value": rule.fee_cap, "document": rule.number, "key": "fee.cap", "fact": rule.fact}
        own = Percent.model_validate(said)
    need_fee(state, channel, moved.uses, proposal.date, own=own)

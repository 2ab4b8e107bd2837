"""The policy: each number of the field, dated, with its document; what is shipped, and what a county overrides."""

from projects.policy.history import policy_at
from projects.policy.model import Policy

__all__ = ["Policy", "policy_at"]

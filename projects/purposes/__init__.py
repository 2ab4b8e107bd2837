"""What a channel may pay for: its purpose, its days, its way of support, as facts of the office."""

from projects.purposes.judge import need_fit
from projects.purposes.rulebook import Rulebook, rulebook

__all__ = ["Rulebook", "need_fit", "rulebook"]

"""A voucher that could be: what happened, and the postings that come of it; and the draft that waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ledger.chart import Line

REVERSAL = "reversal"
YEAR_END = "year_end"
OPENING = "opening"
CLOSED = {"subsidy_income", "welfare_expense", "other_expense", "year_result", "undistributed"}
"""The year end carries over income and expense of all projects, outside the mirror, and touches nothing else."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """How an amount fell on channels, for who approves it; nothing of it is sealed but the parts, in the postings.

    `rule` is the way it was split, `weights` what it went by and `parts` what came of it, in fen by channel; `about`
    names what was split where it is not all of the voucher.
    """

    rule: str
    amount: int
    parts: Mapping[str, int]
    weights: Mapping[str, int] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A voucher that could be: what happened, and the postings that come of it.

    `facts` are the business facts as printable text by name; `private` holds personal data by field, which only
    enters the record's private store. `documents` are (SHA-256, suffix, size in bytes). `splits` wait with the draft
    and are not sealed.
    """

    event: str
    date: date
    project: str
    contract: str = ""
    payee: str = ""
    narration: str
    facts: Mapping[str, str] = field(default_factory=dict)
    private: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[tuple[str, str, int], ...] = ()
    reverses: int | None = None
    lines: tuple[Line, ...]
    splits: tuple[Split, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A proposal that waits for its approver; `verb` and `request` say how it was asked for."""

    book: str
    id: int
    verb: str
    request: Mapping[str, Any]
    proposal: Proposal
    maker: str
    made_at: str

    @property
    def label(self) -> str:
        """Return the draft's name on the desk, such as ``D12``."""
        return f"D{self.id}"

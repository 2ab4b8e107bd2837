"""What a verification says: checks, how much each covered, and what it found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something that is not as the record says: `code` names its message, `facts` fill it."""

    code: str
    facts: dict[str, Any]


@dataclass
class Check:
    """One kind of check: how many things it covered, and what it found."""

    name: str
    covered: int = 0
    findings: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    """What a reader should know and nothing is wrong with."""

    def find(self, code: str, /, **facts: object) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, facts))

    def note(self, code: str, /, **facts: object) -> None:
        """Add a notice."""
        self.notices.append(Finding(code, facts))

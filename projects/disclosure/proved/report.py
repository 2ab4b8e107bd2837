"""What a check of pages found: problems, each with what stands where, and what the proof covers."""

from __future__ import annotations

from dataclasses import dataclass, field

Problem = tuple[str, dict[str, str]]
"""What is wrong, as a code, with what stands where."""


@dataclass
class Report:
    """What a check found.

    `vouchers` are those whose leaf is given, `withheld` those of which the hash alone is; `later` were sealed after the
    checkpoint, `other` leaves of the log tell of other things than money: by the office's signature where the
    checkpoint says how many do (`counted`), else by its word. `since` is the size of
    the earliest checkpoint from which the proof shows growth, `foreign` how many it names that another key signed, from
    which it shows nothing; `named` says that channels and book stand in the office's signed log. `stated` are the parts
    of the page that are not proved. `part` has by figure how many withheld vouchers are in it, and what they moved;
    `unsigned` the same of what is under no checkpoint yet. `styled` says that the style sheet was at hand, too.
    """

    vkey: str = ""
    origin: str = ""
    size: int = 0
    page: str = ""
    title: str = ""
    words: int = 0
    vouchers: int = 0
    withheld: int = 0
    later: int = 0
    since: int = 0
    foreign: int = 0
    named: bool = False
    styled: bool = False
    other: int = 0
    counted: bool = False
    stated: list[str] = field(default_factory=list)
    part: dict[str, tuple[int, int]] = field(default_factory=dict)
    unsigned: dict[str, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def find(self, code: str, **facts: object) -> None:
        """Note a problem."""
        self.problems.append((code, {name: str(value) for name, value in facts.items()}))

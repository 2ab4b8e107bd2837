"""From a guess to a command: what a clerk would type to record a line of the bank, with a key that records it once."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ledger.money import plain
from projects.reconciliation.learning import Guess
from projects.reconciliation.sides import AtBank

VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "receipt": ("receive", ("project", "channel", "amount")),
    "receipt_allotted": ("receive", ("project", "channel", "amount")),
    "household_bank": ("receive", ("project", "channel", "amount")),
    "disbursement": ("pay", ("contract", "amount")),
    "advance": ("advance", ("contract", "amount")),
    "purchase": ("purchase", ("project", "channel", "amount")),
    "welfare": ("spend", ("project", "channel", "amount")),
    "household_aid": ("aid", ("project", "channel", "amount")),
}
"""For events that one line of the bank says all of, the verb, which is also the command, and its arguments."""

_SHORT_NAME = 3
_OFFICES = re.compile("[局店厂所站村镇乡县市省部院校社会行司处组队户]")
"""A short name without one of these is a person's."""


@dataclass(frozen=True)
class Suggestion:
    """What to type for a line; no `verb` where the event needs more than the bank says."""

    line: AtBank
    guess: Guess
    verb: str = ""
    typed: dict[str, Any] | None = None
    key: str = ""

    def command(self, *, book: str) -> str:
        """Return the command as it is typed, empty where there is none."""
        if not self.verb or self.typed is None:
            return ""
        words = ["earmark", self.verb]
        words += [str(self.typed[name]) for name in VERBS[self.guess.choice.event][1]]
        for name, value in self.typed.items():
            if name not in VERBS[self.guess.choice.event][1]:
                words += [f"--{name.replace('_', '-')}"] if value is True else [f"--{name}", str(value)]
        return " ".join(map(_quoted, [*words, "--book", book, "--key", self.key]))


def suggest(line: AtBank, guess: Guess, *, book: str, bank: str, persons: Collection[str] = ()) -> Suggestion:
    """Return what to type for a line; `persons` are payees that are known to be persons.

    The key is the line's own, so that one line becomes one draft however often it is suggested.
    """
    choice = guess.choice
    verb, names = VERBS.get(choice.event, ("", ()))
    if not verb or ("channel" in names and len(choice.channels) != 1) or ("contract" in names and not choice.contract):
        return Suggestion(line, guess)
    facts = {
        "project": choice.project,
        "contract": choice.contract,
        "channel": next(iter(choice.channels), ""),
        "amount": plain(abs(line.amount)),
    }
    typed: dict[str, Any] = {name: facts[name] for name in names} | {"bank": bank, "date": line.date}
    if choice.event == "receipt_allotted":
        typed["allot"] = True
    if line.payee:
        typed["party"] = line.payee
        if line.payee in persons or is_person(line.payee):
            typed["person"] = True
    if line.serial:
        typed["serial"] = line.serial
    return Suggestion(line, guess, verb, typed, f"bank-{book}-{bank}-{line.key}")


def is_person(name: str) -> bool:
    """Tell whether a name looks like a person's: a wrong yes masks a name, a wrong no publishes one."""
    return len(name) <= _SHORT_NAME and not _OFFICES.search(name)


def _quoted(word: str) -> str:
    """Return a word as a shell takes it; Chinese needs no quotes there."""
    return word if re.fullmatch(r"[\w@%+=:,./-]+", word) else shlex.quote(word)

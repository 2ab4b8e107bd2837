"""What a line of the bank most likely is: the event by payee and words, the project by what came last.

Plain counts. Numbers in the words are left out, because a month or a bill in them is new every time. How this compares
with a classifier stands in ``docs/decisions``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable
from typing import NamedTuple

from rapidfuzz import fuzz, process

from projects.reconciliation.matching import FORM
from projects.reconciliation.sides import AtBank, InBook

NEAR_PAYEE = 85
"""A payee that is not known is taken for the one that is so much (of 100) like it."""
NEAR_WORDS = 60
"""Words that are not known are taken for those that are so much like them: 支付工程款 for 工程款."""
RECENT = 3
"""So many of the last choices say for which project a payee works now."""
WEIGHT = 10
"""A vote counts so much more than none."""


class Choice(NamedTuple):
    """What a line is recorded as."""

    event: str
    project: str
    contract: str
    channels: tuple[str, ...]


class Guess(NamedTuple):
    """A choice, and how often its event was recorded of how often anything was, for the like; `by` says for what.

    It is `sure` where this payee's last lines were all the same, and mostly this event.
    """

    choice: Choice
    times: int
    of: int
    by: str
    sure: bool


class Habits:
    """Choices of the past, by what they were made for.

    First the event: payee and words each vote with how often they came with it. Then the project, the contract and
    the channel: what the payee's last lines of this event were, for works end and others begin.
    """

    def __init__(self) -> None:
        self._events: dict[Hashable, Counter[str]] = defaultdict(Counter)
        self._choices: dict[Hashable, deque[Choice]] = defaultdict(lambda: deque(maxlen=RECENT))
        self._payees: set[str] = set()
        self._words: set[str] = set()

    def learn(self, pairs: Iterable[tuple[AtBank, Choice]]) -> None:
        """Take in choices, oldest first."""
        for line, choice in pairs:
            came, payee, said = line.amount > 0, name(line.payee), words(line.text)
            for feature in (("payee", came, payee), ("words", came, said), ("both", came, payee, said), came):
                self._events[feature][choice.event] += 1
            for place in ((payee, choice.event), choice.event):
                self._choices[place].append(choice)
            self._payees |= {payee} - {""}
            self._words |= {said} - {""}

    def guess(self, line: AtBank) -> Guess | None:
        """Return what a line most likely is, None where nothing like it was ever recorded."""
        came = line.amount > 0
        payee = _nearest(name(line.payee), self._payees, NEAR_PAYEE)
        said = _nearest(words(line.text), self._words, NEAR_WORDS)
        votes = {
            "both": self._events.get(("both", came, payee, said), Counter()),
            "payee": self._events.get(("payee", came, payee), Counter()) if payee else Counter(),
            "words": self._events.get(("words", came, said), Counter()) if said else Counter(),
        }
        by = next((name for name, made in votes.items() if made), "")
        if not by:
            return None
        all_events = self._events[came]
        event = max(all_events, key=lambda each: (_score([made[each] for made in votes.values()]), all_events[each]))
        own = self._choices.get((payee, event)) if payee else None
        recent = own or self._choices[event]
        choice = max(recent, key=lambda each: (recent.count(each), _last(recent, each)))
        times, of = votes[by][event], votes[by].total()
        sure = own is not None and len(set(own)) == 1 and times * 2 > of and by != "words"
        return Guess(choice, times, of, by, sure)


def choice_of(voucher: InBook) -> Choice:
    """Return what a voucher was recorded as."""
    return Choice(voucher.event, voucher.project, voucher.contract, voucher.channels)


def words(text: str) -> str:
    """Return the words of a line without its numbers."""
    return " ".join(re.sub(r"[0-9０-９〇一二三四五六七八九十]+(?:[年月日号期])?|[^\w\s]", " ", text).split())


def name(payee: str) -> str:
    """Return a payee without what the names of firms have in common."""
    return FORM.sub("", payee)


def _nearest(text: str, known: Iterable[str], least: int) -> str:
    """Return what is known and most like a text, the text itself where nothing is like it."""
    if not text or text in (known if isinstance(known, set) else set(known)):
        return text
    near = process.extractOne(text, sorted(known), scorer=fuzz.ratio, score_cutoff=least)
    return near[0] if near else text


def _score(counts: Iterable[int]) -> int:
    score = 1
    for count in counts:
        score *= WEIGHT * count + 1
    return score


def _last(recent: deque[Choice], choice: Choice) -> int:
    return max(place for place, each in enumerate(recent) if each == choice)

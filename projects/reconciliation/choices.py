"""What a person decides where the matching proposed something else: that is not the same, this is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projects.errors import MatchUnfit
from projects.reconciliation.matching import Match, Side
from projects.reconciliation.sides import AtBank, InBook


@dataclass(frozen=True)
class Choices:
    """Lines that are not what was proposed, by key; and lines with the vouchers (by number) that they are."""

    apart: frozenset[str] = frozenset()
    together: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def plain(self) -> dict[str, object]:
        """Return them as a command's key remembers them, nothing where nothing was chosen."""
        return {name: said for name, said in (("apart", sorted(self.apart)), ("together", self.together)) if said}


NONE = Choices()


def by_hand(choices: Choices, lines: Iterable[AtBank], vouchers: Sequence[InBook]) -> list[Match]:
    """Return the matches that a person made of open lines and vouchers.

    Raises:
        MatchUnfit: one of them is not open any more, or both sides do not come to the same sum.
    """
    open_lines = {line.key: line for line in lines}
    open_vouchers = {each.number: each for each in vouchers if not each.undone and each.undoes is None}
    found = []
    for keys, numbers in choices.together:
        some, others = _taken(open_lines, keys), _taken(open_vouchers, numbers)
        bank, book = sum(each.amount for each in some), sum(each.amount for each in others)
        if bank != book:
            raise MatchUnfit(about="sums", bank=bank, book=book, off=abs(bank - book))
        found.append(Match(some, others, "hand"))
    return found


def _taken(free: dict[str, Side], names: Sequence[str]) -> tuple[Side, ...]:
    """Take what is named out of what is free."""
    if not names or any(name not in free for name in names):
        raise MatchUnfit
    return tuple(free.pop(name) for name in dict.fromkeys(names))


def read(apart: Iterable[str], together: Iterable[str]) -> Choices:
    """Read choices as a form carries them: keys, and ``KEY,KEY:NUMBER,NUMBER``.

    Raises:
        MatchUnfit: one is no such text.
    """
    pairs = []
    for each in together:
        keys, colon, numbers = each.partition(":")
        if not colon or not keys or not numbers:
            raise MatchUnfit
        pairs.append((tuple(keys.split(",")), tuple(numbers.split(","))))
    return Choices(frozenset(each for each in apart if each), tuple(pairs))


def written(keys: Iterable[str], numbers: Iterable[str]) -> str:
    """Return lines and vouchers as a form carries them."""
    return f"{','.join(keys)}:{','.join(numbers)}"

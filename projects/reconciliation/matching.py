"""Which line of the bank is which voucher: by number, by amount and day and payee, and several that make up one.

What is certain comes first, and what is taken is gone. Payments of one amount to one payee are told apart by the
day. A sum of several is only believed where it is the only one that fits: a wrong match hides two differences.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations
from typing import TypeVar

from rapidfuzz import fuzz

from projects.reconciliation.sides import AtBank, InBook

WINDOW = 10
"""So many days may lie between the bank and the book."""
APART = 5
"""So many days may lie between the parts of a sum and the whole."""
ALIKE = 70
"""From this likeness (of 100) on, two names mean one payee: 市交通局 and 市交通运输局 are."""
PARTS = 12
"""Among so many parts a sum is looked for."""
MOST_PARTS = 5
"""A sum that is not all of its candidates has at most so many parts."""
_SHORTEST = 3
FORM = re.compile(r"(?:股份|集团|有限|责任|公司|[\s()（）])+")
"""What a firm's name has in common with other firms'; the bank writes it, the clerk does not."""

Side = TypeVar("Side", AtBank, InBook)
Pairs = frozenset[tuple[str, str]]
"""Lines by their keys, each with the number of a voucher."""
NO_PAIRS: Pairs = frozenset()


@dataclass(frozen=True)
class Match:
    """Lines and vouchers that are the same; `by` says how that was found, `payee` for equal sums under other names."""

    lines: tuple[AtBank, ...]
    vouchers: tuple[InBook, ...]
    by: str


def match(lines: Iterable[AtBank], vouchers: Iterable[InBook], apart: Pairs = NO_PAIRS) -> list[Match]:
    """Return what belongs together, but for what is kept `apart`; each line and voucher is in one match at most."""
    open_lines = {line.key: line for line in lines}
    open_vouchers = {each.seq: each for each in vouchers if not each.undone and each.undoes is None}
    found: list[Match] = []

    def take(made: Iterable[Match]) -> None:
        for each in made:
            free = all(line.key in open_lines for line in each.lines)
            if free and all(voucher.seq in open_vouchers for voucher in each.vouchers) and not parted(each, apart):
                for line in each.lines:
                    del open_lines[line.key]
                for voucher in each.vouchers:
                    del open_vouchers[voucher.seq]
                found.append(each)

    for way in (_by_number, partial(_by_amount, apart=apart), _one_to_many, _many_to_one, _by_amount_alone):
        take(way(list(open_lines.values()), list(open_vouchers.values())))
    return found


def parted(match: Match, apart: Pairs) -> bool:
    """Tell whether one of the lines is kept apart from one of the vouchers."""
    return any((line.key, voucher.number) in apart for line in match.lines for voucher in match.vouchers)


@lru_cache(maxsize=1 << 16)
def alike(one: str, other: str) -> bool | None:
    """Tell whether two names mean one payee; None where a name is lacking."""
    one, other = FORM.sub("", one), FORM.sub("", other)
    if not one or not other:
        return None
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _SHORTEST and shorter in longer:
        return True
    return fuzz.ratio(one, other) >= ALIKE


def _alike_to(name: str, other: AtBank | InBook) -> bool | None:
    return alike(name, other.payee)


def _by_number(lines: Sequence[AtBank], vouchers: Sequence[InBook]) -> Iterator[Match]:
    """Yield what carries the bank's serial number in the voucher, with the same amount."""
    of = _grouped(lines, lambda line: (line.serial, line.amount) if line.serial else None)
    for voucher in vouchers:
        for number in sorted(voucher.numbers):
            for line in of.get((number, voucher.amount), []):
                yield Match((line,), (voucher,), "serial")


def _by_amount(lines: Sequence[AtBank], vouchers: Sequence[InBook], *, apart: Pairs) -> Iterator[Match]:
    """Yield equal amounts within the window whose payees are alike, or not told; the likest and nearest first.

    As many find each other as can: where the nearest has taken what another line needs, it gives way to it.
    """
    of = _grouped(vouchers, lambda voucher: voucher.amount)
    for amount, some in _grouped(lines, lambda line: line.amount).items():
        fits: dict[str, list[tuple[bool, int, InBook]]] = {}
        for line in some:
            near = [
                (same is None, abs(line.day - voucher.day), voucher)
                for voucher in of.get(amount, [])
                if abs(line.day - voucher.day) <= WINDOW
                and (line.key, voucher.number) not in apart
                and (same := alike(line.payee, voucher.payee)) is not False
            ]
            fits[line.key] = sorted(near, key=lambda each: (*each[:2], each[2].seq))
        lines_of = {line.key: line for line in some}
        for key, voucher in _paired(fits):
            yield Match((lines_of[key],), (voucher,), "amount")


def _paired(fits: dict[str, list[tuple[bool, int, InBook]]]) -> list[tuple[str, InBook]]:
    """Return as many pairs as there can be, beginning with the likest and nearest."""
    edges = sorted((*each[:2], each[2].seq, key, each[2]) for key, some in fits.items() for each in some)
    holder: dict[int, str] = {}
    taken: dict[int, InBook] = {}
    done: set[str] = set()
    for *_, seq, key, voucher in edges:
        if key not in done and seq not in holder:
            holder[seq], taken[seq] = key, voucher
            done.add(key)

    def find(key: str, tried: set[int]) -> bool:
        for *_, voucher in fits[key]:
            if voucher.seq in tried:
                continue
            tried.add(voucher.seq)
            if voucher.seq not in holder or find(holder[voucher.seq], tried):
                holder[voucher.seq], taken[voucher.seq] = key, voucher
                return True
        return False

    for key in fits:
        if key not in done and find(key, set()):
            done.add(key)
    return [(key, taken[seq]) for seq, key in holder.items()]


def _by_amount_alone(lines: Sequence[AtBank], vouchers: Sequence[InBook]) -> Iterator[Match]:
    """Yield equal amounts under unlike names, where on both sides there is only the one; somebody has to look at it."""
    of = _grouped(vouchers, lambda voucher: voucher.amount)
    amounts = _grouped(lines, lambda line: line.amount)
    for amount, some in amounts.items():
        others = of.get(amount, [])
        if len(some) == len(others) == 1 and abs(some[0].day - others[0].day) <= APART:
            yield Match((some[0],), (others[0],), "payee")


def _one_to_many(lines: Sequence[AtBank], vouchers: Sequence[InBook]) -> Iterator[Match]:
    """Yield lines that several vouchers make up: interest by project, a transfer for two contracts."""
    for line in lines:
        near = [each for each in vouchers if _part_of(line.day, line.amount, each.day, each.amount)]
        parts = _sum(line.amount, _families(near, partial(_alike_to, line.payee), lambda each: each.event))
        if parts:
            yield Match((line,), tuple(parts), "sum")


def _many_to_one(lines: Sequence[AtBank], vouchers: Sequence[InBook]) -> Iterator[Match]:
    """Yield vouchers that several lines make up: wages paid one by one, a payment above the bank's limit."""
    for voucher in vouchers:
        near = [each for each in lines if _part_of(voucher.day, voucher.amount, each.day, each.amount)]
        parts = _sum(voucher.amount, _families(near, partial(_alike_to, voucher.payee), lambda each: each.text))
        if parts:
            yield Match(tuple(parts), (voucher,), "sum")


def _part_of(day: int, whole: int, other: int, part: int) -> bool:
    return abs(day - other) <= APART and (part > 0) == (whole > 0) and abs(part) < abs(whole)


def _families(
    near: Sequence[Side], same: Callable[[Side], bool | None], kind: Callable[[Side], str]
) -> Iterator[list[Side]]:
    """Yield what may make up a sum together: one payee's; one kind on one day."""
    yield [each for each in near if same(each)]
    yield from _grouped(near, lambda each: (kind(each), each.day)).values()


def _sum(whole: int, families: Iterable[list[Side]]) -> list[Side] | None:
    """Return the parts that make up `whole`: all of a family, or the only choice of a few among it."""
    for family in families:
        if len(family) > 1 and sum(each.amount for each in family) == whole:
            return family
        if len(family) > PARTS:
            continue
        found = [
            list(parts)
            for size in range(2, min(MOST_PARTS, len(family) - 1) + 1)
            for parts in combinations(family, size)
            if sum(each.amount for each in parts) == whole
        ]
        if len(found) == 1:
            return found[0]
    return None


Of = TypeVar("Of", bound=Hashable)


def _grouped(items: Iterable[Side], of: Callable[[Side], Of | None]) -> dict[Of, list[Side]]:
    found: dict[Of, list[Side]] = defaultdict(list)
    for item in items:
        key = of(item)
        if key is not None:
            found[key].append(item)
    return found

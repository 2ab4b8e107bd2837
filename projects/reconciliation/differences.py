"""What is left on the two sides, and what it looks like: missing, doubled, another amount, another account, late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from projects.reconciliation.matching import NO_PAIRS, WINDOW, Match, Pairs, alike
from projects.reconciliation.sides import AtBank, InBook

LATE = 60
"""Within so many days what is the same in everything else is late, not another payment."""
NEAR = 5
"""Within so many days another amount to the same payee may be a wrong amount."""
NEARLY = 0.1
"""A wrong amount is off by such a share at most, or it is mistyped."""
SLIPS = 2
"""So many digits are mistyped at most."""

Fits = Callable[[AtBank, InBook], bool]


@dataclass(frozen=True)
class Difference:
    """Something that only one side has, or that both have in their own way; `kind` says what it looks like.

    ``not-in-books`` and ``not-at-bank`` are missing. ``twice-at-bank`` and ``twice-in-books`` are like one that is
    matched. ``amount`` and ``late`` pair a line with a voucher. ``other-account`` is a line whose voucher stands in
    another bank account of the book.
    """

    kind: str
    line: AtBank | None = None
    voucher: InBook | None = None
    like: str = ""
    """What it is like: the row or the voucher that it seems to repeat."""


def differences(
    lines: Sequence[AtBank],
    vouchers: Sequence[InBook],
    matches: Sequence[Match],
    elsewhere: Sequence[InBook],
    apart: Pairs = NO_PAIRS,
) -> list[Difference]:
    """Return a difference for each of the open `lines` and `vouchers`, pairs first, but for those kept `apart`.

    `elsewhere` holds the vouchers of the book's other bank accounts that no statement has confirmed.
    """

    def together(fits: Fits) -> Fits:
        return lambda line, voucher: (line.key, voucher.number) not in apart and fits(line, voucher)

    left = list(lines)
    open_vouchers = [each for each in vouchers if not each.undone and each.undoes is None]
    away = [each for each in elsewhere if not each.undone and each.undoes is None]
    found = _paired("other-account", _same_elsewhere, left, away) + _paired(
        "late", together(_late), left, open_vouchers
    )
    found += _doubles(left, open_vouchers, matches)
    found += _paired("amount", together(_other_amount), left, open_vouchers)
    found += [Difference("not-in-books", line) for line in left]
    return found + [Difference("not-at-bank", voucher=voucher) for voucher in open_vouchers]


def _paired(kind: str, fits: Fits, lines: list[AtBank], vouchers: list[InBook]) -> list[Difference]:
    """Take lines and vouchers that fit out of what is left, and return them as differences."""
    found = []
    for line, voucher in _pairs(lines, vouchers, fits):
        lines.remove(line)
        vouchers.remove(voucher)
        found.append(Difference(kind, line, voucher, like=voucher.bank))
    return found


def _doubles(lines: list[AtBank], vouchers: list[InBook], matches: Sequence[Match]) -> list[Difference]:
    """Take what is like something that is matched out of what is left, and return it as differences."""
    of_lines = [line for each in matches for line in each.lines]
    of_vouchers = [voucher for each in matches for voucher in each.vouchers]
    found = []
    for line in list(lines):
        twin = next((each for each in of_lines if _twins(line, each)), None)
        if twin:
            lines.remove(line)
            found.append(Difference("twice-at-bank", line, like=twin.date))
    for voucher in list(vouchers):
        double = next((each for each in of_vouchers if _twins(voucher, each)), None)
        if double:
            vouchers.remove(voucher)
            found.append(Difference("twice-in-books", voucher=voucher, like=double.number))
    return found


def _pairs(
    lines: Iterable[AtBank], vouchers: Sequence[InBook], fits: Callable[[AtBank, InBook], bool]
) -> list[tuple[AtBank, InBook]]:
    """Return pairs that fit, the nearest days and amounts first, each line and voucher once."""
    pairs = [(line, voucher) for line in lines for voucher in vouchers if fits(line, voucher)]
    pairs.sort(key=lambda pair: (abs(pair[0].day - pair[1].day), abs(pair[0].amount - pair[1].amount), pair[1].seq))
    found, taken = [], set[object]()
    for line, voucher in pairs:
        if line.key not in taken and voucher.seq not in taken:
            taken |= {line.key, voucher.seq}
            found.append((line, voucher))
    return sorted(found, key=lambda pair: (pair[0].day, pair[0].row))


def _same_elsewhere(line: AtBank, voucher: InBook) -> bool:
    near = abs(line.day - voucher.day) <= WINDOW
    return line.amount == voucher.amount and near and alike(line.payee, voucher.payee) is not False


def _late(line: AtBank, voucher: InBook) -> bool:
    same = line.amount == voucher.amount and alike(line.payee, voucher.payee) is True
    return same and abs(line.day - voucher.day) <= LATE


def _other_amount(line: AtBank, voucher: InBook) -> bool:
    if line.serial and line.serial in voucher.numbers:
        return True
    near = abs(line.day - voucher.day) <= NEAR and alike(line.payee, voucher.payee) is True
    return near and _slipped(line.amount, voucher.amount)


def _slipped(one: int, other: int) -> bool:
    """Tell whether one amount may be the other one mistyped: a digit or two, its zeros, or nearly the same."""
    if (one > 0) != (other > 0):
        return False
    if abs(one - other) <= abs(one) * NEARLY:
        return True
    digits, others = str(abs(one)).rstrip("0"), str(abs(other)).rstrip("0")
    return digits == others or (len(digits) == len(others) and Levenshtein.distance(digits, others) <= SLIPS)


def _twins(one: AtBank | InBook, other: AtBank | InBook) -> bool:
    near = one.amount == other.amount and abs(one.day - other.day) <= WINDOW
    return near and alike(one.payee, other.payee) is not False

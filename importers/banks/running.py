"""The running balance: it says in which order lines happened, and gives away what is missing, doubled or swapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from importers.banks.statement import Line, Twice
from importers.errors import BalanceGap, BalancesUnrelated, BalanceSwapped
from ledger.errors import Refusal

MANY = 0.2
"""If more than this share of the lines does not follow, it is not single lines that are wrong."""
_FEW = 3


def without_doubles(lines: Sequence[Line]) -> tuple[list[Line], tuple[Twice, ...]]:
    """Return the lines once each, and those that the file holds twice.

    Twice is the same serial number with the same amount and balance: a bank may put a payment and its fee under one
    number. Without a number it is two lines in a row that are the same in everything: the second should have moved
    the balance.
    """
    once: list[Line] = []
    twice: list[Twice] = []
    first: dict[tuple[str, int, int | None], int] = {}
    for line in lines:
        if line.serial:
            row = first.setdefault((line.serial, line.amount, line.balance), line.row)
        else:
            row = once[-1].row if once and once[-1][1:] == line[1:] and line.balance is not None else line.row
        if row == line.row:
            once.append(line)
        else:
            twice.append(Twice(row=line.row, first=row, serial=line.serial))
    return once, tuple(twice)


def ordered(lines: Sequence[Line]) -> tuple[list[Line], list[Refusal]]:
    """Return the lines in the order in which they happened, and what is wrong with their balances.

    Banks export oldest or newest first, and some days newest first with the lines of a day oldest first: the right
    order is the one in which the balance runs.
    """
    orders = [list(lines), list(lines)[::-1]]
    if lines and lines[0].date > lines[-1].date:
        orders = [orders[1], orders[0], sorted(lines, key=lambda line: line.date)]
    straight = min(orders, key=lambda order: len(_gaps(order)))
    gaps = _gaps(straight)
    if not gaps:
        return straight, []
    crossed = min(orders, key=lambda order: len(_gaps(order, sign=-1)))
    if len(_gaps(crossed, sign=-1)) * 2 < len(gaps):
        return crossed, [BalanceSwapped(count=len(gaps), lines=len(lines))]
    if len(gaps) > max(_FEW, len(lines) * MANY):
        row, stated, due = straight[gaps[0]].row, straight[gaps[0]].balance, _due(straight, gaps[0])
        return straight, [BalancesUnrelated(count=len(gaps), lines=len(lines), row=row, stated=stated, due=due)]
    return straight, list(_told(straight, gaps))


def _gaps(lines: Sequence[Line], *, sign: int = 1) -> list[int]:
    """Return the places of the lines whose balance does not follow from the line before."""
    found = []
    before: int | None = None
    for place, line in enumerate(lines):
        due = None if before is None else before + sign * line.amount
        if line.balance is None:
            before = due
            continue
        if due is not None and due != line.balance:
            found.append(place)
        before = line.balance
    return found


def _told(lines: Sequence[Line], gaps: Sequence[int]) -> Iterator[Refusal]:
    passed = -1
    for place, after in zip(gaps, [*gaps[1:], -1], strict=True):
        if place == passed:
            continue
        line, due = lines[place], _due(lines, place)
        off = (line.balance or 0) - due
        facts = {"row": line.row, "before": lines[place - 1].row, "stated": line.balance, "due": due}
        if after == place + 1 and (lines[after].balance or 0) - _due(lines, after) == -off:
            # The next line goes on from what the balance should have been: only this balance is wrong.
            passed = after
            yield BalanceGap(about="balance", off=abs(off), **facts)
        else:
            yield BalanceGap(about="in" if off > 0 else "out", off=abs(off), **facts)


def _due(lines: Sequence[Line], place: int) -> int:
    """Return the balance that follows from the lines before."""
    due, back = lines[place].amount, place - 1
    while lines[back].balance is None:
        due += lines[back].amount
        back -= 1
    return due + (lines[back].balance or 0)

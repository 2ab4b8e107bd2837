"""银行存款余额调节表: from both balances to the same sum, by what the other side does not have yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projects.reconciliation.matching import Match, Side
from projects.reconciliation.sides import AtBank, InBook, in_opening


@dataclass(frozen=True, kw_only=True)
class Table:
    """Both balances at the end of the day `on`, what only one side has then, and what both come to with it."""

    on: str
    bank_balance: int
    book_balance: int
    only_at_bank: tuple[AtBank, ...]
    only_in_book: tuple[InBook, ...]

    @property
    def bank_adjusted(self) -> int:
        """Return the bank's balance with what only the book has."""
        return self.bank_balance + sum(each.amount for each in self.only_in_book)

    @property
    def book_adjusted(self) -> int:
        """Return the book's balance with what only the bank has."""
        return self.book_balance + sum(each.amount for each in self.only_at_bank)

    def bank_rows(self) -> tuple[list[InBook], list[InBook]]:
        """Return what is added to and taken from the bank's balance: received, and paid, in the book only."""
        return _split(self.only_in_book)

    def book_rows(self) -> tuple[list[AtBank], list[AtBank]]:
        """Return what is added to and taken from the book's balance: in, and out, at the bank only."""
        return _split(self.only_at_bank)

    @property
    def off(self) -> int:
        """Return by how much both sides differ with all that is named: it was there before the first statement."""
        return self.bank_adjusted - self.book_adjusted

    @property
    def agrees(self) -> bool:
        """Tell whether both sides come to the same sum: every difference is a line or a voucher that is named."""
        return self.bank_adjusted == self.book_adjusted


def table(
    on: str,
    *,
    bank_balance: int,
    book_balance: int,
    lines: Iterable[AtBank],
    vouchers: Sequence[InBook],
    matches: Iterable[Match],
    since: str,
) -> Table:
    """Return the table of a day. `lines` and `vouchers` are all that was taken and sealed, `matches` what is the same.

    A match whose one half comes after the day is open on that day; so is a voucher whose reversal comes after it.
    What is in the opening balance (`in_opening`) and the bank never showed is no difference.
    """
    groups = [(each.lines, each.vouchers) for each in matches]
    groups += [((), pair) for pair in _undone(vouchers)]
    at_bank = {line.key: line for line in lines if line.date <= on}
    in_book = {each.seq: each for each in vouchers if each.date <= on}
    before = {each.seq for each in vouchers if in_opening(each, since)}
    for some, others in groups:
        if all(line.date <= on for line in some) and all(each.date <= on for each in others):
            for line in some:
                at_bank.pop(line.key, None)
            for each in others:
                in_book.pop(each.seq, None)
        elif some:
            # It came to the bank after all, so that the opening balance did not have it.
            before -= {each.seq for each in others}
    return Table(
        on=on,
        bank_balance=bank_balance,
        book_balance=book_balance,
        only_at_bank=tuple(sorted(at_bank.values(), key=lambda line: (line.date, line.row, line.key))),
        only_in_book=tuple(each for seq, each in sorted(in_book.items()) if seq not in before),
    )


def _split(items: Iterable[Side]) -> tuple[list[Side], list[Side]]:
    came: list[Side] = []
    went: list[Side] = []
    for each in items:
        (came if each.amount > 0 else went).append(each)
    return came, went


def _undone(vouchers: Sequence[InBook]) -> list[tuple[InBook, InBook]]:
    of = {each.seq: each for each in vouchers}
    return [(of[each.undoes], each) for each in vouchers if each.undoes is not None and each.undoes in of]

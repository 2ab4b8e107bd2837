"""What a bank statement says once it is read: lines in the order in which they happened, and two balances."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple


class Line(NamedTuple):
    """One movement; `amount` is in fen, positive for money in, and `balance` what the account held after it.

    `row` is the row in the file; `serial` the bank's own number, empty where the bank gives none.
    """

    row: int
    date: str
    time: str
    amount: int
    balance: int | None
    payee: str
    payee_account: str
    text: str
    serial: str


@dataclass(frozen=True, kw_only=True)
class Twice:
    """A line that the file holds twice: the same serial, amount and balance; it is taken once."""

    row: int
    first: int
    serial: str


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A statement whose running balance holds; `profile` is the shape it came in, `own` the account's number.

    `opening` and `closing` are in fen, before the first line and after the last.
    """

    profile: str
    bank: str
    own: str
    sha256: str
    lines: tuple[Line, ...]
    opening: int
    closing: int
    twice: tuple[Twice, ...] = ()

    @property
    def first(self) -> str:
        """Return the day of the first line."""
        return self.lines[0].date

    @property
    def last(self) -> str:
        """Return the day of the last line."""
        return self.lines[-1].date


def keys(lines: tuple[Line, ...]) -> list[str]:
    """Return for each line a key that is the same in every file that holds the line.

    It is made of the bank's serial number, day, amount and balance; of the time and a count where there is no serial
    number. Nothing of the other party goes into it: a key stands in the log, and a name could be guessed from it.
    """
    seen: dict[str, int] = {}
    made = []
    for line in lines:
        said = f"{line.serial or line.time}|{line.date}|{line.amount}|{line.balance}"
        seen[said] = seen.get(said, 0) + 1
        made.append(hashlib.sha256(f"{said}|{seen[said]}".encode()).hexdigest()[:KEY_LENGTH])
    return made


KEY_LENGTH = 16

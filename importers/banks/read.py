"""Bank statements: a file in, a statement out whose balance runs, the whole file or none of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from importers.banks.cells import bare, clock, day_and_time, fen
from importers.banks.profiles import IN, OUT, Profile, choose, heading, profiles
from importers.banks.running import ordered, without_doubles
from importers.banks.statement import Line, Statement
from importers.errors import FileRefused, ProfileUnknown, StatementCellUnfit, StatementEmpty
from importers.reader import Row, Workbook, read
from ledger.errors import Names, Refusal

DEEPEST = 60
"""So many rows may stand above the header."""
MOST = 50
"""So many problems are told; whoever has more has the wrong file."""

_CURRENCIES = frozenset({"", "人民币", "人民币元", "CNY", "RMB", "156", "01"})
_FOOTERS = ("合计", "总计", "小计", "本页", "共计")
_OWN = re.compile(r"(?:卡号|账\s*号|账户|卡号/账号)\s*[:：]\s*([0-9*xX ]{4,40})")


def read_statement(
    path: Path, *, folder: Path | None = None, progress: Callable[[float], None] | None = None
) -> Statement:
    """Return the statement in the file at `path`; `folder` may hold shapes of the office's own.

    Raises:
        FileUnreadable: it is no file that can be read.
        ProfileUnknown: no row of it is the header of a shape that is known.
        FileRefused: its `problems` are all that is wrong with its lines, or else with its balances.
        StatementEmpty: it holds no line.
        ProfileUnfit: a shape of the office's own is not fit.
    """
    workbook = read(path, progress=progress)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return parse(workbook, path=path, sha256=sha256, among=profiles(folder))


def find(workbook: Workbook, among: Sequence[Profile]) -> Profile | None:
    """Return the shape of the first header in the sheets, or None."""
    for sheet in workbook.sheets:
        for row in sheet.rows[:DEEPEST]:
            found = choose(row.cells, among)
            if found is not None:
                return found
    return None


def parse(workbook: Workbook, *, path: Path, sha256: str, among: Sequence[Profile]) -> Statement:
    """Return the statement in sheets that were read.

    Raises:
        ProfileUnknown, FileRefused, StatementEmpty: like `read_statement`.
    """
    profile = find(workbook, among)
    if profile is None:
        raise ProfileUnknown(path=path, banks=Names(dict.fromkeys(each.bank for each in among)))
    problems: list[Refusal] = []
    found: list[Line] = []
    own = ""
    for sheet in workbook.sheets:
        lines = _Lines(profile, problems)
        for row in sheet.rows:
            lines.take(row)
        found += lines.found
        own = own or lines.own
    if problems:
        raise FileRefused(path=path, problems=problems[:MOST])
    once, twice = without_doubles(found)
    straight, problems = ordered(once)
    if problems:
        raise FileRefused(path=path, problems=problems[:MOST])
    if not straight:
        raise StatementEmpty(path=path, bank=profile.bank)
    opening, closing = _ends(straight)
    return Statement(
        profile=profile.code,
        bank=profile.bank,
        own=own,
        sha256=sha256,
        lines=tuple(straight),
        opening=opening,
        closing=closing,
        twice=twice,
    )


def _ends(lines: Sequence[Line]) -> tuple[int, int]:
    """Return the balances before the first line and after the last."""
    moved = 0
    for line in lines:
        moved += line.amount
        if line.balance is not None:
            opening = line.balance - moved
            return opening, opening + sum(each.amount for each in lines)
    return 0, sum(each.amount for each in lines)


class _Lines:
    """Takes the rows of a sheet; what it found stands in `found`, what is wrong goes to `problems`."""

    def __init__(self, profile: Profile, problems: list[Refusal]) -> None:
        self.found: list[Line] = []
        self.own = ""
        self._profile = profile
        self._problems = problems
        self._header: tuple[str, ...] = ()
        self._at: Mapping[str, int] = {}
        self._ended = False
        self._words: dict[str, str] = {}
        self._days: dict[str, tuple[str, str]] = {}

    def take(self, row: Row) -> None:
        """Take a row: above the header, the header (again, where a page begins), a line, or the footer."""
        profile = self._profile
        date = self._cell(row.cells, profile.date) if self._at else ""
        if not date[:4].isdigit():
            names = tuple(map(heading, row.cells))
            if profile.fits(names):
                self._begin(names)
            elif not self._at:
                self._above(row.cells)
            elif not self._ended:
                self._ended = self._is_footer(names)
                if not self._ended and any(names):
                    self._wrong("date", row, profile.date, date)
        elif not self._ended:
            self._line(row, date)

    def _begin(self, names: tuple[str, ...]) -> None:
        self._header, self._ended = names, False
        at = {name: place for place, name in reversed(list(enumerate(names))) if name}
        self._at = at
        profile = self._profile
        self._text = [at[name] for name in profile.text if name in at]

    def _above(self, cells: Iterable[str]) -> None:
        match = _OWN.search(" ".join(cells))
        if match and not self.own:
            self.own = match[1].replace(" ", "")

    def _is_footer(self, names: Sequence[str]) -> bool:
        said = "".join(names)
        return said.startswith((*self._profile.end, *_FOOTERS)) or any(word in said for word in self._profile.end)

    def _line(self, row: Row, date: str) -> None:
        cells, profile = row.cells, self._profile
        before = len(self._problems)
        on, at = self._day(row, date)
        if profile.time:
            at = clock(self._cell(cells, profile.time)) or at
        amount = self._amount(row)
        balance = self._fen(row, profile.balance)
        if profile.currency and self._cell(cells, profile.currency) not in _CURRENCIES:
            self._wrong("currency", row, profile.currency, self._cell(cells, profile.currency))
        if profile.own and not self.own:
            self.own = self._cell(cells, profile.own)
        if len(self._problems) > before or not amount:
            # A line of nothing, such as the opening of the account, moves no balance either.
            return
        payee, account = self._party(cells)
        text = " ".join(dict.fromkeys(filter(None, (bare(cells[i]) for i in self._text if i < len(cells)))))
        self.found.append(
            Line(
                row.number, on, at, amount, balance, payee, account, self._once(text), self._cell(cells, profile.serial)
            )
        )

    def _day(self, row: Row, text: str) -> tuple[str, str]:
        if text not in self._days:
            try:
                self._days[text] = day_and_time(text)
            except Refusal:
                self._wrong("date", row, self._profile.date, text)
                return "", ""
        return self._days[text]

    def _amount(self, row: Row) -> int:
        """Return what a line moved, positive for money in; a negative amount in a column is the bank's own reversal."""
        profile = self._profile
        if not profile.amount:
            came, went = self._fen(row, profile.money_in) or 0, self._fen(row, profile.money_out) or 0
            if came and went:
                self._wrong("both", row, profile.money_out, self._cell(row.cells, profile.money_out))
            return came - went
        amount = self._fen(row, profile.amount) or 0
        if not profile.mark:
            return amount
        mark = self._cell(row.cells, profile.mark)
        if mark not in IN | OUT:
            self._wrong("mark", row, profile.mark, mark)
        return amount if mark in IN else -amount

    def _fen(self, row: Row, column: str) -> int | None:
        place = self._at[column]
        cell = row.cells[place] if place < len(row.cells) else ""
        try:
            return fen(cell)
        except Refusal as refusal:
            self._wrong(refusal.code, row, column, cell)
            return None

    def _party(self, cells: Sequence[str]) -> tuple[str, str]:
        profile = self._profile
        if not profile.party:
            return self._once(self._cell(cells, profile.payee)), self._cell(cells, profile.payee_account)
        account, slash, name = self._cell(cells, profile.party).partition("/")
        return (self._once(name.strip()), account) if slash else (account, "")

    def _cell(self, cells: Sequence[str], column: str) -> str:
        place = self._at.get(column, -1)
        return bare(cells[place]) if 0 <= place < len(cells) else ""

    def _once(self, text: str) -> str:
        """Return a text that comes back as one object: payees and words come back often, and files are long."""
        return self._words.setdefault(text, text)

    def _wrong(self, about: str, row: Row, column: str, text: str) -> None:
        if len(self._problems) <= MOST:
            self._problems.append(StatementCellUnfit(about=about, row=row.number, column=column, text=text[:60]))

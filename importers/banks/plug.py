"""Both ways through beangulp's protocol: our shapes as an importer, and any importer as a source of statements.

`BankImporter` answers `identify`, `account`, `date` and `extract`, so that a script of three lines runs it under
beangulp's own command line. `from_importer` reads a statement with an importer that somebody else wrote.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import beangulp
from beancount.core import data
from beancount.core.amount import Amount

from importers.banks.profiles import profiles
from importers.banks.read import find, read_statement
from importers.banks.statement import Line, Statement, keys
from importers.errors import FileUnreadable, ImporterUnfit
from importers.reader import read

YUAN = "CNY"
SERIALS = ("serial", "ref", "id")
"""Under these keys importers put the bank's number of a transaction."""


class BankImporter(beangulp.Importer):  # type: ignore[misc]
    """The statements of one bank account; `account` is its name in Beancount's words.

    `profile` limits it to one shape, `folder` adds shapes of the office's own.
    """

    def __init__(self, account: str, *, profile: str = "", folder: str | None = None, currency: str = YUAN) -> None:
        self._account = account
        self._currency = currency
        self._folder = Path(folder) if folder else None
        self._profile = profile

    def identify(self, filepath: str) -> bool:
        """Tell whether the file has the header of a shape that is known."""
        among = profiles(self._folder)
        try:
            found = find(read(Path(filepath)), among)
        except FileUnreadable:
            return False
        return found is not None and self._profile in {"", found.code}

    def account(self, filepath: str) -> str:
        """Return the account, whatever the file."""
        del filepath
        return self._account

    def date(self, filepath: str) -> dt.date:
        """Return the day of the last movement."""
        return dt.date.fromisoformat(self._read(filepath).last)

    def extract(self, filepath: str, existing: list[Any]) -> list[Any]:
        """Return each line as a transaction with one posting, and the closing balance on the morning after."""
        statement = self._read(filepath)
        known = {entry.meta.get("key") for entry in existing if isinstance(entry, data.Transaction)}
        entries: list[Any] = []
        for key, line in zip(keys(statement.lines), statement.lines, strict=True):
            if key in known:
                continue
            meta = data.new_metadata(
                filepath, line.row, {"key": key} | ({"serial": line.serial} if line.serial else {})
            )
            units = Amount(_yuan(line.amount), self._currency)
            posting = data.Posting(self._account, units, None, None, None, None)
            day = dt.date.fromisoformat(line.date)
            entries.append(
                data.Transaction(
                    meta, day, "!", line.payee or None, line.text, data.EMPTY_SET, data.EMPTY_SET, [posting]
                )
            )
        after = dt.date.fromisoformat(statement.last) + dt.timedelta(days=1)
        closing = Amount(_yuan(statement.closing), self._currency)
        entries.append(data.Balance(data.new_metadata(filepath, 0), after, self._account, closing, None, None))
        return entries

    def deduplicate(self, entries: list[Any], existing: list[Any]) -> None:
        """Leave it to the keys: two payments of one amount on one day are two payments."""

    def _read(self, filepath: str) -> Statement:
        return read_statement(Path(filepath), folder=self._folder)


def load(name: str) -> Any:
    """Return the importer that ``module:name`` stands for; a class is called without arguments.

    Raises:
        ImporterUnfit: there is none, or it does not follow the protocol.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
        importer = found() if isinstance(found, type) else found
    except Exception as error:
        # It is somebody else's program, and may fail in any way.
        raise ImporterUnfit(importer=name, reason=f"{type(error).__name__}: {error}") from None
    for method in ("identify", "account", "date", "extract"):
        if not callable(getattr(importer, method, None)):
            raise ImporterUnfit(importer=name, reason=f"{method}()")
    return importer


def from_importer(name: str, path: Path) -> Statement:
    """Return the statement that the beangulp importer `name` makes of a file.

    Lines are the postings of its transactions in the account that it names, in yuan. A balance that it asserts has
    to be what the lines make of the balances before it; without one, the opening is taken for zero.

    Raises:
        FileUnreadable: there is no such file.
        ImporterUnfit: the importer is not there, does not know the file, or its balances do not hold.
    """
    importer = load(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path=path, reason=error) from None
    try:
        known = importer.identify(str(path))
        account = importer.account(str(path)) if known else ""
        entries = list(importer.extract(str(path), [])) if known else []
    except Exception as error:
        raise ImporterUnfit(importer=name, reason=f"{type(error).__name__}: {error}") from None
    if not known:
        raise ImporterUnfit(about="file", importer=name, path=path)
    lines = _lines(name, entries, account)
    if not lines:
        raise ImporterUnfit(about="empty", importer=name, path=path, account=account)
    opening = _opening(name, entries, account, lines)
    return Statement(
        profile=name,
        bank=name,
        own="",
        sha256=hashlib.sha256(content).hexdigest(),
        lines=tuple(_running(lines, opening)),
        opening=opening,
        closing=opening + sum(line.amount for line in lines),
    )


def _lines(name: str, entries: list[Any], account: str) -> list[Line]:
    found = []
    for entry in sorted((each for each in entries if isinstance(each, data.Transaction)), key=lambda each: each.date):
        units = [posting.units for posting in entry.postings if posting.account == account]
        fen = sum(_fen(name, unit.number) for unit in units if unit is not None and unit.currency == YUAN)
        serial = next((str(entry.meta[key]) for key in SERIALS if entry.meta.get(key)), "")
        row = int(entry.meta.get("lineno", 0) or 0)
        if fen:
            day = entry.date.isoformat()
            found.append(Line(row, day, "", fen, None, entry.payee or "", "", entry.narration or "", serial))
    return found


def _opening(name: str, entries: list[Any], account: str, lines: list[Line]) -> int:
    """Return what the account held before the first line, by the balances that the importer asserts."""
    opening: int | None = None
    for entry in entries:
        if isinstance(entry, data.Balance) and entry.account == account and entry.amount.currency == YUAN:
            # An assertion holds at the beginning of its day.
            moved = sum(line.amount for line in lines if line.date < entry.date.isoformat())
            stated = _fen(name, entry.amount.number)
            if opening is not None and opening + moved != stated:
                raise ImporterUnfit(about="balance", importer=name, date=entry.date, stated=stated, due=opening + moved)
            opening = stated - moved
    return opening or 0


def _running(lines: list[Line], opening: int) -> list[Line]:
    made, balance = [], opening
    for line in lines:
        balance += line.amount
        made.append(line._replace(balance=balance))
    return made


def _fen(name: str, number: Decimal | None) -> int:
    fen = (number or Decimal()).scaleb(2)
    if fen != fen.to_integral_value():
        raise ImporterUnfit(importer=name, reason=str(number))
    return int(fen)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)

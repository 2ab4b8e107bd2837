"""What an export is made of: the vouchers of a book with their postings, in the order of their seals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.leaves import Voucher
from ledger.store import sql


class Commodity(NamedTuple):
    """What a posting counts; `channel` is the one whose money or budget it is, empty for a good."""

    code: str
    kind: str
    channel: str
    name: str
    scale: int


class Posted(NamedTuple):
    """One posting: `amount` in the smallest unit of its commodity, a debit positive."""

    account: str
    commodity: str
    amount: int


@dataclass(frozen=True)
class Sealed:
    """A voucher, the number of the one that it takes back ("" for none), and its postings."""

    voucher: Voucher
    reverses: str
    postings: tuple[Posted, ...]


def commodities(connection: Connection, book: str) -> dict[str, Commodity]:
    """Return what the balances of a book count, by code."""
    return {row[0]: Commodity(*row) for row in sql.rows(connection, _COMMODITIES, {"book": book})}


def accounts(connection: Connection, book: str) -> list[str]:
    """Return the names of a book's accounts."""
    return [str(name) for (name,) in sql.rows(connection, _ACCOUNTS, {"book": book})]


def sealed(connection: Connection, book: str) -> Iterator[Sealed]:
    """Return the vouchers of a book one by one."""
    where = {"book": book}
    postings = groupby(sql.rows(connection, _POSTINGS, where), key=lambda row: int(row[0]))
    numbers: dict[int, str] = {}
    lines = next(postings, None)
    for voucher in map(Voucher._make, sql.rows(connection, _VOUCHERS, where)):
        numbers[voucher.seq] = voucher.number
        posted: tuple[Posted, ...] = ()
        if lines is not None and lines[0] == voucher.seq:
            posted = tuple(Posted(*row[1:]) for row in lines[1])
            lines = next(postings, None)
        yield Sealed(voucher, "" if voucher.reverses is None else numbers[voucher.reverses], posted)


_COMMODITIES = (
    "SELECT c.code, c.kind, coalesce(c.channel, ''), coalesce(h.name, g.name, ''), c.scale FROM commodity c "
    "LEFT JOIN channel h ON h.code = c.channel LEFT JOIN good g ON g.code = c.good "
    "WHERE c.code IN (SELECT commodity FROM balance WHERE book = :book) ORDER BY c.code"
)
_ACCOUNTS = "SELECT name FROM account WHERE book = :book ORDER BY name"
_VOUCHERS = f"SELECT {', '.join(Voucher._fields)} FROM voucher WHERE book = :book ORDER BY seq"  # noqa: S608 - ours
_POSTINGS = "SELECT seq, account, commodity, amount FROM posting WHERE book = :book ORDER BY seq, line"

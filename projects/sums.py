"""What a voucher is of: the one amount by which a person knows it, told the same in lists, on pages and on paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, bindparam, text

from ledger.chart import channel_of
from ledger.proposals import Draft, Proposal
from ledger.store import sql

YUAN = 2
"""Yuan have so many decimals; goods by quantity have their own."""


def is_money(commodity: str, scale: int) -> bool:
    """Tell whether a posting is of money: not of goods by quantity, nor of the budget, which mirrors it."""
    return scale == YUAN and channel_of(commodity) == commodity


def whole(postings: Iterable[tuple[str, int, int]]) -> int:
    """Return the fen that a voucher is of, from its postings as commodity, amount and scale.

    It is what is debited in money; where no money moves, such as by an allotment or a contract, in the budget.
    """
    debits = [(commodity, amount, scale) for commodity, amount, scale in postings if amount > 0 and scale == YUAN]
    money = [amount for commodity, amount, scale in debits if is_money(commodity, scale)]
    return sum(money or [amount for _, amount, _ in debits])


def of(proposal: Proposal, scales: Mapping[str, int]) -> int:
    """Return the fen that a voucher will be of; `scales` are the decimals of each commodity."""
    return whole((line.commodity, line.amount, scales[line.commodity]) for line in proposal.lines)


def of_drafts(connection: Connection, drafts: Iterable[Draft]) -> dict[str, int]:
    """Return by label what drafts will be of, in fen."""
    scales = {str(code): int(scale) for code, scale in sql.rows(connection, "SELECT code, scale FROM commodity")}
    return {each.label: of(each.proposal, scales) for each in drafts}


def wholes(connection: Connection, book: str, numbers: Collection[str]) -> dict[str, int]:
    """Return by number what sealed vouchers of a book are of, in fen."""
    if not numbers:
        return {}
    found: dict[str, list[tuple[str, int, int]]] = {number: [] for number in numbers}
    asked = _OF_NUMBERS.bindparams(book=book, numbers=list(numbers))
    for number, commodity, amount, scale in connection.execute(asked):
        found[number].append((commodity, amount, scale))
    return {number: whole(postings) for number, postings in found.items()}


_OF_NUMBERS = text(
    "SELECT v.number, p.commodity, p.amount, c.scale FROM voucher v "
    "JOIN posting p ON p.book = v.book AND p.seq = v.seq JOIN commodity c ON c.code = p.commodity "
    "WHERE v.book = :book AND p.amount > 0 AND v.number IN :numbers"
).bindparams(bindparam("numbers", expanding=True))

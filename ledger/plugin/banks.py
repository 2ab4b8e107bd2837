"""Totals at the bank: what a reconciliation noted of the book is what the vouchers sealed before it come to.

A bank reports one balance for all channels of an account, which Beancount's own assertions cannot say.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from beancount.core import data

from ledger.books.keys import BALANCE
from ledger.plugin.reading import Leaf, Text
from ledger.plugin.report import Report


def totals(text: Text, report: Report) -> None:
    """Compare every recorded month end of a bank account with the vouchers, and each assertion with a record of it."""
    confirmed = set()
    for leaf in text.leaves:
        if leaf.kind == "fact" and leaf.entry.meta.get("of") == BALANCE:
            said, held = _amount(leaf.data.get("book-balance")), _held(text, leaf)
            confirmed.add(_amount(leaf.data.get("balance")))
            if said != held:
                facts = {"bank": leaf.data.get("subject"), "day": leaf.data.get("on")}
                report.find("bank-total", leaf.entry, said=said, held=held, **facts)
    for entry in text.entries:
        if isinstance(entry, data.Balance) and entry.amount.number not in confirmed:
            report.find("unconfirmed", entry, account=entry.account, amount=entry.amount)


def _held(text: Text, leaf: Leaf) -> Decimal:
    """Return what the vouchers that were sealed before a leaf, up to its day, leave in its bank account."""
    bank, day = leaf.data.get("subject"), str(leaf.data.get("on"))
    return sum(
        (
            posting.units.number
            for voucher in text.vouchers
            if voucher.whole("position") < leaf.position and voucher.entry.date.isoformat() <= day
            for posting in voucher.entry.postings
            if text.account(posting.account)[2] == bank
        ),
        Decimal(),
    )


def _amount(said: object) -> Decimal | None:
    try:
        return Decimal(str(said))
    except InvalidOperation:
        return None

"""A book as a journal that hledger and ledger-cli both read: one text for both, but for how each declares.

Each channel stays a commodity of its own (``"JT2024"``, its budget ``"JT2024.B"``, in quotes as both want it), so
that hledger refuses a voucher in which money changes channel. Nothing is elided: each posting says its amount with all
its decimals. The price of 1 CNY lets both value a channel's money (``-X CNY``); no posting has a price.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from ledger.exports.sealed import Commodity, Sealed, accounts, commodities, sealed
from ledger.money import plain
from ledger.register import need_book

TAGS = ("project", "event", "contract", "reverses", "maker", "made-at", "approver", "sealed-at", "position", "leaf")


def hledger(connection: Connection, book: str) -> Iterator[str]:
    """Return a journal for hledger, where everything is declared: ``hledger -s check`` accepts it."""
    # What stands behind the one separator of 18.000 are decimals, never thousands.
    yield from _journal(connection, book, "decimal-mark .\n")


def ledger_cli(connection: Connection, book: str) -> Iterator[str]:
    """Return a journal for ledger-cli, where everything is declared: ``ledger --pedantic`` accepts it."""
    yield from _journal(connection, book, "")


def _journal(connection: Connection, book: str, before: str) -> Iterator[str]:
    found = need_book(connection, book)
    counted = commodities(connection, book)
    yield f"; {_line(found.name)} ({book}), {_line(found.village)}, {found.chart}\n{before}\n"
    yield "commodity CNY\n  format 1000.00 CNY\n"
    for each in counted.values():
        yield f"; {_line(each.name)}\n" + f"commodity {_quoted(each.code)}\n  format {_pattern(each)}\n"
        if each.kind == "money":
            yield f"P {found.started_on} {_quoted(each.code)} 1.00 CNY\n"
    yield "\n"
    yield from (f"account {name}\n" for name in accounts(connection, book))
    yield "\n"
    yield from (f"tag {tag}\n" for tag in TAGS)
    for voucher in sealed(connection, book):
        yield _voucher(voucher, counted)


def _voucher(of: Sealed, counted: dict[str, Commodity]) -> str:
    made = of.voucher
    # A bar parts the payee from what was done, a semicolon begins a comment: neither may come from a clerk.
    words = [_line(each) for each in (made.payee, made.narration) if each]
    told = {
        "project": made.project,
        "event": made.event,
        "contract": made.contract,
        "reverses": of.reverses,
        "maker": made.maker,
        "made-at": made.made_at,
        "approver": made.approver,
        "sealed-at": made.sealed_at,
        "position": str(made.position),
        "leaf": made.leaf_hash,
    }
    head = f"\n{made.date} * ({made.number}) {' | '.join(words)}\n"
    tags = "".join(f"    ; {name}: {value}\n" for name, value in told.items() if value)
    lines = "".join(
        f"    {account}  {plain(amount, counted[code].scale)} {_quoted(code)}\n"
        for account, code, amount in of.postings
    )
    return head + tags + lines


def _line(text: str) -> str:
    """Return a clerk's words so that they stay what they are: neither program may take a part of them for a sign."""
    return text.translate(_WIDE)


def _quoted(code: str) -> str:
    return f'"{code}"'


def _pattern(of: Commodity) -> str:
    return f"{plain(1000 * 10**of.scale, of.scale)}{'' if of.scale else '.'} {_quoted(of.code)}"


_WIDE = str.maketrans({";": "；", "|": "｜", "\t": " "})

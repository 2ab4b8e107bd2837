"""The text of a book: its head and its months, the same bytes for the same record.

Nothing elided, no price and no cost on a posting, amounts with exactly their decimals: tolerance has nothing to
forgive. Strings are escaped, and cannot hold a line break, so that no narration can become a directive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, text

from ledger import chart, money
from ledger.books.keys import DOCUMENTS, EXTENSION, PLUGIN, REGISTER_FILE
from ledger.books.quoting import quoted
from ledger.books.reconciled import confirmed
from ledger.leaves import Voucher
from ledger.money import plain
from ledger.register import GENERAL_PROJECT, list_banks, need_book
from ledger.store import sql

VOUCHER = ", ".join(Voucher._fields)


@dataclass(frozen=True)
class Block:
    """A voucher's text; the header line of a month has an empty number."""

    number: str
    text: str


def months(connection: Connection, book: str) -> list[str]:
    """Return the months that have vouchers, as ``2024-05``."""
    found: list[str] = []
    # From month to month by the index: a book has a thousand times more vouchers than months.
    query = "SELECT min(number) FROM voucher WHERE book = :book AND number > :after"
    while True:
        row = sql.first(connection, query, {"book": book, "after": f"{found[-1]}{_PAST}" if found else ""})
        if row is None or row[0] is None:
            return found
        found.append(str(row[0])[:7])


def month_file(month: str) -> str:
    """Return the name of a month's file."""
    return f"{month}.beancount"


def month_head(book: str, month: str) -> str:
    """Return the first line of a month."""
    return f";; {book} {month}\n"


def month_blocks(connection: Connection, book: str, month: str, *, since: int = 0) -> Iterator[Block]:
    """Return a month's text voucher by voucher, in the order of their seals, from the voucher with the `seq` `since`.

    Raises:
        ValueError: the record holds what no seal lets through.
    """
    if not since:
        yield Block("", month_head(book, month))
    where = {"book": book, "from": f"{month}-", "past": f"{month}{_PAST}", "since": since}
    vouchers, postings, documents = _LATER if since else _WHOLE
    scales = {str(code): int(scale) for code, scale in sql.rows(connection, "SELECT code, scale FROM commodity")}
    lines: dict[int, list[tuple[str, int, str]]] = {}
    for seq, account, commodity, amount in sql.rows(connection, postings, where):
        lines.setdefault(seq, []).append((account, amount, commodity))
    papers: dict[int, list[tuple[str, int]]] = {}
    for seq, sha256, suffix, size in sql.rows(connection, documents, where):
        papers.setdefault(seq, []).append((f"{sha256}{suffix}", size))
    for voucher in map(Voucher._make, sql.rows(connection, vouchers, where)):
        posted = lines.get(voucher.seq, [])
        body = "".join(posting_text(account, plain(amount, scales[of]), of) for account, amount, of in posted)
        first = posted[0][0] if posted else ""
        yield Block(
            voucher.number, voucher_text(voucher, json.loads(voucher.facts), body, first, papers.get(voucher.seq, ()))
        )


def posting_text(account: str, amount: str, commodity: str) -> str:
    """Return a posting, its amount with all its decimals."""
    return f"  {account}  {amount} {commodity}\n"


def voucher_text(
    voucher: Voucher, facts: Mapping[str, str], postings: str, first: str, papers: Sequence[tuple[str, int]]
) -> str:
    """Return a voucher with its `postings`, of which `first` is the first account; `papers` are (name, size).

    Raises:
        ValueError: it holds what would not stay inside its quotes.
    """
    links = f"^V{voucher.number}"
    if voucher.reverses is not None:
        links += f" ^{facts['reverses']}"
    made = (
        f"{voucher.date} * {quoted(voucher.payee)} {quoted(voucher.narration)} #{voucher.project} {links}\n"
        f'  seq: "{voucher.seq}"\n  event: {quoted(voucher.event)}\n'
    )
    if voucher.contract:
        made += f"  contract: {quoted(voucher.contract)}\n"
    for key, value in facts.items():
        made += f"  {key}: {quoted(value)}\n"
    made += (
        f"  maker: {quoted(voucher.maker)}\n  made-at: {quoted(voucher.made_at)}\n"
        f"  approver: {quoted(voucher.approver)}\n  sealed-at: {quoted(voucher.sealed_at)}\n"
    )
    for count, (name, size) in enumerate(papers, 1):
        made += f'  document-{count}: {quoted(f"{DOCUMENTS}/{name}")}\n  size-{count}: "{size}"\n'
    made += f'  position: "{voucher.position}"\n  leaf: {quoted(voucher.leaf_hash)}\n{postings}'
    for name, _ in papers:
        paper = quoted(f"{DOCUMENTS}/{name}")
        made += f"\n{voucher.date} document {first} {paper} #{voucher.project} {links}\n"
    if "milestone" in facts:
        made += f"\n{voucher.date} event {quoted(voucher.project)} {quoted(facts['milestone'])}\n"
    return made


def papers(connection: Connection, book: str, month: str) -> list[tuple[str, str]]:
    """Return the papers of a month's vouchers, each as SHA-256 and suffix."""
    where = {"book": book, "from": f"{month}-", "past": f"{month}{_PAST}", "since": 0}
    return [(sha256, suffix) for _, sha256, suffix, _ in sql.rows(connection, _WHOLE[2], where)]


def head_text(connection: Connection, book: str) -> str:
    """Return the text of a book's head: options, channels, accounts with what they may hold, the months."""
    found = need_book(connection, book)
    where = {"book": book}
    on = found.started_on
    held = [
        (row.account, row.commodity)
        for row in connection.execute(
            text("SELECT account, commodity FROM balance WHERE book = :book ORDER BY account, commodity"),
            where,
        )
    ]
    used = {chart.channel_of(commodity) for _, commodity in held}
    parts = [
        f'option "title" {quoted(found.name)}\n'
        + "".join(f'option "operating_currency" "{channel}"\n' for channel in _money(connection, used))
        + 'option "operating_currency" "CNY"\n'
        + 'option "render_commas" "TRUE"\n'
        + f'plugin "{PLUGIN}"\n'
        + '1970-01-01 custom "fava-option" "language" "zh"\n'
        + f'1970-01-01 custom "fava-extension" "{EXTENSION}"\n'
        + '1970-01-01 custom "fava-option" "show-accounts-with-zero-balance" "false"\n',
        f'{on} custom "book" {quoted(book)} {quoted(found.village)} {quoted(found.chart)}\n',
    ]
    parts.append("".join(_commodities(connection, used, on)))
    for bank in list_banks(connection, book):
        channels = "".join(f" {quoted(channel)}" for channel in sorted(bank.channels))
        parts[1] += f'{on} custom "bank" {quoted(bank.code)} {quoted(bank.name)} {quoted(bank.kind)}{channels}\n'
    plan = connection.execute(
        text(
            "SELECT p.code, p.name, b.channel, b.planned FROM project p LEFT JOIN budget_line b "
            "ON b.book = p.book AND b.project = p.code WHERE p.book = :book ORDER BY p.code, b.position, b.channel"
        ),
        where,
    )
    for (code, name), lines in groupby(plan, key=lambda row: (row.code, row.name)):
        if code != GENERAL_PROJECT:
            parts[1] += f'{on} custom "project" {quoted(code)} {quoted(name)}\n'
        for line in lines:
            if line.channel:
                amount = f"{money.plain(line.planned)} {line.channel}{chart.BUDGET_SUFFIX}"
                parts[1] += f'{on} custom "budget-line" {quoted(code)} {amount}\n'
    opens = groupby(held, key=lambda pair: pair[0])
    parts.append("".join(f"{on} open {name}  {','.join(c for _, c in pairs)}\n" for name, pairs in opens))
    parts.append(confirmed(connection, book, on=on, opened=(account for account, _ in held)))
    includes = [REGISTER_FILE, *map(month_file, months(connection, book))]
    parts.append("".join(f'include "{name}"\n' for name in includes))
    return "\n".join(part for part in parts if part)


def _money(connection: Connection, used: set[str]) -> list[str]:
    rows = connection.execute(text("SELECT code FROM channel ORDER BY code"))
    return [row.code for row in rows if row.code in used]


def _commodities(connection: Connection, used: set[str], on: str) -> Iterator[str]:
    for row in connection.execute(text("SELECT code, name, source, document FROM channel ORDER BY code")):
        if row.code in used:
            document = f"  document: {quoted(row.document)}\n" if row.document else ""
            yield (
                f"{on} commodity {row.code}\n  name: {quoted(row.name)}\n  source: {quoted(row.source)}\n{document}"
                f"{on} price {row.code} 1 CNY\n"
            )
            budget = f"{row.name}（预算）"
            yield f"{on} commodity {row.code}{chart.BUDGET_SUFFIX}\n  name: {quoted(budget)}\n"
    for row in connection.execute(text("SELECT code, name, unit FROM good ORDER BY code")):
        if row.code in used:
            yield f"{on} commodity {row.code}\n  name: {quoted(f'{row.name}（{row.unit}）')}\n"


def _queries(of_month: str) -> tuple[str, str, str]:
    """Return the queries for vouchers, postings and papers; a plus or an empty text keeps SQLite from an index."""
    where = f"WHERE v.book = :book AND {of_month} ORDER BY +v.seq"
    posting, paper = "p.seq, p.account, p.commodity, p.amount", "d.seq, d.sha256, d.suffix, d.size"
    return (
        f"SELECT {VOUCHER} FROM voucher v {where}",  # noqa: S608 - names of ours
        f"SELECT {posting} FROM voucher v JOIN posting p ON p.book = v.book AND p.seq = v.seq {where}, p.line",  # noqa: S608
        f"SELECT {paper} FROM voucher v JOIN document d ON d.book = v.book AND d.seq = v.seq {where}, d.sha256",  # noqa: S608
    )


# The character after the hyphen is a full stop.
_PAST = "."
_WHOLE = _queries("v.number > :from AND v.number < :past AND +v.seq >= :since")
_LATER = _queries("v.number || '' > :from AND v.number || '' < :past AND v.seq >= :since")

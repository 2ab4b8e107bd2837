"""The text of a book: its head and its months, the same bytes for the same record.

Nothing elided, no price and no cost on a posting, amounts with exactly their decimals: tolerance has nothing to
forgive. Strings are escaped, and cannot hold a line break, so that no narration can become a directive.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import Connection, text

from ledger import chart, money
from ledger.books.leaves import REGISTER_FILE
from ledger.books.quoting import quoted
from ledger.register import GENERAL_PROJECT, list_banks, need_book

HEAD = "main.beancount"
DOCUMENTS = "documents"


@dataclass(frozen=True)
class Block:
    """A voucher's text; the header line of a month has an empty number."""

    number: str
    text: str


def months(connection: Connection, book: str) -> list[str]:
    """Return the months that have vouchers, as ``2024-05``."""
    query = text("SELECT DISTINCT substr(number, 1, 7) FROM voucher WHERE book = :book ORDER BY 1")
    return [str(month) for month in connection.execute(query, {"book": book}).scalars()]


def month_file(month: str) -> str:
    """Return the name of a month's file."""
    return f"{month}.beancount"


def month_text(connection: Connection, book: str, month: str) -> str:
    """Return the whole text of a month."""
    return "\n".join(block.text for block in month_blocks(connection, book, month))


def month_blocks(connection: Connection, book: str, month: str) -> Iterator[Block]:
    """Return a month's text voucher by voucher, in the order of their seals."""
    yield Block("", f";; {book} {month}\n")
    where = {"book": book, "like": f"{month}-%"}
    scales = {row.code: row.scale for row in connection.execute(text("SELECT code, scale FROM commodity"))}
    postings = groupby(connection.execute(_POSTINGS, where), key=lambda row: row.seq)
    papers: dict[int, dict[str, int]] = {}
    for row in connection.execute(_DOCUMENTS, where):
        papers.setdefault(row.seq, {})[f"{row.sha256}{row.suffix}"] = row.size
    vouchers = connection.execute(_VOUCHERS, where)
    for voucher, (seq, lines) in zip(vouchers, postings, strict=True):
        assert voucher.seq == seq, "every voucher has postings"
        facts = json.loads(voucher.facts)
        links = f"^V{voucher.number}" + (f" ^{facts['reverses']}" if voucher.reverses is not None else "")
        project = voucher.project
        head = f"{voucher.date} * {quoted(voucher.payee)} {quoted(voucher.narration)} #{project} {links}\n"
        meta = {"seq": str(voucher.seq), "event": voucher.event}
        if voucher.contract:
            meta["contract"] = voucher.contract
        meta |= facts
        meta |= {"maker": voucher.maker, "made-at": voucher.made_at, "approver": voucher.approver}
        meta["sealed-at"] = voucher.sealed_at
        for count, (name, size) in enumerate(papers.get(seq, {}).items(), 1):
            meta[f"document-{count}"] = f"{DOCUMENTS}/{name}"
            meta[f"size-{count}"] = str(size)
        meta |= {"position": str(voucher.position), "leaf": voucher.leaf_hash}
        body = "".join(f"  {key}: {quoted(value)}\n" for key, value in meta.items())
        first = ""
        for line in lines:
            first = first or line.account
            body += f"  {line.account}  {money.plain(line.amount, scales[line.commodity])} {line.commodity}\n"
        for name in papers.get(seq, ()):
            body += f"\n{voucher.date} document {first} {quoted(f'{DOCUMENTS}/{name}')} #{project} {links}\n"
        if "milestone" in facts:
            body += f"\n{voucher.date} event {quoted(project)} {quoted(facts['milestone'])}\n"
        yield Block(voucher.number, head + body)


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
        + '1970-01-01 custom "fava-option" "language" "zh"\n'
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


_VOUCHERS = text(
    "SELECT seq, number, date, event, project, contract, payee, narration, facts, maker, made_at, approver, "
    "sealed_at, reverses, position, leaf_hash FROM voucher WHERE book = :book AND number LIKE :like ORDER BY seq"
)
_POSTINGS = text(
    "SELECT p.seq, p.account, p.commodity, p.amount FROM posting p JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE p.book = :book AND v.number LIKE :like ORDER BY p.seq, p.line"
)
_DOCUMENTS = text(
    "SELECT d.seq, d.sha256, d.suffix, d.size FROM document d JOIN voucher v ON v.book = d.book AND v.seq = d.seq "
    "WHERE d.book = :book AND v.number LIKE :like ORDER BY d.seq, d.sha256"
)

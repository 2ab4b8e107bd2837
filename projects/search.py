"""Search over a book: projects, contracts, vouchers, drafts, payees and papers, by words, codes, amounts and hashes.

Every word has to be found. What stands in the record under a mask, such as a person's name, is found by its mask alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ledger import facts, money
from ledger.errors import Refusal
from ledger.register import GENERAL_PROJECT
from ledger.store import sql
from ledger.waiting import waiting
from projects.payees import list_payees

MOST = 50
"""So many of a kind are shown; how many there are is told."""
LETTERS = "abcdef"
"""A letter for each word: so many words are looked for, the rest are left."""
LONGEST = 100
SHORTEST_HASH = 4
VOUCHER = ("number", "date", "event", "project", "payee", "narration", "maker", "approver", "reversed_by")
"""What is told of a voucher in a list."""


@dataclass(frozen=True)
class Hit:
    """Something that was found: its code, what it is called, more of it, and what it is opened by."""

    code: str
    title: str
    more: str
    at: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind: how many there are, and the first of them."""

    kind: str
    count: int
    hits: tuple[Hit, ...]


def search(connection: Connection, book: str, sought: str, *, papers: bool = True) -> list[Group]:
    """Return what was found in a book, by kind; papers only for who may see them.

    Amounts are found as they are typed (``12,500.00``, ``12500``), papers by the beginning of their SHA-256.
    """
    words = _words(sought)
    if not words:
        return []
    found = [
        _group("project", *_projects(connection, book, words)),
        _group("contract", *_contracts(connection, book, words)),
        _group("voucher", *_vouchers(connection, book, sought)),
        _group("draft", *_drafts(connection, book, words)),
        _group("payee", *_payees(connection, book, words)),
    ]
    if papers and re.fullmatch(rf"[0-9a-f]{{{SHORTEST_HASH},64}}", words[0].partition(".")[0]):
        found.append(_group("document", *_documents(connection, book, words[0].partition(".")[0])))
    return [each for each in found if each.count]


def find_vouchers(connection: Connection, book: str, sought: str, *, most: int) -> tuple[list[dict[str, Any]], int]:
    """Return the newest sealed vouchers in which all words stand, or one of whose amounts was typed; and their number.

    Where nothing is sought it is the newest of all.
    """
    where, given = _all_in(("v.number", "v.project", "v.contract", "v.payee", "v.narration"), _words(sought))
    fen = _amount(sought)
    if fen:
        where, given = f"({where} OR {_OF_AMOUNT})", given | {"fen": fen}
    query = (
        "SELECT v.number, v.date, v.event, v.project, v.payee, v.narration, v.maker, v.approver, "  # noqa: S608 - ours
        "coalesce(r.number, ''), count(*) OVER () FROM voucher v "
        "LEFT JOIN voucher r ON r.book = v.book AND r.reverses = v.seq "
        f"WHERE v.book = :book AND {where} ORDER BY v.seq DESC LIMIT :most"
    )
    rows = sql.rows(connection, query, given | {"book": book, "most": most})
    return [dict(zip(VOUCHER, row, strict=False)) for row in rows], int(rows[0][-1]) if rows else 0


def _projects(connection: Connection, book: str, words: Sequence[str]) -> tuple[Iterator[Hit], int]:
    where, given = _all_in(("code", "title", "name", "place", "responsible"), words)
    query = (
        "SELECT code, title, name, place, count(*) OVER () FROM project "  # noqa: S608 - ours
        f"WHERE book = :book AND code <> :general AND {where} ORDER BY code LIMIT :most"
    )
    rows = sql.rows(connection, query, given | {"book": book, "general": GENERAL_PROJECT, "most": MOST})
    return (Hit(code, title, f"{name} {place}".strip(), code) for code, title, name, place, _ in rows), _count(rows)


def _contracts(connection: Connection, book: str, words: Sequence[str]) -> tuple[Iterator[Hit], int]:
    where, given = _all_in(("c.code", "c.name", "c.payee", "c.project"), words)
    query = (
        "SELECT c.code, c.name, c.payee, c.project, count(*) OVER () FROM contract c "  # noqa: S608 - ours
        "WHERE c.book = :book AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = c.book AND r.reverses = c.seq) "
        f"AND {where} ORDER BY c.code LIMIT :most"
    )
    rows = sql.rows(connection, query, given | {"book": book, "most": MOST})
    return (Hit(code, name or project, payee, project) for code, name, payee, project, _ in rows), _count(rows)


def _vouchers(connection: Connection, book: str, sought: str) -> tuple[Iterator[Hit], int]:
    rows, count = find_vouchers(connection, book, sought, most=MOST)
    hits = (
        Hit(each["number"], each["narration"], f"{each['date']} {each['project']} {each['payee']}", each["number"])
        for each in rows
    )
    return hits, count


def _drafts(connection: Connection, book: str, words: Sequence[str]) -> tuple[Iterator[Hit], int]:
    """Look through the drafts one by one: few wait, and what they say stands in one text."""
    found = []
    for each in waiting(connection, book):
        said = [str(each.proposal[name]) for name in ("narration", "project", "contract", "payee", "date")]
        if all(any(word in text.lower() for text in (f"d{each.id}", *said)) for word in words):
            found.append(Hit(f"D{each.id}", said[0], f"{said[4]} {said[1]} {said[3]}", f"D{each.id}"))
    return iter(found[:MOST]), len(found)


def _payees(connection: Connection, book: str, words: Sequence[str]) -> tuple[Iterator[Hit], int]:
    """Look for who is named in this book's vouchers, by name or by the code of the register."""
    where, given = _all_in(("v.payee",), words)
    named = [each.name for each in list_payees(connection) if [each.code.lower()] == list(words)]
    if named:
        where, given = f"({where} OR v.payee = :named)", given | {"named": named[0]}
    query = (
        "SELECT v.payee, count(*), max(v.date), count(*) OVER () FROM voucher v "  # noqa: S608 - ours
        f"WHERE v.book = :book AND v.payee <> '' AND {where} "
        "GROUP BY v.payee ORDER BY count(*) DESC, v.payee LIMIT :most"
    )
    rows = sql.rows(connection, query, given | {"book": book, "most": MOST})
    return (Hit(payee, "", f"{count} · {last}", payee) for payee, count, last, _ in rows), _count(rows)


def _documents(connection: Connection, book: str, prefix: str) -> tuple[Iterator[Hit], int]:
    """Look for papers of vouchers and of facts by the beginning of their SHA-256."""
    rows = sql.rows(connection, _PAPERS, {"book": book, "prefix": f"{prefix}%"})
    found = [Hit(f"{sha256}{suffix}", f"V{number}", date, number) for sha256, suffix, number, date in rows]
    told = facts.papers(connection, book)
    found += [
        Hit(f"{sha256}{suffix}", fact.label, fact.on, "")
        for fact, (sha256, suffix, _) in told
        if sha256.startswith(prefix)
    ]
    return iter(found[:MOST]), len(found)


def _group(kind: str, hits: Iterator[Hit], count: int) -> Group:
    return Group(kind, count, tuple(hits))


def _count(rows: Sequence[sql.Row]) -> int:
    return int(rows[0][-1]) if rows else 0


def _words(sought: str) -> list[str]:
    """Return the words that were typed, without the V before a voucher's number."""
    words = sought[:LONGEST].lower().split()[: len(LETTERS)]
    return [re.sub(r"^v(?=[0-9]{4}-)", "", each) for each in words]


def _amount(sought: str) -> int:
    """Return the amount that was typed, in fen; 0 for what is none."""
    if not re.fullmatch(r"[¥￥]?[0-9０-９,，.．]{1,20}\s*((元|万元|万)整?)?", sought.strip()):
        return 0
    try:
        return money.parse(sought.strip())
    except Refusal:
        return 0


def _all_in(columns: Sequence[str], words: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return a condition that every word stands in one of some columns, and what it is given; true without words."""
    each_word = [
        "(" + " OR ".join(f"lower({column}) LIKE :word_{LETTERS[number]} ESCAPE '!'" for column in columns) + ")"
        for number in range(len(words))
    ]
    given: dict[str, Any] = {f"word_{LETTERS[number]}": f"%{_escaped(word)}%" for number, word in enumerate(words)}
    return " AND ".join(each_word) or "1 = 1", given


def _escaped(word: str) -> str:
    return re.sub(r"([!%_])", r"!\1", word)


_OF_AMOUNT = (
    "v.seq IN (SELECT p.seq FROM posting p JOIN commodity c ON c.code = p.commodity AND c.kind = 'money' "
    "WHERE p.book = :book GROUP BY p.seq HAVING sum(CASE WHEN p.amount > 0 THEN p.amount ELSE 0 END) = :fen "
    "OR max(CASE WHEN abs(p.amount) = :fen THEN 1 ELSE 0 END) = 1)"
)
"""The whole of a voucher, or one of its postings."""
_PAPERS = (
    "SELECT d.sha256, d.suffix, v.number, v.date FROM document d JOIN voucher v ON v.book = d.book AND v.seq = d.seq "
    "WHERE d.book = :book AND d.sha256 LIKE :prefix ORDER BY v.seq DESC"
)

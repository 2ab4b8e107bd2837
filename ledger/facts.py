"""Facts: what happens around the money and moves none of it. The leaf of a fact is its record; it fills no table.

A deliberation, a notice, a payee's account, the office's policy: each is an event of a book's log, or of the office's,
with its day, its subject, who recorded it and the papers that show it. A fact is never changed. One that was wrong is
withdrawn by another fact, which names it and says why; what is withdrawn stays to be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from ledger import log, people
from ledger.errors import BeforeBook, FactUnknown, FactWithdrawn, FutureDated
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import words

KIND = "fact"
"""The kind of a fact's leaf."""
WITHDRAWAL = "withdrawal"
"""The kind of a fact that takes another one back; its subject is the position of that one."""
COMMITMENT = "-commitment"
"""The ending of a key that stands for a private value."""
PERSON = "person-name"
"""The private field that says that a fact's subject is a person: with the name goes all that is private about it."""

_OWN = ("of", "subject", "on", "by", "at", "documents")
_KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")

Paper = tuple[str, str, int]
"""SHA-256, suffix and size of a document."""


@dataclass(frozen=True)
class Fact:
    """A fact: its place in a log, what kind it is and whom or what it is about, and what it says.

    `on` is the day on which it happened, `at` the time at which `by` recorded it. `data` holds text, whole numbers,
    lists and tables; amounts are text in yuan. A private value stands in it as ``NAME-commitment``.
    """

    log: str
    position: int
    kind: str
    subject: str
    on: str
    by: str
    at: str
    data: Mapping[str, Any]
    documents: tuple[Paper, ...] = ()

    @property
    def label(self) -> str:
        """Return how people name it."""
        return f"F{self.position}"


def record(
    unit: Unit,
    of: str,
    kind: str,
    subject: str,
    *,
    on: date,
    by: str,
    data: Mapping[str, Any],
    documents: Sequence[Paper] = (),
    private: Mapping[str, str] | None = None,
) -> Fact:
    """Append a fact to the log `of` (a book, or the office) and return it; the caller has checked what it says.

    Values of `private` stay in the record's private store; the leaf holds a salted commitment to each.

    Raises:
        FutureDated: its day has not come.
        Unknown: `by` is no user.
    """
    people.need_user(unit.connection, by)
    if on > unit.now.date():
        raise FutureDated(about="fact", date=on, today=unit.now.date(), last="", book=of)
    held = {field: (value, unit.salts()) for field, value in sorted((private or {}).items()) if value}
    said = dict(data) | {field + COMMITMENT: log.commitment(salt, value) for field, (value, salt) in held.items()}
    for key in said:
        assert _KEY.fullmatch(key), f"{key}: a key of a fact is a word"
        assert key not in _OWN, f"{key}: every fact has this by itself"
    content = {
        "of": kind,
        "subject": subject,
        "on": on.isoformat(),
        "by": by,
        "at": unit.now.isoformat(timespec="seconds"),
        "documents": [{"sha256": sha256, "suffix": suffix, "size": size} for sha256, suffix, size in documents],
    }
    position, _ = log.append(unit, of, KIND, content | said)
    for field, (value, salt) in held.items():
        row = {"log": of, "position": position, "field": field, "value": value, "salt": salt.hex()}
        sql.run(unit.connection, _KEEP, row)
    return _fact(of, position, content | said)


def need_begun(on: date, *, book: str, started_on: str) -> None:
    """Make sure that a day is not before a book began.

    Raises:
        BeforeBook: it is.
    """
    if on.isoformat() < started_on:
        raise BeforeBook(date=on, started_on=started_on, book=book)


def withdraw(unit: Unit, of: str, label: str, *, on: date, by: str, reason: str) -> Fact:
    """Take a fact back, with a reason; it stays in the log, and counts no more.

    Raises:
        FactUnknown: the log has no such fact.
        FactWithdrawn: it is withdrawn already, or it is a withdrawal.
        TextMissing: no reason is given.
    """
    fact = need(unit.connection, of, label)
    if fact.kind == WITHDRAWAL or fact.position in _withdrawn(unit.connection, of):
        raise FactWithdrawn(about="withdrawal" if fact.kind == WITHDRAWAL else "", fact=fact.label, book=of)
    data = {"reason": words(reason, "reason"), "withdrawn": fact.kind, "about": fact.subject}
    return record(unit, of, WITHDRAWAL, str(fact.position), on=on, by=by, data=data)


def facts(
    connection: Connection, of: str, *kinds: str, subject: str | None = None, withdrawn: bool = False
) -> list[Fact]:
    """Return the facts of a log by the order of their recording; of some kinds, about one subject, if so asked.

    What was withdrawn, and the withdrawals, are left out unless `withdrawn` asks for them. Of other kinds nothing is
    read: a log may hold hundreds of notices of ten thousand characters each.
    """
    gone = set() if withdrawn else _withdrawn(connection, of)
    return [
        each
        for each in stream(connection, of, *kinds)
        if (not kinds or each.kind in kinds)
        and subject in {None, each.subject}
        and each.position not in gone
        and (withdrawn or each.kind != WITHDRAWAL)
    ]


def latest(connection: Connection, of: str, kind: str, *, subject: str, on: date | None = None) -> Fact | None:
    """Return what was recorded last of a kind about a subject; of what happened until a day, if one is named."""
    found = [each for each in facts(connection, of, kind, subject=subject) if on is None or each.on <= on.isoformat()]
    return max(found, key=lambda each: (each.on, each.position), default=None)


def stream(connection: Connection, of: str, *kinds: str) -> Iterator[Fact]:
    """Yield every fact of a log, of some kinds if so asked, withdrawn or not; what cannot be read is left to verify."""
    said = [_said("of", kind) for kind in kinds]
    for position, leaf in sql.rows(connection, _FACTS, {"log": of, "kind": KIND}):
        if said and not any(each in leaf for each in said):
            continue
        fact = read(of, position, leaf)
        if fact:
            yield fact


def _said(key: str, word: str) -> str:
    """Return how a leaf says a word under a key: nowhere else, for in a text the quotes would be escaped."""
    return f'"{key}":"{word}"'


def leaves(connection: Connection, of: str, *kinds: str) -> list[tuple[int, str]]:
    """Return position and leaf of every fact of some kinds and of every withdrawal of one, unread: a reader keeps them.

    What was read of a log before is not read again, as long as the last leaf that was read still stands there: judging
    a voucher costs two look-ups, however many facts the office has.
    """
    kept = _kept.setdefault(connection.engine, {})
    known = kept.get((of, kinds))
    if known is None or sql.first(connection, _LEAF, {"log": of, "position": known.last}) != (known.hashed,):
        known = _Read()
    fresh = sql.rows(connection, _BEHIND, {"log": of, "kind": KIND, "position": known.last})
    if fresh:
        words_of = [_said(key, kind) for key in ("of", "withdrawn") for kind in kinds]
        found = [(int(each[0]), str(each[1])) for each in fresh if any(said in each[1] for said in words_of)]
        known = _Read(int(fresh[-1][0]), str(fresh[-1][2]), (*known.found, *found))
        kept[of, kinds] = known
    return list(known.found)


def standing(connection: Connection, of: str, *kinds: str) -> list[Fact]:
    """Return the facts of some kinds that stand, as `facts` does, and read of a log only what was not read before."""
    found = [read(of, *leaf) for leaf in standing_leaves(connection, of, *kinds)]
    return [each for each in found if each and each.kind in kinds]


def standing_leaves(connection: Connection, of: str, *kinds: str) -> list[tuple[int, str]]:
    """Return position and leaf of the facts of some kinds that stand, unread: a reader may know what one says."""
    kept = leaves(connection, of, *kinds)
    withdrawals = [read(of, *each) for each in kept if _said("of", WITHDRAWAL) in each[1]]
    gone = {int(each.subject) for each in withdrawals if each and each.subject.isdecimal()}
    said = [_said("of", kind) for kind in kinds]
    return [each for each in kept if each[0] not in gone and any(text in each[1] for text in said)]


@dataclass(frozen=True)
class _Read:
    """What was read of a log: up to which position, what leaf stands there, and what was found on the way."""

    last: int = -1
    hashed: str = ""
    found: tuple[tuple[int, str], ...] = ()


_kept: WeakKeyDictionary[Engine, dict[tuple[str, tuple[str, ...]], _Read]] = WeakKeyDictionary()


def read(of: str, position: int, leaf: str) -> Fact | None:
    """Return the fact that a leaf holds, None where it holds none."""
    data = log.data_of(leaf)
    return _fact(of, position, data) if is_fact(data) else None


def about(
    connection: Connection, of: str, subject: str, *, on: date | None = None, but: Sequence[str] = ()
) -> list[Fact]:
    """Return what was recorded of a subject and stands, until a day if one is named, in the order of its days.

    It reads the leaves that name the subject and no others: events ask for it at every draft and seal. Facts of the
    kinds in `but` are left out unread. What happened on one day stands in the order of recording.
    """
    last = on.isoformat() if on else "9999"
    kept = [each for each, counts in history(connection, of, subject, but=but) if counts and each.on <= last]
    return sorted(kept, key=lambda each: (each.on, each.position))


def history(connection: Connection, of: str, subject: str, *, but: Sequence[str] = ()) -> list[tuple[Fact, bool]]:
    """Return what was recorded of a subject, but for some kinds, in that order, each with whether it stands."""
    named = json.dumps(subject, ensure_ascii=False)
    where = {"log": of, "kind": KIND, "of": f'%"subject":{_like(named)}%', "gone": f'%"about":{_like(named)}%'}
    left_out = [_said("of", kind) for kind in but]
    rows = sql.rows(connection, _OF_KIND, where)
    wanted = [row for row in rows if not any(each in row[1] for each in left_out)]
    found = [each for each in (read(of, *row) for row in wanted) if each]
    gone = {int(each.subject) for each in found if each.kind == WITHDRAWAL and each.subject.isdecimal()}
    about_it = [each for each in found if each.subject == subject and each.kind != WITHDRAWAL]
    return [(each, each.position not in gone) for each in about_it]


def _like(text: str) -> str:
    """Return text for LIKE; what LIKE reads as any character finds too much at worst."""
    return text.replace("\\", "_").replace("%", "_")


def need(connection: Connection, of: str, label: str) -> Fact:
    """Return a fact by its label, such as ``F12``.

    Raises:
        FactUnknown: the log has no such fact.
    """
    match = re.fullmatch(r"[Ff]?([0-9]{1,12})", label.strip(), re.ASCII)
    position = int(match[1]) if match else -1
    where = {"log": of, "kind": KIND, "position": position}
    row = sql.first(connection, _FACT, where)
    if row is None or not is_fact(data := log.data_of(row[0])):
        raise FactUnknown(fact=label, book=of)
    return _fact(of, position, data)


def private(connection: Connection, fact: Fact) -> dict[str, str]:
    """Return the private values of a fact by field; what was erased, or a rebuild did not bring, is not there."""
    rows = sql.rows(connection, _PRIVATE, {"log": fact.log, "position": fact.position})
    return {str(field): str(value) for field, value in rows}


def privates(connection: Connection, of: str) -> dict[int, dict[str, str]]:
    """Return the private values of all facts of a log, by position and field."""
    found: dict[int, dict[str, str]] = {}
    for position, field, value in sql.rows(connection, _PRIVATES, {"log": of}):
        found.setdefault(int(position), {})[str(field)] = str(value)
    return found


def plain(fact: Fact) -> dict[str, Any]:
    """Return a fact as JSON shows it."""
    papers = [{"sha256": sha256, "suffix": suffix, "size": size} for sha256, suffix, size in fact.documents]
    return {
        "fact": fact.label,
        "log": fact.log,
        "kind": fact.kind,
        "subject": fact.subject,
        "date": fact.on,
        "by": fact.by,
        "at": fact.at,
        "data": dict(fact.data),
        "documents": papers,
    }


def is_fact(data: Mapping[str, Any]) -> bool:
    """Tell whether the data of a leaf are those of a fact."""
    papers = data.get("documents")
    return (
        all(isinstance(data.get(key), str) for key in _OWN[:-1])
        and _is_day(data["on"])
        and isinstance(papers, list)
        and all(isinstance(each, dict) and each.keys() == {"sha256", "suffix", "size"} for each in papers)
        and all(
            re.fullmatch(r"[0-9a-f]{64}", str(each["sha256"]))
            and re.fullmatch(r"(\.[a-z0-9]{1,5})?", str(each["suffix"]))
            and isinstance(each["size"], int)
            for each in papers
        )
    )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def papers(connection: Connection, of: str) -> Iterable[tuple[Fact, Paper]]:
    """Yield every document of the facts of a log."""
    for position, leaf in sql.rows(connection, _FACTS, {"log": of, "kind": KIND}):
        fact = read(of, position, leaf) if '"documents":[{' in leaf else None
        if fact:
            yield from ((fact, paper) for paper in fact.documents)


def _withdrawn(connection: Connection, of: str) -> set[int]:
    said = (each.subject for each in stream(connection, of, WITHDRAWAL) if each.kind == WITHDRAWAL)
    return {int(subject) for subject in said if subject.isdecimal()}


def _fact(of: str, position: int, data: Mapping[str, Any]) -> Fact:
    documents = tuple((each["sha256"], each["suffix"], each["size"]) for each in data["documents"])
    said = {key: value for key, value in data.items() if key not in _OWN}
    return Fact(of, position, data["of"], data["subject"], data["on"], data["by"], data["at"], said, documents)


_FACTS = "SELECT position, leaf FROM log_leaf WHERE log = :log AND kind = :kind AND kind <> 'voucher' ORDER BY position"
"""The last condition is that of the index."""
_OF_KIND = (
    "SELECT position, leaf FROM log_leaf WHERE log = :log AND kind = :kind AND kind <> 'voucher' "
    "AND (leaf LIKE :of OR leaf LIKE :gone) ORDER BY position"
)
_BEHIND = (
    "SELECT position, leaf, leaf_hash FROM log_leaf WHERE log = :log AND kind = :kind AND kind <> 'voucher' "
    "AND position > :position ORDER BY position"
)
_LEAF = "SELECT leaf_hash FROM log_leaf WHERE log = :log AND position = :position"
_FACT = "SELECT leaf FROM log_leaf WHERE log = :log AND kind = :kind AND position = :position"
_KEEP = "INSERT INTO private_fact (log, position, field, value, salt) VALUES (:log, :position, :field, :value, :salt)"
_PRIVATE = "SELECT field, value FROM private_fact WHERE log = :log AND position = :position ORDER BY field"
_PRIVATES = "SELECT position, field, value FROM private_fact WHERE log = :log ORDER BY position, field"

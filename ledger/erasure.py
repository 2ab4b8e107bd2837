"""Erasing a person: the private values go with their salts, what is sealed stays, and the office's log says so.

The leaf and the books hold only commitments. Without its salt a commitment cannot be guessed any more, so nothing of
the person is left in it, and no hash changes.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from ledger import facts, log, people
from ledger.errors import DraftsWait, Names, NothingPrivate, ReasonNamesPerson, TextMissing, TextUnprintable
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import words

KIND = "erasure"


@dataclass(frozen=True, order=True)
class Value:
    """Where a private value stands: a field of a sealed voucher, or of a fact (``F12``) of a book or the office."""

    book: str
    number: str
    field: str


@dataclass(frozen=True)
class Spelled:
    """Where an erased name still stands in a text of the record: the text's digest, from which character, how many.

    What is published is masked there; the name itself is not kept for it.
    """

    digest: str
    at: int
    length: int


@dataclass(frozen=True)
class Traces:
    """What the record knows of a person.

    `values` can be erased. `papers` are the documents of the same vouchers (book, voucher, file), which may show the
    person and stay; `elsewhere` names what spells the person out in text that is sealed or registered, which stays too.
    """

    values: tuple[Value, ...]
    papers: tuple[tuple[str, str, str], ...]
    elsewhere: tuple[str, ...]

    @property
    def books(self) -> tuple[str, ...]:
        """Return the codes of the books concerned."""
        return tuple(dict.fromkeys(each.book for each in self.values))

    @property
    def vouchers(self) -> int:
        """Return how many vouchers are concerned."""
        return len({(each.book, each.number) for each in self.values})


def find(connection: Connection, person: str) -> Traces:
    """Return what the record knows of a person of exactly this name, trimmed as it was on entry.

    Raises:
        DraftsWait: drafts of the person wait; sealing one would bring the name back.
        NothingPrivate: no private value is this name.
    """
    name = words(person, "person")
    waiting = _waiting(connection, name)
    if waiting:
        raise DraftsWait(person=name, drafts=Names(waiting))
    rows = connection.execute(_VALUES, {"name": name}).all()
    told = _told(connection, name)
    elsewhere = tuple(_elsewhere(connection, name))
    if not rows and not told:
        raise NothingPrivate(about="elsewhere" if elsewhere else "", person=name, elsewhere=Names(elsewhere))
    values = tuple(Value(row.book, row.number, row.field) for row in rows)
    values += tuple(Value(of, f"F{position}", field) for of, position, field in told)
    papers = tuple(
        (row.book, row.number, f"{row.sha256}{row.suffix}")
        for where in dict.fromkeys((row.book, row.seq) for row in rows)
        for row in connection.execute(_PAPERS, {"book": where[0], "seq": where[1]})
    )
    for of, position in dict.fromkeys((of, position) for of, position, _ in told):
        fact = facts.need(connection, of, f"F{position}")
        papers += tuple((of, fact.label, f"{sha256}{suffix}") for sha256, suffix, _ in fact.documents)
    return Traces(values, papers, elsewhere)


def check(connection: Connection, person: str, *, user: str, reason: str) -> Traces:
    """Return what `erase` would take, after the same refusals.

    Raises:
        Refusal: whatever `erase` refuses.
    """
    name, why = words(person, "person"), words(reason, "reason")
    if name in why:
        raise ReasonNamesPerson
    people.need_user(connection, user)
    traces = find(connection, name)
    for book in traces.books:
        people.need_overseer(connection, user, people.EVERY_BOOK if book == log.OFFICE else book)
    return traces


def erase(unit: Unit, person: str, *, user: str, reason: str) -> Traces:
    """Take every private value that is this name out of the record, with its salt, and log that it was done.

    The event names who, when, why, which fields of which vouchers, and where sealed texts still spell the name, never
    the value. The rows are gone with the
    commit; `ledger.store.scrub` then takes what they leave behind out of the record's files.

    Raises:
        ReasonNamesPerson: the reason would keep the name in the log.
        RoleMissing: `user` may neither approve nor audit one of the books.
        DraftsWait, NothingPrivate: what `find` refuses.
    """
    traces = check(unit.connection, person, user=user, reason=reason)
    sql.run(unit.connection, "DELETE FROM private_value WHERE value = :name", {"name": words(person, "person")})
    for of, position, field in _told(unit.connection, words(person, "person")):
        sql.run(unit.connection, _FORGET, {"log": of, "position": position, "field": field})
    data: dict[str, Any] = {
        "user": user,
        "at": unit.now.isoformat(timespec="seconds"),
        "reason": words(reason, "reason"),
        "values": [{"book": each.book, "number": each.number, "field": each.field} for each in traces.values],
    }
    left = [{"log": of, **vars(each)} for of, each in _spelled(unit.connection, words(person, "person"))]
    if left:
        data["spelled"] = left
    log.append(unit, log.OFFICE, KIND, data)
    return traces


def erased(connection: Connection) -> dict[Value, Mapping[str, Any]]:
    """Return every value that the office's log says was erased, with the event that says so."""
    found: dict[Value, Mapping[str, Any]] = {}
    for _, data in log.deeds(connection, KIND):
        try:
            for each in data["values"]:
                found[Value(str(each["book"]), str(each["number"]), str(each["field"]))] = data
        except (KeyError, TypeError):
            continue  # a leaf that cannot be read is verify's finding, and erases nothing
    return found


def spelled(connection: Connection) -> dict[str, list[Spelled]]:
    """Return by log where its texts spell a name that was erased, as the office's log says."""
    found: dict[str, list[Spelled]] = defaultdict(list)
    for _, data in log.deeds(connection, KIND):
        try:
            for each in data.get("spelled", []):
                found[str(each["log"])].append(Spelled(str(each["digest"]), int(each["at"]), int(each["length"])))
        except (KeyError, TypeError, ValueError):
            continue
    return dict(found)


def digest_of(text_: str) -> str:
    """Return what a text is known by among those that spell a name."""
    return hashlib.sha256(text_.encode()).hexdigest()


def _spelled(connection: Connection, name: str) -> list[tuple[str, Spelled]]:
    """Return where the leaves of all logs spell a name, in order."""
    found = set()
    where = {"json": f"%{_escaped(json.dumps(name, ensure_ascii=False)[1:-1])}%"}
    for of, leaf in sql.rows(connection, _LEAVES, where):
        for said in _texts(log.data_of(str(leaf))):
            at = said.find(name)
            while at >= 0:
                found.add((str(of), Spelled(digest_of(said), at, len(name))))
                at = said.find(name, at + len(name))
    return sorted(found, key=lambda each: (each[0], each[1].digest, each[1].at))


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in the data of a leaf."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _escaped(said: str) -> str:
    """Return a text as LIKE takes it for itself."""
    return said.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _told(connection: Connection, name: str) -> list[tuple[str, int, str]]:
    """Return log, position and field of what is private in facts: this value, and all about a subject who is a person.

    Whoever is erased by the name loses number and bank account too; by the number, one of two of the same name.
    """
    found = {
        (str(of), int(position), str(field)) for of, position, field in sql.rows(connection, _TOLD, {"name": name})
    }
    for of, subject in sorted({(of, facts.need(connection, of, f"F{position}").subject) for of, position, _ in found}):
        told = [each for each, _ in facts.history(connection, of, subject)]
        if any(facts.PERSON + facts.COMMITMENT in each.data for each in told):
            found |= {(of, each.position, field) for each in told for field in facts.private(connection, each)}
    return sorted(found)


def _waiting(connection: Connection, name: str) -> list[str]:
    query = text("SELECT book, id, request, proposal FROM work_draft ORDER BY book, id")
    found = []
    for row in connection.execute(query):
        typed = json.loads(row.request).get("party") or ""
        if name in json.loads(row.proposal)["private"].values() or _trimmed(typed) == name:
            found.append(f"D{row.id}@{row.book}")
    return found


def _trimmed(typed: str) -> str:
    try:
        return words(typed, "party", needed=False)
    except (TextMissing, TextUnprintable):
        return typed


def _elsewhere(connection: Connection, name: str) -> list[str]:
    """Return what spells the name out where nothing can be erased: vouchers by number, projects, users."""
    where = {"like": f"%{_escaped(name)}%", "json": f"%{_escaped(json.dumps(name, ensure_ascii=False)[1:-1])}%"}
    found = [f"V{row.number}@{row.book}" for row in connection.execute(_VOUCHERS, where)]
    found += [f"{row.code}@{row.book}" for row in connection.execute(_PROJECTS, where)]
    return found + [str(row.name) for row in connection.execute(_USERS, where)]


_VALUES = text(
    "SELECT p.book, p.seq, p.field, v.number FROM private_value p "
    "JOIN voucher v ON v.book = p.book AND v.seq = p.seq WHERE p.value = :name ORDER BY p.book, p.seq, p.field"
)
_TOLD = "SELECT log, position, field FROM private_fact WHERE value = :name ORDER BY log, position, field"
_LEAVES = "SELECT log, leaf FROM log_leaf WHERE leaf LIKE :json ESCAPE '\\' ORDER BY log, position"
_FORGET = "DELETE FROM private_fact WHERE log = :log AND position = :position AND field = :field"
_PAPERS = text(
    "SELECT d.book, v.number, d.sha256, d.suffix FROM document d JOIN voucher v ON v.book = d.book AND v.seq = d.seq "
    "WHERE d.book = :book AND d.seq = :seq ORDER BY d.sha256"
)
_VOUCHERS = text(
    "SELECT book, number FROM voucher WHERE payee LIKE :like ESCAPE '\\' OR narration LIKE :like ESCAPE '\\' "
    "OR facts LIKE :json ESCAPE '\\' ORDER BY book, seq"
)
_PROJECTS = text(
    "SELECT book, code FROM project WHERE name LIKE :like ESCAPE '\\' OR responsible LIKE :like ESCAPE '\\' "
    "OR benefit LIKE :like ESCAPE '\\' OR remark LIKE :like ESCAPE '\\' ORDER BY book, code"
)
_USERS = text(
    "SELECT name FROM users WHERE name LIKE :like ESCAPE '\\' OR full_name LIKE :like ESCAPE '\\' ORDER BY name"
)

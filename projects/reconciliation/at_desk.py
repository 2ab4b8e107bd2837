"""Reconciling at a desk, as command line and browser do it: the day, files read again, what is suggested, recording."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from importers.banks import Statement, read_statement
from ledger import canonical, people
from ledger.errors import Refusal
from ledger.facts import Fact
from ledger.people import RoleName
from ledger.store.workspace import Unit, Workspace
from ledger.text import parse_date
from projects.desk import Desk
from projects.errors import MatchUnfit, ReconciliationMoved, StatementBefore
from projects.reconciliation.apart import record_apart, take_back, turned_down
from projects.reconciliation.choices import NONE, Choices
from projects.reconciliation.reconcile import Reconciliation, Reread, month_end, reconcile
from projects.reconciliation.recording import record
from projects.reconciliation.remarks import record_remark
from projects.reconciliation.suggestions import Suggestion, suggest

PROFILES = "banks"
"""In this folder of the workspace an office may keep shapes of its own."""
KEEPERS: tuple[RoleName, ...] = ("maker", "cashier")
"""Who keeps a reconciliation."""


def last_day(statement: Statement, until: str | None, *, today: date) -> date:
    """Return the day until which the statement goes: the one named, the end of its last month, or today before that.

    Raises:
        StatementBefore: the day named is before the last line, or has not come.
    """
    last = date.fromisoformat(statement.last)
    if until is None:
        return max(last, min(month_end(last), today)) if today > month_end(last) else last
    named = parse_date(until)
    if not last <= named <= max(today, last):
        raise StatementBefore(date=named, last=last, today=today)
    return named


def reread(workspace: Workspace) -> Reread:
    """Return what reads the statement of a fact again, from the paper that was kept."""

    def again(fact: Fact) -> Statement | None:
        for sha256, suffix, _ in fact.documents:
            try:
                return read_kept(workspace, workspace.documents / f"{sha256}{suffix}", str(fact.data["profile"]))
            except Refusal:
                # The file is gone or was changed: its lines have day and amount, from the log.
                continue
        return None

    return again


def read_kept(
    workspace: Workspace, path: Path, profile: str = "", *, progress: Callable[[float], None] | None = None
) -> Statement:
    """Read a statement by the shapes that are known, or by the importer that a profile names.

    Raises:
        Refusal: whatever reading refuses.
    """
    if ":" in profile:
        from importers.banks.plug import from_importer

        return from_importer(profile, path)
    return read_statement(path, folder=workspace.path / PROFILES, progress=progress)


def suggestions(found: Reconciliation, book: str) -> list[Suggestion]:
    """Return what to record for the lines that are not in the books, and that no draft waits for."""
    open_lines = [
        each.line
        for each in found.differences
        if each.line is not None and each.line.key in found.guesses and each.line.key not in found.drafts
    ]
    return [
        suggest(line, found.guesses[line.key], book=book, bank=found.bank, persons=found.persons) for line in open_lines
    ]


def keep(
    desk: Desk,
    bank: str,
    statement: Statement,
    *,
    until: date,
    file: Path,
    choices: Choices = NONE,
    seen: str | None = None,
    key: str | None = None,
) -> dict[str, Any]:
    """Record a reconciliation in one unit of work, computed again inside: a voucher may have been sealed meanwhile.

    Whoever has looked at it before says what was `seen`, and nothing else is recorded.

    Raises:
        RoleMissing: it is not this user's work.
        ReconciliationMoved: it comes to something else than was seen.
        Refusal: whatever `reconcile` refuses.
    """
    sha256, suffix, size = desk.keep_paper(file).split("/")

    def act(unit: Unit) -> dict[str, Any]:
        people.need_one_of(unit.connection, desk.user, KEEPERS, desk.book)
        again = reconcile(
            unit.connection, desk.book, bank, statement, until=until, reread=reread(desk.workspace), choices=choices
        )
        if seen is not None and seen != mark(again):
            raise ReconciliationMoved
        # What they were proposed as is known from what would be proposed without the choice.
        free = replace(choices, apart=frozenset())
        proposed = (
            reconcile(
                unit.connection, desk.book, bank, statement, until=until, reread=reread(desk.workspace), choices=free
            ).matches
            if choices.apart
            else ()
        )
        made = record(unit, desk.book, again, by=desk.user, paper=(sha256, suffix, int(size)))
        said = [
            record_apart(unit, desk.book, bank, each, by=desk.user) for each in turned_down(proposed, choices.apart)
        ]
        return made | {"facts": [*made["facts"], *(each.label for each in said)]}

    content = {"book": desk.book, "bank": bank, "file": statement.sha256, "until": until.isoformat(), "user": desk.user}
    return desk.change("reconcile", content | choices.plain(), act, key=key)


def propose_again(desk: Desk, bank: str, label: str, *, key: str | None = None) -> dict[str, Any]:
    """Let be proposed again what somebody said is not the same.

    Raises:
        RoleMissing: it is not this user's work.
        MatchUnfit: nothing of this account is kept apart by this fact.
    """

    def act(unit: Unit) -> dict[str, Any]:
        people.need_one_of(unit.connection, desk.user, KEEPERS, desk.book)
        reason = desk.say("bank-again")
        return {"fact": take_back(unit, desk.book, bank, label, by=desk.user, reason=reason).label}

    return desk.change("bank again", {"book": desk.book, "bank": bank, "fact": label, "user": desk.user}, act, key=key)


def mark(found: Reconciliation) -> str:
    """Return a hash of what would be recorded of a reconciliation."""
    said = [
        [[[line.key for line in each.lines], [voucher.number for voucher in each.vouchers]] for each in found.matches],
        [line.key for line in found.taken],
        [[each.on, each.bank_balance, each.book_balance, each.bank_adjusted, each.agrees] for each in found.tables],
    ]
    return hashlib.sha256(canonical.dumps(said).encode()).hexdigest()


def remark(desk: Desk, bank: str, *about: str, says: str, key: str | None = None) -> dict[str, Any]:
    """Record why lines or vouchers stand on one side only, the same of all that are named.

    Raises:
        RoleMissing: it is not this user's work.
        TextMissing: nothing is said.
        MatchUnfit: nothing is named.
    """

    def act(unit: Unit) -> dict[str, Any]:
        people.need_one_of(unit.connection, desk.user, KEEPERS, desk.book)
        if not about:
            raise MatchUnfit(about="nothing")
        made = [record_remark(unit, desk.book, bank, each, says=says, by=desk.user) for each in about]
        return {"facts": [each.label for each in made]}

    content = {"book": desk.book, "bank": bank, "about": list(about), "says": says, "user": desk.user}
    return desk.change("bank remark", content, act, key=key)

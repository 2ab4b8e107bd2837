"""Taking back what was recorded of the money's surroundings: who may, in which log, once."""

from __future__ import annotations

from typing import Any

from ledger import facts, log, people
from ledger.store.workspace import Unit
from ledger.text import parse_date
from projects.desk import Desk


def withdraw(desk: Desk, label: str, *, reason: str, on: str | None = None, key: str | None = None) -> dict[str, Any]:
    """Take back a fact of the desk's book, of the office where the desk is at none, and return what says so.

    A maker takes back what is in a book. What the office knows holds for every book: who approves or audits all of
    them takes it back. The same key with the same content takes it back once.

    Raises:
        RoleMissing: it is not for this user to take back.
        FactUnknown, FactWithdrawn, TextMissing: as in `facts.withdraw`.
        FutureDated: the day has not come.
    """
    of = desk.book or log.OFFICE
    # Today is no part of what a key stands for: a retry after midnight is the same command.
    day = None if on is None else parse_date(on)

    def act(unit: Unit) -> dict[str, Any]:
        if of == log.OFFICE:
            people.need_overseer(unit.connection, desk.user, people.EVERY_BOOK)
        else:
            people.need_role(unit.connection, desk.user, "maker", of)
        return facts.plain(facts.withdraw(unit, of, label, on=day or unit.now.date(), by=desk.user, reason=reason))

    content = {"fact": label, "log": of, "reason": reason, "user": desk.user, "date": on}
    return desk.change("fact withdraw", content, act, key=key)

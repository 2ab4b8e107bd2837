"""The pack of an audit: what the auditors of a year, or of somebody's term, ask for, drawn up from a book at once.

Every sheet is a statement with words, so that one hand prints them all; their figures agree with each other, and one
sheet says that they do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ledger.statements import Statement
from projects.audit.pack import conduct, found, front, money, people
from projects.audit.pack.working import Scope, Working
from projects.statements.form import Form, form

__all__ = ["Scope", "Working", "pack"]

Sheet = Callable[[Working], Statement]
SHEETS: Sequence[Sheet] = (
    front.cover,
    front.agreement,
    money.accounts,
    money.position,
    money.channels,
    money.funds,
    money.projects,
    money.contracts,
    money.receipts,
    money.payments,
    money.personal,
    money.debts,
    money.assets,
    conduct.decisions,
    conduct.notices,
    conduct.indicators,
    people.responsible,
    people.users,
    people.reversals,
    found.tests,
    found.findings,
)
"""The sheets in the order in which they are bound."""


def pack(working: Working) -> list[Form]:
    """Return the sheets with their words."""
    book, lang = working.scope.book, working.scope.lang
    return [form(sheet(working), book, lang, signatures="signatures-audit") for sheet in SHEETS]

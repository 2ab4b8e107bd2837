"""A statement of a book drawn up: as it is read, as its form is printed, and as paper."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from ledger.messages import Lang
from ledger.register import need_book
from ledger.statements import STATEMENTS, Period
from projects.statements.form import Form, form
from projects.statements.layout import as_printed


def drawn(connection: Connection, book: str, name: str, period: Period, lang: Lang) -> tuple[Form, Form]:
    """Return a statement as it is read, and as its form is printed.

    Raises:
        Unknown: there is no such book.
    """
    of = need_book(connection, book)
    made = STATEMENTS[name](connection, book, period)
    return form(made, of, lang), form(as_printed(made), of, lang)


def as_pdf(printed: Form, lang: Lang) -> bytes:
    """Return a form as a PDF that is dated on the last day of its period.

    Raises:
        GlyphMissing: the fonts lack a character of its.
    """
    from projects.statements.paper import paper

    period = Period(printed.statement.period)
    title = f"{printed.title} {period.name}"
    return paper([printed], title=title, lang=lang, on=date.fromisoformat(period.until)).pdf

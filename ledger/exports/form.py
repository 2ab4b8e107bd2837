"""The forms that a book is exported in, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Connection

from ledger.errors import ExportUnknown
from ledger.exports.journal import hledger, ledger_cli
from ledger.exports.table import table

FORMS: Mapping[str, Callable[[Connection, str], Iterator[str]]] = {
    "hledger": hledger,
    "ledger": ledger_cli,
    "csv": table,
}


def export(connection: Connection, book: str, form: str) -> Iterator[str]:
    """Return the text of a book in a form, part by part; what waits to be sealed is not in it.

    Raises:
        ExportUnknown: there is no such form.
        Unknown: there is no such book.
    """
    made = FORMS.get(form)
    if made is None:
        raise ExportUnknown(text=form, choices=", ".join(FORMS))
    return made(connection, book)

"""What a book has, for the fields in which a person names one of it, by code or by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, text

from ledger import channels, messages, register
from ledger.messages import Lang
from projects import payees, registry
from projects.events.requests import CONTRACT_KINDS
from projects.life.villages import hamlets
from projects.purposes.rule import SPENDING

Choices = Sequence[tuple[str, str]]
"""Codes, each with its name."""
Known = Mapping[str, Choices]


def known(connection: Connection, book: str, names: Iterable[str], lang: Lang) -> dict[str, Choices]:
    """Return by fact what there is to choose from, for those of a form's facts for which the record knows it."""
    asked = {name: _OF[name] for name in names if name in _OF}
    found = {of: of(connection, book, lang) for of in set(asked.values())}
    return {name: found[of] for name, of in asked.items()}


def code_of(typed: str, choices: Choices) -> str:
    """Return the code that was meant by a code, a name that only one of them has, or both as a form shows them."""
    for code, name in choices:
        if typed.casefold() in {code.casefold(), f"{code} {name}".casefold()}:
            return code
    of_name = [code for code, name in choices if typed.casefold() == name.casefold()]
    return of_name[0] if len(of_name) == 1 else typed


def _projects(connection: Connection, book: str, _lang: Lang) -> Choices:
    return [(str(each["code"]), str(each["name"])) for each in registry.list_projects(connection, book)]


def _channels(connection: Connection, _book: str, _lang: Lang) -> Choices:
    return [(str(each["code"]), str(each["name"])) for each in channels.list_channels(connection)]


def _goods(connection: Connection, _book: str, _lang: Lang) -> Choices:
    return [(str(each["code"]), str(each["name"])) for each in channels.list_goods(connection)]


def _banks(connection: Connection, book: str, _lang: Lang) -> Choices:
    return [(each.code, each.name) for each in register.list_banks(connection, book)]


def _payees(connection: Connection, _book: str, _lang: Lang) -> Choices:
    return [(each.code, each.name) for each in payees.list_payees(connection)]


def _hamlets(connection: Connection, book: str, _lang: Lang) -> Choices:
    village = register.need_book(connection, book).village
    return [(each.name, "") for each in hamlets(connection, book, village, date.max)]


def _contracts(connection: Connection, book: str, _lang: Lang) -> Choices:
    return [(str(code), str(payee)) for code, payee in connection.execute(_CONTRACTS, {"book": book})]


def _kinds(_connection: Connection, _book: str, lang: Lang) -> Choices:
    return [(each, messages.text("projects", f"pack.contract-kind.{each}", lang)) for each in CONTRACT_KINDS]


def _categories(_connection: Connection, _book: str, lang: Lang) -> Choices:
    return [(each, messages.text("projects", f"category.{each}", lang)) for each in SPENDING]


_CONTRACTS = text(
    "SELECT DISTINCT contract, payee FROM voucher WHERE book = :book AND event = 'contract' ORDER BY contract"
)
_OF: Mapping[str, Callable[[Connection, str, Lang], Choices]] = {
    "project": _projects,
    **dict.fromkeys(("channel", "from_channel", "to_channel", "borrower", "lender"), _channels),
    **dict.fromkeys(("bank", "from_own", "to_own"), _banks),
    "contract": _contracts,
    **dict.fromkeys(("hamlet", "into"), _hamlets),
    "good": _goods,
    **dict.fromkeys(("payee", "seller"), _payees),
    "kind": _kinds,
    "category": _categories,
}
KNOWN = frozenset(_OF)
"""Facts for which a page offers what there is."""

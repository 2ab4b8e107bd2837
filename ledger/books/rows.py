"""The rows that follow from the leaves of the registers, for a record that is made again from its books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from ledger import channels, chart, log, money, register
from ledger.books.read import Leaf
from ledger.errors import BooksUnfit, CodeUnfit, Refusal
from ledger.store.workspace import Unit
from ledger.text import code


def write(unit: Unit, leaf: Leaf) -> None:
    """Write the rows of a register's leaf, which has to say just what such a leaf says.

    Raises:
        BooksUnfit: it says something else, or a rule of the database refuses it.
    """
    kind = (_OFFICE if leaf.log == log.OFFICE else _BOOK).get(leaf.kind)
    data = leaf.data
    if kind is None or not kind.fields.keys() <= data.keys() <= kind.fields.keys() | kind.later:
        raise unfit(leaf, "line")
    for name, value in data.items():
        _need(leaf, value, kind.fields.get(name, ""))
    row = dict.fromkeys(kind.later, "") | data | ({} if leaf.log == log.OFFICE else {"book": leaf.log})
    by_the_rules(leaf, lambda: kind.write(unit, row))


def _need(leaf: Leaf, value: object, wanted: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int if wanted == "int" else str):
        raise unfit(leaf, "line")
    if isinstance(value, str) and wanted:
        try:
            code(value, wanted)
        except CodeUnfit:
            raise unfit(leaf, "line") from None


def by_the_rules(leaf: Leaf, write: Callable[[], object]) -> None:
    """Write something; what a rule of the database refuses is refused with its place in the text."""
    try:
        write()
    except DatabaseError as error:
        raise unfit(leaf, "rule", reason=str(error.orig).splitlines()[0]) from None
    except (KeyError, ValueError) as error:
        raise unfit(leaf, "rule", reason=str(error)) from None
    except BooksUnfit:
        raise
    except Refusal as refusal:
        raise unfit(leaf, "rule", reason=refusal) from None


def unfit(leaf: Leaf, about: str, **facts: object) -> BooksUnfit:
    """Return the refusal of a leaf at its place."""
    return BooksUnfit(about=about, path=leaf.path, line=leaf.line, **facts)


@dataclass(frozen=True)
class _Kind:
    """Fields with what they have to be (a code of a kind, ``int``, or any text), later ones that may lack, the rows."""

    fields: Mapping[str, str]
    write: Callable[[Unit, dict[str, Any]], object]
    later: frozenset[str] = frozenset()


def _insert(table: str, columns: str, **computed: str) -> Callable[[Unit, dict[str, Any]], object]:
    """Return how a row is written; `computed` are columns that the leaf does not tell, with their SQL."""
    values = {name: f":{name}" for name in columns.split()} | computed
    names = ", ".join(f'"{name}"' for name in values)
    query = text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})")  # noqa: S608 - names of ours
    return lambda unit, row: unit.connection.execute(query, row)


def _book(unit: Unit, row: dict[str, Any]) -> None:
    if row["chart"] not in chart.standards():
        raise ValueError(row["chart"])
    _insert("book", "code village name chart started_on")(unit, row)
    register.keep_chart(unit, chart.load(row["chart"]))


def _channel(unit: Unit, row: dict[str, Any]) -> None:
    _insert("channel", "code name source document")(unit, row)
    channels.keep_commodities(unit, row["code"])


def _good(unit: Unit, row: dict[str, Any]) -> None:
    _insert("good", "code name unit scale")(unit, row)
    channels.keep_quantity(unit, row["code"], row["scale"])


def _budget_line(unit: Unit, row: dict[str, Any]) -> None:
    planned = money.parse_or_zero(row["planned"])
    if money.plain(planned) != row["planned"]:
        raise ValueError(row["planned"])
    register.keep_budget_line(unit, row["book"], row["project"], row["channel"], planned)


_TIMES = 'SELECT count(*) FROM role_grant WHERE "user" = :user AND role = :role AND book = :book'
_PLACE = (
    "(SELECT count(*) FROM observation WHERE book = :book AND indicator = :indicator AND observed_on = :observed_on)"
)
_PROJECT = "title name type quantity unit place responsible planned_start planned_finish benefit remark"
_OFFICE: Mapping[str, _Kind] = {
    "user": _Kind(
        {"name": "user"}, _insert("users", "name created_at", full_name="''"), later=frozenset({"created_at"})
    ),
    "role": _Kind(
        {"user": "user", "role": "", "book": ""},
        _insert("role_grant", "user role book granted_at", nth=f"1 + ({_TIMES})"),
        later=frozenset({"granted_at", "by"}),
    ),
    "role-revoked": _Kind(
        {"user": "user", "role": "", "book": "", "revoked_at": ""},
        _insert("role_revocation", "user role book revoked_at", nth=f"({_TIMES})"),
        later=frozenset({"by"}),
    ),
    "village": _Kind({"code": "village", "name": "", "township": ""}, _insert("village", "code name township")),
    "channel": _Kind({"code": "channel", "name": "", "source": "", "document": ""}, _channel),
    "good": _Kind({"code": "good", "name": "", "unit": "", "scale": "int"}, _good),
    "book": _Kind({"code": "book", "village": "village", "name": "", "chart": "", "started_on": ""}, _book),
}
_BOOK: Mapping[str, _Kind] = {
    "bank": _Kind({"code": "bank", "name": "", "kind": ""}, _insert("bank", "book code name kind")),
    "bank-channel": _Kind({"bank": "bank", "channel": "channel"}, _insert("bank_channel", "book bank channel")),
    "project": _Kind(
        {"code": "project"} | dict.fromkeys(_PROJECT.split(), ""), _insert("project", f"book code {_PROJECT}")
    ),
    "budget-line": _Kind({"project": "project", "channel": "channel", "planned": ""}, _budget_line),
    "observation": _Kind(
        {"indicator": "", "observed_on": "", "numerator": "int", "denominator": "int", "evidence": ""},
        _insert("observation", "book indicator observed_on numerator denominator evidence", position=_PLACE),
    ),
}

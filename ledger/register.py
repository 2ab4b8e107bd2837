"""The shelf of books: each village's book, its bank accounts, and what each account may hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from ledger import chart, log, money
from ledger.channels import need_channel
from ledger.errors import AlreadyThere, ChoiceUnknown, CodeUnfit, Names, Unknown
from ledger.store import sql
from ledger.store.workspace import Unit
from ledger.text import code, words

GENERAL_PROJECT = "P000"
"""The project of what belongs to the village as a whole, such as the opening of its own money."""

BANK_KINDS = ("dedicated", "own")


@dataclass(frozen=True)
class Bank:
    """A bank account of a book; in account names it stands as ``B01-农商行专户``."""

    code: str
    name: str
    kind: str
    channels: frozenset[str]

    @property
    def component(self) -> str:
        """Return the account component."""
        return f"{self.code}-{chart.component(self.name)}"


@dataclass(frozen=True)
class Book:
    """A village's dedicated book."""

    code: str
    village: str
    name: str
    chart: str
    started_on: str


def add_book(unit: Unit, book: str, *, village: str, name: str, started_on: date) -> None:
    """Add the book of a village, with its general project.

    Raises:
        AlreadyThere: the code is taken.
        Unknown: there is no such village.
    """
    code(book, "book")
    if not unit.connection.execute(text("SELECT 1 FROM village WHERE code = :code"), {"code": village}).first():
        raise Unknown(about="village", text=village)
    if unit.connection.execute(text("SELECT 1 FROM book WHERE lower(code) = lower(:code)"), {"code": book}).first():
        raise AlreadyThere(about="book", text=book)
    row = {
        "code": book,
        "village": village,
        "name": words(name, "name"),
        "chart": chart.DEFAULT,
        "started_on": started_on.isoformat(),
    }
    unit.connection.execute(
        text(
            "INSERT INTO book (code, village, name, chart, started_on) "
            "VALUES (:code, :village, :name, :chart, :started_on)"
        ),
        row,
    )
    log.append(unit, log.OFFICE, "book", row)
    keep_chart(unit, chart.load())
    insert_project(unit, book, GENERAL_PROJECT, title="村集体", name="村集体", detail={})


def keep_chart(unit: Unit, of: chart.Chart) -> None:
    """Write the chart's roles into the record, where the database holds every account to them."""
    keep_roles(unit, of, of.roles)


def keep_roles(unit: Unit, of: chart.Chart, names: Iterable[str]) -> None:
    """Write roles of a chart into the record, where the database holds every account to them.

    A chart grows: a role that a later release adds is written when a draft first needs it. What is written stays.
    """
    found = sql.rows(unit.connection, "SELECT role FROM chart_role WHERE chart = :chart", {"chart": of.key})
    known = {role for (role,) in found}
    for name in sorted(set(names) - known):
        role = of.roles[name]
        unit.connection.execute(
            text(
                "INSERT INTO chart_role (chart, role, normal, floored, mirror, floating) "
                "VALUES (:chart, :role, :normal, :floored, :mirror, :floating)"
            ),
            {
                "chart": of.key,
                "role": role.name,
                "normal": role.normal,
                "floored": int(role.floor),
                "mirror": role.mirror,
                "floating": int(role.floating),
            },
        )


def insert_project(unit: Unit, book: str, project: str, *, title: str, name: str, detail: dict[str, str]) -> None:
    """Write a project's row; `detail` holds the columns that only the application understands."""
    columns = (
        "type",
        "quantity",
        "unit",
        "place",
        "responsible",
        "planned_start",
        "planned_finish",
        "benefit",
        "remark",
    )
    row = {"code": project, "title": title, "name": name} | {column: detail.get(column, "") for column in columns}
    unit.connection.execute(_PROJECT, row | {"book": book})
    log.append(unit, book, "project", row)


def add_bank(unit: Unit, book: str, bank: str, *, name: str, kind: str, channels: list[str]) -> None:
    """Add a bank account that may hold `channels`.

    Raises:
        AlreadyThere: the book has a bank account of this code.
        Unknown: a channel does not exist.
        ChoiceUnknown: the kind is neither ``dedicated`` nor ``own``.
    """
    code(bank, "bank")
    if not chart.component(name):
        raise CodeUnfit(about="bank-name", text=name)
    if kind not in BANK_KINDS:
        raise ChoiceUnknown(about="bank-kind", text=kind, choices=Names(BANK_KINDS))
    where = {"book": book, "bank": bank}
    if unit.connection.execute(text("SELECT 1 FROM bank WHERE book = :book AND code = :bank"), where).first():
        raise AlreadyThere(about="bank", text=bank)
    unit.connection.execute(
        text("INSERT INTO bank (book, code, name, kind) VALUES (:book, :bank, :name, :kind)"),
        where | {"name": words(name, "name"), "kind": kind},
    )
    log.append(unit, book, "bank", {"code": bank, "name": words(name, "name"), "kind": kind})
    for channel in channels:
        allow_in_bank(unit, book, bank, channel)


def allow_in_bank(unit: Unit, book: str, bank: str, channel: str) -> None:
    """Let a bank account hold one more channel; it stays as it is if it may already."""
    need_channel(unit.connection, channel)
    if channel in need_bank(unit.connection, book, bank).channels:
        return
    row = {"bank": bank, "channel": channel}
    unit.connection.execute(
        text("INSERT INTO bank_channel (book, bank, channel) VALUES (:book, :bank, :channel)"), row | {"book": book}
    )
    log.append(unit, book, "bank-channel", row)


def add_budget_line(unit: Unit, book: str, project: str, channel: str, planned: int) -> None:
    """Plan `planned` fen of a channel for a project: from now on the channel may enter it.

    A line that is there is raised by `planned`; the plan does not limit what is allotted.
    """
    need_channel(unit.connection, channel)
    keep_budget_line(unit, book, project, channel, planned)
    log.append(unit, book, "budget-line", {"project": project, "channel": channel, "planned": money.plain(planned)})


def keep_budget_line(unit: Unit, book: str, project: str, channel: str, planned: int) -> None:
    """Write a budget line's row, or raise the one that is there; its leaf is the caller's."""
    where = {"book": book, "project": project, "channel": channel, "planned": planned}
    raised = unit.connection.execute(
        text(
            "UPDATE budget_line SET planned = planned + :planned "
            "WHERE book = :book AND project = :project AND channel = :channel"
        ),
        where,
    )
    if raised.rowcount == 0:
        unit.connection.execute(
            text(
                "INSERT INTO budget_line (book, project, channel, position, planned) "
                "VALUES (:book, :project, :channel, "
                "(SELECT count(*) FROM budget_line WHERE book = :book AND project = :project), :planned)"
            ),
            where,
        )


def list_books(connection: Connection) -> list[Book]:
    """Return all books by code."""
    return [Book(*row) for row in sql.rows(connection, f"SELECT {_BOOK} FROM book ORDER BY code")]  # noqa: S608 - ours


def need_book(connection: Connection, book: str) -> Book:
    """Return a book.

    Raises:
        Unknown: there is none of this code.
    """
    row = sql.first(connection, f"SELECT {_BOOK} FROM book WHERE code = :book", {"book": book})  # noqa: S608 - ours
    if row is None:
        raise Unknown(about="book", text=book)
    return Book(*row)


def list_banks(connection: Connection, book: str) -> list[Bank]:
    """Return the bank accounts of a book by code."""
    held: dict[str, set[str]] = {}
    where = {"book": book}
    for bank, channel in sql.rows(connection, "SELECT bank, channel FROM bank_channel WHERE book = :book", where):
        held.setdefault(bank, set()).add(channel)
    query = "SELECT code, name, kind FROM bank WHERE book = :book ORDER BY code"
    return [
        Bank(code, name, kind, frozenset(held.get(code, ()))) for code, name, kind in sql.rows(connection, query, where)
    ]


def need_bank(connection: Connection, book: str, bank: str) -> Bank:
    """Return a bank account of a book.

    Raises:
        Unknown: there is none of this code.
    """
    for found in list_banks(connection, book):
        if found.code == bank:
            return found
    raise Unknown(about="bank", text=bank)


_BOOK = "code, village, name, chart, started_on"
_PROJECT = text(
    "INSERT INTO project (book, code, title, name, type, quantity, unit, place, responsible, planned_start, "
    "planned_finish, benefit, remark) VALUES (:book, :code, :title, :name, :type, :quantity, :unit, :place, "
    ":responsible, :planned_start, :planned_finish, :benefit, :remark)"
)

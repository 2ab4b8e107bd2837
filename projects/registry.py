"""The register of villages and their projects: what a project is to be, before any money moves."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from ledger import log, register
from ledger.errors import AlreadyThere, ChoiceUnknown, Names, Unknown
from ledger.store.workspace import Unit
from ledger.text import code, parse_date, words
from projects import observations as observed
from projects.types import Types, shipped

LONGEST_TITLE = 20


def add_village(unit: Unit, village: str, *, name: str, township: str = "") -> None:
    """Add a village.

    Raises:
        AlreadyThere: the code is taken.
    """
    code(village, "village")
    if unit.connection.execute(text("SELECT 1 FROM village WHERE code = :code"), {"code": village}).first():
        raise AlreadyThere(about="village", text=village)
    row = {
        "code": village,
        "name": words(name, "name"),
        "township": words(township, "township", needed=False),
    }
    unit.connection.execute(text("INSERT INTO village (code, name, township) VALUES (:code, :name, :township)"), row)
    log.append(unit, log.OFFICE, "village", row)


def list_villages(connection: Connection) -> list[dict[str, str]]:
    """Return all villages by code."""
    query = text("SELECT code, name, township FROM village ORDER BY code")
    return [dict(row) for row in connection.execute(query).mappings()]


def need_village(connection: Connection, village: str) -> dict[str, str]:
    """Return a village.

    Raises:
        Unknown: there is none of this code.
    """
    for row in list_villages(connection):
        if row["code"] == village:
            return row
    raise Unknown(about="village", text=village)


def add_project(
    unit: Unit,
    book: str,
    project: str,
    *,
    title: str,
    name: str,
    budget: Mapping[str, int],
    detail: Mapping[str, str],
    types: Types | None = None,
) -> None:
    """Add a project with its planned budget in fen by channel.

    `title` is the short name in its accounts (at most 20 characters, never changed later); `detail` may hold
    type, quantity, unit, place, responsible, planned_start, planned_finish, benefit, remark. `types` are those that the
    workspace knows, if not only those that are shipped.

    Raises:
        AlreadyThere: the code is taken.
        ChoiceUnknown: a type that does not exist.
        Unknown: a channel that does not exist.
    """
    code(project, "project")
    register.need_book(unit.connection, book)
    where = {"book": book, "code": project}
    if unit.connection.execute(text("SELECT 1 FROM project WHERE book = :book AND code = :code"), where).first():
        raise AlreadyThere(about="project", text=project)
    known = shipped() if types is None else types
    if detail.get("type", "other") not in known:
        raise ChoiceUnknown(about="project-type", text=detail["type"], choices=Names(known))
    read = {key: words(value, key, needed=False) for key, value in detail.items()}
    for key in ("planned_start", "planned_finish"):
        if read.get(key):
            read[key] = parse_date(read[key]).isoformat()
    short = words(title, "title")[:LONGEST_TITLE]
    if not any(unicodedata.category(character)[0] in {"L", "N"} for character in short):
        raise Unknown(about="title", text=title)
    register.insert_project(unit, book, project, title=short, name=words(name, "name"), detail=read)
    for channel, planned in budget.items():
        register.add_budget_line(unit, book, project, channel, planned)


def list_projects(connection: Connection, book: str | None = None) -> list[dict[str, Any]]:
    """Return the projects of a book, or of all books, each with its planned total in fen."""
    query = text(
        "SELECT p.*, CAST(coalesce((SELECT sum(b.planned) FROM budget_line b "
        "WHERE b.book = p.book AND b.project = p.code), 0) AS BIGINT) AS planned FROM project p "
        "WHERE p.code <> :general AND (CAST(:book AS TEXT) IS NULL OR p.book = :book) ORDER BY p.book, p.code"
    )
    rows = connection.execute(query, {"general": register.GENERAL_PROJECT, "book": book})
    return [dict(row) for row in rows.mappings()]


def need_project(connection: Connection, book: str, project: str) -> dict[str, Any]:
    """Return a project's row.

    Raises:
        Unknown: the book has no such project.
    """
    for row in list_projects(connection, book):
        if row["code"] == project:
            return row
    raise Unknown(about="project", text=project, book=book)


def observations(connection: Connection, book: str) -> list[dict[str, Any]]:
    """Return what was observed of a village's indicators, oldest first; what was reversed does not count.

    Those of a hamlet alone are left out: they are no figure of the village.
    """
    village = register.need_book(connection, book).village
    return [
        {
            "indicator": each.indicator,
            "observed_on": each.on,
            "numerator": each.numerator,
            "denominator": each.denominator,
            "evidence": each.evidence,
            "seq": each.seq,
        }
        for each in observed.seen(connection, book=book)
        if each.place == village
    ]

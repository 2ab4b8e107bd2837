"""The database itself: whether its pages are whole and its rules are all there."""

from __future__ import annotations

import json
from importlib.resources import files

from sqlalchemy import Connection

from ledger.verify.report import Check


def storage(connection: Connection, check: Check) -> None:
    """Ask the database whether its own pages and references are whole."""
    if connection.dialect.name != "sqlite":
        return
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        check.covered += 1
        if row[0] != "ok":
            check.find("storage", what=row[0])
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        check.find("reference", table=row[0], row=row[1], to=row[2])


def schema(connection: Connection, check: Check) -> None:
    """Compare every table, index and trigger with what the migrations make: a rule may have been taken out.

    What they make stands in ``schema.json``; a test compares it with the migrations.
    """
    if connection.dialect.name != "sqlite":
        return
    stored = schema_of(connection)
    expected = json.loads(files("ledger.store.migrations").joinpath("schema.json").read_text(encoding="utf-8"))
    for name in sorted(stored.keys() | expected.keys()):
        check.covered += 1
        if stored.get(name) != expected.get(name):
            check.find("schema", name=name, type=(stored.get(name) or expected[name])[0])


def schema_of(connection: Connection) -> dict[str, list[str]]:
    """Return type and text of every table, index and trigger of an SQLite record by name."""
    query = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    return {row.name: [row.type, row.sql] for row in connection.exec_driver_sql(query)}

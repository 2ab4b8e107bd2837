"""The database itself: whether its pages are whole and its rules are all there."""

from __future__ import annotations

import json
import re
from importlib.resources import files

from sqlalchemy import Connection

from ledger.store import catalog
from ledger.verify.report import Check


def storage(connection: Connection, check: Check) -> None:
    """Ask the database whether its own pages and references are whole."""
    if connection.dialect.name == "postgresql":
        # The server looks after its own pages, by their checksums.
        for table, other, lost in catalog.broken_references(connection):
            check.covered += 1
            if lost:
                check.find("reference", table=table, row=lost, to=other)
        return
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        check.covered += 1
        if row[0] != "ok":
            check.find("storage", what=row[0])
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        check.find("reference", table=row[0], row=row[1], to=row[2])


def schema(connection: Connection, check: Check) -> None:
    """Compare every table, index and trigger with what the migrations make: a rule may have been taken out.

    In PostgreSQL functions, policies and rights are compared too. What they make stands in ``schema.json`` and
    ``schema.postgresql.json``; a test compares them with the migrations.
    """
    golden = "schema.postgresql.json" if connection.dialect.name == "postgresql" else "schema.json"
    stored = schema_of(connection)
    expected = json.loads(files("ledger.store.migrations").joinpath(golden).read_text(encoding="utf-8"))
    for name in sorted(stored.keys() | expected.keys()):
        check.covered += 1
        if stored.get(name) != expected.get(name):
            check.find("schema", name=name, type=(stored.get(name) or expected[name])[0])
    if connection.dialect.name != "sqlite":
        return
    # What has no text of its own, and the table that each entry says it is of.
    for row in connection.exec_driver_sql("SELECT name, type, tbl_name, sql FROM sqlite_master"):
        own = row.type == "index" and re.fullmatch(rf"sqlite_autoindex_{re.escape(row.tbl_name)}_[0-9]+", row.name)
        fits = (
            (own and row.tbl_name in expected)
            if row.sql is None
            else re.search(rf"\b{re.escape(row.tbl_name)}\b", row.sql)
        )
        if not fits and (row.sql is None or stored.get(row.name) == expected.get(row.name)):
            check.find("schema", name=row.name, type=row.type)


def schema_of(connection: Connection) -> dict[str, list[str]]:
    """Return kind and text of everything in the schema of a record by name."""
    if connection.dialect.name == "postgresql":
        return catalog.schema_of(connection)
    query = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    return {row.name: [row.type, row.sql] for row in connection.exec_driver_sql(query)}

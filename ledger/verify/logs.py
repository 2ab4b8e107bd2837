"""The logs against the record: hashes, gaps, each row from its leaf, and every checkpoint that was signed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import Connection, text

from ledger import checkpoints, log, money
from ledger.errors import KeyMissing, NoteUnfit
from ledger.seal import leaf_data
from ledger.signing import load_verifier
from ledger.store.workspace import Workspace
from ledger.verify.record import vouchers
from ledger.verify.report import Check


def leaves(connection: Connection, check: Check) -> None:
    """Make every leaf again: hashes, gaps, each voucher's leaf from its rows, each register's rows from its leaves."""
    logged: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    last, position, sealed = "", -1, 0
    for row in connection.execute(
        text("SELECT log, position, kind, leaf, leaf_hash FROM log_leaf ORDER BY log, position")
    ):
        check.covered += 1
        position = position + 1 if row.log == last else 0
        last = row.log
        if row.position != position:
            check.find("log-gap", log=row.log, position=row.position, expected=position)
            position = row.position
        if log.leaf_hash(row.leaf) != row.leaf_hash:
            check.find("log-hash", log=row.log, position=row.position)
        if row.kind == "voucher":
            sealed += 1
            continue
        data = _data(row)
        if data is not None and row.kind in log.DEEDS and row.log == log.OFFICE:
            continue
        if data is None or row.kind not in _REGISTERS:
            check.find("log-leaf", log=row.log, position=row.position)
        else:
            logged[row.kind].update(_as_rows(row.kind, row.log, data))
    _voucher_leaves(connection, check, sealed)
    for kind, (table, columns, where) in _REGISTERS.items():
        names = ", ".join(f'"{column}"' for column in columns)
        stored = Counter(tuple(row) for row in connection.exec_driver_sql(f"SELECT {names} FROM {table} {where}"))  # noqa: S608 - names of ours
        told = _timed(kind, stored, _summed(kind, logged[kind]))
        for values in sorted((stored - told) + (told - stored), key=repr):
            check.covered += 1
            state = "stored" if stored[values] else "logged"
            check.find("register", table=table, row=" ".join(map(str, values)), state=state)


def _voucher_leaves(connection: Connection, check: Check, leaves: int) -> None:
    scales = {row.code: row.scale for row in connection.execute(text("SELECT code, scale FROM commodity"))}
    papers: dict[tuple[str, int], list[tuple[str, str, int]]] = defaultdict(list)
    for row in connection.execute(
        text("SELECT book, seq, sha256, suffix, size FROM document ORDER BY book, seq, sha256")
    ):
        papers[row.book, row.seq].append((row.sha256, row.suffix, row.size))
    numbers: dict[tuple[str, int], str] = {}
    stored = connection.execute(
        text(
            "SELECT v.*, l.leaf FROM voucher v LEFT JOIN log_leaf l ON l.log = v.book AND l.position = v.position "
            "AND l.kind = 'voucher' ORDER BY v.book, v.seq"
        )
    ).mappings()
    for voucher, (_, lines) in zip(stored, vouchers(connection), strict=True):
        leaves -= 1
        numbers[voucher["book"], voucher["seq"]] = voucher["number"]
        data = leaf_data(
            dict(voucher),
            reverses=None if voucher["reverses"] is None else numbers.get((voucher["book"], voucher["reverses"]), "?"),
            documents=papers[voucher["book"], voucher["seq"]],
            postings=[
                (line.account, line.commodity, money.plain(line.amount, scales[line.commodity])) for line in lines
            ],
            facts=json.loads(voucher["facts"]),
        )
        content = log.leaf(voucher["book"], voucher["position"], "voucher", data)
        if content != voucher["leaf"] or log.leaf_hash(content) != voucher["leaf_hash"]:
            check.find("leaf", book=voucher["book"], number=voucher["number"])
    if leaves:
        check.find("leaves-left", count=leaves)
    commitments = text(
        "SELECT p.book, p.field, p.value, p.salt, v.number, v.facts FROM private_value p "
        "JOIN voucher v ON v.book = p.book AND v.seq = p.seq ORDER BY p.book, p.seq, p.field"
    )
    for row in connection.execute(commitments):
        check.covered += 1
        promised = json.loads(row.facts).get(f"{row.field}-commitment")
        if log.commitment(bytes.fromhex(row.salt), row.value) != promised:
            check.find("commitment", book=row.book, number=row.number, field=row.field)


_PROJECT_COLUMNS = "type quantity unit place responsible planned_start planned_finish benefit remark"
_REGISTERS: dict[str, tuple[str, list[str], str]] = {
    "user": ("users", ["name", "created_at"], ""),
    "role": ("role_grant", ["user", "role", "book", "granted_at"], ""),
    "village": ("village", ["code", "name", "township"], ""),
    "channel": ("channel", ["code", "name", "source", "document"], ""),
    "good": ("good", ["code", "name", "unit", "scale"], ""),
    "book": ("book", ["code", "village", "name", "chart", "started_on"], ""),
    "bank": ("bank", ["book", "code", "name", "kind"], ""),
    "bank-channel": ("bank_channel", ["book", "bank", "channel"], ""),
    "project": ("project", ["book", "code", "title", "name", *_PROJECT_COLUMNS.split()], ""),
    "budget-line": ("budget_line", ["book", "project", "channel", "planned"], ""),
    "observation": (
        "observation",
        ["book", "indicator", "observed_on", "numerator", "denominator", "evidence"],
        "WHERE seq IS NULL",
    ),
}
"""For each kind of event in a log the table that it fills, and the columns that it fills it with."""


def _data(row: Any) -> dict[str, Any] | None:
    """Return the data of a leaf, None if the leaf is not the canonical text of an event at its place."""
    try:
        data = json.loads(row.leaf)["data"]
        return data if log.leaf(row.log, row.position, row.kind, data) == row.leaf else None
    except (ValueError, KeyError, TypeError):
        return None


def _as_rows(kind: str, of: str, data: dict[str, Any]) -> list[tuple[Any, ...]]:
    _, columns, _ = _REGISTERS[kind]
    return [tuple((data | ({} if of == log.OFFICE else {"book": of})).get(column) for column in columns)]


def _summed(kind: str, rows: Counter[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """Return the rows that a table should hold; lines of a budget add up."""
    if kind != "budget-line":
        return rows
    planned: dict[tuple[Any, ...], int] = defaultdict(int)
    for (*key, amount), times in rows.items():
        planned[tuple(key)] += times * (money.parse_or_zero(amount) if isinstance(amount, str) else 0)
    return Counter((*key, fen) for key, fen in planned.items())


def _timed(kind: str, stored: Counter[tuple[Any, ...]], told: Counter[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    """Fill in the times of rows whose leaves were made before leaves told them: there is nothing to compare."""
    if kind not in {"user", "role"}:
        return told
    times = {values[:-1]: values for values in stored}
    return Counter(
        {times.get(values[:-1], values) if values[-1] is None else values: count for values, count in told.items()}
    )


def signatures(workspace: Workspace, connection: Connection, against: list[str]) -> Check:
    """Compare the logs with every checkpoint that was signed: those that they remember, and those from outside."""
    check = Check("checkpoints")
    notes = [(str(data["note"]), "") for data in checkpoints.signed(connection)] + [(note, "*") for note in against]
    if not notes:
        return check
    try:
        verifier = load_verifier(workspace.path)
    except (KeyMissing, NoteUnfit):
        check.find("public-key", path="office.pub")
        return check
    for note, outside in notes:
        check.covered += 1
        try:
            of, size, wrong = checkpoints.compare(connection, verifier, note)
        except NoteUnfit:
            check.find("checkpoint-signature", note=note.split("\n", 1)[0] + outside)
            continue
        if wrong:
            check.find(f"checkpoint-{wrong}", log=of, size=size)
    return check

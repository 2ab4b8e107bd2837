"""Verification: everything that follows from the record is computed again and compared with what stands there."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from ledger import checkpoints, log, money, register
from ledger.books.text import DOCUMENTS, HEAD, head_text, month_blocks, month_file, months
from ledger.chart import channel_of
from ledger.errors import KeyMissing, NoteUnfit
from ledger.seal import leaf_data
from ledger.signing import load_verifier
from ledger.store.engine import connect
from ledger.store.migrations import migrate
from ledger.store.workspace import Workspace
from ledger.vouchers import YEAR_END

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Finding:
    """Something that is not as the record says: `code` names its message, `facts` fill it."""

    code: str
    facts: dict[str, Any]


@dataclass
class Check:
    """One kind of check: how many things it covered, and what it found."""

    name: str
    covered: int = 0
    findings: list[Finding] = field(default_factory=list)

    def find(self, code: str, /, **facts: object) -> None:
        """Add a finding."""
        self.findings.append(Finding(code, facts))


def verify(
    workspace: Workspace,
    *,
    beancount: bool = False,
    against: list[str] | None = None,
    progress: Progress | None = None,
) -> list[Check]:
    """Check the record against itself and the books against the record; change nothing.

    `beancount` adds Beancount's own check of every book whose bytes are right (a book that was tampered with may
    name plugins, and is never loaded). `against` are signed notes that were kept outside: an old copy of the record
    that was put back is shorter than they say. `progress` is told the name of each check as it begins.
    """
    tell = progress or (lambda _name: None)
    checks = []
    with workspace.read() as connection:
        for name, look in _RECORD:
            tell(name)
            check = Check(name)
            look(connection, check)
            checks.append(check)
        tell("checkpoints")
        checks.append(_checkpoints(workspace, connection, against or []))
        tell("documents")
        checks.append(_documents(workspace, connection))
        tell("books")
        books, clean = _books(workspace, connection)
        checks.append(books)
    if beancount:
        tell("beancount")
        checks.append(_beancount(clean))
    return checks


def check_books(workspace: Workspace) -> tuple[Check, list[Path]]:
    """Compare the books with the record, and return the heads of those that may be loaded safely."""
    with workspace.read() as connection:
        return _books(workspace, connection)


# The record.


def _storage(connection: Connection, check: Check) -> None:
    if connection.dialect.name != "sqlite":
        return
    for row in connection.exec_driver_sql("PRAGMA integrity_check"):
        check.covered += 1
        if row[0] != "ok":
            check.find("storage", what=row[0])
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        check.find("reference", table=row[0], row=row[1], to=row[2])


def _schema(connection: Connection, check: Check) -> None:
    """Compare every table, index and trigger with what the migrations make: a rule may have been taken out."""
    if connection.dialect.name != "sqlite":
        return
    query = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
    fresh = connect(None)
    with fresh.connect() as blank, blank.begin():
        migrate(blank)
        expected = {row.name: (row.type, row.sql) for row in blank.exec_driver_sql(query)}
    fresh.dispose()
    stored = {row.name: (row.type, row.sql) for row in connection.exec_driver_sql(query)}
    for name in sorted(stored.keys() | expected.keys()):
        check.covered += 1
        if stored.get(name) != expected.get(name):
            check.find("schema", name=name, type=(stored.get(name) or expected[name])[0])


def _numbers(connection: Connection, check: Check) -> None:
    """Look for gaps, dates that go back, and vouchers that one person made and sealed."""
    book, seq, last, counts = "", -1, "", defaultdict[str, int](int)
    for row in connection.execute(
        text("SELECT book, seq, number, date, maker, approver FROM voucher ORDER BY book, seq")
    ):
        check.covered += 1
        if row.book != book:
            book, seq, last, counts = row.book, -1, "", defaultdict(int)
        seq += 1
        counts[row.date[:7]] += 1
        expected = f"{row.date[:7]}-{counts[row.date[:7]]:04}"
        if row.seq != seq or row.number != expected:
            check.find("gap", book=book, number=row.number, expected=expected)
            seq = row.seq
        if row.date < last:
            check.find("date-back", book=book, number=row.number, date=row.date, last=last)
        last = row.date
        if row.maker == row.approver:
            check.find("one-person", book=book, number=row.number, user=row.maker)


def _postings(connection: Connection, check: Check) -> None:
    """Look at each voucher for channels that do not sum to zero, two projects, and a broken mirror."""
    for number, lines in _vouchers(connection):
        check.covered += 1
        sums: dict[str, int] = defaultdict(int)
        mirrors: dict[tuple[str, str], int] = defaultdict(int)
        for line in lines:
            sums[line.commodity] += line.amount
            if line.mirror and line.kind != "quantity" and line.event != YEAR_END:
                sign = -1 if line.kind == "budget" else 1
                mirrors[line.mirror, channel_of(line.commodity)] += sign * line.amount
            if line.account_project not in {"", line.project} and line.event != YEAR_END:
                check.find("two-projects", book=line.book, number=number, other=line.account_project)
        for commodity, off in sums.items():
            if off:
                check.find("unbalanced", book=lines[0].book, number=number, channel=commodity, off=off)
        for (group, channel), off in mirrors.items():
            if off:
                check.find("mirror", book=lines[0].book, number=number, channel=channel, group=group, off=off)


def _floors(connection: Connection, check: Check) -> None:
    """Play all postings again in the order of their seals: floors on the way, running balances at the end."""
    now: dict[tuple[str, str, str], int] = defaultdict(int)
    for number, lines in _vouchers(connection):
        for line in lines:
            now[line.book, line.account, line.commodity] += line.amount
        for line in lines:
            check.covered += 1
            amount = now[line.book, line.account, line.commodity]
            if line.floored and line.normal * amount < 0:
                facts = {"book": line.book, "account": line.account, "channel": line.commodity}
                check.find("floor", number=number, amount=amount, **facts)
    query = text("SELECT book, account, commodity, amount FROM balance ORDER BY book, account, commodity")
    stored = {(row.book, row.account, row.commodity): row.amount for row in connection.execute(query)}
    for key in sorted(stored.keys() | now.keys()):
        check.covered += 1
        if stored.get(key, 0) != now.get(key, 0):
            book, account, channel = key
            facts = {"book": book, "account": account, "channel": channel}
            check.find("balance", stored=stored.get(key, 0), replayed=now.get(key, 0), **facts)


def _log(connection: Connection, check: Check) -> None:
    """Make every leaf again: hashes, gaps, each voucher's leaf from its rows, each register's rows from its leaves."""
    logged: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    last, position, vouchers = "", -1, 0
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
            vouchers += 1
            continue
        data = _data(row)
        if data is not None and row.kind == "checkpoint" and row.log == log.OFFICE:
            continue
        if data is None or row.kind not in _REGISTERS:
            check.find("log-leaf", log=row.log, position=row.position)
        else:
            logged[row.kind].update(_as_rows(row.kind, row.log, data))
    _voucher_leaves(connection, check, vouchers)
    for kind, (table, columns, where) in _REGISTERS.items():
        names = ", ".join(f'"{column}"' for column in columns)
        stored = Counter(tuple(row) for row in connection.exec_driver_sql(f"SELECT {names} FROM {table} {where}"))  # noqa: S608 - names of ours
        for values in sorted((stored - _summed(kind, logged[kind])) + (_summed(kind, logged[kind]) - stored), key=repr):
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
    for voucher, (_, lines) in zip(stored, _vouchers(connection), strict=True):
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
    "user": ("users", ["name"], ""),
    "role": ("role_grant", ["user", "role", "book"], ""),
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


_RECORD: tuple[tuple[str, Callable[[Connection, Check], None]], ...] = (
    ("storage", _storage),
    ("schema", _schema),
    ("numbers", _numbers),
    ("postings", _postings),
    ("balances", _floors),
    ("log", _log),
)

_LINES = text(
    "SELECT v.book, v.seq, v.number, v.event, v.project, p.account, p.commodity, p.amount, a.mirror, a.normal, "
    "a.floored, "
    "a.project AS account_project, c.kind FROM voucher v LEFT JOIN posting p ON p.book = v.book AND p.seq = v.seq "
    "LEFT JOIN account a ON a.book = p.book AND a.name = p.account LEFT JOIN commodity c ON c.code = p.commodity "
    "ORDER BY v.book, v.seq, p.line"
)


def _vouchers(connection: Connection) -> Iterator[tuple[str, list[Any]]]:
    """Yield every voucher's number and lines, book by book in the order of their seals."""
    key: tuple[str, int] | None = None
    lines: list[Any] = []
    number = ""
    for row in connection.execute(_LINES):
        if (row.book, row.seq) != key:
            if key is not None:
                yield number, lines
            key, number, lines = (row.book, row.seq), row.number, []
        if row.account is not None:
            lines.append(row)
    if key is not None:
        yield number, lines


def _checkpoints(workspace: Workspace, connection: Connection, against: list[str]) -> Check:
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


# The files.


def _documents(workspace: Workspace, connection: Connection) -> Check:
    check = Check("documents")
    query = text(
        "SELECT d.book, d.sha256, d.suffix, v.number FROM document d "
        "JOIN voucher v ON v.book = d.book AND v.seq = d.seq ORDER BY d.book, d.seq, d.sha256"
    )
    for row in connection.execute(query):
        name = f"{row.sha256}{row.suffix}"
        for path in (workspace.documents / name, workspace.books / row.book / DOCUMENTS / name):
            check.covered += 1
            shown = path.relative_to(workspace.path)
            if not path.is_file() or path.is_symlink():
                check.find("document-missing", book=row.book, number=row.number, path=shown)
            elif _sha256(path) != row.sha256:
                check.find("document-changed", book=row.book, number=row.number, path=shown)
    return check


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _books(workspace: Workspace, connection: Connection) -> tuple[Check, list[Path]]:
    """Write every book again in memory and compare bytes; return the heads of those that are right."""
    check = Check("books")
    expected_files: set[Path] = set()
    clean = []
    for book in register.list_books(connection):
        folder = workspace.books / book.code
        before = len(check.findings)
        for month in months(connection, book.code):
            path = folder / month_file(month)
            expected_files.add(path)
            _compare_month(check, path, workspace, connection, book.code, month)
        path = folder / HEAD
        expected_files.add(path)
        _compare_head(check, path, workspace, head_text(connection, book.code))
        query = text("SELECT sha256, suffix FROM document WHERE book = :book")
        for row in connection.execute(query, {"book": book.code}):
            expected_files.add(folder / DOCUMENTS / f"{row.sha256}{row.suffix}")
        if len(check.findings) == before:
            clean.append(path)
    for path in sorted(workspace.books.rglob("*")):
        if path.is_symlink() or (not path.is_dir() and path not in expected_files):
            check.find("stray", path=path.relative_to(workspace.path))
            clean = [head for head in clean if head.parent not in path.parents]
    return check, clean


def _compare_head(check: Check, path: Path, workspace: Workspace, expected: str) -> None:
    check.covered += 1
    actual = _read(check, path, workspace)
    if actual is None or actual == expected:
        return
    line, found, wanted = _first_difference(actual, expected)
    check.find("head", path=path.relative_to(workspace.path), line=line, found=found, wanted=wanted)


_VOUCHER_LINE = re.compile(r"^\d{4}-\d\d-\d\d \* .*\^V(\d{4}-\d\d-\d{4,})(?: \^V\S+)?$", re.MULTILINE)


def _compare_month(
    check: Check, path: Path, workspace: Workspace, connection: Connection, book: str, month: str
) -> None:
    """Compare a month voucher by voucher, so that a finding names the voucher and the line."""
    blocks = list(month_blocks(connection, book, month))
    expected = "\n".join(block.text for block in blocks)
    check.covered += len(blocks) - 1
    actual = _read(check, path, workspace)
    if actual is None or actual == expected:
        return
    shown = path.relative_to(workspace.path)
    heads = list(_VOUCHER_LINE.finditer(actual))
    starts = [head.start() for head in heads] + [len(actual)]
    found = [(head.group(1), actual[starts[i] : starts[i + 1]]) for i, head in enumerate(heads)]
    wanted = {block.number: block.text for block in blocks if block.number}
    before = len(check.findings)
    for number, written in found:
        line = actual.count("\n", 0, actual.index(written)) + 1
        if number not in wanted:
            check.find("voucher-added", path=shown, line=line, number=number)
        elif written.strip("\n") != wanted[number].strip("\n"):
            offset, is_now, was = _first_difference(written, wanted[number])
            code = "price" if re.search(r"@|\{|\}", is_now) and not re.search(r"@|\{|\}", was) else "voucher"
            check.find(code, path=shown, line=line + offset - 1, number=number, found=is_now, wanted=was)
    numbers = [number for number, _ in found]
    for number in wanted:
        if numbers.count(number) != 1:
            check.find("voucher-missing" if number not in numbers else "voucher-twice", path=shown, number=number)
    if len(check.findings) == before:
        line, is_now, was = _first_difference(actual, expected)
        check.find("head", path=shown, line=line, found=is_now, wanted=was)


def _read(check: Check, path: Path, workspace: Workspace) -> str | None:
    try:
        if path.is_symlink():
            return None  # reported as a stray
        return path.read_bytes().decode()
    except FileNotFoundError:
        check.find("book-missing", path=path.relative_to(workspace.path))
    except (OSError, UnicodeDecodeError) as error:
        check.find("book-unreadable", path=path.relative_to(workspace.path), reason=error)
    return None


def _first_difference(actual: str, expected: str) -> tuple[int, str, str]:
    """Return the number of the first line that differs, as it is and as it should be."""
    is_now, was = actual.split("\n"), expected.split("\n")
    for number, (one, other) in enumerate(zip(is_now, was, strict=False), 1):
        if one != other:
            return number, one.strip(), other.strip()
    number = min(len(is_now), len(was)) + 1
    return number, "".join(is_now[number - 1 : number]).strip(), "".join(was[number - 1 : number]).strip()


def _beancount(heads: list[Path]) -> Check:
    """Run Beancount's own check in a process of its own, without its cache."""
    check = Check("beancount")
    for head in heads:
        check.covered += 1
        run = subprocess.run(  # noqa: S603 - our own interpreter on a path of ours
            [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(head)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"BEANCOUNT_DISABLE_LOAD_CACHE": "1", "PYTHONUTF8": "1"},
        )
        if run.returncode:
            first = next((line for line in (run.stderr + run.stdout).splitlines() if line.strip()), "")
            check.find("beancount", path=head.parent.name, what=first.strip())
    return check

"""Reading the books back, for `rebuild` alone: a strict reader of the text that we write ourselves.

It knows our own grammar and nothing else: what we would not have written is refused, with file and line. Nothing that
a file names is followed, loaded or run. What a leaf says is compared with its hash as soon as it is read; everything
else in the text (heads, openings, documents, events) is compared when the books were written again.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from typing import Any

from ledger import log
from ledger.books.keys import DOCUMENTS, NESTED, OFFICE_FILE, REGISTER_FILE
from ledger.books.quoting import unquoted
from ledger.errors import BooksUnfit

LARGEST = 512_000_000
"""Bytes of a file of the books; a month of the largest village has a hundredth of it."""

_STRING = r'"((?:[^"\\]|\\[\\"n])*)"'
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_NUMBER = r"[0-9]{4}-[0-9]{2}-[0-9]{4,}"
_WHOLE = r"(0|[1-9][0-9]{0,15})"
_CUSTOM = re.compile(rf'({_DAY}) custom {_STRING} {_WHOLE} "([0-9a-f]{{64}})"')
_PAIR = re.compile(rf"  ([a-z][a-z0-9_-]+): (?:{_STRING}|(-?[0-9]{{1,16}})|(TRUE|FALSE|NULL))")
_VOUCHER = re.compile(rf"({_DAY}) \* {_STRING} {_STRING} #(P[0-9]+) \^V({_NUMBER})(?: \^V({_NUMBER}))?")
_FACT = re.compile(rf"  ([a-z][A-Za-z0-9_-]*): {_STRING}")
_POSTING = re.compile(r"  (\S+)  (-?[0-9]+(?:\.[0-9]+)?) ([A-Z][A-Z0-9]*(?:\.B)?)")
_BESIDE = re.compile(rf"{_DAY} (?:document|event) .*")
_PAPER = re.compile(rf"{DOCUMENTS}/([0-9a-f]{{64}})(\.[a-z0-9]{{1,5}})?")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}\.beancount")
_ATOMS = {"TRUE": True, "FALSE": False, "NULL": None}


@dataclass(frozen=True)
class Leaf:
    """A leaf as the books tell it, with its canonical text, and where it stands."""

    log: str
    position: int
    kind: str
    data: dict[str, Any]
    text: str
    hash: str
    path: Path
    line: int


def read_office(folder: Path) -> Iterator[Leaf]:
    """Yield the leaves of the office's log in the order of the text.

    Raises:
        BooksUnfit: the file is missing, unreadable, or not as we write it.
    """
    yield from _registers(folder / OFFICE_FILE, log.OFFICE)


def read_book(folder: Path, book: str) -> Iterator[Leaf]:
    """Yield the leaves of a book's log, registers and vouchers, by their positions; one month is held at a time.

    Raises:
        BooksUnfit: a file is missing, unreadable, or not as we write it.
    """
    place = folder / book
    months = sorted(path for path in _names(place) if _MONTH.fullmatch(path.name))
    vouchers = (leaf for path in months for leaf in _month(path, book))
    yield from merge(_registers(place / REGISTER_FILE, book), vouchers, key=lambda leaf: leaf.position)


def papers(leaf: Leaf) -> list[tuple[str, str, int]]:
    """Return the documents of a voucher's leaf: SHA-256, suffix, size."""
    return [(each["sha256"], each["suffix"], each["size"]) for each in leaf.data["documents"]]


def count(folder: Path) -> int:
    """Return about how many leaves there are, for a progress bar."""
    return sum(
        content.count(b"\n  leaf: ") + content.count(b' custom "')
        for path in folder.rglob("*.beancount")
        if path.name != "main.beancount" and path.is_file() and not path.is_symlink()
        for content in [path.read_bytes()]
    )


def content(path: Path) -> bytes:
    """Return the bytes of a plain file of the books; a link or a device is none.

    Raises:
        BooksUnfit: there is no such file, or it is too large.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise BooksUnfit(about="missing", path=path, line=0) from None
    except OSError as error:
        raise BooksUnfit(about="file", path=path, line=0, reason=error) from None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode) or state.st_size > LARGEST:
            raise BooksUnfit(about="stray", path=path, line=0)
        return file.read(LARGEST)


def _names(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        raise BooksUnfit(about="missing", path=folder, line=0) from None


class _Lines:
    """The lines of a file, taken one by one; whatever cannot be read is refused with its line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = content(path).decode()
        except UnicodeDecodeError as error:
            raise BooksUnfit(about="encoding", path=path, line=1 + error.object.count(b"\n", 0, error.start)) from None
        self._lines = text.split("\n")
        if self._lines.pop():
            raise BooksUnfit(about="line", path=path, line=len(self._lines) + 1)
        self.at = 0

    @property
    def next(self) -> str | None:
        return self._lines[self.at] if self.at < len(self._lines) else None

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Return the next line, which has to be of this form."""
        found = pattern.fullmatch(self.next or "")
        if found is None:
            raise self.refuse()
        self.at += 1
        return found

    def refuse(self, about: str = "line") -> BooksUnfit:
        return BooksUnfit(about=about, path=self.path, line=self.at + 1)


def _registers(path: Path, of: str) -> Iterator[Leaf]:
    lines = _Lines(path)
    # Comment, title and blank lines follow from the record; they are compared when the text is written again.
    while lines.next is not None and not lines.next.startswith(tuple("0123456789")):
        lines.at += 1
    while lines.next is not None:
        line = lines.at
        _, kind, position, hashed = lines.take(_CUSTOM).groups()
        data: dict[str, Any] = {}
        while lines.next:
            key, text, whole, atom = lines.take(_PAIR).groups()
            value: Any = unquoted(text) if text is not None else _ATOMS[atom] if atom else int(whole)
            if key.endswith(NESTED):
                key, value = key.removesuffix(NESTED), _nested(lines, value)
            if key in data:
                lines.at -= 1
                raise lines.refuse()
            data[key] = value
        _blank(lines)
        yield _leaf(lines, line, of, int(position), unquoted(kind), data, hashed)


def _nested(lines: _Lines, value: Any) -> Any:
    try:
        return json.loads(value)
    except (ValueError, TypeError, RecursionError):
        lines.at -= 1
        raise lines.refuse() from None


def _month(path: Path, book: str) -> Iterator[Leaf]:
    lines = _Lines(path)
    lines.take(re.compile(rf";; {re.escape(book)} {path.name[:7]}"))
    _blank(lines)
    while lines.next is not None:
        if _BESIDE.fullmatch(lines.next):
            lines.at += 1
            _blank(lines)
        else:
            yield _voucher(lines, book)


def _voucher(lines: _Lines, book: str) -> Leaf:
    start = lines.at
    date, payee, narration, project, number, reverses = lines.take(_VOUCHER).groups()
    told: list[tuple[str, str]] = []
    while lines.next is not None and (found := _FACT.fullmatch(lines.next)):
        told.append((found[1], unquoted(found[2])))
        lines.at += 1
    head, facts, tail, documents = _told(lines, start, told)
    postings = []
    while lines.next:
        account, amount, commodity = lines.take(_POSTING).groups()
        postings.append([account, commodity, amount])
    _blank(lines)
    data = {
        "book": book,
        "seq": _whole(lines, start, head["seq"]),
        "number": number,
        "date": date,
        "event": head["event"],
        "project": project,
        "contract": head["contract"],
        "payee": unquoted(payee),
        "narration": unquoted(narration),
        "maker": tail["maker"],
        "made_at": tail["made-at"],
        "approver": tail["approver"],
        "sealed_at": tail["sealed-at"],
        "facts": facts,
        "reverses": reverses,
        "documents": [{"sha256": sha, "suffix": suffix, "size": size} for sha, suffix, size in documents],
        "postings": postings,
    }
    position = _whole(lines, start, tail["position"])
    return _leaf(lines, start, book, position, "voucher", data, tail["leaf"])


Told = tuple[dict[str, str], dict[str, str], dict[str, str], list[tuple[str, str, int]]]


def _told(lines: _Lines, start: int, told: list[tuple[str, str]]) -> Told:
    """Part the lines below a voucher's first one, in the order in which they are written."""
    keys = [key for key, _ in told]
    first = 3 if keys[2:3] == ["contract"] else 2
    try:
        signed = len(keys) - 1 - keys[::-1].index("maker")
    except ValueError:
        signed = 0
    papers = told[signed + 4 : -2]
    wanted = [f"{key}-{place}" for place in range(1, len(papers) // 2 + 1) for key in ("document", "size")]
    facts = dict(told[first:signed])
    if (
        keys[:first] != ["seq", "event", "contract"][:first]
        or keys[signed : signed + 4] != ["maker", "made-at", "approver", "sealed-at"]
        or [key for key, _ in papers] != wanted
        or keys[-2:] != ["position", "leaf"]
        or len(facts) != signed - first
    ):
        lines.at = start
        raise lines.refuse()
    documents = []
    for (_, name), (_, size) in zip(papers[::2], papers[1::2], strict=True):
        found = _PAPER.fullmatch(name)
        if found is None:
            lines.at = start
            raise lines.refuse()
        documents.append((found[1], found[2] or "", _whole(lines, start, size)))
    return {"contract": "", **dict(told[:first])}, facts, dict(told[signed : signed + 4] + told[-2:]), documents


def _whole(lines: _Lines, start: int, text: str) -> int:
    if not re.fullmatch(_WHOLE, text):
        lines.at = start
        raise lines.refuse()
    return int(text)


def _blank(lines: _Lines) -> None:
    """Go over the one blank line between two directives; the last has none behind it."""
    if lines.next is None:
        return
    lines.take(re.compile(""))
    if not lines.next:
        raise lines.refuse()


def _leaf(lines: _Lines, line: int, of: str, position: int, kind: str, data: dict[str, Any], hashed: str) -> Leaf:
    """Return a leaf whose text has the hash that stands beside it."""
    try:
        text = log.leaf(of, position, kind, data)
    except (ValueError, RecursionError):
        text = ""
    if log.leaf_hash(text) != hashed:
        raise BooksUnfit(about="leaf", path=lines.path, line=line + 1)
    return Leaf(of, position, kind, data, text, hashed, lines.path, line + 1)

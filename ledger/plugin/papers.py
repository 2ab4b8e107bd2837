"""The papers: each document that a voucher or a fact names lies in the book's folder, as it was sealed."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from beancount.core import data

from ledger.books.keys import DOCUMENTS
from ledger.plugin.reading import NUMBER, Text
from ledger.plugin.report import Report

_NAME = re.compile(rf"{DOCUMENTS}/([0-9a-f]{{64}})(?:\.[a-z0-9]{{1,5}})?")
_SEEN: dict[tuple[str, int, int, int], str] = {}
"""Hashes by file, size and times: Fava loads a book again whenever it grows, and papers are large and do not change."""
_MOST = 100_000


def papers(text: Text, report: Report) -> None:
    """Compare every paper with its hash and its size, and the directives that show papers with the vouchers' own."""
    wanted: dict[tuple[str, str], Any] = {}
    for voucher in text.vouchers:
        for name, size in voucher.papers:
            wanted[voucher.number, name] = voucher.entry
            _paper(text, voucher.entry, voucher.label, name, size, report)
    _shown(text, dict(wanted), report)
    named = {name for _, name in wanted}
    for leaf in text.leaves:
        for name, size in _of_fact(leaf.entry, leaf.data):
            named.add(name)
            _paper(text, leaf.entry, f"F{leaf.position}", name, size, report)
    for path in sorted((text.folder / DOCUMENTS).glob("*")):
        if f"{DOCUMENTS}/{path.name}" not in named:
            report.at("paper-stray", {"filename": str(path), "lineno": 0}, path=f"{DOCUMENTS}/{path.name}")


def _shown(text: Text, wanted: dict[tuple[str, str], Any], report: Report) -> None:
    """Compare the `document` directives with the papers of the vouchers."""
    for entry in text.entries:
        if isinstance(entry, data.Document):
            name = f"{DOCUMENTS}/{Path(entry.filename).name}"
            numbers = [link for link in entry.links or () if NUMBER.fullmatch(link)]
            here = Path(entry.filename).parent == text.folder / DOCUMENTS
            if not numbers or not here or wanted.pop((max(numbers), name), None) is None:
                report.find("paper-extra", entry, path=name)
    for (number, name), entry in wanted.items():
        report.find("paper-hidden", entry, number=number, path=name)


def _of_fact(entry: Any, said: dict[str, Any]) -> list[tuple[str, str]]:
    held = said.get("documents")
    if entry.type != "fact" or not isinstance(held, list):
        return []
    return [(f"{DOCUMENTS}/{each['sha256']}{each['suffix']}", str(each["size"])) for each in held]


def _paper(text: Text, entry: Any, number: str, name: str, size: str, report: Report) -> None:
    form = _NAME.fullmatch(name)
    path = text.folder / name
    if form is None or path.is_symlink() or not path.is_file():
        report.find("paper-missing", entry, number=number, path=name)
    elif str(path.stat().st_size) != size or _hash(path) != form[1]:
        report.find("paper-changed", entry, number=number, path=name)


def _hash(path: Path) -> str:
    state = path.stat()
    key = str(path), state.st_size, state.st_mtime_ns, state.st_ctime_ns
    if key not in _SEEN:
        if len(_SEEN) >= _MOST:
            _SEEN.clear()
        with path.open("rb") as file:
            _SEEN[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _SEEN[key]

"""The log: every leaf made again from the text, places without a gap, and the roots that the office has signed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from beancount.core import data
from beancount.parser import parser

from ledger import canonical, merkle
from ledger.books.keys import DOCUMENTS, OFFICE_FILE, PUBLIC_KEY
from ledger.leaves import BEHIND, FORMAT, posting_before, voucher_leaf
from ledger.leaves import Voucher as Row
from ledger.plugin.reading import Leaf, Text, Voucher, leaf_of
from ledger.plugin.report import Report

OFFICE = "office"


def logs(text: Text, report: Report) -> None:
    """Make the leaves again, see that they follow each other, and compare the roots over them with what was signed."""
    placed: list[tuple[int, str, Any]] = []
    for voucher in text.vouchers:
        position, said = voucher.whole("position"), voucher.said("leaf")
        placed.append((position, said, voucher.entry))
        if _hashed(lambda voucher=voucher, position=position: _voucher(text, voucher, position)) != said:
            report.find("leaf", voucher.entry, name=voucher.label)
    placed += _registers(text.code, text.leaves, report)
    hashes = _in_order(placed, report)
    _signed(text, hashes, report)


def office(folder: Path) -> list[Leaf]:
    """Return the office's log as it lies beside a book's folder: parsed, nothing in it is followed or run."""
    path = folder.parent / OFFICE_FILE
    if path.is_symlink() or not path.is_file():
        return []
    entries, _, _ = parser.parse_file(str(path))
    found = (leaf_of(entry) for entry in entries if isinstance(entry, data.Custom))
    return sorted((leaf for leaf in found if leaf), key=lambda leaf: leaf.position)


def _registers(log: str, leaves: Iterable[Leaf], report: Report) -> list[tuple[int, str, Any]]:
    placed = []
    for leaf in leaves:
        placed.append((leaf.position, leaf.hash, leaf.entry))
        if _hashed(lambda leaf=leaf: _register(log, leaf)) != leaf.hash:
            report.find("leaf", leaf.entry, name=f"{leaf.kind} {leaf.position}")
    return placed


def _in_order(placed: list[tuple[int, str, Any]], report: Report) -> list[bytes]:
    placed.sort(key=lambda each: each[0])
    hashes = []
    for expected, (position, hashed, entry) in enumerate(placed):
        if position != expected and (not expected or placed[expected - 1][0] != position - 1):
            report.find("position", entry, position=position, expected=expected)
        hashes.append(bytes.fromhex(hashed) if len(hashed) == 64 and _is_hex(hashed) else b"")  # noqa: PLR2004
    return hashes


def _signed(text: Text, hashes: list[bytes], report: Report) -> None:
    """Compare with the checkpoints in the office's log, if that lies beside the book."""
    leaves = office(text.folder)
    _in_order(_registers(OFFICE, leaves, report), report)
    wanted = [leaf for leaf in leaves if leaf.kind == "checkpoint" and leaf.entry.meta.get("log") == text.code]
    for leaf in wanted:
        said = leaf.data
        size, root = said.get("size"), said.get("root")
        if not isinstance(size, int) or not 0 <= size <= len(hashes):
            report.find("shorter", leaf.entry, size=size, now=len(hashes))
        elif merkle.root(hashes[:size]).hex() != root:
            report.find("root", leaf.entry, size=size)
        if not _is_signed(text.folder.parent / PUBLIC_KEY, said, text.code):
            report.find("note", leaf.entry, size=size)


def _is_signed(key: Path, said: dict[str, Any], code: str) -> bool:
    """Tell whether a checkpoint's note says what stands beside it, and a key of the office has signed it."""
    from ledger.errors import NoteUnfit
    from ledger.signing import read_verifiers

    try:
        verifiers = read_verifiers(key.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, NoteUnfit):
        return False
    for verifier in verifiers:
        try:
            signed = verifier.open(str(said.get("note")))
        except NoteUnfit:
            continue
        told = signed.origin.rpartition("/")[2], signed.size, signed.root.hex()
        return told == (code, said.get("size"), said.get("root"))
    return False


def _hashed(make: Any) -> str:
    try:
        return merkle.leaf(make().encode()).hex()
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def _register(log: str, leaf: Leaf) -> str:
    return canonical.dumps(
        {"format": FORMAT, "log": log, "position": leaf.position, "kind": leaf.kind, "data": leaf.data}
    )


def _voucher(text: Text, voucher: Voucher, position: int) -> str:
    entry, reverses = voucher.entry, voucher.said("reverses").removeprefix("V") or None
    row = Row(
        seq=voucher.whole("seq"),
        number=voucher.number.removeprefix("V"),
        date=entry.date.isoformat(),
        event=voucher.said("event"),
        project=voucher.project,
        contract=voucher.said("contract"),
        payee=entry.payee or "",
        narration=entry.narration or "",
        maker=voucher.said("maker"),
        made_at=voucher.said("made-at"),
        approver=voucher.said("approver"),
        sealed_at=voucher.said("sealed-at"),
        reverses=None,
        position=position,
        leaf_hash="",
        facts=canonical.dumps(voucher.facts),
    )
    # Booking puts postings of one commodity together; the lines of the text are in the order of the leaf.
    postings = ",".join(
        f"{posting_before(posting.account, posting.units.currency)}{posting.units.number:f}{BEHIND}"
        for posting in sorted(entry.postings, key=lambda each: int(each.meta["lineno"]))
    )
    papers = []
    for name, size in voucher.papers:
        sha256, dot, suffix = name.removeprefix(f"{DOCUMENTS}/").partition(".")
        papers.append((sha256, dot + suffix, int(size)))
    return voucher_leaf(text.code, row, postings, papers, reverses)


def _is_hex(said: str) -> bool:
    return all(each in "0123456789abcdef" for each in said)

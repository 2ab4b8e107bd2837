"""Checking a notice with nothing but the paper and its proof: no record, no office, no network.

What is shown: the words of the paper are those of a leaf that the office signed; each figure is the sum of its
vouchers, and each voucher's part is what its own signed leaf says. What is not: that no voucher was left out; for that
the auditor has the whole log.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger import log, merkle, money
from ledger.errors import NoteUnfit
from ledger.signing import Checkpoint
from projects.notices.content import Content, Figure, read
from projects.notices.given import Keys, need_signed, need_whole
from projects.notices.growth import growth
from projects.notices.page import Page, render
from projects.notices.proof import FORM

_AMOUNT = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}(?![0-9%])(?= ?(?:元|yuan))")
_CELL = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{2}")


@dataclass
class Report:
    """What a check found: problems with what stands where, what was covered, and by whose key.

    `since` is the size of the earlier checkpoint from which the proof shows growth; `foreign` tells that it names one
    that is signed by another key, from which it shows nothing.
    """

    vkey: str = ""
    origin: str = ""
    size: int = 0
    content: Content | None = None
    words: int = 0
    figures: int = 0
    vouchers: int = 0
    withheld: int = 0
    since: int = 0
    foreign: int = 0
    problems: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def find(self, code: str, **facts: str) -> None:
        """Note a problem."""
        self.problems.append((code, facts))


def check(proof_text: str, page: str | None, *, trusted: Keys = ()) -> Report:
    """Check a proof, and a page against it; `trusted` are the office's keys, known from elsewhere."""
    report = Report()
    try:
        proof = _read(proof_text)
        checkpoint, keys = need_signed(report, proof, trusted)
        book = checkpoint.origin.rpartition("/")[2]
        data = _leaf(report, proof["notice"], checkpoint, book, "fact", "notice")
        content = report.content = read(book, data)
        _vouchers(report, proof["vouchers"], checkpoint, content)
        _sums(report, content)
        _amounts(report, content)
        _growth(report, proof["since"], checkpoint, keys)
    except NoteUnfit:
        report.find("signature")
        return report
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        report.find("form")
        return report
    if page is not None:
        _page(report, page, content, proof)
    return report


def _read(proof_text: str) -> dict[str, Any]:
    """Return a proof that says it is one; the rest is found out step by step."""
    proof = json.loads(proof_text)
    if not isinstance(proof, dict) or proof["form"] != FORM:
        raise ValueError(FORM)
    return proof


def _leaf(
    report: Report, told: Mapping[str, Any], checkpoint: Checkpoint, book: str, kind: str, where: str
) -> dict[str, Any]:
    """Return the data of a leaf that the checkpoint covers.

    Raises:
        ValueError: it is not what it should be.
    """
    position, leaf = need_whole(told["position"]), str(told["leaf"])
    _covered(report, bytes.fromhex(log.leaf_hash(leaf)), position, told["path"], checkpoint, where)
    whole = json.loads(leaf)
    if (whole["kind"], whole["log"], whole["position"]) != (kind, book, position):
        report.find("leaf", where=where)
    data = whole["data"]
    if not isinstance(data, dict):
        raise TypeError(data)
    return data


def _covered(report: Report, hashed: bytes, position: int, path: list[str], checkpoint: Checkpoint, where: str) -> None:
    proof = [bytes.fromhex(each) for each in path]
    if not merkle.check_inclusion(hashed, position, checkpoint.size, proof, checkpoint.root):
        report.find("path", where=where)


def _vouchers(report: Report, told: list[Mapping[str, Any]], checkpoint: Checkpoint, content: Content) -> None:
    """Make sure that every voucher is in the log, and moved of each figure what the notice says."""
    leaves: dict[str, dict[str, Any] | None] = {}
    for each in told:
        number = str(each["number"])
        if each["leaf"] is None:
            hashed = bytes.fromhex(str(each["hash"]))
            _covered(report, hashed, need_whole(each["position"]), each["path"], checkpoint, number)
            leaves[number] = None
            report.withheld += 1
            continue
        data = _leaf(report, each, checkpoint, content.book, "voucher", number)
        if data["number"] != number or each["hash"] != log.leaf_hash(str(each["leaf"])):
            report.find("leaf", where=number)
        leaves[number] = data
        report.vouchers += 1
    for figure in content.figures.values():
        for number, part in figure.vouchers.items():
            if number not in leaves:
                report.find("missing", where=number, figure=figure.name)
            elif (data_ := leaves[number]) is not None and _moved(figure, data_) != part:
                found = money.yuan(_moved(figure, data_))
                report.find("part", where=number, figure=figure.name, found=found, expected=money.yuan(part))


def _moved(figure: Figure, data: Mapping[str, Any]) -> int:
    """Return what a voucher moved of a figure, in fen."""
    return sum(
        figure.counts.get(f"{account} {commodity}", 0) * _fen(amount) for account, commodity, amount in data["postings"]
    )


def _sums(report: Report, content: Content) -> None:
    """Make sure that every figure is the sum of what it is said to be the sum of."""
    for figure in content.figures.values():
        report.figures += 1
        made = sum(figure.vouchers.values())
        if figure.vouchers and made != figure.amount:
            report.find("sum", figure=figure.name, found=money.yuan(made), expected=figure.shown)
        if figure.sums:
            made = sum(count * content.figures[name].amount for name, count in figure.sums.items())
            if made != figure.amount:
                report.find("sum", figure=figure.name, found=money.yuan(made), expected=figure.shown)


def _amounts(report: Report, content: Content) -> None:
    """Make sure that every amount that is printed is one of the figures of its place."""
    for each in content.fields:
        shown = {content.figures[name].shown for name in each.figures}
        for line in each.lines:
            for amount in _AMOUNT.findall(line) if each.figures else ():
                if amount not in shown:
                    report.find("amount", where=each.label, found=amount)
    for table in content.tables:
        shown = {content.figures[name].shown for name in table.figures}
        for row in table.rows:
            for cell in row:
                for amount in [cell] if _CELL.fullmatch(cell) else _AMOUNT.findall(cell):
                    if amount not in shown:
                        report.find("amount", where=f"{table.caption} {row[0]}", found=amount)


def _growth(report: Report, told: Mapping[str, Any] | None, checkpoint: Checkpoint, keys: Keys) -> None:
    """Make sure that the log grew from the checkpoint of the notice before; of one by another key it is told."""
    if told is None:
        return
    found = growth(told, checkpoint, keys)
    if found is None:
        report.foreign = 1
        return
    report.since, grown = found
    if not grown:
        report.find("growth", size=str(report.since))


def _page(report: Report, page: str, content: Content, proof: Mapping[str, Any]) -> None:
    """Compare every word that a page shows with the words of the notice."""
    below = [*Page.proof_words(content, proof), *(said for _, said in Page.links(content, proof))]
    expected = content.words() + [("proof", line) for line in below]
    report.words = len(expected)
    if page == render(content, proof):
        return
    found = Page.words(page)
    if found is None:
        report.find("markup")
        return
    for index, (where, words) in enumerate(expected):
        shown = found[index] if index < len(found) else ""
        if shown != words:
            report.find("word", where=where, found=shown, expected=words)
            return
    if len(found) > len(expected):
        report.find("more", found=found[len(expected)])
    else:
        # The same words in another dress: it was printed by another version, or somebody has touched what is not read.
        report.find("markup")


def _fen(amount: Any) -> int:
    try:
        return int(Decimal(str(amount)).scaleb(2))
    except InvalidOperation as error:
        raise ValueError(amount) from error

"""A proof that was opened: its signature and leaves checked, and what the leaves say of money."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ledger import chart, log, merkle
from ledger.signing import Checkpoint, Counts
from projects.disclosure.proved.moved import Accounts, Moved, fen
from projects.disclosure.proved.named import read_office
from projects.disclosure.proved.proof import FORM
from projects.disclosure.proved.report import Report
from projects.notices.given import Keys, need_signed, need_whole
from projects.notices.growth import growth
from projects.sheets.movements import Voucher, Vouchers

_TEXTS = ("number", "date", "event", "project", "contract", "payee")


@dataclass
class Opened:
    """What a proof says of a book's money.

    `moved` has by voucher what it moved, `lines` the plan by project and channel in the order of the log, `named` the
    names of contracts by voucher, `withheld` vouchers whose leaf stays in the office. What is under no checkpoint yet
    is `later`: vouchers, and lines of the plan by project. `stated` is the office's word.
    """

    note: str
    checkpoint: Checkpoint
    stated: Mapping[str, Any]
    vouchers: list[Voucher] = field(default_factory=list)
    moved: dict[int, list[Moved]] = field(default_factory=dict)
    lines: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    named: dict[int, str] = field(default_factory=dict)
    withheld: set[int] = field(default_factory=set)
    later: set[int] = field(default_factory=set)
    later_lines: list[tuple[str, int]] = field(default_factory=list)
    covered_lines: int = 0

    @property
    def book(self) -> str:
        """Return the code of the book, as the checkpoint has it."""
        return self.checkpoint.origin.rpartition("/")[2]

    @property
    def own(self) -> set[str]:
        """Return the channels that are the village's own money."""
        return {code for code, source, _ in self.stated["channels"] if source == "collective"}

    def read(self) -> Vouchers:
        """Return the vouchers with what each moved."""
        rows = [(seq, channel, role, amount) for seq, of in self.moved.items() for _, channel, role, amount in of]
        return Vouchers(self.vouchers, rows, self.own)


def open_proof(report: Report, proof_text: str, trusted: Keys) -> Opened:
    """Return what a proof says once its signature is right; leaves that do not fit are told of in the report.

    Raises:
        NoteUnfit: the checkpoint is not signed by the key.
        ValueError, KeyError, TypeError: it is no proof of pages.
    """
    proof = json.loads(proof_text)
    if proof["form"] != FORM:
        raise ValueError(FORM)
    checkpoint, keys = need_signed(report, proof, trusted)
    opened = Opened(str(proof["checkpoint"]), checkpoint, proof["stated"])
    _read_leaves(report, opened, proof["leaves"], proof["beside"])
    _number(report, opened)
    _count(report, opened)
    _growth(report, opened, proof["since"], keys)
    if proof["office"] is not None:
        read_office(report, proof["office"], proof["stated"], opened.checkpoint, keys)
    return opened


def _growth(report: Report, opened: Opened, told: list[Any], keys: Keys) -> None:
    """Make sure that the log grew from earlier checkpoints; those by another key are counted."""
    for each in told:
        found = growth(each, opened.checkpoint, keys)
        if found is None:
            report.foreign += 1
            continue
        size, grown = found
        if not grown:
            report.find("growth", size=size)
        report.since = min(report.since, size) if report.since else size


def _read_leaves(report: Report, opened: Opened, told: list[Any], beside: list[str]) -> None:
    """Read every leaf, and make sure that those up to the checkpoint make its root together with the other hashes."""
    accounts = Accounts(chart.load(_standard(opened.stated)))
    channels = {str(code) for code, _, _ in opened.stated["channels"]}
    known: dict[int, bytes] = {}
    for each in told:
        count = len(opened.vouchers)
        if isinstance(each, str):
            whole, hashed = json.loads(each), log.leaf_hash(each)
            position = need_whole(whole["position"])
            if whole["log"] != opened.book or whole["kind"] not in {"voucher", "budget-line"}:
                report.find("other-book", found=f"{whole['log']} {whole['kind']} {position}", expected=opened.book)
                continue
            if position in known:
                report.find("twice", position=position, what=_called(whole))
            if whole["kind"] == "budget-line":
                _line(opened, whole["data"], position)
            else:
                _voucher(opened, whole["data"], hashed, accounts.moved(whole["data"]["postings"], channels))
        else:
            hashed, position = str(each["hash"]), need_whole(each["position"])
            if position in known:
                report.find("twice", position=position, what=f"V{each['number']}")
            moved = [(str(p), str(channel), str(role), fen(amount)) for p, channel, role, amount in each["moved"]]
            opened.withheld.add(need_whole(each["seq"]))
            _voucher(opened, each, hashed, moved)
        known[position] = bytes.fromhex(hashed)
        if position >= opened.checkpoint.size and len(opened.vouchers) > count:
            opened.later.add(opened.vouchers[-1].seq)
    covered = {position: hashed for position, hashed in known.items() if position < opened.checkpoint.size}
    report.later = sum(position >= opened.checkpoint.size for position in known)
    report.other = opened.checkpoint.size - len(covered)
    try:
        root = merkle.join(opened.checkpoint.size, covered, [bytes.fromhex(each) for each in beside])
    except ValueError:
        root = b""
    if root != opened.checkpoint.root:
        report.find("root", size=opened.checkpoint.size)


def _standard(stated: Mapping[str, Any]) -> str:
    standard = str(stated["book"]["chart"])
    if standard not in chart.standards():
        raise ValueError(standard)
    return standard


def _line(opened: Opened, data: Mapping[str, Any], position: int) -> None:
    project, channel, planned = str(data["project"]), str(data["channel"]), fen(data["planned"])
    opened.lines[project][channel] = opened.lines[project].get(channel, 0) + planned
    if position >= opened.checkpoint.size:
        opened.later_lines.append((project, planned))
    else:
        opened.covered_lines += 1


def _voucher(opened: Opened, data: Mapping[str, Any], hashed: str, moved: list[Moved]) -> None:
    seq = need_whole(data["seq"])
    texts = {name: str(data[name]) for name in _TEXTS}
    reverses = "" if data["reverses"] is None else str(data["reverses"])
    opened.vouchers.append(Voucher(seq, facts={}, leaf_hash=hashed, reverses=reverses, reversed_by="", **texts))
    opened.moved[seq] = moved
    opened.named[seq] = str(
        data["contract-name"] if "contract-name" in data else data["facts"].get("contract-name", "")
    )


def _number(report: Report, opened: Opened) -> None:
    """Put the vouchers in order, name what is missing, and tell each reversal and what it reverses of each other."""
    found: dict[int, Voucher] = {}
    for each in opened.vouchers:
        if each.seq in found:
            report.find("twice", position=each.seq, what=f"V{each.number}")
        found[each.seq] = each
    last = max(found, default=-1)
    for seq in range(last):
        if seq not in found:
            after = next(found[later] for later in range(seq, last + 1) if later in found)
            report.find("missing", count=seq + 1, after=f"V{after.number}")
    by_number = {each.number: each for each in found.values()}
    undone = {each.reverses: each.number for each in found.values() if each.reverses}
    opened.vouchers = [
        replace(
            each,
            event=by_number[each.reverses].event if each.reverses in by_number else each.event,
            reversed_by=undone.get(each.number, ""),
        )
        for _, each in sorted(found.items())
    ]
    report.withheld = len(opened.withheld)
    report.vouchers = len(found) - report.withheld


def _count(report: Report, opened: Opened) -> None:
    """Make sure that the proof has as many vouchers and lines of the plan as the office signed."""
    signed = opened.checkpoint.counts
    if signed is None:
        return
    found = Counts(len({each.seq for each in opened.vouchers} - opened.later), opened.covered_lines)
    report.counted = True
    if found != signed:
        report.find("counted", found=found.text(), expected=signed.text())


def _called(whole: Mapping[str, Any]) -> str:
    return f"V{whole['data']['number']}" if whole["kind"] == "voucher" else str(whole["data"].get("project", ""))

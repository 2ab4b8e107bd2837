"""The first sheets: what the pack is about and what state the log is in; and that the sheets agree with each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from ledger import chart, checkpoints, log, merkle, messages
from ledger.closed import closed_through
from ledger.errors import Phrase
from ledger.statements import Statement
from ledger.statements.statement import Cell
from ledger.waiting import waiting
from projects.audit.pack import money, people
from projects.audit.pack.working import Working, sheet
from projects.policy.numbers import MARKS


def cover(working: Working) -> Statement:
    """What the audit is about: scope, basis, period, book, the log and its signed state, and what the tests found."""
    scope, book = working.scope, working.scope.book
    rows: list[list[Cell]] = []

    def put(key: str, said: str) -> None:
        rows.append([working.say(f"cover.{key}"), said])

    put("kind", working.say("kind.term" if scope.person else "kind.year"))
    if scope.person:
        put("person", f"{scope.person} {scope.post}".strip())
    put("book", f"{book.code} {book.name}")
    of = chart.load(book.chart)
    put("chart", f"《{of.title}》{of.standard}")
    put("period", f"{scope.period.since} – {scope.period.until}")
    put("figures", working.until.isoformat())
    put("scope", working.say(f"scope.{'term' if scope.person else 'year'}"))
    for each in _basis()["term" if scope.person else "year"]:
        put("basis", _cite(working, each))
    _log(working, put)
    found_, unable = working.report.findings, [each for each in working.report.results if not each.ran]
    carried = sum(not working.is_in(each.hit.on) for each in found_)
    put("findings", working.say("found", count=len(found_), new=len(found_) - carried, carried=carried))
    names = [each.test.title(scope.lang) for each in unable]
    put("unable", working.say("listed", count=len(names), names=" ".join(names) or "—"))
    return sheet(working, "cover", ["item", "said"], rows)


def _log(working: Working, put: Any) -> None:
    """Tell what the book's log is now, what of it was signed last, and what is closed and what waits."""
    connection, book = working.connection, working.scope.book.code
    hashes = list(log.hashes(connection, book))
    put("log", working.say("log", size=len(hashes)))
    put("root", _grouped(merkle.root(hashes).hex()))
    signed = [data for _, data in checkpoints.signed(connection) if data.get("log") == book]
    put("checkpoint", working.say("signed", size=signed[-1]["size"]) if signed else working.say("unsigned"))
    if signed:
        put("checkpoint-root", _grouped(str(signed[-1]["root"])))
    put("closed", closed_through(connection, book) or working.say("none"))
    inside = [each for each in working.reading.entries if working.is_in(each.date)]
    said = f"{inside[0].label} – {inside[-1].label}" if inside else ""
    put("vouchers", working.say("count", count=len(inside), said=said))
    put("reversals", str(sum(each.reverses is not None for each in inside)))
    put("waiting", str(sum(1 for _ in waiting(connection, book))))


def _grouped(digits: str) -> str:
    """Return a hash in groups that a line can be broken between, and that people can compare."""
    return " ".join(digits[at : at + 16] for at in range(0, len(digits), 16))


def agreement(working: Working) -> Statement:
    """勾稽关系: figures that stand on two sheets, or follow from each other, and their difference, which is none."""
    rows: list[list[Cell]] = []
    for key, one, other in _pairs(working):
        word = working.say("agrees" if one == other else "differs")
        rows.append([working.say(f"agree.{key}"), one, other, one - other, word])
    return sheet(working, "agreement", ["relation", "one", "other", "difference", "verdict"], rows)


def _pairs(working: Working) -> Iterator[tuple[str, int, int]]:
    """Yield two figures each that have to be one, reached by different ways."""
    trial, funds, projects = money.accounts(working), working.funds, money.projects(working)
    for key, debit, credit in _SIDES:
        yield f"trial-{key}", trial.total(debit), trial.total(credit)
    come, gone = funds.total("income"), funds.total("expense")
    yield "funds-moved", funds.total("opening") + come - gone, funds.total("closing")
    yield "funds-cash", funds.total("closing"), _standing(working, "money", "bank", "cash")
    yield "channels", money.channels(working).total("closing"), funds.total("closing")
    yield "receipts", money.receipts(working).total("amount"), come
    yield "payments", money.payments(working).total("amount"), gone
    yield "projects-allotted", projects.total("allotted"), funds.total("allotted")
    yield "projects-certified", projects.total("certified"), funds.total("spent")
    yield "projects-cash", projects.total("cash"), funds.total("closing")
    yield "contracts", projects.total("contracted"), money.contracts(working).total("price")
    used = _standing(working, "budget", "available", "committed", "advanced", "audit_cut", "stocked", "spent")
    yield "budget", funds.total("allotted"), used
    owed = projects.total("owed") + projects.total("retention")
    yield "debts", owed, -_standing(working, "money", "payable", "retention", "repair", "wages")
    inside = [each for each in working.reading.entries if working.is_in(each.date)]
    yield "users", people.users(working).total("made-amount"), sum(people.moved(each) for each in inside)


def _standing(working: Working, kind: str, *roles: str) -> int:
    """Return the closing balance of all accounts of some roles, a debit above zero."""
    return sum(each.closing for each in working.moves if each.kind == kind and each.role in roles)


@cache
def _basis() -> dict[str, list[dict[str, str]]]:
    return tomllib.loads(files("projects.audit.pack").joinpath("basis.toml").read_text(encoding="utf-8"))


def _cite(working: Working, each: dict[str, str]) -> str:
    cite = f"《{each['document']}》{each.get('number', '')}"
    sure = next(word for mark, word in MARKS.items() if mark == each["mark"])
    return messages.phrase(Phrase("projects", f"policy.rule.{sure}", cite=cite), working.scope.lang)


_SIDES = (
    ("opening", "opening-debit", "opening-credit"),
    ("moved", "debit", "credit"),
    ("closing", "closing-debit", "closing-credit"),
)

"""The engine: which tests there are, running them over books, and what auditors said of the findings."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection

from ledger import register
from ledger.errors import ChoiceUnknown, Names
from ledger.facts import Fact
from projects.audit import alike, buying, money, openness, works
from projects.audit.model import Finding, Hit, Report, Result, Test
from projects.audit.money import Looked, Parameters
from projects.audit.reading import Reading, read_book

IN_BOOK: Mapping[str, Callable[[Reading, Parameters], Looked]] = {
    "idle-year": money.idle_year,
    "idle-recall": money.idle_recall,
    "negative-list": money.negative_list,
    "fee-over-cap": money.fee_over_cap,
    "retention-early": works.retention_early,
    "retention-over": works.retention_over,
    "retention-overdue": works.retention_overdue,
    "advance-not-offset": works.advance_not_offset,
    "contract-unprocured": buying.contract_unprocured,
    "splitting": buying.splitting,
    "contract-before-approval": buying.contract_before_approval,
    "settlement-over-contract": works.settlement_over_contract,
    "personal-payee": buying.personal_payee,
    "account-changed": buying.account_changed,
    "cash-over-limit": money.cash_over_limit,
    "unreconciled": openness.unreconciled,
    "notice-missing": openness.notice_missing,
    "deliberation-missing": openness.deliberation_missing,
    "self-funding": money.self_funding,
    "not-capitalised": works.not_capitalised,
    "surplus-not-returned": money.surplus_not_returned,
    "prefinancing-open": money.prefinancing_open,
    "year-end-rush": money.year_end_rush,
    "many-reversals": openness.many_reversals,
}
"""The tests that look at each book by itself."""
ACROSS: Mapping[str, Callable[[Sequence[Reading], Parameters], Looked]] = {
    "duplicate-project": alike.duplicate_project,
    "duplicate-invoice": buying.duplicate_invoice,
    "unit-cost": alike.unit_cost,
}
"""The tests that compare all books that are looked at."""


@cache
def tests() -> Mapping[str, Test]:
    """Return the tests by code, in the order of their file."""
    told = tomllib.loads(files("projects.audit").joinpath("tests.toml").read_text(encoding="utf-8"))
    return {code: Test(code=code, **each) for code, each in told.items()}


def need_test(code: str) -> Test:
    """Return a test by its code.

    Raises:
        ChoiceUnknown: there is none.
    """
    if code not in tests():
        raise ChoiceUnknown(about="audit-test", text=code, choices=Names(tests()))
    return tests()[code]


def run(
    connection: Connection,
    *,
    on: date,
    books: Iterable[str] | None = None,
    year: int | None = None,
    only: Iterable[str] | None = None,
) -> Report:
    """Run the tests over books (all, if none is named) as they stand on a day and return what they found.

    With a `year` the books are seen at its end, and what is not lasting and began before it is left out.

    Raises:
        ChoiceUnknown: a test that there is not.
        Unknown: a book that there is not.
    """
    if year is not None:
        on = min(on, date(year, 12, 31))
    codes = [each.code for each in register.list_books(connection)] if books is None else list(books)
    readings = [read_book(connection, register.need_book(connection, code).code, on) for code in codes]
    chosen = tests().values() if only is None else [need_test(code) for code in only]
    return Report(on.isoformat(), year, tuple(codes), tuple(_result(each, readings, year) for each in chosen))


def _result(test: Test, readings: Sequence[Reading], year: int | None) -> Result:
    able = [each for each in readings if not _lacks(test, each)]
    lacking = {each.book: " ".join(test.needs) for each in readings if each not in able}
    if test.code in ACROSS:
        looked = list(ACROSS[test.code](able, test.parameters))
    else:
        looked = [found for each in able for found in IN_BOOK[test.code](each, test.parameters)]
    first = "" if year is None or test.lasting else f"{year}-01-01"
    explained = _explanations(readings)
    found = {f"{test.code}/{hit.book}/{hit.key}": hit for hit in looked if hit and hit.on >= first}
    findings = (Finding(id_, test, hit, explained.get(id_)) for id_, hit in found.items())
    return Result(test, len(looked), tuple(sorted(findings, key=_order)), lacking)


def _order(finding: Finding) -> tuple[str, str, str]:
    hit: Hit = finding.hit
    return hit.book, hit.on, hit.key


def _lacks(test: Test, book: Reading) -> bool:
    kinds = {("office", each.kind) for each in book.office} | {("book", each.kind) for each in book.told}
    wanted = [each.split(":") if ":" in each else ["book", each] for each in test.needs]
    return bool(wanted) and not any((where, kind) in kinds for where, kind in wanted)


def _explanations(readings: Sequence[Reading]) -> dict[str, Fact]:
    """Return the last explanation of each finding that has one; one that was withdrawn counts no more."""
    return {each.subject: each for book in readings for each in book.explanations}

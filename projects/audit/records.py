"""What auditors leave in a book: their explanation of a finding, and what a run found; each a fact of its log."""

from __future__ import annotations

from datetime import date

from ledger import facts, money, people
from ledger.errors import Unknown
from ledger.facts import Fact
from ledger.register import need_book
from ledger.store.workspace import Unit
from ledger.text import words
from projects.audit.engine import need_test, run
from projects.audit.model import EXPLANATION, RUN, Report


def explain(unit: Unit, finding: str, *, reason: str, person: str, on: date, by: str) -> Fact:
    """Record why a finding is none, who says so and when; it shows as explained, and never goes away by that.

    Raises:
        Unknown: no test finds this now, so that there is nothing to explain.
        RoleMissing: `by` may neither approve nor audit the book.
        TextMissing: no reason is given.
    """
    code, book = [*finding.split("/"), "", ""][:2]
    need_test(code)
    need_book(unit.connection, book)
    people.need_overseer(unit.connection, by, book)
    found = run(unit.connection, on=unit.now.date(), only=[code])
    if finding not in {each.id for each in found.findings}:
        raise Unknown(about="finding", text=finding)
    data = {"reason": words(reason, "reason"), "explained-by": words(person or by, "name")}
    return facts.record(unit, book, EXPLANATION, finding, on=on, by=by, data=data)


def record(unit: Unit, report: Report, book: str, *, by: str) -> Fact:
    """Record a run in a book: its day, the tests that ran and those that lacked data, and its findings with amounts.

    Raises:
        RoleMissing: `by` may neither approve nor audit the book.
    """
    people.need_overseer(unit.connection, by, book)
    found = [each for each in report.findings if each.hit.book == book]
    data = {
        "year": "" if report.year is None else str(report.year),
        "tests": [each.test.code for each in report.results if book not in each.lacking],
        "lacking": [each.test.code for each in report.results if book in each.lacking],
        "findings": [_said(each.id, each.hit.amount, each.hit.vouchers) for each in found],
        "explained": [each.id for each in found if each.explained],
    }
    kept = {key: value for key, value in data.items() if value}
    return facts.record(unit, book, RUN, book, on=date.fromisoformat(report.on), by=by, data=kept)


def _said(id_: str, amount: int, vouchers: tuple[str, ...]) -> list[str]:
    return [id_, money.plain(amount), *vouchers]

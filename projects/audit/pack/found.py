"""The sheets of the audit tests: what was looked at, what could not be, and every exception."""

from __future__ import annotations

from ledger import messages
from ledger.statements import Statement
from ledger.statements.statement import Cell
from projects.audit.model import Finding, Test
from projects.audit.pack.working import Working, sheet
from projects.audit.paper import lacking, rule


def tests(working: Working) -> Statement:
    """Each audit test: its rule and source, how many things it looked at, what it found, and what it lacked."""
    columns = ["test", "name", "severity", "rule", "population", "exceptions", "lacking"]
    lang = working.scope.lang
    rows: list[list[Cell]] = [
        [
            each.test.code,
            each.test.title(lang),
            _severity(working, each.test),
            rule(each, lang),
            str(each.population),
            str(len(each.findings)) if each.ran else working.say("not-run"),
            lacking(each),
        ]
        for each in working.report.results
    ]
    said = working.say("total")
    rows.append([said, "", "", "", "", str(len(working.report.findings)), str(len(_unable(working)))])
    return sheet(working, "tests", columns, rows, sums=[len(rows) - 1])


def _unable(working: Working) -> list[Test]:
    """Return the tests that could not run for want of facts."""
    return [each.test for each in working.report.results if not each.ran]


def findings(working: Working) -> Statement:
    """Each exception: of the period or carried in, its vouchers and amount, why it is one, and what clears it."""
    columns = ["finding", "severity", "arose", "date", "project", "vouchers", "amount", "reason", "clears", "explained"]
    rows = [_row(working, each) for each in working.report.findings]
    return sheet(working, "findings", columns, rows)


def _row(working: Working, each: Finding) -> list[Cell]:
    lang, hit, said = working.scope.lang, each.hit, each.explained
    arose = working.say("arose" if working.is_in(hit.on) else "carried")
    explained = f"{said.label} {said.on} {said.data['explained-by']}: {said.data['reason']}" if said else ""
    head: list[Cell] = [each.id, _severity(working, each.test), arose, hit.on, hit.project, " ".join(hit.vouchers)]
    return [*head, hit.amount, each.reason(lang), each.test.clears(lang), explained]


def _severity(working: Working, test: Test) -> str:
    return messages.text("projects", f"severity.{test.severity}", working.scope.lang)

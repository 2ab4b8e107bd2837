"""The working paper as a spreadsheet: tests on the first sheet, exceptions on the second, as they are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from ledger import messages
from ledger.messages import Lang
from ledger.store import files
from ledger.text import visible
from projects.audit.model import Finding, Report, Result

FONT, MONEY = "SimSun", "#,##0.00"
_TESTS = {"test": 22, "name": 24, "severity": 8, "rule": 44, "population": 9, "count": 9, "lacking": 30}
_FINDINGS = {
    "finding": 34,
    "severity": 8,
    "book": 10,
    "date": 12,
    "vouchers": 24,
    "amount": 16,
    "reason": 56,
    "clears": 36,
    "explained": 36,
}


def write(path: Path, report: Report, lang: Lang) -> None:
    """Write the working paper; amounts are numbers, text is text whatever it begins with."""
    import openpyxl

    say = _words(lang)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = say("tests")
    year = str(report.year) if report.year is not None else say("all")
    _put(sheet, 1, 1, say("title", books=" ".join(report.books), on=report.on) + f" · {year}", bold=True)
    _fill(sheet, [[say(each) for each in _TESTS], *(_test(each, lang) for each in report.results)], top=2)
    _put(sheet, len(report.results) + 4, 1, say("sign"))
    _lay_out(sheet, _TESTS.values(), heads=2)
    other = book.create_sheet(say("findings"))
    _fill(other, [[say(each) for each in _FINDINGS], *(_finding(each, lang) for each in report.findings)], top=1)
    _lay_out(other, _FINDINGS.values(), heads=1)
    made = BytesIO()
    book.save(made)
    files.put(path, made.getvalue())


def rule(result: Result, lang: Lang) -> str:
    """Return the rule of a test and what it takes from the policy or has of its own."""
    own = [f"{name} = {value}" for name, value in result.test.parameters.items()]
    return "; ".join([result.test.source(lang), *([result.test.policy] if result.test.policy else []), *own])


def lacking(result: Result) -> str:
    """Return in which books a test could not run, for want of what."""
    return "; ".join(f"{book}: {kinds}" for book, kinds in result.lacking.items())


def _words(lang: Lang) -> Any:
    return lambda key, **facts: messages.text("projects", f"audit-sheet.{key}", lang, **facts)


def _test(each: Result, lang: Lang) -> list[Any]:
    level = messages.text("projects", f"severity.{each.test.severity}", lang)
    counts = [str(each.population), str(len(each.findings))]
    return [each.test.code, each.test.title(lang), level, rule(each, lang), *counts, lacking(each)]


def _finding(each: Finding, lang: Lang) -> list[Any]:
    said = each.explained
    explained = f"{said.label} {said.on} {said.data['explained-by']}: {said.data['reason']}" if said else ""
    level = messages.text("projects", f"severity.{each.test.severity}", lang)
    head = [each.id, level, each.hit.book, each.hit.on, " ".join(each.hit.vouchers), each.hit.amount]
    return [*head, each.reason(lang), each.test.clears(lang), explained]


def _fill(sheet: Any, rows: Iterable[Sequence[Any]], *, top: int) -> None:
    from openpyxl.styles import Border, Side

    line = Border(*(Side(style="thin"),) * 4)
    for number, row in enumerate(rows, top):
        for column, value in enumerate(row, 1):
            _put(sheet, number, column, value, bold=number == top).border = line


def _put(sheet: Any, row: int, column: int, value: Any, *, bold: bool = False) -> Any:
    from openpyxl.styles import Alignment, Font

    cell = sheet.cell(row, column)
    if isinstance(value, int):
        cell.value, cell.number_format = Decimal(value) / 100, MONEY
    else:
        cell.value, cell.data_type = visible(value), "s"
        cell.alignment = Alignment(wrap_text=row > 1, vertical="top")
    cell.font = Font(name=FONT, bold=bold)
    return cell


def _lay_out(sheet: Any, widths: Iterable[int], *, heads: int) -> None:
    """Set the widths of the columns, repeat the heads on every page, and print on one page across."""
    for column, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows, sheet.freeze_panes = f"{heads}:{heads}", f"A{heads + 1}"

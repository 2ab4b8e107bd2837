"""What was understood of a file, printed and as data: sums, doubts, and what stands against taking it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from importers.tables import Doubt, Total
from ledger import messages
from ledger.errors import Refusal
from projects.cli.output import Output


def say_total(output: Output, total: Total) -> None:
    """Print a sum that a file states and that is right."""
    output.say("print.import-total", row=total.row, label=total.label, column=total.column, stated=total.stated)


def say_doubts(output: Output, doubts: Iterable[Doubt], problems: Iterable[Refusal]) -> None:
    """Print what is doubtful, and what stands against taking a file."""
    for doubt in doubts:
        output.check("warning", _where(output, doubt.sheet), doubt.sentence(output.lang), width=0)
    for problem in problems:
        output.check("problem", "", messages.explain(problem, output.lang), width=0)


def total(stated: Total) -> dict[str, Any]:
    """Return a stated sum as data."""
    facts = {"sheet": stated.sheet, "row": stated.row, "label": stated.label, "column": stated.column}
    return facts | {"stated_fen": stated.stated, "computed_fen": stated.computed}


def doubt(found: Doubt, lang: messages.Lang) -> dict[str, Any]:
    """Return what is doubtful as data."""
    facts = {"sheet": found.sheet, "row": found.row, "column": found.column, "text": found.text}
    return facts | {"code": found.code, "message": found.sentence(lang)}


def problem(refusal: Refusal, lang: messages.Lang) -> dict[str, Any]:
    """Return what stands against taking a file as data."""
    facts = refusal.facts
    return {
        "row": facts.get("row"),
        "column": facts.get("column", ""),
        "text": facts.get("text", ""),
        "code": refusal.code,
        "message": messages.explain(refusal, lang),
    }


def _where(output: Output, sheet: str) -> str:
    return output.text("print.import-sheet", sheet=sheet) if sheet else ""

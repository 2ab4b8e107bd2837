"""A plugin for Beancount: what its core does not check, from the text of a book alone, without record or database.

A book's head names it (``plugin "ledger.plugin"``), so that ``bean-check`` and Fava say where the text breaks which
rule. Whoever distrusts the head writes two lines of his own: the plugin and an ``include`` of the head.

Rules that need no metadata hold for any text with a commodity for each channel: exact amounts without price, cost or
elision, one project a voucher, the mirror of money and budget, floors, numbers and dates. The others hold for books
that this program wrote: makers and approvers, papers, leaves, the root that a checkpoint signed, totals at the bank.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from ledger.plugin.banks import totals
from ledger.plugin.directives import directives
from ledger.plugin.heads import heads
from ledger.plugin.logs import logs
from ledger.plugin.order import order
from ledger.plugin.papers import papers
from ledger.plugin.postings import postings
from ledger.plugin.reading import Text, read
from ledger.plugin.report import Broken, Report

__plugins__ = ("check",)


def check(entries: list[Any], options: dict[str, Any]) -> tuple[list[Any], list[Broken]]:
    """Return the entries as they are, and an error of Beancount's kind for each place where the text breaks a rule."""
    found: list[Broken] = []
    folders: dict[Path, list[Any]] = defaultdict(list)
    for entry in entries:
        folders[Path(entry.meta["filename"]).parent].append(entry)
    for folder, those in folders.items():
        report = Report()
        text = read(folder, those)
        if text.vouchers or text.written:
            _look(text, options, report)
        found += report.broken
    return entries, found


def _look(text: Text, options: dict[str, Any], report: Report) -> None:
    postings(text, report)
    order(text, report)
    if text.written:
        directives(text, options, report)
        papers(text, report)
        logs(text, report)
        heads(text, report)
        totals(text, report)

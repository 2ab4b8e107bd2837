"""The head and the events against the leaves of the register and the vouchers: neither says what those do not."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from beancount.core import data

from ledger import chart
from ledger.plugin.reading import Text
from ledger.plugin.report import Report

GENERAL = "P000"
"""The project of the village as a whole, which the head does not list."""

Line = tuple[Any, ...]


def heads(text: Text, report: Report) -> None:
    """Compare banks, projects, budget lines and milestones with what the log holds of them."""
    said = {(entry.type, *(str(value.value) for value in entry.values)): entry for entry in text.customs}
    said = {line: entry for line, entry in said.items() if line[0] in {"bank", "project", "budget-line"}}
    logged = _logged(text)
    for line, entry in said.items():
        if line not in logged:
            report.find("head", entry, what=" ".join(line))
    for line in logged - said.keys():
        report.find("head-lacks", text.book or text.entries[0], what=" ".join(line))
    _milestones(text, report)


def _logged(text: Text) -> set[Line]:
    """Return the lines of the head that follow from the register's leaves."""
    banks: dict[str, Line] = {}
    channels: dict[str, set[str]] = {}
    projects: dict[str, str] = {}
    planned: dict[tuple[str, str], Decimal] = {}
    for leaf in sorted(text.leaves, key=lambda each: each.position):
        of = leaf.data
        match leaf.kind:
            case "bank":
                banks[str(of.get("code"))] = (str(of.get("name")), str(of.get("kind")))
            case "bank-channel":
                channels.setdefault(str(of.get("bank")), set()).add(str(of.get("channel")))
            case "project":
                projects[str(of.get("code"))] = str(of.get("name"))
            case "budget-line":
                key = str(of.get("project")), str(of.get("channel"))
                planned[key] = planned.get(key, Decimal()) + Decimal(str(of.get("planned")))
    lines: set[Line] = {("bank", code, *bank, *sorted(channels.get(code, ()))) for code, bank in banks.items()}
    lines |= {("project", code, name) for code, name in projects.items() if code != GENERAL}
    lines |= {
        ("budget-line", project, f"{amount:.2f} {channel}{chart.BUDGET_SUFFIX}")
        for (project, channel), amount in planned.items()
    }
    return lines


def _milestones(text: Text, report: Report) -> None:
    """An event stands there for each voucher that says a milestone, and for nothing else."""
    wanted = Counter(
        (voucher.entry.date, voucher.project, voucher.said("milestone"))
        for voucher in text.vouchers
        if voucher.said("milestone")
    )
    for entry in text.entries:
        if isinstance(entry, data.Event):
            key = entry.date, entry.type, entry.description
            wanted[key] -= 1
            if wanted[key] < 0:
                report.find("event", entry, what=entry.description)
    for (_, project, milestone), left in wanted.items():
        if left > 0:
            report.find("head-lacks", text.book or text.entries[0], what=f"event {project} {milestone}")

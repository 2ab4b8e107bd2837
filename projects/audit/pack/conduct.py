"""The sheets of what was decided and shown: deliberations and approvals, notices, indicators and what moved them."""

from __future__ import annotations

from ledger.statements import Statement
from ledger.statements.statement import Cell
from projects import observations
from projects.audit.pack.working import Working, sheet
from projects.audit.spans import days
from projects.indicators import name_of

DECIDED = (
    *("library", "deliberation", "approval", "adjustment", "recall", "procurement", "contract-change"),
    *("start", "inspection", "final-accounts", "handover", "closing", "channel-pooling", "channel-carrying"),
)
"""The facts by which something was decided, found or handed on."""
PUBLISHED = "notice"
"""The kind of the fact of a published notice."""


def decisions(working: Working) -> Statement:
    """What was deliberated, approved, inspected and handed over in the period, with the papers of it."""
    columns = ["date", "fact", "what", "subject", "said", "by", "papers"]
    told = [*working.reading.told, *(each for each in working.reading.office if each.kind.startswith("channel-"))]
    rows: list[list[Cell]] = [
        [
            each.on,
            each.label,
            working.word("told", each.kind),
            each.subject,
            working.told(each),
            each.by,
            str(len(each.documents)),
        ]
        for each in sorted(told, key=lambda each: (each.on, each.log, each.position))
        if each.kind in DECIDED and working.is_in(each.on)
    ]
    return sheet(working, "decisions", columns, rows)


def notices(working: Working) -> Statement:
    """Each notice of the period: how long it was up, how long it had to be, what was objected; and those published."""
    columns = ["date", "project", "stage", "places", "down", "days", "needed", "objections"]
    downs = {str(each.data["notice"]): each for each in working.reading.facts("notice-down")}
    rows: list[list[Cell]] = []
    for up in working.reading.facts("notice-up"):
        if working.is_in(up.on):
            down = downs.get(up.label)
            stood = str(days(up.on, down.on if down else working.until.isoformat()))
            said = f"{down.data.get('objections', '')} {down.data.get('answer', '')}".strip() if down else ""
            needed = str(working.reading.policy.notice.days.value)
            label, stage = (
                working.reading.project_label(up.subject),
                working.word("choice.stage", str(up.data["stage"])),
            )
            rows.append([up.on, label, stage, _words(up.data["places"]), down.on if down else "", stood, needed, said])
    for made in working.reading.facts(PUBLISHED):
        if working.is_in(made.on):
            where = working.say("published", fact=made.label)
            label = working.reading.project_label(made.subject)
            rows.append([made.on, label, str(made.data["title"]), where, "", "", "", ""])
    rows.sort(key=lambda row: str(row[0]))
    return sheet(working, "notices", columns, rows)


def _words(said: object) -> str:
    return " ".join(map(str, said)) if isinstance(said, list | tuple) else str(said)


def indicators(working: Working) -> Statement:
    """Each indicator of the book's places: before the period, at its end, what it aims at, and what moved it."""
    columns = ["indicator", "place", "at-begin", "at-end", "target", "moved-by"]
    before: dict[tuple[str, str], observations.Seen] = {}
    after: dict[tuple[str, str], observations.Seen] = {}
    moved: dict[tuple[str, str], list[str]] = {}
    for each in observations.seen(working.connection, book=working.scope.book.code):
        key, day = (each.indicator, each.place), each.on
        if day > working.until.isoformat():
            continue
        after[key] = each
        if day < working.scope.period.since or (key not in before and not each.label):
            # A baseline of the register is what there was before, whatever day it was written down on.
            before[key] = each
        else:
            moved.setdefault(key, []).append(" ".join(filter(None, (day, each.project, each.label or each.evidence))))
    aims = {
        (each.indicator, each.place): f"{each.value} {each.until}" for each in observations.targets(working.connection)
    }
    rows: list[list[Cell]] = [
        [
            name_of(working.known, indicator, working.scope.lang),
            place,
            _seen(before.get((indicator, place))),
            _seen(last),
            aims.get((indicator, place), ""),
            "; ".join(moved.get((indicator, place), ())),
        ]
        for (indicator, place), last in sorted(after.items())
    ]
    return sheet(working, "indicators", columns, rows)


def _seen(each: observations.Seen | None) -> str:
    return f"{each.value} ({each.on})" if each else ""

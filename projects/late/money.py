"""Money that is late: certified and not paid, retention and deposits that are due, idle money, loans overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from ledger.store import sql
from projects.idle import idle
from projects.late.record import Late, Record, say, way
from projects.loans.register import loans


def late(record: Record) -> Iterator[Late]:
    """Yield what is late of the money."""
    yield from _unpaid(record)
    yield from _retentions(record)
    yield from _deposits(record)
    yield from _idle(record)
    yield from _loans(record)


def _unpaid(record: Record) -> Iterator[Late]:
    """Yield contracts of which something was certified and not paid in time; the oldest is paid first."""
    days = record.policy.late.payment
    owed: dict[tuple[str, str, str], int] = {}
    for _, project, contract, channel, fen in record.open_accounts("payable"):
        owed[project, contract, channel] = fen
    if not owed:
        return
    waiting: dict[tuple[str, str], list[tuple[str, int]]] = {}
    grown = sql.rows(record.connection, _CERTIFIED, {"book": record.book})
    for project, contract, channel, day, fen in grown:  # the newest first: what is left was certified last
        rest = min(owed.get((project, contract, channel), 0), int(fen))
        if rest > 0:
            owed[project, contract, channel] -= rest
            waiting.setdefault((project, contract), []).append((day, rest))
    for (project, contract), layers in waiting.items():
        over = [(day, fen) for day, fen in layers if record.over(day, days.value)]
        since = record.over(min(day for day, _ in over), days.value) if over else None
        if since:
            fen, first = sum(fen for _, fen in over), min(day for day, _ in over)
            given = {"fen": fen, "date": first, "days": days.value, "rule": days.rule, "contract": contract}
            says = say("unpaid", project=record.label(project), **given)
            yield Late("unpaid", contract, project, since, says, way("unpaid", contract=contract), fen)


def _retentions(record: Record) -> Iterator[Late]:
    """Yield contracts of which retention is held though its term is over."""
    held: dict[tuple[str, str], int] = {}
    for _, project, contract, _, fen in record.open_accounts("retention"):
        held[project, contract] = held.get((project, contract), 0) + fen
    for (project, contract), fen in held.items():
        until, stated = record.terms.get(project, ("", False))
        since = record.over(until) if until else None
        if since:
            rule = record.policy.retention.term.rule
            given = {"fen": fen, "date": until, "contract": contract, "rule": rule, "project": record.label(project)}
            says = say("retention-stated" if stated else "retention", **given)
            yield Late("retention", contract, project, since, says, way("retention", contract=contract), fen)


def _deposits(record: Record) -> Iterator[Late]:
    """Yield deposits of contractors that are still held though the works ended."""
    for _, project, contract, _, fen in record.open_accounts("deposit"):
        end = record.ended.get(project)
        since = record.over(end.date) if end else None
        if end and since:
            given = {"fen": fen, "date": end.date, "contract": contract, "project": record.label(project)}
            says = say("deposit", **given)
            yield Late("deposit", contract, project, since, says, way("deposit", contract=contract), fen)


def _idle(record: Record) -> Iterator[Late]:
    """Yield money that was not spent within its term, and what will not have been within the days before its end."""
    ahead, term = record.policy.late.idle, record.policy.recall.term
    for each in idle(record.state, record.on + timedelta(days=ahead.value)):
        kind = "idle" if each.due <= record.on.isoformat() else "idle-soon"
        given = {"fen": each.fen, "date": each.since, "due": each.due, "months": term.value, "rule": term.rule}
        where = {"channel": record.state.label(each.channel), "project": record.label(each.project)}
        do = way("idle", code=each.project, channel=each.channel)
        about = f"{each.project}-{each.channel}"
        yield Late(kind, about, each.project, each.due, say(kind, **given, **where), do, each.fen)


def _loans(record: Record) -> Iterator[Late]:
    """Yield micro-loans that should have been paid back; by their code, because who borrowed is private."""
    for code, each in loans(record.connection, record.book).items():
        since = record.over(each.due.isoformat()) if each.left(record.on) else None
        if since:
            left = each.left(record.on)
            says = say("loan", loan=code, date=each.due, fen=left)
            yield Late("loan", code, "", since, says, way("loan", loan=code), left)


_CERTIFIED = (
    "SELECT a.project, a.contract, p.commodity, v.date, a.normal * p.amount FROM account a "
    "JOIN posting p ON p.book = a.book AND p.account = a.name JOIN voucher v ON v.book = p.book AND v.seq = p.seq "
    "WHERE a.book = :book AND a.role = 'payable' AND a.contract <> '' AND a.normal * p.amount > 0 "
    "AND v.reverses IS NULL AND NOT EXISTS (SELECT 1 FROM voucher r WHERE r.book = v.book AND r.reverses = v.seq) "
    "ORDER BY v.date DESC, v.seq DESC, p.line DESC"
)

"""Works that are late: past their planned finish, milestones not met, defects not mended, not handed over."""

from __future__ import annotations

from collections.abc import Iterator

from projects.late.record import Late, Record, say, way


def late(record: Record) -> Iterator[Late]:
    """Yield what is late of the works themselves."""
    yield from _finishes(record)
    yield from _milestones(record)
    yield from _walls(record)
    yield from _mending(record)
    yield from _handovers(record)


def _finishes(record: Record) -> Iterator[Late]:
    """Yield projects past their planned finish that were neither accepted nor cancelled; adjustments count."""
    finish = {code: str(row["planned_finish"] or "") for code, row in record.projects.items()}
    for kind in ("project-profile", "adjustment"):
        for each in record.told[kind]:
            if each.data.get("planned-finish"):
                finish[each.subject] = str(each.data["planned-finish"])
    for code, day in finish.items():
        since = record.over(day) if day and _runs(record, code) else None
        if since:
            says = say("finish", date=day, project=record.label(code))
            yield Late("finish", code, code, since, says, way("finish", code=code))


def _milestones(record: Record) -> Iterator[Late]:
    """Yield milestones that are due and were not met."""
    met = {(each.subject, str(each.data["name"])) for each in record.told["milestone-met"]}
    due = {(each.subject, str(each.data["name"])): str(each.data["due"]) for each in record.told["milestone-plan"]}
    for (code, name), day in due.items():
        since = record.over(day) if (code, name) not in met and _runs(record, code) else None
        if since:
            says = say("milestone", date=day, name=name, project=record.label(code))
            yield Late("milestone", code, code, since, says, way("milestone", code=code, name=name))


def _walls(record: Record) -> Iterator[Late]:
    """Yield notices that were on the wall for their days and did not come down."""
    down = {str(each.data["notice"]) for each in record.told["notice-down"]}
    days = record.policy.notice.days
    for each in record.told["notice-up"]:
        # On its last day it is complete, and may come down.
        since = record.over(each.on, days.value - 1) if each.label not in down else None
        if since:
            stage = str(each.data["stage"])
            given = {"date": each.on, "days": days.value, "rule": days.rule, "project": record.label(each.subject)}
            says = say("wall", fact=each.label, **given)
            yield Late("wall", each.label, each.subject, since, says, way("wall", code=each.subject, stage=stage))


def _mending(record: Record) -> Iterator[Late]:
    """Yield what an inspection or a review wanted mended by a day, and nobody looked at again."""
    for kind, todo in (("inspection", "mend"), ("review", "review")):
        for code, each in record.last(kind).items():
            by = str(each.data.get("mend-by", ""))
            asked = each.data.get("verdict") == "mend" and bool(by) and code not in record.last("closing")
            since = record.over(by) if asked else None
            if since:
                says = say("mend", fact=each.label, date=by, project=record.label(code))
                given = {"code": code, "level": str(each.data.get("level", ""))}
                yield Late("mend", code, code, since, says, way(todo, **given))


def _handovers(record: Record) -> Iterator[Late]:
    """Yield what was accepted and not handed over within the policy's days."""
    days = record.policy.late.handover
    for code, end in record.ended.items():
        done = code in record.last("handover") or code in record.last("closing")
        since = record.over(end.date, days.value) if end.event == "acceptance" and not done else None
        if since:
            given = {"date": end.date, "days": days.value, "rule": days.rule, "project": record.label(code)}
            yield Late("handover", code, code, since, say("handover", **given), way("handover", code=code))


def _runs(record: Record, project: str) -> bool:
    return project not in record.ended and project not in record.last("closing")

"""Telling what a channel is for: its rule, and approvals that widen it or carry it over; each a fact of the office."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from ledger import channels, facts, log, people
from ledger.errors import ChoiceUnknown, Names, Unknown
from ledger.facts import Fact, Paper
from ledger.store.workspace import Unit
from ledger.text import words
from projects.errors import RuleUnfit
from projects.purposes.reading import read_part
from projects.purposes.rule import CARRYING, POOLING, RULE, Carrying, Rule, Widening
from projects.purposes.rulebook import rulebook
from projects.types import Types, shipped

LONGEST = 20
"""Of a year that cannot be read, so much is shown."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who tells, of which day, on which papers; and the types of projects that the workspace knows."""

    by: str
    on: date
    papers: Sequence[Paper] = ()
    types: Types = field(default_factory=shipped)


def set_rule(unit: Unit, channel: str, typed: Mapping[str, Any], told: Told) -> Fact:
    """Record a channel's rule from a day on: the one of that day, with what was typed put in its place.

    An empty text takes a part away. Who may approve or audit every book tells it.

    Raises:
        Unknown, ChoiceUnknown: the channel, a place, a type, a category, a way that there is not.
        RuleUnfit: nothing is typed, it names no document, or its parts do not fit together.
        RoleMissing: who tells may not.
    """
    people.need_overseer(unit.connection, told.by, people.EVERY_BOOK)
    source = channels.need_channel(unit.connection, channel)["source"]
    given = {name: value for name, value in typed.items() if value is not None}
    if not given.keys() - {"number"}:
        raise RuleUnfit(about="empty", channel=channel)
    read = {name: read_part(unit.connection, name, value) for name, value in given.items()}
    _need_types(told, read.get("types", ()))
    rule = replace(rulebook(unit.connection).rule(channel, told.on), **read)
    if "number" not in given or not rule.number:
        raise RuleUnfit(about="number", channel=channel)
    rule = _only_of_its_way(rule, given)
    _need_whole(channel, source, rule)
    return _record(unit, RULE, channel, rule.data, told)


def widen(unit: Unit, channel: str, approval: Widening, told: Told) -> Fact:
    """Record a numbered approval (统筹整合) by which a channel serves more; projects are written BOOK/PROJECT.

    Raises:
        Unknown, ChoiceUnknown: the channel, a type, a place, a project that there is not.
        RuleUnfit: it widens nothing, or mixes projects with types and places.
        RoleMissing: who tells may not.
    """
    people.need_overseer(unit.connection, told.by, people.EVERY_BOOK)
    channels.need_channel(unit.connection, channel)
    connection = unit.connection
    types, places = read_part(connection, "types", approval.types), read_part(connection, "where", approval.where)
    _need_types(told, types)
    if bool(approval.projects) == bool(types or places):
        raise RuleUnfit(about="widening", channel=channel)
    _need_projects(connection, approval.projects)
    said = {"types": list(types), "where": list(places), "projects": list(approval.projects)}
    data = {"number": words(approval.number, "number")} | {name: each for name, each in said.items() if each}
    return _record(unit, POOLING, channel, data, told)


def carry_over(unit: Unit, channel: str, approval: Carrying, told: Told) -> Fact:
    """Record a numbered approval to use what a channel had not spent at the end of a year.

    Raises:
        Unknown: the channel, or a project that there is not.
        RuleUnfit: the year is none that is over, or the channel's rule asks for no approval.
        RoleMissing: who tells may not.
    """
    people.need_overseer(unit.connection, told.by, people.EVERY_BOOK)
    channels.need_channel(unit.connection, channel)
    year = approval.year.strip()
    if re.fullmatch(r"[0-9]{4}", year, re.ASCII) is None or int(year) >= told.on.year:
        raise RuleUnfit(about="year", channel=channel, text=year[:LONGEST], year=told.on.year - 1)
    if (carry := rulebook(unit.connection).rule(channel, told.on).carry) != "approval":
        raise RuleUnfit(about="recalled" if carry == "recalled" else "carried", channel=channel)
    _need_projects(unit.connection, approval.projects)
    data = {"number": words(approval.number, "number"), "year": year}
    return _record(
        unit, CARRYING, channel, data | ({"projects": list(approval.projects)} if approval.projects else {}), told
    )


def _record(unit: Unit, kind: str, channel: str, data: Mapping[str, Any], told: Told) -> Fact:
    return facts.record(
        unit, log.OFFICE, kind, channel, on=told.on, by=told.by, data=data, documents=tuple(told.papers)
    )


def _only_of_its_way(rule: Rule, given: Mapping[str, Any]) -> Rule:
    """Leave behind what belonged to a way of support that the rule no longer has, unless it was typed just now."""
    gone: dict[str, Any] = {name: "" for name, way in _OF_WAY.items() if rule.support != way and name not in given}
    return replace(rule, **gone)


_OF_WAY = {"share": "share", "partner": "matching", "ratio": "matching"}


def _need_whole(channel: str, source: str, rule: Rule) -> None:
    if rule.usable_from and rule.usable_until and rule.usable_from > rule.usable_until:
        raise RuleUnfit(about="days", channel=channel, start=rule.usable_from, until=rule.usable_until)
    for name, way in _OF_WAY.items():
        if bool(getattr(rule, name)) != (rule.support == way):
            raise RuleUnfit(about=f"{way}-{'stray' if getattr(rule, name) else 'missing'}", channel=channel)
    if rule.support == "share" and not 0 < rule.part < 1:
        raise RuleUnfit(about="share", channel=channel, share=rule.share)
    if rule.partner == channel:
        raise RuleUnfit(about="partner", channel=channel)
    if rule.support not in {"", "grant"} and source in {"in_kind", "labour"}:
        raise RuleUnfit(about="goods", channel=channel)


def _need_types(told: Told, types: Sequence[str]) -> None:
    for each in types:
        if each not in told.types:
            raise ChoiceUnknown(about="project-type", text=each, choices=Names(told.types))


def _need_projects(connection: Connection, projects: Sequence[str]) -> None:
    query = text("SELECT 1 FROM project WHERE book = :book AND code = :code")
    for each in projects:
        book, _, project = each.partition("/")
        if connection.execute(query, {"book": book, "code": project}).first() is None:
            raise Unknown(about="project", text=project, book=book)

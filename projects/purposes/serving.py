"""Whom a channel serves: types of projects and places by its rule, and what approvals add to them (统筹整合)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.balances import State
from ledger.errors import Named, Names, Phrases
from ledger.proposals import Proposal
from ledger.store import sql
from projects.errors import PurposeUnfit
from projects.purposes.rulebook import Rulebook
from projects.types import Types, name_of


@dataclass(frozen=True)
class Served:
    """What a project is, and where: by the names that a rule may have for it."""

    code: str
    title: str
    name: str
    type: str
    places: tuple[str, ...]


def project_of(state: State, project: str) -> Served:
    """Return what the registers say of a project and of its village."""
    row = sql.first(state.connection, _PROJECT, {"book": state.book.code, "project": project})
    assert row is not None, "a voucher has a project of its book"
    code, title, name, kind, *places = (str(each) for each in row)
    return Served(f"{state.book.code}/{code}", title, name, kind or "other", tuple(each for each in places if each))


def need_served(state: State, proposal: Proposal, channel: str, rules: Rulebook) -> None:
    """Make sure that a channel serves this type of project at this place, by its rule or by an approval.

    A type serves what is a kind of it. An approval that names types or places serves those; what it leaves open is as
    the rule has it.

    Raises:
        PurposeUnfit: it does not; the message names the way, which is an approval.
    """
    rule, widenings = rules.rule(channel, proposal.date), rules.widenings(channel, proposal.date)
    if not (rule.types or rule.where):
        return
    project, known = project_of(state, proposal.project), rules.types
    kinds = _kinds(project.type, known)
    types = [rule.types, *(each.types or rule.types for each in widenings if not each.projects)]
    places = [rule.where, *(each.where or rule.where for each in widenings if not each.projects)]
    named = any(project.code in each.projects for each in widenings)
    if named or any(_fits(kinds, project.places, *each) for each in zip(types, places, strict=True)):
        return
    by_type = rule.types and not set(kinds) & set(rule.types)
    raise PurposeUnfit(
        about="type" if by_type else "place",
        channel=state.label(channel),
        code=channel,
        project=state.label_project(proposal.project),
        type=_named(project.type, known),
        full_code=project.code,
        place=" ".join(project.places),
        types=Phrases(_named(each, known) for each in rule.types),
        places=Names(rule.where),
        number=rule.number,
        fact=rule.fact,
    )


def _kinds(of: str, known: Types) -> list[str]:
    """Return a type and what it is a kind of."""
    kinds = [of]
    while (above := known[kinds[-1]].under if kinds[-1] in known else "") and above not in kinds:
        kinds.append(above)
    return kinds


def _named(code: str, known: Types) -> Named:
    return Named(zh=name_of(known, code, "zh"), en=name_of(known, code, "en"))


def _fits(kinds: Sequence[str], at: Sequence[str], types: Sequence[str], places: Sequence[str]) -> bool:
    return (not types or bool(set(kinds) & set(types))) and (not places or bool(set(at) & set(places)))


_PROJECT = (
    "SELECT p.code, p.title, p.name, p.type, v.code, v.name, v.township FROM project p "
    "JOIN book b ON b.code = p.book JOIN village v ON v.code = b.village WHERE p.book = :book AND p.code = :project"
)

"""The one place where a voucher is judged by the rules of its channels: when it is drafted, and when it is sealed.

These rules stand in code alone. They rest on facts, which the database keeps as leaves and does not read; the limits
of the money itself (budget, cash, contract, progress) are floors as before.
"""

from __future__ import annotations

from ledger.balances import State
from ledger.errors import Names, Phrase
from ledger.proposals import OPENING, YEAR_END, Proposal
from projects.errors import CategoryMissing, ChannelOutOfDate, PurposeForbidden
from projects.purposes.carrying import need_carried
from projects.purposes.fees import need_within_cap
from projects.purposes.moves import Moves, moves
from projects.purposes.rule import FEE, SPENDING, Rule
from projects.purposes.rulebook import Rulebook
from projects.purposes.serving import need_served, project_of
from projects.purposes.support import need_in_step

EXEMPT = frozenset({OPENING, YEAR_END, "interest", "inkind_lost"})
"""What stood before, what a bank or a flood brought, what merely closes: nobody decided on a purpose there."""
DEBTS = frozenset({"retention_released", "repair_paid"})
"""Retention was held back of what was paid in time; it is released when the term is over, often years later."""
STATED = frozenset({"contract", "purchase", "welfare"})
"""The events whose spending category is asked for where a channel forbids some."""


def need_fit(state: State, proposal: Proposal, rules: Rulebook) -> None:
    """Make sure that a voucher keeps the rules that its channels have on its day; a reversal is exempt.

    `rules` are read once by who judges many vouchers in one unit of work.

    Raises:
        PurposeUnfit: the project's type or place is none that the channel serves.
        PurposeForbidden, CategoryMissing: what it is for is on the channel's negative list, or is not said.
        FeeOverCap: management fees pass their cap.
        ChannelOutOfDate: the channel cannot be used yet, or no more.
        CarryingUnfit: what was not spent last year is recalled, or nobody has approved its carrying over.
        RewardEarly, AheadOfShare, AheadOfPartner: its way of support.
    """
    if proposal.reverses is not None or proposal.event in EXEMPT:
        return
    for channel, moved in moves(state, proposal).items():
        rule = rules.rule(channel, proposal.date)
        if moved.enters or moved.uses:
            need_served(state, proposal, channel, rules)
            _need_allowed(state, proposal, channel, rule)
        if moved.uses:
            need_within_cap(state, proposal, channel, rule, moved)
        _need_in_time(state, proposal, channel, rule, moved)
        if moved.uses:
            need_carried(state, proposal, channel, rule, rules.carryings(channel, proposal.date), moved)
        need_in_step(state, proposal, channel, rule, moved)


def _need_allowed(state: State, proposal: Proposal, channel: str, rule: Rule) -> None:
    """Make sure that neither words nor category are on the channel's negative list."""
    facts = {"channel": state.label(channel), "number": rule.number, "fact": rule.fact}
    if rule.words:
        said = _said(state, proposal)
        for word in rule.words:
            where = next((text for text in said if word.casefold() in text.casefold()), None)
            if where is not None:
                raise PurposeForbidden(about="word", word=word, text=where, **facts)
    if not rule.categories:
        return
    category = FEE if proposal.facts.get("fee") else proposal.facts.get("category", "")
    if category in rule.categories:
        raise PurposeForbidden(about="category", category=Phrase("projects", f"category.{category}"), **facts)
    if not category and proposal.event in STATED:
        raise CategoryMissing(choices=Names(each for each in SPENDING if each not in rule.categories), **facts)


def _said(state: State, proposal: Proposal) -> list[str]:
    """Return what was written of a voucher and of its project."""
    project = project_of(state, proposal.project)
    return [project.title, project.name, *proposal.facts.values(), proposal.narration]


def _need_in_time(state: State, proposal: Proposal, channel: str, rule: Rule, moved: Moves) -> None:
    """Make sure that a channel is used and paid between its days; what is given back, or arrives, has no day."""
    if not (moved.uses or moved.pays) or proposal.event in DEBTS:
        return
    day = proposal.date.isoformat()
    facts = {"channel": state.label(channel), "code": channel, "date": day, "number": rule.number, "fact": rule.fact}
    if rule.usable_from and day < rule.usable_from:
        raise ChannelOutOfDate(about="from", day=rule.usable_from, **facts)
    if rule.usable_until and day > rule.usable_until:
        raise ChannelOutOfDate(about="until", day=rule.usable_until, **facts)

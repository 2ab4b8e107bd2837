"""From a clerk's request to a proposal: the entry template once per channel, the words, the bank account."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ledger.balances import State
from ledger.chart import Line, Place, Share
from ledger.errors import BankKindUnfit, Names
from ledger.proposals import Proposal, Split
from projects.errors import BankAmbiguous, BankMissing, ChannelAmbiguous, SourceUnfit
from projects.names import masked
from projects.request import Request

Say = Callable[..., str]
"""Returns a narration in the office's language: key, then facts."""

Figures = Mapping[str, Mapping[str, int]]
"""By channel the fen of each figure that the template names."""


def entry(
    state: State, event: str, place: Place, figures: Figures, *, banks: Mapping[str, str] | None = None
) -> list[Line]:
    """Return the postings of an event; `banks` gives each channel's account component where it differs."""
    lines = []
    for channel, figure in figures.items():
        at = replace(place, bank=banks[channel]) if banks else place
        lines += state.chart.entry(event, at, [Share(channel, state.source(channel), figure)])
    return lines


def proposal(
    request: Request,
    event: str,
    place: Place,
    lines: list[Line],
    *,
    narration: str,
    party: str = "",
    facts: Mapping[str, str] | None = None,
    splits: Iterable[Split] = (),
) -> Proposal:
    """Return the proposal of an event; the clerk's own note stands before the default narration.

    A person's name is personal data: the voucher shows it masked, the record's private store keeps it.
    """
    other = request.party or party
    private = {"payee": other} if request.person and other else {}
    return Proposal(
        event=event,
        date=request.date,
        project=place.project,
        contract=place.contract,
        payee=masked(other) if private else other,
        narration=request.note or " ".join(narration.split()),
        facts=dict(facts or {}) | stated(serial=request.serial),
        private=private,
        documents=tuple(_document(each) for each in request.documents),
        lines=tuple(lines),
        # Where one channel pays there is nothing to explain.
        splits=tuple(each for each in splits if len(each.parts) > 1 or each.about),
    )


def bank_for(state: State, channel: str, bank: str | None, *, kind: str = "dedicated") -> str:
    """Return the component of the bank account that holds `channel`: the one named, or the only one of its kind.

    Raises:
        BankKindUnfit: the one named is not dedicated (or, for own money, not the village's own).
        BankMissing, BankAmbiguous: there is none of this name; none or several may hold the channel.
    """
    facts = {"channel": state.label(channel), "code": channel, "book": state.book.code}
    if bank is not None:
        if bank not in state.banks:
            raise BankMissing(about="unknown", bank=bank, **facts)
        if state.banks[bank].kind != kind:
            raise BankKindUnfit(about=kind, bank=bank, name=state.banks[bank].name)
        return state.banks[bank].component
    fit = [each for each in state.banks.values() if each.kind == kind and channel in each.channels]
    if not fit:
        raise BankMissing(about=kind, **facts)
    if len(fit) > 1:
        choices = Names(f"{each.code} {each.name}" for each in fit)
        raise BankAmbiguous(about=kind, choices=choices, **facts)
    return fit[0].component


def need_source(state: State, channel: str, event: str, *fit: str) -> None:
    """Make sure that an event is for this channel.

    Raises:
        SourceUnfit: the channel's source is none of those that the event is made for.
    """
    if state.source(channel) not in fit:
        raise SourceUnfit(about=event, channel=state.label(channel), source=state.source(channel), fit=Names(fit))


def only_channel(state: State, project: str, named: str | None, fit: Iterable[str]) -> str:
    """Return the channel that was named, or the only one that fits.

    Raises:
        ChannelAmbiguous: none was named, and none or several fit.
    """
    if named is not None:
        return named
    found = sorted(set(fit))
    if len(found) != 1:
        choices = Names(state.label(each) for each in found)
        about = "" if found else "none"
        raise ChannelAmbiguous(about=about, project=state.label_project(project), choices=choices)
    return found[0]


def of_source(state: State, project: str, source: str) -> list[str]:
    """Return the channels of a source that a project's budget has."""
    return [channel for channel in state.budget.get(project, {}) if state.source(channel) == source]


def stated(**facts: str) -> dict[str, str]:
    """Return the facts that say something; a name in Python stands for one with hyphens."""
    return {name.replace("_", "-"): fact for name, fact in facts.items() if fact}


def _document(text: str) -> tuple[str, str, int]:
    sha256, suffix, size = text.split("/")
    return sha256, suffix, int(size)

"""What is left beside an event: of its channel, its budget line, its contract and its bank account, now and behind it.

Both are asked of the same functions as the rules: behind an event is the book in which its proposal waits too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ledger.balances import State
from ledger.chart import channel_of
from ledger.proposals import Proposal
from ledger.vouchers import told
from projects.contracts import Contract, contracts
from projects.figures import made_of, weigh
from projects.limits import price_of, progress_of
from projects.status import Standing, by_account, sealed

CHANNEL = ("received", "paid", "cash", "left")
LINE = ("allotted", "committed", "certified", "left")
MANY = ("left", "cash")
"""What is shown of each channel where there are several."""


@dataclass(frozen=True)
class Row:
    """One figure in fen, now and behind the event; `channel` names whose it is where the room is of several."""

    figure: str
    channel: str
    now: int
    then: int | None = None


@dataclass(frozen=True)
class Room:
    """What is left of one thing; `about` says what it is: channel, line, contract or bank."""

    about: str
    of: str
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Named:
    """What an event is about, as far as it is known yet; a code that the book does not have is not there."""

    project: str = ""
    channels: tuple[str, ...] = ()
    contract: str = ""
    banks: tuple[str, ...] = ()


def rooms(state: State, typed: Mapping[str, str], proposal: Proposal | None = None) -> list[Room]:
    """Return what is left of what an event names, with what will be left where its proposal is known already."""
    named = _named(state, typed, proposal)
    if named == Named():
        return []
    stands = sealed(state.connection, state.book.code)
    now = _figures(state, named, stands)
    then = _figures(state.behind(told(proposal)), named, stands) if proposal else {}
    found: dict[tuple[str, str], Room] = {}
    for key in then or now:  # a contract that is made now is only there then
        about, of, figure, channel = key
        room = found.setdefault((about, of), Room(about, of))
        room.rows.append(Row(figure, channel, now.get(key, 0), then.get(key)))
    return list(found.values())


_Figures = dict[tuple[str, str, str, str], int]


def _named(state: State, typed: Mapping[str, str], proposal: Proposal | None) -> Named:
    """Return what is known: what was typed, and what the proposal adds to it."""
    contract = proposal.contract if proposal else typed.get("contract", "").strip().upper()
    project = proposal.project if proposal else typed.get("project", "").strip().upper() or contract.partition("C")[0]
    if project not in state.budget:
        project = ""
    channels = [typed.get(name, "").strip().upper() for name in ("channel", "from_channel", "to_channel")]
    banks = [typed.get("bank", "").strip().upper()]
    if proposal:
        channels += sorted({channel for channel, _, _ in _moved(state, proposal)})
        banks += sorted({bank for _, bank, role in _moved(state, proposal) if role == "bank"})
    return Named(
        project,
        tuple(dict.fromkeys(each for each in channels if each in state.channels)),
        contract,
        tuple(dict.fromkeys(each for each in banks if each in state.banks)),
    )


def _moved(state: State, proposal: Proposal) -> Iterable[tuple[str, str, str]]:
    """Return channel, bank and role of each line of money or budget."""
    for line in proposal.lines:
        channel = channel_of(line.commodity)
        if channel in state.channels:
            yield channel, line.account.bank, line.account.role.name


def _figures(state: State, named: Named, stands: Standing) -> _Figures:
    found: _Figures = {}
    stands = by_account(state, stands)
    contract = next(iter(contracts(state, only=named.contract)), None) if named.contract else None
    project = contract.project if contract else named.project
    channels = named.channels or (contract.channels if contract else tuple(state.budget.get(project, ())))
    if contract:
        found |= _contract(state, contract)
    if len(channels) == 1:
        found |= _line(state, stands, project, channels[0]) if channels[0] in state.budget.get(project, ()) else {}
        found |= _channel(state, stands, channels[0])
    elif project:
        for figure in MANY:
            for channel in channels:
                fen = _weighed(state, stands, figure, channel, project)
                found["lines", state.label_project(project), figure, channel] = fen
    for bank in named.banks:
        found |= _bank(state, stands, bank, project, channels)
    return found


def _line(state: State, stands: Standing, project: str, channel: str) -> _Figures:
    of = f"{state.label_project(project)} · {channel}"
    return {("line", of, name, ""): _weighed(state, stands, name, channel, project) for name in LINE}


def _channel(state: State, stands: Standing, channel: str) -> _Figures:
    """Return what a channel has in all projects of the book."""
    of = state.label(channel)
    return {("channel", of, name, ""): _weighed(state, stands, name, channel, "") for name in CHANNEL}


def _contract(state: State, contract: Contract) -> _Figures:
    place = state.place(contract.project, contract=contract.code)
    certified, paid = progress_of(state, contract, place)

    def left(role: str) -> int:
        return sum(state.left(role, place, each) for each in contract.channels)

    figures = {
        "contract_amount": price_of(state, contract, place),
        "contract_certified": certified,
        "contract_paid": max(0, paid),
        "contract_retention": left("retention"),
        "contract_owed": left("payable"),
        "contract_advance": left("advance"),
        "contract_left": left("committed"),
    }
    return {("contract", contract.code, name, ""): fen for name, fen in figures.items()}


def _bank(state: State, stands: Standing, bank: str, project: str, channels: Iterable[str]) -> _Figures:
    """Return what an account holds of the channels for the project, and of all that is in it."""
    of = f"{bank} {state.banks[bank].name}"
    found: _Figures = {}
    for channel in channels:
        if channel in state.banks[bank].channels and project:
            found["bank", of, "bank_project", channel] = stands.get((project, "", bank, channel, "bank"), 0)
    found["bank", of, "bank_all", ""] = sum(fen for key, fen in stands.items() if key[2] == bank)
    return found


def _weighed(state: State, stands: Standing, figure: str, channel: str, project: str) -> int:
    """Return a figure of a channel in a project, or in all of them where none is named."""
    has: dict[str, int] = {}
    for (of, _, _, held, role), fen in stands.items():
        if held == channel and (not project or of == project):
            has[role] = has.get(role, 0) + fen
    return weigh(made_of(figure, state.source(channel)), lambda role: has.get(role, 0))

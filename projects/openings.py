"""Opening balances: what already stood when a book begins to be kept here, at any date, per channel and account."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import text

from ledger import chart, money
from ledger.balances import State
from ledger.chart import Line, Place
from ledger.text import code
from ledger.vouchers import Proposal
from projects.entries import Say, proposal
from projects.errors import OpeningAfterUse, OpeningUnbalanced, OpeningUnreadable
from projects.requests import Opening

DERIVED = {"spent": "spent", "advanced": "advanced", "stocked": "stocked"}
"""For each mirror group the budget role that follows from the money."""


def opening(state: State, ask: Opening, say: Say) -> Proposal:
    """期初: each line names a role, a channel and what stood on the role's normal side.

    ``bank:B01=JT2024:120000``, ``payable:P001C01=JT2024:3000``, ``works=JT2024:50000``, ``available=JT2024:70000``;
    the village's own: ``own_bank:B00=CJ2024:80000`` in project P000. What has been spent, advanced and stocked of the
    budget follows from the money by the mirror rule, what was allotted from the rest, and the village's own money
    from its cash; the other money has to add up.

    Raises:
        OpeningUnreadable: a line that is not of that form.
        OpeningUnbalanced: a channel whose money does not add up, with the difference.
        OpeningAfterUse: an account that has moved already.
    """
    base = state.place(ask.project)
    lines = [_line(state, base, text) for text in ask.lines]
    money_sum: dict[str, int] = defaultdict(int)
    budget_sum: dict[str, int] = defaultdict(int)
    mirrored: dict[tuple[str, str], int] = defaultdict(int)
    places: dict[tuple[str, str], Place] = {}
    for line, place in lines:
        channel = chart.channel_of(line.commodity)
        if line.account.role.holds == "budget":
            budget_sum[channel] += line.amount
            continue
        money_sum[channel] += line.amount
        if line.account.role.mirror:
            key = (line.account.role.mirror, channel)
            mirrored[key] += line.amount
            places.setdefault(key, place)
    derived = []
    for (group, channel), fen in mirrored.items():
        derived.append(
            Line(
                state.chart.account(DERIVED[group], places[group, channel]),
                channel + chart.BUDGET_SUFFIX,
                fen,
            )
        )
        budget_sum[channel] += fen
    for channel, fen in budget_sum.items():
        derived.append(Line(state.chart.account("allotted", base), channel + chart.BUDGET_SUFFIX, -fen))
    for channel, off in money_sum.items():
        if off and state.source(channel) == "collective":
            derived.append(Line(state.chart.account("undistributed", base), channel, -off))
        elif off:
            raise OpeningUnbalanced(channel=state.label(channel), off=off)
    every = [line for line, _ in lines] + [line for line in derived if line.amount]
    for line in every:
        _need_unused(state, line)
    return proposal(
        ask,
        "opening",
        base,
        every,
        narration=say("opening", date=ask.date),
        party=say("party.village"),
        facts={"opening": "yes"},
    )


def _line(state: State, base: Place, typed: str) -> tuple[Line, Place]:
    where, equals, what = typed.replace("＝", "=").replace("：", ":").partition("=")
    role_name, _, detail = where.strip().partition(":")
    channel, colon, amount = what.partition(":")
    role = state.chart.roles.get(role_name)
    opens = [
        name
        for name, each in state.chart.roles.items()
        if each.holds != "quantity" and name not in {*DERIVED, "allotted"}
    ]
    if not equals or not colon or role is None or role_name not in opens:
        raise OpeningUnreadable(text=typed, roles="、".join(opens))
    place = base
    if "{bank}" in role.detail:
        if detail not in state.banks:
            raise OpeningUnreadable(text=typed, roles="、".join(state.banks))
        place = replace(place, bank=state.banks[detail].component, own_bank=state.banks[detail].component)
    if "{contract}" in role.detail:
        place = replace(place, contract=code(detail, "contract"))
    if "{good}" in role.detail:
        place = replace(place, good=detail)
    channel = code(channel.strip(), "channel")
    state.source(channel)
    commodity = channel + chart.BUDGET_SUFFIX if role.holds == "budget" else channel
    return Line(state.chart.account(role, place), commodity, role.normal * money.parse(amount)), place


def _need_unused(state: State, line: Line) -> None:
    query = text("SELECT 1 FROM posting WHERE book = :book AND account = :account AND commodity = :commodity LIMIT 1")
    where = {"book": state.book.code, "account": line.account.name, "commodity": line.commodity}
    if state.connection.execute(query, where).first():
        raise OpeningAfterUse(account=line.account.name, channel=state.label(line.commodity))

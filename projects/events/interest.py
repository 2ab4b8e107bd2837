"""Interest of a dedicated account: every channel gets what its own daily balances earned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import text

from ledger import money
from ledger.balances import State
from ledger.chart import Place
from ledger.errors import Names
from ledger.proposals import Proposal
from projects.errors import BankAmbiguous, BankMissing, NothingLeft, PartsDiffer, PeriodUnfit, ReasonMissing
from projects.events.entries import Say, entry, proposal, stated
from projects.events.requests import Interest
from projects.history import standing

Weights = dict[tuple[str, str], int]
"""By project and channel the fen that lay there at the end of each day, added up."""


def interest(state: State, ask: Interest, say: Say) -> Proposal:
    """利息: the project's share of what the bank paid on the whole account, split by daily balances.

    The amount is that of the bank's slip, for all projects and channels of the account; each project's share is a
    voucher of its own, and all shares add up to the slip. Days count from `start` on and before `until`, each day once;
    balances are those of sealed vouchers. Parts name the shares of this project where the bank itself states them.

    Raises:
        BankMissing, BankAmbiguous: which account it is.
        PeriodUnfit: days that are not over, or that had their interest.
        NothingLeft: the project had no money there in these days.
        ReasonMissing, PartsDiffer: parts without a reason, or that do not add up.
    """
    place = state.place(ask.project)
    bank = _bank(state, ask)
    start, until = _period(state, ask, bank)
    shares, whole = _shares(state, ask, bank, start, until)
    place = replace(place, bank=state.banks[bank].component)
    return proposal(
        ask,
        "interest",
        place,
        [line for channel, fen in shares.items() for line in _entry(state, place, channel, fen)],
        narration=say("interest", start=start, until=until, whole=whole),
        party=say("party.cash-banked"),
        facts=stated(
            bank=bank,
            interest_from=start.isoformat(),
            interest_until=until.isoformat(),
            interest=money.plain(whole),
            reason=ask.reason,
        ),
    )


def daily_balances(state: State, bank: str, start: date, until: date) -> Weights:
    """Return what lay in a bank account at the end of each day from `start` on and before `until`, added up."""
    found: Weights = {}
    where = {"book": state.book.code, "bank": bank, "until": until.isoformat()}
    row: Any
    for row in state.connection.execute(_MOVED, where):
        days = (until - max(start, date.fromisoformat(row.date))).days
        key = (str(row.project), str(row.commodity))
        found[key] = found.get(key, 0) + int(row.amount) * days
    return {key: weight for key, weight in sorted(found.items()) if weight}


def _shares(state: State, ask: Interest, bank: str, start: date, until: date) -> tuple[dict[str, int], int]:
    if ask.parts:
        whole = sum(ask.parts.values())
        if not ask.reason:
            raise ReasonMissing(about="interest", contract="")
        if ask.amount is not None and ask.amount != whole:
            raise PartsDiffer(parts=whole, amount=ask.amount)
        return ask.parts, whole
    weights = daily_balances(state, bank, start, until)
    shares = {}
    if ask.amount is not None and weights:
        split = money.split(ask.amount, list(weights.values()))
        shares = {
            channel: fen for (project, channel), fen in zip(weights, split, strict=True) if project == ask.project
        }
    shares = {channel: fen for channel, fen in shares.items() if fen}
    if ask.amount is None or not shares:
        about = "interest" if ask.amount is not None else "interest-amount"
        facts = {"bank": bank, "start": start, "until": until, "project": state.label_project(ask.project)}
        raise NothingLeft(about=about, **facts)
    return shares, ask.amount


def _entry(state: State, place: Place, channel: str, fen: int) -> list[Any]:
    event = "interest" if state.chart.fund(state.source(channel)) else "interest_own"
    return entry(state, event, place, {channel: {"amount": fen}})


def _bank(state: State, ask: Interest) -> str:
    held = {bank.code for bank in state.banks.values() if bank.kind == "dedicated"}
    if ask.bank is not None:
        if ask.bank not in held:
            raise BankMissing(about="unknown", bank=ask.bank, book=state.book.code, channel="", code="")
        return ask.bank
    where = {"book": state.book.code, "project": ask.project}
    found = sorted(held & set(state.connection.execute(_BANKS, where).scalars()))
    if len(found) != 1:
        choices = Names(f"{code} {state.banks[code].name}" for code in found or sorted(held)) or "—"
        raise BankAmbiguous(about="interest", choices=choices, channel="", code="", book=state.book.code)
    return found[0]


def _period(state: State, ask: Interest, bank: str) -> tuple[date, date]:
    past = [each for each in standing(state, "interest", project=ask.project) if each.facts["bank"] == bank]
    latest = max((each.facts["interest-until"] for each in past), default="")
    start = ask.start or date.fromisoformat(latest or state.book.started_on)
    until = ask.until or ask.date
    facts = {"bank": bank, "start": start, "until": until, "date": ask.date}
    if start >= until or until > ask.date:
        raise PeriodUnfit(**facts)
    for each in past:
        if each.facts["interest-from"] < until.isoformat() and start.isoformat() < each.facts["interest-until"]:
            raise PeriodUnfit(about="twice", voucher=each.label, **facts)
    return start, until


_MOVED = text(
    "SELECT a.project, p.commodity, v.date, sum(p.amount) AS amount FROM voucher v "
    "JOIN posting p ON p.book = v.book AND p.seq = v.seq "
    "JOIN account a ON a.book = p.book AND a.name = p.account AND a.role = 'bank' AND a.bank = :bank "
    "WHERE v.book = :book AND v.date < :until GROUP BY a.project, p.commodity, v.date"
)
_BANKS = text("SELECT DISTINCT bank FROM account WHERE book = :book AND project = :project AND role = 'bank'")

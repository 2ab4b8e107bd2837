"""Whatever happens to the money of three projects, in any order: the identities hold, and all of it can be undone."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import channels, people, register, vouchers
from ledger.balances import State
from ledger.chart import channel_of
from ledger.errors import Refusal
from ledger.money import parse
from ledger.proposals import REVERSAL, YEAR_END, Proposal
from ledger.register import GENERAL_PROJECT
from ledger.seal import seal
from ledger.store import sql
from projects import registry
from projects.credit import credits_of
from projects.events.bills import need_measured
from projects.events.direct import need_unbounced
from projects.events.lots import need_lots
from projects.events.verbs import EFFECTS, PROPOSE
from projects.figures import RECEIVED

DAY = date(2024, 6, 30)
CHANNELS = {"JT2024": "department", "ZC2024": "households", "JZ2024": "donation_tied", "CJ2024": "collective"}
PROJECTS = ("P001", "P002", "P003")
CONTRACTS = ("P001C01", "P002C01")
FUND = {"JT2024": "earmarked", "ZC2024": "village_raised", "JZ2024": "earmarked"}
OWED = ("payable", "retention", "repair", "wages", "held")
SPLIT = {
    "advance": "advance",
    "certify": "works",
    "pay": "payable",
    "change-down": "committed",
    "decommit": "committed",
    "cut": "works",
    "refund-advance": "advance",
    "refund-cut": "audit_due",
    "wages-pay": "wages",
    "forfeit": "retention",
    "repair-pay": "repair",
}
"""For a verb with an amount the role whose parts add up to it."""

amounts = st.one_of(st.integers(1, 200), st.integers(200, 40_000)).map(lambda fen: f"{fen // 100}.{fen % 100:02}")
projects = st.sampled_from(PROJECTS)
contracts = st.sampled_from(CONTRACTS)
channels_ = st.sampled_from(sorted(CHANNELS))
granted = st.sampled_from(["JT2024", "JZ2024"])


def _event(verb: str, needs: Mapping[str, Any], may: Mapping[str, Any] | None = None) -> Any:
    return st.tuples(st.just(verb), st.fixed_dictionaries(dict(needs), optional=dict(may or {})))


OF_CHANNEL = {"project": projects, "channel": channels_, "amount": amounts}
OF_CONTRACT = {"contract": contracts}
WHY = {"number": st.just("1号"), "reason": st.just("测试")}
NUMBER, REASON, FLAG = {"number": st.just("1号")}, {"reason": st.just("测试")}, st.just(True)
GOODS = {"project": projects, "channel": channels_, "good": st.just("CEMENT")}
QUANTITY = st.sampled_from(["1", "3", "0.333"])
BILLED = st.just("P003C01")
MEASURED = st.lists(st.sampled_from(["A01=3.333", "A01=0.007", "B01=1", "B01=0.5", "A02=11"]), min_size=1, max_size=3)
ASSIGNED = st.sampled_from([["A01=JT2024"], ["A02=JZ2024"]])
EVENTS = st.one_of(
    _event("allot", {"project": projects, "channel": granted, "amount": amounts}),
    _event("plan", {"project": projects, "channel": st.just("ZC2024"), "amount": amounts}),
    _event("receive", OF_CHANNEL, {"hold": FLAG}),
    _event("receive", OF_CHANNEL, {"allot": FLAG}),
    _event("receive", {"project": projects, "channel": st.just("ZC2024"), "amount": amounts, "cash": FLAG}),
    _event("receive", {"project": projects, "channel": st.just("ZC2024"), "amount": amounts, "from_cash": FLAG}),
    _event("revise-down", {"project": projects, "channel": granted} | WHY, {"amount": amounts}),
    _event("waive", {"project": projects, "amount": amounts}),
    _event("refund-household", {"project": projects, "amount": amounts}, {"cash": FLAG}),
    _event("send-back", {"project": projects, "channel": channels_}, {"amount": amounts}),
    _event("interest", {"project": projects, "parts": st.just(["JT2024=0.07", "CJ2024=0.02"])} | REASON),
    _event("change-up", OF_CONTRACT | REASON, {"parts": channels_.map(lambda each: [f"{each}=7.77"])}),
    _event("change-down", OF_CONTRACT | REASON | {"amount": amounts}),
    _event("decommit", OF_CONTRACT, {"amount": amounts}),
    _event("advance", OF_CONTRACT | {"amount": amounts}),
    _event("refund-advance", OF_CONTRACT, {"amount": amounts}),
    _event("certify", OF_CONTRACT | {"amount": amounts}, {"no_retention": FLAG}),
    _event("pay", OF_CONTRACT, {"amount": amounts, "partial": FLAG}),
    _event("pay", OF_CONTRACT | {"partial": FLAG}),
    _event("pay-direct", OF_CONTRACT | {"channel": granted}, {"amount": amounts, "ahead": FLAG}),
    _event(
        "change-source",
        OF_CONTRACT | {"from_channel": channels_, "to_channel": channels_} | NUMBER,
        {"amount": amounts},
    ),
    _event("prefinance", OF_CONTRACT | {"borrower": channels_} | NUMBER, {"lender": channels_, "amount": amounts}),
    _event("repay", {"project": projects}, {"amount": amounts}),
    _event("purchase", OF_CHANNEL),
    _event("spend", OF_CHANNEL),
    _event("wages-earn", {"project": projects, "channel": channels_, "days": st.just("1.5"), "rate": amounts}),
    _event("wages-pay", {"project": projects}, {"amount": amounts}),
    _event("inkind-buy", GOODS | {"quantity": QUANTITY, "amount": amounts}),
    _event("inkind-issue", GOODS | {"quantity": QUANTITY}),
    _event("inkind-lose", GOODS | {"quantity": QUANTITY} | REASON),
    _event("certify", {"contract": BILLED, "items": MEASURED}, {"no_retention": FLAG}),
    _event("certify", {"contract": BILLED, "items": MEASURED, "assigned": ASSIGNED} | REASON),
    _event("change-up", {"contract": BILLED, "parts": st.just(["JT2024=3.33"]), "items": st.just(["A01=1"])} | REASON),
    _event("change-down", {"contract": BILLED, "items": MEASURED} | REASON),
    _event("cut", OF_CONTRACT | NUMBER | {"amount": amounts}),
    _event("refund-cut", OF_CONTRACT, {"amount": amounts}),
    _event("accept", {"project": projects, "quantity": st.just("1")}, {"no_asset": FLAG}),
    _event("release", OF_CONTRACT | {"due": st.just("2024-06-01")}, {"amount": amounts}),
    _event("forfeit", OF_CONTRACT | REASON, {"amount": amounts}),
    _event("repair-pay", OF_CONTRACT, {"amount": amounts}),
    _event("return", {"project": projects, "channel": channels_}, {"amount": amounts}),
    _event("cancel", {"project": projects} | REASON),
    _event("year-end", {}),
    st.tuples(st.just("bounce"), st.fixed_dictionaries({"back": st.integers(1, 12)})),
    st.tuples(st.just("reverse"), st.fixed_dictionaries({"back": st.integers(1, 12)})),
)


def _chain(*steps: tuple[str, dict[str, str]]) -> Any:
    """Return events that follow one another in one project, contract and channel, as the first letters say."""
    drawn = st.fixed_dictionaries({"p": projects, "c": contracts, "k": granted, "a": amounts})

    def told(of: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
        return [
            (verb, {name: FIXED.get(fact) or of.get(fact, fact) for name, fact in typed.items()})
            for verb, typed in steps
        ]

    return drawn.map(told)


FIXED: dict[str, Any] = {"yes": True, "last": 1, "before": 2}
WORK = ("certify", {"contract": "c", "amount": "a"})
CHAINS = st.one_of(
    _chain(
        ("wages-earn", {"project": "p", "channel": "k", "days": "1", "rate": "a"}),
        ("wages-pay", {"project": "p"}),
        ("bounce", {"back": "last"}),
    ),
    _chain(
        ("inkind-buy", {"project": "p", "channel": "k", "good": "CEMENT", "quantity": "3", "amount": "a"}),
        ("inkind-issue", {"project": "p", "channel": "k", "good": "CEMENT", "quantity": "1"}),
        ("inkind-lose", {"project": "p", "channel": "k", "good": "CEMENT", "quantity": "0.333", "reason": "水淹"}),
        ("reverse", {"back": "last"}),
    ),
    _chain(
        WORK,
        ("pay", {"contract": "c", "partial": "yes"}),
        ("bounce", {"back": "last"}),
        ("reverse", {"back": "before"}),
    ),
    _chain(
        WORK,
        ("prefinance", {"contract": "c", "borrower": "k", "lender": "CJ2024", "number": "1号"}),
        ("repay", {"project": "p"}),
    ),
    _chain(
        WORK,
        ("pay", {"contract": "c", "partial": "yes"}),
        ("cut", {"contract": "c", "amount": "0.99", "number": "1号"}),
        ("refund-cut", {"contract": "c"}),
        ("accept", {"project": "p", "quantity": "1"}),
        ("return", {"project": "p", "channel": "k"}),
    ),
    _chain(
        WORK,
        ("forfeit", {"contract": "c", "amount": "0.02", "reason": "不修"}),
        ("repair-pay", {"contract": "c"}),
        ("release", {"contract": "c", "due": "2024-06-01"}),
        ("bounce", {"back": "last"}),
    ),
    _chain(
        WORK,
        (
            "change-source",
            {"contract": "c", "from_channel": "k", "to_channel": "CJ2024", "amount": "0.5", "number": "1号"},
        ),
    ),
    _chain(
        ("receive", {"project": "p", "channel": "k", "amount": "900", "hold": "yes"}),
        ("send-back", {"project": "p", "channel": "k"}),
        ("spend", {"project": "p", "channel": "k", "amount": "a"}),
        ("year-end", {}),
    ),
)
STEPS = st.one_of(EVENTS.map(lambda event: [event]), CHAINS)


def sequences(least: int, most: int) -> Any:
    """Return lives of so many steps, a step being an event or a few that follow one another."""
    return st.lists(STEPS, min_size=least, max_size=most).map(
        lambda steps: [each for step in steps for each in step][:most]
    )


FUNDING = [
    ("opening", {"project": "P000", "lines": ["own_bank:B00=CJ2024:1000"]}),
    *(
        ("allot", {"project": each, "channel": code, "amount": "900"})
        for each in PROJECTS
        for code in ("JT2024", "JZ2024")
    ),
    *(("plan", {"project": each, "channel": "ZC2024", "amount": "500"}) for each in PROJECTS),
    *(("receive", {"project": each, "channel": code, "amount": "333.33"}) for each in PROJECTS for code in FUND),
    ("receive", {"project": "P001", "channel": "CJ2024", "amount": "100"}),
    ("contract", {"contract": "P001C01", "parts": ["JT2024=500.01", "ZC2024=299.98", "JZ2024=100", "CJ2024=50"]}),
    ("contract", {"contract": "P002C01", "parts": ["JT2024=700", "JZ2024=0.07"]}),
    (
        "contract",
        {
            "contract": "P003C01",
            "parts": ["JT2024=200.14", "JZ2024=133.19"],
            "items": ["A01=路面:平方米:33.333:3.33", "A02=路肩:米:99.001:1.01", "B01=涵洞:座:2:61.17:JZ2024"],
        },
    ),
]


@dataclass
class Life:
    """What was sealed in one unit of work, which is never committed."""

    unit: Any
    sealed: list[tuple[str, Proposal, int]] = field(default_factory=list)
    tangled: bool = False
    """Whether something was reversed behind what came later: as no reversal is reversed, order is lost then."""
    accounts: dict[str, tuple[str, str, int, int]] = field(default_factory=dict)
    """By name an account's project, role, normal side and, where it has a floor, the side that it keeps to."""

    def __post_init__(self) -> None:
        self.now = self.balances()

    def play(self, verb: str, typed: Mapping[str, Any]) -> bool:
        """Draft and seal an event; tell whether it went through. What it moves is what it says, and no floor breaks."""
        state = State(self.unit.connection, "SF")
        try:
            proposal = self._propose(state, verb, dict(typed))
            made = vouchers.draft(self.unit, state, proposal, maker="zhang", verb=verb, request={})
        except Refusal:
            assert self.balances() == self.now
            return False
        if proposal.reverses is not None:
            self.tangled |= proposal.reverses != self.open()[-1][1]
        done = seal(self.unit, made, approver="li", effects=EFFECTS)
        self.sealed.append((done.number, proposal, done.seq))
        expected = Counter(self.now)
        for line in proposal.lines:
            expected[line.account.name, line.commodity] += line.amount
        self.now = self.balances()
        assert self.now == {key: amount for key, amount in expected.items() if amount}
        return True

    def _propose(self, state: State, verb: str, typed: dict[str, Any]) -> Proposal:
        if "back" in typed:
            number = self.sealed[-min(typed.pop("back"), len(self.sealed))][0]
            typed["voucher"] = number
        if verb == "reverse":
            return self.undo(state, typed["voucher"])
        typed["date"] = DAY.isoformat()
        request = PROPOSE[verb][0].read(typed)
        proposal = PROPOSE[verb][1](state, request, lambda key, **_: key)
        if verb == "certify" and request.items:
            measured = [fact for name, fact in proposal.facts.items() if name.startswith("measured-")]
            works = sum(line.amount for line in proposal.lines if line.account.role.name == "works")
            assert works == sum(parse(fact.split(" ")[2]) for fact in measured if not fact.endswith(" 0.00"))
        role = SPLIT.get(verb)
        if role and getattr(request, "amount", None) and not getattr(request, "partial", False):
            moved = sum(abs(line.amount) for line in proposal.lines if line.account.role.name == role)
            assert moved == request.amount
        return proposal

    @staticmethod
    def undo(state: State, number: str) -> Proposal:
        proposal = vouchers.reverse(state, number, on=DAY, reason="错", narration="错", today=DAY)
        need_lots(state, proposal)
        need_measured(state, proposal)
        need_unbounced(state, proposal)
        return proposal

    def balances(self) -> dict[tuple[str, str], int]:
        rows = sql.rows(self.unit.connection, "SELECT account, commodity, amount FROM balance WHERE amount <> 0")
        return {(account, commodity): amount for account, commodity, amount in rows}

    def by_role(self) -> dict[tuple[str, str, str], int]:
        """Return what stands on the normal side by project, role and channel."""
        found: dict[tuple[str, str, str], int] = defaultdict(int)
        for (account, commodity), amount in self.now.items():
            if account not in self.accounts:
                self.accounts |= {row[0]: row[1:] for row in sql.rows(self.unit.connection, _ACCOUNTS)}
            project, role, normal, floored = self.accounts[account]
            assert floored * normal * amount >= 0
            if commodity != "CEMENT":
                found[project, role, channel_of(commodity)] += normal * amount
        return found

    def open(self) -> list[tuple[Proposal, int, str]]:
        """Return what stands, with `seq` and number."""
        undone = {proposal.reverses for _, proposal, _ in self.sealed if proposal.reverses is not None}
        rows = [(each, seq, number) for number, each, seq in self.sealed]
        return [row for row in rows if row[0].event != REVERSAL and row[1] not in undone]


_ACCOUNTS = (
    "SELECT a.name, a.project, a.role, a.normal, r.floored FROM account a "
    "JOIN chart_role r ON r.role = a.role WHERE a.book = 'SF'"
)


def check_mirror(proposal: Proposal) -> None:
    """Money and budget of a group move together, channel by channel; each commodity sums to zero."""
    groups: dict[tuple[str, str], int] = defaultdict(int)
    sums: dict[str, int] = defaultdict(int)
    for line in proposal.lines:
        sums[line.commodity] += line.amount
        role = line.account.role
        if role.mirror and line.commodity != "CEMENT":
            groups[role.mirror, channel_of(line.commodity)] += line.amount * (-1 if role.holds == "budget" else 1)
    assert not any(sums.values())
    # Of the village as a whole there is its opening, and year ends with their reversals.
    if proposal.project != GENERAL_PROJECT:
        assert not any(groups.values())


def check_identities(life: Life) -> None:
    """What was allotted is somewhere in the budget, and what is free is backed by money, here or still to come."""
    has = life.by_role()
    income: dict[tuple[str, str], int] = defaultdict(int)
    lent_own: dict[tuple[str, str], int] = defaultdict(int)
    for proposal, _, _ in life.open():
        if proposal.event == YEAR_END:
            continue
        for line in proposal.lines:
            if line.account.role.name == "subsidy_income":
                income[proposal.project, line.commodity] -= line.amount
            if line.account.role.name == "own_bank" and proposal.event in {"prefinancing", "repayment"}:
                lent_own[proposal.project, line.commodity] -= line.amount
    # Whoever was not touched stands as before: what a voucher moves is what it says.
    touched = {(line.account.project, channel_of(line.commodity)) for line in life.sealed[-1][1].lines}
    for project in PROJECTS:
        for channel in CHANNELS:
            if (project, channel) not in touched:
                continue

            def of(role: str, project: str = project, channel: str = channel) -> int:
                return has.get((project, role, channel), 0)

            allotted, free = of("allotted"), of("available") + of("committed")
            assert allotted == free + of("advanced") + of("audit_cut") + of("stocked") + of("spent")
            received = sum(weight * of(role) for role, weight in RECEIVED.items())
            cash, due = of("bank") + of("cash"), of("household")
            owed = sum(of(role) for role in OWED)
            if channel == "CJ2024":
                # The village's own money comes with its budget; what its own account lent is no money of the project.
                assert free == cash + of("lent") - lent_own[project, channel] - owed - of("borrowed")
                continue
            fund = of(FUND[channel]) + of("reserve") + income[project, channel]
            assert received == fund - due
            assert free == cash + due + of("lent") + (allotted - received - due) - owed - of("borrowed")
    lent = sum(amount for (_, role, _), amount in has.items() if role == "lent")
    assert lent == sum(amount for (_, role, _), amount in has.items() if role == "borrowed")


def check_credit(life: Life) -> None:
    """What is credited adds up to what was accepted, and nothing that was not accepted is credited."""
    for each in credits_of(life.unit.connection, "SF"):
        assert sum(share.quantity for share in each.shares) == each.output.amount
        assert each.output.amount == (each.measured.amount if each.paid else 0)
        assert all(share.paid >= 0 <= share.quantity for share in each.shares)
        assert each.accepted or not each.shares


@pytest.fixture(scope="module")
def village(blank_clerk: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    with blank_clerk() as clerk:
        with clerk.workspace.write() as unit:
            people.add_user(unit, "zhang", roles=["maker"])
            people.add_user(unit, "li", roles=["approver"])
            registry.add_village(unit, "V13", name="示范村")
            register.add_book(unit, "SF", village="V13", name="示范村专账", started_on=date(2024, 1, 1))
            for channel, source in CHANNELS.items():
                channels.add_channel(unit, channel, name=channel, source=source)
            channels.add_good(unit, "CEMENT", name="水泥", unit_name="吨", scale=3)
            register.add_bank(unit, "SF", "B00", name="村基本户", kind="own", channels=["CJ2024"])
            register.add_bank(unit, "SF", "B01", name="农商行专户", kind="dedicated", channels=sorted(CHANNELS))
            budget = dict.fromkeys(CHANNELS, 1000_00)
            for project in PROJECTS:
                registry.add_project(unit, "SF", project, title=project, name=project, budget=budget, detail={})
            unit.commit()
            life = Life(unit)
            for verb, typed in FUNDING:
                assert life.play(verb, typed), f"{verb} {typed}"
                check_identities(life)
            unit.commit()
        clerk.funded = life.sealed
        yield clerk


def live(village: Any, events: list[tuple[str, dict[str, Any]]], *, whole: bool = False) -> int:
    """Play events, look at every identity after each, undo all of it, and return how many went through.

    The village has its money already. What brought it there is undone, too, where the `whole` life is.
    """
    with village.workspace.write() as unit:
        life = Life(unit, list(village.funded))
        funded = len(life.sealed)
        for verb, typed in events:
            if life.play(verb, typed):
                check_mirror(life.sealed[-1][1])
                check_identities(life)
                check_credit(life)
        done = len(life.sealed) - funded
        kept = set() if whole else {number for number, _, _ in village.funded}
        for proposal, _, number in reversed(life.open()):
            if number in kept:
                continue
            gone = life.play("reverse", {"voucher": number})
            check_identities(life)
            assert gone or life.tangled, f"{number} {proposal.event} cannot be undone"
        left = life.open()
        assert life.tangled or {number for _, _, number in left} <= kept
        stands: Counter[tuple[str, str]] = Counter()
        for proposal, _, _ in left:
            for line in proposal.lines:
                stands[line.account.name, line.commodity] += line.amount
        assert life.now == {key: amount for key, amount in stands.items() if amount}
        return done


LIVES = int(os.environ.get("EARMARK_LIVES", "120"))
"""How many lives the slow test plays."""
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@given(sequences(6, 25))
@settings(max_examples=8, suppress_health_check=QUIET)
def test_whatever_happens_the_identities_hold_and_all_can_be_undone(village: Any, events: list[Any]) -> None:
    live(village, events, whole=True)


@pytest.mark.slow
@given(sequences(15, 40))
@settings(max_examples=LIVES, suppress_health_check=QUIET)
def test_whatever_happens_at_length_the_identities_hold_and_all_can_be_undone(village: Any, events: list[Any]) -> None:
    live(village, events, whole=len(events) % 10 == 0)


def test_most_events_go_through_where_there_is_money(village: Any) -> None:
    """The property would hold of a ledger that refuses everything."""
    through = live(
        village,
        [
            ("advance", {"contract": "P001C01", "amount": "100.01"}),
            ("certify", {"contract": "P001C01", "amount": "333.34"}),
            ("pay", {"contract": "P001C01", "partial": True}),
            ("pay-direct", {"contract": "P001C01", "channel": "JT2024", "amount": "50", "ahead": True}),
            ("prefinance", {"contract": "P001C01", "borrower": "JZ2024", "number": "1号"}),
            ("cut", {"contract": "P001C01", "amount": "10.01", "number": "1号"}),
            ("spend", {"project": "P003", "channel": "JZ2024", "amount": "10.01"}),
            ("year-end", {}),
            ("reverse", {"back": 1}),
            ("accept", {"project": "P001", "quantity": "1"}),
        ],
    )
    assert through >= 8

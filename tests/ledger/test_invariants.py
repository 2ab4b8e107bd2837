"""Whatever a clerk does, in whatever order: channels stay apart, floors hold, the books say what the record says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from beancount import loader
from beancount.core import data
from hypothesis import given, note, settings
from hypothesis import strategies as st

from ledger.errors import Refusal

PROJECTS = ["P001", "P002"]
CHANNELS = {"JZ2024": "a donor's, in both projects", "CJ2024": "the village's own, in both projects"}
VERBS = ["allot", "receive", "commit", "advance", "certify", "pay", "accept", "reverse"]

# What is done, in which project and channel, and how much of what is there (percent).
STEP = st.tuples(
    st.sampled_from(VERBS), st.sampled_from(PROJECTS), st.sampled_from(sorted(CHANNELS)), st.integers(1, 100)
)
OPENING = "opening project=P000 lines=own_bank:B00=CJ2024:7654.32"
FUNDED = f"""
{OPENING}
allot project=P001 channel=JZ2024 amount=95019.07
receive project=P001 channel=CJ2024 amount=3827.16
receive project=P001 channel=JZ2024 amount=62712.58
contract contract=P001C01 parts=JZ2024=85517.16,CJ2024=3444.44
allot project=P002 channel=JZ2024 amount=40723.07
receive project=P002 channel=JZ2024 amount=40723.07
contract contract=P002C01 parts=JZ2024=36650.76
certify contract=P001C01 amount=35584.64
"""


class Asked:
    """An event that is likely, not certain, to be allowed: its sum is a share of what stands there."""

    def __init__(self, clerk: Any, project: str, channel: str, share: int) -> None:
        self.clerk, self.project, self.channel, self.share = clerk, project, channel, share
        self.contract = f"{project}C01"
        self.has: Counter[tuple[str, str]] = Counter()
        query = (
            "SELECT a.role, b.commodity, b.amount * a.normal FROM balance b JOIN account a "
            "ON a.book = b.book AND a.name = b.account WHERE a.project IN ('', ?)"
        )
        for role, commodity, amount in clerk.sql(query, project):
            self.has[role, commodity] += amount

    def part(self, fen: int) -> str:
        return f"{max(1, fen * self.share // 100) / 100:.2f}"

    def allot(self) -> tuple[str, dict[str, Any]]:
        if self.channel == "CJ2024":
            amount = self.part(self.has["own_bank", self.channel])
            return "receive", {"project": self.project, "channel": self.channel, "amount": amount}
        amount = f"{self.share * 1234 + 1}.07"
        return "allot", {"project": self.project, "channel": self.channel, "amount": amount}

    def receive(self) -> tuple[str, dict[str, Any]]:
        got = self.has["earmarked", "JZ2024"] + self.has["reserve", "JZ2024"]
        amount = self.part(self.has["allotted", "JZ2024.B"] - got)
        return "receive", {"project": self.project, "channel": "JZ2024", "amount": amount}

    def commit(self) -> tuple[str, dict[str, Any]]:
        left = {each: self.has["available", f"{each}.B"] for each in CHANNELS}
        taken = self.clerk.sql("SELECT count(*) FROM contract WHERE project = ?", self.project)[0][0]
        parts = [f"{each}={self.part(fen)}" for each, fen in left.items() if fen]
        return "contract", {"contract": f"{self.project}C{taken + 1:02}", "parts": parts}

    def advance(self) -> tuple[str, dict[str, Any]]:
        return "advance", {"contract": self.contract, "percent": f"{self.share}%"}

    def certify(self) -> tuple[str, dict[str, Any]]:
        left = sum(fen for (role, _), fen in self.has.items() if role in {"committed", "advanced"})
        return "certify", {"contract": self.contract, "amount": self.part(left)}

    def pay(self) -> tuple[str, dict[str, Any]]:
        return "pay", {"contract": self.contract, "partial": True}

    def accept(self) -> tuple[str, dict[str, Any]]:
        return "accept", {"project": self.project, "quantity": "3.5"}

    def reverse(self) -> tuple[str, dict[str, Any]]:
        vouchers = self.clerk.sql("SELECT number FROM voucher ORDER BY seq")
        return "reverse", {"voucher": vouchers[len(vouchers) * self.share // 101][0], "reason": "试"}


def typed(clerk: Any, verb: str, project: str, channel: str, share: int) -> tuple[str, dict[str, Any]]:
    found: tuple[str, dict[str, Any]] = getattr(Asked(clerk, project, channel, share), verb)()
    return found


def each_channel_is_whole(clerk: Any) -> None:
    assert (
        clerk.sql("SELECT seq, commodity, sum(amount) FROM posting GROUP BY seq, commodity HAVING sum(amount) <> 0")
        == []
    )
    assert clerk.sql("SELECT commodity, sum(amount) FROM balance GROUP BY commodity HAVING sum(amount) <> 0") == []


def money_and_budget_mirror_each_other(clerk: Any) -> None:
    query = """
        SELECT p.seq, a.project, a.mirror, c.channel,
               sum(CASE c.kind WHEN 'money' THEN p.amount ELSE -p.amount END)
        FROM posting p JOIN account a ON a.book = p.book AND a.name = p.account
        JOIN commodity c ON c.code = p.commodity AND c.kind <> 'quantity'
        WHERE a.mirror <> '' GROUP BY p.seq, a.project, a.mirror, c.channel
        HAVING sum(CASE c.kind WHEN 'money' THEN p.amount ELSE -p.amount END) <> 0
    """
    assert clerk.sql(query) == []


def balances_are_the_sum_of_their_postings(clerk: Any) -> None:
    replayed: Counter[tuple[str, str]] = Counter()
    low: dict[tuple[str, str], int] = defaultdict(int)
    sides = dict(clerk.sql("SELECT name, normal * floored FROM account"))
    last = -1
    for seq, account, commodity, amount in clerk.sql(
        "SELECT seq, account, commodity, amount FROM posting ORDER BY seq, line"
    ):
        if seq != last:
            assert all(sides[name] * has >= 0 for (name, _), has in replayed.items()), f"a floor broke before {seq}"
        replayed[account, commodity] += amount
        low[account, commodity] = min(low[account, commodity], sides[account] * replayed[account, commodity])
        last = seq
    assert all(sides[name] * has >= 0 for (name, _), has in replayed.items())
    assert {key: has for key, has in replayed.items() if has} == clerk.balances()


def budget_equals_money(clerk: Any) -> None:
    """The design's identities, for each project and channel."""
    roles: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    query = """
        SELECT a.project, c.channel, a.role, b.amount * a.normal FROM balance b
        JOIN account a ON a.book = b.book AND a.name = b.account
        JOIN commodity c ON c.code = b.commodity WHERE a.project <> ''
    """
    for project, channel, role, amount in clerk.sql(query):
        roles[project, channel][role] += amount
    for (project, channel), has in roles.items():
        where = f"{project} {channel}: {dict(has)}"
        uses = has["available"] + has["committed"] + has["advanced"] + has["stocked"] + has["spent"]
        assert has["allotted"] == uses, where
        own = channel == "CJ2024"
        to_come = 0 if own else has["allotted"] - has["earmarked"] - has["reserve"]
        owed = has["payable"] + has["retention"]
        assert has["available"] + has["committed"] == has["bank"] + to_come - owed, where


def numbers_have_no_gap(clerk: Any) -> None:
    rows = clerk.sql("SELECT seq, number FROM voucher ORDER BY seq")
    assert rows == [(count, f"2024-03-{count + 1:04}") for count in range(len(rows))]


def the_books_say_the_same(clerk: Any) -> None:
    entries, errors, _ = loader.load_file(str(clerk.workspace.books / "SF" / "main.beancount"))
    assert [each.message for each in errors] == []
    totals: Counter[tuple[str, str]] = Counter()
    for each in entries:
        if isinstance(each, data.Transaction):
            for posting in each.postings:
                totals[posting.account, posting.units.currency] += int(posting.units.number * 100)
    assert {key: has for key, has in totals.items() if has} == clerk.balances()


@settings(max_examples=25)
@given(st.lists(STEP, min_size=5, max_size=12))
def test_the_rules_of_the_money_hold_after_any_events(
    new_clerk: Callable[[], AbstractContextManager[Any]], steps: list[tuple[str, str, str, int]]
) -> None:
    with new_clerk() as clerk:
        clerk.begin(FUNDED)
        for step in steps:
            verb, facts = typed(clerk, *step)
            before = clerk.dump()
            try:
                note(f"{clerk.do(verb, **facts)} {verb} {facts}")
            except Refusal as refusal:
                note(f"refused {verb} {facts}: {refusal.code}")
                assert clerk.dump() == before
        each_channel_is_whole(clerk)
        money_and_budget_mirror_each_other(clerk)
        balances_are_the_sum_of_their_postings(clerk)
        budget_equals_money(clerk)
        numbers_have_no_gap(clerk)
        the_books_say_the_same(clerk)


# The same, down a road on which every event has its turn.
ROAD = [
    ("allot", "P001", "JZ2024", 80),
    ("allot", "P001", "CJ2024", 50),
    ("allot", "P002", "JZ2024", 30),
    ("receive", "P001", "JZ2024", 60),
    ("receive", "P002", "JZ2024", 100),
    ("commit", "P001", "JZ2024", 90),
    ("advance", "P001", "JZ2024", 20),
    ("certify", "P001", "JZ2024", 33),
    ("pay", "P001", "JZ2024", 1),
    ("certify", "P001", "JZ2024", 100),
    ("receive", "P001", "JZ2024", 50),
    ("pay", "P001", "JZ2024", 1),
    ("accept", "P001", "JZ2024", 1),
    ("receive", "P001", "JZ2024", 100),
    ("pay", "P001", "JZ2024", 1),
    ("reverse", "P001", "JZ2024", 100),
]


def test_the_rules_of_the_money_hold_after_each_step_of_a_whole_life(
    new_clerk: Callable[[], AbstractContextManager[Any]],
) -> None:
    with new_clerk() as clerk:
        clerk.begin(OPENING)
        for step in ROAD:
            verb, facts = typed(clerk, *step)
            clerk.do(verb, **facts)
            each_channel_is_whole(clerk)
            money_and_budget_mirror_each_other(clerk)
            balances_are_the_sum_of_their_postings(clerk)
            budget_equals_money(clerk)
        the_books_say_the_same(clerk)
        assert len(clerk.sql("SELECT DISTINCT event FROM voucher")) >= 9

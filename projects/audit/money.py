"""Tests of money that lies, goes where it may not, or does not come.

Every test yields, for each thing that it looks at, what is wrong with it, or None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from projects.audit.model import Hit
from projects.audit.reading import Entry, Reading
from projects.audit.spans import after
from projects.figures import OWED
from projects.policy.numbers import Months
from projects.procurement import STATE_MONEY

Looked = Iterator[Hit | None]
Parameters = Mapping[str, int]
FINISHED = ("acceptance", "cancellation")
PAYING = (
    "disbursement",
    "advance",
    "purchase",
    "welfare",
    "retention_released",
    "repair_paid",
    "wages_paid",
    "inkind_bought",
)
"""The events by which money leaves a project's account for works, goods, services or people."""


def idle_year(book: Reading, with_: Parameters) -> Looked:
    """Money of the state that nobody has spent for a year, and less than the term of its recall."""
    yield from _idle(book, with_["months"], but=book.policy.recall.term.value)


def idle_recall(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - every test is called the same way
    """Money of the state that nobody has spent within the term of its recall."""
    yield from _idle(book, book.policy.recall.term.value)


def _idle(book: Reading, months: int, *, but: int = 0) -> Looked:
    """The oldest allotment is spent first; what goes back or is revised away takes from the oldest too."""
    for code in book.projects:
        for channel in book.channels(code):
            if book.sources.get(channel) not in STATE_MONEY:
                continue
            moves = [
                (each.date, fen)
                for each in book.standing(project=code)
                for (role, _, _, of), fen in each.moved.items()
                if role == "allotted" and of == channel
            ]
            used = book.left("spent", project=code, channel=channel) - sum(fen for _, fen in moves if fen < 0)
            open_: list[tuple[str, int]] = []
            for day, fen in moves:
                if fen > 0:
                    open_ += [(day, max(0, fen - used))]
                    used = max(0, used - fen)
            late = [(day, fen) for day, fen in open_ if fen and _over(day, months, book.on)]
            if but:
                late = [(day, fen) for day, fen in late if not _over(day, but, book.on)]
            if late:
                amount = sum(fen for _, fen in late)
                facts = {"project": book.project_label(code), "channel": channel, "since": late[0][0], "amount": amount}
                yield Hit(book.book, f"{code}-{channel}", late[0][0], amount, project=code, facts=facts)
            else:
                yield None


def _over(day: str, months: int, on: date) -> bool:
    return Months(unit="months", value=months, document="—").after(date.fromisoformat(day)) <= on


def negative_list(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """Spending of what the channel's rule of its day forbids, by the words of the voucher or its category."""
    for each in book.standing("contract", "purchase", "welfare"):
        hit = None
        for channel in sorted({code for role, _, _, code in each.moved if role == "available"}):
            rule = book.rules.rule(channel, date.fromisoformat(each.date))
            # What is typed: names of projects are judged when money comes in, not voucher by voucher.
            said = [each.narration, each.facts.get("contract-name", "")]
            word = next((word for word in rule.words for text in said if word.casefold() in text.casefold()), "")
            category = "fee" if each.facts.get("fee") else each.facts.get("category", "")
            if not word and category in rule.categories:
                word = category
            if word:
                facts = {"channel": channel, "word": word, "voucher": each.label, "number": rule.number}
                hit = _voucher(book, each, -each.sum("available"), **facts)
        yield hit


def fee_over_cap(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """Management fees over their share of what the channel was allotted."""
    fees: dict[str, list[Entry]] = defaultdict(list)
    for each in book.standing("welfare"):
        if each.facts.get("fee"):
            for channel in {code for role, _, _, code in each.moved if role == "spent"}:
                fees[channel].append(each)
    for channel, paid in sorted(fees.items()):
        rule = book.rules.rule(channel, book.on)
        cap = book.policy.fee.cap
        if rule.fee_cap:
            cap = cap.model_copy(update={"value": type(cap.value)(rule.fee_cap)})
        amount, allotted = sum(each.sum("spent") for each in paid), book.left("allotted", channel=channel)
        over = amount - cap.of(allotted)
        facts = {"channel": channel, "amount": amount, "allowed": cap.of(allotted), "allotted": allotted, "over": over}
        labels = tuple(each.label for each in paid)
        yield Hit(book.book, channel, paid[-1].date, over, labels, facts=facts) if over > 0 else None


def cash_over_limit(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """More cash in hand over night than the limit; each stretch of nights is one finding."""
    most, held, since, peak = book.policy.cash.held.value, 0, "", 0
    by_day: dict[str, int] = defaultdict(int)
    for each in book.entries:
        by_day[each.date] += each.sum("cash")
    for day, fen in sorted(by_day.items()):
        held += fen
        if held > most:
            since, peak = since or day, max(peak, held)
        elif since:
            yield _stretch(book, since, day, peak, most)
            since, peak = "", 0
        else:
            yield None
    if since:
        yield _stretch(book, since, book.on.isoformat(), peak, most)


def _stretch(book: Reading, since: str, until: str, peak: int, most: int) -> Hit | None:
    if since == until:
        return None
    return Hit(book.book, since, since, peak - most, facts={"since": since, "until": until, "held": peak, "most": most})


def self_funding(book: Reading, with_: Parameters) -> Looked:
    """What households agreed to raise and did not pay: after acceptance, or so many days after the plan."""
    for code in book.projects:
        plans = book.standing("household_plan", project=code)
        if not plans:
            continue
        due = book.left("household", project=code)
        done = book.standing("acceptance", project=code)
        late = done or after(plans[-1].date, with_["days"]) <= book.on.isoformat()
        facts = {"project": book.project_label(code), "amount": due, "since": plans[0].date}
        labels = tuple(each.label for each in plans)
        yield Hit(book.book, code, plans[0].date, due, labels, code, facts=facts) if due and late else None


def surplus_not_returned(book: Reading, with_: Parameters) -> Looked:
    """Money that is left so many days after acceptance or cancellation, owed to nobody and not sent back."""
    for code in book.projects:
        ends = book.standing(*FINISHED, project=code)
        if not ends:
            continue
        for channel in book.channels(code):
            if book.sources.get(channel) == "collective":
                continue
            debts = book.left(*OWED, "retention", "held", "borrowed", project=code, channel=channel)
            cash = book.left("bank", "cash", project=code, channel=channel) - debts
            free = min(cash, book.left("available", project=code, channel=channel))
            late = after(ends[-1].date, with_["days"]) <= book.on.isoformat()
            facts = {"project": book.project_label(code), "channel": channel, "amount": free, "since": ends[-1].date}
            key, end = f"{code}-{channel}", ends[-1]
            yield Hit(book.book, key, end.date, free, (end.label,), code, facts=facts) if free > 0 and late else None


def prefinancing_open(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """What one channel paid for another and has not got back."""
    debts: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for each in book.standing("prefinancing", "repayment"):
        debts[each.project, each.facts["borrower"], each.facts["lender"]].append(each)
    for (code, borrower, lender), moves in sorted(debts.items()):
        amount = sum(each.sum("borrowed") for each in moves)
        facts = {"project": book.project_label(code), "borrower": borrower, "lender": lender, "amount": amount}
        labels = tuple(each.label for each in moves if each.event == "prefinancing")
        key = f"{code}-{lender}-{borrower}"
        yield Hit(book.book, key, moves[0].date, amount, labels, code, facts=facts) if amount else None


def year_end_rush(book: Reading, with_: Parameters) -> Looked:
    """So great a share of a year's payments of a channel in its last days, in so many payments and of so much money."""
    paid: dict[tuple[str, str], list[tuple[Entry, int]]] = defaultdict(list)
    for each in book.standing(*PAYING):
        by_channel: dict[str, int] = defaultdict(int)
        for (role, _, _, channel), fen in each.moved.items():
            by_channel[channel] -= fen if role in {"bank", "cash"} else 0
        for channel, fen in by_channel.items():
            paid[each.date[:4], channel].append((each, fen))
    for (year, channel), every in sorted(paid.items()):
        last = [(each, fen) for each, fen in every if each.date > f"{year}-12-{31 - with_['days']:02}"]
        whole, amount = sum(fen for _, fen in every), sum(fen for _, fen in last)
        rush = len(last) >= with_["payments"] and amount >= with_["fen"] and amount * 100 >= with_["percent"] * whole
        facts = {"year": year, "channel": channel, "amount": amount, "whole": whole, "count": len(last)}
        labels = tuple(each.label for each, _ in last)
        yield Hit(book.book, f"{year}-{channel}", f"{year}-12-31", amount, labels, facts=facts) if rush else None


def _voucher(book: Reading, each: Entry, worth: int, /, **facts: object) -> Hit:
    return Hit(book.book, each.label, each.date, worth, (each.label,), each.project, facts=facts)

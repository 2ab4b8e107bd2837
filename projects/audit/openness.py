"""Tests of what villagers are to see and decide, and of how the book is kept."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from projects.audit.model import Hit
from projects.audit.money import Looked, Parameters
from projects.audit.reading import Entry, Reading
from projects.audit.spans import after, days
from projects.life.deliberations import STEPS, fault

BEFORE_WORKS = STEPS[:5]
"""The steps that are taken before a contract; the last one, the result, comes after acceptance."""


def notice_missing(book: Reading, with_: Parameters) -> Looked:
    """A contract without a notice before it that stood its days; a project accepted without one after, likewise."""
    needed = book.policy.notice.days.value
    firsts: dict[str, str] = {}
    for deal in book.deals:
        firsts[deal.project] = min(firsts.get(deal.project, "9999"), deal.made.date)
    for code, contracted in sorted(firsts.items()):
        yield _notice(book, code, "before", "", contracted, needed)
    for accepted in book.standing("acceptance"):
        due = after(accepted.date, with_["days"])
        if due <= book.on.isoformat():
            yield _notice(book, accepted.project, "completion", accepted.date, book.on.isoformat(), needed)


def _notice(book: Reading, code: str, stage: str, since: str, until: str, needed: int) -> Hit | None:
    downs = {str(each.data["notice"]): each.on for each in book.facts("notice-down", code, stage=stage)}
    ups = [each for each in book.facts("notice-up", code, stage=stage) if since <= each.on <= until]
    stood = max((days(each.on, min(downs.get(each.label, until), until)) for each in ups), default=0)
    if stood >= needed:
        return None
    facts = {"project": book.project_label(code), "days": stood, "needed": needed, "date": since or until}
    about = "reason" if ups else "none"
    return Hit(book.book, f"{code}-{stage}", since or until, 0, (), code, f"{stage}-{about}", facts)


def deliberation_missing(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - every test is called the same way
    """A contract before which a step of the deliberations is missing, or did not count for want of people or votes."""
    seen = set()
    for deal in book.deals:
        if deal.project in seen:
            continue
        seen.add(deal.project)
        told = [each for each in book.facts("deliberation", deal.project) if each.on <= deal.made.date]
        counted = {str(each.data["step"]) for each in told if fault(each, book.policy) is None}
        missing = [step for step in BEFORE_WORKS if step not in counted]
        facts = {"project": book.project_label(deal.project), "contract": deal.code, "steps": " ".join(missing)}
        labels = (deal.made.label,)
        hit = Hit(book.book, deal.project, deal.made.date, deal.price, labels, deal.project, facts=facts)
        yield hit if missing else None


def unreconciled(book: Reading, with_: Parameters) -> Looked:
    """A bank account with movements in a month that is so many days over, and no balance of its end that agrees."""
    months: dict[tuple[str, str], int] = defaultdict(int)
    for each in book.entries:
        for role, _, bank, _ in each.moved:
            if bank and role in {"bank", "own_bank", "deposit_bank"}:
                months[bank, each.date[:7]] += 1
    agreed = {(each.subject, each.on[:7]) for each in book.facts("bank-balance")}
    by_bank: dict[str, list[str]] = defaultdict(list)
    for bank, month in sorted(months):
        by_bank[bank] += [] if (bank, month) in agreed or not _over(month, with_["days"], book.on) else [month]
    for bank, missing in sorted(by_bank.items()):
        facts = {
            "bank": bank,
            "count": len(missing),
            "first": missing[0] if missing else "",
            "last": (missing or [""])[-1],
        }
        yield Hit(book.book, bank, f"{missing[0]}-01", 0, facts=facts) if missing else None


def _over(month: str, grace: int, on: date) -> bool:
    year, number = int(month[:4]), int(month[5:])
    first = date(year + number // 12, number % 12 + 1, 1)
    return after(first.isoformat(), grace) <= on.isoformat()


def many_reversals(book: Reading, with_: Parameters) -> Looked:
    """A maker of whose vouchers in a year so many, and so great a share, were reversed."""
    by_seq = {each.seq: each for each in book.entries}
    made: dict[tuple[str, str], int] = defaultdict(int)
    undone: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for each in book.entries:
        if each.reverses is None:
            made[each.date[:4], each.maker] += 1
        else:
            original = by_seq[each.reverses]
            undone[original.date[:4], original.maker].append(each)
    for (year, maker), count in sorted(made.items()):
        back = undone[year, maker]
        many = len(back) >= with_["count"] and len(back) * 100 >= with_["percent"] * count
        facts = {"maker": maker, "year": year, "count": len(back), "whole": count}
        labels = tuple(each.label for each in back)
        yield Hit(book.book, f"{year}-{maker}", back[-1].date, 0, labels, facts=facts) if many else None

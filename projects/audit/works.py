"""Tests of contracts while they run and after: retention, advances, settlement, and what becomes of the works."""

from __future__ import annotations

from datetime import date

from projects.audit.model import Hit
from projects.audit.money import Looked, Parameters
from projects.audit.reading import Reading
from projects.audit.spans import after, days


def retention_early(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - every test is called the same way
    """Retention that was released before acceptance, or before the term that acceptance or the policy states."""
    for each in book.standing("retention_released"):
        end = _term(book, each.project, until=each.date)
        facts = {"voucher": each.label, "project": book.project_label(each.project), "due": end or "—"}
        early = end == "" or each.date < end
        amount = -each.sum("retention")
        yield Hit(book.book, each.label, each.date, amount, (each.label,), each.project, facts=facts) if early else None


def retention_over(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """Retention that is held of a contract and passes its share of what was settled."""
    cap = book.policy.retention.cap
    for deal in book.deals:
        held = book.left("retention", contract=deal.code)
        over = held - cap.of(deal.certified)
        facts = {"contract": deal.code, "held": held, "allowed": cap.of(deal.certified), "over": over}
        last = book.standing("certificate", "audit_cut", contract=deal.code)
        if last:
            labels = (last[-1].label,)
            hit = Hit(book.book, deal.code, last[-1].date, over, labels, deal.project, facts=facts)
            yield hit if held and over > 0 else None


def retention_overdue(book: Reading, with_: Parameters) -> Looked:
    """Retention that is still held so many days after its term was over."""
    for deal in book.deals:
        held = book.left("retention", contract=deal.code)
        end = _term(book, deal.project, until=book.on.isoformat())
        if held and end:
            late = after(end, with_["days"]) <= book.on.isoformat()
            facts = {"contract": deal.code, "held": held, "due": end}
            yield Hit(book.book, deal.code, end, held, (), deal.project, facts=facts) if late else None


def _term(book: Reading, project: str, *, until: str) -> str:
    """Return the day on which the term of a project's retention is over; empty where nothing was accepted by then."""
    accepted = [each for each in book.standing("acceptance", project=project) if each.date <= until]
    if not accepted:
        return ""
    stated = [each.facts["warranty-until"] for each in accepted if "warranty-until" in each.facts]
    last = max(each.date for each in accepted)
    return max(stated) if stated else book.policy.retention.term.after(date.fromisoformat(last)).isoformat()


def advance_not_offset(book: Reading, with_: Parameters) -> Looked:
    """An advance of which next to nothing was offset though much was certified; or that outlived acceptance."""
    for deal in book.deals:
        paid = book.standing("advance", "direct_advance", contract=deal.code)
        if not paid:
            continue
        open_ = book.left("advance", contract=deal.code)
        offset = -sum(each.sum("advance") for each in book.standing("certificate", contract=deal.code))
        little = offset * 100 < with_["offset"] * (open_ + offset)
        far = deal.certified * 100 >= with_["percent"] * deal.price and little
        done = bool(book.standing("acceptance", project=deal.project))
        facts = {"contract": deal.code, "amount": open_, "certified": deal.certified}
        labels = tuple(each.label for each in paid)
        hit = Hit(book.book, deal.code, paid[0].date, open_, labels, deal.project, facts=facts)
        yield hit if open_ and (far or done) else None


def settlement_over_contract(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """Certified over the contract and those of its changes that name their document."""
    for deal in book.deals:
        papered = [each for each in deal.ups if each.facts.get("document-number")]
        lower = sum(each.sum("committed") for each in deal.downs)
        allowed = deal.first + sum(each.sum("committed") for each in papered) + lower
        over = deal.certified - allowed
        facts = {"contract": deal.code, "certified": deal.certified, "allowed": allowed, "over": over}
        labels = tuple(each.label for each in deal.ups if each not in papered)
        hit = Hit(book.book, deal.code, deal.made.date, over, labels, deal.project, facts=facts)
        yield hit if over > 0 else None


def not_capitalised(book: Reading, with_: Parameters) -> Looked:
    """Works that passed the last inspection and are no asset yet; or that are, and were not handed over."""
    today = book.on.isoformat()
    for code in book.projects:
        accepted = book.standing("acceptance", project=code)
        passed = [
            each
            for each in book.facts("inspection", code, verdict="pass")
            if each.data.get("level") in {"township", "county"}
        ]
        works = book.left("works", project=code)
        assets = [each for each in accepted if any(role.endswith("asset") for role, *_ in each.moved)]
        if passed and works and not accepted:
            facts = {"project": book.project_label(code), "amount": works, "since": passed[0].on}
            late = days(passed[0].on, today) > with_["days"]
            yield Hit(book.book, code, passed[0].on, works, (), code, facts=facts) if late else None
        elif assets:
            amount, label = assets[-1].sum("works"), assets[-1].label
            late = days(assets[-1].date, today) > with_["days"] and not book.facts("handover", code)
            facts = {"project": book.project_label(code), "amount": -amount, "since": assets[-1].date}
            hit = Hit(book.book, code, assets[-1].date, -amount, (label,), code, "handover", facts)
            yield hit if late else None

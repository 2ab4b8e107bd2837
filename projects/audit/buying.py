"""Tests of how things are bought, and who is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from projects.audit.model import Hit
from projects.audit.money import PAYING, Looked, Parameters
from projects.audit.reading import Deal, Entry, Reading
from projects.audit.spans import days
from projects.payees import ACCOUNT


def contract_unprocured(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - every test is called so
    """A contract that reaches the limit when it is made, without a record by then of how it was bought."""
    for deal in book.deals:
        least = _least(book, deal)
        lacks = not _procured(book, deal, by=deal.made.date)
        facts = {"contract": deal.code, "amount": deal.first, "least": least, "voucher": deal.made.label}
        yield _made(book, deal, deal.first, **facts) if deal.first >= least and lacks else None


def splitting(book: Reading, with_: Parameters) -> Looked:
    """What was bought in parts below the limit.

    Contracts of one partner and kind, or small purchases of one payee, within so many days; and a contract that grew
    over the limit by its changes.
    """
    yield from _split_contracts(book, with_["days"])
    yield from _split_purchases(book, with_["days"])
    for deal in book.deals:
        least = _least(book, deal)
        grown = deal.first < least <= deal.price and not _procured(book, deal, by="9999")
        facts = {"contract": deal.code, "first": deal.first, "amount": deal.price, "least": least}
        labels = (deal.made.label, *(each.label for each in deal.ups))
        hit = Hit(book.book, deal.code, deal.made.date, deal.price, labels, deal.project, "grown", facts)
        yield hit if grown else None


def _split_contracts(book: Reading, span: int) -> Looked:
    groups: dict[tuple[str, str], list[Deal]] = defaultdict(list)
    for deal in book.deals:
        if deal.first < _least(book, deal) and not _procured(book, deal, by=deal.made.date):
            groups[deal.payee, deal.kind].append(deal)
    for (payee, _), deals in sorted(groups.items()):
        for some in _within([(each.made, each.first) for each in deals], span):
            amount, least = sum(fen for _, fen in some), _least(book, deals[0])
            facts = {"payee": payee, "count": len(some), "amount": amount, "least": least}
            yield _several(book, some, amount, "reason", facts) if len(some) > 1 and amount >= least else None


def _split_purchases(book: Reading, span: int) -> Looked:
    groups: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for each in book.standing("purchase"):
        if each.payee:
            groups[each.payee, each.project].append(each)
    most = book.policy.purchase.most.value
    for (payee, _), every in sorted(groups.items()):
        for some in _within([(each, each.sum("spent")) for each in every], span):
            amount = sum(fen for _, fen in some)
            facts = {"payee": payee, "count": len(some), "amount": amount, "least": most}
            yield _several(book, some, amount, "reason", facts) if len(some) > 1 and amount > most else None


def _within(moves: Sequence[tuple[Entry, int]], span: int) -> list[list[tuple[Entry, int]]]:
    """Return the moves in runs, none longer than so many days from its first."""
    runs: list[list[tuple[Entry, int]]] = []
    for each in sorted(moves, key=lambda move: (move[0].date, move[0].seq)):
        if runs and days(runs[-1][0][0].date, each[0].date) <= span:
            runs[-1].append(each)
        else:
            runs.append([each])
    return runs


def contract_before_approval(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """A contract of a project that was approved later, or that went into the library and was approved never."""
    for deal in book.deals:
        approved = book.facts("approval", deal.project)
        if not approved and not book.facts("library", deal.project):
            continue
        first = approved[0].on if approved else "—"
        facts = {"contract": deal.code, "date": deal.made.date, "approved": first}
        early = not approved or deal.made.date < first
        yield _made(book, deal, deal.first, **facts) if early else None


def personal_payee(book: Reading, with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """A contract of works with a person, or money for its works paid to one."""
    for deal in book.deals:
        paid = [
            each
            for each in book.standing("disbursement", "advance", contract=deal.code)
            if "payee-commitment" in each.facts or _person(book, each)
        ]
        private = deal.private or _person(book, deal.made)
        amount = -sum(each.sum("bank") for each in paid) if paid else deal.price
        facts = {"contract": deal.code, "payee": paid[0].payee if paid else deal.payee, "amount": amount}
        labels = (deal.made.label, *(each.label for each in paid))
        hit = Hit(book.book, deal.code, deal.made.date, amount, labels, deal.project, facts=facts)
        yield hit if deal.kind == "works" and (private or paid) else None


def _person(book: Reading, each: Entry) -> bool:
    payee = book.payees.get(each.facts.get("payee-code", ""))
    return payee is not None and payee.person


def account_changed(book: Reading, with_: Parameters) -> Looked:
    """A payment into an account that was entered for its payee, in place of another, only so many days before."""
    told: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for fact in book.office:
        if fact.kind == ACCOUNT:
            told[fact.subject].append((fact.label, fact.on))
    for each in book.standing(*PAYING):
        code, named = each.facts.get("payee-code", ""), each.facts.get("account-fact", "")
        if not code or not named:
            continue
        known = told.get(code, [])
        changed = [on for number, (label, on) in enumerate(known) if label == named and number > 0]
        facts = {"voucher": each.label, "payee": each.payee, "changed": changed[0] if changed else "—"}
        amount = -each.sum("bank")
        late = bool(changed) and days(changed[0], each.date) <= with_["days"]
        yield Hit(book.book, each.label, each.date, amount, (each.label,), each.project, facts=facts) if late else None


def duplicate_invoice(books: Sequence[Reading], with_: Parameters) -> Looked:  # noqa: ARG001 - as above
    """One paper that pays twice.

    It is attached to two payments that do not say that they share a registered invoice, or registered as two invoices.
    """
    by_paper: dict[str, list[tuple[Reading, Entry]]] = defaultdict(list)
    for book in books:
        for each in book.standing(*PAYING):
            for paper in each.papers:
                by_paper[paper].append((book, each))
    for paper, uses in sorted(by_paper.items()):
        shared = set.intersection(*(_invoices(each) for _, each in uses))
        book, first = uses[0]
        amount = -sum(each.sum("bank", "cash") for _, each in uses[1:])
        facts = {
            "paper": paper[:12],
            "vouchers": " ".join(f"{each.label}@{of.book}" for of, each in uses),
            "amount": amount,
        }
        labels = tuple(each.label for of, each in uses if of is book)
        hit = Hit(
            book.book, paper[:12], uses[1][1].date if uses[1:] else "", amount, labels, first.project, facts=facts
        )
        yield hit if len(uses) > 1 and not shared else None
    registered: dict[str, list[str]] = defaultdict(list)
    for fact in books[0].office if books else ():
        if fact.kind == "invoice":
            for sha256, _, _ in fact.documents:
                registered[sha256].append(fact.subject)
    for paper, numbers in sorted(registered.items()):
        facts = {"paper": paper[:12], "numbers": " ".join(numbers)}
        hit = Hit("office", paper[:12], books[0].on.isoformat(), 0, about="registered", facts=facts)
        yield hit if len(numbers) > 1 else None


def _invoices(each: Entry) -> set[str]:
    return {part.partition("=")[0] for part in each.facts.get("invoices", "").split()}


def _least(book: Reading, deal: Deal) -> int:
    least: int = getattr(book.policy.procurement, deal.kind).value
    return least


def _procured(book: Reading, deal: Deal, *, by: str) -> bool:
    return any(each.on <= by for each in book.facts("procurement", deal.code))


def _made(book: Reading, deal: Deal, worth: int, /, **facts: object) -> Hit:
    return Hit(book.book, deal.code, deal.made.date, worth, (deal.made.label,), deal.project, facts=facts)


def _several(
    book: Reading, some: Sequence[tuple[Entry, int]], amount: int, about: str, facts: dict[str, object]
) -> Hit:
    first = some[0][0]
    labels = tuple(each.label for each, _ in some)
    return Hit(book.book, first.label, first.date, amount, labels, first.project, about, facts)

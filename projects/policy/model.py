"""Which numbers there are, what kind each is, and which verbs refuse what breaks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from projects.policy.numbers import (
    Date,
    Days,
    Gates,
    Months,
    Number,
    Percent,
    Share,
    Workdays,
    WorkingDays,
    Years,
    Yuan,
)


@dataclass(frozen=True)
class Refuses:
    """The verbs that refuse what breaks a number; a number without it is told, and judged by nobody here."""

    verbs: tuple[str, ...]


def refuses(*verbs: str) -> Refuses:
    """Return the mark of a number that binds verbs."""
    return Refuses(verbs)


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Retention(_Group):
    """质保金: how much of the settlement is held back, and for how long after acceptance."""

    cap: Annotated[Percent, refuses("certify")]
    term: Annotated[Months, refuses("release")]


class Advance(_Group):
    """预付款: its share of the contract. A small one harms nobody, so that only the upper end binds."""

    least: Percent
    most: Annotated[Percent, refuses("advance", "pay-direct")]


class Progress(_Group):
    """进度款: how much of what is certified is paid before acceptance, the offset of advances included."""

    least: Percent
    most: Annotated[Percent, refuses("pay", "pay-direct", "prefinance")]


class Purchase(_Group):
    """零星采购: what may be bought at once without a contract."""

    most: Annotated[Yuan, refuses("purchase", "inkind-buy")]


class Cash(_Group):
    """现金: a single payment, and what may stay in hand over night."""

    payment: Annotated[Yuan, refuses("refund-household")]
    held: Annotated[Yuan, refuses("receive")]


class Tender(_Group):
    """招标: from which amounts on a contract is tendered, where the state pays for the project."""

    works: Annotated[Yuan, refuses("contract")]
    goods: Annotated[Yuan, refuses("contract")]
    services: Annotated[Yuan, refuses("contract")]
    state_money: Annotated[Yuan, refuses("contract")]
    state_share: Annotated[Percent, refuses("contract")]


class Procurement(_Group):
    """采购: from which amounts on a contract needs a record of how it was bought, where that gate binds."""

    works: Annotated[Yuan, refuses("contract")]
    goods: Annotated[Yuan, refuses("contract")]
    services: Annotated[Yuan, refuses("contract")]
    public: Annotated[Yuan, refuses("contract")]


class Fee(_Group):
    """管理费: its share of what a channel was allotted."""

    cap: Annotated[Percent, refuses("spend")]


class Notice(_Group):
    """公示: how long a notice is up, and how soon after an allotment."""

    days: Days
    within: WorkingDays


class Recall(_Group):
    """收回: after how long money that was not spent goes back."""

    term: Months


class Deliberation(_Group):
    """议事: who must be there, and how many in favour; of those there unless the name says of all."""

    committee_quorum: Share
    committee_majority: Share
    party_quorum: Share
    party_majority_of_all: Share
    adults_quorum: Share
    households_quorum: Share
    meeting_majority: Share
    representatives_quorum: Share
    representatives_majority: Share


class Household(_Group):
    """一事一议: what a person pays and a labourer works in a year."""

    money: Annotated[Yuan, refuses("plan")]
    labour: Annotated[Workdays, refuses("labour")]


class Loan(_Group):
    """小额信贷: the most, for how long, to whom; above `most` and up to `top` without a subsidy.

    It is paid out from `first` to `last`. All of it is judged where a loan is registered (`earmark loan add`).
    """

    first: Date
    last: Date
    most: Yuan
    top: Yuan
    term: Months
    youngest: Years
    oldest: Years


class Payee(_Group):
    """收款人: from which amount on a payment goes to a payee of the register; 0 never asks for one."""

    registered: Annotated[
        Yuan,
        refuses(
            *("advance", "pay", "pay-direct", "prefinance", "purchase", "spend", "inkind-buy"),
            *("release", "repair-pay", "deposit-return"),
        ),
    ]


class Invoice(_Group):
    """发票: from which amount on a payment has an invoice; 0 never asks for one."""

    needed: Annotated[Yuan, refuses("advance", "pay", "pay-direct", "prefinance", "purchase", "spend", "inkind-buy")]


class Late(_Group):
    """逾期: after how many days something is told as late; idle money so many days before its term is over.

    They bind no event: what is late is told on the desk and by `earmark late`.
    """

    payment: Days
    month: Days
    draft: Days
    handover: Days
    idle: Days


class Policy(BaseModel):
    """The numbers of one day, each with its source; `gates` names for each event the gates that bind it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    retention: Retention
    advance: Advance
    progress: Progress
    purchase: Purchase
    cash: Cash
    tender: Tender
    procurement: Procurement
    fee: Fee
    notice: Notice
    recall: Recall
    deliberation: Deliberation
    household: Household
    loan: Loan
    payee: Payee
    invoice: Invoice
    late: Late
    gates: Mapping[str, Gates]

    def binding(self, event: str) -> tuple[str, ...]:
        """Return the gates that an event waits for."""
        return self.gates[event].value if event in self.gates else ()

    def numbers(self) -> Iterator[tuple[str, Number]]:
        """Yield every number with its key, such as ``retention.cap``, in the order of the file."""
        for group in type(self).model_fields:
            inside: Any = getattr(self, group)
            names = inside if isinstance(inside, Mapping) else type(inside).model_fields
            for name in names:
                yield f"{group}.{name}", inside[name] if isinstance(inside, Mapping) else getattr(inside, name)


def kinds() -> dict[str, type[Number]]:
    """Return what kind of number stands under each key that has a name of its own; gates are named by their event."""
    return {key: kind for key, (kind, _) in _fields().items()}


def binding_verbs() -> dict[str, tuple[str, ...]]:
    """Return the verbs that refuse what breaks a number, for each number that binds any."""
    return {key: verbs for key, (_, verbs) in _fields().items() if verbs}


def _fields() -> dict[str, tuple[type[Number], tuple[str, ...]]]:
    found: dict[str, tuple[type[Number], tuple[str, ...]]] = {}
    for group, field in Policy.model_fields.items():
        inside: Any = field.annotation
        if isinstance(inside, type) and issubclass(inside, _Group):
            for name, each in inside.model_fields.items():
                marks = [mark.verbs for mark in each.metadata if isinstance(mark, Refuses)]
                kind: Any = each.annotation
                found[f"{group}.{name}"] = kind, marks[0] if marks else ()
    return found

"""What a channel brought: the acceptances of its projects beside what it paid of them, and payments by month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ledger import chart
from ledger.plugin.reading import Voucher
from projects.fava.auditor.view import View
from projects.figures import PAID

ACCEPTANCE = "acceptance"


@dataclass(frozen=True)
class Result:
    """An acceptance, and what this channel and all channels paid of its project until now, in fen."""

    project: str
    voucher: Voucher
    paid: int
    whole: int


def results(view: View, channel: str) -> list[Result]:
    """Return the acceptances that stand of the projects in which a channel has paid."""
    found: list[Result] = []
    for pair in view.pairs(channel=channel):
        paid = view.figures([pair])["paid"]
        whole = view.figures(view.pairs(project=pair[0]))["paid"]
        found += [
            Result(pair[0], voucher, paid, whole)
            for voucher in view.of_project[pair[0]]
            if paid and voucher.said("event") == ACCEPTANCE and voucher.number not in view.reversed_by
        ]
    return found


def paid_by_month(view: View, project: str) -> list[tuple[str, dict[str, float]]]:
    """Return the months of a project in which something was paid, with the amounts in yuan that a chart draws."""
    months: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for voucher in view.of_project[project]:
        for posting in voucher.entry.postings:
            role, _, _ = view.text.account(posting.account)
            channel = chart.channel_of(posting.units.currency)
            if role and role.name in PAID and channel in view.text.channels:
                fen = PAID[role.name] * role.normal * int(posting.units.number * 100)
                months[f"{voucher.entry.date:%Y-%m}"][channel] += fen
    return [
        # A chart's coordinates, of which nothing is computed.
        (month, {channel: fen / 100 for channel, fen in sums.items() if fen})
        for month, sums in sorted(months.items())
        if any(sums.values())
    ]

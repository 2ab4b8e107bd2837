"""The sheet of a village as a proof has it: figures from the leaves, names as the office states them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import accumulate

from ledger.register import Book
from projects.disclosure.layout import Layout
from projects.disclosure.proved.opened import Opened
from projects.disclosure.shown import PageSheet
from projects.figures import FIGURES, made_of, weigh
from projects.sheets.movements import Voucher, Vouchers
from projects.sheets.village import Contract, ProjectSheet, Result, contract_of
from projects.status import Figures

SHOWN = ("allotted", "received", "certified", "paid", "retention", "left")
"""The figures of pages that vouchers make."""
UNPROVED = ("type", "place", "quantity", "unit", "responsible", "benefit", "planned_start", "planned_finish")
"""What a page says of a project besides; the proof has none of it."""


def sheet_of(opened: Opened) -> PageSheet:
    """Return the sheet from which the proved parts of the pages come.

    Raises:
        ValueError, KeyError, TypeError: what is stated is not whole.
    """
    stated = opened.stated
    vouchers = opened.read()
    roles: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for moved in opened.moved.values():
        for project, channel, role, amount in moved:
            roles[project, channel][role] += amount
    sources = {str(code): str(source) for code, source, _ in stated["channels"]}
    return PageSheet(
        village={name: str(stated["village"][name]) for name in ("code", "name", "township")},
        book=Book(opened.book, stated["village"]["code"], str(stated["book"]["name"]), stated["book"]["chart"], ""),
        projects=tuple(
            _project(opened, vouchers, roles, sources, (str(code), str(title), str(name)))
            for code, title, name in stated["projects"]
        ),
        channels={str(code): str(name) for code, _, name in stated["channels"]},
        vouchers=len(vouchers.all),
        last=vouchers.last,
        note=opened.note,
    )


def layout_of(opened: Opened, sheet: PageSheet) -> Layout:
    """Return how the projects lie on the village's pages, as the office states it.

    Raises:
        ValueError, TypeError: not every project has its place.
    """
    counts, numbered, reached = opened.stated["layout"]
    if sum(counts) != len(sheet.projects) or min(counts, default=0) < 0:
        raise ValueError(counts)
    ends = list(accumulate(counts))
    parts = tuple(sheet.projects[end - count : end] for count, end in zip(counts, ends, strict=True))
    return Layout(parts, numbered=bool(numbered), reached=reached)


def _project(
    opened: Opened,
    vouchers: Vouchers,
    roles: dict[tuple[str, str], dict[str, int]],
    sources: dict[str, str],
    called: tuple[str, str, str],
) -> ProjectSheet:
    code, title, name = called
    lines = {}
    for channel, planned in opened.lines.get(code, {}).items():
        has = roles[code, channel]
        made = {figure: weigh(made_of(figure, sources[channel]), has.__getitem__) for figure in FIGURES}
        lines[channel] = Figures(planned=planned, **made)
    return ProjectSheet(
        project={"code": code, "title": title, "name": name} | dict.fromkeys(UNPROVED, ""),
        lines=lines,
        contracts=tuple(_contracts(opened, vouchers, code)),
        results=tuple(Result(each, "", ()) for each in vouchers.standing("acceptance", code)),
        receipts=tuple(vouchers.receipts(code)),
        payments=tuple(vouchers.payments(code)),
    )


def _contracts(opened: Opened, vouchers: Vouchers, project: str) -> list[Contract]:
    signed = [each for each in vouchers.all if _signs(each, project)]
    return [
        contract_of(vouchers, each, name=opened.named[each.seq], payee=each.payee)
        for each in sorted(signed, key=lambda each: (each.contract, each.seq))
    ]


def parts_of(opened: Opened, vouchers: Collection[int], projects: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return by figure of a page how many of some vouchers moved it for these projects, and what in all, in fen."""
    sources = {str(code): str(source) for code, source, _ in opened.stated["channels"]}
    found: dict[str, tuple[int, int]] = {}
    for figure in SHOWN:
        for seq in sorted(vouchers):
            moved = [
                made_of(figure, sources[channel]).get(role, 0) * amount
                for project, channel, role, amount in opened.moved[seq]
                if project in projects
            ]
            if any(moved):
                count, so_far = found.get(figure, (0, 0))
                found[figure] = count + 1, so_far + sum(moved)
    return found


def unsigned_parts(opened: Opened, projects: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return by figure what of it is under no checkpoint yet: lines of the plan, and vouchers."""
    lines = [planned for project, planned in opened.later_lines if project in projects]
    planned = {"planned": (len(lines), sum(lines))} if lines else {}
    return planned | parts_of(opened, opened.later, projects)


def _signs(voucher: Voucher, project: str) -> bool:
    return voucher.event == "contract" and not voucher.reverses and voucher.project == project

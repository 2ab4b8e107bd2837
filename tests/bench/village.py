"""A village to measure: a road whose life goes round and round, receipts, measured work, payments, labour.

A round is five vouchers with 22 postings; the worked example of one road's whole life has 4.7 postings a voucher.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from ledger import channels, people, register, vouchers
from ledger.books.write import settle
from ledger.proposals import Draft, Proposal
from ledger.seal import Sealer
from ledger.store.postgresql import Database
from ledger.store.workspace import Unit, Workspace, create, open_workspace
from projects import procurement, registry
from projects.desk import Desk
from projects.events.verbs import EFFECTS

BOOK = "SF"
START = date(1920, 1, 1)
LAST = date(2025, 12, 31)
"""Later than any voucher of a run: the proposals of a round are asked for on this day."""
A_YEAR = 1000
"""So many vouchers a village has in a year."""
BATCH = 1000
"""So many vouchers are one unit of work."""
PLENTY = "10000000000"
SOURCES = {"JT2024": "department", "JZ2024": "donation_tied", "TG2024": "labour"}

SETTING = [
    ("allot", {"project": "P001", "channel": "JT2024", "amount": PLENTY}),
    ("allot", {"project": "P001", "channel": "JZ2024", "amount": PLENTY}),
    ("allot", {"project": "P001", "channel": "TG2024", "amount": PLENTY}),
    (
        "contract",
        {
            "contract": "P001C01",
            "parts": [f"JT2024={PLENTY[:-1]}", f"JZ2024={PLENTY[:-1]}"],
            "party": "示范路桥工程公司",
        },
    ),
]
ROUND = [
    ("receive", {"project": "P001", "channel": "JT2024", "amount": "5000", "note": "县交通局 拨付 通村公路补助"}),
    ("receive", {"project": "P001", "channel": "JZ2024", "amount": "5000"}),
    ("certify", {"contract": "P001C01", "amount": "10000", "retention": "3%"}),
    ("pay", {"contract": "P001C01", "amount": "9000"}),
    ("labour", {"project": "P001", "channel": "TG2024", "days": "12", "rate": "100"}),
]


def make(path: Path) -> tuple[Workspace, list[Proposal]]:
    """Make a workspace with a road under contract, and return it with the proposals of one round."""
    workspace = create(path)
    with workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        registry.add_village(unit, "V13", name="示范村")
        for code, source in SOURCES.items():
            channels.add_channel(unit, code, name=f"{code} 专项补助", source=source)
        _make_book(unit, BOOK, "V13")
        unit.commit()
    maker, approver = Desk(workspace, "zhang", BOOK), Desk(workspace, "li", BOOK)
    made = []
    for verb, typed in SETTING + ROUND:
        label = maker.record(verb, typed | {"date": START.isoformat()})["draft"]
        with workspace.read() as connection:
            made.append(vouchers.need_draft(connection, BOOK, label).proposal)
        approver.seal(label)
    workspace.close()
    return open_workspace(path), made[len(SETTING) :]


def _make_book(unit: Unit, code: str, of: str) -> None:
    register.add_book(unit, code, village=of, name="示范村专账", started_on=START)
    register.add_bank(unit, code, "B01", name="农商行专户", kind="dedicated", channels=["JT2024", "JZ2024"])
    detail = {"unit": "km", "quantity": "3.5"}
    budget = dict.fromkeys(SOURCES, 10**12)
    registry.add_project(unit, code, "P001", title="通村公路", name="通村公路", budget=budget, detail=detail)
    won = {"method": "open-tender", "winner": "示范路桥工程公司", "price": PLENTY, "number": "示范招〔1920〕1号"}
    procurement.record(unit, code, "P001C01", **won, on=START, by="zhang")


def proposals(cycle: list[Proposal], first: int, count: int) -> Iterator[Proposal]:
    """Return `count` proposals from the one numbered `first` on, a thousand a year."""
    for number in range(first, first + count):
        yield replace(cycle[number % len(cycle)], date=date.fromisoformat(day_of(number)))


def day_of(number: int) -> str:
    """Return the day of a voucher."""
    return (START + timedelta(days=number * 365 // A_YEAR)).isoformat()


def seal_some(workspace: Workspace, found: list[Proposal], code: str = BOOK) -> None:
    """Seal proposals, each fully checked, in one unit of work."""
    with workspace.write(book=code) as unit:
        at = unit.now.isoformat(timespec="seconds")
        sealer = Sealer(unit, code, approver="li", effects=EFFECTS)
        for proposal in found:
            sealer.seal(Draft(code, 0, "", {}, proposal, "zhang", at))
        unit.commit()


def fill(workspace: Workspace, cycle: list[Proposal], count: int) -> None:
    """Seal `count` vouchers in batches and write the books."""
    for first in range(0, count, BATCH):
        seal_some(workspace, list(proposals(cycle, first, min(BATCH, count - first))))
    settle(workspace)


def book(number: int) -> str:
    """Return the code of one of several books."""
    return f"V{number}"


def make_many(path: Path, books: int, size: int, database: Database) -> None:
    """Make a workspace with several villages in a database, each with the same road and `size` vouchers."""
    workspace = create(path, database=database)
    with workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        for code, source in SOURCES.items():
            channels.add_channel(unit, code, name=f"{code} 专项补助", source=source)
        for code in map(book, range(books)):
            registry.add_village(unit, code, name="示范村")
            _make_book(unit, code, code)
        unit.commit()
    for code in map(book, range(books)):
        for verb, typed in SETTING:
            label = Desk(workspace, "zhang", code).record(verb, typed | {"date": START.isoformat()})["draft"]
            Desk(workspace, "li", code).seal(label)
        cycle = cycle_of(workspace, code)
        for first in range(0, size, BATCH):
            seal_some(workspace, list(proposals(cycle, first, min(BATCH, size - first))), code)
    workspace.close()


def cycle_of(workspace: Workspace, code: str) -> list[Proposal]:
    """Return the proposals of one round in a book; the drafts that they were are dropped."""
    maker, made = Desk(workspace, "zhang", code), []
    for verb, typed in ROUND:
        label = maker.record(verb, typed | {"date": LAST.isoformat()})["draft"]
        with workspace.read() as connection:
            made.append(vouchers.need_draft(connection, code, label).proposal)
    with workspace.read() as connection:
        labels = [each.label for each in vouchers.drafts(connection, code)]
    for label in labels:
        maker.drop(label)
    return made

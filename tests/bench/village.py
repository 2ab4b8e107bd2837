"""A village to measure: one project that receives money without end."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from ledger import channels, people, register, vouchers
from ledger.balances import State
from ledger.books.write import settle
from ledger.seal import seal
from ledger.store.workspace import Workspace, create
from projects import receipts, registry
from projects.desk import EFFECTS, Desk
from projects.requests import Receive

BOOK = "SF"
START = date(2004, 1, 1)


def make(path: Path) -> Workspace:
    """Make a workspace whose road was allotted more than any run will receive."""
    workspace = create(path)
    with workspace.write() as unit:
        people.add_user(unit, "zhang", roles=["maker"])
        people.add_user(unit, "li", roles=["approver"])
        registry.add_village(unit, "V13", name="示范村")
        register.add_book(unit, BOOK, village="V13", name="示范村专账", started_on=START)
        channels.add_channel(unit, "JT2024", name="交通部门专项补助", source="department")
        register.add_bank(unit, BOOK, "B01", name="专户", kind="dedicated", channels=["JT2024"])
        budget = {"JT2024": 10**12}
        registry.add_project(
            unit, BOOK, "P001", title="通村公路", name="通村公路", budget=budget, detail={"unit": "km"}
        )
        unit.commit()
    desk = Desk(workspace, "zhang", BOOK)
    typed = {"project": "P001", "channel": "JT2024", "amount": "10000000000", "date": START.isoformat()}
    made = desk.record("allot", typed)
    Desk(workspace, "li", BOOK).seal(made["draft"])
    return workspace


def _say(key: str, /, **_facts: object) -> str:
    return key


def fill(workspace: Workspace, count: int) -> None:
    """Seal `count` receipts, each fully checked, about 1,000 a year, in one unit of work, and write the books."""
    with workspace.write() as unit:
        for number in range(count):
            day = START + timedelta(days=number * 365 // 1000)
            ask = Receive.read({"project": "P001", "channel": "JT2024", "amount": "1.23", "date": day.isoformat()})
            state = State(unit.connection, BOOK)
            proposal = receipts.receive(state, ask, _say)
            draft = vouchers.draft(unit, state, proposal, maker="zhang", verb="receive", request={})
            seal(unit, draft, approver="li", effects=EFFECTS)
        unit.commit()
    settle(workspace)

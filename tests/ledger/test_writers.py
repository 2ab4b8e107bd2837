"""Many writers at once: every channel sums to zero, there is no gap, no floor is broken, and a key is posted once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from crowding import WRITERS

from ledger import channels, people, register
from ledger.books.write import settle
from ledger.store.workspace import open_workspace
from ledger.verify import verify
from projects import registry

pytestmark = pytest.mark.slow

BOOKS = [f"B{number}" for number in range(8)]
VOUCHERS = int(os.environ.get("EARMARK_VOUCHERS", "5000"))
KEYS = 50
ALLOTTED = str(VOUCHERS * 80 // 5000)
"""Yuan for the road of each book, 80 for 5,000 vouchers; about 240 are asked for by receipts then, 80 by contracts."""


@pytest.fixture
def crowded(blank_clerk) -> Path:
    """Eight villages, each with a road that was allotted less than will be asked for."""
    with blank_clerk() as clerk:
        with clerk.workspace.write() as unit:
            people.add_user(unit, "zhang", roles=["maker"])
            people.add_user(unit, "li", roles=["approver"])
            channels.add_channel(unit, "JT2024", name="交通部门专项补助", source="department")
            for book in BOOKS:
                registry.add_village(unit, f"V{book}", name="示范村")
                register.add_book(unit, book, village=f"V{book}", name="专账", started_on=date(2024, 1, 1))
                register.add_bank(unit, book, "B01", name="专户", kind="dedicated", channels=["JT2024"])
                detail = {"type": "road", "quantity": "3.5", "unit": "km"}
                registry.add_project(unit, book, "P001", title="路", name="路", budget={"JT2024": 10**9}, detail=detail)
            unit.commit()
        from projects.desk import Desk

        for book in BOOKS:
            typed = {"project": "P001", "channel": "JT2024", "amount": ALLOTTED, "date": "2024-03-01"}
            made = Desk(clerk.workspace, "zhang", book).record("allot", typed)
            Desk(clerk.workspace, "li", book).seal(made["draft"])
        clerk.workspace.close()
        yield clerk.workspace.path


def crowd(how: str, path: Path, count: int) -> list[list[str]]:
    command = [sys.executable, str(Path(__file__).with_name("crowding.py")), how, str(path), str(count), "20261123"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    print(how, len(said["answers"]), "answers in", said["seconds"], "s")
    return said["answers"]


def test_sixteen_writers_against_tight_floors_break_nothing(crowded):
    answers = crowd("tight", crowded, VOUCHERS)
    assert len(answers) == VOUCHERS
    sealed = [(book, *facts) for book, what, *facts in answers if what == "sealed"]
    refused = Counter((code, verb) for _, what, code, verb in answers if what == "refused")
    print(len(sealed), "sealed", dict(refused))
    assert len(sealed) + sum(refused.values()) == VOUCHERS
    assert {code for code, _ in refused} <= {"below-floor", "held-by-drafts", "receipt-over-allotted"}
    assert (
        min(sum(count for (_, verb), count in refused.items() if verb == each) for each in ("receive", "contract"))
        > VOUCHERS // 500
    )

    workspace = open_workspace(crowded)
    with workspace.read() as connection:
        vouchers = connection.exec_driver_sql(
            "SELECT book, number, leaf_hash, seq FROM voucher ORDER BY book, seq"
        ).all()
        lines = connection.exec_driver_sql(
            "SELECT p.book, p.seq, p.account, p.commodity, p.amount, a.floored * a.normal FROM posting p "
            "JOIN account a ON a.book = p.book AND a.name = p.account ORDER BY p.book, p.seq, p.line"
        ).all()
        stored = connection.exec_driver_sql("SELECT book, account, commodity, amount FROM balance").all()
        positions = connection.exec_driver_sql("SELECT log, position FROM log_leaf ORDER BY log, position").all()
        drafts = connection.exec_driver_sql("SELECT count(*) FROM work_draft").scalar()
    # What was acknowledged is there, and nothing else but the allotments; no number and no place is left out.
    assert {(book, number, leaf) for book, number, leaf, seq in vouchers if seq > 0} == set(sealed)
    assert len(set(sealed)) == len(sealed) == len(vouchers) - len(BOOKS)
    for book in BOOKS:
        mine = [(number, seq) for name, number, _, seq in vouchers if name == book]
        assert mine == [(f"2024-03-{seq + 1:04}", seq) for seq in range(len(mine))]
        places = [position for log, position in positions if log == book]
        assert places == list(range(len(places)))
    # Each voucher sums to zero in each channel; played in order no floor is passed, and the same balances come out.
    now: dict[tuple[str, str, str], int] = defaultdict(int)
    sums: dict[tuple[str, int, str], int] = defaultdict(int)
    floors: dict[tuple[str, str, str], int] = {}
    last = None
    for book, seq, account, commodity, amount, side in [*lines, (None,) * 6]:
        if (book, seq) != last:
            broken = [key for key, floor in floors.items() if floor * now[key] < 0]
            assert not broken, f"{last}: {broken}"
            last, floors = (book, seq), {}
        if book is not None:
            now[book, account, commodity] += amount
            sums[book, seq, commodity] += amount
            floors[book, account, commodity] = side
    assert not any(sums.values())
    assert {(book, account, commodity): amount for book, account, commodity, amount in stored} == dict(now)
    assert drafts == 0
    settle(workspace)
    assert [finding for check in verify(workspace) for finding in check.findings] == []
    workspace.close()


def test_fifty_keys_that_are_sent_sixteen_times_at_once_are_posted_once(crowded):
    answers = crowd("keyed", crowded, KEYS)
    assert len(answers) == KEYS * WRITERS
    assert len({tuple(answer) for answer in answers}) == KEYS
    workspace = open_workspace(crowded)
    with workspace.read() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM voucher WHERE book = 'B0' AND seq > 0 ORDER BY seq")
        assert sorted({answer[2] for answer in answers}) == list(numbers.scalars())
    settle(workspace)
    assert [finding for check in verify(workspace) for finding in check.findings] == []
    workspace.close()

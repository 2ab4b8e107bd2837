"""Clerks at the desk at once: does every voucher arrive once, and how long do a page and a seal take?

    python tests/bench/desk.py sqlite 8 [SECONDS [PAUSE]]
    python tests/bench/desk.py postgresql 30 [SECONDS [PAUSE]]

Each clerk reads pages, fills in a form that asks at each field what is left, previews and keeps a receipt, and seals one
that somebody else kept. Between two clicks a clerk
pauses PAUSE seconds on average (0 means that nobody ever thinks: the server is saturated). The desk is the real command
in a process of its own; the clerks share one other process on the same machine.
"""

from __future__ import annotations

import os
import queue
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import cluster
import village
from served import Answer, Person, Served, let_in

from ledger import people
from ledger.store.workspace import open_workspace
from ledger.verify import verify

RECEIPT = {"project": "P001", "channel": "JT2024", "amount": "12.34", "note": "县交通局 拨付"}
PAGE, SEAL, KEEP, BESIDE = "page", "seal", "keep a draft", "beside a form"


class Office:
    """The clerks, what they were told, and how long each click took."""

    def __init__(self, port: int, book: str, clerks: int, pause: float) -> None:
        self._today = f"/desk/{book}/"
        self._form = f"{self._today}record/receive"
        self.spans: dict[str, list[float]] = defaultdict(list)
        self.kept: list[str] = []
        self.sealed: list[str] = []
        self.over = threading.Event()
        self._pause = pause
        self._trays: list[queue.Queue[str]] = [queue.Queue() for _ in range(clerks)]
        self._people = [Person(port, f"clerk{number}") for number in range(clerks)]
        self._wrong: list[str] = []

    def work(self, seconds: float) -> None:
        """Log all clerks in, then let them work at once."""
        for each in self._people:
            each.log_in()
        threads = [threading.Thread(target=self._guarded, args=(number,)) for number in range(len(self._people))]
        for each in threads:
            each.start()
        time.sleep(seconds)
        self.over.set()
        for each in threads:
            each.join()
        for each in self._people:
            each.hang_up()
        if self._wrong:
            raise AssertionError(self._wrong[0])

    def _guarded(self, number: int) -> None:
        try:
            self._clerk(number)
        except Exception as error:
            self._wrong.append(f"clerk {number}: {error!r}")
            self.over.set()

    def _clerk(self, number: int) -> None:
        person, chance = self._people[number], random.Random(number)

        def click(kind: str, act: Callable[[], Answer], *, leads: bool = False) -> Answer:
            begun = time.perf_counter()
            answer = act()
            self.spans[kind].append(time.perf_counter() - begun)
            assert answer.status == (303 if leads else 200), (answer.status, answer.page)
            time.sleep(chance.expovariate(1 / self._pause) if self._pause else 0)
            return answer

        time.sleep(chance.uniform(0, self._pause))
        while not self.over.is_set():
            click(PAGE, lambda: person.get(self._today))
            form = click(PAGE, lambda: person.get(self._form))
            typed = {"csrf_token": form.hidden("csrf_token"), "key": form.hidden("key"), **RECEIPT}
            typed["date"] = form.page.split('type="date" value="', 1)[1][:10]
            for filled in range(1, len(RECEIPT)):
                told = {name: typed[name] for name in ("csrf_token", "key", "date", *[*RECEIPT][:filled])}
                click(BESIDE, lambda told=told: person.post(f"{self._form}/beside", told))
            click(PAGE, lambda typed=typed: person.post(self._form, typed | {"step": "look"}))
            kept = click(KEEP, lambda typed=typed: person.post(self._form, typed | {"step": "keep"}), leads=True)
            self.kept.append(kept.location.rsplit("/", 1)[1])
            self._trays[(number + 1) % len(self._trays)].put(self.kept[-1])
            while not self._trays[number].empty():
                at = f"{self._today}drafts/{self._trays[number].get()}"
                draft = click(PAGE, lambda at=at: person.get(at))
                sent = {"csrf_token": draft.hidden("csrf_token"), "key": draft.hidden("key")}
                done = click(SEAL, lambda at=at, sent=sent: person.post(f"{at}/seal", sent), leads=True)
                self.sealed.append(done.location.rsplit("/", 1)[1])


def main(engine: str, clerks: int, seconds: float, pause: float) -> None:
    """Print what the clerks saw and what the record has."""
    server = cluster.Cluster(durable=True) if engine == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ws"
            book = prepare(path, clerks, server)
            with Served(path) as desk:
                office = Office(desk.port, book, clerks, pause)
                office.work(seconds)
            told(engine, clerks, pause, office)
            check(path, office)
    finally:
        if server:
            server.stop()


def prepare(path: Path, clerks: int, server: cluster.Cluster | None) -> str:
    """Make a village of a thousand vouchers and people who may make and seal; return its book."""
    if server:
        database = server.named(server.make())
        os.environ["EARMARK_DATABASE"] = database.daily.render_as_string(hide_password=False)
        book = village.book(0)
        village.make_many(path, 1, 1000, database)
    else:
        book = village.BOOK
        workspace, cycle = village.make(path)
        village.fill(workspace, cycle, 1000)
        workspace.close()
    workspace = open_workspace(path)
    with workspace.write() as unit:
        for number in range(clerks):
            people.add_user(unit, f"clerk{number}", roles=["maker", "approver"])
        unit.commit()
    workspace.close()
    let_in(path, *(f"clerk{number}" for number in range(clerks)))
    return book


def told(engine: str, clerks: int, pause: float, office: Office) -> None:
    """Print how long the clicks took."""
    print(f"{clerks} clerks at once on {engine}, each pausing {pause:g} s on average between two clicks")
    for kind in (PAGE, BESIDE, KEEP, SEAL):
        spans = [span * 1000 for span in office.spans[kind]]
        cuts = statistics.quantiles(spans, n=100)
        print(
            f"  {kind:13} {len(spans):5} times: p50 {cuts[49]:6.0f} ms, p95 {cuts[94]:6.0f} ms, p99 {cuts[98]:6.0f} ms"
        )


def check(path: Path, office: Office) -> None:
    """Compare what the clerks were told with the record, and verify it."""
    workspace = open_workspace(path)
    with workspace.read() as connection:
        numbers = connection.exec_driver_sql("SELECT number FROM voucher WHERE approver LIKE 'clerk%%'").scalars().all()
        left = connection.exec_driver_sql("SELECT count(*) FROM work_draft").scalar_one()
    findings = [finding for each in verify(workspace) for finding in each.findings]
    workspace.close()
    doubled, lost = len(numbers) - len(set(office.sealed)), set(office.sealed) - set(numbers)
    waiting = len(office.kept) - len(office.sealed)
    print(
        f"  {len(numbers)} vouchers, {left} drafts; doubled {doubled}, lost {len(lost)}, drafts amiss {left - waiting}"
    )
    print(f"  verify: {len(findings)} findings")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(given[0], int(given[1]), *(float(each) for each in [*given[2:4], *["30", "2"][len(given[2:4]) :]]))

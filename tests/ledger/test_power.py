"""The power fails while the product writes: no acknowledged voucher is lost, none is half there."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import apsw
import pytest
from conftest import rows_of
from power import Player, PowerDisk, Script, record

from ledger.errors import Refusal
from ledger.store.workspace import Workspace, open_workspace
from ledger.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]

CUTS = 600
LONG = 90
"""Vouchers of the longest session: so many that the log is full, is written back, and begins anew."""
RECORD_CHECKS = {"storage", "schema", "numbers", "postings", "balances", "log"}


@pytest.fixture(scope="module")
def story(new_clerk, tmp_path_factory) -> tuple[Path, Script]:
    """A workspace as it was before the story, and all that the product said to its driver in it.

    Commands of one voucher each, as from the shell, and one long session, in which the log grows until it is written back.
    """
    base = tmp_path_factory.mktemp("power") / "ws"
    script = Script()
    with new_clerk() as clerk:
        clerk.play("allot project=P001 channel=JT2024 amount=100000 date=2024-03-01")
        clerk.workspace.close()
        shutil.copytree(clerk.workspace.path, base)
        paper = base.parent / "slip.txt"
        for session in (1, 2, 1, LONG, 2):
            clerk.workspace = open_workspace(clerk.workspace.path, clock=clerk.clock, salts=clerk.workspace.salts)
            with record(clerk.workspace, script):
                for number in range(session):
                    paper.write_text(f"{session} {number}")
                    made = clerk.draft("receive", project="P001", channel="JT2024", amount="1.23", papers=[paper])
                    script.acknowledge("draft", made["draft"])
                    sealed = clerk.at("li").seal(made["draft"])
                    script.acknowledge("seal", made["draft"], sealed["number"], sealed["leaf"])
        clerk.workspace = open_workspace(clerk.workspace.path)
        script.rows = clerk.dump()
    return base, script


def test_what_is_played_again_makes_the_same_record(story, tmp_path):
    """Or the power would be cut from something else than the product."""
    base, script = story
    live = tmp_path / "live"
    shutil.copytree(base, live)
    disk = PowerDisk("same", live)
    player = Player(disk, live / "record.db", script.settings)
    for said in script.said:
        player.play(said)
    player.close()
    disk.unregister()
    workspace = open_workspace(live)
    with workspace.read() as connection:
        assert rows_of(connection) == script.rows
    workspace.close()


def test_the_settings_are_those_of_the_product(story):
    _, script = story
    assert script.settings["journal_mode"] == "wal"
    assert script.settings["synchronous"] == 2
    assert script.settings["foreign_keys"] == 1


def test_a_power_cut_loses_nothing_that_was_acknowledged(story, tmp_path):
    seen = cut(story, tmp_path, CUTS)
    print(dict(seen))
    assert seen["cuts"] == CUTS
    assert seen["acknowledged"] > 10 * CUTS, "the power failed before anything was written"
    assert {kind: count for kind, count in seen.items() if kind.startswith("!") and count} == {}
    assert seen["there though nobody was told"] > 0, "no cut came between a commit and its acknowledgement"
    assert seen["log written back under way"] > 0, "the log never began anew"
    assert seen["went on"] == CUTS // 10


@pytest.mark.parametrize("synchronous", [1, 0], ids=["NORMAL", "OFF"])
def test_without_full_durability_the_same_cuts_lose_acknowledged_vouchers(story, tmp_path, synchronous):
    """The control: a test that cannot lose anything proves nothing."""
    base, script = story
    careless = Script(script.said, script.settings | {"synchronous": synchronous})
    seen = cut((base, careless), tmp_path, CUTS // 4)
    print(synchronous, dict(seen))
    assert seen["! lost"] > CUTS // 20
    if synchronous:
        assert seen["! damaged"] == 0, "NORMAL loses what is new; it damages nothing"


FAILURES = {
    "one write fails": ("write", apsw.IOError, False),
    "no room from a write on": ("write", apsw.FullError, True),
    "no more writing at all": ("", apsw.IOError, True),
    "one sync fails": ("sync", apsw.IOError, False),
    "one change of a size or name fails": ("truncate delete", apsw.IOError, False),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_at_every_write_of_the_record_costs_nothing(story, tmp_path, failure):
    """A draft, a seal and the clearing of its marks, and the closing of the record, with each call failing in its turn."""
    base, script = story
    closed = next(place for place, said in enumerate(script.said) if said.what == "close")
    seen: Counter[str] = Counter()
    kinds, error, sticky = FAILURES[failure]
    at = 0
    while not seen["done"]:
        at += 1
        failed, told = _play_failing(base, script, closed, tmp_path, (kinds.split(), error, sticky, at))
        seen["done" if failed is None else f"failed at {failed}"] += 1
        look(tmp_path / "live", told, seen, go_on=True)
        shutil.rmtree(tmp_path / "live")
    print(failure, dict(seen))
    assert {kind: count for kind, count in seen.items() if kind.startswith("!") and count} == {}
    assert at > 1, "nothing ever failed"


def _play_failing(
    base: Path, script: Script, closed: int, scratch: Path, fault: tuple[list[str], type[apsw.Error], bool, int]
) -> tuple[str | None, list[tuple[Any, ...]]]:
    """Play one command and stop as the product does where it fails; return where that was, and what was told."""
    kinds, error, sticky, at = fault
    live = scratch / "live"
    shutil.copytree(base, live)
    disk = PowerDisk(f"fail-{scratch.name}", live)
    player = Player(disk, live / "record.db", script.settings)
    counted = 0
    failed: str | None = None
    told: list[tuple[Any, ...]] = []

    def fail(what: str) -> type[apsw.Error] | None:
        nonlocal counted, failed
        if kinds and what not in kinds:
            return None
        counted += 1
        if counted == at or (sticky and counted > at):
            failed = failed or what
            return error
        return None

    disk.fail = fail
    for said in script.said[: closed + 1]:
        if said.what == "acknowledged":
            told.append(said.parameters)
            continue
        try:
            player.play(said)
        except apsw.Error:
            for connection in player.open.values():
                if connection.in_transaction:
                    with suppress(apsw.Error):
                        connection.execute("ROLLBACK")
            break
    # SQLite shrugs at a failure to tidy up; apsw reports it all the same.
    with suppress(apsw.Error):
        player.close()
    disk.unregister()
    return failed, told


def cut(story: tuple[Path, Script], scratch: Path, count: int) -> Counter[str]:
    """Play the story, and at `count` moments look at what a power cut would have left."""
    base, script = story
    chance = random.Random(20261123)
    total = _calls(story, scratch)
    moments = Counter(chance.randint(1, total) for _ in range(count))
    seen: Counter[str] = Counter()
    live = scratch / "live"
    shutil.copytree(base, live)
    disk = PowerDisk(f"power-{scratch.name}", live)
    player = Player(disk, live / "record.db", script.settings)
    told: list[tuple[Any, ...]] = []

    def after() -> None:
        for _ in range(moments[disk.calls]):
            seen["cuts"] += 1
            left = scratch / "left"
            (left / "books").mkdir(parents=True)
            (left / "documents").mkdir()
            shutil.copy(base / "earmark.toml", left)
            disk.cut(left, chance)
            _leave_index(live / "record.db-shm", left / "record.db-shm", chance)
            look(left, told, seen, go_on=seen["cuts"] % 10 == 0)
            shutil.rmtree(left)

    disk.after = after
    for said in script.said:
        if said.what == "acknowledged":
            told.append(said.parameters)
        else:
            player.play(said)
    player.close()
    disk.unregister()
    closes = sum(said.what == "close" for said in script.said)
    seen["log written back under way"] = disk.seen["sync", "record.db"] - closes
    return seen


def _calls(story: tuple[Path, Script], scratch: Path) -> int:
    """Return how often the story changes the disk."""
    base, script = story
    shutil.copytree(base, scratch / "count")
    disk = PowerDisk(f"count-{scratch.name}", scratch / "count")
    player = Player(disk, scratch / "count" / "record.db", script.settings)
    for said in script.said:
        if said.what != "acknowledged":
            player.play(said)
    player.close()
    disk.unregister()
    return disk.calls


def _leave_index(now: Path, left: Path, chance: random.Random) -> None:
    """The index of the log is memory that happens to have a name: after a cut anything may be there."""
    fate = chance.randrange(3)
    if fate and now.exists():
        content = now.read_bytes()
        left.write_bytes(content if fate == 1 else chance.randbytes(len(content)))


def look(left: Path, told: list[tuple[Any, ...]], seen: Counter[str], *, go_on: bool) -> None:
    """Open what is left with the product, as the next command does, and count what is not as it was promised."""
    try:
        workspace = open_workspace(left)
    except Refusal:
        seen["! damaged"] += 1
        return
    try:
        _compare(workspace, told, seen)
        if go_on:
            _go_on(workspace)
            seen["went on"] += 1
    except Refusal:
        seen["! damaged"] += 1
    finally:
        workspace.close()


def _compare(workspace: Workspace, told: list[tuple[Any, ...]], seen: Counter[str]) -> None:
    with workspace.read() as connection:
        rows = connection.exec_driver_sql("SELECT number, leaf_hash FROM voucher WHERE seq > 0 ORDER BY seq").all()
        there = {(number, leaf) for number, leaf in rows}
        drafts = {f"D{row[0]}" for row in connection.exec_driver_sql("SELECT id FROM work_draft")}
    sealed = {facts[1]: facts[2:] for facts in told if facts[0] == "seal"}
    made = {facts[1] for facts in told if facts[0] == "draft"}
    seen["acknowledged"] += len(sealed)
    lost = set(sealed.values()) - there
    seen["! lost"] += len(lost)
    gone = made - drafts - sealed.keys()
    more = len(rows) - len(sealed) + len(lost)
    seen["there though nobody was told"] += more
    # A draft may be gone only because its voucher is there, unacknowledged.
    seen["! drafts lost"] += max(0, len(gone) - more)
    seen["! more than was under way"] += int(more > 1)
    for check in verify(workspace):
        if check.name in RECORD_CHECKS:
            seen["! damaged"] += len(check.findings)


def _go_on(workspace: Workspace) -> None:
    from projects.desk import Desk

    typed = {"project": "P001", "channel": "JT2024", "amount": "1", "date": "2024-03-01"}
    made = Desk(workspace, "zhang", "SF").record("receive", typed)
    assert Desk(workspace, "li", "SF").seal(made["draft"])["number"]

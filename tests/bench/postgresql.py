"""Eight writers over eight books in PostgreSQL: seals a second through the product's own seal, as books grow.

Each seal is a unit of work of its own, fully checked, kept on the server's disk before the next. The text of the books
is not written here. The server is one of its own with its data under the system's temporary folder.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import cluster
import village

from ledger.proposals import Draft
from ledger.seal import Sealer
from ledger.store.workspace import Workspace, open_workspace
from projects.events.verbs import EFFECTS

WRITERS = 8
SECONDS = 10.0


def seal_one(workspace: Workspace, book: str, draft: Draft) -> None:
    """Seal a voucher in a unit of work of its own."""
    with workspace.write(book=book) as unit:
        Sealer(unit, book, approver="li", effects=EFFECTS).seal(draft)
        unit.commit()


def write(path: Path, book: str, first: int) -> None:
    """Seal as much as one process can until the time is over; wait for the word to begin."""
    workspace = open_workspace(path)
    cycle = village.cycle_of(workspace, book)
    drafts = (Draft(book, 0, "", {}, each, "zhang", "x") for each in village.proposals(cycle, first, 10**9))
    for draft in itertools.islice(drafts, len(cycle)):
        seal_one(workspace, book, draft)
    print("ready", flush=True)
    sys.stdin.readline()
    sealed, end = 0, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        seal_one(workspace, book, next(drafts))
        sealed += 1
    print(sealed, flush=True)
    workspace.close()


def main(sizes: list[int]) -> None:
    """Print for each size of a book how many seals a second the writers reach together."""
    server = cluster.Cluster(durable=True)
    try:
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "ws"
                database = server.named(server.make())
                village.make_many(path, WRITERS, size, database)
                env = os.environ | {"EARMARK_DATABASE": database.daily.render_as_string(hide_password=False)}
                command = (sys.executable, __file__, "--write", str(path))
                writers = [
                    subprocess.Popen(
                        [*command, village.book(number), str(size)],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        text=True,
                        env=env,
                    )
                    for number in range(WRITERS)
                ]
                for writer in writers:
                    assert writer.stdout is not None
                    assert writer.stdout.readline() == "ready\n"
                sealed = sum(int(writer.communicate("go\n")[0]) for writer in writers)
                print(
                    f"{size:7} vouchers a book: {sealed / SECONDS:6.0f} seals a second by {WRITERS} writers", flush=True
                )
    finally:
        server.stop()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main([int(each) for each in sys.argv[1:]] or [1000, 10_000])

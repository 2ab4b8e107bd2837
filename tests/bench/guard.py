"""What the guard on the connection costs a post by the clerk's path: how often it is asked, and how long it takes."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import village

from ledger.store import guard
from ledger.store.workspace import Workspace
from projects.desk import Desk


class Timed:
    """A guard that counts its calls and its time."""

    def __init__(self, watching: guard.Guard) -> None:
        self._watching = watching
        self.calls = 0
        self.seconds = 0.0

    def __call__(self, *asked: Any) -> int:
        begin = time.perf_counter()
        answer = self._watching(*asked)
        self.seconds += time.perf_counter() - begin
        self.calls += 1
        return answer


def main(rounds: int) -> None:
    """Print the first post of a connection, which prepares the statements, and the median of the later ones."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, _ = village.make(Path(folder) / "ws")
        workspace.close()
        with workspace.read() as connection:
            timed = Timed(connection.info[guard._KEY])
            connection.connection.dbapi_connection.set_authorizer(timed)  # type: ignore[union-attr]
        first, *later = [_post(workspace, timed) for _ in range(rounds)]
        workspace.close()
    print(f"first post of a connection   {first[0]:5.0f} calls {first[1]:7.0f} µs of {first[2]:9.0f} µs")
    calls, spent, whole = (statistics.median(each) for each in zip(*later, strict=True))
    print(f"every later post             {calls:5.0f} calls {spent:7.0f} µs of {whole:9.0f} µs")


def _post(workspace: Workspace, timed: Timed) -> tuple[float, float, float]:
    timed.calls, timed.seconds = 0, 0.0
    typed = {"project": "P001", "channel": "JT2024", "amount": "1.23", "date": village.START.isoformat()}
    begin = time.perf_counter()
    made = Desk(workspace, "zhang", village.BOOK).record("receive", typed)
    Desk(workspace, "li", village.BOOK).seal(made["draft"])
    return timed.calls, timed.seconds * 1e6, (time.perf_counter() - begin) * 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)

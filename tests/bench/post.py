"""A durable post by the clerk's path (draft, seal, books) beside one 4 KiB append with fdatasync, interleaved."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import village

from projects.desk import Desk


def main(rounds: int) -> None:
    """Print the median and the 99th percentile of both, and their ratios."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = village.make(Path(folder) / "ws")
        maker, approver = Desk(workspace, "zhang", village.BOOK), Desk(workspace, "li", village.BOOK)
        appends, drafts, seals = [], [], []
        with (Path(folder) / "append").open("ab", buffering=0) as file:
            for _ in range(rounds):
                begin = time.perf_counter()
                file.write(bytes(4096))
                os.fdatasync(file.fileno())
                appends.append(time.perf_counter() - begin)
                typed = {"project": "P001", "channel": "JT2024", "amount": "1.23", "date": village.START.isoformat()}
                begin = time.perf_counter()
                made = maker.record("receive", typed)
                drafts.append(time.perf_counter() - begin)
                begin = time.perf_counter()
                approver.seal(made["draft"])
                seals.append(time.perf_counter() - begin)
        workspace.close()
    for name, times in (("append 4 KiB", appends), ("draft", drafts), ("seal and books", seals)):
        p50, p99 = (1000 * each for each in (statistics.median(times), statistics.quantiles(times, n=100)[98]))
        base50, base99 = (
            1000 * each for each in (statistics.median(appends), statistics.quantiles(appends, n=100)[98])
        )
        print(f"{name:16} p50 {p50:7.2f} ms ({p50 / base50:5.1f} x)   p99 {p99:7.2f} ms ({p99 / base99:5.1f} x)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)

"""A durable post by the clerk's path (draft, seal, books) beside one 4 KiB append with fdatasync, interleaved.

With sizes as arguments the book has so many vouchers before it is measured.
"""

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

ROUNDS = 300


def main(sizes: list[int]) -> None:
    """Print the median and the 99th percentile of each, and their ratios."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            workspace, cycle = village.make(Path(folder) / "ws")
            village.fill(workspace, cycle, size)
            times = measured(workspace, village.day_of(size), Path(folder) / "append")
            workspace.close()
        base = [1000 * each for each in marks(times["append 4 KiB"])]
        print(f"a book of {size:,} vouchers, {ROUNDS} posts")
        for name, found in times.items():
            p50, p99 = (1000 * each for each in marks(found))
            print(
                f"  {name:14} p50 {p50:7.2f} ms ({p50 / base[0]:5.1f} x)   p99 {p99:7.2f} ms ({p99 / base[1]:5.1f} x)"
            )


def measured(workspace: village.Workspace, day: str, file: Path) -> dict[str, list[float]]:
    """Post again and again, each post beside an append; return the seconds of each."""
    maker, approver = Desk(workspace, "zhang", village.BOOK), Desk(workspace, "li", village.BOOK)
    typed = {"project": "P001", "channel": "JT2024", "amount": "1.23", "date": day}
    times: dict[str, list[float]] = {"append 4 KiB": [], "draft": [], "seal and books": [], "both": []}
    with file.open("ab", buffering=0) as log:
        for turn in range(ROUNDS + 20):
            clock = [time.perf_counter()]
            log.write(bytes(4096))
            os.fdatasync(log.fileno())
            clock.append(time.perf_counter())
            made = maker.record("receive", typed)
            clock.append(time.perf_counter())
            approver.seal(made["draft"])
            clock.append(time.perf_counter())
            if turn >= 20:  # what is read for the first time is not what a working day is like
                for name, begin, end in (
                    ("append 4 KiB", 0, 1),
                    ("draft", 1, 2),
                    ("seal and books", 2, 3),
                    ("both", 1, 3),
                ):
                    times[name].append(clock[end] - clock[begin])
    return times


def marks(times: list[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=100)[98]


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [1000])

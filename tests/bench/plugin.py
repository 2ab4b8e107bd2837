"""What the plugin costs: bean-check of a book as whole processes, with the plugin that its head names and without.

.venv/bin/python tests/bench/plugin.py 1000 5000
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import village

from ledger.books.keys import HEAD, PLUGIN

ROUNDS = 5


def checked(head: Path) -> float:
    """Return the seconds of one bean-check, which has to pass."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(head)]
    subprocess.run(command, check=True, env=os.environ | {"BEANCOUNT_DISABLE_LOAD_CACHE": "1"})
    return time.perf_counter() - started


def measure(count: int) -> None:
    """Print the medians for a book of so many vouchers."""
    with tempfile.TemporaryDirectory() as place:
        workspace, rounds = village.make(Path(place) / "ws")
        village.fill(workspace, rounds, count)
        head = workspace.books / village.BOOK / HEAD
        workspace.close()
        bare = head.with_name("bare.beancount")
        bare.write_text(head.read_text(encoding="utf-8").replace(f'plugin "{PLUGIN}"\n', ""), encoding="utf-8")
        lines = bare.read_bytes()
        without, within = [], []
        for _ in range(ROUNDS):
            bare.write_bytes(lines)
            without.append(checked(bare))
            bare.unlink()
            within.append(checked(head))
        one, other = statistics.median(without), statistics.median(within)
        print(f"{count:>7} vouchers  without {one:.2f} s  with {other:.2f} s  {other / one:.2f} times")


if __name__ == "__main__":
    for each in sys.argv[1:] or ["1000", "5000"]:
        measure(int(each))

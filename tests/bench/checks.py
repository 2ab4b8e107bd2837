"""Verification of a workspace beside bean-check of the same books, each as a whole process, at growing sizes."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import village

ROUNDS = 3


def timed(*command: str) -> float:
    """Return the seconds that a command takes as a whole process."""
    begin = time.perf_counter()
    environment = os.environ | {"BEANCOUNT_DISABLE_LOAD_CACHE": "1"}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - begin


def main(sizes: list[int]) -> None:
    """Print for each size how long filling, verify and bean-check take, and the ratio of the last two."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ws"
            workspace = village.make(path)
            begin = time.perf_counter()
            village.fill(workspace, size)
            filled = time.perf_counter() - begin
            workspace.close()
            head = path / "books" / village.BOOK / "main.beancount"
            earmark = (
                sys.executable,
                "-c",
                "from projects.cli.main import main; main()",
                "--workspace",
                str(path),
                "verify",
            )
            bean_check = (sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(head))
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(timed(*earmark))
                theirs.append(timed(*bean_check))
            a, b = statistics.median(ours), statistics.median(theirs)
            rate = size / filled
            print(
                f"{size:7} vouchers: filled at {rate:5.0f}/s, verify {a:6.2f} s, bean-check {b:6.2f} s, ratio {b / a:4.1f}"
            )


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [1000, 5000])

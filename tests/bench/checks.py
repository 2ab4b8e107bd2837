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

ROUNDS = 3


def fill(path: Path, size: int) -> None:
    """Make a village of a size, in a process of its own: what its parent held counts as the most that a child held."""
    import village

    workspace, cycle = village.make(path)
    village.fill(workspace, cycle, size)
    workspace.close()


def timed(*command: str) -> tuple[float, float, float]:
    """Return the seconds that a whole process takes, the most megabytes that it held, its seconds of processor."""
    begin = time.perf_counter()
    environment = os.environ | {"BEANCOUNT_DISABLE_LOAD_CACHE": "1"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return time.perf_counter() - begin, used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def main(sizes: list[int]) -> None:
    """Print for each size how long verify and bean-check take, their ratio, and the most memory that each held."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "ws"
            subprocess.run([sys.executable, __file__, "--fill", str(path), str(size)], check=True)
            head = path / "books" / "SF" / "main.beancount"
            program = "from projects.cli.main import main; main()"
            earmark = (sys.executable, "-c", program, "--workspace", str(path), "verify")
            bean_check = (sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(head))
            rounds = [(timed(*earmark), timed(*bean_check)) for _ in range(ROUNDS)]
            ours, theirs = (statistics.median(each[side][0] for each in rounds) for side in (0, 1))
            busy, other = (statistics.median(each[side][2] for each in rounds) for side in (0, 1))
            held, needed = (max(each[side][1] for each in rounds) for side in (0, 1))
            print(
                f"{size:7} vouchers: verify {ours:6.2f} s, {held:4.0f} MB; bean-check {theirs:6.2f} s, {needed:5.0f} MB; "
                f"{theirs / ours:4.1f} times as fast ({other / busy:4.1f} by processor time, {busy:5.2f} s to {other:5.2f} s)",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fill"]:
        fill(Path(sys.argv[2]), int(sys.argv[3]))
        sys.exit()
    main([int(each) for each in sys.argv[1:]] or [1000, 10_000])

"""Import a long bank statement and print lines per second beside Python's csv alone, and the most memory it took.

    .venv/bin/python tests/bench/statements.py [LINES]

The peer in the same run is `csv.reader` over the decoded text, which splits cells and understands nothing of them.
"""

from __future__ import annotations

import csv
import io
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from statements import SHAPES, moves

from importers.banks import keys, read_statement

RUNS = 3


def main() -> None:
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    made = moves(lines)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("icbc_debit_v2", "corp_psbc", "abc_debit"):
            path = Path(folder) / f"{name}.csv"
            path.write_bytes(SHAPES[name].text(made))
            closing = made[-1].balance
            alone, whole = [], []
            for _ in range(RUNS):
                start = time.perf_counter()
                rows = sum(1 for _ in csv.reader(io.StringIO(path.read_bytes().decode(SHAPES[name].encoding))))
                alone.append(time.perf_counter() - start)
                assert rows >= lines
                start = time.perf_counter()
                statement = read_statement(path)
                assert len(set(keys(statement.lines))) == lines
                whole.append(time.perf_counter() - start)
                assert statement.closing == closing
                del statement
            took, bare = statistics.median(whole), statistics.median(alone)
            own, child = (
                resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            )
            print(
                f"{name:14} {path.stat().st_size / 1e6:5.1f} MB  {lines:,} lines in {took:.2f} s = {lines / took:,.0f}/s; "
                f"csv alone {bare:.2f} s = {lines / bare:,.0f}/s; {took / bare:.0f} times; "
                f"most memory {own:.0f} MiB, reading process {child:.0f} MiB"
            )


if __name__ == "__main__":
    main()

"""Figures of the audit tests on a planted township: what was planted, what was found, and what of it was right.

PYTHONPATH=. python -P tests/bench/audit.py [VILLAGES [VOUCHERS [WRONGS [SEED]]]]
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE / "projects")]

from township import build, key_of, office, scores, total  # noqa: E402 - the tests are no package
from wrongs import ON  # noqa: E402 - as above

from projects.audit import run  # noqa: E402 - as above

DEFAULTS = (10, 2000, 100, 1)


def main(arguments: list[str]) -> None:
    """Build, run, print."""
    villages, vouchers, wrongs, seed = [*map(int, arguments), *DEFAULTS[len(arguments) :]]
    folder = Path(tempfile.mkdtemp())
    try:
        with office(folder) as clerk:
            started = time.perf_counter()
            made = build(clerk, folder, villages=villages, vouchers=vouchers, wrongs=wrongs, seed=seed)
            built = time.perf_counter() - started
            started = time.perf_counter()
            with clerk.workspace.read() as connection:
                report = run(connection, on=date.fromisoformat(ON))
            took = time.perf_counter() - started
        each = scores(report, made)
        print(f"{villages} villages, {made.vouchers} vouchers, {len(made.planted)} wrongs, seed {seed}")
        print(f"built in {built:.0f} s, audited in {took:.2f} s\n")
        print(f"{'test':28}{'planted':>9}{'found':>7}{'else':>6}{'recall':>9}{'precision':>11}")
        for code, score in [*each.items(), ("all", total(each))]:
            print(f"{code:28}{score.planted:>9}{score.right:>7}{score.wrong:>6}{score.recall:>9}{score.precision:>11}")
        for finding in report.findings:
            if key_of(finding.test.code, finding.hit) not in made.planted:
                print(f"not planted: {finding.id}: {finding.reason('en')}")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1:])

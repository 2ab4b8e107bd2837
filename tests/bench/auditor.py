"""How long the auditor's pages take in Fava, for a book of so many vouchers: the first request, and the ones behind it.

.venv/bin/python tests/bench/auditor.py 1000 5000
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"

import village
from fava.application import create_app

from ledger.books.keys import HEAD

ROUNDS = 5


def measure(count: int) -> None:
    """Print how long the book takes to load, and each page."""
    with tempfile.TemporaryDirectory() as place:
        workspace, rounds = village.make(Path(place) / "ws")
        village.fill(workspace, rounds, count)
        head = workspace.books / village.BOOK / HEAD
        workspace.close()
        started = time.perf_counter()
        client = create_app([str(head)], load=True, read_only=True).test_client()
        print(f"{count} vouchers: loaded in {time.perf_counter() - started:.2f} s")
        base = client.get("/", follow_redirects=True).request.path.split("/income_statement")[0]
        for page in PAGES:
            times = [_asked(client, f"{base}/extension/{page}") for _ in range(ROUNDS)]
            print(f"  {page:<34} first {times[0]:.3f} s  then {statistics.median(times[1:]):.3f} s")


def _asked(client: Any, path: str) -> float:
    started = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, path
    return time.perf_counter() - started


PAGES = (
    "Projects/",
    "Projects/?project=P001",
    "Channels/",
    "Channels/?channel=JT2024",
    "Vouchers/",
    "Vouchers/?voucher=V1920-01-0009",
    "Indicators/",
    "Audit/",
)

if __name__ == "__main__":
    for each in sys.argv[1:] or ["1000", "5000"]:
        measure(int(each))

"""How long the desk's page of today and its search take in a village with many vouchers.

    python tests/bench/today.py [VOUCHERS [TIMES]]

The pages are asked for one after the other in this process, each answer read to its end; the first is not counted.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import village
from desks import Whole, enter
from served import let_in

from ledger.store.workspace import open_workspace
from projects.web.app import create_app

PAGES = ("/desk/SF/", "/desk/SF/search?q=P001C01", "/desk/SF/search?q=9000", "/desk/SF/vouchers")


def main(vouchers: int, times: int) -> None:
    """Print how long each page took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ws"
        workspace, cycle = village.make(path)
        village.fill(workspace, cycle, vouchers)
        workspace.close()
        let_in(path, "li")
        opened = open_workspace(path)
        app = create_app(opened)
        app.test_client_class = Whole
        client = enter(app, "li")
        print(f"{vouchers} vouchers, each page {times} times")
        for page in PAGES:
            began = time.process_time()
            spans = [measure(client, page) for _ in range(times + 1)]
            worked = (time.process_time() - began) * 1000 / len(spans)
            cuts = statistics.quantiles(spans[1:], n=20)
            median = statistics.median(spans[1:])
            print(f"  {page:32} p50 {median:5.0f} ms, p95 {cuts[18]:5.0f} ms, of the processor {worked:5.0f} ms")
        opened.close()


def measure(client: Whole, page: str) -> float:
    """Return the milliseconds until a page was read."""
    began = time.perf_counter()
    answer = client.get(page)
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*given, *(5000, 40)[len(given) :])

"""The desk's pages when one project has many notices: the list, a form, the project, and publishing one more.

    python tests/bench/published.py [COUNT ...]

The demonstration's road is published again and again, each time under another name. Milliseconds of the processor,
which other work on the machine does not change, with those of the clock behind them; medians of five.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from desks import Whole, enter, token
from served import let_in

from ledger import signing
from ledger.store.workspace import open_workspace
from projects.demo import build
from projects.demo.builder import PASSPHRASE
from projects.desk import Desk
from projects.notices.publish import publish
from projects.web.app import create_app

WHERE = "/desk/V13/notices"
PREPARE = f"{WHERE}/prepare?kind=completion&project=P001"
TIMES = 5


def main(counts: Sequence[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = open_workspace(build(Path(folder) / "ws").path)
        signer = signing.load_key(workspace.path, PASSPHRASE)
        let_in(workspace.path, "shenhe")
        app = create_app(workspace, signer=signer)
        app.test_client_class = Whole
        client, desk = enter(app, "shenhe"), Desk(workspace, "shenhe", "V13")
        said = {"issuer": "村民委员会", "phone": "0871-0000000"}

        def post(number: int) -> Any:
            form = client.get(PREPARE)
            asked = {"csrf_token": token(form), "key": token(form, "key"), "kind": "completion", "project": "P001"}
            asked |= said | {"say-name": f"通村村道 {number}", "sure": "1", "step": "publish"}
            return lambda: client.post(f"{WHERE}/prepare", data=asked)

        done = 0
        for count in counts:
            while done < count - TIMES:
                done += 1
                on, name = workspace.clock().date(), {"name": f"通村村道 {done}"}
                publish(desk, signer, "completion", "P001", on=on, lang="zh", said=name, **said)
            sent = [post(done + number + 1) for number in range(TIMES)]
            done += TIMES
            print(f"{count} notices: publish {measured(sent)}", end="", flush=True)
            for name, page in (("list", WHERE), ("form", PREPARE), ("project", "/desk/V13/projects/P001")):
                client.get(page)
                print(f", {name} {measured([lambda page=page: client.get(page)] * TIMES)}", end="", flush=True)
            print(" ms")
        workspace.close()


def measured(acts: Sequence[Callable[[], Any]]) -> str:
    """Return the medians of processor and clock."""
    worked, took = [], []
    for act in acts:
        began, at = time.process_time(), time.perf_counter()
        answer = act()
        worked.append(time.process_time() - began)
        took.append(time.perf_counter() - at)
        assert answer.status_code in {200, 303}, answer.text
    return f"{statistics.median(worked) * 1000:.0f} ({statistics.median(took) * 1000:.0f})"


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [10, 50, 200])

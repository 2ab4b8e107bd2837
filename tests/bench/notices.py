"""Files of notices a second: proof, page, paper and spreadsheet, over the demonstration's log.

    python tests/bench/notices.py [COUNT]

One file after another, so that one sees what each costs; then as `earmark disclose` writes them, on two cores.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

from ledger import keyring, signing
from ledger.facts import Fact, standing
from ledger.store.workspace import open_workspace
from projects.demo import build
from projects.demo.builder import PASSPHRASE
from projects.desk import Desk
from projects.notices.content import read
from projects.notices.files import Published, with_files
from projects.notices.kinds import kinds
from projects.notices.names import PAGE, PAPER, PROOF, SHEET
from projects.notices.proof import prove
from projects.notices.publish import KIND, publish


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = open_workspace(build(Path(folder) / "ws").path)
        signer = signing.load_key(workspace.path, PASSPHRASE)
        desk = Desk(workspace, "shenhe", "V13")
        for name, kind in kinds().items():
            said = {"principles": "按批复的项目和渠道分配"} if name == "allotment" else {}
            about = "P001" if kind.about == "project" else ""
            on = workspace.clock().date()
            publish(desk, signer, name, about, on=on, lang="zh", said=said, issuer="村民委员会", phone="0871-0000000")
        took: dict[str, list[float]] = {"proof and page": [], "paper": [], "spreadsheet": []}
        with workspace.read() as connection:
            ring = keyring.load(connection, workspace.path)
            published = standing(connection, "V13", KIND)

            def proved(facts: Iterable[Fact]) -> Iterator[Published]:
                for number, fact in enumerate(facts):
                    content = read("V13", fact.data)
                    url = f"https://example.org/{number}.html"
                    yield Published(fact, content, prove(connection, ring, fact, content, url=url))

            facts = list(islice(cycle(published), count))
            begun = time.perf_counter()
            for each in proved(facts):
                each.file(PAGE), each.file(PROOF)
                shown = time.perf_counter()
                each.file(PAPER)
                printed = time.perf_counter()
                each.file(SHEET)
                ended = time.perf_counter()
                for spans, span in zip(took.values(), (shown - begun, printed - shown, ended - printed), strict=True):
                    spans.append(span)
                begun = ended
            begun = time.perf_counter()
            for _ in with_files(proved(reversed(facts))):
                pass
            together = time.perf_counter() - begun
        total = sum(map(sum, took.values()))
        for name, spans in took.items():
            print(f"{name:16} median {statistics.median(spans) * 1000:6.1f} ms")
        print(f"{count} notices, one file after another, in {total:.2f} s: {count / total:.1f} a second")
        print(f"{count} notices, as a site is written, in {together:.2f} s: {count / together:.1f} a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)

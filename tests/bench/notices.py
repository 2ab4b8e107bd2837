"""Files of notices a second: proof, page, paper and spreadsheet, over the demonstration's log.

    python tests/bench/notices.py [COUNT]

Beside it the same without the paper and the spreadsheet, so that one sees what each costs.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from ledger import keyring, signing
from ledger.facts import standing
from ledger.store.workspace import open_workspace
from projects.demo import build
from projects.demo.builder import PASSPHRASE
from projects.desk import Desk
from projects.notices.content import read
from projects.notices.kinds import kinds
from projects.notices.page import render
from projects.notices.proof import dump, prove
from projects.notices.publish import KIND, publish
from projects.notices.sheet import sheet
from projects.notices.wall import wall


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
            for number in range(count):
                fact = published[number % len(published)]
                begun = time.perf_counter()
                content = read("V13", fact.data)
                proof = prove(connection, ring, fact, content, url=f"https://example.org/{number}.html")
                dump(proof), render(content, proof)
                shown = time.perf_counter()
                wall(content, proof)
                printed = time.perf_counter()
                sheet(content, proof)
                ended = time.perf_counter()
                for each, span in zip(took, (shown - begun, printed - shown, ended - printed), strict=True):
                    took[each].append(span)
        total = sum(map(sum, took.values()))
        for each, spans in took.items():
            print(f"{each:16} median {statistics.median(spans) * 1000:6.1f} ms")
        print(f"{count} notices in {total:.2f} s: {count / total:.1f} a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)

"""The names of channels, book and village as the office's own signed log has them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ledger import log, merkle
from ledger.signing import Checkpoint, read_verifier
from projects.disclosure.proved.report import Report
from projects.notices.given import Keys


def read_office(
    report: Report, told: Mapping[str, Any], stated: Mapping[str, Any], book: Checkpoint, keys: Keys
) -> None:
    """Compare what is stated of channels, book and village with the leaves of the office's log, which has its own key.

    A checkpoint of the office's log may be older than the book's, and by the key that held then: whose that is, the
    log of keys says, which is not here. So the report says that names are proved only where it is one of `keys`.

    Raises:
        NoteUnfit: the checkpoint is not signed by its key.
        ValueError, KeyError, TypeError: it is no part of a proof.
    """
    claimed = read_verifier(str(told["vkey"]))
    checkpoint = claimed.open(str(told["checkpoint"]))
    known = {}
    leaves: dict[tuple[str, str], Mapping[str, Any]] = {}
    for leaf in told["leaves"]:
        whole = json.loads(leaf)
        known[int(whole["position"])] = bytes.fromhex(log.leaf_hash(leaf))
        leaves[str(whole["kind"]), str(whole["data"]["code"])] = whole["data"]
        if whole["log"] != log.OFFICE:
            report.find("other-book", found=whole["log"], expected=log.OFFICE)
    if checkpoint.origin != f"{book.origin.rpartition('/')[0]}/{log.OFFICE}":
        report.find("other-book", found=checkpoint.origin, expected=log.OFFICE)
    beside = [bytes.fromhex(each) for each in told["beside"]]
    if known and merkle.join(checkpoint.size, known, beside) != checkpoint.root:
        report.find("root", size=checkpoint.size)
    for kind, code, said in _stated(stated):
        found = leaves.get((kind, code), {})
        for name, value in said.items():
            if found and found[name] != value:
                report.find("named", what=code, found=value, expected=found[name])
    whole_list = all(("channel", str(code)) in leaves for code, _, _ in stated["channels"])
    report.named = whole_list and claimed.text() in {each.text() for each in keys}


def _stated(stated: Mapping[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    village, book = stated["village"], stated["book"]
    channels = [(str(code), {"source": str(source), "name": str(name)}) for code, source, name in stated["channels"]]
    return [
        ("village", str(village["code"]), {name: str(village[name]) for name in ("name", "township")}),
        ("book", str(book["code"]), {"name": str(book["name"]), "chart": str(book["chart"])}),
        *(("channel", code, said) for code, said in channels),
    ]

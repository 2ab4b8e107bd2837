"""The proof of a notice: its leaf and those of its vouchers under a signed checkpoint, for whoever has nothing else.

Leaves that hold what is private are not given away: of such a voucher the proof has the place and the hash alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from ledger import checkpoints, log, merkle, signing
from ledger.erasure import erased
from ledger.facts import Fact
from ledger.keyring import Keyring
from ledger.store import sql
from projects.notices.content import Content
from projects.notices.growth import prove_growth
from projects.privacy import Privacy, privacy_of

FORM = "earmark/proof/1"


def prove(
    connection: Connection,
    ring: Keyring,
    fact: Fact,
    content: Content,
    *,
    url: str = "",
    privacy: Privacy | None = None,
) -> dict[str, Any]:
    """Return the proof of a published notice under the first checkpoint of its book's log that covers it.

    `since` leads from the checkpoint of the notice that was published before it, so that whoever kept that one sees
    that nothing was changed between them. `privacy` is that of all books where the caller has it already.

    Raises:
        NoteUnfit: the checkpoint is not signed by a key of this office.
    """
    note = covering(connection, fact.log, fact.position)
    checkpoint, held = ring.open(note)
    hashes = list(log.hashes(connection, fact.log))[: checkpoint.size]
    tree = merkle.Tree(hashes)
    privacy = privacy or privacy_of(connection)
    # The record no longer knows the name of whoever was erased, and cannot look for it in what a clerk typed beside it.
    hidden = {each.number for each in erased(connection) if each.book == fact.log}
    wanted = sorted({number for each in content.figures.values() for number in each.vouchers})
    vouchers = []
    for number in wanted:
        where = {"book": fact.log, "number": number}
        found = sql.first(connection, _VOUCHER, where)
        assert found is not None, "a figure is made of vouchers that are there"
        position, leaf = int(found[0]), str(found[1])
        vouchers.append(
            {
                "number": number,
                "position": position,
                "leaf": leaf if number not in hidden and privacy.may_show(leaf) else None,
                "hash": hashes[position].hex(),
                "path": _path(tree, position),
            }
        )
    own = sql.first(connection, _LEAF, {"log": fact.log, "position": fact.position})
    assert own is not None, "the fact was read from its leaf"
    return {
        "form": FORM,
        "vkey": held.verifier.text(),
        "checkpoint": note,
        "url": url,
        "notice": {"position": fact.position, "leaf": str(own[0]), "path": _path(tree, fact.position)},
        "vouchers": vouchers,
        "since": _since(connection, fact, hashes),
    }


def covering(connection: Connection, of: str, position: int) -> str:
    """Return the first signed checkpoint of a log that covers a position, "" if none does."""
    sizes = [each for each in _signed(connection, of) if each[0] > position]
    return min(sizes)[1] if sizes else ""


def signed_size(connection: Connection, of: str) -> int:
    """Return how many leaves of a log signed checkpoints cover."""
    return max((size for size, _ in _signed(connection, of)), default=0)


def _signed(connection: Connection, of: str) -> list[tuple[int, str]]:
    found = checkpoints.signed(connection)
    return [(int(data["size"]), str(data["note"])) for _, data in found if data.get("log") == of]


def dump(proof: Mapping[str, Any]) -> str:
    """Return a proof as it is written to a file: one line, so that nobody formats it."""
    return json.dumps(proof, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _since(connection: Connection, fact: Fact, hashes: Sequence[bytes]) -> dict[str, Any] | None:
    before = str(fact.data.get("after", ""))
    note = covering(connection, fact.log, int(before[1:])) if before else ""
    size = int(signing.read_note(note).text.split("\n")[1]) if note else 0
    if not 0 < size < len(hashes):
        return None
    return prove_growth(note, size, hashes)


def _path(tree: merkle.Tree, position: int) -> list[str]:
    return [each.hex() for each in tree.inclusion(position)]


_VOUCHER = (
    "SELECT v.position, l.leaf FROM voucher v JOIN log_leaf l ON l.log = v.book AND l.position = v.position "
    "WHERE v.book = :book AND v.number = :number"
)
_LEAF = "SELECT leaf FROM log_leaf WHERE log = :log AND position = :position"

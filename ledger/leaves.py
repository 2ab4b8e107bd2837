"""A voucher's leaf, written in one go: what `ledger.log.leaf` makes of it, byte for byte, in a fifth of the time."""

from __future__ import annotations

from collections.abc import Sequence
from json.encoder import encode_basestring as as_json
from typing import NamedTuple

FORMAT = "earmark/log/1"


class Voucher(NamedTuple):
    """A sealed voucher as its row has it, but for its book."""

    seq: int
    number: str
    date: str
    event: str
    project: str
    contract: str
    payee: str
    narration: str
    maker: str
    made_at: str
    approver: str
    sealed_at: str
    reverses: int | None
    position: int
    leaf_hash: str
    facts: str


def posting_before(account: str, commodity: str) -> str:
    """Return what stands in a leaf before the amount of a posting; what stands behind it is `BEHIND`."""
    return f'[{as_json(account)},{as_json(commodity)},"'


BEHIND = '"]'


def voucher_leaf(
    book: str, voucher: Voucher, postings: str, papers: Sequence[tuple[str, str, int]], reverses: str | None
) -> str:
    """Return the canonical text (RFC 8785) of a voucher's leaf; the voucher's own `leaf_hash` is no part of it.

    `postings` are joined by commas, amounts with all their decimals; `papers` are (SHA-256, suffix, size) in their
    order, `reverses` is the number of the voucher that is taken back. The voucher's facts are canonical JSON already;
    the other keys stand here in the order that the RFC wants.
    """
    documents = ",".join(
        [f'{{"sha256":{as_json(sha)},"size":{size},"suffix":{as_json(suffix)}}}' for sha, suffix, size in papers]
    )
    before = "null" if reverses is None else as_json(reverses)
    of = as_json(book)
    return (
        f'{{"data":{{"approver":{as_json(voucher.approver)},"book":{of},"contract":{as_json(voucher.contract)},'
        f'"date":{as_json(voucher.date)},"documents":[{documents}],"event":{as_json(voucher.event)},'
        f'"facts":{voucher.facts},"made_at":{as_json(voucher.made_at)},"maker":{as_json(voucher.maker)},'
        f'"narration":{as_json(voucher.narration)},"number":{as_json(voucher.number)},'
        f'"payee":{as_json(voucher.payee)},"postings":[{postings}],"project":{as_json(voucher.project)},'
        f'"reverses":{before},"sealed_at":{as_json(voucher.sealed_at)},"seq":{voucher.seq}}},'
        f'"format":"{FORMAT}","kind":"voucher","log":{of},"position":{voucher.position}}}'
    )

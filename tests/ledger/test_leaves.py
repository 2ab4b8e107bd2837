"""A voucher's leaf that is written in one go is the canonical text of the same data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger import log, money
from ledger.leaves import BEHIND, Voucher, posting_before, voucher_leaf

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WHOLE = st.integers(0, 2**53 - 1)
POSTINGS = st.lists(st.tuples(TEXT, TEXT, st.integers(-(10**15), 10**15)), max_size=3)
PAPERS = st.lists(st.tuples(TEXT, TEXT, WHOLE), max_size=2)


@given(
    TEXT, st.lists(TEXT, min_size=11, max_size=11), WHOLE, WHOLE, st.dictionaries(TEXT, TEXT, max_size=3), POSTINGS,
    PAPERS, st.none() | TEXT,
)  # fmt: skip
def test_the_leaf_is_the_canonical_text(book, texts, seq, position, facts, postings, papers, reverses):
    voucher = Voucher(seq, *texts, None, position, "", log.canonical(facts))
    data = voucher._asdict() | {
        "book": book,
        "facts": facts,
        "reverses": reverses,
        "documents": [{"sha256": sha, "suffix": suffix, "size": size} for sha, suffix, size in papers],
        "postings": [[account, held, money.plain(amount)] for account, held, amount in postings],
    }
    del data["position"], data["leaf_hash"]
    shown = [f"{posting_before(account, held)}{money.plain(amount)}{BEHIND}" for account, held, amount in postings]
    assert voucher_leaf(book, voucher, ",".join(shown), papers, reverses) == log.leaf(book, position, "voucher", data)

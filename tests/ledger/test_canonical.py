"""Canonical JSON: the fast way writes what the library writes, and what has no canonical text is refused."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical

# Characters on both sides of where the order by UTF-16 unit and the order by character part, and what is escaped.
NEAR = '\ud7ff\ue000\ufffd\uffff\U00010000\U0010ffff\x00\x1f\x7f\u2028"\\/\n\r\t\b\fäé资AZaz'
TEXT = st.one_of(st.text(alphabet=st.sampled_from(NEAR), max_size=6), st.text(max_size=12))
WHOLE = st.one_of(st.integers(-(2**53) + 1, 2**53 - 1), st.sampled_from([0, -1, 2**53 - 1, 1 - 2**53]))
VALUES = st.recursive(
    st.one_of(TEXT, WHOLE, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=5)),
    max_leaves=20,
)


@given(st.dictionaries(TEXT, VALUES, max_size=8))
def test_the_text_is_that_of_the_library(data):
    assert canonical.dumps(data).encode() == rfc8785.dumps(data)


def test_keys_are_in_the_order_of_their_utf_16_units():
    assert canonical.dumps({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'


@pytest.mark.parametrize("value", [1.5, 1.0, True, (1, "a"), [1.0], {"a": 0.1}])
def test_what_is_not_plain_is_still_canonical(value):
    assert canonical.dumps({"a": value}).encode() == rfc8785.dumps({"a": value})


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", ["\udfff"], {"\ud800": 1}, {1: 1}]
)
def test_what_has_no_canonical_text_is_refused(value):
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical.dumps({"a": value})


def test_half_a_character_in_a_key_beside_others_is_refused():
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical.dumps({"a\udc00": 1, "b": "资"})


def test_a_list_has_a_canonical_text_of_its_own():
    assert canonical.dumps(["b", {"z": 1, "a": None}, []]) == '["b",{"a":null,"z":1},[]]'

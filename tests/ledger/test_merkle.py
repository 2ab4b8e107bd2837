"""Merkle trees agree with the definition in RFC 9162, and with the known answers of Certificate Transparency."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import merkle

# The inputs and roots that the reference implementation of Certificate Transparency tests itself with.
INPUTS = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
INPUTS[3] = bytes.fromhex("2021")
INPUTS[4] = bytes.fromhex("3031")
INPUTS[5] = bytes.fromhex("40414243")
INPUTS[6] = bytes.fromhex("5051525354555657")
INPUTS[7] = bytes.fromhex("606162636465666768696a6b6c6d6e6f")
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined(leaves: list[bytes]) -> bytes:
    """The root, word for word as RFC 9162 section 2.1.1 defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + defined(leaves[:half]) + defined(leaves[half:])).digest()


def hashes(count: int) -> list[bytes]:
    return [merkle.leaf(str(number).encode()) for number in range(count)]


@pytest.mark.parametrize("size", range(1, 9))
def test_known_roots(size):
    assert merkle.root(merkle.leaf(each) for each in INPUTS[:size]).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(40))
def test_the_root_is_the_defined_one(size):
    assert merkle.root(hashes(size)) == defined(hashes(size))


@pytest.mark.parametrize("size", range(1, 34))
def test_every_leaf_is_proved_and_no_other_in_its_place(size):
    leaves = hashes(size)
    top = merkle.root(leaves)
    for index in range(size):
        proof = merkle.inclusion(leaves, index)
        assert merkle.check_inclusion(leaves[index], index, size, proof, top)
        assert not merkle.check_inclusion(merkle.leaf(b"other"), index, size, proof, top)
        assert not merkle.check_inclusion(leaves[index], index + 1, size, proof, top)
        assert not merkle.check_inclusion(leaves[index], index, size, [*proof, top], top)
        assert not proof or not merkle.check_inclusion(leaves[index], index, size, proof[:-1], top)


@pytest.mark.parametrize("size", range(2, 34))
def test_what_lies_within_the_tree_is_no_leaf_of_it(size):
    """A hash that joins leaves leads to the root as well, by a shorter way: it is taken for no leaf at any place."""
    leaves = hashes(size)
    top = merkle.root(leaves)
    for index in range(size):
        way = merkle.inclusion(leaves, index)
        for place in range(size):
            assert not merkle.check_inclusion(top, place, size, [], top)
        joined, at, last = leaves[index], index, size - 1
        for number, each in enumerate(way, 1):
            joined = merkle.node(each, joined) if at & 1 or at == last else merkle.node(joined, each)
            while (at & 1 or at == last) and not at & 1 and at:
                at, last = at >> 1, last >> 1
            at, last = at >> 1, last >> 1
            for place in range(size):
                assert not merkle.check_inclusion(joined, place, size, way[number:], top)


@pytest.mark.parametrize("size", range(1, 34))
def test_growth_is_proved_and_a_fork_is_not(size):
    leaves = hashes(size)
    top = merkle.root(leaves)
    for old in range(1, size + 1):
        proof = merkle.consistency(leaves, old)
        before = merkle.root(leaves[:old])
        fork = merkle.root([*leaves[: old - 1], merkle.leaf(b"other")])
        assert merkle.check_consistency(old, size, proof, before, top)
        assert not merkle.check_consistency(old, size, proof, fork, top)
        assert not merkle.check_consistency(old, size, [*proof, top], before, top)
        assert not merkle.check_consistency(old, size, proof, before, merkle.leaf(b"other"))
    assert not merkle.check_consistency(0, size, [], merkle.EMPTY, top)


@pytest.mark.parametrize("size", range(1, 34))
def test_a_tree_that_is_hashed_once_gives_the_same_proofs(size):
    leaves = hashes(size)
    tree = merkle.Tree(leaves)
    assert [tree.inclusion(index) for index in range(size)] == [merkle.inclusion(leaves, each) for each in range(size)]


@given(st.integers(1, 300), st.data())
def test_proofs_hold_at_any_size(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = hashes(size)
    top = merkle.root(leaves)
    assert merkle.check_inclusion(leaves[index], index, size, merkle.inclusion(leaves, index), top)
    assert merkle.Tree(leaves).inclusion(index) == merkle.inclusion(leaves, index)
    proof = merkle.consistency(leaves, index + 1)
    assert merkle.check_consistency(index + 1, size, proof, merkle.root(leaves[: index + 1]), top)


@given(st.integers(1, 200), st.data())
def test_many_leaves_are_proved_with_each_hash_once(size, data):
    leaves = hashes(size)
    top = merkle.root(leaves)
    places = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    known = {place: leaves[place] for place in places}
    beside = merkle.Tree(leaves).beside(places)
    assert merkle.join(size, known, beside) == top
    assert len(set(beside)) == len(beside)
    changed = data.draw(st.sampled_from(sorted(places)))
    assert merkle.join(size, known | {changed: merkle.leaf(b"other")}, beside) != top
    for wrong in ([*beside, top], beside[:-1] if beside else [top]):
        with pytest.raises(ValueError, match=r"^[0-9]+$"):
            merkle.join(size, known, wrong)

"""Merkle trees as RFC 6962 and RFC 9162 define them: roots, inclusion proofs, consistency proofs. Pure functions.

Hashes are 32 bytes. A leaf's hash has a zero byte before it and a node's a one, so that neither passes for the other.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that grows leaf by leaf; it keeps one hash for each level. RFC 9162, section 2.1.2."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, hashed: bytes) -> None:
        """Append the hash of a leaf."""
        # The peaks are the complete trees of a size's binary digits: adding one carries like adding to a number.
        size = self.size
        while size & 1:
            hashed = node(self._peaks.pop(), hashed)
            size >>= 1
        self._peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        if not self._peaks:
            return EMPTY
        *others, top = self._peaks
        for peak in reversed(others):
            top = node(peak, top)
        return top


class Tree:
    """A tree whose complete subtrees are hashed once, so that many proofs of one log cost little more than one."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.size = len(leaves)
        self._levels: list[Sequence[bytes]] = [leaves]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([node(below[at], below[at + 1]) for at in range(0, len(below) - 1, 2)])

    def inclusion(self, index: int) -> list[bytes]:
        """Return the proof that the leaf at `index` is in the tree. RFC 9162, section 2.1.3.1."""
        assert 0 <= index < self.size, "a proof is of a leaf that is there"
        begin, end, path = 0, self.size, []
        while end - begin > 1:
            middle = begin + _half(end - begin)
            if index < middle:
                path.append(self._root(middle, end))
                end = middle
            else:
                path.append(self._root(begin, middle))
                begin = middle
        return path[::-1]

    def beside(self, positions: Iterable[int]) -> list[bytes]:
        """Return the fewest hashes that make the root together with the leaves at `positions`, from left to right."""
        return [self._root(begin, end) for begin, end in _beside(sorted(set(positions)), 0, self.size)]

    def _root(self, begin: int, end: int) -> bytes:
        """Return the root over the leaves of a subtree, from `begin` up to `end`."""
        size = end - begin
        if size & (size - 1) == 0:
            return self._levels[size.bit_length() - 1][begin // size]
        middle = begin + _half(size)
        return node(self._root(begin, middle), self._root(middle, end))


def join(size: int, known: Mapping[int, bytes], beside: Sequence[bytes]) -> bytes:
    """Return the root that the leaves `known` by position make with the hashes that `Tree.beside` gave.

    Raises:
        ValueError: there are too few hashes, or too many, or a leaf stands outside of the tree.
    """
    positions = sorted(known)
    if not positions or not 0 <= positions[0] <= positions[-1] < size:
        raise ValueError(size)
    left = iter(beside)
    found = _join(0, size, positions, known, left)
    if next(left, None) is not None:
        raise ValueError(size)
    return found


def root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes, reading them once."""
    tree = Growing()
    for hashed in leaves:
        tree.add(hashed)
    return tree.root()


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that the leaf at `index` is in the tree over `leaves`. RFC 9162, section 2.1.3.1."""
    assert 0 <= index < len(leaves), "a proof is of a leaf that is there"
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*inclusion(leaves[:half], index), root(leaves[half:])]
    return [*inclusion(leaves[half:], index - half), root(leaves[:half])]


def consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Return the proof that the tree over the first `size` leaves became that over all. RFC 9162, section 2.1.4.1."""
    assert 0 < size <= len(leaves), "a tree grows from one that had leaves"
    return _grown(leaves, size, whole=True)


def check_inclusion(hashed: bytes, index: int, size: int, proof: Sequence[bytes], top: bytes) -> bool:
    """Tell whether `proof` shows that a leaf stands at `index` of a tree of `size` with this root.

    RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    at, last, found = index, size - 1, hashed
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == top


def check_consistency(old: int, size: int, proof: Sequence[bytes], old_top: bytes, top: bytes) -> bool:
    """Tell whether `proof` shows that a tree of `old` leaves with one root grew into one of `size` with another.

    RFC 9162, section 2.1.4.2.
    """
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_top == top
    path = [old_top, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node(each, before), node(each, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node(after, each)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_top and after == top


def _half(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _grown(leaves: Sequence[bytes], size: int, *, whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    half = _half(len(leaves))
    if size <= half:
        return [*_grown(leaves[:half], size, whole=whole), root(leaves[half:])]
    return [*_grown(leaves[half:], size - half, whole=False), root(leaves[:half])]


def _beside(positions: Sequence[int], begin: int, end: int) -> Iterator[tuple[int, int]]:
    if not positions:
        yield begin, end
    elif end - begin > 1:
        middle = begin + _half(end - begin)
        cut = bisect_left(positions, middle)
        yield from _beside(positions[:cut], begin, middle)
        yield from _beside(positions[cut:], middle, end)


def _join(begin: int, end: int, positions: Sequence[int], known: Mapping[int, bytes], left: Iterator[bytes]) -> bytes:
    if not positions:
        found = next(left, None)
        if found is None:
            raise ValueError(begin)
        return found
    if end - begin == 1:
        return known[begin]
    middle = begin + _half(end - begin)
    cut = bisect_left(positions, middle)
    lower = _join(begin, middle, positions[:cut], known, left)
    return node(lower, _join(middle, end, positions[cut:], known, left))

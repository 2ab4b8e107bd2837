"""Leaves: the canonical text of a sealed voucher and its hash, as RFC 6962 and RFC 8785 define them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

FORMAT = "earmark/voucher/1"


def canonical(event: Mapping[str, Any]) -> str:
    """Return the canonical JSON of an event (RFC 8785); amounts are text, so that no reader rounds them."""
    return rfc8785.dumps(dict(event)).decode()


def leaf_hash(leaf: str) -> str:
    """Return the RFC 6962 leaf hash in hex: SHA-256 over a zero byte and the leaf."""
    return hashlib.sha256(b"\x00" + leaf.encode()).hexdigest()


def commitment(salt: bytes, value: str) -> str:
    """Return the salted commitment to a piece of personal data, in hex.

    Numbers of a known county can be guessed in seconds; with 16 random bytes before them they cannot.
    """
    return hashlib.sha256(salt + value.encode()).hexdigest()

"""The square code of a page and of a paper: what a telephone reads of it."""

from __future__ import annotations

import io
from functools import lru_cache

from segno import QRCode, make


@lru_cache(maxsize=16)
def square(text: str) -> QRCode:
    """Return the code of a text; the one of a notice is on its page and on its paper, and takes long to make."""
    return make(text, error="m", micro=False)


def drawing(text: str, *, border: int, scale: int) -> str:
    """Return the code as a picture of its own, in SVG; around it are `border` modules, and each is `scale` wide."""
    drawn = io.BytesIO()
    square(text).save(drawn, kind="svg", border=border, scale=scale)
    return drawn.getvalue().decode()

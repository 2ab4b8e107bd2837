"""How much of a file is read, and what reading it may cost."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Caps on what is taken in, so that a small file cannot grow into a large harm.

    A bank statement of 100,000 lines has 1.5 million cells and unpacks to some 80 MiB; it fits.
    """

    file_bytes: int = 32 * MEBIBYTE
    expanded_bytes: int = 256 * MEBIBYTE
    """Of all that is packed into the file, as it declares and as it turns out."""
    rows: int = 200_000
    """Rows that hold something, in all sheets."""
    cells: int = 2_000_000
    """Cells up to the last one of each row that holds something, empty ones with them."""
    characters: int = 32_000_000
    cell_characters: int = 32_767
    """As many as a cell of a spreadsheet can hold."""
    seconds: int = 8
    """Processor time of the reading process; a busy machine may take six times as long."""
    memory_bytes: int = 384 * MEBIBYTE
    """Address space of the reading process."""
